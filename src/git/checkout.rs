//! Index and work tree after a commit: the moved paths follow it, and nothing of the user's is lost.

use std::time::Duration;

use anyhow::{Context, Result};
use gix::bstr::BStr;
use gix::index::entry::{Flags, Mode, Stat};

use super::write::{File, beside, in_the_way, replace};
use super::{Oid, Repo};
use crate::model::carry;
use crate::model::document::Document;
use crate::model::path::TreePath;

impl Repo {
    pub(super) fn lock_index(&self) -> Result<gix::lock::File> {
        let wait = gix::lock::acquire::Fail::AfterDurationWithBackoff(Duration::from_secs(2));
        gix::lock::File::acquire_to_update_resource(self.refs.index_path(), wait, None, 0).map_err(
            |_| {
                let mut lock = self.refs.index_path().into_os_string();
                lock.push(".lock");
                let why = in_the_way(lock.into());
                anyhow::anyhow!("another git process holds the index; nothing was changed: {why}")
            },
        )
    }

    /// Why index and work tree could not follow a move, if so: asked before anything is made.
    pub fn cannot_follow(&self) -> Result<Option<&'static str>> {
        let Some(index) = self.index()? else {
            return Ok(None);
        };
        if index.entries().iter().any(|e| e.stage_raw() != 0) {
            return Ok(Some(
                "the index has conflicts; resolve them first: git status",
            ));
        }
        let sparse = index.is_sparse();
        Ok(sparse.then_some("the index is sparse; write it in full first: git config index.sparse false; git sparse-checkout reapply"))
    }

    /// Writes what the work tree is to hold, before the ref moves: in the git directory, where nobody takes what a kill
    /// leaves for a file of the user's.
    pub(super) fn prepare(&self, files: &[File]) -> Result<Vec<Prepared>> {
        let mut out = Vec::new();
        for file in files {
            let Some(place) = self.on_disk(&file.path) else {
                continue;
            };
            let content = match std::fs::read(&place) {
                Ok(found) if Some(&found) != file.before.as_ref() => follow_text(&found, file),
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(e).with_context(|| format!("cannot read `{}`", place.display()));
                }
                _ => file.after.clone(),
            };
            let as_committed = content == file.after;
            let folder = place.parent().context("a file without a folder")?;
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make `{}`", folder.display()))?;
            out.push(Prepared {
                temporary: beside(&self.git_dir().join("work"), &content)?,
                place,
                as_committed,
            });
        }
        Ok(out)
    }

    pub(super) fn follow(
        &self,
        mut lock: gix::lock::File,
        files: &[File],
        prepared: Vec<Prepared>,
    ) -> Result<()> {
        let path = self.refs.index_path();
        let hash = self.refs.object_hash();
        let empty = || gix::index::File::from_state(gix::index::State::new(hash), path.clone());
        let mut index = self.index()?.unwrap_or_else(empty);
        let stats = prepared
            .into_iter()
            .map(Prepared::put)
            .collect::<Result<Vec<_>>>()?;
        for (file, stat) in files.iter().zip(stats) {
            self.put_in_index(&mut index, file, stat)?;
        }
        index
            .write_to(&mut lock, gix::index::write::Options::default())
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        lock.commit().map_err(|e| anyhow::anyhow!("{e}"))?;
        Ok(())
    }

    /// Brings one path of the index after the commit. What the user had staged there keeps its text.
    fn put_in_index(
        &self,
        index: &mut gix::index::File,
        file: &File,
        stat: Option<Stat>,
    ) -> Result<()> {
        let path: &BStr = file.path.as_bytes().into();
        let staged =
            index.entry_index_by_path_and_stage(path, gix::index::entry::Stage::Unconflicted);
        let content = match staged.map(|at| index.entries()[at].id) {
            Some(id)
                if Some(id)
                    != file
                        .before
                        .as_ref()
                        .map(|b| self.hash_blob(b))
                        .transpose()? =>
            {
                follow_text(&self.blob(id)?, file)
            }
            _ => file.after.clone(),
        };
        let id = self
            .refs
            .write_blob(&content)
            .map_err(|e| anyhow::anyhow!("{e}"))?
            .detach();
        // A stat that does not belong to the content makes git look at the file, which is what it should do.
        let stat = stat.filter(|_| content == file.after).unwrap_or_default();
        match staged {
            Some(at) => {
                let entry = &mut index.entries_mut()[at];
                entry.id = id;
                entry.stat = stat;
                entry.flags.remove(Flags::INTENT_TO_ADD);
            }
            None => {
                index.dangerously_push_entry(stat, id, Flags::empty(), Mode::FILE, path);
                index.sort_entries();
            }
        }
        if let Some(cache) = index.tree_mut() {
            invalidate(cache, &file.path);
        }
        Ok(())
    }

    fn hash_blob(&self, bytes: &[u8]) -> Result<Oid> {
        gix::objs::compute_hash(self.refs.object_hash(), gix::objs::Kind::Blob, bytes)
            .map_err(|e| anyhow::anyhow!("{e}"))
    }

    /// Where a path of the tree is in the work tree.
    pub fn on_disk(&self, path: &TreePath) -> Option<std::path::PathBuf> {
        Some(self.work_dir()?.join(path.as_str()?))
    }
}

/// A file of the work tree that only has to be moved to its place.
pub(super) struct Prepared {
    temporary: tempfile::NamedTempFile,
    place: std::path::PathBuf,
    /// Whether it holds what the commit holds, and nothing of the user's own.
    as_committed: bool,
}

impl Prepared {
    fn put(self) -> Result<Option<Stat>> {
        match self.temporary.persist(&self.place) {
            // The git directory of this work tree is on another file system.
            Err(e) if e.error.kind() == std::io::ErrorKind::CrossesDevices => {
                replace(&self.place, &std::fs::read(e.file.path())?)?;
            }
            persisted => {
                persisted.with_context(|| format!("cannot write `{}`", self.place.display()))?;
            }
        }
        let metadata = gix::index::fs::Metadata::from_path_no_follow(&self.place)?;
        Ok(Stat::from_fs(&metadata).ok().filter(|_| self.as_committed))
    }
}

/// A user's own version of a file after a commit moved it: his text, with the block that the commit wrote, and with what
/// the commit changed of the text where he has not changed the same lines. What cannot be read as a document stays as
/// it is.
fn follow_text(found: &[u8], file: &File) -> Vec<u8> {
    let Ok(after) = Document::parse(file.after.clone()) else {
        return found.to_vec();
    };
    let moved = |text: &[u8]| Document::splice_block(text, &after.state);
    let Some(own) = moved(found) else {
        return found.to_vec();
    };
    let before = file.before.as_deref().and_then(moved);
    let before = before.filter(|before| *before != file.after && own != file.after);
    let carried = before.and_then(|before| carry::carried(&before, &file.after, &own));
    carried.unwrap_or(own)
}

/// Marks the folders above a path as unknown in the index's cached tree.
fn invalidate(cache: &mut gix::index::extension::Tree, path: &TreePath) {
    let mut at = Some(cache);
    for component in path.components() {
        let Some(node) = at else { return };
        node.num_entries = None;
        at = node
            .children
            .iter_mut()
            .find(|child| child.name[..] == *component);
    }
}
