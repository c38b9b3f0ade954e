//! Looks at code, one function an ability: bounded, paged, and of objects alone. Names that callers give are refused
//! before they are looked up where anything could take them for something else.

mod blame;
mod changes;
mod content;
mod diff;
mod grep;
mod log;
mod ls;
mod show;
mod standing;

pub use blame::blame;
pub use diff::diff;
pub use grep::grep;
pub use log::log;
pub use ls::ls;
pub use show::show;
pub use standing::status;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::session::Session;
use crate::git::Oid;
use crate::git::trees::Raw;
use crate::model::browse::{answer, message, name};
use crate::model::path::TreePath;

/// How long one look may take. Other bounds are reached sooner, unless something was made to cost.
const PATIENCE: Duration = Duration::from_secs(10);

/// When a look that begins now is given up.
fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// The commit of a revision that a caller gave; `HEAD` where he gave none.
fn at(session: &Session, revision: Option<&str>) -> Result<Oid> {
    let Some(text) = revision else {
        return session.tip().context("nothing is committed here yet");
    };
    let text = name::revision(text)?;
    let found = session.repo.revision(text).ok();
    found.with_context(|| format!("there is no commit `{}` here", name::shown(text)))
}

/// What a path is in a commit.
fn entry(session: &Session, commit: Oid, path: &TreePath) -> Result<Raw> {
    let tree = session.repo.tree_of(commit)?;
    let found = session.repo.entry(tree, path)?;
    found.with_context(|| {
        let path = name::text(path);
        format!("there is no `{}` in {commit}", name::shown(&path))
    })
}

/// A commit as it is answered with.
fn commit(session: &Session, id: Oid) -> Result<answer::Commit> {
    let (node, commit) = session.repo.seen(id)?;
    let parents = node.parents.iter().map(ToString::to_string).collect();
    Ok(message::commit(&commit, parents))
}
