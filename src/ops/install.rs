//! Hooks: thin shims where git looks for them. A hook that is already there is kept and run first.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::git::write;

/// The shims, one a hook.
pub const CLONE: &[(&str, &str)] = &[
    ("pre-commit", include_str!("../../hooks/pre-commit")),
    (
        "prepare-commit-msg",
        include_str!("../../hooks/prepare-commit-msg"),
    ),
    ("commit-msg", include_str!("../../hooks/commit-msg")),
    ("pre-push", include_str!("../../hooks/pre-push")),
];
pub const SERVER: &[(&str, &str)] = &[
    ("pre-receive", include_str!("../../hooks/pre-receive")),
    (
        "reference-transaction",
        include_str!("../../hooks/reference-transaction"),
    ),
];

/// What the shims hold in the place of the program's path.
const PROGRAM: &str = "@QMS@";
/// The line by which a shim is known as ours.
const MARK: &str = "# qms hook";

/// What happened to one hook.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Installed {
    pub hook: &'static str,
    /// `installed`, `updated`, `unchanged`, or `chained`: the hook that was there runs first.
    pub what: &'static str,
    pub path: String,
}

/// Puts shims into a folder. A hook of somebody else moves to `NAME.before-qms`, which the shim runs first.
pub fn install(
    folder: &Path,
    shims: &'static [(&'static str, &'static str)],
) -> Result<Vec<Installed>> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make `{}`", folder.display()))?;
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let program = program
        .to_str()
        .context("this program's path is not UTF-8")?;
    if program.contains('\'') || program.contains('\n') {
        bail!("this program's path has a quote or a line break in it: {program:?}");
    }
    let mut out = Vec::new();
    for (hook, shim) in shims {
        let place = folder.join(hook);
        let text = shim.replace(PROGRAM, program);
        let found = match std::fs::read(&place) {
            Ok(found) => Some(found),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(e).with_context(|| format!("cannot read `{}`", place.display())),
        };
        let ours = found
            .as_ref()
            .is_some_and(|f| String::from_utf8_lossy(f).contains(MARK));
        let what = match &found {
            Some(found) if found == text.as_bytes() && is_executable(&place) => "unchanged",
            Some(_) if ours => "updated",
            Some(_) => {
                let kept = folder.join(format!("{hook}.before-qms"));
                if kept.exists() {
                    bail!(
                        "`{}` and `{}` are both there; move one of them away",
                        place.display(),
                        kept.display()
                    );
                }
                std::fs::rename(&place, &kept)?;
                "chained"
            }
            None => "installed",
        };
        if what != "unchanged" {
            write::replace(&place, text.as_bytes())?;
            std::fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        }
        out.push(Installed {
            hook,
            what,
            path: place.display().to_string(),
        });
    }
    Ok(out)
}

fn is_executable(place: &Path) -> bool {
    place
        .metadata()
        .is_ok_and(|m| std::os::unix::fs::PermissionsExt::mode(&m.permissions()) & 0o111 != 0)
}
