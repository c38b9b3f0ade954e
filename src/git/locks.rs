//! Locks of git's that are known as one's own, so that whoever comes after a kill takes them away: they are second names of
//! a file that lies beside them, complete before it is a lock, and locked by its writer as long as he lives.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Repo;
use super::write::in_the_way;

/// What such a file is called; that of a branch has its name beside, for branches that are not checked out here.
const OWN: &str = "qms-lock";
const OWN_OF_INDEX: &str = "qms-index";
/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(5);

/// A file that lies under the names of git's locks; dropped, neither it nor they are there.
pub(super) struct Own {
    file: File,
    place: PathBuf,
    locks: Vec<PathBuf>,
}

/// A lock that somebody else holds.
pub(super) struct Taken(pub(super) PathBuf);

impl Own {
    /// Takes the locks one after the other, waiting so long for each.
    pub(super) fn take(
        place: PathBuf,
        content: &[u8],
        locks: Vec<PathBuf>,
        patience: Duration,
    ) -> Result<Result<Own, Taken>> {
        let Some(mut file) = alone(&place, &locks)? else {
            return Ok(Err(Taken(place)));
        };
        let written = file.write_all(content);
        let mut own = Own {
            file,
            place,
            locks: Vec::new(),
        };
        written.with_context(|| format!("cannot write `{}`", own.place.display()))?;
        for lock in locks {
            let begun = Instant::now();
            loop {
                match std::fs::hard_link(&own.place, &lock) {
                    Ok(()) => break,
                    Err(e) if e.kind() != ErrorKind::AlreadyExists => {
                        return Err(e)
                            .with_context(|| format!("cannot write `{}`", lock.display()));
                    }
                    Err(_) if begun.elapsed() < patience => std::thread::sleep(STEP),
                    Err(_) => return Ok(Err(Taken(lock))),
                }
            }
            own.locks.push(lock);
        }
        Ok(Ok(own))
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts what it holds in the place that the last lock is for. The others go.
    pub(super) fn put(self, there: &Path) -> std::io::Result<()> {
        let lock = self.locks.last().expect("it was taken for locks");
        std::fs::rename(lock, there)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = take_away(&self.place, &self.locks);
    }
}

/// The file at a place, new, and locked as nobody else's; None where somebody who lives has it. What one who was killed left
/// there goes, and his locks with it.
fn alone(place: &Path, locks: &[PathBuf]) -> Result<Option<File>> {
    loop {
        let Some(file) = locked(place)? else {
            return Ok(None);
        };
        let own = file.metadata()?;
        if (own.len(), own.nlink()) == (0, 1) {
            return Ok(Some(file));
        }
        take_away(place, locks)?;
    }
}

/// The file at a place, made where there is none, and locked as nobody else's; None where somebody who lives has it. Whoever
/// waited for one that is gone by then locks the next one.
pub(super) fn locked(place: &Path) -> Result<Option<File>> {
    let begun = Instant::now();
    loop {
        let mut open = OpenOptions::new();
        open.read(true).write(true).create(true).truncate(false);
        let file = open.open(place);
        let file = file.with_context(|| format!("cannot write `{}`", place.display()))?;
        match file.try_lock() {
            Ok(()) => {
                let (own, there) = (file.metadata()?, place.symlink_metadata());
                if there.is_ok_and(|there| there.ino() == own.ino()) {
                    return Ok(Some(file));
                }
            }
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => std::thread::sleep(STEP),
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock `{}`", place.display()));
            }
        }
    }
}

/// Takes away the locks that are second names of a file, and then the file.
fn take_away(own: &Path, locks: &[PathBuf]) -> Result<()> {
    let known = own.symlink_metadata()?;
    let same = |other: std::fs::Metadata| (other.dev(), other.ino()) == (known.dev(), known.ino());
    let theirs = locks
        .iter()
        .filter(|lock| lock.symlink_metadata().is_ok_and(same));
    theirs
        .map(PathBuf::as_path)
        .chain([own])
        .try_for_each(std::fs::remove_file)
        .context("cannot take the lock of a killed command away")
}

/// The index, locked.
pub(super) struct IndexLock {
    own: Own,
    index: PathBuf,
}

impl IndexLock {
    pub(super) fn file(&mut self) -> &mut File {
        self.own.file()
    }

    /// Puts what was written in the place of the index.
    pub(super) fn put(self) -> Result<()> {
        self.own.put(&self.index).context("cannot write the index")
    }
}

impl Repo {
    fn own_of_index(&self) -> (PathBuf, PathBuf) {
        let mut lock = self.refs.index_path().into_os_string();
        lock.push(".lock");
        (self.git_dir().join(OWN_OF_INDEX), lock.into())
    }

    pub(super) fn lock_index(&self) -> Result<IndexLock> {
        let (place, lock) = self.own_of_index();
        match Own::take(place, b"", vec![lock], PATIENCE)? {
            Ok(own) => Ok(IndexLock {
                own,
                index: self.refs.index_path(),
            }),
            Err(Taken(lock)) => {
                let why = in_the_way(lock);
                bail!("another git process holds the index; nothing was changed: {why}")
            }
        }
    }

    /// The file under whose name a ref is locked, and git's locks of it; the last is of what moves. With the branch that
    /// is checked out `HEAD` is locked.
    pub(super) fn own_of_ref(&self, name: &str) -> (PathBuf, Vec<PathBuf>) {
        let head = self.git_dir().join("HEAD.lock");
        if name == "HEAD" {
            return (self.git_dir().join(OWN), vec![head]);
        }
        let branch = name.strip_prefix("refs/heads/");
        let is_head = self.on.is_none() && branch.is_some() && branch == self.branch().as_deref();
        let place = format!("{OWN}~{}", branch.unwrap_or(name).replace('/', "~"));
        let lock = self.common_dir().join(format!("{name}.lock"));
        let head = Some(head).filter(|_| is_head);
        let locks = head.into_iter().chain([lock]).collect();
        (self.common_dir().join(place), locks)
    }

    /// Takes away what a writer who was killed has locked.
    pub(super) fn drop_locks(&self) -> Result<()> {
        let (index, lock) = self.own_of_index();
        let branch = self.branch();
        let name = branch.map_or("HEAD".to_owned(), |branch| format!("refs/heads/{branch}"));
        for (place, locks) in [(index, vec![lock]), self.own_of_ref(&name)] {
            if place.exists() && alone(&place, &locks)?.is_some() {
                std::fs::remove_file(&place)?;
            }
        }
        Ok(())
    }
}
