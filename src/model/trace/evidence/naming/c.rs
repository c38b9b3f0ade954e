//! Names of gtest's tests: it puts `Instance/` before suites and `Disabled` tests under their names.

use super::super::super::item::Item;
use super::super::Case;
use super::begins;

pub(super) fn is_named(case: &Case, item: &Item) -> bool {
    let name = case.name.split_once('.');
    let name = name.map_or(case.name.as_str(), |(_, name)| name);
    begins(name, &item.name, &['/']) && is_suite(case, item)
}

fn is_suite(case: &Case, item: &Item) -> bool {
    let Some(suite) = item.scope.last() else {
        return false;
    };
    let given = match case.class.is_empty() {
        true => &case.suite,
        false => &case.class,
    };
    given.split('/').any(|part| part == suite)
}
