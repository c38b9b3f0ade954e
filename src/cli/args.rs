//! What can be said on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};

use super::agents::AgentCommand;
use super::boxes::SessionCommand;
use super::evidence::{EvidenceCommand, RunArgs};
pub(super) use super::format::Format;
use super::items::{FrontCommand, ItemCommand, SectionCommand};
use super::moves::MoveCommand;
use super::people::UserCommand;
use super::qualify::QualifyArgs;
use super::reads::ReadCommand;
use super::sync::SyncArgs;
use super::system::SystemCommand;
use super::tokens::TokenCommand;
use super::trace::TraceArgs;
use super::verify::VerifyArgs;
use crate::mcp::Transport;
use crate::report::schema::SCHEMAS;

/// Change control that lives in git
#[derive(Parser)]
#[command(name = "qms", version, max_term_width = 100)]
pub(super) struct Args {
    /// Who acts; must be who git says you are. With init: NAME:GROUP[,GROUP][:KIND][:MAIL], repeated
    #[arg(long, global = true, value_name = "NAME", env = "QMS_USER")]
    pub user: Vec<String>,
    /// Whether the name stands on the command line, and not in the environment alone.
    #[arg(skip)]
    pub user_typed: bool,
    /// Whether what a command makes is pushed; only those that write have the flag.
    #[arg(skip)]
    pub push: bool,
    /// How to answer
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub format: Format,
    /// Run as if started in DIR
    #[arg(short = 'C', global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

/// The whole command line: what parser, help, completions and manual pages are made of.
pub(super) fn command() -> clap::Command {
    super::sync::with_push(<Args as clap::CommandFactory>::command())
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
        /// Take the hooks away and put back what was there before; policy and documents stay
        #[arg(long, conflicts_with_all = ["trunk", "anchor"])]
        uninstall: bool,
    },
    /// People of the policy
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Systems of the policy: what has requirements and a matrix of its own
    #[command(visible_alias = "namespace")]
    System {
        #[command(subcommand)]
        command: SystemCommand,
    },
    /// Requirements, what implements and what verifies them, from the tags in code and tests
    Trace(TraceArgs),
    /// Run tests, and keep what they left as evidence; or start a process, and keep what was seen of it
    Run(RunArgs),
    /// Results of tests, kept with the commit that they are of
    Evidence {
        #[command(subcommand)]
        command: EvidenceCommand,
    },
    /// Tag the commit that a system's matrix in force names, where all of it is verified
    Qualify(QualifyArgs),
    /// What was qualified, and whether it still holds
    Baselines {
        /// Of one system; of all where none is named
        #[arg(long, value_name = "NAME")]
        system: Option<String>,
    },
    #[command(flatten)]
    Move(MoveCommand),
    #[command(flatten)]
    Read(ReadCommand),
    /// Items of a document: what is to be done, and what came of it
    Item {
        #[command(subcommand)]
        command: ItemCommand,
    },
    /// Sections of a document
    Section {
        #[command(subcommand)]
        command: SectionCommand,
    },
    /// The front matter of a document
    Front {
        #[command(subcommand)]
        command: FrontCommand,
    },
    /// Serve this repository to agents that cannot write: the gateway
    Mcp(Mcp),
    /// Tell agents' programs of qms
    Agent {
        #[command(subcommand)]
        command: AgentCommand,
    },
    /// What agents show to a gateway
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Boxes that agents live in: they read the repository, write nothing of it, and reach the gateway
    Session {
        #[command(subcommand)]
        command: SessionCommand,
    },
    /// Say which change this work tree works under
    Use {
        /// A CR, VAR or ADD; without it, tells which is in use
        id: Option<String>,
        #[arg(long, value_name = "EI-n")]
        item: Option<String>,
    },
    /// Commit work under a change: git commit with the trailers that it needs
    Commit {
        /// -m MESSAGE, --change ID, --item EI-n, --push; all else goes to git commit
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "ARGS"
        )]
        rest: Vec<OsString>,
    },
    /// Make the branch's own commits again on the tip that they are meant for
    Sync(SyncArgs),
    /// Give a document of this branch another number
    Renumber {
        id: String,
        /// Answer for commits of others that nobody answers for
        #[arg(long)]
        adopt: bool,
    },
    /// What is missing for a document; or what the server would say: of a range, or of all that is new here
    Check {
        #[arg(value_name = "ID|RANGE")]
        what: Option<String>,
        /// Every document, and all that is new here
        #[arg(long, conflicts_with = "what")]
        all: bool,
        /// What is staged
        #[arg(long, conflicts_with_all = ["what", "all"])]
        staged: bool,
        /// Warnings count as errors
        #[arg(long)]
        strict: bool,
    },
    /// The whole governed history: every commit by the step that brought it in
    Verify(VerifyArgs),
    /// What a run of continuous integration asks: the range of the event, the history, documents, requirements
    Ci(super::ci::CiArgs),
    /// The policy of this repository
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// The JSON Schema of an answer or a file; without a name, which there are
    Schema {
        #[arg(value_parser = PossibleValuesParser::new(SCHEMAS.iter().map(|s| s.name)))]
        name: Option<String>,
    },
    /// A rule and what to do; a document's story; or why a commit was allowed
    Explain {
        #[arg(value_name = "RULE|ID|REV")]
        what: Option<String>,
    },
    /// What git runs; see qms init
    #[command(hide = true)]
    Hook {
        name: String,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<OsString>,
    },
    /// Print what a shell sources to complete commands, documents and people
    Completions(super::complete::Completions),
    /// Print the manual page, or write one for each command
    Man(super::man::Pages),
    /// What the documents of a type go through
    Workflow {
        #[command(subcommand)]
        command: super::workflow::WorkflowCommand,
    },
    /// Whether what is installed here does its work: hooks, settings, policy; exit 1 where something is wrong
    Doctor {
        /// Look at a server's repository
        #[arg(long, value_name = "PATH")]
        server: Option<PathBuf>,
        /// Do what is forbidden, in scratch copies, and say which layer stopped it
        #[arg(long)]
        prove: bool,
        /// Look at the boxes of agents, or of one of them, from inside too
        #[arg(long, value_name = "AGENT", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["server", "prove"])]
        session: Option<String>,
    },
    /// Play the story that qms was made for, in a throwaway repository
    Demo {
        /// Leave the repository there to look at
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub(super) enum PolicyCommand {
    /// Whether qms.yaml, as it lies here, says what it seems to say
    Check {
        /// Warnings count as errors
        #[arg(long)]
        strict: bool,
    },
}

/// How the gateway is started.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Mcp {
    #[command(subcommand)]
    pub(super) command: Option<McpCommand>,
    #[arg(long, value_enum, default_value = "stdio")]
    pub(super) transport: Transport,
    /// The address to listen at
    #[arg(long, value_name = "H", default_value = "127.0.0.1")]
    pub(super) host: String,
    /// 0 takes one that is free, and says which
    #[arg(long, value_name = "N", default_value_t = 8000)]
    pub(super) port: u16,
    /// The repository that is served
    #[arg(
        long,
        value_name = "DIR",
        env = "QMS_PROJECT_ROOT",
        default_value = "."
    )]
    pub(super) project_root: PathBuf,
    /// The branch that is written; the one that is checked out
    #[arg(long, value_name = "B")]
    pub(super) branch: Option<String>,
    /// Another name under which clients reach it
    #[arg(long, value_name = "NAME")]
    pub(super) allow_host: Vec<String>,
    /// Where the folders are that agents have of their own; which is whose, the policy says
    #[arg(long, value_name = "DIR", env = "QMS_WORKSPACES")]
    pub(super) workspaces: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
pub(super) enum McpCommand {
    /// Look at a gateway as its clients see it; QMS_TOKEN is what is shown to it
    Selftest {
        /// Such as http://127.0.0.1:8000/mcp
        url: String,
    },
}
