//! What looks at code take from a repository: commits as they are, walks that stop, lines that differ. Objects are all
//! that is read; no attribute, filter, driver or configuration has a say.

pub mod ahead;
pub mod blame;
mod commit;
pub mod lines;
pub mod walk;

use std::ops::ControlFlow;

use anyhow::{Result, bail};
use gix::objs::FindHeader;

use super::trees::{Raw, TREE};
use super::{Oid, Repo};
use crate::model::path::TreePath;

/// Entries of one look, and levels of one tree, that are passed before it is refused.
const MOST_ENTRIES: usize = 500_000;
const MOST_LEVELS: usize = 100;

/// Told of each entry; says whether to go on.
pub type Visitor<'a> = dyn FnMut(TreePath, Raw) -> Result<ControlFlow<()>> + 'a;

impl Repo {
    /// The size of an object, without reading it; none where it is not there.
    pub fn size(&self, id: Oid) -> Option<u64> {
        let here = self.objects.find_header(id).ok().map(|h| h.size());
        let coming = || {
            let mut stores = self.incoming.iter();
            stores.find_map(|s| s.try_header(&id).ok().flatten().map(|h| h.size))
        };
        here.or_else(coming)
    }

    /// What is in a folder, in git's order, until the visitor has enough. `deep`: at any depth, without the folders.
    pub fn visit(
        &self,
        folder: Oid,
        at: Option<&TreePath>,
        deep: bool,
        found: &mut Visitor<'_>,
    ) -> Result<ControlFlow<()>> {
        let path = at.map_or(Vec::new(), |at| at.as_bytes().to_vec());
        let mut left = MOST_ENTRIES;
        self.visit_below(folder, &path, (deep, MOST_LEVELS), &mut left, found)
    }

    fn visit_below(
        &self,
        folder: Oid,
        at: &[u8],
        (deep, levels): (bool, usize),
        left: &mut usize,
        found: &mut Visitor<'_>,
    ) -> Result<ControlFlow<()>> {
        if levels == 0 {
            bail!("more than {MOST_LEVELS} levels of folders to look at");
        }
        for (name, raw) in self.entries(folder)? {
            if *left == 0 {
                bail!("more than {MOST_ENTRIES} files and folders to look at: name a folder");
            }
            *left -= 1;
            let path = match at.is_empty() {
                true => name,
                false => [at, b"/", &name].concat(),
            };
            let step = match deep && raw.mode == TREE {
                true => self.visit_below(raw.id, &path, (deep, levels - 1), left, found)?,
                false => found(TreePath::new(path), raw)?,
            };
            if step.is_break() {
                return Ok(step);
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
