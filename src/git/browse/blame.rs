//! Where the lines of a file are from: followed from commit to parent as long as they are there, through merges and
//! through a file's change of name.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;
use std::time::Instant;

use anyhow::Result;

use super::super::trees::Raw;
use super::super::{Oid, Repo};
use super::lines::{hunks, old_line};
use crate::model::browse::text::{LARGE, lines};
use crate::model::path::TreePath;

/// Commits, and bytes of files that are compared, before the rest is left open.
const MOST_COMMITS: usize = 50_000;
const MOST_BYTES: u64 = 256 << 20;
/// Files that are gone in a commit and of which one may be what another was before.
const MOST_SOURCES: usize = 50;

/// The commit that brought a line, and the path that its file had there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub commit: Oid,
    pub path: TreePath,
}

/// Origins of lines, in order, and whether some were given up.
pub struct Origins {
    pub lines: Vec<Option<Origin>>,
    pub bounded: bool,
}

impl Repo {
    /// The origins of some lines of a file, counted from 0, as it is at `tip`; given up at `until`.
    pub fn origins(
        &self,
        tip: Oid,
        path: &TreePath,
        wanted: Range<usize>,
        until: Instant,
    ) -> Result<Origins> {
        let mut search = Search {
            repo: self,
            open: BinaryHeap::new(),
            waiting: HashMap::new(),
            out: vec![None; wanted.len()],
            count: 0,
            bytes: MOST_BYTES,
            until,
        };
        if !wanted.is_empty() {
            search.add(tip, path.clone(), wanted.enumerate().collect())?;
        }
        let bounded = search.run()?;
        Ok(Origins {
            lines: search.out,
            bounded,
        })
    }
}

/// Lines: where each stands in the answer, and where in the file as it is in one commit.
type Lines = Vec<(usize, usize)>;
type Suspect = (Oid, TreePath);

struct Search<'r> {
    repo: &'r Repo,
    open: BinaryHeap<(i64, Reverse<usize>, Suspect)>,
    waiting: HashMap<Suspect, Lines>,
    out: Vec<Option<Origin>>,
    count: usize,
    /// How many may still be compared.
    bytes: u64,
    until: Instant,
}

impl Search<'_> {
    fn add(&mut self, commit: Oid, path: TreePath, lines: Lines) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let suspect = (commit, path);
        if let Some(more) = self.waiting.get_mut(&suspect) {
            more.extend(lines);
            return Ok(());
        }
        self.count += 1;
        let seconds = self.repo.node(commit)?.seconds;
        self.open
            .push((seconds, Reverse(self.count), suspect.clone()));
        self.waiting.insert(suspect, lines);
        Ok(())
    }

    fn spent(&self) -> bool {
        self.bytes == 0 || Instant::now() > self.until
    }

    /// Answers whether it was given up.
    fn run(&mut self) -> Result<bool> {
        let mut left = MOST_COMMITS;
        while let Some((_, _, suspect)) = self.open.pop() {
            if left == 0 || self.spent() {
                return Ok(true);
            }
            left -= 1;
            if let Some(lines) = self.waiting.remove(&suspect) {
                self.ask(suspect, lines)?;
            }
        }
        Ok(false)
    }

    /// Hands the lines on to the parents that have them; those that none has are from here.
    fn ask(&mut self, (commit, path): Suspect, mut lines: Lines) -> Result<()> {
        let node = self.repo.node(commit)?;
        let Some(file) = self.repo.entry(node.tree, &path)? else {
            return Ok(());
        };
        let mut sources = Vec::new();
        for parent in &node.parents {
            let tree = self.repo.tree_of(*parent)?;
            let source = match self.repo.entry(tree, &path)?.filter(is_file) {
                Some(raw) => Some((path.clone(), raw)),
                None => self.renamed(tree, node.tree, file)?,
            };
            let Some((name, raw)) = source else {
                continue;
            };
            if raw.id == file.id {
                return self.add(*parent, name, lines);
            }
            sources.push((*parent, name, raw));
        }
        for (parent, name, raw) in sources {
            if lines.is_empty() {
                break;
            }
            let Some((old, new)) = self.both(raw.id, file.id)? else {
                continue;
            };
            let hunks = hunks(&old, &new);
            let (mut theirs, mut ours) = (Vec::new(), Vec::new());
            for (place, line) in lines {
                match old_line(&hunks, line) {
                    Some(old) => theirs.push((place, old)),
                    None => ours.push((place, line)),
                }
            }
            self.add(parent, name, theirs)?;
            lines = ours;
        }
        for (place, _) in lines {
            if let Some(line) = self.out.get_mut(place) {
                *line = Some(Origin {
                    commit,
                    path: path.clone(),
                });
            }
        }
        Ok(())
    }

    /// Two files to compare; none where one is too large for that.
    fn both(&mut self, old: Oid, new: Oid) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
        let size = |id| self.repo.size(id).unwrap_or(u64::MAX);
        let (a, b) = (size(old), size(new));
        if a > LARGE || b > LARGE {
            return Ok(None);
        }
        self.bytes = self.bytes.saturating_sub(a + b);
        Ok(Some((self.repo.blob(old)?, self.repo.blob(new)?)))
    }

    /// The file that is gone between two trees and that is most like this one, if at least half of it is the same.
    fn renamed(&mut self, before: Oid, after: Oid, file: Raw) -> Result<Option<(TreePath, Raw)>> {
        let differs = self.repo.differences(Some(before), Some(after))?;
        let gone = differs.into_iter().filter(|d| d.after.is_none());
        let gone: Vec<(TreePath, Raw)> = gone
            .filter_map(|d| Some((d.path, d.before.filter(is_file)?)))
            .collect();
        if let Some(same) = gone.iter().find(|(_, raw)| raw.id == file.id) {
            return Ok(Some(same.clone()));
        }
        let mut best = None;
        let mut most = 50;
        for (path, raw) in gone.into_iter().take(MOST_SOURCES) {
            if self.spent() {
                break;
            }
            let Some((old, new)) = self.both(raw.id, file.id)? else {
                continue;
            };
            let alike = alike(&old, &new);
            if alike >= most {
                most = alike + 1;
                best = Some((path, raw));
            }
        }
        Ok(best)
    }
}

fn is_file(raw: &Raw) -> bool {
    matches!(raw.mode, 0o100_644 | 0o100_755)
}

/// How much of the larger file the other one has, in hundredths.
fn alike(old: &[u8], new: &[u8]) -> usize {
    let (small, large) = (old.len().min(new.len()), old.len().max(new.len()));
    if large == 0 || small * 2 < large {
        return 0;
    }
    let hunks = hunks(old, new);
    let kept = lines(new).enumerate();
    let kept = kept.filter(|(n, _)| old_line(&hunks, *n).is_some());
    kept.map(|(_, line)| line.len()).sum::<usize>() * 100 / large
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_alike_by_what_they_have_in_common() {
        assert_eq!(alike(b"a\nb\nc\nd\n", b"a\nb\nc\nX\n"), 75);
        assert_eq!(alike(b"a\n", b"a\n"), 100);
        assert_eq!(alike(b"", b""), 0);
        assert_eq!(alike(b"a\n", b"b\n"), 0);
    }
}
