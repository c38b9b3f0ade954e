//! A run of the tests, and what it left, in one step: nothing of before the run is taken for its result.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use super::{Asked, add, ready};
use crate::model::trace::kept::Added;
use crate::ops::session::Session;

/// By what it is seen that a file was written: its time, and its size.
type Seen = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// Runs a command and keeps the reports that it wrote. `asked` names the files; whether the command itself was content is
/// kept with them.
// Implements: REQ-QMS-CMD-RUN
pub fn run(session: &Session, asked: Asked, command: &[String]) -> Result<Added> {
    let [program, args @ ..] = command else {
        bail!("there is nothing to run: qms run --junit FILE -- COMMAND");
    };
    if asked.reports.junit.is_empty() {
        bail!("nothing would say which tests ran: name the report that it writes, --junit FILE");
    }
    // Said before minutes of tests, not after them.
    ready(session, &asked)?;
    let before = seen(&asked.reports.files())?;
    let ended = Command::new(program).args(args).status();
    let ended = ended.with_context(|| format!("cannot start `{program}`"))?;
    let after = seen(&asked.reports.files())?;
    let old: Vec<String> = after
        .iter()
        .filter(|(place, now)| now.is_none() || before.get(*place) == Some(now))
        .map(|(place, _)| format!("`{}`", place.display()))
        .collect();
    if !old.is_empty() {
        bail!(
            "{} was not written by this run, so nothing was kept",
            old.join(", ")
        );
    }
    // What ends by a signal has no code; as shells have it, more than any code.
    let asked = Asked {
        command: command.to_vec(),
        exit: Some(ended.code().unwrap_or(128)),
        ..asked
    };
    add(session, &asked)
}

/// What lies at these places now; of a folder everything in it.
fn seen(places: &[PathBuf]) -> Result<Seen> {
    let (mut out, mut open) = (Seen::new(), places.to_vec());
    while let Some(place) = open.pop() {
        let Ok(metadata) = place.metadata() else {
            out.insert(place, None);
            continue;
        };
        if metadata.is_dir() {
            for entry in std::fs::read_dir(&place)? {
                open.push(entry?.path());
            }
            continue;
        }
        out.insert(place, Some((metadata.modified()?, metadata.len())));
    }
    Ok(out)
}
