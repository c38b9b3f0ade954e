//! Which file of the repository a path in a report means. One that could mean two means none.

use std::collections::{BTreeMap, BTreeSet};

use super::{Coverage, Hits, add};

/// The files of the repository.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    all: BTreeSet<String>,
    by_name: BTreeMap<String, Vec<String>>,
    /// Where the repository lies, with a slash at its end; empty where that says nothing.
    root: String,
}

/// What a path is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'p> {
    One(&'p str),
    Several(Vec<&'p str>),
    /// A library's, or another repository's.
    None,
}

impl Paths {
    pub fn new(paths: impl IntoIterator<Item = String>) -> Paths {
        let mut out = Paths::default();
        for path in paths {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            out.by_name.entry(name).or_default().push(path.clone());
            out.all.insert(path);
        }
        out
    }

    /// The same, in a work tree: a path that begins there means nothing elsewhere.
    pub fn within(mut self, root: &str) -> Paths {
        self.root = format!("{}/", plain(root).trim_end_matches('/'));
        self
    }

    /// As it stands, from the root of the repository or from that of the file system; else the only one of which it is the
    /// end, or that is its end.
    pub fn find(&self, given: &str) -> Found<'_> {
        let wanted = plain(given);
        let here = Some(&self.root).filter(|root| !root.is_empty());
        let here = here.and_then(|root| wanted.strip_prefix(root));
        if let Some(path) = self.all.get(here.unwrap_or(&wanted)) {
            return Found::One(path);
        }
        if here.is_some() {
            return Found::None;
        }
        let mut found: Vec<&str> = self.below(&wanted).chain(self.ends(&wanted)).collect();
        match found.len() {
            0 => Found::None,
            1 => Found::One(found.remove(0)),
            _ => Found::Several(found),
        }
    }

    /// Which of them a runner may mean, that may have begun in a folder. A path means the file that is there only where
    /// `is_told` says of each other of which it is the end that this is named in full elsewhere: then it began at the root.
    pub fn meant(&self, given: &str, is_told: impl Fn(&str) -> bool) -> Vec<&str> {
        let wanted = plain(given);
        let own = self.all.get(&wanted).map(String::as_str);
        let others = self.below(&wanted).filter(|path| Some(*path) != own);
        match own {
            Some(own) => {
                let untold = others.filter(|path| !is_told(path));
                std::iter::once(own).chain(untold).collect()
            }
            None => others.chain(self.ends(&wanted)).collect(),
        }
    }

    fn named<'p>(&'p self, path: &str) -> impl Iterator<Item = &'p str> + use<'p> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let all = self.by_name.get(name).into_iter().flatten();
        all.map(String::as_str)
    }

    /// Those of which a path is the end, or that it is.
    pub fn below<'p>(&'p self, end: &str) -> impl Iterator<Item = &'p str> {
        self.named(end)
            .filter(move |path| *path == end || is_end(path, end))
    }

    /// Those that are the end of a path, and more stands before them.
    fn ends<'p>(&'p self, path: &str) -> impl Iterator<Item = &'p str> {
        self.named(path).filter(move |end| is_end(path, end))
    }

    /// Coverage by paths of the repository, and which paths could mean several files. What is not here is left out.
    pub fn joined(&self, coverage: &Coverage) -> (BTreeMap<String, Hits>, Vec<String>) {
        let (mut out, mut flaws) = (BTreeMap::<String, Hits>::new(), Vec::new());
        for (given, hits) in &coverage.files {
            match self.find(given) {
                Found::One(path) => {
                    add(out.entry(path.to_owned()).or_default(), hits);
                }
                Found::Several(paths) => {
                    flaws.push(format!("`{given}` could be `{}`", paths.join("` or `")));
                }
                Found::None => {}
            }
        }
        (out, flaws)
    }
}

fn is_end(long: &str, end: &str) -> bool {
    let head = long.strip_suffix(end);
    head.is_some_and(|head| head.ends_with('/'))
}

/// With slashes, without `.`, `..` and drive.
fn plain(given: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let given = given.strip_prefix("file://").unwrap_or(given);
    for part in given.split(['/', '\\']) {
        match part {
            "." => {}
            "" if !out.is_empty() => {}
            ".." if out.last().is_some_and(|last| !last.is_empty()) => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_one_file_or_none() {
        let paths = [
            "src/a.rs", "a.rs", "src/b.rs", "x/mod.rs", "y/mod.rs", "z/q/c.py",
        ];
        let paths = Paths::new(paths.map(str::to_owned));
        for (given, found) in [
            ("src/a.rs", Found::One("src/a.rs")),
            ("./src/../src/b.rs", Found::One("src/b.rs")),
            ("/w/project/src/b.rs", Found::One("src/b.rs")),
            ("C:\\w\\src\\b.rs", Found::One("src/b.rs")),
            ("/w/src/a.rs", Found::Several(vec!["src/a.rs", "a.rs"])),
            ("mod.rs", Found::Several(vec!["x/mod.rs", "y/mod.rs"])),
            ("q/c.py", Found::One("z/q/c.py")),
            ("/usr/lib/core.rs", Found::None),
            ("rc/b.rs", Found::None),
            ("", Found::None),
        ] {
            assert_eq!(paths.find(given), found, "{given}");
        }
        let paths = paths.within("/w");
        for (given, found) in [
            ("/w/src/a.rs", Found::One("src/a.rs")),
            ("/w/a.rs", Found::One("a.rs")),
            ("/w/mod.rs", Found::None),
            ("/v/src/b.rs", Found::One("src/b.rs")),
            ("src/a.rs", Found::One("src/a.rs")),
        ] {
            assert_eq!(paths.find(given), found, "{given}");
        }
    }
}
