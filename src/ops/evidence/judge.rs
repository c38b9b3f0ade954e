//! Whether commits of the ref of evidence may stand: each adds records alone, each record is of the state that it says, and
//! whoever made the commit is known as on the trunk. Asked when such commits come in, and by whoever verifies.

use std::collections::HashMap;

use anyhow::Result;

use super::store::{REF, Store};
use crate::checks::{self, refs};
use crate::git::read::Reader;
use crate::git::way::Way;
use crate::git::{Oid, Repo};
use crate::model::change::Change;
use crate::model::finding::Finding;
use crate::model::trace::record::Record;

/// Digests of systems at commits, by both.
type Digests = HashMap<(Oid, String), Result<String, String>>;

/// Judges commits of evidence.
pub struct Judge<'r> {
    reader: &'r Reader<'r>,
    store: Store<'r>,
    trunk: String,
    digests: Digests,
}

/// A commit of evidence that was judged.
pub struct Judged {
    pub change: Change,
    pub findings: Vec<Finding>,
}

impl<'r> Judge<'r> {
    pub fn of(reader: &'r Reader<'r>, trunk: &str) -> Judge<'r> {
        Judge {
            reader,
            store: Store::at(reader.repo, None),
            trunk: trunk.to_owned(),
            digests: Digests::new(),
        }
    }

    /// What is wrong with moving the ref: it only ever grows.
    pub fn moves(repo: &Repo, old: Option<Oid>, new: Option<Oid>) -> Result<Option<Finding>> {
        let grows = match (old, new) {
            (Some(old), Some(new)) => repo.merge_bases(old, new)? == [old],
            (Some(_), None) => false,
            (None, _) => true,
        };
        let message = || format!("`{REF}` would lose what is in it");
        Ok((!grows).then(|| refs::finding(&refs::EVIDENCE, message(), REF)))
    }

    /// Judges what comes in, the oldest first, by the trunk's commit `p`.
    pub fn range(&mut self, old: Option<Oid>, new: Oid, p: Oid) -> Result<Vec<Finding>> {
        let known: Vec<Oid> = old.into_iter().collect();
        let mut out = Vec::new();
        for id in self.reader.repo.between(&known, new)?.into_iter().rev() {
            out.extend(self.commit(id, p)?.findings);
        }
        Ok(out)
    }

    /// Judges one commit by the trunk's commit `p`.
    pub fn commit(&mut self, id: Oid, p: Oid) -> Result<Judged> {
        let mut flaws = Vec::new();
        match self.store.added(id) {
            Ok(added) => {
                for (path, raw) in added {
                    let record = self.store.read(&path, raw).map_err(|e| format!("{e:#}"));
                    flaws.extend(record.and_then(|record| self.bound(&record)).err());
                }
            }
            Err(why) => flaws.push(format!("{why:#}")),
        }
        let change = self.reader.commit(id, &Way::new(&self.trunk, p, None))?;
        let findings = checks::kept(&change, flaws);
        Ok(Judged { change, findings })
    }

    /// Whether a record is of the state that the system had at its commit.
    fn bound(&mut self, record: &Record) -> Result<(), String> {
        let repo = self.reader.repo;
        let short = record.commit.get(..10).unwrap_or(&record.commit);
        let name = &record.system;
        let commit = repo.oid(&record.commit).filter(|id| repo.node(*id).is_ok());
        let Some(commit) = commit else {
            return Err(format!(
                "evidence of {name} at {short} cannot be verified: that commit is not here"
            ));
        };
        let reader = self.reader;
        let known = self.digests.entry((commit, name.clone()));
        let digest = known.or_insert_with(|| {
            reader
                .digest_at(commit, name)
                .map_err(|why| format!("{why:#}"))
        });
        match digest {
            Ok(digest) if *digest == record.digest => Ok(()),
            Ok(_) => Err(format!(
                "evidence of {name} at {short} is of another state than {name} had there"
            )),
            Err(why) => Err(format!(
                "evidence of {name} at {short} cannot be verified: {why}"
            )),
        }
    }
}
