//! Names of Go's tests: the class, or the suite, is the package, in full or its last part.

use super::super::super::item::Item;
use super::super::super::places::{Fit, could_be, folder};
use super::super::Case;
use super::Known;

pub(super) fn fit(known: &Known<'_>, case: &Case, item: &Item) -> Fit {
    let own = folder(&item.path);
    let given = [&case.class, &case.suite];
    let mut given = given.into_iter().filter(|given| !given.is_empty());
    let said = given.clone().find_map(|given| {
        let of = in_full(known, given);
        (!of.is_empty()).then_some(of)
    });
    let meant = said.or_else(|| Some(in_part(known, given.next()?)));
    let meant = meant.unwrap_or_default();
    match meant[..] {
        [one] if one == own => Fit::Yes,
        _ if meant.contains(&own) => Fit::Unclear(could_be(own, meant.into_iter())),
        _ => Fit::No,
    }
}

/// The folders of what is imported so.
fn in_full<'k>(known: &Known<'k>, given: &str) -> Vec<&'k str> {
    let all = known.places.imports.iter();
    let same = all.filter(|(_, import)| import.as_deref() == Some(given));
    same.map(|(folder, _)| folder.as_str()).collect()
}

/// The folders of what may be called so: by the last part, or where nothing says as what a folder is imported.
fn in_part<'k>(known: &Known<'k>, given: &str) -> Vec<&'k str> {
    let is = |(folder, import): &(&String, &Option<String>)| match (given.contains('/'), import) {
        (true, Some(_)) => false,
        (true, None) => given == *folder || given.ends_with(&format!("/{folder}")),
        (false, import) => {
            let path = import.as_ref().unwrap_or(folder);
            path.rsplit('/').next() == given.rsplit('.').next()
        }
    };
    let named = |(folder, _): &(&String, &Option<String>)| !folder.is_empty();
    let all = || known.places.imports.iter();
    let found: Vec<&str> = all()
        .filter(|one| is(one) && (named(one) || one.1.is_some()))
        .map(|(folder, _)| folder.as_str())
        .collect();
    // The root may be called anything.
    let root = all().filter(|one| !named(one) && one.1.is_none());
    match found.is_empty() {
        true => root.map(|(folder, _)| folder.as_str()).collect(),
        false => found,
    }
}
