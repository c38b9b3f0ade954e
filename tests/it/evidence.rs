//! Evidence: what ran, kept with the state that it ran at; and verdicts that rest on it.

use serde_json::Value;

use crate::trace::{put, traced, verdict};
use crate::world::World;

const CODE: &str =
    "# [REQ-CLI-001]\ndef add(a, b):\n    if a < 0:\n        return b\n    return a + b\n";
const TEST: &str = "# Verifies: REQ-CLI-001\ndef test_add():\n    assert add(1, 2) == 3\n";

/// The repository with code and a test of its first requirement.
fn coded() -> World {
    let world = traced();
    put(&world, "src/add.py", CODE);
    put(&world, "tests/test_add.py", TEST);
    world
}

/// Reports of a run: the outcome of the one test, and the lines that it executed of the code.
fn reports(world: &World, ending: &str, executed: &str, missing: &str) {
    let failed = usize::from(ending.contains("<failure"));
    let errors = usize::from(ending.contains("<error"));
    let skipped = usize::from(ending.contains("<skipped"));
    world.write(
        "../junit.xml",
        &format!(
            "<testsuites><testsuite name=\"pytest\" tests=\"1\" failures=\"{failed}\" errors=\"{errors}\" skipped=\"{skipped}\">\
             <testcase classname=\"tests.test_add\" name=\"test_add\" time=\"0.01\">{ending}</testcase></testsuite></testsuites>"
        ),
    );
    let contexts: Vec<String> = executed
        .split(',')
        .filter(|line| !line.is_empty())
        .map(|line| format!("\"{line}\": [\"tests/test_add.py::test_add|run\"]"))
        .collect();
    world.write(
        "../coverage.json",
        &format!(
            "{{\"files\": {{\"src/add.py\": {{\"executed_lines\": [{executed}], \"missing_lines\": [{missing}], \"contexts\": {{{}}}}}}}}}",
            contexts.join(", ")
        ),
    );
}

const ADD: [&str; 6] = [
    "evidence",
    "add",
    "--junit",
    "../junit.xml",
    "--contexts",
    "../coverage.json",
];

fn row(world: &World) -> Value {
    let said = world.qms("ann", &["trace", "--format", "json"]);
    let all: Value = serde_json::from_str(&said.out).expect("JSON");
    all[0]["requirements"][0].clone()
}

#[track_caller]
fn is(world: &World, wanted: &str, why: &str) {
    let row = row(world);
    assert_eq!(row["verdict"], wanted, "{row}");
    let reasons = row["reasons"].to_string();
    assert!(reasons.contains(why), "{reasons}");
}

#[test]
fn i_08e_verified_means_that_it_ran_passed_and_reached_the_code() {
    let world = coded();
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    is(&world, "verified", "[]");
    assert_eq!(row(&world)["lines"], serde_json::json!([3, 3]));
    let list = world.qms("ann", &["evidence", "list"]).ok();
    assert!(
        list.contains("CLI") && list.contains("of 1 tests"),
        "{list}"
    );
    // The same run once more is kept once.
    let again = world.qms("ann", &ADD).ok();
    assert!(again.contains("were kept before"), "{again}");
    assert_eq!(
        world
            .git("ann", &["rev-list", "--count", "refs/qms/evidence"])
            .ok()
            .trim(),
        "1"
    );
    // A document moves nothing of the system, and what was shown of it holds.
    put(&world, "NOTES.md", "text\n");
    is(&world, "verified", "[]");
    // Another state of the code is another state.
    put(&world, "src/other.py", "pass\n");
    is(&world, "not run", "the evidence is of another state");
    put(&world, "src/add.py", &CODE.replace("a < 0", "a < 1"));
    is(
        &world,
        "suspect",
        "is not as it was when it was last verified",
    );
}

#[test]
fn i_09_what_did_not_run_or_did_not_pass_is_not_verified() {
    for (ending, executed, missing, wanted, why) in [
        ("<failure message=\"no\"/>", "3,4,5", "", "failed", "failed"),
        ("<error message=\"no\"/>", "3,4,5", "", "failed", "no"),
        (
            "<skipped message=\"later\"/>",
            "3,4,5",
            "",
            "not run",
            "later",
        ),
        ("", "3,5", "4", "untested", "executed 2 of 3 lines"),
        ("", "", "3,4,5", "untested", "not"),
    ] {
        let world = coded();
        reports(&world, ending, executed, missing);
        world.qms("ann", &ADD).ok();
        is(&world, wanted, why);
    }
}

#[test]
fn i_09c_evidence_that_lacks_the_test_shows_nothing_of_it() {
    let world = coded();
    world.write(
        "../junit.xml",
        "<testsuite name=\"pytest\" tests=\"1\"><testcase classname=\"tests.test_add\" name=\"test_other\"/></testsuite>",
    );
    world
        .qms("ann", &["evidence", "add", "--junit", "../junit.xml"])
        .ok();
    is(&world, "not run", "is not in the results");
}

#[test]
fn coverage_of_nobody_or_of_the_run_alone_is_shown_as_what_it_is() {
    let world = coded();
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD[..4]).ok();
    is(&world, "passed, coverage unknown", "no coverage says");
    world.write(
        "../run.lcov",
        "SF:src/add.py\nDA:3,1\nDA:4,1\nDA:5,1\nend_of_record\n",
    );
    let add = [
        "evidence",
        "add",
        "--junit",
        "../junit.xml",
        "--lcov",
        "../run.lcov",
    ];
    world.qms("ann", &add).ok();
    is(
        &world,
        "verified in the run",
        "whether its own tests did was not measured",
    );
}

#[test]
fn i_09b_results_of_no_commit_are_refused() {
    let world = coded();
    reports(&world, "", "3,4,5", "");
    for (path, text) in [("src/add.py", "# edited\n"), ("src/new.py", "pass\n")] {
        let before = world.path(path).exists().then(|| world.read(path));
        world.write(path, text);
        let said = world.qms("ann", &ADD);
        assert!(said.code == 2 && said.err.contains(path), "{}", said.err);
        assert!(said.err.contains("commit first"), "{}", said.err);
        match before {
            Some(text) => world.write(path, &text),
            None => std::fs::remove_file(world.path(path)).expect("it is there"),
        }
    }
    // What is no part of the system may lie there as it likes.
    world.write("NOTES.md", "text\n");
    // Nor are they of a commit that is not what is checked out.
    let then = world.head();
    put(&world, "src/add.py", &CODE.replace("a < 0", "a < 1"));
    let mut add = ADD.to_vec();
    add.extend(["--commit", &then]);
    let said = world.qms("ann", &add);
    assert!(
        said.code == 2 && said.err.contains("git switch --detach"),
        "{}",
        said.err
    );
    assert!(
        world
            .git("ann", &["rev-parse", "-q", "--verify", "refs/qms/evidence"])
            .code
            != 0
    );
    world
        .git("ann", &["revert", "--no-edit", "HEAD", "--no-commit"])
        .ok();
    world
        .git("ann", &["commit", "-q", "--no-verify", "-m", "Back"])
        .ok();
    world.qms("ann", &add).ok();
    is(&world, "verified", "[]");
}

#[test]
fn reports_that_are_wrong_are_refused_and_all_is_said_at_once() {
    let world = coded();
    world.write(
        "../a.xml",
        "<testsuite tests=\"2\"><testcase name=\"x\"/></testsuite>",
    );
    world.write("../b.lcov", "SF:src/add.py\nDA:1,1\n");
    let add = [
        "evidence",
        "add",
        "--junit",
        "../a.xml",
        "--lcov",
        "../b.lcov",
    ];
    let said = world.qms("ann", &add);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.err.contains("a.xml") && said.err.contains("b.lcov"),
        "{}",
        said.err
    );
    world.write("../c.lcov", "SF:src/add.py\nDA:1,1\nend_of_record\n");
    let said = world.qms("ann", &["evidence", "add", "--lcov", "../c.lcov"]);
    assert!(
        said.code == 2 && said.err.contains("--junit"),
        "{}",
        said.err
    );
    let said = world.qms("ann", &["evidence", "add"]);
    assert!(
        said.code == 2 && said.err.contains("nothing to keep"),
        "{}",
        said.err
    );
    assert_eq!(
        verdict(
            &serde_json::json!({ "requirements": [row(&world)] }),
            "REQ-CLI-001"
        ),
        "not run"
    );
}

/// New results speak for changed code and tests. For changed words nobody has spoken.
#[test]
fn a_reworded_requirement_is_suspect_until_its_tests_follow() {
    let world = coded();
    world.approve("ann", "SDLC-CLI-RS");
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    is(&world, "verified", "[]");
    world.qms("ann", &["checkout", "SDLC-CLI-RS"]).ok();
    world.edit(crate::trace::RS, "It Adds.", "It adds up to ten numbers.");
    world.edit(crate::trace::RS, "Initial draft", "Ten numbers");
    world.qms("ann", &["checkin", "SDLC-CLI-RS"]).ok();
    is(&world, "verified", "[]");
    world.approve("ann", "SDLC-CLI-RS");
    is(&world, "suspect", "reworded");
    // Running the same test again does not make it a test of the new words.
    world.qms("ann", &ADD).ok();
    is(&world, "suspect", "reworded");
    put(
        &world,
        "tests/test_add.py",
        &TEST.replace("1, 2) == 3", "2, 2) == 4"),
    );
    world.qms("ann", &ADD).ok();
    is(&world, "verified", "[]");
}
