//! What a server is about to take in: final. Refs that nobody may move, protected branches and release tags. Source:
//! model.md "Authority".

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};

use super::evidence::judge::Judge;
use super::evidence::store::REF;
use super::mainline::{self, Trust, Update};
use super::qualify;
use super::told::{self, Moved};
use crate::checks::refs;
use crate::git::read::Reader;
use crate::git::{Oid, Repo};
use crate::model::finding::Finding;
use crate::model::policy::Policy;
use crate::model::qualified::TAGS;
use crate::model::span::Flaw;

/// `input` is what git hands to `pre-receive`: `old new ref` a line. The old value is read from the ref, not believed.
// Implements: REQ-QMS-HOOK-PRE-RECEIVE
pub fn receive(git_dir: &Path, input: &str) -> Result<Vec<Finding>> {
    served(&Repo::serve(git_dir)?, told::received(input)?)
}

/// The same question again, with the refs locked: `reference-transaction` in the state `prepared`. Deletions are not
/// asked about here, since `git pack-refs` and `git gc` prune loose refs that way; `pre-receive` refuses real ones.
/// Warnings were given before.
// Implements: REQ-QMS-HOOK-REFERENCE-TRANSACTION
pub fn transaction(git_dir: &Path, input: &str) -> Result<Vec<Finding>> {
    let mut findings = served(&Repo::serve(git_dir)?, told::prepared(input)?)?;
    findings.retain(Finding::is_error);
    Ok(findings)
}

fn served(repo: &Repo, moves: Vec<Moved<'_>>) -> Result<Vec<Finding>> {
    if moves.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(why) = repo.is_incomplete() {
        bail!("nothing can be verified here: {why}");
    }
    let reader = Reader::new(repo);
    let trunk = repo
        .config("qms.trunk")
        .unwrap_or_else(|| "main".to_owned());
    let anchor = repo.config("qms.anchor").and_then(|a| repo.oid(&a));
    let at_trunk = repo.resolve(&format!("refs/heads/{trunk}"));
    let policy = at_trunk.map(|t| reader.policy(t)).transpose()?.flatten();
    let concerns = |update: &Update| match (&policy, update.branch(), update.tag()) {
        (_, Some(branch), _) if branch == trunk => true,
        (Some(Ok(policy)), Some(branch), _) => policy.protects(branch),
        (Some(Ok(policy)), _, Some(tag)) => policy.is_release(tag),
        // A trunk whose policy cannot be read protects everything.
        (Some(Err(_)), branch, tag) => branch.is_some() || tag.is_some(),
        _ => false,
    };
    let mut findings = Vec::new();
    let mut updates = Vec::new();
    for Moved { name, new } in moves {
        let update = Update {
            name: name.to_owned(),
            old: repo.resolve_unpeeled(name),
            new,
        };
        findings.extend(bent(repo, &update));
        updates.push(update);
    }
    let mut concerned: Vec<&Update> = updates.iter().filter(|u| concerns(u)).collect();
    // The trunk first: other branches may start where it goes, if it may go there.
    concerned.sort_by_key(|u| u.branch() != Some(trunk.as_str()));
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let mut trust = Trust {
        trunk: &trunk,
        anchor,
        tip: at_trunk,
        now: Some(i64::try_from(now)?),
        current: true,
    };
    for update in concerned {
        let found = match update.tag() {
            Some(tag) => release(&reader, update, tag, trust)?,
            None => mainline::judge(&reader, update, trust)?,
        };
        findings.extend(found);
        if update.branch() == Some(trunk.as_str()) && !findings.iter().any(Finding::is_error) {
            trust.tip = update.new.or(trust.tip);
            findings.extend(newly_protected(&reader, &updates, policy.as_ref(), trust)?);
        }
    }
    findings.extend(updates.iter().filter_map(in_the_way));
    for update in updates.iter().filter(|update| update.name == REF) {
        findings.extend(evidence(&reader, update, trust)?);
    }
    mainline::once(&mut findings);
    Ok(findings)
}

/// Records of runs that come in, judged by the trunk as it will be.
fn evidence(reader: &Reader<'_>, update: &Update, trust: Trust<'_>) -> Result<Vec<Finding>> {
    if let Some(finding) = Judge::moves(reader.repo, update.old, update.new)? {
        return Ok(vec![finding]);
    }
    let Some(new) = update.new else {
        return Ok(Vec::new());
    };
    Judge::of(reader, trust.trunk).range((update.old, new), trust)
}

/// A ref whose name leaves no room for that of the evidence.
fn in_the_way(update: &Update) -> Option<Finding> {
    let (name, new) = (&update.name, update.new?);
    let is_above = |above: &str, below: &str| {
        let rest = below.strip_prefix(above);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let message = || {
        format!(
            "`{name}` at {} would stand in the way of `{REF}`",
            mainline::short(new)
        )
    };
    let stands = is_above(name, REF) || is_above(REF, name);
    stands.then(|| refs::finding(&refs::EVIDENCE, message(), name))
}

/// Refs that make history look otherwise than it is: replacements, and names that stand for other refs.
// Implements: REQ-QMS-RULE-BENT-HISTORY
fn bent(repo: &Repo, update: &Update) -> Option<Finding> {
    let name = &update.name;
    if name.starts_with("refs/replace/") && update.new.is_some() {
        let message = format!("`{name}` would make one object look like another");
        return Some(refs::finding(&refs::BENT, message, name));
    }
    let target = repo.symbolic(name)?;
    let message = format!("`{name}` is another name of `{target}`");
    let finding = refs::finding(&refs::BENT, message, name);
    Some(finding.help(
        "push to the ref itself",
        format!("git push REMOTE HEAD:{target}"),
    ))
}

/// Branches that a new policy of the trunk begins to protect: they too start where a protected branch has been.
fn newly_protected(
    reader: &Reader<'_>,
    updates: &[Update],
    old: Option<&Result<Arc<Policy>, Vec<Flaw>>>,
    trust: Trust<'_>,
) -> Result<Vec<Finding>> {
    let at = trust.tip.map(|tip| reader.policy(tip)).transpose()?;
    let Some(Some(Ok(policy))) = at else {
        return Ok(Vec::new());
    };
    let before = |branch: &str| match old {
        Some(Ok(old)) => old.protects(branch),
        _ => branch == trust.trunk,
    };
    if matches!(old, Some(Ok(old)) if old.branches.protected == policy.branches.protected) {
        return Ok(Vec::new());
    }
    let there = reader.repo.branches()?.into_iter();
    let mut branches: BTreeMap<String, Option<Oid>> =
        there.map(|(b, tip)| (b, Some(tip))).collect();
    for update in updates {
        branches.extend(update.branch().map(|b| (b.to_owned(), update.new)));
    }
    let known = branches.iter().filter(|(branch, _)| before(branch));
    let known: Vec<Oid> = known.filter_map(|(_, tip)| *tip).chain(trust.tip).collect();
    let mut findings = Vec::new();
    for (branch, tip) in &branches {
        let Some(tip) = tip.filter(|_| policy.protects(branch) && !before(branch)) else {
            continue;
        };
        let mut judged = false;
        for known in &known {
            judged = judged || reader.places(*known, trust.anchor)?.contains_key(&tip);
        }
        if !judged {
            let message = format!(
                "`{branch}` would be protected from now on, and {} is on no protected mainline",
                mainline::short(tip)
            );
            findings.push(refs::finding(&refs::NEW_BRANCH, message, branch));
        }
    }
    Ok(findings)
}

/// A release tag is made once, of a commit of a protected mainline.
// Implements: REQ-QMS-RULE-RELEASE-TAG
pub(super) fn release(
    reader: &Reader<'_>,
    update: &Update,
    tag: &str,
    trust: Trust<'_>,
) -> Result<Vec<Finding>> {
    let Some(new) = update.new.filter(|_| update.old.is_none()) else {
        let message = format!("the release tag `{tag}` is there, and stays as it is");
        return Ok(vec![refs::finding(&refs::RELEASE_TAG, message, tag)]);
    };
    let commit = reader.repo.peeled(new)?;
    if mainline::starts(reader, commit, None, trust)? {
        return match trust.tip.filter(|_| tag.starts_with(TAGS)) {
            Some(tip) => qualify::comes_in(reader, (new, tag), (trust.trunk, tip), trust.anchor),
            None => Ok(Vec::new()),
        };
    }
    let message = format!(
        "the release tag `{tag}` names {}, which is on no protected mainline",
        mainline::short(commit)
    );
    Ok(vec![refs::finding(&refs::RELEASE_TAG, message, tag)])
}
