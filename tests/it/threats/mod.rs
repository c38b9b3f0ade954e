//! Attacks (threats.md), each named after its number, with real git against a real server. What is here: the means of somebody
//! whose git is his own, who writes objects by hand and sends what he likes.

mod documents;
mod limits;
mod local;
mod merges;
mod names;
mod objects;
mod people;
mod policy;
mod record;
mod refs;
mod steering;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::world::{Ran, World, ran};

/// Runs git with these bytes as its input.
fn fed(world: &World, user: &str, args: &[&str], input: &[u8]) -> Output {
    let mut command = world.command(Command::new("git"), user);
    command.args(args).stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("git starts");
    let mut stdin = child.stdin.take().expect("an input");
    let input = input.to_vec();
    // A program that refuses early does not read to the end.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("git ends");
    let _ = writer.join().expect("no panic");
    output
}

/// Writes an object as it is, whether or not git would.
#[track_caller]
fn object(world: &World, kind: &str, bytes: &[u8]) -> String {
    let args = ["hash-object", "-t", kind, "--literally", "-w", "--stdin"];
    ran(&fed(world, "dev", &args, bytes)).ok().trim().to_owned()
}

/// A tree by hand, in the order given.
fn tree(world: &World, entries: &[(&str, &[u8], &str)]) -> String {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend_from_slice(mode.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(name);
        bytes.push(0);
        let digits = |n: usize| u8::from_str_radix(&id[n..n + 2], 16).expect("hexadecimal");
        bytes.extend((0..id.len()).step_by(2).map(digits));
    }
    object(world, "tree", &bytes)
}

/// What a revision names.
#[track_caller]
fn id(world: &World, revision: &str) -> String {
    let args = ["rev-parse", "--verify", "-q", revision];
    world.git("ann", &args).ok().trim().to_owned()
}

/// A commit's bytes, with every header as git writes it.
fn commit_bytes(tree: &str, parents: &[&str], user: &str, date: &str, message: &[u8]) -> Vec<u8> {
    let mut text = format!("tree {tree}\n");
    for parent in parents {
        text.push_str(&format!("parent {parent}\n"));
    }
    for side in ["author", "committer"] {
        text.push_str(&format!("{side} {user} <{user}@example.com> {date}\n"));
    }
    text.push('\n');
    [text.as_bytes(), message].concat()
}

/// A commit by hand.
fn commit(world: &World, tree: &str, parents: &[&str], user: &str, message: &str) -> String {
    let bytes = commit_bytes(tree, parents, user, "1700009000 +0000", message.as_bytes());
    object(world, "commit", &bytes)
}

/// Pushes one commit to the trunk and asserts that it is refused with these words, and that the trunk stays.
#[track_caller]
fn refused_id(world: &World, commit: &str, words: &str) -> String {
    let before = world.git("ann", &["ls-remote", "origin", "main"]).ok();
    let ran = world.git("ann", &["push", "origin", &format!("+{commit}:main")]);
    let said = format!("{}{}", ran.out, ran.err);
    assert_ne!(ran.code, 0, "it was let through: {said}");
    assert!(said.contains(words), "expected {words}:\n{said}");
    sane(&said);
    let after = world.git("ann", &["ls-remote", "origin", "main"]).ok();
    assert_eq!(after, before);
    said
}

/// Nothing broke: no panic, and no sentence that nothing was looked at.
#[track_caller]
fn sane(said: &str) {
    for bad in [
        "panicked",
        "overflowed its stack",
        "nothing to check",
        "RUST_BACKTRACE",
    ] {
        assert!(!said.contains(bad), "{said}");
    }
}

/// What a push of one's own writing sends: updates `old new ref`, and a pack of these objects and no others.
fn sends(world: &World, updates: &[(&str, &str, &str)], objects: &[&str]) -> Ran {
    let list = objects.join("\n") + "\n";
    let pack = fed(
        world,
        "dev",
        &["pack-objects", "-q", "--stdout"],
        list.as_bytes(),
    );
    assert!(pack.status.success(), "{}", ran(&pack).err);
    let mut input = Vec::new();
    for (number, (old, new, name)) in updates.iter().enumerate() {
        let options = if number == 0 { "\0 report-status" } else { "" };
        let line = format!("{old} {new} {name}{options}\n");
        input.extend_from_slice(format!("{:04x}{line}", line.len() + 4).as_bytes());
    }
    input.extend_from_slice(b"0000");
    input.extend_from_slice(&pack.stdout);
    let mut answer = ran(&fed(
        world,
        "dev",
        &["receive-pack", "../server.git"],
        &input,
    ));
    // The program itself ends well; what became of the push stands in its report.
    let taken = updates
        .iter()
        .all(|(_, _, name)| answer.out.contains(&format!("ok {name}")));
    answer.code = i32::from(!taken || answer.code != 0);
    sane(&answer.err);
    answer
}

/// Sets the server's configuration.
#[track_caller]
fn server_set(world: &World, key: &str, value: &str) {
    server(world, &["config", key, value]).ok();
}

/// Runs git in the server's repository.
fn server(world: &World, args: &[&str]) -> Ran {
    world.git("ann", &[&["-C", "../server.git"], args].concat())
}

/// Puts the clone back on what the server has.
#[track_caller]
fn back(world: &World) {
    world.git("ann", &["fetch", "-q", "origin"]).ok();
    world
        .git(
            "ann",
            &["checkout", "-q", "-f", "-B", "main", "origin/main"],
        )
        .ok();
}

/// A repository with a change of dev's for `src/**`, on the server.
fn governed() -> (World, String) {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.lands();
    (world, change)
}

/// Puts a repository with a past under control, and gives it a server.
#[track_caller]
fn governs(world: &World) {
    let mut args = vec!["init"];
    for user in crate::world::USERS {
        args.extend(["--user", user]);
    }
    world.qms("ann", &args).ok();
    world.leaner();
    world.serve();
}

/// A review of qa's that dev made his own is refused.
#[track_caller]
fn reviews_as_another(world: &World) {
    let review = ["review", "SOP-001", "--recommend"];
    world.qms("qa", &review).ok();
    let message = world.git("qa", &["log", "-1", "--format=%B"]).ok();
    let steal = [
        "commit",
        "-q",
        "--amend",
        "--reset-author",
        "-m",
        message.trim(),
    ];
    world.git("dev", &steal).ok();
    world.bounces("actor-mismatch");
}
