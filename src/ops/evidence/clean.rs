//! Whether what lies in the work tree is what a commit has of a system: results of anything else are of no commit.

use anyhow::{Context, Result, bail};

use super::super::session::Session;
use super::super::trace::Subject;
use crate::git::read::Reader;
use crate::model::path::TreePath;
use crate::model::system::System;

/// Paths that are named in a refusal.
const SHOWN: usize = 5;

/// Refuses a work tree in which the system is not as it is at the commit. A repository without one is asked nothing: what
/// ran, ran elsewhere, and whoever keeps it answers for it.
pub(super) fn holds(
    session: &Session,
    reader: &Reader<'_>,
    subject: &Subject<'_>,
    (name, system): (&str, &System),
) -> Result<()> {
    if session.repo.work_dir().is_none() {
        return Ok(());
    }
    let here = session.head()?;
    if here != subject.commit {
        let own = reader.digest_at(here, name).ok();
        if own.as_ref() != Some(&subject.digest) {
            let commit = subject.commit;
            bail!(
                "what is checked out is not what {} has of {name}, so nothing that ran here is of it; git switch --detach {commit}",
                &commit.to_string()[..10]
            );
        }
    }
    let changed: Vec<TreePath> = session
        .repo
        .not_committed()
        .context("cannot tell whether everything here is committed")?
        .into_iter()
        .filter(|path| system.has(path))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = changed
        .iter()
        .take(SHOWN)
        .map(|path| format!("`{path}`"))
        .collect();
    let more = match changed.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    bail!(
        "{}{more} of {name} is not as it is committed, so results from here are of no commit; commit first, run again, then add",
        shown.join(", ")
    )
}
