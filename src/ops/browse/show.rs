//! One commit and what it changes, or a file as it is in it.

use anyhow::{Context, Result};

use super::changes::{Part, changes};
use super::content::content;
use super::{Session, at, commit};
use crate::model::browse::answer::Show;
use crate::model::browse::{ask, name};

/// A commit with what it changes against its first parent; with `content` the file at `path` in its place.
pub fn show(session: &Session, ask: &ask::Show) -> Result<Show> {
    let path = ask.path.as_deref().map(name::path).transpose()?;
    let id = at(session, ask.revision.as_deref())?;
    let mut out = Show {
        commit: commit(session, id)?,
        changes: None,
        content: None,
    };
    if ask.content {
        let path = path.context("`content` needs the `path` of a file")?;
        out.content = Some(content(session, id, &path, ask)?);
        return Ok(out);
    }
    let node = session.repo.node(id)?;
    let parent = node.parents.first().map(|p| session.repo.tree_of(*p));
    let paths: Vec<_> = path.into_iter().collect();
    let part = Part {
        patch: ask.patch || !paths.is_empty(),
        paths: &paths,
        max_bytes: ask.max_bytes,
        skip: ask.skip,
        limit: ask.limit,
    };
    out.changes = Some(changes(session, parent.transpose()?, node.tree, &part)?);
    Ok(out)
}
