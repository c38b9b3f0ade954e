//! Index and work tree after a sync that was interrupted: path by path they go to where the branch is. Whatever holds
//! neither of the two versions is somebody's own and stays.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;

use anyhow::{Context, Result, bail};

use super::program::said;
use super::trees::{Differs, Raw};
use super::{Oid, Repo};

/// The note of a sync that is under way: the commits that it goes from and to. Locked while its writer lives.
const NOTE: &str = "qms-sync";

impl Repo {
    /// Notes that index and work tree are on their way; the file is to be kept until they have arrived.
    pub(super) fn note_way(&self, old: Oid, new: Oid) -> Result<File> {
        let mut file = self.open_note()?;
        file.set_len(0)?;
        file.write_all(format!("{old} {new}\n").as_bytes())?;
        file.sync_all()?;
        Ok(file)
    }

    fn open_note(&self) -> Result<File> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.git_dir().join(NOTE))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => bail!("a sync is under way here; wait for it to end"),
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock the note of a sync"),
        }
    }

    pub(super) fn forget_way(&self) -> Result<()> {
        std::fs::remove_file(self.git_dir().join(NOTE)).context("cannot remove the note of a sync")
    }

    /// Whether a sync was killed here, or is under way.
    pub fn is_on_the_way(&self) -> bool {
        self.git_dir().join(NOTE).exists()
    }

    /// Ends what was killed half way.
    pub fn recover(&self) -> Result<()> {
        if !self.is_on_the_way() {
            return Ok(());
        }
        let _held = self.open_note()?;
        let text = std::fs::read_to_string(self.git_dir().join(NOTE))?;
        let ids: Vec<Oid> = text
            .split_whitespace()
            .filter_map(|id| self.oid(id))
            .collect();
        if let ([old, new], Some(head)) = (&ids[..], self.head()) {
            let left = if head == *new { old } else { new };
            if head == *old || head == *new {
                self.settle(*left, head).context("a sync was killed here; if no other git is at work: rm -f .git/index.lock, then qms sync again")?;
            }
        }
        self.forget_way()
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
