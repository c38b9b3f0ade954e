//! Tests of one name in two places: what ran in one of them shows nothing of the other, end to end.

use crate::evidence::{is, row};
use crate::trace::{put, traced_at};
use crate::world::World;

/// A function, and its test in the same file; without tags where they are somebody else's.
fn crate_of_rust(world: &World, folder: &str, package: &str, is_tagged: bool) {
    let manifest = format!("[package]\nname = \"{package}\"\nversion = \"0.1.0\"\n");
    put(world, &format!("{folder}/Cargo.toml"), &manifest);
    let text = "// [REQ-CLI-001]\npub fn add(a: u32, b: u32) -> u32 {\n    a + b\n}\n\n#[cfg(test)]\nmod tests {\n    \
                // Verifies: REQ-CLI-001\n    #[test]\n    fn adds() {\n        assert_eq!(super::add(1, 2), 3);\n    }\n}\n";
    let text = match is_tagged {
        true => text.to_owned(),
        false => text
            .replace("// [REQ-CLI-001]\n", "")
            .replace("    // Verifies: REQ-CLI-001\n", ""),
    };
    put(world, &format!("{folder}/src/x.rs"), &text);
}

/// Keeps the result of one test, of a suite and a class, as nextest and pytest write it, with other reports.
fn keep(world: &World, class: &str, case: &str, more: &[&str]) {
    let text = format!(
        "<testsuites tests=\"1\"><testsuite name=\"{class}\" tests=\"1\">\
         <testcase name=\"{case}\" classname=\"{class}\" time=\"0.01\"/></testsuite></testsuites>"
    );
    world.write("../junit.xml", &text);
    let add = [&["evidence", "add", "--junit", "../junit.xml"], more].concat();
    world.qms("ann", &add).ok();
}

// Verifies: REQ-QMS-CMD-EVIDENCE-ADD, REQ-QMS-CMD-TRACE
#[test]
fn a_test_of_another_crate_does_not_stand_in_for_its_namesake() {
    // The manifests are no part of the system.
    let world = traced_at(&["a/src/**", "b/src/**"]);
    crate_of_rust(&world, "a", "app", true);
    crate_of_rust(&world, "b", "other", false);
    keep(&world, "other", "x::tests::adds", &[]);
    is(&world, "not run", "`x::tests::adds` is not in the results");
    keep(&world, "", "x::tests::adds", &[]);
    is(
        &world,
        "not run",
        "could be of `a/src/x.rs` or of `b/src/x.rs`; let the report name the package",
    );
    keep(&world, "app", "x::tests::adds", &[]);
    is(&world, "passed, coverage unknown", "no coverage says");
    let measured = |folder: &str, name: &str| {
        let lines = "SF:a/src/x.rs\nDA:2,1\nDA:3,1\nDA:4,1\nend_of_record\n";
        world.write(&format!("../{folder}/{name}.lcov"), lines);
        let place = format!("../{folder}");
        keep(
            &world,
            "app",
            "x::tests::adds",
            &["--per-test-coverage", &place],
        );
    };
    measured("one", "x::tests::adds");
    is(&world, "verified in the run", "was not measured");
    let warnings = row(&world)["warnings"].to_string();
    let said = "could be of `a/src/x.rs` or of `b/src/x.rs`; name it `a/src/x.rs::x::tests::adds`";
    assert!(warnings.contains(said), "{warnings}");
    measured("two", "other$x::tests::adds");
    is(&world, "verified in the run", "was not measured");
    measured("three", "app$x::tests::adds");
    is(&world, "verified", "[]");
    assert_eq!(row(&world)["warnings"], serde_json::json!([]));
}

// Verifies: REQ-QMS-CMD-EVIDENCE-ADD, REQ-QMS-CMD-TRACE
#[test]
fn a_test_that_ran_in_another_folder_does_not_stand_in_for_its_namesake() {
    let world = traced_at(&["a/**", "b/**"]);
    put(&world, "a/add.py", crate::evidence::CODE);
    put(&world, "a/tests/test_add.py", crate::evidence::TEST);
    let untagged = crate::evidence::TEST.replace("# Verifies: REQ-CLI-001\n", "");
    put(&world, "b/tests/test_add.py", &untagged);
    let contexts = |test: &str| {
        let text = format!(
            "{{\"files\": {{\"a/add.py\": {{\"executed_lines\": [3, 4, 5], \"missing_lines\": [], \"contexts\": \
             {{\"3\": [\"{test}\"], \"4\": [\"{test}\"], \"5\": [\"{test}\"]}}}}}}}}"
        );
        world.write("../coverage.json", &text);
    };
    // From within `b`, where the same names are.
    contexts("tests/test_add.py::test_add|run");
    let measured = ["--contexts", "../coverage.json"];
    keep(&world, "tests.test_add", "test_add", &measured);
    is(
        &world,
        "not run",
        "could be of `a/tests/test_add.py` or of `b/tests/test_add.py`; run all tests from the root of the repository",
    );
    keep(&world, "b.tests.test_add", "test_add", &[]);
    is(&world, "not run", "could be of");
    keep(&world, "a.tests.test_add", "test_add", &[]);
    is(&world, "verified in the run", "was not measured");
    contexts("a/tests/test_add.py::test_add|run");
    keep(&world, "a.tests.test_add", "test_add", &measured);
    assert_eq!(row(&world)["verdict"], "verified");
}
