//! Two commits compared.

use anyhow::Result;

use super::changes::{Part, changes};
use super::{Session, at};
use crate::model::browse::answer::Diff;
use crate::model::browse::{ask, name};

/// What differs between two commits.
pub fn diff(session: &Session, ask: &ask::Diff) -> Result<Diff> {
    let paths = name::paths(&ask.paths)?;
    let from = at(session, Some(&ask.from))?;
    let to = at(session, ask.to.as_deref())?;
    let part = Part {
        patch: ask.patch || !paths.is_empty(),
        paths: &paths,
        max_bytes: ask.max_bytes,
        skip: ask.skip,
        limit: ask.limit,
    };
    let (before, after) = (session.repo.tree_of(from)?, session.repo.tree_of(to)?);
    Ok(Diff {
        from: from.to_string(),
        to: to.to_string(),
        changes: changes(session, Some(before), after, &part)?,
    })
}
