//! `qms doctor`: a clone, or with `--server` a server's repository.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use super::answer::answer;
use super::args::Format;
use crate::ops::{Session, doctor};
use crate::report::health;

pub(super) fn run(
    server: Option<&Path>,
    prove: bool,
    user: Option<String>,
    format: Format,
) -> Result<ExitCode> {
    let here = Session::open(Path::new("."), user);
    let found = match server {
        // A server may be looked at from anywhere; from a clone, that clone's hooks are tried too.
        Some(dir) => {
            let clone = here.ok().filter(|s| s.repo.work_dir().is_some());
            doctor::server(dir, clone.as_ref(), prove)?
        }
        None => doctor::clone(&here?, prove)?,
    };
    answer(format, &found, || health::text(&found))?;
    Ok(ExitCode::from(u8::from(found.wrong > 0)))
}
