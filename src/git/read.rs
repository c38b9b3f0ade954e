//! Reads one step into a `Change`: what differs, and the documents and policies that judging it takes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::joined::Joined;
use super::memory::Parsed;
use super::merge::{self, Added};
use super::trees::{Differs, Raw, TREE};
use super::way::{Places, Way};
use super::{Oid, Repo};
use crate::model::change::{
    Change, Commit, Entry, Loaded, Merged, Passage, PathChange, PolicyAfter, SYMLINK, Tree,
};
use crate::model::cited::Cited;
use crate::model::document;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::policy::{self, Policy};
use crate::model::span::Flaw;
use crate::model::trailer;

/// Reads steps of one repository.
pub struct Reader<'r> {
    pub repo: &'r Repo,
    bases: RefCell<HashMap<(Oid, Oid), Vec<Oid>>>,
    /// Where documents are, by the tree of their folder.
    places: RefCell<HashMap<(Oid, Id), Option<Raw>>>,
    /// The chain whose places were asked for last.
    pub(super) chain: RefCell<Option<Rc<Places>>>,
    /// Times by P and anchor.
    pub(super) times: RefCell<HashMap<(Oid, Option<Oid>), i64>>,
}

/// What a policy file is in a tree; none where there is no such file.
pub type PolicyFile = Option<Parsed>;

const MOST_PLACES: usize = 4096;

/// A step that is not a commit yet: the index on top of `HEAD`, perhaps concluding a merge.
pub struct Draft {
    pub commit: Commit,
    pub parents: Vec<Oid>,
    /// What the index changes in the first parent's tree.
    pub staged: Vec<Differs>,
}

impl<'r> Reader<'r> {
    pub fn new(repo: &'r Repo) -> Reader<'r> {
        Reader {
            repo,
            bases: RefCell::default(),
            places: RefCell::default(),
            chain: RefCell::default(),
            times: RefCell::default(),
        }
    }

    /// The policy in a commit's tree.
    pub fn policy(&self, commit: Oid) -> Result<PolicyFile> {
        self.policy_in(self.repo.tree_of(commit)?)
    }

    fn policy_in(&self, tree: Oid) -> Result<PolicyFile> {
        match self.repo.entry(tree, &TreePath::from(policy::FILE))? {
            None => Ok(None),
            Some(raw) => self.policy_blob(raw).map(Some),
        }
    }

    fn policy_blob(&self, raw: Raw) -> Result<Parsed> {
        // The same bytes are no policy in another mode.
        if raw.mode != crate::model::change::REGULAR {
            let mode = raw.mode;
            let flaw = format!("`qms.yaml` has mode {mode:06o}, expected a plain file");
            return Ok(Err(vec![Flaw::new(flaw)]));
        }
        self.repo.memory.policy(raw.id, || self.repo.blob(raw.id))
    }

    /// A document by its blob.
    pub fn document(&self, id: Oid) -> Result<Loaded> {
        self.repo.memory.document(id, || self.repo.blob(id))
    }

    /// A document by its id in a tree.
    pub fn document_in(&self, tree: Oid, folder: &str, id: &Id) -> Result<Option<Entry>> {
        let all = self.repo.entry(tree, &TreePath::from(folder))?;
        let Some(all) = all.filter(|raw| raw.mode == TREE) else {
            return Ok(None);
        };
        // Most steps move no document: then the folder of all of them is the same tree.
        let key = (all.id, id.clone());
        let known = self.places.borrow().get(&key).copied();
        let found = match known {
            Some(known) => known,
            None => {
                let path = id.path(folder);
                let below = TreePath::new(&path.as_bytes()[folder.len() + 1..]);
                let found = self.repo.entry(all.id, &below)?;
                let mut places = self.places.borrow_mut();
                if places.len() >= MOST_PLACES {
                    places.clear();
                }
                places.insert(key, found);
                found
            }
        };
        found.map(|raw| self.entry(raw, true)).transpose()
    }

    /// One side of a path.
    pub fn entry(&self, raw: Raw, is_document: bool) -> Result<Entry> {
        let readable = is_document && matches!(raw.mode, 0o100_644 | 0o100_755);
        let document = if readable {
            Some(self.document(raw.id)?)
        } else {
            None
        };
        let link = match raw.mode {
            SYMLINK => Some(TreePath::new(self.repo.blob(raw.id)?)),
            _ => None,
        };
        Ok(Entry {
            mode: raw.mode,
            id: raw.id.to_string(),
            document,
            link,
        })
    }

    /// A commit, as it enters.
    pub fn commit(&self, id: Oid, way: &Way) -> Result<Change> {
        let (node, commit) = self.repo.commit_and_node(id)?;
        let parent = node
            .parents
            .first()
            .map(|p| self.repo.tree_of(*p))
            .transpose()?;
        let staged = self.repo.differences(parent, Some(node.tree))?;
        let draft = Draft {
            commit,
            parents: node.parents,
            staged,
        };
        self.draft(draft, way)
    }

    /// A step that is only being made, as it would enter.
    pub fn draft(&self, draft: Draft, way: &Way) -> Result<Change> {
        let Draft {
            commit,
            parents,
            staged,
        } = draft;
        let message = commit.message.as_deref().unwrap_or_default();
        let carries = trailer::carries(message);
        let read = carries.then(|| trailer::read(message).ok()).flatten();
        let trailers = read.unwrap_or_default();
        let parent = parents.first().copied();
        let parent_tree = parent.map(|c| self.repo.tree_of(c)).transpose()?;
        let id = self.repo.oid(&commit.id);
        let source = self.source(way, id, parent, &trailers, carries)?;
        let policy = self.in_force(source.acting)?;
        let own = match parent_tree.map_or(Ok(None), |t| self.policy_in(t))? {
            Some(Ok(own)) => own,
            _ => policy.clone(),
        };
        let asking = match source.bases.first().map_or(Ok(None), |b| self.policy(*b))? {
            Some(Ok(asking)) => asking,
            _ => policy.clone(),
        };
        let folder = policy.folder.clone();
        let twins = self.twins(parent_tree, &staged)?;
        let (added, merged) = match (&parents[..], parent_tree) {
            ([ours, theirs], Some(tree)) => {
                let bases = self.repo.merge_bases(*ours, *theirs)?;
                let added = self.added(&bases, [*ours, *theirs], staged.clone(), &folder)?;
                let joined = Joined::new(tree, &staged);
                let merged =
                    self.merged([*ours, *theirs], &bases, &added.sides, &joined, &folder)?;
                (added, merged)
            }
            _ => {
                let paths = staged;
                let added = Added {
                    paths,
                    ..Added::default()
                };
                (added, Merged::default())
            }
        };
        let policy_after = self.policy_after(&added.paths)?;
        let paths = self.paths(added.paths, &folder)?;
        let time = self.judged_at(way, source.acting, &policy, &commit, carries)?;
        let mut change = Change {
            passage: Passage {
                branch: way.branch.clone(),
                time,
                lends: way.lends.clone(),
                away: way.away.is_some(),
                authority: source.named.clone(),
            },
            parents: parents.iter().map(ToString::to_string).collect(),
            policy,
            asking,
            own,
            paths,
            contested: added.contested,
            merged,
            twins,
            policy_after,
            before: Tree::default(),
            at_p: Tree::default(),
            at_base: Tree::default(),
            under: None,
            qualified: Vec::new(),
            shown: Vec::new(),
            names: Vec::new(),
            in_force: None,
            form: None,
            cited: Cited::default(),
            template: None,
            commit,
        };
        if let Some(step) = way.step.filter(|step| id == Some(*step)) {
            change.shown = self.shown_by(step, &change.policy, way.current)?;
        }
        self.surround(&mut change, parent, &source, way, &trailers)?;
        Ok(change)
    }

    /// The policy of a commit by which others are judged.
    fn in_force(&self, commit: Oid) -> Result<Arc<Policy>> {
        let parsed = self.policy(commit)?;
        let parsed = parsed.with_context(|| format!("there is no `qms.yaml` at {commit}"))?;
        parsed.map_err(|flaws| {
            let flaw = &flaws[0].message;
            anyhow::anyhow!("`qms.yaml` at {commit} cannot be read: {flaw}")
        })
    }

    /// The merge bases of a commit with P. A commit that comes in with one parent has those of its parent, so that
    /// a long branch is walked once: `enters` says which commits come in.
    pub fn inherit(&self, enters: &[Oid], p: Oid) -> Result<()> {
        let new: std::collections::HashSet<&Oid> = enters.iter().collect();
        for id in enters {
            let parents = self.repo.node(*id)?.parents;
            let bases = match parents[..] {
                [parent] if !new.contains(&parent) => vec![parent],
                [parent] => self.bases(parent, p)?,
                _ => continue,
            };
            let mut known = self.bases.borrow_mut();
            for parent in parents.iter().filter(|parent| !new.contains(parent)) {
                known.insert((*parent, p), vec![*parent]);
            }
            known.insert((*id, p), bases);
        }
        Ok(())
    }

    pub(super) fn bases(&self, commit: Oid, p: Oid) -> Result<Vec<Oid>> {
        if let Some(known) = self.bases.borrow().get(&(commit, p)) {
            return Ok(known.clone());
        }
        let bases = self.repo.merge_bases(commit, p)?;
        self.bases.borrow_mut().insert((commit, p), bases.clone());
        Ok(bases)
    }

    /// Of a merge, what it adds itself; of any other step, all.
    pub fn own_part(
        &self,
        parents: &[Oid],
        staged: Vec<Differs>,
        folder: &str,
    ) -> Result<Vec<Differs>> {
        let [ours, theirs] = *parents else {
            return Ok(staged);
        };
        let bases = self.repo.merge_bases(ours, theirs)?;
        Ok(self.added(&bases, [ours, theirs], staged, folder)?.paths)
    }

    fn added(
        &self,
        bases: &[Oid],
        parents: [Oid; 2],
        staged: Vec<Differs>,
        folder: &str,
    ) -> Result<Added> {
        let trees = bases.iter().map(|b| self.repo.tree_of(*b));
        let bases = trees.collect::<Result<Vec<_>>>()?;
        let (ours, theirs) = (
            self.repo.tree_of(parents[0])?,
            self.repo.tree_of(parents[1])?,
        );
        let by_side = |path: &TreePath| {
            path.as_bytes() == policy::FILE.as_bytes() || Id::at_home(path, folder).is_some()
        };
        merge::added(self.repo, &bases, ours, theirs, staged, by_side)
    }

    fn policy_after(&self, differs: &[Differs]) -> Result<Option<PolicyAfter>> {
        let Some(file) = differs
            .iter()
            .find(|d| d.path.as_bytes() == policy::FILE.as_bytes())
        else {
            return Ok(None);
        };
        let before = file
            .before
            .map(|raw| self.repo.blob(raw.id))
            .transpose()?
            .unwrap_or_default();
        let parsed = file.after.map(|raw| self.policy_blob(raw)).transpose()?;
        Ok(Some(PolicyAfter {
            before: document::digest(&before),
            parsed,
        }))
    }

    fn paths(&self, differs: Vec<Differs>, folder: &str) -> Result<Vec<PathChange>> {
        let mut out = Vec::with_capacity(differs.len());
        for d in differs {
            let is_document = Id::of_path(&d.path, folder).is_some();
            let side = |raw: Option<Raw>| raw.map(|raw| self.entry(raw, is_document)).transpose();
            let (after, before) = (side(d.after)?, side(d.before)?);
            out.push(PathChange {
                before,
                after,
                path: d.path,
            });
        }
        Ok(out)
    }
}
