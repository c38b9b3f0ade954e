//! The crates of a system's files in Rust: a test's name says its modules alone, and each crate may have some that are called
//! the same. So names are asked whose they could be, and packages what they are called.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::Cargo;

/// Whether a name is that of something in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    No,
    Yes,
    /// It may be: why nobody knows.
    Unclear(String),
}

/// What is compiled as one, in its package. A file of `src` may be in the library and in the binary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Library,
    Main,
    Source,
    /// As nextest calls it: `it`, `bin/tool`.
    Named(String),
}

/// A crate: the folder of its package, and which of its targets it is.
type Key = (String, Target);

/// All crates of a system.
#[derive(Debug, Clone, Default)]
pub struct Crates {
    packages: BTreeMap<String, Package>,
    /// The crate of each file.
    files: BTreeMap<String, Key>,
    /// Which crates have a file of these modules, and which file.
    by_modules: BTreeMap<String, BTreeMap<Key, String>>,
}

#[derive(Debug, Clone, Default)]
struct Package {
    manifest: Cargo,
    /// Where that is read from; None where there is no manifest.
    path: Option<String>,
    /// Targets of its files that have names.
    named: BTreeSet<String>,
}

/// Where the files of a crate begin in a path: `src`, else the first folder for crates of their own.
fn root(parts: &[&str]) -> Option<usize> {
    // A module may be called `tests` too.
    let folders = &parts[..parts.len().saturating_sub(1)];
    let apart = |p: &&str| matches!(*p, "tests" | "benches" | "examples");
    let src = folders.iter().rposition(|p| *p == "src");
    src.or_else(|| folders.iter().position(apart))
}

/// The modules of a source file, from its crate on: `src/a/b.rs`, `tests/it/main.rs`, `crates/x/src/lib.rs`.
pub fn modules(path: &str) -> Vec<String> {
    let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    let root = root(&parts);
    let mut rest: &[&str] = root.map_or(&parts, |at| &parts[at + 1..]);
    let is_src = root.is_some_and(|at| parts[at] == "src");
    if !is_src || rest.first() == Some(&"bin") {
        // Each file or folder here is a crate of its own.
        rest = rest.get(1 + usize::from(is_src)..).unwrap_or_default();
    }
    let named = rest.iter().enumerate().filter(|(at, part)| {
        let is_last = at + 1 == rest.len();
        let is_root = *at == 0 && matches!(**part, "main" | "lib");
        !(is_last && (**part == "mod" || is_root))
    });
    named.map(|(_, part)| (*part).to_owned()).collect()
}

/// The target of a file, by its path from its package.
fn target(path: &str, manifest: &Cargo) -> Target {
    if manifest.library_path.as_deref() == Some(path) {
        return Target::Library;
    }
    let holds = |begins: &str| {
        let folder = begins.strip_suffix("/main.rs");
        let below = folder.and_then(|folder| path.strip_prefix(folder));
        begins == path || folder != Some("src") && below.is_some_and(|rest| rest.starts_with('/'))
    };
    if let Some(said) = manifest.targets.iter().find(|t| holds(&t.path)) {
        return Target::Named(said.name.clone());
    }
    let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    match parts[..] {
        ["src", "lib"] => Target::Library,
        ["src", "main"] => Target::Main,
        ["src", "bin", name, ..] => Target::Named(format!("bin/{name}")),
        ["tests", name, ..] => Target::Named(name.to_owned()),
        ["examples", name, ..] => Target::Named(format!("example/{name}")),
        ["benches", name, ..] => Target::Named(format!("bench/{name}")),
        _ => Target::Source,
    }
}

impl Crates {
    /// Of these files; manifests by their folders, the root being empty.
    pub fn new<'p>(
        paths: impl Iterator<Item = &'p str>,
        manifests: &BTreeMap<String, Cargo>,
    ) -> Crates {
        let mut out = Crates::default();
        for path in paths.filter(|path| path.ends_with(".rs")) {
            let parts: Vec<&str> = path.split('/').collect();
            let known = (0..parts.len())
                .rev()
                .find_map(|n| manifests.get_key_value(&parts[..n].join("/")));
            let folder = match known {
                Some((folder, _)) => folder.clone(),
                None => root(&parts).map_or_else(String::new, |at| parts[..at].join("/")),
            };
            let rest = path.strip_prefix(&folder).unwrap_or(path);
            let rest = rest.trim_start_matches('/');
            // It is run before there is a crate.
            if rest == "build.rs" {
                continue;
            }
            let package = out.packages.entry(folder.clone()).or_default();
            if let Some((_, manifest)) = known {
                package.manifest = manifest.clone();
                let path = format!("{folder}/Cargo.toml");
                package.path = Some(path.trim_start_matches('/').to_owned());
            }
            let target = target(rest, &package.manifest);
            if let Target::Named(name) = &target {
                package.named.insert(name.clone());
            }
            let key = (folder, target);
            let same = out.by_modules.entry(modules(path).join("::")).or_default();
            same.entry(key.clone()).or_insert_with(|| path.to_owned());
            out.files.insert(path.to_owned(), key);
        }
        out
    }

    /// The crates that could have something in these modules: such as have a file of them or of the first of them, else all of
    /// which the root is here.
    fn owners(&self, scope: &[String]) -> BTreeMap<&Key, &str> {
        let of = |modules: &String| self.by_modules.get(modules).into_iter().flatten();
        let begins: Vec<String> = (1..=scope.len()).map(|n| scope[..n].join("::")).collect();
        let named = |(key, path)| (key, String::as_str(path));
        let out: BTreeMap<_, _> = begins.iter().flat_map(of).map(named).collect();
        match out.is_empty() {
            true => of(&String::new()).map(named).collect(),
            false => out,
        }
    }

    /// Whether something in these modules, of which nothing else is said, is in this file.
    pub fn alone(&self, path: &str, scope: &[String]) -> Fit {
        let owners = self.owners(scope);
        let Some(own) = self.files.get(path) else {
            return Fit::No;
        };
        match owners.keys().all(|key| *key == own) {
            true => Fit::Yes,
            false => unclear(path, owners.values().copied()),
        }
    }

    /// Whether something in these modules, of a binary as nextest says it (`package`, `package::it`, `package::bin/tool`), is in
    /// this file.
    pub fn fit(&self, path: &str, scope: &[String], binary: &str) -> Fit {
        let Some((folder, target)) = self.files.get(path) else {
            return Fit::No;
        };
        let package = &self.packages[folder];
        let (said, named) = match binary.split_once("::") {
            Some((said, named)) => (said, Some(named)),
            None => (binary, None),
        };
        if !package.has(target, named) {
            return Fit::No;
        }
        let called = self.called(said);
        match &package.manifest.name {
            Some(_) if called.len() > 1 && called.contains(folder.as_str()) => {
                let owners = self.owners(scope).into_iter();
                let alike = owners.filter(|((other, _), _)| called.contains(other.as_str()));
                let alike: Vec<&str> = alike.map(|(_, path)| path).collect();
                match alike[..] {
                    [_] => Fit::Yes,
                    _ => unclear(path, alike.into_iter()),
                }
            }
            Some(_) if called.contains(folder.as_str()) => Fit::Yes,
            Some(_) => Fit::No,
            None if !called.is_empty() => Fit::No,
            // There is none that it could be confused with.
            None if self.packages.len() == 1 => Fit::Yes,
            None => Fit::Unclear(match &package.path {
                Some(path) => format!(
                    "names a package, and what that of `{path}` is called cannot be read; expected `name = \"…\"` in its `[package]`"
                ),
                None => {
                    format!(
                        "names a package, and no `Cargo.toml` says what that of `{path}` is called"
                    )
                }
            }),
        }
    }

    /// Whether a binary of this name is one of a package here.
    pub fn knows(&self, binary: &str) -> bool {
        let package = binary.split("::").next().unwrap_or_default();
        !self.called(package).is_empty()
    }

    /// The folders of the packages of a name; of those whose code is called so where none has it.
    fn called(&self, name: &str) -> BTreeSet<&str> {
        type Named = fn(&Cargo) -> Option<&String>;
        let by = |of: Named| {
            let all = self.packages.iter();
            let all = all.filter(|(_, p)| of(&p.manifest).is_some_and(|known| known == name));
            all.map(|(folder, _)| folder.as_str())
                .collect::<BTreeSet<_>>()
        };
        let exact = by(|manifest| manifest.name.as_ref());
        match exact.is_empty() {
            true => by(|manifest| manifest.library.as_ref()),
            false => exact,
        }
    }

    /// What may stand before the modules of what is in a file, to say in which crate they are.
    pub fn binaries(&self, path: &str) -> Vec<String> {
        let Some((folder, target)) = self.files.get(path) else {
            return Vec::new();
        };
        let manifest = &self.packages[folder].manifest;
        let Some(name) = &manifest.name else {
            return Vec::new();
        };
        if self.called(name).len() > 1 {
            return Vec::new();
        }
        let library = manifest.library.iter();
        let library = library.map(|library| format!("{name}::{library}"));
        match target {
            Target::Named(target) => vec![format!("{name}::{target}")],
            Target::Main => vec![format!("{name}::bin/{name}")],
            Target::Library | Target::Source => {
                library.chain(std::iter::once(name.clone())).collect()
            }
        }
    }

    /// Whether modules begin as those of some file here do.
    pub fn begins(&self, first: &str) -> bool {
        let below = format!("{first}::");
        let mut from = self.by_modules.range(first.to_owned()..);
        self.by_modules.contains_key(first) || from.any(|(modules, _)| modules.starts_with(&below))
    }
}

impl Package {
    /// Whether a target is the one that nextest calls so.
    fn has(&self, target: &Target, named: Option<&str>) -> bool {
        // Of a binary whose files are not here, nobody knows which they are.
        let is_main = |name: &str| name.starts_with("bin/") && !self.named.contains(name);
        match (target, named) {
            (Target::Library, named) => named.is_none(),
            (Target::Main, named) => named.is_some_and(is_main),
            (Target::Source, named) => named.is_none_or(is_main),
            (Target::Named(own), named) => named == Some(own.as_str()),
        }
    }
}

/// Of these files, the asked one among them, nobody knows which is meant.
fn unclear<'p>(path: &'p str, others: impl Iterator<Item = &'p str>) -> Fit {
    Fit::Unclear(super::could_be(path, others))
}
