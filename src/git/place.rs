//! A place of the work tree: what lies there, and what is left to do there.

use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use gix::index::entry::Stat;

use super::write::{File, replace};
use crate::model::change::{EXECUTABLE, REGULAR, SYMLINK};
use crate::model::path::TreePath;

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

impl Side {
    /// Whether a file of the work tree holds this, with the line ends that git may have given it there.
    pub(super) fn is_same(&self, side: &Side) -> bool {
        if (self.mode == SYMLINK) != (side.mode == SYMLINK) {
            return false;
        }
        let has_crlf = |bytes: &[u8]| bytes.windows(2).any(|w| w == b"\r\n");
        self.bytes == side.bytes || (!has_crlf(&side.bytes) && with_lf(&self.bytes) == side.bytes)
    }
}

/// A text with the line ends that git stores.
fn with_lf(bytes: &[u8]) -> Vec<u8> {
    let is_end = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
    let kept = bytes.iter().enumerate().filter(|(at, _)| !is_end(*at));
    kept.map(|(_, byte)| *byte).collect()
}

/// What lies at a place. A folder is refused: nothing is moved over it.
pub(super) fn found(place: &Path) -> Result<Option<Side>> {
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

/// By what it is seen that somebody wrote there since: number, size and time.
pub(super) type Seen = Option<(u64, u64, i64, i64)>;

pub(super) fn seen(place: &Path) -> Seen {
    let m = place.symlink_metadata().ok()?;
    Some((m.ino(), m.size(), m.mtime(), m.mtime_nsec()))
}

/// What is left to do at a place of the work tree.
pub(super) enum Prepared {
    /// A file that only has to be moved there. `as_committed`: it holds what the commit holds, and nothing of the user's.
    Comes {
        temporary: tempfile::NamedTempFile,
        place: PathBuf,
        seen: Seen,
        as_committed: bool,
    },
    Goes {
        place: PathBuf,
        seen: Seen,
    },
    /// It is the user's own.
    Stays,
}

impl Prepared {
    /// `top`: where no folder is taken away though it may be empty. What was written there just now stays.
    pub(super) fn put(self, top: Option<&Path>) -> Result<Option<Stat>> {
        let (temporary, place, as_committed) = match self {
            Prepared::Stays => return Ok(None),
            Prepared::Goes { place, seen: was } => {
                if seen(&place) != was {
                    return Ok(None);
                }
                std::fs::remove_file(&place)
                    .with_context(|| format!("cannot remove `{}`", place.display()))?;
                let above = place.ancestors().skip(1);
                let above = above.take_while(|dir| Some(*dir) != top);
                // One that is not empty stays, and all above it.
                let _ = above.map(std::fs::remove_dir).find(Result::is_err);
                return Ok(None);
            }
            Prepared::Comes {
                place, seen: was, ..
            } if seen(&place) != was => return Ok(None),
            Prepared::Comes {
                temporary,
                place,
                as_committed,
                ..
            } => (temporary, place, as_committed),
        };
        let folder = place.parent().context("a file without a folder")?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
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
