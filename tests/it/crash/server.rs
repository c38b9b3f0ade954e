//! The server, killed while it takes a push in: nothing moved, or all of it did, and the next push lands.

use std::process::Command;

use super::{Count, Picture, Point, after_locks, points, run, sound, traced};
use crate::world::World;

const PUSH: [&str; 4] = ["push", "-q", "origin", "HEAD:main"];

/// What is killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Victim {
    /// `receive-pack` itself.
    Itself,
    /// Whatever is first to come to a call: what it starts, too, and the hooks.
    Any,
    /// `qms` in the hooks.
    Hook,
}

/// Work and a move that the server does not have yet.
fn ahead() -> World {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    world.write("src/main.py", "print(1)\n");
    world.works("dev", "Work", &id);
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world
}

/// Puts a fresh copy of the server in its place, and pushes to it.
fn push(world: &World, victim: Victim, point: Option<&Point>) -> (i32, String) {
    let server = world.path("../server.git");
    let _ = std::fs::remove_dir_all(&server);
    let mut cp = Command::new("cp");
    cp.arg("-a").arg(world.path("../kept.git")).arg(&server);
    assert!(cp.status().expect("cp starts").success());
    let log = world.path("../log");
    let _ = std::fs::remove_file(&log);
    let inject = point.and_then(|p| p.inject.as_deref());
    let words = traced(&log, inject, victim == Victim::Any);
    // The shell that keeps the output open is not needed where git does.
    let words = words[4..].join(" ");
    let mut git = Command::new("git");
    git.args(PUSH);
    if victim != Victim::Hook {
        git.arg(format!("--receive-pack={words} git-receive-pack"));
    } else {
        let qms = env!("CARGO_BIN_EXE_qms");
        world.script(
            "../traced",
            &format!("#!/bin/sh\nexec {words} {qms} \"$@\"\n"),
        );
        let traced = world.path("../traced").display().to_string();
        for hook in ["pre-receive", "reference-transaction"] {
            world.edit(&format!("../server.git/hooks/{hook}"), qms, &traced);
        }
    }
    let ran = run(world, "dev", git);
    let log = std::fs::read_to_string(log).expect("a log; crash tests need strace");
    if victim == Victim::Hook {
        for hook in ["pre-receive", "reference-transaction"] {
            let (from, to) = (world.path("../kept.git"), world.path("../server.git"));
            let hook = format!("hooks/{hook}");
            std::fs::copy(from.join(&hook), to.join(&hook)).expect("the hook");
        }
    }
    (ran.code, log)
}

#[track_caller]
fn killed_everywhere(victim: Victim) {
    let world = ahead();
    world
        .git(
            "ann",
            &["clone", "-q", "--mirror", "../server.git", "../kept.git"],
        )
        .ok();
    let from = world.path("../server.git");
    std::fs::remove_dir_all(world.path("../kept.git")).expect("a folder");
    std::fs::rename(from, world.path("../kept.git")).expect("a folder");
    let (code, log) = push(&world, victim, None);
    assert_eq!(code, 0);
    let server = world.within("../server.git");
    let before = Picture::of(&world.within("../kept.git"));
    let after = Picture::of(&server);
    assert_ne!(before, after);
    let mut count = Count::default();
    for point in points(&log, false) {
        let (code, log) = push(&world, victim, Some(&point));
        if !log.contains("killed by SIGKILL") {
            continue;
        }
        let at = format!("{victim:?} at {point:?}");
        let left = Picture::of(&server);
        let is_after = left == after;
        assert!(
            is_after || left == before,
            "{at}: {}",
            left.against(&before, &after)
        );
        assert!(is_after || code != 0, "{at}: it was said to have landed");
        sound(&server, &at);
        count.kills += 1;
        match is_after {
            true => count.after += 1,
            false => count.before += 1,
        }
        let next = after_locks(&mut count, &at, || world.git("dev", &PUSH));
        assert_eq!(next.code, 0, "{at}: {}", next.err);
        assert_eq!(Picture::of(&server), after, "{at}");
    }
    count.print(&format!("push, {victim:?}"));
    assert!(count.kills >= 5 && count.before > 0, "{count:?}");
}

#[test]
fn a_push_killed_in_the_server() {
    killed_everywhere(Victim::Itself);
}

#[test]
fn a_push_killed_in_what_the_server_starts() {
    killed_everywhere(Victim::Any);
}

#[test]
fn the_hooks_of_a_server_write_nothing_to_be_killed_at() {
    let world = ahead();
    let (from, to) = (world.path("../server.git"), world.path("../kept.git"));
    std::fs::rename(from, to).expect("a folder");
    let (code, log) = push(&world, Victim::Hook, None);
    assert_eq!(code, 0);
    assert!(log.contains("openat("), "{log}");
    assert!(points(&log, false).is_empty(), "{log}");
}
