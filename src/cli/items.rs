//! `qms item`, `qms section` and `qms front`: filling documents in by commands.

use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{ArgGroup, Subcommand, ValueEnum};

use super::answer::{answer, moved};
use super::args::Format;
use super::print::{self, width};
use crate::model::body::Outcome as Ended;
use crate::model::document::LIMIT;
use crate::ops::items::{self, Said};
use crate::ops::{Session, front, sections};
use crate::report::rows;

#[derive(Subcommand)]
pub(super) enum ItemCommand {
    /// The items of a document, and how far they have come
    List { id: String },
    /// What an item's row says, the commits that carry its trailer, and the documents that it names
    Show {
        id: String,
        #[arg(value_name = "EI-n")]
        item: String,
    },
    /// Say what came of an item; or, in a draft, what is to be done
    #[command(group = ArgGroup::new("said").required(true).multiple(true))]
    Set {
        id: String,
        #[arg(value_name = "EI-n")]
        item: String,
        /// How it ended; who and when are filled in
        #[arg(long, value_enum, group = "said", requires = "summary")]
        outcome: Option<Outcome>,
        /// What was done, or seen
        #[arg(long, value_name = "TEXT", group = "said")]
        summary: Option<String>,
        /// Documents, commits, `path`, `path::test`, links; commits with the item's trailer count by themselves
        #[arg(long, num_args = 1.., value_name = "REF", group = "said")]
        evidence: Vec<String>,
        /// The changes that a corrective or preventive action is carried out by
        #[arg(long, num_args = 1.., value_name = "ID", group = "said")]
        change: Vec<String>,
        /// In a draft: what is to be done
        #[arg(long, value_name = "TEXT", group = "said")]
        task: Option<String>,
        /// In a draft: whether it needs a verification record
        #[arg(long, value_enum, group = "said")]
        vr: Option<Answer>,
        /// Another column
        #[arg(long, value_name = "COLUMN=TEXT", value_parser = column, group = "said")]
        set: Vec<(String, String)>,
    },
    /// Add an item at the end
    Add {
        id: String,
        /// What is to be done
        #[arg(long, value_name = "TEXT")]
        task: String,
        /// It needs a verification record
        #[arg(long)]
        vr: bool,
        /// Another column
        #[arg(long, value_name = "COLUMN=TEXT", value_parser = column)]
        set: Vec<(String, String)>,
    },
    /// Take an item out of a draft
    Remove {
        id: String,
        #[arg(value_name = "EI-n")]
        item: String,
    },
}

#[derive(Subcommand)]
pub(super) enum SectionCommand {
    /// The sections of a document: open or frozen during execution, and what is left to write
    List { id: String },
    /// Write a section of a document that is checked out; its heading and subsections stay
    Set {
        id: String,
        /// Its number or its title
        section: String,
        /// What is to stand there
        #[arg(
            long,
            value_name = "TEXT",
            conflicts_with = "from",
            required_unless_present = "from"
        )]
        text: Option<String>,
        /// `-`: what stdin says
        #[arg(value_name = "-", value_parser = ["-"], allow_hyphen_values = true)]
        from: Option<String>,
    },
}

#[derive(Subcommand)]
pub(super) enum FrontCommand {
    /// The keys of a document's front matter
    List { id: String },
    /// Say a key of a document that is checked out: its title, its revision summary, its scope
    Set {
        id: String,
        key: String,
        /// What it says; several are a list
        #[arg(required = true, value_name = "VALUE")]
        values: Vec<String>,
    },
    /// Take a key out of a document that is checked out
    Remove { id: String, key: String },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Outcome {
    Pass,
    Fail,
    /// A test step behind one that failed
    NotRun,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(super) enum Answer {
    Yes,
    No,
}

fn column(text: &str) -> Result<(String, String), String> {
    let (column, text) = text
        .split_once('=')
        .ok_or("expected a column's title, `=` and its text")?;
    Ok((column.trim().to_owned(), text.to_owned()))
}

pub(super) fn item(s: &Session, command: ItemCommand, format: Format) -> Result<ExitCode> {
    match command {
        ItemCommand::List { id } => {
            let rows = items::list(s, &s.id(&id)?)?;
            answer(format, &rows, || rows::items(&rows, width()))
        }
        ItemCommand::Show { id, item } => {
            let story = items::show(s, &s.id(&id)?, &item)?;
            answer(format, &story, || rows::item(&story))
        }
        ItemCommand::Set {
            id,
            item,
            outcome,
            summary,
            evidence,
            change,
            task,
            vr,
            set,
        } => {
            let outcome = outcome.map(|o| match o {
                Outcome::Pass => Ended::Pass,
                Outcome::Fail => Ended::Fail,
                Outcome::NotRun => Ended::NotRun,
            });
            let said = Said {
                outcome,
                summary,
                evidence,
                changes: change,
                task,
                vr: vr.map(|answer| answer == Answer::Yes),
                columns: set,
            };
            let id = s.id(&id)?;
            let set = items::set(s, &id, &item, &said)?;
            print::err(&rows::proof(&id, &set.item, &set.commits, set.unproven));
            moved(format, set.done)
        }
        ItemCommand::Add { id, task, vr, set } => {
            let said = Said {
                task: Some(task),
                vr: vr.then_some(true),
                columns: set,
                ..Said::default()
            };
            let (done, item) = items::add(s, &s.id(&id)?, &said)?;
            print::err(&format!("it is {item}\n"));
            moved(format, done)
        }
        ItemCommand::Remove { id, item } => moved(format, items::remove(s, &s.id(&id)?, &item)?),
    }
}

pub(super) fn section(s: &Session, command: SectionCommand, format: Format) -> Result<ExitCode> {
    match command {
        SectionCommand::List { id } => {
            let rows = sections::list(s, &s.id(&id)?)?;
            answer(format, &rows, || rows::sections(&rows, width()))
        }
        SectionCommand::Set {
            id, section, text, ..
        } => {
            let text = match text {
                Some(text) => text,
                None => stdin()?,
            };
            moved(format, sections::set(s, &s.id(&id)?, &section, &text)?)
        }
    }
}

pub(super) fn front(s: &Session, command: FrontCommand, format: Format) -> Result<ExitCode> {
    match command {
        FrontCommand::List { id } => {
            let rows = front::list(s, &s.id(&id)?)?;
            answer(format, &rows, || rows::keys(&rows, width()))
        }
        FrontCommand::Set { id, key, values } => {
            moved(format, front::set(s, &s.id(&id)?, &key, &values)?)
        }
        FrontCommand::Remove { id, key } => moved(format, front::set(s, &s.id(&id)?, &key, &[])?),
    }
}

/// What stdin says, to its end.
fn stdin() -> Result<String> {
    let mut bytes = Vec::new();
    let most = LIMIT as u64 + 1;
    std::io::stdin().take(most).read_to_end(&mut bytes)?;
    if bytes.len() > LIMIT {
        bail!("stdin says more than the {LIMIT} bytes that a document has at most");
    }
    String::from_utf8(bytes).context("stdin is not UTF-8")
}
