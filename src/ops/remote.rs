//! Where a branch comes from and goes to: fetching and pushing around what was made here.

use anyhow::{Context, Result, bail};

use super::session::Session;
use super::sync::{self, Ask, Synced};
use crate::git::program::Pushed;
use crate::git::read::Reader;
pub use crate::model::synced::Sent;

/// How often a lost race is run again.
const TRIES: usize = 5;

/// The branch that the commits here are meant for: a protected one for itself, any other for the trunk.
pub(super) fn meant_for(session: &Session, reader: &Reader<'_>) -> Result<String> {
    let branch = session.repo.branch();
    let Ok(policy) = session.policy(reader) else {
        // A branch from before governance: the trunk is where the policy is.
        return trunk(session, reader);
    };
    Ok(match branch {
        Some(branch) if policy.protects(&branch) => branch,
        _ => policy.branches.trunk.clone(),
    })
}

/// The trunk that some branch's policy names, for a branch that has none itself.
fn trunk(session: &Session, reader: &Reader<'_>) -> Result<String> {
    for (_, commit) in session.repo.all_refs()? {
        if session.repo.node(commit).is_ok()
            && let Some(Ok(policy)) = reader.policy(commit)?
        {
            return Ok(policy.branches.trunk.clone());
        }
    }
    bail!("no branch here is under change control; to begin: qms init")
}

/// The remote that a branch follows, if there is one.
pub(super) fn of(session: &Session, branch: &str) -> Option<String> {
    let named = session.repo.config(&format!("branch.{branch}.remote"));
    let remote = named.unwrap_or_else(|| "origin".to_owned());
    session
        .repo
        .config(&format!("remote.{remote}.url"))
        .map(|_| remote)
}

/// Pushes the branch that `HEAD` is on to the remote that it follows. A branch that nobody protects may be replaced
/// there if it is as it was last fetched.
pub fn push(session: &Session) -> Result<Sent> {
    let branch = session
        .repo
        .branch()
        .context("HEAD is detached; to push, be on a branch")?;
    let reader = Reader::new(&session.repo);
    let head = session
        .repo
        .head()
        .context("nothing is committed here yet")?;
    let policy = Session::policy_at(&reader, head)?;
    let remote =
        of(session, &branch).context("there is no remote to push to: git remote add origin URL")?;
    let fetched = session
        .repo
        .resolve(&format!("refs/remotes/{remote}/{branch}"));
    let replaces = fetched.filter(|_| !policy.protects(&branch));
    let pushed = session.repo.push(&remote, head, &branch, replaces)?;
    let said = match &pushed {
        Pushed::Done => String::new(),
        Pushed::Raced => {
            format!("`{branch}` has moved on there; to make this again on top: qms sync --push")
        }
        Pushed::Refused(said) => said.clone(),
    };
    Ok(Sent {
        remote,
        branch,
        done: pushed == Pushed::Done,
        raced: pushed == Pushed::Raced,
        said,
    })
}

/// Syncs and pushes, and again where somebody else was first.
pub fn sync_and_push(open: impl Fn() -> Result<Session>, ask: &Ask) -> Result<(Synced, Sent)> {
    let mut all: Option<Synced> = None;
    for _ in 0..TRIES {
        // Each try is about a tip of its own.
        let session = open()?;
        let again = Ask {
            revert: None,
            renumber: None,
            ..ask.clone()
        };
        let now = sync::sync(&session, if all.is_some() { &again } else { ask })?;
        all = Some(match all {
            Some(before) => Synced {
                old: before.old,
                renumbered: before.renumbered,
                ..now
            },
            None => now,
        });
        let sent = push(&open()?)?;
        if !sent.raced {
            return all.map(|a| (a, sent)).context("nothing was synced");
        }
    }
    bail!("the branch moved on {TRIES} times while this was being made; try again later")
}
