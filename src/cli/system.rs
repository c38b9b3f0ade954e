//! `qms system`: the systems of the policy.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::answer::answer;
use super::args::Format;
use super::print;
use crate::ops::Session;
use crate::ops::system::{self, New};
use crate::report::table;

#[derive(Subcommand)]
pub(super) enum SystemCommand {
    /// Add one, as work under a change whose scope names qms.yaml
    Add {
        name: String,
        /// Paths that are its code, tests and build files
        #[arg(long, required = true, num_args = 1.., value_name = "GLOB")]
        code: Vec<String>,
        /// What the ids of its requirements look like, such as REQ-CLI-*
        #[arg(long, value_name = "PATTERN")]
        ids: Option<String>,
        /// The change; without it the one in use
        #[arg(long, value_name = "ID")]
        change: Option<String>,
    },
    /// Which there are, and where their requirements and matrices stand
    List,
}

pub(super) fn run(s: &Session, command: SystemCommand, format: Format) -> Result<ExitCode> {
    match command {
        SystemCommand::List => {
            let systems = system::list(s)?;
            answer(format, &systems, || table::systems(&systems))
        }
        SystemCommand::Add {
            name,
            code,
            ids,
            change,
        } => {
            let change = change.map(|id| s.known(&id)).transpose()?;
            let (added, findings) = system::add(
                s,
                &New {
                    name,
                    code,
                    ids,
                    change,
                },
            )?;
            print::warnings(&findings);
            answer(format, &added, || {
                table::systems(std::slice::from_ref(&added))
            })
        }
    }
}
