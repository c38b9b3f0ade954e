//! What else keeps a requirement from being verified, and what only makes one doubt it.

use super::false_green::assert_class;
use super::sample::{PASSED, Sample, cases, covered};
use super::*;

#[test]
fn a_test_that_verified_it_and_is_gone() {
    let verdict = Sample::with(|s| {
        let mut last = Sample::remembered();
        let gone = ("quarters".to_owned(), "sha256:0".to_owned());
        let tests = last.tests.iter().map(|(a, b)| (a.clone(), b.clone()));
        last.tests = tests.chain([gone]).collect();
        s.last = Some(last);
    });
    assert_class(
        &verdict,
        Class::Suspect,
        "test `quarters`, with which it was last verified, is no longer tagged",
    );
}

#[test]
fn doubts_are_warnings() {
    let verdict = Sample::with(|s| {
        s.tests = s
            .tests
            .replace("half(3), None", "x, x")
            .replace("halves", "halves_40");
        s.junit = Some(cases(&PASSED.replace("halves", "halves_40")));
        s.own = vec![("halves_40", covered(&[]))];
        s.tests += "// [REQ-Q-001]\n";
    });
    let said: Vec<_> = verdict
        .warnings
        .iter()
        .map(|w| (w.line, w.says.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (2, "`halves_40` is tagged with 40 requirements"),
            (6, "`halves_40` compares a thing with itself"),
            (8, "the tag stands on nothing, and counts for nothing"),
        ]
    );
    assert_eq!(verdict.class, Class::Verified);
}

#[test]
fn startup_needs_a_process() {
    let startup =
        |s: &mut Sample| s.document = s.document.replace("halves.", "halves. (kind: startup)");
    assert_class(
        &Sample::with(startup),
        Class::NotRun,
        "no process was started",
    );
    let with = |state: ProofState| {
        Sample::with(|s| {
            startup(s);
            let place = "run 7".to_owned();
            s.proofs = vec![Proof {
                kind: Kind::Startup,
                place,
                state,
            }];
        })
    };
    assert_eq!(with(ProofState::Holds).class, Class::Verified);
    assert_class(
        &with(ProofState::Failed("port 8000 never opened".to_owned())),
        Class::Failed,
        "never opened",
    );
    assert_class(
        &with(ProofState::Stale("VR-001 is DRAFT".to_owned())),
        Class::Suspect,
        "DRAFT",
    );
}

#[test]
fn nothing_in_tests_implements() {
    let verdict = Sample::with(|s| {
        s.code = s.code.replace("// [REQ-Q-001]", "");
        s.tests += "// Implements: REQ-Q-001\nfn half(n: u32) -> Option<u32> { None }\n";
    });
    assert_class(
        &verdict,
        Class::Unimplemented,
        "nothing is tagged as implementing",
    );
    let helper = Sample::with(|s| s.tests += "// [REQ-Q-001]\nfn help() {}\n");
    assert_class(&helper, Class::NotRun, "`help` is not in the results");
}

#[test]
fn coverage_of_the_whole_run_is_a_class_of_its_own() {
    assert_class(
        &Sample::with(|s| s.own.clear()),
        Class::VerifiedInRun,
        "whether its own tests did",
    );
    let none = |s: &mut Sample| {
        s.own.clear();
        s.run = None;
    };
    assert_class(
        &Sample::with(none),
        Class::PassedCoverageUnknown,
        "no coverage says",
    );
    let little = Sample::with(|s| {
        s.own.clear();
        s.run = Some(covered(&[4]));
    });
    assert_class(
        &little,
        Class::Untested,
        "the run executed 4 of 5 lines of `a::half`, not 4",
    );
}

#[test]
fn coverage_that_names_executed_lines_only() {
    let verdict = Sample::with(|s| s.run = None);
    assert_class(
        &verdict,
        Class::PassedCoverageUnknown,
        "does not say which lines of `a::half` were not executed",
    );
    let other = "SF:src/b.rs\nDA:1,0\nend_of_record\n";
    let told = Sample::with(|s| {
        s.run = None;
        s.own = vec![("halves", covered(&[]) + other)];
    });
    assert_eq!(told.class, Class::Verified);
}

#[test]
fn a_module_of_tests_that_assert_nothing() {
    let of = |body: &str| {
        Sample::with(|s| {
            s.tests = format!(
                "// Verifies: REQ-Q-001\nmod tests {{\n#[test]\nfn halves() {{ {body}; }}\n}}\n"
            );
            s.junit = Some(cases(&PASSED.replace("halves", "tests::halves")));
            s.own = vec![("tests::halves", covered(&[]))];
        })
    };
    assert_class(&of("half(4)"), Class::Untested, "`tests` asserts nothing");
    assert_eq!(of("assert_eq!(half(4), Some(2))").class, Class::Verified);
}
