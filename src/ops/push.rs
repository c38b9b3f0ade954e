//! Judging a move of a branch: every commit that it brings in, by the policy at its mainline step's first parent.
//! Source: model.md "Authority".

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::Session;
use crate::checks::{self, refs};
use crate::git::read::Reader;
use crate::git::way::Way;
use crate::git::{Oid, Repo};
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
}

/// What is known from outside of the repository that is judged.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    pub trunk: &'a str,
    /// The first commit that is believed.
    pub anchor: Option<Oid>,
    /// Where the trunk stands, or will once what comes with this update is in: a new protected branch starts there.
    pub tip: Option<Oid>,
}

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
        let chain = match trust.tip {
            Some(tip) => reader.repo.mainline(tip, Some(anchor))?.unwrap_or_default(),
            None => Vec::new(),
        };
        let message =
            format!("`{branch}` is protected and starts where no protected branch has been");
        let known = chain.contains(&new);
        return Ok(if known {
            Vec::new()
        } else {
            vec![refs::finding(&refs::NEW_BRANCH, message, branch)]
        });
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
    steps(reader, &chain, anchor, branch, &|_, _| {})
}

/// Judges a first-parent chain, newest first, whose last element is where it starts and is not judged.
/// `told` hears how many steps are done, and of how many.
pub fn steps(
    reader: &Reader<'_>,
    chain: &[Oid],
    anchor: Oid,
    branch: &str,
    told: &dyn Fn(usize, usize),
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    let last = chain.len().saturating_sub(1);
    // What comes before the anchor is legacy, the anchor itself is judged by nobody.
    let anchored = chain.iter().position(|id| *id == anchor).unwrap_or(last);
    for (done, window) in chain[..=anchored].windows(2).rev().enumerate() {
        let [step, p] = window else { continue };
        told(done, anchored);
        if reader.policy(*p)?.is_none() {
            let message = format!("{} has no policy to judge {} by", short(*p), short(*step));
            findings.push(refs::finding(&refs::NOT_GOVERNED, message, branch));
            break;
        }
        let way = Way::new(branch, *p, Some(anchor));
        let enters = entering(reader.repo, *step, *p)?;
        reader.inherit(&enters, *p)?;
        for commit in enters {
            if seen.insert(commit) {
                findings.extend(checks::check(&reader.commit(commit, &way)?));
            }
        }
    }
    once(&mut findings);
    Ok(findings)
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
fn entering(repo: &Repo, step: Oid, p: Oid) -> Result<Vec<Oid>> {
    if repo.node(step)?.parents.len() == 1 {
        return Ok(vec![step]);
    }
    let mut all = repo.between(&[p], step)?;
    all.reverse();
    Ok(all)
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

/// What a clone is about to push, judged against the tips that the remote has. Advice. `input` is what git hands
/// to `pre-push`: `local-ref local-id remote-ref remote-id` a line.
pub fn pre_push(session: &Session, input: &str) -> Result<Vec<Finding>> {
    let repo = &session.repo;
    let reader = Reader::new(repo);
    let mut findings = Vec::new();
    for line in input.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [_, new, name, old] = words[..] else {
            bail!("git's line {line:?} is not `local id remote id`")
        };
        let update = Update {
            name: name.to_owned(),
            old: side(repo, old)?,
            new: side(repo, new)?,
        };
        let Some(branch) = update.branch() else {
            continue;
        };
        let Some(tip) = update
            .new
            .or(update.old)
            .filter(|id| repo.node(*id).is_ok())
        else {
            continue;
        };
        let Some(Ok(policy)) = reader.policy(tip)? else {
            continue;
        };
        if !policy.protects(branch) {
            continue;
        }
        if update.old.is_some_and(|old| repo.node(old).is_err()) {
            let message = format!("the remote's `{branch}` is at a commit that is not here");
            findings.push(refs::finding(&refs::REWRITTEN, message, branch));
            continue;
        }
        let anchor = assumed_anchor(&reader, tip)?;
        findings.extend(judge(
            &reader,
            &update,
            Trust {
                trunk: &policy.branches.trunk,
                anchor,
                tip: repo.resolve(&format!("refs/heads/{}", policy.branches.trunk)),
            },
        )?);
    }
    Ok(findings)
}

/// What the pre-commit framework says of a push, as the line that git would have given: it reads git's lines itself,
/// and of several refs tells the first that has something new. Deletions it does not tell; the server sees all.
pub fn announced(session: &Session, says: impl Fn(&str) -> Option<String>) -> Result<String> {
    let (local, name) = (
        says("PRE_COMMIT_LOCAL_BRANCH"),
        says("PRE_COMMIT_REMOTE_BRANCH"),
    );
    let (Some(local), Some(name)) = (local, name) else {
        return Ok(String::new());
    };
    let repo = &session.repo;
    let new = says("PRE_COMMIT_TO_REF").unwrap_or_else(|| local.clone());
    let new = repo.revision(&new)?.to_string();
    // For a branch that the remote does not have, it names a commit that the remote has elsewhere.
    let remote = says("PRE_COMMIT_REMOTE_NAME").unwrap_or_default();
    let is_new = repo.config(&format!("remote.{remote}.url")).is_some()
        && name.strip_prefix("refs/heads/").is_some_and(|branch| {
            repo.resolve(&format!("refs/remotes/{remote}/{branch}"))
                .is_none()
        });
    let old = match says("PRE_COMMIT_FROM_REF").filter(|_| !is_new) {
        Some(old) => repo.revision(&old)?.to_string(),
        None => "0".repeat(new.len()),
    };
    Ok(format!("{local} {new} {name} {old}\n"))
}

/// What a server is about to take in: final. `input` is what git hands to `pre-receive`: `old new ref` a line. The
/// old value is read from the ref, not believed.
pub fn receive(git_dir: &Path, input: &str) -> Result<Vec<Finding>> {
    served(&Repo::serve(git_dir)?, input, |_| true)
}

/// The same question again, with the refs locked: `reference-transaction` in the state `prepared`. Deletions are not
/// asked about here, since `git pack-refs` and `git gc` prune loose refs that way; `pre-receive` refuses real ones.
/// Warnings were given before.
pub fn transaction(git_dir: &Path, input: &str) -> Result<Vec<Finding>> {
    let moves = |new: &str| !new.starts_with("ref:") && new.bytes().any(|b| b != b'0');
    let mut findings = served(&Repo::serve(git_dir)?, input, moves)?;
    findings.retain(Finding::is_error);
    Ok(findings)
}

fn served(repo: &Repo, input: &str, asks: impl Fn(&str) -> bool) -> Result<Vec<Finding>> {
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
    let protects = |branch: &str| match &policy {
        _ if branch == trunk => true,
        Some(Ok(policy)) => policy.protects(branch),
        // A trunk whose policy cannot be read protects everything.
        Some(Err(_)) => true,
        None => false,
    };
    let mut updates = Vec::new();
    for line in input.lines() {
        let mut words = line.splitn(3, ' ');
        let (Some(_), Some(new), Some(name)) = (words.next(), words.next(), words.next()) else {
            bail!("git's line {line:?} is not `old new ref`");
        };
        if asks(new) && name.strip_prefix("refs/heads/").is_some_and(protects) {
            let (old, new) = (repo.resolve(name), side(repo, new)?);
            updates.push(Update {
                name: name.to_owned(),
                old,
                new,
            });
        }
    }
    // The trunk first: other branches may start where it goes, if it may go there.
    updates.sort_by_key(|u| u.branch() != Some(trunk.as_str()));
    let mut tip = at_trunk;
    let mut findings: Vec<Finding> = Vec::new();
    for update in &updates {
        let found = judge(
            &reader,
            update,
            Trust {
                trunk: &trunk,
                anchor,
                tip,
            },
        )?;
        if update.branch() == Some(trunk.as_str()) && !found.iter().any(Finding::is_error) {
            tip = update.new.or(tip);
        }
        findings.extend(found);
    }
    once(&mut findings);
    Ok(findings)
}

/// A warning that every commit would repeat is given once.
fn once(findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    findings.retain(|f| f.is_error() || seen.insert((f.rule.id, f.message.clone())));
}

/// An id as git hands it to hooks; all zeros say that there is no such side.
fn side(repo: &Repo, hex: &str) -> Result<Option<Oid>> {
    if hex.bytes().all(|b| b == b'0') && matches!(hex.len(), 40 | 64) {
        return Ok(None);
    }
    repo.oid(hex)
        .map(Some)
        .with_context(|| format!("{hex:?} is no object id"))
}

/// The beginning of an id, as sentences name it.
pub(super) fn short(id: Oid) -> String {
    id.to_string()[..10].to_owned()
}
