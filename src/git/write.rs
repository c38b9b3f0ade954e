//! Writing: objects in memory first, then all of them, then one compare-and-swap of the ref. The user's index and
//! work tree follow for the moved paths alone.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use gix::bstr::{BStr, BString};

use super::checkout::Going;
use super::place::{Moved, Side};
use super::settle::Way;
use super::sign::Signer;
use super::trees::{Differs, Raw};
use super::{Oid, Repo, entries};
use crate::model::change::{GITLINK, SYMLINK};
use crate::model::ident::Ident;
use crate::model::path::TreePath;

/// A file that a commit changed: what it was in the old tip, what it is in the new one.
#[derive(Debug, Clone)]
pub struct File {
    pub path: TreePath,
    pub before: Option<Vec<u8>>,
    pub after: Vec<u8>,
}

/// What a path is to be in a tree; none takes it out.
pub type Put = (TreePath, Option<Raw>);

/// Somebody else moved the branch first.
#[derive(Debug, thiserror::Error)]
#[error("the branch moved while this was being made: nothing was written, run the command again")]
pub struct Lost;

/// Somebody else holds the index just now.
#[derive(Debug, thiserror::Error)]
#[error(
    "another git is at work here and holds the index: nothing was written, run the command again"
)]
pub struct Busy;

impl Repo {
    /// The same repository with a memory of its own for new objects, which reach the disk only with `land`.
    pub fn in_memory(&self) -> Repo {
        let objects = gix::Repository::clone(&self.refs).with_object_memory();
        let mut repo = self.with_objects(objects);
        repo.meant = self.branch();
        repo
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

    /// Who author and committer are, without their dates: those are read with a database of time zones, which a
    /// hook has no use for.
    pub fn names(&self) -> Result<(Ident, Ident)> {
        let of = |side: &str| {
            let known = |what: &str| {
                let variable = format!("GIT_{}_{}", side.to_uppercase(), what.to_uppercase());
                let given = std::env::var(variable).ok().filter(|v| !v.is_empty());
                given
                    .or_else(|| self.config(&format!("{side}.{what}")))
                    .or_else(|| self.config(&format!("user.{what}")))
            };
            Some(Ident::new(&known("name")?, &known("email")?))
        };
        match (of("author"), of("committer")) {
            (Some(author), Some(committer)) => Ok((author, committer)),
            _ => self.identities(),
        }
    }

    pub fn write_blob(&self, bytes: &[u8]) -> Result<Oid> {
        self.objects
            .write_blob(bytes)
            .map(gix::Id::detach)
            .map_err(|e| anyhow::anyhow!("{e}"))
    }

    /// A tree with some entries put in place of what it has there, or taken out. What stays is not looked at: in a
    /// folder of thousands that would take longer than all the rest of a move.
    pub fn write_tree(&self, tree: Option<Oid>, puts: &[Put]) -> Result<Oid> {
        use gix::objs::tree::EntryKind;
        let tree = tree.unwrap_or_else(|| Oid::empty_tree(self.objects.object_hash()));
        let editor = self.objects.edit_tree(tree);
        let mut editor = editor.map_err(|e| anyhow::anyhow!("{e}"))?.detach();
        for (path, raw) in puts {
            let parts = path.as_bytes().split(|b| *b == b'/').map(BStr::new);
            let edited = match raw {
                None => editor.remove(parts),
                Some(raw) => {
                    let fits = parts.clone().all(|part| entries::is_name(part));
                    ensure!(fits, "`{path}` is no path of a tree");
                    let kind = match raw.mode {
                        0o100_755 => EntryKind::BlobExecutable,
                        SYMLINK => EntryKind::Link,
                        GITLINK => EntryKind::Commit,
                        _ => EntryKind::Blob,
                    };
                    editor.upsert(parts, kind, raw.id)
                }
            };
            edited.map_err(|e| anyhow::anyhow!("{e}"))?;
        }
        let written = editor.write(|tree| self.objects.write_object(tree).map(gix::Id::detach));
        written.map_err(|e| anyhow::anyhow!("{e}"))
    }

    /// A commit, signed over exactly the bytes that it has without its signature.
    pub fn write_commit(
        &self,
        tree: Oid,
        parents: &[Oid],
        (author, committer): (&Ident, &Ident),
        message: &str,
        signer: Option<&Signer>,
    ) -> Result<Oid> {
        let mut commit = gix::objs::Commit {
            tree,
            parents: parents.iter().copied().collect(),
            author: signature(author),
            committer: signature(committer),
            encoding: None,
            message: BString::from(message),
            extra_headers: Vec::new(),
        };
        if let Some(signer) = signer {
            let mut payload = Vec::new();
            gix::objs::WriteTo::write_to(&commit, &mut payload)?;
            let armor = signer.sign(&payload)?;
            let header = super::commit::signature_header(self.objects.object_hash());
            commit
                .extra_headers
                .push((header.into(), armor.trim_end().into()));
        }
        self.objects
            .write_object(&commit)
            .map(gix::Id::detach)
            .map_err(|e| anyhow::anyhow!("{e}"))
    }

    /// Puts new commits in place: writes the objects, moves the branch that `HEAD` is on from `old` to `new`, and
    /// brings index and work tree after it for the files that the commits changed. A note tells whoever comes after a
    /// kill what is left to do.
    pub fn land(self, old: Option<Oid>, new: Oid, reflog: &str, files: &[File]) -> Result<()> {
        let moved: Vec<Moved> = files.iter().map(Moved::from).collect();
        self.land_moved(old, new, reflog, &moved)
    }

    /// The same for whatever the commits changed. Where a file takes a folder's place, or it is about links and
    /// submodules, git brings index and work tree along.
    pub fn land_all(self, old: Oid, new: Oid, reflog: &str) -> Result<()> {
        let differs = self.differences(Some(self.tree_of(old)?), Some(self.tree_of(new)?))?;
        let paths: HashSet<&TreePath> = differs.iter().map(|d| &d.path).collect();
        let plain = |raw: Option<Raw>| raw.is_none_or(|raw| raw.is_file());
        let simple = |d: &Differs| {
            let mut above = d.path.folders();
            plain(d.before) && plain(d.after) && above.all(|folder| !paths.contains(&folder))
        };
        if !differs.iter().all(simple) {
            return self.land_whole(old, new, reflog);
        }
        let moved = self.sides(differs)?;
        self.land_moved(Some(old), new, reflog, &moved)
    }

    fn land_moved(
        mut self,
        old: Option<Oid>,
        new: Oid,
        reflog: &str,
        moved: &[Moved],
    ) -> Result<()> {
        if self.work_dir().is_none() {
            self.flush()?;
            return self.hold(old, new, reflog)?.put();
        }
        let _held = self.note_way(Way::Move, old, new)?;
        let landed = self.lands(old, new, reflog, moved);
        if landed.is_err() && self.head() == Some(new) {
            // What is left to do stays noted.
            return landed;
        }
        self.forget_way()?;
        landed
    }

    /// The branch is held before anything moves, and moved last: whoever makes a commit of his own meanwhile from what he
    /// has read before finds it held, or elsewhere.
    fn lands(&mut self, old: Option<Oid>, new: Oid, reflog: &str, moved: &[Moved]) -> Result<()> {
        let lock = self.lock_index()?;
        let ready = self.prepare(moved, Going::There)?;
        self.flush()?;
        let held = self.hold(old, new, reflog)?;
        let later = ready.later;
        if let Err(error) = self.follow(lock, moved, ready, Going::There) {
            drop(held);
            let back = self.moved(Some(new), old);
            back.and_then(|back| self.catch_up(&back, Going::Back))
                .context("nothing was committed; to mend index and work tree: qms sync")?;
            return Err(error);
        }
        held.put()?;
        match later {
            true => self.catch_up(moved, Going::After),
            false => Ok(()),
        }
    }

    /// What differs between two tips, as index and work tree have to follow it.
    pub(super) fn moved(&self, from: Option<Oid>, to: Option<Oid>) -> Result<Vec<Moved>> {
        let tree = |id: Option<Oid>| id.map(|id| self.tree_of(id)).transpose();
        self.sides(self.differences(tree(from)?, tree(to)?)?)
    }

    /// Both sides of what differs.
    fn sides(&self, differs: Vec<Differs>) -> Result<Vec<Moved>> {
        let side = |raw: Option<Raw>| -> Result<Option<Side>> {
            let plain = raw.filter(|raw| raw.mode != GITLINK);
            let side = |raw: Raw| -> Result<Side> {
                Ok(Side {
                    mode: raw.mode,
                    bytes: self.blob(raw.id)?,
                })
            };
            plain.map(side).transpose()
        };
        let moved = |d: Differs| -> Result<Moved> {
            Ok(Moved {
                before: side(d.before)?,
                after: side(d.after)?,
                path: d.path,
            })
        };
        differs.into_iter().map(moved).collect()
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        let objects = Rc::get_mut(&mut self.objects).context("a repository in use")?;
        let Some(memory) = objects.objects.take_object_memory() else {
            return Ok(());
        };
        for (kind, data) in memory.values() {
            gix::objs::Write::write_buf(&self.refs.objects, *kind, data)
                .map_err(|e| anyhow::anyhow!("{e}"))?;
        }
        Ok(())
    }
}

/// What to do about a lock whose owner may have been killed.
pub(super) fn in_the_way(lock: PathBuf) -> String {
    let lock = std::path::absolute(&lock).unwrap_or(lock);
    let lock = lock.display();
    format!("`{lock}` is in the way; if no other git is at work here: rm -f '{lock}'")
}

/// Writes a file beside its place and moves it there, so that nobody ever sees half of it.
pub fn replace(place: &Path, content: &[u8]) -> Result<()> {
    let file = beside(place, content)?;
    file.persist(place)
        .with_context(|| format!("cannot write `{}`", place.display()))?;
    Ok(())
}

/// The same for a file that nobody else reads.
pub fn replace_private(place: &Path, content: &[u8]) -> Result<()> {
    replace_with_mode(place, content, 0o600)
}

/// The same for a file whose mode is not left to the umask.
pub fn replace_with_mode(place: &Path, content: &[u8], mode: u32) -> Result<()> {
    let file = beside(place, content)?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
    file.as_file().set_permissions(mode)?;
    file.persist(place)
        .with_context(|| format!("cannot write `{}`", place.display()))?;
    Ok(())
}

pub(super) fn beside(place: &Path, content: &[u8]) -> Result<tempfile::NamedTempFile> {
    let folder = place.parent().context("a file without a folder")?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make `{}`", folder.display()))?;
    let mut file = tempfile::Builder::new()
        .prefix(".qms-")
        .permissions(permissions())
        .tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, content)?;
    Ok(file)
}

fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

pub(super) fn signature(ident: &Ident) -> gix::actor::Signature {
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
