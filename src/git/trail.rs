//! The trail of one path: the commits that gave it what it holds.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use gix::commitgraph::{Graph, Position};
use gix::prelude::FindExt;

use super::history::Node;
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
        let history = History {
            repo: self,
            graph: graph.as_ref(),
        };
        let mut entries = Entries::of(self, path);
        let (mut out, mut seen, mut count) = (Vec::new(), HashSet::new(), 0);
        let mut parted = false;
        let mut open = vec![history.place(tip)?];
        while let Some(at) = open.pop() {
            count += 1;
            read(count);
            let Some(here) = entries.at(history.tree(&at))? else {
                continue;
            };
            let mut parents = history.parents(&at)?;
            let mut same = None;
            for (number, parent) in parents.iter().enumerate() {
                if entries.at(history.tree(parent))? == Some(here) {
                    same = Some(number);
                    break;
                }
            }
            if let Some(number) = same {
                parents = vec![parents.swap_remove(number)];
            } else {
                out.push(self.commit(history.id(&at))?);
            }
            // Ways that part may meet again; a single one meets nothing.
            parted |= parents.len() > 1;
            if parted {
                parents.retain(|p| seen.insert(history.id(p)));
            }
            open.append(&mut parents);
        }
        Ok(out)
    }
}

/// A commit's place in history: in git's commit-graph, or as it was read.
enum Place {
    Known(Position),
    Read(Oid, Node),
}

struct History<'a> {
    repo: &'a Repo,
    graph: Option<&'a Graph>,
}

impl History<'_> {
    fn place(&self, id: Oid) -> Result<Place> {
        Ok(match self.graph.and_then(|g| g.lookup(id)) {
            Some(position) => Place::Known(position),
            None => Place::Read(id, self.repo.node(id)?),
        })
    }

    fn tree(&self, place: &Place) -> Oid {
        match (place, self.graph) {
            (Place::Known(at), Some(graph)) => graph.commit_at(*at).root_tree_id().to_owned(),
            (Place::Read(_, node), _) => node.tree,
            (Place::Known(_), None) => Oid::null(self.repo.objects.object_hash()),
        }
    }

    fn id(&self, place: &Place) -> Oid {
        match (place, self.graph) {
            (Place::Known(at), Some(graph)) => graph.id_at(*at).to_owned(),
            (Place::Read(id, _), _) => *id,
            (Place::Known(_), None) => Oid::null(self.repo.objects.object_hash()),
        }
    }

    fn parents(&self, place: &Place) -> Result<Vec<Place>> {
        match (place, self.graph) {
            (Place::Known(at), Some(graph)) => {
                let parents = graph.commit_at(*at).iter_parents();
                let parents: Result<Vec<_>, _> = parents.map(|p| p.map(Place::Known)).collect();
                parents.map_err(|e| anyhow::anyhow!("{e}"))
            }
            (Place::Read(_, node), _) => node.parents.iter().map(|p| self.place(*p)).collect(),
            (Place::Known(_), None) => Ok(Vec::new()),
        }
    }
}

/// What one path is in many trees: below the root most are the same folder.
struct Entries<'a> {
    repo: &'a Repo,
    /// Without the cache of whole objects: no root tree is read twice.
    store: gix::OdbHandle,
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
        let mut store = repo.objects.objects.clone().into_inner();
        store.unset_object_cache();
        Entries {
            repo,
            store: store.into(),
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
        let entries = self
            .store
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
