//! The matrix as a document: made, never typed, and stale when it says something else than what is so.

use crate::evidence::{ADD, CODE, coded, is, reports};
use crate::trace::{RS, put};
use crate::world::World;

const RTM: &str = "QMS/SDLC-CLI/SDLC-CLI-RTM.md";

/// A specification in force with one requirement verified, and a matrix that is being written.
fn written() -> World {
    let world = coded();
    world.approve("ann", "SDLC-CLI-RS");
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    let create = ["create", "RTM", "--name", "CLI", "--title", "Matrix"];
    world.qms("ann", &create).ok();
    world
}

fn check(world: &World) -> String {
    let said = world.qms("ann", &["trace", "write", "--check"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    said.out
}

// Verifies: REQ-QMS-CMD-TRACE-WRITE, REQ-QMS-RULE-MATRIX-STALE
#[test]
fn the_matrix_is_written_and_never_typed() {
    let world = written();
    let stale = check(&world);
    assert!(stale.contains("error[matrix-stale]"), "{stale}");
    assert!(stale.contains("REQ-CLI-001 has no row"), "{stale}");
    let done = world.qms("ann", &["trace", "write"]).ok();
    assert!(done.contains("SDLC-CLI-RTM  edit"), "{done}");
    let text = world.read(RTM);
    let commit = world.git("ann", &["rev-parse", "HEAD~1"]).ok();
    assert!(
        text.contains(&format!("| Commit | {} |", commit.trim())),
        "{text}"
    );
    assert!(
        text.contains("| Specification | SDLC-CLI-RS 1.0 |"),
        "{text}"
    );
    let row = text
        .lines()
        .find(|line| line.contains("REQ-CLI-001"))
        .expect("a row");
    assert!(
        row.contains("| `src/add.py::add` | `tests/test_add.py::test_add` | verified |"),
        "{row}"
    );
    assert!(
        text.contains("| REQ-CLI-002 |") && text.contains("| unimplemented |"),
        "{text}"
    );
    world.qms("ann", &["trace", "write", "--check"]).ok();
    let again = world.qms("ann", &["trace", "write"]).ok();
    assert!(again.contains("says so already"), "{again}");
    // The document's own commits are later than what it names, and move nothing of the system.
    world.write_up("SDLC-CLI-RTM");
    world.qms("ann", &["checkin", "SDLC-CLI-RTM"]).ok();
    world.qms("ann", &["trace", "write", "--check"]).ok();
    // Whoever has not checked it out writes nothing.
    world.edit(RTM, "| verified |", "| untested |");
    world
        .git("ann", &["commit", "-q", "--no-verify", "-am", "Typed"])
        .ok();
    let typed = check(&world);
    assert!(typed.contains("the row of REQ-CLI-001 says"), "{typed}");
    let said = world.qms("ann", &["trace", "write"]);
    assert!(
        said.code == 1 && said.err.contains("qms checkout SDLC-CLI-RTM"),
        "{}",
        said.err
    );
    world.qms("ann", &["checkout", "SDLC-CLI-RTM"]).ok();
    world.qms("ann", &["trace", "write"]).ok();
    world.qms("ann", &["trace", "write", "--check"]).ok();
    // Another state of the code has another matrix.
    put(&world, "src/add.py", &CODE.replace("a < 0", "a < 1"));
    let stale = check(&world).replace("\n  ", " ");
    assert!(
        stale.contains("at which CLI was not what it is now"),
        "{stale}"
    );
    assert!(
        stale.contains("expected") && stale.contains("suspect"),
        "{stale}"
    );
    // Where no evidence is kept, links are looked at alone.
    let links = ["trace", "write", "--check", "--no-results"];
    world.qms("ann", &links).ok();
    put(
        &world,
        "src/other.py",
        "# [REQ-CLI-001]\ndef other():\n    pass\n",
    );
    let said = world.qms("ann", &links);
    assert!(
        said.code == 1 && said.out.contains("the row of REQ-CLI-001 says"),
        "{}",
        said.out
    );
}

#[test]
fn who_approves_the_matrix_says_that_the_tests_fit_the_new_words() {
    let world = written();
    world.qms("ann", &["trace", "write"]).ok();
    world.write_up("SDLC-CLI-RTM");
    world.qms("ann", &["checkin", "SDLC-CLI-RTM"]).ok();
    world.approve("ann", "SDLC-CLI-RTM");
    world.qms("ann", &["checkout", "SDLC-CLI-RS"]).ok();
    world.edit(RS, "It Adds.", "It adds two numbers.");
    world.edit(RS, "Initial draft", "Clearer");
    world.qms("ann", &["checkin", "SDLC-CLI-RS"]).ok();
    world.approve("ann", "SDLC-CLI-RS");
    is(&world, "suspect", "reworded");
    world.qms("ann", &["checkout", "SDLC-CLI-RTM"]).ok();
    world.qms("ann", &["trace", "write"]).ok();
    world.edit(RTM, "Initial draft", "Reviewed against the new words");
    world.qms("ann", &["checkin", "SDLC-CLI-RTM"]).ok();
    is(&world, "suspect", "reworded");
    world.approve("ann", "SDLC-CLI-RTM");
    is(&world, "verified", "[]");
}
