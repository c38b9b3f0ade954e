//! A document as it was: its version in force, another version, its draft, or at a revision.

use anyhow::{Context, Result, bail};

use super::log::{self, Query};
use super::session::{Session, readable};
use crate::git::read::Reader;
use crate::model::document::{self, Document};
use crate::model::kind::Id;
use crate::model::state::Version;

/// Which text of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// What binds people: the version in force, or the file where it is that, or where none is.
    InForce,
    /// The file at `HEAD`.
    Draft,
    Version(Version),
    /// The file in another commit.
    At(String),
}

/// A version as somebody typed it.
pub fn version(text: &str) -> Result<Version> {
    Version::parse(text).with_context(|| format!("`{text}` is no version, expected one like 1.0"))
}

/// The file.
// Implements: REQ-QMS-CMD-READ
pub fn read(session: &Session, id: &Id, which: &Which) -> Result<Vec<u8>> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let commit = match which {
        Which::InForce | Which::Draft => {
            let document = readable(session.entry(&reader, &policy, id)?, id)?;
            let blob = document.in_force_blob().and_then(|b| session.repo.oid(b));
            return match blob.filter(|_| *which == Which::InForce) {
                Some(blob) => session.repo.blob(blob),
                None => Ok(document.bytes().to_vec()),
            };
        }
        Which::At(revision) => session.repo.revision(revision)?,
        Which::Version(version) => {
            let events = log::history(session, &Query::of(id))?;
            let text = version.to_string();
            let mut versions: Vec<&str> = events.iter().map(|e| e.version.as_str()).collect();
            // The move that made this version; where a revision was given up and begun again, the last time.
            let last = versions.iter().rposition(|v| *v == text);
            let first = last.map(|last| {
                versions[..last]
                    .iter()
                    .rposition(|v| *v != text)
                    .map_or(0, |at| at + 1)
            });
            let Some(first) = first else {
                // Founding wrote documents without a move.
                let document = readable(session.entry(&reader, &policy, id)?, id)?;
                let state = &document.state;
                if state.version == *version {
                    return Ok(document.bytes().to_vec());
                }
                let force = state.in_force.as_ref().filter(|f| f.version == *version);
                if let Some(blob) = force.and_then(|f| session.repo.oid(&f.blob)) {
                    return session.repo.blob(blob);
                }
                let now = state.version.to_string();
                versions.push(&now);
                versions.dedup();
                bail!(
                    "{id} has no version {version} in this history; there are {}",
                    versions.join(", ")
                );
            };
            session
                .repo
                .oid(&events[first].commit)
                .context("a commit's id")?
        }
    };
    let tree = session.repo.tree_of(commit)?;
    let path = id.path(&policy.folder);
    let raw = session.repo.entry(tree, &path)?;
    let raw = raw.with_context(|| {
        format!("there is no {id} at {commit}; what happened to it: qms history {id}")
    })?;
    session.repo.blob(raw.id)
}

/// Two texts of a document, without their managed blocks, and what they are called.
pub struct Sides {
    pub from: (String, String),
    pub to: (String, String),
}

/// The sides of `A..B`: versions or revisions. Without `A` the last approved version before `B`, or the one before
/// it where none was approved; without `B` what the work tree has.
// Implements: REQ-QMS-CMD-DIFF
pub fn sides(session: &Session, id: &Id, range: Option<&str>) -> Result<Sides> {
    let (a, b) = match range.map(|r| r.split_once("..").unwrap_or((r, ""))) {
        Some((a, b)) => (a, b),
        None => ("", ""),
    };
    let to = match b {
        "" => (String::from("now"), text(&here(session, id)?)?),
        b => (b.to_owned(), text(&read(session, id, &named(b))?)?),
    };
    let from = match a {
        "" => before(session, id, b)?,
        a => a.to_owned(),
    };
    let old = text(&read(session, id, &named(&from))?)?;
    Ok(Sides {
        from: (from, old),
        to,
    })
}

fn named(text: &str) -> Which {
    match Version::parse(text) {
        Some(version) => Which::Version(version),
        None => Which::At(text.to_owned()),
    }
}

/// The file as the work tree has it, else as `HEAD` has it.
fn here(session: &Session, id: &Id) -> Result<Vec<u8>> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    match session.in_work_tree(&id.path(&policy.folder))? {
        Some(file) => Ok(file),
        None => read(session, id, &Which::Draft),
    }
}

/// The version that a text is naturally compared with.
fn before(session: &Session, id: &Id, to: &str) -> Result<String> {
    let current = match Version::parse(to) {
        Some(version) => version,
        None => {
            let which = if to.is_empty() {
                Which::Draft
            } else {
                named(to)
            };
            let document = Document::parse(read(session, id, &which)?);
            document
                .ok()
                .with_context(|| format!("{id} cannot be read there"))?
                .state
                .version
        }
    };
    let events = log::history(session, &Query::of(id))?;
    let mut versions: Vec<Version> = events
        .iter()
        .filter_map(|e| Version::parse(&e.version))
        .collect();
    versions.dedup();
    let earlier = |v: &&Version| **v < current;
    let approved = versions
        .iter()
        .rev()
        .filter(earlier)
        .find(|v| v.major > 0 && v.minor == 0);
    let previous = approved.or_else(|| versions.iter().rev().find(earlier));
    Ok(previous.unwrap_or(&current).to_string())
}

fn text(file: &[u8]) -> Result<String> {
    let text = document::text_of(file).context("it has no front matter between `---` lines")?;
    String::from_utf8(text).context("it is not UTF-8")
}
