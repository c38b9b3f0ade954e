//! Which hooks git really runs, from where, and whether each of ours is there, is as it was written, can be run, and
//! calls a program that answers.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::super::beside::real;
use super::super::install::{self, Found, Shim};
use super::super::managers;
use super::programs::{CONFIGURED_HOOKS, answers};
use super::{says, word};
use crate::git::Repo;
use crate::git::settings::Settings;
use crate::model::health::{Row, Verdict};

const KEY: &str = "core.hooksPath";

/// What is to be there.
pub(super) struct Wanted {
    pub(super) shims: &'static [Shim],
    /// The command that installs it.
    pub(super) again: String,
    pub(super) git: (u32, u32),
}

pub(super) fn rows(repo: &Repo, settings: &Settings, wanted: &Wanted) -> Result<Vec<Row>> {
    let folder = repo.hooks_folder()?;
    let look = Look {
        top: repo.work_dir().unwrap_or(repo.git_dir()),
        folder: &folder,
        wanted,
    };
    let mut hooks = Vec::new();
    let mut configured = Vec::new();
    for hook in repo.configured_hooks()? {
        for event in &hook.events {
            let runs = wanted.git >= CONFIGURED_HOOKS;
            let how = match runs {
                true => "git runs it before the hooks of the folder",
                false => "this git is too old to run it",
            };
            let is = format!("`{}` ({}): {how}", hook.command, hook.level);
            hooks.push(Row::good("hook-configured", event, is));
            if runs && hook.command.contains(&format!("qms hook {event}")) {
                configured.push(event.clone());
            }
        }
    }
    for shim in wanted.shims {
        let row = look.hook(shim)?;
        let answers = configured.iter().any(|event| event == shim.0);
        hooks.push(match answers && row.verdict == Verdict::Wrong {
            true => Row::good("hook", shim.0, "configured, see above"),
            false => row,
        });
    }
    let none = wanted
        .shims
        .iter()
        .all(|(hook, _)| matches!(Found::look(&folder.join(hook)), Ok(Found::Nothing)));
    let mut rows = vec![path(
        settings,
        &folder,
        wanted,
        none && configured.is_empty(),
    )];
    rows.extend(hooks);
    Ok(rows)
}

/// Where git looks for hooks. It is told to look elsewhere than qms put them: then none of them runs.
fn path(settings: &Settings, folder: &Path, wanted: &Wanted, none: bool) -> Row {
    let at = folder.display();
    let Some(used) = settings.used(KEY) else {
        return Row::good("hooks-path", "hooks", format!("{at}; {KEY} is not set"));
    };
    let is = format!("{at}, by {KEY}: {}", says(settings, KEY));
    if !none {
        return Row::good("hooks-path", "hooks", is);
    }
    let is = format!("{is}; no hook of qms is there, so git runs none of them");
    let row = Row::wrong("hooks-path", "hooks", is);
    match &*used.scope {
        "command" => row.mend(format!(
            "take {KEY} out of the environment (GIT_CONFIG_COUNT)"
        )),
        _ => row.mend(&wanted.again),
    }
}

struct Look<'a> {
    top: &'a Path,
    folder: &'a Path,
    wanted: &'a Wanted,
}

impl Look<'_> {
    fn hook(&self, shim: &Shim) -> Result<Row> {
        let (hook, _) = *shim;
        let place = self.folder.join(hook);
        let again = &self.wanted.again;
        let text = match Found::look(&place)? {
            Found::Nothing => {
                let is = format!("nothing is at {}", place.display());
                return Ok(Row::wrong("hook-missing", hook, is).mend(again));
            }
            Found::Theirs(text) => return self.theirs(shim, &place, &text),
            Found::Ours(text) => text,
        };
        self.ours(shim, &place, &text)
    }

    /// A file that carries our mark.
    fn ours(&self, (hook, shim): &Shim, place: &Path, text: &[u8]) -> Result<Row> {
        let again = &self.wanted.again;
        if !install::is_executable(place) {
            let is = format!("{} is not executable, so git passes it by", place.display());
            let row = Row::wrong("hook-not-executable", *hook, is);
            return Ok(row.mend(format!("chmod +x {}", word(place))));
        }
        let text = String::from_utf8_lossy(text);
        let Some((program, kept)) = install::filled(shim, &text) else {
            let is = format!(
                "{} is not as this version of qms writes it",
                place.display()
            );
            return Ok(Row::wrong("hook-changed", *hook, is).mend(again));
        };
        let (program, why) = match answers(program) {
            Ok(program) => (program, None),
            Err(why) => (PathBuf::from(program), Some(why)),
        };
        if let Some(why) = why {
            let is = format!("{} calls {}: {why}", place.display(), program.display());
            return Ok(Row::wrong("hook-program", *hook, is).mend(again));
        }
        let first = match self.first(hook, place, kept) {
            Some(first) => format!("; {} runs first", first.display()),
            None => String::new(),
        };
        let is = format!("{}, calls {}{first}", place.display(), program.display());
        Ok(Row::good("hook", *hook, is))
    }

    /// The hook of somebody else that a shim runs first.
    fn first(&self, hook: &str, place: &Path, kept: &str) -> Option<PathBuf> {
        match kept.strip_prefix('\'').and_then(|k| k.strip_suffix('\'')) {
            Some(quoted) => {
                let file = self.top.join(quoted.replace("'\\''", "'"));
                real(file.parent()?, hook).ok().flatten()
            }
            None => {
                let file = place.with_file_name(format!("{hook}.before-qms"));
                install::is_executable(&file).then_some(file)
            }
        }
    }

    /// A file of somebody else in the place of ours. It may still come to us: by the name that it gave our shim, or by
    /// a call of its own.
    fn theirs(&self, shim: &Shim, place: &Path, text: &[u8]) -> Result<Row> {
        let (hook, _) = *shim;
        let by = managers::of(text).map_or("somebody", |m| m.name);
        let legacy = place.with_file_name(format!("{hook}.legacy"));
        if by == "pre-commit"
            && let Found::Ours(kept) = Found::look(&legacy)?
        {
            let row = self.ours(shim, &legacy, &kept)?;
            let is = format!("{by} runs {}", row.is);
            return Ok(Row { is, ..row });
        }
        let call = format!("qms hook {hook}");
        let script = real(self.folder, hook)?.unwrap_or_else(|| place.to_path_buf());
        let files = [script, self.top.join(".pre-commit-config.yaml")];
        let calls = |file: &PathBuf| {
            std::fs::read(file).is_ok_and(|t| {
                let text = String::from_utf8_lossy(&t);
                let own = file != &files[1] || by == "pre-commit";
                own && (text.contains(&call) || text.contains(&format!("qms-{hook}")))
            })
        };
        if let Some(file) = files.iter().find(|f| calls(f))
            && install::is_executable(place)
        {
            let is = format!(
                "{} is of {by}; {} seems to call qms, which --prove tells",
                place.display(),
                file.display()
            );
            return Ok(Row::mind("hook", hook, is));
        }
        let is = format!("{} is of {by} and does not call qms", place.display());
        Ok(Row::wrong("hook-replaced", hook, is).mend(&self.wanted.again))
    }
}
