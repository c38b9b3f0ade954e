//! The branch moves: one compare-and-swap, in two steps. Between them it is held, so that what must not fail once it has
//! moved is done before. The locks are git's, and known as one's own; the library's would be empty for a moment, and
//! nobody could tell after a kill whose they are.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use gix::refs::Target;

use super::locks::{Own, Taken};
use super::write::{Lost, in_the_way, signature};
use super::{Oid, Repo};

/// A branch that is held at its old tip, with its new one at hand; dropped, it is as it was.
pub(super) struct Held {
    own: Own,
    place: PathBuf,
    /// Where it is written down that it moves.
    logs: Vec<PathBuf>,
    line: Vec<u8>,
}

impl Held {
    /// Moves it. As git does it, the log says so first.
    pub(super) fn put(self) -> Result<()> {
        for log in &self.logs {
            let written = log.parent().map_or(Ok(()), std::fs::create_dir_all);
            let mut open = OpenOptions::new();
            let written = written
                .and_then(|()| open.create(true).append(true).open(log))
                .and_then(|mut log| log.write_all(&self.line));
            written.with_context(|| format!("cannot write `{}`", log.display()))?;
        }
        let moved = self.own.put(&self.place);
        moved.with_context(|| format!("cannot move `{}`", self.place.display()))
    }
}

impl Repo {
    /// Holds the branch that these commits are for. Refused where it is not at `old` any more, or where another one was
    /// checked out since the work began.
    pub(super) fn hold(&self, old: Option<Oid>, new: Oid, reflog: &str) -> Result<Held> {
        let branch = self.branch();
        let name = match &branch {
            Some(branch) => format!("refs/heads/{branch}"),
            None => "HEAD".to_owned(),
        };
        let mut held = self.hold_ref(&name, old, new, reflog)?;
        // While it is held nobody checks out another.
        let now = self.branch();
        if let Some(meant) = self.meant.as_ref().or(branch.as_ref())
            && now.as_ref() != Some(meant)
        {
            bail!("`{meant}` is not what is checked out any more; nothing was changed");
        }
        if now != branch {
            bail!(Lost);
        }
        if let Some(branch) = &self.on
            && self.is_checked_out(branch)?
        {
            bail!("`{branch}` was checked out meanwhile; nothing was changed");
        }
        // That of `HEAD` tells of what is checked out.
        let of_head = self.git_dir().join("logs/HEAD");
        if self.on.is_none() && !held.logs.contains(&of_head) {
            held.logs.push(of_head);
        }
        Ok(held)
    }

    /// Writes the objects, and moves a ref that is no branch and that no work tree follows.
    pub fn land_ref(mut self, name: &str, old: Option<Oid>, new: Oid, reflog: &str) -> Result<()> {
        self.flush()?;
        self.hold_ref(name, old, new, reflog)?.put()
    }

    /// Holds a ref of this full name.
    fn hold_ref(&self, name: &str, old: Option<Oid>, new: Oid, reflog: &str) -> Result<Held> {
        let under = match name {
            "HEAD" => self.git_dir(),
            _ => self.common_dir(),
        };
        let place = under.join(name);
        let (own, locks) = self.own_of_ref(name);
        for lock in &locks {
            if let Some(folder) = lock.parent() {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make `{}`", folder.display()))?;
            }
        }
        let read = || -> Result<Option<Target>> {
            let found = self.refs.refs.try_find(name);
            let found = found.map_err(|e| anyhow::anyhow!("{e}"))?;
            Ok(found.map(|found| found.target))
        };
        let own = match Own::take(own, format!("{new}\n").as_bytes(), locks, WAIT)? {
            Ok(own) => own,
            Err(_) if read()? != old.map(Target::Object) => bail!(Lost),
            Err(Taken(lock)) => bail!(
                "cannot move the branch; nothing was changed: {}",
                in_the_way(lock)
            ),
        };
        match read()? {
            Some(Target::Symbolic(other)) => {
                bail!("`{name}` is another name of `{}`", other.as_bstr())
            }
            there if there == old.map(Target::Object) => {}
            _ => bail!(Lost),
        }
        let mut line = format!("{} {new} ", old.unwrap_or(new.kind().null())).into_bytes();
        gix::actor::Signature::write_to(&signature(&self.identities()?.1), &mut line)?;
        line.extend(format!("\t{}\n", reflog.replace('\n', " ")).bytes());
        Ok(Held {
            own,
            place,
            logs: vec![under.join("logs").join(name)],
            line,
        })
    }
}

/// How long another git is waited for, as git waits by itself.
const WAIT: std::time::Duration = std::time::Duration::from_millis(100);
