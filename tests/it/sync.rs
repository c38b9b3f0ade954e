//! `qms sync`: from every broken situation that it is for to a push that lands, with nothing lost.

use crate::world::{World, document};

/// What became of the commits of a sync, as `what subject`.
fn told(value: &serde_json::Value) -> Vec<String> {
    let commits = value["sync"]["commits"].as_array().expect("commits");
    let line = |c: &serde_json::Value| {
        format!(
            "{} {}",
            c["what"].as_str().expect("what"),
            c["subject"].as_str().expect("a subject")
        )
    };
    commits.iter().map(line).collect()
}

#[test]
fn a_lost_race_is_run_again() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.lands();
    let other = world.second("other");
    // Both work, and dev also opens a procedure's template; claude is first.
    other.write("src/other.py", "other\n");
    let second = other.change("claude", "lib/**");
    other
        .git("claude", &["push", "-q", "origin", "HEAD:main"])
        .ok();
    world.write("src/mine.py", "mine\n");
    world.works("dev", "Mine", &change);
    world.write("src/mine.py", "mine, better\n");
    world.works("dev", "Better", &change);
    world.write("unsaved.txt", "not committed\n");
    world.git("dev", &["add", "unsaved.txt"]).ok();
    let old = world.head();
    world
        .git("dev", &["push", "origin", "HEAD:main"])
        .err
        .contains("fetch first")
        .then_some(())
        .expect("a lost race");
    let value = world.json("dev", &["sync", "--push"]);
    assert_eq!(told(&value), ["redone Mine", "redone Better"]);
    assert_eq!(world.read("src/mine.py"), "mine, better\n");
    assert_eq!(
        world.git("dev", &["status", "--short"]).ok(),
        "A  unsaved.txt\n"
    );
    assert_eq!(world.status(&second), "IN_EXECUTION");
    assert!(
        world
            .git("dev", &["reflog"])
            .ok()
            .contains("qms: sync onto origin/main")
    );
    assert_eq!(value["sync"]["old"], old.as_str());
    assert_eq!(
        world.git("dev", &["ls-remote", "origin", "main"]).ok()[..40],
        world.head()
    );
}

// Verifies: REQ-QMS-CMD-SYNC
#[test]
fn own_moves_are_made_again_and_those_of_others_that_no_longer_fit_are_listed() {
    let world = World::served();
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "One", "--scope", "src/**"],
        )
        .ok();
    world.qms("dev", &["checkin", "CR-001"]).ok();
    world.lands();
    let other = world.second("other");
    // Here the text is changed and reviewed, there it was changed first.
    world.qms("dev", &["checkout", "CR-001"]).ok();
    world.edit(&document("CR-001"), "## 6.", "A thought of mine.\n\n## 6.");
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    world
        .qms(
            "qa",
            &["review", "CR-001", "--recommend", "--comment", "good"],
        )
        .ok();
    other.qms("dev", &["checkout", "CR-001"]).ok();
    other.edit(&document("CR-001"), "title: One", "title: One of two");
    other.qms("dev", &["checkin", "CR-001"]).ok();
    other
        .git("dev", &["push", "-q", "origin", "HEAD:main"])
        .ok();
    let old = world.head();
    let value = world.json("dev", &["sync", "--push"]);
    assert_eq!(
        told(&value),
        [
            "redone CR-001 checkout: One",
            "redone CR-001 checkin: One",
            "redone CR-001 route for review: One",
            "dropped CR-001 review: One"
        ]
    );
    let text = world.read(&document("CR-001"));
    assert!(
        text.contains("title: One of two") && text.contains("A thought of mine"),
        "{text}"
    );
    assert_eq!(world.status("CR-001"), "IN_PRE_REVIEW");
    assert!(
        world.git("dev", &["show", &old]).ok().contains("good"),
        "the old tip is there"
    );
}

#[test]
fn a_check_out_that_somebody_else_has_by_now_is_dropped_and_said() {
    let world = World::served();
    let other = world.second("other");
    world.qms("dev", &["checkout", "TEMPLATE-SOP"]).ok();
    other.qms("claude", &["checkout", "TEMPLATE-SOP"]).ok();
    other
        .git("claude", &["push", "-q", "origin", "HEAD:main"])
        .ok();
    let said = world.qms("dev", &["sync"]).ok();
    assert!(
        said.contains("dropped")
            && said.contains("checked out by claude")
            && said.contains("qms next"),
        "{said}"
    );
    world
        .git("dev", &["push", "-q", "origin", "HEAD:main"])
        .ok();
}

// Verifies: REQ-QMS-CMD-SYNC, REQ-QMS-CMD-RENUMBER
#[test]
fn i_23_a_number_that_two_branches_took_is_given_again() {
    let world = World::served();
    let other = world.second("other");
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "Mine", "--scope", "src/**"],
        )
        .ok();
    world.edit(&document("CR-001"), "# ", "CR-001 is mine\n\n# ");
    world.release("dev", "CR-001");
    world
        .qms(
            "dev",
            &[
                "create", "VAR", "--parent", "CR-001", "--title", "More", "--scope", "lib/**",
            ],
        )
        .ok();
    world.write("src/mine.py", "mine\n");
    world.works("dev", "Mine", "CR-001");
    other.change("claude", "lib/**");
    other
        .git("claude", &["push", "-q", "origin", "HEAD:main"])
        .ok();
    // A merge of both is refused, and so is the sync, which names the remedy.
    let refused = world.qms("dev", &["sync"]);
    assert!(
        refused.code != 0 && refused.err.contains("qms renumber CR-001"),
        "{}",
        refused.err
    );
    let ran = world.qms("dev", &["--format", "json", "renumber", "CR-001", "--push"]);
    assert_eq!(ran.code, 1, "work had to stay behind, so nothing is pushed");
    let value: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(value["push"], serde_json::Value::Null);
    assert_eq!(
        value["sync"]["renumbered"],
        serde_json::json!(["CR-001", "CR-002"])
    );
    // Others judged another document; they are asked again, and the work waits for the release.
    assert!(
        told(&value).contains(&"dropped CR-001 review: Mine".to_owned()),
        "{value}"
    );
    let text = world.read(&document("CR-002"));
    assert!(
        text.contains("CR-002 is mine") && !text.contains("CR-001"),
        "{text}"
    );
    assert_eq!(
        world.json("ann", &["status", "CR-001"])["responsible_user"],
        "claude"
    );
}

// Verifies: REQ-QMS-RULE-CHANGE-NOT-OPEN
#[test]
fn work_from_before_the_approval_comes_after_it() {
    let world = World::served();
    // The work is there first, without hooks and trailers; then its change is made and approved.
    world.write("src/early.py", "early\n");
    world.puts("dev", "Early");
    let change = world.change("dev", "src/**");
    world.bounces_only("no-change");
    let value = world.json("dev", &["sync", "--change", &change, "--push"]);
    let told = told(&value);
    assert_eq!(
        told.last().map(String::as_str),
        Some("mended Early"),
        "{told:?}"
    );
    assert_eq!(
        world
            .git(
                "dev",
                &["log", "-1", "--format=%(trailers:key=QMS-Change,valueonly)"]
            )
            .ok()
            .trim(),
        change
    );
    assert_eq!(world.read("src/early.py"), "early\n");
}

#[test]
fn leftovers_of_autosquash_join_what_they_mend() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.lands();
    world.write("src/a.py", "a\n");
    world.works("dev", "Add a", &change);
    world.write("src/b.py", "b\n");
    world.works("dev", "Add b", &change);
    world.write("src/a.py", "a, mended\n");
    world.git("dev", &["commit", "-qam", "fixup! Add a"]).ok();
    // A squash that put one message behind the other leaves trailers in the middle.
    world.write("src/c.py", "c\n");
    world.git("dev", &["add", "."]).ok();
    let twice = format!(
        "{}\nAdd more of c\n\nQMS-Change: {change}\nQMS-Actor: dev\n",
        World::work("Add c", &change, "dev")
    );
    world.git("dev", &["commit", "-qm", &twice]).ok();
    world.bounces_only("no-change");
    let value = world.json("dev", &["sync", "--push"]);
    assert_eq!(
        told(&value),
        [
            "mended Add a",
            "joined Add a",
            "redone Add b",
            "mended Add c"
        ]
    );
    assert_eq!(
        world.git("dev", &["show", "HEAD~2:src/a.py"]).ok(),
        "a, mended\n"
    );
    assert!(
        world
            .git("dev", &["log", "-1", "--format=%B"])
            .ok()
            .contains("Add more of c")
    );
}

#[test]
fn a_backport_is_a_cherry_pick_under_a_change_of_its_own() {
    let world = World::served();
    world.git("dev", &["checkout", "-qb", "elsewhere"]).ok();
    let theirs = world.change("dev", "src/**");
    world.write("src/fix.py", "fixed\n");
    world.works("dev", "Fix it", &theirs);
    let fix = world.head();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.change("claude", "lib/**");
    let ours = world.change("dev", "src/**");
    world.lands();
    world.git("dev", &["cherry-pick", "-x", &fix]).ok();
    world.bounces_only("unknown-change");
    let value = world.json("dev", &["sync", "--change", &ours, "--push"]);
    assert_eq!(told(&value), ["mended Fix it"]);
    let message = world.git("dev", &["log", "-1", "--format=%B"]).ok();
    assert!(
        message.contains(&format!("(cherry picked from commit {fix})")),
        "{message}"
    );
    assert!(
        message.contains(&format!("QMS-Change: {ours}")),
        "{message}"
    );
}

#[test]
fn a_branch_from_before_governance_comes_in() {
    let world = World::plain();
    world.git("dev", &["checkout", "-qb", "old"]).ok();
    world.write("src/old.py", "old\n");
    world.puts("dev", "Old work");
    world.git("ann", &["checkout", "-q", "main"]).ok();
    let users = [
        "init",
        "--user",
        "dev:initiator",
        "--user",
        "qa:quality",
        "--user",
        "qb:quality",
    ];
    world.qms("ann", &users).ok();
    world.leaner();
    world.serve();
    let change = world.change("dev", "src/**");
    world.lands();
    world.git("dev", &["checkout", "-q", "old"]).ok();
    let value = world.json("dev", &["sync", "--change", &change]);
    assert_eq!(told(&value), ["mended Old work"]);
    world
        .git("dev", &["push", "-q", "origin", "HEAD:main"])
        .ok();
}

#[test]
fn work_of_others_is_answered_for_by_who_says_so() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.lands();
    world.write("src/theirs.py", "theirs\n");
    world.puts("zoe", "A patch from outside");
    let refused = world.qms("dev", &["sync", "--change", &change]);
    assert!(
        refused.code == 2 && refused.err.contains("--adopt"),
        "{}",
        refused.err
    );
    world
        .qms("dev", &["sync", "--change", &change, "--adopt", "--push"])
        .ok();
    assert_eq!(
        world.git("dev", &["log", "-1", "--format=%an"]).ok().trim(),
        "zoe"
    );
}

// Verifies: REQ-QMS-CMD-SYNC
#[test]
fn pass_11_work_and_merges_are_taken_back_and_documents_stay() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.write("src/a.py", "a\n");
    world.works("dev", "Add a", &change);
    // `git revert` of work is work.
    world.git("dev", &["revert", "--no-edit", "HEAD"]).ok();
    let message = World::work("Revert \"Add a\"", &change, "dev");
    world
        .git("dev", &["commit", "-q", "--amend", "-m", &message])
        .ok();
    world.lands();
    // A merge brings a document's move and work; what it did to paths goes back.
    world.git("dev", &["checkout", "-qb", "side"]).ok();
    world.write("src/side.py", "side\n");
    world.works("dev", "Side", &change);
    world.qms("dev", &["checkout", &change]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world
        .git(
            "dev",
            &["merge", "-q", "--no-ff", "-m", "Merge side", "side"],
        )
        .ok();
    world.lands();
    let value = world.json(
        "dev",
        &["sync", "--revert", "HEAD", "--change", &change, "--push"],
    );
    assert_eq!(told(&value), ["reverted Revert \"Merge side\""]);
    assert!(!world.path("src/side.py").exists());
    assert_eq!(
        world.json("dev", &["status", &change])["checked_out"],
        true,
        "the document stays as it was moved"
    );
    let again = world.qms("dev", &["sync", "--revert", "HEAD~1", "--change", &change]);
    assert!(
        again.code != 0 && again.err.contains("nothing left to take back"),
        "{}",
        again.err
    );
}

// Verifies: REQ-QMS-CMD-SYNC
#[test]
fn what_cannot_be_made_again_leaves_everything_as_it_is() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.lands();
    let other = world.second("other");
    world.write("src/main.py", "mine\n");
    world.works("dev", "Mine", &change);
    other.write("src/main.py", "theirs\n");
    other.works("dev", "Theirs", &change);
    other
        .git("dev", &["push", "-q", "origin", "HEAD:main"])
        .ok();
    let old = world.head();
    let said = world.qms("dev", &["sync"]);
    assert!(
        said.code == 2 && said.err.contains("src/main.py changed on both sides"),
        "{}",
        said.err
    );
    // Work that no change allows is refused with the finding of the server.
    world
        .git("dev", &["reset", "-q", "--hard", "origin/main"])
        .ok();
    world.write("elsewhere.py", "x\n");
    world.works("dev", "Elsewhere", &change);
    let here = world.head();
    world.qms("dev", &["sync"]).refused("out-of-scope");
    assert_eq!(world.head(), here);
    // A change of the work tree that would be lost is kept, and the branch stays.
    world.git("dev", &["reset", "-q", "--hard", &old]).ok();
    world.git("dev", &["reset", "-q", "--hard", "HEAD~1"]).ok();
    world.write("src/main.py", "not committed\n");
    let said = world.qms("dev", &["sync"]);
    assert!(
        said.code == 2 && said.err.contains("commit or stash"),
        "{}",
        said.err
    );
    assert_eq!(world.read("src/main.py"), "not committed\n");
}

// Verifies: REQ-QMS-CMD-COMMIT
#[test]
fn a_move_is_pushed_with_it_and_a_lost_push_says_what_to_do() {
    let world = World::served();
    let other = world.second("other");
    other
        .qms("claude", &["create", "SOP", "--title", "Ours", "--push"])
        .ok();
    let late = world.qms(
        "dev",
        &[
            "create", "CR", "--title", "Late", "--scope", "src/**", "--push",
        ],
    );
    assert_eq!(late.code, 1);
    assert!(late.err.contains("qms sync --push"), "{}", late.err);
    assert_eq!(world.status("CR-001"), "DRAFT");
    world.qms("dev", &["sync", "--push"]).ok();
    assert_eq!(
        world.qms("dev", &["sync"]).ok(),
        "nothing to do: what is here fits on origin/main\n"
    );
    assert_eq!(world.status("SOP-001"), "DRAFT");
    // Work goes with it as well.
    let change = world.change("dev", "src/**");
    world.write("src/a.py", "a\n");
    world.git("dev", &["add", "."]).ok();
    world
        .qms(
            "dev",
            &["commit", "-q", "-m", "Add a", "--change", &change, "--push"],
        )
        .ok();
    assert!(
        world
            .git("dev", &["ls-remote", "origin", "main"])
            .ok()
            .starts_with(&world.head())
    );
}
