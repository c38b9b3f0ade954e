//! The gateway under load, side by side with Python's SDK serving the like, and a commit through it beside the spawned
//! git that it replaces. Prints tables; asserts nothing. Without the SDK its columns are left out.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

#[path = "world/quiet.rs"]
mod quiet;
mod world;

use quiet::ends_well;
use world::{clean, git, govern, median, ms, print, qms, ratio, rounds, run, time};

const CLIENTS: [usize; 3] = [1, 16, 128];

fn main() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let repo = dir.path().join("repo");
    let token = prepare(dir.path(), &repo);
    let (gate, port) = gateway(&repo);
    let peer = peer(dir.path(), &repo);
    load(&gate, port, &token, peer.as_ref().map(|(_, port)| *port));
    commits(&repo, port, &token);
    drop(gate);
    start(&repo);
}

/// A process that ends with this one.
struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A change in execution, and a gateway in the policy. Answers with an agent's token.
fn prepare(dir: &Path, repo: &Path) -> String {
    run(git(dir, &["init", "-q", "-b", "main", "repo"]));
    std::fs::create_dir_all(repo.join("src")).expect("a folder");
    std::fs::write(repo.join("src/main.rs"), "fn main() {}\n").expect("a file");
    govern(repo);
    for (user, words) in [
        (
            "ann",
            "user add claude --group initiator --kind agent --email claude@x",
        ),
        (
            "ann",
            "user add gate --kind service --agents claude --email gate@x",
        ),
        ("ann", "route CR-001 --review"),
        ("qa", "review CR-001 --recommend"),
        ("ann", "route CR-001 --approval"),
        ("qa", "approve CR-001"),
        ("ann", "release CR-001"),
    ] {
        run(qms(repo, user, &words.split(' ').collect::<Vec<_>>()));
    }
    let mut token = qms(repo, "gate", &["token", "new", "claude"]);
    token
        .env("QMS_STATE", dir.join("state"))
        .stdout(Stdio::piped());
    let made = token.output().expect("qms starts");
    String::from_utf8_lossy(&made.stdout).trim().to_owned()
}

fn serving(repo: &Path) -> Command {
    let mut command = qms(
        repo,
        "gate",
        &["mcp", "--transport", "streamable-http", "--port", "0"],
    );
    let state = repo.parent().expect("a folder above").join("state");
    command.env("QMS_STATE", state).stderr(Stdio::piped());
    command
        .env_remove("GIT_AUTHOR_DATE")
        .env_remove("GIT_COMMITTER_DATE");
    command
}

/// Starts it, and waits until it listens.
fn gateway(repo: &Path) -> (Held, u16) {
    let mut child = serving(repo).spawn().expect("qms starts");
    let mut said = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    said.read_line(&mut line).expect("it says where it is");
    // What it says later is read and not looked at.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    let at = line.split("127.0.0.1:").nth(1).expect("an address");
    let port = at.split('/').next().and_then(|p| p.parse().ok());
    (Held(child), port.expect("a port"))
}

/// Python's SDK, where it can be had.
fn peer(dir: &Path, repo: &Path) -> Option<(Held, u16)> {
    let place = dir.join("venv");
    let packages = ["install", "-q", "mcp==2.3.0", "PyYAML==6.0.4"];
    let there = ends_well("python3", &["-m", "venv", place.to_str()?])
        && ends_well(place.join("bin/pip"), &packages);
    if !there {
        print("Python's SDK cannot be had here: its columns are left out\n");
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peer.py");
    let mut command = clean(Command::new(place.join("bin/python")), dir, "ann");
    command
        .args([script, repo.to_str()?])
        .stdout(Stdio::piped());
    let mut child = command.spawn().expect("python starts");
    let mut line = String::new();
    let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
    said.read_line(&mut line).expect("it says where it is");
    let (held, port) = (Held(child), line.trim().parse().expect("a port"));
    // It listens before it answers.
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    Client::new(port, None).ask(&ping);
    Some((held, port))
}

fn load(gate: &Held, port: u16, token: &str, peer: Option<u16>) {
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let status = call("qms_status", &json!({ "id": "CR-001" }));
    let mut table = String::from(
        "| calls a second, clients | `qms` ping | `qms` qms_status | Python ping | Python qms_status | ratio of ping | ratio of qms_status | qms_status of ping |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for clients in CLIENTS {
        // Taken in turn, so that whatever else the machine does falls on all.
        let (mut ours, mut theirs) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        for _ in 0..3 {
            for (n, body) in [&ping, &status].into_iter().enumerate() {
                ours[n].push(rate(port, Some(token), clients, body));
                theirs[n].extend(peer.map(|port| rate(port, None, clients, body)));
            }
        }
        let of = |mut all: Vec<f64>| {
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied()
        };
        let (ours, theirs) = (ours.map(of), theirs.map(of));
        let shown = |rate: Option<f64>| rate.map_or("–".to_owned(), |rate| format!("{rate:.0}"));
        let by = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => format!("{:.2}", a / b),
            _ => "–".to_owned(),
        };
        table.push_str(&format!(
            "| {clients} | {} | {} | {} | {} | {} | {} | {} |\n",
            shown(ours[0]),
            shown(ours[1]),
            shown(theirs[0]),
            shown(theirs[1]),
            by(ours[0], theirs[0]),
            by(ours[1], theirs[1]),
            by(ours[1], ours[0]),
        ));
    }
    let pid = gate.0.id();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    table.push_str(&format!(
        "\nmost memory of the gateway meanwhile: {}\n\n",
        most.unwrap_or("–").trim()
    ));
    print(&table);
}

/// Calls a second of so many clients at once, each on a connection that it keeps.
fn rate(port: u16, token: Option<&str>, clients: usize, body: &Value) -> f64 {
    let (done, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut connections: Vec<Client> = (0..clients).map(|_| Client::new(port, token)).collect();
    for client in &mut connections {
        client.ask(body);
    }
    let start = Instant::now();
    std::thread::scope(|scope| {
        for client in &mut connections {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    client.ask(body);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(Duration::from_secs(2));
        over.store(true, Ordering::Relaxed);
    });
    done.into_inner() as f64 / start.elapsed().as_secs_f64()
}

/// Three files, as one call and as the commands that it replaces, which check nothing.
fn commits(repo: &Path, port: u16, token: &str) {
    let dir = repo.parent().expect("a folder above");
    let beside = dir.join("beside");
    run(git(dir, &["clone", "-q", "repo", "beside"]));
    let mut client = Client::new(port, Some(token));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..rounds() {
        let names = ["a", "b", "c"].map(|name| format!("src/{name}.rs"));
        let text = format!("// {round}\n").repeat(100);
        let files: Vec<Value> = names
            .iter()
            .map(|path| json!({ "path": path, "text": text }))
            .collect();
        let work = json!({ "change": "CR-001", "message": "Work", "files": files });
        let start = Instant::now();
        let said = client.ask(&call("git_commit", &work));
        ours.push(start.elapsed());
        assert!(said.contains("\"isError\":false"), "{said}");
        for name in &names {
            std::fs::write(beside.join(name), &text).expect("a file");
        }
        let add = time(git(&beside, &["add", "src/a.rs", "src/b.rs", "src/c.rs"]));
        theirs.push(add + time(git(&beside, &["commit", "-qm", "Work"])));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    print(&format!(
        "| three files | time | ratio |\n| --- | ---: | ---: |\n| `git_commit`, judged | {} | {} |\n| `git add` + `git commit`, no hooks | {} | 1 |\n\n",
        ms(ours),
        ratio(ours, theirs),
        ms(theirs)
    ));
}

/// From its start until it says that it listens.
fn start(repo: &Path) {
    let took = (0..rounds()).map(|_| {
        let start = Instant::now();
        let (held, _) = gateway(repo);
        let took = start.elapsed();
        drop(held);
        took
    });
    print(&format!(
        "start to listening: {}\n",
        ms(median(took.collect()))
    ));
}

fn call(tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": tool, "arguments": arguments } })
}

/// A connection that is kept.
struct Client {
    stream: BufReader<TcpStream>,
    token: String,
}

impl Client {
    fn new(port: u16, token: Option<&str>) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let token = token.map(|t| format!("Authorization: Bearer {t}\r\n"));
        Client {
            stream: BufReader::new(stream),
            token: token.unwrap_or_default(),
        }
    }

    fn ask(&mut self, body: &Value) -> String {
        let (token, body) = (&self.token, body.to_string());
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\n{token}Content-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let to = self.stream.get_mut();
        to.write_all(request.as_bytes()).expect("it reads");
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("it answers");
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut reply = vec![0; length];
        self.stream.read_exact(&mut reply).expect("it answers");
        String::from_utf8(reply).expect("text")
    }
}
