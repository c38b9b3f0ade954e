//! What the last looks at a system found, kept in the git directory: what follows from the bytes of objects, from what
//! is asked of them and from this program, and from nothing else. It saves time to whoever looks; nothing that refuses
//! or lets pass reads it. What is damaged, or of another program, is as good as none.
//!
//! There are two files: most of it, and what came since, so that a small change writes little.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use anyhow::Result;

use crate::git::write;
use crate::model::system;
use crate::model::trace::memory::packed::Packed;
use crate::model::trace::memory::{Key, opened, sealed};

/// What came since is put to the rest once it is so much of it.
const SHARE: usize = 4;

/// What is remembered of one system. It may be asked by several threads at once.
pub(super) struct Remembered {
    files: [PathBuf; 2],
    head: String,
    /// Of both files. They are not given back, since texts lie in them: a process looks once.
    bytes: &'static [u8],
    /// How many of the bytes are of the first one.
    most: usize,
    known: HashMap<Key, Known>,
    new: Mutex<Vec<(Key, Vec<u8>)>>,
}

/// Where a value is, and whether this look asked for it.
struct Known {
    place: Range<usize>,
    asked: AtomicBool,
}

impl Remembered {
    /// What there is of a system in the git directory: nothing where nobody has looked yet, and where it cannot be read. None where nothing
    /// can be kept, so that all has to be read.
    pub(super) fn open(folder: &Path, name: &str) -> Option<Remembered> {
        let head = format!("{}\n", program()?);
        let at = |ending: &str| folder.join(format!("qms-trace-{name}{ending}"));
        let files = system::is_name(name).then(|| [at(""), at(".since")])?;
        let (mut bytes, mut known, mut most) = (Vec::new(), HashMap::new(), 0);
        for (number, file) in files.iter().enumerate() {
            let read = std::fs::read(file).unwrap_or_default();
            let Some(values) = opened(&read, &head) else {
                continue;
            };
            let before = bytes.len();
            known.extend(values.into_iter().map(|(key, place)| {
                let known = Known {
                    place: before + place.start..before + place.end,
                    asked: AtomicBool::new(false),
                };
                (key, known)
            }));
            match before {
                0 => bytes = read,
                _ => bytes.extend(read),
            }
            if number == 0 {
                most = bytes.len();
            }
        }
        Some(Remembered {
            files,
            head,
            bytes: bytes.leak(),
            most,
            known,
            new: Mutex::default(),
        })
    }

    /// Whether there is nothing in it yet.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The value of a key, packed.
    pub(super) fn bytes(&self, key: &Key) -> Option<&'static [u8]> {
        let known = self.known.get(key)?;
        known.asked.store(true, Ordering::Relaxed);
        Some(&self.bytes[known.place.clone()])
    }

    pub(super) fn put(&self, key: Key, value: Vec<u8>) {
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        new.push((key, value));
    }

    /// The value of a key, made where it is not known.
    fn value<T: Packed>(&self, key: Key, make: impl FnOnce() -> Result<T>) -> Result<T> {
        let known = self.bytes(&key).and_then(|mut from| {
            let value = T::unpack(&mut from)?;
            from.is_empty().then_some(value)
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let value = make()?;
        let mut bytes = Vec::new();
        value.pack(&mut bytes);
        self.put(key, bytes);
        Ok(value)
    }

    /// Keeps what was asked for, and no more than that where all is written anew. A git directory that cannot be written
    /// to costs time, not the answer.
    pub(super) fn keep(&self) {
        let new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        if new.is_empty() {
            return;
        }
        let asked = |from: usize| {
            let all = self.known.iter();
            let asked = all.filter(move |(_, known)| {
                known.place.start >= from && known.asked.load(Ordering::Relaxed)
            });
            asked.map(|(key, known)| (key, &self.bytes[known.place.clone()]))
        };
        let made = || new.iter().map(|(key, value)| (key, value.as_slice()));
        let since = sealed(&self.head, asked(self.most).chain(made()));
        let [most, last] = &self.files;
        if since.len() * SHARE <= self.most {
            let _ = write::replace(last, &since);
            return;
        }
        let all = sealed(&self.head, asked(0).chain(made()));
        if write::replace(most, &all).is_ok() {
            let _ = std::fs::remove_file(last);
        }
    }
}

/// The value of a key, where it may be that nothing is remembered.
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
