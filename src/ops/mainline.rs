//! Judging a move of a protected branch: every commit that it brings in, by the mainline step that brings it in.
//! Hooks, the server, CI and whoever verifies the whole history ask here. Source: model.md "Authority".

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Result;

use super::away;
use crate::checks::{self, refs, work};
use crate::git::read::Reader;
use crate::git::together;
use crate::git::way::Way;
use crate::git::{Oid, Repo};
use crate::model::change::Change;
use crate::model::finding::Finding;
use crate::model::verified::PART;

/// A ref that somebody wants to move.
#[derive(Debug, Clone)]
pub struct Update {
    /// In full: `refs/heads/main`.
    pub name: String,
    pub old: Option<Oid>,
    pub new: Option<Oid>,
}

impl Update {
    /// The branch's name, where the ref is one.
    pub fn branch(&self) -> Option<&str> {
        self.name.strip_prefix("refs/heads/")
    }

    /// The tag's name, where the ref is one.
    pub fn tag(&self) -> Option<&str> {
        self.name.strip_prefix("refs/tags/")
    }
}

/// What is known from outside of the repository that is judged.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    pub trunk: &'a str,
    /// The first commit that is believed.
    pub anchor: Option<Oid>,
    /// Where the trunk stands, or will once what comes with this update is in: a new protected branch starts there, and
    /// work elsewhere goes by it.
    pub tip: Option<Oid>,
    /// A server's clock, in seconds: it takes no commit from the future. Its gate, and no part of the verdict.
    pub now: Option<i64>,
    /// Whether work goes by the trunk as it is now, and by nothing that it has moved since: a server's gate too, which
    /// clones ask as well.
    pub current: bool,
}

/// Steps of a push that are worth a second thread.
const MANY_STEPS: usize = 24;

/// How far ahead of a server's clock a commit may be, in seconds.
const A_DAY: i64 = 24 * 60 * 60;

/// All findings about one update of a protected branch.
// Implements: REQ-QMS-RULE-BRANCH-DELETED, REQ-QMS-RULE-HISTORY-REWRITTEN, REQ-QMS-RULE-NO-ANCHOR,
// REQ-QMS-RULE-NEW-BRANCH
pub fn judge(reader: &Reader<'_>, update: &Update, trust: Trust<'_>) -> Result<Vec<Finding>> {
    let Some(branch) = update.branch() else {
        return Ok(Vec::new());
    };
    let Some(new) = update.new else {
        let message = format!("`{branch}` is protected and cannot be deleted");
        return Ok(vec![refs::finding(&refs::BRANCH_DELETED, message, branch)]);
    };
    let Some(anchor) = trust.anchor else {
        let message = "nothing says which commit to trust first".to_owned();
        return Ok(vec![refs::finding(&refs::NO_ANCHOR, message, branch)]);
    };
    if update.old.is_none() && branch != trust.trunk {
        return match starts(reader, new, Some(branch), trust)? {
            true => Ok(Vec::new()),
            false => {
                let message = format!(
                    "`{branch}` is protected and starts where no protected branch has been"
                );
                Ok(vec![refs::finding(&refs::NEW_BRANCH, message, branch)])
            }
        };
    }
    let from = update.old.unwrap_or(anchor);
    let Some(chain) = reader.repo.mainline(new, Some(from))? else {
        let (rule, message) = match update.old {
            Some(_) => (
                &refs::REWRITTEN,
                format!("the tip of `{branch}` is not on the first-parent chain of what is pushed"),
            ),
            None => (
                &refs::NOT_GOVERNED,
                format!("`{branch}` does not come from the anchor {}", short(anchor)),
            ),
        };
        return Ok(vec![refs::finding(rule, message, branch)]);
    };
    steps(reader, &chain, branch, trust, &|_, _| {})
}

/// Whether a commit lies on the mainline of a protected branch: there a new one may start, and a release be tagged.
/// `but`: the new one, which vouches for nothing where it is there already.
pub fn starts(
    reader: &Reader<'_>,
    commit: Oid,
    but: Option<&str>,
    trust: Trust<'_>,
) -> Result<bool> {
    let Some(tip) = trust.tip else {
        return Ok(false);
    };
    if reader.places(tip, trust.anchor)?.contains_key(&commit) {
        return Ok(true);
    }
    let Some(Ok(policy)) = reader.policy(tip)? else {
        return Ok(false);
    };
    for (branch, tip) in reader.repo.known_branches()? {
        let counts = policy.protects(&branch) && but != Some(branch.as_str());
        if counts && reader.places(tip, trust.anchor)?.contains_key(&commit) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Judges a first-parent chain, newest first, whose last element is where it starts and is not judged.
/// `told` hears how many steps are done, and of how many.
pub fn steps(
    reader: &Reader<'_>,
    chain: &[Oid],
    branch: &str,
    trust: Trust<'_>,
    told: &dyn Fn(usize, usize),
) -> Result<Vec<Finding>> {
    // What comes before the anchor is legacy, the anchor itself is judged by nobody.
    let anchored = chain.iter().position(|id| Some(*id) == trust.anchor);
    let chain = &chain[..=anchored.unwrap_or(chain.len().saturating_sub(1))];
    let of = chain.len().saturating_sub(1);
    let all = |change: &Change, mut found: Vec<Finding>| {
        found.extend(trust.now.and_then(|now| ahead(change, branch, now)));
        found
    };
    let mut findings = Vec::new();
    let lost = if branch == trust.trunk {
        // A commit without a policy says nothing of what follows it.
        let mut lost = None;
        for step in at_home(reader, chain, trust, &all, told)?.into_iter().rev() {
            match step {
                Ok(found) => findings.extend(found),
                Err(finding) => {
                    lost = Some(finding);
                    break;
                }
            }
        }
        lost
    } else {
        let (mut at, mut done) = (None, 0);
        away::walk(reader, chain, branch, trust, |step, change, found| {
            if at.replace(step) != Some(step) {
                told(done, of);
                done += 1;
            }
            findings.extend(all(change, found));
            Ok(())
        })?
    };
    findings.extend(lost);
    once(&mut findings);
    Ok(findings)
}

/// What is found at each step of the trunk, the newest first: in a pack the older object is made from the newer one,
/// which is still at hand then. A server shares out what is long.
fn at_home(
    reader: &Reader<'_>,
    chain: &[Oid],
    trust: Trust<'_>,
    all: &(impl Fn(&Change, Vec<Finding>) -> Vec<Finding> + Sync),
    told: &dyn Fn(usize, usize),
) -> Result<Vec<Result<Vec<Finding>, Finding>>> {
    let (trunk, anchor) = (trust.trunk, trust.anchor);
    let step = |reader: &Reader<'_>, pair: &[Oid]| {
        let (step, p) = (pair[0], pair[1]);
        if let Some(finding) = not_governed(reader, trunk, step, p)? {
            return Ok(Err(finding));
        }
        let mut own = Vec::new();
        let way = Way {
            current: trust.current,
            ..Way::new(trunk, p, anchor)
        };
        enter(reader, way, step, |change, found| {
            own.extend(all(change, found));
            Ok(())
        })?;
        Ok(Ok(own))
    };
    let steps: Vec<&[Oid]> = chain.windows(2).collect();
    let threads = together::cores();
    if !reader.repo.is_served() || steps.len() < MANY_STEPS || threads == 1 {
        let each = steps.iter().enumerate().map(|(done, pair)| {
            told(done, steps.len());
            step(reader, pair)
        });
        return each.collect();
    }
    let size = steps.len().div_ceil(threads * 4).min(PART);
    let pieces: Vec<_> = steps.chunks(size).collect();
    let piece = |repo: &Repo, piece: &&[&[Oid]]| {
        let reader = Reader::new(repo);
        piece
            .iter()
            .map(|pair| step(&reader, pair))
            .collect::<Result<Vec<_>>>()
    };
    let judged = together::all(reader.repo, &pieces, threads, piece)?;
    Ok(judged.into_iter().flatten().collect())
}

/// What to say of a step that nothing judges, since its first parent has no policy.
// Implements: REQ-QMS-RULE-NOT-GOVERNED
pub(super) fn not_governed(
    reader: &Reader<'_>,
    branch: &str,
    step: Oid,
    p: Oid,
) -> Result<Option<Finding>> {
    let message = format!("{} has no policy to judge {} by", short(p), short(step));
    let missing = reader.policy(p)?.is_none();
    Ok(missing.then(|| refs::finding(&refs::NOT_GOVERNED, message, branch)))
}

/// Judges what one mainline step brings in, oldest first, and hands each commit with its findings on.
pub fn enter(
    reader: &Reader<'_>,
    way: Way,
    step: Oid,
    mut seen: impl FnMut(&Change, Vec<Finding>) -> Result<()>,
) -> Result<()> {
    let mut way = Way {
        step: Some(step),
        ..way
    };
    let brought = brought(reader.repo, step, way.p)?;
    reader.inherit(&brought, way.p)?;
    let own = reader.commit(step, &way)?;
    way.lends = work::lends(&own).map(Arc::new);
    for commit in brought.iter().filter(|c| **c != step) {
        let change = reader.commit(*commit, &way)?;
        seen(&change, checks::check(&change))?;
    }
    seen(&own, checks::check(&own))
}

/// Judges what a branch would bring in by this way, as if it were merged there: how many commits, and the findings.
pub fn as_merged(
    reader: &Reader<'_>,
    way: &Way,
    head: Oid,
    told: &dyn Fn(usize, usize),
) -> Result<(usize, Vec<Finding>)> {
    let mut enters = reader.repo.between(&[way.p], head)?;
    enters.reverse();
    reader.inherit(&enters, way.p)?;
    let mut findings = Vec::new();
    for (done, commit) in enters.iter().enumerate() {
        told(done, enters.len());
        findings.extend(checks::check(&reader.commit(*commit, way)?));
    }
    once(&mut findings);
    Ok((enters.len(), findings))
}

/// The commits that a mainline step brings in, oldest first: itself, and of a merge what its second side adds.
pub(super) fn brought(repo: &Repo, step: Oid, p: Oid) -> Result<Vec<Oid>> {
    if repo.node(step)?.parents.len() == 1 {
        return Ok(vec![step]);
    }
    let mut all = repo.between(&[p], step)?;
    all.reverse();
    Ok(all)
}

/// A commit from the future.
// Implements: REQ-QMS-RULE-DATE-AHEAD
pub(super) fn ahead(change: &Change, branch: &str, now: i64) -> Option<Finding> {
    let commit = &change.commit;
    let days = (commit.committer.seconds - now) / A_DAY;
    if days <= 0 {
        return None;
    }
    let name = commit.name();
    let message = format!(
        "{} is dated {days} days ahead of this server",
        &commit.id[..10]
    );
    let mut finding = refs::finding(&refs::DATE_AHEAD, message, branch);
    finding.commit = Some(name);
    Some(finding)
}

/// The first mainline commit whose tree holds a policy: what a clone assumes where nobody names an anchor.
pub fn assumed_anchor(reader: &Reader<'_>, tip: Oid) -> Result<Option<Oid>> {
    let mut found = None;
    for commit in reader.repo.mainline(tip, None)?.unwrap_or_default() {
        if reader.policy(commit)?.is_none() {
            break;
        }
        found = Some(commit);
    }
    Ok(found)
}

/// A warning that every commit would repeat is given once.
pub(super) fn once(findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    findings.retain(|f| f.is_error() || seen.insert((f.rule.id, f.message.clone())));
}

/// The beginning of an id, as sentences name it.
pub(super) fn short(id: Oid) -> String {
    id.to_string()[..10].to_owned()
}
