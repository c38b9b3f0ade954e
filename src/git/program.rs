//! The git program, for what gix cannot do: fetch, push, and bringing a whole work tree along. Arguments are fixed, and
//! of the environment it sees what it needs to reach a remote and nothing that says which repository is meant.

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

use super::{Oid, Repo};
use crate::model::path::TreePath;

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

/// How a push ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    Done,
    /// The remote has what is not in this history.
    Raced,
    /// The remote, or a hook here, said no; with what was said.
    Refused(String),
}

impl Repo {
    fn git(&self, args: &[&str]) -> Result<Output> {
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
        command.args(args).current_dir(dir);
        command.env_clear().env("LC_ALL", "C");
        let passes =
            |name: &str| PASSED.contains(&name) || PREFIXES.iter().any(|p| name.starts_with(p));
        command.envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(passes)));
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
        let ran = self.git(&[
            "fetch",
            "--quiet",
            "--",
            remote,
            &format!("refs/heads/{branch}"),
        ])?;
        if !ran.status.success() {
            bail!("cannot fetch `{branch}` from `{remote}`: {}", said(&ran));
        }
        let fetched = std::fs::read_to_string(self.git_dir().join("FETCH_HEAD"))
            .context("cannot read what was fetched")?;
        let first = fetched
            .split_whitespace()
            .next()
            .and_then(|id| self.oid(id));
        first.with_context(|| format!("`{remote}` has no branch `{branch}`"))
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
            "non-fast-forward",
        ];
        Ok(match late.iter().any(|l| verdict.contains(l)) {
            true => Pushed::Raced,
            false => Pushed::Refused(said(&ran)),
        })
    }

    /// Why index and work tree could not be brought from one commit to another, if so: what is not committed there
    /// would be lost.
    pub(super) fn would_lose(&self, old: Oid, new: Oid) -> Result<Option<String>> {
        // A file that was only touched is no change; git compares what it has noted until it is told to look.
        self.git(&["update-index", "-q", "--refresh"])?;
        let ran = self.read_tree(old, new, true)?;
        if !ran.status.success() {
            return Ok(Some(said(&ran)));
        }
        let (from, to) = (self.tree_of(old)?, self.tree_of(new)?);
        let comes = self.differences(Some(from), Some(to))?;
        for differs in comes.iter().filter(|d| d.after.is_some()) {
            if let Some(place) = self.own_file_at(from, &differs.path)? {
                return Ok(Some(format!(
                    "`{}` is there and not committed",
                    place.display()
                )));
            }
        }
        Ok(None)
    }

    /// A file of the user's own where one comes, or where a folder for it does: git writes over what it was told to
    /// ignore.
    fn own_file_at(&self, from: Oid, path: &TreePath) -> Result<Option<PathBuf>> {
        for (at, _) in path
            .as_bytes()
            .iter()
            .enumerate()
            .filter(|(_, b)| **b == b'/')
        {
            let above = TreePath::new(&path.as_bytes()[..at]);
            // A committed file there goes by this very change.
            if self.files_at(from, &above)? == [above.clone()] {
                return Ok(None);
            }
            let place = self
                .on_disk(&above)
                .filter(|p| p.symlink_metadata().is_ok_and(|m| !m.is_dir()));
            if place.is_some() {
                return Ok(place);
            }
        }
        let known: HashSet<TreePath> = self.files_at(from, path)?.into_iter().collect();
        let mut open: Vec<TreePath> = vec![path.clone()];
        while let Some(next) = open.pop() {
            let Some(place) = self.on_disk(&next) else {
                continue;
            };
            match place.symlink_metadata() {
                Ok(data) if data.is_dir() => {
                    for entry in std::fs::read_dir(&place)? {
                        let name = entry?.file_name();
                        open.push(TreePath::new(
                            [next.as_bytes(), b"/", name.as_encoded_bytes()].concat(),
                        ));
                    }
                }
                Ok(_) if !known.contains(&next) => return Ok(Some(place)),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Brings index and work tree from one commit to another.
    pub(super) fn follow_whole(&self, old: Oid, new: Oid) -> Result<()> {
        let ran = self.read_tree(old, new, false)?;
        if !ran.status.success() {
            bail!("index and work tree could not follow: {}", said(&ran));
        }
        Ok(())
    }

    fn read_tree(&self, old: Oid, new: Oid, only_try: bool) -> Result<Output> {
        let (old, new) = (old.to_string(), new.to_string());
        let mut args = vec!["read-tree", "-m", "-u"];
        args.extend(only_try.then_some("-n"));
        args.extend([old.as_str(), new.as_str()]);
        self.git(&args)
    }
}

fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&ran.stderr).trim_end().to_owned()
}
