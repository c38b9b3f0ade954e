//! The manifests of the packages that files belong to: the nearest at or above each, wherever the system ends.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::trees::Raw;
use super::{Oid, Repo};
use crate::model::change::{EXECUTABLE, REGULAR};
use crate::model::path::TreePath;
use crate::model::trace::places::manifest::NAMES;
use crate::model::trace::places::{Places, folder};

impl Repo {
    /// All paths of a tree, from its root.
    pub fn all_paths(&self, tree: Oid) -> Result<Vec<String>> {
        let all = self.differences(None, Some(tree))?.into_iter();
        Ok(all.map(|differs| differs.path.to_string()).collect())
    }

    /// Where names of tests may lead in a tree: out of a system too.
    pub fn places(&self, tree: Oid) -> Result<Places> {
        let paths = self.all_paths(tree)?;
        let mut manifests = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for path in &paths {
            let of = NAMES.iter().find(|(ending, _)| path.ends_with(ending));
            let Some((_, name)) = of else { continue };
            let mut at = folder(path);
            while seen.insert((at, name)) {
                let manifest = match at {
                    "" => (*name).to_owned(),
                    _ => format!("{at}/{name}"),
                };
                if let Some(raw) = self.entry(tree, &TreePath::from(manifest.as_str()))? {
                    manifests.insert(manifest, self.manifest(raw)?);
                    break;
                }
                at = folder(at);
            }
        }
        Ok(Places::new(&paths, &manifests))
    }

    /// The text of a manifest; what is none in its place says nothing, and still stands for a package.
    fn manifest(&self, raw: Raw) -> Result<String> {
        if ![REGULAR, EXECUTABLE].contains(&raw.mode) {
            return Ok(String::new());
        }
        Ok(String::from_utf8(self.blob(raw.id)?).unwrap_or_default())
    }
}
