//! The matrix in the forms that others read, what changed between two commits, and what a change touches.

use serde_json::Value;

use crate::evidence::{ADD, coded, reports};
use crate::formats::{holds, schema};
use crate::trace::{RS, put, traced};
use crate::world::World;

/// Code and a test for the first requirement, and a tag that names none.
fn built() -> World {
    let world = traced();
    put(
        &world,
        "src/add.py",
        "# [REQ-CLI-001]\ndef add(a, b):\n    return a + b\n\n# [REQ-CLI-009]\ndef x():\n    pass\n",
    );
    put(
        &world,
        "tests/test_add.py",
        "# Verifies: REQ-CLI-001\ndef test_add():\n    assert add(1, 2) == 3\n",
    );
    world
}

/// The text of the specification with something else in it.
fn reword(world: &World, old: &str, new: &str) {
    world.qms("ann", &["checkout", "SDLC-CLI-RS"]).ok();
    world.edit(RS, old, new);
    world.qms("ann", &["checkin", "SDLC-CLI-RS"]).ok();
}

/// An answer as JSON, with the exit code that is expected.
#[track_caller]
fn asked(world: &World, args: &[&str], code: i32) -> Value {
    let said = world.qms("ann", &[args, &["--format", "json"]].concat());
    assert_eq!(said.code, code, "{}{}", said.out, said.err);
    serde_json::from_str(&said.out).expect("JSON")
}

#[test]
fn every_form_says_the_same_and_the_same_every_time() {
    let world = built();
    for (format, parts) in [
        (
            "csv",
            &[
                "\"REQ-CLI-001\",\"Adds\"",
                "\"src/add.py::add (src/add.py:1)\"",
                "\r\n",
            ][..],
        ),
        (
            "md",
            &["| REQ-CLI-001 | Adds | not run | src/add.py::add (src/add.py:1) |"],
        ),
        (
            "html",
            &[
                "<tr id=\"CLI.REQ-CLI-001\" class=\"row-not-run\">",
                "default-src 'none'",
            ],
        ),
        (
            "reqif",
            &[
                "<SPEC-OBJECT IDENTIFIER=\"requirement.CLI.REQ-CLI-001\"",
                "<ENUM-VALUE-REF>verdict.not-run<",
            ],
        ),
        ("sarif", &["\"ruleId\": \"requirement-not-run\""]),
    ] {
        let ask = || world.qms("ann", &["trace", "--format", format]);
        let first = ask();
        assert_eq!(
            (first.code, &*first.err),
            (1, ""),
            "{format}: {}",
            first.out
        );
        for part in parts {
            assert!(
                first.out.contains(part),
                "{format} has no {part}:\n{}",
                first.out
            );
        }
        assert_eq!(ask().out, first.out, "{format}");
    }
    let refused = world.qms("ann", &["trace", "--format", "junit"]);
    assert_eq!(refused.code, 2);
    let here = "here it is text, json, sarif, csv, html, md or reqif";
    assert!(refused.err.contains(here), "{}", refused.err);
}

// Verifies: REQ-QMS-RULE-TRACE-FLAW
#[test]
fn each_lack_of_the_matrix_is_a_result_at_a_place() {
    let world = built();
    let matrix = asked(&world, &["trace"], 1);
    holds(&schema("trace", true), &matrix);
    let said = world.qms("ann", &["trace", "--format", "sarif"]).out;
    let sarif: Value = serde_json::from_str(&said).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let found: Vec<String> = results
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let rule = result["ruleId"].as_str().unwrap_or_default();
            let uri = place["artifactLocation"]["uri"]
                .as_str()
                .unwrap_or_default();
            assert!(
                place["region"]["startLine"].as_u64() > Some(0),
                "{result:#}"
            );
            format!("{rule} {uri}")
        })
        .collect();
    assert_eq!(
        found,
        [
            &format!("requirement-not-run {RS}"),
            &format!("requirement-unimplemented {RS}"),
            &format!("requirement-unimplemented {RS}"),
            "trace-flaw src/add.py",
        ]
    );
    let rule = world.qms("ann", &["explain", "requirement-not-run"]).ok();
    assert!(rule.contains("has not run"), "{rule}");
}

#[test]
fn what_disappears_without_a_change_is_a_finding() {
    let world = built();
    world.git("ann", &["tag", "one"]).ok();
    let same = asked(&world, &["trace", "--diff", "one..HEAD"], 0);
    assert_eq!(same[0]["changes"], serde_json::json!([]));
    reword(&world, "| REQ-CLI-002 | **Says.** It Says. |\n", "");
    let gone = asked(&world, &["trace", "--diff", "one.."], 1);
    holds(&schema("trace-diff", true), &gone);
    assert_eq!(gone[0]["changes"][0]["what"], "removed");
    let text = world.qms("ann", &["trace", "--diff", "one.."]);
    assert_eq!(text.code, 1);
    assert!(
        text.out.contains("worse  REQ-CLI-002  removed"),
        "{}",
        text.out
    );
    let md = world.qms("ann", &["trace", "--diff", "one..", "--format", "md"]);
    assert!(
        md.out.contains("| **worse** | REQ-CLI-002 | removed |"),
        "{}",
        md.out
    );
    // A change that is not there retires nothing; one that is there does.
    let row = "| REQ-CLI-003 |";
    let retired = "| REQ-CLI-002 | It said. (retired: CR-001) |\n| REQ-CLI-003 |";
    reword(&world, row, retired);
    assert_eq!(
        asked(&world, &["trace", "--diff", "one.."], 1)[0]["worse"],
        1
    );
    let create = ["create", "CR", "--title", "Say less", "--scope", "src/**"];
    world.qms("ann", &create).ok();
    let now = asked(&world, &["trace", "--diff", "one.."], 0);
    assert_eq!(now[0]["changes"][0]["what"], "retired");
    assert_eq!(now[0]["changes"][0]["after"], "CR-001");
}

// Verifies: REQ-QMS-CMD-TRACE
#[test]
fn a_verdict_that_falls_is_worse_and_one_that_rises_is_not() {
    let world = traced();
    world.git("ann", &["tag", "one"]).ok();
    put(
        &world,
        "src/a.py",
        "# [REQ-CLI-001]\ndef add(a, b):\n    return a + b\n",
    );
    let better = asked(&world, &["trace", "--diff", "one..HEAD"], 0);
    let what = |diff: &Value| -> Vec<String> {
        let changes = diff[0]["changes"].as_array().expect("changes");
        changes
            .iter()
            .filter_map(|c| c["what"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(what(&better), ["verdict", "code-linked"]);
    let worse = asked(&world, &["trace", "--diff", "HEAD..one"], 1);
    assert_eq!(what(&worse), ["verdict", "code-unlinked"]);
    assert_eq!(worse[0]["worse"], 1);
    // Before the system had a specification there was nothing to lose.
    let first = world
        .git("ann", &["rev-list", "--max-parents=0", "HEAD"])
        .ok();
    for (range, why) in [
        ("one", "is no range"),
        ("nope..one", "is no commit"),
        ("one...HEAD", "`.HEAD` is no commit"),
        (
            &*format!("{}..one", first.trim()),
            "not under change control",
        ),
    ] {
        let said = world.qms("ann", &["trace", "--diff", range]);
        assert_eq!(said.code, 2, "{range}: {}", said.out);
        assert!(said.err.contains(why), "{range}: {}", said.err);
    }
}

/// Those that are tagged are not all that run through what is touched.
// Verifies: REQ-QMS-CMD-TRACE
#[test]
fn tests_that_executed_something_there_are_told_tagged_or_not() {
    let world = coded();
    reports(&world, "", "3,4", "5");
    let place = world.path("../coverage.json");
    let text = std::fs::read_to_string(&place).expect("coverage");
    let own = "[\"tests/test_add.py::test_add|run\"]";
    let both = own.replace(']', ", \"tests/test_more.py::test_more|run\"]");
    std::fs::write(&place, text.replacen(own, &both, 1)).expect("a file");
    world.qms("ann", &ADD).ok();
    let executed = |of: &str| {
        let said = asked(&world, &["trace", "--impact", of], 0);
        holds(&schema("trace-impact", true), &said);
        said["executed"].clone()
    };
    let one =
        |name: &str| serde_json::json!({ "system": "CLI", "name": name, "paths": ["src/add.py"] });
    let names = [
        "tests/test_add.py::test_add",
        "tests/test_more.py::test_more",
    ];
    assert_eq!(executed("src"), serde_json::json!(names.map(one)));
    assert_eq!(executed("tests"), serde_json::json!([]));
    let text = world.qms("ann", &["trace", "--impact", "src/add.py"]).ok();
    let wanted =
        "executed it when they were last measured:\n  tests/test_add.py::test_add    src/add.py\n";
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn a_change_touches_what_is_tagged_where_it_is() {
    let world = built();
    world.git("ann", &["tag", "one"]).ok();
    let path = asked(&world, &["trace", "--impact", "src/add.py"], 0);
    holds(&schema("trace-impact", true), &path);
    assert_eq!(path["requirements"][0]["id"], "REQ-CLI-001");
    assert_eq!(path["tests"][0]["name"], "tests/test_add.py::test_add");
    assert_eq!(path["documents"][0]["doc_id"], "SDLC-CLI-RS");
    assert_eq!(
        asked(&world, &["trace", "--impact", "src"], 0)["requirements"],
        path["requirements"]
    );
    // What is not tagged and what changed in comments alone touch nothing.
    let text = world.read("src/add.py");
    put(
        &world,
        "src/add.py",
        &text
            .replace("    pass", "    return 1  # why")
            .replace("def add", "# as asked\ndef add"),
    );
    let range = asked(&world, &["trace", "--impact", "one..HEAD"], 0);
    assert_eq!(range["requirements"], serde_json::json!([]));
    assert_eq!(range["untraced"], serde_json::json!(["src/add.py"]));
    put(&world, "src/add.py", &text.replace("a + b", "b + a"));
    let range = asked(&world, &["trace", "--impact", "one..HEAD"], 0);
    assert_eq!(
        range["requirements"][0]["by"][0]["says"],
        "`src/add.py::add` implements it"
    );
    let text = world.qms("ann", &["trace", "--impact", "one..HEAD"]).ok();
    assert!(
        text.contains("tests to run again:\n  tests/test_add.py::test_add"),
        "{text}"
    );
    for (args, why) in [
        (
            &["trace", "--impact", "nope"][..],
            "is no path at that commit",
        ),
        (&["trace", "--impact", "nope..one"], "is no commit"),
        (
            &["trace", "--impact", "one..", "--at", "one"],
            "leave --at out",
        ),
        (
            &["trace", "--impact", "src", "--system", "nope"],
            "no system has requirements",
        ),
        (
            &["trace", "--impact", "src", "--diff", "one.."],
            "cannot be used with",
        ),
    ] {
        let said = world.qms("ann", args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.out);
        assert!(said.err.contains(why), "{args:?}: {}", said.err);
    }
}
