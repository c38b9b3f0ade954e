//! Copies of what decides in a repository: objects, refs, settings and hooks, as they really are. Nothing is linked, so
//! that nothing which is tried reaches the original. Remotes, credentials and what runs elsewhere stay behind.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::super::install::{self, Found, Shim};
use crate::git::Repo;
use crate::git::settings::{Setting, Settings};

/// What is copied of a server beside objects, settings and hooks.
const REFS: &[&str] = &["HEAD", "packed-refs", "refs", "shallow", "info/grafts"];

/// Settings that bear on a verdict. What names programs or other places is not among them.
const SETTINGS: &[&str] = &[
    "core.commentchar",
    "core.commentstring",
    "core.autocrlf",
    "core.eol",
    "core.filemode",
    "core.ignorecase",
    "core.precomposeunicode",
    "core.usereplacerefs",
    "commit.cleanup",
    "i18n.",
    "receive.",
    "transfer.",
    "qms.",
];

/// Levels of alternates that git follows.
const MOST_ALTERNATES: usize = 5;

/// Copies every object, also those that an alternate holds.
pub(super) fn objects(repo: &Repo, to: &Path) -> Result<()> {
    let mut open = vec![(repo.common_dir().join("objects"), 0)];
    while let Some((store, depth)) = open.pop() {
        if depth > MOST_ALTERNATES {
            bail!(
                "the alternates of `{}` are nested too deep",
                store.display()
            );
        }
        let text = std::fs::read_to_string(store.join("info/alternates")).unwrap_or_default();
        let named = text
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'));
        open.extend(named.map(|line| (store.join(line), depth + 1)));
        if store.is_dir() {
            tree(&store, &to.join("objects"))?;
        }
    }
    let _ = std::fs::remove_file(to.join("objects/info/alternates"));
    // It may name packs and commits of one store alone.
    let _ = std::fs::remove_file(to.join("objects/info/commit-graph"));
    Ok(())
}

pub(super) fn refs(repo: &Repo, to: &Path) -> Result<()> {
    for name in REFS {
        let from = repo.common_dir().join(name);
        if from.is_dir() {
            tree(&from, &to.join(name))?;
        } else if from.exists() {
            std::fs::create_dir_all(to.join("info"))?;
            std::fs::copy(&from, to.join(name))
                .with_context(|| format!("cannot copy `{}`", from.display()))?;
        }
    }
    Ok(())
}

fn tree(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make `{}`", to.display()))?;
    let entries =
        std::fs::read_dir(from).with_context(|| format!("cannot read `{}`", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            tree(&from, &to)?;
        } else if kind.is_file() && !to.exists() && from.extension().is_none_or(|e| e != "lock") {
            std::fs::copy(&from, &to)
                .with_context(|| format!("cannot copy `{}`", from.display()))?;
        } else if kind.is_symlink() && !to.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(&from)?, &to)?;
        }
    }
    Ok(())
}

/// Settings as the text of a configuration file, in git's order, so that the same value is the last.
pub(super) fn settings(settings: &Settings, keeps: impl Fn(&Setting) -> bool) -> String {
    let mut out = String::new();
    let known = |key: &str| {
        SETTINGS
            .iter()
            .any(|known| key == *known || (known.ends_with('.') && key.starts_with(known)))
    };
    let calls = settings.0.iter().filter(|s| s.text().contains("qms hook"));
    let hooks: Vec<&str> = calls
        .filter_map(|s| s.key.strip_suffix("command"))
        .collect();
    let ours = |key: &str| key.starts_with("hook.") && hooks.iter().any(|h| key.starts_with(h));
    for setting in settings.0.iter().filter(|s| keeps(s)) {
        let Some((section, rest)) = setting.key.split_once('.') else {
            continue;
        };
        if !known(&setting.key) && !ours(&setting.key) {
            continue;
        }
        let head = match rest.rsplit_once('.') {
            Some((sub, name)) => format!("[{section} {}]\n\t{name}", quoted(sub)),
            None => format!("[{section}]\n\t{rest}"),
        };
        out.push_str(&format!("{head} = {}\n", quoted(setting.text())));
    }
    out
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n"))
}

/// Copies hooks out of the folder that git uses. A shim of ours comes without what it runs first, since the hooks of
/// others may do anything; what stands in the place of a shim is run where it is.
pub(super) fn hooks(folder: &Path, to: &Path, shims: &[Shim]) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for (hook, shim) in shims {
        let (from, copy) = (folder.join(hook), to.join(hook));
        let text = match Found::look(&from)? {
            Found::Nothing => continue,
            Found::Ours(text) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                match install::filled(shim, &text) {
                    Some((_, kept)) => text.replacen(&format!("kept={kept}"), "kept=''", 1),
                    None => text,
                }
            }
            Found::Theirs(_) => in_place(&from)?,
        };
        std::fs::write(&copy, text)?;
        let mode = match install::is_executable(&from) {
            true => 0o755,
            false => 0o644,
        };
        std::fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    }
    Ok(())
}

/// A script that becomes a hook in another place, under its own name.
fn in_place(hook: &Path) -> Result<String> {
    let path = hook.to_str().context("a hook's path is not UTF-8")?;
    Ok(format!(
        "#!/bin/sh\nexec '{}' \"$@\"\n",
        path.replace('\'', "'\\''")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_copied_in_order_and_without_what_runs_or_leads_elsewhere() {
        let one = |key: &str, value: &str| Setting {
            key: key.to_owned(),
            value: Some(value.to_owned()),
            scope: "local".to_owned(),
            origin: "file:config".to_owned(),
        };
        let all = Settings(vec![
            one("receive.denydeletes", "false"),
            one("receive.denydeletes", "true"),
            one("receive.fsck.baddate", "a \"b\\"),
            one("core.sshcommand", "x"),
            one("remote.origin.url", "x"),
            one("url.x.insteadof", "y"),
            one("hook.a.command", "notify"),
            one("hook.a.event", "pre-commit"),
            one("hook.q.command", "qms hook pre-commit"),
            one("hook.q.event", "pre-commit"),
        ]);
        insta::assert_snapshot!(settings(&all, |_| true), @r#"
        [receive]
        	denydeletes = "false"
        [receive]
        	denydeletes = "true"
        [receive "fsck"]
        	baddate = "a \"b\\"
        [hook "q"]
        	command = "qms hook pre-commit"
        [hook "q"]
        	event = "pre-commit"
        "#);
    }
}
