//! Hooks as whole processes, side by side with git's own commands that do the same work, in one run.
//! Prints a table of medians and ratios; asserts nothing. The hooks are timed as the program that git's shim starts;
//! the last column says what the shim, a shell, adds to each.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

mod world;

use world::{clean, git, govern, median, ms, print, qms, ratio, rounds, run, time};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

fn main() {
    let rounds = rounds();
    let mut table = String::from(
        "| tracked files | `git diff --cached --raw` | `pre-commit` | ratio | git: 2 × diff + `interpret-trailers` | three hooks | ratio | a shim adds |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for size in SIZES {
        let dir = tempfile::tempdir().expect("a temporary directory");
        prepare(dir.path(), size);
        let message = dir.path().join("message");
        std::fs::write(
            &message,
            "Change ten files\n\nQMS-Change: CR-001\nQMS-Actor: ann\n",
        )
        .expect("a message");
        let empty = dir.path().join("empty");
        let diff = || time(git(dir.path(), &["diff", "--cached", "--raw"]));
        let trailers = || {
            time(git(
                dir.path(),
                &["interpret-trailers", "--parse", "message"],
            ))
        };
        let pre_commit = || time(qms(dir.path(), "ann", &["hook", "pre-commit"]));
        let shim = || time(hook(dir.path(), "pre-commit", &[]));
        let prepare_msg = || {
            std::fs::write(&empty, "Change ten files\n").expect("a message");
            time(hook(
                dir.path(),
                "prepare-commit-msg",
                &["empty", "message"],
            ))
        };
        let commit_msg = || time(qms(dir.path(), "ann", &["hook", "commit-msg", "message"]));
        let mut all: [Vec<Duration>; 5] = Default::default();
        // Taken in turn, so that whatever else the machine does falls on both.
        for _ in 0..rounds {
            let (d, p) = (diff(), pre_commit());
            all[0].push(d);
            all[1].push(p);
            all[2].push(diff() + d + trailers());
            all[3].push(p + prepare_msg() + commit_msg());
            all[4].push(shim());
        }
        let [diff, pre, two, three, shim] = all.map(median);
        table.push_str(&format!(
            "| {size} | {} | {} | {} | {} | {} | {} | {} |\n",
            ms(diff),
            ms(pre),
            ratio(pre, diff),
            ms(two),
            ms(three),
            ratio(three, two),
            ms(shim.saturating_sub(pre))
        ));
    }
    print(&table);
}

/// A governed repository with so many files, a change that is in execution, and ten files staged under it.
fn prepare(dir: &Path, size: usize) {
    run(git(dir, &["init", "-q", "-b", "main"]));
    for n in 0..size {
        let folder = dir.join(format!("src/{:02}/{:02}", n % 50, n / 50 % 40));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("file{n}.rs")), format!("{n}\n")).expect("a file");
    }
    govern(dir);
    for (user, args) in [
        ("ann", vec!["route", "CR-001", "--review"]),
        ("qa", vec!["review", "CR-001", "--recommend"]),
        ("ann", vec!["route", "CR-001", "--approval"]),
        ("qa", vec!["approve", "CR-001"]),
        ("ann", vec!["release", "CR-001"]),
        ("ann", vec!["use", "CR-001"]),
    ] {
        run(qms(dir, user, &args));
    }
    for n in 0..10 {
        std::fs::write(dir.join(format!("src/00/{n:02}/new{n}.rs")), "new\n").expect("a file");
    }
    run(git(dir, &["add", "src"]));
    // As after any commit of git's own: the index knows the trees that it holds.
    run(git(dir, &["write-tree"]));
}

/// A hook as git runs it: the shim that `init` installed.
fn hook(dir: &Path, name: &str, args: &[&str]) -> Command {
    let mut command = clean(Command::new(dir.join(".git/hooks").join(name)), dir, "ann");
    command.args(args);
    command
}
