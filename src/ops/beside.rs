//! The hooks that git knows beside those of qms, and which of them are there.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::coexist::Also;
use super::install::{self, Found, Shim};
use super::managers::{self, HUSKY};

/// Hooks that are passed on whether they are there or not, since they may come later. That one is there changes
/// nothing by itself.
pub(super) const ALWAYS: &[&str] = &[
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "post-rewrite",
    "pre-auto-gc",
    "update",
    "post-receive",
    "post-update",
];
/// Hooks that cost time or change what git does by being there: passed on where they are there now.
pub(super) const THERE: &[&str] = &[
    "pre-receive",
    "reference-transaction",
    "proc-receive",
    "push-to-checkout",
    "post-index-change",
    "fsmonitor-watchman",
    "sendemail-validate",
    "p4-changelist",
    "p4-prepare-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
];

/// The other hooks of a folder, which run without a shim of their own.
pub(super) fn others(at: &Path, shims: &[Shim], how: &'static str) -> Result<Vec<Also>> {
    let mut out = Vec::new();
    for name in ALWAYS.iter().chain(THERE) {
        if shims.iter().any(|(hook, _)| hook == name) {
            continue;
        }
        if let Some(file) = real(at, name)? {
            out.push(Also {
                hook: (*name).to_owned(),
                what: file.display().to_string(),
                how,
            });
        }
    }
    Ok(out)
}

/// The hook that runs by this name in a folder of somebody else. Husky's own folder holds one for every name, which
/// runs a script beside that folder if there is one.
pub(super) fn real(at: &Path, name: &str) -> Result<Option<PathBuf>> {
    let place = at.join(name);
    if !install::is_executable(&place) {
        return Ok(None);
    }
    if let Found::Theirs(script) = Found::look(&place)?
        && managers::of(&script) == Some(&HUSKY)
    {
        let script = at.parent().map(|above| above.join(name));
        return Ok(script.filter(|s| s.is_file()));
    }
    Ok(Some(place))
}
