//! A change that touched a system closes over what was shown to work, and over nothing else. Source: incidents.md, I-09a,
//! I-10, I-12.

use crate::evidence::{ADD, CODE, TEST, reports};
use crate::world::World;

pub(crate) const RTM: &str = "QMS/SDLC-CLI/SDLC-CLI-RTM.md";

/// What the policy says of the system.
const SYSTEM: &str = "CLI: {code: [src/**]}";

const RS: &str = "QMS/SDLC-CLI/SDLC-CLI-RS.md";

/// A specification of one requirement in force, and a change in execution that has written code and test for it.
pub(crate) fn worked() -> (World, String) {
    let world = World::plain();
    let init = ["init", "--user", "ann:administrator"];
    world.qms("ann", &init).ok();
    world.leaner();
    let add = ["system", "add", "CLI", "--code", "src/**"];
    world.qms("ann", &add).ok();
    for (by, user) in [("ann", "qa"), ("qa", "qb")] {
        let add = ["user", "add", user, "--group", "quality"];
        world.qms(by, &add).ok();
    }
    let create = ["create", "RS", "--name", "CLI", "--title", "Requirements"];
    world.qms("ann", &create).ok();
    let row = "\n| Requirement | Text |\n|---|---|\n| REQ-CLI-001 | **Adds.** It adds. |\n";
    world.write(RS, &format!("{}{row}", world.read(RS)));
    world.qms("ann", &["checkin", "SDLC-CLI-RS"]).ok();
    world.approve("ann", "SDLC-CLI-RS");
    let id = world.change("ann", "src/**");
    world.write("src/add.py", CODE);
    world.write("src/test_add.py", TEST);
    world.works("ann", "Add", &id);
    (world, id)
}

/// Results of the only test, which reaches all of the code.
pub(crate) fn shown(world: &World, ending: &str) {
    reports(world, ending, "3,4,5", "");
    says(world);
}

/// Keeps the reports that were written, of tests that stand beside the code.
pub(crate) fn says(world: &World) {
    for file in ["../junit.xml", "../coverage.json"] {
        let text = world.read(file).replace("tests.test_add", "src.test_add");
        world.write(file, &text.replace("tests/test_add.py", "src/test_add.py"));
    }
    world.qms("ann", &ADD).ok();
}

pub(crate) fn matrix(world: &World) {
    if !world.path(RTM).exists() {
        let create = ["create", "RTM", "--name", "CLI", "--title", "Matrix"];
        world.qms("ann", &create).ok();
        let tables = "\n| Item | Value |\n|---|---|\n\n| Requirement | Text |\n|---|---|\n";
        world.write(RTM, &format!("{}{tables}", world.read(RTM)));
        world.qms("ann", &["checkin", "SDLC-CLI-RTM"]).ok();
        world.qms("ann", &["checkout", "SDLC-CLI-RTM"]).ok();
    }
    world.qms("ann", &["trace", "write"]).ok();
    world.qms("ann", &["checkin", "SDLC-CLI-RTM"]).ok();
}

pub(crate) fn routes(world: &World, id: &str, why: &str) {
    world.fill("ann", id);
    let said = world.qms("ann", &["route", id, "--review"]);
    let flat = said.err.replace("\n  ", " ");
    assert!(
        said.code == 1 && flat.contains("error[not-qualified]"),
        "{why}: {}",
        said.err
    );
    assert!(flat.contains(why), "{why}: {flat}");
}

/// The policy says this of the system from now on.
pub(crate) fn says_of(world: &World, system: &str) {
    let policy = world.change("ann", "qms.yaml");
    world.edit("qms.yaml", SYSTEM, system);
    world.works("ann", "Say otherwise", &policy);
}

/// Nothing is kept any more of what was shown.
pub(crate) fn forgets(world: &World) {
    let gone = ["update-ref", "-d", "refs/qms/evidence"];
    world.git("ann", &gone).ok();
}

/// A change that breaks the system, and then makes something else of what the policy says of it, is not routed.
pub(crate) fn looks_away(system: &str, why: &str) {
    let (world, _) = worked();
    let id = world.wide_change("ann", &["src/**", "qms.yaml"]);
    world.write("src/add.py", &CODE.replace("a < 0", "a < 1"));
    world.works("ann", "Break", &id);
    world.edit("qms.yaml", SYSTEM, system);
    world.works("ann", "Look away", &id);
    routes(&world, &id, why);
}

/// Takes the change to its end.
pub(crate) fn closes(world: &World, id: &str) {
    world.fill("ann", id);
    world.approve("ann", id);
    world.qms("ann", &["close", id]).ok();
    assert_eq!(world.status(id), "CLOSED");
}

// Verifies: REQ-QMS-RULE-NOT-QUALIFIED
#[test]
fn i_10_a_change_closes_after_its_matrix() {
    let (world, id) = worked();
    routes(&world, &id, "SDLC-CLI-RTM is not in force");
    let next = world.qms("ann", &["check", &id]);
    assert!(next.out.contains("not-qualified"), "{}", next.out);
    shown(&world, "");
    matrix(&world);
    routes(&world, &id, "SDLC-CLI-RTM is not in force");
    world.approve("ann", "SDLC-CLI-RTM");
    closes(&world, &id);
    let close = world
        .git(
            "ann",
            &[
                "log",
                "-1",
                "--format=%(trailers:key=QMS-Evidence,valueonly)",
            ],
        )
        .ok();
    let tip = world.git("ann", &["rev-parse", "refs/qms/evidence"]).ok();
    assert_eq!(close.trim(), tip.trim());
    assert_eq!(world.json("ann", &["verify"])["errors"], 0);
    // Whoever does not have the evidence cannot verify the close.
    forgets(&world);
    let said = world.qms("ann", &["verify", "--no-cache"]);
    let flat = said.out.replace("\n  ", " ");
    assert!(
        said.code == 1 && flat.contains("is not here: it cannot be verified"),
        "{flat}"
    );
}

// Verifies: REQ-QMS-RULE-NOT-QUALIFIED
#[test]
fn i_09a_a_qualified_commit_is_a_commit_in_full_with_evidence() {
    let (world, id) = worked();
    shown(&world, "");
    matrix(&world);
    let head = world.head();
    for (named, why) in [
        ("TBD", "names `TBD`, expected a commit id in full"),
        (&head[..12], "expected a commit id in full"),
    ] {
        names(&world, named);
        routes(&world, &id, why);
    }
}

/// A matrix in force in which somebody has typed the commit.
fn names(world: &World, commit: &str) {
    typed(world, commit);
    world.approve("ann", "SDLC-CLI-RTM");
}

fn typed(world: &World, commit: &str) {
    world.qms("ann", &["checkout", "SDLC-CLI-RTM"]);
    let text = world.read(RTM);
    let line = |begin: &str| text.lines().find(|l| l.starts_with(begin)).expect("a line");
    world.edit(RTM, line("| Commit | "), &format!("| Commit | {commit} |"));
    let summary = format!("revision_summary: Typed {commit}");
    world.edit(RTM, line("revision_summary"), &summary);
    world.qms("ann", &["checkin", "SDLC-CLI-RTM"]).ok();
}

// Verifies: REQ-QMS-RULE-NOT-QUALIFIED
#[test]
fn i_09b_and_i_12_what_was_not_shown_or_never_arrived_does_not_close() {
    // Another commit of the change came after the one that was qualified.
    let (world, id) = worked();
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    world.write("src/add.py", &CODE.replace("a < 0", "a < 1"));
    world.works("ann", "More", &id);
    routes(&world, &id, "does not hold");
    // A run that failed is no evidence of success.
    let (world, id) = worked();
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    shown(&world, "<failure message=\"no\"/>");
    routes(&world, &id, "`test_add` failed");
    // A matrix that says that something is not verified says so.
    let (world, id) = worked();
    shown(&world, "<skipped/>");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    routes(&world, &id, "says that REQ-CLI-001 is not run");
    // The commit is on another branch: a squash lost it.
    let (world, id) = worked();
    shown(&world, "");
    matrix(&world);
    let tree = world.git("ann", &["rev-parse", "HEAD^{tree}"]).ok();
    let squashed = world
        .git("ann", &["commit-tree", tree.trim(), "-m", "Squashed"])
        .ok();
    typed(&world, squashed.trim());
    let said = world.qms("ann", &["route", "SDLC-CLI-RTM", "--review"]);
    assert!(said.err.contains("no commit among the"), "{}", said.err);
    routes(&world, &id, "SDLC-CLI-RTM is not in force");
}

#[test]
fn i_09c_a_matrix_has_every_requirement_as_it_reads_now() {
    let (world, id) = worked();
    shown(&world, "");
    matrix(&world);
    let row = |world: &World| {
        let text = world.read(RTM);
        let row = text.lines().find(|l| l.starts_with("| REQ-CLI-001 |"));
        row.expect("a row").to_owned()
    };
    let old = row(&world);
    let mut cells: Vec<&str> = old.split('|').collect();
    cells[2] = " `000000000000` ";
    let other = cells.join("|");
    let gone = old.replace("REQ-CLI-001", "REQ-CLI-002");
    for (bent, why) in [
        (
            gone,
            "has no row of REQ-CLI-001, which SDLC-CLI-RS 1.0 requires",
        ),
        (
            other,
            "has REQ-CLI-001 with another text than SDLC-CLI-RS 1.0",
        ),
    ] {
        world.qms("ann", &["checkout", "SDLC-CLI-RTM"]);
        let text = world.read(RTM);
        let there = text.lines().find(|l| l.starts_with("| REQ-CLI-00"));
        world.edit(RTM, there.expect("a row"), &bent);
        let summary = text.lines().find(|l| l.starts_with("revision_summary"));
        let said = format!("revision_summary: Typed {why}").replace(',', "");
        world.edit(RTM, summary.expect("a summary"), &said);
        world.qms("ann", &["checkin", "SDLC-CLI-RTM"]).ok();
        world.approve("ann", "SDLC-CLI-RTM");
        routes(&world, &id, why);
    }
}

#[test]
fn i_09b_a_run_in_which_nothing_ran_or_passed_at_once_is_no_evidence() {
    for (ending, why) in [
        ("<skipped/>", "the evidence holds nothing of CLI"),
        ("<flakyFailure/>", "`test_add` failed"),
    ] {
        let (world, id) = worked();
        shown(&world, ending);
        matrix(&world);
        let text = world.read(RTM);
        let row = text.lines().find(|l| l.starts_with("| REQ-CLI-001 |"));
        let row = row.expect("a row");
        let (head, _) = row.trim_end_matches(" |").rsplit_once('|').expect("cells");
        world.qms("ann", &["checkout", "SDLC-CLI-RTM"]).ok();
        world.edit(RTM, row, &format!("{head}| verified |"));
        world.qms("ann", &["checkin", "SDLC-CLI-RTM"]).ok();
        world.approve("ann", "SDLC-CLI-RTM");
        routes(&world, &id, why);
    }
}

#[test]
fn a_change_that_touches_no_system_asks_for_none() {
    let (world, _) = worked();
    let id = world.change("ann", "docs/**");
    world.write("docs/a.md", "text\n");
    world.works("ann", "Write", &id);
    closes(&world, &id);
}

// Verifies: REQ-QMS-CMD-QUALIFY, REQ-QMS-CMD-BASELINES
#[test]
fn a_release_is_qualified_where_all_is_verified_at_one_commit() {
    let (world, id) = worked();
    let qualify = ["qualify", "CLI", "--release", "CLI-6.0"];
    let said = world.qms("ann", &qualify);
    assert!(
        said.code == 1 && said.err.contains("error[not-qualified]"),
        "{}",
        said.err
    );
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    let commit = world.git("ann", &["rev-list", "--grep=^Add$", "HEAD"]).ok();
    let made = world.json("ann", &qualify);
    let named = made["commit"].as_str().expect("a commit");
    // It is the commit that the matrix names, with the state that the change left.
    let differs = world
        .git(
            "ann",
            &["diff", "--stat", commit.trim(), named, "--", "src"],
        )
        .ok();
    assert_eq!(differs, "");
    assert_eq!(made["specification"], "SDLC-CLI-RS 1.0");
    assert_eq!(
        world
            .git("ann", &["cat-file", "-t", "qualified/CLI-6.0"])
            .ok()
            .trim(),
        "tag"
    );
    let at = world
        .qms("ann", &["trace", "--at", "qualified/CLI-6.0"])
        .ok();
    assert!(at.contains("1 requirements: 1 verified"), "{at}");
    let said = world.qms("ann", &qualify);
    assert!(
        said.code == 2 && said.err.contains("is there already"),
        "{}",
        said.err
    );
    let all = world.qms("ann", &["baselines"]).ok();
    assert!(
        all.contains("qualified/CLI-6.0") && all.contains("SDLC-CLI-RTM 1.0"),
        "{all}"
    );
    closes(&world, &id);
    // Later states change nothing of what was qualified; another one has to be shown first.
    let id = world.change("ann", "src/**");
    world.write("src/add.py", &CODE.replace("a < 0", "a < 1"));
    world.works("ann", "More", &id);
    world.qms("ann", &["baselines", "--system", "CLI"]).ok();
    shown(&world, "<failure message=\"no\"/>");
    let next = ["qualify", "CLI", "--release", "CLI-6.1"];
    let said = world.qms("ann", &next);
    assert_eq!(
        said.code, 0,
        "the commit that the matrix names is still qualified: {}",
        said.err
    );
    // A tag that says something else does not hold, and a server keeps those that are there.
    world.serve();
    world
        .git("ann", &["push", "-q", "origin", "qualified/CLI-6.0"])
        .ok();
    let message = world
        .git(
            "ann",
            &["tag", "-l", "--format=%(contents)", "qualified/CLI-6.0"],
        )
        .ok();
    world
        .git(
            "ann",
            &[
                "tag",
                "-f",
                "-a",
                "-m",
                &message,
                "qualified/CLI-6.0",
                "HEAD",
            ],
        )
        .ok();
    let said = world.qms("ann", &["baselines"]);
    assert!(
        said.code == 1 && said.out.contains("another state of CLI"),
        "{}",
        said.out
    );
    let said = world.git("ann", &["push", "-qf", "origin", "qualified/CLI-6.0"]);
    assert!(
        said.code != 0 && said.err.contains("error[release-tag]"),
        "{}",
        said.err
    );
    world.git("ann", &["tag", "-f", "qualified/x", "HEAD"]).ok();
    let said = world.qms("ann", &["baselines"]);
    assert!(said.out.contains("no annotated tag"), "{}", said.out);
}

// Verifies: REQ-QMS-RULE-NOT-SHOWN
#[test]
fn i_09b_what_changes_a_system_is_merged_with_evidence_where_the_policy_says_so() {
    let (world, id) = worked();
    says_of(&world, "CLI: {code: [src/**], merge: verified}");
    shown(&world, "");
    world.serve();
    world
        .git("ann", &["push", "-q", "origin", "refs/qms/evidence"])
        .ok();
    // What moves nothing of the system asks for nothing.
    world.qms("ann", &["create", "SOP", "--title", "One"]).ok();
    world.git("ann", &["push", "-q", "origin", "main"]).ok();
    world.write("src/add.py", &CODE.replace("a < 0", "a < 1"));
    world.works("ann", "More", &id);
    let refused = |why: &str| {
        let said = world.git("ann", &["push", "-q", "origin", "main"]);
        let flat = said.err.replace("\nremote:   ", " ");
        assert!(
            said.code != 0 && flat.contains("error[not-shown]"),
            "{}",
            said.err
        );
        assert!(flat.contains(why), "{why}: {}", said.err);
    };
    refused("there is no evidence of the state");
    world
        .git("ann", &["push", "-q", "origin", "HEAD:refs/heads/try"])
        .ok();
    shown(&world, "<failure message=\"no\"/>");
    world.qms("ann", &["evidence", "sync"]).ok();
    refused("`test_add` failed");
    world.write("src/add.py", &CODE.replace("a < 0", "a < 2"));
    world.works("ann", "Mend", &id);
    world
        .git("ann", &["push", "-q", "origin", "+HEAD:refs/heads/try"])
        .ok();
    shown(&world, "");
    world.qms("ann", &["evidence", "sync"]).ok();
    // Each step of the trunk is one that people may go back to; the merge of both is shown.
    refused("`test_add` failed");
    world.git("ann", &["reset", "-q", "--soft", "HEAD~2"]).ok();
    world.works("ann", "More, mended", &id);
    world.git("ann", &["push", "-q", "origin", "main"]).ok();
    let errors = world.json("ann", &["verify"])["errors"].clone();
    assert_eq!(errors, 0);
}

#[test]
fn i_09c_a_change_closes_with_evidence_of_the_tests_that_its_matrix_names() {
    let (world, id) = worked();
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    // Evidence of the same state, in which another test alone has run.
    forgets(&world);
    world.write("../junit.xml", "<testsuite tests=\"1\"><testcase classname=\"src.test_add\" name=\"test_other\"/></testsuite>");
    world
        .qms("ann", &["evidence", "add", "--junit", "../junit.xml"])
        .ok();
    routes(
        &world,
        &id,
        "is not run: src/test_add.py:1: `src/test_add.py::test_add` is not in the results",
    );
}

#[test]
fn a_change_does_not_narrow_what_it_is_asked_about() {
    looks_away("CLI: {code: [lib/**]}", "SDLC-CLI-RTM is not in force");
}
