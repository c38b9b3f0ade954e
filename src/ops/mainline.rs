//! Judging a move of a protected branch: every commit that it brings in, by the mainline step that brings it in.
//! Hooks, the server, CI and whoever verifies the whole history ask here. Source: model.md "Authority".

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Result;

use crate::checks::{self, refs, work};
use crate::git::read::Reader;
use crate::git::way::{Away, Way};
use crate::git::{Oid, Repo};
use crate::model::change::Change;
use crate::model::finding::Finding;

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

/// How far ahead of a server's clock a commit may be, in seconds.
const A_DAY: i64 = 24 * 60 * 60;

/// All findings about one update of a protected branch.
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
        return match starts(reader, new, trust)? {
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
pub fn starts(reader: &Reader<'_>, commit: Oid, trust: Trust<'_>) -> Result<bool> {
    let Some(tip) = trust.tip else {
        return Ok(false);
    };
    if reader.places(tip, trust.anchor)?.contains_key(&commit) {
        return Ok(true);
    }
    let Some(Ok(policy)) = reader.policy(tip)? else {
        return Ok(false);
    };
    for (branch, tip) in reader.repo.branches()? {
        if policy.protects(&branch) && reader.places(tip, trust.anchor)?.contains_key(&commit) {
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
    let mut findings = Vec::new();
    // What comes before the anchor is legacy, the anchor itself is judged by nobody.
    let anchored = chain.iter().position(|id| Some(*id) == trust.anchor);
    let chain = &chain[..=anchored.unwrap_or(chain.len().saturating_sub(1))];
    let (mut at, mut done) = (None, 0);
    let lost = walk(reader, chain, branch, trust, |step, change, found| {
        if at.replace(step) != Some(step) {
            told(done, chain.len() - 1);
            done += 1;
        }
        findings.extend(found);
        findings.extend(trust.now.and_then(|now| ahead(change, branch, now)));
        Ok(())
    })?;
    findings.extend(lost);
    once(&mut findings);
    Ok(findings)
}

/// Judges a chain step by step, the oldest first, and hands each commit with its findings on. Answers with what ended the
/// walk before its end.
pub fn walk(
    reader: &Reader<'_>,
    chain: &[Oid],
    branch: &str,
    trust: Trust<'_>,
    mut seen: impl FnMut(Oid, &Change, Vec<Finding>) -> Result<()>,
) -> Result<Option<Finding>> {
    let not_governed = |message: String| refs::finding(&refs::NOT_GOVERNED, message, branch);
    let Some(start) = chain.last() else {
        return Ok(None);
    };
    let mut away = match branch == trust.trunk {
        true => None,
        false => match floor(reader, *start, trust)? {
            Some(away) => Some(away),
            None => {
                let message = format!("`{branch}` does not come from the trunk's mainline");
                return Ok(Some(not_governed(message)));
            }
        },
    };
    for window in chain.windows(2).rev() {
        let [step, p] = *window else { continue };
        if away.is_none() && reader.policy(p)?.is_none() {
            let message = format!("{} has no policy to judge {} by", short(p), short(step));
            return Ok(Some(not_governed(message)));
        }
        // Where a branch follows the trunk, the trunk has judged.
        if let Some(away) = away.as_mut().filter(|a| a.floor == p)
            && reader.places(away.trunk, trust.anchor)?.contains_key(&step)
        {
            away.floor = step;
            continue;
        }
        let way = Way {
            away,
            ..Way::new(branch, p, trust.anchor)
        };
        let mut highest = away.map(|a| a.floor);
        enter(reader, way, step, |change, found| {
            raise(reader, &mut highest, change, away, trust)?;
            seen(step, change, found)
        })?;
        away = away
            .zip(highest)
            .map(|(away, floor)| Away { floor, ..away });
    }
    Ok(None)
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
fn brought(repo: &Repo, step: Oid, p: Oid) -> Result<Vec<Oid>> {
    if repo.node(step)?.parents.len() == 1 {
        return Ok(vec![step]);
    }
    let mut all = repo.between(&[p], step)?;
    all.reverse();
    Ok(all)
}

/// By which commit of the trunk a branch went that stands at `p`: the latest that its steps named, or where it began.
pub(super) fn floor(reader: &Reader<'_>, p: Oid, trust: Trust<'_>) -> Result<Option<Away>> {
    let Some(trunk) = trust.tip else {
        return Ok(None);
    };
    let places = reader.places(trunk, trust.anchor)?;
    let (mut at, mut own) = (p, Vec::new());
    while !places.contains_key(&at) {
        own.push(at);
        match reader.repo.node(at)?.parents.first() {
            Some(parent) => at = *parent,
            None => return Ok(None),
        }
    }
    let current = trust.current;
    let mut away = Away {
        trunk,
        floor: at,
        current: false,
    };
    for step in own.into_iter().rev() {
        let parent = reader.repo.node(step)?.parents[0];
        let way = Way {
            away: Some(away),
            step: Some(step),
            ..Way::new("", parent, trust.anchor)
        };
        let mut highest = Some(away.floor);
        for commit in brought(reader.repo, step, parent)? {
            raise(
                reader,
                &mut highest,
                &reader.commit(commit, &way)?,
                Some(away),
                trust,
            )?;
        }
        away.floor = highest.unwrap_or(away.floor);
    }
    Ok(Some(Away { current, ..away }))
}

/// What a commit names as authority, where that is later than what was named so far.
fn raise(
    reader: &Reader<'_>,
    highest: &mut Option<Oid>,
    change: &Change,
    away: Option<Away>,
    trust: Trust<'_>,
) -> Result<()> {
    let named = change
        .passage
        .authority
        .as_ref()
        .filter(|a| a.flaw.is_none());
    let named = named.and_then(|a| reader.repo.oid(&a.named));
    if let (Some(away), Some(named)) = (away, named) {
        let places = reader.places(away.trunk, trust.anchor)?;
        if highest.is_none_or(|h| places.get(&named) > places.get(&h)) {
            *highest = Some(named);
        }
    }
    Ok(())
}

/// A commit from the future.
fn ahead(change: &Change, branch: &str, now: i64) -> Option<Finding> {
    let commit = &change.commit;
    let days = (commit.committer.seconds - now) / A_DAY;
    let name = commit.name();
    let message = format!(
        "{} is dated {days} days ahead of this server",
        &commit.id[..10]
    );
    let mut finding = refs::finding(&refs::DATE_AHEAD, message, branch);
    finding.commit = Some(name);
    (days > 0).then_some(finding)
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
