//! Commits, newest first.

use std::ops::ControlFlow;

use anyhow::Result;

use super::{Session, at, commit, deadline};
use crate::git::browse::walk::Interest;
use crate::model::browse::answer::Log;
use crate::model::browse::{ask, name};

/// The commits that a revision reaches, and that change one of the paths where some are named.
pub fn log(session: &Session, ask: &ask::Log) -> Result<Log> {
    let paths = name::paths(&ask.paths)?;
    let tip = at(session, ask.revision.as_deref())?;
    let limit = ask::bounded(ask.limit, 20, 200);
    let interest = Interest {
        paths: &paths,
        first_parent: ask.first_parent,
        until: deadline(),
    };
    let (mut skip, mut found, mut more) = (ask.skip, Vec::new(), false);
    let bounded = session.repo.walk(tip, interest, &mut |id| {
        if skip > 0 {
            skip -= 1;
            return Ok(ControlFlow::Continue(()));
        }
        if found.len() == limit {
            more = true;
            return Ok(ControlFlow::Break(()));
        }
        found.push(id);
        Ok(ControlFlow::Continue(()))
    })?;
    let commits = found.into_iter().map(|id| commit(session, id));
    Ok(Log {
        commits: commits.collect::<Result<_>>()?,
        more,
        bounded,
    })
}
