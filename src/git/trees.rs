//! Trees: single entries, whole folders, and what differs between two of them. Entries are validated while they
//! are read, since fsck lets pass what a checkout cannot tell apart.

use anyhow::{Result, bail};

use super::{Oid, Repo};
use crate::model::path::TreePath;

/// An entry of a tree or an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw {
    pub mode: u32,
    pub id: Oid,
}

/// A path that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    pub path: TreePath,
    pub before: Option<Raw>,
    pub after: Option<Raw>,
}

pub(super) const TREE: u32 = 0o040_000;
/// Paths of one comparison, and levels of one tree, that are looked at before it is refused.
const MOST_PATHS: usize = 500_000;
const MOST_LEVELS: usize = 100;

impl Repo {
    /// The tree of a commit.
    pub fn tree_of(&self, commit: Oid) -> Result<Oid> {
        Ok(self.node(commit)?.tree)
    }

    /// The bytes of a blob. One that is larger than the repository was opened for is refused.
    pub fn blob(&self, id: Oid) -> Result<Vec<u8>> {
        let object = self
            .objects
            .find_object(id)
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        if object.kind != gix::objs::Kind::Blob {
            bail!("object {id} is a {}, expected a blob", object.kind);
        }
        Ok(object.detach().data)
    }

    /// The entries of one tree, by name. Refuses names and modes that git itself never writes.
    pub fn entries(&self, tree: Oid) -> Result<Vec<(Vec<u8>, Raw)>> {
        if tree == Oid::empty_tree(self.objects.object_hash()) {
            return Ok(Vec::new());
        }
        let object = self
            .objects
            .find_object(tree)
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        if object.kind != gix::objs::Kind::Tree {
            bail!("object {tree} is a {}, expected a tree", object.kind);
        }
        let mut out: Vec<(Vec<u8>, Raw)> = Vec::new();
        for entry in gix::objs::TreeRefIter::from_bytes(&object.data, self.objects.object_hash()) {
            let entry = entry.map_err(|e| anyhow::anyhow!("tree {tree} cannot be read: {e}"))?;
            let raw = Raw {
                mode: u32::from(entry.mode.value()),
                id: entry.oid.to_owned(),
            };
            let name: &[u8] = entry.filename;
            let odd = name.is_empty() || name.contains(&b'/') || matches!(name, b"." | b"..");
            if odd || name.eq_ignore_ascii_case(b".git") {
                bail!("tree {tree} has an entry named `{}`", TreePath::new(name));
            }
            if !matches!(
                raw.mode,
                TREE | 0o100_644 | 0o100_755 | 0o120_000 | 0o160_000
            ) {
                bail!(
                    "tree {tree} has an entry `{}` of mode {:06o}",
                    TreePath::new(name),
                    raw.mode
                );
            }
            if out
                .last()
                .is_some_and(|(last, at)| key(last, at.mode) >= key(name, raw.mode))
            {
                bail!(
                    "tree {tree} is not sorted, or has `{}` twice",
                    TreePath::new(name)
                );
            }
            out.push((name.to_vec(), raw));
        }
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
            let Some((_, raw)) = self
                .entries(at.id)?
                .into_iter()
                .find(|(name, _)| name == component)
            else {
                return Ok(None);
            };
            at = raw;
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
        let mut prefix = format!("{folder}/").into_bytes();
        self.each_file(raw.id, &mut prefix, 0, &mut |path, raw| {
            out.push((path, raw))
        })?;
        Ok(out)
    }

    /// Every file of a tree by its path.
    pub fn each_path(&self, tree: Oid, found: &mut impl FnMut(TreePath)) -> Result<()> {
        self.each_file(tree, &mut Vec::new(), 0, &mut |path, _| found(path))
    }

    /// Every file at or below a path of a tree.
    pub fn files_at(&self, tree: Oid, path: &TreePath) -> Result<Vec<TreePath>> {
        let mut out = Vec::new();
        match self.entry(tree, path)? {
            None => {}
            Some(raw) if raw.mode != TREE => out.push(path.clone()),
            Some(raw) => {
                let mut prefix = [path.as_bytes(), b"/"].concat();
                self.each_file(raw.id, &mut prefix, 0, &mut |path, _| out.push(path))?;
            }
        }
        Ok(out)
    }

    /// What differs between two trees, by path; folders themselves are not listed.
    pub fn differences(&self, before: Option<Oid>, after: Option<Oid>) -> Result<Vec<Differs>> {
        let mut out = Vec::new();
        let side = |tree: Option<Oid>| tree.map(|id| Raw { mode: TREE, id });
        self.compare(side(before), side(after), &mut Vec::new(), 0, &mut out)?;
        out.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(out)
    }

    fn compare(
        &self,
        before: Option<Raw>,
        after: Option<Raw>,
        path: &mut Vec<u8>,
        level: usize,
        out: &mut Vec<Differs>,
    ) -> Result<()> {
        if before == after {
            return Ok(());
        }
        if level > MOST_LEVELS || out.len() > MOST_PATHS {
            bail!("more than {MOST_PATHS} paths or {MOST_LEVELS} levels differ");
        }
        let folder = |side: Option<Raw>| side.filter(|r| r.mode == TREE);
        let file = |side: Option<Raw>| side.filter(|r| r.mode != TREE);
        if file(before) != file(after) {
            out.push(Differs {
                path: TreePath::new(path.clone()),
                before: file(before),
                after: file(after),
            });
        }
        if folder(before) == folder(after) {
            return Ok(());
        }
        let list = |side: Option<Raw>| folder(side).map_or(Ok(Vec::new()), |r| self.entries(r.id));
        let (old, new) = (list(before)?, list(after)?);
        let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
        // Both lists are sorted in git's order; a file and a folder of one name are two entries there.
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((a, x)), Some((b, y))) => key(a, x.mode).cmp(&key(b, y.mode)),
            };
            let a = if order.is_le() { old.next() } else { None };
            let b = if order.is_ge() { new.next() } else { None };
            let name = a
                .as_ref()
                .or(b.as_ref())
                .map(|(name, _)| name.clone())
                .unwrap_or_default();
            let length = path.len();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&name);
            self.compare(a.map(|(_, r)| r), b.map(|(_, r)| r), path, level + 1, out)?;
            path.truncate(length);
        }
    }

    fn each_file(
        &self,
        tree: Oid,
        prefix: &mut Vec<u8>,
        level: usize,
        found: &mut impl FnMut(TreePath, Raw),
    ) -> Result<()> {
        if level > MOST_LEVELS {
            bail!("a tree is more than {MOST_LEVELS} levels deep");
        }
        for (name, raw) in self.entries(tree)? {
            let length = prefix.len();
            prefix.extend_from_slice(&name);
            if raw.mode == TREE {
                prefix.push(b'/');
                self.each_file(raw.id, prefix, level + 1, found)?;
            } else {
                found(TreePath::new(prefix.clone()), raw);
            }
            prefix.truncate(length);
        }
        Ok(())
    }
}

/// Git's order: a folder sorts as if its name ended in a slash.
fn key(name: &[u8], mode: u32) -> Vec<u8> {
    let mut key = name.to_vec();
    if mode == TREE {
        key.push(b'/');
    }
    key
}
