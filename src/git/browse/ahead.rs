//! How far two commits are apart.

use std::collections::BTreeSet;

use anyhow::Result;

use super::super::paint::{NEW, OLD, Paint};
use super::super::{Oid, Repo};

/// Commits that are looked at before counting is given up.
const MOST_COMMITS: usize = 50_000;

impl Repo {
    /// The commits that only `here` reaches and those that only `there` does, counted; none where they are too many
    /// to look at.
    pub fn apart(&self, here: Oid, there: Oid) -> Result<Option<(usize, usize)>> {
        let mut walk = Paint::new(self);
        walk.add(here, NEW)?;
        walk.add(there, OLD)?;
        let mut passed = BTreeSet::new();
        let mut left = MOST_COMMITS;
        while walk.live > 0 {
            if left == 0 {
                return Ok(None);
            }
            left -= 1;
            let Some((id, _)) = walk.next()? else {
                break;
            };
            passed.insert(id);
        }
        let side = |colour| passed.iter().filter(|id| walk.colour(id) == colour).count();
        Ok(Some((side(NEW), side(OLD))))
    }
}
