//! Names of Java's tests: the class with its package, and the method.

use super::super::super::item::Item;
use super::super::Case;
use super::begins;

pub(super) fn is_named(case: &Case, item: &Item) -> bool {
    begins(&case.name, &item.name, &['(', '[', '{']) && case.class == class(&item.scope)
}

pub(super) fn is_within(case: &Case, item: &Item) -> bool {
    case.class == class(&item.modules())
}

/// A class as it is loaded: `com.x.A$Inner`.
fn class(scope: &[String]) -> String {
    match scope {
        [package, outer, inner @ ..] if package.starts_with(|c: char| c.is_lowercase()) => {
            let mut out = format!("{package}.{outer}");
            inner.iter().for_each(|i| out.push_str(&format!("${i}")));
            out
        }
        _ => scope.join("$"),
    }
}
