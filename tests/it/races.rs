//! Many at once: no lost update, no double id, and every loser is told why. Source: model.md, invariant 5; threats.md G17.

#![expect(clippy::print_stdout, reason = "the counts are part of what is shown")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::world::{Ran, World, document, ran};

const MANY: usize = 20;
/// More tries than this and something is in the way for good.
const TRIES: usize = 400;

/// What a command says that lost.
const LOST: [&str; 3] = [
    "the branch moved while this was being made: nothing was written, run the command again",
    "another git process holds the index; nothing was changed",
    "another qms command is under way here; wait for it to end",
];

/// Runs one thing for each world, all at once.
fn at_once(worlds: Vec<World>, each: impl Fn(usize, &World) + Sync) {
    let barrier = Barrier::new(worlds.len());
    std::thread::scope(|scope| {
        for (n, world) in worlds.into_iter().enumerate() {
            let (barrier, each) = (&barrier, &each);
            scope.spawn(move || {
                barrier.wait();
                each(n, &world);
            });
        }
    });
}

/// Tries until it is done, as a person would who is told to run it again.
#[track_caller]
fn insists(world: &World, user: &str, args: &[&str], lost: &AtomicUsize) -> String {
    for _ in 0..TRIES {
        let ran = world.qms(user, args);
        if ran.code == 0 {
            return ran.out;
        }
        assert!(
            LOST.iter().any(|l| ran.err.contains(l)),
            "{args:?} lost and was told no reason: {}{}",
            ran.out,
            ran.err
        );
        lost.fetch_add(1, Ordering::Relaxed);
    }
    panic!("{args:?}: never");
}

fn subjects(world: &World, range: &str) -> Vec<String> {
    let log = world.git("ann", &["log", "--format=%s", range]).ok();
    log.lines().map(str::to_owned).collect()
}

#[track_caller]
fn sound(world: &World) {
    world.git("ann", &["fsck", "--strict"]).ok();
    world.qms("ann", &["verify", "--no-cache"]).ok();
}

/// The same clone, as many processes see it.
fn many(world: &World) -> Vec<World> {
    (0..MANY).map(|_| world.within("../repo")).collect()
}

#[test]
fn twenty_processes_in_one_repository() {
    let world = World::new();
    let (start, lost) = (world.head(), AtomicUsize::new(0));
    // Every one creates a document.
    at_once(many(&world), |n, world| {
        let title = format!("Number {n}");
        insists(world, "dev", &["create", "CR", "--title", &title], &lost);
    });
    let created = subjects(&world, &format!("{start}.."));
    assert_eq!(created.len(), MANY);
    let titles: BTreeSet<&str> = created
        .iter()
        .filter_map(|s| s.split(": ").nth(1))
        .collect();
    assert_eq!(titles.len(), MANY, "{created:?}");
    let list = world.json("dev", &["list"]);
    let text = list.to_string();
    let ids: BTreeSet<String> = (1..=MANY).map(|n| format!("CR-{n:03}")).collect();
    assert!(
        ids.iter().all(|id| text.contains(&format!("\"{id}\""))),
        "{text}"
    );
    // Every one moves a document of its own.
    at_once(many(&world), |n, world| {
        let id = format!("CR-{:03}", n + 1);
        insists(world, "dev", &["checkin", &id], &lost);
    });
    // Every one moves the same document.
    world.qms("dev", &["create", "SOP", "--title", "All"]).ok();
    world.edit(&document("SOP-001"), "Initial draft", "First");
    at_once(many(&world), |n, world| {
        let reason = format!("reason {n}");
        hands_over(world, &reason, &lost);
    });
    let moved = subjects(&world, &format!("{start}.."));
    let transfers = moved.iter().filter(|s| s.contains("transfer")).count();
    let reasons = world
        .git(
            "ann",
            &["log", "--format=%(trailers:key=QMS-Reason,valueonly)"],
        )
        .ok();
    let different: BTreeSet<&str> = reasons
        .lines()
        .filter(|l| l.starts_with("reason"))
        .collect();
    assert_eq!((transfers, different.len()), (MANY, MANY));
    assert_eq!(moved.len(), 3 * MANY + 1);
    println!(
        "one repository: {} moves, {} lost and told",
        moved.len(),
        lost.into_inner()
    );
    sound(&world);
    // Index and work tree followed all of it; what was not committed is there.
    let status = world.git("dev", &["status", "--porcelain"]).ok();
    assert_eq!(status, format!(" M {}\n", document("SOP-001")));
    let differs = world.git("dev", &["diff", "-U0"]).ok();
    let lines: Vec<&str> = differs
        .lines()
        .filter(|l| l.starts_with(['+', '-']) && !l.starts_with("+++") && !l.starts_with("---"))
        .collect();
    assert_eq!(lines.len(), 2, "{differs}");
    assert!(!world.path(".git/qms-way").exists());
}

/// Gives the document to the one of the two who does not have it, by what is read before: that may be old by then.
#[track_caller]
fn hands_over(world: &World, reason: &str, lost: &AtomicUsize) {
    for _ in 0..TRIES {
        let owner = world.json("ann", &["status", "SOP-001"])["responsible_user"].clone();
        let to = if owner == "dev" { "claude" } else { "dev" };
        let args = ["transfer", "SOP-001", "--to", to, "--reason", reason];
        let ran = world.qms("ann", &args);
        if ran.code == 0 {
            return;
        }
        let said = format!("{}{}", ran.out, ran.err);
        let told = said.contains("error[") || LOST.iter().any(|l| said.contains(l));
        assert!(told, "{args:?}: {said}");
        lost.fetch_add(1, Ordering::Relaxed);
    }
    panic!("{reason}: never");
}

/// A message in one line, without what `remote:` lines wrapped.
fn unwrapped(said: &str) -> String {
    let words = said.split_whitespace().filter(|w| *w != "remote:");
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn twenty_clones_push_to_one_server() {
    let world = World::served();
    let clones: Vec<World> = (0..MANY)
        .map(|n| world.second(&format!("clone{n}")))
        .collect();
    let server = world.within("../server.git");
    let start = server.head();
    let (late, landed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let verified = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (late, landed, verified, server) = (&late, &landed, &verified, &server);
        let pushing = scope.spawn(move || {
            at_once(clones, |n, clone| {
                let title = format!("Clone {n}");
                let args = ["create", "CR", "--title", &title, "--push"];
                let mut ran = clone.qms("dev", &args);
                for _ in 0..TRIES {
                    if ran.code == 0 {
                        landed.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    let said = unwrapped(&format!("{}{}", ran.out, ran.err));
                    late.fetch_add(1, Ordering::Relaxed);
                    let number = said.split("qms renumber ").nth(1);
                    let number = number.and_then(|s| s.split_whitespace().next());
                    ran = if let Some(id) = number {
                        clone.qms("dev", &["renumber", id, "--push"])
                    } else {
                        let told =
                            said.contains("qms sync --push") || said.contains("came too late");
                        assert!(told, "clone {n} was told no way on: {said}");
                        clone.qms("dev", &["sync", "--push"])
                    };
                }
                panic!("clone {n}: never");
            });
        });
        // Whoever verifies meanwhile finds a legal history, whatever of it is there.
        while !pushing.is_finished() {
            let ran = server.qms("ann", &["verify", "--no-cache"]);
            assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
            verified.fetch_add(1, Ordering::Relaxed);
        }
    });
    sound(&server);
    let created = subjects(&server, &format!("{start}..main"));
    let titles: BTreeSet<&str> = created
        .iter()
        .filter_map(|s| s.split(": ").nth(1))
        .collect();
    assert_eq!((created.len(), titles.len()), (MANY, MANY), "{created:?}");
    let tree = server
        .git("ann", &["ls-tree", "-r", "--name-only", "main", "QMS/CR"])
        .ok();
    assert_eq!(tree.lines().count(), MANY);
    println!(
        "one server: {} pushes landed, {} late and told, {} verified meanwhile",
        landed.into_inner(),
        late.into_inner(),
        verified.into_inner()
    );
}

/// A server whose `pre-receive` gives its verdict and then waits: `passed` tells who it let through, and `go-NAME`
/// lets that push go on.
struct Gate {
    server: PathBuf,
    passed: BufReader<std::fs::File>,
}

impl Gate {
    fn new(server: &World, names: &[&str]) -> Gate {
        let fifos = names.iter().map(|n| format!("go-{n}"));
        for fifo in fifos.chain(["passed".to_owned()]) {
            let made = Command::new("mkfifo").arg(server.path(&fifo)).status();
            assert!(made.expect("mkfifo starts").success());
        }
        let (hook, real) = (
            server.path("hooks/pre-receive"),
            server.path("hooks/verdict"),
        );
        std::fs::rename(hook, real).expect("the hook");
        let text = "#!/bin/sh\nsaid=refused code=1\nhooks/verdict && said=passed code=0\n\
            echo \"$said $RACER\" >passed\nread -r word <\"go-$RACER\"\nexit $code\n";
        server.script("hooks/pre-receive", text);
        // Open for writing too, so that it never ends.
        let mut open = std::fs::OpenOptions::new();
        let passed = open.read(true).write(true).open(server.path("passed"));
        Gate {
            server: server.path(""),
            passed: BufReader::new(passed.expect("a fifo")),
        }
    }

    /// Starts a push by somebody whom the hook knows by this name.
    fn push(&self, world: &World, name: &str, target: &str) -> Child {
        let mut git = Command::new("git");
        git.args(["push", "origin", target]);
        let mut git = world.command(git, "dev");
        git.env("RACER", name)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        git.spawn().expect("git starts")
    }

    /// Waits for a verdict, which is to let somebody through.
    #[track_caller]
    fn passes(&mut self) {
        let mut line = String::new();
        self.passed.read_line(&mut line).expect("a line");
        assert!(line.starts_with("passed "), "{line}");
    }

    fn go(&self, name: &str) {
        let place = self.server.join(format!("go-{name}"));
        std::fs::write(place, "go\n").expect("a fifo");
    }
}

fn ends(child: Child) -> Ran {
    ran(&child.wait_with_output().expect("git ends"))
}

/// Both were let through before either had moved the branch: git's own compare-and-swap decides.
#[test]
fn g17_two_pushes_that_were_both_let_through() {
    let world = World::served();
    let server = world.within("../server.git");
    let other = world.second("other");
    let mut gate = Gate::new(&server, &["one", "two"]);
    let mut wins = [0, 0];
    for round in 1..=MANY {
        let clones = [(&world, "one"), (&other, "two")];
        // The same number, each time.
        for (clone, name) in clones {
            let title = format!("Round {round} {name}");
            clone.qms("dev", &["create", "CR", "--title", &title]).ok();
        }
        let before = server.head();
        let pushes = clones.map(|(clone, name)| gate.push(clone, name, "HEAD:main"));
        gate.passes();
        gate.passes();
        assert_eq!(server.head(), before, "neither has moved it yet");
        let barrier = Barrier::new(2);
        std::thread::scope(|scope| {
            for (_, name) in clones {
                let (gate, barrier) = (&gate, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    gate.go(name);
                });
            }
        });
        let ends = pushes.map(ends);
        let won = ends.iter().filter(|r| r.code == 0).count();
        assert_eq!(won, 1, "{}\n{}", ends[0].err, ends[1].err);
        let winner = usize::from(ends[1].code == 0);
        wins[winner] += 1;
        assert_eq!(server.head(), clones[winner].0.head());
        let loser = &ends[1 - winner].err;
        assert!(loser.contains("remote rejected"), "{loser}");
        assert!(
            [
                "cannot lock ref",
                "failed to update ref",
                "incorrect old value"
            ]
            .iter()
            .any(|w| loser.contains(w)),
            "{loser}"
        );
        // Both go on from what is there.
        for (clone, _) in clones {
            clone.git("dev", &["fetch", "-q", "origin"]).ok();
            clone
                .git("dev", &["reset", "-q", "--hard", "origin/main"])
                .ok();
        }
    }
    println!(
        "two pushes at once: {MANY} rounds, won by one {} and by the other {}",
        wins[0], wins[1]
    );
    sound(&server);
}

/// Work away from the trunk, let through while the trunk's change was open; by the time that its branch moves, the trunk
/// has routed the change. Only the second question, with the refs locked, can know.
#[test]
fn g17_the_second_question_knows_what_the_first_did_not() {
    let world = World::served();
    let policy = world.change("dev", "qms.yaml");
    world.edit("qms.yaml", "protected: []", "protected: [release/*]");
    world.works("dev", "Protect release branches", &policy);
    let changes: Vec<String> = (0..MANY).map(|_| world.change("dev", "src/**")).collect();
    world.lands();
    world
        .git("dev", &["push", "-q", "origin", "HEAD:release/1"])
        .ok();
    let server = world.within("../server.git");
    let other = world.second("other");
    other.git("dev", &["checkout", "-q", "release/1"]).ok();
    let mut gate = Gate::new(&server, &["trunk", "release"]);
    for (round, change) in changes.iter().enumerate() {
        let authority = world.head();
        other.write("src/fix.py", &format!("fix {round}\n"));
        let message = World::work("Fix", change, "dev");
        other.puts("dev", &format!("{message}QMS-Authority: {authority}\n"));
        world.qms("dev", &["route", change, "--review"]).ok();
        let release = gate.push(&other, "release", "HEAD:release/1");
        gate.passes();
        let trunk = gate.push(&world, "trunk", "HEAD:main");
        gate.passes();
        gate.go("trunk");
        ends(trunk).ok();
        gate.go("release");
        let said = ends(release).refused("authority");
        assert!(said.contains(change), "{said}");
        other.git("dev", &["fetch", "-q", "origin"]).ok();
        other
            .git("dev", &["reset", "-q", "--hard", "origin/release/1"])
            .ok();
    }
    println!("the second question: {MANY} of {MANY} refused");
    sound(&server);
}
