//! What the last look at a system read, kept in the git directory: what follows from the bytes of an object, from what
//! is asked of it and from this program, and from nothing else. It saves time to whoever looks; nothing that refuses
//! or lets pass reads it. What is damaged, or of another program, is as good as none.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use anyhow::Result;

use crate::git::{Repo, write};
use crate::model::document::digest;
use crate::model::system;
use crate::model::trace::packed::Packed;

/// A value, by what it was made from.
type Key = Vec<u8>;

/// What is remembered of one system. It may be asked by several threads at once.
pub(super) struct Remembered {
    file: PathBuf,
    head: String,
    bytes: Vec<u8>,
    /// Where in the bytes each value is.
    known: HashMap<Key, Range<usize>>,
    /// What this look asked for.
    asked: Mutex<BTreeMap<Key, Value>>,
}

enum Value {
    Known(Range<usize>),
    New(Vec<u8>),
}

impl Remembered {
    /// What there is of a system: nothing where nobody has looked yet, and where it cannot be read. None where nothing
    /// can be kept, so that all has to be read.
    pub(super) fn open(repo: &Repo, name: &str) -> Option<Remembered> {
        let head = format!("{}\n", program()?);
        let file = repo.git_dir().join(format!("qms-trace-{name}"));
        let bytes = system::is_name(name).then(|| std::fs::read(&file).unwrap_or_default())?;
        let known = places(&bytes, &head);
        Some(Remembered {
            file,
            head,
            bytes: known.as_ref().map_or_else(Vec::new, |_| bytes),
            known: known.unwrap_or_default(),
            asked: Mutex::default(),
        })
    }

    /// The value of a key, made where it is not known.
    pub(super) fn value<T: Packed>(&self, key: Key, make: impl FnOnce() -> Result<T>) -> Result<T> {
        let known = self.known.get(&key).and_then(|place| {
            let mut from = &self.bytes[place.clone()];
            let value = T::unpack(&mut from).filter(|_| from.is_empty())?;
            Some((value, Value::Known(place.clone())))
        });
        let (value, kept) = match known {
            Some(known) => known,
            None => {
                let (value, mut new) = (make()?, Vec::new());
                value.pack(&mut new);
                (value, Value::New(new))
            }
        };
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(key, kept);
        Ok(value)
    }

    /// Keeps what was asked for, and no more than that. A git directory that cannot be written to costs time, not the
    /// answer.
    pub(super) fn keep(&self) {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |value: &Value| matches!(value, Value::Known(_));
        if asked.len() == self.known.len() && asked.values().all(is_known) {
            return;
        }
        let mut out = self.head.clone().into_bytes();
        for (key, value) in asked.iter() {
            let value = match value {
                Value::Known(place) => &self.bytes[place.clone()],
                Value::New(bytes) => bytes,
            };
            for part in [key, value] {
                part.len().pack(&mut out);
                out.extend_from_slice(part);
            }
        }
        let sum = digest(&out);
        out.extend(sum.into_bytes());
        let _ = write::replace(&self.file, &out);
    }
}

/// The same where it may be that nothing is remembered.
pub(super) fn value<T: Packed>(
    by: Option<&Remembered>,
    key: impl FnOnce() -> Key,
    make: impl FnOnce() -> Result<T>,
) -> Result<T> {
    match by {
        Some(by) => by.value(key(), make),
        None => make(),
    }
}

/// Which program this is, to the build: versions stay while one works on it. None where nobody can tell.
fn program() -> Option<String> {
    let file = std::env::current_exe().ok()?.metadata().ok()?;
    let made = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!(
        "qms {} {} {}",
        env!("CARGO_PKG_VERSION"),
        file.len(),
        made.as_nanos()
    ))
}

/// The length of `sha256:` and its digits.
const SUM: usize = 71;

/// Where the values are: behind the head one after another, each behind its key, and at the end the digest of it all.
fn places(bytes: &[u8], head: &str) -> Option<HashMap<Key, Range<usize>>> {
    let end = bytes.len().checked_sub(SUM)?;
    let (all, sum) = bytes.split_at(end);
    let mut rest = all.strip_prefix(head.as_bytes())?;
    if sum != digest(all).as_bytes() {
        return None;
    }
    let mut out = HashMap::new();
    let part = |rest: &mut &[u8]| {
        let length = usize::unpack(rest)?;
        let at = end - rest.len();
        let (_, behind) = rest.split_at_checked(length)?;
        *rest = behind;
        Some(at..at + length)
    };
    while !rest.is_empty() {
        let (key, value) = (part(&mut rest)?, part(&mut rest)?);
        out.insert(bytes[key].to_vec(), value);
    }
    Some(out)
}
