//! The moves as commands: each writes one commit a move, and `--push` hands it on.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Subcommand;

use super::answer::moved;
use super::args::Format;
use super::print;
use crate::model::state::Outcome;
use crate::model::workflow::Action;
use crate::ops::{self, Session};

#[derive(Subcommand)]
pub(super) enum MoveCommand {
    /// Start a document from the template in force
    Create {
        /// SOP, RS, RTM, TEMPLATE, CR, INV, TP, ER, VAR, ADD or VR
        r#type: String,
        #[arg(long)]
        title: String,
        /// The document that it is a child of
        #[arg(long, value_name = "ID")]
        parent: Option<String>,
        /// The system of an RS or RTM, the type of a TEMPLATE
        #[arg(long)]
        name: Option<String>,
        /// Paths that a change may touch
        #[arg(long, num_args = 1.., value_name = "GLOB")]
        scope: Vec<String>,
        /// The items of the parent that a VAR, ER or VR is for
        #[arg(long = "item", value_name = "EI-n")]
        items: Vec<String>,
    },
    /// Take a document to write in it
    Checkout {
        id: String,
        /// With a copy there to write in, for those who cannot write here
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
    /// Commit what you wrote and give the document back
    Checkin {
        id: String,
        /// What the copy there says
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
    /// Take a document back from an open review or approval
    Withdraw { id: String },
    /// Begin the execution of an approved document
    Release { id: String },
    /// Close a document whose execution is approved
    Close { id: String },
    /// Approve a document that you are asked about
    Approve { id: String },
    /// Ask for review, or after it for approval
    Route {
        id: String,
        #[arg(
            long,
            conflicts_with = "approval",
            required_unless_present = "approval"
        )]
        review: bool,
        #[arg(long)]
        approval: bool,
        /// The approval of this round ends in RETIRED
        #[arg(long, conflicts_with = "approval")]
        retire: bool,
    },
    /// Ask more people in a round, or the same again
    Assign {
        id: String,
        #[arg(long, num_args = 1.., value_name = "USER", required_unless_present = "remove")]
        assignees: Vec<String>,
        /// Let go who has not spoken
        #[arg(long, num_args = 1.., value_name = "USER")]
        remove: Vec<String>,
    },
    /// Say what you think of a document that you are asked about
    Review {
        id: String,
        #[arg(
            long,
            conflicts_with = "request_updates",
            required_unless_present = "request_updates"
        )]
        recommend: bool,
        #[arg(long)]
        request_updates: bool,
        #[arg(long)]
        comment: Option<String>,
    },
    /// Refuse to approve
    Reject {
        id: String,
        #[arg(long)]
        comment: String,
    },
    /// Take a change from post-review or post-approval back into execution
    Revert {
        id: String,
        #[arg(long)]
        reason: String,
    },
    /// Give a revision up; the version in force stays
    Abandon {
        id: String,
        #[arg(long)]
        reason: String,
    },
    /// End a document that will not be needed; its file and number stay
    Cancel {
        id: String,
        /// It is final
        #[arg(long)]
        confirm: bool,
    },
    /// Mend how an effective or closed document is set, not what it says: what the work tree has
    Fix {
        id: String,
        #[arg(long)]
        reason: String,
    },
    /// Make somebody else the owner
    Transfer {
        id: String,
        #[arg(long, value_name = "USER")]
        to: String,
        #[arg(long)]
        reason: String,
    },
}

pub(super) fn run(s: &Session, command: MoveCommand, format: Format) -> Result<ExitCode> {
    let plain = |id: &str, action| moved(format, ops::moves::plain(s, &s.id(id)?, action)?);
    match command {
        MoveCommand::Create {
            r#type,
            title,
            parent,
            name,
            scope,
            items,
        } => {
            let birth = ops::create::Birth {
                kind: r#type,
                title,
                parent,
                name,
                scope,
                items,
            };
            moved(format, ops::create::create(s, &birth)?)
        }
        MoveCommand::Checkout { id, to: None } => {
            moved(format, ops::moves::checkout(s, &s.id(&id)?)?)
        }
        MoveCommand::Checkout {
            id,
            to: Some(folder),
        } => {
            let (done, copy) = ops::moves::checkout_to(s, &s.id(&id)?, &folder)?;
            print::err(&format!(
                "a copy is {}; when it is written: qms checkin {id} --from {}
",
                copy.display(),
                folder.display()
            ));
            moved(format, done)
        }
        MoveCommand::Checkin { id, from: None } => {
            moved(format, ops::moves::checkin(s, &s.id(&id)?)?)
        }
        MoveCommand::Checkin {
            id,
            from: Some(folder),
        } => moved(format, ops::moves::checkin_from(s, &s.id(&id)?, &folder)?),
        MoveCommand::Fix { id, reason } => moved(format, ops::moves::fix(s, &s.id(&id)?, &reason)?),
        MoveCommand::Withdraw { id } => plain(&id, Action::Withdraw),
        MoveCommand::Release { id } => plain(&id, Action::Release),
        MoveCommand::Close { id } => plain(&id, Action::Close),
        MoveCommand::Approve { id } => plain(&id, Action::Approve),
        MoveCommand::Route {
            id,
            approval,
            retire,
            ..
        } => moved(format, ops::moves::route(s, &s.id(&id)?, approval, retire)?),
        MoveCommand::Assign {
            id,
            assignees,
            remove,
        } => moved(
            format,
            ops::moves::assign(s, &s.id(&id)?, &assignees, &remove)?,
        ),
        MoveCommand::Review {
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
                ops::moves::review(s, &s.id(&id)?, outcome, comment)?,
            )
        }
        MoveCommand::Reject { id, comment } => {
            moved(format, ops::moves::reject(s, &s.id(&id)?, comment)?)
        }
        MoveCommand::Revert { id, reason } => {
            let done = ops::moves::with_reason(s, &s.id(&id)?, Action::Revert, &reason)?;
            print::err(&format!(
                "note: qms checkout {id} does the same, and lets you write at once\n"
            ));
            moved(format, done)
        }
        MoveCommand::Abandon { id, reason } => {
            moved(format, ops::moves::abandon(s, &s.id(&id)?, &reason)?)
        }
        MoveCommand::Cancel { id, confirm } => {
            if !confirm {
                bail!(
                    "a cancelled document stays cancelled; if that is meant: qms cancel {id} --confirm"
                );
            }
            plain(&id, Action::Cancel)
        }
        MoveCommand::Transfer { id, to, reason } => {
            moved(format, ops::moves::transfer(s, &s.id(&id)?, &to, &reason)?)
        }
    }
}
