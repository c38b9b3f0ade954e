//! Protected branches that are not the trunk: each step goes by a commit of the trunk, and never by an older one than the
//! step before. Source: model.md "Authority".

use anyhow::Result;

use super::mainline::{Trust, brought, enter};
use crate::checks::refs;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::way::{Away, Way};
use crate::model::change::Change;
use crate::model::finding::Finding;

/// Judges the chain of a branch that is not the trunk step by step, the oldest first, and hands each commit with its
/// findings on. Answers with what ended the walk before its end.
pub(super) fn walk(
    reader: &Reader<'_>,
    chain: &[Oid],
    branch: &str,
    trust: Trust<'_>,
    mut seen: impl FnMut(Oid, &Change, Vec<Finding>) -> Result<()>,
) -> Result<Option<Finding>> {
    let Some(start) = chain.last() else {
        return Ok(None);
    };
    let Some(mut away) = floor(reader, *start, trust)? else {
        let message = format!("`{branch}` does not come from the trunk's mainline");
        return Ok(Some(refs::finding(&refs::NOT_GOVERNED, message, branch)));
    };
    for window in chain.windows(2).rev() {
        let [step, p] = *window else { continue };
        // Where a branch follows the trunk, the trunk has judged.
        if away.floor == p && reader.places(away.trunk, trust.anchor)?.contains_key(&step) {
            away.floor = step;
            continue;
        }
        let way = Way {
            current: trust.current,
            away: Some(away),
            ..Way::new(branch, p, trust.anchor)
        };
        let mut highest = away.floor;
        enter(reader, way, step, |change, found| {
            raise(reader, &mut highest, change, away, trust)?;
            seen(step, change, found)
        })?;
        away.floor = highest;
    }
    Ok(None)
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
    let mut away = Away { trunk, floor: at };
    for step in own.into_iter().rev() {
        let parent = reader.repo.node(step)?.parents[0];
        let way = Way {
            away: Some(away),
            step: Some(step),
            ..Way::new("", parent, trust.anchor)
        };
        let mut highest = away.floor;
        for commit in brought(reader.repo, step, parent)? {
            raise(
                reader,
                &mut highest,
                &reader.commit(commit, &way)?,
                away,
                trust,
            )?;
        }
        away.floor = highest;
    }
    Ok(Some(away))
}

/// What a commit names as authority, where that is later than what was named so far.
fn raise(
    reader: &Reader<'_>,
    highest: &mut Oid,
    change: &Change,
    away: Away,
    trust: Trust<'_>,
) -> Result<()> {
    let named = change
        .passage
        .authority
        .as_ref()
        .filter(|a| a.flaw.is_none());
    let named = named.and_then(|a| reader.repo.oid(&a.named));
    if let Some(named) = named {
        let places = reader.places(away.trunk, trust.anchor)?;
        if places.get(&named) > places.get(highest) {
            *highest = named;
        }
    }
    Ok(())
}
