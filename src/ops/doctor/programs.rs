//! The programs: this one, git, and what the shims call.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::super::install;
use crate::git::Repo;
use crate::model::health::Row;

/// The oldest git that has every hook that qms needs: `reference-transaction` came with it.
const OLDEST_GIT: (u32, u32) = (2, 28);
/// The first git that runs hooks by configuration.
pub(super) const CONFIGURED_HOOKS: (u32, u32) = (2, 54);

/// The programs, and git's version as far as it matters.
pub(super) fn rows(repo: &Repo) -> Result<(Vec<Row>, (u32, u32))> {
    let own = std::env::current_exe().context("cannot tell where this program is")?;
    let is = format!("{}, {}", env!("CARGO_PKG_VERSION"), own.display());
    let text = repo.git_version()?;
    let version = numbers(&text).with_context(|| format!("git calls itself {text:?}"))?;
    let (major, minor) = OLDEST_GIT;
    let git = match version >= OLDEST_GIT {
        true => Row::good("git", "git", format!("{text}; {major}.{minor} is needed")),
        false => {
            let is = format!("{text}, which has no `reference-transaction` hook");
            Row::wrong("git", "git", is).mend(format!("install git {major}.{minor} or later"))
        }
    };
    Ok((vec![Row::good("qms", "qms", is), git], version))
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', ' ', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The program that a shim ends up with, as the shim looks for it; or why it does not answer.
pub(super) fn answers(program: &str) -> Result<PathBuf, String> {
    let mut file = PathBuf::from(program);
    if !install::is_executable(&file) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|dir| dir.join("qms"));
        file = match found.into_iter().find(|f| install::is_executable(f)) {
            Some(found) => found,
            None => return Err("it is not there, and no qms is in PATH".to_owned()),
        };
    }
    if std::env::current_exe().is_ok_and(|own| own == file) {
        return Ok(file);
    }
    let ran = Command::new(&file).arg("--version").output();
    let said = ran.map_err(|e| format!("it cannot be started: {e}"))?;
    let text = String::from_utf8_lossy(&said.stdout);
    let this = env!("CARGO_PKG_VERSION");
    match text.trim().strip_prefix("qms ") {
        Some(version) if version != this => Err(format!("it is version {version}, this is {this}")),
        Some(_) => Ok(file),
        None => Err("it does not answer as qms does".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_git_says_them() {
        assert_eq!(numbers("2.47.3"), Some((2, 47)));
        assert_eq!(numbers("2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(numbers("next"), None);
        assert!(numbers("2.9.5") < Some(OLDEST_GIT));
    }
}
