//! What a hostile reading of `qms sync` found: each is a way in which a replay could have lost work, forged a record or
//! put words into a mouth, and must not.

use crate::world::{Ran, World, document};

/// A served world with CR-001 of dev's in execution, and a second clone of it.
fn two() -> (World, World) {
    let world = World::served();
    world.change("dev", "src/**");
    world.lands();
    let other = world.second("other");
    (world, other)
}

fn push(world: &World, user: &str) {
    world.git(user, &["push", "-q", "origin", "HEAD:main"]).ok();
}

/// The server takes other histories of branches that nobody protects.
fn takes_any_history(world: &World) {
    let set = ["config", "receive.denyNonFastForwards", "false"];
    world
        .git("ann", &[&["-C", "../server.git"], &set[..]].concat())
        .ok();
}

/// The trunk moves on by a free path.
fn moves_on(other: &World) {
    other.write("README.md", "Read me again\n");
    other.git("ann", &["commit", "-qam", "Readme"]).ok();
    push(other, "ann");
}

#[track_caller]
fn says(ran: &Ran, words: &str) {
    assert!(
        ran.code != 0 && ran.err.contains(words),
        "{}: {}{}",
        ran.code,
        ran.out,
        ran.err
    );
}

// Verifies: REQ-QMS-CMD-SYNC
#[test]
fn a_judgement_is_not_carried_over_to_another_text() {
    let world = World::served();
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "A change", "--scope", "src/**"],
        )
        .ok();
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    world.lands();
    let other = world.second("other");
    world
        .qms(
            "qa",
            &[
                "review",
                "CR-001",
                "--recommend",
                "--comment",
                "read it all",
            ],
        )
        .ok();
    // Meanwhile the author writes another text and asks again.
    other.qms("dev", &["checkout", "CR-001"]).ok();
    other.edit(
        &document("CR-001"),
        "## 6.",
        "Delete all the data.\n\n## 6.",
    );
    other.qms("dev", &["route", "CR-001", "--review"]).ok();
    push(&other, "dev");
    let said = world.qms("qa", &["sync", "--push"]).ok();
    assert!(
        said.contains("dropped") && said.contains("another text there"),
        "{said}"
    );
    assert_eq!(
        world.json("qa", &["status", "CR-001"])["review_outcomes"],
        serde_json::json!({})
    );
    // Nor does anybody else make it again in his name.
    world.git("qa", &["reset", "-q", "--hard", "ORIG_HEAD"]);
    for args in [
        &["--user", "qa", "sync"][..],
        &["sync", "--user", "qa", "--push"],
    ] {
        says(&world.qms("dev", args), "git knows you as");
    }
}

#[test]
fn what_else_a_move_holds_is_not_lost() {
    let (world, other) = two();
    world.qms("dev", &["create", "SOP", "--title", "Proc"]).ok();
    world.write("src/amended.py", "amended\n");
    world.git("dev", &["add", "."]).ok();
    world
        .git("dev", &["commit", "-q", "--amend", "--no-edit"])
        .ok();
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.edit(&document("SOP-001"), "## 1.", "Typed by hand.\n\n## 1.");
    world
        .git("dev", &["commit", "-qa", "--amend", "--no-edit"])
        .ok();
    moves_on(&other);
    world
        .qms("dev", &["sync", "--push", "--change", "CR-001"])
        .ok();
    assert_eq!(world.read("src/amended.py"), "amended\n");
    assert!(
        world
            .git("dev", &["show", "HEAD:QMS/SOP/SOP-001.md"])
            .ok()
            .contains("Typed by hand.")
    );
}

#[test]
fn a_conflict_of_texts_changes_nothing() {
    let world = World::served();
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "A change", "--scope", "src/**"],
        )
        .ok();
    world.lands();
    let other = world.second("other");
    for (world, text) in [(&other, "Theirs."), (&world, "Mine.")] {
        world.edit(&document("CR-001"), "## 6.", &format!("{text}\n\n## 6."));
        world.qms("dev", &["checkin", "CR-001"]).ok();
    }
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    push(&other, "dev");
    let head = world.head();
    says(
        &world.qms("dev", &["sync", "--push"]),
        "the texts conflict; nothing was changed",
    );
    assert_eq!(world.head(), head);
}

#[test]
fn work_that_waits_is_not_overtaken() {
    let (world, _) = two();
    world.write("lib/early.py", "early\n");
    world.works("dev", "Early", "CR-002");
    world.write("src/w1.py", "one\n");
    world.works("dev", "One", "CR-001");
    world.write("src/w1.py", "two\n");
    world.write("lib/early.py", "two\n");
    world.works("dev", "Both", "CR-002");
    let id = world.change("dev", "lib/**");
    assert_eq!(id, "CR-002");
    // "One" is legal where it stands; "Both" touches what it may not, and says so with everything else.
    says(&world.qms("dev", &["sync"]), "error[out-of-scope]");
    world
        .git("dev", &["reset", "-q", "--hard", "origin/main"])
        .ok();
    world.write("lib/early.py", "early\n");
    world.works("dev", "Early", "CR-002");
    world.write("src/w1.py", "one\n");
    world.works("dev", "One", "CR-001");
    world.change("dev", "lib/**");
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    world.qms("dev", &["sync", "--push"]).ok();
    let log = world
        .git("dev", &["log", "--format=%s", "origin/main"])
        .ok();
    let at = |words: &str| {
        log.lines()
            .position(|l| l.contains(words))
            .unwrap_or_else(|| panic!("{words}: {log}"))
    };
    assert!(
        at("One") > at("CR-001 route") && at("Early") < at("CR-002 release"),
        "{log}"
    );
}

#[test]
fn a_change_is_not_sent_on_over_the_head_of_its_work() {
    let (world, _) = two();
    world.write("src/w.py", "w\n");
    world.works("dev", "Early", "CR-002");
    world.write("src/w.py", "w, more\n");
    world.works("dev", "More", "CR-001");
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    world.change("dev", "src/**");
    says(&world.qms("dev", &["sync"]), "put that first");
}

#[test]
fn a_file_in_the_place_of_a_folder_is_a_conflict() {
    for way in [true, false] {
        let (world, other) = two();
        world.write("src/d/f.py", "f\n");
        world.works("dev", "A folder", "CR-001");
        world.lands();
        other.git("dev", &["pull", "-q"]).ok();
        if way {
            world.git("dev", &["rm", "-q", "src/d/f.py"]).ok();
            world.write("src/d", "a file\n");
            other.write("src/d/new.py", "new\n");
        } else {
            world.write("src/d/g.py", "g\n");
            other.git("dev", &["rm", "-q", "src/d/f.py"]).ok();
            other.write("src/d", "a file\n");
        }
        world.works("dev", "Mine", "CR-001");
        other.works("dev", "Theirs", "CR-001");
        push(&other, "dev");
        says(&world.qms("dev", &["sync"]), "changed on both sides");
    }
}

#[test]
fn check_judges_a_branch_that_took_the_trunk_in() {
    let (world, other) = two();
    world.git("dev", &["checkout", "-qb", "feat"]).ok();
    world.write("lib/secret.py", "x\n");
    world.puts("dev", "Past the hooks");
    moves_on(&other);
    world.git("dev", &["fetch", "-q"]).ok();
    world
        .git("dev", &["merge", "-q", "-m", "Take main in", "origin/main"])
        .ok();
    world.qms("dev", &["check"]).refused("no-change");
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.write("src/a.py", "a\n");
    world.works("dev", "Add a", "CR-001");
    world
        .git("dev", &["merge", "-q", "-m", "Pull", "origin/main"])
        .ok();
    world.qms("dev", &["check"]).refused("history-rewritten");
    world.qms("dev", &["sync", "--push"]).ok();
    assert!(
        world
            .qms("dev", &["check"])
            .ok()
            .contains("clean: 0 commits since `main` was fetched")
    );
}

#[test]
fn what_a_merge_dropped_stays_dropped() {
    let (world, other) = two();
    world.write("src/lines.py", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    world.works("dev", "Lines", "CR-001");
    world.lands();
    other.git("dev", &["pull", "-q"]).ok();
    world.git("dev", &["checkout", "-qb", "side"]).ok();
    world.edit("src/lines.py", "9", "bad idea");
    world.works("dev", "Nine", "CR-001");
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.edit("src/lines.py", "1", "one");
    world.works("dev", "One", "CR-001");
    world
        .git(
            "dev",
            &[
                "merge",
                "-q",
                "-s",
                "ours",
                "-m",
                &World::work("Leave it out", "CR-001", "dev"),
                "side",
            ],
        )
        .ok();
    moves_on(&other);
    world.qms("dev", &["sync", "--push"]).ok();
    assert_eq!(world.read("src/lines.py"), "one\n2\n3\n4\n5\n6\n7\n8\n9\n");
}

#[test]
fn a_colleagues_commits_on_a_shared_branch_are_not_pushed_over() {
    let (world, other) = two();
    takes_any_history(&world);
    world.git("dev", &["checkout", "-qb", "feat"]).ok();
    world.write("src/a.py", "a\n");
    world.works("dev", "Add a", "CR-001");
    world.qms("dev", &["sync", "--push"]).ok();
    other.git("claude", &["fetch", "-q"]).ok();
    other.git("claude", &["checkout", "-q", "feat"]).ok();
    other.write("notes.txt", "notes\n");
    other.puts("claude", "Notes");
    other.git("claude", &["push", "-q", "origin", "feat"]).ok();
    world.write("src/b.py", "b\n");
    world.works("dev", "Add b", "CR-001");
    says(
        &world.qms("dev", &["sync", "--push"]),
        "has commits there that are not in yours",
    );
    assert!(
        world
            .git("dev", &["ls-remote", "origin", "feat"])
            .ok()
            .starts_with(&other.head())
    );
    // Its own earlier commits are replaced.
    world
        .git("dev", &["push", "-qf", "origin", "HEAD~1:refs/heads/feat"])
        .ok();
    other.git("ann", &["checkout", "-q", "main"]).ok();
    moves_on(&other);
    world.qms("dev", &["sync", "--push"]).ok();
    assert!(
        world
            .git("dev", &["ls-remote", "origin", "feat"])
            .ok()
            .starts_with(&world.head())
    );
}

#[test]
fn a_sync_that_was_killed_is_taken_back_by_whoever_comes_next() {
    let (world, other) = two();
    world.write("src/a.py", "a\n");
    world.works("dev", "Add a", "CR-001");
    moves_on(&other);
    let old = world.head();
    world.qms("dev", &["sync"]).ok();
    let new = world.head();
    // As it would be after a kill between the work tree and the branch.
    world
        .git("dev", &["update-ref", "refs/heads/main", &old])
        .ok();
    world.write(".git/qms-way", &format!("whole {old} {new}\n"));
    assert_ne!(world.git("dev", &["status", "--short"]).ok(), "");
    world
        .qms("dev", &["create", "SOP", "--title", "Later"])
        .ok();
    assert_eq!(world.git("dev", &["status", "--short"]).ok(), "");
    assert!(!world.path(".git/qms-way").exists());
    assert_eq!(world.git("dev", &["rev-parse", "HEAD~1"]).ok().trim(), old);
}

#[test]
fn files_that_git_ignores_are_kept_and_files_that_were_touched_are_no_changes() {
    let (world, other) = two();
    other.write("src/o.py", "theirs\n");
    other.works("dev", "Add o", "CR-001");
    other.write("README.md", "Read me again\n");
    other.git("ann", &["commit", "-qam", "Readme"]).ok();
    push(&other, "dev");
    world.write(".git/info/exclude", "o.py\n");
    world.write("src/o.py", "mine, ignored\n");
    says(&world.qms("dev", &["sync"]), "is there and not committed");
    assert_eq!(world.read("src/o.py"), "mine, ignored\n");
    std::fs::remove_file(world.path("src/o.py")).expect("it is there");
    world.write("README.md", &world.read("README.md"));
    world.qms("dev", &["sync"]).ok();
    assert_eq!(world.read("src/o.py"), "theirs\n");
}

// Verifies: REQ-QMS-CMD-CHECKOUT
#[test]
fn moves_that_were_squashed_away_are_named() {
    let (world, _) = two();
    world.qms("dev", &["checkout", "TEMPLATE-SOP"]).ok();
    world.qms("dev", &["checkin", "TEMPLATE-SOP"]).ok();
    world
        .git("dev", &["reset", "-q", "--soft", "origin/main"])
        .ok();
    world.commit("dev", "Squashed moves");
    let said = world.qms("dev", &["sync"]).ok();
    assert!(
        said.contains("dropped") && said.contains("without a move that can be read"),
        "{said}"
    );
}

#[test]
fn a_fixup_of_somebody_else_is_answered_for_by_nobody_in_passing() {
    let (world, _) = two();
    world.write("src/a.py", "a\n");
    world.works("dev", "Add a", "CR-001");
    world.write("src/evil.py", "evil\n");
    world.puts("claude", "fixup! Add a");
    says(&world.qms("dev", &["sync"]), "is by claude");
}

// Verifies: REQ-QMS-RULE-OUT-OF-SCOPE, REQ-QMS-CMD-USE
#[test]
fn work_keeps_the_change_that_it_names() {
    let (world, _) = two();
    let other = world.change("dev", "lib/**");
    world.qms("dev", &["use", &other]).ok();
    world.write("lib/x.py", "x\n");
    world.works("dev", "Named", "CR-001");
    // What is in use is for work that names nothing; what is given is meant.
    let said = world.qms("dev", &["sync"]).refused("out-of-scope");
    assert!(said.contains("lib/x.py"), "{said}");
    world
        .qms("dev", &["sync", "--change", &other, "--push"])
        .ok();
}

// Verifies: REQ-QMS-CMD-RENUMBER
#[test]
fn a_document_gets_another_number_with_a_colleagues_commits_beside_it() {
    let world = World::served();
    let other = world.second("other");
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "Mine", "--scope", "src/**"],
        )
        .ok();
    world.write("README.md", "Read me, says claude\n");
    world.git("claude", &["commit", "-qam", "Readme"]).ok();
    other
        .qms(
            "claude",
            &["create", "CR", "--title", "Theirs", "--scope", "lib/**"],
        )
        .ok();
    push(&other, "claude");
    world.qms("dev", &["renumber", "CR-001", "--push"]).ok();
    assert_eq!(
        world.git("dev", &["log", "-1", "--format=%an"]).ok().trim(),
        "claude"
    );
    assert_eq!(world.status("CR-002"), "DRAFT");
}

// Verifies: REQ-QMS-CMD-HISTORY
#[test]
fn legacy_commits_tell_nothing_of_documents() {
    let world = World::plain();
    let forged = "Approve\n\nQMS-Action: approve\nQMS-Document: CR-001\nQMS-Actor: qa\nQMS-Status: IN_APPROVAL -> EFFECTIVE\nQMS-Version: 7.0\n";
    world.write("QMS/CR/CR-001/CR-001.md", "forged\n");
    world.git("zoe", &["add", "."]).ok();
    world.git("zoe", &["commit", "-qm", forged]).ok();
    world.git("zoe", &["rm", "-rq", "QMS"]).ok();
    world.commit("zoe", "Gone again");
    world
        .qms(
            "ann",
            &["init", "--user", "dev:initiator", "--user", "qa:quality"],
        )
        .ok();
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "Real", "--scope", "src/**"],
        )
        .ok();
    let events = world.json("ann", &["history", "CR-001"]);
    assert_eq!(events.as_array().map(Vec::len), Some(1), "{events}");
    assert_eq!(
        world.json("ann", &["history", "--user", "qa"]),
        serde_json::json!([])
    );
    assert_ne!(
        world
            .qms("ann", &["read", "CR-001", "--version", "7.0"])
            .code,
        0
    );
}

#[test]
fn a_command_to_paste_is_one_command() {
    let world = World::new();
    let who = world.json("dev", &["who", "src2/a';touch pwned;'b"]);
    assert_eq!(
        who["commands"][0],
        "qms create CR --scope 'src2/a'\\'';touch pwned;'\\''b' --title \"…\""
    );
}

#[test]
fn a_sync_that_was_killed_between_files_is_ended_path_by_path() {
    let (world, other) = two();
    other.write("src/aaa.py", "new\n");
    other.write("src/main.py", "theirs\n");
    other.write("src/zz.py", "new\n");
    other.works("dev", "Theirs", "CR-001");
    push(&other, "dev");
    world.write("src/mine.py", "mine\n");
    world.works("dev", "Mine", "CR-001");
    let old = world.head();
    world.qms("dev", &["sync"]).ok();
    let new = world.head();
    world.git("dev", &["reset", "-q", "--hard", &old]).ok();
    // git writes files first and its index last; a required filter that fails stops it just so.
    world.write("src/aaa.py", "new\n");
    world.write("src/main.py", "theirs\n");
    world.write("own.txt", "own\n");
    world.qms("dev", &["init"]).ok();
    world.write(".git/qms-way", &format!("whole {old} {new}\n"));
    let said = world.git("dev", &["commit", "-q", "--allow-empty", "-m", "Meanwhile"]);
    assert!(
        said.code != 0 && said.err.contains("first: qms sync"),
        "{}",
        said.err
    );
    world.qms("dev", &["sync", "--push"]).ok();
    assert_eq!(
        world.git("dev", &["status", "--short"]).ok(),
        "?? own.txt\n"
    );
    assert_eq!(
        (world.read("src/main.py"), world.read("src/zz.py")),
        ("theirs\n".into(), "new\n".into())
    );
    // What is neither version is somebody's own.
    world.git("dev", &["reset", "-q", "--hard", &old]).ok();
    world.write("src/main.py", "edited meanwhile\n");
    world.write(".git/qms-way", &format!("whole {old} {new}\n"));
    world
        .qms("dev", &["create", "SOP", "--title", "Later"])
        .ok();
    assert_eq!(world.read("src/main.py"), "edited meanwhile\n");
    assert!(!world.path(".git/qms-way").exists());
}

#[test]
fn a_filter_that_fails_leaves_everything_as_it_was() {
    let (world, other) = two();
    other.write("src/aaa.py", "new\n");
    other.write("src/zz.bin", "new\n");
    other.works("dev", "Theirs", "CR-001");
    push(&other, "dev");
    world.write("src/mine.py", "mine\n");
    world.works("dev", "Mine", "CR-001");
    world.write(".git/info/attributes", "*.bin filter=broken\n");
    world
        .git("dev", &["config", "filter.broken.smudge", "false"])
        .ok();
    world
        .git("dev", &["config", "filter.broken.required", "true"])
        .ok();
    let head = world.head();
    assert_ne!(world.qms("dev", &["sync"]).code, 0);
    assert_eq!(
        (world.head(), world.git("dev", &["status", "--short"]).ok()),
        (head, String::new())
    );
    world
        .git("dev", &["config", "filter.broken.smudge", "cat"])
        .ok();
    world.qms("dev", &["sync", "--push"]).ok();
}

#[test]
fn files_and_folders_of_ones_own_are_seen() {
    let (world, other) = two();
    other.write("src/d/f.py", "f\n");
    other.works("dev", "A folder", "CR-001");
    push(&other, "dev");
    world.git("dev", &["pull", "-q", "origin", "main"]).ok();
    other.git("dev", &["rm", "-q", "src/d/f.py"]).ok();
    other.write("src/d", "a file\n");
    other.write("src/k/f.py", "k\n");
    other.write("src/build", "a file\n");
    other.works("dev", "A file", "CR-001");
    push(&other, "dev");
    world.write(".git/info/exclude", "ign\nk\n");
    std::fs::create_dir(world.path("src/build")).expect("a folder");
    world.write("src/d/ign", "own\n");
    says(
        &world.qms("dev", &["sync"]),
        "src/d/ign` is there and not committed",
    );
    std::fs::remove_file(world.path("src/d/ign")).expect("it is there");
    world.write("src/k", "own\n");
    says(
        &world.qms("dev", &["sync"]),
        "src/k` is there and not committed",
    );
    std::fs::remove_file(world.path("src/k")).expect("it is there");
    // An empty folder is nobody's.
    world.qms("dev", &["sync"]).ok();
    assert_eq!(world.read("src/build"), "a file\n");
}

#[test]
fn a_folder_may_become_a_file_in_one_commit() {
    let (world, other) = two();
    world.write("src/d/f.py", "f\n");
    world.works("dev", "A folder", "CR-001");
    world.lands();
    other.git("dev", &["pull", "-q"]).ok();
    world.git("dev", &["rm", "-q", "src/d/f.py"]).ok();
    world.write("src/d", "a file\n");
    world.works("dev", "A file", "CR-001");
    moves_on(&other);
    world.qms("dev", &["sync", "--push"]).ok();
    assert_eq!(world.read("src/d"), "a file\n");
}

// Verifies: REQ-QMS-CMD-SYNC
#[test]
fn a_branch_that_was_made_again_before_is_still_ones_own() {
    let (world, other) = two();
    world.git("dev", &["checkout", "-qb", "feat"]).ok();
    world.write("src/a.py", "a\n");
    world.works("dev", "Add a", "CR-001");
    world.qms("dev", &["sync", "--push"]).ok();
    moves_on(&other);
    world.qms("dev", &["sync"]).ok();
    // A server that takes no other history says so, and the way out is named.
    says(
        &world.qms("dev", &["sync", "--push"]),
        "push it under another name",
    );
    takes_any_history(&world);
    world.qms("dev", &["sync", "--push"]).ok();
    assert!(
        world
            .git("dev", &["ls-remote", "origin", "feat"])
            .ok()
            .starts_with(&world.head())
    );
}

#[test]
fn the_only_remote_is_meant_whatever_it_is_called() {
    let (world, other) = two();
    moves_on(&other);
    world.git("dev", &["remote", "rename", "origin", "up"]).ok();
    world
        .git("dev", &["checkout", "-q", "--track", "-b", "feat", "main"])
        .ok();
    assert_eq!(
        world
            .git("dev", &["config", "branch.feat.remote"])
            .ok()
            .trim(),
        "."
    );
    world.write("src/a.py", "a\n");
    world.works("dev", "Add a", "CR-001");
    let said = world.qms("dev", &["sync", "--push"]).ok();
    assert!(said.contains("on up/main now"), "{said}");
}

#[test]
fn a_shallow_clone_says_what_it_is() {
    let (world, _) = two();
    world
        .git(
            "ann",
            &[
                "clone",
                "-q",
                "--depth",
                "1",
                &format!("file://{}", world.path("../server.git").display()),
                "../shallow",
            ],
        )
        .ok();
    let shallow = world.within("../shallow");
    for args in [&["check"][..], &["sync"], &["history", "CR-001"]] {
        says(&shallow.qms("dev", args), "git fetch --unshallow");
    }
}

#[test]
fn a_commit_is_told_once_however_many_ways_lead_to_it() {
    let world = World::new();
    world.qms("dev", &["create", "SOP", "--title", "Proc"]).ok();
    world.git("dev", &["checkout", "-qb", "x"]).ok();
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.edit(&document("SOP-001"), "## 2.", "Raw.\n\n## 2.");
    world.git("dev", &["commit", "-qanm", "Raw text"]).ok();
    world.git("dev", &["checkout", "-q", "x"]).ok();
    world
        .git(
            "dev",
            &["merge", "-q", "--no-verify", "-m", "Merge", "main"],
        )
        .ok();
    let events = world.json("dev", &["history", "SOP-001"]);
    let creates = events
        .as_array()
        .expect("events")
        .iter()
        .filter(|e| e["event"] == "CREATE")
        .count();
    assert_eq!(creates, 1, "{events}");
}
