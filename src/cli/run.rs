//! Each command as one call of `ops`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::answer::{answer, report};
use super::args::{Args, Command, Mcp, McpCommand, PolicyCommand};
use super::{begin, complete, doctor, explain, man, print, progress, sync, workflow};
use crate::ops::{self, Session};
use crate::report::{docs, health, schema};
use crate::{hooks, mcp};

pub(super) fn run(args: Args) -> Result<ExitCode> {
    args.format.fits(&args.command)?;
    if let Some(dir) = &args.dir {
        std::env::set_current_dir(dir)
            .with_context(|| format!("cannot go to `{}`", dir.display()))?;
    }
    let here = Path::new(".");
    let format = args.format;
    let mut users = args.user;
    match args.command {
        Command::Init {
            uninstall: true,
            server,
            ..
        } => {
            let done = if server {
                ops::server::uninstall(here)?
            } else {
                ops::init::uninstall(&Session::open(here, users.pop())?)?
            };
            return answer(format, begin::undone(&done), || begin::undone_text(&done));
        }
        Command::Init {
            server: true,
            trunk,
            anchor,
            ..
        } => {
            let done = ops::server::init(here, trunk.as_deref(), anchor.as_deref())?;
            answer(format, begin::serving(&done), || begin::serving_text(&done))?;
            return Ok(ExitCode::from(u8::from(!done.overridden.is_empty())));
        }
        Command::Init { .. } => {
            let (people, names): (Vec<String>, Vec<String>) =
                users.into_iter().partition(|u| u.contains(':'));
            let session = Session::open(here, names.into_iter().next_back())?;
            let done = ops::init::init(&session, &people)?;
            return answer(format, begin::begun(&done), || begin::begun_text(&done));
        }
        Command::Explain { what: None } => {
            print::out(&docs::rules_list())?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Explain { what: Some(what) } if docs::find(&what).is_ok() => {
            return explain::rule(&what, format);
        }
        Command::Explain { what: Some(what) } => {
            let session = Session::open(here, users.pop());
            let session = session.map_err(|_| anyhow::anyhow!(explain::unknown(&what)))?;
            return explain::explain(&session, &what, format);
        }
        Command::Verify(wanted) => return super::verify::run(wanted, format),
        Command::Ci(wanted) => return super::ci::run(wanted, users.pop(), format),
        Command::Schema { name } => return schema(name.as_deref()),
        Command::Mcp(Mcp {
            command: Some(McpCommand::Selftest { url }),
            ..
        }) => {
            let found = mcp::selftest::run(&url)?;
            answer(format, &found, || health::gateway(&found))?;
            return Ok(ExitCode::from(u8::from(found.wrong > 0)));
        }
        Command::Mcp(wanted) => {
            return mcp::run(mcp::Options {
                transport: wanted.transport,
                host: wanted.host,
                port: wanted.port,
                root: wanted.project_root,
                branch: wanted.branch,
                hosts: wanted.allow_host,
                workspaces: wanted.workspaces,
                user: users.pop(),
            });
        }
        Command::Hook { name, rest } => return hooks::run(&name, &rest, users.pop()),
        Command::Completions(wanted) => return complete::run(&wanted),
        Command::Man(wanted) => return man::run(&wanted),
        Command::Workflow { command } => return workflow::run(&command, format),
        Command::Demo { keep } => return demo(keep.as_deref()),
        Command::Doctor {
            session: Some(agent),
            ..
        } => {
            let s = Session::open(here, users.pop())?;
            let agent = Some(agent.as_str()).filter(|agent| !agent.is_empty());
            return super::boxes::doctor(&s, agent, format);
        }
        Command::Doctor { server, prove, .. } => {
            return doctor::run(server.as_deref(), prove, users.pop(), format);
        }
        Command::Session { ref command } => {
            if let Some(done) = super::boxes::without(command, format) {
                return done;
            }
        }
        _ => {}
    }
    if users.len() > 1 {
        bail!("--user names one person here: who acts");
    }
    // With `history` a name that was typed says whose deeds are asked for.
    let filter = users.last().cloned().filter(|_| args.user_typed);
    let user = users.pop();
    let s = Session::open(here, user.clone())?.watched(progress::listener());
    match args.command {
        Command::Move(command) => {
            sync::hand_on(super::moves::run(&s, command, format)?, user, args.push)
        }
        Command::Sync(wanted) => sync::sync(s, wanted, user, args.push, format),
        Command::Renumber { id, adopt } => sync::renumber(s, &id, adopt, user, args.push, format),
        Command::Read(command) => super::reads::run(&s, command, filter, format),
        Command::Item { command } => {
            sync::hand_on(super::items::item(&s, command, format)?, user, args.push)
        }
        Command::Section { command } => {
            sync::hand_on(super::items::section(&s, command, format)?, user, args.push)
        }
        Command::Front { command } => {
            sync::hand_on(super::items::front(&s, command, format)?, user, args.push)
        }
        Command::Agent { command } => super::agents::run(&s, command, format),
        Command::Session { command } => super::boxes::run(&s, command, format),
        Command::Token { command } => super::tokens::run(&s, command, format),
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
        Command::Commit { rest } => super::commit::commit(&s, rest, user),
        Command::Check {
            what,
            all,
            staged,
            strict,
        } => {
            let document = what.as_ref().and_then(|w| s.known(w).ok());
            let checked = match (what, document) {
                _ if staged => ops::check::staged(&s)?,
                _ if all => ops::check::all(&s)?,
                (_, Some(id)) => ops::check::document(&s, &id)?,
                (Some(range), None) => ops::check::range(&s, &range)?,
                (None, None) => ops::check::here(&s)?,
            };
            report(format, &checked.what, &checked.findings, strict)
        }
        Command::Policy {
            command: PolicyCommand::Check { strict },
        } => {
            let checked = ops::policy::check(&s)?;
            report(format, &checked.what, &checked.findings, strict)
        }
        Command::Qualify(args) => super::qualify::qualify(&s, &args, format),
        Command::Baselines { system } => super::qualify::baselines(&s, system.as_deref(), format),
        Command::Run(args) => super::evidence::run_tests(&s, args, format),
        Command::Evidence { command } => super::evidence::run(&s, command, format),
        Command::Trace(wanted) => {
            sync::hand_on(super::trace::run(&s, wanted, format)?, user, args.push)
        }
        Command::System { command } => {
            sync::hand_on(super::system::run(&s, command, format)?, user, args.push)
        }
        Command::User { command } => {
            sync::hand_on(super::people::run(&s, command, format)?, user, args.push)
        }
        Command::Init { .. }
        | Command::Explain { .. }
        | Command::Schema { .. }
        | Command::Verify(_)
        | Command::Ci(_)
        | Command::Mcp(_)
        | Command::Hook { .. }
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Workflow { .. }
        | Command::Doctor { .. }
        | Command::Demo { .. } => {
            bail!("this command is answered elsewhere")
        }
    }
}

// Implements: REQ-QMS-CMD-SCHEMA
fn schema(name: Option<&str>) -> Result<ExitCode> {
    match name.and_then(schema::Published::find) {
        Some(schema) => print::json(&schema.json())?,
        None => print::out(&schema::list())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn demo(keep: Option<&Path>) -> Result<ExitCode> {
    ops::demo::play(keep, &mut |line| print::out(line))?;
    Ok(ExitCode::SUCCESS)
}
