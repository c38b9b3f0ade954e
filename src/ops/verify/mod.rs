//! `qms verify`: the whole governed history, every commit by the step that brought it in, in parts that are judged side
//! by side. What a part says depends on its commits alone, so parts can be kept, shared out and put together.

mod evidence;
mod kept;
mod parts;
mod store;

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::evidence::store::REF;
use super::mainline;
use crate::git::read::Reader;
use crate::git::{Oid, Repo};
use crate::model::browse::name;
use crate::model::policy::Policy;
use crate::model::verified::{PART, Verified};
pub use kept::Kept;

/// What is asked of a verification.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// One ref instead of the trunk and every other protected branch.
    pub reference: Option<String>,
    /// The home of documents, where the configuration does not say it and `HEAD` is not to be believed.
    pub trunk: Option<String>,
    /// The first commit that is trusted, in full; without it the repository's own is assumed, and said.
    pub anchor: Option<String>,
    /// Only what came after this commit of the mainline.
    pub since: Option<String>,
    /// The parts of one of so many runners, from 1.
    pub shard: Option<(usize, usize)>,
    pub threads: Option<usize>,
    /// Believes nothing that an earlier run kept, and keeps nothing.
    pub no_cache: bool,
}

/// Told what is counted, how many are done, and of how many.
pub type Told<'a> = &'a dyn Fn(&str, usize, Option<usize>);

/// A mainline to verify: a branch, and the chain from its tip to where it begins, newest first.
struct Line {
    branch: String,
    name: String,
    tip: Oid,
}

/// Verifies the history of a repository.
// Implements: REQ-QMS-CMD-VERIFY
pub fn verify(dir: &Path, ask: &Ask, told: Told<'_>) -> Result<Verified> {
    let place = Repo::discover(dir)?.common_dir().to_path_buf();
    let repo = Repo::alone(&place)?;
    if let Some(why) = repo.is_incomplete().or(repo.is_replaced()?) {
        bail!("nothing can be verified here: {why}");
    }
    let reader = Reader::new(&repo);
    let (trunk, tip) = trunk(&repo, &reader, ask.trunk.clone())?;
    let (anchor, assumed) = anchor(&reader, ask.anchor.as_deref(), tip)?;
    let lines = lines(&repo, &reader, ask, &trunk, tip)?;
    let home = lines.iter().any(|l| l.branch == trunk);
    let from = match &ask.since {
        Some(text) => repo.revision(text)?,
        None => anchor,
    };
    let keeps = !ask.no_cache && ask.since.is_none() && home;
    let store = store::Store::open(&place, anchor, &trunk);
    let kept = if keeps { store.read() } else { Vec::new() };
    let (chain, begun) = chain(&repo, tip, from, &kept, told)?;
    let known = &kept[..begun];
    let work = parts::Work {
        place: &place,
        trunk: &trunk,
        anchor,
        tip,
        chain: &chain,
        first: begun,
        time: known.last().map(|row| row.time),
        since: ask.since.is_some(),
        away: lines
            .iter()
            .filter(|l| l.branch != trunk)
            .map(|l| (l.branch.clone(), l.tip))
            .collect(),
        home,
    };
    let records = (ask.reference.is_none() && home).then(|| repo.resolve(REF));
    let records = records.flatten();
    let of = work.count() + usize::from(records.is_some());
    let mut parts: Vec<_> = known.iter().map(|row| row.part.clone()).collect();
    parts.retain(|p| mine(p.place, of, ask.shard));
    // What is believed from before was read when it was judged; all else is read for the first time.
    let fresh = begun == 0;
    let judged = work.judge(|place| mine(place, of, ask.shard), ask.threads, fresh, told)?;
    if keeps && ask.shard.is_none() {
        store.write(&kept[..begun], &work, &judged)?;
    }
    parts.extend(judged);
    let mut tips: Vec<(String, String)> = lines
        .into_iter()
        .map(|l| (l.name, l.tip.to_string()))
        .collect();
    if let Some(records) = records {
        tips.push((REF.to_owned(), records.to_string()));
        if mine(of - 1, of, ask.shard) {
            parts.push(evidence::part(
                &reader,
                (&trunk, tip, anchor),
                records,
                of - 1,
                told,
            )?);
        }
    }
    Ok(Verified {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tips,
        anchor: anchor.to_string(),
        assumed,
        since: from.to_string(),
        of,
        parts,
    })
}

/// Joins the shards of one verification, each as `--format json` answered.
pub fn merge(shards: Vec<Verified>) -> Result<Verified> {
    Verified::merged(shards).map_err(|why| anyhow::anyhow!(why))
}

/// Whether a part is for this runner: runners take neighbouring parts.
fn mine(place: usize, of: usize, shard: Option<(usize, usize)>) -> bool {
    shard.is_none_or(|(own, all)| place * all / of.max(1) + 1 == own)
}

/// The home of documents: what was asked for, what a server was told, else what the policy of `HEAD` says.
fn trunk(repo: &Repo, reader: &Reader<'_>, asked: Option<String>) -> Result<(String, Oid)> {
    let policy = |commit: Oid| -> Result<Option<String>> {
        let policy = reader.policy(commit)?;
        Ok(policy
            .and_then(Result::ok)
            .map(|p| p.branches.trunk.clone()))
    };
    let named = match (asked.or_else(|| repo.config("qms.trunk")), repo.head()) {
        (Some(trunk), _) => Some(trunk),
        (None, Some(head)) => policy(head)?,
        (None, None) => None,
    };
    let named = named.context("nothing here says which branch is the trunk; to begin: qms init")?;
    let tip = repo
        .resolve(&format!("refs/heads/{named}"))
        .or_else(|| repo.fetched(&named));
    let tip = tip.with_context(|| format!("the trunk `{named}` is not here"))?;
    Ok((named, tip))
}

/// The first commit that is trusted, by whom it was named: whoever asks, else the configuration; and whether it is assumed,
/// since nobody named one.
pub(super) fn anchor(reader: &Reader<'_>, named: Option<&str>, tip: Oid) -> Result<(Oid, bool)> {
    let known = reader.repo.config("qms.anchor");
    if let Some(text) = named.or(known.as_deref()) {
        let id = reader
            .repo
            .oid(text)
            .filter(|_| matches!(text.len(), 40 | 64));
        let id = id.with_context(|| format!("`{}` is no commit id in full", name::shown(text)))?;
        return Ok((id, false));
    }
    let assumed = mainline::assumed_anchor(reader, tip)?;
    let assumed = assumed.context("nothing here is under change control; to begin: qms init")?;
    Ok((assumed, true))
}

/// The trunk and every other protected branch, or the one that was named.
fn lines(repo: &Repo, reader: &Reader<'_>, ask: &Ask, trunk: &str, tip: Oid) -> Result<Vec<Line>> {
    let line = |branch: &str, tip: Oid| Line {
        branch: branch.to_owned(),
        name: format!("refs/heads/{branch}"),
        tip,
    };
    if let Some(text) = &ask.reference {
        let branch = text.strip_prefix("refs/heads/").unwrap_or(text);
        let tip = repo
            .resolve(&format!("refs/heads/{branch}"))
            .or_else(|| repo.fetched(branch))
            .with_context(|| format!("there is no branch `{branch}` here"))?;
        return Ok(vec![line(branch, tip)]);
    }
    let policy: Option<std::sync::Arc<Policy>> = reader.policy(tip)?.and_then(Result::ok);
    let mut out = vec![line(trunk, tip)];
    for (branch, tip) in repo.known_branches()? {
        if branch != trunk && policy.as_ref().is_some_and(|p| p.protects(&branch)) {
            out.push(line(&branch, tip));
        }
    }
    Ok(out)
}

/// The trunk's first-parent chain, the oldest first, with its dates; and how many kept parts are believed: the chain
/// then begins where they end.
fn chain(
    repo: &Repo,
    tip: Oid,
    from: Oid,
    kept: &[store::Row],
    told: Told<'_>,
) -> Result<(Vec<(Oid, i64)>, usize)> {
    let ends: std::collections::HashMap<Oid, usize> = kept
        .iter()
        .enumerate()
        .map(|(n, row)| (row.end, n + 1))
        .collect();
    let (mut chain, mut at) = (Vec::new(), tip);
    loop {
        let node = repo.node(at)?;
        chain.push((at, node.seconds));
        let begun = if at == from {
            Some(0)
        } else {
            ends.get(&at).copied()
        };
        if let Some(begun) = begun {
            chain.reverse();
            return Ok((chain, begun));
        }
        told("commits found", chain.len(), None);
        ensure!(
            !node.parents.is_empty(),
            "{from} is not on the first-parent chain of {tip}"
        );
        at = node.parents[0];
    }
}

/// How many parts so many steps make.
fn parts_of(steps: usize) -> usize {
    steps.div_ceil(PART)
}
