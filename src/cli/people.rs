//! `qms user`: the people of the policy.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::answer::answer;
use super::args::Format;
use super::print;
use crate::model::finding::Finding;
use crate::model::key::Key;
use crate::model::people::User;
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
        #[arg(long, required_unless_present = "agents", value_delimiter = ',')]
        group: Vec<String>,
        /// human, agent or service
        #[arg(long)]
        kind: Option<String>,
        /// An address under which he commits; without any he is known by his name
        #[arg(long)]
        email: Vec<String>,
        /// Agents that he, a gateway, commits for
        #[arg(long, value_name = "USER", value_delimiter = ',')]
        agents: Vec<String>,
        /// One instance of him is at work at a time
        #[arg(long)]
        single: bool,
        /// The folder of his own that a gateway reads, by its name
        #[arg(long, value_name = "NAME")]
        workspace: Option<String>,
        /// A public key with which he signs, or the file that holds it
        #[arg(long, value_name = "FILE")]
        key: Vec<String>,
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
        /// All agents that he, a gateway, commits for
        #[arg(long, value_name = "USER", value_delimiter = ',')]
        agents: Option<Vec<String>>,
        /// Whether one instance of him is at work at a time
        #[arg(long, value_name = "BOOL")]
        single: Option<bool>,
        /// The folder of his own that a gateway reads, by its name; '' for none
        #[arg(long, value_name = "NAME")]
        workspace: Option<String>,
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
    /// Keys with which people sign
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Who there is
    List,
}

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Give somebody a key more
    Add {
        name: String,
        /// A public key, or the file that holds it
        #[arg(long, value_name = "FILE")]
        key: String,
        /// Good from this day on, or this time in RFC 3339
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
        /// Good to the end of this day, or up to this time
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Revoke a key; what it signed before stays good. Of oneself everybody may
    Revoke {
        name: String,
        /// SHA256:… as qms user list shows it, the public key, or its file
        key: String,
        /// From the beginning of this day, or this time, and not from now on
        #[arg(long, value_name = "DAY")]
        at: Option<String>,
        #[arg(long)]
        reason: String,
    },
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
            agents,
            single,
            workspace,
            reason,
        } => {
            let wanted = Changed {
                groups: group,
                kind,
                emails: email,
                agents,
                single,
                workspace,
                left: false,
            };
            set(s, &name, wanted, reason.as_deref(), format)
        }
        UserCommand::Key { command } => {
            let (name, done) = match command {
                KeyCommand::Add {
                    name,
                    key,
                    from,
                    until,
                    reason,
                } => {
                    let key = Key {
                        from,
                        until,
                        ..ops::keys::given(&key)?
                    };
                    let done = ops::keys::add(s, &name, key, reason.as_deref())?;
                    (name, done)
                }
                KeyCommand::Revoke {
                    name,
                    key,
                    at,
                    reason,
                } => {
                    let done = ops::keys::revoke(s, &name, &key, at.as_deref(), &reason)?;
                    (name, done)
                }
            };
            changed(&name, done, format)
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
            agents,
            single,
            workspace,
            key,
        } => {
            let keys = key.iter().map(|k| ops::keys::given(k));
            let new = User {
                agents,
                single,
                workspace,
                keys: keys.collect::<Result<_>>()?,
                ..ops::people::user(&name, &group, kind.as_deref(), email)?
            };
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
    changed(name, ops::people::set(s, name, wanted, reason)?, format)
}

fn changed(name: &str, (new, findings): (User, Vec<Finding>), format: Format) -> Result<ExitCode> {
    print::warnings(&findings);
    answer(format, UserView::new(name, &new), || {
        table::users(&[(name.to_owned(), new.clone())], print::width())
    })
}
