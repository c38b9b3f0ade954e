//! The folder that is an agent's own to write in, below where a gateway keeps such folders. What lies there is whatever he
//! made of it: no link in it leads out, and nothing is waited for.

use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, MetadataExt, OpenOptions};

use super::session::Session;
use crate::git::read::Reader;
use crate::model::browse::name;
use crate::model::document;
use crate::model::path::TreePath;

/// Files and bytes that are taken at once.
const MOST_FILES: usize = 2_000;
const MOST_BYTES: u64 = 64 << 20;
const MOST_FOLDERS: usize = 2_000;
/// Folders within folders.
const DEEPEST: usize = 64;

/// What may be looked at yet.
struct Left {
    bytes: u64,
    folders: usize,
}

impl Default for Left {
    fn default() -> Left {
        Left {
            bytes: MOST_BYTES,
            folders: MOST_FOLDERS,
        }
    }
}

/// A file as it lies there.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    pub path: TreePath,
    pub bytes: Vec<u8>,
    pub executable: bool,
}

pub struct Workspace(Dir);

/// The workspace of whoever is served; none where the policy gives him none, or nobody says where they are.
pub fn of(session: &Session) -> Result<Option<Workspace>> {
    // On an execution branch too it is the served one that says whose folder is whose.
    let reader = Reader::new(&session.repo);
    let policy = Session::policy_at(&reader, session.p(&reader)?)?;
    let user = policy.people.0.get(&session.actor(&policy)?);
    let folder = user.and_then(|user| user.workspace.as_ref());
    let root = session.seat().and_then(|seat| seat.workspaces.as_ref());
    let (Some(folder), Some(root)) = (folder, root) else {
        return Ok(None);
    };
    let opened = Dir::open_ambient_dir(root, ambient_authority()).and_then(|d| d.open_dir(folder));
    let dir = opened.with_context(|| format!("the workspace `{folder}` cannot be opened"))?;
    Ok(Some(Workspace(dir)))
}

/// The same, for what cannot be done without.
pub fn needed(session: &Session) -> Result<Workspace> {
    of(session)?.context(
        "no workspace is yours here; send the text itself, or ask for one: qms user set NAME --workspace FOLDER, and qms mcp --workspaces DIR",
    )
}

impl Workspace {
    /// Whether a document may be put to a path: nothing is there, or a file with this text in it.
    pub fn takes(&self, path: &TreePath, text: &[u8]) -> Result<()> {
        let place = place(path)?;
        if self.0.symlink_metadata(place).is_err() {
            return Ok(());
        }
        let is = document::text_of(&self.file(path)?);
        if is.as_deref() != Some(text) {
            bail!(
                "`{path}` in your workspace holds something else, which is not written over; move it away, or check it in"
            );
        }
        Ok(())
    }

    pub fn put(&self, path: &TreePath, bytes: &[u8]) -> Result<()> {
        let place = Path::new(place(path)?);
        let put = || -> std::io::Result<()> {
            let folder = place.parent().unwrap_or_else(|| Path::new(""));
            if !folder.as_os_str().is_empty() {
                self.0.create_dir_all(folder)?;
            }
            // Under a name that nobody knows before: what is there already may be a link to elsewhere.
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(std::io::Error::other)?;
            let beside = folder.join(format!(".qms-{:016x}", u64::from_ne_bytes(random)));
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            self.0.open_with(&beside, &options)?.write_all(bytes)?;
            self.0.rename(&beside, &self.0, place)
        };
        put().with_context(|| format!("cannot write `{path}` in your workspace"))
    }

    pub fn file(&self, path: &TreePath) -> Result<Vec<u8>> {
        let mut left = MOST_BYTES;
        Ok(self.read(path, &mut left)?.bytes)
    }

    /// Files, and what lies in folders, in order. `.` is all of it.
    pub fn files(&self, paths: &[String]) -> Result<Vec<Taken>> {
        if paths.len() > MOST_FILES {
            bail!("more than {MOST_FILES} paths at once; name the folder that they are in");
        }
        let (mut out, mut left) = (Vec::new(), Left::default());
        for text in paths {
            if text == "." {
                self.below("", 0, &mut out, &mut left)?;
                continue;
            }
            let path = name::path(text)?;
            let found = self.0.symlink_metadata(place(&path)?);
            let found = found.with_context(|| format!("there is no `{path}` in your workspace"))?;
            match found.is_dir() {
                true => self.below(text, 0, &mut out, &mut left)?,
                false => out.push(self.read(&path, &mut left.bytes)?),
            }
            if out.len() > MOST_FILES {
                bail!("more than {MOST_FILES} files at once; make several commits");
            }
        }
        if out.is_empty() {
            bail!(
                "there is no file in your workspace below {}",
                paths.join(", ")
            );
        }
        Ok(out)
    }

    fn below(
        &self,
        folder: &str,
        depth: usize,
        out: &mut Vec<Taken>,
        left: &mut Left,
    ) -> Result<()> {
        left.folders = left.folders.checked_sub(1).with_context(|| {
            format!("more than {MOST_FOLDERS} folders at once; name those that are meant")
        })?;
        if depth > DEEPEST {
            bail!("folders of your workspace are more than {DEEPEST} deep");
        }
        let dir = if folder.is_empty() { "." } else { folder };
        let entries = self.0.read_dir(dir);
        let entries = entries.with_context(|| format!("cannot look into `{dir}`"))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot look into `{dir}`"))?;
            let text = entry.file_name().into_string();
            let text = text.map_err(|_| {
                anyhow::anyhow!("`{dir}` of your workspace holds a name that is not UTF-8")
            })?;
            names.push((text, entry.file_type()?.is_dir()));
            if names.len() > MOST_FILES {
                bail!(
                    "`{dir}` of your workspace holds more than {MOST_FILES} names; name the files"
                );
            }
        }
        names.sort();
        for (text, is_folder) in names {
            // A clone may be kept here; what git keeps of it is no work.
            if text == ".git" {
                continue;
            }
            let text = match folder {
                "" => text,
                _ => format!("{folder}/{text}"),
            };
            if is_folder {
                self.below(&text, depth + 1, out, left)?;
                continue;
            }
            out.push(self.read(&name::path(&text)?, &mut left.bytes)?);
            if out.len() > MOST_FILES {
                bail!("more than {MOST_FILES} files at once; name those that are meant");
            }
        }
        Ok(())
    }

    /// A plain file; what is none is refused, and never waited for.
    fn read(&self, path: &TreePath, left: &mut u64) -> Result<Taken> {
        let mut options = OpenOptions::new();
        options.read(true).follow(FollowSymlinks::No).nonblock(true);
        let file = self.0.open_with(place(path)?, &options);
        let file = file.with_context(|| {
            format!("`{path}` of your workspace is no plain file that can be read")
        })?;
        let metadata = file.metadata()?;
        // A second name of it may lie where he cannot read.
        if !metadata.is_file() || metadata.nlink() > 1 {
            bail!(
                "`{path}` of your workspace is no plain file, or has a second name; copy it there"
            );
        }
        let mut bytes = Vec::new();
        file.take(*left + 1).read_to_end(&mut bytes)?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        *left = left.checked_sub(size).with_context(|| {
            format!("more than {MOST_BYTES} bytes at once; make several commits")
        })?;
        Ok(Taken {
            path: path.clone(),
            bytes,
            executable: metadata.mode() & 0o100 != 0,
        })
    }
}

fn place(path: &TreePath) -> Result<&str> {
    path.as_str().context("the path is not UTF-8")
}
