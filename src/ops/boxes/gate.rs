//! The gateway that boxes reach: found where it runs, else started, and ended with the last box.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::Ground;
use super::place::{gone, own, read};
use crate::git::write;
use crate::model::boxes::view::Sandbox;
use crate::ops::signal;

/// How long a gateway may take to listen, and to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks.
const STEP: Duration = Duration::from_millis(10);
/// How long something may take to say whether it is a gateway.
const ANSWERS: Duration = Duration::from_secs(5);

/// A gateway as it is kept. The port stays, so that boxes find it again after it was started anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gate {
    pub(super) pid: u32,
    pub(super) host: IpAddr,
    pub(super) port: u16,
}

/// What is at the place of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A gateway, and it reads its repository.
    Ready,
    /// Something that is none, or is not ready; with what it said.
    Other(String),
}

impl Gate {
    pub(super) fn kept(ground: &Ground<'_>, sandbox: Sandbox) -> Result<Option<Gate>> {
        read(&ground.place.gate(sandbox).with_extension("json"))
    }

    pub(super) fn log(ground: &Ground<'_>, sandbox: Sandbox) -> PathBuf {
        ground.place.gate(sandbox).with_extension("log")
    }

    /// The gateway at an address of this machine that its boxes reach, started where none is ready. `port`: the one
    /// that is wished for; the one that it had before, or any, where none is.
    pub(super) fn ready(
        ground: &Ground<'_>,
        sandbox: Sandbox,
        host: IpAddr,
        port: Option<u16>,
    ) -> Result<Gate> {
        let kept = Gate::kept(ground, sandbox)?;
        if let Some(gate) = kept.as_ref().filter(|gate| gate.runs(ground)) {
            let is_it = gate.host == host && port.is_none_or(|port| port == gate.port);
            if is_it && gate.found() == Found::Ready {
                return Ok(gate.clone());
            }
            gate.stop(ground)?;
        }
        let port = port.or(kept.map(|gate| gate.port)).unwrap_or(0);
        let gate = Gate::start(ground, sandbox, host, port)?;
        let place = ground.place.gate(sandbox).with_extension("json");
        write::replace_private(&place, &serde_json::to_vec(&gate)?)?;
        Ok(gate)
    }

    fn start(ground: &Ground<'_>, sandbox: Sandbox, host: IpAddr, port: u16) -> Result<Gate> {
        let own = own()?;
        let log = Gate::log(ground, sandbox);
        fs::create_dir_all(ground.place.workspaces())?;
        let begin = fs::metadata(&log).map_or(0, |about| about.len());
        let to = OpenOptions::new().create(true).append(true).open(&log);
        let to = to.with_context(|| format!("cannot write `{}`", log.display()))?;
        let mut command = Command::new(own);
        command
            .args(["mcp", "--transport", "streamable-http"])
            .args(["--host", &host.to_string(), "--port", &port.to_string()])
            .arg("--project-root")
            .arg(&ground.root)
            .arg("--workspaces")
            .arg(ground.place.workspaces())
            .env_remove("QMS_USER")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(to)
            // It stays when this command ends, and is not interrupted with it.
            .process_group(0);
        let mut child = command.spawn().context("cannot start the gateway")?;
        let said = || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let from = usize::try_from(begin).unwrap_or(0);
            text.get(from..).unwrap_or_default().to_owned()
        };
        let port = match listens(&mut child, said) {
            Ok(port) => port,
            Err(why) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(why.context(format!(
                    "the gateway does not start; its log is `{}`",
                    log.display()
                )));
            }
        };
        Ok(Gate {
            pid: child.id(),
            host,
            port,
        })
    }

    /// Whether the process that was started is there, and is what was started.
    pub(super) fn runs(&self, ground: &Ground<'_>) -> bool {
        let told = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        let words: Vec<&[u8]> = told.split(|byte| *byte == 0).collect();
        let root = ground.root.as_os_str().as_encoded_bytes();
        words.contains(&b"mcp".as_slice()) && words.contains(&root)
    }

    pub(super) fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// What answers there.
    pub(super) fn found(&self) -> Found {
        let Ok(mut stream) = TcpStream::connect_timeout(&self.address(), ANSWERS) else {
            return Found::Nothing;
        };
        let asked = || -> std::io::Result<String> {
            stream.set_read_timeout(Some(ANSWERS))?;
            let host = self.address();
            write!(
                stream,
                "GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            )?;
            let mut said = Vec::new();
            stream.take(4096).read_to_end(&mut said)?;
            Ok(String::from_utf8_lossy(&said).into_owned())
        };
        match asked() {
            Ok(said) if said.starts_with("HTTP/1.1 200") && said.ends_with("ready\n") => {
                Found::Ready
            }
            Ok(said) => Found::Other(said.lines().next().unwrap_or_default().to_owned()),
            Err(why) => Found::Other(why.to_string()),
        }
    }

    /// Asks it to end, and waits until it has: what is under way is answered first.
    pub(super) fn stop(&self, ground: &Ground<'_>) -> Result<()> {
        if !self.runs(ground) {
            return Ok(());
        }
        signal::send("TERM", &self.pid.to_string()).context("cannot start sh")?;
        let begun = Instant::now();
        while self.runs(ground) {
            if begun.elapsed() > PATIENCE {
                bail!(
                    "the gateway, process {0}, does not end: kill -9 {0}",
                    self.pid
                );
            }
            thread::sleep(STEP);
        }
        Ok(())
    }

    /// Ends the gateway of a kind of boxes, and forgets it.
    pub(super) fn end(ground: &Ground<'_>, sandbox: Sandbox) -> Result<()> {
        if let Some(gate) = Gate::kept(ground, sandbox)? {
            gate.stop(ground)?;
        }
        let place = ground.place.gate(sandbox);
        for end in ["json", "log"] {
            let file = place.with_extension(end);
            gone(fs::remove_file(&file), &file)?;
        }
        Ok(())
    }
}

/// Waits until a gateway says where it listens.
fn listens(child: &mut Child, said: impl Fn() -> String) -> Result<u16> {
    let begun = Instant::now();
    loop {
        let text = said();
        if let Some(port) = text.lines().find_map(port) {
            return Ok(port);
        }
        if child.try_wait()?.is_some() {
            let last = text.lines().last().unwrap_or("it said nothing");
            bail!("{}", last.trim_start_matches("error: "));
        }
        if begun.elapsed() > PATIENCE {
            bail!("it says nothing within {} s", PATIENCE.as_secs());
        }
        thread::sleep(STEP);
    }
}

/// The port of a line of the log that says where it listens.
fn port(line: &str) -> Option<u16> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    let url = (value["event"] == "listening").then(|| value["what"]["url"].as_str())??;
    let address = url.strip_prefix("http://")?.strip_suffix("/mcp")?;
    address
        .parse::<SocketAddr>()
        .ok()
        .map(|address| address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_says_the_port() {
        let line = r#"{"ts":"x","event":"listening","what":{"url":"http://127.0.0.1:8021/mcp","branch":"main"}}"#;
        assert_eq!(port(line), Some(8021));
        assert_eq!(port(&line.replace("listening", "stopped")), None);
        assert_eq!(port("port 8000 is taken"), None);
    }
}
