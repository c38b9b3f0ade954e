//! Baselines: a system that was verified at one commit, recorded in a tag, and whether what a tag says still holds.

use anyhow::{Result, bail};

use super::evidence::judge::Times;
use super::evidence::only;
use super::evidence::store::{REF, Store};
use super::session::{Refused, Session};
use super::trace::Subject;
use super::{signing, tagger};
use crate::checks::qualified::findings;
use crate::checks::refs;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::systems::Asked;
use crate::git::tags::Tag;
use crate::model::finding::Finding;
use crate::model::qualified::{Baseline, TAGS};
use crate::model::trace::findings::findings as unmet;
use crate::model::trace::gathered::Gathered;
use crate::model::trace::verdict::Binding;

/// Tags the commit that the matrix in force names. Refused unless every requirement is verified at that commit.
// Implements: REQ-QMS-CMD-QUALIFY
pub fn qualify(session: &Session, system: &str, release: &str) -> Result<Baseline> {
    let repo = &session.repo;
    let reader = Reader::new(repo);
    let policy = session.policy(&reader)?;
    let one = only(&policy, Some(system))?;
    let evidence = repo.resolve(REF).map(|id| id.to_string());
    let head = session.head()?;
    let asked = Asked {
        evidence: evidence.as_deref(),
        ..Asked::default()
    };
    let facts = reader.qualified_by(head, &policy, one, &asked)?;
    let mut found = findings(&facts);
    let named = facts
        .matrix
        .as_ref()
        .and_then(|matrix| matrix.commit.as_deref());
    let commit = named.and_then(|text| repo.oid(text));
    if let Some(commit) = commit.filter(|_| found.is_empty()) {
        let then = Session::policy_at(&reader, commit)?;
        let subject = Subject::at(session, &reader, &then, commit, only(&then, Some(system))?)?;
        let matrix = subject.matrix()?;
        found.extend(unmet(std::slice::from_ref(&matrix)));
    }
    let (Some(commit), true) = (commit, found.is_empty()) else {
        return Err(Refused(found).into());
    };
    let [specification, matrix] = facts.named();
    let baseline = Baseline {
        tag: format!("{TAGS}{release}"),
        system: one.0.to_owned(),
        commit: commit.to_string(),
        specification,
        matrix,
        evidence: evidence.unwrap_or_default(),
        digest: reader.digest_at(commit, one.0)?,
        wrong: None,
    };
    session.actor(&policy)?;
    let (_, committer) = repo.identities()?;
    let signer = signing::signer(repo, &policy, &policy.branches.trunk)?;
    let signer = signer.as_ref();
    let memory = repo.in_memory();
    let (name, message) = (&baseline.tag, baseline.message());
    let made = memory.write_tag(name, commit, &committer, &message, signer);
    let made = signing::told(made, signer.is_some())?;
    // What a server would not take is not made.
    let trust = session.trust(&policy, None);
    let p = trust.tip.unwrap_or(head);
    if let Some(tag) = memory.tag_of(made)? {
        let by = Reader::new(&memory);
        let found = tagger::judged(&by, (&tag, name), (trust.trunk, p), None)?;
        if found.iter().any(Finding::is_error) {
            return Err(Refused(found).into());
        }
    }
    memory.land_tag(name, made)?;
    Ok(baseline)
}

/// The baselines that are here, by name, and whether each holds: of one system, or of all.
// Implements: REQ-QMS-CMD-BASELINES
pub fn baselines(session: &Session, system: Option<&str>) -> Result<Vec<Baseline>> {
    let repo = &session.repo;
    let reader = Reader::new(repo);
    let policy = session.policy(&reader)?;
    let system = system.map(|name| only(&policy, Some(name))).transpose()?;
    let mut out = Vec::new();
    for (name, _) in repo.all_refs()? {
        let tag = name
            .strip_prefix("refs/tags/")
            .filter(|tag| tag.starts_with(TAGS));
        let Some(tag) = tag else { continue };
        let baseline = baseline(session, &reader, tag)?;
        if system.is_none_or(|(name, _)| name == baseline.system || baseline.system.is_empty()) {
            out.push(baseline);
        }
    }
    out.sort_by(|a, b| a.tag.cmp(&b.tag));
    Ok(out)
}

fn baseline(session: &Session, reader: &Reader<'_>, name: &str) -> Result<Baseline> {
    let repo = &session.repo;
    let of_none = |why: &str| Baseline {
        tag: name.to_owned(),
        wrong: Some(why.to_owned()),
        ..Baseline::default()
    };
    let tag = match repo.tag(name) {
        Ok(Some(tag)) => tag,
        Ok(None) => return Ok(of_none("it is no annotated tag")),
        Err(why) => return Ok(of_none(&format!("{why:#}"))),
    };
    let commit = tag.commit.to_string();
    let Some(mut baseline) = Baseline::read(name, &commit, &tag.message) else {
        return Ok(of_none("its message says nothing of a baseline"));
    };
    baseline.wrong = made_by(session, reader, &tag, name)
        .and_then(|()| wrong(session, reader, tag.commit, &baseline))
        .err()
        .map(|why| format!("{why:#}"));
    Ok(baseline)
}

/// Whether a tag is somebody's, by the trunk as it was when he made it: who left since, or lost a key, takes nothing back.
fn made_by(session: &Session, reader: &Reader<'_>, tag: &Tag, name: &str) -> Result<()> {
    if tag.name != name {
        bail!("it calls itself `{}`", tag.name);
    }
    let policy = session.policy(reader)?;
    let trust = session.trust(&policy, None);
    let Some(tip) = trust.tip else {
        bail!("the trunk is not here: git fetch");
    };
    // It is not older than what it names.
    let named = session.repo.node(tag.commit)?.seconds;
    let time = tag.made.committer.seconds.max(named);
    let p = Times::of(reader, tip, None)?.when(time)?;
    let found = tagger::judged(reader, (tag, name), (trust.trunk, p), None)?;
    match found.iter().find(|finding| finding.is_error()) {
        Some(finding) => bail!("{}", finding.message),
        None => Ok(()),
    }
}

/// Whether the commit has the state that the tag says, and the evidence is here.
fn wrong(session: &Session, reader: &Reader<'_>, commit: Oid, baseline: &Baseline) -> Result<()> {
    let repo = &session.repo;
    if reader.digest_at(commit, &baseline.system)? != baseline.digest {
        bail!("the commit has another state of {}", baseline.system);
    }
    let Some(evidence) = repo.kept_evidence(&baseline.evidence)? else {
        bail!("the evidence is not here: qms evidence sync");
    };
    let store = Store::at(repo, Some(evidence));
    let bound = store.bound(&baseline.system, &baseline.digest)?;
    let Some(all) = Gathered::of(bound.records, Binding::Same) else {
        bail!("the evidence holds nothing of this state");
    };
    let policy = Session::policy_at(reader, commit)?;
    let one = only(&policy, Some(&baseline.system))?;
    let subject = Subject::at(session, reader, &policy, commit, one)?;
    let judged = subject.judged(&store, Some(&all), subject.marks(&store)?, Vec::new())?;
    let mut rows = judged.matrix.requirements.iter();
    if let Some(row) = rows.find(|row| !row.is_verified()) {
        bail!("by its evidence {} is {}", row.id, row.verdict);
    }
    Ok(())
}

/// What is wrong with a tag of this folder that is to come in: it says what `qualify` would have said, where the trunk stands,
/// and is of somebody who is known there.
// Implements: REQ-QMS-RULE-RELEASE-TAG
pub(super) fn comes_in(
    reader: &Reader<'_>,
    (id, name): (Oid, &str),
    (trunk, tip): (&str, Oid),
    anchor: Option<Oid>,
) -> Result<Vec<Finding>> {
    let wrong = |why: &str| refs::finding(&refs::RELEASE_TAG, format!("`{name}` {why}"), name);
    let tag = match reader.repo.tag_of(id) {
        Ok(Some(tag)) => tag,
        Ok(None) => return Ok(vec![wrong("is no annotated tag; to make one: qms qualify")]),
        Err(why) => return Ok(vec![wrong(&format!("cannot be verified: {why:#}"))]),
    };
    let commit = tag.commit.to_string();
    let Some(baseline) = Baseline::read(name, &commit, &tag.message) else {
        return Ok(vec![wrong(
            "says nothing of a baseline; to make one: qms qualify",
        )]);
    };
    let policy = Session::policy_at(reader, tip)?;
    let Some((system, of)) = policy.systems.get_key_value(&baseline.system) else {
        return Ok(vec![wrong("is of a system that there is none of")]);
    };
    let asked = Asked {
        evidence: Some(&baseline.evidence),
        ..Asked::default()
    };
    let facts = reader.qualified_by(tip, &policy, (system, of), &asked)?;
    let mut out = findings(&facts);
    let named = facts.matrix.as_ref().and_then(|m| m.commit.clone());
    let [specification, matrix] = facts.named();
    let digest = reader.digest_at(tag.commit, system).ok();
    let says = [
        (
            Some(&commit),
            named.as_ref(),
            "is of another commit than the matrix in force names",
        ),
        (
            Some(&baseline.specification),
            Some(&specification),
            "names another specification than is in force",
        ),
        (
            Some(&baseline.matrix),
            Some(&matrix),
            "names another matrix than is in force",
        ),
        (
            Some(&baseline.digest),
            digest.as_ref(),
            "names another state than its commit has",
        ),
    ];
    let differs = says.into_iter().filter(|(said, is, _)| said != is);
    out.extend(differs.map(|(_, _, why)| wrong(why)));
    if tag.name != name {
        out.push(wrong(&format!("calls itself `{}`", tag.name)));
    }
    out.extend(tagger::judged(reader, (&tag, name), (trunk, tip), anchor)?);
    Ok(out)
}
