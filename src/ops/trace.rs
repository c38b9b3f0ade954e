//! Traceability of the policy's systems at a commit: the requirements of each, and what is tagged with them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::evidence::store::Store;
use super::session::{Session, readable};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::systems::digest_of;
use crate::git::trees::Raw;
use crate::model::browse::name;
use crate::model::change::{EXECUTABLE, REGULAR};
use crate::model::document::Document;
use crate::model::kind::Id;
use crate::model::near;
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::system::System;
use crate::model::trace::gathered::Gathered;
use crate::model::trace::item::{Lines, standings};
use crate::model::trace::links::File;
use crate::model::trace::matrix::{self, Judged, Matrix, Shown, Source};
use crate::model::trace::requirement::{self, Requirements};
use crate::model::trace::rtm::{self, Rtm};
use crate::model::trace::scan::Scanner;
use crate::model::trace::tag::Tag;
use crate::model::trace::verdict::{Binding, Last};

/// What is asked for: all systems, and the commit that is checked out, where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub system: Option<String>,
    pub at: Option<String>,
}

/// Bytes at the beginning of a file among which a zero says that it is no text.
const LOOK: usize = 8_000;

/// The matrix of each system that is asked for.
// Implements: REQ-QMS-CMD-TRACE
pub fn trace(session: &Session, asked: &Asked) -> Result<Vec<Matrix>> {
    let reader = Reader::new(&session.repo);
    let commit = match &asked.at {
        Some(text) => session.repo.revision(name::revision(text)?)?,
        None => session.head()?,
    };
    let policy = Session::policy_at(&reader, commit)?;
    let store = Store::of(&session.repo);
    let of = wanted(&policy, asked.system.as_deref())?.into_iter();
    let one = |(name, system): (&str, &System)| -> Result<Matrix> {
        let subject = Subject::at(session, &reader, &policy, commit, (name, system))?;
        let gathered = subject.gathered(&store)?;
        Ok(subject
            .judged(gathered.as_ref(), subject.marks(&store)?)
            .matrix)
    };
    of.map(one).collect()
}

/// The systems that are asked for: all where none is named.
pub(super) fn wanted<'p>(
    policy: &'p Policy,
    system: Option<&str>,
) -> Result<Vec<(&'p str, &'p System)>> {
    let wanted = system.map(str::to_ascii_uppercase);
    if let Some(wanted) = &wanted
        && !policy.systems.contains_key(wanted)
    {
        let names = policy.systems.keys().map(String::as_str);
        let near = near::nearest(wanted, names, 3).join(", ");
        bail!(
            "`{}` is no system; near it are {near}; all: qms system list",
            name::shown(wanted)
        );
    }
    if policy.systems.is_empty() {
        bail!("the policy names no system; to add one: qms system add NAME --code GLOB");
    }
    let of = policy.systems.iter();
    let of = of.filter(|(name, _)| wanted.as_ref().is_none_or(|wanted| wanted == *name));
    Ok(of.map(|(name, system)| (name.as_str(), system)).collect())
}

/// A system at a commit: what it requires, and what is tagged.
pub(super) struct Subject<'p> {
    name: &'p str,
    system: &'p System,
    pub(super) commit: Oid,
    /// What its evidence is bound to.
    pub(super) digest: String,
    document: Document,
    in_force: bool,
    path: String,
    /// When the commit was made.
    date: String,
    requirements: Requirements,
    files: Vec<File>,
    /// The texts with which the matrix in force was approved.
    approved: BTreeMap<String, String>,
    /// All files of the system, from the root.
    pub(super) paths: Vec<String>,
}

impl<'p> Subject<'p> {
    pub(super) fn at(
        session: &Session,
        reader: &Reader<'_>,
        policy: &'p Policy,
        commit: Oid,
        (name, system): (&'p str, &'p System),
    ) -> Result<Subject<'p>> {
        let tree = session.repo.tree_of(commit)?;
        let rs = &system.rs;
        let binding = binding(session, reader, tree, policy, rs)?;
        let (document, in_force) = binding.with_context(|| {
            format!("{name} has no {rs} at that commit; to write one: qms create RS --name {name} --title \"…\"")
        })?;
        let matrix = binding_matrix(session, reader, tree, policy, system)?;
        let text = String::from_utf8(document.text()).context("a document is UTF-8")?;
        let requirements = requirement::read(&text, Document::body_start(&text), &system.ids);
        let parts = session.repo.parts(tree, system)?;
        Ok(Subject {
            name,
            system,
            commit,
            digest: digest_of(&parts),
            in_force,
            approved: matrix.map(|rtm| rtm.texts()).unwrap_or_default(),
            document,
            path: rs.path(&policy.folder).to_string(),
            date: session.repo.seen(commit)?.1.committer.date(),
            requirements,
            files: tagged(session, &parts, system)?,
            paths: parts.iter().map(|(path, _)| path.to_string()).collect(),
        })
    }

    /// Whether there is a requirement of this id.
    pub(super) fn requires(&self, id: &str) -> bool {
        self.requirements.all.iter().any(|r| r.id == id)
    }

    /// The results of its state; where there are none, the last of another one.
    pub(super) fn gathered(&self, store: &Store<'_>) -> Result<Option<Gathered>> {
        let bound = store.bound(self.name, &self.digest)?;
        if let Some(all) = Gathered::of(&bound, Binding::Same) {
            return Ok(Some(all));
        }
        let last = store.last(self.name)?;
        Ok(last.and_then(|kept| {
            let commit = kept.record.commit.get(..10).unwrap_or_default().to_owned();
            Gathered::of(&[kept.record], Binding::Other(format!("that of {commit}")))
        }))
    }

    /// As what its requirements were verified last.
    pub(super) fn marks(&self, store: &Store<'_>) -> Result<BTreeMap<String, Last>> {
        Ok(store
            .last(self.name)?
            .map(|kept| kept.record.marks)
            .unwrap_or_default())
    }

    pub(super) fn judged(
        &self,
        gathered: Option<&Gathered>,
        last: BTreeMap<String, Last>,
    ) -> Judged {
        let source = Source {
            system: self.name,
            commit: &self.commit.to_string(),
            date: &self.date,
            rs: self.system.rs.as_str(),
            path: &self.path,
            version: &self.document.state.version.to_string(),
            in_force: self.in_force,
        };
        let shown = Shown {
            gathered,
            last,
            approved: self.approved.clone(),
            wanted: self.system.coverage,
        };
        matrix::of(&source, &self.requirements, &self.files, &shown)
    }

    /// The lines of tagged items by path: what coverage is kept of.
    pub(super) fn lines(&self) -> BTreeMap<&str, Vec<Lines>> {
        let mut out: BTreeMap<&str, Vec<Lines>> = BTreeMap::new();
        for file in &self.files {
            let lines = file.standings.items.iter().map(|item| item.lines);
            out.entry(&file.path).or_default().extend(lines);
        }
        out
    }
}

/// A document as it binds people, and whether it does: a draft where nothing does yet.
fn binding(
    session: &Session,
    reader: &Reader<'_>,
    tree: Oid,
    policy: &Policy,
    id: &Id,
) -> Result<Option<(Document, bool)>> {
    let Some(entry) = reader.document_in(tree, &policy.folder, id)? else {
        return Ok(None);
    };
    let current = readable(entry, id)?;
    let blob = current.in_force_blob();
    let Some(blob) = blob.and_then(|blob| session.repo.oid(blob)) else {
        let in_force = current.state.effective_version().is_some();
        return Ok(Some((current, in_force)));
    };
    let force = Document::parse(session.repo.blob(blob)?);
    let force = force
        .map_err(|flaws| anyhow::anyhow!("{id} in force cannot be read: {}", flaws[0].message))?;
    Ok(Some((force, true)))
}

/// The tables of a system's matrix in force; None where none is.
pub(super) fn binding_matrix(
    session: &Session,
    reader: &Reader<'_>,
    tree: Oid,
    policy: &Policy,
    system: &System,
) -> Result<Option<Rtm>> {
    let matrix = binding(session, reader, tree, policy, &system.rtm)?;
    let matrix = matrix.filter(|(_, in_force)| *in_force);
    Ok(matrix.map(|(document, _)| rtm::read(&String::from_utf8_lossy(&document.text()))))
}

/// The files among them that hold tags. Reading is one thread's, finding out what tags stand on is shared.
fn tagged(session: &Session, parts: &[(TreePath, Raw)], system: &System) -> Result<Vec<File>> {
    let scanner = Scanner::new([system.ids.as_str()]);
    let mut found = Vec::new();
    for (path, raw) in parts {
        if ![REGULAR, EXECUTABLE].contains(&raw.mode) {
            continue;
        }
        let bytes = session.repo.blob(raw.id)?;
        if bytes.iter().take(LOOK).any(|b| *b == 0) {
            continue;
        }
        let tags = scanner.tags(path.as_bytes(), &bytes);
        if !tags.is_empty() {
            found.push((path, bytes, tags));
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = found.len().div_ceil(threads).max(1);
    let shares: Vec<Vec<File>> = std::thread::scope(|scope| {
        let running: Vec<_> = found
            .chunks(share)
            .map(|all| scope.spawn(move || all.iter().map(stands).collect()))
            .collect();
        let joined = running.into_iter().map(|running| running.join());
        joined.collect::<std::thread::Result<_>>()
    })
    .map_err(|_| anyhow::anyhow!("a file could not be looked at"))?;
    Ok(shares.into_iter().flatten().collect())
}

fn stands((path, bytes, tags): &(&TreePath, Vec<u8>, Vec<Tag>)) -> File {
    File {
        path: path.to_string(),
        tags: tags.clone(),
        standings: standings(path.as_bytes(), bytes, tags),
    }
}
