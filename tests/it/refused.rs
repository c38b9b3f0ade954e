//! What really went wrong once (incidents.md), pushed with real git from a clone without hooks to a real server.

use qms::model::document::digest;

use crate::world::{World, document};

/// A commit by hand that moves a document: its file edited, its trailers written.
#[track_caller]
fn forge(world: &World, user: &str, id: &str, action: &str, edits: &[(&str, &str)], more: &str) {
    let path = document(id);
    let before = world.read(&path);
    for (from, to) in edits {
        world.edit(&path, from, to);
    }
    let value = |text: &str, key: &str| {
        let line = text
            .lines()
            .find_map(|l| l.strip_prefix(&format!("  {key}: ")))
            .unwrap_or_default();
        line.trim_matches('"').to_owned()
    };
    let after = world.read(&path);
    let (from, to) = (value(&before, "status"), value(&after, "status"));
    let status = if from == to {
        to
    } else {
        format!("{from} -> {to}")
    };
    let version = value(&after, "version");
    let before = digest(before.as_bytes());
    let message = format!(
        "{id} {action}\n\nQMS-Action: {action}\nQMS-Document: {id}\nQMS-Actor: {user}\nQMS-Status: {status}\n\
         QMS-Version: {version}\nQMS-Before: {before}\n{more}"
    );
    world.git(user, &["add", &path]).ok();
    world.commit(user, &message);
}

// Verifies: REQ-QMS-RULE-INCOMPLETE
#[test]
fn i_02_a_document_without_its_revision_summary_does_not_move() {
    let world = World::served();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.lands();
    world.edit(
        &document("SOP-001"),
        "revision_summary: Initial draft\n",
        "",
    );
    assert!(
        world
            .qms("dev", &["checkin", "SOP-001"])
            .refused("incomplete")
            .contains("revision_summary")
    );
    world.git("dev", &["checkout", "-q", "."]).ok();
    forge(
        &world,
        "dev",
        "SOP-001",
        "edit",
        &[("revision_summary: Initial draft\n", "")],
        "",
    );
    world.bounces("incomplete");
    // The legal way to the same end.
    world.edit(
        &document("SOP-001"),
        "Initial draft",
        "First version of the backup procedure",
    );
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-ACTOR-MISMATCH
#[test]
fn i_03a_nobody_acts_under_anothers_name() {
    let world = World::served();
    world
        .qms("claude", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("claude", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    world
        .qms(
            "claude",
            &["review", "SOP-001", "--recommend", "--user", "qa"],
        )
        .refused("actor-mismatch");
    world.qms("qa", &["review", "SOP-001", "--recommend"]).ok();
    let message = world.git("qa", &["log", "-1", "--format=%B"]).ok();
    world
        .git(
            "claude",
            &[
                "commit",
                "-q",
                "--amend",
                "--reset-author",
                "-m",
                message.trim(),
            ],
        )
        .ok();
    world.bounces("actor-mismatch");
    assert_eq!(world.status("SOP-001"), "IN_REVIEW");
    world.qms("qa", &["review", "SOP-001", "--recommend"]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-WRONG-STATE, REQ-QMS-RULE-MANAGED-BLOCK
#[test]
fn i_03b_a_state_is_not_typed() {
    let world = World::served();
    let id = world.change("dev", "docker/**");
    world.lands();
    let path = document(&id);
    world.edit(&path, "IN_EXECUTION", "POST_APPROVED");
    world.git("dev", &["commit", "-qam", "tidy"]).ok();
    world.bounces("document-without-move");
    world.edit(&path, "IN_EXECUTION", "POST_APPROVED");
    world.works("dev", "tidy", &id);
    world.bounces("document-without-move");
    let edits = [
        ("status: IN_EXECUTION", "status: POST_APPROVED"),
        ("\"1.0\"", "\"2.0\""),
    ];
    forge(&world, "dev", &id, "checkout", &edits, "");
    assert!(
        world
            .bounces("managed-block")
            .contains("status: POST_APPROVED")
    );
    forge(&world, "dev", &id, "approve", &edits, "");
    world.bounces("wrong-state");
}

#[test]
fn i_03c_a_released_change_is_not_reviewed_as_if_it_were_new() {
    let world = World::served();
    let id = world.change("dev", "docker/**");
    world.fill("dev", &id);
    world.lands();
    let digest = "0".repeat(64);
    let block = format!(
        "status: IN_PRE_REVIEW\n  version: \"1.1\"\n  owner: dev\n  reviews: {{qa: pending, qb: pending}}\n  \
         digest: \"sha256:{digest}\"\n  authors: [dev]\n"
    );
    let edits = [(
        "status: IN_EXECUTION\n  version: \"1.1\"\n  owner: dev\n  authors: [dev]\n",
        block.as_str(),
    )];
    let more = format!("QMS-Digest: sha256:{digest}\nQMS-Users: qa, qb\n");
    forge(&world, "dev", &id, "route-review", &edits, &more);
    world.bounces("managed-block");
    world.qms("dev", &["route", &id, "--review"]).ok();
    assert_eq!(world.status(&id), "IN_POST_REVIEW");
    world.lands();
}

#[test]
fn i_04b_a_number_is_given_out_once() {
    let world = World::served();
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "Not needed", "--scope", "a"],
        )
        .ok();
    world.qms("dev", &["cancel", "CR-001", "--confirm"]).ok();
    world.lands();
    let next = world.json(
        "dev",
        &["create", "CR", "--title", "Needed", "--scope", "a"],
    );
    assert_eq!(next["doc_id"], "CR-002");
    world.lands();
    // By hand: the cancelled document's file is put back to its birth.
    let born = world.read(&document("CR-002")).replace("CR-002", "CR-001");
    world.write(&document("CR-001"), &born);
    let message = |id: &str| {
        format!(
            "{id} create\n\nQMS-Action: create\nQMS-Document: {id}\nQMS-Actor: dev\nQMS-Status: - -> DRAFT\nQMS-Version: 0.1\n"
        )
    };
    world
        .git("dev", &["commit", "-qam", &message("CR-001")])
        .ok();
    assert_ne!(world.git("dev", &["push", "origin", "HEAD:main"]).code, 0);
    world
        .git("dev", &["reset", "-q", "--hard", "origin/main"])
        .ok();
    for (number, rule) in [("103", "bad-number"), ("999", "bad-number")] {
        let id = format!("CR-{number}");
        world.write(&document(&id), &born.replace("CR-001", &id));
        world.puts("dev", &message(&id));
        world.bounces(rule);
    }
    world.write("QMS/CR/CR-001/copy/CR-001.md", &born);
    world.puts("dev", &message("CR-001"));
    world.bounces("document-place");
}

#[test]
fn i_06_eleven_files_in_the_wrong_checkout() {
    let world = World::served();
    let id = world.change("dev", "docker/**");
    world.lands();
    world
        .git("dev", &["worktree", "add", "-q", "../other", "-b", "other"])
        .ok();
    let other = world.within("../other");
    for n in 0..11 {
        other.write(&format!("src/file{n}.py"), "x\n");
    }
    other.puts("dev", &World::work("Eleven files", &id, "dev"));
    let said = other.bounces("out-of-scope");
    assert_eq!(said.matches("error[out-of-scope]").count(), 11, "{said}");
    // With hooks, the commit itself is refused, in the other work tree too.
    world.qms("ann", &["init"]).ok();
    other.qms("dev", &["use", &id]).ok();
    other.write("src/file.py", "x\n");
    other.git("dev", &["add", "."]).ok();
    other
        .git("dev", &["commit", "-qm", "One file"])
        .refused("out-of-scope");
}

// Verifies: REQ-QMS-RULE-OUT-OF-SCOPE
#[test]
fn i_08a_the_founding_failure() {
    let world = World::served();
    let id = world.change("claude", "docker/**");
    world.write("docker/Dockerfile", "FROM scratch\n");
    world.works("claude", "Container", &id);
    world.lands();
    world.write("qms-cli/server.py", "patched\n");
    world.works("claude", "Make the test pass", &id);
    let said = world.bounces("out-of-scope");
    assert!(
        said.contains("qms-cli/server.py")
            && said.contains("docker/**")
            && said.contains("qms create VAR")
    );
    // The legal way: a variance that covers it.
    let args = [
        "create",
        "VAR",
        "--parent",
        &id,
        "--title",
        "Patch",
        "--scope",
        "qms-cli/server.py",
    ];
    let variance = world.json("claude", &args)["doc_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    world.release("claude", &variance);
    world.write("qms-cli/server.py", "patched\n");
    world.works("claude", "Make the test pass", &variance);
    world.lands();
}

// Verifies: REQ-QMS-RULE-UNKNOWN-CHANGE, REQ-QMS-RULE-CHANGE-NOT-OPEN
#[test]
fn i_08b_work_that_no_open_change_covers() {
    let world = World::served();
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "Draft", "--scope", "src/**"],
        )
        .ok();
    world.lands();
    for (change, rule) in [
        ("CR-001", "change-not-open"),
        ("CR-009", "unknown-change"),
        ("SOP-001", "unknown-change"),
        ("nonsense", "unknown-change"),
    ] {
        world.write("src/main.py", "patched\n");
        world.works("dev", "Patch", change);
        let said = world.bounces(rule);
        assert!(said.contains(change), "{change}: {said}");
    }
}

#[test]
fn i_08c_a_variance_that_comes_later_allows_nothing() {
    let world = World::served();
    let id = world.change("dev", "docker/**");
    world.lands();
    world.write("src/main.py", "patched\n");
    world.works("dev", "Patch", &id);
    let patch = world.head();
    let args = [
        "create", "VAR", "--parent", &id, "--title", "Patch", "--scope", "src/**",
    ];
    let variance = world.json("dev", &args)["doc_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    world.release("dev", &variance);
    let said = world.bounces("out-of-scope");
    assert!(said.contains(&patch[..10]), "{said}");
}

// Verifies: REQ-QMS-RULE-NO-CHANGE, REQ-QMS-RULE-DOCUMENT-WITHOUT-MOVE, REQ-QMS-HOOK-PRE-RECEIVE
#[test]
fn i_14a_a_direct_commit_to_the_protected_branch() {
    let world = World::served();
    world.edit(&document("TEMPLATE-CR"), "## 1. Purpose", "## 1. Aim");
    world
        .git("ann", &["commit", "-qam", "They are only templates"])
        .ok();
    world.bounces("document-without-move");
    world.write("src/main.py", "quick fix\n");
    world.git("ann", &["commit", "-qam", "Quick fix"]).ok();
    let said = world.bounces("no-change");
    assert!(said.contains("src/main.py"), "{said}");
    // Deleted again in the next commit, it still came in.
    world.write("src/secret.py", "x\n");
    world.puts("ann", "In");
    world.git("ann", &["rm", "-q", "src/secret.py"]).ok();
    world.commit("ann", "Out");
    world.bounces("no-change");
}

// Verifies: REQ-QMS-RULE-NOT-ALLOWED, REQ-QMS-RULE-OWN-WORK, REQ-QMS-RULE-BAD-ASSIGNMENT
#[test]
fn i_16_authors_and_administrators_do_not_judge_their_own() {
    let world = World::served();
    // qa writes a procedure: as an initiator he may, as its author he may not approve it.
    let mut user = vec!["user", "add", "max", "--group", "quality"];
    world.qms("qa", &user).ok();
    user = vec!["user", "add", "max", "--group", "initiator"];
    assert_ne!(world.qms("ann", &user).code, 0);
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    world
        .qms("dev", &["review", "SOP-001", "--recommend"])
        .refused("own-work");
    world
        .qms("ann", &["assign", "SOP-001", "--assignees", "tu"])
        .refused("not-allowed");
    world
        .qms("qa", &["assign", "SOP-001", "--assignees", "dev"])
        .refused("own-work");
    forge(
        &world,
        "dev",
        "SOP-001",
        "review",
        &[("{max: pending", "{dev: recommend, max: pending")],
        &format!(
            "QMS-Outcome: recommend\nQMS-Digest: sha256:{}\n",
            "0".repeat(64)
        ),
    );
    world.bounces("own-work");
    forge(
        &world,
        "ann",
        "SOP-001",
        "assign",
        &[("qb: pending", "qb: pending, tu: pending")],
        "QMS-Users: max, qa, qb, tu\n",
    );
    world.bounces("not-allowed");
    world
        .qms("qa", &["assign", "SOP-001", "--assignees", "tu"])
        .ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-NOT-RECOMMENDED, REQ-QMS-CMD-APPROVE, REQ-QMS-CMD-REVIEW
#[test]
fn i_17_a_rejected_document_is_not_approved_unchanged() {
    let world = World::served();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    for name in ["qa", "qb"] {
        world.qms(name, &["review", "SOP-001", "--recommend"]).ok();
    }
    world.qms("dev", &["route", "SOP-001", "--approval"]).ok();
    world
        .qms("qb", &["reject", "SOP-001", "--comment", "no restore test"])
        .ok();
    world.lands();
    world
        .qms("dev", &["route", "SOP-001", "--approval"])
        .refused("not-recommended");
    let more = format!("QMS-Digest: sha256:{}\nQMS-Users: qa, qb\n", "0".repeat(64));
    let edits = [
        ("status: REVIEWED", "status: IN_APPROVAL"),
        (
            "qb: request-updates}\n",
            "qb: recommend}\n  approvals: {qa: pending, qb: pending}\n",
        ),
    ];
    forge(&world, "dev", "SOP-001", "route-approval", &edits, &more);
    world.bounces("not-recommended");
    // The legal way: another text, another review.
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.edit(
        &document("SOP-001"),
        "## 6. Records",
        "Restore once a month.\n\n## 6. Records",
    );
    world.approve("dev", "SOP-001");
    assert_eq!(world.status("SOP-001"), "EFFECTIVE");
    world.lands();
}

#[test]
fn i_18_outcomes_of_one_phase_count_for_that_phase() {
    let world = World::served();
    let id = world.change("dev", "docker/**");
    world.lands();
    world.qms("dev", &["route", &id, "--review"]).ok();
    let view = world.json("dev", &["status", &id]);
    assert_eq!(view["pending_assignees"], serde_json::json!(["qa", "qb"]));
    assert_eq!(view["review_outcomes"], serde_json::json!({}));
    let (path, routed) = (document(&id), world.read(&document(&id)));
    let message = world.git("dev", &["log", "-1", "--format=%B"]).ok();
    world.write(
        &path,
        &routed.replace(
            "{qa: pending, qb: pending}",
            "{qa: recommend, qb: recommend}",
        ),
    );
    world
        .git("dev", &["commit", "-q", "--amend", "-am", message.trim()])
        .ok();
    world.bounces("managed-block");
    world.qms("dev", &["route", &id, "--review"]).ok();
    world
        .qms("dev", &["route", &id, "--approval"])
        .refused("wrong-state");
    world.lands();
}

// Verifies: REQ-QMS-RULE-OUT-OF-SCOPE
#[test]
fn i_20_foreign_files_swept_in() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    world.write("src/main.py", "work\n");
    world.write("notes.txt", "foreign\n");
    world.write("tools/x.sh", "foreign\n");
    world.git("dev", &["add", "-A"]).ok();
    world.commit("dev", &World::work("Work", &id, "dev"));
    let said = world.bounces("out-of-scope");
    assert!(
        said.contains("notes.txt")
            && said.contains("tools/x.sh")
            && !said.contains("`src/main.py`"),
        "{said}"
    );
}

// Verifies: REQ-QMS-RULE-NO-CHANGE
#[test]
fn g1_parked_commits_are_judged_when_they_reach_the_protected_branch() {
    let world = World::served();
    world.write("src/main.py", "evil\n");
    world.git("dev", &["commit", "-qam", "Evil"]).ok();
    world
        .git(
            "dev",
            &[
                "push",
                "-q",
                "origin",
                "HEAD:refs/heads/park",
                "HEAD:refs/tags/t",
                "HEAD:refs/x/y",
            ],
        )
        .ok();
    let said = world.bounces("no-change");
    assert!(said.contains("src/main.py"), "{said}");
}

#[test]
fn g4_quarantined_objects_are_read_loose_and_packed() {
    let world = World::served();
    for limit in ["1", "1000"] {
        world
            .git(
                "ann",
                &[
                    "-C",
                    "../server.git",
                    "config",
                    "receive.unpackLimit",
                    limit,
                ],
            )
            .ok();
        world.write("src/main.py", &format!("evil {limit}\n"));
        world.git("dev", &["commit", "-qam", "Evil"]).ok();
        world.bounces("no-change");
        world.write("README.md", &format!("fine {limit}\n"));
        world.git("dev", &["commit", "-qam", "Fine"]).ok();
        world.lands();
    }
}

#[test]
fn g8_a_merge_adds_nothing_of_its_own() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    world.git("dev", &["checkout", "-qb", "feat"]).ok();
    world.write("src/feature.py", "feature\n");
    world.works("dev", "Feature", &id);
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world
        .git("ann", &["merge", "-q", "--no-ff", "--no-commit", "feat"])
        .ok();
    world.write("tools/evil.sh", "evil\n");
    world.puts("ann", "Merge feat");
    world.bounces("no-change");
    // Taking silently back what the other side brought is a change too.
    world
        .git(
            "ann",
            &[
                "merge",
                "-q",
                "--no-ff",
                "-s",
                "ours",
                "-m",
                "Merge feat",
                "feat",
            ],
        )
        .ok();
    world.bounces("no-change");
    world
        .git(
            "ann",
            &["merge", "-q", "--no-ff", "-m", "Merge feat", "feat"],
        )
        .ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-BRANCH-DELETED, REQ-QMS-RULE-HISTORY-REWRITTEN, REQ-QMS-RULE-NO-ANCHOR,
// REQ-QMS-RULE-NEW-BRANCH
#[test]
fn the_protected_branch_is_not_deleted_or_rewritten() {
    let world = World::served();
    let there = || world.git("ann", &["ls-remote", "origin", "main"]).ok();
    let before = there();
    world
        .git("ann", &["push", "origin", ":main"])
        .refused("branch-deleted");
    world
        .git("ann", &["push", "--force", "origin", "HEAD~1:main"])
        .refused("history-rewritten");
    assert_eq!(there(), before);
    world
        .git(
            "ann",
            &["-C", "../server.git", "config", "--unset", "qms.anchor"],
        )
        .ok();
    world.write("README.md", "x\n");
    world.git("ann", &["commit", "-qam", "Free"]).ok();
    world.bounces("no-anchor");
}
