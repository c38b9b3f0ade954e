//! The manifests of the packages that files belong to: the nearest at or above each, wherever the system ends.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::tagged::Part;
use super::trees::Raw;
use super::{Oid, Repo};
use crate::model::path::TreePath;
use crate::model::trace::places::manifest::NAMES;
use crate::model::trace::places::{Places, folder};

impl Repo {
    /// Where names of tests may lead in a tree, of which `all` is listed: out of a system too.
    pub fn places(&self, tree: Oid, all: &[Part]) -> Result<Places> {
        let paths: Vec<String> = all.iter().map(|(path, _)| path.to_string()).collect();
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
        if !raw.is_file() {
            return Ok(String::new());
        }
        Ok(String::from_utf8(self.blob(raw.id)?).unwrap_or_default())
    }
}
