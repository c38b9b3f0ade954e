//! `qms user`: the people of the policy.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::answer::answer;
use super::args::Format;
use super::print;
use crate::model::view::UserView;
use crate::ops::people::Changed;
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
    /// Change somebody's groups, kind or addresses; what is not said stays
    Set {
        name: String,
        /// All of his groups
        #[arg(long, value_delimiter = ',')]
        group: Option<Vec<String>>,
        /// human, agent or service
        #[arg(long)]
        kind: Option<String>,
        /// All of his addresses
        #[arg(long)]
        email: Option<Vec<String>>,
        /// Needed where groups are taken
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let somebody go: what he did stays, and he does nothing new
    Leave {
        name: String,
        #[arg(long)]
        reason: String,
    },
    /// Who there is
    List,
}

pub(super) fn run(s: &Session, command: UserCommand, format: Format) -> Result<ExitCode> {
    match command {
        UserCommand::List => {
            let users = ops::people::list(s)?;
            let all: Vec<UserView> = users.iter().map(|(n, u)| UserView::new(n, u)).collect();
            answer(format, &all, || table::users(&users, print::width()))
        }
        UserCommand::Set {
            name,
            group,
            kind,
            email,
            reason,
        } => {
            let wanted = Changed {
                groups: group,
                kind,
                emails: email,
                left: false,
            };
            set(s, &name, wanted, reason.as_deref(), format)
        }
        UserCommand::Leave { name, reason } => {
            let wanted = Changed {
                left: true,
                ..Changed::default()
            };
            set(s, &name, wanted, Some(&reason), format)
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
            answer(format, UserView::new(&name, &new), || {
                format!("{name} is a user now\n")
            })
        }
    }
}

fn set(
    s: &Session,
    name: &str,
    wanted: Changed,
    reason: Option<&str>,
    format: Format,
) -> Result<ExitCode> {
    let (new, findings) = ops::people::set(s, name, wanted, reason)?;
    print::warnings(&findings);
    answer(format, UserView::new(name, &new), || {
        table::users(&[(name.to_owned(), new.clone())], print::width())
    })
}
