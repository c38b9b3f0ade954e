//! Files with tags, as they are known or as they are read now.

use std::borrow::Cow;

use anyhow::Result;

use super::super::remembered::Remembered;
use crate::git::tagged::{Found, Part};
use crate::model::trace::beside;
use crate::model::trace::links::File;
use crate::model::trace::memory::heads::{self, Heads};
use crate::model::trace::memory::{Key, key};

/// A file with tags.
pub(super) struct Seen {
    pub(super) key: Key,
    held: Held,
}

enum Held {
    New(File),
    /// Packed, with its heads.
    Known(&'static [u8], Heads<'static>),
}

impl Seen {
    pub(super) fn heads(&self) -> Cow<'_, Heads<'_>> {
        match &self.held {
            Held::New(file) => Cow::Owned(Heads::of(file)),
            Held::Known(_, heads) => Cow::Borrowed(heads),
        }
    }
}

/// What is tagged in a file; None where nothing is.
pub(super) fn seen(
    by: &Remembered,
    ids: &str,
    (path, raw): &Part,
    read: &dyn Fn() -> Found,
) -> Result<Option<Seen>> {
    let (mode, blob) = (raw.mode.to_le_bytes(), raw.id.as_bytes());
    let key = key(&[b"file", &mode, blob, ids.as_bytes(), path.as_bytes()]);
    let packed = by.bytes(&key);
    if let Some((bytes, heads)) = packed.and_then(|bytes| Some((bytes, Heads::peek(bytes)?))) {
        return Ok(heads.map(|heads| Seen {
            key,
            held: Held::Known(bytes, heads),
        }));
    }
    let file = read()?;
    by.put(key, heads::pack(file.as_ref()));
    Ok(file.map(|file| Seen {
        key,
        held: Held::New(file),
    }))
}

/// Those that matter. None where one cannot be unpacked.
pub(super) fn files(seen: Vec<Seen>, matter: &[bool]) -> Option<Vec<File>> {
    let seen = seen.into_iter().zip(matter);
    let seen: Vec<Seen> = seen
        .filter_map(|(s, matters)| matters.then_some(s))
        .collect();
    let unpacked = beside::each(&seen, |seen| match seen.held {
        Held::New(_) => None,
        Held::Known(bytes, _) => heads::unpack(bytes),
    });
    let each = seen.into_iter().zip(unpacked);
    each.map(|(seen, unpacked)| match seen.held {
        Held::New(file) => Some(file),
        Held::Known(..) => unpacked,
    })
    .collect()
}
