//! Submodules: whether the commit that one is at holds another, as its own repository says.

use std::path::PathBuf;

use anyhow::Result;

use super::trees::Raw;
use super::{Oid, Repo};
use crate::model::change::GITLINK;
use crate::model::path::TreePath;
use crate::model::qualified::{Held, Pointer};

impl Repo {
    /// The submodules among `parts` whose pointers in `tree` do not hold, or may not hold, what they pointed to there.
    pub fn strayed(&self, parts: &[(TreePath, Raw)], tree: Oid) -> Result<Vec<Pointer>> {
        let mut out = Vec::new();
        for (path, then) in parts.iter().filter(|(_, raw)| raw.mode == GITLINK) {
            let now = self.entry(tree, path)?;
            let now = now.filter(|raw| raw.mode == GITLINK);
            let held = match now {
                None => Held::Gone,
                Some(now) if now.id == then.id => continue,
                Some(now) => match self.holds(path, now.id, then.id)? {
                    Some(true) => continue,
                    Some(false) => Held::Behind,
                    None => Held::Unknown,
                },
            };
            out.push(Pointer {
                path: path.to_string(),
                then: then.id.to_string(),
                now: now.map(|now| now.id.to_string()),
                held,
            });
        }
        Ok(out)
    }

    /// None where nobody can tell: its repository, or a part of its history, is not here.
    fn holds(&self, path: &TreePath, newer: Oid, older: Oid) -> Result<Option<bool>> {
        let Some(repo) = self.submodule(path).and_then(|dir| Repo::alone(&dir).ok()) else {
            return Ok(None);
        };
        let is_here = |id: Oid| repo.node(id).is_ok();
        if repo.is_incomplete().is_some() || !is_here(newer) || !is_here(older) {
            return Ok(None);
        }
        Ok(Some(repo.between(&[newer], older)?.is_empty()))
    }

    /// Where the repository of a submodule is: where the configuration says, as on a server, or where git puts it.
    fn submodule(&self, path: &TreePath) -> Option<PathBuf> {
        let text = path.to_string();
        if let Some(named) = self.config(&format!("qms.{text}.repository")) {
            return Some(PathBuf::from(named));
        }
        // A path comes from a tree, and is no way out of this repository.
        let is_plain = |part: &str| !["", ".", "..", ".git"].contains(&part);
        if !text.split('/').all(is_plain) {
            return None;
        }
        let own = self.work_dir().map(|dir| dir.join(&text).join(".git"));
        let linked = |file: PathBuf| match file.is_dir() {
            true => Some(file),
            false => gix::discover::path::from_gitdir_file(&file).ok(),
        };
        let kept = self.common_dir().join("modules").join(&text);
        own.and_then(linked).or(kept.is_dir().then_some(kept))
    }
}
