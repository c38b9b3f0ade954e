//! What a step leaves behind as a whole tree, without that tree being written: the first parent's with the step's paths
//! on top. What a merge puts together, and names that cannot be told apart, are looked for in it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;

use super::Oid;
use super::named;
use super::read::Reader;
use super::trees::{Differs, Raw, TREE};
use crate::model::change::{Merged, Tree};
use crate::model::document::Document;
use crate::model::finding::CommitName;
use crate::model::kind::Id;
use crate::model::path::{self, TreePath};
use crate::model::workflow::Status;

/// A tree with some paths put in the place of what it has there.
pub(super) struct Joined<'a> {
    tree: Oid,
    paths: BTreeMap<&'a TreePath, Option<Raw>>,
}

impl<'a> Joined<'a> {
    pub(super) fn new(tree: Oid, staged: &'a [Differs]) -> Joined<'a> {
        let paths = staged.iter().map(|d| (&d.path, d.after)).collect();
        Joined { tree, paths }
    }

    fn entry(&self, reader: &Reader<'_>, path: &TreePath) -> Result<Option<Raw>> {
        match self.paths.get(path) {
            Some(put) => Ok(*put),
            None => Ok(reader
                .repo
                .entry(self.tree, path)?
                .filter(|r| r.mode != TREE)),
        }
    }

    /// Files below a folder.
    fn files_below(&self, reader: &Reader<'_>, folder: &str) -> Result<BTreeMap<TreePath, Raw>> {
        let there = reader.repo.files_below(self.tree, folder)?;
        let mut all: BTreeMap<TreePath, Raw> = there.into_iter().collect();
        for (path, put) in self.paths.iter().filter(|(path, _)| path.is_below(folder)) {
            match put {
                Some(raw) => all.insert((*path).clone(), *raw),
                None => all.remove(*path),
            };
        }
        Ok(all)
    }
}

impl Reader<'_> {
    /// What two sides did to documents since their merge bases: `sides` are the documents' paths that each changed.
    pub(super) fn merged(
        &self,
        parents: [Oid; 2],
        bases: &[Oid],
        sides: &[Vec<TreePath>; 2],
        joined: &Joined<'_>,
        folder: &str,
    ) -> Result<Merged> {
        let mut out = Merged::default();
        let ids = |paths: &[TreePath]| -> BTreeSet<Id> {
            paths
                .iter()
                .filter_map(|p| Id::at_home(p, folder))
                .collect()
        };
        let sides = [ids(&sides[0]), ids(&sides[1])];
        let scoped = |n: usize| sides[n].iter().filter(|id| id.kind().has_scope);
        let [ours, theirs] = parents;
        // What comes in is read anyway, and is mostly little: first what it names.
        if scoped(0).next().is_some() {
            let work = self.work_between(ours, theirs)?;
            for id in scoped(0).filter(|id| work.contains_key(id)) {
                if self.left_execution(id, bases, ours, folder)? {
                    out.overtaken.push((id.clone(), work[id].clone()));
                }
            }
        }
        for id in scoped(1) {
            if self.left_execution(id, bases, theirs, folder)? {
                let work = self.work_between(theirs, ours)?;
                out.overtaken
                    .extend(work.get(id).map(|commit| (id.clone(), commit.clone())));
            }
        }
        // A family that one side left alone is as the other side has it, where it was judged.
        let families = |n: usize| -> BTreeSet<Id> { sides[n].iter().map(Id::root).collect() };
        let both: BTreeSet<Id> = families(0).intersection(&families(1)).cloned().collect();
        let moved = sides
            .iter()
            .flatten()
            .filter(|id| both.contains(&id.root()));
        let moved: BTreeSet<Id> = moved.cloned().collect();
        for id in &moved {
            let above = std::iter::successors(Some(id.clone()), Id::parent);
            for id in above {
                if let Some(raw) = joined.entry(self, &id.path(folder))? {
                    out.tree.documents.insert(id, self.entry(raw, true)?);
                }
            }
        }
        let homes: BTreeSet<String> = moved.iter().map(Id::home).collect();
        for home in homes {
            for (path, raw) in joined.files_below(self, &format!("{folder}/{home}"))? {
                let Some(id) = Id::at_home(&path, folder) else {
                    continue;
                };
                let parent = id.parent().filter(|p| out.tree.documents.contains_key(p));
                if parent.is_some() || moved.contains(&id) {
                    out.tree.documents.insert(id, self.entry(raw, true)?);
                }
            }
        }
        out.moved = moved.into_iter().collect();
        Ok(out)
    }

    /// Whether a change was in execution at a merge base and is not at a side.
    fn left_execution(&self, id: &Id, bases: &[Oid], side: Oid, folder: &str) -> Result<bool> {
        let executing = |commit: Oid| -> Result<bool> {
            let mut tree = Tree::default();
            let entry = self.document_in(self.repo.tree_of(commit)?, folder, id)?;
            tree.documents.extend(entry.map(|e| (id.clone(), e)));
            let status = tree.read(id).map(|d: &Document| d.state.status);
            Ok(status == Some(Status::InExecution))
        };
        if executing(side)? {
            return Ok(false);
        }
        for base in bases {
            if executing(*base)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The changes under which there are commits that one side has and the other has not, each with its last one.
    fn work_between(&self, without: Oid, with: Oid) -> Result<BTreeMap<Id, CommitName>> {
        let mut out = BTreeMap::new();
        for commit in self.repo.between(&[without], with)? {
            let data = self.repo.commit(commit)?;
            for id in named::names(data.message.as_deref().unwrap_or_default()) {
                out.entry(id).or_insert_with(|| data.name());
            }
        }
        Ok(out)
    }

    /// Paths that come with a step and fold to the same name as another one of its tree.
    pub(super) fn twins(
        &self,
        tree: Option<Oid>,
        staged: &[Differs],
    ) -> Result<Vec<(TreePath, TreePath)>> {
        let added = staged
            .iter()
            .filter(|d| d.before.is_none() && d.after.is_some());
        let goes = staged.iter().filter(|d| d.after.is_none());
        let goes: HashSet<&TreePath> = goes.map(|d| &d.path).collect();
        let mut out = Vec::new();
        // What the step itself brings, by folder and folded name.
        let mut brought: BTreeMap<(Vec<u8>, Vec<u8>), Vec<u8>> = BTreeMap::new();
        let mut folders: HashMap<Oid, Folder> = HashMap::new();
        for differs in added {
            let mut at = tree;
            let mut above: Vec<u8> = Vec::new();
            for name in differs.path.components() {
                if let Some(tree) = at.filter(|tree| !folders.contains_key(tree)) {
                    folders.insert(tree, Folder::new(self.repo.entries(tree)?));
                }
                let folder = at.and_then(|tree| folders.get(&tree));
                let same = folder.and_then(|f| f.entries.get(name));
                let whole = |name: &[u8]| TreePath::new([&above[..], name].concat());
                if same.is_none() {
                    let key = (above.clone(), path::folded(name));
                    let alike = folder.and_then(|f| f.folded.get(&key.1));
                    let stays = |there: &&Vec<u8>| !goes.contains(&whole(there));
                    let twin = alike.into_iter().flatten().find(stays);
                    match twin.or(brought.get(&key)) {
                        Some(twin) if twin != name => {
                            out.push((differs.path.clone(), whole(twin)));
                            break;
                        }
                        _ => drop(brought.insert(key, name.to_vec())),
                    }
                }
                at = same.filter(|raw| raw.mode == TREE).map(|raw| raw.id);
                above.extend_from_slice(name);
                above.push(b'/');
            }
        }
        Ok(out)
    }
}

/// One folder of a tree, by name and by what a name folds to.
struct Folder {
    entries: HashMap<Vec<u8>, Raw>,
    folded: HashMap<Vec<u8>, Vec<Vec<u8>>>,
}

impl Folder {
    fn new(list: Vec<(Vec<u8>, Raw)>) -> Folder {
        let mut folded: HashMap<Vec<u8>, Vec<Vec<u8>>> = HashMap::new();
        for (name, _) in &list {
            let alike = folded.entry(path::folded(name)).or_default();
            alike.push(name.clone());
        }
        Folder {
            entries: list.into_iter().collect(),
            folded,
        }
    }
}
