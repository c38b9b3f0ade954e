//! Ways around the evidence that somebody once found. Source: incidents.md, I-08e, I-09b; threats.md.

use crate::evidence::{ADD, CODE, TEST, is, reports};
use crate::qualified::{looks_away, matrix, shown, worked};
use crate::trace::{put, traced_at};

// Verifies: REQ-QMS-CMD-EVIDENCE-ADD
#[test]
fn i_08e_what_ran_out_of_the_system_shows_nothing_of_it() {
    let world = traced_at(&["svc/**"]);
    put(&world, "svc/src/add.py", CODE);
    put(&world, "svc/tests/test_add.py", TEST);
    // The same names at the root are no part of the system, and only they ran.
    let tagless = |text: &str| text.split_once('\n').expect("a tag").1.to_owned();
    put(&world, "src/add.py", &tagless(CODE));
    put(&world, "tests/test_add.py", &tagless(TEST));
    reports(&world, "", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    is(&world, "not run", "could be of `svc/tests/test_add.py`");
    let said = world.qms("ann", &["trace"]);
    assert_eq!(said.code, 1, "{}", said.out);
}

#[test]
fn a_change_does_not_take_away_the_system_that_it_touched() {
    let why = "CLI: SDLC-CLI-RTM is not in force";
    looks_away("CLJ: {code: [doc/**]}", why);
    looks_away("CLI: {code: [src/**], ids: REQ-NONE-*}", why);
}

/// A served repository in which the tag of a baseline was made by hand, and pushed.
#[test]
fn a_tag_that_says_qualified_is_asked_what_qualify_asks() {
    let (world, _) = worked();
    shown(&world, "<failure message=\"no\"/>");
    world.serve();
    let evidence = ["push", "-q", "origin", "refs/qms/evidence"];
    world.git("ann", &evidence).ok();
    let tip = world.git("ann", &["rev-parse", "refs/qms/evidence"]).ok();
    let listed = world.json("ann", &["evidence", "list"]);
    let digest = listed[0]["digest"].as_str().expect("a digest").to_owned();
    let message = format!(
        "Qualify CLI-6.0\n\nSystem: CLI\nSpecification: SDLC-CLI-RS 1.0\nMatrix: SDLC-CLI-RTM 1.0\nEvidence: {}\nDigest: {digest}\n",
        tip.trim()
    );
    let forged = ["tag", "-a", "qualified/CLI-6.0", "-m", &message];
    world.git("ann", &forged).ok();
    let push = ["push", "-q", "origin", "qualified/CLI-6.0"];
    let said = world.git("ann", &push);
    assert!(
        said.code != 0 && said.err.contains("SDLC-CLI-RTM is not in force"),
        "{}",
        said.err
    );
    let said = world.qms("ann", &["baselines"]);
    assert!(
        said.code == 1 && said.out.contains("REQ-CLI-001 is failed"),
        "{}",
        said.out
    );
    for (name, args) in [
        ("qualified/light", vec!["tag", "qualified/light"]),
        (
            "qualified/silent",
            vec!["tag", "-a", "-m", "Six", "qualified/silent"],
        ),
    ] {
        world.git("ann", &args).ok();
        let said = world.git("ann", &["push", "-q", "origin", name]);
        assert!(
            said.code != 0 && said.err.contains("error[release-tag]"),
            "{}",
            said.err
        );
    }
    // One that qualify makes is taken.
    let (world, _) = worked();
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    let qualify = ["qualify", "CLI", "--release", "CLI-6.0"];
    world.qms("ann", &qualify).ok();
    world.serve();
    world.git("ann", &evidence).ok();
    world.git("ann", &push).ok();
}

#[test]
fn records_name_lines_that_are_there() {
    let (world, _) = worked();
    world.serve();
    shown(&world, "");
    let path = world
        .git(
            "ann",
            &["ls-tree", "-r", "--name-only", "refs/qms/evidence"],
        )
        .ok();
    let at = format!("refs/qms/evidence:{}", path.trim());
    let text = world.git("ann", &["show", &at]).ok();
    let folder = path.trim().rsplit_once('/').expect("a folder").0.to_owned();
    for (from, to, why) in [
        ("\"3-5\"", "\"3-4000\"", "names line 4000 of `src/add.py`"),
        ("\"src/add.py\"", "\"src/none.py\"", "no file of it"),
    ] {
        let text = text.replace(from, to);
        let place = format!("{folder}/BLOB.json");
        let say = "Add\n\nQMS-Actor: ann";
        crate::evidence::forged(&world, "ann", &[(&place, &text)], say);
        let said = world.git("ann", &["push", "-qf", "origin", "refs/qms/evidence"]);
        let words = said.err.split_whitespace().filter(|w| *w != "remote:");
        let flat = words.collect::<Vec<_>>().join(" ");
        assert!(said.code != 0 && flat.contains(why), "{why}: {flat}");
    }
}

#[test]
fn what_only_a_clone_ignores_is_not_left_out() {
    let (world, _) = worked();
    world.write(".git/info/exclude", "conftest.py\n");
    world.write("src/conftest.py", "raise SystemExit\n");
    reports(&world, "", "3,4,5", "");
    let said = world.qms("ann", &ADD);
    assert!(
        said.code == 2 && said.err.contains("src/conftest.py"),
        "{}",
        said.err
    );
}
