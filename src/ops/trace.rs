//! Traceability of the policy's systems at a commit: the requirements of each, and what is tagged with them.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::altered;
use super::evidence::store::Store;
use super::remembered::{self, Remembered};
use super::session::{Session, readable};
use crate::git::read::Reader;
use crate::git::systems::digest_of;
use crate::git::tagged::{Found, Part};
use crate::git::{Oid, Repo};
use crate::model::browse::name;
use crate::model::document::Document;
use crate::model::kind::Id;
use crate::model::near;
use crate::model::policy::Policy;
use crate::model::system::System;
use crate::model::trace::gathered::Gathered;
use crate::model::trace::item::Lines;
use crate::model::trace::links::File;
use crate::model::trace::matrix::{self, Judged, Matrix, Row, Shown, Source};
use crate::model::trace::memory::key;
use crate::model::trace::memory::marks::Marks;
use crate::model::trace::places::Places;
use crate::model::trace::requirement::{self, Requirements};
use crate::model::trace::rtm::{self, Rtm};
use crate::model::trace::verdict::Binding;

/// What is asked for: all systems, and the commit that is checked out, where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub system: Option<String>,
    pub at: Option<String>,
}

/// The matrix of each system that is asked for.
// Implements: REQ-QMS-CMD-TRACE
pub fn trace(session: &Session, asked: &Asked) -> Result<Vec<Matrix>> {
    each(session, asked, |_, subject| subject()?.matrix())
}

/// What comes of each system that is asked for, by its name and by what looks it up.
pub(super) fn each(
    session: &Session,
    asked: &Asked,
    mut one: impl for<'p> FnMut(&str, &dyn Fn() -> Result<Subject<'p>>) -> Result<Matrix>,
) -> Result<Vec<Matrix>> {
    let reader = Reader::new(&session.repo);
    let commit = session.commit(asked.at.as_deref())?;
    let policy = Session::policy_at(&reader, commit)?;
    let of = wanted(&policy, asked.system.as_deref())?.into_iter();
    let subject = |of| Subject::at(session, &reader, &policy, commit, of);
    of.map(|of| one(of.0, &|| subject(of))).collect()
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
    pub(super) name: &'p str,
    pub(super) system: &'p System,
    pub(super) commit: Oid,
    /// What its evidence is bound to.
    pub(super) digest: String,
    document: Document,
    in_force: bool,
    path: String,
    /// When the commit was made.
    date: String,
    /// Read once somebody asks what is required.
    requirements: OnceCell<Requirements>,
    /// Read once somebody asks what is tagged.
    pub(super) files: OnceCell<Vec<File>>,
    /// The texts with which the matrix in force was approved.
    pub(super) approved: BTreeMap<String, String>,
    pub(super) repo: &'p Repo,
    pub(super) tree: Oid,
    /// All paths of the commit, with what is there.
    pub(super) listed: Vec<Part>,
    /// Those of the system.
    pub(super) parts: Vec<Part>,
}

impl<'p> Subject<'p> {
    pub(super) fn at(
        session: &'p Session,
        reader: &Reader<'_>,
        policy: &'p Policy,
        commit: Oid,
        (name, system): (&'p str, &'p System),
    ) -> Result<Subject<'p>> {
        let tree = session.repo.tree_of(commit)?;
        let rs = &system.rs;
        let binding = binding(reader, tree, policy, rs)?;
        let (document, in_force) = binding.with_context(|| {
            format!("{name} has no {rs} at that commit; to write one: qms create RS --name {name} --title \"…\"")
        })?;
        let matrix = binding_matrix(reader, tree, policy, system)?;
        let listed = session.repo.listed(tree)?;
        let parts = listed.iter().filter(|(path, _)| system.has(path));
        let parts: Vec<Part> = parts.cloned().collect();
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
            requirements: OnceCell::new(),
            files: OnceCell::new(),
            repo: &session.repo,
            tree,
            listed,
            parts,
        })
    }

    /// Whether there is a requirement of this id.
    pub(super) fn requires(&self, id: &str) -> Result<bool> {
        let all = &self.requirements(None)?.all;
        Ok(all.iter().any(|r| r.id == id))
    }

    pub(super) fn requirements(&self, remembered: Option<&Remembered>) -> Result<&Requirements> {
        if let Some(known) = self.requirements.get() {
            return Ok(known);
        }
        let (document, ids) = (&self.document, self.system.ids.as_str());
        let digest = || document.text_digest();
        let key = || key(&[b"requirements", digest().as_bytes(), ids.as_bytes()]);
        let read = remembered::value(remembered, key, || {
            let text = String::from_utf8(document.text()).context("a document is UTF-8")?;
            let start = Document::body_start(&text);
            Ok(requirement::read(&text, start, ids))
        })?;
        Ok(self.requirements.get_or_init(|| read))
    }

    /// All paths of the commit: what is out of the system is not in it.
    pub(super) fn paths(&self) -> Vec<String> {
        let all = self.listed.iter();
        all.map(|(path, _)| path.to_string()).collect()
    }

    pub(super) fn files(&self) -> Result<&[File]> {
        if let Some(files) = self.files.get() {
            return Ok(files);
        }
        let files = self.repo.tagged(&self.parts, &self.system.ids)?;
        Ok(self.files.get_or_init(|| files))
    }

    /// Judged by the results of its state; where there are none, the last of another one are told.
    pub(super) fn matrix(&self) -> Result<Matrix> {
        let store = Store::of(self.repo);
        let asked = |_: &Part, read: &dyn Fn() -> Found| read();
        let meanwhile = || {
            self.requirements(None)?;
            store.gathered(&store.told(self.name, &self.digest)?)
        };
        let (parts, ids) = (&self.parts, self.system.ids.as_str());
        let (files, told) = self.repo.tagged_meanwhile(parts, ids, &asked, meanwhile)?;
        self.files.get_or_init(|| files);
        let (gathered, marks) = told?;
        let judged = self.judged(&store, gathered.as_ref(), marks, Vec::new())?;
        Ok(judged.matrix)
    }

    /// As what its requirements were verified last.
    pub(super) fn marks(&self, store: &Store<'_>) -> Result<Marks> {
        Ok(store
            .last(self.name)?
            .map(|kept| kept.record.marks)
            .unwrap_or_default())
    }

    pub(super) fn judged(
        &self,
        store: &Store<'_>,
        gathered: Option<&Gathered>,
        last: Marks,
        known: Vec<Option<Row>>,
    ) -> Result<Judged> {
        let source = Source {
            system: self.name,
            commit: &self.commit.to_string(),
            date: &self.date,
            rs: self.system.rs.as_str(),
            path: &self.path,
            version: &self.document.state.version.to_string(),
            in_force: self.in_force,
        };
        let judges = known.is_empty() || known.iter().any(Option::is_none);
        let gathers = gathered.filter(|_| judges);
        // Without results that speak of single tests nothing is named.
        let places = match gathers.filter(|all| all.speaks_of_tests()) {
            Some(_) => self.repo.places(self.tree, &self.listed)?,
            None => Places::default(),
        };
        // Lines are looked at where there are results of this state.
        let is_new = gathers.is_some_and(|all| all.binding == Binding::Same);
        let changed = is_new.then(|| altered::since(self, store, &last));
        let shown = Shown {
            gathered,
            changed: changed.transpose()?.unwrap_or_default(),
            last,
            approved: self.approved.clone(),
            wanted: self.system.coverage,
            places,
            known,
        };
        Ok(matrix::of(
            &source,
            self.requirements(None)?,
            self.files()?,
            shown,
        ))
    }

    /// The lines of tagged items by path: what coverage is kept of.
    pub(super) fn lines(&self) -> Result<BTreeMap<&str, Vec<Lines>>> {
        let mut out: BTreeMap<&str, Vec<Lines>> = BTreeMap::new();
        for file in self.files()? {
            let lines = file.standings.items.iter().map(|item| item.lines);
            out.entry(file.path.as_str()).or_default().extend(lines);
        }
        Ok(out)
    }
}

/// A document as it binds people, and whether it does: a draft where nothing does yet.
fn binding(
    reader: &Reader<'_>,
    tree: Oid,
    policy: &Policy,
    id: &Id,
) -> Result<Option<(Document, bool)>> {
    let Some(entry) = reader.document_in(tree, &policy.folder, id)? else {
        return Ok(None);
    };
    let current = readable(entry, id)?;
    let Some(force) = reader.in_force_at(tree, &policy.folder, id)? else {
        return Ok(Some((current, false)));
    };
    match force.as_ref() {
        Ok(document) => Ok(Some((document.clone(), true))),
        Err(flaws) => bail!("{id} in force cannot be read: {}", flaws[0].message),
    }
}

/// The tables of a system's matrix in force; None where none is.
fn binding_matrix(
    reader: &Reader<'_>,
    tree: Oid,
    policy: &Policy,
    system: &System,
) -> Result<Option<Rtm>> {
    let matrix = binding(reader, tree, policy, &system.rtm)?;
    let matrix = matrix.filter(|(_, in_force)| *in_force);
    Ok(matrix.map(|(document, _)| rtm::read(&String::from_utf8_lossy(&document.text()))))
}
