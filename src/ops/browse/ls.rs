//! What is in a folder.

use std::ops::ControlFlow;

use anyhow::{Result, bail};

use super::{Session, at, entry};
use crate::model::browse::answer::{Entry, Kind, Ls};
use crate::model::browse::{ask, name};

/// The entries of a folder of a commit.
pub fn ls(session: &Session, ask: &ask::Ls) -> Result<Ls> {
    let folder = ask.folder.as_deref().map(name::path).transpose()?;
    let commit = at(session, ask.revision.as_deref())?;
    let tree = match &folder {
        None => session.repo.tree_of(commit)?,
        Some(path) => {
            let raw = entry(session, commit, path)?;
            if Kind::of(raw.mode) != Kind::Folder {
                let path = name::text(path);
                bail!("`{}` is no folder in {commit}", name::shown(&path));
            }
            raw.id
        }
    };
    let limit = ask::bounded(ask.limit, 200, 2_000);
    let mut out = Ls {
        entries: Vec::new(),
        more: false,
    };
    let mut skip = ask.skip;
    let mut found = |path, raw: crate::git::trees::Raw| {
        if skip > 0 {
            skip -= 1;
            return Ok(ControlFlow::Continue(()));
        }
        if out.entries.len() == limit {
            out.more = true;
            return Ok(ControlFlow::Break(()));
        }
        out.entries.push(Entry {
            path: name::text(&path),
            kind: Kind::of(raw.mode),
        });
        Ok(ControlFlow::Continue(()))
    };
    let _ = session
        .repo
        .visit(tree, folder.as_ref(), ask.recursive, &mut found)?;
    Ok(out)
}
