//! The commands that only look: each renders one value as text or as JSON.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

use super::answer::{answer, read};
use super::args::Format;
use crate::ops::{self, Session};
use crate::report::table;

#[derive(Subcommand)]
pub(super) enum ReadCommand {
    /// Where a document stands
    Status { id: String },
    /// What happened to a document, from the log
    History { id: String },
    /// A document's text
    Read { id: String },
    /// All documents
    List,
    /// What waits for you
    Inbox,
}

pub(super) fn run(s: &Session, command: ReadCommand, format: Format) -> Result<ExitCode> {
    match command {
        ReadCommand::Status { id } => {
            let view = ops::status::status(s, &s.id(&id)?)?;
            answer(format, serde_json::to_value(&view)?, || {
                table::status(&view)
            })
        }
        ReadCommand::History { id } => {
            let events = ops::log::history(s, &s.id(&id)?)?;
            answer(format, serde_json::to_value(&events)?, || {
                table::history(&events)
            })
        }
        ReadCommand::Read { id } => read(s, &s.id(&id)?, format),
        ReadCommand::List => {
            let (views, unreadable) = ops::list::list(s)?;
            let mut all = serde_json::to_value(&views)?;
            if let Value::Array(list) = &mut all {
                list.extend(unreadable.iter().map(|u| json!(u)));
            }
            answer(format, all, || table::list(&views, &unreadable))
        }
        ReadCommand::Inbox => {
            let (user, tasks) = ops::list::inbox(s)?;
            answer(format, serde_json::to_value(&tasks)?, || {
                table::inbox(&user, &tasks)
            })
        }
    }
}
