//! Tests of one name in several places of a system, and which of them a case is a run of.

use super::super::super::item::{Item, Kind, Sort};
use super::super::super::places::tests::places;
use super::super::Outcome;
use super::tests::{case, item};
use super::{Runs, runs};

/// A file of the system, and what its `Cargo.toml` or `go.mod` is called.
type Files = (
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

/// Of an item in a system, each case (suite, class, name, file) with what is to be found: a run, none, or none for this reason.
fn assert_whose(item: &Item, (paths, manifests): Files, all: &[([&str; 4], Result<bool, &str>)]) {
    let here = places(paths, manifests);
    for ([suite, class, name, file], expected) in all {
        let mut case = case(suite, class, name);
        case.file = Some((*file).to_owned()).filter(|file| !file.is_empty());
        let cases = [case];
        let found = runs(&[item], &cases, &here);
        let said = match &found[0] {
            Runs::Of(of) => Ok(!of.is_empty()),
            Runs::Unclear(_, why) => Err(why.as_deref().unwrap_or_default()),
        };
        let is_so = match (&said, expected) {
            (Err(said), Err(why)) => said.contains(why),
            (said, expected) => said == expected,
        };
        assert!(is_so, "{suite}, {class}, {name}, {file}: {said:?}");
    }
}

const CRATES: Files = (
    &[
        "a/src/lib.rs",
        "a/src/x.rs",
        "a/tests/it/main.rs",
        "a/tests/it/x.rs",
        "a/src/bin/tool.rs",
        "b/src/main.rs",
        "b/src/x.rs",
        "b/src/only.rs",
        "b/tests/it/x.rs",
    ],
    &[("a/Cargo.toml", "a"), ("b/Cargo.toml", "b-b")],
);

#[test]
fn of_crates_with_files_of_one_name_each_has_its_own_runs() {
    let unit = item(Sort::Rust, "a/src/x.rs", &["x", "tests"], "t");
    assert_whose(
        &unit,
        CRATES,
        &[
            (["a", "a", "x::tests::t", ""], Ok(true)),
            (["b-b", "b-b", "x::tests::t", ""], Ok(false)),
            (["b_b", "b_b", "x::tests::t", ""], Ok(false)),
            (["a", "", "x::tests::t", ""], Ok(true)),
            (["b-b", "", "x::tests::t", ""], Ok(false)),
            (["a::bin/a", "a::bin/a", "x::tests::t", ""], Ok(true)),
            (["a::bin/tool", "a::bin/tool", "x::tests::t", ""], Ok(false)),
            (["a::it", "a::it", "x::tests::t", ""], Ok(false)),
            (["c", "c", "x::tests::t", ""], Ok(false)),
            (
                ["", "", "x::tests::t", ""],
                Err("`a/src/x.rs` or of `a/tests/it/x.rs` or of `b/src/x.rs` or of"),
            ),
            (["cargo test", "", "x::tests::t", ""], Err("could be of")),
            (["", "", "x::tests::t", "b/src/x.rs"], Ok(false)),
            (["", "", "x::tests::t", "a/src/x.rs"], Ok(true)),
        ],
    );
    let it = item(Sort::Rust, "b/tests/it/x.rs", &["x"], "t");
    assert_whose(
        &it,
        CRATES,
        &[
            (["", "b-b::it", "x::t", ""], Ok(true)),
            (["", "b_b::it", "x::t", ""], Ok(true)),
            (["", "a::it", "x::t", ""], Ok(false)),
            (["", "b-b", "x::t", ""], Ok(false)),
        ],
    );
    let only = item(Sort::Rust, "b/src/only.rs", &["only"], "t");
    assert_whose(&only, CRATES, &[(["", "", "only::t", ""], Ok(true))]);
    let root = item(Sort::Rust, "a/src/lib.rs", &["tests"], "t");
    assert_whose(
        &root,
        CRATES,
        &[
            (["", "a", "tests::t", ""], Ok(true)),
            (["", "a::bin/a", "tests::t", ""], Ok(false)),
            (["", "", "tests::t", ""], Err("`a/src/lib.rs` or of")),
        ],
    );
    let main = item(Sort::Rust, "b/src/main.rs", &["tests"], "t");
    assert_whose(
        &main,
        CRATES,
        &[
            (["", "b-b::bin/b-b", "tests::t", ""], Ok(true)),
            (["", "b-b", "tests::t", ""], Ok(false)),
        ],
    );
}

#[test]
fn a_package_whose_name_is_not_known_has_runs_where_it_is_the_only_one() {
    let unit = item(Sort::Rust, "a/src/x.rs", &["x", "tests"], "t");
    let of = |class| ["", class, "x::tests::t", ""];
    let one: Files = (&["a/src/x.rs"], &[("a/Cargo.toml", "")]);
    assert_whose(&unit, one, &[(of("any"), Ok(true))]);
    let two: Files = (
        &["a/src/x.rs", "b/src/y.rs"],
        &[("a/Cargo.toml", ""), ("b/Cargo.toml", "b")],
    );
    let why = "what that of `a/Cargo.toml` is called cannot be read";
    assert_whose(&unit, two, &[(of("any"), Err(why)), (of("b"), Ok(false))]);
    let none: Files = (&["a/src/x.rs", "b/src/y.rs"], &[]);
    let why = "no `Cargo.toml` says";
    assert_whose(&unit, none, &[(of("any"), Err(why))]);
    // Two workspaces may have packages of one name.
    let same: Files = (
        &["a/src/x.rs", "b/src/x.rs", "b/src/y.rs"],
        &[("a/Cargo.toml", "p"), ("b/Cargo.toml", "p")],
    );
    assert_whose(&unit, same, &[(of("p"), Err("or of `b/src/x.rs`"))]);
    let other = item(Sort::Rust, "b/src/y.rs", &["y"], "t");
    assert_whose(&other, same, &[(["", "p", "y::t", ""], Ok(true))]);
}

#[test]
fn a_report_that_began_in_a_folder_speaks_of_what_is_only_there() {
    let python = item(Sort::Python, "a/tests/test_x.py", &["TestC"], "test_y");
    let files: Files = (
        &[
            "a/tests/test_x.py",
            "b/tests/test_x.py",
            "b/tests/test_z.py",
        ],
        &[],
    );
    let both = "could be of `a/tests/test_x.py` or of `b/tests/test_x.py`";
    let of = |class, file| ["pytest", class, "test_y", file];
    assert_whose(
        &python,
        files,
        &[
            (of("a.tests.test_x.TestC", ""), Ok(true)),
            (of("b.tests.test_x.TestC", ""), Ok(false)),
            (of("tests.test_x.TestC", ""), Err(both)),
            (of("test_x.TestC", ""), Err(both)),
            (of("tests.test_x.TestC", "tests/test_x.py"), Err(both)),
            (of("tests.test_x.TestC", "/w/a/tests/test_x.py"), Ok(true)),
            (of("tests.test_x.TestC", "/w/b/tests/test_x.py"), Ok(false)),
            (of("tests.test_x.TestD", "/w/a/tests/test_x.py"), Ok(false)),
            (of("w.a.tests.test_x.TestC", ""), Ok(true)),
        ],
    );
    let mut file = item(Sort::Python, "a/tests/test_x.py", &[], "");
    file.kind = Kind::File;
    assert_whose(
        &file,
        files,
        &[
            (of("a.tests.test_x.TestC", ""), Ok(true)),
            (of("tests.test_x", ""), Err(both)),
            (of("b.tests.test_x", ""), Ok(false)),
        ],
    );
    let script = item(Sort::Script, "a/src/x.test.ts", &["d"], "adds");
    let files: Files = (&["a/src/x.test.ts", "b/src/x.test.ts"], &[]);
    let of = |suite, file| [suite, suite, "d > adds", file];
    assert_whose(
        &script,
        files,
        &[
            (of("a/src/x.test.ts", ""), Ok(true)),
            (of("b/src/x.test.ts", ""), Ok(false)),
            (of("src/x.test.ts", ""), Err("or of `b/src/x.test.ts`")),
            (of("x.test.ts", ""), Err("or of `b/src/x.test.ts`")),
            (of("/w/a/src/x.test.ts", ""), Ok(true)),
            (of("d", "src/x.test.ts"), Err("could be of")),
            (of("d", "b/src/x.test.ts"), Ok(false)),
        ],
    );
}

/// Results are never taken back: what was run in a folder by mistake is not in the way of what is run at the root.
#[test]
fn what_is_surely_a_run_is_not_doubted_for_what_only_may_be_one() {
    let python = item(Sort::Python, "a/tests/test_x.py", &[], "test_y");
    let here = places(&["a/tests/test_x.py", "b/tests/test_x.py"], &[]);
    let mut cases = ["tests.test_x", "a.tests.test_x"].map(|class| case("", class, "test_y"));
    let found = runs(&[&python], &cases, &here);
    assert_eq!(found, [Runs::Of(vec![&cases[1]])]);
    cases[0].outcome = Outcome::Fail("no".to_owned());
    let found = runs(&[&python], &cases, &here);
    assert!(matches!(&found[..], [Runs::Unclear(of, Some(_))] if of.len() == 2));
}

/// Whoever began in `a` calls its test as that at the root is called.
#[test]
fn a_path_is_the_one_at_the_root_where_the_others_are_named_in_full() {
    let root = item(Sort::Python, "tests/test_x.py", &[], "test_y");
    let here = places(&["tests/test_x.py", "a/tests/test_x.py"], &[]);
    let mut cases = vec![case("pytest", "tests.test_x", "test_y")];
    let why = "could be of `tests/test_x.py` or of `a/tests/test_x.py`".to_owned();
    let unclear = Runs::Unclear(vec![&cases[0]], Some(why));
    assert_eq!(runs(&[&root], &cases, &here), [unclear]);
    let of_class = case("pytest", "a.tests.test_x.TestC", "test_z");
    for other in [case("pytest", "a.tests.test_x", "test_z"), of_class] {
        cases.truncate(1);
        cases.push(other);
        assert_eq!(runs(&[&root], &cases, &here), [Runs::Of(vec![&cases[0]])]);
    }
    cases[1] = case("pytest", "a.tests.test_xx", "test_z");
    assert!(matches!(
        runs(&[&root], &cases, &here)[..],
        [Runs::Unclear(..)]
    ));
}

#[test]
fn packages_of_go_are_known_by_what_they_are_imported_as() {
    let go = item(Sort::Go, "a/x/a_test.go", &[], "TestA");
    let files = &["a/x/a_test.go", "b/x/b_test.go", "b/y/c_test.go"];
    let known: Files = (files, &[("a/go.mod", "g.com/a"), ("b/go.mod", "g.com/b")]);
    let of = |suite, class| [suite, class, "TestA/sub", ""];
    assert_whose(
        &go,
        known,
        &[
            (of("g.com/a/x", "g.com/a/x"), Ok(true)),
            (of("g.com/b/x", "g.com/b/x"), Ok(false)),
            (of("", "g.com/c/a/x"), Ok(false)),
            (of("g.com/a/x", "x"), Ok(true)),
            (of("g.com/b/x", "x"), Ok(false)),
            (of("", "x"), Err("could be of `a/x` or of `b/x`")),
            (of("", "y"), Ok(false)),
        ],
    );
    let unknown: Files = (files, &[]);
    assert_whose(
        &go,
        unknown,
        &[
            (of("", "g.com/m/a/x"), Ok(true)),
            (of("", "g.com/m/b/x"), Ok(false)),
            (of("", "x"), Err("could be of `a/x` or of `b/x`")),
        ],
    );
    let root = item(Sort::Go, "a_test.go", &[], "TestA");
    let files: Files = (&["a_test.go", "x/b_test.go"], &[("go.mod", "g.com/m")]);
    assert_whose(
        &root,
        files,
        &[
            (of("", "g.com/m"), Ok(true)),
            (of("", "m"), Ok(true)),
            (of("", "g.com/m/x"), Ok(false)),
        ],
    );
}

#[test]
fn names_that_say_no_file_are_those_of_the_only_one() {
    let c = item(Sort::C, "a/test_a.cc", &["Suite"], "Name");
    let of = |file| ["Suite", "Suite", "Name", file];
    assert_whose(
        &c,
        (&["a/test_a.cc", "src/a.cc"], &[]),
        &[(of(""), Ok(true))],
    );
    let both: Files = (&["a/test_a.cc", "b/test_b.cc"], &[]);
    assert_whose(
        &c,
        both,
        &[
            (of(""), Err("could be of `a/test_a.cc` or of `b/test_b.cc`")),
            (of("/w/a/test_a.cc"), Ok(true)),
            (of("/w/b/test_b.cc"), Ok(false)),
        ],
    );
    let path = "m/src/test/java/com/x/ATest.java";
    let java = item(Sort::Java, path, &["com.x", "ATest"], "one");
    let of = |file| ["x", "com.x.ATest", "one", file];
    let one: Files = (
        &[
            "m/src/test/java/com/x/ATest.java",
            "n/src/test/java/com/y/ATest.java",
        ],
        &[],
    );
    assert_whose(&java, one, &[(of(""), Ok(true))]);
    let both: Files = (
        &[
            "m/src/test/java/com/x/ATest.java",
            "n/src/test/java/com/x/ATest.java",
        ],
        &[],
    );
    assert_whose(
        &java,
        both,
        &[
            (of(""), Err("or of `n/src/test/java/com/x/ATest.java`")),
            (of("n/src/test/java/com/x/ATest.java"), Ok(false)),
            (of("m/src/test/java/com/x/ATest.java"), Ok(true)),
        ],
    );
}
