//! Trying to write what a box may only read.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::model::boxes::REPO;
use crate::model::boxes::ways::WAYS;
use crate::model::health::Row;

/// The ways to write into a folder that led to something, of all that there are.
pub fn tried(folder: &Path) -> Result<Vec<&'static str>> {
    let mut out = Vec::new();
    for (at, way) in WAYS.iter().enumerate() {
        let room = tempfile::tempdir().context("there is no folder to work in")?;
        let mut command = Command::new("sh");
        command
            .args(["-euc", way.script])
            .current_dir("/")
            .env("R", folder)
            .env("W", room.path())
            .env("N", format!("qms-try-{}-{at}", std::process::id()))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let ended = command.status().context("cannot start sh")?;
        if ended.success() {
            out.push(way.name);
        }
    }
    Ok(out)
}

/// Whether the repository, and what the box is made of, can be written.
pub fn writes() -> Result<Vec<Row>> {
    let through = tried(Path::new(REPO))?;
    if through.is_empty() {
        let is = format!("{} ways to write were tried, and none worked", WAYS.len());
        return Ok(vec![Row::good("read-only", REPO, is)]);
    }
    let row = |way: &&str| {
        Row::wrong("writable", REPO, format!("can be written: {way}")).mend(
            "end this box, and start one whose repository is mounted read-only: qms session up",
        )
    };
    Ok(through.iter().map(row).collect())
}
