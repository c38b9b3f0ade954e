//! What a run of continuous integration found, as text and as JSON: its phases, and the verdict.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{self, Found};
use super::text::{self, printable};
use crate::model::ci::{Kind, Outcome, Phase, Platform, Standing};
use crate::model::finding::Finding;

/// The answer of a run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// The version of qms: another one has other rules.
    pub version: String,
    pub platform: Platform,
    pub event: Kind,
    /// The branch that took commits in or is asked to; null for a tag.
    pub branch: Option<String>,
    pub tag: Option<String>,
    pub fork: bool,
    /// The range that was judged; the first commit is not in it.
    pub base: Option<String>,
    pub head: Option<String>,
    pub trunk: Option<String>,
    pub anchor: Option<String>,
    /// Nobody named the anchor: it was found in the repository itself.
    pub anchor_assumed: bool,
    /// Of the protected history, as qms verify answers it.
    pub digest: Option<String>,
    pub verdict: Verdict,
    pub errors: usize,
    pub warnings: usize,
    pub phases: Vec<PhaseAnswer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Clean,
    Refused,
    /// Some phase could not look, whatever the others say.
    CouldNotCheck,
}

/// A phase of a run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PhaseAnswer {
    pub name: &'static str,
    /// `looked`, `nothing` where there was nothing to look at, or `could-not`.
    pub state: &'static str,
    /// Why there was nothing, or why it could not look.
    pub why: Option<String>,
    pub looked_at: usize,
    /// What it counts.
    pub of: &'static str,
    pub milliseconds: u64,
    pub notes: Vec<String>,
    pub errors: usize,
    pub warnings: usize,
    /// Findings that an earlier phase holds already.
    pub told_before: usize,
    pub findings: Vec<Found>,
}

pub fn answer(outcome: &Outcome, strict: bool) -> Answer {
    let event = &outcome.event;
    let (errors, warnings) = counts(&outcome.findings());
    let anchor = outcome.anchor.as_ref();
    Answer {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        platform: event.platform,
        event: event.kind,
        branch: event.branch.clone(),
        tag: event.tag.clone(),
        fork: event.fork,
        base: outcome.base.clone(),
        head: outcome.head.clone(),
        trunk: outcome.trunk.clone(),
        anchor: anchor.map(|(id, _)| id.clone()),
        anchor_assumed: anchor.is_some_and(|(_, assumed)| *assumed),
        digest: outcome.digest.clone(),
        verdict: verdict(outcome, strict),
        errors,
        warnings,
        phases: outcome.phases.iter().map(phase).collect(),
    }
}

pub(super) fn verdict(outcome: &Outcome, strict: bool) -> Verdict {
    match outcome.code(strict) {
        0 => Verdict::Clean,
        1 => Verdict::Refused,
        _ => Verdict::CouldNotCheck,
    }
}

fn phase(phase: &Phase) -> PhaseAnswer {
    let (errors, warnings) = counts(&phase.findings);
    let (state, why) = match &phase.standing {
        Standing::Looked => ("looked", None),
        Standing::Nothing(why) => ("nothing", Some(why.clone())),
        Standing::CouldNot(why) => ("could-not", Some(why.clone())),
    };
    PhaseAnswer {
        name: phase.name,
        state,
        why,
        looked_at: phase.count,
        of: phase.unit,
        milliseconds: u64::try_from(phase.took.as_millis()).unwrap_or(u64::MAX),
        notes: phase.notes.clone(),
        errors,
        warnings,
        told_before: phase.told,
        findings: json::findings(&phase.findings),
    }
}

/// Errors and warnings.
pub(super) fn counts(findings: &[Finding]) -> (usize, usize) {
    let errors = findings.iter().filter(|f| f.is_error()).count();
    (errors, findings.len() - errors)
}

/// What came of a phase, in a few words.
pub(super) fn said(phase: &Phase) -> String {
    let (errors, warnings) = counts(&phase.findings);
    let mut words: Vec<String> = [(errors, "errors"), (warnings, "warnings")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{what} {n}"))
        .collect();
    if phase.told > 0 {
        words.push(format!("said above {}", phase.told));
    }
    match &phase.standing {
        Standing::Nothing(why) => why.clone(),
        Standing::CouldNot(why) => format!("could not look: {why}"),
        Standing::Looked if words.is_empty() => "clean".to_owned(),
        Standing::Looked => words.join(", "),
    }
}

/// The findings, then a line for each phase, then the verdict.
pub fn text(outcome: &Outcome, strict: bool) -> String {
    let mut out = text::findings(&outcome.findings());
    if !out.is_empty() {
        out.push('\n');
    }
    for phase in &outcome.phases {
        let (count, millis) = (phase.count, phase.took.as_millis());
        let looked = format!("{count} {}", phase.unit);
        let line = format!(
            "{:<10} {looked:<18} {millis:>6} ms  {}",
            phase.name,
            printable(&said(phase))
        );
        let _ = writeln!(out, "{line}");
        for note in &phase.notes {
            let _ = writeln!(out, "{:<10} {}", "", printable(note));
        }
    }
    let (errors, warnings) = counts(&outcome.findings());
    let what = printable(&outcome.what);
    let last = match verdict(outcome, strict) {
        Verdict::Clean => format!("clean: {what}"),
        Verdict::Refused => format!("refused: {what}: errors {errors}, warnings {warnings}"),
        Verdict::CouldNotCheck => format!("could not check: {what}"),
    };
    let _ = writeln!(out, "{last}");
    out
}
