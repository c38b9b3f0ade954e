//! What is not committed: git's own answer, since filters and line ends are its business.

use anyhow::{Result, bail};

use super::Repo;
use super::program::said;
use crate::model::path::TreePath;

impl Repo {
    /// The paths on which index, work tree and `HEAD` are not one, and those that git knows nothing of and was not told to
    /// ignore.
    pub fn not_committed(&self) -> Result<Vec<TreePath>> {
        let ran = self.git(&[
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=none",
        ])?;
        if !ran.status.success() {
            bail!("{}", said(&ran));
        }
        // Two letters, a space, and the path.
        let lines = ran.stdout.split(|b| *b == 0);
        let paths = lines.filter_map(|line| line.get(3..));
        Ok(paths.map(|path| TreePath::new(path.to_vec())).collect())
    }
}
