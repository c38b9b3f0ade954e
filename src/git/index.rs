//! The index against a tree, through the index's own cached tree: what `git commit` would change.

use anyhow::{Context, Result};
use gix::index::entry::Flags;
use gix::index::extension;

use super::trees::{Differs, Raw, TREE};
use super::{Oid, Repo};
use crate::model::path::TreePath;

impl Repo {
    /// What the index that git names (`GIT_INDEX_FILE`) changes in a tree. Entries that are only intended are
    /// not there yet. No index: nothing is staged.
    pub fn staged(&self, tree: Option<Oid>) -> Result<Vec<Differs>> {
        let Some(index) = self.index()? else {
            return Ok(Vec::new());
        };
        let walk = Walk {
            repo: self,
            index: &index,
        };
        let mut out = Vec::new();
        walk.folder(
            tree,
            index.tree(),
            index.entries(),
            &mut Vec::new(),
            &mut out,
        )?;
        out.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(out)
    }

    pub(super) fn index(&self) -> Result<Option<gix::index::File>> {
        let path = self.refs.index_path();
        if self.on.is_some() || !path.exists() {
            return Ok(None);
        }
        // The trailing hash is for damaged disks, and starting threads costs more than they save here.
        let options = gix::index::decode::Options {
            thread_limit: Some(1),
            ..Default::default()
        };
        let file = gix::index::File::at(&path, self.refs.object_hash(), true, options)
            .map_err(|e| anyhow::anyhow!("{e}"));
        file.map(Some)
            .with_context(|| format!("cannot read the index `{}`", path.display()))
    }
}

struct Walk<'a> {
    repo: &'a Repo,
    index: &'a gix::index::File,
}

/// A run of index entries below one folder, or a single one.
enum Group<'a> {
    File(&'a gix::index::Entry),
    Folder(&'a [gix::index::Entry]),
}

impl<'a> Walk<'a> {
    fn folder(
        &self,
        tree: Option<Oid>,
        cache: Option<&extension::Tree>,
        entries: &'a [gix::index::Entry],
        prefix: &mut Vec<u8>,
        out: &mut Vec<Differs>,
    ) -> Result<()> {
        // The cached tree says that these entries are that tree: nothing below differs.
        if cache.is_some_and(|c| c.num_entries.is_some() && Some(c.id) == tree) {
            return Ok(());
        }
        let old = tree.map_or(Ok(Vec::new()), |id| self.repo.entries(id))?;
        let mut old = old.into_iter().peekable();
        let mut rest = entries;
        loop {
            let next = self.group(rest, prefix.len(), cache);
            let order = match (old.peek(), &next) {
                (None, None) => return Ok(()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((name, raw)), Some((key, _, _))) => {
                    let end: &[u8] = if raw.mode == TREE { b"/" } else { b"" };
                    name.iter().chain(end).cmp(key.iter())
                }
            };
            let before = if order.is_le() { old.next() } else { None };
            let after = if order.is_ge() { next } else { None };
            if let Some((_, _, length)) = &after {
                rest = &rest[*length..];
            }
            let name: Vec<u8> = match (&before, &after) {
                (Some((name, _)), _) => name.clone(),
                (None, Some((key, _, _))) => key.strip_suffix(b"/").unwrap_or(key).to_vec(),
                (None, None) => return Ok(()),
            };
            let before = before.map(|(_, raw)| raw);
            let length = prefix.len();
            prefix.extend_from_slice(&name);
            match after.map(|(_, group, _)| group) {
                Some(Group::Folder(inner)) => {
                    prefix.push(b'/');
                    let child =
                        cache.and_then(|c| c.children.iter().find(|t| t.name[..] == name[..]));
                    self.folder(before.map(|r| r.id), child, inner, prefix, out)?;
                }
                Some(Group::File(entry)) => self.file(before, Some(entry), prefix, out)?,
                None => self.file(before, None, prefix, out)?,
            }
            prefix.truncate(length);
        }
    }

    /// The first entry or folder of a run: its key in git's order, what it is, how many entries it takes.
    fn group(
        &self,
        rest: &'a [gix::index::Entry],
        depth: usize,
        cache: Option<&extension::Tree>,
    ) -> Option<(&'a [u8], Group<'a>, usize)> {
        let first = rest.first()?;
        let path: &[u8] = self.path(first);
        let name = &path[depth..];
        let Some(slash) = name.iter().position(|b| *b == b'/') else {
            return Some((name, Group::File(first), 1));
        };
        if slash + 1 == name.len() {
            // A sparse index lists a whole folder as one entry.
            return Some((name, Group::File(first), 1));
        }
        let below = &path[..=depth + slash];
        let inside = |e: &'a gix::index::Entry| self.path(e).starts_with(below);
        let cached = cache.and_then(|c| c.children.iter().find(|t| t.name[..] == name[..slash]));
        let known = cached
            .and_then(|c| c.num_entries)
            .and_then(|n| usize::try_from(n).ok());
        let fits = |n: &usize| {
            *n > 0 && rest.get(n - 1).is_some_and(inside) && rest.get(*n).is_none_or(|e| !inside(e))
        };
        let length = known
            .filter(fits)
            .unwrap_or_else(|| rest.iter().take_while(|e| inside(e)).count());
        Some((&name[..=slash], Group::Folder(&rest[..length]), length))
    }

    fn path(&self, entry: &'a gix::index::Entry) -> &'a [u8] {
        entry.path(self.index)
    }

    fn file(
        &self,
        before: Option<Raw>,
        entry: Option<&gix::index::Entry>,
        path: &[u8],
        out: &mut Vec<Differs>,
    ) -> Result<()> {
        let there = entry.filter(|e| !e.flags.contains(Flags::INTENT_TO_ADD));
        let after = there.map(|e| Raw {
            mode: e.mode.bits(),
            id: e.id,
        });
        if before == after {
            return Ok(());
        }
        if [before, after].iter().flatten().any(|r| r.mode == TREE) {
            let tree = |side: Option<Raw>| side.filter(|r| r.mode == TREE).map(|r| r.id);
            let prefix = path.strip_suffix(b"/").unwrap_or(path);
            for mut differs in self.repo.differences(tree(before), tree(after))? {
                differs.path = TreePath::new([prefix, b"/", differs.path.as_bytes()].concat());
                out.push(differs);
            }
            let file = |side: Option<Raw>| side.filter(|r| r.mode != TREE);
            if file(before) != file(after) {
                out.push(Differs {
                    path: TreePath::new(prefix),
                    before: file(before),
                    after: file(after),
                });
            }
            return Ok(());
        }
        out.push(Differs {
            path: TreePath::new(path),
            before,
            after,
        });
        Ok(())
    }
}
