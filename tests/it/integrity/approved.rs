//! Text that was approved stays as it was.

use super::{TOLD, carried_out, gives_up, item, passed, released, writes, written};
use crate::world::{World, document};

const ROW: &str =
    "| EI-2 | Words enough | No | [OUTCOME] | [SUMMARY] | [PERFORMER] | [TIME] | [EVIDENCE] |\n";

// Verifies: REQ-QMS-RULE-OPEN-ITEM
#[test]
fn i_01a_nothing_is_reviewed_with_items_that_were_never_done() {
    let world = World::house();
    let id = released(&world);
    passed(&world, &id, "EI-1");
    writes(&world, &id, &TOLD).ok();
    let said = world
        .qms("dev", &["route", &id, "--review"])
        .refused("open-item");
    assert!(said.contains("EI-2") && !said.contains("EI-1"), "{said}");
    assert!(said.contains(&format!("qms item set {id} EI-2")), "{said}");
    assert_eq!(world.status(&id), "IN_EXECUTION");
    // The way on: it is carried out.
    passed(&world, &id, "EI-2");
    world.approve("dev", &id);
    world.qms("dev", &["close", &id]).ok();
    world.lands();
    assert_eq!(world.status(&id), "CLOSED");
}

// Verifies: REQ-QMS-RULE-ITEM-TABLE
#[test]
fn i_01b_items_are_not_removed_renumbered_or_reworded() {
    let world = World::house();
    let id = released(&world);
    let first = ROW.replace("EI-2", "EI-1");
    for (from, to, words) in [
        (ROW, "", "row `EI-2` gone"),
        ("| EI-2 |", "| EI-3 |", "EI-2"),
        (
            "| EI-2 | Words enough |",
            "| EI-2 | Fewer words |",
            "`Task` of row `EI-2`",
        ),
        (
            "| EI-2 | Words enough | No |",
            "| EI-2 | Words enough | Yes |",
            "`VR` of row `EI-2`",
        ),
        (
            &*format!("{first}{ROW}"),
            &*format!("{ROW}{first}"),
            "moved",
        ),
    ] {
        let said = writes(&world, &id, &[(from, to)]).refused("frozen");
        assert!(said.contains(words), "{words}: {said}");
        assert!(
            said.contains(&format!("qms create VAR --parent {id}")),
            "{said}"
        );
        gives_up(&world, &id);
    }
    // Past the hooks it is the server that refuses.
    world.qms("dev", &["checkout", &id]).ok();
    world.lands();
    world.edit(&document(&id), ROW, "");
    let message = world.qms("dev", &["checkin", &id]);
    assert_eq!(message.code, 1, "{}", message.err);
    // A row may be appended; it is open.
    gives_up(&world, &id);
    let more = format!("{ROW}{}", ROW.replace("EI-2", "EI-3"));
    writes(&world, &id, &[(ROW, &more)]).ok();
    world.lands();
    let filled = format!("{ROW}| EI-4 | More | No | Pass | x | dev | 2026-01-01 | x |\n");
    writes(&world, &id, &[(ROW, &filled)]).refused("frozen");
    gives_up(&world, &id);
    // What is appended stays, so it is well formed from the beginning.
    let last = ROW.replace("EI-2", "EI-3");
    for (name, words) in [("EI-2", "stands there twice"), ("", "no item id")] {
        let odd = format!("{last}{}", ROW.replace("EI-2", name));
        let said = writes(&world, &id, &[(&last, &odd)]).refused("item-table");
        assert!(said.contains(words), "{words}: {said}");
        gives_up(&world, &id);
    }
    let odd = format!(
        "{last}{}",
        ROW.replace("EI-2", "EI-4").replace("| No |", "| Maybe |")
    );
    writes(&world, &id, &[(&last, &odd)]).refused("item-table");
}

#[test]
fn i_05a_frozen_words_stay_and_may_be_set_otherwise() {
    let world = World::house();
    let id = released(&world);
    let purpose = "## 1. Purpose\n\nWords enough\n";
    for (from, to, words) in [
        (purpose, "## 1. Purpose\n\nOther words\n", "words changed"),
        ("## 1. Purpose", "## 1. Purposes", "heading"),
        (
            "## 5. Change description",
            "### 5. Change description",
            "heading",
        ),
        (
            purpose,
            "## 1. Purpose\n\nWords enough\n\n## 1b. More\n\nWords\n",
            "heading added",
        ),
        ("# CR-001: A change", "# CR-001: Another", "title changed"),
    ] {
        let said = writes(&world, &id, &[(from, to)]).refused("frozen");
        assert!(said.contains(words), "{words}: {said}");
        gives_up(&world, &id);
    }
    let said =
        writes(&world, &id, &[(purpose, "## 1. Purpose\n\nWords plenty\n")]).refused("frozen");
    assert!(said.contains("[-enough-] {+plenty+}"), "{said}");
    gives_up(&world, &id);
    // Reflowed and set otherwise it is the same text.
    writes(
        &world,
        &id,
        &[
            (purpose, "## 1. Purpose\n\nWords\nenough\n"),
            (
                "| EI-2 | Words enough | No |",
                "|EI-2|Words  enough   |   No  |",
            ),
        ],
    )
    .ok();
    world.lands();
}

#[test]
fn i_05b_what_was_approved_is_changed_by_approving_it_again() {
    let world = World::house();
    written(&world);
    world.approve("dev", "CR-001");
    assert_eq!(world.status("CR-001"), "PRE_APPROVED");
    // Before the release it goes back to its author.
    writes(
        &world,
        "CR-001",
        &[("## 1. Purpose\n\nWords", "## 1. Purpose\n\nBetter words")],
    )
    .ok();
    assert_eq!(world.status("CR-001"), "DRAFT");
    world.release("dev", "CR-001");
    // During execution a variance says what is done in the place of the plan.
    let variance = "CR-001-VAR-001";
    let create = [
        "create",
        "VAR",
        "--parent",
        "CR-001",
        "--title",
        "Otherwise",
        "--scope",
        "src/**",
    ];
    world.qms("dev", &create).ok();
    world.write_up(variance);
    world.release("dev", variance);
    world.lands();
    passed(&world, variance, "EI-1");
    writes(&world, variance, &TOLD).ok();
    world.approve("dev", variance);
    world.qms("dev", &["close", variance]).ok();
    carried_out(&world, "CR-001");
    world.approve("dev", "CR-001");
    world.qms("dev", &["close", "CR-001"]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-FROZEN
#[test]
fn f11_execution_changes_what_is_open_and_nothing_else() {
    let world = World::house();
    let id = released(&world);
    let html = "<table><tr><td>EI-2</td></tr></table>\n";
    for (from, to) in [
        (
            "## 5. Change description\n\nWords",
            "## 5. Change description\n\nSwords",
        ),
        (ROW, ""),
        ("| EI-1 | Words enough |", "| EI-1 | Words aplenty |"),
        (ROW, html),
        (
            "## 5. Change description\n\nWords",
            "## 5. Change description\n\n<!-- hidden -->\n\nWords",
        ),
        ("title: A change", "title: Another change"),
        ("scope: [src/**]", "scope: [\"**\"]"),
    ] {
        writes(&world, &id, &[(from, to)]).refused("frozen");
        gives_up(&world, &id);
    }
    // A comment in an open section is seen before anybody is asked.
    carried_out(&world, &id);
    writes(
        &world,
        &id,
        &[("Done as planned.", "Done. <!-- not quite -->")],
    )
    .ok();
    world
        .qms("dev", &["route", &id, "--review"])
        .refused("hidden-text");
    writes(&world, &id, &[(" <!-- not quite -->", "")]).ok();
    // Outcomes are two, and are set by `item` alone.
    let said = writes(&world, &id, &[("| Pass |", "| N/A |")]).refused("item-only");
    assert!(said.contains("qms item set"), "{said}");
    gives_up(&world, &id);
    let all = item(&world, "dev", &id, "EI-1", &["--outcome", "n/a"]);
    assert_ne!(all.code, 0, "{}{}", all.out, all.err);
    world.lands();
}

// Verifies: REQ-QMS-RULE-ITEM-ONLY
#[test]
fn f11_an_item_is_set_in_the_name_of_who_sets_it() {
    let world = World::house();
    let id = released(&world);
    passed(&world, &id, "EI-1");
    for (from, to, words, rule) in [
        ("| dev |", "| claude |", "expected `dev`", "item-only"),
        ("| Words enough |", "| Other words |", "more of", "frozen"),
        ("[EXECUTION SUMMARY]", "Done.", "more of", "frozen"),
        (
            "revision_summary: Initial draft",
            "revision_summary: Another",
            "`revision_summary`",
            "frozen",
        ),
        ("| No | [OUTCOME] |", "| No | Pass |", "EI-2", "item-only"),
    ] {
        let tip = world.head();
        world.edit(&document(&id), from, to);
        amend(&world, &id);
        let said = world.bounces(rule);
        assert!(said.contains(words), "{words}: {said}");
        world.git("dev", &["reset", "-q", "--hard", &tip]).ok();
    }
    world.lands();
}

/// Makes the last commit again with what the work tree holds, digests included.
#[track_caller]
fn amend(world: &World, id: &str) {
    world.git("dev", &["add", &document(id)]).ok();
    world
        .git(
            "dev",
            &["commit", "-q", "--amend", "--no-edit", "--no-verify"],
        )
        .ok();
}
