//! Every rule fires on a real push to a real server, or in a real commit; a test at the end sees to it that none is
//! left out.

use qms::model::document::digest;

use crate::world::{World, document, project};

/// A document moved by a commit that `edit` writes: the message is that of the last commit of the document.
fn amended(world: &World, user: &str, change: impl Fn(&str) -> String) {
    let message = world.git(user, &["log", "-1", "--format=%B"]).ok();
    let message = change(message.trim_end());
    world
        .git(
            user,
            &[
                "commit",
                "-q",
                "--amend",
                "-a",
                "--cleanup=verbatim",
                "-m",
                &message,
            ],
        )
        .ok();
}

fn drafted(world: &World) -> String {
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.lands();
    document("SOP-001")
}

// Verifies: REQ-QMS-RULE-MESSAGE-BYTES, REQ-QMS-RULE-TRAILER-PLACE, REQ-QMS-RULE-TRAILER-TWICE,
// REQ-QMS-RULE-TRAILER-UNKNOWN, REQ-QMS-RULE-TRAILER-SHAPE, REQ-QMS-RULE-TRAILER-MISSING,
// REQ-QMS-RULE-TRAILER-EXTRA, REQ-QMS-RULE-UNKNOWN-USER, REQ-QMS-RULE-TRAILER-WRONG
#[test]
fn messages() {
    let world = World::served();
    drafted(&world);
    let checkin = |change: &dyn Fn(&str) -> String, rule: &str| {
        world.qms("dev", &["checkin", "SOP-001"]).ok();
        amended(&world, "dev", change);
        world.bounces(rule)
    };
    checkin(
        &|m| m.replace("Backups", "Back\u{202e}ups"),
        "message-bytes",
    );
    checkin(&|m| m.replace("\n\nQMS", "\r\n\r\nQMS"), "message-bytes");
    checkin(
        &|m| m.replace("\n\nQMS-Action", "\n\nQMS-Actor: qa\n\nQMS-Action"),
        "trailer-place",
    );
    checkin(&|m| format!("{m}\n\nMore words"), "trailer-place");
    checkin(&|m| format!("{m}\nQMS-Actor: dev"), "trailer-twice");
    checkin(&|m| format!("{m}\nQMS-Approved: yes"), "trailer-unknown");
    checkin(
        &|m| m.replace("QMS-Actor: dev", "qms-actor: dev"),
        "trailer-shape",
    );
    checkin(
        &|m| m.replace("QMS-Action: checkin", "QMS-Action: bless"),
        "trailer-shape",
    );
    checkin(
        &|m| {
            m.lines()
                .filter(|l| !l.starts_with("QMS-Version"))
                .collect::<Vec<_>>()
                .join("\n")
        },
        "trailer-missing",
    );
    checkin(&|m| format!("{m}\nQMS-Outcome: recommend"), "trailer-extra");
    checkin(
        &|m| m.replace("QMS-Actor: dev", "QMS-Actor: nobody"),
        "unknown-user",
    );
    checkin(
        &|m| m.replace("QMS-Status: DRAFT", "QMS-Status: EFFECTIVE"),
        "trailer-wrong",
    );
    checkin(
        &|m| m.replace("QMS-Version: 0.1", "QMS-Version: 1.0"),
        "trailer-wrong",
    );
    // A header that changes how the message reads.
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    world
        .git(
            "dev",
            &[
                "-c",
                "i18n.commitEncoding=ISO-8859-1",
                "commit",
                "-q",
                "--amend",
                "--no-edit",
            ],
        )
        .ok();
    world.bounces("message-bytes");
}

// Verifies: REQ-QMS-RULE-MANAGED-BLOCK
#[test]
fn f6_a_move_fits_one_place() {
    let world = World::served();
    let path = drafted(&world);
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    world.lands();
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.edit(&path, "## 1. Purpose", "## 1. Purpose\n\nMore.");
    let checkout = world.head();
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    world.lands();
    // The old check-out put up again, with the block that it would give today.
    let before = world.read(&path);
    let message = world
        .git("dev", &["log", "-1", "--format=%B", &checkout])
        .ok();
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world
        .git("dev", &["commit", "-q", "--amend", "-m", message.trim()])
        .ok();
    world.bounces("trailer-wrong");
    assert_eq!(
        digest(world.read(&path).as_bytes()),
        digest(before.as_bytes())
    );
    // A second time with the same text: nothing moves.
    let outcome = ["review", "SOP-001", "--recommend"];
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world.qms("qa", &outcome).ok();
    world.qms("qa", &outcome).refused("one-move");
}

// Verifies: REQ-QMS-RULE-ONE-MOVE, REQ-QMS-RULE-TEXT-CHANGED, REQ-QMS-RULE-LOCKED,
// REQ-QMS-RULE-BAD-ASSIGNMENT, REQ-QMS-CMD-ASSIGN, REQ-QMS-CMD-TRANSFER
#[test]
fn moves() {
    let world = World::served();
    let path = drafted(&world);
    // F5: an approval that also changes a word, another document, or code.
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    world.qms("qa", &["review", "SOP-001", "--recommend"]).ok();
    world.edit(&path, "## 1. Purpose", "## 1. Aim");
    amended(&world, "qa", str::to_owned);
    world.bounces("text-changed");
    world.qms("qa", &["review", "SOP-001", "--recommend"]).ok();
    world.edit(&document("TEMPLATE-CR"), "## 1. Purpose", "## 1. Aim");
    amended(&world, "qa", str::to_owned);
    world.bounces("one-move");
    world.qms("qa", &["review", "SOP-001", "--recommend"]).ok();
    world.write("src/main.py", "more\n");
    amended(&world, "qa", str::to_owned);
    world.bounces("one-move");
    // F4: in a merge.
    world.qms("qa", &["review", "SOP-001", "--recommend"]).ok();
    let message = world.git("qa", &["log", "-1", "--format=%B"]).ok();
    let tree = world.git("qa", &["rev-parse", "HEAD^{tree}"]).ok();
    world.git("qa", &["reset", "-q", "--hard", "HEAD~1"]).ok();
    let args = [
        "commit-tree",
        tree.trim(),
        "-p",
        "HEAD",
        "-p",
        "HEAD~1",
        "-m",
        message.trim(),
    ];
    let merge = world.git("qa", &args).ok();
    world
        .git("qa", &["reset", "-q", "--hard", merge.trim()])
        .ok();
    world.bounces("one-move");
    // Two people at one text.
    world.qms("dev", &["withdraw", "SOP-001"]).ok();
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    assert!(
        world
            .qms("claude", &["checkout", "SOP-001"])
            .refused("locked")
            .contains("checked out by dev")
    );
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    world.qms("dev", &["checkin", "SOP-001"]).refused("locked");
    // Somebody who could not act is not asked, and who is asked stays asked.
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world
        .qms("qa", &["assign", "SOP-001", "--assignees", "claude"])
        .refused("bad-assignment");
    world
        .qms(
            "ann",
            &["transfer", "SOP-001", "--to", "tu", "--reason", "x"],
        )
        .refused("bad-assignment");
}

// Verifies: REQ-QMS-RULE-FROZEN
#[test]
fn a_scope_does_not_grow_in_execution() {
    let world = World::served();
    let id = world.change("dev", "docker/**");
    world.lands();
    world.qms("dev", &["checkout", &id]).ok();
    world.edit(
        &document(&id),
        "scope: [docker/**]",
        "scope: [docker/**, src/**]",
    );
    assert!(
        world
            .qms("dev", &["checkin", &id])
            .refused("frozen")
            .contains("qms create VAR")
    );
    world.git("dev", &["checkout", "-q", "."]).ok();
    world.edit(&document(&id), "Initial draft", "Scope as it was");
    world.qms("dev", &["checkin", &id]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-LOCKED, REQ-QMS-RULE-DUPLICATE-ID, REQ-QMS-RULE-PARENT-STATE,
// REQ-QMS-RULE-TEMPLATE-TEXT, REQ-QMS-RULE-INCOMPLETE, REQ-QMS-RULE-OPEN-CHILD, REQ-QMS-RULE-NAMED-BY-PARENT,
// REQ-QMS-CMD-CANCEL
#[test]
fn births_and_ends() {
    let world = World::served();
    let id = world.change("dev", "docker/**");
    let create = |kind: &str, more: &[&str]| {
        let args = [&["create", kind, "--title", "T", "--parent", &id], more].concat();
        world.qms("dev", &args)
    };
    create("ADD", &["--scope", "a"]).refused("parent-state");
    create("VR", &[]).ok();
    create("VAR", &["--scope", "a"]).ok();
    create("TP", &[]).ok();
    world.lands();
    // An attachment is the template in force with its placeholders filled.
    create("VR", &[]).ok();
    let second = document(&format!("{id}-VR-002"));
    let text = world.read(&second);
    let altered = text.replace("Words enough.", "Not looked at");
    let text_of = |file: &str| qms::model::document::text_of(file.as_bytes()).expect("a text");
    let (old, new) = (digest(&text_of(&text)), digest(&text_of(&altered)));
    world.write(&second, &altered.replace(&old, &new));
    amended(&world, "dev", str::to_owned);
    world.bounces("template-text");
    // What closes with its parent is checked in while that is still possible.
    let said = world
        .qms("dev", &["route", &id, "--review"])
        .refused("locked");
    assert!(said.contains("VR-001"), "{said}");
    let record = format!("{id}-VR-001");
    world.qms("dev", &["checkin", &record]).ok();
    // A parent closes over no open child.
    world.approve("dev", &id);
    let said = world.qms("dev", &["close", &id]).refused("open-child");
    assert!(
        said.contains("VAR-001") && said.contains("TP-001"),
        "{said}"
    );
    // A variance that the parent's item names is not cancelled.
    world.qms("dev", &["checkout", &id]).ok();
    let row = format!("| Item | Taken over by |\n|---|---|\n| 9 | {id}-VAR-001 |");
    world.edit(&document(&id), "Done as planned.", &row);
    world.qms("dev", &["checkin", &id]).ok();
    let variance = format!("{id}-VAR-001");
    world
        .qms("dev", &["cancel", &variance, "--confirm"])
        .refused("named-by-parent");
    // Below a closed parent nothing is opened again.
    world
        .qms("dev", &["cancel", &format!("{id}-TP-001"), "--confirm"])
        .ok();
}

// Verifies: REQ-QMS-RULE-MANAGED-BLOCK, REQ-QMS-CMD-CLOSE
#[test]
fn i_19_a_close_closes_the_attachments_of_its_own_document() {
    let world = World::served();
    let (one, ten) = (world.change("dev", "a/**"), world.change("dev", "b/**"));
    for id in [&one, &ten] {
        world
            .qms("dev", &["create", "VR", "--parent", id, "--title", "Seen"])
            .ok();
        world.qms("dev", &["checkin", &format!("{id}-VR-001")]).ok();
    }
    world.approve("dev", &one);
    world.lands();
    world.qms("dev", &["close", &one]).ok();
    assert_eq!(world.status(&format!("{one}-VR-001")), "CLOSED");
    assert_eq!(world.status(&format!("{ten}-VR-001")), "IN_EXECUTION");
    let events = world.json("dev", &["history", &format!("{one}-VR-001")]);
    assert_eq!(
        events
            .as_array()
            .and_then(|e| e.last())
            .map(|e| e["event"].clone()),
        Some("CLOSE".into())
    );
    // Left open, it is refused.
    let open = world
        .git(
            "dev",
            &[
                "show",
                &format!("HEAD~1:{}", document(&format!("{one}-VR-001"))),
            ],
        )
        .ok();
    world.write(&document(&format!("{one}-VR-001")), &open);
    amended(&world, "dev", str::to_owned);
    world.bounces("managed-block");
}

// Verifies: REQ-QMS-RULE-NO-ONE-TO-ASK
#[test]
fn nobody_is_left_to_ask() {
    let world = World::plain();
    world
        .qms("ann", &["init", "--user", "qa:quality,initiator"])
        .ok();
    world.qms("qa", &["create", "SOP", "--title", "Mine"]).ok();
    let said = world
        .qms("qa", &["route", "SOP-001", "--review"])
        .refused("no-one-to-ask");
    assert!(
        said.contains("authors qa") || said.contains("authors  qa"),
        "{said}"
    );
}

// Verifies: REQ-QMS-RULE-DOCUMENT-FORM, REQ-QMS-RULE-DOCUMENT-PLACE, REQ-QMS-RULE-DOCUMENT-GONE,
// REQ-QMS-RULE-POLICY-FORM
#[test]
fn files() {
    let world = World::served();
    let path = drafted(&world);
    let commit = |rule: &str| {
        world.git("dev", &["add", "-A"]).ok();
        world.commit("dev", "Tidy");
        world.bounces(rule)
    };
    world.edit(&path, "qms:\n", "title: again\nqms:\n");
    assert!(commit("document-form").contains("title: again"));
    world.edit(&path, "owner: dev", "owner:  dev");
    commit("document-form");
    world.git("dev", &["rm", "-q", &path]).ok();
    commit("document-gone");
    world.git("dev", &["mv", &path, "src/SOP-001.md"]).ok();
    commit("document-gone");
    world
        .git("dev", &["update-index", "--chmod=+x", &path])
        .ok();
    world.commit("dev", "Mode");
    world.bounces("document-gone");
    world.write("QMS/SOP/sop-001.md", "twin\n");
    commit("document-place");
    world.write("QMS/copy/SOP-001.md", &world.read(&path));
    commit("document-place");
    world.write("qms.yaml", "users: {}\n");
    commit("policy-form");
    world.git("dev", &["rm", "-q", "qms.yaml"]).ok();
    commit("policy-form");
}

// Verifies: REQ-QMS-RULE-BAD-NUMBER, REQ-QMS-CMD-CREATE
#[test]
fn duplicates() {
    let world = World::served();
    let born = |world: &World, id: &str| {
        let made = world.json("dev", &["create", "SOP", "--title", "Backups"]);
        let made = made["doc_id"].as_str().expect("an id").to_owned();
        world
            .git("dev", &["mv", &document(&made), &document(id)])
            .ok();
        amended(world, "dev", |m| m.replace(&made, id));
    };
    born(&world, "SOP-005");
    world.lands();
    // The same number again, by hand: the file is there.
    let path = document("SOP-005");
    let text = world.read(&path);
    world.git("dev", &["rm", "-q", &path]).ok();
    world.commit("dev", "Away");
    world.write(&path, &text);
    world.puts("dev", "Back");
    world.bounces("document-gone");
    born(&world, "SOP-003");
    world.bounces("bad-number");
    // Named documents: one a system.
    world
        .qms("dev", &["create", "RS", "--name", "QMS", "--title", "R"])
        .ok();
    let said = world.qms("dev", &["create", "RS", "--name", "QMS", "--title", "R"]);
    assert!(
        said.code != 0 && said.err.contains("SDLC-QMS-RS"),
        "{}",
        said.err
    );
    world
        .git("dev", &["reset", "-q", "--hard", "origin/main"])
        .ok();
    std::fs::create_dir_all(world.path("QMS/old")).expect("a folder");
}

// Verifies: REQ-QMS-RULE-DUPLICATE-ID
#[test]
fn an_id_that_a_misplaced_file_has_is_taken() {
    let world = World::plain();
    // Before governance somebody kept it elsewhere.
    world.write("QMS/old/SOP-007.md", "legacy\n");
    world.puts("ann", "Legacy");
    world
        .qms(
            "ann",
            &["init", "--user", "dev:initiator", "--user", "qa:quality"],
        )
        .ok();
    world.serve();
    let made = world.json("dev", &["create", "SOP", "--title", "Backups"]);
    assert_eq!(made["doc_id"], "SOP-008");
    world
        .git("dev", &["mv", &document("SOP-008"), &document("SOP-007")])
        .ok();
    amended(&world, "dev", |m| m.replace("SOP-008", "SOP-007"));
    world.bounces("duplicate-id");
}

// Verifies: REQ-QMS-RULE-PARENTS, REQ-QMS-RULE-MERGE-CONTESTED
#[test]
fn merges() {
    let world = World::served();
    let path = drafted(&world);
    world.git("dev", &["checkout", "-qb", "feat"]).ok();
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.edit(&path, "## 1. Purpose", "## 1. Purpose\n\nMore.");
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    let args = [
        "merge",
        "-q",
        "--no-ff",
        "-s",
        "ours",
        "-m",
        "Merge feat",
        "feat",
    ];
    world.git("ann", &args).ok();
    let said = world.bounces("merge-contested");
    assert!(said.contains("SOP-001"), "{said}");
    // An octopus, and a root of one's own.
    let tree = world.git("ann", &["rev-parse", "HEAD^{tree}"]).ok();
    let args = [
        "commit-tree",
        tree.trim(),
        "-p",
        "HEAD",
        "-p",
        "HEAD~1",
        "-p",
        "feat",
        "-m",
        "Octopus",
    ];
    let octopus = world.git("ann", &args).ok();
    world
        .git("ann", &["reset", "-q", "--hard", octopus.trim()])
        .ok();
    world.bounces("parents");
    let root = world
        .git("ann", &["commit-tree", tree.trim(), "-m", "Root"])
        .ok();
    let args = [
        "commit-tree",
        tree.trim(),
        "-p",
        "HEAD",
        "-p",
        root.trim(),
        "-m",
        "Merge",
    ];
    let merge = world.git("ann", &args).ok();
    world
        .git("ann", &["reset", "-q", "--hard", merge.trim()])
        .ok();
    world.bounces("parents");
}

// Verifies: REQ-QMS-RULE-CHANGE-MOVED-ON
#[test]
fn g10_a_branch_brings_nothing_in_after_its_change_has_moved_on() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    world.git("dev", &["checkout", "-qb", "late"]).ok();
    world.write("src/late.py", "late\n");
    world.works("dev", "Late", &id);
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
    assert!(world.bounces("change-moved-on").contains("CLOSED"));
}

// Verifies: REQ-QMS-RULE-NO-APPROVER, REQ-QMS-RULE-FOLDER-FIXED, REQ-QMS-RULE-USERS-BY-WORK
#[test]
fn g11_policy() {
    let world = World::served();
    let id = world.change("dev", "qms.yaml");
    world.lands();
    let work = |from: &str, to: &str, rule: &str| {
        world.edit("qms.yaml", from, to);
        world.works("dev", "Policy", &id);
        world.bounces(rule)
    };
    work(
        "qa: {groups: [quality]",
        "qa: {groups: [initiator]",
        "users-by-work",
    );
    work("documents: QMS", "documents: docs", "folder-fixed");
    work(
        "approvers: [human, agent]",
        "approvers: [service]",
        "no-approver",
    );
    assert!(work("trunk: main", "trunk: !x main", "policy-form").contains("^"));
    // Loosened in one commit and used in the next: the first one is judged by the old policy.
    world.edit(
        "qms.yaml",
        "    - \"docs/**\"",
        "    - \"docs/**\"\n    - \"src/**\"",
    );
    world.git("dev", &["commit", "-qam", "Loosen"]).ok();
    world.write("src/main.py", "free now\n");
    world.git("dev", &["commit", "-qam", "Use it"]).ok();
    world.bounces("no-change");
    // Under a change whose scope names it, it is legal, and holds from the next step on.
    world.edit(
        "qms.yaml",
        "    - \"docs/**\"",
        "    - \"docs/**\"\n    - \"src/**\"",
    );
    world.works("dev", "Free src", &id);
    world.write("src/main.py", "free now\n");
    world.git("dev", &["commit", "-qam", "Use it"]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-FOUNDING-OVER, REQ-QMS-RULE-USERS-BY-WORK, REQ-QMS-RULE-ENROLMENT,
// REQ-QMS-CMD-USER-ADD
#[test]
fn people() {
    let world = World::served();
    let add = |who: &str, name: &str, group: &str| {
        world.qms(who, &["user", "add", name, "--group", group])
    };
    let said = add("dev", "eve", "reviewer").refused("enrolment");
    assert!(said.contains("`dev` is not of group quality"), "{said}");
    add("ann", "eve", "quality").refused("enrolment");
    add("qa", "eve", "quality,initiator").refused("enrolment");
    let args = [
        "user", "add", "eve", "--group", "reviewer", "--user", "ghost",
    ];
    world.qms("ann", &args).refused("unknown-user");
    add("qa", "eve", "quality").ok();
    world.lands();
    // Nobody changes himself, whatever the file says.
    let promote = |from: &str, to: &str, who: &str, users: &str, more: &str| {
        let before = digest(world.read("qms.yaml").as_bytes());
        world.edit("qms.yaml", from, to);
        let message = format!(
            "Enroll\n\nQMS-Action: enroll\nQMS-Actor: {who}\nQMS-Before: {before}\nQMS-Users: {users}\n{more}"
        );
        world.git(who, &["commit", "-qam", &message]).ok();
    };
    promote(
        "qa: {groups: [quality]",
        "qa: {groups: [quality, administrator]",
        "qa",
        "qa",
        "",
    );
    world.bounces("enrolment");
    promote(
        "tu: {groups: [reviewer]",
        "tu: {groups: [initiator]",
        "ann",
        "tu",
        "QMS-Reason: x\n",
    );
    world.bounces("enrolment");
    promote(
        "  tu: {groups: [reviewer], kind: human}\n",
        "",
        "qa",
        "tu",
        "QMS-Reason: x\n",
    );
    world.bounces("enrolment");
    promote("tu: {groups: [reviewer]", "tu: {groups: []", "qa", "tu", "");
    world.bounces("trailer-missing");
    promote(
        "tu: {groups: [reviewer]",
        "tu: {groups: []",
        "qa",
        "dev",
        "QMS-Reason: x\n",
    );
    world.bounces("trailer-wrong");
    promote(
        "approvers: [human, agent]",
        "approvers: [human]",
        "qa",
        "tu",
        "",
    );
    world.bounces("users-by-work");
    promote(
        "tu: {groups: [reviewer]",
        "tu: {groups: []",
        "qa",
        "tu",
        "QMS-Reason: tu has other work\n",
    );
    world.lands();
    // The founder's time is over.
    let before = digest(world.read("qms.yaml").as_bytes());
    world.edit("qms.yaml", "review: []", "review: []\nseverities: {}");
    let message = format!("Found\n\nQMS-Action: found\nQMS-Actor: ann\nQMS-Before: {before}\n");
    world.git("ann", &["commit", "-qam", &message]).ok();
    world.bounces("founding-over");
}

// Verifies: REQ-QMS-RULE-FOUNDING, REQ-QMS-CMD-USER-ADD
#[test]
fn founding() {
    let world = World::plain();
    world.qms("ann", &["init"]).ok();
    world.serve();
    let warned = world.qms("ann", &["user", "add", "dev", "--group", "initiator"]);
    assert!(warned.err.contains("warning[founding]"), "{}", warned.err);
    // Somebody else does not found.
    assert_ne!(
        world
            .qms("dev", &["user", "add", "eve", "--group", "quality"])
            .code,
        0
    );
    world
        .qms("ann", &["user", "add", "qa", "--group", "quality"])
        .ok();
    world.lands();
    // From here on people are enrolled.
    world
        .qms("ann", &["user", "add", "eve", "--group", "quality"])
        .refused("enrolment");
    let log = world.git("ann", &["log", "--format=%B"]).ok();
    assert_eq!(log.matches("QMS-Action: found").count(), 2);
}

// Verifies: REQ-QMS-RULE-BRANCH-DELETED, REQ-QMS-RULE-HISTORY-REWRITTEN, REQ-QMS-RULE-NO-ANCHOR,
// REQ-QMS-RULE-NOT-GOVERNED, REQ-QMS-RULE-NEW-BRANCH
#[test]
fn branches() {
    let world = World::served();
    let id = world.change("dev", "qms.yaml");
    world.edit("qms.yaml", "protected: []", "protected: [\"release/*\"]");
    world.works("dev", "Protect", &id);
    world.lands();
    world
        .git(
            "ann",
            &["push", "-q", "origin", "HEAD~1:refs/heads/release/1"],
        )
        .ok();
    world.write("README.md", "elsewhere\n");
    world.git("ann", &["commit", "-qam", "Elsewhere"]).ok();
    world
        .git("ann", &["push", "origin", "HEAD:refs/heads/release/2"])
        .refused("new-branch");
    let there = world.git("ann", &["ls-remote", "origin"]).ok();
    assert!(!there.contains("release/2"), "{there}");
    // With the trunk in one push it may start where the trunk goes.
    world
        .git(
            "ann",
            &[
                "push",
                "-q",
                "origin",
                "HEAD:main",
                "HEAD:refs/heads/release/2",
            ],
        )
        .ok();
    let before = world
        .git("ann", &["rev-list", "--max-parents=0", "HEAD"])
        .ok();
    let legacy = format!("{}:refs/heads/release/0", before.trim());
    world
        .git("ann", &["push", "origin", &legacy])
        .refused("new-branch");
    // A server whose anchor is not in what is pushed first.
    world
        .git("ann", &["clone", "-q", "--bare", ".", "../other.git"])
        .ok();
    let anchor = world
        .git("ann", &["commit-tree", "HEAD^{tree}", "-m", "Another"])
        .ok();
    world
        .git(
            "ann",
            &["init", "-q", "--bare", "-b", "main", "../empty.git"],
        )
        .ok();
    world
        .qms(
            "ann",
            &[
                "-C",
                "../empty.git",
                "init",
                "--server",
                "--anchor",
                anchor.trim(),
            ],
        )
        .ok();
    world
        .git("ann", &["push", "../empty.git", "HEAD:main"])
        .refused("not-governed");
    let real = world
        .git(
            "ann",
            &["log", "--format=%H", "--grep=under change control"],
        )
        .ok();
    world
        .qms(
            "ann",
            &[
                "-C",
                "../empty.git",
                "init",
                "--server",
                "--anchor",
                real.trim(),
            ],
        )
        .ok();
    world
        .git("ann", &["push", "-q", "../empty.git", "HEAD:main"])
        .ok();
}

#[test]
fn every_rule_has_fired_in_a_test() {
    let sources: String = ["tests/it", "tests/it/threats", "tests/it/integrity"]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(project().join(folder)).expect("the tests"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| std::fs::read_to_string(path).expect("a source"))
        .collect();
    let words: String = sources.split_whitespace().collect();
    let fired = |id: &str| {
        // A test that expects it, by name or in a table of cases; a warning by what it prints.
        [
            format!("refused(\"{id}\")"),
            format!("bounces(\"{id}\")"),
            format!("\"{id}\");"),
            format!("\"{id}\",);"),
            format!("\"{id}\")"),
            format!("[{id}]"),
            format!(",\"{id}\",\""),
        ]
        .iter()
        .any(|c| words.contains(c.as_str()))
    };
    let silent: Vec<_> = qms::checks::rules()
        .map(|r| r.id)
        .filter(|id| !fired(id))
        .collect();
    assert_eq!(silent, Vec::<&str>::new());
}

#[test]
fn explain_knows_every_rule() {
    let world = World::empty();
    let all = world.qms("ann", &["explain"]).ok();
    for rule in qms::checks::rules() {
        assert!(all.contains(rule.id));
        assert!(
            world
                .qms("ann", &["explain", rule.id])
                .ok()
                .contains(rule.remedy)
        );
    }
    assert!(
        world
            .qms("ann", &["explain", "out-of-scop"])
            .err
            .contains("out-of-scope")
    );
}
