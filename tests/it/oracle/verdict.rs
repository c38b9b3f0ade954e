//! The oracle's verdict on a history: every commit that enters the mainline, by model.md "Authority" and "Trailers".

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Doc, sha256};
use super::history::{History, Sides, day, differences};
use super::merge;
use super::message::{self, Trailers};
use super::policy::{Policy, Sort, covers, sort};
use super::rules::{Ask, Files, PLAIN, Scene, make, need};
use super::table::{document_at, parent_of, path_of, type_of};

/// Every commit that may not be there, and why.
pub(crate) fn verdict(history: &History, anchor: usize, tip: usize) -> Vec<(usize, String)> {
    let Some(chain) = history.mainline(anchor, tip) else {
        return vec![(tip, "the anchor is not on the mainline".to_owned())];
    };
    let mut bad = Vec::new();
    let mut judged = history.reach(anchor);
    for pair in chain.windows(2) {
        let (p, step) = (pair[0], pair[1]);
        let new: Vec<usize> = history.reach(step).difference(&judged).copied().collect();
        let lender = lender(history, step, p);
        for at in new {
            if let Err(why) = commit(history, at, p, lender.as_deref()) {
                bad.push((at, why));
            }
            judged.insert(at);
        }
    }
    bad
}

/// The change that a mainline merge names, under which it may lend.
fn lender(history: &History, step: usize, p: usize) -> Option<String> {
    let commit = &history.commits[step];
    let trailers = commit.trailers();
    let lends = commit.parents.len() == 2
        && trailers.value("Action").is_none()
        && trailers.value("Actor").is_some();
    let id = trailers.value("Change").filter(|_| lends)?.to_owned();
    type_of(&id).filter(|t| ["CR", "VAR", "ADD"].contains(&t.name))?;
    let open = status(&history.commits[p].files, &id) == "IN_EXECUTION";
    open.then_some(id)
}

fn doc(files: &Files, id: &str) -> Option<Doc> {
    Doc::read(&files.get(&path_of(id))?.text)
}

fn status(files: &Files, id: &str) -> String {
    doc(files, id).map(|d| d.block.status).unwrap_or_default()
}

/// Judges one commit that enters by a mainline step whose first parent is `p`.
pub(crate) fn commit(
    history: &History,
    at: usize,
    p: usize,
    lender: Option<&str>,
) -> Result<(), String> {
    let commit = &history.commits[at];
    let policy = history.commits[p].policy().ok_or("no policy at P")?;
    let distinct: BTreeSet<usize> = commit.parents.iter().copied().collect();
    let count = commit.parents.len();
    need(
        (1..=2).contains(&count) && distinct.len() == count,
        "its parents",
    )?;
    let own = &history.commits[commit.parents[0]];
    let paths = match count {
        1 => differences(&own.files, &commit.files),
        _ => merge::added(history, at)?,
    };
    if count == 2 {
        merge::gates(history, at)?;
    }
    for (path, (_, after)) in &paths {
        form(path, after.as_ref().map(|f| (f.mode, &*f.text)))?;
    }
    let read = message::read(&commit.message);
    let action = read.iter().flatten().next();
    let action = action.and_then(|t| t.value("Action")).map(str::to_owned);
    if let Some((_, Some(after))) = paths.get("qms.yaml") {
        let (old, new) = (own.policy(), Policy::read(&after.text));
        let (old, new) = (old.ok_or("no policy")?, new.ok_or("no policy")?);
        need(
            new.could_approve() || !old.could_approve(),
            "nobody could approve",
        )?;
        let people = old.users == new.users || action.as_deref() == Some("enroll");
        need(people, "people change by enrolment alone")?;
    }
    let needs = paths.keys().any(|path| sort(&policy, path) != Sort::Free);
    let trailers = match read {
        None if !needs => return Ok(()),
        None => {
            let scope = lender.map(|id| scope(&history.commits[p].files, id));
            let lent = scope.is_some_and(|scope| {
                let touched = paths
                    .keys()
                    .filter(|path| sort(&policy, path) != Sort::Free);
                touched
                    .into_iter()
                    .all(|path| covered(&policy, &scope, path))
            });
            return need(lent, "a controlled path and no trailer");
        }
        Some(read) => read?,
    };
    let step = Step {
        history,
        at,
        p,
        policy: &policy,
        paths: &paths,
        trailers: &trailers,
    };
    match action.as_deref() {
        None => step.work(),
        Some("enroll") => step.enroll(),
        Some(action) => step.moved(action),
    }
}

/// Documents and the policy stand in their place, are plain files and can be read.
fn form(path: &str, after: Option<(u32, &str)>) -> Result<(), String> {
    if path == "qms.yaml" {
        let fine = after.is_some_and(|(mode, text)| mode == PLAIN && Policy::read(text).is_some());
        return need(fine, "the policy is none");
    }
    let Some(id) = document_at(path) else {
        return Ok(());
    };
    match after {
        None => need(path_of(&id) != path, "a document is gone"),
        Some((mode, text)) => {
            need(path_of(&id) == path, "a document out of its place")?;
            need(
                mode == PLAIN && Doc::read(text).is_some(),
                "a document that is none",
            )
        }
    }
}

fn covered(policy: &Policy, scope: &[String], path: &str) -> bool {
    match sort(policy, path) {
        Sort::Free => true,
        Sort::Document(_) => false,
        Sort::Steering => covers(scope, path, true),
        Sort::Controlled => covers(scope, path, false),
    }
}

/// A change's scope; a variance has its parent's too, while that is in execution.
fn scope(files: &Files, id: &str) -> Vec<String> {
    let mut scope = doc(files, id).map(|d| d.scope()).unwrap_or_default();
    if let Some(parent) = parent_of(id).filter(|_| type_of(id).is_some_and(|t| t.name == "VAR"))
        && status(files, parent) == "IN_EXECUTION"
    {
        scope.extend(self::scope(files, parent));
    }
    scope
}

/// One commit under judgement.
pub(crate) struct Step<'a> {
    pub(crate) history: &'a History,
    pub(crate) at: usize,
    p: usize,
    pub(crate) policy: &'a Policy,
    pub(crate) paths: &'a BTreeMap<String, Sides>,
    pub(crate) trailers: &'a Trailers,
}

impl Step<'_> {
    pub(crate) fn files(&self, at: usize) -> &Files {
        &self.history.commits[at].files
    }

    pub(crate) fn parent(&self) -> usize {
        self.history.commits[self.at].parents[0]
    }

    /// Trailers that it must have, and that it may have.
    pub(crate) fn demand(&self, must: &[&str], may: &[&str]) -> Result<(), String> {
        for key in must {
            need(self.trailers.value(key).is_some(), &format!("no QMS-{key}"))?;
        }
        for key in self.trailers.values.keys() {
            let name = key.trim_start_matches("QMS-");
            need(
                must.contains(&name) || may.contains(&name),
                "a trailer out of place",
            )?;
        }
        Ok(())
    }

    pub(crate) fn actor(&self, committer: bool) -> Result<String, String> {
        let actor = self.trailers.value("Actor").unwrap_or_default().to_owned();
        let commit = &self.history.commits[self.at];
        need(self.policy.active(&actor).is_some(), "an unknown user")?;
        let author = self.policy.known(&commit.author).as_ref() == Some(&actor);
        let made = self.policy.known(&commit.committer).as_ref() == Some(&actor);
        need(author || (committer && made), "the actor did not make it")?;
        Ok(actor)
    }

    fn work(&self) -> Result<(), String> {
        self.demand(&["Change", "Actor"], &["Item", "Request", "Reason"])?;
        self.actor(true)?;
        let id = self.trailers.value("Change").unwrap_or_default();
        let change = type_of(id).filter(|t| ["CR", "VAR", "ADD"].contains(&t.name));
        need(change.is_some(), "no change")?;
        let own = self.files(self.parent());
        need(status(own, id) == "IN_EXECUTION", "the change is not open")?;
        let all = |files: &Files| {
            let scope = scope(files, id);
            self.paths
                .keys()
                .all(|path| covered(self.policy, &scope, path))
        };
        need(all(own), "out of scope")?;
        let at_p = self.files(self.p);
        let bases = self.history.bases(self.parent(), self.p);
        let family = || std::iter::successors(Some(id), |id| parent_of(id));
        // With several bases nothing is as it was at the base.
        let same = |id: &str| match bases[..] {
            [base] => {
                let was = self.files(base).get(&path_of(id));
                was.is_some() && was == at_p.get(&path_of(id))
            }
            _ => false,
        };
        let absent = !at_p.contains_key(&path_of(id));
        let open = status(at_p, id) == "IN_EXECUTION" && all(at_p);
        need(
            absent || family().all(same) || open,
            "the change has moved on",
        )
    }

    fn moved(&self, action: &str) -> Result<(), String> {
        let id = self
            .trailers
            .value("Document")
            .unwrap_or_default()
            .to_owned();
        let kind = type_of(&id).ok_or("no document id")?;
        let mut must = vec!["Action", "Document", "Actor", "Status", "Version"];
        let more: [(&str, &[&str]); 5] = [
            (
                "Digest",
                &[
                    "route-review",
                    "route-approval",
                    "review",
                    "approve",
                    "reject",
                ],
            ),
            ("Outcome", &["review"]),
            (
                "Users",
                &["route-review", "route-approval", "assign", "transfer"],
            ),
            ("Reason", &["revert", "abandon", "transfer", "fix"]),
            ("Item", &["item"]),
        ];
        must.extend(
            more.iter()
                .filter(|(_, a)| a.contains(&action))
                .map(|(key, _)| *key),
        );
        must.extend(Some("Before").filter(|_| action != "create"));
        let mut may = vec!["Request", "Reason", "Evidence"];
        may.extend(Some("Ends").filter(|_| action == "route-review"));
        may.extend(Some("Change").filter(|_| kind.class == "document"));
        self.demand(&must, &may)?;
        let ends = self.trailers.value("Ends");
        need(ends.is_none_or(|e| e == "RETIRED"), "no end")?;
        let actor = self.actor(false)?;
        let commit = &self.history.commits[self.at];
        need(commit.parents.len() == 1, "a merge moves nothing")?;
        let own = self.files(self.parent());
        let path = path_of(&id);
        if let Some(file) = own.get(&path).filter(|_| action != "create") {
            let before = Some(sha256(&file.text));
            need(
                self.trailers.value("Before") == before.as_deref(),
                "QMS-Before",
            )?;
        }
        let after = commit.files.get(&path).and_then(|f| Doc::read(&f.text));
        let co = self.trailers.co_authors.iter();
        let ask = Ask {
            action: action.to_owned(),
            id,
            actor,
            co_authors: co.filter_map(|who| self.policy.known(who)).collect(),
            users: self.trailers.users(),
            outcome: self.trailers.value("Outcome").map(str::to_owned),
            item: self.trailers.value("Item").map(str::to_owned),
            ends: ends.is_some(),
            reason: self.trailers.value("Reason").is_some(),
            comment: self.trailers.has_body,
            text: Some(after.ok_or("no document")?.text()),
        };
        let at = (self.parent(), commit.seconds);
        let made = scene(self.history, at, self.p, |scene| make(scene, &ask))??;
        let found = self.paths.iter().map(|(path, (_, after))| {
            let text = after.as_ref().map(|f| f.text.to_string());
            (path.clone(), text.unwrap_or_default())
        });
        need(
            found.eq(made.files.clone()),
            "not what the move makes of it",
        )?;
        for (key, value) in super::scribe::says(&made, action) {
            let said = self.trailers.value(key);
            need(
                said == Some(&value),
                &format!("QMS-{key} says something else"),
            )?;
        }
        Ok(())
    }
}

/// Asks in the scene of a commit's own parent, at some second, judged at `p`.
pub(crate) fn scene<T>(
    history: &History,
    (parent, seconds): (usize, i64),
    p: usize,
    ask: impl FnOnce(&Scene<'_>) -> T,
) -> Result<T, String> {
    let policy = history.commits[p].policy().ok_or("no policy at P")?;
    let base = history.bases(parent, p).first().copied();
    let asking = base.and_then(|b| history.commits[b].policy());
    Ok(ask(&Scene {
        tree: &history.commits[parent].files,
        policy: &policy,
        asking: asking.as_ref().unwrap_or(&policy),
        under: &|id| history.under(parent, id, &policy),
        blob: &|id| history.blob(id),
        day: &day(seconds),
    }))
}
