//! `qms workflow`: what the documents of a type go through.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Subcommand, ValueEnum};

use super::answer::answer;
use super::args::Format;
use crate::report::workflow;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Drawn {
    Text,
    Mermaid,
}

#[derive(Subcommand)]
pub(super) enum WorkflowCommand {
    /// The states of a type, and the moves from each: to where, and by whom
    Show {
        /// SOP, RS, RTM, TEMPLATE, CR, INV, TP, ER, VAR, ADD or VR
        r#type: String,
        /// A table, or a diagram for Markdown
        #[arg(long, value_enum, default_value = "text")]
        r#as: Drawn,
    },
}

pub(super) fn run(command: &WorkflowCommand, format: Format) -> Result<ExitCode> {
    let WorkflowCommand::Show { r#type, r#as } = command;
    match workflow::of(r#type) {
        Ok(shown) => answer(format, &shown, || match r#as {
            Drawn::Text => workflow::text(&shown),
            Drawn::Mermaid => workflow::mermaid(&shown),
        }),
        Err(nearest) => bail!("`{type}` is no type; near it is: qms workflow show {nearest}"),
    }
}
