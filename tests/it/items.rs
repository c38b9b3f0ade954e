//! Documents that are filled in by commands alone, and what of them changes.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::world::{Ran, World, document, ran};

/// Runs qms with something to read.
fn told(world: &World, user: &str, args: &[&str], words: &str) -> Ran {
    let mut command = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), user);
    command.args(args).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("qms starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(words.as_bytes()).expect("it reads");
    drop(stdin);
    ran(&child.wait_with_output().expect("it ends"))
}

/// Writes every section that is the author's and still holds what its template left there.
#[track_caller]
fn write_sections(world: &World, id: &str) {
    for section in world
        .json("dev", &["section", "list", id])
        .as_array()
        .expect("sections")
    {
        let title = section["title"].as_str().expect("a title");
        let text = world.read(&document(id));
        let own = text.split(title).nth(1).unwrap_or_default();
        let has_items = own
            .split("\n## ")
            .next()
            .is_some_and(|own| own.contains("[OUTCOME]"));
        if section["state"] != "placeholder" || section["open"] == true || has_items {
            continue;
        }
        let words = match title {
            "Requirements" => {
                "| ID | Requirement |\n|----|-------------|\n| REQ-CLI-001 | It starts. |"
            }
            "Qualified baseline" => {
                "| Item | Value |\n|------|-------|\n| Specification | SDLC-CLI-RS |\n| Commit | of the release |"
            }
            "Matrix" => {
                "| Requirement | Implemented by | Verified by | Result |\n|---|---|---|---|\n| REQ-CLI-001 | `src/main.py` | `tests/x.py::test_start` | Pass |"
            }
            _ => "What there is to say.\n\n- in two\n- entries",
        };
        told(world, "dev", &["section", "set", id, title, "-"], words).ok();
    }
}

/// Creates a document; answers with its id.
#[track_caller]
fn create(world: &World, kind: &str, args: &[&str]) -> String {
    let args = [&["create", kind, "--title", "A title"], args].concat();
    let made = world.json("dev", &args);
    made["doc_id"].as_str().expect("an id").to_owned()
}

/// Fills a draft in by commands, and routes it.
#[track_caller]
fn drafted(world: &World, id: &str, items: &[&[&str]]) {
    write_sections(world, id);
    for args in items {
        let words = [&["item"], &args[..1], &[id], &args[1..]].concat();
        world.qms("dev", &words).ok();
    }
    let left = world.read(&document(id));
    assert!(!left.contains("{{"), "{left}");
    world.qms("dev", &["route", id, "--review"]).ok();
    assert_eq!(world.git("dev", &["status", "--short"]).ok(), "");
}

/// Reviews and approves what is routed, and releases it.
#[track_caller]
fn released(world: &World, id: &str) {
    approved(world, id);
    world.qms("dev", &["release", id]).ok();
}

#[track_caller]
fn approved(world: &World, id: &str) {
    for name in ["qa", "qb"] {
        world.qms(name, &["review", id, "--recommend"]).ok();
    }
    world.qms("dev", &["route", id, "--approval"]).ok();
    for name in ["qa", "qb"] {
        world.qms(name, &["approve", id]).ok();
    }
}

const PLAN: &[&[&str]] = &[
    &["set", "EI-1", "--task", "Change | move the start"],
    &["set", "EI-2", "--task", "Try it", "--vr", "yes"],
    &["add", "--task", "Tell of it"],
];
const ONE: &[&[&str]] = &[&["set", "EI-1", "--task", "Do it again"]];

/// A change with three items, in execution.
fn running(world: &World) -> String {
    let id = create(world, "CR", &["--scope", "src/**"]);
    drafted(world, &id, PLAN);
    released(world, &id);
    id
}

/// Says of an item that it passed; the template is its evidence where the table has a place for it.
#[track_caller]
fn pass(world: &World, id: &str, item: &str, more: &[&str]) {
    let words = [
        "item",
        "set",
        id,
        item,
        "--outcome",
        "pass",
        "--summary",
        "Seen",
    ];
    world.qms("dev", &[&words, more].concat()).ok();
}

const SHOWN: &[&str] = &["--evidence", "TEMPLATE-CR"];

/// Writes what execution leaves to be told, and has the document reviewed, approved and closed.
#[track_caller]
fn ended(world: &World, id: &str) {
    told_of(world, id);
    world.qms("dev", &["route", id, "--review"]).ok();
    approved(world, id);
    world.qms("dev", &["close", id]).ok();
    assert_eq!(world.status(id), "CLOSED");
}

/// Writes the open sections, if only to say that there is nothing to tell.
#[track_caller]
fn told_of(world: &World, id: &str) {
    world.qms("dev", &["checkout", id]);
    let sections = world.json("dev", &["section", "list", id]);
    for section in sections.as_array().expect("sections") {
        let title = section["title"].as_str().expect("a title");
        if section["open"] == true {
            let args = ["section", "set", id, title, "--text", "As was planned."];
            world.qms("dev", &args).ok();
        }
    }
}

// Verifies: REQ-QMS-RULE-LOCKED, REQ-QMS-CMD-RELEASE
#[test]
fn every_type_goes_from_draft_to_its_end_by_commands_alone() {
    let world = World::house();
    for (kind, args) in [
        ("SOP", &[][..]),
        ("RS", &["--name", "CLI"]),
        ("RTM", &["--name", "CLI"]),
        ("TEMPLATE", &["--name", "FORM"]),
    ] {
        let id = create(&world, kind, args);
        drafted(&world, &id, &[]);
        approved(&world, &id);
        assert_eq!(world.status(&id), "EFFECTIVE");
        world.qms("dev", &["checkout", &id]).ok();
        let why = ["front", "set", &id, "revision_summary", "Nobody needs it"];
        world.qms("dev", &why).ok();
        world
            .qms("dev", &["route", &id, "--review", "--retire"])
            .ok();
        approved(&world, &id);
        assert_eq!(world.status(&id), "RETIRED");
    }
    let change = running(&world);
    let variance = create(&world, "VAR", &["--parent", &change, "--scope", "src/**"]);
    drafted(&world, &variance, ONE);
    released(&world, &variance);
    pass(&world, &variance, "EI-1", SHOWN);
    ended(&world, &variance);
    let protocol = create(&world, "TP", &["--parent", &change]);
    let steps: &[&[&str]] = &[
        &[
            "set",
            "TS-1",
            "--task",
            "Start",
            "--set",
            "expected=It runs",
        ],
        &["add", "--task", "Stop", "--set", "Expected=It is gone"],
    ];
    drafted(&world, &protocol, steps);
    released(&world, &protocol);
    for (step, outcome) in [("TS-1", "fail"), ("TS-2", "not-run")] {
        let args = ["item", "set", &protocol, step, "--outcome", outcome];
        world
            .qms("dev", &[&args[..], &["--summary", "Nothing"]].concat())
            .ok();
    }
    let exception = create(&world, "ER", &["--parent", &protocol, "--item", "TS-1"]);
    drafted(&world, &exception, ONE);
    released(&world, &exception);
    pass(&world, &exception, "EI-1", SHOWN);
    ended(&world, &exception);
    ended(&world, &protocol);
    let record = create(&world, "VR", &["--parent", &change, "--item", "EI-2"]);
    told_of(&world, &record);
    world.qms("dev", &["checkin", &record]).ok();
    for item in ["EI-1", "EI-2", "EI-3"] {
        pass(&world, &change, item, SHOWN);
    }
    ended(&world, &change);
    assert_eq!(world.status(&record), "CLOSED");
    let addendum = create(&world, "ADD", &["--parent", &change, "--scope", "src/**"]);
    drafted(&world, &addendum, ONE);
    released(&world, &addendum);
    pass(&world, &addendum, "EI-1", SHOWN);
    ended(&world, &addendum);
    let investigation = create(&world, "INV", &[]);
    let action = [
        "set",
        "CAPA-1",
        "--task",
        "Mend it",
        "--set",
        "Kind=corrective",
    ];
    drafted(&world, &investigation, &[&action]);
    released(&world, &investigation);
    pass(&world, &investigation, "CAPA-1", &["--change", &change]);
    ended(&world, &investigation);
    world.lands();
}

// Verifies: REQ-QMS-CMD-FRONT-LIST, REQ-QMS-CMD-FRONT-SET, REQ-QMS-CMD-FRONT-REMOVE
#[test]
fn keys_of_the_front_matter_are_said_one_by_one() {
    let world = World::governed();
    let id = create(&world, "CR", &["--scope", "src/**"]);
    for (args, line) in [
        (&["set", "title", "A: b"][..], "title: \"A: b\"\n"),
        (
            &["set", "scope", "src/**", "docs/**"],
            "scope: [src/**, docs/**]\n",
        ),
        (
            &["set", "deliverables", "src/a.py"],
            "deliverables: [src/a.py]\n",
        ),
        (
            &["set", "asked_by", "The customer"],
            "asked_by: The customer\n",
        ),
    ] {
        let words = [&["front", args[0], &id], &args[1..]].concat();
        world.qms("dev", &words).ok();
        let text = world.read(&document(&id));
        assert!(text.contains(line), "{line}: {text}");
        assert_eq!(world.git("dev", &["status", "--short"]).ok(), "");
    }
    let listed = world.json("dev", &["front", "list", &id]);
    let keys: Vec<&str> = listed
        .as_array()
        .expect("keys")
        .iter()
        .filter_map(|k| k["key"].as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "asked_by",
            "deliverables",
            "revision_summary",
            "scope",
            "title"
        ]
    );
    assert_eq!(listed[3]["value"], "[src/**, docs/**]");
    let removed = ["front", "remove", &id, "asked_by"];
    world.qms("dev", &removed).ok();
    assert!(!world.read(&document(&id)).contains("asked_by"));
    for (args, why) in [
        (&["remove", &*id, "asked_by"][..], "no such key"),
        (&["remove", &id, "title"], "no document is without `title`"),
        (&["set", &id, "qms", "x"], "moves alone"),
        (&["set", &id, "title", "A: b"], "changes nothing"),
    ] {
        let said = world.qms("dev", &[&["front"], args].concat());
        assert!(
            said.code != 0 && said.err.contains(why),
            "{args:?}: {}",
            said.err
        );
    }
    // In execution all of them but one are as approved.
    drafted(&world, &id, PLAN);
    released(&world, &id);
    world.qms("dev", &["checkout", &id]).ok();
    world
        .qms("dev", &["front", "set", &id, "scope", "**"])
        .refused("frozen");
    let summary = ["front", "set", &id, "revision_summary", "As it went"];
    world.qms("dev", &summary).ok();
}

/// The line of a document that names an item, and all the others.
fn row(text: &str, item: &str) -> (String, Vec<String>) {
    let is_row = |l: &&str| l.trim_start_matches(['|', ' ']).starts_with(item);
    let (own, rest): (Vec<&str>, Vec<&str>) = text.split_inclusive('\n').partition(|l| is_row(l));
    assert_eq!(own.len(), 1, "{text}");
    (
        own[0].to_owned(),
        rest.into_iter().map(str::to_owned).collect(),
    )
}

// Verifies: REQ-QMS-CMD-ITEM-LIST, REQ-QMS-CMD-ITEM-SHOW, REQ-QMS-CMD-ITEM-SET
#[test]
fn an_item_that_was_carried_out_changes_its_row_and_nothing_else() {
    let world = World::house();
    let id = running(&world);
    world.write("src/main.py", "start()\n");
    world.git("claude", &["add", "."]).ok();
    let message = World::work("Start it", &id, "claude");
    world.commit(
        "claude",
        &message.replace("QMS-Actor", "QMS-Item: EI-1\nQMS-Actor"),
    );
    let work = world.head();
    let path = document(&id);
    let before = world.read(&path);
    let set = [
        "item",
        "set",
        &id,
        "ei-1",
        "--outcome",
        "pass",
        "--summary",
        "Moved,\n as planned",
    ];
    let said = world.qms("claude", &set);
    assert!(
        said.err.contains(&work[..10]) && !said.err.contains("warning"),
        "{}",
        said.err
    );
    said.ok();
    let after = world.read(&path);
    let (line, rest) = row(&after, "EI-1");
    assert_eq!(rest, row(&before, "EI-1").1);
    assert_eq!(
        line,
        "| EI-1 | Change \\| move the start | No | Pass | Moved, as planned | claude | 2023-11-14 |  |\n"
    );
    let message = world.git("ann", &["log", "-1", "--format=%an%n%B"]).ok();
    assert!(message.starts_with("claude\n") && message.contains("\nQMS-Action: item\n"));
    assert!(message.contains("\nQMS-Item: EI-1\n"), "{message}");
    // What an item is evidenced by is read back as it was given, and what it names is looked up.
    let evidence = [
        "CR-001",
        "`src/main.py`",
        "`tests/x.py::test_y`",
        "[log](https://x/y)",
        "CR-777",
    ];
    let set = [
        "item",
        "set",
        &id,
        "EI-2",
        "--outcome",
        "fail",
        "--summary",
        "No",
        "--evidence",
    ];
    world.qms("dev", &[&set[..], &evidence].concat()).ok();
    let story = world.json("dev", &["item", "show", &id, "EI-2"]);
    let cell = |story: &Value, column: &str| {
        let cells = story["cells"].as_array().expect("cells").clone();
        let cell = cells.into_iter().find(|c| c["column"] == column);
        cell.expect("the column")["text"].clone()
    };
    assert_eq!(cell(&story, "Evidence"), evidence.join(", "));
    assert_eq!(cell(&story, "Performed by"), "dev");
    assert_eq!(
        story["documents"],
        json!([{"doc_id": "CR-001", "status": "IN_EXECUTION"}, {"doc_id": "CR-777", "status": null}])
    );
    let story = world.json("dev", &["item", "show", &id, "EI-1"]);
    assert_eq!(story["commits"][0]["commit"], work);
    assert_eq!(cell(&story, "Task"), "Change | move the start");
    let shown = world.qms("dev", &["item", "show", &id, "EI-1"]).ok();
    assert!(
        shown.contains("claude") && shown.contains("Start it"),
        "{shown}"
    );
    let rows = world.json("dev", &["item", "list", &id]);
    let column = |name: &str| -> Vec<Value> {
        let rows = rows.as_array().expect("rows").iter();
        rows.map(|row| row[name].clone()).collect()
    };
    assert_eq!(column("item"), ["EI-1", "EI-2", "EI-3"]);
    assert_eq!(
        column("outcome"),
        [json!("Pass"), json!("Fail"), Value::Null]
    );
    assert_eq!(column("commits"), [1, 0, 0]);
    assert_eq!(column("vr"), [false, true, false]);
    // It may be said again, in other words.
    let again = [
        "item",
        "set",
        &id,
        "EI-2",
        "--outcome",
        "pass",
        "--summary",
        "Yes",
    ];
    world.qms("claude", &again).ok();
    assert!(
        row(&world.read(&path), "EI-2")
            .0
            .contains("| Pass | Yes | claude |")
    );
    let set = [
        "item",
        "set",
        &id,
        "EI-3",
        "--outcome",
        "pass",
        "--summary",
        "Told",
    ];
    let said = world.qms("dev", &set);
    assert!(
        said.err.contains("warning: no commit carries"),
        "{}",
        said.err
    );
    world.lands();
}

#[test]
fn a_table_that_is_aligned_by_hand_stays_as_it_is() {
    let world = World::house();
    let id = create(&world, "CR", &["--scope", "src/**"]);
    write_sections(&world, &id);
    let path = document(&id);
    let text = world.read(&path);
    let (head, rest) = text.split_at(text.find("| EI | Task").expect("a table"));
    let (_, tail) = rest.split_at(rest.find("\n\n## 10").expect("the next section"));
    let table = "\
| EI   | Task           | VR  | Outcome   | Summary   | Performed by | Time   | Evidence   |
|------|:---------------|-----|-----------|-----------|--------------|--------|------------|
| EI-1 | One            | No  | [OUTCOME] | [SUMMARY] | [PERFORMER]  | [TIME] | [EVIDENCE] |
| EI-2 | The other task | No  | [OUTCOME] | [SUMMARY] | [PERFORMER]  | [TIME] | [EVIDENCE] |";
    world.write(&path, &format!("{head}{table}{tail}"));
    world.qms("dev", &["route", &id, "--review"]).ok();
    released(&world, &id);
    let before = world.read(&path);
    let set = [
        "item",
        "set",
        &id,
        "EI-2",
        "--outcome",
        "pass",
        "--summary",
        "Done",
    ];
    world
        .qms("claude", &[&set[..], &["--evidence", "SOP-001"]].concat())
        .ok();
    let (line, rest) = row(&world.read(&path), "EI-2");
    assert_eq!(rest, row(&before, "EI-2").1);
    assert_eq!(
        line,
        "| EI-2 | The other task | No  | Pass      | Done      | claude       | 2023-11-14 | SOP-001    |\n"
    );
    world.lands();
}

#[test]
fn what_the_owner_is_writing_stays_where_it_is() {
    let world = World::governed();
    let id = running(&world);
    let path = document(&id);
    world.qms("dev", &["checkout", &id]).ok();
    // Others wait for him.
    let set = |item: &'static str| {
        [
            "item",
            "set",
            "CR-001",
            item,
            "--outcome",
            "pass",
            "--summary",
            "Done",
        ]
    };
    let refused = world.qms("claude", &set("EI-1")).refused("locked");
    assert!(refused.contains("checked out by dev"), "{refused}");
    // A row of his own beside the one that is set, something staged and something not.
    world.edit(
        &path,
        "| EI-3 | Tell of it | No | [OUTCOME]",
        "| EI-3 | Tell of it | No | Fail",
    );
    world.git("dev", &["add", &path]).ok();
    world.edit(&path, "[EXECUTION SUMMARY]", "Half of it.");
    world.qms("dev", &set("EI-2")).ok();
    let (mine, head) = (
        world.read(&path),
        world.git("dev", &["show", &format!("HEAD:{path}")]).ok(),
    );
    let (staged, line) = (
        world.git("dev", &["show", &format!(":{path}")]).ok(),
        row(&head, "EI-2").0,
    );
    assert!(line.contains("| Pass | Done | dev |"), "{line}");
    assert!(head.contains("[EXECUTION SUMMARY]") && !head.contains("No | Fail"));
    for text in [&mine, &staged] {
        assert_eq!(row(text, "EI-2").0, line);
        assert!(text.contains("| EI-3 | Tell of it | No | Fail"), "{text}");
    }
    assert!(mine.contains("Half of it.") && staged.contains("[EXECUTION SUMMARY]"));
    // The row that he has changed himself is not written over, and nothing is made.
    let before = world.head();
    let ran = world.qms("dev", &set("EI-3"));
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains(&format!("git restore {path}")),
        "{}",
        ran.err
    );
    assert_eq!((world.head(), world.read(&path)), (before, mine));
}

// Verifies: REQ-QMS-CMD-ITEM-SET, REQ-QMS-CMD-ITEM-ADD, REQ-QMS-CMD-ITEM-REMOVE
#[test]
fn what_cannot_be_said_of_an_item_is_refused_with_what_can() {
    let world = World::governed();
    let id = running(&world);
    let head = world.head();
    let refused = |args: &[&str], why: &str| {
        let ran = world.qms("dev", &[&["item"], args].concat());
        assert_ne!(ran.code, 0, "{args:?}");
        assert!(ran.err.contains(why), "{args:?}: {}", ran.err);
    };
    let passed = ["--outcome", "pass", "--summary", "Done"];
    refused(&["set", &id, "EI-1", "--outcome", "pass"], "--summary");
    refused(&["set", &id, "EI-1"], "required");
    refused(
        &["set", &id, "EI-1", "--outcome", "done", "--summary", "x"],
        "not-run",
    );
    refused(
        &["set", &id, "EI-1", "--outcome", "not-run", "--summary", "x"],
        "only a step of a test protocol is not run",
    );
    refused(
        &[&["set", &id, "EI-9"][..], &passed].concat(),
        "there are EI-1, EI-2, EI-3",
    );
    refused(
        &["set", &id, "EI-1", "--task", "Another"],
        "qms create VAR --parent CR-001",
    );
    refused(
        &["set", &id, "EI-1", "--vr", "yes", "--summary", "x"],
        "one at a time",
    );
    refused(
        &["set", &id, "EI-1", "--change", "CR-001"],
        "nothing that --change could say",
    );
    refused(
        &["set", &id, "EI-1", "--set", "Colour=red"],
        "no column `Colour`",
    );
    refused(
        &["set", &id, "EI-1", "--set", "Performed by=qa"],
        "by itself",
    );
    refused(&["set", &id, "EI-1", "--set", "outcome=N/A"], "--outcome");
    refused(&["set", &id, "EI-1", "--set", "EI=EI-7"], "stays");
    refused(
        &["set", &id, "EI-1", "--set", "red"],
        "expected a column's title",
    );
    refused(
        &["set", &id, "EI-1", "--summary", "x", "--set", "Summary=y"],
        "said twice",
    );
    refused(
        &["set", &id, "EI-1", "--evidence", "a, b"],
        "--evidence ONE TWO",
    );
    refused(
        &["set", &id, "EI-1", "--summary", "a <!-- b -->"],
        "an HTML comment",
    );
    refused(&["remove", &id, "EI-1"], "was approved and stays");
    refused(&["add", &id, "--task", "More"], "qms checkout CR-001");
    refused(&["list", "TEMPLATE-SOP"], "qms section list TEMPLATE-SOP");
    assert_eq!(world.head(), head);
    // In a draft there is nothing yet that came of it.
    let draft = create(&world, "CR", &["--scope", "src/**"]);
    world
        .qms(
            "dev",
            &[&["item", "set", &draft, "EI-1"][..], &passed].concat(),
        )
        .refused("wrong-state");
    refused(
        &["add", &draft, "--task", "x", "--set", "Time=now"],
        "by itself",
    );
    refused(
        &["add", &draft, "--task", "x", "--set", "Summary=now"],
        "is carried out",
    );
    world
        .qms("claude", &["item", "remove", &draft, "EI-1"])
        .refused("not-allowed");
    let protocol = create(&world, "TP", &["--parent", &draft]);
    refused(&["add", &protocol, "--task", "x"], "--set 'Expected=TEXT'");
}

#[test]
fn steps_of_a_test_protocol_may_be_left_out_behind_one_that_failed() {
    let world = World::governed();
    let id = running(&world);
    let protocol = create(&world, "TP", &["--parent", &id]);
    let step = [
        "set",
        "TS-1",
        "--task",
        "Start",
        "--set",
        "Expected=It runs",
    ];
    let more = ["add", "--task", "Stop", "--set", "Expected=It is gone"];
    drafted(&world, &protocol, &[&step, &more]);
    released(&world, &protocol);
    for (step, outcome) in [("TS-1", "fail"), ("TS-2", "not-run")] {
        let set = [
            "item",
            "set",
            &protocol,
            step,
            "--outcome",
            outcome,
            "--summary",
            "Seen",
        ];
        let said = world.qms("claude", &set);
        assert_eq!(said.err, "");
        said.ok();
    }
    let rows = world.json("dev", &["item", "list", &protocol]);
    assert_eq!(
        (&rows[0]["outcome"], &rows[1]["outcome"]),
        (&json!("Fail"), &json!("Not run"))
    );
    assert!(
        row(&world.read(&document(&protocol)), "TS-2")
            .0
            .contains("| Not run | Seen | claude |")
    );
}

// Verifies: REQ-QMS-CMD-ITEM-SHOW
#[test]
fn actions_of_an_investigation_name_the_changes_that_carry_them_out() {
    let world = World::governed();
    let change = running(&world);
    let id = create(&world, "INV", &[]);
    let action = [
        "set",
        "CAPA-1",
        "--task",
        "Mend it",
        "--set",
        "Kind=corrective",
    ];
    drafted(&world, &id, &[&action]);
    released(&world, &id);
    world
        .qms(
            "dev",
            &["item", "set", &id, "CAPA-1", "--change", &change, "CR-007"],
        )
        .ok();
    let (line, _) = row(&world.read(&document(&id)), "CAPA-1");
    assert_eq!(
        line,
        "| CAPA-1 | Mend it | corrective | CR-001, CR-007 | [OUTCOME] | [SUMMARY] | dev | 2023-11-14 |\n"
    );
    let set = [
        "item",
        "set",
        &id,
        "CAPA-1",
        "--outcome",
        "pass",
        "--summary",
        "Mended",
    ];
    world.qms("dev", &set).ok();
    let story = world.json("dev", &["item", "show", &id, "CAPA-1"]);
    assert_eq!(story["documents"][0]["status"], "IN_EXECUTION");
    assert_eq!(story["cells"][7]["text"], "2023-11-14");
}

// Verifies: REQ-QMS-CMD-SECTION-LIST, REQ-QMS-CMD-SECTION-SET
#[test]
fn sections_are_listed_and_written() {
    let world = World::governed();
    let id = create(&world, "CR", &["--scope", "src/**"]);
    let list = world.qms("dev", &["section", "list", &id]).ok();
    assert!(list.starts_with("1.   Purpose "), "{list}");
    let of = |at: usize| world.json("dev", &["section", "list", &id])[at].clone();
    assert_eq!(of(0)["state"], "placeholder");
    assert_eq!(
        (&of(9)["open"], &of(0)["open"]),
        (&json!(true), &json!(false))
    );
    let path = document(&id);
    world.edit(
        &path,
        "{{How it will be shown that the change does what it says.}}",
        "Mine.",
    );
    world
        .qms(
            "dev",
            &["section", "set", &id, "1.", "--text", "To start.\n"],
        )
        .ok();
    assert_eq!(of(0)["state"], "filled");
    // What is being written elsewhere in it is neither committed nor lost.
    assert_eq!(of(7)["state"], "placeholder");
    assert!(
        world
            .read(&path)
            .contains("\n## 1. Purpose\n\nTo start.\n\n## 2. Scope\n")
    );
    assert!(world.read(&path).contains("Mine."));
    let refused = |args: &[&str], why: &str| {
        let ran = world.qms("dev", &[&["section", "set", &id], args].concat());
        assert_ne!(ran.code, 0, "{args:?}");
        assert!(ran.err.contains(why), "{args:?}: {}", ran.err);
    };
    refused(&["1"], "required");
    refused(&["1", "--text", ""], "the text is empty");
    refused(&["77", "--text", "x"], "qms section list CR-001");
    refused(
        &["1", "--text", "x\n\n## 12. More"],
        "is not below `1. Purpose`",
    );
    refused(&["1", "--text", "```\nx"], "does not close");
    refused(&["8", "--text", "Theirs."], "git restore");
    world.qms("dev", &["checkin", &id]).ok();
    refused(&["1", "--text", "x"], "error[locked]");
    assert_eq!(of(7)["state"], "filled");
}
