//! `qms trace --impact`: what paths touch, or what changed in a range.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use super::compared::{ends, matrices};
use super::evidence::store::Store;
use super::session::Session;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::browse::name;
use crate::model::change::FOLDER;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::trace::impact::{
    Impact, Naming, Of, Touched, again, executed, named, touched, untraced,
};
use crate::model::trace::matrix::Matrix;

/// What is asked about: whole paths at a commit, or what differs between two.
struct Meant {
    commit: Oid,
    since: Option<Oid>,
    paths: BTreeSet<String>,
}

/// What a path or range touches, in one system or in all; `at`: the commit of a path, `HEAD` where it is not said.
pub fn impact(
    session: &Session,
    of: &str,
    system: Option<&str>,
    at: Option<&str>,
) -> Result<Impact> {
    let meant = meant(session, of, at)?;
    let after = matrices(session, meant.commit, system)?;
    let before = match meant.since {
        Some(since) => matrices(session, since, system)?,
        None => BTreeMap::new(),
    };
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    if names.is_empty() {
        bail!("no system has requirements there; all: qms system list");
    }
    let store = Store::of(&session.repo);
    let (mut requirements, mut ran) = (Vec::new(), Vec::new());
    for name in names {
        if let Some(last) = store.last(name)? {
            let runs = store.bound(name, &last.record.digest)?.records;
            ran.extend(executed(name, &runs, &meant.paths));
        }
        let of = Of {
            after: after.get(name),
            before: before.get(name),
            changed: meant.since.is_some(),
        };
        requirements.extend(touched(&of, &meant.paths));
    }
    let tests = after
        .values()
        .flat_map(|matrix| again(&requirements, matrix));
    Ok(Impact {
        of: of.to_owned(),
        commit: meant.commit.to_string(),
        since: meant.since.map(|since| since.to_string()),
        tests: tests.collect(),
        executed: ran,
        documents: documents(session, meant.commit, &requirements, &after)?,
        untraced: untraced(&meant.paths, &requirements),
        requirements,
    })
}

/// A path where there is one of this name, else a range.
fn meant(session: &Session, of: &str, at: Option<&str>) -> Result<Meant> {
    let commit = session.commit(at)?;
    let paths = below(session, commit, of)?;
    if !paths.is_empty() {
        let since = None;
        return Ok(Meant {
            commit,
            since,
            paths,
        });
    }
    if !of.contains("..") {
        bail!(
            "`{}` is no path at that commit, and no range A..B",
            name::shown(of)
        );
    }
    if at.is_some() {
        bail!("a range says itself at which commits to look: leave --at out");
    }
    let [since, commit] = ends(session, of)?;
    let trees = [session.repo.tree_of(since)?, session.repo.tree_of(commit)?];
    let differs = session.repo.differences(Some(trees[0]), Some(trees[1]))?;
    Ok(Meant {
        commit,
        since: Some(since),
        paths: differs.iter().map(|d| d.path.to_string()).collect(),
    })
}

/// The file of this path, or all files below it; none where it is neither.
fn below(session: &Session, commit: Oid, path: &str) -> Result<BTreeSet<String>> {
    let Ok(path) = session.repo.from_root(path) else {
        return Ok(BTreeSet::new());
    };
    let tree = session.repo.tree_of(commit)?;
    let asked = TreePath::from(path.as_str());
    let found = match session.repo.entry(tree, &asked)? {
        None => return Ok(BTreeSet::new()),
        Some(raw) if raw.mode != FOLDER => return Ok(BTreeSet::from([asked.to_string()])),
        Some(_) => session.repo.files_below(tree, &path)?,
    };
    Ok(found.iter().map(|(path, _)| path.to_string()).collect())
}

/// The documents that define, list or name what is touched.
fn documents(
    session: &Session,
    commit: Oid,
    touched: &[Touched],
    matrices: &BTreeMap<String, Matrix>,
) -> Result<Vec<Naming>> {
    let ids: BTreeSet<&str> = touched.iter().map(|one| one.id.as_str()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let reader = Reader::new(&session.repo);
    let policy = Session::policy_at(&reader, commit)?;
    let own = own(&policy, touched, matrices);
    let mut out = Vec::new();
    let tree = session.repo.tree_of(commit)?;
    for (path, raw) in session.repo.files_below(tree, &policy.folder)? {
        let Some(id) = Id::of_path(&path, &policy.folder).filter(|_| raw.is_file()) else {
            continue;
        };
        let bytes = session.repo.blob(raw.id)?;
        let mut names: BTreeSet<&str> = named(&String::from_utf8_lossy(&bytes), &ids)
            .into_iter()
            .collect();
        names.extend(own.get(id.as_str()).into_iter().flatten());
        if !names.is_empty() {
            out.push(Naming {
                doc_id: id.to_string(),
                path: path.to_string(),
                names: names.into_iter().map(str::to_owned).collect(),
            });
        }
    }
    Ok(out)
}

/// The requirements that a system's own documents are about, whether they name them or not.
fn own<'t>(
    policy: &Policy,
    touched: &'t [Touched],
    matrices: &BTreeMap<String, Matrix>,
) -> BTreeMap<String, BTreeSet<&'t str>> {
    let mut out: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for one in touched
        .iter()
        .filter(|one| matrices.contains_key(&one.system))
    {
        let Some(system) = policy.systems.get(&one.system) else {
            continue;
        };
        for id in [&system.rs, &system.rtm] {
            out.entry(id.to_string()).or_default().insert(&one.id);
        }
    }
    out
}
