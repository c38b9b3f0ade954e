//! `qms evidence`: results of tests and coverage, kept with the commit that they are of.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::answer::answer;
use super::args::Format;
use super::print;
use crate::model::trace::kept::Added;
use crate::ops::Session;
use crate::ops::evidence::process::Start;
use crate::ops::evidence::{self, Asked, Reports};
use crate::report::{evidence as shown, matrix};

#[derive(Subcommand)]
pub(super) enum EvidenceCommand {
    /// Keep the reports of a run, bound to the state of the system at a commit
    Add(AddArgs),
    /// Take in what a remote has, and push what is here
    Sync {
        /// The remote; the one that the trunk follows where none is named
        remote: Option<String>,
    },
    /// What is kept, the last first
    List {
        /// Of one system; of all where none is named
        #[arg(long, value_name = "NAME")]
        system: Option<String>,
        /// How many
        #[arg(long, short = 'n', default_value_t = 20, value_name = "N")]
        limit: usize,
    },
}

/// What is kept of a run.
#[derive(Args)]
pub(super) struct AddArgs {
    /// The commit that the results are of; what is checked out where it is not said
    #[arg(long, value_name = "REV")]
    commit: Option<String>,
    #[command(flatten)]
    pub(super) of: OfArgs,
}

/// The system, the run, and the files that it left.
#[derive(Args)]
pub(super) struct OfArgs {
    /// The system; the only one where it is not said
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// What the run is called where it ran
    #[arg(long, value_name = "ID")]
    run_id: Option<String>,
    /// Results of tests as JUnit XML
    #[arg(long, num_args = 1.., value_name = "FILE")]
    junit: Vec<PathBuf>,
    /// Coverage of the whole run as LCOV
    #[arg(long, num_args = 1.., value_name = "FILE")]
    lcov: Vec<PathBuf>,
    /// Coverage of the whole run as Cobertura's XML
    #[arg(long, num_args = 1.., value_name = "FILE")]
    cobertura: Vec<PathBuf>,
    /// Coverage of the whole run as llvm-cov exports it
    #[arg(long, num_args = 1.., value_name = "FILE")]
    llvm_cov_json: Vec<PathBuf>,
    /// Coverage of each test as coverage.py exports it with contexts
    #[arg(long, num_args = 1.., value_name = "FILE")]
    contexts: Vec<PathBuf>,
    /// Folders with an LCOV file for each test, named after it
    #[arg(long, num_args = 1.., value_name = "DIR")]
    per_test_coverage: Vec<PathBuf>,
}

/// A run of tests, or a process to look at.
#[derive(Args)]
pub(super) struct RunArgs {
    /// Start this instead, see that it is ready, answers and stops, and keep that
    #[arg(long, value_name = "COMMAND", requires = "verifies")]
    start: Option<String>,
    /// It is ready when it says a line like this
    #[arg(long, value_name = "REGEX", requires = "start")]
    ready: Option<String>,
    /// It is ready, and answers, when it listens there
    #[arg(long, value_name = "N", requires = "start")]
    port: Option<u16>,
    /// How many seconds it may take until then
    #[arg(long, value_name = "SECONDS", default_value_t = 30, requires = "start")]
    within: u64,
    /// Requirements of kind startup that it is evidence for
    #[arg(long, value_name = "ID", num_args = 1.., requires = "start")]
    verifies: Vec<String>,
    #[command(flatten)]
    of: OfArgs,
    /// What to run; with --start, what asks the process something
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs tests and keeps what they left: 1 where the run itself did not end well.
pub(super) fn run_tests(s: &Session, args: RunArgs, format: Format) -> Result<ExitCode> {
    let mut asked = args.of.asked();
    let done = match args.start {
        None => evidence::run::run(s, asked, &args.command)?,
        Some(command) => {
            let start = Start {
                command,
                ready: args.ready,
                port: args.port,
                within: Duration::from_secs(args.within),
                probe: args.command,
                verifies: args.verifies,
            };
            evidence::process::started(s, &mut asked, &start)?
        }
    };
    added(&done, format)?;
    for why in &done.failed {
        print::err(&format!("{why}\n"));
    }
    Ok(ExitCode::from(u8::from(!done.failed.is_empty())))
}

impl OfArgs {
    pub(super) fn asked(self) -> Asked {
        Asked {
            system: self.system,
            run: self.run_id,
            reports: Reports {
                junit: self.junit,
                lcov: self.lcov,
                cobertura: self.cobertura,
                llvm: self.llvm_cov_json,
                contexts: self.contexts,
                per_test: self.per_test_coverage,
            },
            ..Asked::default()
        }
    }
}

pub(super) fn run(s: &Session, command: EvidenceCommand, format: Format) -> Result<ExitCode> {
    match command {
        EvidenceCommand::Add(AddArgs { commit, of }) => {
            let asked = Asked {
                commit,
                ..of.asked()
            };
            added(&evidence::add(s, &asked)?, format)
        }
        EvidenceCommand::Sync { remote } => {
            let done = evidence::sync::sync(s, remote.as_deref())?;
            answer(format, &done, || shown::exchanged(&done))
        }
        EvidenceCommand::List { system, limit } => {
            let all = evidence::list(s, system.as_deref(), limit)?;
            answer(format, &all, || shown::list(&all, print::width()))
        }
    }
}

/// What was kept, and the matrix with it. That something is not verified is no failure of keeping it.
pub(super) fn added(added: &Added, format: Format) -> Result<ExitCode> {
    answer(format, added, || {
        let matrix = matrix::text(std::slice::from_ref(&added.matrix), print::width());
        format!("{}\n{matrix}", shown::added(added))
    })
}
