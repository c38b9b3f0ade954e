//! A whole new history of a branch: index and work tree follow it as git's own two-way merge takes them, and what is
//! not committed is never written over.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Output;

use anyhow::{Context, Result, bail};

use super::program::said;
use super::settle::Way;
use super::write::Busy;
use super::{Oid, Repo};
use crate::model::path::TreePath;

impl Repo {
    /// Puts a whole new history of the branch in place: objects, then index and work tree, then the branch from `old` to
    /// `new`. Refused before anything moves where a change that is not committed would be lost. A note of what is under
    /// way lies in the git directory, so that whoever comes after a kill can end it.
    pub fn land_whole(mut self, old: Oid, new: Oid, reflog: &str) -> Result<()> {
        self.flush()?;
        if self.work_dir().is_none() {
            return self.hold(Some(old), new, reflog)?.put();
        }
        if let Some(why) = self.would_lose(old, new)? {
            if why.contains("index.lock") {
                bail!(Busy);
            }
            bail!(
                "the work tree has changes that would be lost; commit or stash them first: {why}"
            );
        }
        let _held = self.note_way(Way::Whole, Some(old), new)?;
        let landed = self
            .follow_whole(old, new)
            .and_then(|()| self.hold(Some(old), new, reflog)?.put());
        if landed.is_err() {
            self.settle(new, old)
                .context("the branch is where it was; to mend index and work tree: qms sync")?;
        }
        self.forget_way()?;
        landed
    }

    /// Why index and work tree could not be brought from one commit to another, if so: what is not committed there
    /// would be lost.
    pub(super) fn would_lose(&self, old: Oid, new: Oid) -> Result<Option<String>> {
        // A file that was only touched is no change; git compares what it has noted until it is told to look.
        self.git(&["update-index", "-q", "--refresh"])?;
        let ran = self.read_tree(old, new, true)?;
        if !ran.status.success() {
            return Ok(Some(said(&ran)));
        }
        let (from, to) = (self.tree_of(old)?, self.tree_of(new)?);
        let comes = self.differences(Some(from), Some(to))?;
        for differs in comes.iter().filter(|d| d.after.is_some()) {
            if let Some(place) = self.own_file_at(from, &differs.path)? {
                return Ok(Some(format!(
                    "`{}` is there and not committed",
                    place.display()
                )));
            }
        }
        Ok(None)
    }

    /// A file of the user's own where one comes, or where a folder for it does: git writes over what it was told to
    /// ignore.
    fn own_file_at(&self, from: Oid, path: &TreePath) -> Result<Option<PathBuf>> {
        for above in path.folders() {
            // A committed file there goes by this very change.
            if self.files_at(from, &above)? == [above.clone()] {
                return Ok(None);
            }
            let place = self
                .on_disk(&above)
                .filter(|p| p.symlink_metadata().is_ok_and(|m| !m.is_dir()));
            if place.is_some() {
                return Ok(place);
            }
        }
        let known: HashSet<TreePath> = self.files_at(from, path)?.into_iter().collect();
        let mut open: Vec<TreePath> = vec![path.clone()];
        while let Some(next) = open.pop() {
            let Some(place) = self.on_disk(&next) else {
                continue;
            };
            match place.symlink_metadata() {
                Ok(data) if data.is_dir() => {
                    for entry in std::fs::read_dir(&place)? {
                        let name = entry?.file_name();
                        open.push(TreePath::new(
                            [next.as_bytes(), b"/", name.as_encoded_bytes()].concat(),
                        ));
                    }
                }
                Ok(_) if !known.contains(&next) => return Ok(Some(place)),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Brings index and work tree from one commit to another.
    pub(super) fn follow_whole(&self, old: Oid, new: Oid) -> Result<()> {
        let ran = self.read_tree(old, new, false)?;
        if !ran.status.success() {
            bail!("index and work tree could not follow: {}", said(&ran));
        }
        Ok(())
    }

    fn read_tree(&self, old: Oid, new: Oid, only_try: bool) -> Result<Output> {
        let (old, new) = (old.to_string(), new.to_string());
        let mut args = vec!["read-tree", "-m", "-u"];
        args.extend(only_try.then_some("-n"));
        args.extend([old.as_str(), new.as_str()]);
        self.git(&args)
    }
}
