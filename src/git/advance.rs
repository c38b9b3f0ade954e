//! The branch moves: one compare-and-swap, in two steps. Between them it is held, so that what must not fail once it has
//! moved is done before.

use anyhow::{Result, bail};
use gix::refs::file::Transaction;
use gix::refs::transaction::{Change, LogChange, PreviousValue, RefEdit, RefLog};

use super::write::{Lost, in_the_way};
use super::{Oid, Repo};

/// A branch that is held at its old tip, with its new one at hand; dropped, it is as it was.
pub(super) struct Held<'r> {
    repo: &'r Repo,
    moves: Transaction<'r, 'r>,
}

impl Held<'_> {
    /// Moves it.
    pub(super) fn put(self) -> Result<()> {
        let who = self.repo.refs.committer().transpose();
        let who = who.map_err(|e| anyhow::anyhow!("{e}"))?;
        let moved = self.moves.commit(who);
        moved
            .map(drop)
            .map_err(|e| anyhow::anyhow!("cannot move the branch: {e}"))
    }
}

impl Repo {
    /// Holds the branch that these commits are for. Refused where it is not at `old` any more, or where another one was
    /// checked out since the work began.
    pub(super) fn hold(&self, old: Option<Oid>, new: Oid, reflog: &str) -> Result<Held<'_>> {
        let expected = match old {
            Some(old) => PreviousValue::MustExistAndMatch(old.into()),
            None => PreviousValue::MustNotExist,
        };
        let log = LogChange {
            mode: RefLog::AndReference,
            force_create_reflog: true,
            message: reflog.into(),
        };
        let name = match &self.on {
            Some(branch) => format!("refs/heads/{branch}"),
            None => "HEAD".to_owned(),
        };
        let name = name.as_str().try_into();
        let edit = RefEdit {
            change: Change::Update {
                log,
                expected,
                new: new.into(),
            },
            name: name.map_err(|e| anyhow::anyhow!("{e}"))?,
            deref: self.on.is_none(),
        };
        let wait = gix::lock::acquire::Fail::AfterDurationWithBackoff(WAIT);
        let held = self.refs.refs.transaction().prepare([edit], wait, wait);
        let moves = match held {
            Ok(moves) => moves,
            Err(_) if self.head() != old => bail!(Lost),
            Err(e) => {
                let why = self.ref_lock().unwrap_or_else(|| e.to_string());
                bail!("cannot move the branch; nothing was changed: {why}")
            }
        };
        // While it is held nobody checks out another.
        if let Some(meant) = &self.meant
            && self.branch().as_ref() != Some(meant)
        {
            bail!("`{meant}` is not what is checked out any more; nothing was changed");
        }
        if let Some(branch) = &self.on
            && self.is_checked_out(branch)?
        {
            bail!("`{branch}` was checked out meanwhile; nothing was changed");
        }
        Ok(Held { repo: self, moves })
    }

    /// A lock of `HEAD` or its branch that lies there, and how to go on.
    fn ref_lock(&self) -> Option<String> {
        let (head, branch) = self.ref_locks();
        let mut locks = [Some(head), branch].into_iter().flatten();
        locks.find(|place| place.exists()).map(in_the_way)
    }
}

/// How long another git is waited for, as git waits by itself.
const WAIT: std::time::Duration = std::time::Duration::from_millis(100);
