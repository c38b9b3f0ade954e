//! What the parent did and what a child takes over: nothing is lost.

use super::{TOLD, carried_out, item, passed, released, writes, written};
use crate::world::{World, document};

/// A child that is carried out.
#[track_caller]
fn child(world: &World, kind: &str, parent: &str, more: &[&str]) -> String {
    let words = ["create", kind, "--parent", parent, "--title", "Otherwise"];
    let answer = world.json("dev", &[&words, more].concat());
    let id = answer["doc_id"].as_str().expect("an id").to_owned();
    world.write_up(&id);
    id
}

const SCOPE: [&str; 2] = ["--scope", "src/**"];

// Verifies: REQ-QMS-RULE-NOT-TAKEN-OVER
#[test]
fn a_failed_item_is_taken_over_by_one_variance() {
    let world = World::house();
    let id = released(&world);
    passed(&world, &id, "EI-1");
    item(&world, "dev", &id, "EI-2", &["--outcome", "fail"]).ok();
    writes(&world, &id, &TOLD).ok();
    let said = world
        .qms("dev", &["route", &id, "--review"])
        .refused("not-taken-over");
    assert!(said.contains("EI-2 failed, and no VAR"), "{said}");
    // One that is for something else does not count.
    let loose = child(&world, "VAR", &id, &SCOPE);
    world
        .qms("dev", &["route", &id, "--review"])
        .refused("not-taken-over");
    world.qms("dev", &["cancel", &loose, "--confirm"]).ok();
    let taker = child(
        &world,
        "VAR",
        &id,
        &[&SCOPE[..], &["--item", "EI-2"]].concat(),
    );
    world.release("dev", &taker);
    world.qms("dev", &["check", &id]);
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.qms("dev", &["withdraw", &id]).ok();
    // Nor do two that both take it.
    let second = child(
        &world,
        "VAR",
        &id,
        &[&SCOPE[..], &["--item", "EI-2"]].concat(),
    );
    let said = world
        .qms("dev", &["route", &id, "--review"])
        .refused("not-taken-over");
    assert!(
        said.contains("both take it over") || said.contains("all take it over"),
        "{said}"
    );
    world.qms("dev", &["cancel", &second, "--confirm"]).ok();
    world.approve("dev", &id);
    // The parent waits for it.
    world.qms("dev", &["close", &id]).refused("open-child");
    passed(&world, &taker, "EI-1");
    writes(&world, &taker, &TOLD).ok();
    world.approve("dev", &taker);
    world.qms("dev", &["close", &taker]).ok();
    world.qms("dev", &["close", &id]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-UNKNOWN-ITEM
#[test]
fn i_24_what_takes_an_item_over_names_one() {
    let world = World::house();
    let id = released(&world);
    let nothing = [
        "create", "VAR", "--parent", &id, "--title", "T", "--item", "EI-7",
    ];
    let said = world.qms("dev", &nothing);
    assert!(
        said.code != 0 && said.err.contains("EI-1, EI-2"),
        "{}",
        said.err
    );
    // By hand it is seen before anybody is asked.
    let taker = child(
        &world,
        "VAR",
        &id,
        &[&SCOPE[..], &["--item", "EI-2"]].concat(),
    );
    world
        .qms("dev", &["front", "set", &taker, "items", "EI-2", "EI-7"])
        .ok();
    let said = world
        .qms("dev", &["route", &taker, "--review"])
        .refused("unknown-item");
    assert!(said.contains("EI-7") && !said.contains("`EI-2`"), "{said}");
    world
        .qms("dev", &["front", "set", &taker, "items", "EI-2"])
        .ok();
    world.qms("dev", &["route", &taker, "--review"]).ok();
    world.lands();
}

#[test]
fn i_15_a_record_is_checked_in_before_its_parent_goes_on() {
    let world = World::house();
    let id = released(&world);
    carried_out(&world, &id);
    let record = ["create", "VR", "--parent", &id, "--title", "Seen"];
    world.qms("dev", &record).ok();
    let record = format!("{id}-VR-001");
    let said = world
        .qms("dev", &["route", &id, "--review"])
        .refused("no-record");
    assert!(said.contains("error[locked]"), "{said}");
    assert!(said.contains(&format!("qms checkin {record}")), "{said}");
    world.qms("dev", &["cancel", &record, "--confirm"]).ok();
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-OPEN-CHILD
#[test]
fn i_15_a_parent_does_not_close_over_an_open_variance() {
    let world = World::house();
    let id = released(&world);
    let variance = child(&world, "VAR", &id, &SCOPE);
    carried_out(&world, &id);
    world.approve("dev", &id);
    let said = world.qms("dev", &["close", &id]).refused("open-child");
    assert!(said.contains(&variance), "{said}");
    world.qms("dev", &["cancel", &variance, "--confirm"]).ok();
    world.qms("dev", &["close", &id]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-NO-RECORD
#[test]
fn p5_records_variances_and_addenda_at_the_parents_close() {
    let world = World::house();
    written(&world);
    world.edit(
        &document("CR-001"),
        "| EI-1 | Words enough | No |",
        "| EI-1 | Words enough | Yes |",
    );
    world.release("dev", "CR-001");
    carried_out(&world, "CR-001");
    let said = world
        .qms("dev", &["route", "CR-001", "--review"])
        .refused("no-record");
    assert!(
        said.contains("qms create VR --parent CR-001 --item EI-1"),
        "{said}"
    );
    let record = [
        "create", "VR", "--parent", "CR-001", "--title", "Seen", "--item", "EI-1",
    ];
    world.qms("dev", &record).ok();
    let file = document("CR-001-VR-001");
    for (from, to) in [
        ("[OBJECT]", "The server"),
        ("[PROCEDURE]", "By starting it"),
        (
            "| [CHECK] | [EXPECTED] | [OBSERVED] | [OUTCOME] | [PERFORMER] | [TIME] |",
            "| a | b | c | Pass | dev | now |",
        ),
    ] {
        world.edit(&file, from, to);
    }
    world.qms("dev", &["checkin", "CR-001-VR-001"]).ok();
    let said = world
        .qms("dev", &["route", "CR-001", "--review"])
        .refused("no-record");
    assert!(said.contains("[EXECUTION SUMMARY]"), "{said}");
    writes(
        &world,
        "CR-001-VR-001",
        &[("[EXECUTION SUMMARY]", "It runs.")],
    )
    .ok();
    // Five variances, four of which are given up; the fifth is of type 2 and stays open.
    let variances: Vec<String> = (0..5)
        .map(|_| child(&world, "VAR", "CR-001", &SCOPE))
        .collect();
    for id in &variances[..4] {
        world.qms("dev", &["cancel", id, "--confirm"]).ok();
    }
    world.edit(
        &document(&variances[4]),
        "variance_type: 1",
        "variance_type: 2",
    );
    world.release("dev", &variances[4]);
    world.approve("dev", "CR-001");
    world.qms("dev", &["close", "CR-001"]).ok();
    assert_eq!(world.status("CR-001-VR-001"), "CLOSED");
    assert_eq!(world.status(&variances[4]), "IN_EXECUTION");
    let addendum = child(&world, "ADD", "CR-001", &SCOPE);
    world.release("dev", &addendum);
    let below = child(&world, "VAR", &addendum, &SCOPE);
    assert_eq!(below, "CR-001-ADD-001-VAR-001");
    world.lands();
}

// Verifies: REQ-QMS-RULE-NO-EVIDENCE, REQ-QMS-RULE-OPEN-ACTION
#[test]
fn an_investigation_closes_when_its_changes_have() {
    let world = World::house();
    let create = ["create", "INV", "--title", "It did not start"];
    world.qms("dev", &create).ok();
    world.write_up("INV-001");
    world.release("dev", "INV-001");
    let change = released(&world);
    item(&world, "dev", "INV-001", "CAPA-1", &["--outcome", "pass"]).ok();
    let said = world.qms("dev", &["check", "INV-001"]);
    let words = "CAPA-1 names no change that carried it out";
    assert!(said.out.contains(words), "{}{}", said.out, said.err);
    let set = ["--outcome", "pass", "--change", &change];
    item(&world, "dev", "INV-001", "CAPA-1", &set).ok();
    writes(&world, "INV-001", &TOLD).ok();
    world.approve("dev", "INV-001");
    let said = world
        .qms("dev", &["close", "INV-001"])
        .refused("open-action");
    assert!(
        said.contains("CR-001, which carries out CAPA-1, is IN_EXECUTION"),
        "{said}"
    );
    carried_out(&world, &change);
    world.approve("dev", &change);
    world.qms("dev", &["close", &change]).ok();
    world.qms("dev", &["close", "INV-001"]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-OPEN-ITEM
#[test]
fn i_15_a_test_that_fails_is_repeated_in_an_exception_report() {
    let world = World::house();
    let id = released(&world);
    let protocol = child(&world, "TP", &id, &[]);
    let row =
        "| TS-1 | Words enough | Words enough | [OUTCOME] | [ACTUAL] | [PERFORMER] | [TIME] |\n";
    let more = format!("{row}{}", row.replace("TS-1", "TS-2"));
    world.edit(&document(&protocol), row, &more);
    world.release("dev", &protocol);
    item(&world, "dev", &protocol, "TS-1", &["--outcome", "fail"]).ok();
    item(&world, "dev", &protocol, "TS-2", &["--outcome", "not-run"]).ok();
    writes(&world, &protocol, &TOLD).ok();
    world
        .qms("dev", &["route", &protocol, "--review"])
        .refused("not-taken-over");
    let report = child(&world, "ER", &protocol, &["--item", "TS-1"]);
    world.release("dev", &report);
    passed(&world, &report, "EI-1");
    writes(&world, &report, &TOLD).ok();
    world.approve("dev", &report);
    world.approve("dev", &protocol);
    world
        .qms("dev", &["close", &protocol])
        .refused("open-child");
    world.qms("dev", &["close", &report]).ok();
    world.qms("dev", &["close", &protocol]).ok();
    world.lands();
}
