//! The records of runs, in a ref of their own: each commit adds files and takes none away, so that two lines of them join by
//! putting their trees together. Fetched and pushed as any ref is.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::super::remembered::{self, Remembered};
use super::super::session::Refused;
use super::told::key_of;
use crate::checks::refs;
use crate::git::sign::Signer;
use crate::git::trees::Raw;
use crate::git::write::Put;
use crate::git::{Oid, Repo};
use crate::model::change::REGULAR;
use crate::model::ident::Ident;
use crate::model::path::TreePath;
use crate::model::trace::record::{Load, Record};

pub use crate::model::trace::record::REF;

/// What is kept in a repository, as it is now.
pub struct Store<'r> {
    pub(super) repo: &'r Repo,
    pub tip: Option<Oid>,
    pub(super) remembered: Option<&'r Remembered>,
}

/// The records of one state, and how much they are.
#[derive(Default)]
pub(in crate::ops) struct Bound {
    pub(in crate::ops) records: Vec<Record>,
    pub(in crate::ops) load: Load,
}

impl Bound {
    /// One more record, by its path or what else it is called. Refused where it is too much.
    pub(in crate::ops) fn add(&mut self, path: &str, record: Record) -> Result<()> {
        let added = self.load.add(path, record.size());
        added.map_err(|why| Refused(vec![refs::too_much(why)]))?;
        self.records.push(record);
        Ok(())
    }
}

/// A record with the commit that brought it in.
pub struct Kept {
    pub record: Record,
    /// The id of its blob.
    pub blob: Oid,
    pub by: Oid,
}

impl<'r> Store<'r> {
    pub fn of(repo: &'r Repo) -> Store<'r> {
        Store::at(repo, repo.resolve(REF))
    }

    pub fn at(repo: &'r Repo, tip: Option<Oid>) -> Store<'r> {
        Store {
            repo,
            tip,
            remembered: None,
        }
    }

    /// The same, reading no record that is remembered.
    pub(in crate::ops) fn remembering(self, remembered: Option<&'r Remembered>) -> Store<'r> {
        Store { remembered, ..self }
    }

    /// The records of one state of a system.
    pub(in crate::ops) fn bound(&self, system: &str, digest: &str) -> Result<Bound> {
        match self.tip {
            Some(tip) => self.bound_of(&self.repo.records(tip, system, digest)?),
            None => Ok(Bound::default()),
        }
    }

    /// Those of these files.
    pub(super) fn bound_of(&self, files: &[(TreePath, Raw)]) -> Result<Bound> {
        let mut out = Bound::default();
        for (path, raw) in files {
            out.add(&path.to_string(), self.read(path, *raw)?)?;
        }
        Ok(out)
    }

    /// The ids of those records, sorted.
    pub fn ids(&self, system: &str, digest: &str) -> Result<Vec<String>> {
        let Some(tip) = self.tip else {
            return Ok(Vec::new());
        };
        let files = self.repo.records(tip, system, digest)?;
        let mut ids: Vec<String> = files.iter().map(|(_, raw)| raw.id.to_string()).collect();
        ids.sort();
        Ok(ids)
    }

    /// The record of a system that came last, whatever its state.
    pub fn last(&self, system: &str) -> Result<Option<Kept>> {
        let kept = |(by, path, raw): (Oid, TreePath, Raw)| -> Result<Kept> {
            Ok(Kept {
                record: self.read(&path, raw)?,
                blob: raw.id,
                by,
            })
        };
        self.newest(system)?.map(kept).transpose()
    }

    /// The file of that record, and the commit that brought it in.
    pub(super) fn newest(&self, system: &str) -> Result<Option<(Oid, TreePath, Raw)>> {
        let mut found = None;
        self.newest_first(|by, path, raw| {
            if path.as_bytes().starts_with(format!("{system}/").as_bytes()) {
                found = Some((by, path.clone(), raw));
            }
            Ok(found.is_some())
        })?;
        Ok(found)
    }

    /// The record of a system that came first.
    pub fn first(&self, system: &str) -> Result<Option<Record>> {
        let Some(tip) = self.tip else { return Ok(None) };
        let folder = format!("{system}/");
        for by in self.repo.between(&[], tip)?.into_iter().rev() {
            let added = self.added(by)?.into_iter();
            let mut own = added.filter(|(path, _)| path.as_bytes().starts_with(folder.as_bytes()));
            if let Some((path, raw)) = own.next() {
                return Ok(Some(self.read(&path, raw)?));
            }
        }
        Ok(None)
    }

    /// Each file by the commit that brought it in, until it is enough.
    pub fn newest_first(
        &self,
        mut enough: impl FnMut(Oid, &TreePath, Raw) -> Result<bool>,
    ) -> Result<()> {
        let Some(tip) = self.tip else { return Ok(()) };
        self.repo.newest_first(tip, |by| {
            for (path, raw) in self.added(by)? {
                if enough(by, &path, raw)? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// What a commit added to all its parents. Refused where it took something away, or changed it.
    pub fn added(&self, by: Oid) -> Result<Vec<(TreePath, Raw)>> {
        let tree = self.repo.tree_of(by)?;
        let parents = self.repo.node(by)?.parents.clone();
        let mut sides = parents.into_iter().map(Some).collect::<Vec<_>>();
        if sides.is_empty() {
            sides.push(None);
        }
        let mut new: Option<BTreeSet<(TreePath, u32, Oid)>> = None;
        for parent in sides {
            let before = parent.map(|p| self.repo.tree_of(p)).transpose()?;
            let mut added = BTreeSet::new();
            for differs in self.repo.differences(before, Some(tree))? {
                let path = &differs.path;
                match (differs.before, differs.after) {
                    (None, Some(raw)) => added.insert((path.clone(), raw.mode, raw.id)),
                    _ => bail!(
                        "{by} takes `{path}` away or changes it, and what is evidence stays as it is"
                    ),
                };
            }
            new = Some(match new {
                None => added,
                Some(known) => known.intersection(&added).cloned().collect(),
            });
        }
        let raw = |(path, mode, id)| (path, Raw { mode, id });
        Ok(new.unwrap_or_default().into_iter().map(raw).collect())
    }

    pub fn read(&self, path: &TreePath, raw: Raw) -> Result<Record> {
        let key = || key_of("record", path, raw);
        remembered::value(self.remembered, key, || self.record(path, raw))
    }

    pub(super) fn record(&self, path: &TreePath, raw: Raw) -> Result<Record> {
        let read = self.repo.record(path, raw)?;
        read.map_err(|why| anyhow::anyhow!(why))
    }

    /// Adds records, and answers with the commit; None where all of them are there already.
    pub fn add(
        &self,
        records: &[Record],
        who: (&Ident, &Ident),
        message: &str,
        signer: Option<&Signer>,
    ) -> Result<Option<Oid>> {
        let memory = self.repo.in_memory();
        let tree = self.tip.map(|tip| self.repo.tree_of(tip)).transpose()?;
        let mut puts: Vec<Put> = Vec::new();
        for record in records {
            let bytes = record.bytes().map_err(|why| anyhow::anyhow!(why))?;
            let id = memory.write_blob(&bytes)?;
            let path = TreePath::from(record.path(&id.to_string()).as_str());
            let there = tree.map(|tree| self.repo.entry(tree, &path)).transpose()?;
            if there.flatten().is_none() {
                puts.push((path, Some(Raw { mode: REGULAR, id })));
            }
        }
        if puts.is_empty() {
            return Ok(None);
        }
        let tree = memory.write_tree(tree, &puts)?;
        let parents: Vec<Oid> = self.tip.into_iter().collect();
        let made = memory.write_commit(tree, &parents, who, message, signer)?;
        memory.land_ref(REF, self.tip, made, "qms: evidence")?;
        Ok(Some(made))
    }

    /// A commit that holds what both lines of records hold. Refused where one path is not the same in both.
    pub fn joined(
        &self,
        ours: Oid,
        theirs: Oid,
        who: (&Ident, &Ident),
        message: &str,
        signer: Option<&Signer>,
    ) -> Result<()> {
        let tree = self.repo.tree_of(ours)?;
        let mut puts: Vec<Put> = Vec::new();
        for differs in self
            .repo
            .differences(Some(tree), Some(self.repo.tree_of(theirs)?))?
        {
            match (differs.before, differs.after) {
                (None, Some(raw)) => puts.push((differs.path, Some(raw))),
                (Some(_), Some(_)) => bail!("`{}` is not the same on both sides", differs.path),
                (_, None) => {}
            }
        }
        let memory = self.repo.in_memory();
        let tree = memory.write_tree(Some(tree), &puts)?;
        let made = memory.write_commit(tree, &[ours, theirs], who, message, signer)?;
        memory.land_ref(REF, Some(ours), made, "qms: join evidence")
    }
}
