//! Items: the function, test, type, module or line that a tag stands on, as its grammar sees it. A tag that stands on nothing
//! is said so, and claims nothing.

use super::tag::Tag;

#[cfg(feature = "grammars")]
mod asserts;
#[cfg(feature = "grammars")]
mod excluded;
pub mod files;
#[cfg(feature = "grammars")]
mod find;
#[cfg(feature = "grammars")]
mod language;
mod line;
#[cfg(feature = "grammars")]
mod marks;
#[cfg(feature = "grammars")]
mod name;
#[cfg(feature = "grammars")]
mod shape;
#[cfg(all(test, feature = "grammars"))]
mod tests;

/// What a tag stands on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// The file, from the root of the repository.
    pub path: String,
    /// What is around it: modules, types, suites; of Rust from the crate, of Java from the package on.
    pub scope: Vec<String>,
    /// Its own name; empty for a file and a line.
    pub name: String,
    pub sort: Sort,
    pub kind: Kind,
    /// A test, or what holds tests only.
    pub is_test: bool,
    /// It belongs to what tests consist of, which implements nothing.
    pub in_tests: bool,
    pub lines: Lines,
    /// Where its executable lines are: the bodies of its functions, those of tests aside if it is none.
    pub body: Vec<Lines>,
    /// Marks that take some of those lines out of what coverage tools report.
    pub excluded: Vec<Excluded>,
    /// Over its text without comments and layout.
    pub fingerprint: String,
    pub checks: Checks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Function,
    /// A type, with what it can do.
    Type,
    /// A module, namespace or suite.
    Module,
    File,
    /// A statement outside of functions: a constant, a field.
    Statement,
    /// A line of a file without grammar.
    Line,
}

/// Whose names it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Rust,
    Python,
    Script,
    Go,
    C,
    Java,
    Other,
}

/// Lines from 1, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lines {
    pub first: usize,
    pub last: usize,
}

impl Lines {
    pub fn holds(&self, line: usize) -> bool {
        (self.first..=self.last).contains(&line)
    }

    pub fn meets(&self, other: &Lines) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// What a test asserts, or what is made of tests, by the looks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Checks {
    /// Something could fail.
    pub asserts: bool,
    /// The first line on which a thing is compared with itself.
    pub itself: Option<usize>,
}

/// A mark in the source that tells coverage tools to leave lines out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excluded {
    /// Where it is.
    pub line: usize,
    /// As it is written: `v8 ignore next`.
    pub mark: String,
}

impl Item {
    /// As test runners and people call it.
    pub fn shown(&self) -> String {
        let all = || {
            self.scope
                .iter()
                .chain(Some(&self.name).filter(|n| !n.is_empty()))
        };
        let join = |by: &str| all().map(String::as_str).collect::<Vec<_>>().join(by);
        match (self.sort, self.kind) {
            (_, Kind::File) => self.path.clone(),
            (_, Kind::Line | Kind::Statement) => format!("{}:{}", self.path, self.lines.first),
            (Sort::Rust, _) => join("::"),
            (Sort::Python, _) => format!("{}::{}", self.path, join("::")),
            (Sort::Script, _) if self.is_test => join(" > "),
            (Sort::C, _) if !self.is_test => join("::"),
            _ => join("."),
        }
    }

    /// The modules and types around it, and it too if it is one.
    pub fn modules(&self) -> Vec<String> {
        let own = Some(&self.name).filter(|_| matches!(self.kind, Kind::Module | Kind::Type));
        self.scope.iter().chain(own).cloned().collect()
    }

    /// As it is shown, with its file: what is remembered of it is not another's of that name.
    pub fn whole(&self) -> String {
        whole(&self.path, &self.shown())
    }
}

/// A name, with its file before it unless that is a part of it: no two files have one in common.
pub fn whole(path: &str, name: &str) -> String {
    match name.starts_with(path) {
        true => name.to_owned(),
        false => format!("{path}::{name}"),
    }
}

/// Where a tag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// On the item with this index.
    On(usize),
    /// At the end of a file or block, with nothing below it.
    Nothing,
    /// The grammar sees no comment here, but a string or code.
    NoComment,
}

/// The items that the tags of a file stand on, each once, and for every tag where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standings {
    pub items: Vec<Item>,
    pub of: Vec<Standing>,
}

impl Standings {
    fn put(&mut self, item: Option<Item>) {
        let standing = match item {
            None => Standing::Nothing,
            Some(item) => {
                let known = self.items.iter().rposition(|i| *i == item);
                Standing::On(known.unwrap_or_else(|| {
                    self.items.push(item);
                    self.items.len() - 1
                }))
            }
        };
        self.of.push(standing);
    }
}

/// Longer files are not parsed: they are made, not written.
#[cfg(feature = "grammars")]
const LONGEST: usize = 2 << 20;

/// What the tags of a file stand on. Parses the file once, if there is a grammar for it.
pub fn standings(path: &[u8], bytes: &[u8], tags: &[Tag]) -> Standings {
    let shown = String::from_utf8_lossy(path);
    #[cfg(feature = "grammars")]
    let found = language::of(path)
        .filter(|_| bytes.len() <= LONGEST)
        .and_then(|language| find::standings(language, &shown, bytes, tags));
    #[cfg(feature = "grammars")]
    if let Some(found) = found {
        return found;
    }
    let mut out = Standings::default();
    for tag in tags {
        out.put(line::below(path, &shown, bytes, tag));
    }
    out
}
