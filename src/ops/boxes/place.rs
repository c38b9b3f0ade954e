//! Where the boxes of a repository keep what is theirs: outside of it, beside the tokens, for one pair of eyes.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::git::write;
use crate::model::boxes::Reach;
use crate::model::boxes::settings::{self, Facts};
use crate::model::boxes::view::Sandbox;
use crate::ops::session::Session;
use crate::ops::tokens::Tokens;

/// The user in a box where whoever starts it is root.
const PLAIN: u32 = 1000;

/// A box that was started, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) sandbox: Sandbox,
    pub(super) reach: Reach,
    /// The agent's program that its image holds.
    pub(super) cli: Option<String>,
    /// What it was made of.
    pub(super) made_of: String,
}

/// The folder of a repository's boxes.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    /// Of this repository, in names of containers and in labels.
    pub(super) mark: String,
    /// Who runs this.
    owner: (u32, u32),
}

impl Place {
    pub(super) fn of(session: &Session) -> Result<Place> {
        let tokens = Tokens::of(session)?;
        let state = tokens.file().parent().context("a file has a folder")?;
        let folder = state.join("boxes");
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
        fs::set_permissions(state, Permissions::from_mode(0o700))?;
        let about = fs::metadata(&folder)?;
        let mark = state.file_name().and_then(|name| name.to_str());
        Ok(Place {
            mark: mark.context("a folder of tokens has a name")?[..12].to_owned(),
            owner: (about.uid(), about.gid()),
            folder,
        })
    }

    /// Where all workspaces are: what a gateway is told.
    pub(super) fn workspaces(&self) -> PathBuf {
        self.folder.join("workspaces")
    }

    pub(super) fn settings(&self, agent: &str) -> PathBuf {
        self.folder.join("settings").join(agent)
    }

    pub(super) fn given(&self, agent: &str) -> PathBuf {
        self.folder.join("given").join(agent)
    }

    pub(super) fn gate(&self, sandbox: Sandbox) -> PathBuf {
        self.folder.join(format!("gateway-{}", sandbox.as_str()))
    }

    /// What the box of an agent calls itself; it stays the same when it is started anew.
    pub(super) fn instance(&self, agent: &str) -> PathBuf {
        self.folder.join("instances").join(agent)
    }

    fn kept(&self, agent: &str) -> PathBuf {
        self.folder.join("kept").join(agent)
    }

    pub(super) fn keep(&self, agent: &str, kept: &Kept) -> Result<()> {
        write::replace_private(&self.kept(agent), &serde_json::to_vec(kept)?)
    }

    pub(super) fn find(&self, agent: &str) -> Result<Option<Kept>> {
        read(&self.kept(agent))
    }

    /// Whose boxes were started, by name.
    pub(super) fn all(&self) -> Result<Vec<String>> {
        let folder = self.folder.join("kept");
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => {
                entries.with_context(|| format!("cannot look into `{}`", folder.display()))?
            }
        };
        let mut out = Vec::new();
        for entry in entries {
            out.extend(entry?.file_name().into_string().ok());
        }
        out.sort();
        Ok(out)
    }

    pub(super) fn forget(&self, agent: &str) -> Result<()> {
        let (kept, given) = (self.kept(agent), self.given(agent));
        gone(fs::remove_file(&kept), &kept)?;
        gone(fs::remove_dir_all(&given), &given)
    }

    /// The user and group inside. Nobody is root there, whoever starts it.
    pub(super) fn user(&self) -> (u32, u32) {
        match self.owner {
            (0, _) => (PLAIN, PLAIN),
            other => other,
        }
    }

    /// Makes a folder of an agent's own. `inside`: whether the user of a container, who is another than root here, is
    /// to own it.
    pub(super) fn own(&self, folder: &Path, inside: bool) -> Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
        self.hand_over(folder, inside)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
        Ok(())
    }

    fn hand_over(&self, what: &Path, inside: bool) -> Result<()> {
        if self.owner.0 != 0 {
            return Ok(());
        }
        let (uid, gid) = if inside { self.user() } else { self.owner };
        chown(what, Some(uid), Some(gid))
            .with_context(|| format!("cannot hand over `{}`", what.display()))
    }

    /// Writes what a box is given.
    pub(super) fn give(&self, facts: &Facts<'_>, inside: bool) -> Result<()> {
        let folder = self.given(facts.agent);
        self.own(&folder, inside)?;
        self.own(&folder.join("claude"), inside)?;
        for place in given(&folder, facts)? {
            self.hand_over(&place, inside)?;
        }
        Ok(())
    }
}

/// Writes what a box is given to a folder, for its owner alone. Says which files there are.
pub(super) fn given(folder: &Path, facts: &Facts<'_>) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for file in settings::files(facts) {
        let place = folder.join(file.path);
        let mode = if file.executable { 0o500 } else { 0o400 };
        write::replace_with_mode(&place, file.text.as_bytes(), mode)?;
        out.push(place);
    }
    Ok(out)
}

/// This program, which boxes and gateways are made of.
pub(super) fn own() -> Result<PathBuf> {
    std::env::current_exe().context("cannot find this program")
}

/// A line of a file; none where there is no such file, or nothing in it.
pub(super) fn line(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A JSON file of this folder, where it is there.
pub(super) fn read<T: DeserializeOwned>(file: &Path) -> Result<Option<T>> {
    let shown = file.display();
    match fs::read(file) {
        Ok(bytes) => {
            let value = serde_json::from_slice(&bytes);
            let value = value.with_context(|| {
                format!("`{shown}` cannot be read; to do without: rm '{shown}'")
            })?;
            Ok(Some(value))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("cannot read `{shown}`")),
    }
}

/// What was taken away is gone, and so is what was not there.
pub(super) fn gone(done: std::io::Result<()>, what: &Path) -> Result<()> {
    match done {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("cannot take `{}` away", what.display()))
        }
        _ => Ok(()),
    }
}
