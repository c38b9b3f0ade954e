//! `qms workflow`: what the documents of a type go through, and what they are made of.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};

use super::answer::answer;
use super::args::Format;
use crate::model::kind::Kind;
use crate::ops::forms;
use crate::report::{form, workflow};

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
        /// Its sections instead: which are open during execution, the item table's columns, and who says so
        #[arg(long, conflicts_with = "as")]
        sections: bool,
    },
}

// Implements: REQ-QMS-CMD-WORKFLOW-SHOW
pub(super) fn run(command: &WorkflowCommand, format: Format) -> Result<ExitCode> {
    let WorkflowCommand::Show {
        r#type,
        r#as,
        sections,
    } = command;
    match workflow::of(r#type) {
        Ok(shown) if *sections => show_sections(shown.r#type, format),
        Ok(shown) => answer(format, &shown, || match r#as {
            Drawn::Text => workflow::text(&shown),
            Drawn::Mermaid => workflow::mermaid(&shown),
        }),
        Err(nearest) => bail!("`{type}` is no type; near it is: qms workflow show {nearest}"),
    }
}

fn show_sections(name: &str, format: Format) -> Result<ExitCode> {
    let kind = Kind::of(name).context("the workflow is one of a type")?;
    let made = forms::of(Path::new("."), kind)?;
    let house = made.house.as_deref();
    let shown = form::sections(kind, made.version, &made.plain, &made.form, house);
    answer(format, &shown, || form::text(&shown))
}
