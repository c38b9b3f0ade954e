//! What each tool is for, done through it: an agent without a checkout lacks nothing that the command line has.

use serde_json::{Value, json};

use super::client::Http;
use super::{Gate, enroll, token, world};
use crate::world::{World, document};

/// Clients of a gateway for these agents.
fn clients<const N: usize>(world: &World, gate: &Gate, names: [&str; N]) -> [Http; N] {
    names.map(|name| gate.client(&token(world, name)))
}

/// A procedure of dev's in a round of review.
fn routed(dev: &Http, title: &str) -> String {
    let made = dev.call("qms_create", json!({ "type": "SOP", "title": title }));
    let id = made.ok()["doc_id"].as_str().expect("an id").to_owned();
    dev.call("qms_route", json!({ "id": id, "for": "review" }))
        .ok();
    id
}

/// Takes a routed document to its approval.
fn recommended(dev: &Http, quality: &[&Http], id: &str) {
    for who in quality {
        who.call("qms_review", json!({ "id": id, "outcome": "recommend" }))
            .ok();
    }
    dev.call("qms_route", json!({ "id": id, "for": "approval" }))
        .ok();
}

// Verifies: REQ-QMS-TOOL-QMS-INBOX, REQ-QMS-TOOL-QMS-WORKSPACE, REQ-QMS-TOOL-QMS-NEXT,
// REQ-QMS-TOOL-QMS-STATUS, REQ-QMS-TOOL-QMS-READ, REQ-QMS-TOOL-QMS-HISTORY, REQ-QMS-TOOL-QMS-COMMENTS,
// REQ-QMS-TOOL-QMS-LIST, REQ-QMS-TOOL-QMS-REVIEW, REQ-QMS-TOOL-QMS-WITHDRAW
#[test]
fn what_is_to_be_done_and_what_was_said_is_read_through_tools() {
    let world = world();
    let gate = Gate::start(&world);
    let [dev, qa] = clients(&world, &gate, ["dev", "qa"]);
    let id = routed(&dev, "Backups");
    let next = qa.call("qms_next", json!({})).ok();
    assert!(next.to_string().contains("review"), "{next}");
    let tasks = qa.call("qms_inbox", json!({})).ok()["tasks"].clone();
    assert_eq!(tasks[0]["doc_id"], id.as_str(), "{tasks}");
    let update = json!({ "id": id, "outcome": "request-updates", "comment": "Say who." });
    qa.call("qms_review", update).ok();
    let said = dev.call("qms_comments", json!({ "id": id })).ok();
    assert!(said.to_string().contains("Say who."), "{said}");
    let none = json!({ "id": id, "version": "0.9" });
    assert_eq!(dev.call("qms_comments", none).ok()["all"], json!([]));
    dev.call("qms_withdraw", json!({ "id": id })).ok();
    dev.call("qms_checkout", json!({ "id": id })).ok();
    let held = dev.call("qms_workspace", json!({})).ok();
    assert_eq!(held["tasks"][0]["doc_id"], id.as_str(), "{held}");
    let status = dev.call("qms_status", json!({ "id": id })).ok();
    assert_eq!(
        (&status["responsible_user"], &status["checked_out_by"]),
        (&json!("dev"), &json!("dev")),
        "{status}"
    );
    let mine = dev
        .call("qms_list", json!({ "mine": true, "type": ["SOP"] }))
        .ok();
    assert_eq!(mine["documents"][0]["doc_id"], id.as_str(), "{mine}");
    let past = json!({ "id": id, "limit": 1, "since": "2020-01-01" });
    let past = dev.call("qms_history", past).ok();
    assert_eq!(past["all"][0]["event"], "CHECKOUT", "{past}");
    let next = dev.call("qms_next", json!({ "id": id })).ok();
    assert!(next.to_string().contains("checkin"), "{next}");
    for (which, has) in [
        (json!({ "id": "TEMPLATE-SOP" }), "{{TITLE}}"),
        (
            json!({ "id": "TEMPLATE-SOP", "version": "1.0" }),
            "{{TITLE}}",
        ),
        (json!({ "id": id, "draft": true }), "Backups"),
        (json!({ "id": id, "at": "HEAD" }), "Backups"),
    ] {
        let text = dev.call("qms_read", which).ok()["text"].clone();
        assert!(text.to_string().contains(has), "{text}");
    }
    let both = json!({ "id": id, "draft": true, "at": "HEAD" });
    dev.call("qms_read", both).not("give one of them");
}

// Verifies: REQ-QMS-TOOL-GIT-BRANCH, REQ-QMS-TOOL-GIT-BRANCHES, REQ-QMS-TOOL-GIT-DIFF,
// REQ-QMS-TOOL-QMS-CHECK, REQ-QMS-TOOL-QMS-WHO, REQ-QMS-TOOL-QMS-EXPLAIN
#[test]
fn what_is_wrong_and_why_is_asked_through_tools() {
    let world = world();
    let id = world.change("dev", "src/**");
    world.write("src/a.py", "a\n");
    world.works("dev", "Work", &id);
    let gate = Gate::start(&world);
    let [dev] = clients(&world, &gate, ["dev"]);
    let here = dev.call("qms_check", json!({})).ok();
    assert_eq!(here["findings"], json!([]), "{here}");
    let one = dev.call("qms_check", json!({ "id": id })).ok();
    assert!(one.to_string().contains("placeholder"), "{one}");
    let who = dev.call("qms_who", json!({ "path": "src/a.py" })).ok();
    assert!(who.to_string().contains(&id), "{who}");
    let explained = |what: &str| dev.call("qms_explain", json!({ "what": what })).ok();
    assert_eq!(explained("out-of-scope")["rule"]["rule"], "out-of-scope");
    assert_eq!(explained(&id)["verdict"], Value::Null);
    assert!(explained(&id)["story"].is_object());
    assert!(explained("HEAD")["verdict"].is_object());
    dev.call("qms_explain", json!({ "what": "nowhere" }))
        .not("no rule, document or commit");
    let diff = json!({ "from": "HEAD~1", "to": "HEAD", "patch": true });
    let diff = dev.call("git_diff", diff).ok();
    assert!(diff.to_string().contains("src/a.py"), "{diff}");
    let branch = json!({ "change": id, "name": "more" });
    let made = dev.call("git_branch", branch).ok();
    let all = dev.call("git_branches", json!({ "change": id })).ok();
    assert_eq!(all["all"][0]["branch"], made["branch"], "{all}");
}

// Verifies: REQ-QMS-TOOL-QMS-ASSIGN, REQ-QMS-TOOL-QMS-REVIEW, REQ-QMS-TOOL-QMS-REJECT,
// REQ-QMS-TOOL-QMS-CANCEL, REQ-QMS-TOOL-QMS-TRANSFER
#[test]
fn a_round_is_changed_and_refused_through_tools() {
    let world = world();
    let gate = Gate::start(&world);
    let [dev, claude, qa, qb] = clients(&world, &gate, ["dev", "claude", "qa", "qb"]);
    let id = routed(&dev, "Backups");
    let more = json!({ "id": id, "assignees": ["tu"] });
    let asked = qa.call("qms_assign", more).ok();
    assert_eq!(asked["status"], "IN_REVIEW", "{asked}");
    let pending = dev.call("qms_status", json!({ "id": id })).ok();
    assert!(pending.to_string().contains("tu"), "{pending}");
    qa.call("qms_assign", json!({ "id": id, "remove": ["tu"] }))
        .ok();
    recommended(&dev, &[&qa, &qb], &id);
    let why = json!({ "id": id, "comment": "It does not say when." });
    let refused = qa.call("qms_reject", why).ok();
    assert_eq!(refused["status"], "REVIEWED", "{refused}");
    let to = json!({ "id": id, "to": "claude", "reason": "dev has left" });
    let over = dev.call("qms_transfer", to).ok();
    assert_eq!(over["status"], "REVIEWED", "{over}");
    dev.call("qms_cancel", json!({ "id": id, "confirm": true }))
        .refused("not-allowed");
    claude
        .call("qms_cancel", json!({ "id": id, "confirm": false }))
        .not("`confirm` is true");
    let ended = json!({ "id": id, "confirm": true });
    assert_eq!(claude.call("qms_cancel", ended).ok()["status"], "CANCELLED");
}

// Verifies: REQ-QMS-TOOL-QMS-ABANDON, REQ-QMS-TOOL-QMS-FIX
#[test]
fn a_revision_is_given_up_and_its_setting_mended_through_tools() {
    let world = world();
    let add = ["user", "add", "eve", "--group", "administrator"];
    world.qms("ann", &add).ok();
    let set = ["user", "set", "gate", "--agents", "claude,dev,qa,qb,tu,eve"];
    world.qms("ann", &set).ok();
    let gate = Gate::start(&world);
    let [dev, qa, qb, eve] = clients(&world, &gate, ["dev", "qa", "qb", "eve"]);
    let id = routed(&dev, "Backups");
    recommended(&dev, &[&qa, &qb], &id);
    for who in [&qa, &qb] {
        who.call("qms_approve", json!({ "id": id })).ok();
    }
    let read = || {
        let read = dev.call("qms_read", json!({ "id": id })).ok();
        read["text"].as_str().expect("a text").to_owned()
    };
    // The same words on two lines.
    let text = read().replacen("Words enough.", "Words\nenough.", 1);
    let fix = json!({ "id": id, "text": text, "reason": "One line was too long" });
    let fixed = eve.call("qms_fix", fix).ok();
    assert_eq!(fixed["status"], "EFFECTIVE", "{fixed}");
    assert!(world.read(&document(&id)).contains("Words\nenough."));
    let other = text.replacen("Words\nenough.", "Other words.", 1);
    eve.call("qms_fix", json!({ "id": id, "text": other, "reason": "x" }))
        .refused("text-changed");
    dev.call("qms_checkout", json!({ "id": id })).ok();
    let given_up = json!({ "id": id, "reason": "Not needed" });
    let given_up = dev.call("qms_abandon", given_up).ok();
    assert_eq!(given_up["status"], "EFFECTIVE", "{given_up}");
}

// Verifies: REQ-QMS-TOOL-GIT-PUSH
#[test]
fn a_push_says_what_the_remote_said() {
    let world = world();
    let id = world.change("dev", "src/**");
    world.serve();
    let gate = Gate::start(&world);
    let [dev] = clients(&world, &gate, ["dev"]);
    let work =
        json!({ "change": id, "message": "Work", "files": [{ "path": "src/a", "text": "a\n" }] });
    dev.call("git_commit", work).ok();
    let sent = dev.call("git_push", json!({})).ok();
    assert_eq!(sent["done"], true, "{sent}");
    let there = world.git("ann", &["ls-remote", "origin", "main"]).ok();
    assert!(there.starts_with(&world.head()), "{there}");
    world.write("src/b", "b\n");
    world.puts("dev", "Under no change");
    dev.call("git_push", json!({})).not("did not take it");
}

// Verifies: REQ-QMS-CMD-TOKEN-NEW, REQ-QMS-CMD-TOKEN-LIST
#[test]
fn a_token_is_listed_by_its_name_and_not_shown_again() {
    let world = world();
    let shown = token(&world, "dev");
    let new = ["token", "new", "claude", "--expires", "30d"];
    world.qms("gate", &new).ok();
    let all = world.json("gate", &["token", "list"]);
    let agents: Vec<&str> = all
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| row["agent"].as_str())
        .collect();
    assert_eq!(agents, ["dev", "claude"], "{all}");
    assert!(all[0]["expires"].is_null() && all[1]["expires"].is_string());
    assert!(!all.to_string().contains(&shown), "{all}");
}

// Verifies: REQ-QMS-TOOL-QMS-REVERT
#[test]
fn a_change_goes_back_into_execution_through_a_tool() {
    let world = world();
    let id = world.change("dev", "src/**");
    world.qms("dev", &["route", &id, "--review"]).ok();
    for name in ["qa", "qb"] {
        world.qms(name, &["review", &id, "--recommend"]).ok();
    }
    let gate = Gate::start(&world);
    let [dev] = clients(&world, &gate, ["dev"]);
    let back = json!({ "id": id, "reason": "A file was left out" });
    let back = dev.call("qms_revert", back).ok();
    assert_eq!(back["status"], "IN_EXECUTION", "{back}");
}

// Verifies: REQ-QMS-TOOL-QMS-ITEMS, REQ-QMS-TOOL-QMS-ITEM, REQ-QMS-TOOL-QMS-SECTIONS,
// REQ-QMS-TOOL-QMS-SECTION, REQ-QMS-TOOL-QMS-FRONT
#[test]
fn a_document_is_filled_in_through_tools() {
    let world = World::governed();
    enroll(&world);
    let id = world.change("dev", "src/**");
    let gate = Gate::start(&world);
    let [dev] = clients(&world, &gate, ["dev"]);
    let rows = || dev.call("qms_items", json!({ "id": id })).ok()["all"].clone();
    assert_eq!(rows()[0]["item"], "EI-1", "{}", rows());
    let did = json!({ "id": id, "item": "EI-1", "outcome": "pass", "summary": "It runs", "evidence": ["TEMPLATE-CR"] });
    dev.call("qms_item", did).ok();
    let failed = json!({ "id": id, "item": "EI-2", "outcome": "fail", "summary": "It does not" });
    dev.call("qms_item", failed).ok();
    assert_eq!(
        (&rows()[0]["outcome"], &rows()[1]["outcome"]),
        (&json!("Pass"), &json!("Fail"))
    );
    let skipped = json!({ "id": id, "item": "EI-1", "outcome": "not-run" });
    dev.call("qms_item", skipped)
        .not("only a step of a test protocol is not run");
    let draft = json!({ "type": "SOP", "title": "Backups" });
    let draft = dev.call("qms_create", draft).ok()["doc_id"].clone();
    let sections = dev.call("qms_sections", json!({ "id": draft })).ok();
    let first = sections["all"][0]["title"].clone();
    let text = json!({ "id": draft, "section": first, "text": "So that nothing is lost." });
    dev.call("qms_section", text).ok();
    let key = json!({ "id": draft, "key": "title", "values": ["Backups of all"] });
    dev.call("qms_front", key).ok();
    let text = world.read(&document("SOP-001"));
    assert!(text.contains("So that nothing is lost.") && text.contains("title: Backups of all"));
}
