//! Names of ECMAScript's tests: Vitest's class is the file and its name the titles; Jest's reporters put titles where they
//! like, and name files elsewhere.

use super::super::super::item::Item;
use super::super::super::places::Fit;
use super::super::Case;
use super::super::title::{fits, is_pattern};
use super::Known;

pub(super) fn is_named(case: &Case, item: &Item) -> bool {
    titled(item, |titles| match is_pattern(titles) {
        true => fits(&case.name, titles),
        false => case.name == titles,
    })
}

pub(super) fn is_within(case: &Case, item: &Item) -> bool {
    titled(item, |titles| {
        let rest = case.name.strip_prefix(titles);
        rest.is_some_and(|rest| rest.starts_with(" > "))
    })
}

/// Whether something that it says ends as its file does; of which folder that is, is asked then.
pub(super) fn is_file(case: &Case, item: &Item) -> bool {
    let name = item.path.rsplit('/').next().unwrap_or_default();
    let given = [case.file.as_deref(), Some(&case.class), Some(&case.suite)];
    given
        .into_iter()
        .flatten()
        .any(|given| given.ends_with(name))
}

fn titled(item: &Item, is: impl Fn(&str) -> bool) -> bool {
    let titles = item.scope.iter().chain([&item.name]);
    let titles: Vec<&str> = titles.map(String::as_str).collect();
    is(&titles.join(" > ")) || is(&titles.join(" "))
}

/// The first that names a file of the system says which.
pub(super) fn fit(known: &Known<'_>, case: &Case, item: &Item) -> Fit {
    let given = [case.file.as_deref(), Some(&case.class), Some(&case.suite)];
    let mut given = given.into_iter().flatten().filter(|g| g.contains('.'));
    let names = |given: &&str| !known.places.paths.meant(given, |_| false).is_empty();
    let said = given.find(names);
    said.map_or(Fit::No, |given| known.file(given, &item.path))
}
