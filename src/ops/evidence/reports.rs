//! The files that test runners and coverage tools left, read and joined. One that is malformed or at odds with itself is
//! refused, and all that is wrong is said at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::model::trace::evidence::own::PerTest;
use crate::model::trace::evidence::paths::Paths;
use crate::model::trace::evidence::{
    Case, Coverage, Hits, LARGEST, Read, cobertura, contexts, junit, lcov, llvm,
};
use crate::model::trace::gathered::join;

/// Which files there are.
#[derive(Debug, Clone, Default)]
pub struct Reports {
    pub junit: Vec<PathBuf>,
    pub lcov: Vec<PathBuf>,
    pub cobertura: Vec<PathBuf>,
    pub llvm: Vec<PathBuf>,
    /// Of coverage.py, with a context for each test.
    pub contexts: Vec<PathBuf>,
    /// Folders with an LCOV file for each test, named after it.
    pub per_test: Vec<PathBuf>,
}

/// What they say, by paths of the repository.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) cases: Vec<Case>,
    /// None where nothing was measured.
    pub(super) coverage: Option<BTreeMap<String, Hits>>,
    pub(super) tests: PerTest,
}

/// A reader of one sort of coverage.
type Reader = fn(&[u8]) -> Read<Coverage>;

impl Reports {
    /// All of them.
    pub fn files(&self) -> Vec<PathBuf> {
        let lists = [
            &self.junit,
            &self.lcov,
            &self.cobertura,
            &self.llvm,
            &self.contexts,
            &self.per_test,
        ];
        lists.into_iter().flatten().cloned().collect()
    }

    /// Reads all of them. `paths` are those of the commit. `root`: the work tree.
    pub(super) fn read(&self, paths: &[String], root: Option<&Path>) -> Result<Found> {
        let mut paths = Paths::new(paths.iter().cloned());
        let root = root.and_then(|root| root.canonicalize().ok());
        if let Some(root) = root.as_ref().and_then(|root| root.to_str()) {
            paths = paths.within(root);
        }
        let (mut out, mut flaws) = (Found::default(), Vec::new());
        for place in &self.junit {
            let read = junit::read(&bytes(place)?);
            flaws.extend(of(place, read.flaws));
            out.cases.extend(read.what);
        }
        let sorts: [(&[PathBuf], Reader); 3] = [
            (&self.lcov, lcov::read),
            (&self.cobertura, cobertura::read),
            (&self.llvm, llvm::read),
        ];
        for (places, reader) in sorts {
            for place in places {
                let read = reader(&bytes(place)?);
                flaws.extend(of(place, read.flaws));
                flaws.extend(of(place, out.covers(&paths, &read.what)));
            }
        }
        for place in &self.contexts {
            let read = contexts::read(&bytes(place)?);
            flaws.extend(of(place, read.flaws));
            flaws.extend(of(place, out.covers(&paths, &read.what.run)));
            for (test, coverage) in &read.what.tests {
                flaws.extend(of(place, out.executes(&paths, test, coverage)));
            }
        }
        for place in &self.per_test {
            let files = each(place)?;
            let read = lcov::per_test(
                files
                    .iter()
                    .map(|(name, bytes)| (name.as_str(), &bytes[..])),
            );
            flaws.extend(of(place, read.flaws));
            for (test, coverage) in &read.what {
                flaws.extend(of(place, out.covers(&paths, coverage)));
                flaws.extend(of(place, out.executes(&paths, test, coverage)));
            }
        }
        if !flaws.is_empty() {
            let all: Vec<String> = flaws;
            bail!(
                "these reports cannot be relied on, and nothing was kept:\n  {}",
                all.join("\n  ")
            );
        }
        Ok(out)
    }
}

impl Found {
    fn covers(&mut self, paths: &Paths, coverage: &Coverage) -> Vec<String> {
        let (hits, flaws) = paths.joined(coverage);
        join(self.coverage.get_or_insert_default(), hits);
        flaws
    }

    fn executes(&mut self, paths: &Paths, test: &str, coverage: &Coverage) -> Vec<String> {
        let (hits, flaws) = paths.joined(coverage);
        join(self.tests.entry(test.to_owned()).or_default(), hits);
        flaws
    }
}

fn of(place: &Path, flaws: Vec<String>) -> Vec<String> {
    let place = place.display();
    flaws
        .into_iter()
        .map(|why| format!("{place}: {why}"))
        .collect()
}

/// The bytes of a file; of one that is too large so many that its reader says so.
fn bytes(place: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let shown = place.display();
    let file = std::fs::File::open(place).with_context(|| format!("cannot read `{shown}`"))?;
    let mut out = Vec::new();
    let read = file.take(LARGEST as u64 + 1).read_to_end(&mut out);
    read.with_context(|| format!("cannot read `{shown}`"))?;
    Ok(out)
}

/// The files of a folder and of those in it, by their names from there.
fn each(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let (mut out, mut open) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(next) = open.pop() {
        let shown = next.display();
        let entries = std::fs::read_dir(&next).with_context(|| format!("cannot read `{shown}`"))?;
        for entry in entries {
            let place = entry?.path();
            if place.is_dir() {
                open.push(place);
                continue;
            }
            let name = place.strip_prefix(folder)?.to_str();
            let name =
                name.with_context(|| format!("`{}` is no name of a test", place.display()))?;
            out.push((name.to_owned(), bytes(&place)?));
        }
    }
    if out.is_empty() {
        bail!("`{}` holds no coverage of any test", folder.display());
    }
    out.sort();
    Ok(out)
}
