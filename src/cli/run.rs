//! Each command as one call of `ops`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::answer::{answer, moved, read, report, user};
use super::args::{Args, Command, UserCommand};
use super::{begin, print};
use crate::hooks;
use crate::model::state::Outcome;
use crate::model::workflow::Action;
use crate::ops::{self, Session};
use crate::report::{docs, table};

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
    let plain = |id: &str, action| moved(format, ops::moves::plain(&s, &s.id(id)?, action)?);
    match args.command {
        Command::Create {
            r#type,
            title,
            parent,
            name,
            scope,
        } => {
            let birth = ops::create::Birth {
                kind: r#type,
                title,
                parent,
                name,
                scope,
            };
            moved(format, ops::create::create(&s, &birth)?)
        }
        Command::Checkout { id } => moved(format, ops::moves::checkout(&s, &s.id(&id)?)?),
        Command::Checkin { id } => moved(format, ops::moves::checkin(&s, &s.id(&id)?)?),
        Command::Withdraw { id } => plain(&id, Action::Withdraw),
        Command::Release { id } => plain(&id, Action::Release),
        Command::Close { id } => plain(&id, Action::Close),
        Command::Approve { id } => plain(&id, Action::Approve),
        Command::Route {
            id,
            approval,
            retire,
            ..
        } => moved(
            format,
            ops::moves::route(&s, &s.id(&id)?, approval, retire)?,
        ),
        Command::Assign {
            id,
            assignees,
            remove,
        } => moved(
            format,
            ops::moves::assign(&s, &s.id(&id)?, &assignees, &remove)?,
        ),
        Command::Review {
            id,
            recommend,
            comment,
            ..
        } => {
            let outcome = if recommend {
                Outcome::Recommend
            } else {
                Outcome::RequestUpdates
            };
            moved(
                format,
                ops::moves::review(&s, &s.id(&id)?, outcome, comment)?,
            )
        }
        Command::Reject { id, comment } => {
            moved(format, ops::moves::reject(&s, &s.id(&id)?, comment)?)
        }
        Command::Revert { id, reason } => {
            let done = ops::moves::with_reason(&s, &s.id(&id)?, Action::Revert, &reason)?;
            print::err(&format!(
                "note: qms checkout {id} does the same, and lets you write at once\n"
            ));
            moved(format, done)
        }
        Command::Abandon { id, reason } => {
            moved(format, ops::moves::abandon(&s, &s.id(&id)?, &reason)?)
        }
        Command::Cancel { id, confirm } => {
            if !confirm {
                bail!(
                    "a cancelled document stays cancelled; if that is meant: qms cancel {id} --confirm"
                );
            }
            plain(&id, Action::Cancel)
        }
        Command::Transfer { id, to, reason } => {
            moved(format, ops::moves::transfer(&s, &s.id(&id)?, &to, &reason)?)
        }
        Command::Status { id } => {
            let view = ops::status::status(&s, &s.id(&id)?)?;
            answer(format, serde_json::to_value(&view)?, || {
                table::status(&view)
            })
        }
        Command::History { id } => {
            let events = ops::log::history(&s, &s.id(&id)?)?;
            answer(format, serde_json::to_value(&events)?, || {
                table::history(&events)
            })
        }
        Command::Read { id } => read(&s, &s.id(&id)?, format),
        Command::List => {
            let (views, unreadable) = ops::list::list(&s)?;
            let mut all = serde_json::to_value(&views)?;
            if let Value::Array(list) = &mut all {
                list.extend(unreadable.iter().map(|u| json!(u)));
            }
            answer(format, all, || table::list(&views, &unreadable))
        }
        Command::Inbox => {
            let (user, tasks) = ops::list::inbox(&s)?;
            answer(format, serde_json::to_value(&tasks)?, || {
                table::inbox(&user, &tasks)
            })
        }
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
        Command::User {
            command: UserCommand::List,
        } => {
            let users = ops::people::list(&s)?;
            let all: Vec<Value> = users.iter().map(|(n, u)| user(n, u)).collect();
            answer(format, Value::Array(all), || table::users(&users))
        }
        Command::User {
            command:
                UserCommand::Add {
                    name,
                    group,
                    kind,
                    email,
                },
        } => {
            let new = ops::people::user(&name, &group, kind.as_deref(), email)?;
            let findings = ops::people::add(&s, &name, &new)?;
            print::warnings(&findings);
            answer(format, user(&name, &new), || {
                format!("{name} is a user now\n")
            })
        }
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
