//! Evidence that is kept: its files, and what they show of a state of a system. Source: lifecycle.md "Gates".

use anyhow::Result;

use super::read::Reader;
use super::systems::digest_of;
use super::trees::Raw;
use super::{Oid, Repo};
use crate::model::change::REGULAR;
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::qualified::Shown;
use crate::model::trace::gathered::Gathered;
use crate::model::trace::record::{self, Load, Record, folder};
use crate::model::trace::verdict::Binding;

impl Repo {
    /// The commit of evidence of this id, where it is here and among what is kept.
    pub fn kept_evidence(&self, id: &str) -> Result<Option<Oid>> {
        let (Some(at), Some(tip)) = (self.oid(id), self.resolve(record::REF)) else {
            return Ok(None);
        };
        let is_kept = self.node(at).is_ok() && self.between(&[tip], at)?.is_empty();
        Ok(is_kept.then_some(at))
    }

    /// The files of the records of one state of a system, in a commit of evidence.
    pub fn records(&self, at: Oid, system: &str, digest: &str) -> Result<Vec<(TreePath, Raw)>> {
        self.files_below(self.tree_of(at)?, &folder(system, digest))
    }

    /// The record of such a file, or why it is none.
    pub fn record(&self, path: &TreePath, raw: Raw) -> Result<Result<Record, String>> {
        if raw.mode != REGULAR {
            return Ok(Err(format!("`{path}` is no record: it is no plain file")));
        }
        let bytes = self.blob(raw.id)?;
        Ok(Record::read(&path.to_string(), &raw.id.to_string(), &bytes))
    }
}

/// A state of a system: its name, and its digest.
pub(super) type State<'s> = (&'s str, &'s str);

impl Reader<'_> {
    /// The systems that a mainline step changes and that ask for evidence, with what is kept of the state that it makes.
    /// `current`: whether the step is still to enter; of one that is in, it is enough that it was shown once.
    pub(super) fn shown_by(
        &self,
        step: Oid,
        policy: &Policy,
        current: bool,
    ) -> Result<Vec<(String, Shown)>> {
        let asks = policy.systems.iter().filter(|(_, s)| s.merges_verified);
        let asks: Vec<_> = asks.collect();
        if asks.is_empty() {
            return Ok(Vec::new());
        }
        let node = self.repo.node(step)?;
        let parent = node.parents.first();
        let parent = parent.map(|p| self.repo.tree_of(*p)).transpose()?;
        let mut out = Vec::new();
        for (name, system) in asks {
            let at = |tree: Oid| Ok::<_, anyhow::Error>(digest_of(&self.repo.parts(tree, system)?));
            let (before, after) = (parent.map(at).transpose()?, at(node.tree)?);
            if before.as_ref() == Some(&after) {
                continue;
            }
            let shown = match self.repo.resolve(record::REF) {
                None => Shown::NotNamed,
                Some(tip) => self.shown_until((name, &after), tip, current)?,
            };
            out.push((name.clone(), shown));
        }
        Ok(out)
    }

    /// What is kept of a state at the tip. Where it was shown before and a later run says otherwise, that run takes nothing
    /// back of what is in already.
    fn shown_until(&self, state: State<'_>, tip: Oid, current: bool) -> Result<Shown> {
        let shown = self.shown_at(state, tip)?.0;
        if shown == Shown::Good || current {
            return Ok(shown);
        }
        let mut known = Vec::new();
        for at in self.repo.between(&[], tip)?.into_iter().rev() {
            let files = self.repo.records(at, state.0, state.1)?;
            if files != known && self.shown_at(state, at)?.0 == Shown::Good {
                return Ok(Shown::Good);
            }
            known = files;
        }
        Ok(shown)
    }

    /// What the commit of evidence that a move names holds of a state; nothing where it is not good. What the move could have
    /// known besides counts too while it is still to enter.
    pub(super) fn shown_named(
        &self,
        state: State<'_>,
        named: Option<&str>,
        current: bool,
    ) -> Result<(Shown, Option<Gathered>)> {
        let Some(named) = named else {
            return Ok((Shown::NotNamed, None));
        };
        let Some(at) = self.repo.kept_evidence(named)? else {
            return Ok((Shown::Missing(named.to_owned()), None));
        };
        let found = self.shown_at(state, at)?;
        let tip = self.repo.resolve(record::REF);
        let Some(tip) = tip.filter(|tip| current && *tip != at && found.0 == Shown::Good) else {
            return Ok(found);
        };
        match self.shown_at(state, tip)? {
            (Shown::Good, _) => Ok(found),
            (Shown::Failed(what), _) => Ok((Shown::FailedSince(what), None)),
            other => Ok(other),
        }
    }

    /// What a commit of evidence holds of a state, and all of it where that is good.
    fn shown_at(&self, (name, digest): State<'_>, at: Oid) -> Result<(Shown, Option<Gathered>)> {
        let (mut records, mut load) = (Vec::new(), Load::default());
        for (path, raw) in self.repo.records(at, name, digest)? {
            let Ok(record) = self.repo.record(&path, raw)? else {
                return Ok((Shown::Missing(at.to_string()), None));
            };
            if let Err(why) = load.add(&path.to_string(), record.size()) {
                return Ok((Shown::TooMuch(why), None));
            }
            records.push(record);
        }
        let all = Gathered::of(records, Binding::Same).filter(Gathered::ran);
        let Some(all) = all else {
            return Ok((Shown::OfAnother, None));
        };
        match all.failed() {
            Some(what) => Ok((Shown::Failed(what), None)),
            None => Ok((Shown::Good, Some(all))),
        }
    }
}
