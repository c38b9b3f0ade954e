//! Evidence of one state is so much and no more: what is kept, what is to be kept, and what comes in.

use crate::evidence::{ADD, CODE, coded, forged, reports};
use crate::trace::put;
use crate::world::World;

const SPEC: &str = "refs/qms/evidence";
/// Lines of a file that is nothing but lines.
const LINES: usize = 1 << 20;
const SAY: &str = "Add\n\nQMS-Actor: ann";

/// A served repository with one record of a good run, and a file of very many lines.
fn kept() -> World {
    let world = coded();
    put(&world, "src/long.py", &"\n".repeat(LINES));
    world.serve();
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    world.git("ann", &["push", "-q", "origin", SPEC]).ok();
    world
}

/// Records beside the first one, of as many runs, each with four tests that executed all of the file.
fn loads(world: &World, runs: std::ops::Range<usize>) {
    let first = ["rev-list", "--max-parents=0", SPEC];
    let first = world.git("ann", &first).ok();
    let list = ["ls-tree", "-r", "--name-only", first.trim()];
    let path = world.git("ann", &list).ok();
    let path = path.trim();
    let at = format!("{}:{path}", first.trim());
    let text = world.git("ann", &["show", &at]).ok();
    // With the three lines of the whole run two less than a record may name.
    let last = [LINES, LINES, LINES, LINES - 5].into_iter().enumerate();
    let tests = last.map(|(n, last)| format!("\"t{n}\": {{\"src/long.py\": \"1-{last}\"}}"));
    let tests: Vec<String> = tests.collect();
    let at = text.find("\"tests\": {").expect("tests");
    let end = at + text[at..].find("\n  }").expect("their end");
    let folder = path.rsplit_once('/').expect("a folder").0;
    for run in runs {
        let tests = format!("\"tests\": {{{}", tests.join(", "));
        let text = [&text[..at], &tests, &text[end..]].concat();
        let text = text.replacen("{\n", &format!("{{\n  \"run\": \"{run}\",\n"), 1);
        forged(
            world,
            "ann",
            &[(&format!("{folder}/BLOB.json"), &text)],
            SAY,
        );
    }
}

#[track_caller]
fn is_too_much(said: crate::world::Ran) {
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    let flat = said.refused("evidence-kept").replace("remote:", "");
    let flat = flat.split_whitespace().collect::<Vec<_>>().join(" ");
    for why in [
        "evidence of one state names",
        "expected at most 16777216 and 1048576: `CLI/",
        "with 4194302 and",
        "commit a change of the system",
    ] {
        assert!(flat.contains(why), "{why}: {flat}");
    }
}

#[test]
fn evidence_of_one_state_is_read_up_to_a_bound() {
    let world = kept();
    loads(&world, 0..3);
    let push = ["push", "-q", "origin", SPEC];
    world.git("ann", &push).ok();
    let other = world.second("other");
    let fetch = [
        "fetch",
        "-q",
        "origin",
        "refs/qms/evidence:refs/qms/evidence",
    ];
    other.git("ann", &fetch).ok();
    loads(&world, 3..4);
    world.git("ann", &push).ok();
    // A clone with a run of its own does not take in what would be too much with it.
    loads(&other, 9..10);
    is_too_much(other.qms("ann", &["evidence", "sync"]));
    // One more is too much with what is there: for a server, and for whoever judges by it.
    loads(&world, 4..5);
    is_too_much(world.git("ann", &["push", "-q", "origin", SPEC]));
    is_too_much(world.qms("ann", &["trace"]));
    is_too_much(world.qms("ann", &["trace", "write", "--check"]));
    let verified = world.qms("ann", &["verify"]);
    assert!(
        verified.out.contains("error[evidence-kept]"),
        "{}",
        verified.out
    );
    // What was pushed nowhere can go.
    let drop = [
        "fetch",
        "-q",
        "origin",
        "+refs/qms/evidence:refs/qms/evidence",
    ];
    world.git("ann", &drop).ok();
    let back = world.git("ann", &["rev-list", "--count", SPEC]).ok();
    assert_eq!(back.trim(), "5");
    // Another state has evidence of its own.
    put(&world, "src/add.py", &format!("{CODE}\n"));
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD).ok();
}

#[test]
fn a_run_that_is_too_much_is_not_kept() {
    let world = kept();
    loads(&world, 0..4);
    let full = world.git("ann", &["rev-parse", SPEC]).ok();
    // There is room for two lines, and this run names four.
    reports(&world, "", "3", "4,5");
    is_too_much(world.qms("ann", &ADD));
    assert_eq!(world.git("ann", &["rev-parse", SPEC]).ok(), full);
}
