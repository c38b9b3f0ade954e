//! `qms explain`: a document's story, and why a commit was allowed or not.

use anyhow::{Context, Result};

use super::log::{self, Query};
use super::mainline::{self, short};
use super::session::Session;
use super::status;
use crate::checks;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::way::Way;
use crate::model::change::Change;
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::next::{self, Turn};
use crate::model::path::TreePath;
use crate::model::scope::{Scope, Sort};
use crate::model::trailer::{self, Key};
use crate::model::view::{Event, View};

/// What there is to tell of a document.
pub struct Story {
    pub view: View,
    pub events: Vec<Event>,
    /// Commits of work under it, and who made them.
    pub work: usize,
    pub workers: Vec<String>,
    pub turn: Option<Turn>,
}

// Implements: REQ-QMS-CMD-EXPLAIN
pub fn document(session: &Session, id: &Id) -> Result<Story> {
    let view = status::status(session, id)?;
    let policy = session.policy(&Reader::new(&session.repo))?;
    let events = log::history(session, &Query::of(id))?;
    let all = if id.kind().has_scope {
        log::work_under(session, id)?
    } else {
        Vec::new()
    };
    let mut workers: Vec<String> = all.iter().map(|e| e.user.clone()).collect();
    workers.sort();
    workers.dedup();
    let turn = next::turn(&policy, &view);
    Ok(Story {
        view,
        events,
        work: all.len(),
        workers,
        turn,
    })
}

/// Why a commit was allowed, or was not.
#[derive(Debug)]
pub struct Verdict {
    pub commit: String,
    pub subject: String,
    pub author: String,
    /// What kind of commit it is, in words.
    pub kind: String,
    /// By what it was judged, in words.
    pub judged: String,
    /// Each path that it changes itself, and what allows that.
    pub paths: Vec<(String, String)>,
    pub findings: Vec<Finding>,
}

/// Whether a text names a commit here.
pub fn is_commit(session: &Session, revision: &str) -> bool {
    session.repo.revision(revision).is_ok()
}

pub fn commit(session: &Session, revision: &str) -> Result<Verdict> {
    let reader = Reader::new(&session.repo);
    let id = session.repo.revision(revision)?;
    let head = session.head()?;
    let data = session.repo.commit(id)?;
    let name = data.name();
    let mut verdict = Verdict {
        commit: id.to_string(),
        subject: name.subject,
        author: name.who,
        kind: String::new(),
        judged: String::new(),
        paths: Vec::new(),
        findings: Vec::new(),
    };
    let anchor = mainline::assumed_anchor(&reader, head)?
        .context("this is not under change control; to begin: qms init")?;
    if id == anchor {
        verdict.kind = "the anchor".into();
        verdict.judged = "by nobody: whoever trusts it has read it".into();
        return Ok(verdict);
    }
    if reaches(&reader, anchor, id)? {
        verdict.kind = "legacy".into();
        verdict.judged = format!(
            "by nobody: it is from before {}, the anchor that is assumed here",
            short(anchor)
        );
        return Ok(verdict);
    }
    let brought = brought_in(&reader, head, anchor, id)?;
    let (p, judged) = match brought {
        Some((step, p)) if step == id => (p, "its first parent".to_owned()),
        Some((step, p)) => (p, format!("where {} merged it", short(step))),
        None => (session.p(&reader)?, "as if it came in now".to_owned()),
    };
    verdict.judged = format!("by the policy at {}, {judged}", short(p));
    let way = Way {
        anchor: Some(anchor),
        current: brought.is_none(),
        ..session.way_from(&reader, p)?
    };
    let mut found = None;
    match brought {
        // As it came in: with what the step lent to it.
        Some((step, _)) => mainline::enter(&reader, way, step, |change, findings| {
            if change.commit.id == verdict.commit {
                found = Some((change.clone(), findings));
            }
            Ok(())
        })?,
        None => {
            reader.inherit(&[id], p)?;
            let change = reader.commit(id, &way)?;
            found = Some((change.clone(), checks::check(&change)));
        }
    }
    let (change, findings) = found.context("the step does not bring it in")?;
    verdict.kind = kind(&change);
    verdict.paths = change
        .paths
        .iter()
        .map(|path| (path.path.to_string(), allowed(&change, &path.path)))
        .collect();
    verdict.findings = findings;
    Ok(verdict)
}

/// Whether `from` is `to` or comes after it.
fn reaches(reader: &Reader<'_>, from: Oid, to: Oid) -> Result<bool> {
    Ok(reader.repo.merge_bases(from, to)? == [to])
}

/// The mainline step that brought a commit in, and its first parent; none where the mainline does not have it.
fn brought_in(reader: &Reader<'_>, head: Oid, anchor: Oid, id: Oid) -> Result<Option<(Oid, Oid)>> {
    let chain = reader
        .repo
        .mainline(head, Some(anchor))?
        .unwrap_or_default();
    if let Some(at) = chain.iter().position(|step| *step == id) {
        return Ok(chain.get(at + 1).map(|p| (id, *p)));
    }
    // Steps are newest first, and once one does not have the commit no older one has it.
    let (mut has, mut has_not) = (None, chain.len());
    while has.map_or(0, |at| at + 1) < has_not {
        let middle = (has.map_or(0, |at| at + 1) + has_not) / 2;
        if reaches(reader, chain[middle], id)? {
            has = Some(middle);
        } else {
            has_not = middle;
        }
    }
    Ok(has.and_then(|at| Some((chain[at], *chain.get(at + 1)?))))
}

fn kind(change: &Change) -> String {
    let message = change.commit.message.as_deref().unwrap_or_default();
    let trailers = if trailer::carries(message) {
        trailer::read(message)
    } else {
        Ok(Default::default())
    };
    let Ok(trailers) = trailers else {
        return "a commit whose trailers cannot be read".into();
    };
    let value = |key| trailers.value(key).unwrap_or("nobody");
    if trailers.value(Key::Document).is_some() {
        let (action, id, actor) = (value(Key::Action), value(Key::Document), value(Key::Actor));
        return format!(
            "a move: {action} of {id} by {actor}, {}",
            value(Key::Status)
        );
    }
    match (trailers.value(Key::Action), trailers.value(Key::Change)) {
        (Some(action), _) => format!("{action}: the policy's people, by {}", value(Key::Actor)),
        (None, Some(id)) => format!("work under {id} by {}", value(Key::Actor)),
        (None, None) if change.parents.len() > 1 && change.paths.is_empty() => {
            "a merge that adds nothing".into()
        }
        (None, None) if change.paths.is_empty() => "a commit that changes nothing".into(),
        (None, None) => "a commit without QMS trailers".into(),
    }
}

/// What allows a path of a step to change, in words.
fn allowed(change: &Change, path: &TreePath) -> String {
    let message = change.commit.message.as_deref().unwrap_or_default();
    let named = trailer::read(message)
        .ok()
        .and_then(|t| t.value(Key::Change).and_then(Id::parse));
    let people = &change.policy.people;
    let who: Vec<&str> = [&change.commit.author, &change.commit.committer]
        .into_iter()
        .filter_map(|i| people.known_as(i))
        .collect();
    match change.policy.sort(path, &who) {
        Sort::Free => "free".into(),
        Sort::Document(id) => format!("the document {id}"),
        Sort::Controlled { exactly } => match named {
            None => match &change.passage.lends {
                Some(lent) => {
                    let by = format!(", lent by {}", lent.by.quoted());
                    covered(&lent.scope, path, exactly, &lent.id) + &by
                }
                None => "controlled, and no change is named".into(),
            },
            Some(id) => covered(&Scope::in_tree(&change.before, &id), path, exactly, &id),
        },
    }
}

fn covered(scope: &Scope, path: &TreePath, exactly: bool, id: &Id) -> String {
    let covers = match scope.covers(path, exactly) {
        true => "covered by",
        false => "not covered by",
    };
    format!("controlled, {covers} {id}: {}", scope.text())
}
