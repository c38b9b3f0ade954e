//! Names of tests as runners write them, and whose they are.

use super::super::super::item::{Checks, Lines};
use super::super::super::places::tests::places;
use super::super::Outcome;
use super::*;

pub(crate) fn item(sort: Sort, path: &str, scope: &[&str], name: &str) -> Item {
    Item {
        path: path.to_owned(),
        scope: scope.iter().map(|s| (*s).to_owned()).collect(),
        name: name.to_owned(),
        sort,
        kind: Kind::Function,
        is_test: true,
        in_tests: true,
        lines: Lines { first: 1, last: 2 },
        body: Vec::new(),
        excluded: Vec::new(),
        fingerprint: String::new(),
        checks: Checks::default(),
    }
}

pub(super) fn case(suite: &str, class: &str, name: &str) -> Case {
    Case {
        suite: suite.to_owned(),
        class: class.to_owned(),
        name: name.to_owned(),
        file: None,
        outcome: Outcome::Pass,
        reruns: 0,
        time: None,
    }
}

#[test]
fn runners_names_are_understood() {
    let rust = item(Sort::Rust, "src/a.rs", &["a", "tests"], "b");
    let it = item(Sort::Rust, "tests/it/a.rs", &["a"], "b");
    let python = item(Sort::Python, "tests/test_a.py", &["TestC"], "test_b");
    let script = item(Sort::Script, "src/a.test.ts", &["d"], "adds");
    let each = item(Sort::Script, "src/a.test.ts", &["d"], "adds %i to $b.c now");
    let go = item(Sort::Go, "pkg/x/a_test.go", &[], "TestA");
    let c = item(Sort::C, "t/a_test.cc", &["Suite"], "Name");
    let java = item(
        Sort::Java,
        "src/test/java/com/x/A.java",
        &["com.x", "A", "Inner"],
        "one",
    );
    for (item, suite, class, name, is) in [
        (&rust, "qms", "qms", "a::tests::b", true),
        (&rust, "qms", "qms", "a::tests::b::case_1", true),
        (&rust, "qms", "qms", "a::tests::bb", false),
        (&rust, "qms", "qms", "x::a::tests::b", false),
        (&rust, "qms::it", "qms::it", "a::tests::b", false),
        (&it, "qms::it", "qms::it", "a::b", true),
        (&it, "qms", "qms", "a::b", false),
        (&python, "pytest", "tests.test_a.TestC", "test_b", true),
        (&python, "pytest", "test_a.TestC", "test_b[1-x]", true),
        (&python, "pytest", "sub.tests.test_a.TestC", "test_b", true),
        (&python, "pytest", "tests.test_a", "test_b", false),
        (&python, "pytest", "TestC", "test_b", false),
        (&python, "pytest", "tests.test_a.TestC", "test_bb", false),
        (&script, "src/a.test.ts", "src/a.test.ts", "d > adds", true),
        (&script, "d", "/w/src/a.test.ts", "d adds", true),
        (&script, "src/b.test.ts", "src/b.test.ts", "d > adds", false),
        (
            &each,
            "src/a.test.ts",
            "src/a.test.ts",
            "d > adds 12 to 3 now",
            true,
        ),
        (
            &each,
            "src/a.test.ts",
            "src/a.test.ts",
            "d > adds 12 to 3 later",
            false,
        ),
        (&go, "g.com/m/pkg/x", "g.com/m/pkg/x", "TestA", true),
        (&go, "g.com/m/pkg/x", "x", "TestA/sub", true),
        (&go, "g.com/m/pkg/y", "g.com/m/pkg/y", "TestA", false),
        (&c, "Suite", "Suite", "Name", true),
        (&c, "I/Suite", "I/Suite", "Name/0", true),
        (&c, "Other", "Other", "Name", false),
        (&java, "x", "com.x.A$Inner", "one", true),
        (&java, "x", "com.x.A$Inner", "one(int)[1]", true),
        (&java, "x", "com.x.A", "one", false),
    ] {
        let cases = [case(suite, class, name)];
        let found = runs(&[item], &cases, &places(&[&item.path], &[]));
        let expected = if is { vec![&cases[0]] } else { vec![] };
        assert_eq!(found, [Runs::Of(expected)], "{class} {name}");
    }
}

#[test]
fn what_could_be_two_tests_is_unclear() {
    let rust = item(Sort::Rust, "x/src/a.rs", &["a"], "b");
    let cases = [case("x", "x", "a::b"), case("y", "y", "a::b")];
    let here = places(&["x/src/a.rs"], &[]);
    assert_eq!(
        runs(&[&rust], &cases, &here),
        [Runs::Unclear(cases.iter().collect(), None)]
    );
    let one = item(Sort::Python, "p/test_a.py", &[], "test_b");
    let two = item(Sort::Python, "q/test_a.py", &[], "test_b");
    let cases = [case("pytest", "test_a", "test_b")];
    let here = places(&[&one.path, &two.path], &[]);
    let unclear = |of: &str| Runs::Unclear(vec![&cases[0]], Some(of.to_owned()));
    assert_eq!(
        runs(&[&one, &two], &cases, &here),
        [
            unclear("could be of `p/test_a.py` or of `q/test_a.py`"),
            unclear("could be of `q/test_a.py` or of `p/test_a.py`"),
        ]
    );
}

#[test]
fn a_file_of_tests_has_all_its_cases() {
    let mut file = item(Sort::Python, "tests/test_a.py", &[], "");
    file.kind = Kind::File;
    let cases = [
        case("", "tests.test_a", "x"),
        case("", "tests.test_a.C", "y"),
        case("", "tests.test_b", "z"),
    ];
    assert_eq!(
        runs(&[&file], &cases, &places(&[&file.path], &[])),
        [Runs::Of(cases[..2].iter().collect())]
    );
    let mut file = item(Sort::Rust, "src/a.rs", &["a"], "");
    file.kind = Kind::File;
    let cases = ["a::tests::x", "a::y", "ab::z"].map(|name| case("q", "q", name));
    let found = runs(&[&file], &cases, &places(&[&file.path], &[]));
    assert_eq!(found, [Runs::Of(cases[..2].iter().collect())]);
}
