//! What files have that they had not at an earlier commit.

use anyhow::Result;

use super::trees::Raw;
use super::{Oid, Repo};
use crate::model::path::TreePath;
use crate::model::trace::altered;
use crate::model::trace::verdict::Changed;

impl Repo {
    /// The lines of these files that are not as they were at a commit; all of them where there was none.
    pub fn altered<'p>(
        &self,
        before: Option<Oid>,
        parts: impl Iterator<Item = &'p (TreePath, Raw)>,
    ) -> Result<Changed> {
        let tree = before.map(|commit| self.tree_of(commit)).transpose()?;
        let mut out = Changed::new();
        for (path, raw) in parts {
            let then = match tree {
                Some(tree) => self.entry(tree, path)?,
                None => None,
            };
            if !raw.is_file() || then.is_some_and(|then| then.id == raw.id) {
                continue;
            }
            let old = then
                .filter(Raw::is_file)
                .map(|then| self.blob(then.id))
                .transpose()?;
            let lines = altered::lines(old.as_deref(), &self.blob(raw.id)?);
            out.insert(path.to_string(), lines);
        }
        Ok(out)
    }
}
