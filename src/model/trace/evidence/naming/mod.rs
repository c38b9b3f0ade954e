//! Which cases of a report are runs of a tagged test. Runners name one test in their own ways; what could be two
//! tests is none's, and so is what could be a test of another file.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::super::item::{Item, Kind, Sort};
use super::super::places::{Fit, Places, could_be};
use super::Case;

mod c;
mod go;
mod java;
#[cfg(test)]
mod namesakes;
mod python;
mod rust;
mod script;
#[cfg(test)]
pub(in super::super) mod tests;

/// The runs of a test in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runs<'c> {
    /// One case, or one for each of its parameters; none if it is not there.
    Of(Vec<&'c Case>),
    /// Cases of several suites, or such that could be another test's as well: then with what is to be said of that.
    Unclear(Vec<&'c Case>, Option<String>),
}

/// What cases are compared with beside the item: the places of the system, and each other.
struct Known<'k> {
    places: &'k Places,
    cases: &'k [Case],
    /// All that they name, once somebody asks.
    given: OnceCell<BTreeSet<&'k str>>,
}

impl<'k> Known<'k> {
    fn given(&self) -> &BTreeSet<&'k str> {
        let of = |case: &'k Case| {
            let file = case.file.as_deref();
            [Some(case.class.as_str()), Some(&case.suite), file]
        };
        let all = || self.cases.iter().flat_map(of).flatten().collect();
        self.given.get_or_init(all)
    }

    /// Whether a path names this file: what else it could be is said.
    fn file(&self, given: &str, path: &str) -> Fit {
        let meant = self.places.paths.meant(given, |other| self.is_told(other));
        match meant[..] {
            [one] if one == path => Fit::Yes,
            _ if meant.contains(&path) => Fit::Unclear(could_be(path, meant.into_iter())),
            _ => Fit::No,
        }
    }

    /// Whether some case names this file from the root on.
    fn is_told(&self, path: &str) -> bool {
        let module = python::module(path);
        let below = format!("{module}.");
        let given = self.given();
        let mut from = given.range(below.as_str()..);
        given.contains(path)
            || given.contains(module.as_str())
            || from.next().is_some_and(|given| given.starts_with(&below))
    }

    /// Whether what a case says of its file is that it is this one; None where it says nothing of use.
    fn placed(&self, case: &Case, item: &Item) -> Option<bool> {
        let meant = |given: &String| self.places.paths.meant(given, |other| self.is_told(other));
        match case.file.as_ref().map(meant).as_deref() {
            Some([one]) => Some(*one == item.path),
            _ => None,
        }
    }

    fn fit(&self, case: &Case, item: &Item) -> Fit {
        let names = match item.kind {
            Kind::Function => is_named(case, item),
            _ => is_within(case, item),
        };
        let placed = names.then(|| self.placed(case, item));
        let Some(placed) = placed.filter(|placed| *placed != Some(false)) else {
            return Fit::No;
        };
        let fit = match item.sort {
            Sort::Rust => rust::fit(self, case, item),
            Sort::Python => python::fit(self, case, item),
            Sort::Script => script::fit(self, case, item),
            Sort::Go => go::fit(self, case, item),
            // Their names say no file.
            Sort::C | Sort::Java => self.places.alone(item),
            Sort::Other => Fit::No,
        };
        match fit {
            Fit::Unclear(_) if placed == Some(true) => Fit::Yes,
            fit => fit,
        }
    }
}

/// Whether a case is called as a test of this file would be.
fn is_named(case: &Case, item: &Item) -> bool {
    match item.sort {
        Sort::Rust => rust::is_named(case, item),
        Sort::Python => python::is_named(case, item),
        Sort::Script => script::is_named(case, item),
        Sort::Go => begins(&case.name, &item.name, &['/']),
        Sort::C => c::is_named(case, item),
        Sort::Java => java::is_named(case, item),
        Sort::Other => false,
    }
}

/// Whether a case is called as one in this module, type or file would be.
fn is_within(case: &Case, item: &Item) -> bool {
    match (item.sort, item.kind) {
        (Sort::Python, Kind::File | Kind::Type) => python::is_within(case, item),
        (Sort::Rust, Kind::Module | Kind::File) => rust::is_within(case, item),
        (Sort::Script, Kind::File) => script::is_file(case, item),
        (Sort::Script, Kind::Module) => script::is_within(case, item),
        (Sort::Java, Kind::Type) => java::is_within(case, item),
        _ => false,
    }
}

/// For each item its runs; of a module, type or file of tests those of all tests in it. `places` are those of the system, whose
/// files hold the items.
pub fn runs<'c>(items: &[&Item], cases: &'c [Case], places: &Places) -> Vec<Runs<'c>> {
    let known = Known {
        places,
        cases,
        given: OnceCell::new(),
    };
    let index = Index::new(cases);
    let found = items.iter().map(|item| sure(index.of(&known, item), cases));
    let found: Vec<Vec<(usize, Fit)>> = found.collect();
    let mut claims = vec![0usize; cases.len()];
    let functions = items
        .iter()
        .zip(&found)
        .filter(|(item, _)| item.kind == Kind::Function);
    functions
        .flat_map(|(_, all)| all)
        .for_each(|(at, _)| claims[*at] += 1);
    let runs = items.iter().zip(found).map(|(item, all)| {
        let of: Vec<&Case> = all.iter().map(|(at, _)| &cases[*at]).collect();
        // gtest makes a suite of each instance.
        let place = |c: &&Case| (c.suite.clone(), c.class.clone());
        let suites: BTreeSet<_> = of.iter().map(place).collect();
        let is_one = item.kind == Kind::Function && item.sort != Sort::C;
        let shared = item.kind == Kind::Function && all.iter().any(|(at, _)| claims[*at] > 1);
        let why = all.into_iter().find_map(|(_, fit)| match fit {
            Fit::Unclear(why) => Some(why),
            _ => None,
        });
        match why.is_some() || shared || is_one && suites.len() > 1 {
            true => Runs::Unclear(of, why),
            false => Runs::Of(of),
        }
    });
    runs.collect()
}

/// Where some cases are surely an item's, of those that only may be such as went well say nothing more.
fn sure(mut found: Vec<(usize, Fit)>, cases: &[Case]) -> Vec<(usize, Fit)> {
    if found.iter().any(|(_, fit)| *fit == Fit::Yes) {
        found.retain(|(at, fit)| *fit == Fit::Yes || cases[*at].went_wrong());
    }
    found
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

    /// The cases that are an item's, or may be.
    fn of(&self, known: &Known<'_>, item: &Item) -> Vec<(usize, Fit)> {
        let fits = |at: usize| match known.fit(&self.cases[at], item) {
            Fit::No => None,
            fit => Some((at, fit)),
        };
        let all = || (0..self.cases.len()).filter_map(fits).collect();
        if item.kind != Kind::Function {
            return all();
        }
        let named = self.by_name.get(last(&item.name)).into_iter().flatten();
        let found: Vec<_> = named.copied().filter_map(fits).collect();
        // A title may be a pattern that is filled in, or stand behind those around it.
        match found.is_empty() && item.sort == Sort::Script {
            true => all(),
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
fn begins(given: &str, name: &str, marks: &[char]) -> bool {
    let rest = given.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(marks))
}
