//! G11: the policy loosened, restored, or made so that nobody could ever change it again.

use qms::model::document::digest;

use super::{back, commit, id, refused_id};
use crate::world::World;

#[test]
fn g11_what_a_policy_loosens_holds_from_the_next_step_on_and_only_by_a_legal_one() {
    let world = World::served();
    let narrow = world.change("dev", "src/**");
    let change = world.change("dev", "qms.yaml");
    world.lands();
    let loosen = || {
        world.edit(
            "qms.yaml",
            "    - \"docs/**\"",
            "    - \"docs/**\"\n    - \"docker/**\"",
        );
    };
    let used = || {
        world.write("docker/x", "free now\n");
        world.puts("dev", "Use it");
    };
    // Under no change, under one that does not name it, and with a scope that only matches it.
    for message in ["Loosen".to_owned(), World::work("Loosen", &narrow, "dev")] {
        loosen();
        world.puts("dev", &message);
        used();
        let ran = world.git("dev", &["push", "origin", "HEAD:main"]);
        assert!(
            ran.code != 0 && ran.err.contains("`qms.yaml`"),
            "{}",
            ran.err
        );
        back(&world);
    }
    let wide = world.change("dev", "**");
    world.lands();
    loosen();
    world.works("dev", "Loosen", &wide);
    world.bounces("out-of-scope");
    // In one commit with its use.
    loosen();
    world.write("docker/x", "free now\n");
    world.works("dev", "Loosen and use", &change);
    assert!(world.bounces("out-of-scope").contains("`docker/x`"));
    // Loosened on a side branch and used there: judged by the policy where it comes in.
    world.git("dev", &["checkout", "-q", "-b", "side"]).ok();
    loosen();
    world.works("dev", "Loosen", &change);
    used();
    world
        .git("dev", &["checkout", "-q", "-B", "main", "origin/main"])
        .ok();
    world
        .git("zed", &["merge", "-q", "--no-ff", "-m", "Merge", "side"])
        .ok();
    world.bounces("no-change");
    // Loosened for one step, used, and restored.
    loosen();
    world.puts("dev", "Loosen");
    used();
    world.git("dev", &["revert", "--no-edit", "HEAD~1"]).ok();
    let said = world.bounces("no-change");
    assert_eq!(
        said.matches("`qms.yaml` is controlled").count(),
        2,
        "{said}"
    );
    // The legal way.
    loosen();
    world.works("dev", "Loosen", &change);
    used();
    world.lands();
}

#[test]
fn g11_who_loosens_people_in_a_push_gains_nothing_in_it() {
    let world = World::served();
    let before = digest(world.read("qms.yaml").as_bytes());
    world.edit(
        "qms.yaml",
        "dev: {groups: [initiator]",
        "dev: {groups: [initiator, quality]",
    );
    let enroll = format!(
        "Enroll\n\nQMS-Action: enroll\nQMS-Actor: dev\nQMS-Before: {before}\nQMS-Users: dev\n"
    );
    world.puts("dev", &enroll);
    world.qms("dev", &["create", "SOP", "--title", "Mine"]).ok();
    world.bounces("enrolment");
    // Nor does a user of one's own making come in.
    world.edit(
        "qms.yaml",
        "  dev:",
        "  eve: {groups: [initiator], kind: human}\n  dev:",
    );
    world.puts("dev", "Add eve");
    world.qms("eve", &["create", "SOP", "--title", "Mine"]).ok();
    let said = world.bounces("users-by-work");
    assert!(said.contains("error[no-change]"), "{said}");
    // The legal way, in one push.
    world
        .qms("ann", &["user", "add", "eve", "--group", "initiator"])
        .ok();
    world.qms("eve", &["create", "SOP", "--title", "Mine"]).ok();
    world.lands();
}

#[test]
fn g11_an_older_policy_is_restored_by_nobody_alone() {
    let world = World::served();
    let anchor = world.read("qms.yaml");
    let change = world.change("dev", "qms.yaml");
    world
        .qms("qa", &["user", "add", "qc", "--group", "quality"])
        .ok();
    world.edit("qms.yaml", "protected: []", "protected: [\"release/*\"]");
    world.works("dev", "Protect", &change);
    world.lands();
    let restore = |message: &str| {
        world.write("qms.yaml", &anchor);
        world.puts("dev", message);
    };
    restore("Restore");
    world.bounces("no-change");
    // With people in it, a change does not do either.
    restore(&World::work("Restore", &change, "dev"));
    world.bounces("users-by-work");
    // As if it were still being founded, and by the message of the commit that brought it.
    let before = digest(world.read("qms.yaml").as_bytes());
    world.write("qms.yaml", &anchor);
    world.puts(
        "ann",
        &format!("Found\n\nQMS-Action: found\nQMS-Actor: ann\nQMS-Before: {before}\n"),
    );
    world.bounces("founding-over");
    world.git("dev", &["revert", "-n", "HEAD"]).ok();
    world.puts("dev", "Revert \"Protect\"");
    world.bounces("no-change");
    // By a merge that takes the side of before.
    let (old, new) = (id(&world, "HEAD~3"), world.head());
    let folder = id(&world, "HEAD^{tree}");
    let side = commit(
        &world,
        &id(&world, "HEAD~3^{tree}"),
        &[&old],
        "zed",
        "Nothing",
    );
    world.git("dev", &["read-tree", &folder]).ok();
    let blob = super::object(&world, "blob", anchor.as_bytes());
    world
        .git(
            "dev",
            &[
                "update-index",
                "--cacheinfo",
                &format!("100644,{blob},qms.yaml"),
            ],
        )
        .ok();
    let back_then = world.git("dev", &["write-tree"]).ok();
    let merge = commit(&world, back_then.trim(), &[&new, &side], "zed", "Merge");
    refused_id(&world, &merge, "merge-contested");
    // The legal way: the part that is not people, under a change.
    back(&world);
    world.edit("qms.yaml", "protected: [\"release/*\"]", "protected: []");
    world.works("dev", "Unprotect", &change);
    world.lands();
}

// Verifies: REQ-QMS-RULE-ENROLMENT
#[test]
fn g11_a_policy_that_nobody_could_change_is_refused() {
    let world = World::served();
    let change = world.change("dev", "qms.yaml");
    world.lands();
    let read = || world.read("qms.yaml");
    let cases = [
        ("approvers: [human, agent]", "approvers: []", "no-approver"),
        (
            "approvers: [human, agent]",
            "approvers: [service]",
            "no-approver",
        ),
        ("qms: \"0.1\"", "qms: \"99.0\"", "policy-form"),
        ("qms: \"0.1\"", "qms: \"0.1\"\nqms: \"0.1\"", "policy-form"),
        ("documents: QMS", "documents: docs", "folder-fixed"),
        ("documents: QMS", "documents: ../QMS", "policy-form"),
        ("branches:", "branches: &b", "policy-form"),
        ("review: []", "review: []\n--- \nusers: {}", "policy-form"),
        ("review: []", "review: []\ncolour: red", "policy-form"),
        ("  trunk: main", "\ttrunk: main", "policy-form"),
        ("  trunk: main", "  trunk: \"ma in\"", "policy-form"),
    ];
    for (from, to, rule) in cases {
        world.edit("qms.yaml", from, to);
        world.works("dev", "Policy", &change);
        world.bounces(rule);
    }
    for text in [
        String::new(),
        "x".to_owned(),
        "\0".to_owned(),
        format!("#{}\n{}", "x".repeat(100_000), read()),
    ] {
        world.write("qms.yaml", &text);
        world.works("dev", "Policy", &change);
        world.bounces("policy-form");
    }
    // By enrolment: the last two of group quality leave, one after the other; and the last who may create.
    let left = |world: &World, by: &str, name: &str| {
        world.qms(by, &["user", "leave", name, "--reason", "gone"])
    };
    left(&world, "qa", "qb").ok();
    world.lands();
    let ran = left(&world, "qa", "qa");
    assert_ne!(ran.code, 0, "{}", ran.err);
    let before = digest(read().as_bytes());
    world.edit("qms.yaml", "qa: {groups: [quality]", "qa: {groups: []");
    let message = format!(
        "Enroll\n\nQMS-Action: enroll\nQMS-Actor: qa\nQMS-Before: {before}\nQMS-Users: qa\nQMS-Reason: gone\n"
    );
    world.puts("qa", &message);
    let said = world.bounces_only("no-approver");
    assert!(said.contains("enrolment"), "{said}");
}

#[test]
fn g11_a_policy_in_a_push_does_not_unprotect_what_comes_with_it() {
    let world = World::served();
    let change = world.change("dev", "qms.yaml");
    world.edit(
        "qms.yaml",
        "protected: []",
        "protected: [\"release/*\"]\n  tags: [v*]",
    );
    world.works("dev", "Protect", &change);
    world.lands();
    world
        .git(
            "ann",
            &["push", "-q", "origin", "main:refs/heads/release/1"],
        )
        .ok();
    world.edit(
        "qms.yaml",
        "protected: [\"release/*\"]\n  tags: [v*]",
        "protected: []",
    );
    world.works("dev", "Unprotect", &change);
    world
        .git("dev", &["checkout", "-q", "-b", "evil", "origin/main"])
        .ok();
    world.write("docker/x", "x\n");
    world.puts("dev", "Evil");
    world.git("dev", &["tag", "v1"]).ok();
    world
        .git(
            "dev",
            &["push", "origin", "main", "evil:refs/heads/release/1"],
        )
        .refused("no-change");
    world
        .git("dev", &["push", "origin", "main", "v1"])
        .refused("release-tag");
    world
        .git("dev", &["push", "origin", "main", ":refs/heads/release/1"])
        .refused("branch-deleted");
    world.git("dev", &["push", "-q", "origin", "main"]).ok();
}
