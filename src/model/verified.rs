//! What a verification of a whole history counted, and what two verifiers compare.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::document::digest_of;
use super::finding::Finding;
use super::trailer::{self, Key};

/// Steps of a mainline that are verified, counted and kept together.
pub const PART: usize = 256;

/// What was there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Tally {
    /// Commits that were judged.
    pub commits: usize,
    /// Steps of a mainline among them.
    pub steps: usize,
    /// Moves of documents.
    pub moves: usize,
    /// Commits of work under a change.
    pub work: usize,
    /// Commits that bear a signature, good or not.
    pub signed: usize,
    /// Who answers for how many.
    pub people: BTreeMap<String, usize>,
}

impl Tally {
    pub fn count(&mut self, change: &Change) {
        self.commits += 1;
        self.signed += usize::from(change.commit.signature.is_some());
        let message = change.commit.message.as_deref().unwrap_or_default();
        let read = trailer::carries(message).then(|| trailer::read(message));
        let Some(Ok(trailers)) = read else { return };
        self.moves += usize::from(trailers.value(Key::Document).is_some());
        let works = trailers.value(Key::Action).is_none() && trailers.value(Key::Change).is_some();
        self.work += usize::from(works);
        if let Some(actor) = trailers.value(Key::Actor) {
            *self.people.entry(actor.to_owned()).or_default() += 1;
        }
    }

    pub fn add(&mut self, other: &Tally) {
        self.commits += other.commits;
        self.steps += other.steps;
        self.moves += other.moves;
        self.work += other.work;
        self.signed += other.signed;
        for (name, count) in &other.people {
            *self.people.entry(name.clone()).or_default() += count;
        }
    }
}

/// A part of a history: some steps of one mainline with all that they brought in.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its place among the parts, from 0.
    pub place: usize,
    /// Over the commits that were judged and what was found, in order.
    pub digest: String,
    pub tally: Tally,
    pub findings: Vec<Finding>,
}

/// What goes into a part's digest for one commit.
pub fn record(commit: &str, findings: &[Finding]) -> Vec<u8> {
    let mut out = format!("{commit}\n").into_bytes();
    for f in findings {
        let path = f.path.as_ref().map(|p| p.as_bytes()).unwrap_or_default();
        out.extend(
            format!(
                " {} {} {} ",
                f.severity.as_str(),
                f.rule.id,
                f.message.len()
            )
            .into_bytes(),
        );
        out.extend(f.message.as_bytes());
        out.push(b' ');
        out.extend(path);
        out.push(b'\n');
    }
    out
}

/// A whole history, or one shard of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The version of qms, since rules differ.
    pub version: String,
    /// The refs that were verified, in full, each with its tip; the trunk first.
    pub tips: Vec<(String, String)>,
    pub anchor: String,
    /// Nobody named the anchor: it was found in the repository itself.
    pub assumed: bool,
    /// Where it began: the anchor, or a later commit that was named.
    pub since: String,
    /// How many parts the whole has.
    pub of: usize,
    /// The parts that are here, in order.
    pub parts: Vec<Part>,
}

impl Verified {
    /// The digest of the whole; none where parts are missing.
    pub fn digest(&self) -> Option<String> {
        let whole = self.parts.iter().map(|p| p.place).eq(0..self.of);
        let tips = self
            .tips
            .iter()
            .map(|(name, tip)| format!("{name} {tip}\n"));
        let head = format!(
            "qms {}\nanchor {}\nsince {}\n{}",
            self.version,
            self.anchor,
            self.since,
            tips.collect::<String>()
        );
        let parts: String = self
            .parts
            .iter()
            .map(|p| format!("{}\n", p.digest))
            .collect();
        whole.then(|| digest_of(&[head.as_bytes(), parts.as_bytes()]))
    }

    pub fn tally(&self) -> Tally {
        let mut all = Tally::default();
        self.parts.iter().for_each(|p| all.add(&p.tally));
        all
    }

    pub fn findings(&self) -> Vec<Finding> {
        self.parts.iter().flat_map(|p| p.findings.clone()).collect()
    }

    /// The shards of one verification as the whole; or why they are none.
    pub fn merged(shards: Vec<Verified>) -> Result<Verified, String> {
        let mut shards = shards.into_iter();
        let mut all = shards.next().ok_or("there is nothing to merge")?;
        for shard in shards {
            let of = |v: &Verified| {
                (
                    v.version.clone(),
                    v.tips.clone(),
                    v.anchor.clone(),
                    v.assumed,
                    v.since.clone(),
                    v.of,
                )
            };
            if of(&shard) != of(&all) {
                return Err("the shards are of different verifications: version, tips, anchor or since differ".into());
            }
            all.parts.extend(shard.parts);
        }
        all.parts.sort_by_key(|p| p.place);
        let places: Vec<usize> = all.parts.iter().map(|p| p.place).collect();
        if let Some(twice) = places.windows(2).find(|w| w[0] == w[1]) {
            return Err(format!("part {} is there twice", twice[0]));
        }
        match (0..all.of).find(|n| !places.contains(n)) {
            Some(missing) => Err(format!("part {missing} of {} is missing", all.of)),
            None => Ok(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(places: &[usize]) -> Verified {
        let part = |place: &usize| Part {
            place: *place,
            digest: format!("d{place}"),
            tally: Tally {
                commits: 1,
                people: [("dev".to_owned(), 1)].into(),
                ..Tally::default()
            },
            findings: Vec::new(),
        };
        Verified {
            version: "0".into(),
            tips: vec![("refs/heads/main".into(), "t".into())],
            anchor: "a".into(),
            assumed: false,
            since: "a".into(),
            of: 3,
            parts: places.iter().map(part).collect(),
        }
    }

    #[test]
    fn shards_are_one_whole_or_nothing() {
        let whole = verified(&[0, 1, 2]);
        let merged = Verified::merged(vec![verified(&[2]), verified(&[0, 1])]).expect("whole");
        assert_eq!(merged.digest(), whole.digest());
        assert!(whole.digest().is_some() && verified(&[0, 1]).digest().is_none());
        assert_eq!(merged.tally().people["dev"], 3);
        let other = Verified {
            version: "1".into(),
            ..verified(&[2])
        };
        for shards in [
            vec![],
            vec![verified(&[0, 1])],
            vec![verified(&[0, 1]), verified(&[1, 2])],
            vec![verified(&[0, 1]), other],
        ] {
            assert!(Verified::merged(shards).is_err());
        }
    }
}
