//! Evidence points at what is there and belongs to the change, and what was to be delivered was changed by it.

use super::{TOLD, carried_out, item, passed, released, writes, written};
use crate::world::{World, document};

// Verifies: REQ-QMS-RULE-NOT-DELIVERED
#[test]
fn i_11_what_was_to_be_delivered_was_changed() {
    let world = World::house();
    written(&world);
    let deliverables = "scope: [src/**]\ndeliverables: [src/main.py]";
    world.edit(&document("CR-001"), "scope: [src/**]", deliverables);
    world.release("dev", "CR-001");
    carried_out(&world, "CR-001");
    let said = world
        .qms("dev", &["route", "CR-001", "--review"])
        .refused("not-delivered");
    assert!(said.contains("src/main.py"), "{said}");
    // A commit of another change does not do it.
    let other = {
        released(&world);
        "CR-002"
    };
    world.write("src/main.py", "one\n");
    world.works("dev", "Work", other);
    world
        .qms("dev", &["route", "CR-001", "--review"])
        .refused("not-delivered");
    world.write("src/main.py", "two\n");
    world.works("dev", "Work", "CR-001");
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-NO-EVIDENCE
#[test]
fn a_commit_that_names_an_item_is_its_evidence() {
    let world = World::house();
    let id = released(&world);
    let left = ["--outcome", "pass", "--set", "Evidence=[EVIDENCE]"];
    item(&world, "dev", &id, "EI-1", &left).ok();
    passed(&world, &id, "EI-2");
    writes(&world, &id, &TOLD).ok();
    let said = world
        .qms("dev", &["route", &id, "--review"])
        .refused("open-item");
    assert!(said.contains("`[EVIDENCE]` of EI-1"), "{said}");
    // Who names no evidence says that commits show it.
    item(&world, "dev", &id, "EI-1", &["--outcome", "pass"]).ok();
    assert!(!world.read(&document(&id)).contains("[EVIDENCE]"));
    let said = world
        .qms("dev", &["route", &id, "--review"])
        .refused("no-evidence");
    assert!(
        said.contains("EI-1") && !said.contains("EI-2 passed"),
        "{said}"
    );
    world.write("src/main.py", "done\n");
    let message = format!("Do it\n\nQMS-Change: {id}\nQMS-Item: EI-1\nQMS-Actor: dev\n");
    world.puts("dev", &message);
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.lands();
    let shown = world.qms("dev", &["item", "show", &id, "EI-1"]).ok();
    assert!(shown.contains("Do it"), "{shown}");
}

// Verifies: REQ-QMS-RULE-NO-EVIDENCE, REQ-QMS-RULE-WRONG-EVIDENCE
#[test]
fn f12_evidence_that_points_nowhere() {
    let world = World::house();
    let id = released(&world);
    passed(&world, &id, "EI-2");
    writes(&world, &id, &TOLD).ok();
    world.write("src/main.py", "def test_it():\n    pass\n");
    world.works("dev", "Work", &id);
    let own = world.head();
    world.git("dev", &["checkout", "-q", "-b", "aside"]).ok();
    world.write("src/main.py", "aside\n");
    world.works("dev", "Aside", &id);
    let aside = world.head();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    let other = {
        released(&world);
        world.write("src/other.py", "other\n");
        world.works("dev", "Other", "CR-002");
        world.head()
    };
    world
        .qms("dev", &["create", "SOP", "--title", "Draft"])
        .ok();
    for (evidence, words) in [
        (
            "1111111111111111111111111111111111111111",
            "no commit among the ancestors",
        ),
        (&*aside, "no commit among the ancestors"),
        (&*other, "was made for CR-002"),
        ("src/main.py::test_that", "no test"),
        ("src/none.py::test_it", "no test"),
        ("src/none.py", "there is no `src/none.py`"),
        ("SOP-001", "expected in force or CLOSED"),
        ("SOP-077", "no document SOP-077"),
        ("TBD", "is no evidence"),
    ] {
        let more = ["--outcome", "pass", "--evidence", evidence];
        item(&world, "dev", &id, "EI-1", &more).ok();
        let said = world
            .qms("dev", &["route", &id, "--review"])
            .refused("wrong-evidence");
        let said: Vec<&str> = said.split_whitespace().collect();
        let said = said.join(" ");
        assert!(said.contains(words), "{words}: {said}");
    }
    for evidence in [
        &*own,
        &own[..10],
        "src/main.py::test_it",
        "src/main.py",
        "TEMPLATE-CR",
    ] {
        let more = ["--outcome", "pass", "--evidence", evidence];
        item(&world, "dev", &id, "EI-1", &more).ok();
        world.qms("dev", &["check", &id]).ok();
    }
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.lands();
}

// Verifies: REQ-QMS-CMD-WITHDRAW
#[test]
fn f12_documents_are_in_the_state_that_is_claimed() {
    let world = World::house();
    let id = released(&world);
    passed(&world, &id, "EI-2");
    writes(&world, &id, &TOLD).ok();
    let says = |evidence: &str| {
        let more = ["--outcome", "pass", "--evidence", evidence];
        item(&world, "dev", &id, "EI-1", &more).ok();
        world.qms("dev", &["route", &id, "--review"])
    };
    for (claim, words) in [
        ("TEMPLATE-CR v2.0", "TEMPLATE-CR v2.0"),
        ("TEMPLATE-CR is EFFECTIVE at 1.1", "TEMPLATE-CR 1.1"),
        ("TEMPLATE-CR RETIRED", "is EFFECTIVE 1.0"),
    ] {
        let said = says(claim).refused("wrong-evidence");
        assert!(said.contains(words), "{words}: {said}");
    }
    // In code it is only mentioned, and another sentence claims nothing of it.
    says("TEMPLATE-CR v1.0 is EFFECTIVE. No 2.0 yet").ok();
    world.qms("dev", &["withdraw", &id]).ok();
    says("TEMPLATE-CR and `TEMPLATE-VAR v2.0`").ok();
    world.lands();
}
