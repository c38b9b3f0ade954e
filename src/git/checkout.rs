//! Index and work tree after a commit: the moved paths follow it, and nothing of the user's is lost.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use gix::bstr::BStr;
use gix::index::entry::{Flags, Mode, Stat};

use super::locks::IndexLock;
use super::write::{File, beside, replace};
use super::{Oid, Repo};
use crate::model::carry;
use crate::model::change::{EXECUTABLE, REGULAR, SYMLINK};
use crate::model::document::Document;
use crate::model::path::TreePath;

impl Repo {
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
    pub(super) fn prepare(&self, all: &[Moved]) -> Result<Vec<Prepared>> {
        all.iter().map(|moved| self.prepared(moved)).collect()
    }

    fn prepared(&self, moved: &Moved) -> Result<Prepared> {
        let plain = |side: &Side| [REGULAR, EXECUTABLE].contains(&side.mode);
        if !moved.after.as_ref().is_none_or(plain) {
            bail!("`{}` is no plain file", moved.path);
        }
        let Some(place) = self.on_disk(&moved.path) else {
            bail!("`{}` has no place in the work tree", moved.path);
        };
        for above in moved.path.folders() {
            let link = self.on_disk(&above).filter(|place| place.is_symlink());
            if let Some(link) = link {
                let link = link.display();
                bail!(
                    "`{link}` is a link in the work tree, and a folder in the commit; move it away"
                );
            }
        }
        let found = found(&place)?;
        let own = found.is_some() && found != moved.before && found != moved.after;
        let (content, as_committed) = match (&moved.after, found) {
            (None, _) if own => return Ok(Prepared::Stays),
            (None, None) => return Ok(Prepared::Stays),
            (None, Some(_)) => return Ok(Prepared::Goes(place)),
            (Some(after), Some(found)) if own => {
                let content = follow_text(&found.bytes, moved);
                if content == found.bytes {
                    return Ok(Prepared::Stays);
                }
                let same = content == after.bytes;
                (content, same)
            }
            (Some(after), _) => (after.bytes.clone(), true),
        };
        let folder = place.parent().context("a file without a folder")?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
        let temporary = beside(&self.git_dir().join("work"), &content)?;
        if moved
            .after
            .as_ref()
            .is_some_and(|side| side.mode == EXECUTABLE)
        {
            let mode = temporary.as_file().metadata()?.permissions().mode();
            // Whoever may read it may run it, as git does.
            let mode = PermissionsExt::from_mode(mode | (mode & 0o444) >> 2);
            temporary.as_file().set_permissions(mode)?;
        }
        Ok(Prepared::Comes {
            temporary,
            place,
            as_committed,
        })
    }

    pub(super) fn follow(
        &self,
        mut lock: IndexLock,
        all: &[Moved],
        prepared: Vec<Prepared>,
    ) -> Result<()> {
        let path = self.refs.index_path();
        let hash = self.refs.object_hash();
        let empty = || gix::index::File::from_state(gix::index::State::new(hash), path.clone());
        let mut index = self.index()?.unwrap_or_else(empty);
        let stats = prepared
            .into_iter()
            .map(|prepared| prepared.put(self.work_dir()))
            .collect::<Result<Vec<_>>>()?;
        for (moved, stat) in all.iter().zip(stats) {
            self.put_in_index(&mut index, moved, stat)?;
        }
        let mut out = std::io::BufWriter::new(lock.file());
        index
            .write_to(&mut out, gix::index::write::Options::default())
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        std::io::Write::flush(&mut out)?;
        drop(out);
        lock.put()
    }

    /// Brings one path of the index after the commit. What the user had staged there keeps its text.
    fn put_in_index(
        &self,
        index: &mut gix::index::File,
        moved: &Moved,
        stat: Option<Stat>,
    ) -> Result<()> {
        let path: &BStr = moved.path.as_bytes().into();
        let staged =
            index.entry_index_by_path_and_stage(path, gix::index::entry::Stage::Unconflicted);
        let before = moved.before.as_ref();
        let before = before.map(|side| self.hash_blob(&side.bytes)).transpose()?;
        let own = staged
            .map(|at| index.entries()[at].id)
            .filter(|id| Some(*id) != before);
        let Some(after) = &moved.after else {
            if own.is_none() {
                index.remove_entries(|_, found, _| found == path);
            }
            if let Some(cache) = index.tree_mut() {
                invalidate(cache, &moved.path);
            }
            return Ok(());
        };
        let content = match own {
            Some(id) => follow_text(&self.blob(id)?, moved),
            None => after.bytes.clone(),
        };
        let id = self
            .refs
            .write_blob(&content)
            .map_err(|e| anyhow::anyhow!("{e}"))?
            .detach();
        let as_committed = content == after.bytes;
        // A stat that does not belong to the content makes git look at the file, which is what it should do.
        let stat = stat.filter(|_| as_committed).unwrap_or_default();
        let mode = match after.mode {
            EXECUTABLE => Mode::FILE_EXECUTABLE,
            _ => Mode::FILE,
        };
        match staged {
            Some(at) => {
                let entry = &mut index.entries_mut()[at];
                entry.id = id;
                entry.stat = stat;
                if as_committed {
                    entry.mode = mode;
                }
                entry.flags.remove(Flags::INTENT_TO_ADD);
            }
            None => {
                index.dangerously_push_entry(stat, id, Flags::empty(), mode, path);
                index.sort_entries();
            }
        }
        if let Some(cache) = index.tree_mut() {
            invalidate(cache, &moved.path);
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

/// A path that commits changed: what it was in the old tip, and what it is in the new one.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) path: TreePath,
    pub(super) before: Option<Side>,
    pub(super) after: Option<Side>,
}

/// A file, or the place that a link leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) mode: u32,
    pub(super) bytes: Vec<u8>,
}

impl From<&File> for Moved {
    fn from(file: &File) -> Moved {
        let side = |bytes: &Vec<u8>| Side {
            mode: REGULAR,
            bytes: bytes.clone(),
        };
        Moved {
            path: file.path.clone(),
            before: file.before.as_ref().map(side),
            after: Some(side(&file.after)),
        }
    }
}

/// What lies at a place. A folder is refused: nothing is moved over it.
fn found(place: &Path) -> Result<Option<Side>> {
    let shown = place.display();
    let metadata = match place.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(e) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&e.kind()) => {
            return Ok(None);
        }
        Err(e) => return Err(e).with_context(|| format!("cannot look at `{shown}`")),
    };
    if metadata.is_symlink() {
        let bytes = std::fs::read_link(place)?
            .into_os_string()
            .into_encoded_bytes();
        let mode = SYMLINK;
        return Ok(Some(Side { mode, bytes }));
    }
    if !metadata.is_file() {
        bail!("`{shown}` is no file in the work tree, and one in the commit; move it away");
    }
    let bytes = std::fs::read(place).with_context(|| format!("cannot read `{shown}`"))?;
    let mode = match metadata.permissions().mode() & 0o100 {
        0 => REGULAR,
        _ => EXECUTABLE,
    };
    Ok(Some(Side { mode, bytes }))
}

/// What is left to do at a place of the work tree.
pub(super) enum Prepared {
    /// A file that only has to be moved there. `as_committed`: it holds what the commit holds, and nothing of the user's.
    Comes {
        temporary: tempfile::NamedTempFile,
        place: PathBuf,
        as_committed: bool,
    },
    Goes(PathBuf),
    /// It is the user's own.
    Stays,
}

impl Prepared {
    /// `top`: where no folder is taken away though it may be empty.
    fn put(self, top: Option<&Path>) -> Result<Option<Stat>> {
        let (temporary, place, as_committed) = match self {
            Prepared::Stays => return Ok(None),
            Prepared::Goes(place) => {
                std::fs::remove_file(&place)
                    .with_context(|| format!("cannot remove `{}`", place.display()))?;
                let above = place.ancestors().skip(1);
                let above = above.take_while(|dir| Some(*dir) != top);
                // One that is not empty stays, and all above it.
                let _ = above.map(std::fs::remove_dir).find(Result::is_err);
                return Ok(None);
            }
            Prepared::Comes {
                temporary,
                place,
                as_committed,
            } => (temporary, place, as_committed),
        };
        let mode = temporary.as_file().metadata()?.permissions();
        match temporary.persist(&place) {
            // The git directory of this work tree is on another file system.
            Err(e) if e.error.kind() == ErrorKind::CrossesDevices => {
                replace(&place, &std::fs::read(e.file.path())?)?;
                std::fs::set_permissions(&place, mode)?;
            }
            persisted => {
                persisted.with_context(|| format!("cannot write `{}`", place.display()))?;
            }
        }
        let metadata = gix::index::fs::Metadata::from_path_no_follow(&place)?;
        Ok(Stat::from_fs(&metadata).ok().filter(|_| as_committed))
    }
}

/// A user's own version of a file after a commit moved it: his text, with the block that the commit wrote, and with what
/// the commit changed of the text where he has not changed the same lines. What cannot be read as a document stays as
/// it is.
fn follow_text(found: &[u8], moved: &Moved) -> Vec<u8> {
    let committed = moved.after.as_ref().map(|side| &side.bytes);
    let parsed = committed.and_then(|bytes| Document::parse(bytes.clone()).ok());
    let (Some(committed), Some(after)) = (committed, parsed) else {
        return found.to_vec();
    };
    let spliced = |text: &[u8]| Document::splice_block(text, &after.state);
    let Some(own) = spliced(found) else {
        return found.to_vec();
    };
    let before = moved.before.as_ref().and_then(|side| spliced(&side.bytes));
    let before = before.filter(|before| before != committed && own != *committed);
    let carried = before.and_then(|before| carry::carried(&before, committed, &own));
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
