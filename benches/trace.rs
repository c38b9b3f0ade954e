//! Requirements traced, as whole processes: `qms trace` with a cold and a warm memory, `git grep` for the tags as the floor, and
//! other tools that trace, on the same generated projects. Prints a table; asserts nothing. A tool that cannot be had, that
//! fails, or that takes longer than it may, is said so.
//!
//! ROUNDS: how often each of the fast ones is timed. SIZES: numbers of requirements, separated by commas. PEERS=no leaves
//! the other tools out.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[path = "world/peers.rs"]
mod peers;
#[path = "world/quiet.rs"]
mod quiet;
#[path = "world/traced.rs"]
mod traced;
#[expect(dead_code, reason = "each bench takes what it needs")]
mod world;

use peers::{PEERS, Peer};
use traced::{FILES, Form, Item, LANGUAGES};
use world::{clean, git, median, ms, print, qms, ratio, run};

/// Longer than that nobody waits for another tool; one that takes a quarter of it gets no larger project.
const MOST: Duration = Duration::from_secs(120);
/// Files that change between two looks.
const CHANGED: usize = 10;

static OURS: Form = Form {
    languages: LANGUAGES,
    above: |item: &Item| {
        let claim = if item.is_test {
            "Verifies"
        } else {
            "Implements"
        };
        format!("{} {claim}: REQ-APP-{:05}\n", item.comment(), item.number)
    },
    within: |_| String::new(),
};

fn main() {
    let given = std::env::var("SIZES").unwrap_or_else(|_| "1000,10000".to_owned());
    let sizes = given
        .split(',')
        .map(|n| n.trim().parse().expect("SIZES are numbers"));
    let sizes: Vec<usize> = sizes.collect();
    let rounds = std::env::var("ROUNDS")
        .ok()
        .and_then(|r| r.parse().ok())
        .unwrap_or(9);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut table = format!(
        "| requirements, in {FILES} + {FILES} files | `git grep` | `qms trace`, cold | to `git grep` | {CHANGED} files changed | nothing changed | peak |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    let mut ours = Vec::new();
    for count in &sizes {
        let at = dir.path().join(format!("qms-{count}"));
        prepare(&at, *count);
        let (row, cold) = judged(&at, *count, rounds);
        table.push_str(&row);
        ours.push(cold);
    }
    print(&format!("{table}\n"));
    if std::env::var("PEERS").is_ok_and(|said| said == "no") {
        return;
    }
    let head: Vec<String> = sizes
        .iter()
        .map(|count| format!("{count} requirements | to qms, cold"))
        .collect();
    let rule = "| ---: ".repeat(2 * sizes.len());
    print(&format!("| tool | {} |\n| --- {rule}|\n", head.join(" | ")));
    for peer in PEERS {
        let Some(bin) = peer.installed() else {
            print(&format!("| {} | cannot be had here |\n", peer.name));
            continue;
        };
        let mut row = format!("| {} |", peer.name);
        let mut is_slow = false;
        for (count, ours) in sizes.iter().zip(&ours) {
            if is_slow {
                row.push_str(" not tried after that | – |");
                continue;
            }
            let at = dir.path().join(format!("peer-{count}"));
            peer.project(&at, *count);
            let traced = traces(peer, &bin, &at);
            is_slow = traced.as_ref().map_or(true, |took| *took > MOST / 4);
            match traced {
                Ok(took) => row.push_str(&format!(" {} | {} |", ms(took), ratio(took, *ours))),
                Err(why) => row.push_str(&format!(" {why} | – |")),
            }
            std::fs::remove_dir_all(&at).expect("it is ours");
        }
        print(&format!("{row}\n"));
    }
}

/// A governed repository with a specification, code, tests and their results, packed as a clone is.
fn prepare(at: &Path, count: usize) {
    std::fs::create_dir_all(at).expect("a folder");
    run(git(at, &["init", "-q", "-b", "main"]));
    for args in [
        &["init", "--user", "ann:administrator"][..],
        &["system", "add", "APP", "--code", "src/**", "tests/**"],
        &["create", "RS", "--name", "APP", "--title", "Requirements"],
    ] {
        quiet(qms(at, "ann", args));
    }
    let place = at.join("QMS/SDLC-APP/SDLC-APP-RS.md");
    let text = std::fs::read_to_string(&place).expect("a document");
    let row = text.lines().find(|line| line.contains("{{REQ-AREA-001}}"));
    let rows = (0..count).map(|n| format!("| REQ-APP-{n:05} | **R{n}.** It does {n}. |"));
    let rows: Vec<String> = rows.collect();
    let text = text.replace(row.expect("a row to fill in"), &rows.join("\n"));
    std::fs::write(&place, text).expect("a file");
    traced::write(at, count, &OURS);
    commit(at);
    let results = at.with_extension("xml");
    std::fs::write(&results, traced::results(count)).expect("a file");
    let results = results.to_str().expect("UTF-8").to_owned();
    quiet(qms(at, "ann", &["evidence", "add", "--junit", &results]));
    run(git(at, &["repack", "-adq"]));
}

/// Runs it, whatever it has to say of a repository that one person governs.
fn quiet(mut command: Command) {
    command.stderr(Stdio::null());
    run(command);
}

fn commit(at: &Path) {
    run(git(at, &["add", "."]));
    run(git(
        at,
        &["-c", "core.hooksPath=/nowhere", "commit", "-qm", "All"],
    ));
}

/// Takes them in turn, so that whatever else the machine does falls on all.
fn judged(at: &Path, count: usize, rounds: usize) -> (String, Duration) {
    let memory = at.join(".git/qms-trace-APP");
    let mut took: [Vec<Duration>; 4] = Default::default();
    let mut peak = 0;
    for round in 0..rounds {
        took[0].push(ended(git(at, &["grep", "-n", "REQ-APP-"])).0);
        let _ = std::fs::remove_file(&memory);
        let (cold, most) = ended(qms(at, "ann", &["trace"]));
        took[1].push(cold);
        peak = most.max(peak);
        took[2].push(ended(qms(at, "ann", &["trace"])).0);
        change(at, round);
        took[3].push(ended(qms(at, "ann", &["trace"])).0);
    }
    let [grep, cold, same, changed] = took.map(median);
    let row = format!(
        "| {count} | {} | {} | {} | {} | {} | {:.1} MB |\n",
        ms(grep),
        ms(cold),
        ratio(cold, grep),
        ms(changed),
        ms(same),
        peak as f64 / 1e3,
    );
    (row, cold)
}

/// Changes files of source, and commits them.
fn change(at: &Path, round: usize) {
    for file in 0..CHANGED {
        let place = at.join(traced::path(round * CHANGED + file, false, LANGUAGES));
        let mut text = std::fs::read_to_string(&place).expect("a file");
        text.push('\n');
        std::fs::write(&place, text).expect("a file");
    }
    commit(at);
}

/// How long a process took that writes to a file, and how many kilobytes it had at most. Whether it found something is
/// not asked.
fn ended(mut command: Command) -> (Duration, u64) {
    let file = tempfile::tempfile().expect("a file");
    command.stdout(file);
    let start = Instant::now();
    let mut child = command.spawn().expect("it starts");
    let peak = peak(&child);
    let status = child.wait().expect("it ends");
    assert!(status.code().is_some_and(|code| code < 2), "{command:?}");
    (start.elapsed(), peak)
}

/// The most memory that a process had; asked until it ends.
fn peak(child: &Child) -> u64 {
    let file = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while let Ok(text) = std::fs::read_to_string(&file) {
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let Some(line) = line else { break };
        let size = line.trim().trim_end_matches(" kB").parse().unwrap_or(0);
        most = size.max(most);
        std::thread::sleep(Duration::from_millis(1));
    }
    most
}

/// How long a tool took for its project; why there is no telling otherwise.
fn traces(peer: &Peer, bin: &Path, at: &Path) -> Result<Duration, String> {
    let start = Instant::now();
    for (program, args) in peer.steps(bin) {
        let mut command = clean(Command::new(program), at, "ann");
        let mut path = vec![bin.to_path_buf()];
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        command.env("PATH", std::env::join_paths(path).expect("paths"));
        command.args(args).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().map_err(|e| e.to_string())?;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
                break status;
            }
            if start.elapsed() > MOST {
                // Those that it started go with it.
                let group = format!("-{}", child.id());
                let _ = Command::new("kill").args(["-9", "--", &group]).status();
                let _ = child.wait();
                return Err(format!("more than {} s", MOST.as_secs()));
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        // 1 is what some of them say where something is not covered.
        if status.code().is_none_or(|code| code > 1) {
            return Err(format!("failed: {status}"));
        }
    }
    Ok(start.elapsed())
}
