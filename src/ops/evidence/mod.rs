//! Evidence: results of tests and coverage, bound to the state of a system that they are of, and kept in git.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::session::Session;
use super::signing;
use super::trace::{Subject, wanted};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::sign::Signer;
use crate::git::write::Lost;
use crate::model::ident::Ident;
use crate::model::kind::Id;
use crate::model::policy::Policy;
use crate::model::system::System;
use crate::model::trace::evidence::Hits;
use crate::model::trace::gathered::Gathered;
use crate::model::trace::item::Lines as Range;
use crate::model::trace::kept::{Added, Listed};
use crate::model::trace::record::{Covered, Ended, Lines, Process, Ran, Record};
use crate::model::trace::verdict::Binding;
use crate::model::trailer::{self, Key};
use crate::model::workflow::Action;

mod clean;
pub mod judge;
pub mod process;
mod reports;
pub mod run;
pub mod store;
pub mod sync;
pub(super) mod told;

use reports::Found;
pub use reports::Reports;
use store::Store;

/// What is to be kept.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The only one where it is not said.
    pub system: Option<String>,
    /// The commit that the results are of; what is checked out where it is not said.
    pub commit: Option<String>,
    pub run: Option<String>,
    pub reports: Reports,
    /// What was run for it, and how that ended.
    pub command: Vec<String>,
    pub exit: Option<i32>,
    pub processes: Vec<Process>,
}

/// Refuses where no evidence could be kept from here: another system, another commit, a work tree that is no commit's; or
/// requirements that there are none of.
pub fn ready(session: &Session, asked: &Asked) -> Result<()> {
    let reader = Reader::new(&session.repo);
    let (policy, commit) = place(session, &reader, asked)?;
    let one = only(&policy, asked.system.as_deref())?;
    let subject = Subject::at(session, &reader, &policy, commit, one)?;
    let verifies = asked.processes.iter().flat_map(|process| &process.verifies);
    let mut unknown: Vec<&str> = Vec::new();
    for id in verifies {
        if !subject.requires(id)? {
            unknown.push(id);
        }
    }
    if !unknown.is_empty() {
        bail!(
            "{} is no requirement of {}; which there are: qms trace --system {}",
            unknown.join(", "),
            one.0,
            one.0
        );
    }
    clean::holds(session, &reader, &subject, one)
}

fn place(session: &Session, reader: &Reader<'_>, asked: &Asked) -> Result<(Arc<Policy>, Oid)> {
    let commit = session.commit(asked.commit.as_deref())?;
    Ok((Session::policy_at(reader, commit)?, commit))
}

/// Keeps what reports say of a commit. Refused where the work tree is not what that commit has of the system.
// Implements: REQ-QMS-CMD-EVIDENCE-ADD
pub fn add(session: &Session, asked: &Asked) -> Result<Added> {
    let reader = Reader::new(&session.repo);
    let (policy, commit) = place(session, &reader, asked)?;
    let one = only(&policy, asked.system.as_deref())?;
    let subject = Subject::at(session, &reader, &policy, commit, one)?;
    clean::holds(session, &reader, &subject, one)?;
    if asked.reports.files().is_empty() && asked.processes.is_empty() {
        bail!("there is nothing to keep: name reports, such as --junit FILE");
    }
    let root = session.repo.work_dir();
    let found = asked.reports.read(&subject.paths(), root)?;
    if found.cases.is_empty() && asked.processes.is_empty() {
        bail!(
            "coverage without results of tests shows nothing: name their report too, --junit FILE"
        );
    }
    let mut record = Record::new(one.0, &subject.digest, &commit.to_string());
    record.run.clone_from(&asked.run);
    record.command.clone_from(&asked.command);
    record.exit = asked.exit;
    record.processes.clone_from(&asked.processes);
    fill(&mut record, found, &subject.lines()?);
    for left in (0..TRIES).rev() {
        let store = Store::of(&session.repo);
        let mut all = store.bound(one.0, &subject.digest)?;
        all.add("this run", record.clone())?;
        let judged = subject.judged(
            &store,
            Gathered::of(all.records, Binding::Same).as_ref(),
            subject.marks(&store)?,
            Vec::new(),
        )?;
        record.marks = judged.marks;
        let kept = match keep(session, &policy, &store, &record) {
            // Another run was kept meanwhile; what this one took is not lost for it.
            Err(error) if left > 0 && error.is::<Lost>() => continue,
            kept => kept?,
        };
        return Ok(Added {
            failed: failed(&record),
            system: record.system,
            digest: record.digest,
            commit: record.commit,
            kept: kept.map(|id| id.to_string()),
            cases: record.cases.len(),
            matrix: judged.matrix,
        });
    }
    bail!(Lost)
}

/// How often a lost race is run again.
const TRIES: usize = 20;

/// What did not go well in the run itself.
fn failed(record: &Record) -> Vec<String> {
    let exit = record.exit.filter(|code| *code != 0);
    let exit = exit.map(|code| format!("`{}` ended with {code}", record.command.join(" ")));
    let processes = record.processes.iter();
    let process = |p: &Process| Some(format!("`{}`: {}", p.command, p.failed.as_ref()?));
    exit.into_iter()
        .chain(processes.filter_map(process))
        .collect()
}

/// The commit of evidence that a move relies on, where there are systems that it may be about.
pub(super) fn relied_on(session: &Session, action: Action, id: &Id) -> Option<String> {
    let ends = matches!(action, Action::RouteReview | Action::Close);
    let relies = ends && id.kind().is_executable();
    let policy = || session.policy(&Reader::new(&session.repo)).ok();
    let policy = relies.then(policy).flatten()?;
    let evidence = session.repo.resolve(store::REF);
    let evidence = evidence.filter(|_| !policy.systems.is_empty());
    evidence.map(|id| id.to_string())
}

/// The system that is meant.
pub(super) fn only<'p>(policy: &'p Policy, system: Option<&str>) -> Result<(&'p str, &'p System)> {
    match wanted(policy, system)?[..] {
        [one] => Ok(one),
        ref all => {
            let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
            bail!(
                "there are the systems {}; name one: --system NAME",
                names.join(", ")
            )
        }
    }
}

/// Puts in what was found; of coverage what lies in tagged items, since nothing else is ever asked.
fn fill(record: &mut Record, found: Found, tagged: &BTreeMap<&str, Vec<Range>>) {
    record.cases = found.cases.iter().map(Ran::from).collect();
    record.cases.sort();
    let is_tagged = |path: &str, line: u32| {
        let ranges = tagged.get(path).into_iter().flatten();
        let mut ranges = ranges;
        ranges.any(|range| range.holds(line as usize))
    };
    let lines = |path: &str, hits: &Hits, hit: bool| -> Lines {
        let of = hits
            .iter()
            .filter(|(_, h)| **h == hit)
            .map(|(line, _)| *line);
        of.filter(|line| is_tagged(path, *line)).collect()
    };
    let covered = |(path, hits): (&String, &Hits)| {
        let covered = Covered {
            executed: lines(path, hits, true),
            missed: lines(path, hits, false),
        };
        (path.clone(), covered)
    };
    let is_some = |(_, c): &(String, Covered)| !c.executed.is_empty() || !c.missed.is_empty();
    let coverage = found.coverage.as_ref();
    record.coverage = coverage.map(|all| all.iter().map(covered).filter(is_some).collect());
    for (test, files) in &found.tests {
        let of = files
            .iter()
            .map(|(path, hits)| (path.clone(), lines(path, hits, true)));
        record.tests.insert(
            test.clone(),
            of.filter(|(_, lines)| !lines.is_empty()).collect(),
        );
    }
}

/// Writes a record as whoever is at work here.
fn keep(
    session: &Session,
    policy: &Policy,
    store: &Store<'_>,
    record: &Record,
) -> Result<Option<Oid>> {
    let what = format!(
        "Add evidence of {} at {}",
        record.system,
        &record.commit[..10]
    );
    let writer = Writer::of(session, policy, &what)?;
    let added = store.add(
        std::slice::from_ref(record),
        writer.who(),
        &writer.message,
        writer.signer.as_ref(),
    );
    signing::told(added, writer.signer.is_some())
}

/// Who makes a commit of evidence, and how.
struct Writer {
    author: Ident,
    committer: Ident,
    signer: Option<Signer>,
    message: String,
}

impl Writer {
    fn of(session: &Session, policy: &Policy, what: &str) -> Result<Writer> {
        let user = session.actor(policy)?;
        let (author, committer) = session.repo.identities()?;
        Ok(Writer {
            author,
            committer,
            signer: signing::signer(&session.repo, policy, &policy.branches.trunk)?,
            message: format!("{what}\n\nQMS-Actor: {user}\n"),
        })
    }

    fn who(&self) -> (&Ident, &Ident) {
        (&self.author, &self.committer)
    }
}

/// What is kept of a system, or of all, the last first, and no more than so many.
// Implements: REQ-QMS-CMD-EVIDENCE-LIST
pub fn list(session: &Session, system: Option<&str>, limit: usize) -> Result<Vec<Listed>> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let system = match system {
        Some(name) => Some(only(&policy, Some(name))?.0),
        None => None,
    };
    let store = Store::of(&session.repo);
    let mut out = Vec::new();
    store.newest_first(|by, path, raw| {
        if out.len() < limit && system.is_none_or(|s| path.to_string().split('/').next() == Some(s))
        {
            out.push(listed(
                session,
                by,
                raw.id.to_string(),
                &store.read(path, raw)?,
            )?);
        }
        Ok(out.len() >= limit)
    })?;
    Ok(out)
}

fn listed(session: &Session, by: Oid, id: String, record: &Record) -> Result<Listed> {
    let commit = session.repo.commit(by)?;
    let trailers = trailer::read(commit.message.as_deref().unwrap_or_default());
    let actor = trailers
        .unwrap_or_default()
        .value(Key::Actor)
        .map(str::to_owned);
    let count = |ended: &[Ended]| {
        record
            .cases
            .iter()
            .filter(|c| ended.contains(&c.outcome))
            .count()
    };
    Ok(Listed {
        id,
        day: commit.committer.day().unwrap_or_default(),
        system: record.system.clone(),
        digest: record.digest.clone(),
        commit: record.commit.clone(),
        by: actor.unwrap_or(commit.author.name),
        run: record.run.clone(),
        passed: count(&[Ended::Pass]),
        failed: count(&[Ended::Fail, Ended::Error]),
        not_run: count(&[Ended::NotRun]),
        has_coverage: record.coverage.is_some(),
        measured_tests: record.tests.len(),
        processes: record.processes.len(),
    })
}
