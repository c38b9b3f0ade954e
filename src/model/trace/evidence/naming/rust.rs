//! Names of Rust's tests: modules and function, in nextest's class of the binary.

use super::super::super::item::Item;
use super::super::super::places::Fit;
use super::super::Case;
use super::Known;

/// `#[case]` and the like make modules of a function's name.
pub(super) fn is_named(case: &Case, item: &Item) -> bool {
    let below = case.name.strip_prefix(&item.shown());
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

pub(super) fn is_within(case: &Case, item: &Item) -> bool {
    let modules = item.modules();
    let rest = case.name.strip_prefix(&modules.join("::"));
    rest.is_some_and(|rest| modules.is_empty() || rest.starts_with("::"))
}

/// nextest's class, and suite, is the package, or `package::target` for one in `tests/`, or `package::bin/name`.
pub(super) fn fit(known: &Known<'_>, case: &Case, item: &Item) -> Fit {
    let crates = &known.places.crates;
    let binary = match case.class.is_empty() {
        true => Some(&case.suite).filter(|suite| crates.knows(suite)),
        false => Some(&case.class),
    };
    match binary {
        Some(binary) => crates.fit(&item.path, &item.modules(), binary),
        None => crates.alone(&item.path, &item.modules()),
    }
}
