//! A process that is started to see whether it starts, is ready, answers and stops: what tests that call functions of it
//! never show.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use regex::bytes::Regex;

use super::{Asked, add, ready};
use crate::model::trace::kept::Added;
use crate::model::trace::record::Process;
use crate::ops::session::Session;
use crate::ops::signal;

/// What is to be seen of it.
#[derive(Debug, Clone)]
pub struct Start {
    /// A line of shell.
    pub command: String,
    /// What a line of its output looks like when it is ready.
    pub ready: Option<String>,
    /// Where it listens when it is ready.
    pub port: Option<u16>,
    /// How long it may take until then.
    pub within: Duration,
    /// What asks it something: it answers if this ends well.
    pub probe: Vec<String>,
    /// The requirements that it is evidence for.
    pub verifies: Vec<String>,
}

/// How long it may take to stop.
const STOPS: Duration = Duration::from_secs(10);
/// Between two looks.
const STEP: Duration = Duration::from_millis(10);

/// Starts a process, and keeps what was seen of it.
pub fn started(session: &Session, asked: &mut Asked, start: &Start) -> Result<Added> {
    asked.processes = vec![Process {
        verifies: start.verifies.clone(),
        command: start.command.clone(),
        failed: None,
        ready: None,
    }];
    ready(session, asked)?;
    asked.processes = vec![watch(start)?];
    add(session, asked)
}

/// Starts it, looks, and stops it. What did not go well is part of the answer; an error is what keeps from looking.
fn watch(start: &Start) -> Result<Process> {
    let pattern = start.ready.as_deref().map(Regex::new).transpose();
    let pattern = pattern.context("--ready is no regular expression")?;
    if pattern.is_none() && start.port.is_none() {
        bail!("nothing would say when it is ready: --ready REGEX, or --port N");
    }
    if start.port.is_none() && start.probe.is_empty() {
        bail!("nothing would ask it anything: --port N, or a command that asks it, after --");
    }
    if let Some(port) = start.port.filter(|port| answers(*port)) {
        bail!(
            "something listens at port {port} already, and would be taken for it; stop that first"
        );
    }
    let mut command = Command::new("sh");
    command.args(["-c", &start.command]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = Running::start(&mut command).context("cannot start sh")?;
    let begun = Instant::now();
    let said = running.listen(pattern)?;
    let mut ready = None;
    let mut looked = running.ready(start, &said, begun);
    if looked.is_ok() {
        ready = Some(u64::try_from(begun.elapsed().as_millis())?);
        looked = probe(start).and_then(|()| running.lives());
    }
    let stopped = running.stop().and_then(|()| silent(start));
    Ok(Process {
        verifies: start.verifies.clone(),
        command: start.command.clone(),
        failed: looked.and(stopped).err(),
        ready,
    })
}

/// A process with a group of its own, which ends with this one however that ends.
struct Running {
    child: Child,
    guard: Child,
    /// Closed when this process is killed, which is what the guard waits for.
    held: Option<ChildStdin>,
}

/// Kills a group of processes once nobody is there any more who would say a word.
const GUARD: &str = "read -r word || kill -s KILL -- \"$1\"";

impl Running {
    fn start(command: &mut Command) -> std::io::Result<Running> {
        let mut child = command.process_group(0).spawn()?;
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "sh", &group(&child)]);
        guard.stdin(Stdio::piped()).stdout(Stdio::null());
        match guard.stderr(Stdio::null()).process_group(0).spawn() {
            Ok(mut guard) => Ok(Running {
                child,
                held: guard.stdin.take(),
                guard,
            }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error)
            }
        }
    }

    /// Hands on what it says, and tells of the first line that looks as is asked.
    fn listen(&mut self, pattern: Option<Regex>) -> Result<Receiver<()>> {
        let (tell, told) = channel();
        let out = self.child.stdout.take().context("a pipe")?;
        let err = self.child.stderr.take().context("a pipe")?;
        listens(out, pattern.clone(), tell.clone());
        listens(err, pattern, tell);
        Ok(told)
    }

    fn lives(&mut self) -> Result<(), String> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(ended)) => Err(format!("it ended by itself: {ended}")),
            Err(why) => Err(why.to_string()),
        }
    }

    fn ready(&mut self, start: &Start, said: &Receiver<()>, begun: Instant) -> Result<(), String> {
        let mut is_said = start.ready.is_none();
        loop {
            is_said = is_said || said.try_recv().is_ok();
            let listens = start.port.is_none_or(answers);
            if is_said && listens {
                return self.lives();
            }
            self.lives()?;
            if begun.elapsed() >= start.within {
                let seconds = start.within.as_secs();
                return Err(match is_said {
                    true => format!("nothing listened within {seconds} s"),
                    false => format!("it did not say within {seconds} s that it is ready"),
                });
            }
            thread::sleep(STEP);
        }
    }

    /// Asks it to stop, as whoever runs it does, with all that it started.
    fn stop(&mut self) -> Result<(), String> {
        self.signal("TERM");
        let begun = Instant::now();
        loop {
            let ended = self.child.try_wait().is_ok_and(|ended| ended.is_some());
            // A shell may end before what it started.
            if ended && !self.signal("0") {
                return Ok(());
            }
            if begun.elapsed() >= STOPS {
                let seconds = STOPS.as_secs();
                return Err(format!(
                    "it did not stop within {seconds} s of being asked to"
                ));
            }
            thread::sleep(STEP);
        }
    }

    /// To the whole group of processes; says whether there is any left.
    fn signal(&self, name: &str) -> bool {
        signal::send(name, &group(&self.child)).unwrap_or(false)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal("KILL");
        let _ = self.child.wait();
        let _ = self.held.take().map(|mut held| held.write_all(b"done\n"));
        let _ = self.guard.wait();
    }
}

/// How `kill` is told of all processes that one started.
fn group(child: &Child) -> String {
    format!("-{}", child.id())
}

/// Longer lines are read in pieces.
const LONGEST: u64 = 64 << 10;

fn listens(from: impl Read + Send + 'static, pattern: Option<Regex>, tell: Sender<()>) {
    thread::spawn(move || {
        let (mut from, mut line) = (BufReader::new(from), Vec::new());
        let more = |from: &mut BufReader<_>, line: &mut Vec<u8>| {
            let read = from.take(LONGEST).read_until(b'\n', line);
            read.is_ok_and(|read| read > 0)
        };
        while more(&mut from, &mut line) {
            let _ = std::io::stderr().write_all(&line);
            if pattern
                .as_ref()
                .is_some_and(|pattern| pattern.is_match(&line))
            {
                let _ = tell.send(());
            }
            line.clear();
        }
    });
}

/// Whether something of this machine listens there.
fn answers(port: u16) -> bool {
    let places = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ];
    let patience = Duration::from_millis(500);
    places
        .iter()
        .any(|place| TcpStream::connect_timeout(place, patience).is_ok())
}

/// What listened has ended: else it was another one, which nobody stopped.
fn silent(start: &Start) -> Result<(), String> {
    match start.port.filter(|port| answers(*port)) {
        Some(port) => Err(format!(
            "something still listens at port {port} after it stopped"
        )),
        None => Ok(()),
    }
}

fn probe(start: &Start) -> Result<(), String> {
    let [program, args @ ..] = &start.probe[..] else {
        return Ok(());
    };
    let shown = start.probe.join(" ");
    let asks = Running::start(Command::new(program).args(args));
    let mut asks = asks.map_err(|why| format!("cannot start `{program}`: {why}"))?;
    let begun = Instant::now();
    loop {
        match asks.child.try_wait() {
            Ok(Some(ended)) if ended.success() => return Ok(()),
            Ok(Some(ended)) => return Err(format!("it did not answer `{shown}` well: {ended}")),
            Err(why) => return Err(why.to_string()),
            Ok(None) if begun.elapsed() >= start.within => {
                let seconds = start.within.as_secs();
                return Err(format!("it did not answer `{shown}` within {seconds} s"));
            }
            Ok(None) => thread::sleep(STEP),
        }
    }
}
