//! What other tools have called verified, each with its name, and that it is not here.

use super::super::links::{File, links};
use super::super::requirement;
use super::super::scan::Scanner;
use super::sample::{CODE, PASSED, Sample, cases, covered};
use super::*;

/// The class, and that the reasons say so.
pub(super) fn assert_class(verdict: &Verdict, class: Class, why: &str) {
    let said = |r: &Reason| r.says.contains(why);
    assert!(
        verdict.class == class && verdict.reasons.iter().any(said),
        "{why}: {verdict:#?}"
    );
}

fn ended(ending: &str) -> Option<String> {
    Some(cases(&format!(
        "<testcase classname=\"q::it\" name=\"halves\">{ending}</testcase>"
    )))
}

#[test]
fn nothing_wrong() {
    let verdict = Sample::good().verdict();
    assert_eq!(
        (verdict.class, verdict.reasons.len()),
        (Class::Verified, 0),
        "{verdict:#?}"
    );
    assert_eq!(
        verdict.share,
        Some(Share {
            executed: 5,
            executable: 5
        })
    );
    assert_eq!(verdict.warnings, []);
    let remembered = Sample::with(|s| s.last = Some(Sample::remembered()));
    assert_eq!(remembered.class, Class::Verified);
}

#[test]
fn failed_test_linked() {
    let verdict = Sample::with(|s| s.junit = ended("<failure message=\"4 is not 2\"/>"));
    assert_class(&verdict, Class::Failed, "failed: 4 is not 2");
}

#[test]
fn error_instead_of_failure() {
    let verdict = Sample::with(|s| s.junit = ended("<error>no such file</error>"));
    assert_class(&verdict, Class::Failed, "broke: no such file");
    // Of the whole suite: nobody knows which tests it kept from running.
    let verdict =
        Sample::with(|s| s.junit = Some(cases(&format!("{PASSED}<error message=\"crash\"/>"))));
    assert_class(&verdict, Class::NotRun, "ended with <error>: crash");
}

#[test]
fn skipped() {
    let verdict = Sample::with(|s| s.junit = ended("<skipped message=\"slow\"/>"));
    assert_class(&verdict, Class::NotRun, "was not run: slow");
}

#[test]
fn result_missing() {
    let other = cases("<testcase classname=\"q::it\" name=\"other\"/>");
    assert_class(
        &Sample::with(|s| s.junit = Some(other)),
        Class::NotRun,
        "is not in the results",
    );
    assert_class(
        &Sample::with(|s| s.junit = None),
        Class::NotRun,
        "there is no evidence",
    );
    let cut = cases(PASSED).replace("</testsuites>", "");
    assert_class(
        &Sample::with(|s| s.junit = Some(cut)),
        Class::NotRun,
        "the file ends within",
    );
    let fewer = cases(PASSED).replace("name=\"q::it\">", "name=\"q::it\" tests=\"363\">");
    assert_class(
        &Sample::with(|s| s.junit = Some(fewer)),
        Class::NotRun,
        "says tests 363, and has 1",
    );
}

#[test]
fn result_older_than_the_code() {
    let verdict = Sample::with(|s| s.binding = Binding::Other("1c2d3e4".to_owned()));
    assert_class(&verdict, Class::NotRun, "of another state: 1c2d3e4");
    let verdict = Sample::with(|s| {
        s.binding = Binding::Other("1c2d3e4".to_owned());
        s.last = Some(Sample::remembered());
        s.code = CODE.replace("n / 2", "n >> 1");
    });
    assert_class(&verdict, Class::Suspect, "`a::half` is not as it was");
    let verdict = Sample::with(|s| {
        s.binding = Binding::Other("1c2d3e4".to_owned());
        s.last = Some(Sample::remembered());
        s.tests = s.tests.replace("half(3)", "half(5)");
    });
    assert_class(&verdict, Class::Suspect, "`halves` is not as it was");
}

#[test]
fn dirty_tree() {
    assert_class(
        &Sample::with(|s| s.binding = Binding::Dirty),
        Class::NotRun,
        "no commit's",
    );
}

#[test]
fn requirement_reworded() {
    let verdict = Sample::with(|s| {
        s.last = Some(Sample::remembered());
        s.document = s.document.replace("It halves", "It halves at once");
    });
    assert_class(&verdict, Class::Suspect, "reworded");
    let verdict = Sample::with(|s| {
        s.last = Some(Sample::remembered());
        s.document = s
            .document
            .replace("It halves.", "It\u{a0}halves. (class: C)");
    });
    assert_class(&verdict, Class::Suspect, "reworded");
}

#[test]
fn unknown_id() {
    let verdict = Sample::with(|s| s.tests = s.tests.replace("REQ-Q-001", "REQ-Q-010"));
    assert_class(&verdict, Class::Untested, "no test is tagged");
    let requirements = requirement::read("- REQ-Q-001: x (also: req~x~1)", 0, "REQ-Q-*").all;
    let tags =
        Scanner::new(["REQ-Q-*"]).tags(b"a.rs", b"// [REQ-Q-010] [impl->req~x~1]\nfn a() {}\n");
    let path = "a.rs".to_owned();
    let standings = super::super::item::standings(
        b"a.rs",
        b"// [REQ-Q-010] [impl->req~x~1]\nfn a() {}\n",
        &tags,
    );
    let files = [File {
        path,
        tags,
        standings,
    }];
    let found = links(&requirements, &files);
    assert_eq!(
        (found.unknown.len(), found.unknown[0].1.id.as_str()),
        (1, "REQ-Q-010")
    );
    assert_eq!(
        found.of[0].as_ref().map(|linked| linked.code.len()),
        Some(1)
    );
}

#[test]
fn test_without_assertion() {
    let verdict = Sample::with(|s| s.tests = s.tests.replace("assert_eq!", "drop"));
    assert_class(&verdict, Class::Untested, "`halves` asserts nothing");
    assert_eq!(verdict.warnings.len(), 1);
    let truth = Sample::with(|s| {
        s.tests =
            "// Verifies: REQ-Q-001\n#[test]\nfn halves() { half(4); assert!(true); }\n".to_owned()
    });
    assert_class(&truth, Class::Untested, "asserts nothing");
}

#[test]
fn tag_on_a_dead_function() {
    let all = [2, 3, 4, 6, 7];
    let verdict = Sample::with(|s| {
        s.own = vec![("halves", covered(&all))];
        s.run = Some(covered(&all));
    });
    assert_class(
        &verdict,
        Class::Untested,
        "executed 0 of 5 lines of `a::half`, not 2-4, 6-7",
    );
    // Compilers leave it out of what they measure.
    let verdict = Sample::with(|s| {
        s.own = vec![("halves", "SF:src/b.rs\nDA:1,1\nend_of_record\n".to_owned())];
        s.run = None;
    });
    assert_class(
        &verdict,
        Class::PassedCoverageUnknown,
        "no executable line of `a::half`",
    );
}

#[test]
fn test_that_runs_but_not_the_implementation() {
    // Others ran it, so that the coverage of the run looks good: the founding failure.
    let verdict = Sample::with(|s| s.own = vec![("halves", covered(&[2, 3, 4, 6, 7]))]);
    assert_class(&verdict, Class::Untested, "its tests executed 0 of 5 lines");
    let verdict = Sample::with(|s| {
        s.own = vec![("halves", "SF:src/b.rs\nDA:1,1\nend_of_record\n".to_owned())]
    });
    assert_class(&verdict, Class::Untested, "its tests executed 0 of 5 lines");
}

#[test]
fn coverage_of_another_commit() {
    let verdict = Sample::with(|s| s.measured = Binding::Other("1c2d3e4".to_owned()));
    assert_class(&verdict, Class::PassedCoverageUnknown, "of another state");
}

#[test]
fn tag_on_a_function_of_which_the_test_runs_only_the_first_half() {
    let half = |s: &mut Sample| s.own = vec![("halves", covered(&[6, 7]))];
    assert_class(
        &Sample::with(half),
        Class::Untested,
        "executed 3 of 5 lines of `a::half`, not 6-7",
    );
    // The policy may ask for less, but not of what is new.
    let less = |s: &mut Sample| {
        half(s);
        s.wanted = 60;
        s.changed = Some(Changed::new());
    };
    let verdict = Sample::with(less);
    assert_eq!(
        (verdict.class, verdict.wanted),
        (Class::Verified, 60),
        "{verdict:#?}"
    );
    assert_eq!(
        verdict.share,
        Some(Share {
            executed: 3,
            executable: 5
        })
    );
    let new = Sample::with(|s| {
        less(s);
        s.changed = Some([("src/a.rs".to_owned(), [6].into())].into());
    });
    assert_class(&new, Class::Untested, "not 6");
    let unknown = Sample::with(|s| {
        less(s);
        s.changed = None;
    });
    assert_class(&unknown, Class::Untested, "not 6-7");
}

#[test]
fn duplicate_test_names_in_two_suites() {
    let other =
        "</testsuite><testsuite name=\"p::it\"><testcase classname=\"p::it\" name=\"halves\"/>";
    let verdict = Sample::with(|s| s.junit = Some(cases(&format!("{PASSED}{other}"))));
    assert_class(&verdict, Class::NotRun, "`halves` could be several tests");
    let failing = other
        .replace("/>", "><failure/></testcase>")
        .replace("<testsuite name=\"p::it\"></", "</");
    let verdict = Sample::with(|s| s.junit = Some(cases(&format!("{PASSED}{failing}"))));
    assert_eq!(verdict.class, Class::Failed);
    // Twice in one suite: both count.
    let twice = "<testcase classname=\"q::it\" name=\"halves\"><skipped/></testcase>";
    assert_class(
        &Sample::with(|s| s.junit = Some(cases(&format!("{PASSED}{twice}")))),
        Class::NotRun,
        "was not run",
    );
}

#[test]
fn parametrized_tests() {
    let case = |n: u8, ending: &str| {
        format!("<testcase classname=\"q::it\" name=\"halves::case_{n}\">{ending}</testcase>")
    };
    let of = |two: &str| Sample::with(|s| s.junit = Some(cases(&(case(1, "") + &case(2, two)))));
    assert_eq!(of("").class, Class::Verified);
    assert_class(&of("<failure/>"), Class::Failed, "halves::case_2` failed");
    assert_class(
        &of("<skipped/>"),
        Class::NotRun,
        "halves::case_2` was not run",
    );
}

#[test]
fn retried_flaky_test() {
    assert_class(
        &Sample::with(|s| s.junit = ended("<flakyFailure/>")),
        Class::Failed,
        "failed 1 times before it passed",
    );
    assert_class(
        &Sample::with(|s| s.junit = ended("<failure/><rerunFailure/>")),
        Class::Failed,
        "failed",
    );
}

#[test]
fn namesake_in_another_crate() {
    let crates = |s: &mut Sample, junit: &str| {
        s.beside = vec!["b/src/lib.rs", "b/tests/it/main.rs"];
        s.manifests = vec![("Cargo.toml", "q"), ("b/Cargo.toml", "b")];
        s.junit = Some(cases(&PASSED.replace("q::it", junit)));
        s.own = vec![("q::it$halves", covered(&[]))];
    };
    let of = |junit: &str| Sample::with(|s| crates(s, junit));
    assert_eq!(of("q::it").class, Class::Verified);
    assert_class(&of("b::it"), Class::NotRun, "is not in the results");
    let unsaid = Sample::with(|s| {
        crates(s, "");
        s.junit = s.junit.take().map(|junit| junit.replace("q::it", ""));
    });
    let said = "could be of `tests/it/main.rs` or of `b/src/lib.rs` or of `b/tests/it/main.rs`; let the report";
    assert_class(&unsaid, Class::NotRun, said);
    let nameless = Sample::with(|s| {
        crates(s, "q::it");
        s.manifests[0] = ("Cargo.toml", "");
    });
    assert_class(&nameless, Class::NotRun, "cannot be read");
    // What was measured says whose it is, or is nobody's.
    let measured = |name| {
        Sample::with(|s| {
            crates(s, "q::it");
            s.own = vec![(name, covered(&[]))];
        })
    };
    assert_eq!(measured("q::it$halves").class, Class::Verified);
    for name in ["halves", "b::it$halves"] {
        let verdict = measured(name);
        assert_class(&verdict, Class::VerifiedInRun, "its own tests did");
        let said = "could be of `tests/it/main.rs` or of `b/src/lib.rs` or of `b/tests/it/main.rs`; name it `tests/it/main.rs::halves`";
        let warned = verdict.warnings.iter().any(|w| w.says.contains(said));
        assert_eq!(warned, name == "halves", "{verdict:#?}");
    }
}

#[test]
fn namesake_in_another_folder() {
    let of = |beside: &'static str, class: &str, own: &'static str| {
        Sample::with(|s| {
            s.place = "a/tests/test_x.py";
            s.tests = "# Verifies: REQ-Q-001\ndef test_y():\n    assert half(4) == 2\n".to_owned();
            s.beside = vec![beside];
            let case = format!("<testcase classname=\"{class}\" name=\"test_y\"/>");
            s.junit = Some(cases(&case));
            s.own = vec![(own, covered(&[]))];
        })
    };
    let b = "b/tests/test_x.py";
    let (full, short) = ("a/tests/test_x.py::test_y", "tests/test_x.py::test_y");
    assert_eq!(of(b, "a.tests.test_x", full).class, Class::Verified);
    // Nothing else is called so.
    let other = "b/tests/test_z.py";
    assert_eq!(of(other, "tests.test_x", short).class, Class::Verified);
    assert_class(
        &of(b, "tests.test_x", full),
        Class::NotRun,
        "`q::it / tests.test_x / test_y` of the results could be of `a/tests/test_x.py` or of `b/tests/test_x.py`; run all",
    );
    assert_class(
        &of(b, "b.tests.test_x", full),
        Class::NotRun,
        "is not in the results",
    );
    assert_class(
        &of(b, "a.tests.test_x", short),
        Class::VerifiedInRun,
        "whether its own tests did was not measured",
    );
}

#[test]
fn namesake_that_was_verified_before() {
    let verdict = Sample::with(|s| {
        s.binding = Binding::Other("1c2d3e4".to_owned());
        s.last = Some(Sample::remembered());
        s.place = "b/tests/it/main.rs";
    });
    assert_class(&verdict, Class::Suspect, "`halves` is not as it was");
    let gone = "test `tests/it/main.rs::halves`, with which it was last verified, is no longer";
    assert_class(&verdict, Class::Suspect, gone);
}
