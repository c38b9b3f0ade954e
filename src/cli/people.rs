//! `qms user`: the people of the policy.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;

use super::answer::{answer, user};
use super::args::Format;
use super::print;
use crate::ops::{self, Session};
use crate::report::table;

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Add somebody
    Add {
        name: String,
        /// administrator, initiator, quality or reviewer
        #[arg(long, required = true, value_delimiter = ',')]
        group: Vec<String>,
        /// human, agent or service
        #[arg(long)]
        kind: Option<String>,
        /// An address under which he commits; without any he is known by his name
        #[arg(long)]
        email: Vec<String>,
    },
    /// Who there is
    List,
}

pub(super) fn run(s: &Session, command: UserCommand, format: Format) -> Result<ExitCode> {
    match command {
        UserCommand::List => {
            let users = ops::people::list(s)?;
            let all: Vec<Value> = users.iter().map(|(n, u)| user(n, u)).collect();
            answer(format, Value::Array(all), || {
                table::users(&users, print::width())
            })
        }
        UserCommand::Add {
            name,
            group,
            kind,
            email,
        } => {
            let new = ops::people::user(&name, &group, kind.as_deref(), email)?;
            let findings = ops::people::add(s, &name, &new)?;
            print::warnings(&findings);
            answer(format, user(&name, &new), || {
                format!("{name} is a user now\n")
            })
        }
    }
}
