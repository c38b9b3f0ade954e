//! `qms trace`: requirements, what implements and what verifies them; what changed, and what a change touches.

use std::process::ExitCode;

use anyhow::Result;

use super::answer::{answer, moved, report};
use super::args::Format;
use super::print;
use crate::model::trace::findings::findings;
use crate::model::trace::matrix::Matrix;
use crate::ops::trace::Asked;
use crate::ops::{Session, compared, impact, look, rtm};
use crate::report::matrix;
use crate::report::trace as written;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct TraceArgs {
    #[command(subcommand)]
    pub(super) command: Option<TraceCommand>,
    /// One system; all where none is named
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// As it was at a commit
    #[arg(long, value_name = "REV", conflicts_with = "diff")]
    at: Option<String>,
    /// What changed between two commits; exit 1 where something got worse
    #[arg(long, value_name = "A..B", conflicts_with = "impact")]
    diff: Option<String>,
    /// What a path touches, or what changed from A to B: requirements, tests to run again, documents
    #[arg(long, value_name = "PATH|A..B")]
    impact: Option<String>,
}

#[derive(clap::Subcommand)]
pub(super) enum TraceCommand {
    /// Write the tables of a matrix into its document, which you have checked out
    Write {
        /// The system; the only one where it is not said
        #[arg(long, value_name = "NAME")]
        system: Option<String>,
        /// Only say whether they are as they should be; exit 1 where they are not
        #[arg(long)]
        check: bool,
        /// Look at requirements, code and tests, and not at commit and results: for where no evidence is kept
        #[arg(long, requires = "check")]
        no_results: bool,
    },
}

impl TraceArgs {
    /// The question, as formats are listed by it.
    pub(super) fn name(&self) -> &'static str {
        match (&self.diff, &self.impact) {
            _ if self.command.is_some() => "qms trace write",
            (Some(_), _) => "qms trace --diff",
            (_, Some(_)) => "qms trace --impact",
            _ => "qms trace",
        }
    }
}

type Written = fn(&[Matrix]) -> String;

/// The forms of the matrix that only this command has.
const FORMS: &[(Format, Written)] = &[
    (Format::Csv, written::csv::csv),
    (Format::Html, written::html::page),
    (Format::Md, written::md::md),
    (Format::Reqif, written::reqif::reqif),
];

pub(super) fn run(s: &Session, args: TraceArgs, format: Format) -> Result<ExitCode> {
    if let Some(TraceCommand::Write {
        system,
        check,
        no_results,
    }) = args.command
    {
        let system = system.as_deref();
        let look = match no_results {
            true => rtm::Look::Links,
            false => rtm::Look::All,
        };
        if check {
            let (what, found) = rtm::check(s, system, look)?;
            return report(format, &what, &found, false);
        }
        return match rtm::write(s, system)? {
            Some(done) => moved(format, done),
            None => answer(format, serde_json::json!({ "moves": [] }), || {
                "the matrix says so already\n".to_owned()
            }),
        };
    }
    let TraceArgs { system, at, .. } = args;
    if let Some(range) = args.diff {
        return differs(s, &range, system.as_deref(), format);
    }
    if let Some(of) = args.impact {
        let found = impact::impact(s, &of, system.as_deref(), at.as_deref())?;
        return answer(format, &found, || written::impact::text(&found));
    }
    look::look(s, &Asked { system, at }, |all| matrices(all, format))?
}

/// 1 unless all is verified and no tag is wrong.
fn matrices(all: &[Matrix], format: Format) -> Result<ExitCode> {
    let form = FORMS.iter().find(|(name, _)| *name == format);
    match form {
        Some((_, written)) => print::bytes(written(all).as_bytes())?,
        None if format == Format::Sarif => {
            let systems: Vec<&str> = all.iter().map(|matrix| matrix.system.as_str()).collect();
            report(format, &systems.join(", "), &findings(all), false)?;
        }
        None => {
            answer(format, all, || matrix::text(all, print::width()))?;
        }
    }
    Ok(ExitCode::from(u8::from(!all.iter().all(Matrix::is_clean))))
}

/// 1 where something got worse.
fn differs(s: &Session, range: &str, system: Option<&str>, format: Format) -> Result<ExitCode> {
    let all = compared::compared(s, range, system)?;
    match format {
        Format::Md => print::bytes(written::diff::md(&all).as_bytes())?,
        _ => {
            answer(format, &all, || written::diff::text(&all))?;
        }
    }
    Ok(ExitCode::from(u8::from(
        all.iter().any(|diff| diff.worse > 0),
    )))
}
