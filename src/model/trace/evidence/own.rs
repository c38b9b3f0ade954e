//! Which measured coverage is a tagged test's own, by the names that it was measured under.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::super::item::{Item, Kind, Sort};
use super::Hits;

/// Coverage of tests, by their names and then by paths of the repository.
pub type PerTest = BTreeMap<String, BTreeMap<String, Hits>>;

/// What a test executed itself, with all its parameters; of a module or file of tests what those in it did. None where
/// it was not measured.
pub fn of(item: &Item, tests: &PerTest) -> Option<BTreeMap<String, Hits>> {
    let shown = item.shown();
    let whole = under(&shown, tests);
    let found = match item.sort {
        // A title goes on as it likes: `adds (fast)` is another test than `adds`.
        Sort::Script if item.kind == Kind::Function => {
            Some(tests.get(&shown).into_iter().collect()).filter(|found: &Vec<_>| !found.is_empty())
        }
        // pytest may have begun in a folder below the root.
        Sort::Python => {
            let ends = shown.match_indices('/').map(|(at, _)| &shown[at + 1..]);
            let ends = ends.map(|end| under(end, tests));
            std::iter::once(whole)
                .chain(ends)
                .find(|found| !found.is_empty())
        }
        _ => Some(whole).filter(|found| !found.is_empty()),
    }?;
    let mut out = BTreeMap::<String, Hits>::new();
    for (path, hits) in found.into_iter().flatten() {
        let all = out.entry(path.clone()).or_default();
        for (line, hit) in hits {
            *all.entry(*line).or_default() |= hit;
        }
    }
    Some(out)
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

    #[test]
    fn a_test_has_what_was_measured_under_its_name() {
        let lines = |item: &Item, names: &[&str]| {
            let found = of(item, &measured(names))?;
            Some(found["a"].keys().copied().collect::<Vec<_>>())
        };
        let python = item(Sort::Python, "back/tests/test_a.py", &[], "test_b");
        let rust = item(Sort::Rust, "src/a.rs", &["a", "tests"], "b");
        let all = [
            "back/tests/test_a.py::test_b[1]",
            "back/tests/test_a.py::test_bb",
            "back/tests/test_a.py::test_b",
        ];
        assert_eq!(lines(&python, &all), Some(vec![0, 2]));
        assert_eq!(
            lines(&python, &["tests/test_a.py::test_b[x]"]),
            Some(vec![0])
        );
        let mut script = item(Sort::Script, "src/a.test.ts", &["sums"], "adds");
        script.is_test = true;
        let titles = [
            "sums > adds",
            "sums > adds (fast)",
            "sums > adds/2",
            "sums > adds > x",
        ];
        assert_eq!(lines(&script, &titles), Some(vec![0]));
        assert_eq!(
            lines(&python, &["x/tests/test_a.py::test_b", "test_b"]),
            None
        );
        assert_eq!(
            lines(
                &rust,
                &["a::tests::b::case_1", "a::tests::b2", "x::a::tests::b"]
            ),
            Some(vec![0])
        );
    }
}
