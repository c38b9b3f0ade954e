//! What qms must never touch: the user's index and work tree, but for the document that moves.

use crate::world::{World, document};

/// Index, work tree and refs, byte for byte.
fn picture(world: &World) -> Vec<String> {
    let mut picture = vec![
        world.git("ann", &["ls-files", "--stage", "--debug"]).ok(),
        world.git("ann", &["for-each-ref"]).ok(),
        world.git("ann", &["rev-parse", "HEAD"]).ok(),
    ];
    let files = world
        .git("ann", &["ls-files", "--cached", "--others", "-z"])
        .ok();
    for name in files.split('\0').filter(|n| !n.is_empty()) {
        let text = std::fs::read(world.path(name)).unwrap_or_default();
        picture.push(format!("{name}: {}", qms::model::document::digest(&text)));
    }
    picture.push(qms::model::document::digest(
        &std::fs::read(world.path(".git/index")).expect("an index"),
    ));
    picture
}

/// Something staged, unstaged, untracked, and only intended, beside whatever else is going on.
fn clutter(world: &World) {
    world.write("src/staged.py", "staged\n");
    world.git("dev", &["add", "src/staged.py"]).ok();
    world.write("README.md", "not staged\n");
    world.write("untracked.txt", "untracked\n");
    world.write("src/intended.py", "intended\n");
    world.git("dev", &["add", "-N", "src/intended.py"]).ok();
}

// Verifies: REQ-QMS-HOOK-COMMIT-MSG
#[test]
fn a_refused_commit_leaves_everything_as_it_was() {
    let world = World::new();
    let id = world.change("dev", "docker/**");
    world.qms("dev", &["use", &id]).ok();
    clutter(&world);
    let before = picture(&world);
    let attempts: [&[&str]; 5] = [
        &["commit", "-m", "Plain"],
        &["commit", "-m", "All", "-a"],
        &["commit", "-m", "One", "--", "src/staged.py"],
        &["commit", "-m", "Amend", "--amend"],
        &[
            "commit",
            "-m",
            "Named\n\nQMS-Change: CR-001\nQMS-Actor: dev",
        ],
    ];
    // git itself refreshes the index before it asks a hook: as a hook that refuses everything leaves it.
    world.script("../refuse/pre-commit", "#!/bin/sh\nexit 1\n");
    for attempt in attempts {
        let plain = [&["-c", "core.hooksPath=../refuse"], attempt].concat();
        assert_ne!(world.git("dev", &plain).code, 0);
        let left = picture(&world);
        world.git("dev", attempt).refused("out-of-scope");
        assert_eq!(picture(&world), left, "{attempt:?}");
        assert_eq!(
            left[..left.len() - 1],
            before[..before.len() - 1],
            "{attempt:?}"
        );
    }
    // From a folder below, too.
    world
        .git("dev", &["-C", "src", "commit", "-m", "Below"])
        .refused("out-of-scope");
    let now = picture(&world);
    assert_eq!(now[..now.len() - 1], before[..before.len() - 1]);
    // And what is left is what git itself would commit.
    world
        .git("dev", &["restore", "--staged", "src/staged.py"])
        .ok();
    world
        .git("dev", &["commit", "-m", "Free", "--", "README.md"])
        .ok();
}

#[test]
fn a_refused_move_leaves_everything_as_it_was() {
    let world = World::new();
    world
        .qms("dev", &["create", "CR", "--title", "A change"])
        .ok();
    clutter(&world);
    let before = picture(&world);
    world
        .qms("dev", &["route", "CR-001", "--review"])
        .refused("not-ready");
    world
        .qms("qa", &["checkin", "CR-001"])
        .refused("not-allowed");
    world
        .qms("dev", &["close", "CR-001"])
        .refused("wrong-state");
    world
        .qms(
            "dev",
            &["reject", "CR-001", "--comment", "x\n\nQMS-Actor: qa"],
        )
        .refused("trailer-twice");
    assert_eq!(
        world
            .qms("dev", &["revert", "CR-001", "--reason", "a\nQMS-Actor: qa"])
            .code,
        1
    );
    assert_eq!(picture(&world), before);
}

#[test]
fn a_move_touches_its_own_document_alone() {
    let world = World::new();
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "A change", "--scope", "a/**"],
        )
        .ok();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    clutter(&world);
    // Another document with words that nobody has committed.
    world.edit(
        &document("SOP-001"),
        "## 1. Purpose",
        "## 1. Purpose\n\nMine.",
    );
    let moved = document("CR-001");
    let but_it = |world: &World| -> Vec<String> {
        let own = |line: &&String| !line.contains(&moved) && !line.contains("refs/heads/main");
        let mut lines: Vec<String> = picture(world)
            .iter()
            .filter(own)
            .flat_map(|p| p.lines().map(str::to_owned))
            .collect();
        let stage = world.git("ann", &["ls-files", "--stage", "--debug"]).ok();
        lines.extend(
            stage
                .split_inclusive("flags: ")
                .filter(|e| !e.contains(&moved))
                .map(str::to_owned),
        );
        lines
    };
    let status = |world: &World| world.git("dev", &["status", "--porcelain"]).ok();
    let (before, seen) = (but_it(&world).len(), status(&world));
    let others = |world: &World| {
        world
            .git(
                "ann",
                &["ls-files", "--stage", "--", ".", &format!(":!{moved}")],
            )
            .ok()
    };
    let staged = others(&world);
    let moves: [&[&str]; 6] = [
        &["checkin", "CR-001"],
        &["checkout", "CR-001"],
        &["checkin", "CR-001"],
        &["route", "CR-001", "--review"],
        &["withdraw", "CR-001"],
        &["cancel", "CR-001", "--confirm"],
    ];
    for command in moves {
        let head = world.head();
        world.qms("dev", command).ok();
        assert_eq!(others(&world), staged, "{command:?}");
        assert_eq!(status(&world), seen, "{command:?}");
        assert_eq!(but_it(&world).len(), before, "{command:?}");
        let changed = world
            .git("dev", &["diff", "--name-only", &head, "HEAD"])
            .ok();
        assert_eq!(changed.trim(), moved, "{command:?}");
    }
    assert!(world.read(&document("SOP-001")).contains("Mine."));
}

#[test]
fn words_in_the_work_tree_survive_a_move_of_their_document() {
    let world = World::new();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    let path = document("SOP-001");
    world.edit(&path, "## 1. Purpose", "## 1. Purpose\n\nNot committed.");
    world
        .qms(
            "ann",
            &[
                "transfer",
                "SOP-001",
                "--to",
                "claude",
                "--reason",
                "dev is away",
            ],
        )
        .ok();
    let text = world.read(&path);
    assert!(
        text.contains("Not committed.") && text.contains("owner: claude"),
        "{text}"
    );
    // The same of words that are staged.
    world.git("claude", &["add", &path]).ok();
    world
        .qms(
            "claude",
            &[
                "transfer",
                "SOP-001",
                "--to",
                "dev",
                "--reason",
                "dev is back",
            ],
        )
        .ok();
    let staged = world.git("dev", &["show", &format!(":{path}")]).ok();
    assert!(
        staged.contains("Not committed.") && staged.contains("owner: dev"),
        "{staged}"
    );
    assert!(world.read(&path).contains("Not committed."));
}

#[test]
fn a_hook_that_was_there_runs_first_and_may_refuse() {
    let world = World::plain();
    let theirs = "#!/bin/sh\necho theirs >> ran\nexit \"${REFUSE:-0}\"\n";
    world.script(".git/hooks/pre-commit", theirs);
    let said = world.qms("ann", &["init", "--user", "qa:quality"]).ok();
    assert!(said.contains("chained"), "{said}");
    // Again: nothing is chained twice.
    let said = world.qms("ann", &["init"]).ok();
    assert!(
        said.contains("unchanged") && !said.contains("chained"),
        "{said}"
    );
    world.write("docs/a.md", "a\n");
    world.git("ann", &["add", "docs"]).ok();
    world.git("ann", &["commit", "-qm", "Docs"]).ok();
    assert_eq!(world.read("ran"), "theirs\n");
    world.write("src/main.py", "x\n");
    world
        .git("ann", &["commit", "-qam", "Code"])
        .refused("no-change");
    assert_eq!(world.read("ran"), "theirs\ntheirs\n");
    let mut git = std::process::Command::new("git");
    git.args(["commit", "--allow-empty", "-qm", "Empty"]);
    let mut git = world.command(git, "ann");
    assert!(
        !git.env("REFUSE", "1")
            .status()
            .expect("git starts")
            .success()
    );
}

// Verifies: REQ-QMS-HOOK-PRE-PUSH
#[test]
fn a_push_over_what_nobody_here_has_seen_is_refused_before_it_is_sent() {
    let world = World::new();
    let clone = ["clone", "-q", "--bare", ".", "../server.git"];
    world.git("ann", &clone).ok();
    let remote = ["remote", "add", "origin", "../server.git"];
    world.git("ann", &remote).ok();
    let other = world.second("other");
    other.write("README.md", "theirs\n");
    other.puts("dev", "Theirs");
    other.git("dev", &["push", "-q", "origin", "main"]).ok();
    world.write("README.md", "ours\n");
    world.puts("ann", "Ours");
    let said = world
        .git("ann", &["push", "--force", "origin", "main"])
        .refused("history-rewritten");
    assert!(said.contains("is at a commit that is not"), "{said}");
    // Other refs are nobody's to guard here.
    world.git("ann", &["tag", "v1"]).ok();
    world.git("ann", &["push", "-q", "origin", "v1"]).ok();
    world
        .git("ann", &["push", "-q", "origin", "main:side"])
        .ok();
}

#[test]
fn a_missing_program_refuses() {
    let world = World::new();
    world.edit(
        ".git/hooks/pre-commit",
        env!("CARGO_BIN_EXE_qms"),
        "/nowhere/qms",
    );
    world.write("docs/a.md", "a\n");
    world.git("ann", &["add", "docs"]).ok();
    let said = world.git("ann", &["commit", "-qm", "Docs"]);
    assert!(
        said.code != 0 && said.err.contains("the program is missing"),
        "{}",
        said.err
    );
}

// Verifies: REQ-QMS-CMD-INIT
#[test]
fn hooks_run_where_git_looks_elsewhere_too() {
    let world = World::plain();
    world
        .git("ann", &["config", "core.hooksPath", "team hooks"])
        .ok();
    world.qms("ann", &["init", "--user", "qa:quality"]).ok();
    assert!(!world.path("team hooks").exists());
    world.write("src/main.py", "x\n");
    world
        .git("ann", &["commit", "-qam", "Code"])
        .refused("no-change");
}

/// What a writer leaves who is killed while he holds the branch: locks that are second names of his file.
#[test]
fn locks_of_a_killed_writer_go_and_those_of_others_stay() {
    let world = World::new();
    let locks = [".git/HEAD.lock", ".git/refs/heads/main.lock"];
    world.write(".git/qms-lock~main", &format!("{}\n", world.head()));
    for lock in locks {
        std::fs::hard_link(world.path(".git/qms-lock~main"), world.path(lock)).expect("a link");
    }
    world.qms("dev", &["create", "SOP", "--title", "One"]).ok();
    let left = |name: &str| world.path(name).exists();
    assert!(!locks.iter().any(|lock| left(lock)) && !left(".git/qms-lock~main"));
    // Killed before anything was in it, it is in nobody's way.
    world.write(".git/qms-lock~main", "");
    world.qms("dev", &["create", "SOP", "--title", "Two"]).ok();
    assert!(!left(".git/qms-lock~main"));
    // One that may be another git's stays, whatever it holds, and is named.
    for (lock, text) in [(locks[0], ""), (locks[1], ""), (locks[1], &*world.head())] {
        let head = world.head();
        world.write(".git/qms-lock~main", "left\n");
        world.write(lock, text);
        let ran = world.qms("dev", &["create", "SOP", "--title", "Three"]);
        assert!(ran.code == 2 && ran.err.contains(lock), "{}", ran.err);
        assert_eq!((world.read(lock), world.head()), (text.to_owned(), head));
        assert!(!left(".git/qms-lock~main") && !left(".git/qms-way"));
        std::fs::remove_file(world.path(lock)).expect("it is there");
    }
    world
        .qms("dev", &["create", "SOP", "--title", "Three"])
        .ok();
    assert_eq!(world.git("dev", &["status", "--short"]).ok(), "");
    // Both logs tell of each move, in git's own form.
    for name in ["HEAD", "main"] {
        let log = world
            .git("dev", &["reflog", "-3", "--format=%H %gs", name])
            .ok();
        assert!(log.starts_with(&world.head()), "{log}");
        assert_eq!(
            log.lines().filter(|l| l.contains("create")).count(),
            3,
            "{log}"
        );
    }
}
