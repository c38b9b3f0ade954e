//! Shims in the hooks folder of the git directory. A hook that is already there is kept beside its shim and run
//! first; taking the shims away puts it back.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::managers;
use crate::git::write;

/// A hook's name and the shim for it.
pub type Shim = (&'static str, &'static str);

/// The shims, one a hook.
pub const CLONE: &[Shim] = &[
    ("pre-commit", include_str!("../../hooks/pre-commit")),
    (
        "prepare-commit-msg",
        include_str!("../../hooks/prepare-commit-msg"),
    ),
    ("commit-msg", include_str!("../../hooks/commit-msg")),
    ("pre-push", include_str!("../../hooks/pre-push")),
];
pub const SERVER: &[Shim] = &[
    ("pre-receive", include_str!("../../hooks/pre-receive")),
    (
        "reference-transaction",
        include_str!("../../hooks/reference-transaction"),
    ),
];

/// What the shims hold in the place of the program's path, and of what runs first, as a word of the shell.
const PROGRAM: &str = "@QMS@";
const KEPT: &str = "@KEPT@";
/// The line by which a shim is known as ours.
const MARK: &str = "# qms hook";

/// What happened to one hook.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Installed {
    pub hook: &'static str,
    /// `installed`, `updated`, `unchanged`, or `chained`: from now on another hook runs first.
    pub what: &'static str,
    pub path: String,
    /// The hook of somebody else that runs before.
    pub runs_first: Option<String>,
}

/// What became of one hook when the shims were taken away.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Gone {
    pub hook: &'static str,
    /// `removed`, `put back`: the hook from before is in its place, or `left`: somebody else's, in the place of ours.
    pub what: &'static str,
    pub path: String,
}

/// What is in the place of a hook.
pub(super) enum Found {
    Nothing,
    Ours(Vec<u8>),
    Theirs(Vec<u8>),
}

impl Found {
    pub(super) fn look(place: &Path) -> Result<Found> {
        use std::io::ErrorKind::{NotADirectory, NotFound};
        let missing = |e: &std::io::Error| matches!(e.kind(), NotFound | NotADirectory);
        match std::fs::read(place) {
            Ok(text) if String::from_utf8_lossy(&text).contains(MARK) => Ok(Found::Ours(text)),
            Ok(text) => Ok(Found::Theirs(text)),
            // A link that leads nowhere is somebody's too.
            Err(e) if missing(&e) && place.is_symlink() => Ok(Found::Theirs(Vec::new())),
            Err(e) if missing(&e) => Ok(Found::Nothing),
            Err(e) => Err(e).with_context(|| format!("cannot read `{}`", place.display())),
        }
    }

    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Found::Ours(_))
    }
}

/// A shim's text; `kept` is what runs first, as the shell reads it.
pub(super) fn text(shim: &str, kept: &str) -> Result<String> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let program = program
        .to_str()
        .context("this program's path is not UTF-8")?;
    if program.contains('\'') || program.contains('\n') {
        bail!("this program's path has a quote or a line break in it: {program:?}");
    }
    Ok(shim.replace(PROGRAM, program).replace(KEPT, kept))
}

/// What a shim was filled with: the program, and what runs first as a word of the shell. `None` where the text is not
/// that shim, byte for byte.
pub(super) fn filled<'t>(shim: &str, text: &'t str) -> Option<(&'t str, &'t str)> {
    let value = |key: &str| text.lines().find_map(|l| l.strip_prefix(key));
    let program = value("own='")?.strip_suffix('\'')?;
    let kept = value("kept=")?;
    let same = shim.replace(PROGRAM, program).replace(KEPT, kept) == text;
    same.then_some((program, kept))
}

/// Writes a shim where nothing is, or one of ours.
pub(super) fn put(place: &Path, text: &str) -> Result<&'static str> {
    let what = match Found::look(place)? {
        Found::Nothing => "installed",
        Found::Ours(found) if found == text.as_bytes() && is_executable(place) => "unchanged",
        Found::Ours(_) => "updated",
        Found::Theirs(_) => bail!("`{}` is not one of qms; move it away", place.display()),
    };
    if what != "unchanged" {
        write::replace_with_mode(place, text.as_bytes(), 0o755)?;
    }
    Ok(what)
}

/// Puts shims into a folder. A hook of somebody else moves to `NAME.before-qms`, which the shim runs first.
pub(super) fn install(folder: &Path, shims: &[Shim]) -> Result<Vec<Installed>> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make `{}`", folder.display()))?;
    let mut out = Vec::new();
    for (hook, shim) in shims {
        let (place, kept) = places(folder, hook);
        let text = text(shim, &format!("\"${{0%/*}}/{hook}.before-qms\""))?;
        clear_aside(folder, hook)?;
        let what = if let Found::Theirs(now) = Found::look(&place)? {
            match Found::look(&kept)? {
                Found::Theirs(before) if !managers::is_same(&before, &now) => bail!(
                    "`{}` and `{}` are both there; move one of them away",
                    place.display(),
                    kept.display()
                ),
                _ => keep(&place, &kept)?,
            }
            write::replace_with_mode(&place, text.as_bytes(), 0o755)?;
            "chained"
        } else {
            put(&place, &text)?
        };
        out.push(Installed {
            hook,
            what,
            path: place.display().to_string(),
            runs_first: is_executable(&kept).then(|| kept.display().to_string()),
        });
    }
    Ok(out)
}

/// Takes shims out of a folder and puts back what they kept. Hooks that were never there are not listed.
pub(super) fn take(folder: &Path, shims: &[Shim]) -> Result<Vec<Gone>> {
    let mut out = Vec::new();
    for (hook, _) in shims {
        let (place, kept) = places(folder, hook);
        let aside = clear_aside(folder, hook)?;
        let what = match (Found::look(&place)?, Found::look(&kept)?) {
            (Found::Ours(_), Found::Nothing) => {
                remove(&place)?;
                "removed"
            }
            (Found::Ours(_) | Found::Nothing, Found::Theirs(_)) => {
                rename(&kept, &place)?;
                "put back"
            }
            (Found::Theirs(now), Found::Theirs(before)) => {
                if managers::is_same(&before, &now) {
                    remove(&kept)?;
                }
                "left"
            }
            (Found::Theirs(_), _) if aside => "left",
            (Found::Nothing, Found::Nothing) if aside => "removed",
            _ => continue,
        };
        out.push(Gone {
            hook,
            what,
            path: place.display().to_string(),
        });
    }
    Ok(out)
}

/// Whether a shim is in the folder, under its name or where a manager moved it.
pub(super) fn is_there(folder: &Path, hook: &str) -> Result<bool> {
    for name in [
        hook.to_owned(),
        format!("{hook}.legacy"),
        format!("{hook}.old"),
    ] {
        // Not one that only passes on.
        let own = format!("{MARK}: {hook}.");
        if let Found::Ours(text) = Found::look(&folder.join(name))?
            && String::from_utf8_lossy(&text).contains(&own)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Shims that a manager moved aside to put its own script there. What such a shim kept goes where the manager would
/// have moved it without qms.
fn clear_aside(folder: &Path, hook: &str) -> Result<bool> {
    let (place, kept) = places(folder, hook);
    let mut found = false;
    for end in ["legacy", "old"] {
        let aside = folder.join(format!("{hook}.{end}"));
        if !Found::look(&aside)?.is_ours() {
            continue;
        }
        found = true;
        match (Found::look(&kept)?, Found::look(&place)?) {
            (Found::Theirs(before), Found::Theirs(now)) if !managers::is_same(&before, &now) => {
                rename(&kept, &aside)?;
            }
            _ => remove(&aside)?,
        }
    }
    Ok(found)
}

/// Where a hook is, and where the one from before is kept.
pub(super) fn places(folder: &Path, hook: &str) -> (PathBuf, PathBuf) {
    (folder.join(hook), folder.join(format!("{hook}.before-qms")))
}

/// Gives a hook a second name, in the place of what had it: it is never without its first.
fn keep(place: &Path, kept: &Path) -> Result<()> {
    let aside = kept.with_extension("qms-new");
    let _ = std::fs::remove_file(&aside);
    let linked = std::fs::hard_link(place, &aside);
    linked
        .or_else(|_| std::fs::copy(place, &aside).map(|_| ()))
        .and_then(|()| std::fs::rename(&aside, kept))
        .with_context(|| format!("cannot keep `{}` as `{}`", place.display(), kept.display()))?;
    // Where both names were the same file already, renaming one over the other leaves it.
    let _ = std::fs::remove_file(&aside);
    Ok(())
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)
        .with_context(|| format!("cannot move `{}` to `{}`", from.display(), to.display()))
}

pub(super) fn remove(place: &Path) -> Result<()> {
    std::fs::remove_file(place).with_context(|| format!("cannot remove `{}`", place.display()))
}

pub(super) fn is_executable(place: &Path) -> bool {
    place.metadata().is_ok_and(|m| {
        m.is_file() && std::os::unix::fs::PermissionsExt::mode(&m.permissions()) & 0o111 != 0
    })
}
