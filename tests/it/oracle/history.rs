//! A whole history in memory: every commit with every file of its tree, parents before children. Slow and obvious.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use qms::git::Oid;

use super::message::{self, Trailers};
use super::policy::{Policy, Who};
use super::rules::{File, Files, Under};
use super::table::document_at;

#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) oid: Oid,
    /// Places in the history.
    pub(crate) parents: Vec<usize>,
    pub(crate) files: Rc<Files>,
    pub(crate) author: Who,
    pub(crate) committer: Who,
    /// When its author made it.
    pub(crate) seconds: i64,
    pub(crate) message: String,
}

/// The day of a second since 1970, counted off year by year and month by month.
pub(crate) fn day(seconds: i64) -> String {
    let (mut year, mut month, mut left) = (1970, 1, seconds / 86_400);
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if left < days {
            return format!("{year}-{month:02}-{:02}", left + 1);
        }
        left -= days;
        (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
    }
}

impl Commit {
    pub(crate) fn policy(&self) -> Option<Policy> {
        Policy::read(&self.files.get("qms.yaml")?.text)
    }

    /// Its trailers, if it has any that can be read.
    pub(crate) fn trailers(&self) -> Trailers {
        let read = message::read(&self.message).and_then(Result::ok);
        read.unwrap_or_default()
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    pub(crate) commits: Vec<Commit>,
    /// Documents by the ids of their blobs.
    blobs: BTreeMap<String, Rc<str>>,
}

/// The id that git gives a blob.
pub(crate) fn blob_id(text: &str) -> String {
    let kind = gix::objs::Kind::Blob;
    let id = gix::objs::compute_hash(gix::hash::Kind::Sha1, kind, text.as_bytes());
    id.expect("a blob has a hash").to_string()
}

/// A path's two sides.
pub(crate) type Sides = (Option<File>, Option<File>);

pub(crate) fn differences(old: &Files, new: &Files) -> BTreeMap<String, Sides> {
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let sides = |p: &String| (old.get(p).cloned(), new.get(p).cloned());
    let all = paths.into_iter().map(|p| (p.clone(), sides(p)));
    all.filter(|(_, (a, b))| a != b).collect()
}

impl History {
    /// Adds a commit. One that was made on two branches alike is one.
    pub(crate) fn add(&mut self, commit: Commit) -> usize {
        if let Some(known) = self.commits.iter().position(|c| c.oid == commit.oid) {
            return known;
        }
        for (path, file) in commit.files.iter() {
            if document_at(path).is_some() && file.text.contains("\n  status: EFFECTIVE\n") {
                self.blobs
                    .entry(blob_id(&file.text))
                    .or_insert(file.text.clone());
            }
        }
        self.commits.push(commit);
        self.commits.len() - 1
    }

    pub(crate) fn blob(&self, id: &str) -> Option<Rc<str>> {
        self.blobs.get(id).cloned()
    }

    /// A commit and all that came before it.
    pub(crate) fn reach(&self, tip: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([tip]);
        // Parents stand before their children, so one pass downwards is enough.
        for at in (0..=tip).rev() {
            if found.contains(&at) {
                found.extend(&self.commits[at].parents);
            }
        }
        found
    }

    /// The common ancestors that no other common ancestor reaches, in the order of their ids.
    pub(crate) fn bases(&self, a: usize, b: usize) -> Vec<usize> {
        let (from_a, from_b) = (self.reach(a), self.reach(b));
        let common: BTreeSet<usize> = from_a.intersection(&from_b).copied().collect();
        // All that a common ancestor reaches is common too, so whoever is reached is somebody's parent.
        let parents = common.iter().flat_map(|at| &self.commits[*at].parents);
        let reached: BTreeSet<usize> = parents.copied().collect();
        let mut best: Vec<usize> = common.difference(&reached).copied().collect();
        best.sort_by_key(|at| self.commits[*at].oid);
        best
    }

    /// The first-parent chain from the anchor up to the tip.
    pub(crate) fn mainline(&self, anchor: usize, tip: usize) -> Option<Vec<usize>> {
        let mut chain = vec![tip];
        let mut at = tip;
        while at != anchor {
            at = *self.commits[at].parents.first()?;
            chain.push(at);
        }
        chain.reverse();
        Some(chain)
    }

    /// What was done under a change since its release, as the commit `tip` knows it.
    pub(crate) fn under(&self, tip: usize, id: &str, policy: &Policy) -> Under {
        let said = |at: usize| self.commits[at].trailers();
        let all = self.reach(tip);
        let released = |at: &&usize| {
            let trailers = said(**at);
            trailers.value("Action") == Some("release") && trailers.value("Document") == Some(id)
        };
        let release = all.iter().rev().find(released).copied();
        let before = release.map(|at| self.reach(at)).unwrap_or_default();
        let mut under = Under::default();
        let new: BTreeSet<usize> = all.difference(&before).copied().collect();
        let within = |n: &&str| *n == id || n.starts_with(&format!("{id}-"));
        // What each commit is under: what it names, or what a merge that names a change lent to it.
        let mut named: BTreeMap<usize, String> = BTreeMap::new();
        for at in new.iter().rev() {
            let (commit, trailers) = (&self.commits[*at], said(*at));
            let name = match trailers.value("Action") {
                None => trailers.value("Change"),
                Some("create" | "edit" | "checkin" | "item" | "abandon" | "fix") => {
                    trailers.value("Document")
                }
                Some(_) => None,
            };
            let Some(name) = name.filter(within) else {
                continue;
            };
            named.insert(*at, name.to_owned());
            if trailers.value("Action").is_none() && commit.parents.len() == 2 {
                let first = self.reach(commit.parents[0]);
                let silent = |c: &&usize| message::read(&self.commits[**c].message).is_none();
                let lent = self
                    .reach(*at)
                    .difference(&first)
                    .filter(silent)
                    .copied()
                    .collect::<Vec<_>>();
                named.extend(
                    lent.into_iter()
                        .filter(|c| new.contains(c))
                        .map(|c| (c, name.to_owned())),
                );
            }
        }
        for (at, name) in named {
            let (commit, trailers) = (&self.commits[at], said(at));
            let actor = trailers.value("Actor").map(str::to_owned);
            under.people.extend(policy.known(&commit.author));
            let known = |name: &String| policy.users.contains_key(name);
            under.people.extend(actor.filter(known));
            let co = trailers.co_authors.iter();
            under.people.extend(co.filter_map(|who| policy.known(who)));
            if name == id {
                let paths = match commit.parents.len() {
                    1 => differences(&self.commits[commit.parents[0]].files, &commit.files),
                    _ => super::merge::added(self, at).unwrap_or_default(),
                };
                let paths = paths.into_keys();
                under
                    .paths
                    .extend(paths.filter(|p| document_at(p).is_none()));
                let work = trailers.value("Action").is_none();
                let item = trailers.value("Item").filter(|_| work);
                under.items.extend(item.map(str::to_owned));
            }
        }
        under
    }
}
