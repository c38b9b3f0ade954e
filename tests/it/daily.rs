//! What people and agents ask and do every day, beside the moves.

use crate::world::{World, document};

// Verifies: REQ-QMS-CMD-CHECKOUT, REQ-QMS-CMD-CHECKIN
#[test]
fn who_cannot_write_here_writes_in_a_copy() {
    let world = World::new();
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "A change", "--scope", "src/**"],
        )
        .ok();
    world.qms("dev", &["checkin", "CR-001"]).ok();
    let said = world.qms("dev", &["checkout", "CR-001", "--to", "../desk"]);
    assert!(
        said.err.contains("qms checkin CR-001 --from ../desk"),
        "{}",
        said.err
    );
    let copy = world
        .read("../desk/CR-001.md")
        .replace("A change", "A better change");
    world.write("../desk/CR-001.md", &copy);
    world
        .qms("dev", &["checkin", "CR-001", "--from", "../desk"])
        .ok();
    assert_eq!(
        world.json("dev", &["status", "CR-001"])["title"],
        "A better change"
    );
    assert_eq!(world.git("dev", &["status", "--short"]).ok(), "");
    // Nothing is written over, and nothing is made where the copy cannot be.
    let head = world.head();
    let said = world.qms("dev", &["checkout", "CR-001", "--to", "../desk"]);
    assert!(
        said.code == 2 && said.err.contains("is there already"),
        "{}",
        said.err
    );
    assert_eq!(world.head(), head);
}

// Verifies: REQ-QMS-RULE-TEXT-CHANGED, REQ-QMS-CMD-FIX
#[test]
fn a_fix_changes_how_a_document_is_set_and_nothing_that_it_says() {
    let world = World::new();
    let file = document("TEMPLATE-SOP");
    world.edit(&file, "\n\n", "\n\n\n");
    let refused = world.qms("dev", &["fix", "TEMPLATE-SOP", "--reason", "Blank lines"]);
    refused.refused("not-allowed");
    world
        .qms("ann", &["fix", "TEMPLATE-SOP", "--reason", "Blank lines"])
        .ok();
    assert_eq!(world.status("TEMPLATE-SOP"), "EFFECTIVE");
    world.edit(&file, "{{", "{{Indeed ");
    world
        .qms("ann", &["fix", "TEMPLATE-SOP", "--reason", "A word"])
        .refused("text-changed");
}

// Verifies: REQ-QMS-CMD-READ, REQ-QMS-CMD-DIFF
#[test]
fn versions_are_read_and_compared() {
    let world = World::new();
    world
        .qms("dev", &["create", "SOP", "--title", "Procedure"])
        .ok();
    let file = document("SOP-001");
    world.edit(&file, "## 1.", "## 0. Before\n\nThe first words.\n\n## 1.");
    world.approve("dev", "SOP-001");
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.edit(&file, "The first words.", "The second\nwords.");
    world.edit(
        &file,
        "revision_summary: Initial draft",
        "revision_summary: Second thoughts",
    );
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    // What binds people is what is in force; a draft is asked for by name.
    let read = |args: &[&str]| {
        world
            .qms("claude", &[&["read", "SOP-001"], args].concat())
            .ok()
    };
    assert!(read(&[]).contains("The first words.") && read(&["--draft"]).contains("The second"));
    assert_eq!(read(&["--version", "1.0"]), read(&[]));
    assert!(read(&["--at", "HEAD"]).contains("The second"));
    assert!(!read(&["--version", "0.1"]).contains("The first"));
    let diff = world.qms("claude", &["diff", "SOP-001"]).ok();
    assert!(
        diff.contains("SOP-001  1.0 -> now") && diff.contains("The [-first-] {+second+}"),
        "{diff}"
    );
    assert!(
        diff.contains("front matter") && !diff.contains("qms:"),
        "{diff}"
    );
    let same = world.json("claude", &["diff", "SOP-001", "1.0..1.0"]);
    assert_eq!(same["sections"], serde_json::json!([]));
    let unknown = world.qms("claude", &["read", "SOP-001", "--version", "7.0"]);
    assert!(
        unknown.code == 2 && unknown.err.contains("1.2"),
        "{}",
        unknown.err
    );
}

// Verifies: REQ-QMS-CMD-HISTORY, REQ-QMS-CMD-COMMENTS
#[test]
fn comments_and_history_are_read_from_the_log() {
    let world = World::new();
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "A change", "--scope", "src/**"],
        )
        .ok();
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    world
        .qms(
            "qa",
            &[
                "review",
                "CR-001",
                "--request-updates",
                "--comment",
                "Say why\n\nand how",
            ],
        )
        .ok();
    world.qms("qb", &["review", "CR-001", "--recommend"]).ok();
    let said = world.qms("dev", &["comments", "CR-001"]).ok();
    assert!(
        said.contains("qa  request-updates") && said.contains("    and how"),
        "{said}"
    );
    assert_eq!(
        world.json("dev", &["comments", "CR-001", "--version", "0.2"]),
        serde_json::json!([])
    );
    let own = world.json("dev", &["history", "--user", "qa"]);
    assert_eq!(own.as_array().map(Vec::len), Some(1));
    assert_eq!(own[0]["doc_id"], "CR-001");
    assert_eq!(
        world.json("dev", &["history", "--since", "2033-01-01"]),
        serde_json::json!([])
    );
    let wrong = world.qms("dev", &["history", "--since", "yesterday"]);
    assert!(
        wrong.code == 2 && wrong.err.contains("2026-01-31"),
        "{}",
        wrong.err
    );
    // QMS_USER says who acts; a history is not narrowed by it.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_qms"));
    command.args(["history", "CR-001"]);
    let output = world
        .command(command, "dev")
        .env("QMS_USER", "qa")
        .output()
        .expect("it runs");
    assert!(String::from_utf8_lossy(&output.stdout).contains("CREATE"));
}

// Verifies: REQ-QMS-CMD-LIST
#[test]
fn lists_are_narrowed_and_unknown_names_suggest_the_nearest() {
    let world = World::new();
    for title in ["One", "Two"] {
        world
            .qms(
                "dev",
                &["create", "CR", "--title", title, "--scope", "src/**"],
            )
            .ok();
    }
    world
        .qms("claude", &["create", "SOP", "--title", "Three"])
        .ok();
    let ids = |args: &[&str]| -> Vec<String> {
        let list = world.json("dev", &[&["list"], args].concat());
        list.as_array()
            .expect("a list")
            .iter()
            .map(|d| d["doc_id"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(ids(&["--mine"]), ["CR-001", "CR-002"]);
    assert_eq!(ids(&["--owner", "claude"]), ["SOP-001"]);
    assert_eq!(
        ids(&["--type", "sop,cr", "--status", "draft"]),
        ["CR-001", "CR-002", "SOP-001"]
    );
    assert_eq!(
        ids(&["--status", "EFFECTIVE", "--type", "SOP"]),
        Vec::<String>::new()
    );
    for (args, near) in [
        (&["list", "--status", "droft"][..], "DRAFT"),
        (&["status", "CR-003"], "CR-001"),
        (&["checkout", "CR-03"], "CR-001"),
        (&["history", "SOP-002"], "SOP-001"),
        (&["list", "--type", "XX"], "types are SOP"),
    ] {
        let said = world.qms("dev", args);
        assert!(
            said.code == 2 && said.err.contains(near),
            "{args:?}: {}",
            said.err
        );
    }
}

// Verifies: REQ-QMS-CMD-WHO
#[test]
fn who_says_what_a_path_needs() {
    let world = World::new();
    let change = world.change("dev", "src/**");
    world
        .qms(
            "claude",
            &["create", "CR", "--title", "Later", "--scope", "src/main.py"],
        )
        .ok();
    let who = world.json("dev", &["who", "src/main.py"]);
    assert_eq!(
        (&who["sort"], &who["asked"]),
        (&"controlled".into(), &serde_json::json!(["qa", "qb"]))
    );
    assert_eq!(who["changes"][0]["doc_id"], change.as_str());
    assert_eq!(who["changes"][1]["open"], false);
    assert_eq!(
        who["commands"],
        serde_json::json!([format!("qms use {change}")])
    );
    let of = |path: &str| world.json("dev", &["who", path])["sort"].clone();
    assert_eq!(of("README.md"), "free");
    assert_eq!(of("QMS/CR/CR-001/CR-001.md"), "document");
    assert_eq!(of("qms.yaml"), "steering");
    // From a folder, as paths are typed there.
    let said = world.qms("dev", &["-C", "src", "who", "main.py"]).ok();
    assert!(said.starts_with("src/main.py\n"), "{said}");
    assert_eq!(world.qms("dev", &["who", "../elsewhere"]).code, 2);
}

// Verifies: REQ-QMS-CMD-EXPLAIN
#[test]
fn explain_tells_of_documents_and_commits() {
    let world = World::new();
    let anchor = world.head();
    let change = world.change("dev", "src/**");
    world.write("src/a.py", "a\n");
    world.works("dev", "Add a", &change);
    let story = world.qms("dev", &["explain", &change]).ok();
    assert!(story.lines().count() <= 12, "{story}");
    for line in [
        "IN_EXECUTION 1.0, owner dev",
        "it may touch src/**",
        "1 commit of work under it, by dev",
        "next, dev: qms route",
    ] {
        assert!(story.contains(line), "{line}: {story}");
    }
    let why = |rev: &str| world.qms("dev", &["explain", rev]).ok();
    assert!(
        why("HEAD").contains("covered by CR-001: src/**") && why("HEAD").contains("it is allowed")
    );
    assert!(why("HEAD~1").contains("a move: release of CR-001 by dev"));
    assert!(why(&anchor).contains("the anchor") && why(&format!("{anchor}~1")).contains("legacy"));
    // A commit that went past the hooks, and one that a merge brought in.
    world.git("dev", &["checkout", "-qb", "side"]).ok();
    world.write("lib/b.py", "b\n");
    world.git("dev", &["add", "."]).ok();
    world.git("dev", &["commit", "-qnm", "Past the hooks"]).ok();
    let refused = why("HEAD");
    assert!(
        refused.contains("it is refused") && refused.contains("error[no-change]"),
        "{refused}"
    );
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world
        .git(
            "ann",
            &[
                "merge",
                "-q",
                "--no-ff",
                "--no-verify",
                "-m",
                "Merge",
                "side",
            ],
        )
        .ok();
    let merged = world.json("dev", &["explain", "side"]);
    assert_eq!(
        (&merged["allowed"], &merged["kind"]),
        (&false.into(), &"a commit without QMS trailers".into())
    );
    assert!(
        merged["judged"]
            .as_str()
            .expect("a sentence")
            .contains("merged it"),
        "{merged}"
    );
    let said = world.qms("dev", &["explain", "nothing-such"]);
    assert!(
        said.code == 2 && said.err.contains("no rule, document or commit"),
        "{}",
        said.err
    );
}

#[test]
fn i_25_check_says_everything_that_is_missing_at_once() {
    let world = World::new();
    world
        .qms("dev", &["create", "CR", "--title", "A change"])
        .ok();
    world.edit(&document("CR-001"), "revision_summary: Initial draft\n", "");
    world
        .qms("dev", &["checkin", "CR-001"])
        .refused("incomplete");
    // Whoever asks, it is asked for its owner; nothing is made.
    let head = world.head();
    world.edit(
        &document("CR-001"),
        "title: A change\n",
        "title: A change\nrevision_summary: Initial draft\n",
    );
    let said = world.qms("qa", &["check", "CR-001"]);
    assert_eq!(said.code, 1);
    let said = said.refused("not-ready");
    assert!(
        said.contains("CR-001 has no scope") && said.contains("qms route CR-001 --review"),
        "{said}"
    );
    assert_eq!(world.head(), head);
    let all = world.qms("qa", &["check", "--all"]).ok();
    assert!(all.contains("12 documents"), "{all}");
    assert!(
        world
            .qms("qa", &["check", "TEMPLATE-CR"])
            .ok()
            .contains("clean: TEMPLATE-CR, EFFECTIVE 1.0")
    );
}

// Verifies: REQ-QMS-CMD-NEXT, REQ-QMS-CMD-INBOX, REQ-QMS-CMD-WORKSPACE
#[test]
fn next_says_whose_turn_it_is_and_what_is_missing() {
    let world = World::new();
    world
        .qms("dev", &["create", "CR", "--title", "A change"])
        .ok();
    let next = world.json("dev", &["next"])["next"].clone();
    assert_eq!(
        (&next["command"], &next["ready"]),
        (&"qms route CR-001 --review".into(), &false.into())
    );
    assert_eq!(next["missing"][0]["rule"], "not-ready");
    let others = world.qms("qa", &["next", "CR-001"]).ok();
    assert!(
        others.contains("not qa's turn; it waits for dev"),
        "{others}"
    );
    assert_eq!(
        world.qms("qa", &["next"]).ok(),
        "nothing waits for qa, and qa holds nothing\n"
    );
    assert_eq!(world.json("dev", &["workspace"])[0]["task"], "write");
    world.edit(&document("CR-001"), "scope: []", "scope: [src/**]");
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    let next = world.json("qa", &["next"])["next"].clone();
    assert_eq!(
        (&next["command"], &next["ready"]),
        (&"qms review CR-001 --recommend".into(), &true.into())
    );
    assert_eq!(world.json("dev", &["workspace"])[0]["task"], "wait");
    assert_eq!(world.json("qa", &["inbox"])[0]["task"], "review");
    assert_eq!(
        world.json("dev", &["inbox", "--user", "qb"])[0]["doc_id"],
        "CR-001"
    );
}

// Verifies: REQ-QMS-RULE-UNKNOWN-USER, REQ-QMS-CMD-USER-SET, REQ-QMS-CMD-USER-LEAVE, REQ-QMS-CMD-USER-LIST
#[test]
fn people_are_changed_and_leave() {
    let world = World::served();
    world
        .qms(
            "qa",
            &["user", "set", "tu", "--email", "tu@x", "--email", "tu@home"],
        )
        .ok();
    let groups = ["user", "set", "qb", "--group", "reviewer"];
    world.qms("qa", &groups).refused("trailer-missing");
    world
        .qms("qa", &[&groups[..], &["--reason", "Moved on"]].concat())
        .ok();
    world
        .qms("dev", &["user", "leave", "claude", "--reason", "x"])
        .refused("not-allowed");
    world
        .qms(
            "ann",
            &["user", "leave", "claude", "--reason", "Switched off"],
        )
        .ok();
    let users = world.json("ann", &["user", "list"]);
    let of = |name: &str| {
        users
            .as_array()
            .expect("users")
            .iter()
            .find(|u| u["user"] == name)
            .expect("a user")
            .clone()
    };
    assert_eq!(of("tu")["emails"], serde_json::json!(["tu@x", "tu@home"]));
    assert_eq!(
        (&of("qb")["groups"], &of("claude")["left"]),
        (&serde_json::json!(["reviewer"]), &true.into())
    );
    world
        .qms("claude", &["create", "SOP", "--title", "Late"])
        .refused("unknown-user");
    let wrong = world.qms("ann", &["user", "set", "tuu", "--kind", "agent"]);
    assert!(
        wrong.code == 2 && wrong.err.contains("near it are tu"),
        "{}",
        wrong.err
    );
    let same = world.qms("qa", &["user", "set", "qb", "--group", "reviewer"]);
    assert!(same.err.contains("is that already"), "{}", same.err);
    world.lands();
}

// Verifies: REQ-QMS-CMD-SYSTEM-ADD, REQ-QMS-CMD-SYSTEM-LIST
#[test]
fn systems_are_added_under_a_change_that_names_the_policy() {
    let world = World::served();
    let args = ["system", "add", "cli", "--code", "src/**"];
    let said = world.qms("dev", &args);
    assert!(
        said.code == 2 && said.err.contains("--change ID"),
        "{}",
        said.err
    );
    let other = world.change("dev", "src/**");
    world
        .qms("dev", &[&args[..], &["--change", &other]].concat())
        .refused("out-of-scope");
    let change = world.change("dev", "qms.yaml");
    world
        .qms("dev", &[&args[..], &["--change", &change]].concat())
        .ok();
    world
        .qms(
            "dev",
            &["create", "RS", "--name", "CLI", "--title", "Requirements"],
        )
        .ok();
    let list = world.json("dev", &["namespace", "list"]);
    assert_eq!(
        (&list[0]["rs_status"], &list[0]["rtm_status"]),
        (&"DRAFT".into(), &serde_json::Value::Null)
    );
    assert!(
        world
            .qms("dev", &["system", "list"])
            .ok()
            .contains("SDLC-CLI-RTM (not there)")
    );
    let twice = world.qms("dev", &[&args[..], &["--change", &change]].concat());
    assert!(twice.err.contains("is a system already"), "{}", twice.err);
    world.lands();
}
