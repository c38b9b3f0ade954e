//! What an agent has for himself: a folder that he writes in, a lease while he is at work, branches that nobody else
//! looks at yet; and gateways that are apart from each other.

use serde_json::{Value, json};

use super::{Gate, token, world};
use crate::world::{World, document};

/// A world whose policy gives claude a folder, and the folder.
fn with_workspace(world: &World) -> (Gate, std::path::PathBuf) {
    world
        .qms("ann", &["user", "set", "claude", "--workspace", "claude"])
        .ok();
    std::fs::create_dir_all(world.path("../desks/claude")).expect("a folder");
    let gate = Gate::with(world, &["--workspaces", "../desks"]);
    (gate, world.path("../desks/claude"))
}

// Verifies: REQ-QMS-TOOL-GIT-COMMIT, REQ-QMS-TOOL-QMS-CHECKIN
#[test]
fn an_agent_writes_in_a_folder_of_his_own_and_the_gateway_takes_it_from_there() {
    let world = world();
    let id = world.change("dev", "src/**");
    let (gate, desk) = with_workspace(&world);
    let claude = gate.client(&token(&world, "claude"));
    // The text of what he checks out lies there, and is checked in from there.
    let made = claude
        .call("qms_create", json!({ "type": "SOP", "title": "T" }))
        .ok();
    let place = document("SOP-001");
    assert_eq!(made["in_workspace"], place.as_str());
    let file = desk.join(&place);
    let text = std::fs::read_to_string(&file).expect("it is there");
    assert_eq!(text, world.read(&place));
    std::fs::write(&file, text.replace("title: T", "title: U")).expect("a file");
    let back = json!({ "id": "SOP-001", "from_workspace": true });
    claude.call("qms_checkin", back).ok();
    assert!(world.read(&place).contains("title: U"));
    // What he has not checked in is not written over.
    std::fs::write(&file, "mine\n").expect("a file");
    let head = world.head();
    claude
        .call("qms_checkout", json!({ "id": "SOP-001" }))
        .not("is not written over");
    assert_eq!(world.head(), head);
    std::fs::remove_file(&file).expect("it is there");
    let out = claude.call("qms_checkout", json!({ "id": "SOP-001" })).ok();
    assert_eq!(out["in_workspace"], place.as_str());
    // Work: files, folders, and what may be run.
    std::fs::create_dir_all(desk.join("src/deep/.git")).expect("a folder");
    std::fs::write(desk.join("src/deep/a.py"), "a\n").expect("a file");
    std::fs::write(desk.join("src/deep/.git/config"), "evil\n").expect("a file");
    std::fs::write(desk.join("src/run.sh"), "run\n").expect("a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(desk.join("src/run.sh"), mode).expect("a mode");
    let work = |paths: Value| json!({ "change": id, "message": "Work", "from_workspace": paths });
    let done = claude.call("git_commit", work(json!(["src"]))).ok();
    assert_eq!(done["paths"], json!(["src/deep/a.py", "src/run.sh"]));
    let listed = world.git("ann", &["ls-tree", "HEAD", "src/run.sh"]).ok();
    assert!(listed.starts_with("100755 "), "{listed}");
    // The scope is the scope, wherever the bytes come from.
    std::fs::write(desk.join("qms.yaml"), "x\n").expect("a file");
    claude
        .call("git_commit", work(json!(["qms.yaml"])))
        .refused("out-of-scope");
    // Who has no folder is told so.
    let dev = gate.client(&token(&world, "dev"));
    dev.call("git_commit", work(json!(["src"])))
        .not("no workspace is yours");
}

#[test]
fn m1_nothing_that_lies_in_a_workspace_leads_out_of_it() {
    let world = world();
    let id = world.change("dev", "**");
    let (gate, desk) = with_workspace(&world);
    let claude = gate.client(&token(&world, "claude"));
    std::fs::write(world.path("../secret"), "secret\n").expect("a file");
    let outside = world.path("..");
    let link = |to: &std::path::Path, name: &str| {
        std::os::unix::fs::symlink(to, desk.join(name)).expect("a link");
    };
    link(&outside.join("secret"), "leak");
    link(&outside, "up");
    link(std::path::Path::new("../../secret"), "relative");
    let fifo = std::process::Command::new("mkfifo")
        .arg(desk.join("waits"))
        .status();
    assert!(fifo.expect("mkfifo starts").success());
    let head = world.head();
    for path in [
        "leak",
        "up/secret",
        "relative",
        "waits",
        "../secret",
        "/etc/passwd",
        "up",
        ".",
        "none",
        ".git/config",
        "-x",
        "a\0b",
        "",
    ] {
        let work = json!({ "change": id, "message": "W", "from_workspace": [path] });
        let said = claude.call("git_commit", work);
        assert!(said.error, "{path:?}: {}", said.value);
        let said = said.value.to_string();
        assert!(!said.contains("secret\\n"), "{said}");
    }
    // A second name of a file that lies elsewhere is none of his, and a list has an end.
    std::fs::hard_link(world.path("../secret"), desk.join("hard")).expect("a link");
    let work = json!({ "change": id, "message": "W", "from_workspace": ["hard"] });
    claude.call("git_commit", work).not("second name");
    let many = json!({ "change": id, "message": "W", "from_workspace": vec!["none"; 2_001] });
    claude.call("git_commit", many).not("more than 2000 paths");
    // Nor does what is written there: the folder of documents is a link to elsewhere.
    link(&outside, "QMS");
    let made = claude.call("qms_create", json!({ "type": "SOP", "title": "T" }));
    assert!(!outside.join("SOP").exists(), "{}", made.value);
    assert_eq!(made.ok()["in_workspace"], Value::Null);
    let checked = json!({ "id": "SOP-001", "from_workspace": true });
    assert!(claude.call("qms_checkin", checked).error);
    let moves = world
        .git("ann", &["log", "--format=%s", &format!("{head}..")])
        .ok();
    assert!(
        moves.lines().all(|subject| subject.contains("SOP-001")),
        "{moves}"
    );
}

#[test]
fn one_instance_of_an_agent_is_at_work_at_a_time_where_the_policy_says_so() {
    let world = world();
    world
        .qms("ann", &["user", "set", "claude", "--single", "true"])
        .ok();
    let gate = Gate::start(&world);
    let token = token(&world, "claude");
    let instance = |name: &str| gate.client(&token).with("X-QMS-Instance", name);
    gate.client(&token)
        .call("qms_inbox", json!({}))
        .not("X-QMS-Instance");
    instance("one").call("qms_inbox", json!({})).ok();
    instance("two")
        .call("qms_inbox", json!({}))
        .not("do not try again");
    instance("two")
        .call("qms_create", json!({ "type": "SOP", "title": "T" }))
        .not("do not try again");
    instance("one").call("qms_workspace", json!({})).ok();
    // Another agent has nothing to do with it, and a restart ends all leases.
    let dev = gate.client(&super::token(&world, "dev"));
    dev.call("qms_inbox", json!({})).ok();
    gate.kill();
    let gate = Gate::start(&world);
    let two = gate.client(&token).with("X-QMS-Instance", "two");
    two.call("qms_inbox", json!({})).ok();
}

#[test]
fn work_goes_to_an_execution_branch_and_comes_home_by_a_merge() {
    let world = world();
    let id = world.change("dev", "src/**");
    let gate = Gate::start(&world);
    let dev = gate.client(&token(&world, "dev"));
    let none = dev.call("git_branches", json!({ "change": id })).ok();
    assert_eq!(none["all"], json!([]));
    let made = dev
        .call("git_branch", json!({ "change": id, "name": "fix-start" }))
        .ok();
    let branch = format!("{id}-fix-start");
    assert_eq!(
        (&made["branch"], &made["made"]),
        (&json!(branch), &json!(true))
    );
    let again = dev
        .call("git_branch", json!({ "change": id, "name": "fix-start" }))
        .ok();
    assert_eq!(again["made"], false);
    let head = world.head();
    let work = |path: &str, request: &str| {
        json!({ "change": id, "message": "Fix", "branch": branch, "request_id": request,
            "files": [{ "path": path, "text": "x\n" }] })
    };
    let done = dev.call("git_commit", work("src/a", "r1")).ok();
    assert_eq!(dev.call("git_commit", work("src/a", "r1")).ok(), done);
    dev.call("git_commit", work("src/b", "r2")).ok();
    dev.call("git_commit", work("lib/c", "r3"))
        .refused("out-of-scope");
    // The served branch and its files are where they were.
    assert_eq!(world.head(), head);
    assert!(!world.path("src/a").exists());
    assert_eq!(world.git("ann", &["status", "--short"]).ok(), "");
    let log = world.git(
        "ann",
        &["log", "--format=%s %an %cn", &format!("main..{branch}")],
    );
    assert_eq!(log.ok(), "Fix dev gate\nFix dev gate\n");
    let seen = dev.call("git_branches", json!({ "change": id })).ok();
    assert_eq!(seen["all"][0]["branch"], branch.as_str());
    // After a restart a retry is still found there.
    gate.kill();
    let gate = Gate::start(&world);
    let dev = gate.client(&token(&world, "dev"));
    assert_eq!(dev.call("git_commit", work("src/a", "r1")).ok(), done);
    for (tool, arguments, why) in [
        (
            "git_branch",
            json!({ "change": id, "name": "../x" }),
            "small letters",
        ),
        (
            "git_branch",
            json!({ "change": id, "name": "a--b" }),
            "small letters",
        ),
        (
            "git_branch",
            json!({ "change": id, "name": "" }),
            "small letters",
        ),
        (
            "git_branch",
            json!({ "change": "CR-099" }),
            "there is no CR-099",
        ),
        (
            "git_commit",
            json!({ "change": id, "message": "M", "branch": "main", "files": [{ "path": "src/x", "text": "" }] }),
            "no execution branch",
        ),
        (
            "git_commit",
            json!({ "change": id, "message": "M", "branch": format!("{id}-none"), "files": [{ "path": "src/x", "text": "" }] }),
            "is no branch of",
        ),
        (
            "git_push",
            json!({ "branch": "refs/heads/main" }),
            "no execution branch",
        ),
        (
            "qms_close",
            json!({ "id": id, "branch": branch }),
            "unknown field",
        ),
    ] {
        dev.call(tool, arguments).not(why);
    }
    // It comes home by a merge, and what came is judged as ever.
    world
        .git(
            "dev",
            &["merge", "-q", "--no-ff", "-m", "Merge the fix", &branch],
        )
        .ok();
    assert!(world.path("src/a").exists());
    assert_eq!(world.json("ann", &["verify"])["errors"], 0);
    // A branch that somebody has checked out is his.
    world
        .git("dev", &["worktree", "add", "-q", "../tree", &branch])
        .ok();
    dev.call("git_commit", work("src/d", "r4"))
        .not("checked out in a work tree");
    // Once the change is not in execution there are no new ones.
    let draft = dev
        .call(
            "qms_create",
            json!({ "type": "CR", "title": "T", "scope": ["src/**"] }),
        )
        .ok();
    dev.call("git_branch", json!({ "change": draft["doc_id"] }))
        .not("needs IN_EXECUTION");
}

// Verifies: REQ-QMS-CMD-USER-SET
#[test]
fn m2_on_an_old_branch_the_served_policy_says_whose_folder_is_whose() {
    let world = world();
    let id = world.change("dev", "src/**");
    let folder = |user: &str, name: &str| {
        world
            .qms("ann", &["user", "set", user, "--workspace", name])
            .ok();
    };
    folder("claude", "one");
    std::fs::create_dir_all(world.path("../desks/one/src")).expect("a folder");
    std::fs::create_dir_all(world.path("../desks/two/src")).expect("a folder");
    let gate = Gate::with(&world, &["--workspaces", "../desks"]);
    std::fs::write(world.path("../desks/one/src/private"), "dev's\n").expect("a file");
    let claude = gate.client(&token(&world, "claude"));
    let made = claude
        .call("git_branch", json!({ "change": id, "name": "old" }))
        .ok();
    folder("claude", "two");
    folder("dev", "one");
    let work = json!({ "change": id, "message": "W", "branch": made["branch"], "from_workspace": ["src/private"] });
    claude
        .call("git_commit", work)
        .not("there is no `src/private` in your workspace");
}

#[test]
fn f7_a_push_makes_nothing_again_for_whom_the_gateway_does_not_commit() {
    let world = world();
    let id = world.change("dev", "src/**");
    world.serve();
    let other = world.second("other");
    let gate = Gate::start(&other);
    let claude = gate.client(&token(&other, "claude"));
    other.write("README.md", "ann's\n");
    other.git("ann", &["commit", "-qam", "Free"]).ok();
    let work = |path: &str| json!({ "change": id, "message": "W", "files": [{ "path": path, "text": "x\n" }] });
    claude.call("git_commit", work("src/b")).ok();
    world.write("README.md", "first\n");
    world.write("src/a", "a\n");
    world.works("dev", "First", &id);
    world.lands();
    let head = other.head();
    claude
        .call("git_push", json!({}))
        .not("for whom this gateway does not commit");
    assert_eq!(other.head(), head);
    // Whoever made it brings it along.
    assert!(
        other
            .git("ann", &["log", "-1", "--format=%an", "HEAD~1"])
            .ok()
            .starts_with("ann")
    );
}

#[test]
fn a_branch_that_is_not_checked_out_is_served_without_files() {
    let world = world();
    let id = world.change("dev", "src/**");
    world.git("ann", &["switch", "-qc", "aside"]).ok();
    let gate = Gate::with(&world, &["--branch", "main"]);
    let dev = gate.client(&token(&world, "dev"));
    let work =
        json!({ "change": id, "message": "W", "files": [{ "path": "src/a", "text": "x\n" }] });
    let done = dev.call("git_commit", work.clone()).ok();
    let main = world.git("ann", &["rev-parse", "main"]).ok();
    assert_eq!(done["commit"], main.trim());
    assert!(!world.path("src/a").exists());
    assert_eq!(world.git("ann", &["status", "--short"]).ok(), "");
    dev.call("qms_checkout", json!({ "id": id })).ok();
    assert!(dev.call("qms_status", json!({ "id": id })).ok()["checked_out"] == true);
    // Whoever checks it out would have files that do not follow.
    world.git("ann", &["switch", "-q", "main"]).ok();
    dev.call("git_commit", work).not("is checked out now");
}

#[test]
fn m6_gateways_on_clones_of_one_remote_are_decided_by_it() {
    let world = world();
    let id = world.change("dev", "src/**");
    world.serve();
    let other = world.second("other");
    let gates = [Gate::start(&world), Gate::start(&other)];
    let here = gates[0].client(&token(&world, "dev"));
    let there = gates[1].client(&token(&other, "claude"));
    let work = |path: &str| json!({ "change": id, "message": format!("Add {path}"), "files": [{ "path": path, "text": format!("{path}\n") }] });
    here.call("git_commit", work("src/a")).ok();
    here.call("git_push", json!({})).ok();
    // The other was at work as well, with moves of a document: all of it is made again on top, for whom it was made.
    there.call("git_commit", work("src/b")).ok();
    let made = json!({ "type": "SOP", "title": "T", "request_id": "r1" });
    let made = there.call("qms_create", made).ok();
    let qa = gates[1].client(&token(&other, "qa"));
    there
        .call("qms_route", json!({ "id": "SOP-001", "for": "review" }))
        .ok();
    qa.call(
        "qms_review",
        json!({ "id": "SOP-001", "outcome": "recommend" }),
    )
    .ok();
    there.call("git_push", json!({})).ok();
    let log = other.git("ann", &["log", "-6", "--format=%an %cn %s"]).ok();
    let lines: Vec<&str> = log.lines().rev().collect();
    assert_eq!(lines[0], "dev gate Add src/a");
    assert_eq!(lines[1], "claude gate Add src/b");
    assert!(lines[5].starts_with("qa gate"), "{log}");
    assert_eq!(other.json("ann", &["verify"])["errors"], 0);
    assert_eq!(other.git("ann", &["status", "--short"]).ok(), "");
    // What was asked before is still found by its name.
    let again = json!({ "type": "SOP", "title": "T", "request_id": "r1" });
    let again = there.call("qms_create", again).ok();
    assert_eq!(again["doc_id"], made["doc_id"]);
    // What cannot be made again on top is refused with the reason, and nothing of it is lost or pushed.
    here.call("git_commit", work("src/c")).ok();
    here.call("git_push", json!({})).ok();
    let theirs = json!({ "change": id, "message": "Other", "files": [{ "path": "src/c", "text": "other\n" }] });
    there.call("git_commit", theirs).ok();
    let head = other.head();
    there.call("git_push", json!({})).not("src/c");
    assert_eq!(other.head(), head);
    let remote = other.git("ann", &["ls-remote", "origin", "main"]).ok();
    assert!(!remote.contains(&head));
}
