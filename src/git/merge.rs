//! What a merge adds of its own, path by path against the merge base. Source: model.md "Authority", merges.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use gix::merge::plumbing::blob::Resolution;
use gix::merge::plumbing::blob::builtin_driver::text::{Conflict, Labels, Options};

use super::trees::{Differs, Raw, TREE};
use super::write::Put;
use super::{Oid, Repo};
use crate::model::change::{Contested, EXECUTABLE, REGULAR};
use crate::model::path::TreePath;

/// What a merge decided by itself.
#[derive(Debug, Default)]
pub struct Added {
    /// Paths whose entry follows from neither side nor from their clean merge; `before` is the first parent's.
    pub paths: Vec<Differs>,
    /// Paths that are never merged by content and were changed on both sides.
    pub contested: Vec<Contested>,
    /// Those of the latter kind that each side changed since the base.
    pub sides: [Vec<TreePath>; 2],
}

/// Blobs larger than this are not merged line by line; a conflict there is the merge's own decision.
const MOST_LINES_OF: usize = 8 * 1024 * 1024;

/// What the result of a merge holds beyond what its sides give it. `by_side` names the paths that are taken
/// from one side or not at all: documents and the policy.
pub fn added(
    repo: &Repo,
    bases: &[Oid],
    ours: Oid,
    theirs: Oid,
    result: Vec<Differs>,
    by_side: impl Fn(&TreePath) -> bool,
) -> Result<Added> {
    let by_path = |list: Vec<Differs>| -> BTreeMap<TreePath, Differs> {
        list.into_iter().map(|d| (d.path.clone(), d)).collect()
    };
    let base = bases.first().copied();
    // With several bases, a path on which they differ counts as changed by both sides.
    let mut unclear = BTreeSet::new();
    for other in bases.iter().skip(1) {
        unclear.extend(
            repo.differences(base, Some(*other))?
                .into_iter()
                .map(|d| d.path),
        );
    }
    let our_side = by_path(repo.differences(base, Some(ours))?);
    let their_side = by_path(repo.differences(base, Some(theirs))?);
    let merged = by_path(result);
    let of = |side: &BTreeMap<TreePath, Differs>| -> Vec<TreePath> {
        let all = side.keys().chain(&unclear);
        let mut all: Vec<_> = all.filter(|p| by_side(p)).cloned().collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let mut out = Added {
        sides: [of(&our_side), of(&their_side)],
        ..Added::default()
    };
    let paths: BTreeSet<&TreePath> = their_side
        .keys()
        .chain(merged.keys())
        .chain(&unclear)
        .collect();
    for path in paths {
        let (ours, theirs, result) = (our_side.get(path), their_side.get(path), merged.get(path));
        // A path that neither side changed is, before the merge, what the first parent has.
        let old = match (ours.or(theirs), result) {
            (Some(side), _) => side.before,
            (None, Some(result)) => result.before,
            (None, None) => continue,
        };
        let our = ours.map_or(old, |d| d.after);
        let their = theirs.map_or(old, |d| d.after);
        let found = result.map_or(our, |d| d.after);
        let both = unclear.contains(path) || (our != old && their != old);
        let follows = match (both, our == their) {
            // Two documents of one id that came from nowhere on both sides are two documents.
            (true, true) => found == our && !(by_side(path) && old.is_none()),
            (true, false) if by_side(path) || unclear.contains(path) => false,
            (true, false) => clean(repo, old, our, their, found)?,
            (false, _) => found == if our == old { their } else { our },
        };
        if !follows && by_side(path) {
            let twice = old.is_none() && our.is_some() && their.is_some();
            out.contested.push(Contested {
                path: path.clone(),
                twice,
            });
        } else if !follows {
            out.paths.push(Differs {
                path: path.clone(),
                before: our,
                after: found,
            });
        }
    }
    Ok(out)
}

/// Whether `found` is the clean line-level merge of three regular files, by histogram or by myers.
fn clean(
    repo: &Repo,
    base: Option<Raw>,
    our: Option<Raw>,
    their: Option<Raw>,
    found: Option<Raw>,
) -> Result<bool> {
    let (Some(base), Some(our), Some(their), Some(found)) = (base, our, their, found) else {
        return Ok(false);
    };
    let regular = |r: &Raw| matches!(r.mode, REGULAR | EXECUTABLE);
    if ![base, our, their, found].iter().all(regular) {
        return Ok(false);
    }
    let mode = if our.mode == base.mode {
        their.mode
    } else {
        our.mode
    };
    if found.mode != mode {
        return Ok(false);
    }
    if our.id == base.id || their.id == base.id || our.id == their.id {
        let id = if our.id == base.id { their.id } else { our.id };
        return Ok(found.id == id);
    }
    let found = repo.blob(found.id)?;
    let [base, our, their] = [base, our, their].map(|r| repo.blob(r.id));
    let (base, our, their) = (base?, our?, their?);
    Ok(ALGORITHMS
        .iter()
        .any(|by| lines(&base, &our, &their, *by).is_some_and(|out| out == found)))
}

const ALGORITHMS: [gix::diff::blob::Algorithm; 2] = [
    gix::diff::blob::Algorithm::Histogram,
    gix::diff::blob::Algorithm::Myers,
];

/// The clean line-level merge of three texts; none where they conflict, are binary or too large.
fn lines(
    base: &[u8],
    our: &[u8],
    their: &[u8],
    diff_algorithm: gix::diff::blob::Algorithm,
) -> Option<Vec<u8>> {
    let binary = |b: &[u8]| b.len() > MOST_LINES_OF || b.iter().take(8000).any(|c| *c == 0);
    if [base, our, their].into_iter().any(binary) {
        return None;
    }
    let mut out = Vec::new();
    let mut input = gix::diff::blob::InternedInput::new(&b""[..], &b""[..]);
    let options = Options {
        diff_algorithm,
        conflict: Conflict::default(),
    };
    let resolution = gix::merge::plumbing::blob::builtin_driver::text(
        &mut out,
        &mut input,
        Labels::default(),
        our,
        base,
        their,
        options,
    );
    (resolution == Resolution::Complete).then_some(out)
}

/// A text that two sides changed, merged line by line; none where they conflict.
pub fn text(base: &[u8], our: &[u8], their: &[u8]) -> Option<Vec<u8>> {
    ALGORITHMS
        .iter()
        .find_map(|by| lines(base, our, their, *by))
}

/// A change made again on another tree: what to put there, or the paths on which both differ.
pub fn pick(repo: &Repo, tree: Oid, change: &[Differs]) -> Result<Result<Vec<Put>, Vec<TreePath>>> {
    let (mut puts, mut conflicts) = (Vec::new(), Vec::new());
    for differs in change {
        let here = repo
            .entry(tree, &differs.path)?
            .filter(|raw| raw.mode != TREE);
        if here == differs.after {
            continue;
        }
        if here == differs.before {
            puts.push((differs.path.clone(), differs.after));
            continue;
        }
        let merged = match (differs.before, here, differs.after) {
            (Some(base), Some(our), Some(their)) => merged(repo, base, our, their)?,
            _ => None,
        };
        match merged {
            Some(raw) => puts.push((differs.path.clone(), Some(raw))),
            None => conflicts.push(differs.path.clone()),
        }
    }
    conflicts.extend(in_the_way(repo, tree, &puts)?);
    Ok(if conflicts.is_empty() {
        Ok(puts)
    } else {
        Err(conflicts)
    })
}

/// Files that would go without being named: in a folder where a file is put, or where a folder is needed.
fn in_the_way(repo: &Repo, tree: Oid, puts: &[Put]) -> Result<Vec<TreePath>> {
    let goes: BTreeSet<&TreePath> = puts
        .iter()
        .filter(|(_, raw)| raw.is_none())
        .map(|(path, _)| path)
        .collect();
    let mut out = Vec::new();
    for (path, _) in puts.iter().filter(|(_, raw)| raw.is_some()) {
        for file in repo.files_at(tree, path)? {
            if file != *path && !goes.contains(&file) {
                out.push(file);
            }
        }
        for above in path.folders() {
            let file = repo
                .entry(tree, &above)?
                .is_some_and(|raw| raw.mode != TREE);
            if file && !goes.contains(&above) {
                out.push(above);
            }
        }
    }
    Ok(out)
}

/// What git would have made of a path in a merge by itself; none where both sides changed it and conflict.
pub fn automatic(
    repo: &Repo,
    base: Option<Oid>,
    ours: Oid,
    theirs: Oid,
    path: &TreePath,
) -> Result<Option<Option<Raw>>> {
    let of = |tree: Oid| {
        repo.entry(tree, path)
            .map(|e| e.filter(|raw| raw.mode != TREE))
    };
    let (our, their) = (of(ours)?, of(theirs)?);
    let old = base.map(of).transpose()?.flatten();
    if our == old || our == their {
        return Ok(Some(their));
    }
    if their == old {
        return Ok(Some(our));
    }
    Ok(match (old, our, their) {
        (Some(base), Some(our), Some(their)) => merged(repo, base, our, their)?.map(Some),
        _ => None,
    })
}

/// Three versions of a regular file as one.
fn merged(repo: &Repo, base: Raw, our: Raw, their: Raw) -> Result<Option<Raw>> {
    if ![base, our, their]
        .iter()
        .all(|r| matches!(r.mode, REGULAR | EXECUTABLE))
    {
        return Ok(None);
    }
    let mode = if our.mode == base.mode {
        their.mode
    } else {
        our.mode
    };
    let [base, our, their] = [base, our, their].map(|r| repo.blob(r.id));
    match text(&base?, &our?, &their?) {
        Some(bytes) => Ok(Some(Raw {
            mode,
            id: repo.write_blob(&bytes)?,
        })),
        None => Ok(None),
    }
}
