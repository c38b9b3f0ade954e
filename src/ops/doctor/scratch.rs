//! A clone and a server in a temporary folder, with a cleared environment: what is tried there reaches nothing else.
//! Layers can be taken out of the way one by one.

use std::cell::Cell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::trace::{self, Ran};
use crate::git::Oid;
use crate::model::ident::Ident;
use crate::model::kind::Id;

pub(super) struct Scratch {
    pub(super) dir: tempfile::TempDir,
    pub(super) trunk: String,
    /// Whether a clone's hooks are there to be tried.
    pub(super) hooked: bool,
    pub(super) author: Ident,
    pub(super) runs: Cell<usize>,
}

/// Where a command runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Clone,
    Server,
}

impl At {
    fn folder(self) -> &'static str {
        match self {
            At::Clone => "clone",
            At::Server => "server.git",
        }
    }

    pub(super) fn hooks(self) -> &'static str {
        match self {
            At::Clone => "clone/.git/hooks",
            At::Server => "server.git/hooks",
        }
    }
}

impl Scratch {
    pub(super) fn at(&self, at: At) -> PathBuf {
        self.dir.path().join(at.folder())
    }

    /// Brings clone and server back to where the trunk was.
    pub(super) fn reset(&self, tip: Oid) -> Result<()> {
        let (name, tip) = (format!("refs/heads/{}", self.trunk), tip.to_string());
        let fetched = format!("refs/remotes/origin/{}", self.trunk);
        self.plain(At::Server, &["update-ref", &name, &tip])?;
        self.plain(At::Clone, &["update-ref", &name, &tip])?;
        self.plain(At::Clone, &["update-ref", &fetched, &tip])?;
        self.plain(At::Clone, &["read-tree", &tip])?;
        Ok(())
    }

    /// Runs git in the clone as somebody would who works under a change, and says what stopped it.
    pub(super) fn git(&self, under: Option<&Id>, args: &[&str]) -> Result<Ran> {
        let mut git = self.command("git", &self.at(At::Clone));
        if let Some(change) = under {
            git.env("QMS_CHANGE", change.as_str());
        }
        self.run(git.args(args), b"")
    }

    /// Runs git with no hook of files in its way; it must go well. Answers with what it prints.
    pub(super) fn plain(&self, at: At, args: &[&str]) -> Result<String> {
        self.fed(at, args, b"")
    }

    /// The same, with something to read.
    pub(super) fn fed(&self, at: At, args: &[&str], input: &[u8]) -> Result<String> {
        let mut git = self.command("git", &self.at(at));
        git.args(["-c", "core.hooksPath=/dev/null"]).args(args);
        let ran = self.run(&mut git, input)?;
        self.must(&ran)?;
        Ok(ran.out.trim().to_owned())
    }

    pub(super) fn must(&self, ran: &Ran) -> Result<()> {
        if !ran.ok {
            bail!("the scratch copy could not be prepared: {}", ran.why());
        }
        Ok(())
    }

    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>, dir: &Path) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.current_dir(self.dir.path().join(dir)).env_clear();
        command.env("PATH", path).env("HOME", self.dir.path());
        command.env("TMPDIR", self.dir.path());
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_ALLOW_PROTOCOL", "file");
        for side in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{side}_NAME"), &self.author.name);
            command.env(format!("GIT_{side}_EMAIL"), &self.author.email);
        }
        command
    }

    pub(super) fn run(&self, command: &mut Command, input: &[u8]) -> Result<Ran> {
        self.runs.set(self.runs.get() + 1);
        let trace = self.dir.path().join(format!("trace-{}", self.runs.get()));
        command.env("GIT_TRACE2_EVENT", &trace);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start git")?;
        let mut pipe = child.stdin.take().context("git has no input")?;
        // What is given is small; a command that does not read it may be gone already.
        let _ = pipe.write_all(input);
        drop(pipe);
        let output = child.wait_with_output()?;
        Ok(Ran {
            ok: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            hook: trace::failed_hook(&std::fs::read_to_string(&trace).unwrap_or_default()),
        })
    }

    /// Does something with these layers out of the way: hooks by name, settings by key.
    pub(super) fn without<T>(
        &self,
        layers: &[&str],
        then: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let config = self.at(At::Server).join("config");
        let before = std::fs::read(&config)?;
        let mut aside = Vec::new();
        for layer in layers {
            if let Some(key) = layer.strip_prefix("receive.") {
                append(&config, &format!("[receive]\n\t{key} = false\n"))?;
            }
            for at in [At::Clone, At::Server] {
                let hook = self.dir.path().join(at.hooks()).join(layer);
                let off = hook.with_extension("off");
                if std::fs::rename(&hook, &off).is_ok() {
                    aside.push((off, hook));
                }
            }
        }
        let done = then();
        for (off, hook) in aside {
            std::fs::rename(off, hook)?;
        }
        std::fs::write(&config, before)?;
        done
    }
}

pub(super) fn append(file: &Path, text: &str) -> Result<()> {
    let mut open = std::fs::OpenOptions::new();
    let mut file = open.append(true).create(true).open(file)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
