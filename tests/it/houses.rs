//! Houses with templates of their own: what the policy says of them, what is shown, and documents for items.

use qms::git::Repo;
use qms::git::read::Reader;
use qms::model::kind::Kind;
use qms::model::policy::Policy;

use crate::world::{World, document};

/// Like the templates of a process that came before: sections by other names, outcomes that are no placeholder.
const TEMPLATE: &str = "\
## 1. Purpose

{{PURPOSE - What problem does this CR solve?}}

## 2. Scope

### 2.1 Files Affected

{{FILES}}

## 9. Implementation Plan

{{PLAN}}

## 10. Execution

<!-- Only this table is edited during execution. -->

| EI | Task Description | VR | Execution Summary | Task Outcome | Performed By | Date |
|----|------------------|----|-------------------|--------------|--------------|------|
| EI-1 | {{DESCRIPTION}} | | [SUMMARY] | [Pass/Fail] | [PERFORMER] | [DATE] |
| EI-2 | {{DESCRIPTION}} | | [SUMMARY] | [Pass/Fail] | [PERFORMER] | [DATE] |

### Execution Comments

| Comment | Performed By - Date |
|---------|---------------------|
| [COMMENT] | [PERFORMER] - [DATE] |

## 11. Execution Summary

[EXECUTION_SUMMARY]
";

const TYPES: &str = "\
types:
  CR:
    open: [\"Execution Comments\"]
    sections: [\"Risks\"]
    items:
      section: \"Execution\"
      id: \"EI-\"
      columns: {outcome: \"Task Outcome\", time: \"Date\"}
";

/// A house whose template for changes is in force at 2.0, and whose policy says the rest.
fn house(types: &str) -> World {
    let world = World::governed();
    let name = document("TEMPLATE-CR");
    let text = world.read(&name);
    let body = text.find("\n## ").expect("a section") + 1;
    world.write(
        &name,
        &format!("{}{TEMPLATE}", &text[..body]).replace("\"1.0\"", "\"2.0\""),
    );
    let policy = world.read("qms.yaml");
    world.write("qms.yaml", &format!("{policy}{types}"));
    // Its founding: what is there when it begins is in force.
    world.git("ann", &["add", "."]).ok();
    world
        .git(
            "ann",
            &["commit", "-q", "--no-verify", "--amend", "--no-edit"],
        )
        .ok();
    world
}

fn titles(shown: &serde_json::Value, only_open: bool) -> Vec<&str> {
    let sections = shown["sections"].as_array().expect("sections");
    let open = sections.iter().filter(|s| !only_open || s["open"] == true);
    open.map(|s| s["section"].as_str().expect("a title"))
        .collect()
}

fn roles(shown: &serde_json::Value) -> Vec<String> {
    let columns = shown["items"]["columns"].as_array().expect("columns");
    let text = |c: &serde_json::Value| {
        let word = |key: &str| c[key].as_str().expect("a text").to_owned();
        format!(
            "{}: {}, {}, {}",
            word("title"),
            word("role"),
            c["changed_by"],
            word("from")
        )
    };
    columns.iter().map(text).collect()
}

#[test]
fn a_house_with_other_titles_is_shown_as_its_template_and_policy_have_it() {
    let world = house(TYPES);
    let shown = world.json("ann", &["workflow", "show", "cr", "--sections"]);
    assert_eq!(shown["template"], "TEMPLATE-CR 2.0");
    assert_eq!(
        titles(&shown, true),
        ["Execution Comments", "11. Execution Summary"]
    );
    assert_eq!(titles(&shown, false).last(), Some(&"Risks"));
    assert_eq!(
        roles(&shown),
        [
            "EI: id, [], TEMPLATE-CR 2.0",
            "Task Description: static, [], TEMPLATE-CR 2.0",
            "VR: vr, [], TEMPLATE-CR 2.0",
            "Execution Summary: summary, [\"edit\",\"item\"], TEMPLATE-CR 2.0",
            "Task Outcome: outcome, [\"item\"], policy",
            "Performed By: performer, [\"item\"], TEMPLATE-CR 2.0",
            "Date: time, [\"item\"], policy",
        ]
    );
    assert_eq!(
        shown["items"]["outcomes"],
        serde_json::json!(["Pass", "Fail"])
    );
    assert_eq!(shown["items"]["taken_over_by"], "VAR");
    assert_eq!(shown["idle"], serde_json::json!([]));
    let text = world
        .qms("ann", &["workflow", "show", "CR", "--sections"])
        .ok();
    assert!(
        text.starts_with("CR, change record: by TEMPLATE-CR 2.0\n"),
        "{text}"
    );
    for line in [
        "  Execution Comments    open    TEMPLATE-CR 2.0, opened by policy",
        "item table in 10. Execution (policy), rows EI-1, EI-2, …",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    // Without the policy nothing tells that there is an item table.
    let alone = house("").json("ann", &["workflow", "show", "CR", "--sections"]);
    assert_eq!(
        (&alone["items"], titles(&alone, true)),
        (&serde_json::Value::Null, vec!["11. Execution Summary"])
    );
}

#[test]
fn outside_of_a_repository_the_built_in_ones_are_shown() {
    for world in [World::empty(), World::plain()] {
        let shown = world.json("ann", &["workflow", "show", "TP", "--sections"]);
        assert_eq!(shown["template"], "built-in");
        assert_eq!(shown["items"]["outcomes"][2], "Not run");
        assert_eq!(shown["items"]["id"], "TS-");
    }
    let world = World::governed();
    let shown = world.json("ann", &["workflow", "show", "SOP", "--sections"]);
    assert_eq!(shown["template"], "TEMPLATE-SOP 1.0");
    assert_eq!(titles(&shown, true), Vec::<&str>::new());
    let both = ["workflow", "show", "CR", "--sections", "--as", "mermaid"];
    assert_eq!(world.qms("ann", &both).code, 2);
    // What cannot be read is not passed over.
    world.edit(&document("TEMPLATE-TP"), "title: ", "title: !x ");
    world
        .git("ann", &["commit", "-qam", "Spoil", "--no-verify"])
        .ok();
    let broken = world.qms("ann", &["workflow", "show", "TP", "--sections"]);
    assert_eq!(broken.code, 2);
    assert!(
        broken.err.contains("TEMPLATE-TP cannot be read"),
        "{}",
        broken.err
    );
    world.edit("qms.yaml", "branches:", "branch:");
    world
        .git("ann", &["commit", "-qam", "Spoil", "--no-verify"])
        .ok();
    let broken = world.qms("ann", &["workflow", "show", "SOP", "--sections"]);
    assert_eq!(broken.code, 2);
    assert!(
        broken.err.contains("`qms.yaml` cannot be read"),
        "{}",
        broken.err
    );
}

// Verifies: REQ-QMS-CMD-WORKFLOW-SHOW
#[test]
fn a_draft_of_a_template_does_not_count() {
    let world = World::governed();
    let before = world
        .qms("dev", &["workflow", "show", "CR", "--sections"])
        .ok();
    world.qms("dev", &["checkout", "TEMPLATE-CR"]).ok();
    world.edit(&document("TEMPLATE-CR"), "## 1. Purpose", "## 1. Reason");
    world.edit(
        &document("TEMPLATE-CR"),
        "revision_summary: Initial release",
        "revision_summary: Ask for the reason",
    );
    world.qms("dev", &["checkin", "TEMPLATE-CR"]).ok();
    let show = || {
        world
            .qms("dev", &["workflow", "show", "CR", "--sections"])
            .ok()
    };
    assert_eq!(show(), before);
    world.approve("dev", "TEMPLATE-CR");
    let after = show();
    assert_eq!(
        after,
        before
            .replace("Purpose ", "Reason  ")
            .replace("CR 1.0", "CR 2.0")
    );
}

#[test]
fn every_flaw_of_what_a_house_says_is_refused_on_its_line() {
    let world = World::governed();
    let policy = world.read("qms.yaml");
    for (from, to, line, message) in [
        ("  CR:", "  RFC:", 2, "`RFC` is no type"),
        (
            "outcome:",
            "verdict:",
            8,
            "`verdict` is no role of a column",
        ),
        (
            "[\"Risks\"]",
            "[Risks, \"\"]",
            4,
            "an empty title names nothing",
        ),
        (
            "\"Date\"",
            "Task Outcome",
            8,
            "`Task Outcome` is the column of `outcome` already",
        ),
        (
            "[\"Risks\"]",
            "[\"3. Risks\"]",
            4,
            "titles are named without numbers",
        ),
        (
            "[\"Risks\"]",
            "[Risks, Risks]",
            4,
            "`Risks` stands here twice",
        ),
        (
            "outcome: \"Task Outcome\", ",
            "",
            5,
            "no column is that of `outcome`",
        ),
        ("\"EI-\"", "\"EI \"", 7, "`EI ` is no beginning of ids"),
        (
            "[\"Execution Comments\"]",
            "[Execution]",
            3,
            "`Execution` holds the item table",
        ),
        ("  CR:", "  RS:", 2, "no RS is carried out"),
        ("sections:", "section:", 4, "section"),
    ] {
        assert!(TYPES.contains(from), "{from}");
        world.write(
            "qms.yaml",
            &format!("{policy}{}", TYPES.replacen(from, to, 1)),
        );
        let ran = world.qms("ann", &["policy", "check", "--format", "json"]);
        let answer: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        let finding = &answer["findings"][0];
        assert_eq!(
            (ran.code, &finding["rule"]),
            (1, &"policy-form".into()),
            "{to}: {answer}"
        );
        assert!(
            finding["message"].as_str().expect("text").contains(message),
            "{to}: {finding}"
        );
        let expected = policy.lines().count() + line;
        assert_eq!(finding["span"]["line"], expected, "{to}: {finding}");
    }
}

#[test]
fn a_form_goes_by_the_policy_that_it_is_asked_for() {
    let world = house(TYPES);
    let repo = Repo::discover(&world.path(".")).expect("a repository");
    let tree = repo
        .tree_of(repo.head().expect("a commit"))
        .expect("a tree");
    let reader = Reader::new(&repo);
    let kind = Kind::of("CR").expect("a type");
    let text = world.read("qms.yaml");
    // One reader, one template: only what the policy says of the type differs.
    for (types, risks, items) in [
        (TYPES.to_owned(), true, true),
        (String::new(), false, false),
        (
            "types: {INV: {sections: [Risks]}}\n".to_owned(),
            false,
            false,
        ),
        (TYPES.replace("Risks", "Dangers"), false, true),
        (TYPES.to_owned(), true, true),
    ] {
        let policy = Policy::parse(text.replace(TYPES, &types).as_bytes()).expect("a policy");
        let form = reader.form(tree, &policy, kind).expect("a form");
        let has = form.sections.iter().any(|p| p.shown == "Risks");
        assert_eq!((has, form.items.is_some()), (risks, items), "{types}");
        let again = reader.form(tree, &policy, kind).expect("a form");
        assert!(std::sync::Arc::ptr_eq(&form, &again));
    }
}

// Verifies: REQ-QMS-RULE-POLICY-FORM
#[test]
fn a_server_takes_no_policy_with_such_a_flaw() {
    let world = World::house();
    let change = world.change("dev", "qms.yaml");
    let policy = world.read("qms.yaml");
    for (types, taken) in [
        (TYPES.replace("outcome", "result"), false),
        (TYPES.to_owned(), true),
    ] {
        world.write("qms.yaml", &format!("{policy}{types}"));
        world.works("dev", "Say what our documents hold", &change);
        if taken {
            world.lands();
        } else {
            let said = world
                .git("ann", &["push", "origin", "HEAD:main"])
                .refused("policy-form");
            assert!(said.contains("`result` is no role of a column"), "{said}");
            world.git("ann", &["reset", "-q", "--hard", "HEAD~1"]).ok();
        }
    }
}

#[test]
fn what_does_nothing_is_told() {
    let types = TYPES
        .replace(
            "[\"Execution Comments\"]",
            "[\"Execution Comments\", Remarks]",
        )
        .replace("\"Date\"", "\"When\"");
    let world = house(&format!(
        "{types}  INV:\n    open: [Corrective and preventive actions]\n"
    ));
    let ran = world.qms("ann", &["policy", "check", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let findings = answer["findings"].as_array().expect("findings");
    let about: Vec<String> = findings
        .iter()
        .filter(|f| f["message"].as_str().expect("text").starts_with("of "))
        .map(|f| {
            let line = f["span"]["line"].as_u64().expect("a line") as usize;
            let text = world.read("qms.yaml");
            let line = text
                .lines()
                .nth(line - 1)
                .expect("it is there")
                .trim()
                .to_owned();
            format!("{} | {line}", f["message"].as_str().expect("text"))
        })
        .collect();
    assert_eq!(
        about,
        [
            "of CR: the template has no table in `Execution` with the columns Task Outcome, When behind its first, so that no document fits | section: \"Execution\"",
            "of INV: `Corrective and preventive actions` stays frozen: it holds the item table | open: [Corrective and preventive actions]",
        ]
    );
    let shown = world.json("ann", &["workflow", "show", "CR", "--sections"]);
    assert_eq!(shown["idle"].as_array().map(Vec::len), Some(1));
}

/// The items that a document names.
fn items(world: &World, id: &str) -> String {
    let text = world.read(&document(id));
    let line = text.lines().find(|l| l.starts_with("items:"));
    line.unwrap_or("none").to_owned()
}

// Verifies: REQ-QMS-CMD-CREATE
#[test]
fn a_document_is_created_for_items_of_its_parent() {
    let world = World::governed();
    let id = world.change("dev", "src/**");
    let made = |args: &[&str]| {
        let args = [&["create"], args, &["--title", "It fails"]].concat();
        world.json("dev", &args)["doc_id"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    let var = made(&[
        "VAR", "--parent", &id, "--scope", "src/**", "--item", "EI-2", "--item", "EI-1", "--item",
        "EI-2",
    ]);
    assert_eq!(items(&world, &var), "items: [EI-2, EI-1]");
    let vr = made(&["VR", "--parent", &id, "--item", "EI-1"]);
    assert_eq!(items(&world, &vr), "items: [EI-1]");
    assert_eq!(items(&world, &made(&["VR", "--parent", &id])), "none");
    let protocol = made(&["TP", "--parent", &id]);
    world.write_up(&protocol);
    world.release("dev", &protocol);
    let er = made(&["ER", "--parent", &protocol, "--item", "TS-1"]);
    assert_eq!(items(&world, &er), "items: [TS-1]");
    let head = world.head();
    for (args, why) in [
        (
            &["VAR", "--parent", &id, "--item", "EI-3"][..],
            "CR-001 has no item `EI-3`; its items are EI-1, EI-2",
        ),
        (
            &["VR", "--parent", &id, "--item", "ei-1"],
            "CR-001 has no item `ei-1`",
        ),
        (
            &["ER", "--parent", &protocol, "--item", "EI-1"],
            "CR-001-TP-001 has no item `EI-1`; its items are TS-1",
        ),
        (
            &["CR", "--item", "EI-1"],
            "a CR has no parent whose items it could name; those that do: ER, VAR, VR",
        ),
        (&["SOP", "--item", "EI-1"], "a SOP has no parent"),
        (
            &["TP", "--parent", &id, "--item", "EI-1"],
            "a TP names no items of its parent",
        ),
        (&["VAR", "--item", "EI-1"], "--parent is missing"),
    ] {
        let ran = world.qms("dev", &[&["create"], args, &["--title", "No"]].concat());
        assert_eq!(ran.code, 2, "{args:?} {}", ran.out);
        assert!(ran.err.contains(why), "{args:?} {}", ran.err);
    }
    assert_eq!(world.head(), head);
    world.qms("ann", &["verify", "--no-cache"]).ok();
}

// Verifies: REQ-QMS-RULE-HIDDEN-TEXT
#[test]
fn the_items_of_a_house_are_those_of_its_own_table() {
    let world = house(&TYPES.replace("    sections: [\"Risks\"]\n", ""));
    let id = world.change("dev", "src/**");
    let var = [
        "create", "VAR", "--parent", &id, "--title", "It fails", "--item",
    ];
    let made = world.json("dev", &[&var[..], &["EI-2"]].concat());
    assert_eq!(
        items(&world, made["doc_id"].as_str().expect("an id")),
        "items: [EI-2]"
    );
    let wrong = world.qms("dev", &[&var[..], &["TS-1"]].concat());
    assert!(
        wrong.err.contains("its items are EI-1, EI-2"),
        "{}",
        wrong.err
    );
    // Without what the policy says there is no such table.
    let bare = house("");
    let args = ["create", "CR", "--title", "A change", "--scope", "src/**"];
    bare.qms("dev", &args).ok();
    let id = "CR-001";
    let none = bare.qms(
        "dev",
        &[
            "create", "VAR", "--parent", id, "--title", "No", "--item", "EI-1",
        ],
    );
    assert!(
        none.err.contains("CR-001 has no item table"),
        "{}",
        none.err
    );
}

// Verifies: REQ-QMS-RULE-TEMPLATE-TEXT
#[test]
fn an_attachment_has_its_items_as_create_writes_them() {
    let world = World::house();
    let id = world.change("dev", "src/**");
    world.lands();
    let made = || {
        world
            .qms(
                "dev",
                &[
                    "create", "VR", "--parent", &id, "--title", "Seen", "--item", "EI-1",
                ],
            )
            .ok()
    };
    let vr = format!("{id}-VR-001");
    for (to, taken) in [
        ("items: [\"EI-1\"]", false),
        ("items: EI-1", false),
        ("items: []", false),
        ("items: [EI-1]\nnote: x", false),
        ("items: [EI-1]", true),
    ] {
        made();
        world.edit(&document(&vr), "items: [EI-1]", to);
        world.git("dev", &["add", "."]).ok();
        world
            .git(
                "dev",
                &["commit", "-q", "--amend", "--no-edit", "--allow-empty"],
            )
            .ok();
        match taken {
            true => world.lands(),
            false => drop(world.bounces("template-text")),
        }
    }
}
