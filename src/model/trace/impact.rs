//! What paths touch, or what changed in them: the requirements whose code, tests or wording are there, the tests to run
//! again, and the documents that name those requirements.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::matrix::{Matrix, Named, Row, Why};
use super::record::Record;

/// The answer of `qms trace --impact`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Impact {
    /// The path or range that was asked about.
    pub of: String,
    /// The commit that is looked at, in full.
    pub commit: String,
    /// The one before it; null where whole paths were asked about.
    pub since: Option<String>,
    pub requirements: Vec<Touched>,
    pub tests: Vec<Again>,
    /// Tests, tagged or not, that executed something tagged there, as far as each was measured by itself.
    pub executed: Vec<Executed>,
    pub documents: Vec<Naming>,
    /// Those of the paths that touch no requirement of any system.
    pub untraced: Vec<String>,
}

/// A requirement that is touched.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Touched {
    pub system: String,
    pub id: String,
    pub title: String,
    /// Null where it is no longer there.
    pub verdict: Option<&'static str>,
    /// By what.
    pub by: Vec<Why>,
}

/// A test that verifies what is touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Again {
    pub name: String,
    pub path: String,
    pub line: usize,
    /// The requirements for which it is to be run.
    pub verifies: Vec<String>,
}

/// A test that executed what is tagged in the paths, in the state of its system that was tested last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Executed {
    pub system: String,
    /// As it was measured.
    pub name: String,
    pub paths: Vec<String>,
}

/// A document that has to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Naming {
    pub doc_id: String,
    pub path: String,
    /// The requirements that it defines, lists or names.
    pub names: Vec<String>,
}

/// A system at the commit, and at the one before it where a range is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Of<'m> {
    pub after: Option<&'m Matrix>,
    pub before: Option<&'m Matrix>,
    /// Whether only what differs between the two counts; else all that is in the paths.
    pub changed: bool,
}

/// The requirements of a system that these paths touch.
pub fn touched(of: &Of<'_>, paths: &BTreeSet<String>) -> Vec<Touched> {
    let (before, after) = (rows(of.before), rows(of.after));
    let ids: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let mut out = Vec::new();
    for id in ids {
        let (was, is) = (before.get(id), after.get(id));
        let Some((matrix, row)) = is.or(was) else {
            continue;
        };
        let mut by = worded(of.changed, was, is, paths);
        by.extend(unlinked(was, is));
        by.extend(linked(was, is));
        by.retain(|why| paths.contains(&*why.path));
        if !by.is_empty() {
            out.push(Touched {
                system: matrix.system.clone(),
                id: row.id.to_string(),
                title: row.title.to_string(),
                verdict: is.map(|(_, row)| row.verdict),
                by,
            });
        }
    }
    out
}

/// What implements or verifies it, but for what did so before and is the same.
fn linked(was: Option<&Placed<'_>>, is: Option<&Placed<'_>>) -> Vec<Why> {
    let mut out = Vec::new();
    for (verb, list) in LISTS {
        let (old, new) = (items(was, list), items(is, list));
        let other = new
            .iter()
            .filter(|one| !old.iter().any(|known| alike(one, known)));
        out.extend(other.map(|one| why(one, format!("`{}` {verb} it", one.name))));
    }
    out
}

/// What did so before, and is gone or no longer tagged.
fn unlinked(was: Option<&Placed<'_>>, is: Option<&Placed<'_>>) -> Vec<Why> {
    let mut out = Vec::new();
    for (verb, list) in LISTS {
        let (old, new) = (items(was, list), items(is, list));
        let there = |one: &Named| {
            let called = |known: &Named| known.path == one.path && known.name == one.name;
            new.iter().any(|known| alike(one, known) || called(known))
        };
        let gone = old.iter().filter(|one| !there(one));
        out.extend(gone.map(|one| why(one, format!("`{}` no longer {verb} it", one.name))));
    }
    out
}

fn items<'m>(side: Option<&Placed<'m>>, list: List) -> &'m [Named] {
    side.map_or(&[], |(_, row)| list(row))
}

type List = fn(&Row) -> &[Named];
const LISTS: [(&str, List); 2] = [
    ("implements", |row| &row.implemented_by),
    ("verifies", |row| &row.verified_by),
];

type Placed<'m> = (&'m Matrix, &'m Row);

fn rows(matrix: Option<&Matrix>) -> BTreeMap<&str, Placed<'_>> {
    let each = matrix
        .into_iter()
        .flat_map(|m| m.requirements.iter().map(move |row| (m, row)));
    each.map(|(m, row)| (&*row.id, (m, row))).collect()
}

/// The same thing, and not a word of it changed.
fn alike(one: &Named, other: &Named) -> bool {
    one.path == other.path && one.fingerprint == other.fingerprint
}

/// What its own text says: where that stands in the paths, or reads otherwise than it did.
fn worded(
    changed: bool,
    was: Option<&Placed<'_>>,
    is: Option<&Placed<'_>>,
    paths: &BTreeSet<String>,
) -> Vec<Why> {
    let says = match (was, is) {
        (Some(_), None) => "is gone, or retired",
        (Some((_, old)), Some((_, new))) if old.fingerprint != new.fingerprint => "reads otherwise",
        (None, Some(_)) if changed => "is new",
        (_, Some((matrix, _))) if !changed && paths.contains(&matrix.path) => "is defined here",
        _ => return Vec::new(),
    };
    let placed = is.or(was).map(|(matrix, row)| Why {
        path: matrix.path.clone().into(),
        line: row.line,
        says: says.into(),
    });
    placed.into_iter().collect()
}

fn why(one: &Named, says: String) -> Why {
    Why {
        path: one.path.clone(),
        line: one.line,
        says: says.into(),
    }
}

/// The tests that executed something in the paths, by these runs of one state of a system.
pub fn executed(system: &str, runs: &[Record], paths: &BTreeSet<String>) -> Vec<Executed> {
    let mut out: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for (test, files) in runs.iter().flat_map(|run| &run.tests) {
        let ran = files
            .iter()
            .filter(|(_, lines)| lines.iter().next().is_some());
        let met: Vec<&String> = ran
            .map(|(path, _)| path)
            .filter(|path| paths.contains(*path))
            .collect();
        if !met.is_empty() {
            out.entry(test).or_default().extend(met);
        }
    }
    let one = |(name, paths): (&str, BTreeSet<&String>)| Executed {
        system: system.to_owned(),
        name: name.to_owned(),
        paths: paths.into_iter().cloned().collect(),
    };
    out.into_iter().map(one).collect()
}

/// The tests that verify what is touched, each once, by name.
pub fn again(touched: &[Touched], matrix: &Matrix) -> Vec<Again> {
    let mut out: BTreeMap<(&str, &str), Again> = BTreeMap::new();
    let own = touched.iter().filter(|t| t.system == matrix.system);
    let ids: BTreeSet<&str> = own.map(|t| t.id.as_str()).collect();
    for row in matrix
        .requirements
        .iter()
        .filter(|row| ids.contains(&*row.id))
    {
        for test in &row.verified_by {
            let again = out
                .entry((&test.path, &test.name))
                .or_insert_with(|| Again {
                    name: test.name.to_string(),
                    path: test.path.to_string(),
                    line: test.line,
                    verifies: Vec::new(),
                });
            again.verifies.push(row.id.to_string());
        }
    }
    out.into_values().collect()
}

/// Which of these ids a text names, each as a word of its own.
pub fn named<'i>(text: &str, ids: &BTreeSet<&'i str>) -> Vec<&'i str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let words = words.map(|word| word.trim_matches(['-', '_']));
    let found: BTreeSet<&str> = words.filter_map(|word| ids.get(word).copied()).collect();
    found.into_iter().collect()
}

/// The paths that touch nothing.
pub fn untraced(paths: &BTreeSet<String>, touched: &[Touched]) -> Vec<String> {
    let by: BTreeSet<&str> = touched
        .iter()
        .flat_map(|t| &t.by)
        .map(|why| &*why.path)
        .collect();
    let alone = paths.iter().filter(|path| !by.contains(path.as_str()));
    alone.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{item, matrix, row};
    use super::*;

    /// Two requirements in one file, and one test for both.
    fn two() -> Matrix {
        let mut matrix = matrix(vec![row("R-1", "verified"), row("R-2", "verified")]);
        matrix.requirements[1].implemented_by = vec![item("g", "a.py")];
        matrix
    }

    fn said(before: Option<&Matrix>, after: &Matrix, paths: &[&str]) -> Vec<String> {
        let of = Of {
            after: Some(after),
            before,
            changed: before.is_some(),
        };
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let all = touched(&of, &paths);
        let each = all.iter().flat_map(|one| {
            one.by
                .iter()
                .map(move |by| format!("{} {}", one.id, by.says))
        });
        each.collect()
    }

    #[test]
    fn a_path_touches_all_that_is_in_it() {
        let now = two();
        assert_eq!(
            said(None, &now, &["a.py"]),
            ["R-1 `f` implements it", "R-2 `g` implements it"]
        );
        assert_eq!(
            said(None, &now, &["rs.md"]),
            ["R-1 is defined here", "R-2 is defined here"]
        );
        assert_eq!(said(None, &now, &["b.py"]), [""; 0]);
    }

    #[test]
    fn a_range_touches_what_changed_in_it() {
        let (old, mut new) = (two(), two());
        let all = ["a.py", "t.py", "rs.md"];
        assert_eq!(said(Some(&old), &new, &all), [""; 0]);
        new.requirements[0].implemented_by[0].fingerprint = "other".into();
        new.requirements[1].implemented_by = vec![item("h", "a.py")];
        assert_eq!(
            said(Some(&old), &new, &all),
            [
                "R-1 `f` implements it",
                "R-2 `g` no longer implements it",
                "R-2 `h` implements it"
            ]
        );
        new = two();
        new.requirements[0].fingerprint = "other".into();
        new.requirements.remove(1);
        assert_eq!(
            said(Some(&old), &new, &["rs.md"]),
            ["R-1 reads otherwise", "R-2 is gone, or retired"]
        );
        assert_eq!(
            said(Some(&new), &old, &["rs.md"]),
            ["R-1 reads otherwise", "R-2 is new"]
        );
    }

    #[test]
    fn a_test_is_run_once_for_all_that_it_verifies() {
        let now = two();
        let of = Of {
            after: Some(&now),
            before: None,
            changed: false,
        };
        let paths = BTreeSet::from(["a.py".to_owned(), "b.py".to_owned()]);
        let touched = touched(&of, &paths);
        let again = again(&touched, &now);
        assert_eq!(again.len(), 1);
        assert_eq!(again[0].verifies, ["R-1", "R-2"]);
        assert_eq!(untraced(&paths, &touched), ["b.py"]);
    }

    #[test]
    fn ids_are_named_as_words() {
        let ids = BTreeSet::from(["REQ-A-1", "REQ-A-12"]);
        assert_eq!(named("see (REQ-A-1), `REQ-A-1`", &ids), ["REQ-A-1"]);
        assert_eq!(
            named("**REQ-A-12-** REQ-A-123 XREQ-A-1", &ids),
            ["REQ-A-12"]
        );
    }
}
