//! What benches share: programs in a cleared environment, and how long they take.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) fn clean(mut command: Command, dir: &Path, user: &str) -> Command {
    command
        .current_dir(dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", dir);
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    for side in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{side}_NAME"), user)
            .env(format!("GIT_{side}_EMAIL"), format!("{user}@x"));
        command.env(format!("GIT_{side}_DATE"), "1767225600 +0000");
    }
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

pub(crate) fn git(dir: &Path, args: &[&str]) -> Command {
    let mut command = clean(Command::new("git"), dir, "ann");
    command.args(args);
    command
}

pub(crate) fn qms(dir: &Path, user: &str, args: &[&str]) -> Command {
    let mut command = clean(Command::new(env!("CARGO_BIN_EXE_qms")), dir, user);
    command.args(args);
    command
}

pub(crate) fn run(mut command: Command) {
    let status = command.status().expect("it starts");
    assert!(status.success(), "{command:?}");
}

pub(crate) fn time(mut command: Command) -> Duration {
    let start = Instant::now();
    let status = command.status().expect("it starts");
    let took = start.elapsed();
    assert!(status.success(), "{command:?}");
    took
}

pub(crate) fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

/// How often a thing is timed.
pub(crate) fn rounds() -> usize {
    let given = std::env::var("ROUNDS").ok().and_then(|r| r.parse().ok());
    given.unwrap_or(60)
}

pub(crate) fn ms(d: Duration) -> String {
    format!("{:.1} ms", d.as_secs_f64() * 1e3)
}

pub(crate) fn ratio(a: Duration, b: Duration) -> String {
    format!("{:.2}", a.as_secs_f64() / b.as_secs_f64())
}

pub(crate) fn print(table: &str) {
    use std::io::Write;
    std::io::stdout()
        .write_all(table.as_bytes())
        .expect("stdout");
}

/// Commits what is there, puts it under change control, and writes CR-001 for all of `src`, ready for its review.
pub(crate) fn govern(dir: &Path) {
    run(git(dir, &["add", "."]));
    run(git(dir, &["commit", "-qm", "Begin"]));
    let people = ["--user", "ann:administrator", "--user", "qa:quality"];
    run(qms(dir, "ann", &[&["init"], &people[..]].concat()));
    let change = ["create", "CR", "--title", "A change", "--scope", "src/**"];
    run(qms(dir, "ann", &change));
    let file = dir.join("QMS/CR/CR-001/CR-001.md");
    let mut text = std::fs::read_to_string(&file).expect("a document");
    while let (Some(from), Some(to)) = (text.find("{{"), text.find("}}")) {
        text.replace_range(from..to + 2, "Words enough.");
    }
    std::fs::write(&file, text).expect("a file");
    run(qms(dir, "ann", &["checkin", "CR-001"]));
}
