//! What can be said on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

/// Change control that lives in git
#[derive(Parser)]
#[command(name = "qms", version, max_term_width = 100)]
pub(super) struct Args {
    /// Who acts; must be who git says you are. With init: NAME:GROUP[,GROUP][:KIND][:MAIL], repeated
    #[arg(long, global = true, value_name = "NAME", env = "QMS_USER")]
    pub user: Vec<String>,
    /// How to answer
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub format: Format,
    /// Run as if started in DIR
    #[arg(short = 'C', global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Put this repository under change control, or install its hooks again
    Init {
        /// Make this repository a server that decides what is pushed
        #[arg(long)]
        server: bool,
        /// With --server: the protected branch that is home of documents and policy
        #[arg(long, requires = "server")]
        trunk: Option<String>,
        /// With --server: the first commit that is trusted, in full
        #[arg(long, requires = "server", value_name = "COMMIT")]
        anchor: Option<String>,
    },
    /// People of the policy
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
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
    },
    /// Take a document to write in it
    Checkout { id: String },
    /// Commit what you wrote and give the document back
    Checkin { id: String },
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
    /// Make somebody else the owner
    Transfer {
        id: String,
        #[arg(long, value_name = "USER")]
        to: String,
        #[arg(long)]
        reason: String,
    },
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
    /// Say which change this work tree works under
    Use {
        /// A CR, VAR or ADD; without it, tells which is in use
        id: Option<String>,
        #[arg(long, value_name = "EI-n")]
        item: Option<String>,
    },
    /// Commit work under a change: git commit with the trailers that it needs
    Commit {
        /// -m MESSAGE, --change ID, --item EI-n; all else goes to git commit
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "ARGS"
        )]
        rest: Vec<OsString>,
    },
    /// What the server would say: of what is staged, of a range, or of all that is new here
    Check {
        range: Option<String>,
        #[arg(long, conflicts_with = "range")]
        staged: bool,
        /// Warnings count as errors
        #[arg(long)]
        strict: bool,
    },
    /// What a rule demands, why, and what to do
    Explain { rule: Option<String> },
    /// What git runs; see qms init
    #[command(hide = true)]
    Hook {
        name: String,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<OsString>,
    },
    /// Play the story that qms was made for, in a throwaway repository
    Demo {
        /// Leave the repository there to look at
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
}

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
