//! All that a machine can see is said before a person is asked, at once.

use super::{TOLD, carried_out, passed, released, writes, written};
use crate::world::{World, document};

// Verifies: REQ-QMS-RULE-NOT-READY, REQ-QMS-RULE-SECTIONS, REQ-QMS-RULE-PLACEHOLDER, REQ-QMS-RULE-ITEM-TABLE,
// REQ-QMS-RULE-UNKNOWN-REFERENCE, REQ-QMS-RULE-HIDDEN-TEXT
#[test]
fn i_24_no_reviewer_sees_what_a_machine_can_see() {
    let world = World::house();
    let id = written(&world);
    let file = document(&id);
    let good = world.read(&file);
    let table = good
        .split_once("## 9. Implementation plan\n\n")
        .and_then(|(_, rest)| rest.split_once("\n## 10."))
        .map(|(table, _)| table.to_owned())
        .expect("a table");
    let purpose = "## 1. Purpose\n\nWords enough\n";
    for (from, to, rule, words) in [
        (purpose, "", "sections", "no section `1. Purpose`"),
        (purpose, "## 1. Purpose\n\n", "sections", "is empty"),
        (
            purpose,
            "## 1. Purpose\n\n{{Why}}\n",
            "placeholder",
            "{{Why}}",
        ),
        (
            purpose,
            "## 1. Purpose\n\nAs SOP-099 says.\n",
            "unknown-reference",
            "SOP-099",
        ),
        (
            purpose,
            "## 1. Purpose\n\nSince 1234567abc.\n",
            "unknown-reference",
            "1234567abc",
        ),
        (
            purpose,
            "## 1. Purpose\n\nWords <!-- not -->\n",
            "hidden-text",
            "comment",
        ),
        (
            purpose,
            "## 1. Purpose\n\n<table><tr><td>x</td></tr></table>\n",
            "hidden-text",
            "HTML",
        ),
        (
            purpose,
            "## 1. Purpose\n\nWo\u{200b}rds\n",
            "hidden-text",
            "U+200B",
        ),
        ("| EI-2 |", "| EI-1 |", "item-table", "twice"),
        ("| EI-2 |", "| E2 |", "item-table", "no item id"),
        ("| EI | Task |", "| EI | Job |", "item-table", "columns"),
        (
            "| No | [OUTCOME]",
            "| No | Pass",
            "placeholder",
            "before execution",
        ),
        (
            "[EXECUTION SUMMARY]",
            "Done.",
            "placeholder",
            "before execution",
        ),
        ("scope: [src/**]", "scope: []", "not-ready", "scope"),
        ("scope: [src/**]", "scope: [../x]", "not-ready", "../x"),
        (
            "## 1. Purpose\n\nWords enough\n\n## 2. Scope\n",
            "## 2. Scope\n\nWords enough\n\n## 1. Purpose\n",
            "sections",
            "out of order",
        ),
        (
            &table,
            "Words enough\n",
            "item-table",
            "has no\n  item table",
        ),
        (
            purpose,
            "## 1. Purpose\n\nWords <b>enough</b>\n",
            "hidden-text",
            "raw HTML",
        ),
        ("| EI-2 |", "| EI-2 | More |", "hidden-text", "9 cells"),
        (
            purpose,
            "## 1. Purpose\n\nBy [NAME].\n",
            "placeholder",
            "may change nothing",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        world.write(&file, &good.replacen(from, to, 1));
        let said = world.qms("dev", &["route", &id, "--review"]).refused(rule);
        assert!(said.contains(words), "{words}: {said}");
        assert_eq!(world.status(&id), "DRAFT");
    }
    world.write(&file, &good);
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.lands();
}

// Verifies: REQ-QMS-RULE-NOT-READY
#[test]
fn a_revision_says_for_itself_what_it_changes() {
    let world = World::new();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.approve("dev", "SOP-001");
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.edit(&document("SOP-001"), "Words enough.", "Other words.");
    let said = world
        .qms("dev", &["route", "SOP-001", "--review"])
        .refused("not-ready");
    assert!(said.contains("is that of the version"), "{said}");
    world.edit(&document("SOP-001"), "Initial draft", "Other words");
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
}

#[test]
fn i_24_after_execution_nothing_is_left_open_either() {
    let world = World::house();
    let id = released(&world);
    passed(&world, &id, "EI-1");
    passed(&world, &id, "EI-2");
    let said = world
        .qms("dev", &["route", &id, "--review"])
        .refused("placeholder");
    assert!(
        said.contains("[COMMENT]") && said.contains("[EXECUTION SUMMARY]"),
        "{said}"
    );
    writes(&world, &id, &TOLD).ok();
    writes(&world, &id, &[("Done as planned.", "Done, see SOP-007.")]).ok();
    let said = world
        .qms("dev", &["route", &id, "--review"])
        .refused("unknown-reference");
    assert!(said.contains("SOP-007"), "{said}");
    writes(&world, &id, &[("see SOP-007", "see `SOP-007`")]).ok();
    world.qms("dev", &["route", &id, "--review"]).ok();
    world.lands();
}

#[test]
fn i_25_check_says_everything_at_once_and_at_any_time() {
    let world = World::house();
    let create = ["create", "CR", "--title", "A change", "--scope", "src/**"];
    world.qms("dev", &create).ok();
    let said = world.qms("dev", &["check", "CR-001"]);
    assert_eq!(said.code, 1, "{}", said.out);
    let all = format!("{}{}", said.out, said.err);
    assert_eq!(all.matches("error[placeholder]").count(), 10, "{all}");
    // What is written and not committed yet counts already.
    world.write_up("CR-001");
    world.qms("dev", &["check", "CR-001"]).ok();
    world.release("dev", "CR-001");
    let said = world.qms("dev", &["check", "CR-001"]);
    let all = format!("{}{}", said.out, said.err);
    for words in [
        "EI-1 of CR-001 has no outcome",
        "EI-2 of CR-001 has no outcome",
        "[COMMENT]",
    ] {
        assert!(all.contains(words), "{words}: {all}");
    }
    carried_out(&world, "CR-001");
    world.qms("dev", &["check", "CR-001"]).ok();
    world.approve("dev", "CR-001");
    // While it waits for its close, and for anybody.
    world.qms("qa", &["check", "CR-001"]).ok();
    world
        .qms(
            "dev",
            &["create", "VR", "--parent", "CR-001", "--title", "Seen"],
        )
        .refused("parent-state");
    world.qms("dev", &["close", "CR-001"]).ok();
    world.qms("qa", &["check", "CR-001"]).ok();
    world.lands();
}

#[test]
fn p2_mention_is_not_use() {
    let world = World::house();
    let id = written(&world);
    let text = "An investigation of TBD: `{{TITLE}}`, `SOP-099`, \"SOP-098\" and `1234567abc`.\n\n\
        ```\n{{LEFT}} [OUTCOME] SOP-097\n```\n\n> SOP-096 said {{so}}: TBD, TBD.\n\n[SOP-095](https://example.org/SOP-095) TODO";
    world.edit(
        &document(&id),
        "## 1. Purpose\n\nWords enough",
        &format!("## 1. Purpose\n\n{text}"),
    );
    world.release("dev", &id);
    carried_out(&world, &id);
    world.approve("dev", &id);
    world.qms("dev", &["close", &id]).ok();
    world.lands();
}

#[test]
fn p6_changes_of_documents_only_and_with_wide_bounds() {
    let world = World::house();
    let create = [
        "create",
        "CR",
        "--title",
        "Explore ≥ “everything” – Ümläute",
        "--scope",
        "**/*",
    ];
    world.qms("dev", &create).ok();
    world.write_up("CR-001");
    world.release("dev", "CR-001");
    let create = ["create", "SOP", "--title", "Backups"];
    world.qms("dev", &create).ok();
    world.write_up("SOP-001");
    world.approve("dev", "SOP-001");
    assert_eq!(world.status("SOP-001"), "EFFECTIVE");
    let set = [
        "item",
        "set",
        "CR-001",
        "EI-1",
        "--outcome",
        "pass",
        "--summary",
        "In force",
        "--evidence",
        "SOP-001",
    ];
    world.qms("dev", &set).ok();
    passed(&world, "CR-001", "EI-2");
    writes(&world, "CR-001", &TOLD).ok();
    world.approve("dev", "CR-001");
    world.qms("dev", &["close", "CR-001"]).ok();
    world.lands();
}

#[test]
fn p7_blanks_and_line_ends_in_open_sections() {
    let world = World::house();
    let id = released(&world);
    passed(&world, &id, "EI-1");
    passed(&world, &id, "EI-2");
    let told =
        "Done.  \r\n\r\n\r\nAs planned; ≥ 3 “runs” – fine.   \r\n\r\n### Notes\r\n\r\n- one\r\n";
    writes(&world, &id, &[TOLD[0], ("[EXECUTION SUMMARY]", told)]).ok();
    world.approve("dev", &id);
    world.qms("dev", &["close", &id]).ok();
    world.lands();
    let addendum = "CR-001-ADD-001";
    let create = [
        "create", "ADD", "--parent", &id, "--title", "Not all", "--scope", "src/**",
    ];
    world.qms("dev", &create).ok();
    world.write_up(addendum);
    world.release("dev", addendum);
    let variance = "CR-001-ADD-001-VAR-001";
    let create = [
        "create",
        "VAR",
        "--parent",
        addendum,
        "--title",
        "Otherwise",
        "--scope",
        "src/**",
    ];
    world.qms("dev", &create).ok();
    world.write_up(variance);
    world.release("dev", variance);
    world.lands();
    // Nothing of it is frozen away by having been set with other line ends.
    writes(&world, variance, &[("[EXECUTION SUMMARY]", "Done.\r\n")]).ok();
}
