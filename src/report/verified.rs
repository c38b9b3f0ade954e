//! What a verification found, as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::json::{self, Found};
use super::text::{self, short};
use crate::model::finding::Finding;
use crate::model::verified::Verified;

/// The answer of a verification.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// The version of qms: another one has other rules, and another digest.
    pub version: String,
    /// The refs that were verified, each with its tip.
    pub tips: BTreeMap<String, String>,
    pub anchor: String,
    /// Nobody named the anchor: it was found in the repository itself.
    pub anchor_assumed: bool,
    /// After which commit the verification began.
    pub since: String,
    /// The same for everybody who verifies the same with this version; null for a shard.
    pub digest: Option<String>,
    /// Commits that were judged, and steps of a mainline among them.
    pub commits: usize,
    pub steps: usize,
    pub moves: usize,
    /// Commits of work under a change.
    pub work: usize,
    /// Commits that bear a signature.
    pub signed: usize,
    /// Who answers for how many commits.
    pub people: BTreeMap<String, usize>,
    pub errors: usize,
    pub warnings: usize,
    pub findings: Vec<Found>,
    /// What qms verify --merge reads; null for a whole.
    pub shard: Option<Value>,
}

pub fn answer(verified: &Verified, shard: Option<Value>) -> Answer {
    let (tally, findings) = (verified.tally(), verified.findings());
    let errors = findings.iter().filter(|f| f.is_error()).count();
    Answer {
        version: verified.version.clone(),
        tips: verified.tips.iter().cloned().collect(),
        anchor: verified.anchor.clone(),
        anchor_assumed: verified.assumed,
        since: verified.since.clone(),
        digest: verified.digest(),
        commits: tally.commits,
        steps: tally.steps,
        moves: tally.moves,
        work: tally.work,
        signed: tally.signed,
        people: tally.people,
        errors,
        warnings: findings.len() - errors,
        findings: json::findings(&findings),
        shard,
    }
}

/// What was verified, in a line.
pub fn what(verified: &Verified) -> String {
    let names: Vec<&str> = verified
        .tips
        .iter()
        .map(|(name, _)| name.trim_start_matches("refs/heads/"))
        .collect();
    format!("{} since {}", names.join(", "), short(&verified.since))
}

/// The findings, and a summary that two people can compare.
pub fn summary(verified: &Verified, findings: &[Finding]) -> String {
    let tally = verified.tally();
    let mut out = text::findings(findings);
    let mut row = |label: &str, value: String| {
        let _ = writeln!(out, "{label:<12}{value}");
    };
    for (name, tip) in &verified.tips {
        row(
            "verified",
            format!("{} at {tip}", name.trim_start_matches("refs/heads/")),
        );
    }
    let assumed = if verified.assumed {
        "   assumed: nobody named one (--anchor)"
    } else {
        ""
    };
    row("anchor", format!("{}{assumed}", verified.anchor));
    if verified.since != verified.anchor {
        row("since", verified.since.clone());
    }
    row(
        "commits",
        format!("{}   steps of a mainline: {}", tally.commits, tally.steps),
    );
    row("moves", format!("{}   work: {}", tally.moves, tally.work));
    let people: Vec<String> = tally
        .people
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    row(
        "people",
        match people.is_empty() {
            true => "nobody".to_owned(),
            false => people.join(", "),
        },
    );
    row("signatures", tally.signed.to_string());
    let errors = findings.iter().filter(|f| f.is_error()).count();
    row(
        "findings",
        format!("{errors} errors, {} warnings", findings.len() - errors),
    );
    match verified.digest() {
        Some(digest) => row("digest", format!("{digest}   qms {}", verified.version)),
        None => row(
            "parts",
            format!(
                "{} of {}; join all shards: qms verify --merge",
                verified.parts.len(),
                verified.of
            ),
        ),
    }
    out
}
