//! Index and work tree after a command that was killed. After a move they follow the branch as they would have; after a
//! sync they go path by path to where the branch is. Whatever holds neither of the two versions is somebody's own and stays.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;

use anyhow::{Context, Result, bail};

use super::checkout::Going;
use super::locks::locked;
use super::place::Moved;
use super::program::said;
use super::trees::{Differs, Raw};
use super::{Oid, Repo};

/// The note of what is under way: what it is, and the commits that it goes from and to. Locked while its writer lives.
const NOTE: &str = "qms-way";

/// What brings index and work tree along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// After the branch, and only the files that moved.
    Move,
    /// Before the branch, all of them.
    Whole,
}

impl Way {
    fn as_str(self) -> &'static str {
        match self {
            Way::Move => "move",
            Way::Whole => "whole",
        }
    }
}

impl Repo {
    /// Notes that index and work tree are on their way; the file is to be kept until they have arrived.
    pub(super) fn note_way(&self, way: Way, old: Option<Oid>, new: Oid) -> Result<File> {
        let mut file = self.open_note()?;
        // Of somebody who was killed since this command began.
        self.mend()?;
        file.set_len(0)?;
        let old = old.map_or("-".to_owned(), |id| id.to_string());
        file.write_all(format!("{} {old} {new}\n", way.as_str()).as_bytes())?;
        if way == Way::Whole {
            file.sync_all()?;
        }
        Ok(file)
    }

    /// The note, locked.
    fn open_note(&self) -> Result<File> {
        let note = locked(&self.git_dir().join(NOTE))?;
        note.context("another qms command is under way here; wait for it to end")
    }

    pub(super) fn forget_way(&self) -> Result<()> {
        std::fs::remove_file(self.git_dir().join(NOTE))
            .context("cannot remove the note of what was under way")
    }

    /// Whether a command was killed here, or is under way.
    pub fn is_on_the_way(&self) -> bool {
        self.on.is_none() && self.git_dir().join(NOTE).exists()
    }

    /// Ends what was killed half way. Says whether there was something.
    pub fn recover(&self) -> Result<bool> {
        if !self.is_on_the_way() {
            return Ok(false);
        }
        let _held = self.open_note()?;
        self.mend()?;
        self.forget_way()?;
        Ok(true)
    }

    /// Does what the note says is left to do.
    fn mend(&self) -> Result<()> {
        let text = std::fs::read_to_string(self.git_dir().join(NOTE))?;
        let words: Vec<&str> = text.split_whitespace().collect();
        if !words.is_empty() {
            self.drop_locks()?;
        }
        let ([way, old, new], head) = (&words[..], self.head()) else {
            return Ok(());
        };
        let (old, new) = (self.oid(old), self.oid(new));
        let Some(new) = new else { return Ok(()) };
        let mended = match (*way == Way::Whole.as_str(), old) {
            (true, Some(old)) if head == Some(new) => self.settle(old, new),
            (true, Some(old)) if head == Some(old) => self.settle(new, old),
            (false, old) if head == Some(new) => {
                let moved = self.moved(old, Some(new));
                moved.and_then(|moved| self.catch_up(&moved, Going::After))
            }
            (false, old) if head == old => match self.moved(Some(new), old) {
                Ok(moved) => self.catch_up(&moved, Going::Back),
                // Nothing moves before all of it is written.
                Err(_) => Ok(()),
            },
            _ => Ok(()),
        };
        mended.context("a command was killed here, and index and work tree are half way")
    }

    /// Brings index and work tree along as far as they go: what cannot follow is left, and git shows it as changed.
    pub(super) fn catch_up(&self, moved: &[Moved], going: Going) -> Result<()> {
        let lock = self.lock_index()?;
        let ready = self.prepare(moved, going)?;
        self.follow(lock, moved, ready, going)
    }

    /// Brings every path on which two commits differ to what `target` has, where index and work tree have one of the
    /// two, or nothing.
    pub(super) fn settle(&self, left: Oid, target: Oid) -> Result<()> {
        let differs = self.differences(Some(self.tree_of(left)?), Some(self.tree_of(target)?))?;
        let disk = self.on_disk_as_blobs(&differs)?;
        let index: HashMap<Vec<u8>, Oid> = self
            .index()?
            .map(|index| {
                let path = |e: &gix::index::Entry| e.path(&index).to_vec();
                index.entries().iter().map(|e| (path(e), e.id)).collect()
            })
            .unwrap_or_default();
        let (mut whole, mut staged) = (Vec::new(), Vec::new());
        for d in &differs {
            let of = |raw: Option<Raw>| raw.map(|r| r.id);
            let known = |id: Option<Oid>| id == of(d.before) || id == of(d.after) || id.is_none();
            let here = disk.get(d.path.as_bytes()).copied();
            let noted = index.get(d.path.as_bytes()).copied();
            match (known(here), known(noted)) {
                (true, true) if here != of(d.after) && of(d.after).is_none() => {
                    if let Some(place) = self.on_disk(&d.path) {
                        std::fs::remove_file(&place)
                            .with_context(|| format!("cannot remove `{}`", place.display()))?;
                    }
                    staged.extend(noted.map(|_| d));
                }
                (true, true) if here != of(d.after) => whole.push(d),
                // git takes a path that neither it nor the commit has for a mistake.
                (_, true) => staged.extend(noted.or(of(d.after)).map(|_| d)),
                _ => {}
            }
        }
        self.restore(target, &["--staged", "--worktree"], &whole)?;
        self.restore(target, &["--staged"], &staged)
    }

    fn restore(&self, target: Oid, what: &[&str], paths: &[&Differs]) -> Result<()> {
        let list: Vec<u8> = paths
            .iter()
            .flat_map(|d| [d.path.as_bytes(), b"\0"].concat())
            .collect();
        if list.is_empty() {
            return Ok(());
        }
        let source = format!("--source={target}");
        let mut args = vec!["--literal-pathspecs", "restore", &source];
        args.extend(what);
        args.extend(["--pathspec-from-file=-", "--pathspec-file-nul"]);
        let ran = self.git_with(&args, &list)?;
        if !ran.status.success() {
            bail!("{}", said(&ran));
        }
        Ok(())
    }

    /// The blobs that git would make of the files that lie at these paths.
    fn on_disk_as_blobs(&self, differs: &[Differs]) -> Result<HashMap<Vec<u8>, Oid>> {
        let there: Vec<&Differs> = differs
            .iter()
            .filter(|d| {
                self.on_disk(&d.path)
                    .is_some_and(|p| p.symlink_metadata().is_ok_and(|m| m.is_file()))
            })
            .filter(|d| !d.path.as_bytes().contains(&b'\n'))
            .collect();
        let list: Vec<u8> = there
            .iter()
            .flat_map(|d| [d.path.as_bytes(), b"\n"].concat())
            .collect();
        let ran = self.git_with(&["hash-object", "--stdin-paths"], &list)?;
        let ids = String::from_utf8_lossy(&ran.stdout)
            .lines()
            .map(|l| self.oid(l))
            .collect::<Vec<_>>();
        Ok(there
            .iter()
            .zip(ids)
            .filter_map(|(d, id)| Some((d.path.as_bytes().to_vec(), id?)))
            .collect())
    }
}
