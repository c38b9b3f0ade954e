//! Locks of git's that a writer who was killed leaves behind, known as his own, so that whoever comes next takes them away.
//! All of it is done by whoever holds the note of what is under way.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::write::in_the_way;
use super::{Oid, Repo};

/// The lock of the index under a second name, by which it is known whose it is.
const OWN: &str = "qms-index";
/// How long another git is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(5);

/// The index, locked; dropped, it is as it was.
pub(super) struct IndexLock {
    file: File,
    own: PathBuf,
    lock: PathBuf,
    index: PathBuf,
}

impl IndexLock {
    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts what was written in the place of the index.
    pub(super) fn put(self) -> Result<()> {
        std::fs::rename(&self.lock, &self.index).context("cannot write the index")
    }
}

impl Drop for IndexLock {
    fn drop(&mut self) {
        let _ = take_away(&self.own, &self.lock);
    }
}

/// Takes away a lock that is known by its second name as one's own, and that name.
fn take_away(own: &Path, lock: &Path) -> std::io::Result<()> {
    let Ok(known) = own.symlink_metadata() else {
        return Ok(());
    };
    let same = |other: std::fs::Metadata| (other.dev(), other.ino()) == (known.dev(), known.ino());
    if lock.symlink_metadata().is_ok_and(same) {
        std::fs::remove_file(lock)?;
    }
    std::fs::remove_file(own)
}

impl Repo {
    fn lock_of_index(&self) -> PathBuf {
        let mut lock = self.refs.index_path().into_os_string();
        lock.push(".lock");
        lock.into()
    }

    pub(super) fn lock_index(&self) -> Result<IndexLock> {
        let (own, lock) = (self.git_dir().join(OWN), self.lock_of_index());
        let _ = std::fs::remove_file(&own);
        let mut open = OpenOptions::new();
        let file = open.write(true).create_new(true).open(&own);
        let file = file.with_context(|| format!("cannot write `{}`", own.display()))?;
        let begun = Instant::now();
        loop {
            match std::fs::hard_link(&own, &lock) {
                Ok(()) => break,
                Err(e) if e.kind() != ErrorKind::AlreadyExists => {
                    let _ = std::fs::remove_file(&own);
                    return Err(e).with_context(|| format!("cannot write `{}`", lock.display()));
                }
                Err(_) if begun.elapsed() < PATIENCE => std::thread::sleep(STEP),
                Err(_) => {
                    let _ = std::fs::remove_file(&own);
                    let why = in_the_way(lock);
                    bail!("another git process holds the index; nothing was changed: {why}");
                }
            }
        }
        Ok(IndexLock {
            file,
            own,
            lock,
            index: self.refs.index_path(),
        })
    }

    /// Where git locks `HEAD` and its branch.
    pub(super) fn ref_locks(&self) -> (PathBuf, Option<PathBuf>) {
        let branch = self.branch();
        let branch = branch.map(|b| self.common_dir().join(format!("refs/heads/{b}.lock")));
        (self.git_dir().join("HEAD.lock"), branch)
    }

    /// Takes away what a writer who was killed on the way to `new` has locked. A lock of the branch is his where it holds
    /// that commit; that of `HEAD`, which holds nothing, once no other git can still be about to do something.
    pub(super) fn drop_locks(&self, new: Option<Oid>) -> Result<()> {
        take_away(&self.git_dir().join(OWN), &self.lock_of_index())
            .context("cannot take the lock of a killed command away")?;
        let (head, branch) = self.ref_locks();
        for (lock, is_head) in [(Some(head), true), (branch, false)] {
            let Some(lock) = lock else { continue };
            let begun = Instant::now();
            while let Ok(text) = std::fs::read_to_string(&lock) {
                let own = new.is_some_and(|new| *text.trim_end() == *new.to_hex().to_string());
                let left = is_head && text.is_empty() && begun.elapsed() >= PATIENCE;
                if own || left {
                    std::fs::remove_file(&lock)
                        .context("cannot take the lock of a killed command away")?;
                    break;
                }
                if !text.is_empty() || !is_head {
                    break;
                }
                std::thread::sleep(STEP);
            }
        }
        Ok(())
    }
}
