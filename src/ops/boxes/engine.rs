//! The programs that make boxes: `docker` or `podman`, and `bwrap`. Arguments are fixed, and of the environment they see
//! where their engine is and nothing else.

use std::ffi::OsStr;
use std::net::IpAddr;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

use crate::model::boxes::docker::MADE_OF;
use crate::model::boxes::view::Sandbox;

/// What a program is given of the environment.
const PASSED: [&str; 8] = [
    "PATH",
    "HOME",
    "TERM",
    "XDG_RUNTIME_DIR",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "CONTAINER_HOST",
];

/// The program of an engine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Engine(&'static str);

impl Engine {
    /// The engine of a kind of boxes; none for those that need none.
    pub(super) fn of(sandbox: Sandbox) -> Option<Engine> {
        match sandbox {
            Sandbox::Docker => Some(Engine("docker")),
            Sandbox::Podman => Some(Engine("podman")),
            Sandbox::Bubblewrap => None,
        }
    }

    pub(super) fn command(self) -> Command {
        program(self.0)
    }

    /// Runs it, and gives what it says; a failure is said in its own words.
    pub(super) fn ask(self, args: &[impl AsRef<OsStr>]) -> Result<String> {
        let ran = self.run(args)?;
        if !ran.status.success() {
            let what = args.first().map(|arg| arg.as_ref().to_string_lossy());
            let what = what.unwrap_or_default();
            bail!("{} {what}: {}", self.0, last(&ran.stderr));
        }
        Ok(String::from_utf8_lossy(&ran.stdout).trim().to_owned())
    }

    pub(super) fn run(self, args: &[impl AsRef<OsStr>]) -> Result<Output> {
        let mut command = self.command();
        command.args(args).stdin(Stdio::null());
        command
            .output()
            .with_context(|| format!("cannot start `{}`", self.0))
    }

    /// Whether something of this name is there: an image, a container, a network.
    pub(super) fn has(self, kind: &str, name: &str) -> Result<bool> {
        let ran = self.run(&[kind, "inspect", name])?;
        Ok(ran.status.success())
    }

    /// Whether the container of a name runs, and what it was made of; none where there is none.
    pub(super) fn container(self, name: &str) -> Result<Option<(bool, String)>> {
        let format = format!("{{{{.State.Running}}}} {{{{index .Config.Labels \"{MADE_OF}\"}}}}");
        let asks = ["container", "inspect", "--format", &format, name];
        let ran = self.run(&asks)?;
        let said = String::from_utf8_lossy(&ran.stdout).trim().to_owned();
        Ok(said
            .split_once(' ')
            .map(|(runs, made_of)| (runs == "true", made_of.to_owned())))
    }

    /// Says in what way the engine cannot be reached.
    pub(super) fn answers(self) -> Result<()> {
        let version = ["version", "--format", "{{.Server.Version}}"];
        self.ask(&version).map(drop).context(
            "no engine answers; start it, or do without one: qms session up --sandbox bubblewrap",
        )
    }

    /// The address that this machine has in a network.
    pub(super) fn host_in(self, network: &str) -> Result<IpAddr> {
        let format = "{{range .IPAM.Config}}{{.Gateway}} {{end}}";
        let said = self.ask(&["network", "inspect", "--format", format, network])?;
        let first = said.split_whitespace().next().unwrap_or_default();
        let address = first.split('/').next().unwrap_or_default();
        address.parse().with_context(|| {
            format!("the network `{network}` has no address of this machine: `{said}`")
        })
    }
}

/// A program with what it needs of the environment.
pub(super) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command
        .env_clear()
        .env("LC_ALL", "C")
        .env("DOCKER_BUILDKIT", "1");
    let passed = PASSED
        .iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.envs(passed);
    command
}

/// The last line that a program said of what went wrong.
pub(super) fn last(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    line.unwrap_or("it says nothing of why").trim().to_owned()
}
