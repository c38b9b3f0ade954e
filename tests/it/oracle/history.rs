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
    pub(crate) message: String,
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
        let below = |at: &usize| {
            let others = common.iter().filter(|o| *o != at);
            others.into_iter().any(|o| self.reach(*o).contains(at))
        };
        let mut best: Vec<usize> = common.iter().copied().filter(|at| !below(at)).collect();
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
        for at in all.difference(&before) {
            let (commit, trailers) = (&self.commits[*at], said(*at));
            let named = match trailers.value("Action") {
                None => trailers.value("Change"),
                Some("create" | "edit" | "checkin" | "item" | "abandon" | "fix") => {
                    trailers.value("Document")
                }
                Some(_) => None,
            };
            let Some(named) = named.filter(|n| *n == id || n.starts_with(&format!("{id}-"))) else {
                continue;
            };
            let actor = trailers.value("Actor").map(str::to_owned);
            under.people.extend(policy.known(&commit.author));
            let known = |name: &String| policy.users.contains_key(name);
            under.people.extend(actor.filter(known));
            let co = trailers.co_authors.iter();
            under.people.extend(co.filter_map(|who| policy.known(who)));
            if named == id {
                let first = &self.commits[commit.parents[0]];
                let paths = differences(&first.files, &commit.files).into_keys();
                under
                    .paths
                    .extend(paths.filter(|p| document_at(p).is_none()));
            }
        }
        under
    }
}
