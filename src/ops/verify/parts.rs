//! Judging parts side by side: each thread has the repository for itself and takes the next part that nobody has.

use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::{Told, parts_of};
use crate::git::read::Reader;
use crate::git::together;
use crate::git::way::Way;
use crate::git::{Oid, Repo};
use crate::model::change::Change;
use crate::model::finding::Finding;
use crate::model::verified::{PART, Part, Tally, record};
use crate::ops::away;
use crate::ops::mainline::{self, Trust};

/// What is to be judged: the trunk in parts, and each other branch as one.
pub(super) struct Work<'a> {
    pub(super) place: &'a Path,
    pub(super) trunk: &'a str,
    pub(super) anchor: Oid,
    pub(super) tip: Oid,
    /// The trunk's chain, the oldest first, with dates; the first is not judged.
    pub(super) chain: &'a [(Oid, i64)],
    /// How many parts lie before the chain.
    pub(super) first: usize,
    /// The time of the chain's first commit, where it is not the anchor.
    pub(super) time: Option<i64>,
    /// The chain begins at some commit after the anchor.
    pub(super) since: bool,
    pub(super) away: Vec<(String, Oid)>,
    pub(super) home: bool,
}

/// One piece of work for one thread.
enum Piece {
    /// A part by its place.
    Part(usize),
    /// Objects as they lie on disk.
    Stored(crate::git::intact::Stored),
}

impl Work<'_> {
    /// How many parts the whole has.
    pub(super) fn count(&self) -> usize {
        self.ours() + self.away.len()
    }

    /// The parts of the trunk.
    fn ours(&self) -> usize {
        match self.home {
            true => self.first + parts_of(self.chain.len() - 1),
            false => 0,
        }
    }

    /// The steps of a part of the trunk, as a range of the chain whose first element is not judged.
    pub(super) fn range(&self, place: usize) -> &[(Oid, i64)] {
        let start = (place - self.first) * PART;
        let end = (start + PART + 1).min(self.chain.len());
        &self.chain[start..end]
    }

    /// The time of every commit of the chain: dates never count backwards.
    pub(super) fn times(&self) -> Vec<i64> {
        let mut latest = self.time.unwrap_or(i64::MIN);
        let later = |(_, seconds): &(Oid, i64)| {
            latest = latest.max(*seconds);
            latest
        };
        self.chain.iter().map(later).collect()
    }

    /// Judges the parts that `mine` names. `stored`: also whether objects lie on disk as they were written.
    pub(super) fn judge(
        &self,
        mine: impl Fn(usize) -> bool,
        threads: Option<usize>,
        stored: bool,
        told: Told<'_>,
    ) -> Result<Vec<Part>> {
        let begin = if self.home { self.first } else { 0 };
        let mut pieces: Vec<Piece> = Vec::new();
        if stored {
            let all = Repo::alone(self.place)?.stored()?;
            pieces.extend(all.into_iter().map(Piece::Stored));
        }
        pieces.extend((begin..self.count()).filter(|p| mine(*p)).map(Piece::Part));
        let times = self.times();
        let threads = threads.unwrap_or_else(together::cores).max(1);
        let work = |repo: &Repo, piece: &Piece| match piece {
            Piece::Part(place) => self.part(repo, *place, &times).map(Some),
            Piece::Stored(stored) => repo.intact(stored).map(|()| None),
        };
        let own = Repo::alone(self.place)?.hashing();
        let mut parts = Vec::new();
        let mut steps = 0;
        together::each(&own, &pieces, threads, work, |_, part| {
            let Some(part) = part else { return };
            steps += part.tally.steps;
            told("steps judged", steps, Some(self.chain.len() - 1));
            parts.push(part);
        })?;
        parts.sort_by_key(|p: &Part| p.place);
        Ok(parts)
    }

    fn part(&self, repo: &Repo, place: usize, times: &[i64]) -> Result<Part> {
        // A reader of its own for each part, so that memory does not grow with the history.
        let reader = Reader::new(repo);
        let mut part = Judged::default();
        match place.checked_sub(self.ours()) {
            None => self.trunk(&reader, place, times, &mut part)?,
            Some(n) => self.branch(&reader, n, &mut part)?,
        }
        Ok(Part {
            place,
            digest: part.digest(),
            tally: part.tally,
            findings: part.findings,
        })
    }

    fn trunk(
        &self,
        reader: &Reader<'_>,
        place: usize,
        times: &[i64],
        part: &mut Judged,
    ) -> Result<()> {
        let start = (place - self.first) * PART;
        let mut judged = Vec::with_capacity(PART);
        // The newest first: in a pack the older object is made from the newer one, which is still at hand then.
        for (n, pair) in self.range(place).windows(2).enumerate().rev() {
            let [(p, _), (step, _)] = *pair else { continue };
            part.tally.steps += 1;
            let mut own = Vec::new();
            if let Some(finding) = mainline::not_governed(reader, self.trunk, step, p)? {
                judged.push(vec![(step.to_string(), vec![finding])]);
                continue;
            }
            let way = Way {
                // From a commit in the middle nobody knows the time before it; then it is read where it matters.
                time: (!self.since).then(|| times[start + n]),
                ..Way::new(self.trunk, p, Some(self.anchor))
            };
            mainline::enter(reader, way, step, |change, found| {
                part.tally.count(change);
                own.push((change.commit.id.clone(), found));
                Ok(())
            })?;
            judged.push(own);
        }
        for (commit, found) in judged.into_iter().rev().flatten() {
            part.add(&commit, found);
        }
        Ok(())
    }

    fn branch(&self, reader: &Reader<'_>, n: usize, part: &mut Judged) -> Result<()> {
        let (branch, tip) = &self.away[n];
        let places = reader.places(self.tip, Some(self.anchor))?;
        let (mut chain, mut at) = (vec![*tip], *tip);
        while !places.contains_key(&at) {
            let parents = reader.repo.node(at)?.parents;
            at = *parents
                .first()
                .with_context(|| format!("`{branch}` does not come from the trunk's mainline"))?;
            chain.push(at);
        }
        let trust = Trust {
            trunk: self.trunk,
            anchor: Some(self.anchor),
            tip: Some(self.tip),
            now: None,
            current: false,
        };
        part.tally.steps += chain.len() - 1;
        let lost = away::walk(reader, &chain, branch, trust, |_, change, found| {
            part.see(change, found)
        })?;
        if let Some(lost) = lost {
            part.add(&tip.to_string(), vec![lost]);
        }
        Ok(())
    }
}

/// A part while it is judged.
#[derive(Default)]
struct Judged {
    hash: Sha256,
    tally: Tally,
    findings: Vec<Finding>,
}

impl Judged {
    fn see(&mut self, change: &Change, found: Vec<Finding>) -> Result<()> {
        self.tally.count(change);
        self.add(&change.commit.id, found);
        Ok(())
    }

    fn add(&mut self, commit: &str, found: Vec<Finding>) {
        self.hash.update(record(commit, &found));
        self.findings.extend(found);
        mainline::once(&mut self.findings);
    }

    fn digest(&self) -> String {
        let bytes = self.hash.clone().finalize();
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        format!("sha256:{hex}")
    }
}
