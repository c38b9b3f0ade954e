//! The matrix in the forms that others read.

use serde_json::Value;

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
