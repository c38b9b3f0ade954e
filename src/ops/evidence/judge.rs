//! Whether commits of the ref of evidence may stand: each adds records alone, each record is of the state that it says, and
//! whoever made the commit is known as on the trunk. Asked when such commits come in, and by whoever verifies.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result, ensure};

use super::store::{REF, Store};
use crate::checks::{self, refs};
use crate::git::read::Reader;
use crate::git::trees::Raw;
use crate::git::way::Way;
use crate::git::{Oid, Repo};
use crate::model::change::Change;
use crate::model::finding::{Finding, Rule};
use crate::model::path::TreePath;
use crate::model::trace::record::{self, Load, Record, Size};
use crate::ops::mainline::{self, Trust};

/// Digests of systems at commits, by both.
type Digests = HashMap<(Oid, String), Result<String, String>>;

/// Judges commits of evidence.
pub struct Judge<'r> {
    reader: &'r Reader<'r>,
    store: Store<'r>,
    trunk: String,
    digests: Digests,
    /// Folders of the states that were added to, and the records that were read, by their paths.
    states: BTreeSet<String>,
    sizes: HashMap<TreePath, Size>,
    /// Whether what is judged is about to come in.
    comes_in: bool,
}

/// What is wrong with a commit, and the rule that says so.
type Flaw = (&'static Rule, String);

/// The trunk as it was when commits of evidence were made, which are asked about in order, the oldest first. A commit's time
/// is not before that of those before it, so that a date that is set back brings no key back that was revoked meanwhile.
pub struct Times<'r> {
    repo: &'r Repo,
    /// With their dates, the newest first, down to the first that is trusted.
    chain: Vec<(Oid, i64)>,
    now: i64,
}

impl<'r> Times<'r> {
    /// Of the trunk that ends at `home` and begins at `anchor`, or where it was first governed.
    pub fn of(reader: &Reader<'r>, home: Oid, anchor: Option<Oid>) -> Result<Times<'r>> {
        let repo = reader.repo;
        let first = match anchor {
            Some(anchor) => Some(anchor),
            None => mainline::assumed_anchor(reader, home)?,
        };
        let chain = repo.mainline(home, first)?.unwrap_or_else(|| vec![home]);
        let chain = chain.into_iter();
        let chain = chain.map(|id| Ok((id, repo.node(id)?.seconds)));
        Ok(Times {
            repo,
            chain: chain.collect::<Result<_>>()?,
            now: i64::MIN,
        })
    }

    /// Goes on to a commit, of which nothing is asked.
    fn pass(&mut self, id: Oid) -> Result<()> {
        self.now = self.now.max(self.repo.node(id)?.seconds);
        Ok(())
    }

    /// The newest of the trunk that is not newer than this commit; what claims to be older than all of it goes by the first.
    pub fn at(&mut self, id: Oid) -> Result<Oid> {
        self.pass(id)?;
        self.when(self.now)
    }

    /// The same of a time, in seconds.
    pub fn when(&self, now: i64) -> Result<Oid> {
        let then = self.chain.iter().find(|(_, time)| *time <= now);
        let (at, _) = then.or(self.chain.last()).context("a trunk has a tip")?;
        Ok(*at)
    }
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
            states: BTreeSet::new(),
            sizes: HashMap::new(),
            comes_in: false,
        }
    }

    /// What is wrong with moving the ref: it only ever grows.
    // Implements: REQ-QMS-RULE-EVIDENCE-KEPT
    pub fn moves(repo: &Repo, old: Option<Oid>, new: Option<Oid>) -> Result<Option<Finding>> {
        let grows = match (old, new) {
            (Some(old), Some(new)) => repo.merge_bases(old, new)? == [old],
            (Some(_), None) => false,
            (None, _) => true,
        };
        let message = || format!("`{REF}` would lose what is in it");
        Ok((!grows).then(|| refs::finding(&refs::EVIDENCE, message(), REF)))
    }

    /// Judges what comes in, the oldest first: by the trunk as it is, and as whoever verifies it later will, by the trunk
    /// as it was at its time. `now`: the clock of a server.
    pub fn range(
        &mut self,
        (old, new): (Option<Oid>, Oid),
        trust: Trust<'_>,
    ) -> Result<Vec<Finding>> {
        let repo = self.reader.repo;
        self.comes_in = true;
        let Some(p) = trust.tip else {
            let message = "there is no trunk yet by which evidence could be judged".to_owned();
            return Ok(vec![refs::finding(&refs::EVIDENCE, message, REF)]);
        };
        let mut times = Times::of(self.reader, p, trust.anchor)?;
        for id in old.map_or(Ok(Vec::new()), |old| repo.between(&[], old))? {
            times.pass(id)?;
        }
        let known: Vec<Oid> = old.into_iter().collect();
        let mut out = Vec::new();
        for id in repo.between(&known, new)?.into_iter().rev() {
            let flaws = self.flaws(id);
            let judged = self.judged(id, p, flaws.clone())?;
            let ahead = |now| mainline::ahead(&judged.change, REF, now);
            let mut found = judged.findings.clone();
            found.extend(trust.now.and_then(ahead));
            let at = times.at(id)?;
            if at != p && !found.iter().any(Finding::is_error) {
                found = self.judged(id, at, flaws)?.findings;
            }
            out.extend(found);
        }
        let tips: Vec<Oid> = old.into_iter().chain([new]).collect();
        out.extend(self.too_much(&tips)?);
        Ok(out)
    }

    /// The states that what was judged adds to, where what these commits hold of them together is too much. Nothing is
    /// ever taken away, so that no commit before them held more.
    pub fn too_much(&self, tips: &[Oid]) -> Result<Vec<Finding>> {
        let repo = self.reader.repo;
        let mut out = Vec::new();
        for state in &self.states {
            let mut files = BTreeMap::new();
            for tip in tips {
                files.extend(repo.files_below(repo.tree_of(*tip)?, state)?);
            }
            let mut load = Load::default();
            for (path, raw) in files {
                let size = match self.sizes.get(&path) {
                    Some(size) => *size,
                    // What cannot be read was refused when it came in.
                    None => repo
                        .record(&path, raw)?
                        .map_or_else(|_| Size::default(), |r| r.size()),
                };
                if let Err(why) = load.add(&path.to_string(), size) {
                    out.push(refs::too_much(why));
                    break;
                }
            }
        }
        Ok(out)
    }

    /// Judges one commit by the trunk's commit `p`.
    pub fn commit(&mut self, id: Oid, p: Oid) -> Result<Judged> {
        let flaws = self.flaws(id);
        self.judged(id, p, flaws)
    }

    /// What is wrong with what a commit does to the records, whoever made it.
    fn flaws(&mut self, id: Oid) -> Vec<Flaw> {
        let wrong = |why: anyhow::Error| (&refs::EVIDENCE, format!("{why:#}"));
        let added = match self.store.added(id) {
            Ok(added) => added,
            Err(why) => return vec![wrong(why)],
        };
        let mut flaws = Vec::new();
        for (path, raw) in added {
            let record = self.store.read(&path, raw).map_err(wrong);
            if let Ok(record) = &record {
                let folder = record::folder(&record.system, &record.digest);
                self.states.insert(folder);
                self.sizes.insert(path, record.size());
            }
            flaws.extend(record.and_then(|record| self.bound(&record)).err());
        }
        flaws
    }

    fn judged(&self, id: Oid, p: Oid, flaws: Vec<Flaw>) -> Result<Judged> {
        let change = self.reader.commit(id, &Way::new(&self.trunk, p, None))?;
        let findings = checks::kept(&change, flaws);
        Ok(Judged { change, findings })
    }

    /// Whether a record is of the state that the system had at its commit. What comes in names a commit that is here; later
    /// that commit may go with its branch.
    // Implements: REQ-QMS-RULE-EVIDENCE-GONE
    fn bound(&mut self, record: &Record) -> Result<(), Flaw> {
        let repo = self.reader.repo;
        let short = record.commit.get(..10).unwrap_or(&record.commit);
        let name = &record.system;
        let commit = repo.oid(&record.commit).filter(|id| repo.node(*id).is_ok());
        let Some(commit) = commit else {
            let rule = match self.comes_in {
                true => &refs::EVIDENCE,
                false => &refs::EVIDENCE_GONE,
            };
            let why = format!(
                "evidence of {name} at {short} cannot be verified: that commit is not here"
            );
            return Err((rule, why));
        };
        let reader = self.reader;
        let known = self.digests.entry((commit, name.clone()));
        let digest = known.or_insert_with(|| {
            reader
                .digest_at(commit, name)
                .map_err(|why| format!("{why:#}"))
        });
        let why = match digest {
            Ok(digest) if *digest == record.digest => {
                let fits = match self.comes_in {
                    true => fits(reader, record, commit).map_err(|why| format!("{why:#}")),
                    false => Ok(()),
                };
                return fits.map_err(|why| (&refs::EVIDENCE, why));
            }
            Ok(_) => {
                format!("evidence of {name} at {short} is of another state than {name} had there")
            }
            Err(why) => format!("evidence of {name} at {short} cannot be verified: {why}"),
        };
        Err((&refs::EVIDENCE, why))
    }
}

/// Whether all that a record names of files is there: few bytes may name many lines.
fn fits(reader: &Reader<'_>, record: &Record, commit: Oid) -> Result<()> {
    let last = record.last_lines();
    if last.is_empty() {
        return Ok(());
    }
    let (repo, name) = (reader.repo, &record.system);
    let short = &commit.to_string()[..10];
    let parts = repo.parts(repo.tree_of(commit)?, &reader.system_at(commit, name)?)?;
    let parts: HashMap<String, Raw> = parts.iter().map(|(p, raw)| (p.to_string(), *raw)).collect();
    for (path, last) in last {
        let raw = parts.get(path);
        let raw = raw.with_context(|| {
            format!("evidence of {name} at {short} names `{path}`, which is no file of it")
        })?;
        let lines = repo.blob(raw.id)?.split_inclusive(|b| *b == b'\n').count();
        ensure!(
            usize::try_from(last).is_ok_and(|last| last <= lines),
            "evidence of {name} at {short} names line {last} of `{path}`, which has {lines}"
        );
    }
    Ok(())
}
