//! Two commits of systems beside each other: what `qms trace --diff` and `--impact` are made of.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use super::session::{Session, readable};
use super::trace::{self, Asked};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::browse::name;
use crate::model::kind::Id;
use crate::model::trace::diff::{Diff, Ends, diff};
use crate::model::trace::matrix::Matrix;
use crate::model::workflow::Status;

/// What changed from A to B of `A..B`, for each system that is at either end.
pub fn compared(session: &Session, range: &str, system: Option<&str>) -> Result<Vec<Diff>> {
    let [from, to] = ends(session, range)?;
    let (before, after) = (
        matrices(session, from, system)?,
        matrices(session, to, system)?,
    );
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    if names.is_empty() {
        bail!(
            "no system has requirements at either end of `{}`; all: qms system list",
            name::shown(range)
        );
    }
    let mut out = Vec::new();
    for system in names {
        let (before, after) = (before.get(system), after.get(system));
        out.push(diff(&Ends {
            system,
            commits: [&from.to_string(), &to.to_string()],
            before,
            after,
            changes: &retiring(session, to, after)?,
        }));
    }
    Ok(out)
}

/// The commits of `A..B`; a side that is left out is `HEAD`.
pub(super) fn ends(session: &Session, range: &str) -> Result<[Oid; 2]> {
    let Some((from, to)) = range.split_once("..") else {
        bail!(
            "`{}` is no range, expected A..B with two commits, branches or tags",
            name::shown(range)
        );
    };
    let commit = |text: &str| session.commit(Some(text).filter(|text| !text.is_empty()));
    Ok([commit(from)?, commit(to)?])
}

/// The matrix of each system that has a specification at a commit, by the system's name. One that is there and cannot be
/// read is an error.
pub(super) fn matrices(
    session: &Session,
    commit: Oid,
    wanted: Option<&str>,
) -> Result<BTreeMap<String, Matrix>> {
    let reader = Reader::new(&session.repo);
    let policy = Session::policy_at(&reader, commit).with_context(|| format!("at {commit}"))?;
    let tree = session.repo.tree_of(commit)?;
    let mut out = BTreeMap::new();
    for (name, system) in &policy.systems {
        let asked = wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name));
        if !asked
            || reader
                .document_in(tree, &policy.folder, &system.rs)?
                .is_none()
        {
            continue;
        }
        let asked = Asked {
            system: Some(name.clone()),
            at: Some(commit.to_string()),
        };
        for matrix in trace::trace(session, &asked)? {
            out.insert(name.clone(), matrix);
        }
    }
    Ok(out)
}

/// Of the changes that the matrix says retired something, those that are there and were not given up.
fn retiring(session: &Session, commit: Oid, matrix: Option<&Matrix>) -> Result<BTreeSet<String>> {
    let reader = Reader::new(&session.repo);
    let policy = Session::policy_at(&reader, commit)?;
    let tree = session.repo.tree_of(commit)?;
    let mut out = BTreeSet::new();
    for retired in matrix.into_iter().flat_map(|matrix| &matrix.retired) {
        let Some(id) = Id::parse(&retired.by).filter(|id| id.kind().has_scope) else {
            continue;
        };
        let entry = reader.document_in(tree, &policy.folder, &id)?;
        let change = entry.map(|entry| readable(entry, &id)).transpose()?;
        if change.is_some_and(|change| change.state.status != Status::Cancelled) {
            out.insert(retired.by.clone());
        }
    }
    Ok(out)
}
