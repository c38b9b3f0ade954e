//! The trail of one path: the commits that gave it what it holds.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use gix::prelude::FindExt;

use super::trees::{Raw, TREE};
use super::{Oid, Repo};
use crate::model::change::Commit;
use crate::model::path::TreePath;

impl Repo {
    /// The commits that gave a path what it holds at `tip`, the last first. A merge has a document from one of its
    /// sides, so the way back is followed there alone. Places in history come from git's commit-graph where there is
    /// one, as `git log` has them: this is for reading; no verdict asks here.
    pub fn trail(
        &self,
        tip: Oid,
        path: &TreePath,
        mut read: impl FnMut(usize),
    ) -> Result<Vec<Commit>> {
        let graph = self.objects.commit_graph().ok();
        let place = |id: Oid| -> Result<Place> {
            let known = graph.as_ref().and_then(|g| Some((g, g.commit_by_id(id)?)));
            let Some((graph, commit)) = known else {
                let node = self.node(id)?;
                return Ok(Place {
                    id,
                    tree: node.tree,
                    parents: node.parents,
                });
            };
            let parents = commit
                .iter_parents()
                .map(|at| at.map(|at| graph.id_at(at).to_owned()));
            let parents = parents
                .collect::<Result<Vec<_>, _>>()
                .map_err(|e| anyhow::anyhow!("{e}"))?;
            Ok(Place {
                id,
                tree: commit.root_tree_id().to_owned(),
                parents,
            })
        };
        let mut entries = Entries::of(self, path);
        let (mut out, mut seen, mut count) = (Vec::new(), HashSet::new(), 0);
        let mut open = vec![place(tip)?];
        while let Some(at) = open.pop() {
            count += 1;
            read(count);
            let Some(here) = entries.at(at.tree)? else {
                continue;
            };
            let parents = at
                .parents
                .iter()
                .map(|p| place(*p))
                .collect::<Result<Vec<_>>>()?;
            let mut same = None;
            for (number, parent) in parents.iter().enumerate() {
                if entries.at(parent.tree)? == Some(here) {
                    same = Some(number);
                    break;
                }
            }
            let mut parents = parents;
            match same {
                Some(number) => {
                    let parent = parents.swap_remove(number);
                    open.extend(seen.insert(parent.id).then_some(parent));
                }
                None => {
                    out.push(self.commit(at.id)?);
                    open.extend(parents.into_iter().filter(|p| seen.insert(p.id)));
                }
            }
        }
        Ok(out)
    }
}

/// A commit's place in history.
struct Place {
    id: Oid,
    tree: Oid,
    parents: Vec<Oid>,
}

/// What one path is in many trees: below the root most are the same folder.
struct Entries<'a> {
    repo: &'a Repo,
    first: Vec<u8>,
    rest: Option<TreePath>,
    buffer: Vec<u8>,
    last: Option<(Oid, Option<Raw>)>,
    below: HashMap<Oid, Option<Raw>>,
}

impl<'a> Entries<'a> {
    fn of(repo: &'a Repo, path: &TreePath) -> Entries<'a> {
        let (first, rest) = match path.as_bytes().iter().position(|b| *b == b'/') {
            Some(at) => (
                &path.as_bytes()[..at],
                Some(TreePath::new(&path.as_bytes()[at + 1..])),
            ),
            None => (path.as_bytes(), None),
        };
        Entries {
            repo,
            first: first.to_vec(),
            rest,
            buffer: Vec::new(),
            last: None,
            below: HashMap::new(),
        }
    }

    fn at(&mut self, tree: Oid) -> Result<Option<Raw>> {
        if let Some((_, entry)) = self.last.filter(|(last, _)| *last == tree) {
            return Ok(entry);
        }
        let root = self.in_root(tree)?;
        let entry = match (root, &self.rest) {
            (Some(folder), Some(rest)) if folder.mode == TREE => match self.below.get(&folder.id) {
                Some(known) => *known,
                None => {
                    let found = self.repo.entry(folder.id, rest)?;
                    self.below.insert(folder.id, found);
                    found
                }
            },
            (Some(_), Some(_)) => None,
            (entry, _) => entry,
        };
        self.last = Some((tree, entry));
        Ok(entry)
    }

    fn in_root(&mut self, tree: Oid) -> Result<Option<Raw>> {
        let store = &self.repo.objects.objects;
        let entries = store
            .find_tree_iter(&tree, &mut self.buffer)
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        for entry in entries {
            let entry = entry.map_err(|e| anyhow::anyhow!("tree {tree} cannot be read: {e}"))?;
            if entry.filename == self.first {
                return Ok(Some(Raw {
                    mode: u32::from(entry.mode.value()),
                    id: entry.oid.to_owned(),
                }));
            }
        }
        Ok(None)
    }
}
