//! Writing: objects in memory first, then all of them, then one compare-and-swap of the ref. The user's index and
//! work tree follow for the moved paths alone.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use gix::bstr::{BStr, BString};
use gix::index::entry::{Flags, Mode, Stat};
use gix::refs::transaction::{Change, LogChange, PreviousValue, RefEdit, RefLog};

use super::{Oid, Repo};
use crate::model::document::Document;
use crate::model::ident::Ident;
use crate::model::path::TreePath;

/// A file that a commit changed: what it was in the old tip, what it is in the new one.
#[derive(Debug, Clone)]
pub struct File {
    pub path: TreePath,
    pub before: Option<Vec<u8>>,
    pub after: Vec<u8>,
}

/// Somebody else moved the branch first.
#[derive(Debug, thiserror::Error)]
#[error("the branch moved while this was being made: {0}")]
pub struct Lost(String);

impl Repo {
    /// The same repository with a memory of its own for new objects, which reach the disk only with `land`.
    pub fn in_memory(&self) -> Repo {
        let objects = self.refs.clone().with_object_memory();
        Repo {
            objects,
            refs: self.refs.clone(),
            _overlay: None,
        }
    }

    /// Author and committer as git would have them: environment, then configuration.
    pub fn identities(&self) -> Result<(Ident, Ident)> {
        let read = |line: Option<gix::Result<gix::actor::SignatureRef<'_>>>| -> Result<Ident> {
            let line = line.context("git does not know who you are: git config user.name NAME; git config user.email MAIL")?;
            let line = line
                .map_err(|e| anyhow::anyhow!("{e}"))
                .context("the date in the environment cannot be read")?;
            let time = line.time().map_err(|e| anyhow::anyhow!("{e}"))?;
            Ok(Ident {
                name: line.name.to_string(),
                email: line.email.to_string(),
                seconds: time.seconds,
                offset: time.offset,
            })
        };
        Ok((read(self.refs.author())?, read(self.refs.committer())?))
    }

    pub fn write_blob(&self, bytes: &[u8]) -> Result<Oid> {
        self.objects
            .write_blob(bytes)
            .map(gix::Id::detach)
            .map_err(|e| anyhow::anyhow!("{e}"))
    }

    /// A tree with some files put in place of what it has there.
    pub fn write_tree(&self, tree: Option<Oid>, files: &[(TreePath, Oid)]) -> Result<Oid> {
        let tree = tree.unwrap_or_else(|| Oid::empty_tree(self.objects.object_hash()));
        let mut editor = self
            .objects
            .edit_tree(tree)
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        for (path, id) in files {
            let path: &BStr = path.as_bytes().into();
            editor
                .upsert(path, gix::objs::tree::EntryKind::Blob, *id)
                .map_err(|e| anyhow::anyhow!("{e}"))?;
        }
        editor
            .write()
            .map(gix::Id::detach)
            .map_err(|e| anyhow::anyhow!("{e}"))
    }

    pub fn write_commit(
        &self,
        tree: Oid,
        parents: &[Oid],
        (author, committer): (&Ident, &Ident),
        message: &str,
    ) -> Result<Oid> {
        let commit = gix::objs::Commit {
            tree,
            parents: parents.iter().copied().collect(),
            author: signature(author),
            committer: signature(committer),
            encoding: None,
            message: BString::from(message),
            extra_headers: Vec::new(),
        };
        self.objects
            .write_object(&commit)
            .map(gix::Id::detach)
            .map_err(|e| anyhow::anyhow!("{e}"))
    }

    /// Puts new commits in place: writes the objects, moves the branch that `HEAD` is on from `old` to `new`, and
    /// brings index and work tree after it for the files that the commits changed.
    pub fn land(mut self, old: Option<Oid>, new: Oid, reflog: &str, files: &[File]) -> Result<()> {
        let index = match self.work_dir() {
            Some(_) => Some(self.lock_index()?),
            None => None,
        };
        self.flush()?;
        self.advance(old, new, reflog)?;
        if let Some(lock) = index {
            self.follow(lock, files)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let Some(memory) = self.objects.objects.take_object_memory() else {
            return Ok(());
        };
        for (kind, data) in memory.values() {
            gix::objs::Write::write_buf(&self.refs.objects, *kind, data)
                .map_err(|e| anyhow::anyhow!("{e}"))?;
        }
        Ok(())
    }

    fn advance(&self, old: Option<Oid>, new: Oid, reflog: &str) -> Result<()> {
        let expected = match old {
            Some(old) => PreviousValue::MustExistAndMatch(old.into()),
            None => PreviousValue::MustNotExist,
        };
        let log = LogChange {
            mode: RefLog::AndReference,
            force_create_reflog: false,
            message: reflog.into(),
        };
        let head = "HEAD".try_into().expect("HEAD is a ref name");
        let edit = RefEdit {
            change: Change::Update {
                log,
                expected,
                new: new.into(),
            },
            name: head,
            deref: true,
        };
        match self.refs.edit_reference(edit) {
            Ok(_) => Ok(()),
            Err(_) if self.head() != old => bail!(Lost(
                "nothing was written, run the command again".to_owned()
            )),
            Err(e) => {
                Err(anyhow::anyhow!("{e}")).context("cannot move the branch; nothing was changed")
            }
        }
    }

    fn lock_index(&self) -> Result<gix::lock::File> {
        let wait = gix::lock::acquire::Fail::AfterDurationWithBackoff(Duration::from_secs(2));
        gix::lock::File::acquire_to_update_resource(self.refs.index_path(), wait, None, 0)
            .map_err(|e| anyhow::anyhow!("{e}"))
            .context("another git process holds the index; nothing was changed")
    }

    fn follow(&self, mut lock: gix::lock::File, files: &[File]) -> Result<()> {
        let path = self.refs.index_path();
        let empty = || {
            gix::index::File::from_state(
                gix::index::State::new(self.refs.object_hash()),
                path.clone(),
            )
        };
        let mut index = self.index()?.unwrap_or_else(empty);
        for file in files {
            let stat = self.put_in_work_tree(file)?;
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

    /// Brings one file of the work tree after the commit. Text that is written there and not committed is kept.
    fn put_in_work_tree(&self, file: &File) -> Result<Option<Stat>> {
        let Some(place) = self.on_disk(&file.path) else {
            return Ok(None);
        };
        let content = match std::fs::read(&place) {
            Ok(found) if Some(&found) != file.before.as_ref() => follow_text(&found, file),
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(e).with_context(|| place.display().to_string());
            }
            _ => file.after.clone(),
        };
        replace(&place, &content)?;
        if content != file.after {
            return Ok(None);
        }
        let metadata = gix::index::fs::Metadata::from_path_no_follow(&place)?;
        Ok(Stat::from_fs(&metadata).ok())
    }

    /// Where a path of the tree is in the work tree.
    pub fn on_disk(&self, path: &TreePath) -> Option<std::path::PathBuf> {
        Some(self.work_dir()?.join(path.as_str()?))
    }
}

/// A user's own version of a file after a commit moved it: his text, with the block that the commit wrote. What
/// cannot be read as a document stays as it is.
fn follow_text(found: &[u8], file: &File) -> Vec<u8> {
    let Ok(after) = Document::parse(file.after.clone()) else {
        return found.to_vec();
    };
    Document::splice_block(found, &after.state).unwrap_or_else(|| found.to_vec())
}

/// Writes a file beside its place and moves it there, so that nobody ever sees half of it.
pub fn replace(place: &Path, content: &[u8]) -> Result<()> {
    let folder = place.parent().context("a file without a folder")?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make `{}`", folder.display()))?;
    let mut file = tempfile::Builder::new()
        .prefix(".qms-")
        .permissions(permissions())
        .tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, content)?;
    file.persist(place)
        .with_context(|| format!("cannot write `{}`", place.display()))?;
    Ok(())
}

fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

fn signature(ident: &Ident) -> gix::actor::Signature {
    let time = gix::date::Time {
        seconds: ident.seconds,
        offset: ident.offset,
    };
    gix::actor::Signature {
        name: ident.name.as_str().into(),
        email: ident.email.as_str().into(),
        time,
    }
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
