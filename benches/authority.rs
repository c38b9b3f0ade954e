//! What a server asks of a push, and an auditor of a whole history: as whole processes, beside git and beside a bare
//! loop that reads the same and judges nothing. Prints tables of medians, ratios and peak memory; asserts nothing.
//!
//! ROUNDS: how often each is timed (a long one five times at most). PUSHES and SIZES: commits of the pushes and of
//! the histories, separated by commas; SIGNED: those of histories in which every commit is signed. HISTORIES: a folder where the histories are kept for the next run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[path = "world/bare.rs"]
mod bare;
#[path = "world/history.rs"]
mod history;
#[path = "world/push.rs"]
mod push;
#[expect(dead_code, reason = "each bench takes what it needs")]
mod world;

use world::{clean, git, median, ms, print, qms, ratio, rounds, run, time};

/// Says that this program is to be the bare loop: `--bare DIR FROM|- TO THREADS`.
const BARE: &str = "--bare";
/// What a server has before it is pushed to.
const BEFORE: usize = 10_000;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, word, dir, from, to, threads] = &args[..]
        && word == BARE
    {
        return bare_loop(Path::new(dir), from, to, threads);
    }
    let temporary = tempfile::tempdir().expect("a temporary directory");
    let kept = std::env::var_os("HISTORIES").map(PathBuf::from);
    let base = kept.unwrap_or_else(|| temporary.path().to_path_buf());
    let pushes = numbers("PUSHES", &[1, 100, 10_000]);
    if let Some(most) = pushes.iter().max() {
        let history = made(&base, BEFORE + most, false);
        print(
            "| commits pushed | `rev-list` + `diff-tree` | bare loop | `pre-receive` | to git | to bare | peak | of its own |\n\
             | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for commits in pushes {
            print(&push::Push::prepare(temporary.path(), &history, commits).row());
        }
    }
    let plain = numbers("SIZES", &[10_000, 100_000]).into_iter();
    let signed = numbers("SIGNED", &[10_000]).into_iter();
    let sizes = plain.map(|size| (size, false));
    let sizes = sizes.chain(signed.map(|size| (size, true)));
    for (n, (size, signed)) in sizes.enumerate() {
        let history = made(&base, size, signed);
        if n == 0 {
            print(
                "\n| commits, threads | `git log --raw` | bare loop | `verify --no-cache` | to bare | peak | of its own | again |\n\
                 | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
            );
        }
        for threads in [1, 2] {
            print(&verified(&history, size, signed, threads));
        }
    }
}

fn numbers(name: &str, else_: &[usize]) -> Vec<usize> {
    let Ok(given) = std::env::var(name) else {
        return else_.to_vec();
    };
    let number = |n: &str| {
        n.trim()
            .parse()
            .unwrap_or_else(|_| panic!("{name}: {n:?} is no number"))
    };
    given
        .split(',')
        .filter(|n| !n.trim().is_empty())
        .map(number)
        .collect()
}

/// A history of so many commits, made now or kept from an earlier run.
fn made(base: &Path, commits: usize, signed: bool) -> PathBuf {
    let name = if signed { "-signed" } else { "" };
    let below = base.join(format!("{commits}{name}"));
    let kept = below.join("history.git");
    if kept.join("made").exists() {
        return kept;
    }
    std::fs::create_dir_all(&below).expect("a folder");
    let program = |name: &str| clean(Command::new(name), &below, "ann");
    let start = Instant::now();
    let shape = history::Shape {
        commits,
        documents: 2_000,
        files: 5_000,
        signed,
    };
    let history::History {
        dir,
        anchor,
        works,
        moves,
        merges,
    } = history::make(&below, &shape, &program);
    let made = start.elapsed();
    history::pack(&dir, &program);
    run(git(&dir, &["config", "qms.anchor", &anchor]));
    run(git(&dir, &["config", "qms.trunk", "main"]));
    let packed = start.elapsed() - made;
    let said = format!(
        "{commits} commits ({works} of work, {moves} moves, {merges} merges) made in {}, packed in {}\n\n",
        seconds(made),
        seconds(packed)
    );
    print(&said);
    std::fs::write(dir.join("made"), said).expect("a file");
    dir
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

/// A whole history.
fn verified(history: &Path, size: usize, signed: bool, threads: usize) -> String {
    let help = qms(history, "ann", &["verify", "--help"])
        .stderr(Stdio::null())
        .stdout(Stdio::piped())
        .output();
    let help = String::from_utf8(help.expect("it starts").stdout).expect("UTF-8");
    let anchor = said(git(history, &["config", "qms.anchor"]));
    let number = threads.to_string();
    let verify = |cold: bool| {
        let mut command = qms(history, "ann", &["verify"]);
        command.args(cold.then_some("--no-cache"));
        if help.contains("--threads") {
            command.args(["--threads", &number]);
        }
        command
    };
    let is_there = help.contains("--no-cache");
    let mut all: [Vec<Duration>; 3] = Default::default();
    for _ in 0..few() {
        all[0].push(time(git(
            history,
            &["log", "--raw", &format!("{anchor}..main")],
        )));
        all[1].push(time(again(history, &anchor, "main", threads)));
        if is_there {
            all[2].push(time(verify(true)));
        }
    }
    let [log, bare, cold] = all;
    let (log, bare) = (median(log), median(bare));
    let ours = if is_there {
        let cold = median(cold);
        let (peak, own) = memory(verify(true));
        run(verify(false));
        let warm = median((0..few()).map(|_| time(verify(false))).collect());
        format!(
            "{} | {} | {peak} | {own} | {}",
            ms(cold),
            ratio(cold, bare),
            ms(warm)
        )
    } else {
        "this `qms` has no `verify` | - | - | - | -".to_owned()
    };
    let threads = if help.contains("--threads") || !is_there {
        number
    } else {
        format!("{number}, qms chooses")
    };
    format!(
        "| {size}{}, {threads} | {} | {} | {ours} |\n",
        if signed { " signed" } else { "" },
        ms(log),
        ms(bare)
    )
}

/// Rounds of what takes seconds.
fn few() -> usize {
    rounds().min(5)
}

/// This program again, as the bare loop.
fn again(dir: &Path, from: &str, to: &str, threads: usize) -> Command {
    let mut command = clean(
        Command::new(std::env::current_exe().expect("a program")),
        dir,
        "ann",
    );
    command
        .arg(BARE)
        .arg(dir)
        .args([from, to, &threads.to_string()]);
    command
}

fn bare_loop(dir: &Path, from: &str, to: &str, threads: &str) {
    let id = |name: &str| {
        gix::ObjectId::from_hex(said(git(dir, &["rev-parse", name])).as_bytes()).expect("an id")
    };
    let plain = |name: &str| gix::ObjectId::from_hex(name.as_bytes()).unwrap_or_else(|_| id(name));
    let read = bare::read(
        dir,
        Some(plain(from)),
        plain(to),
        threads.parse().expect("a number"),
    );
    print(&format!(
        "{} commits, {} trailers, {} entries, {} documents of {} bytes\n",
        read.commits, read.trailers, read.entries, read.documents, read.bytes
    ));
}

/// What a program answers, without the last line's end.
fn said(mut command: Command) -> String {
    let output = command.stdout(Stdio::piped()).output().expect("it starts");
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout)
        .expect("UTF-8")
        .trim_end()
        .to_owned()
}

/// The most memory that a program had, and the most that was its own and no file's: as /proc says while it runs.
fn memory(mut command: Command) -> (String, String) {
    let mut child = command.spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let (mut peak, mut own) = (0, 0);
    while child.try_wait().expect("it runs").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let value = |key: &str| -> u64 {
            let line = text
                .lines()
                .find_map(|l| l.strip_prefix(key)?.strip_prefix(':'));
            let number = line.and_then(|l| l.trim().strip_suffix(" kB"));
            number.and_then(|n| n.parse().ok()).unwrap_or(0)
        };
        peak = peak.max(value("VmHWM"));
        own = own.max(value("RssAnon"));
        std::thread::sleep(Duration::from_micros(500));
    }
    let mb = |kb: u64| format!("{:.1} MB", kb as f64 / 1024.0);
    (mb(peak), mb(own))
}
