//! Attacks that an adversarial reading of the kernel found, each on a real server.

use qms::model::document::digest;

use crate::world::{World, document};

fn amended(world: &World, user: &str) {
    let message = world.git(user, &["log", "-1", "--format=%B"]).ok();
    world.git(user, &["add", "-A"]).ok();
    world
        .git(user, &["commit", "-q", "--amend", "-m", message.trim()])
        .ok();
}

// Verifies: REQ-QMS-RULE-ONE-MOVE
#[test]
fn a_close_does_not_smuggle_attachments() {
    let world = World::served();
    let id = world.change("dev", "a/**");
    world
        .qms("dev", &["create", "VR", "--parent", &id, "--title", "Seen"])
        .ok();
    world
        .qms("dev", &["cancel", &format!("{id}-VR-001"), "--confirm"])
        .ok();
    world.approve("dev", &id);
    world.lands();
    let (old, new) = (
        document(&format!("{id}-VR-001")),
        document(&format!("{id}-VR-007")),
    );
    world.qms("dev", &["close", &id]).ok();
    world.edit(&old, "CANCELLED", "CLOSED");
    amended(&world, "dev");
    world.bounces("one-move");
    world.qms("dev", &["close", &id]).ok();
    world.write(&new, &world.read(&old).replace("CANCELLED", "CLOSED"));
    amended(&world, "dev");
    let said = world.bounces("one-move");
    assert!(said.contains("VR-007"), "{said}");
    world.qms("dev", &["close", &id]).ok();
    world.lands();
}

#[test]
fn g8_a_criss_cross_brings_nothing_back() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.write("src/f", "v1\n");
    world.works("dev", "v1", &id);
    world.lands();
    world.git("dev", &["checkout", "-qb", "side"]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.write("src/f", "v2\n");
    world.works("dev", "v2", &id);
    let b1 = world.head();
    world.git("dev", &["checkout", "-q", "side"]).ok();
    world.write("docs/free.md", "free\n");
    world.puts("bob", "Free");
    let s1 = world.head();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world
        .git("dev", &["merge", "-q", "--no-ff", "-m", "M1", &s1])
        .ok();
    world.write("src/f", "v1\n");
    world.works("dev", "Back to v1", &id);
    world.lands();
    world.git("bob", &["checkout", "-q", "side"]).ok();
    world
        .git("bob", &["merge", "-q", "--no-ff", "-m", "S2", &b1])
        .ok();
    world.git("bob", &["checkout", "-q", "main"]).ok();
    let bases = world
        .git("bob", &["merge-base", "--all", "main", "side"])
        .ok();
    assert_eq!(bases.lines().count(), 2);
    world.git("bob", &["merge", "-q", "--no-ff", "--no-commit", "side"]);
    world.write("src/f", "v2\n");
    world.git("bob", &["add", "-A"]).ok();
    world.commit("bob", "E");
    world.bounces("no-change");
}

#[test]
fn a_merge_does_not_roll_people_back() {
    let world = World::served();
    world.git("ann", &["checkout", "-qb", "old"]).ok();
    world.write("docs/x.md", "x\n");
    world.puts("ann", "Docs");
    world.git("ann", &["checkout", "-q", "main"]).ok();
    let before = digest(world.read("qms.yaml").as_bytes());
    world.edit("qms.yaml", "qb: {groups: [quality]", "qb: {groups: []");
    let message = format!(
        "Enroll\n\nQMS-Action: enroll\nQMS-Actor: qa\nQMS-Before: {before}\nQMS-Users: qb\nQMS-Reason: left\n"
    );
    world.git("qa", &["commit", "-qam", &message]).ok();
    world.lands();
    // The old policy, put back by a merge that says that it enrolls somebody else.
    world.git("ann", &["checkout", "-q", "old"]).ok();
    let old = world.read("qms.yaml");
    world
        .git("ann", &["merge", "-q", "--no-ff", "--no-commit", "main"])
        .ok();
    let with = old.replace(
        "users:\n",
        "users:\n  zed: {groups: [initiator], kind: human}\n",
    );
    world.write("qms.yaml", &with);
    let before = digest(old.as_bytes());
    let message = format!(
        "Enroll\n\nQMS-Action: enroll\nQMS-Actor: ann\nQMS-Before: {before}\nQMS-Users: zed\n"
    );
    world.git("ann", &["commit", "-qam", &message]).ok();
    let merge = world.head();
    world.git("ann", &["checkout", "-q", "main"]).ok();
    world
        .git(
            "ann",
            &["merge", "-q", "--no-ff", "-m", "Merge old", &merge],
        )
        .ok();
    let said = world.bounces("merge-contested");
    assert!(said.contains("error[one-move]"), "{said}");
}

#[test]
fn i_15_only_a_variance_may_be_of_type_2() {
    let world = World::served();
    let id = world.change("dev", "a/**");
    world
        .qms(
            "dev",
            &["create", "TP", "--parent", &id, "--title", "Tests"],
        )
        .ok();
    let protocol = format!("{id}-TP-001");
    world.edit(
        &document(&protocol),
        "revision_summary",
        "variance_type: 2\nrevision_summary",
    );
    world.release("dev", &protocol);
    world.approve("dev", &id);
    assert!(
        world
            .qms("dev", &["close", &id])
            .refused("open-child")
            .contains("TP-001")
    );
}

#[test]
fn p5_an_open_type_2_variance_does_not_hold_its_parent() {
    let world = World::served();
    let id = world.change("dev", "a/**");
    let args = [
        "create", "VAR", "--parent", &id, "--title", "Later", "--scope", "b/**",
    ];
    let variance = world.json("dev", &args)["doc_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    world.edit(&document(&variance), "variance_type: 1", "variance_type: 2");
    world.release("dev", &variance);
    world.approve("dev", &id);
    world.qms("dev", &["close", &id]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-NOT-RECOMMENDED
#[test]
fn i_17_a_request_in_post_review_is_not_lost_by_routing_again() {
    let world = World::new();
    let id = world.change("dev", "a/**");
    world.qms("dev", &["route", &id, "--review"]).ok();
    world
        .qms(
            "qa",
            &[
                "review",
                &id,
                "--request-updates",
                "--comment",
                "where are the tests",
            ],
        )
        .ok();
    world.qms("qb", &["review", &id, "--recommend"]).ok();
    for command in [["checkout", &id], ["checkin", &id]] {
        world.qms("dev", &command).ok();
    }
    world.qms("dev", &["route", &id, "--review"]).ok();
    let view = world.json("dev", &["status", &id]);
    assert_eq!(view["review_outcomes"]["qa"], "request-updates");
    world
        .qms("dev", &["route", &id, "--approval"])
        .refused("not-recommended");
}

// Verifies: REQ-QMS-RULE-CHANGE-MOVED-ON
#[test]
fn a_grandchild_does_not_outlive_the_scope_it_inherits() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    let variance = |parent: &str| {
        let args = [
            "create", "VAR", "--parent", parent, "--title", "V", "--scope", "other/**",
        ];
        let id = world.json("dev", &args)["doc_id"]
            .as_str()
            .expect("an id")
            .to_owned();
        world.edit(&document(&id), "variance_type: 1", "variance_type: 2");
        world.release("dev", &id);
        id
    };
    let child = variance(&id);
    let grandchild = variance(&child);
    world.lands();
    world.git("dev", &["checkout", "-qb", "late"]).ok();
    world.write("src/main.py", "late\n");
    world.works("dev", "Late", &grandchild);
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.approve("dev", &id);
    world.qms("dev", &["close", &id]).ok();
    world.lands();
    world
        .git(
            "ann",
            &["merge", "-q", "--no-ff", "-m", "Merge late", "late"],
        )
        .ok();
    world.bounces("change-moved-on");
}

#[test]
fn who_may_act_on_a_branch_is_read_from_the_trunk() {
    let world = World::served();
    world.git("ann", &["branch", "feature"]).ok();
    world
        .qms("ann", &["user", "add", "eve", "--group", "initiator"])
        .ok();
    world.lands();
    world.git("eve", &["checkout", "-q", "feature"]).ok();
    world
        .qms("eve", &["create", "SOP", "--title", "Backups"])
        .ok();
    world
        .git("eve", &["merge", "-q", "--no-ff", "-m", "Merge", "main"])
        .ok();
    world.git("eve", &["checkout", "-q", "main"]).ok();
    world
        .git("eve", &["merge", "-q", "--no-ff", "-m", "Merge", "feature"])
        .ok();
    world.lands();
}

// Verifies: REQ-QMS-CMD-ROUTE
#[test]
fn what_was_said_of_a_retirement_is_not_said_of_the_text() {
    let world = World::new();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.approve("dev", "SOP-001");
    let path = document("SOP-001");
    let checkin = |from: &str, to: &str| {
        world.qms("dev", &["checkout", "SOP-001"]).ok();
        world.edit(&path, from, to);
        world.qms("dev", &["checkin", "SOP-001"]).ok();
    };
    checkin("Initial draft", "No longer needed");
    world
        .qms("dev", &["route", "SOP-001", "--review", "--retire"])
        .ok();
    for name in ["qa", "qb"] {
        world.qms(name, &["review", "SOP-001", "--recommend"]).ok();
    }
    // The text goes and comes back: the same digest, and another end.
    checkin("No longer needed", "Another");
    checkin("Another", "No longer needed");
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    assert_eq!(world.status("SOP-001"), "IN_REVIEW");
    let block = world.read(&path);
    assert!(
        block.contains("reviews: {qa: pending, qb: pending}"),
        "{block}"
    );
}

// Verifies: REQ-QMS-RULE-NOT-READY, REQ-QMS-CMD-ROUTE, REQ-QMS-CMD-ABANDON
#[test]
fn only_what_is_in_force_is_retired() {
    let world = World::new();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world
        .qms("dev", &["route", "SOP-001", "--review", "--retire"])
        .refused("wrong-state");
    world
        .qms("dev", &["abandon", "SOP-001", "--reason", "x"])
        .refused("wrong-state");
    world.approve("dev", "SOP-001");
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.edit(
        &document("SOP-001"),
        "Initial draft",
        "Nobody makes backups by hand any more",
    );
    world
        .qms("dev", &["route", "SOP-001", "--review", "--retire"])
        .ok();
    for name in ["qa", "qb"] {
        world.qms(name, &["review", "SOP-001", "--recommend"]).ok();
    }
    world.qms("dev", &["route", "SOP-001", "--approval"]).ok();
    for name in ["qa", "qb"] {
        world.qms(name, &["approve", "SOP-001"]).ok();
    }
    assert_eq!(world.status("SOP-001"), "RETIRED");
    let events = world.json("dev", &["history", "SOP-001"]);
    let names: Vec<_> = events
        .as_array()
        .expect("events")
        .iter()
        .map(|e| e["event"].clone())
        .collect();
    assert_eq!(names.iter().filter(|n| **n == "EFFECTIVE").count(), 1);
    assert_eq!(names.last(), Some(&"RETIRE".into()));
}

#[test]
fn an_address_is_a_power_too() {
    let world = World::served();
    let before = digest(world.read("qms.yaml").as_bytes());
    world.edit(
        "qms.yaml",
        "qa: {groups: [quality], kind: human}",
        "qa: {groups: [quality], kind: human, emails: [\"ann2@x\"]}",
    );
    let message = format!(
        "Enroll\n\nQMS-Action: enroll\nQMS-Actor: ann\nQMS-Before: {before}\nQMS-Users: qa\n"
    );
    world.git("ann", &["commit", "-qam", &message]).ok();
    world.bounces("enrolment");
}

// Verifies: REQ-QMS-RULE-BENT-HISTORY
#[test]
fn git_itself_goes_on_working_on_the_server() {
    let world = World::served();
    let server = |args: &[&str]| world.git("ann", &[&["-C", "../server.git"], args].concat());
    server(&["pack-refs", "--all"]).ok();
    server(&["gc", "-q"]).ok();
    server(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]).ok();
    world.write("src/main.py", "evil\n");
    world.git("dev", &["commit", "-qam", "Evil"]).ok();
    // G2: through a symbolic ref on the server.
    let said = world
        .git("dev", &["push", "origin", "HEAD:alias"])
        .refused("bent-history");
    assert!(said.contains("refs/heads/alias"), "{said}");
    world.bounces("no-change");
    world.write("README.md", "fine\n");
    world.git("dev", &["commit", "-qam", "Fine"]).ok();
    world.lands();
    server(&["fsck", "--strict"]).ok();
}

#[test]
fn f8_a_back_dated_commit_does_not_stop_later_merges() {
    let world = World::served();
    world.git("dev", &["branch", "feat"]).ok();
    world.write("README.md", "old clock\n");
    let mut git = std::process::Command::new("git");
    git.args(["commit", "-qam", "Old clock"]);
    let mut git = world.command(git, "bob");
    git.env("GIT_COMMITTER_DATE", "1000000000 +0000");
    assert!(git.status().expect("git starts").success());
    world.write("README.md", "new clock\n");
    world.git("bob", &["commit", "-qam", "New clock"]).ok();
    world.lands();
    world.git("dev", &["checkout", "-q", "feat"]).ok();
    world.write("docs/a.md", "a\n");
    world.puts("dev", "A");
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world
        .git(
            "dev",
            &["merge", "-q", "--no-ff", "-m", "Merge feat", "feat"],
        )
        .ok();
    world.lands();
}

#[test]
fn two_documents_of_one_number_do_not_become_one() {
    let world = World::served();
    let create = |world: &World| {
        world
            .qms("dev", &["create", "SOP", "--title", "Backups"])
            .ok();
    };
    world.git("dev", &["checkout", "-qb", "feat"]).ok();
    create(&world);
    let made = world
        .git("dev", &["rev-parse", "HEAD:QMS/SOP/SOP-001.md"])
        .ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.write("README.md", "other\n");
    world.git("dev", &["commit", "-qam", "Other"]).ok();
    // The same birth on another line of history, byte for byte.
    world.git("dev", &["cherry-pick", "feat"]).ok();
    assert_eq!(
        world
            .git("dev", &["rev-parse", "HEAD:QMS/SOP/SOP-001.md"])
            .ok(),
        made
    );
    world.lands();
    world
        .git(
            "dev",
            &["merge", "-q", "--no-ff", "-m", "Merge feat", "feat"],
        )
        .ok();
    world.bounces("duplicate-id");
}

// Verifies: REQ-QMS-CMD-TRANSFER
#[test]
fn a_move_waits_for_a_clean_index() {
    let world = World::new();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    let path = document("SOP-001");
    world.edit(&path, "## 1. Purpose", "## 1. Purpose\n\nMine.");
    world.git("dev", &["stash", "-q"]).ok();
    world.edit(&path, "## 1. Purpose", "## 1. Purpose\n\nTheirs.");
    world.git("dev", &["commit", "-qam", "Theirs"]).ok();
    assert_ne!(world.git("dev", &["stash", "pop"]).code, 0);
    let head = world.head();
    let said = world.qms(
        "ann",
        &["transfer", "SOP-001", "--to", "claude", "--reason", "x"],
    );
    assert!(
        said.code == 2 && said.err.contains("conflicts"),
        "{}",
        said.err
    );
    assert_eq!(world.head(), head);
    // Where the work tree cannot follow, the branch does not move.
    world.git("dev", &["reset", "-q", "--hard"]).ok();
    std::fs::remove_dir_all(world.path("QMS/SOP")).expect("a folder");
    world.write("QMS/SOP", "a file\n");
    assert_eq!(
        world
            .qms(
                "ann",
                &["transfer", "SOP-001", "--to", "claude", "--reason", "x"]
            )
            .code,
        2
    );
    assert_eq!(world.head(), head);
}

#[test]
fn a_document_has_one_qms_key() {
    let world = World::new();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.edit(
        &document("SOP-001"),
        "revision_summary",
        "'qms': {status: EFFECTIVE}\nrevision_summary",
    );
    world
        .qms("dev", &["checkin", "SOP-001"])
        .refused("document-form");
}

// Verifies: REQ-QMS-CMD-REVIEW, REQ-QMS-CMD-REJECT
#[test]
fn a_reject_says_why() {
    let world = World::new();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    for name in ["qa", "qb"] {
        world.qms(name, &["review", "SOP-001", "--recommend"]).ok();
    }
    world.qms("dev", &["route", "SOP-001", "--approval"]).ok();
    world
        .qms("qa", &["reject", "SOP-001", "--comment", ""])
        .refused("trailer-missing");
    assert_eq!(world.status("SOP-001"), "IN_APPROVAL");
}
