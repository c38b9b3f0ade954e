//! The git program, for what gix cannot do: fetch, push, and bringing a whole work tree along. Arguments are fixed, and
//! of the environment it sees what it needs to reach a remote and nothing that says which repository is meant.

use std::io::Write;
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
    "SSH_ASKPASS_REQUIRE",
    "WAYLAND_DISPLAY",
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
    "GIT_CONFIG_COUNT",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "ALL_PROXY",
    "all_proxy",
    "HTTP_PROXY",
    "DBUS_SESSION_BUS_ADDRESS",
    "GNUPGHOME",
];
const PREFIXES: &[&str] = &["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_SSL_"];

/// Commands that reach no remote.
const LOCAL: &[&str] = &["read-tree", "update-index", "status"];

/// How a push ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    Done,
    /// The remote has what is not in this history, or somebody else holds its branch; with what was said.
    Raced(String),
    /// The remote, or a hook here, said no; with what was said.
    Refused(String),
}

impl Pushed {
    pub fn is_raced(&self) -> bool {
        matches!(self, Pushed::Raced(_))
    }
}

impl Repo {
    pub(super) fn git(&self, args: &[&str]) -> Result<Output> {
        self.git_with(args, b"")
    }

    /// Runs git with something to read.
    pub(super) fn git_with(&self, args: &[&str], input: &[u8]) -> Result<Output> {
        let mut command = Command::new("git");
        let dir = self.work_dir().unwrap_or(self.git_dir());
        command
            .arg("--git-dir")
            .arg(std::path::absolute(self.git_dir())?);
        if let Some(dir) = self.work_dir() {
            command.arg("--work-tree").arg(std::path::absolute(dir)?);
        }
        // What only touches index and work tree runs nothing that the repository names.
        if args.first().is_some_and(|a| LOCAL.contains(a)) {
            command.args([
                "-c",
                "core.fsmonitor=false",
                "-c",
                "core.hooksPath=/dev/null",
            ]);
        }
        command.args(args).current_dir(dir);
        clear(&mut command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot start git")?;
        let mut pipe = child.stdin.take().context("git has no input")?;
        let input = input.to_vec();
        // Written beside reading: git may answer before it has read all. It may also not care to read.
        let writer = std::thread::spawn(move || {
            let _ = pipe.write_all(&input);
        });
        let output = child
            .wait_with_output()
            .context("cannot read what git says")?;
        let _ = writer.join();
        Ok(output)
    }

    /// Fetches a branch of a remote, and says where it is.
    pub fn fetch(&self, remote: &str, branch: &str) -> Result<Oid> {
        let found = self.fetch_ref(remote, &format!("refs/heads/{branch}"));
        let found = found.with_context(|| format!("cannot fetch `{branch}` from `{remote}`"))?;
        found.with_context(|| format!("`{remote}` has no branch `{branch}`"))
    }

    /// Fetches a ref of a remote by its full name, and says where it is; None where the remote has none of that name. No ref
    /// here is moved.
    pub fn fetch_ref(&self, remote: &str, name: &str) -> Result<Option<Oid>> {
        let ran = self.git(&["fetch", "--quiet", "--", remote, name])?;
        let said = said(&ran);
        if !ran.status.success() && said.contains("couldn't find remote ref") {
            return Ok(None);
        }
        if !ran.status.success() {
            bail!("{said}");
        }
        let fetched = std::fs::read_to_string(self.git_dir().join("FETCH_HEAD"))
            .context("cannot read what was fetched")?;
        let first = fetched.split_whitespace().next();
        Ok(first.and_then(|id| self.oid(id)))
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
        self.push_ref(remote, commit, &format!("refs/heads/{branch}"), replaces)
    }

    /// The same for a ref of this full name.
    pub fn push_ref(
        &self,
        remote: &str,
        commit: Oid,
        name: &str,
        replaces: Option<Oid>,
    ) -> Result<Pushed> {
        let target = format!("{commit}:{name}");
        let lease = replaces.map(|old| format!("--force-with-lease={name}:{old}"));
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
            "non-fast-forward",
        ];
        let said = said(&ran);
        // Without force, only a branch that moved since git looked at it is refused so by a hook.
        let moved = said.contains("error[history-rewritten]");
        Ok(match moved || late.iter().any(|l| verdict.contains(l)) {
            true => Pushed::Raced(said),
            false => Pushed::Refused(said),
        })
    }
}

/// Leaves a program of the environment what it is given.
pub(super) fn clear(command: &mut Command) {
    command.env_clear().env("LC_ALL", "C");
    let passes =
        |name: &str| PASSED.contains(&name) || PREFIXES.iter().any(|p| name.starts_with(p));
    command.envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(passes)));
}

pub(super) fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&ran.stderr).trim_end().to_owned()
}
