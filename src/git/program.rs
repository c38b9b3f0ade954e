//! The git program, for what gix cannot do: fetch, push, and bringing a whole work tree along. Arguments are fixed, and
//! of the environment it sees what it needs to reach a remote and nothing that says which repository is meant.

use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

use super::{Oid, Repo};

/// What git is given of the environment.
const PASSED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TERM",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "DISPLAY",
    "SSH_AUTH_SOCK",
    "SSH_AGENT_PID",
    "SSH_ASKPASS",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "GIT_TERMINAL_PROMPT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_DATE",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTPS_PROXY",
    "NO_PROXY",
    "QMS_USER",
];

/// How a push ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    Done,
    /// Somebody else was first: the remote has moved on.
    Raced,
    /// The remote, or a hook here, said no; with what was said.
    Refused(String),
}

impl Repo {
    fn git(&self, args: &[&str]) -> Result<Output> {
        let mut command = Command::new("git");
        command
            .args(args)
            .current_dir(self.work_dir().unwrap_or(self.git_dir()));
        command.env_clear().env("LC_ALL", "C").stdin(Stdio::null());
        command.envs(
            PASSED
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        );
        command.output().context("cannot start git")
    }

    /// Fetches what a remote has.
    pub fn fetch(&self, remote: &str) -> Result<()> {
        let ran = self.git(&["fetch", "--quiet", "--", remote])?;
        if !ran.status.success() {
            bail!("cannot fetch from `{remote}`: {}", said(&ran));
        }
        Ok(())
    }

    /// Pushes a commit to a branch of a remote. `replaces`: the commit that the branch may be taken back from, for
    /// branches that are nobody else's.
    pub fn push(
        &self,
        remote: &str,
        commit: Oid,
        branch: &str,
        replaces: Option<Oid>,
    ) -> Result<Pushed> {
        let target = format!("{commit}:refs/heads/{branch}");
        let lease = replaces.map(|old| format!("--force-with-lease=refs/heads/{branch}:{old}"));
        let mut args = vec!["push", "--porcelain"];
        args.extend(lease.as_deref());
        args.extend(["--", remote, &target]);
        let ran = self.git(&args)?;
        if ran.status.success() {
            return Ok(Pushed::Done);
        }
        let answer = String::from_utf8_lossy(&ran.stdout);
        let verdict = answer
            .lines()
            .find(|l| l.starts_with('!'))
            .unwrap_or_default();
        let late = [
            "[rejected]",
            "cannot lock ref",
            "failed to update ref",
            "incorrect old value",
        ];
        Ok(match late.iter().any(|l| verdict.contains(l)) {
            true => Pushed::Raced,
            false => Pushed::Refused(said(&ran)),
        })
    }

    /// Brings index and work tree from one commit to another; what is not committed stays, or it is refused.
    pub(super) fn read_tree(&self, old: Oid, new: Oid, only_try: bool) -> Result<()> {
        if self.work_dir().is_none() || old == new {
            return Ok(());
        }
        let (old, new) = (old.to_string(), new.to_string());
        let mut args = vec!["read-tree", "-m", "-u"];
        args.extend(only_try.then_some("-n"));
        args.extend([old.as_str(), new.as_str()]);
        let ran = self.git(&args)?;
        if !ran.status.success() {
            bail!(
                "the work tree has changes that would be lost; commit or stash them first: {}",
                said(&ran)
            );
        }
        Ok(())
    }
}

fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&ran.stderr).trim_end().to_owned()
}
