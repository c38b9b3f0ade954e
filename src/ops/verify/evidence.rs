//! The records of runs, verified as a last part: each commit by the trunk as it was at its time.

use anyhow::Result;

use super::super::evidence::judge::Judge;
use super::Told;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::document::digest;
use crate::model::verified::{Part, Tally, record};

/// Judges all that `tip` holds. A commit's time is not before that of those it stands on, so that a date that is set back
/// brings no key back that was revoked meanwhile.
pub(super) fn part(
    reader: &Reader<'_>,
    (trunk, home): (&str, Oid),
    tip: Oid,
    place: usize,
    told: Told<'_>,
) -> Result<Part> {
    let repo = reader.repo;
    let chain = repo.mainline(home, None)?.unwrap_or_default();
    let chain: Vec<(Oid, i64)> = chain
        .into_iter()
        .map(|id| Ok((id, repo.node(id)?.seconds)))
        .collect::<Result<_>>()?;
    let mut judge = Judge::of(reader, trunk);
    let (mut tally, mut findings, mut seen) = (Tally::default(), Vec::new(), Vec::new());
    let all = repo.between(&[], tip)?;
    let mut now = i64::MIN;
    for (n, id) in all.iter().rev().enumerate() {
        told("commits of evidence", n + 1, Some(all.len()));
        now = now.max(repo.node(*id)?.seconds);
        // The newest of the trunk that is not newer; what claims to be older than all of it goes by the first.
        let at = chain.iter().find(|(_, time)| *time <= now).or(chain.last());
        let judged = judge.commit(*id, at.map_or(home, |(at, _)| *at))?;
        tally.count(&judged.change);
        seen.extend(record(&id.to_string(), &judged.findings));
        findings.extend(judged.findings);
    }
    Ok(Part {
        place,
        digest: digest(&seen),
        tally,
        findings,
    })
}
