//! Evidence: what ran, kept with the state that it ran at; and verdicts that rest on it.

use serde_json::Value;

use crate::tour::shell;
use crate::trace::{put, traced, traced_at, verdict};
use crate::world::{World, project};

pub(crate) const CODE: &str =
    "# [REQ-CLI-001]\ndef add(a, b):\n    if a < 0:\n        return b\n    return a + b\n";
pub(crate) const TEST: &str =
    "# Verifies: REQ-CLI-001\ndef test_add():\n    assert add(1, 2) == 3\n";

/// The repository with code and a test of its first requirement.
pub(crate) fn coded() -> World {
    let world = traced();
    put(&world, "src/add.py", CODE);
    put(&world, "tests/test_add.py", TEST);
    world
}

/// Reports of a run: the outcome of the one test, and the lines that it executed of the code.
pub(crate) fn reports(world: &World, ending: &str, executed: &str, missing: &str) {
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

pub(crate) const ADD: [&str; 6] = [
    "evidence",
    "add",
    "--junit",
    "../junit.xml",
    "--contexts",
    "../coverage.json",
];

pub(crate) fn row(world: &World) -> Value {
    let said = world.qms("ann", &["trace", "--format", "json"]);
    let all: Value = serde_json::from_str(&said.out).expect("JSON");
    all[0]["requirements"][0].clone()
}

#[track_caller]
pub(crate) fn is(world: &World, wanted: &str, why: &str) {
    let row = row(world);
    assert_eq!(row["verdict"], wanted, "{row}");
    let reasons = row["reasons"].to_string();
    assert!(reasons.contains(why), "{reasons}");
}

// Verifies: REQ-QMS-CMD-EVIDENCE-ADD, REQ-QMS-CMD-EVIDENCE-LIST
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

/// Asserts that the matrix as findings has one of this rule.
#[track_caller]
fn breaks(world: &World, rule: &str) {
    let said = world.qms("ann", &["trace", "--format", "sarif"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let sarif: Value = serde_json::from_str(&said.out).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let found = results.iter().filter(|result| result["ruleId"] == rule);
    assert!(found.count() > 0, "{rule}: {}", sarif["runs"][0]["results"]);
}

// Verifies: REQ-QMS-RULE-REQUIREMENT-FAILED, REQ-QMS-RULE-REQUIREMENT-UNIMPLEMENTED,
// REQ-QMS-RULE-REQUIREMENT-UNTESTED, REQ-QMS-RULE-REQUIREMENT-SUSPECT, REQ-QMS-RULE-REQUIREMENT-NOT-RUN,
// REQ-QMS-RULE-REQUIREMENT-COVERAGE-UNKNOWN, REQ-QMS-RULE-REQUIREMENT-VERIFIED-IN-RUN,
// REQ-QMS-RULE-TRACE-FLAW
#[test]
fn each_lack_of_a_requirement_breaks_a_rule_of_its_own() {
    let world = coded();
    breaks(&world, "requirement-not-run");
    breaks(&world, "requirement-unimplemented");
    put(
        &world,
        "src/more.py",
        "# [REQ-CLI-009]\ndef x():\n    pass\n",
    );
    breaks(&world, "trace-flaw");
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD[..4]).ok();
    breaks(&world, "requirement-coverage-unknown");
    world.write(
        "../run.lcov",
        "SF:src/add.py\nDA:3,1\nDA:4,1\nDA:5,1\nend_of_record\n",
    );
    let run = [&ADD[..4], &["--lcov", "../run.lcov"]].concat();
    world.qms("ann", &run).ok();
    breaks(&world, "requirement-verified-in-run");
    put(&world, "src/add.py", &CODE.replace("a < 0", "a < 1"));
    breaks(&world, "requirement-suspect");
    reports(&world, "", "3", "4,5");
    world.qms("ann", &ADD).ok();
    breaks(&world, "requirement-untested");
    reports(&world, "<failure message=\"no\"/>", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    breaks(&world, "requirement-failed");
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

/// The system is added as the README shows it.
#[test]
fn what_tests_depend_on_is_of_the_system_once_its_paths_say_so() {
    let readme = std::fs::read_to_string(project().join("README.md")).expect("a README");
    let add = "qms system add CLI --code ";
    let shown = readme.lines().find_map(|line| line.strip_prefix(add));
    let code = shell(shown.expect("the README shows it"));
    let code: Vec<&str> = code.iter().map(String::as_str).collect();
    let world = traced_at(&code);
    put(&world, "src/add.py", CODE);
    put(&world, "tests/test_add.py", TEST);
    for path in [
        "conftest.py",
        "a/conftest.py",
        "pyproject.toml",
        ".coveragerc",
        "uv.lock",
    ] {
        reports(&world, "", "3,4,5", "");
        world.qms("ann", &ADD).ok();
        is(&world, "verified", "[]");
        put(&world, path, "x\n");
        is(&world, "not run", "the evidence is of another state");
    }
    // A system that is there, with a file more.
    let text = world.read("qms.yaml");
    let change = world.change("ann", "qms.yaml");
    world.write("qms.yaml", &text.replace("*.lock", "*.lock\", \"go.sum"));
    world.works("ann", "Bind go.sum too", &change);
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    is(&world, "verified", "[]");
    put(&world, "go.sum", "x\n");
    is(&world, "not run", "the evidence is of another state");
}

#[test]
fn code_that_tells_coverage_to_look_away_is_not_verified() {
    let world = coded();
    let marked = CODE.replace("< 0:", "< 0:  # pragma: no cover");
    put(&world, "src/add.py", &marked);
    reports(&world, "", "2,5", "");
    world.qms("ann", &ADD).ok();
    is(
        &world,
        "passed, coverage unknown",
        "`# pragma: no cover` leaves lines of `src/add.py::add` out of coverage",
    );
    let place = &row(&world)["reasons"][0];
    assert_eq!(
        (&place["path"], &place["line"]),
        (&"src/add.py".into(), &3.into())
    );
    // Remembered as it was read.
    assert_eq!(row(&world)["verdict"], "passed, coverage unknown");
    put(&world, "src/add.py", CODE);
    reports(&world, "", "3,5", "");
    let report = world.read("../coverage.json");
    let says = "\"missing_lines\": [], \"excluded_lines\": [4]";
    world.write(
        "../coverage.json",
        &report.replace("\"missing_lines\": []", says),
    );
    world.qms("ann", &ADD).ok();
    is(
        &world,
        "untested",
        "executed 2 of 3 lines of `src/add.py::add`, not 4",
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
    // Nor does it help to tell git not to look.
    let look = |flag: &str| world.git("ann", &["update-index", flag, "src/add.py"]).ok();
    look("--assume-unchanged");
    let said = world.qms("ann", &ADD);
    assert!(
        said.code == 2 && said.err.contains("src/add.py"),
        "{}",
        said.err
    );
    look("--no-assume-unchanged");
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

// Verifies: REQ-QMS-CMD-EVIDENCE-ADD
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

/// The same with a server that judges, and a clone of it.
pub(crate) fn served() -> (World, World) {
    let world = coded();
    world.serve();
    let other = world.second("other");
    (world, other)
}

pub(crate) const SPEC: &str = "refs/qms/evidence:refs/qms/evidence";

// Verifies: REQ-QMS-RULE-EVIDENCE-KEPT, REQ-QMS-CMD-VERIFY
#[test]
fn what_is_kept_is_pushed_judged_and_verified() {
    let (world, _) = served();
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    world.git("ann", &["push", "-q", "origin", SPEC]).ok();
    let said = world.qms("ann", &["verify", "--format", "json"]);
    let verified: Value = serde_json::from_str(&said.out).expect("JSON");
    // The commits of code in this world are no change's; of the evidence there is nothing to say.
    let found = verified["findings"].as_array().expect("findings");
    let others = |f: &&Value| f["rule"] != "no-change" && f["rule"] != "founding";
    assert_eq!(found.iter().find(others), None);
    assert!(
        verified["tips"]["refs/qms/evidence"].is_string(),
        "{verified}"
    );
    // More is added on top, and never taken away.
    let first = world.git("ann", &["rev-parse", "refs/qms/evidence"]).ok();
    reports(&world, "<skipped/>", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    world.git("ann", &["push", "-q", "origin", SPEC]).ok();
    for spec in [
        format!("+{}:refs/qms/evidence", first.trim()),
        ":refs/qms/evidence".to_owned(),
    ] {
        let said = world.git("ann", &["push", "-q", "origin", &spec]);
        assert!(
            said.code != 0 && said.err.contains("error[evidence-kept]"),
            "{spec}: {}",
            said.err
        );
    }
}

/// A commit on the ref of evidence, made by hand: its files by path, and its message.
pub(crate) fn forged(world: &World, user: &str, files: &[(&str, &str)], message: &str) {
    let tip = world.git("ann", &["rev-parse", "-q", "--verify", "refs/qms/evidence"]);
    let mut read = vec!["read-tree", "--empty"];
    if tip.code == 0 {
        read = vec!["read-tree", tip.out.trim()];
    }
    let index = world.path(".git/forged");
    let run = |args: &[&str]| {
        let mut command = world.command(std::process::Command::new("git"), user);
        command.args(args).env("GIT_INDEX_FILE", &index);
        let output = command.output().expect("git starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    run(&read);
    for (path, text) in files {
        world.write(".git/blob", text);
        let blob = run(&["hash-object", "-w", ".git/blob"]);
        let path = path.replace("BLOB", &blob);
        run(&[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("100644,{blob},{path}"),
        ]);
    }
    let tree = run(&["write-tree"]);
    let mut commit = vec!["commit-tree", &tree, "-m", message];
    if tip.code == 0 {
        commit.extend(["-p", tip.out.trim()]);
    }
    let made = run(&commit);
    run(&["update-ref", "refs/qms/evidence", &made]);
}

// Verifies: REQ-QMS-RULE-EVIDENCE-GONE
#[test]
fn what_is_bent_is_no_evidence() {
    let record = |world: &World| {
        let files = world
            .git(
                "ann",
                &["ls-tree", "-r", "--name-only", "refs/qms/evidence"],
            )
            .ok();
        let path = files.lines().next().expect("a record").to_owned();
        let text = world
            .git("ann", &["show", &format!("refs/qms/evidence:{path}")])
            .ok();
        (path, text)
    };
    let folder = |path: &str| path.rsplit_once('/').expect("a folder").0.to_owned();
    let say = "Add\n\nQMS-Actor: ann";
    type Forge = fn(&str, &str) -> (String, String);
    let forge: [(&str, Forge); 5] = [
        ("is no record", |path, text| {
            (
                format!("{path}/BLOB.json"),
                text.replace("\"cases\"", "\"case\""),
            )
        }),
        ("it belongs at", |_, text| {
            ("CLI/00/BLOB.json".to_owned(), format!("{text} "))
        }),
        ("is of another state", |path, text| {
            let digest = path.rsplit('/').next().expect("a digest");
            let other = format!("00{}", &digest[2..]);
            (
                format!("CLI/00/{other}/BLOB.json"),
                text.replace(digest, &other),
            )
        }),
        ("that commit is not here", |path, text| {
            let commit = text.split("\"commit\": \"").nth(1).expect("a commit")[..40].to_owned();
            (
                format!("{path}/BLOB.json"),
                text.replace(&commit, &"ab".repeat(20)),
            )
        }),
        ("the policy there has no system", |path, text| {
            (
                path.replace("CLI/", "GUI/") + "/BLOB.json",
                text.replace("\"CLI\"", "\"GUI\""),
            )
        }),
    ];
    for (why, forge) in forge {
        let (world, _) = served();
        reports(&world, "", "3,4,5", "");
        world.qms("ann", &ADD).ok();
        world.git("ann", &["push", "-q", "origin", SPEC]).ok();
        let (path, text) = record(&world);
        let (path, text) = forge(&folder(&path), &text);
        forged(&world, "ann", &[(&path, &text)], say);
        let said = world.git("ann", &["push", "-q", "origin", SPEC]);
        assert!(
            said.code != 0 && said.err.contains("error[evidence-kept]"),
            "{why}: {}",
            said.err
        );
        assert!(said.err.contains(why), "{why}: {}", said.err);
        let verified = world.qms("ann", &["verify"]);
        // A commit that is not here may have been, once.
        let sort = match why.contains("not here") {
            true => "warning[evidence-gone]",
            false => "error[evidence-kept]",
        };
        let flat = verified.out.replace("\n  ", " ");
        assert!(flat.contains(sort) && flat.contains(why), "{flat}");
    }
}

#[test]
fn f7_evidence_is_somebodys() {
    for (user, message, rule) in [
        ("ann", "Add", "trailer-missing"),
        ("ann", "Add\n\nQMS-Actor: qa", "actor-mismatch"),
        ("nobody", "Add\n\nQMS-Actor: nobody", "unknown-user"),
    ] {
        let (world, _) = served();
        reports(&world, "", "3,4,5", "");
        world.qms("ann", &ADD).ok();
        let list = world
            .git("ann", &["ls-tree", "-r", "refs/qms/evidence"])
            .ok();
        let path = list.split('\t').nth(1).expect("a path").trim().to_owned();
        let text = world
            .git("ann", &["show", &format!("refs/qms/evidence:{path}")])
            .ok();
        world
            .git("ann", &["update-ref", "-d", "refs/qms/evidence"])
            .ok();
        forged(&world, user, &[(&path, &text)], message);
        let said = world.git("ann", &["push", "-q", "origin", SPEC]);
        assert!(
            said.code != 0 && said.err.contains(&format!("error[{rule}]")),
            "{}",
            said.err
        );
    }
}

// Verifies: REQ-QMS-CMD-EVIDENCE-SYNC
#[test]
fn two_lines_of_evidence_become_one_and_none_is_lost() {
    let (world, other) = served();
    for (place, ending) in [(&world, ""), (&other, "<skipped message=\"x\"/>")] {
        reports(place, ending, "3,4,5", "");
        place.qms("ann", &ADD).ok();
    }
    let first = world.qms("ann", &["evidence", "sync"]).ok();
    assert!(
        first.contains("0 commits of evidence taken in, 1 pushed"),
        "{first}"
    );
    let second = other.qms("ann", &["evidence", "sync"]).ok();
    assert!(
        second.contains("1 commits of evidence taken in, 2 pushed"),
        "{second}"
    );
    let third = world.qms("ann", &["evidence", "sync", "origin"]).ok();
    assert!(
        third.contains("2 commits of evidence taken in, 0 pushed"),
        "{third}"
    );
    let lists = [&world, &other].map(|w| w.json("ann", &["evidence", "list"]));
    assert_eq!(lists[0], lists[1]);
    assert_eq!(lists[0].as_array().map(Vec::len), Some(2));
    let again = world.qms("ann", &["evidence", "sync"]).ok();
    assert!(
        again.contains("0 commits of evidence taken in, 0 pushed"),
        "{again}"
    );
    // What one run skipped and another one ran, ran.
    is(&world, "verified", "[]");
    // What is bent is not taken in.
    forged(
        &other,
        "ann",
        &[("CLI/00/x.json", "{}")],
        "Add\n\nQMS-Actor: ann",
    );
    other
        .git(
            "ann",
            &[
                "push",
                "-q",
                "../server.git",
                "+refs/qms/evidence:refs/heads/parked",
            ],
        )
        .ok();
    let said = world.qms("ann", &["evidence", "sync", "elsewhere"]);
    assert!(
        said.code == 2 && said.err.contains("no remote `elsewhere`"),
        "{}",
        said.err
    );
    world
        .git("ann", &["remote", "add", "bent", "../other"])
        .ok();
    let before = world.git("ann", &["rev-parse", "refs/qms/evidence"]).ok();
    let said = world.qms("ann", &["evidence", "sync", "bent"]);
    assert!(
        said.code == 1 && said.err.contains("error[evidence-kept]"),
        "{}",
        said.err
    );
    assert_eq!(
        world.git("ann", &["rev-parse", "refs/qms/evidence"]).ok(),
        before
    );
}
