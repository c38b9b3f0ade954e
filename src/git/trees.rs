//! Trees: single entries, whole folders, and what differs between two of them. Entries are validated while they
//! are read, since fsck lets pass what a checkout cannot tell apart.

use std::rc::Rc;

use anyhow::{Context, Result, bail};
use gix::objs::Kind;

use super::entries::{Item, Items, differing};
use super::{Oid, Repo};
use crate::model::change::{EXECUTABLE, REGULAR};
use crate::model::path::TreePath;

/// An entry of a tree or an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw {
    pub mode: u32,
    pub id: Oid,
}

impl Raw {
    /// Whether it is a file, and no folder, link or submodule.
    pub fn is_file(&self) -> bool {
        [REGULAR, EXECUTABLE].contains(&self.mode)
    }
}

/// A path that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    pub path: TreePath,
    pub before: Option<Raw>,
    pub after: Option<Raw>,
}

pub(super) use crate::model::change::FOLDER as TREE;
/// Paths and folders of one walk, and levels of one tree, that are looked at before it is refused.
const MOST_PATHS: usize = 500_000;
const MOST_LEVELS: usize = 100;
/// Trees that stay in memory, and the bytes of the largest among them.
const MOST_TREES: usize = 512;
const LARGE_TREE: usize = 128 * 1024;

impl Repo {
    /// The tree of a commit.
    pub fn tree_of(&self, commit: Oid) -> Result<Oid> {
        Ok(self.node(commit)?.tree)
    }

    /// The bytes of a blob. One that is larger than the repository was opened for is refused.
    pub fn blob(&self, id: Oid) -> Result<Vec<u8>> {
        self.object(id, Kind::Blob, |data| Ok(data.to_vec()))
    }

    /// Looks at the bytes of a blob where they are.
    pub(super) fn with_blob<T>(&self, id: Oid, look: impl FnOnce(&[u8]) -> T) -> Result<T> {
        self.object(id, Kind::Blob, |data| Ok(look(data)))
    }

    /// The bytes of a tree, read once for those who ask again soon.
    fn tree_bytes(&self, tree: Oid) -> Result<Rc<[u8]>> {
        if tree == Oid::empty_tree(self.objects.object_hash()) {
            return Ok(Rc::from([]));
        }
        if let Some(known) = self.trees.borrow().get(&tree) {
            return Ok(known.clone());
        }
        let bytes: Rc<[u8]> = self.object(tree, Kind::Tree, |data| Ok(Rc::from(data)))?;
        let mut known = self.trees.borrow_mut();
        if known.len() >= MOST_TREES {
            known.clear();
        }
        if bytes.len() <= LARGE_TREE {
            known.insert(tree, bytes.clone());
        }
        Ok(bytes)
    }

    fn items<'a>(&self, bytes: &'a [u8]) -> Items<'a> {
        Items::new(bytes, self.objects.object_hash().len_in_bytes())
    }

    /// The entries of one tree, by name. Refuses names and modes that git itself never writes.
    pub fn entries(&self, tree: Oid) -> Result<Vec<(Vec<u8>, Raw)>> {
        let bytes = self.tree_bytes(tree)?;
        let all = self.items(&bytes);
        let mut out = Vec::new();
        let found = differing(self.items(&[]), all, |_, item| {
            let item = item.context("it is there")?;
            out.push((item.name.to_vec(), item.raw()?));
            Ok(())
        });
        found.with_context(|| format!("tree {tree}"))?;
        Ok(out)
    }

    /// What a path is in a tree.
    pub fn entry(&self, tree: Oid, path: &TreePath) -> Result<Option<Raw>> {
        let mut at = Raw {
            mode: TREE,
            id: tree,
        };
        for component in path.components() {
            if at.mode != TREE {
                return Ok(None);
            }
            let bytes = self.tree_bytes(at.id)?;
            match self.items(&bytes).find(component)? {
                Some(item) => at = item.raw()?,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    /// Every file below a folder of a tree.
    pub fn files_below(&self, tree: Oid, folder: &str) -> Result<Vec<(TreePath, Raw)>> {
        let Some(raw) = self
            .entry(tree, &TreePath::from(folder))?
            .filter(|r| r.mode == TREE)
        else {
            return Ok(Vec::new());
        };
        let mut out = Vec::new();
        let mut at = Walked::below(folder.as_bytes());
        self.each_file(raw.id, &mut at, &mut |path, raw| out.push((path, raw)))?;
        Ok(out)
    }

    /// Every file of a tree by its path.
    pub fn each_path(&self, tree: Oid, found: &mut impl FnMut(TreePath)) -> Result<()> {
        self.each_file(tree, &mut Walked::default(), &mut |path, _| found(path))
    }

    /// Every file at or below a path of a tree.
    pub fn files_at(&self, tree: Oid, path: &TreePath) -> Result<Vec<TreePath>> {
        let mut out = Vec::new();
        match self.entry(tree, path)? {
            None => {}
            Some(raw) if raw.mode != TREE => out.push(path.clone()),
            Some(raw) => {
                let mut at = Walked::below(path.as_bytes());
                self.each_file(raw.id, &mut at, &mut |path, _| out.push(path))?;
            }
        }
        Ok(out)
    }

    /// What differs between two trees, by path; folders themselves are not listed.
    pub fn differences(&self, before: Option<Oid>, after: Option<Oid>) -> Result<Vec<Differs>> {
        let mut out = Vec::new();
        let side = |tree: Option<Oid>| tree.map(|id| Raw { mode: TREE, id });
        let mut walk = Walked::default();
        self.compare(side(before), side(after), &mut walk, &mut out)?;
        out.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(out)
    }

    fn compare(
        &self,
        before: Option<Raw>,
        after: Option<Raw>,
        at: &mut Walked,
        out: &mut Vec<Differs>,
    ) -> Result<()> {
        if before == after {
            return Ok(());
        }
        at.step()?;
        let folder = |side: Option<Raw>| side.filter(|r| r.mode == TREE);
        let file = |side: Option<Raw>| side.filter(|r| r.mode != TREE);
        if file(before) != file(after) {
            out.push(Differs {
                path: TreePath::new(at.path.clone()),
                before: file(before),
                after: file(after),
            });
        }
        if folder(before) == folder(after) {
            return Ok(());
        }
        let list = |side: Option<Raw>| match folder(side) {
            Some(raw) => self.tree_bytes(raw.id),
            None => Ok(Rc::from([])),
        };
        let (old, new) = (list(before)?, list(after)?);
        differing(self.items(&old), self.items(&new), |a, b| {
            let name = a.or(b).map_or(&[][..], |item| item.name);
            let side = |item: Option<Item<'_>>| item.map(|i| i.raw()).transpose();
            let length = at.enter(name);
            self.compare(side(a)?, side(b)?, at, out)?;
            at.leave(length);
            Ok(())
        })
    }

    fn each_file(
        &self,
        tree: Oid,
        at: &mut Walked,
        found: &mut impl FnMut(TreePath, Raw),
    ) -> Result<()> {
        for (name, raw) in self.entries(tree)? {
            at.step()?;
            let length = at.enter(&name);
            if raw.mode == TREE {
                self.each_file(raw.id, at, found)?;
            } else {
                found(TreePath::new(at.path.clone()), raw);
            }
            at.leave(length);
        }
        Ok(())
    }
}

/// Where a walk through trees is, and how much it has seen: there may be very many folders with nothing in them.
#[derive(Default)]
struct Walked {
    path: Vec<u8>,
    level: usize,
    seen: usize,
}

impl Walked {
    fn below(folder: &[u8]) -> Walked {
        Walked {
            path: folder.to_vec(),
            ..Walked::default()
        }
    }

    fn step(&mut self) -> Result<()> {
        self.seen += 1;
        if self.level > MOST_LEVELS || self.seen > MOST_PATHS {
            bail!("more than {MOST_PATHS} paths and folders, or {MOST_LEVELS} levels, to look at");
        }
        Ok(())
    }

    /// Goes into a name; answers with what `leave` takes.
    fn enter(&mut self, name: &[u8]) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
        self.level += 1;
        length
    }

    fn leave(&mut self, length: usize) {
        self.path.truncate(length);
        self.level -= 1;
    }
}
