//! Names of Python's tests: pytest's class is the file with dots, and the classes around the test.

use super::super::super::item::{Item, Kind};
use super::super::super::places::Fit;
use super::super::Case;
use super::{Known, begins};

pub(super) fn is_named(case: &Case, item: &Item) -> bool {
    begins(&case.name, &item.name, &['['])
}

/// Whether the class can be of its file; in which part of it, and of which folder, is asked then.
pub(super) fn is_within(case: &Case, item: &Item) -> bool {
    let name = item.path.rsplit('/').next().unwrap_or_default();
    let module = name.trim_end_matches(".py");
    case.class.split('.').any(|part| part == module)
}

/// A file as pytest calls it.
pub(super) fn module(path: &str) -> String {
    path.trim_end_matches(".py").replace('/', ".")
}

pub(super) fn fit(known: &Known<'_>, case: &Case, item: &Item) -> Fit {
    let scope = item.modules();
    let scope: Vec<&str> = scope.iter().map(String::as_str).collect();
    let given: Vec<&str> = case.class.split('.').collect();
    let one = |length: usize| {
        let file = given[..length].strip_suffix(scope.as_slice());
        let file = file.filter(|file| !file.is_empty());
        file.map_or(Fit::No, |file| {
            known.file(&format!("{}.py", file.join("/")), &item.path)
        })
    };
    let least = match item.kind {
        Kind::Function => given.len(),
        _ => 1,
    };
    let mut lengths = (least..=given.len()).map(one);
    lengths.find(|fit| *fit != Fit::No).unwrap_or(Fit::No)
}
