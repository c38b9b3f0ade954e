//! What records tell of a state of a system: its own, or where there are none, the last of another one.

use anyhow::{Context, Result};

use super::store::Store;
use crate::git::trees::Raw;
use crate::model::path::TreePath;
use crate::model::trace::gathered::Gathered;
use crate::model::trace::memory::marks::{self, Marks};
use crate::model::trace::memory::packed::Packed;
use crate::model::trace::memory::{Key, key};
use crate::model::trace::record::Record;
use crate::model::trace::verdict::Binding;

/// What there is to judge a state of a system by.
pub(in crate::ops) struct Told {
    /// The records of the state.
    bound: Vec<(TreePath, Raw)>,
    /// The record that came last, of whichever state.
    newest: Option<(TreePath, Raw)>,
}

impl Told {
    /// Whether there are results of the state itself.
    pub(in crate::ops) fn is_bound(&self) -> bool {
        !self.bound.is_empty()
    }
}

/// What the last results of another state say of this one, which is not how its tests ended.
pub(in crate::ops) fn elsewhere(last: Record) -> Option<Gathered> {
    let commit = last.commit.get(..10).unwrap_or_default().to_owned();
    Gathered::of(vec![last], Binding::Other(format!("that of {commit}")))
}

/// Marks that are wanted or not.
pub(in crate::ops) enum Held {
    Read(Marks),
    Packed(&'static [u8]),
}

impl Held {
    /// Those of these requirements; of others there may be some too.
    pub(in crate::ops) fn of(self, wanted: impl Fn(&str) -> bool) -> Result<Marks> {
        match self {
            Held::Read(marks) => Ok(marks),
            Held::Packed(bytes) => {
                marks::unpack(bytes, wanted).context("what is remembered is not what it says")
            }
        }
    }
}

pub(super) fn key_of(what: &str, path: &TreePath, raw: Raw) -> Key {
    let mode = raw.mode.to_le_bytes();
    key(&[what.as_bytes(), &mode, raw.id.as_bytes(), path.as_bytes()])
}

impl Store<'_> {
    pub(in crate::ops) fn told(&self, system: &str, digest: &str) -> Result<Told> {
        let bound = match self.tip {
            Some(tip) => self.repo.records(tip, system, digest)?,
            None => Vec::new(),
        };
        let newest = self.newest(system)?.map(|(_, path, raw)| (path, raw));
        Ok(Told { bound, newest })
    }

    /// What they say together, and as what requirements were verified last. Each record is read once; refused
    /// where those of the state are too much.
    pub(in crate::ops) fn gathered(&self, told: &Told) -> Result<(Option<Gathered>, Marks)> {
        let mut bound = self.bound_of(&told.bound)?.records;
        let Some(newest) = &told.newest else {
            return Ok((None, Marks::new()));
        };
        let own = told.bound.iter().position(|file| file == newest);
        if let Some(own) = own {
            let marks = std::mem::take(&mut bound[own].marks);
            return Ok((Gathered::of(bound, Binding::Same), marks));
        }
        let (last, marks) = self.last_of(newest)?;
        let marks = marks.of(|_| true)?;
        Ok((
            Gathered::of(bound, Binding::Same).or_else(|| elsewhere(last)),
            marks,
        ))
    }

    /// The record that came last, where none is of this state.
    pub(in crate::ops) fn other(&self, told: &Told) -> Result<Option<(Record, Held)>> {
        let newest = told.newest.as_ref().filter(|_| !told.is_bound());
        newest.map(|newest| self.last_of(newest)).transpose()
    }

    /// A record without how its tests ended, and its marks apart from it.
    fn last_of(&self, (path, raw): &(TreePath, Raw)) -> Result<(Record, Held)> {
        let keys = ["last record", "last marks"].map(|what| key_of(what, path, *raw));
        let known = self.remembered.and_then(|by| {
            let mut from = by.bytes(&keys[0])?;
            let record = Record::unpack(&mut from).filter(|_| from.is_empty())?;
            Some((record, Held::Packed(by.bytes(&keys[1])?)))
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let mut record = self.record(path, *raw)?;
        let held = std::mem::take(&mut record.marks);
        record.cases.clear();
        record.exit = None;
        if let Some(by) = self.remembered {
            let mut bytes = Vec::new();
            record.pack(&mut bytes);
            by.put(keys[0], bytes);
            by.put(keys[1], marks::pack(&held));
        }
        Ok((record, Held::Read(held)))
    }
}
