//! The records of runs, verified as a last part: each commit by the trunk as it was at its time.

use anyhow::Result;

use super::super::evidence::judge::{Judge, Times};
use super::Told;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::document::digest;
use crate::model::verified::{Part, Tally, record};

/// Judges all that `tip` holds; `home`: the trunk with its tip, `anchor`: where it begins.
pub(super) fn part(
    reader: &Reader<'_>,
    (trunk, home, anchor): (&str, Oid, Oid),
    tip: Oid,
    place: usize,
    told: Told<'_>,
) -> Result<Part> {
    let repo = reader.repo;
    let mut times = Times::of(reader, home, Some(anchor))?;
    let mut judge = Judge::of(reader, trunk);
    let (mut tally, mut findings, mut seen) = (Tally::default(), Vec::new(), Vec::new());
    let all = repo.between(&[], tip)?;
    for (n, id) in all.iter().rev().enumerate() {
        told("commits of evidence", n + 1, Some(all.len()));
        let judged = judge.commit(*id, times.at(*id)?)?;
        tally.count(&judged.change);
        // Which commits are still here differs from clone to clone, and what was verified does not.
        let errors = judged.findings.iter().filter(|f| f.is_error()).cloned();
        seen.extend(record(&id.to_string(), &errors.collect::<Vec<_>>()));
        findings.extend(judged.findings);
    }
    let large = judge.too_much(&[tip])?;
    if !large.is_empty() {
        seen.extend(record(&tip.to_string(), &large));
        findings.extend(large);
    }
    Ok(Part {
        place,
        digest: digest(&seen),
        tally,
        findings,
    })
}
