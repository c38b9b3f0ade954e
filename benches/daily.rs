//! What people ask every day, as whole processes in a repository of 2,000 documents and 20,000 commits, beside what git
//! itself takes for something alike. Prints a table of medians; asserts nothing.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

mod world;

use world::{clean, git, govern, median, ms, print, qms, ratio, rounds, run, time};

const DOCUMENTS: usize = 2_000;
const COMMITS: usize = 20_000;

/// A question, and git's answer to something alike.
const ASKED: &[(&str, &[&str])] = &[
    ("status CR-700", &["status", "--short"]),
    ("next", &["status", "--short"]),
    ("inbox", &["status", "--short"]),
    ("workspace", &["status", "--short"]),
    ("list", &["ls-tree", "-r", "HEAD", "QMS"]),
    ("who src/main.rs", &["check-attr", "-a", "src/main.rs"]),
    ("history CR-001", &["log", "--", "QMS/CR/CR-001/CR-001.md"]),
    ("comments CR-001", &["log", "--", "QMS/CR/CR-001/CR-001.md"]),
];

fn main() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    prepare(dir.path());
    let mut table = format!(
        "| {DOCUMENTS} documents, {COMMITS} commits | `qms` | git | `git` | ratio |\n| --- | ---: | ---: | --- | ---: |\n"
    );
    for (asked, beside) in ASKED {
        let words: Vec<&str> = asked.split(' ').collect();
        let (mut ours, mut theirs): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
        // Taken in turn, so that whatever else the machine does falls on both.
        for _ in 0..rounds() {
            ours.push(time(qms(dir.path(), "ann", &words)));
            theirs.push(time(git(dir.path(), beside)));
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let beside = beside.join(" ");
        table.push_str(&format!(
            "| `qms {asked}` | {} | {} | `git {beside}` | {} |\n",
            ms(ours),
            ms(theirs),
            ratio(ours, theirs)
        ));
    }
    print(&table);
}

/// A governed repository in which one change went through two rounds, with many documents beside it and a long history.
fn prepare(dir: &Path) {
    run(git(dir, &["init", "-q", "-b", "main"]));
    std::fs::create_dir_all(dir.join("src")).expect("a folder");
    std::fs::write(dir.join("src/main.rs"), "fn main() {}\n").expect("a file");
    govern(dir);
    let text = std::fs::read_to_string(dir.join("QMS/CR/CR-001/CR-001.md")).expect("a document");
    import(dir, &text);
    for (user, args) in [
        ("ann", vec!["route", "CR-001", "--review"]),
        (
            "qa",
            vec![
                "review",
                "CR-001",
                "--request-updates",
                "--comment",
                "Say why",
            ],
        ),
        ("ann", vec!["checkout", "CR-001"]),
        ("ann", vec!["checkin", "CR-001"]),
        ("qa", vec!["assign", "CR-001", "--assignees", "qa"]),
        (
            "qa",
            vec!["review", "CR-001", "--recommend", "--comment", "Good"],
        ),
    ] {
        run(qms(dir, user, &args));
    }
    // Packed and with a commit-graph, as git leaves a repository that is in use.
    run(git(dir, &["repack", "-adfq"]));
    run(git(dir, &["commit-graph", "write", "--reachable"]));
}

/// Documents in several states, and many commits of work that touch other files, through `git fast-import`.
fn import(dir: &Path, text: &str) {
    let mut stream = String::from("reset refs/heads/main\nfrom refs/heads/main^0\n");
    let mut commit = |message: &str, files: &[(String, String)]| {
        stream.push_str("commit refs/heads/main\ncommitter ann <ann@x> 1767225600 +0000\n");
        stream.push_str(&format!("data {}\n{message}\n", message.len()));
        for (path, text) in files {
            stream.push_str(&format!(
                "M 100644 inline {path}\ndata {}\n{text}\n",
                text.len()
            ));
        }
    };
    let body = "A sentence of some length about the change.\n".repeat(60);
    let documents: Vec<(String, String)> = (2..=DOCUMENTS)
        .map(|n| {
            let id = format!("CR-{n:03}");
            let (head, rest) = text.split_once("\nqms:\n").expect("a managed block");
            let rest = rest.split_once("\n---\n").expect("front matter").1;
            let owner = if n % 50 == 0 { "ann" } else { "dev" };
            let state = match n % 4 {
                0 => format!("  status: DRAFT\n  version: \"0.1\"\n  owner: {owner}"),
                1 => format!("  status: IN_EXECUTION\n  version: \"1.0\"\n  owner: {owner}"),
                2 => "  status: CLOSED\n  version: \"2.0\"".to_owned(),
                _ => format!("  status: PRE_APPROVED\n  version: \"1.0\"\n  owner: {owner}"),
            };
            let file = format!("{head}\nqms:\n{state}\n---\n{rest}\n{body}").replace("CR-001", &id);
            (format!("QMS/CR/{id}/{id}.md"), file)
        })
        .collect();
    commit("Import", &documents);
    for n in 0..COMMITS {
        let message = format!(
            "Work on file {n}\n\nQMS-Change: CR-{:03}\nQMS-Actor: dev",
            2 + n % 900
        );
        commit(
            &message,
            &[(
                format!("src/{:02}/file{}.rs", n % 40, n % 400),
                format!("{n}\n"),
            )],
        );
    }
    let mut command = clean(std::process::Command::new("git"), dir, "ann");
    command
        .args(["fast-import", "--quiet", "--force"])
        .stdin(Stdio::piped());
    let mut child = command.spawn().expect("git starts");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(stream.as_bytes())
        .expect("it reads");
    assert!(child.wait().expect("it ends").success());
    run(git(dir, &["reset", "-q", "--hard"]));
}
