//! A walk over history by date that knows from which side a commit was reached.

use std::collections::{BinaryHeap, HashMap};

use anyhow::Result;

use super::history::Node;
use super::{Oid, Repo};

pub(super) const NEW: u8 = 1;
pub(super) const OLD: u8 = 2;
/// Below a common ancestor: common too, and no best one.
pub(super) const STALE: u8 = 4;

/// A walk by date that paints what two sides reach.
pub(super) struct Paint<'a> {
    repo: &'a Repo,
    queue: BinaryHeap<(i64, Oid, u8)>,
    seen: HashMap<Oid, (u8, Node)>,
    /// Entries of the queue that only the new side has reached.
    pub(super) open: usize,
    /// Entries of the queue that are not stale.
    pub(super) live: usize,
}

impl<'a> Paint<'a> {
    pub(super) fn new(repo: &'a Repo) -> Paint<'a> {
        Paint {
            repo,
            queue: BinaryHeap::new(),
            seen: HashMap::new(),
            open: 0,
            live: 0,
        }
    }

    pub(super) fn colour(&self, id: &Oid) -> u8 {
        self.seen.get(id).map_or(0, |(colour, _)| *colour)
    }

    /// The date of the newest commit that waits.
    pub(super) fn newest(&self) -> Option<i64> {
        self.queue.peek().map(|(date, _, _)| *date)
    }

    pub(super) fn add(&mut self, id: Oid, colour: u8) -> Result<()> {
        let old = self.colour(&id);
        let colour = old | colour;
        if colour == old {
            return Ok(());
        }
        let node = match self.seen.remove(&id) {
            Some((_, node)) => node,
            None => self.repo.node(id)?,
        };
        self.queue.push((node.seconds, id, colour));
        self.open += usize::from(colour == NEW);
        self.live += usize::from(colour & STALE == 0);
        self.seen.insert(id, (colour, node));
        Ok(())
    }

    /// The newest commit that waits, after its colours were handed on to its parents.
    pub(super) fn next(&mut self) -> Result<Option<(Oid, u8)>> {
        while let Some((_, id, colour)) = self.queue.pop() {
            self.open -= usize::from(colour == NEW);
            self.live -= usize::from(colour & STALE == 0);
            // Painted again meanwhile: the later entry stands for it.
            let Some((now, node)) = self.seen.get(&id).filter(|(now, _)| *now == colour) else {
                continue;
            };
            let (colour, parents) = (*now, node.parents.clone());
            let below = if colour & (NEW | OLD) == NEW | OLD {
                colour | STALE
            } else {
                colour
            };
            for parent in parents {
                self.add(parent, below)?;
            }
            return Ok(Some((id, colour)));
        }
        Ok(None)
    }
}
