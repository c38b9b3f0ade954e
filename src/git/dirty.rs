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
        let mut all: Vec<TreePath> = paths.map(|path| TreePath::new(path.to_vec())).collect();
        // What only this clone ignores is nobody's to leave out.
        let ran = self.git(&[
            "ls-files",
            "--others",
            "-z",
            "--exclude-per-directory=.gitignore",
        ])?;
        if !ran.status.success() {
            bail!("{}", said(&ran));
        }
        let lines = ran
            .stdout
            .split(|b| *b == 0)
            .filter(|line| !line.is_empty());
        let hidden = lines.map(|path| TreePath::new(path.to_vec()));
        let hidden: Vec<TreePath> = hidden.filter(|path| !all.contains(path)).collect();
        all.extend(hidden);
        // What git was told not to look at may be anything: a small letter, or the S of what a sparse checkout leaves out.
        let ran = self.git(&["ls-files", "-v", "-z"])?;
        if !ran.status.success() {
            bail!("{}", said(&ran));
        }
        let lines = ran.stdout.split(|b| *b == 0);
        let unseen = lines.filter(|line| {
            line.first()
                .is_some_and(|b| b.is_ascii_lowercase() || *b == b'S')
        });
        all.extend(
            unseen
                .filter_map(|line| line.get(2..))
                .map(|path| TreePath::new(path.to_vec())),
        );
        Ok(all)
    }
}
