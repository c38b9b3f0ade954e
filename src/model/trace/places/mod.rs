//! The places of a system that names of tests may mean: its files, and the packages that they belong to. A name that could be
//! that of something elsewhere says nothing of either.

use std::collections::BTreeMap;

use super::evidence::paths::Paths;
use super::item::files::{is_test_file, sort};
use super::item::{Item, Sort};
use crates::Crates;
pub use crates::Fit;

pub mod crates;
pub mod manifest;

/// More files are counted, not named.
const SHOWN: usize = 3;

/// The places of a system at a commit.
#[derive(Debug, Clone, Default)]
pub struct Places {
    pub paths: Paths,
    pub crates: Crates,
    /// Files that hold tests, by whose names are in them.
    tests: BTreeMap<Sort, Vec<String>>,
    /// Folders of Go that hold tests, with what they are imported as; None where nothing says that.
    pub imports: BTreeMap<String, Option<String>>,
}

impl Places {
    /// Of these files, and of the manifests at or above them by their paths.
    pub fn new(paths: &[String], manifests: &BTreeMap<String, String>) -> Places {
        let by_folder = |name: &str| -> BTreeMap<String, &str> {
            let of = manifests.iter().filter_map(|(path, text)| {
                let (folder, last) = path.rsplit_once('/').unwrap_or(("", path));
                (last == name).then(|| (folder.to_owned(), text.as_str()))
            });
            of.collect()
        };
        let [(_, cargo), (_, go)] = manifest::NAMES.map(|(ending, name)| (ending, by_folder(name)));
        let cargo = cargo.into_iter();
        let cargo = cargo.map(|(folder, text)| (folder, manifest::cargo(text)));
        let mut tests: BTreeMap<Sort, Vec<String>> = BTreeMap::new();
        for path in paths {
            let sort = sort(path);
            if is_test_file(sort, path) {
                tests.entry(sort).or_default().push(path.clone());
            }
        }
        let of_go = tests.get(&Sort::Go).into_iter().flatten();
        let imports = of_go.map(|path| {
            let folder = folder(path);
            (folder.to_owned(), imported(folder, &go))
        });
        Places {
            imports: imports.collect(),
            crates: Crates::new(paths.iter().map(String::as_str), &cargo.collect()),
            paths: Paths::new(paths.iter().cloned()),
            tests,
        }
    }

    /// Whether a name that says no file and no package can only be that of this item.
    pub fn alone(&self, item: &Item) -> Fit {
        let tests = self.tests.get(&item.sort).into_iter().flatten();
        let tests = tests.map(String::as_str);
        match item.sort {
            Sort::Rust => self.crates.alone(&item.path, &item.modules()),
            Sort::Script | Sort::C => only(&item.path, tests),
            // The files of a folder are one package.
            Sort::Go => {
                let own = folder(&item.path);
                only(&item.path, tests.filter(|path| folder(path) != own))
            }
            Sort::Java => only(&item.path, self.paths.below(&java_file(&item.modules()))),
            Sort::Python | Sort::Other => Fit::Yes,
        }
    }
}

/// The folder of a file; of one at the root it is empty.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// As what a folder of Go is imported.
fn imported(whole: &str, modules: &BTreeMap<String, &str>) -> Option<String> {
    let mut at = whole;
    loop {
        if let Some(text) = modules.get(at) {
            let below = whole[at.len()..].trim_start_matches('/');
            let module = manifest::go(text)?;
            let path = format!("{module}/{below}");
            return Some(path.trim_end_matches('/').to_owned());
        }
        if at.is_empty() {
            return None;
        }
        at = folder(at);
    }
}

/// The file of a class by its package: `com/x/A.java`.
fn java_file(scope: &[String]) -> String {
    match scope {
        [package, outer, ..] if package.starts_with(char::is_lowercase) => {
            format!("{}/{outer}.java", package.replace('.', "/"))
        }
        _ => format!("{}.java", scope.first().map_or("", String::as_str)),
    }
}

/// Whether there is no other file.
fn only<'p>(path: &'p str, all: impl Iterator<Item = &'p str>) -> Fit {
    let others: Vec<&str> = all.filter(|other| *other != path).collect();
    match others.is_empty() {
        true => Fit::Yes,
        false => Fit::Unclear(could_be(path, others.into_iter())),
    }
}

/// What is said of a name that could be one in this file or in others.
pub fn could_be<'p>(path: &'p str, others: impl Iterator<Item = &'p str>) -> String {
    let mut all: Vec<&str> = others.filter(|other| *other != path).collect();
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    all.insert(0, path);
    let shown = format!("could be of `{}`", all.join("` or of `"));
    match more {
        0 => shown,
        _ => format!("{shown} or of {more} more"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Of these files, with manifests that say nothing but a name.
    pub(crate) fn places(paths: &[&str], manifests: &[(&str, &str)]) -> Places {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let text = |(path, name): &(&str, &str)| {
            let text = match path.ends_with("go.mod") {
                true => format!("module {name}\n"),
                false => format!("[package]\nname = \"{name}\"\n"),
            };
            ((*path).to_owned(), text)
        };
        Places::new(&paths, &manifests.iter().map(text).collect())
    }
}
