//! Hooks beside those of others. In the plain folder of the git directory a shim takes the place of a hook and runs it
//! first. Where `core.hooksPath` leads elsewhere, or a hook there must keep its name, nothing of theirs is touched: the
//! shims have a folder of their own, to which `core.hooksPath` leads until they are taken away, and pass on.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::beside;
use super::install::{self, CLONE, Found, Gone, Installed, SERVER, Shim};
use super::managers::{self, HUSKY};
use super::passing;
use crate::git::Repo;
use crate::git::config::Level;

/// Git's own folder for hooks, and ours beside it.
const PLAIN: &str = "hooks";
const OWN: &str = "hooks-qms";
/// Where git is told to look, and what it was told before.
const KEY: &str = "core.hooksPath";
const MEMORY: &str = "qms.hooksPath";

/// Hooks as they are now.
#[derive(Debug)]
pub struct Hooks {
    pub shims: Vec<Installed>,
    /// The folder that `core.hooksPath` named, and still means, with the level that says so.
    pub passes_on_to: Option<(String, &'static str)>,
    pub also: Vec<Also>,
    pub notes: Vec<String>,
}

/// Another hook that runs, beside those that a shim runs first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Also {
    pub hook: String,
    /// A file, or a command.
    pub what: String,
    /// `passed on` by a shim, run `by git` from the same folder, or `configured`: git 2.54 and later runs it.
    pub how: &'static str,
}

/// What became of everything that `init` had set up for hooks.
#[derive(Debug)]
pub struct Undone {
    pub hooks: Vec<Gone>,
    /// Settings with the value that they have again, if any, and their level.
    pub settings: Vec<(String, Option<String>, &'static str)>,
    pub notes: Vec<String>,
}

/// Where git would look for hooks if qms were not there.
struct Theirs {
    /// As configured, and the level that says so.
    named: Option<(String, &'static str)>,
    /// As a hook reads it: it may be relative to the work tree.
    folder: PathBuf,
    /// Seen from here.
    at: PathBuf,
    /// Where `core.hooksPath` must be written to prevail.
    level: Level,
}

pub fn install(repo: &Repo, shims: &[Shim]) -> Result<Hooks> {
    let (plain, own) = folders(repo)?;
    // Whoever has both kinds of hook has them in one place.
    let mut wanted: Vec<Shim> = Vec::new();
    for shim in CLONE.iter().chain(SERVER) {
        let there = install::is_there(&plain, shim.0)? || install::is_there(&own, shim.0)?;
        if shims.contains(shim) || there {
            wanted.push(*shim);
        }
    }
    let theirs = theirs(repo, &plain)?;
    let mut hooks = if is_plain(repo, &theirs, &plain, &wanted)? {
        let shims = install::install(&plain, &wanted)?;
        leave(repo)?;
        passing::clear(&own, &[])?;
        Hooks {
            shims,
            passes_on_to: None,
            also: beside::others(&plain, &wanted, "by git")?,
            notes: Vec::new(),
        }
    } else {
        let shims = passing::install(&own, (&theirs.folder, &theirs.at), &wanted)?;
        point(repo, &theirs, &own)?;
        install::take(&plain, &wanted)?;
        Hooks {
            shims,
            passes_on_to: theirs.named.clone(),
            also: beside::others(&theirs.at, &wanted, "passed on")?,
            notes: Vec::new(),
        }
    };
    for hook in repo.configured_hooks()? {
        hooks.also.extend(hook.events.iter().map(|event| Also {
            hook: event.clone(),
            what: hook.command.clone(),
            how: "configured",
        }));
    }
    hooks.notes = notes(&hooks.shims, &theirs.at)?;
    Ok(hooks)
}

pub fn uninstall(repo: &Repo, shims: &[Shim]) -> Result<Undone> {
    let (plain, own) = folders(repo)?;
    let mut notes = Vec::new();
    let mut rest = Vec::new();
    for shim in CLONE.iter().chain(SERVER).filter(|s| !shims.contains(s)) {
        if install::is_there(&own, shim.0)? {
            rest.push(*shim);
        }
    }
    let mut hooks = install::take(&plain, shims)?;
    for gone in &hooks {
        let (_, kept) = install::places(&plain, gone.hook);
        if gone.what == "left" && !matches!(Found::look(&kept)?, Found::Nothing) {
            notes.push(format!(
                "`{}` was kept for the hook that was there before; what is there now is another",
                kept.display()
            ));
        }
    }
    let settings = if rest.is_empty() {
        let taken = taken_back(repo)?;
        let settings = leave(repo)?;
        if let Some(now) = taken.filter(|_| !settings.is_empty()) {
            notes.push(format!(
                "{KEY} is `{now}` by now, set by somebody else: left alone"
            ));
        }
        settings
    } else {
        notes.push(format!("{KEY} stays: the other hooks of qms are there too"));
        Vec::new()
    };
    let keep = if rest.is_empty() { Vec::new() } else { rest };
    hooks.extend(passing::take(&own, shims, &keep)?);
    Ok(Undone {
        hooks,
        settings,
        notes,
    })
}

/// Where shims may be: git's plain folder for hooks, and ours.
fn folders(repo: &Repo) -> Result<(PathBuf, PathBuf)> {
    let common = repo.common_dir();
    let common = common
        .canonicalize()
        .with_context(|| format!("cannot find `{}`", common.display()))?;
    Ok((common.join(PLAIN), common.join(OWN)))
}

/// By its name, so that it is known as ours after the repository was moved.
fn is_own(value: &str) -> bool {
    Path::new(value).file_name().is_some_and(|n| n == OWN)
}

fn theirs(repo: &Repo, plain: &Path) -> Result<Theirs> {
    let values = repo.configured("core", "hooksPath")?;
    let last = values.last();
    if let Some(value) = last.filter(|v| v.level == "environment") {
        bail!(
            "{KEY} is `{}` for this command alone, by the environment; run qms init without it",
            value.text
        );
    }
    let level = match last {
        Some(value) if value.level == "worktree" => Level::Worktree,
        _ => Level::Local,
    };
    let mut named = values.iter().rfind(|v| !is_own(&v.text));
    let remembered;
    if last.is_some_and(|v| is_own(&v.text))
        && let Some(text) = repo.config_at(level, MEMORY)?.pop()
    {
        remembered = crate::git::config::Value {
            text,
            level: level.as_str(),
        };
        named = Some(&remembered);
    }
    let named = named.map(|v| (v.text.clone(), v.level));
    let folder = match &named {
        Some((text, level)) => repo
            .config_path(text)
            .with_context(|| format!("cannot tell where {KEY} = `{text}` ({level}) leads"))?,
        None => plain.to_path_buf(),
    };
    // Git runs hooks at the top of the work tree, in a bare repository in the git directory.
    let top = repo.work_dir().unwrap_or(repo.git_dir());
    let at = top.join(&folder);
    Ok(Theirs {
        named,
        folder,
        at,
        level,
    })
}

/// Whether the shims may take the places of hooks: the folder is git's own, lies in the git directory, and no hook
/// there depends on its name.
fn is_plain(repo: &Repo, theirs: &Theirs, plain: &Path, shims: &[Shim]) -> Result<bool> {
    let Ok(real) = plain.canonicalize() else {
        return Ok(theirs.at == plain);
    };
    let inside = real.starts_with(repo.common_dir().canonicalize()?);
    if !inside || theirs.at.canonicalize().ok() != Some(real) {
        return Ok(false);
    }
    for (hook, _) in shims {
        let (place, kept) = install::places(plain, hook);
        for file in [place, kept] {
            if let Found::Theirs(text) = Found::look(&file)?
                && managers::asks_its_name(&text)
            {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Lets `core.hooksPath` lead to our folder, and remembers what the same level said before.
fn point(repo: &Repo, theirs: &Theirs, own: &Path) -> Result<()> {
    let own = own
        .to_str()
        .context("the git directory's path is not UTF-8")?;
    let direct = repo.config_at(theirs.level, KEY)?.pop();
    let mut values = vec![(KEY, Some(own.to_owned()))];
    if direct.as_deref().is_none_or(|d| !is_own(d)) {
        values.push((MEMORY, direct));
    }
    repo.configure(theirs.level, &values)?;
    let again = Repo::discover(repo.work_dir().unwrap_or(repo.git_dir()))?;
    let now = again.configured("core", "hooksPath")?.pop();
    match now {
        Some(value) if value.text == own => Ok(()),
        other => {
            leave(repo)?;
            bail!(
                "{KEY} stays `{}` whatever the repository's own configuration says; a file that it includes may set it",
                other.map(|v| v.text).unwrap_or_default()
            )
        }
    }
}

/// Puts `core.hooksPath` back where it leads to our folder, and forgets what it was.
fn leave(repo: &Repo) -> Result<Vec<(String, Option<String>, &'static str)>> {
    let mut out = Vec::new();
    for level in Level::BOTH {
        let direct = repo.config_at(level, KEY)?.pop();
        let memory = repo.config_at(level, MEMORY)?.pop();
        if direct.as_deref().is_some_and(is_own) {
            repo.configure(level, &[(KEY, memory.clone()), (MEMORY, None)])?;
            out.push((KEY.to_owned(), memory, level.as_str()));
        } else if memory.is_some() {
            repo.configure(level, &[(MEMORY, None)])?;
            out.push((MEMORY.to_owned(), None, level.as_str()));
        }
    }
    Ok(out)
}

/// What `core.hooksPath` says where somebody set it after us.
fn taken_back(repo: &Repo) -> Result<Option<String>> {
    for level in Level::BOTH {
        let direct = repo.config_at(level, KEY)?.pop();
        if !repo.config_at(level, MEMORY)?.is_empty()
            && let Some(now) = direct.filter(|d| !is_own(d))
        {
            return Ok(Some(now));
        }
    }
    Ok(None)
}

/// What the managers of the hooks here will do one day, a line each.
fn notes(shims: &[Installed], at: &Path) -> Result<Vec<String>> {
    let mut out: Vec<String> = Vec::new();
    let kept = shims.iter().filter_map(|s| s.runs_first.as_deref());
    let mut files: Vec<PathBuf> = kept.map(PathBuf::from).collect();
    files.push(at.join("pre-commit"));
    for file in files {
        let Found::Theirs(script) = Found::look(&file)? else {
            continue;
        };
        if let Some(manager) = managers::of(&script).filter(|m| !m.again.is_empty())
            && !out.iter().any(|n| n == manager.again)
        {
            out.push(manager.again.to_owned());
        }
    }
    if at.ends_with(".husky/_") && !out.iter().any(|n| n == HUSKY.again) {
        out.push(HUSKY.again.to_owned());
    }
    Ok(out)
}
