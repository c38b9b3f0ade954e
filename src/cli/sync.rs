//! `qms sync`, `qms renumber`, and `--push` of every command that writes.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command, Subcommand};

use super::answer::answer;
use super::args::Format;
use super::moves::MoveCommand;
use super::print;
use crate::model::synced::SyncAnswer;
use crate::ops::Session;
use crate::ops::remote::{self, Sent};
use crate::ops::sync::{self, Ask, Synced};
use crate::report::table;

/// What `qms sync` can be told.
#[derive(clap::Args)]
pub(super) struct SyncArgs {
    /// The tip that the commits are meant for; without it the trunk, fetched now
    #[arg(long, value_name = "REV")]
    onto: Option<String>,
    /// The change for work that names none that is open
    #[arg(long, value_name = "ID")]
    change: Option<String>,
    /// Answer for commits of others that nobody answers for
    #[arg(long)]
    adopt: bool,
    /// Take back what a commit or merge did; documents stay as they are
    #[arg(long, value_name = "REV")]
    revert: Option<String>,
}

pub(super) fn sync(
    s: Session,
    args: SyncArgs,
    user: Option<String>,
    push: bool,
    format: Format,
) -> Result<ExitCode> {
    let ask = Ask {
        onto: args.onto,
        change: args.change.map(|id| s.id(&id)).transpose()?,
        adopt: args.adopt,
        revert: args.revert,
        ..Ask::default()
    };
    run(s, ask, user, push, format)
}

// Implements: REQ-QMS-CMD-RENUMBER
pub(super) fn renumber(
    s: Session,
    id: &str,
    adopt: bool,
    user: Option<String>,
    push: bool,
    format: Format,
) -> Result<ExitCode> {
    let ask = Ask {
        renumber: Some(s.known(id)?),
        adopt,
        ..Ask::default()
    };
    run(s, ask, user, push, format)
}

fn run(s: Session, ask: Ask, user: Option<String>, push: bool, format: Format) -> Result<ExitCode> {
    let (synced, sent) = if push {
        let open = || Session::open(Path::new("."), user.clone());
        let (synced, sent) = remote::sync_and_push(open, &ask)?;
        (synced, sent)
    } else {
        (sync::sync(&s, &ask)?, None)
    };
    let all = SyncAnswer {
        sync: synced,
        push: sent,
    };
    answer(format, &all, || text(&all.sync))?;
    let left = if all.sync.leaves_work() {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    };
    Ok(all.push.map_or(left, |sent| said(&sent)))
}

fn text(synced: &Synced) -> String {
    let short = |id: &str| id.get(..10).unwrap_or(id).to_owned();
    if synced.old == synced.new {
        return format!("nothing to do: what is here fits on {}\n", synced.onto);
    }
    let rows: Vec<Vec<String>> = synced
        .commits
        .iter()
        .map(|c| {
            let new = c.new.as_deref().map(short).unwrap_or_default();
            let why = c
                .why
                .as_ref()
                .map(|w| format!(" ({w})"))
                .unwrap_or_default();
            vec![
                format!("  {}", c.what),
                short(&c.commit),
                new,
                format!("{}{why}", c.subject),
            ]
        })
        .collect();
    let mut out = table::columns(&rows);
    if let Some((from, to)) = &synced.renumbered {
        out.push_str(&format!("{from} is {to} now\n"));
    }
    if synced.commits.iter().any(|c| c.what == "dropped") {
        out.push_str("what was dropped has to be made or asked for again: qms next\n");
    }
    out.push_str(&format!(
        "on {} now; the tip before is {} (git reflog)\n",
        synced.onto,
        short(&synced.old)
    ));
    out
}

/// Says on stderr how a push ended.
fn said(sent: &Sent) -> ExitCode {
    if sent.done {
        print::err(&format!("pushed `{}` to {}\n", sent.branch, sent.remote));
        return ExitCode::SUCCESS;
    }
    print::err(&format!(
        "{}\nnot pushed: what was made is here, on `{}`\n",
        sent.said, sent.branch
    ));
    ExitCode::from(1)
}

/// Pushes what a command made, if that was asked for.
pub(super) fn hand_on(code: ExitCode, user: Option<String>, push: bool) -> Result<ExitCode> {
    if !push || code != ExitCode::SUCCESS {
        return Ok(code);
    }
    Ok(said(&remote::push(
        &Session::open(Path::new("."), user)?,
        None,
    )?))
}

/// Commands beside the moves that write commits.
const WRITING: &[&str] = &["sync", "renumber"];
/// Commands whose own commands write, but for those that only look.
const GROUPS: &[&str] = &["user", "system", "item", "section"];
const LOOKING: &[&str] = &["list", "show"];

/// Gives `--push` to every command that writes.
pub(super) fn with_push(command: Command) -> Command {
    let moves = MoveCommand::augment_subcommands(Command::new("moves"));
    let names = moves.get_subcommands().map(|c| c.get_name().to_owned());
    let writing: Vec<String> = names
        .chain(WRITING.iter().map(|n| (*n).to_owned()))
        .collect();
    let push = || {
        Arg::new("push")
            .long("push")
            .action(ArgAction::SetTrue)
            .help("Push the branch afterwards")
    };
    command.mut_subcommands(|c| match c.get_name() {
        name if writing.iter().any(|w| w == name) => c.arg(push()),
        name if GROUPS.contains(&name) => c.mut_subcommands(|c| {
            if LOOKING.contains(&c.get_name()) {
                c
            } else if c.has_subcommands() {
                c.mut_subcommands(|c| c.arg(push()))
            } else {
                c.arg(push())
            }
        }),
        _ => c,
    })
}

/// Whether `--push` was given, to whatever command.
pub(super) fn pushes(matches: &ArgMatches) -> bool {
    matches.subcommand().is_some_and(|(_, inner)| {
        matches!(inner.try_get_one::<bool>("push"), Ok(Some(true))) || pushes(inner)
    })
}
