//! History: the mainline, what a merge brings in, merge bases, and commits as data.

use anyhow::{Result, bail};
use gix::objs::Kind;

use super::paint::{NEW, OLD, Paint, STALE};
use super::{Oid, Repo};
use crate::model::change::Commit;

/// A commit's place in history.
#[derive(Debug, Clone)]
pub struct Node {
    pub tree: Oid,
    pub parents: Vec<Oid>,
    pub seconds: i64,
}

/// Commits of one push or range that are looked at before it is refused.
const MOST_COMMITS: usize = 200_000;
/// Merge bases of two commits that are looked at before they are refused.
const MOST_BASES: usize = 64;
/// Places of commits that stay in memory; beyond that they are read again.
const MOST_NODES: usize = 65_536;
/// Commits whose place alone was asked for so far, and the bytes of the largest among them.
const MOST_WAITING: usize = 2_048;
const SMALL_COMMIT: usize = 4 * 1024;

impl Repo {
    pub fn node(&self, id: Oid) -> Result<Node> {
        if let Some(known) = self.nodes.borrow().get(&id) {
            return Ok(known.clone());
        }
        self.object(id, Kind::Commit, |data| {
            let node = super::commit::node(data)?;
            self.know(id, &node);
            if data.len() <= SMALL_COMMIT {
                let mut waiting = self.waiting.borrow_mut();
                if waiting.len() >= MOST_WAITING {
                    waiting.clear();
                }
                waiting.insert(id, data.into());
            }
            Ok(node)
        })
    }

    fn know(&self, id: Oid, node: &Node) {
        let mut known = self.nodes.borrow_mut();
        if known.len() >= MOST_NODES {
            known.clear();
        }
        known.insert(id, node.clone());
    }

    /// A commit's place, and the commit itself if its message is wanted.
    pub(super) fn read_for_log(
        &self,
        id: Oid,
        wants: impl FnOnce(&[u8]) -> bool,
    ) -> Result<(Node, Option<Commit>)> {
        self.with_commit(id, |data| {
            let commit = if wants(super::commit::message(data)) {
                Some(super::commit::read(id, data)?)
            } else {
                None
            };
            Ok((super::commit::node(data)?, commit))
        })
    }

    /// A commit as the rules see it.
    pub fn commit(&self, id: Oid) -> Result<Commit> {
        self.with_commit(id, |data| super::commit::read(id, data))
    }

    /// A commit as the rules see it, and its place.
    pub(super) fn commit_and_node(&self, id: Oid) -> Result<(Node, Commit)> {
        self.with_commit(id, |data| {
            let node = super::commit::node(data)?;
            self.know(id, &node);
            Ok((node, super::commit::read(id, data)?))
        })
    }

    fn with_commit<T>(&self, id: Oid, read: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        if let Some(data) = self.waiting.borrow_mut().remove(&id) {
            return read(&data);
        }
        self.object(id, Kind::Commit, read)
    }

    /// The first-parent chain from `tip` down to `old`, both included, newest first; `None` where `old` does not
    /// lie on it. Without `old`: down to the root.
    pub fn mainline(&self, tip: Oid, old: Option<Oid>) -> Result<Option<Vec<Oid>>> {
        let mut chain = vec![tip];
        let mut at = tip;
        while Some(at) != old {
            match self.node(at)?.parents.first() {
                Some(parent) => at = *parent,
                None if old.is_none() => break,
                None => return Ok(None),
            }
            chain.push(at);
        }
        Ok(Some(chain))
    }

    /// The commits that `tip` reaches and none of `known` does, newest first.
    pub fn between(&self, known: &[Oid], tip: Oid) -> Result<Vec<Oid>> {
        let mut walk = Paint::new(self);
        walk.add(tip, NEW)?;
        for id in known {
            walk.add(*id, OLD)?;
        }
        let mut found = Vec::new();
        let mut oldest = i64::MAX;
        let mut root = false;
        // Dates are only claims. While something known waits that is not older than what was found, it may still
        // lead there; and who reaches a root as new has walked past something, so then everything is walked.
        while walk.open > 0 || root || walk.newest().is_some_and(|date| date >= oldest) {
            let Some((id, colour)) = walk.next()? else {
                break;
            };
            if colour & OLD == 0 {
                let node = self.node(id)?;
                oldest = oldest.min(node.seconds);
                root |= node.parents.is_empty();
                found.push(id);
            }
            if found.len() > MOST_COMMITS {
                bail!("more than {MOST_COMMITS} commits come in at once");
            }
        }
        found.retain(|id| walk.colour(id) & OLD == 0);
        Ok(found)
    }

    /// All best common ancestors, sorted: common ancestors that no other one reaches.
    pub fn merge_bases(&self, a: Oid, b: Oid) -> Result<Vec<Oid>> {
        if a == b || self.node(a)?.parents.first() == Some(&b) {
            return Ok(vec![b]);
        }
        let mut walk = Paint::new(self);
        walk.add(a, NEW)?;
        walk.add(b, OLD)?;
        let mut common = Vec::new();
        while walk.live > 0 {
            let Some((id, colour)) = walk.next()? else {
                break;
            };
            if colour == NEW | OLD {
                common.push(id);
            }
        }
        common.retain(|id| walk.colour(id) & STALE == 0);
        common.sort_unstable();
        common.dedup();
        if common.len() > MOST_BASES {
            bail!("{a} and {b} have more than {MOST_BASES} merge bases");
        }
        // Where dates lie, one may still be an ancestor of another.
        let mut best = Vec::new();
        for id in &common {
            let mut reached = false;
            for other in common.iter().filter(|o| *o != id) {
                reached |= self.between(&[*other], *id)?.is_empty();
            }
            if !reached {
                best.push(*id);
            }
        }
        Ok(best)
    }

    /// One common ancestor, if there is any: for advice, where which one does not matter.
    pub fn merge_base(&self, a: Oid, b: Oid) -> Result<Option<Oid>> {
        Ok(self.merge_bases(a, b)?.first().copied())
    }

    /// The commits from `tip` on, newest first, until `stop` says so.
    pub fn newest_first(&self, tip: Oid, mut stop: impl FnMut(Oid) -> Result<bool>) -> Result<()> {
        let mut walk = Paint::new(self);
        walk.add(tip, NEW)?;
        while let Some((id, _)) = walk.next()? {
            if stop(id)? {
                break;
            }
        }
        Ok(())
    }
}
