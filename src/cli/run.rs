//! Each command as one call of `ops`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::answer::{answer, report};
use super::args::{Args, Command};
use super::{begin, print};
use crate::hooks;
use crate::ops::{self, Session};
use crate::report::docs;

pub(super) fn run(args: Args) -> Result<ExitCode> {
    if let Some(dir) = &args.dir {
        std::env::set_current_dir(dir)
            .with_context(|| format!("cannot go to `{}`", dir.display()))?;
    }
    let here = Path::new(".");
    let format = args.format;
    let mut users = args.user;
    match args.command {
        Command::Init {
            server: true,
            trunk,
            anchor,
        } => {
            let done = ops::server::init(here, trunk.as_deref(), anchor.as_deref())?;
            return answer(format, begin::serving(&done), || begin::serving_text(&done));
        }
        Command::Init { .. } => {
            let (people, names): (Vec<String>, Vec<String>) =
                users.into_iter().partition(|u| u.contains(':'));
            let session = Session::open(here, names.into_iter().next_back())?;
            let done = ops::init::init(&session, &people)?;
            return answer(format, begin::begun(&done), || begin::begun_text(&done));
        }
        Command::Explain { rule } => return explain(rule.as_deref()),
        Command::Hook { name, rest } => return hooks::run(&name, &rest, users.pop()),
        Command::Demo { keep } => return demo(keep.as_deref()),
        _ => {}
    }
    if users.len() > 1 {
        bail!("--user names one person here: who acts");
    }
    let s = Session::open(here, users.pop())?;
    match args.command {
        Command::Move(command) => super::moves::run(&s, command, format),
        Command::Read(command) => super::reads::run(&s, command, format),
        Command::Use { id: Some(id), item } => {
            let used = ops::work::use_change(&s, &s.id(&id)?, item.as_deref())?;
            answer(format, json!(used), || {
                format!("work here is for {}\n", used.change)
            })
        }
        Command::Use { id: None, .. } => {
            let used = ops::work::in_use(&s);
            let text = || {
                used.as_ref()
                    .map_or("no change is in use here\n".into(), |u| {
                        format!("{}\n", u.change)
                    })
            };
            answer(format, json!(used), text)
        }
        Command::Commit { rest } => super::commit::commit(&s, rest),
        Command::Check {
            range,
            staged,
            strict,
        } => {
            let checked = match range {
                _ if staged => ops::check::staged(&s)?,
                Some(range) => ops::check::range(&s, &range)?,
                None => ops::check::here(&s)?,
            };
            report(format, &checked.what, &checked.findings, strict)
        }
        Command::User { command } => super::people::run(&s, command, format),
        Command::Init { .. }
        | Command::Explain { .. }
        | Command::Hook { .. }
        | Command::Demo { .. } => {
            bail!("this command is answered elsewhere")
        }
    }
}

fn explain(rule: Option<&str>) -> Result<ExitCode> {
    match rule.map(docs::find) {
        None => print::out(&docs::rules_list())?,
        Some(Ok(rule)) => print::out(&docs::rule(rule))?,
        Some(Err(near)) => bail!(
            "no rule has this name; near it are {}; all: qms explain",
            near.join(", ")
        ),
    }
    Ok(ExitCode::SUCCESS)
}

fn demo(keep: Option<&Path>) -> Result<ExitCode> {
    ops::demo::play(keep, &mut |line| print::out(line))?;
    Ok(ExitCode::SUCCESS)
}
