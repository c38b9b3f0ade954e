//! Where a branch comes from and goes to: fetching and pushing around what was made here.

use anyhow::{Context, Result, bail};

use super::session::Session;
use super::sync::{self, Ask, Synced};
use crate::git::program::Pushed;
use crate::git::read::Reader;
pub use crate::model::synced::Sent;

/// Earlier tips of a branch that are asked whether they held what a remote has.
const TIPS: usize = 50;
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

/// The remote that a branch follows; else `origin`, or the only one that there is.
pub(super) fn of(session: &Session, branch: &str) -> Option<String> {
    let repo = &session.repo;
    let named = repo.config(&format!("branch.{branch}.remote"));
    let all = repo.remotes();
    let only = || all.first().filter(|_| all.len() == 1).cloned();
    let known = |name: &String| all.contains(name);
    named
        .filter(known)
        .or_else(|| Some("origin".to_owned()).filter(known))
        .or_else(only)
}

/// Where a branch is pushed to: `pushRemote` and `pushDefault` come before where it comes from, as with git.
fn pushed_to(session: &Session, branch: &str) -> Option<String> {
    let set = session.repo.config(&format!("branch.{branch}.pushRemote"));
    set.or_else(|| session.repo.config("remote.pushDefault"))
        .or_else(|| of(session, branch))
}

/// Pushes the branch that `HEAD` is on. `was`: its tip before it was made again; what the remote has of a branch that
/// nobody protects is replaced if all of it was in there, or in an earlier tip of the branch here, and never else.
pub fn push(session: &Session, was: Option<&str>) -> Result<Sent> {
    let repo = &session.repo;
    let branch = repo
        .branch()
        .context("HEAD is detached; to push, be on a branch")?;
    let reader = Reader::new(repo);
    let head = repo.head().context("nothing is committed here yet")?;
    let policy = Session::policy_at(&reader, head)?;
    let remote = pushed_to(session, &branch)
        .context("there is no remote to push to: git remote add origin URL")?;
    let mut pushed = repo.push(&remote, head, &branch, None)?;
    let was = was
        .and_then(|id| repo.oid(id))
        .filter(|_| pushed.is_raced() && !policy.protects(&branch));
    let mut help =
        format!("`{branch}` has moved on there; to make this again on top: qms sync --push");
    if let Some(was) = was {
        let there = repo.fetch(&remote, &branch)?;
        let mut tips = repo.tips_of(&branch);
        tips.push(was);
        let mut own = false;
        for tip in tips.iter().rev().take(TIPS) {
            own |= repo.node(*tip).is_ok() && repo.merge_bases(*tip, there)? == [there];
        }
        if own {
            pushed = repo.push(&remote, head, &branch, Some(there))?;
            help = format!(
                "the remote takes no other history of `{branch}`; push it under another name: git push {remote} HEAD:NAME"
            );
        } else {
            help = format!(
                "`{branch}` has commits there that are not in yours; take them in first: git pull --rebase {remote} {branch}"
            );
        }
    }
    let said = match &pushed {
        Pushed::Done => String::new(),
        // Nobody moved on; something holds the branch, and may hold it for good.
        Pushed::Raced(said) if said.contains(".lock") => {
            format!(
                "{said}\nsomebody else pushes, or was killed there; to try again: qms sync --push"
            )
        }
        Pushed::Raced(_) => help,
        Pushed::Refused(said) => said.clone(),
    };
    // Another remote than the one that was synced with is not caught up with by trying again.
    let raced = pushed.is_raced()
        && policy.protects(&branch)
        && of(session, &branch).as_ref() == Some(&remote);
    Ok(Sent {
        remote,
        branch,
        done: pushed == Pushed::Done,
        raced,
        said,
    })
}

/// Pushes what a gateway made. Where somebody else was first, its commits are made again on top of what is there, each for
/// whom it was made: all of them, or nothing is changed.
pub fn push_served(session: &Session) -> Result<Sent> {
    let ask = Ask {
        whole: true,
        ..Ask::default()
    };
    let mut sent = push(session, None)?;
    for _ in 1..TRIES {
        if !sent.raced {
            break;
        }
        sync::sync(&Session::open_again(session)?.unnamed(), &ask)?;
        sent = push(&Session::open_again(session)?, None)?;
    }
    Ok(sent)
}

/// Syncs and pushes, and again where somebody else was first. Nothing is pushed while work had to be left behind.
pub fn sync_and_push(
    open: impl Fn() -> Result<Session>,
    ask: &Ask,
) -> Result<(Synced, Option<Sent>)> {
    let (mut all, mut said): (Option<Synced>, String) = (None, String::new());
    for _ in 0..TRIES {
        // Each try is about a tip of its own.
        let session = open()?;
        let again = Ask {
            revert: None,
            renumber: None,
            ..ask.clone()
        };
        let now = sync::sync(&session, if all.is_some() { &again } else { ask })?;
        let done = match all {
            Some(before) => Synced {
                old: before.old,
                renumbered: before.renumbered,
                ..now
            },
            None => now,
        };
        if done.leaves_work() {
            return Ok((done, None));
        }
        let sent = push(&open()?, Some(&done.old))?;
        if !sent.raced {
            return Ok((done, Some(sent)));
        }
        (all, said) = (Some(done), sent.said);
    }
    bail!("{TRIES} pushes came too late; what was made is here, try again later: {said}")
}
