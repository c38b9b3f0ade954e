//! History for readers: newest first, only what changes given paths, and never further than somebody reads.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Instant;

use anyhow::Result;

use super::super::history::Node;
use super::super::trees::Raw;
use super::super::{Oid, Repo};
use crate::model::path::TreePath;

/// Commits that are looked at before a walk is given up.
const MOST_COMMITS: usize = 200_000;
/// Trees whose entries at the paths stay in memory.
const MOST_PLACES: usize = 4_096;

/// Which commits are of interest.
#[derive(Debug, Clone, Copy)]
pub struct Interest<'a> {
    /// Those that change one of these; where there are none, all.
    pub paths: &'a [TreePath],
    pub first_parent: bool,
    /// When the walk is given up.
    pub until: Instant,
}

impl Repo {
    /// The commits of interest that `tip` reaches, by date, as `git log` lists them, until `found` has enough. Side
    /// branches that left the paths as they are after a merge are not followed. Answers whether it was given up.
    pub fn walk(
        &self,
        tip: Oid,
        interest: Interest<'_>,
        found: &mut dyn FnMut(Oid) -> Result<ControlFlow<()>>,
    ) -> Result<bool> {
        let mut walk = Walk {
            repo: self,
            interest,
            places: HashMap::new(),
        };
        let mut open = BinaryHeap::from([(self.node(tip)?.seconds, Reverse(0_usize), tip)]);
        let mut seen = HashSet::from([tip]);
        let mut left = MOST_COMMITS;
        while let Some((_, _, id)) = open.pop() {
            if left == 0 || Instant::now() > interest.until {
                return Ok(true);
            }
            left -= 1;
            let (wanted, parents) = walk.step(&self.node(id)?)?;
            if wanted && found(id)?.is_break() {
                return Ok(false);
            }
            for parent in parents {
                if seen.insert(parent) {
                    let order = Reverse(seen.len());
                    open.push((self.node(parent)?.seconds, order, parent));
                }
            }
        }
        Ok(false)
    }
}

type Places = Rc<[Option<Raw>]>;

struct Walk<'a> {
    repo: &'a Repo,
    interest: Interest<'a>,
    /// What is at the paths, by tree.
    places: HashMap<Oid, Places>,
}

impl Walk<'_> {
    /// Whether a commit is of interest, and which parents to follow.
    fn step(&mut self, node: &Node) -> Result<(bool, Vec<Oid>)> {
        let most = if self.interest.first_parent {
            1
        } else {
            usize::MAX
        };
        let parents: Vec<Oid> = node.parents.iter().copied().take(most).collect();
        if self.interest.paths.is_empty() {
            return Ok((true, parents));
        }
        let here = self.places(node.tree)?;
        if parents.is_empty() {
            return Ok((here.iter().any(Option::is_some), parents));
        }
        for parent in &parents {
            let tree = self.repo.tree_of(*parent)?;
            if tree == node.tree || self.places(tree)? == here {
                return Ok((false, vec![*parent]));
            }
        }
        Ok((true, parents))
    }

    fn places(&mut self, tree: Oid) -> Result<Places> {
        if let Some(known) = self.places.get(&tree) {
            return Ok(known.clone());
        }
        let paths = self.interest.paths.iter();
        let found = paths.map(|path| self.repo.entry(tree, path));
        let found: Places = found.collect::<Result<Vec<_>>>()?.into();
        if self.places.len() >= MOST_PLACES {
            self.places.clear();
        }
        self.places.insert(tree, found.clone());
        Ok(found)
    }
}
