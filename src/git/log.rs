//! The log: commits that somebody wants to see, each read once, children before their parents.

use std::collections::{BinaryHeap, HashMap};

use anyhow::Result;

use super::history::Node;
use super::{Oid, Repo};
use crate::model::change::Commit;

impl Repo {
    /// The commits that `tip` reaches and whose message is wanted, each before its parents, whatever dates say.
    pub fn log(&self, tip: Oid, mut wants: impl FnMut(&[u8]) -> bool) -> Result<Vec<Commit>> {
        let mut children: HashMap<Oid, usize> = HashMap::new();
        let mut nodes: HashMap<Oid, Node> = HashMap::new();
        let mut wanted: HashMap<Oid, Commit> = HashMap::new();
        let mut open = vec![tip];
        while let Some(id) = open.pop() {
            if nodes.contains_key(&id) {
                continue;
            }
            let (node, commit) = self.read_for_log(id, &mut wants)?;
            for parent in &node.parents {
                *children.entry(*parent).or_default() += 1;
                open.push(*parent);
            }
            nodes.insert(id, node);
            wanted.extend(commit.map(|c| (id, c)));
        }
        let mut ready = BinaryHeap::from([(0, tip)]);
        let mut out = Vec::with_capacity(wanted.len());
        while let Some((_, id)) = ready.pop() {
            out.extend(wanted.remove(&id));
            for parent in nodes
                .get(&id)
                .map(|n| n.parents.clone())
                .unwrap_or_default()
            {
                let waits = children.entry(parent).or_default();
                *waits = waits.saturating_sub(1);
                if *waits == 0 {
                    ready.push((nodes.get(&parent).map_or(0, |n| n.seconds), parent));
                }
            }
        }
        Ok(out)
    }
}
