//! Whose rules judge a commit: lending, release branches, and what two sides of a merge are together; with a real server.

use crate::world::{World, document};

/// A policy with release branches, sandboxes and release tags, which the trunk has, and a server.
fn branchy() -> World {
    let world = branching();
    world.serve();
    world
}

/// The same without a server.
pub(crate) fn branching() -> World {
    let world = World::plain();
    world
        .qms("ann", &["init", "--user", "ann:administrator"])
        .ok();
    world.leaner();
    world.edit(
        "qms.yaml",
        "protected: []",
        "protected: [release/*]\n  sandbox: [genesis/**]\n  tags: [v*]",
    );
    for user in crate::world::USERS {
        let (name, groups) = user.split_once(':').expect("a name");
        let group = groups.split(':').next().expect("a group");
        world.edit(
            "qms.yaml",
            "users:\n",
            &format!("users:\n  {name}: {{groups: [{group}]}}\n"),
        );
    }
    let before = world.git("ann", &["show", "HEAD:qms.yaml"]).ok();
    let before = qms::model::document::digest(before.as_bytes());
    world.git("ann", &["add", "qms.yaml"]).ok();
    world.commit(
        "ann",
        &format!("Found\n\nQMS-Action: found\nQMS-Actor: ann\nQMS-Before: {before}\n"),
    );
    world
}

/// Somebody without a place in the policy works on a branch of his own.
fn outsider(world: &World, branch: &str, path: &str) {
    world
        .git("zed", &["checkout", "-q", "-b", branch, "main"])
        .ok();
    world.write(path, "by zed\n");
    world.puts("zed", "Contribute");
    world.git("dev", &["checkout", "-q", "main"]).ok();
}

/// Merges a branch under a message.
#[track_caller]
fn merges(world: &World, user: &str, branch: &str, message: &str) {
    world
        .git(user, &["merge", "-q", "--no-ff", "-m", message, branch])
        .ok();
}

// Verifies: REQ-QMS-RULE-ACTOR-MISMATCH
#[test]
fn a_merge_lends_the_scope_of_its_change() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    outsider(&world, "genesis/zed", "src/new.py");
    merges(&world, "dev", "genesis/zed", "Merge zed");
    world.bounces("no-change");
    merges(
        &world,
        "dev",
        "genesis/zed",
        &World::work("Merge zed", &id, "dev"),
    );
    world.lands();
    let why = world.qms("dev", &["explain", "genesis/zed"]).ok();
    assert!(
        why.contains(&format!("covered by {id}: src/**, lent by")),
        "{why}"
    );

    // Only what the scope covers, only while the change is open, and only by somebody who answers for it.
    outsider(&world, "genesis/wide", "docker/x");
    merges(
        &world,
        "dev",
        "genesis/wide",
        &World::work("Merge", &id, "dev"),
    );
    assert!(world.bounces("out-of-scope").contains("lent by"));
    outsider(&world, "genesis/two", "src/two.py");
    merges(
        &world,
        "zed",
        "genesis/two",
        &World::work("Merge", &id, "dev"),
    );
    world.bounces("actor-mismatch");
    let open = world.qms(
        "dev",
        &["create", "CR", "--title", "T", "--scope", "src/**"],
    );
    open.ok();
    world.lands();
    merges(
        &world,
        "dev",
        "genesis/two",
        &World::work("Merge", "CR-002", "dev"),
    );
    world.bounces("change-not-open");
}

// Verifies: REQ-QMS-RULE-UNKNOWN-CHANGE
#[test]
fn nothing_is_lent_to_moves_or_to_commits_with_trailers() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    world.git("dev", &["checkout", "-q", "-b", "feat"]).ok();
    world.write("src/a.py", "a\n");
    world.puts("dev", &World::work("Under another", "CR-007", "dev"));
    world.git("dev", &["checkout", "-q", "main"]).ok();
    merges(&world, "dev", "feat", &World::work("Merge", &id, "dev"));
    assert!(world.bounces("unknown-change").contains("CR-007"));
    world.git("dev", &["checkout", "-q", "-b", "by-hand"]).ok();
    world.edit(&document(&id), "IN_EXECUTION", "POST_APPROVED");
    world.puts("zed", "Tidy");
    world.git("dev", &["checkout", "-q", "main"]).ok();
    merges(&world, "dev", "by-hand", &World::work("Merge", &id, "dev"));
    world.bounces("document-without-move");
}

#[test]
fn what_was_lent_to_is_under_the_change() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    // qa is a quality user, and wrote what comes in in the change's name.
    world.git("qa", &["checkout", "-q", "-b", "side"]).ok();
    world.write("src/qa.py", "qa\n");
    world.puts("qa", "Help");
    world.git("dev", &["checkout", "-q", "main"]).ok();
    merges(&world, "dev", "side", &World::work("Merge", &id, "dev"));
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.lands();
    let status = world.json("dev", &["status", &id]);
    let asked = status["reviews"].to_string() + &status["pending"].to_string();
    assert!(
        !asked.contains("\"qa\"") && status.to_string().contains("qb"),
        "{status}"
    );
    world
        .qms("qa", &["review", &id, "--recommend"])
        .refused("own-work");
}

// Verifies: REQ-QMS-HOOK-COMMIT-MSG
#[test]
fn a_sandbox_is_left_alone_by_hooks() {
    let world = branchy();
    world.qms("ann", &["init"]).ok();
    for (branch, let_through) in [("genesis/a/b", true), ("feat", false)] {
        world
            .git("dev", &["checkout", "-q", "-b", branch, "main"])
            .ok();
        world.write("src/x.py", branch);
        world.git("dev", &["add", "."]).ok();
        let ran = world.git("dev", &["commit", "-qm", "Try"]);
        match let_through {
            true => drop(ran.ok()),
            false => drop(ran.refused("no-change")),
        }
    }
}

// Verifies: REQ-QMS-RULE-AUTHORITY, REQ-QMS-RULE-AWAY-FROM-TRUNK
#[test]
fn a_release_branch_goes_by_the_trunk() {
    let world = branchy();
    let id = world.change("dev", "src/**");
    world.lands();
    world
        .git("ann", &["push", "-q", "origin", "main:release/1"])
        .ok();
    let begun = world.head();
    world
        .git("dev", &["checkout", "-q", "-b", "release/1"])
        .ok();
    let push = |world: &World| world.git("ann", &["push", "origin", "HEAD:release/1"]);
    let back = |world: &World| {
        world.git("ann", &["fetch", "-q", "origin"]).ok();
        world
            .git("ann", &["reset", "-q", "--hard", "origin/release/1"])
            .ok()
    };
    let work = |authority: &str| {
        world.write("src/fix.py", &format!("{authority} {}\n", world.head()));
        let message = World::work("Backport", &id, "dev");
        world.puts("dev", &format!("{message}QMS-Authority: {authority}\n"));
    };
    // A free path needs nothing.
    world.write("README.md", "release\n");
    world.puts("zed", "Words");
    push(&world).ok();
    // The tree's own documents authorize nothing.
    world.write("src/fix.py", "x\n");
    world.puts("dev", &World::work("Backport", &id, "dev"));
    push(&world).refused("authority");
    back(&world);
    work(&begun[..12]);
    push(&world).refused("authority");
    back(&world);
    let off = world.head();
    work(&off);
    assert!(push(&world).refused("authority").contains("mainline"));
    back(&world);
    work(&begun);
    push(&world).ok();
    // The command writes it.
    world.write("src/more.py", "x\n");
    world.git("dev", &["add", "."]).ok();
    world
        .qms("dev", &["commit", "-m", "More", "--change", &id, "-q"])
        .ok();
    push(&world).ok();
    // No document moves, no people change.
    world
        .qms("dev", &["checkout", &id])
        .refused("away-from-trunk");
    world
        .git(
            "dev",
            &["commit", "-q", "--allow-empty", "-C", "origin/main"],
        )
        .ok();
    push(&world).refused("away-from-trunk");
    back(&world);

    // The trunk moves the change: what was before is no authority any more for a server.
    world.git("dev", &["checkout", "-q", "main"]).ok();
    let later = world.change("dev", "docker/**");
    world.lands();
    let newer = world.head();
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.lands();
    world.git("dev", &["checkout", "-q", "release/1"]).ok();
    work(&begun);
    assert!(
        push(&world)
            .refused("authority")
            .contains(&format!("moved {id}"))
    );
    back(&world);
    world.write("docker/f", "x\n");
    let message = World::work("Backport", &later, "dev");
    world.puts("dev", &format!("{message}QMS-Authority: {newer}\n"));
    push(&world).ok();
    // Nothing older than what the branch went by already.
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.qms("dev", &["withdraw", &id]).ok();
    world.lands();
    world.git("dev", &["checkout", "-q", "release/1"]).ok();
    work(&begun);
    assert!(push(&world).refused("authority").contains("older"));
    back(&world);
    // A branch that follows the trunk was judged there.
    world
        .git(
            "ann",
            &[
                "push",
                "-q",
                "origin",
                &format!("{begun}:refs/heads/release/2"),
            ],
        )
        .ok();
    world
        .git(
            "ann",
            &["push", "-q", "origin", "main:refs/heads/release/2"],
        )
        .ok();
}

// Verifies: REQ-QMS-RULE-UNKNOWN-CHANGE, REQ-QMS-RULE-CHANGE-MOVED-ON
#[test]
fn work_of_a_release_branch_comes_home() {
    let world = branchy();
    world
        .git("ann", &["push", "-q", "origin", "main:release/1"])
        .ok();
    let old = world.head();
    let id = world.change("dev", "src/**");
    world.lands();
    let authority = world.head();
    // The branch is from before the change, which its own tree does not even have.
    world
        .git("dev", &["checkout", "-q", "-b", "release/1", &old])
        .ok();
    world.write("src/fix.py", "fix\n");
    let message = World::work("Fix", &id, "dev");
    world.puts("dev", &format!("{message}QMS-Authority: {authority}\n"));
    world
        .git("dev", &["push", "-q", "origin", "HEAD:release/1"])
        .ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    merges(&world, "zed", "release/1", "Merge release/1");
    world.lands();

    // Where the trunk has moved the change on, the merge may lend.
    world.git("dev", &["checkout", "-q", "release/1"]).ok();
    world.write("src/fix.py", "fix again\n");
    world.puts("dev", &format!("{message}QMS-Authority: {authority}\n"));
    world
        .git("dev", &["push", "-q", "origin", "HEAD:release/1"])
        .ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    let other = world.change("dev", "src/**");
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.lands();
    merges(&world, "zed", "release/1", "Merge release/1");
    world.bounces("change-moved-on");
    merges(
        &world,
        "dev",
        "release/1",
        &World::work("Merge", &other, "dev"),
    );
    world.lands();
}

// Verifies: REQ-QMS-RULE-NAMED-BY-PARENT
#[test]
fn g17_two_legal_branches_are_illegal_together() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.approve("dev", &id);
    world.lands();
    // One opens the parent again and starts a variance under it; the other closes the parent.
    world.git("dev", &["checkout", "-q", "-b", "closes"]).ok();
    world.qms("dev", &["close", &id]).ok();
    world
        .git("dev", &["checkout", "-q", "-b", "cancels", "main"])
        .ok();
    let other = world.qms(
        "dev",
        &["create", "CR", "--title", "Other", "--scope", "docker/**"],
    );
    other.ok();
    world.qms("dev", &["checkin", "CR-002"]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    merges(&world, "zed", "cancels", "Merge");
    world.lands();
    world.git("dev", &["checkout", "-q", "-b", "child"]).ok();
    let tp = world.qms(
        "dev",
        &["create", "TP", "--parent", "CR-002", "--title", "T"],
    );
    tp.ok();
    world
        .git("dev", &["checkout", "-q", "-b", "gone", "main"])
        .ok();
    world.qms("dev", &["cancel", "CR-002", "--confirm"]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    merges(&world, "zed", "child", "Merge");
    world.lands();
    merges(&world, "zed", "gone", "Merge");
    assert!(world.bounces("open-child").contains("CR-002-TP-001"));
    merges(&world, "zed", "closes", "Merge");
    world.lands();
}

// Verifies: REQ-QMS-RULE-OPEN-CHILD
#[test]
fn g17_a_parent_closed_on_one_side_and_its_variance_opened_again_on_the_other() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    let variance = [
        "create",
        "VAR",
        "--parent",
        &id,
        "--title",
        "V",
        "--scope",
        "docker/**",
    ];
    world.qms("dev", &variance).ok();
    let child = format!("{id}-VAR-001");
    world.edit(&document(&child), "variance_type: 1", "variance_type: 2");
    world.qms("dev", &["checkin", &child]).ok();
    world.approve("dev", &child);
    world.approve("dev", &id);
    world.lands();
    world.git("dev", &["checkout", "-q", "-b", "again"]).ok();
    world.qms("dev", &["checkout", &child]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.qms("dev", &["close", &id]).ok();
    world.lands();
    merges(&world, "zed", "again", "Merge");
    assert!(world.bounces("open-child").contains(&child));
}

#[test]
fn a_change_does_not_leave_execution_past_the_work_of_the_other_side() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    world.git("dev", &["checkout", "-q", "-b", "routes"]).ok();
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.write("src/more.py", "more\n");
    world.works("dev", "More", &id);
    world.lands();
    // Merged either way round, the review has not seen the work.
    merges(&world, "zed", "routes", "Merge");
    assert!(world.bounces("change-moved-on").contains("More"));
    world.git("dev", &["checkout", "-q", "routes"]).ok();
    merges(&world, "zed", "main", "Take the trunk in");
    world.git("dev", &["checkout", "-q", "main"]).ok();
    merges(&world, "zed", "routes", "Merge");
    world.bounces("change-moved-on");
    // The legal way: route again on top.
    world
        .git("dev", &["reset", "-q", "--hard", "origin/main"])
        .ok();
    world
        .git("dev", &["checkout", "-q", "-B", "routes", "origin/main"])
        .ok();
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    merges(&world, "zed", "routes", "Merge");
    world.lands();
}

// Verifies: REQ-QMS-RULE-RELEASE-TAG
#[test]
fn release_tags_are_made_once_of_a_protected_mainline() {
    let world = branchy();
    let tag = |args: &[&str]| world.git("ann", &[&["push", "origin"], args].concat());
    world.git("ann", &["tag", "-a", "-m", "One", "v1"]).ok();
    tag(&["v1"]).ok();
    tag(&[":v1"]).refused("release-tag");
    world.git("ann", &["checkout", "-q", "-b", "side"]).ok();
    world.write("README.md", "side\n");
    world.puts("zed", "Side");
    world.git("ann", &["tag", "-f", "v1"]).ok();
    tag(&["-f", "v1"]).refused("release-tag");
    world.git("ann", &["tag", "v2"]).ok();
    tag(&["v2"]).refused("release-tag");
    world.git("ann", &["tag", "any"]).ok();
    tag(&["any"]).ok();
    // A new protected branch may start where another one has been.
    world
        .git("ann", &["push", "origin", "side:release/1"])
        .refused("new-branch");
}

// Verifies: REQ-QMS-RULE-DATE-AHEAD
#[test]
fn f8_a_server_takes_nothing_from_the_future() {
    let world = World::served();
    world.write("README.md", "soon\n");
    world.git("zed", &["add", "."]).ok();
    let mut commit = world.command(std::process::Command::new("git"), "zed");
    commit.env("GIT_COMMITTER_DATE", "4000000000 +0000");
    let output = commit
        .args(["commit", "-qm", "Soon"])
        .output()
        .expect("git");
    assert!(output.status.success());
    world.bounces("date-ahead");
    world.write("README.md", "now\n");
    world.git("zed", &["add", "."]).ok();
    // The author's date is a remark.
    world
        .git(
            "zed",
            &["commit", "-qm", "Now", "--date", "4000000000 +0000"],
        )
        .ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-TWIN-PATH
#[test]
fn g6_paths_that_cannot_be_told_apart_do_not_come_in() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    // The index would fold some of these on another machine; trees hold them all.
    let with = |name: &str| {
        world.write("new", "new\n");
        let blob = world.git("dev", &["hash-object", "-w", "new"]).ok();
        std::fs::remove_file(world.path("new")).expect("a file");
        let entry = format!("100644,{},{name}", blob.trim());
        world
            .git("dev", &["update-index", "--add", "--cacheinfo", &entry])
            .ok();
        world.commit("dev", &World::work("Add", &id, "dev"));
    };
    for name in ["src/Main.py", "src/main.py.", "SRC/x", "src/main.py "] {
        with(name);
        world.bounces("twin-path");
    }
    with("src/a\u{308}.py");
    with("src/\u{e4}.py");
    world.bounces("twin-path");
    // A rename that changes the case alone takes the old name away.
    world.git("dev", &["mv", "src/main.py", "src/Main.py"]).ok();
    world.commit("dev", &World::work("Rename", &id, "dev"));
    world.lands();
    // Two branches that are each legal have twins together.
    world.git("dev", &["checkout", "-q", "-b", "other"]).ok();
    with("src/two.py");
    world.git("dev", &["checkout", "-q", "main"]).ok();
    with("src/Two.py");
    merges(&world, "zed", "other", "Merge");
    world.bounces("twin-path");
}

// Verifies: REQ-QMS-RULE-LINK-LEADS-OUT
#[test]
fn g13_a_link_does_not_lead_out_of_the_scope() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    let link = |to: &str, at: &str| {
        let place = world.path(at);
        let _ = std::fs::remove_file(&place);
        std::os::unix::fs::symlink(to, place).expect("a link");
        world.puts("dev", &World::work("Link", &id, "dev"));
    };
    for to in [
        "../docker/Dockerfile",
        "/etc/passwd",
        "../../x",
        "../README.md",
        "../.git/config",
        "../QMS/SOP",
    ] {
        link(to, "src/link");
        world.bounces("link-leads-out");
    }
    // A free path may link anywhere within.
    link("/etc/passwd", "README.link");
    world.bounces("link-leads-out");
    link("src/main.py", "README.link");
    link("main.py", "src/link");
    link("./lib/deep", "src/folder");
    world.lands();
}
