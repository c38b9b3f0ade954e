//! The commands that only look: each renders one value as text or as JSON.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::answer::{self, answer};
use super::args::Format;
use super::print::width;
use crate::answers::{self, Listed};
use crate::ops::log::{self, Query};
use crate::ops::versions::{self, Which};
use crate::ops::{self, Session};
use crate::report::{advice, diff, table};

#[derive(Subcommand)]
pub(super) enum ReadCommand {
    /// Where a document stands
    Status { id: String },
    /// The next step, for you or for one document, as a command to paste; and what is missing for it
    Next { id: Option<String> },
    /// What waits for you
    Inbox,
    /// What you hold
    Workspace,
    /// All documents
    List {
        /// Only those in this status
        #[arg(long, value_delimiter = ',', value_name = "STATUS")]
        status: Vec<String>,
        /// Only those of this type
        #[arg(long, value_delimiter = ',', value_name = "TYPE")]
        r#type: Vec<String>,
        /// Only those of this owner
        #[arg(long, value_name = "USER")]
        owner: Option<String>,
        /// Only your own
        #[arg(long, conflicts_with = "owner")]
        mine: bool,
    },
    /// What happened to a document, or what somebody did (--user), from the log
    History {
        id: Option<String>,
        /// Nothing older than this day, such as 2026-01-31
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
    },
    /// What reviewers and approvers said of a document
    Comments {
        id: String,
        /// Only of this version
        #[arg(long, value_name = "N.X")]
        version: Option<String>,
    },
    /// A document's text: the version in force, unless another is named
    Read {
        id: String,
        /// This version
        #[arg(long, value_name = "N.X", conflicts_with_all = ["draft", "at"])]
        version: Option<String>,
        /// As it stands now, though an older version is in force
        #[arg(long, conflicts_with = "at")]
        draft: bool,
        /// As it was at a commit
        #[arg(long, value_name = "REV")]
        at: Option<String>,
    },
    /// What differs between two versions of a document, by section and word
    Diff {
        id: String,
        /// Versions or revisions; without A the last approved, without B what is there now
        #[arg(value_name = "A..B")]
        range: Option<String>,
    },
    /// What a path is, which changes cover it, and who is asked about it
    Who { path: String },
}

pub(super) fn run(
    s: &Session,
    command: ReadCommand,
    user: Option<String>,
    format: Format,
) -> Result<ExitCode> {
    match command {
        ReadCommand::Status { id } => {
            let view = ops::status::status(s, &s.id(&id)?)?;
            answer(format, &view, || table::status(&view))
        }
        ReadCommand::Next { id } => next(s, id.as_deref(), format),
        ReadCommand::Inbox => {
            let (user, tasks) = ops::desk::inbox(s)?;
            answer(format, &tasks, || {
                table::tasks(&tasks, &format!("nothing waits for {user}"), width())
            })
        }
        ReadCommand::Workspace => {
            let (user, tasks) = ops::desk::workspace(s)?;
            answer(format, &tasks, || {
                table::tasks(&tasks, &format!("{user} holds nothing"), width())
            })
        }
        ReadCommand::List {
            status,
            r#type,
            owner,
            mine,
        } => {
            let filter = ops::list::Filter::of(s, &status, &r#type, owner, mine)?;
            let (views, unreadable) = ops::list::list(s, &filter)?;
            let all = Listed {
                views: &views,
                unreadable: &unreadable,
            };
            answer(format, all, || table::list(&views, &unreadable, width()))
        }
        ReadCommand::History { id, since } => {
            let one = id.is_some();
            let query = Query {
                id: id.map(|id| s.known(&id)).transpose()?,
                user,
                since: since.map(|d| log::moment(&d)).transpose()?,
                version: None,
            };
            let events = log::history(s, &query)?;
            answer(format, &events, || table::history(&events, one, width()))
        }
        ReadCommand::Comments { id, version } => {
            let version = version.map(|v| versions::version(&v)).transpose()?;
            let said = log::comments(s, &s.known(&id)?, version)?;
            answer(format, &said, || table::comments(&said))
        }
        ReadCommand::Read {
            id,
            version,
            draft,
            at,
        } => {
            let which = match (version, at) {
                (Some(version), _) => Which::Version(versions::version(&version)?),
                (None, Some(revision)) => Which::At(revision),
                (None, None) if draft => Which::Draft,
                (None, None) => Which::InForce,
            };
            let id = s.id(&id)?;
            answer::document(&id, &versions::read(s, &id, &which)?, format)
        }
        ReadCommand::Diff { id, range } => {
            let id = s.id(&id)?;
            let sides = versions::sides(s, &id, range.as_deref())?;
            let (value, sections) = answers::diff(&id, &sides);
            answer(format, value, || {
                let head = format!("{id}  {} -> {}\n\n", sides.from.0, sides.to.0);
                match sections.is_empty() {
                    true => format!("{head}the same words\n"),
                    false => format!("{head}{}", diff::text(&sections)),
                }
            })
        }
        ReadCommand::Who { path } => {
            let who = ops::who::who(s, &path)?;
            answer(format, &who, || advice::who(&who))
        }
    }
}

fn next(s: &Session, id: Option<&str>, format: Format) -> Result<ExitCode> {
    let id = id.map(|id| s.id(id)).transpose()?;
    let next = ops::next::next(s, id.as_ref())?;
    answer(format, answers::next(&next), || {
        let mut text = match &next.step {
            Some(step) => advice::next(
                &next.user,
                &step.view,
                step.turn.as_ref(),
                step.missing.as_deref(),
                &step.also,
            ),
            None => format!("nothing waits for {0}, and {0} holds nothing\n", next.user),
        };
        if !next.then.is_empty() {
            text.push_str("\nafter that:\n");
            text.push_str(&table::tasks(&next.then, "", width()));
        }
        text
    })
}
