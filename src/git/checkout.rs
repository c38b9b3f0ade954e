//! Index and work tree after a commit: the moved paths follow it, and nothing of the user's is lost.

use std::os::unix::fs::PermissionsExt;

use anyhow::{Result, bail};
use gix::bstr::BStr;
use gix::index::entry::{Flags, Mode, Stat};

use super::locks::IndexLock;
use super::place::{Moved, Prepared, Side, found, seen};
use super::write::beside;
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

    /// Writes what the work tree is to hold, before anything moves: in the git directory, where nobody takes what a kill
    /// leaves for a file of the user's. Errors: what keeps a path from following; once the branch has moved it is left instead.
    pub(super) fn prepare(&self, all: &[Moved], going: Going) -> Result<Ready> {
        let path = self.refs.index_path();
        let hash = self.refs.object_hash();
        let empty = || gix::index::File::from_state(gix::index::State::new(hash), path.clone());
        let mut index = self.index()?.unwrap_or_else(empty);
        let mut files = Vec::with_capacity(all.len());
        let (mut later, mut staged_later) = (false, false);
        for moved in all {
            let prepared = self.in_the_way_of(&index, moved, all);
            let prepared = prepared.and_then(|()| self.prepared(&index, moved, going, &mut later));
            let staged = prepared.and_then(|file| {
                staged_later |= self.put_in_index(&mut index, moved, going)?;
                Ok(file)
            });
            files.push(match staged {
                Err(_) if going != Going::There => Prepared::Stays,
                staged => staged?,
            });
        }
        Ok(Ready {
            index,
            files,
            later: later || staged_later,
        })
    }

    /// Refuses where something that is staged would be a file and a folder at once.
    fn in_the_way_of(&self, index: &gix::index::File, moved: &Moved, all: &[Moved]) -> Result<()> {
        if moved.after.is_none() {
            return Ok(());
        }
        let goes = |path: &BStr| {
            let mut gone = all.iter().filter(|other| other.after.is_none());
            gone.any(|other| path == other.path.as_bytes())
        };
        let below = [moved.path.as_bytes(), b"/"].concat();
        let below = index
            .prefixed_entries(below.as_slice().into())
            .unwrap_or_default();
        let below = below
            .iter()
            .map(|entry| entry.path(index))
            .find(|path| !goes(path));
        let above = moved.path.folders().find(|folder| {
            let folder: &BStr = folder.as_bytes().into();
            index.entry_by_path(folder).is_some() && !goes(folder)
        });
        let other = below
            .map(ToString::to_string)
            .or(above.map(|path| path.to_string()));
        if let Some(other) = other {
            bail!(
                "`{other}` is staged, and `{}` of the commit cannot be beside it; unstage it first",
                moved.path
            );
        }
        Ok(())
    }

    fn prepared(
        &self,
        index: &gix::index::File,
        moved: &Moved,
        going: Going,
        later: &mut bool,
    ) -> Result<Prepared> {
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
        let (found, seen) = (found(&place)?, seen(&place));
        // What the user has told git to forget is not brought back; nor is what was not put there yet taken back.
        let path: &BStr = moved.path.as_bytes().into();
        let stays = moved.before.is_some()
            && match going {
                Going::Back => found.is_none(),
                _ => index.entry_by_path(path).is_none(),
            };
        let same = |side: &Option<Side>| match (&found, side) {
            (Some(found), Some(side)) => found.is_same(side),
            (None, None) => true,
            _ => false,
        };
        let own = found.is_some() && !same(&moved.before) && !same(&moved.after);
        let (content, as_committed) = match (&moved.after, found) {
            _ if stays => return Ok(Prepared::Stays),
            (None, None) => return Ok(Prepared::Stays),
            (None, Some(_)) if own => return Ok(Prepared::Stays),
            (None, Some(_)) => return Ok(Prepared::Goes { place, seen }),
            (Some(after), Some(found)) if own => {
                let content = follow_text(&found.bytes, moved);
                if going != Going::After || content == found.bytes {
                    *later |= going == Going::There && content != found.bytes;
                    return Ok(Prepared::Stays);
                }
                let same = content == after.bytes;
                (content, same)
            }
            (Some(after), _) => (after.bytes.clone(), true),
        };
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
            seen,
            as_committed,
        })
    }

    /// Puts files and index in place. Once the branch has moved, a file that cannot be put is left as
    /// it is.
    pub(super) fn follow(
        &self,
        mut lock: IndexLock,
        all: &[Moved],
        ready: Ready,
        going: Going,
    ) -> Result<()> {
        let Ready {
            mut index, files, ..
        } = ready;
        for (moved, file) in all.iter().zip(files) {
            let stat = match file.put(self.work_dir()) {
                Err(_) if going != Going::There => None,
                stat => stat?,
            };
            let (Some(stat), Some(after)) = (stat, &moved.after) else {
                continue;
            };
            let path: &BStr = moved.path.as_bytes().into();
            let stage = gix::index::entry::Stage::Unconflicted;
            let new = self.hash_blob(&after.bytes)?;
            // A stat that does not belong to the content makes git look at the file, which is what it should do.
            if let Some(at) = index.entry_index_by_path_and_stage(path, stage)
                && index.entries()[at].id == new
            {
                index.entries_mut()[at].stat = stat;
            }
        }
        let mut out = std::io::BufWriter::new(lock.file());
        index
            .write_to(&mut out, gix::index::write::Options::default())
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        std::io::Write::flush(&mut out)?;
        drop(out);
        lock.put()
    }

    /// Brings one path of the index along. What the user had staged there stays: a mode, a deletion, a text, which moves
    /// along with its document once the branch has moved; says whether it is to.
    fn put_in_index(
        &self,
        index: &mut gix::index::File,
        moved: &Moved,
        going: Going,
    ) -> Result<bool> {
        let path: &BStr = moved.path.as_bytes().into();
        let stage = gix::index::entry::Stage::Unconflicted;
        let staged = index.entry_index_by_path_and_stage(path, stage);
        let side = |side: &Side| -> Result<(Oid, Mode)> {
            let mode = match side.mode {
                EXECUTABLE => Mode::FILE_EXECUTABLE,
                SYMLINK => Mode::SYMLINK,
                _ => Mode::FILE,
            };
            Ok((self.hash_blob(&side.bytes)?, mode))
        };
        let before = moved.before.as_ref().map(side).transpose()?;
        let entry = staged.map(|at| &index.entries()[at]);
        let intended = entry.is_some_and(|entry| entry.flags.contains(Flags::INTENT_TO_ADD));
        let is = entry
            .map(|entry| (entry.id, entry.mode))
            .filter(|_| !intended);
        if let Some(cache) = index.tree_mut() {
            invalidate(cache, &moved.path);
        }
        let Some(after) = &moved.after else {
            if is == before {
                index.remove_entries(|_, found, _| found == path);
            }
            return Ok(false);
        };
        let (new, mode) = side(after)?;
        match (staged, is) {
            (None, _) if before.is_some() => {}
            (None, _) => {
                index.dangerously_push_entry(Stat::default(), new, Flags::empty(), mode, path);
                index.sort_entries();
            }
            (Some(at), is) => {
                let own_text = is
                    .map(|(id, _)| id)
                    .filter(|id| before.is_none_or(|(was, _)| was != *id));
                let plain =
                    is.is_none_or(|(_, mode)| mode == Mode::FILE || mode == Mode::FILE_EXECUTABLE);
                let id = match own_text {
                    Some(id) if plain => {
                        let along = self.moved_along(id, moved)?;
                        if going != Going::After && along != id {
                            return Ok(going == Going::There);
                        }
                        along
                    }
                    Some(id) => id,
                    None => new,
                };
                let own_mode = is.is_some_and(|(_, is)| before.is_none_or(|(_, was)| was != is));
                let entry = &mut index.entries_mut()[at];
                entry.id = id;
                entry.stat = Stat::default();
                if !own_mode {
                    entry.mode = mode;
                }
                entry.flags.remove(Flags::INTENT_TO_ADD);
            }
        }
        Ok(false)
    }

    /// A text that is staged, with what a commit changed of it.
    fn moved_along(&self, id: Oid, moved: &Moved) -> Result<Oid> {
        // What is too large to be read is no document.
        let Ok(text) = self.blob(id) else {
            return Ok(id);
        };
        let content = follow_text(&text, moved);
        let written = self.refs.write_blob(&content);
        let written = written.map_err(|e| anyhow::anyhow!("{e}"))?;
        Ok(written.detach())
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

/// Which way index and work tree go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Going {
    /// To where the branch will be; what cannot go keeps it from moving.
    There,
    /// After a branch that has moved, as far as they go.
    After,
    /// Back to where it still is, as far as they have gone.
    Back,
}

/// The index as it is to be, and the files.
pub(super) struct Ready {
    index: gix::index::File,
    files: Vec<Prepared>,
    /// Whether something of the user's own follows once the branch has moved: there is no way back to what only he has.
    pub(super) later: bool,
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
