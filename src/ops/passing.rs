//! Our own folder of hooks: shims that first run the hook of the same name in the folder of somebody else, under its
//! own path, and for every other hook one that only passes on.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::beside::{ALWAYS, THERE, real};
use super::install::{self, Found, Gone, Installed, Shim};

const FORWARD: &str = include_str!("../../hooks/forward");

/// Fills our folder. `theirs` is the other folder, as a hook names it and as it is seen from here.
// Implements: REQ-QMS-HOOK-FORWARD
pub(super) fn install(
    own: &Path,
    (folder, at): (&Path, &Path),
    shims: &[Shim],
) -> Result<Vec<Installed>> {
    let mut out = Vec::new();
    for (hook, shim) in shims {
        let place = own.join(hook);
        let text = install::text(shim, &quoted(&folder.join(hook))?)?;
        let what = install::put(&place, &text)?;
        let first = real(at, hook)?;
        out.push(Installed {
            hook,
            what: match what {
                "installed" if first.is_some() => "chained",
                what => what,
            },
            path: place.display().to_string(),
            runs_first: first.map(|f| f.display().to_string()),
        });
    }
    let ours = |name: &&str| shims.iter().any(|(hook, _)| hook == name);
    let forward = install::text(FORWARD, &quoted(folder)?)?;
    let mut wanted: Vec<&str> = shims.iter().map(|(hook, _)| *hook).collect();
    let there = THERE
        .iter()
        .filter(|name| install::is_executable(&at.join(name)));
    for name in ALWAYS.iter().chain(there).filter(|n| !ours(n)) {
        install::put(&own.join(name), &forward)?;
        wanted.push(name);
    }
    clear(own, &wanted)?;
    Ok(out)
}

/// Takes shims out of our folder; what only passes on goes with the last of them. Files of others stay.
pub(super) fn take(own: &Path, shims: &[Shim], rest: &[Shim]) -> Result<Vec<Gone>> {
    let mut out = Vec::new();
    for (hook, _) in shims {
        let place = own.join(hook);
        let what = match Found::look(&place)? {
            Found::Nothing => continue,
            Found::Ours(_) => {
                install::remove(&place)?;
                "removed"
            }
            Found::Theirs(_) => "left",
        };
        out.push(Gone {
            hook,
            what,
            path: place.display().to_string(),
        });
    }
    if rest.is_empty() {
        clear(own, &[])?;
    }
    Ok(out)
}

/// Removes what is ours in our folder and not wanted, and the folder if that empties it.
pub(super) fn clear(own: &Path, wanted: &[&str]) -> Result<()> {
    for name in names(own)? {
        if !wanted.contains(&name.as_str()) && Found::look(&own.join(&name))?.is_ours() {
            install::remove(&own.join(&name))?;
        }
    }
    if own.is_dir() && names(own)?.is_empty() {
        std::fs::remove_dir(own).with_context(|| format!("cannot remove `{}`", own.display()))?;
    }
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e).with_context(|| format!("cannot read `{}`", folder.display())),
    };
    let mut out = Vec::new();
    for entry in entries {
        out.push(entry?.file_name().to_string_lossy().into_owned());
    }
    out.sort();
    Ok(out)
}

/// A path as one word of the shell.
fn quoted(path: &Path) -> Result<String> {
    let text = path.to_str().context("the folder of hooks is not UTF-8")?;
    if text.contains('\n') {
        bail!("the folder of hooks has a line break in its name: {text:?}");
    }
    Ok(format!("'{}'", text.replace('\'', "'\\''")))
}
