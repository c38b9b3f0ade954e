//! Whether all of a history is here, as it was made: what cuts it off, leaves parts of it out, or shows it otherwise.

use anyhow::Result;

use super::Repo;

impl Repo {
    /// Whether history is cut off or bent here: then nothing can be verified, and the reason is given.
    pub fn is_incomplete(&self) -> Option<&'static str> {
        if self.is_shallow() {
            return Some("the clone is shallow: git fetch --unshallow");
        }
        self.is_noted("info/grafts")
            .then_some("the repository has grafts: remove `info/grafts`")
    }

    /// Whether history was cut off when it was fetched.
    pub fn is_shallow(&self) -> bool {
        self.is_noted("shallow")
    }

    fn is_noted(&self, name: &str) -> bool {
        let place = self.common_dir().join(name);
        place.metadata().is_ok_and(|m| m.len() > 0)
    }

    /// Whether objects were left out of the clone, to be fetched when they are asked for: then what is missing looks like
    /// what never was.
    pub fn is_partial(&self) -> bool {
        let promised = |name: &String| self.config(&format!("remote.{name}.promisor"));
        self.config("extensions.partialClone").is_some()
            || self
                .remotes()
                .iter()
                .any(|r| promised(r).is_some_and(|v| v == "true"))
    }

    /// Whether some object is replaced by another: git's own commands would show what was not verified.
    pub fn is_replaced(&self) -> Result<Option<&'static str>> {
        let platform = self.refs.references().map_err(|e| anyhow::anyhow!("{e}"))?;
        let mut all = platform
            .prefixed("refs/replace/")
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        let why = "objects are replaced here: git replace -d $(git replace -l)";
        Ok(all.next().map(|_| why))
    }
}
