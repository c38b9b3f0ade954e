//! Which measured coverage is a tagged test's own, by the names that it was measured under. A name that could be that of a
//! test elsewhere is none's, unless it says where the test is: behind its file, or as its runner says it in full.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::super::item::{Item, Kind, Sort};
use super::super::places::{Fit, Places, could_be, folder};
use super::{Hits, add};

/// Coverage of tests, by their names and then by paths of the repository.
pub type PerTest = BTreeMap<String, BTreeMap<String, Hits>>;

/// What a test executed itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Own {
    /// It was not measured.
    #[default]
    None,
    Of(BTreeMap<String, Hits>),
    /// Something was measured under its name, and could be another's: why.
    Unclear(String),
}

impl Own {
    /// The lines, where they are known to be its own.
    pub fn lines(&self) -> Option<&BTreeMap<String, Hits>> {
        match self {
            Own::Of(lines) => Some(lines),
            _ => None,
        }
    }

    /// Why what was measured is not taken for its own.
    pub fn doubt(&self) -> Option<&str> {
        match self {
            Own::Unclear(why) => Some(why),
            _ => None,
        }
    }
}

/// What a test executed itself, with all its parameters; of a module or file of tests what those in it did.
pub fn of(item: &Item, tests: &PerTest, places: &Places) -> Own {
    // Where nothing was measured, nobody has to know what it would be called.
    if tests.is_empty() {
        return Own::None;
    }
    let find = |name: &str| match item.sort {
        // A title goes on as it likes: `adds (fast)` is another test than `adds`.
        Sort::Script if item.kind == Kind::Function => tests.get(name).into_iter().collect(),
        _ => under(name, tests),
    };
    let sure = in_full(item, places);
    let sure: Vec<_> = sure.iter().flat_map(|name| find(name)).collect();
    if !sure.is_empty() {
        return Own::Of(joined(sure));
    }
    let (found, fit) = match item.sort {
        Sort::Python => began_in_a_folder(item, tests, places),
        _ => match find(&item.shown()) {
            found if found.is_empty() => (found, Fit::No),
            found => (found, places.alone(item)),
        },
    };
    match fit {
        Fit::Yes => Own::Of(joined(found)),
        Fit::Unclear(why) => Own::Unclear(why),
        Fit::No => Own::None,
    }
}

/// The names of a test that say where it is. Of Python's only its path does, which may have begun in a folder.
fn in_full(item: &Item, places: &Places) -> Vec<String> {
    let shown = item.shown();
    let mut out = vec![item.whole()];
    match item.sort {
        Sort::Python => out.clear(),
        Sort::Rust => {
            let first = |name: &str| places.crates.begins(name);
            for binary in places.crates.binaries(&item.path) {
                out.extend(["$", " "].map(|by| format!("{binary}{by}{shown}")));
                // A module may be called as a package is.
                let package = binary.split("::").next().unwrap_or_default();
                if !first(package) {
                    out.push(format!("{binary}::{shown}"));
                }
            }
        }
        Sort::Script => out.push(format!("{} > {shown}", item.path)),
        Sort::Go => {
            let import = places.imports.get(folder(&item.path));
            let import = import.and_then(Option::as_ref);
            out.extend(import.map(|import| format!("{import}.{shown}")));
        }
        _ => {}
    }
    out
}

type Found<'t> = Vec<&'t BTreeMap<String, Hits>>;

/// What was measured under the longest end of its path, and whether that is its.
fn began_in_a_folder<'t>(item: &Item, tests: &'t PerTest, places: &Places) -> (Found<'t>, Fit) {
    let shown = item.shown();
    let is_told = |path: &str| !under(path, tests).is_empty();
    let slashes = item.path.match_indices('/').map(|(at, _)| at + 1);
    for at in std::iter::once(0).chain(slashes) {
        let found = under(&shown[at..], tests);
        if found.is_empty() {
            continue;
        }
        let meant = places.paths.meant(&item.path[at..], is_told);
        let fit = match meant[..] {
            [one] if one == item.path => Fit::Yes,
            _ => Fit::Unclear(could_be(&item.path, meant.into_iter())),
        };
        return (found, fit);
    }
    (Vec::new(), Fit::No)
}

fn joined(found: Found<'_>) -> BTreeMap<String, Hits> {
    let mut out = BTreeMap::<String, Hits>::new();
    for (path, hits) in found.into_iter().flatten() {
        add(out.entry(path.clone()).or_default(), hits);
    }
    out
}

/// The coverage of a name, and of what is below it: `[1-2]`, `/sub`, `::case_1`, ` > inner`.
fn under<'t>(name: &str, tests: &'t PerTest) -> Vec<&'t BTreeMap<String, Hits>> {
    let from = (Bound::Included(name), Bound::Unbounded);
    let alike = tests
        .range::<str, _>(from)
        .take_while(|(test, _)| test.starts_with(name));
    let is_below = |test: &str| {
        let rest = &test[name.len()..];
        rest.is_empty()
            || ["[", "(", "{", "/", "::", " > "]
                .iter()
                .any(|mark| rest.starts_with(mark))
    };
    alike
        .filter(|(test, _)| is_below(test))
        .map(|(_, coverage)| coverage)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::places::tests::places;
    use super::super::naming::tests::item;
    use super::*;

    fn measured(names: &[&str]) -> PerTest {
        let one = |n: usize| [("a".to_owned(), [(n as u32, true)].into())].into();
        names
            .iter()
            .enumerate()
            .map(|(n, name)| ((*name).to_owned(), one(n)))
            .collect()
    }

    /// Which of these names are its own; or why nobody knows.
    fn own(item: &Item, names: &[&str], places: &Places) -> Result<Vec<u32>, String> {
        match of(item, &measured(names), places) {
            Own::None => Ok(Vec::new()),
            Own::Of(all) => Ok(all["a"].keys().copied().collect()),
            Own::Unclear(why) => Err(why),
        }
    }

    #[test]
    fn a_test_has_what_was_measured_under_its_name() {
        let lines = |item: &Item, names: &[&str]| own(item, names, &places(&[&item.path], &[]));
        let python = item(Sort::Python, "back/tests/test_a.py", &[], "test_b");
        let rust = item(Sort::Rust, "src/a.rs", &["a", "tests"], "b");
        let all = [
            "back/tests/test_a.py::test_b[1]",
            "back/tests/test_a.py::test_bb",
            "back/tests/test_a.py::test_b",
        ];
        assert_eq!(lines(&python, &all), Ok(vec![0, 2]));
        assert_eq!(lines(&python, &["tests/test_a.py::test_b[x]"]), Ok(vec![0]));
        let script = item(Sort::Script, "src/a.test.ts", &["sums"], "adds");
        let titles = [
            "sums > adds",
            "sums > adds (fast)",
            "sums > adds/2",
            "sums > adds > x",
        ];
        assert_eq!(lines(&script, &titles), Ok(vec![0]));
        let other = ["x/tests/test_a.py::test_b", "test_b"];
        assert_eq!(lines(&python, &other), Ok(vec![]));
        let modules = ["a::tests::b::case_1", "a::tests::b2", "x::a::tests::b"];
        assert_eq!(lines(&rust, &modules), Ok(vec![0]));
    }

    #[test]
    fn a_name_that_could_be_anothers_is_nobodys_unless_it_says_whose_it_is() {
        let rust = item(Sort::Rust, "a/src/x.rs", &["x", "tests"], "t");
        let it = item(Sort::Rust, "a/tests/it/x.rs", &["x"], "t");
        let script = item(Sort::Script, "a/x.test.ts", &["d"], "adds");
        let go = item(Sort::Go, "a/x/a_test.go", &[], "TestA");
        let c = item(Sort::C, "a/test_a.cc", &["Suite"], "Name");
        let python = item(Sort::Python, "a/tests/test_x.py", &[], "test_y");
        let java = item(Sort::Java, "a/src/test/java/x/A.java", &["x", "A"], "one");
        let here = places(
            &[
                "a/src/x.rs",
                "a/tests/it/x.rs",
                "b/src/x.rs",
                "a/x.test.ts",
                "b/x.test.ts",
                "a/x/a_test.go",
                "b/x/a_test.go",
                "a/test_a.cc",
                "b/test_a.cc",
                "a/tests/test_x.py",
                "b/tests/test_x.py",
                "a/src/test/java/x/A.java",
                "b/src/test/java/x/A.java",
            ],
            &[
                ("a/Cargo.toml", "a-a"),
                ("b/Cargo.toml", "b"),
                ("a/go.mod", "g.com/a"),
                ("b/go.mod", "g.com/b"),
            ],
        );
        for (item, name, whose) in [
            (&rust, "x::tests::t", None),
            (&rust, "a-a$x::tests::t", Some(true)),
            (&rust, "a-a x::tests::t", Some(true)),
            (&rust, "a-a::x::tests::t", Some(true)),
            (&rust, "a-a::a_a$x::tests::t::case_1", Some(true)),
            (&rust, "a/src/x.rs::x::tests::t", Some(true)),
            (&rust, "b$x::tests::t", Some(false)),
            (&rust, "a-a::it$x::tests::t", Some(false)),
            (&rust, "b/src/x.rs::x::tests::t", Some(false)),
            (&it, "x::t", None),
            (&it, "a-a::it$x::t", Some(true)),
            (&it, "a-a$x::t", Some(false)),
            (&script, "d > adds", None),
            (&script, "a/x.test.ts > d > adds", Some(true)),
            (&script, "a/x.test.ts::d > adds", Some(true)),
            (&script, "b/x.test.ts > d > adds", Some(false)),
            (&go, "TestA", None),
            (&go, "g.com/a/x.TestA/sub", Some(true)),
            (&go, "g.com/b/x.TestA", Some(false)),
            (&c, "Suite.Name", None),
            (&c, "a/test_a.cc::Suite.Name/0", Some(true)),
            (&python, "tests/test_x.py::test_y", None),
            (&python, "a/tests/test_x.py::test_y[1]", Some(true)),
            (&python, "b/tests/test_x.py::test_y", Some(false)),
            (&java, "x.A.one", None),
            (&java, "a/src/test/java/x/A.java::x.A.one", Some(true)),
        ] {
            let found = own(item, &[name], &here);
            match whose {
                Some(own) => assert_eq!(found, Ok(vec![0; usize::from(own)]), "{name}"),
                None => assert!(found.is_err_and(|why| why.contains("of `b/")), "{name}"),
            }
        }
        // Where it says whose it is, what does not say so is not needed.
        let both = ["a-a$x::tests::t", "x::tests::t"];
        assert_eq!(own(&rust, &both, &here), Ok(vec![0]));
    }

    #[test]
    fn a_package_that_is_called_as_a_module_is_says_nothing() {
        let rust = item(Sort::Rust, "a/src/x.rs", &["x"], "t");
        let paths = ["a/src/x.rs", "b/src/a.rs"];
        let here = places(&paths, &[("a/Cargo.toml", "a"), ("b/Cargo.toml", "b")]);
        assert_eq!(own(&rust, &["a::x::t"], &here), Ok(vec![]));
        assert_eq!(own(&rust, &["a$x::t"], &here), Ok(vec![0]));
        assert_eq!(own(&rust, &["x::t"], &here), Ok(vec![0]));
    }
}
