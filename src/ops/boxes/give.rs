//! What a box is given, for boxes that something else starts: Compose mounts the folder that is written here.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::Ground;
use super::place::{given, line};
use crate::git::write;
use crate::model::boxes::settings::Facts;
use crate::ops::session::Session;
use crate::ops::tokens::{self, Tokens};

/// How long the token of a box is good; a box that is started later gets another.
const GOOD: &str = "30d";

/// Writes to a folder what the box of an agent is given. `port`: where the gateway is.
pub fn give(session: &Session, agent: &str, to: &Path, port: u16) -> Result<()> {
    let ground = Ground::of(session)?;
    ground.knows(agent)?;
    let about = std::fs::metadata(to);
    let about = about.with_context(|| format!("`{}` is no folder to write to", to.display()))?;
    let (_, identity) = ground.role(agent)?;
    let facts = Facts {
        agent,
        token: &token(session, to, agent)?,
        instance: &instance(&to.join("instance"))?,
        port,
        identity: identity.as_deref(),
        user: (about.uid(), about.gid()),
    };
    given(to, &facts).map(drop)
}

/// The token that a box was given, where it is good for its agent; else a new one.
pub(super) fn token(session: &Session, given: &Path, agent: &str) -> Result<String> {
    if let Some(token) = line(&given.join("token"))
        && Tokens::of(session)?.admits(&token)?.as_deref() == Some(agent)
    {
        return Ok(token);
    }
    tokens::new(session, agent, Some(GOOD))
}

/// What a box calls itself: the same as before, since it is the same one to whoever it calls.
pub(super) fn instance(file: &Path) -> Result<String> {
    if let Some(known) = line(file) {
        return Ok(known);
    }
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    let made = format!("box {:016x}", u64::from_ne_bytes(random));
    write::replace_private(file, made.as_bytes())?;
    Ok(made)
}
