//! `qms ci`: what the platform says in, phases and reports out, each where that platform looks for it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ValueEnum;

use super::args::Format;
use super::{print, progress};
use crate::model::ci::{Given, Outcome, Platform};
use crate::model::document::digest;
use crate::ops::Session;
use crate::ops::ci::{self, Ask};
use crate::report::{ci as rendered, github, gitlab, junit, sarif, summary};

#[derive(clap::Args)]
pub(super) struct CiArgs {
    /// Where the range begins, or what is to take it in; else what the platform says
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Where the range ends; else what the platform says, or what is checked out
    #[arg(long, value_name = "REV")]
    head: Option<String>,
    /// The branch that is home of documents and policy
    #[arg(long, value_name = "NAME")]
    trunk: Option<String>,
    /// The first commit that is trusted, in full; without it the one that is assumed is named
    #[arg(long, value_name = "COMMIT")]
    anchor: Option<String>,
    /// Whether requirements that are not verified are told, or are errors
    #[arg(long, value_enum, default_value = "report")]
    trace: Trace,
    /// Leave the findings there as SARIF
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Leave them there as JUnit
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Leave them there as GitLab Code Quality; on GitLab gl-code-quality-report.json
    #[arg(long, value_name = "FILE")]
    codequality: Option<PathBuf>,
    /// Leave a summary there in Markdown; on GitHub it goes to the job's page
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Warnings count as errors
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Trace {
    Report,
    Require,
}

/// The most of an event's description that is read, in bytes; GitHub's own bound is 25 MB.
const MOST_EVENT: u64 = 32 * 1024 * 1024;
/// What GitLab's templates call the report.
const CODE_QUALITY: &str = "gl-code-quality-report.json";

pub(super) fn run(args: CiArgs, user: Option<String>, format: Format) -> Result<ExitCode> {
    let given = given()?;
    let platform = Platform::of(&given);
    let session = Session::open(Path::new("."), user)?.watched(progress::listener());
    let ask = Ask {
        base: args.base.clone(),
        head: args.head.clone(),
        trunk: args.trunk.clone(),
        anchor: args.anchor.clone(),
        traced: args.trace == Trace::Require,
    };
    let outcome = ci::run(session, &given, &ask)?;
    progress::erase();
    leave(&args, platform, &outcome)?;
    if let (Platform::Github, Some(page)) = (platform, given.var("GITHUB_STEP_SUMMARY")) {
        append(Path::new(page), &summary::markdown(&outcome, args.strict))?;
    }
    match (format, platform) {
        (Format::Json, _) => print::json(&rendered::answer(&outcome, args.strict))?,
        (_, Platform::Github) => print::out(&for_github(&outcome, args.strict))?,
        _ => print::out(&rendered::text(&outcome, args.strict))?,
    }
    Ok(ExitCode::from(outcome.code(args.strict)))
}

/// What the platform hands over: variables that are text, and the event's description where there is one.
fn given() -> Result<Given> {
    let vars = std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    let mut given = Given {
        vars: vars.collect(),
        ..Given::default()
    };
    let place = given.var("GITHUB_EVENT_PATH").map(PathBuf::from);
    if let (Platform::Github, Some(place)) = (Platform::of(&given), place) {
        let name = place.display();
        let file = std::fs::File::open(&place);
        let file = file.with_context(|| format!("the event `{name}` cannot be read"))?;
        let bounded = std::io::Read::take(file, MOST_EVENT);
        let event = serde_json::from_reader(std::io::BufReader::new(bounded));
        given.event = event.with_context(|| format!("the event `{name}` is no JSON"))?;
    }
    Ok(given)
}

/// Writes the reports that were asked for. Where a phase could not look there are none, nor old ones: a report without
/// findings would close what is open.
fn leave(args: &CiArgs, platform: Platform, outcome: &Outcome) -> Result<()> {
    let usual = (platform == Platform::Gitlab).then(|| PathBuf::from(CODE_QUALITY));
    let (what, findings) = (&outcome.what, outcome.findings());
    let pretty = |value: &serde_json::Value| Ok(format!("{value:#}\n"));
    let codequality = args.codequality.clone().or(usual);
    type Make<'a> = &'a dyn Fn() -> Result<String>;
    let reports: [(Option<&PathBuf>, Make<'_>); 3] = [
        (args.sarif.as_ref(), &|| {
            pretty(&sarif::log(what, &findings))
        }),
        (args.junit.as_ref(), &|| Ok(junit::suite(what, &findings))),
        (codequality.as_ref(), &|| {
            pretty(&gitlab::quality(&findings))
        }),
    ];
    let whole = outcome.could_not().is_empty();
    for (place, make) in reports {
        match place {
            Some(place) if whole => ci::leave(place, &make()?)?,
            Some(place) => ci::clear(place)?,
            None => {}
        }
    }
    match &args.summary {
        Some(place) => ci::leave(place, &summary::markdown(outcome, args.strict)),
        None => Ok(()),
    }
}

/// Adds to the page of a job, which earlier steps may have written on.
fn append(page: &Path, text: &str) -> Result<()> {
    let file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(page);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("the job's summary `{}` cannot be written", page.display()))
}

/// The text between two lines that tell the runner to take nothing in it for a command, then the annotations. What ends it
/// is the text's own digest, which no text can hold.
fn for_github(outcome: &Outcome, strict: bool) -> String {
    let text = rendered::text(outcome, strict);
    let digest = digest(text.as_bytes());
    let token = digest.trim_start_matches("sha256:");
    let findings = outcome.findings();
    let annotations = match outcome.could_not() {
        none if none.is_empty() => github::commands(&outcome.what, &findings),
        some => github::unseen(&some) + &github::annotations(&findings),
    };
    format!("::stop-commands::{token}\n{text}::{token}::\n{annotations}")
}
