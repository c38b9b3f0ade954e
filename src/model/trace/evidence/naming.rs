//! Which cases of a report are runs of a tagged test. Runners name one test in their own ways; what could be two
//! tests is none's.

use std::collections::{BTreeMap, BTreeSet};

use super::super::item::{Item, Kind, Sort};
use super::Case;
use super::title::{fits, is_pattern};

/// The runs of a test in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runs<'c> {
    /// One case, or one for each of its parameters; none if it is not there.
    Of(Vec<&'c Case>),
    /// Cases of several suites, or such that could be another test's as well.
    Unclear(Vec<&'c Case>),
}

/// For each item its runs; of a module, type or file of tests those of all tests in it.
pub fn runs<'c>(items: &[&Item], cases: &'c [Case]) -> Vec<Runs<'c>> {
    let index = Index::new(cases);
    let found: Vec<Vec<usize>> = items.iter().map(|item| index.of(item)).collect();
    let mut claims = vec![0usize; cases.len()];
    let functions = items
        .iter()
        .zip(&found)
        .filter(|(item, _)| item.kind == Kind::Function);
    functions
        .flat_map(|(_, all)| all)
        .for_each(|at| claims[*at] += 1);
    let runs = items.iter().zip(&found).map(|(item, all)| {
        let of: Vec<&Case> = all.iter().map(|at| &cases[*at]).collect();
        // gtest makes a suite of each instance.
        let place = |c: &&Case| (c.suite.clone(), c.class.clone());
        let suites: BTreeSet<_> = of.iter().map(place).collect();
        let is_one = item.kind == Kind::Function && item.sort != Sort::C;
        let shared = item.kind == Kind::Function && all.iter().any(|at| claims[*at] > 1);
        match shared || is_one && suites.len() > 1 {
            true => Runs::Unclear(of),
            false => Runs::Of(of),
        }
    });
    runs.collect()
}

/// Cases by the last parts of their names.
struct Index<'c> {
    cases: &'c [Case],
    by_name: BTreeMap<&'c str, Vec<usize>>,
}

impl<'c> Index<'c> {
    fn new(cases: &'c [Case]) -> Index<'c> {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, case) in cases.iter().enumerate() {
            by_name.entry(last(&case.name)).or_default().push(at);
            // A test with parameters may be a module of its cases.
            if let Some((test, _)) = case.name.rsplit_once("::") {
                by_name.entry(last(test)).or_default().push(at);
            }
        }
        Index { cases, by_name }
    }

    fn of(&self, item: &Item) -> Vec<usize> {
        let all = || 0..self.cases.len();
        if item.kind != Kind::Function {
            return all()
                .filter(|at| is_within(&self.cases[*at], item))
                .collect();
        }
        let named = self
            .by_name
            .get(last(&item.name))
            .into_iter()
            .flatten()
            .copied();
        let found: Vec<usize> = named.filter(|at| is_of(&self.cases[*at], item)).collect();
        // A title may be a pattern that is filled in, or stand behind those around it.
        match found.is_empty() && item.sort == Sort::Script {
            true => all().filter(|at| is_of(&self.cases[*at], item)).collect(),
            false => found,
        }
    }
}

/// A name without what runners put around it: parameters, suites.
fn last(name: &str) -> &str {
    let name = name.rsplit(" > ").next().unwrap_or_default();
    if name.contains(' ') {
        return name;
    }
    let end = name.find(['[', '(', '{', '/']).filter(|at| *at > 0);
    let name = &name[..end.unwrap_or(name.len())];
    name.rsplit("::").next().unwrap_or_default()
}

/// Whether a name is this one, perhaps with parameters.
fn is_named(given: &str, name: &str, marks: &[char]) -> bool {
    let rest = given.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(marks))
}

fn is_of(case: &Case, item: &Item) -> bool {
    match item.sort {
        // `#[case]` and the like make modules of a function's name.
        Sort::Rust => {
            let full = item.shown();
            let below = case.name.strip_prefix(&full);
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
                && is_crate(case, item)
        }
        Sort::Python => {
            is_named(&case.name, &item.name, &['[']) && is_python(case, item, &item.scope)
        }
        Sort::Script => is_script(case, item, |given, titles| match is_pattern(titles) {
            true => fits(given, titles),
            false => given == titles,
        }),
        Sort::Go => is_named(&case.name, &item.name, &['/']) && is_package(case, item),
        Sort::C => is_named(plain_name(&case.name), &item.name, &['/']) && is_suite(case, item),
        Sort::Java => {
            is_named(&case.name, &item.name, &['(', '[', '{'])
                && case.class == java_class(&item.scope)
        }
        Sort::Other => false,
    }
}

fn is_within(case: &Case, item: &Item) -> bool {
    let mut scope = item.scope.clone();
    scope.extend(Some(item.name.clone()).filter(|n| !n.is_empty()));
    match (item.sort, item.kind) {
        (Sort::Python, Kind::File | Kind::Type) => is_python(case, item, &scope),
        (Sort::Rust, Kind::Module | Kind::File) => {
            let rest = case.name.strip_prefix(&scope.join("::"));
            let is_below = |rest: &str| scope.is_empty() || rest.starts_with("::");
            rest.is_some_and(is_below) && is_crate(case, item)
        }
        (Sort::Script, Kind::File) => is_file(case, &item.path),
        (Sort::Script, Kind::Module) => is_script(case, item, |given, titles| {
            given
                .strip_prefix(titles)
                .is_some_and(|r| r.starts_with(" > "))
        }),
        (Sort::Java, Kind::Type) => case.class == java_class(&scope),
        _ => false,
    }
}

/// nextest's class is the crate, or `crate::target` for one in `tests/`, or `crate::bin/name`.
fn is_crate(case: &Case, item: &Item) -> bool {
    let binary = if case.class.is_empty() {
        &case.suite
    } else {
        &case.class
    };
    let parts: Vec<&str> = item.path.split('/').collect();
    let target = parts.iter().position(|p| *p == "tests");
    let target = target.and_then(|at| parts.get(at + 1));
    let in_src = parts.contains(&"src");
    let target = target
        .filter(|_| !in_src)
        .map(|t| t.trim_end_matches(".rs"));
    match (target, binary.split_once("::")) {
        (Some(target), Some((_, named))) => named == target,
        (Some(_), None) => binary.is_empty(),
        (None, named) => named.is_none_or(|(_, named)| named.starts_with("bin/")),
    }
}

/// pytest's class is the file with dots, and the classes around the test.
fn is_python(case: &Case, item: &Item, scope: &[String]) -> bool {
    let file = item.path.trim_end_matches(".py").replace('/', ".");
    let wanted: Vec<&str> = file
        .split('.')
        .chain(scope.iter().map(String::as_str))
        .collect();
    let given: Vec<&str> = case.class.split('.').collect();
    let least = scope.len() + 1;
    // The report may have begun below the root of the repository, but not below the file.
    let is_alike = |given: &[&str]| {
        given.len() >= least && (wanted.ends_with(given) || given.ends_with(&wanted))
    };
    match item.kind {
        Kind::Function => is_alike(&given),
        _ => (least..=given.len()).any(|n| is_alike(&given[..n])),
    }
}

fn is_file(case: &Case, path: &str) -> bool {
    let given = [
        case.file.as_deref(),
        Some(case.class.as_str()),
        Some(case.suite.as_str()),
    ];
    let is_end = |long: &str, end: &str| {
        long == end || long.strip_suffix(end).is_some_and(|h| h.ends_with('/'))
    };
    given
        .into_iter()
        .flatten()
        .any(|g| g.contains('.') && (is_end(path, g) || is_end(g, path)))
}

/// Vitest's class is the file and its name the titles; Jest's reporters put titles where they like, and name files elsewhere.
fn is_script(case: &Case, item: &Item, fits: impl Fn(&str, &str) -> bool) -> bool {
    let titles: Vec<&str> = item
        .scope
        .iter()
        .chain([&item.name])
        .map(String::as_str)
        .collect();
    is_file(case, &item.path)
        && (fits(&case.name, &titles.join(" > ")) || fits(&case.name, &titles.join(" ")))
}

fn is_package(case: &Case, item: &Item) -> bool {
    let folder = item.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let package = if case.class.is_empty() {
        &case.suite
    } else {
        &case.class
    };
    let name = folder.rsplit('/').next().unwrap_or_default();
    let is_short = !package.contains('/') && package.rsplit('.').next() == Some(name);
    folder.is_empty() || package == folder || package.ends_with(&format!("/{folder}")) || is_short
}

/// gtest puts `Instance/` before suites and `Disabled` tests under their names.
fn is_suite(case: &Case, item: &Item) -> bool {
    let Some(suite) = item.scope.last() else {
        return false;
    };
    let given = if case.class.is_empty() {
        &case.suite
    } else {
        &case.class
    };
    given.split('/').any(|part| part == suite)
}

fn plain_name(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, name)| name)
}

fn java_class(scope: &[String]) -> String {
    match scope {
        [package, outer, inner @ ..] if package.starts_with(|c: char| c.is_lowercase()) => {
            let mut out = format!("{package}.{outer}");
            inner.iter().for_each(|i| out.push_str(&format!("${i}")));
            out
        }
        _ => scope.join("$"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::super::item::{Checks, Lines};
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
            fingerprint: String::new(),
            checks: Checks::default(),
        }
    }

    fn case(suite: &str, class: &str, name: &str) -> Case {
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
            let found = runs(&[item], &cases);
            let expected = if is { vec![&cases[0]] } else { vec![] };
            assert_eq!(found, [Runs::Of(expected)], "{class} {name}");
        }
    }

    #[test]
    fn what_could_be_two_tests_is_unclear() {
        let rust = item(Sort::Rust, "x/src/a.rs", &["a"], "b");
        let cases = [case("x", "x", "a::b"), case("y", "y", "a::b")];
        assert_eq!(
            runs(&[&rust], &cases),
            [Runs::Unclear(cases.iter().collect())]
        );
        let one = item(Sort::Python, "p/test_a.py", &[], "test_b");
        let two = item(Sort::Python, "q/test_a.py", &[], "test_b");
        let cases = [case("pytest", "test_a", "test_b")];
        let unclear = Runs::Unclear(vec![&cases[0]]);
        assert_eq!(runs(&[&one, &two], &cases), [unclear.clone(), unclear]);
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
            runs(&[&file], &cases),
            [Runs::Of(cases[..2].iter().collect())]
        );
        let mut file = item(Sort::Rust, "src/a.rs", &["a"], "");
        file.kind = Kind::File;
        let cases = ["a::tests::x", "a::y", "ab::z"].map(|name| case("q", "q", name));
        let found = runs(&[&file], &cases);
        assert_eq!(found, [Runs::Of(cases[..2].iter().collect())]);
    }
}
