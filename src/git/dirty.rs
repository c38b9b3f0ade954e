//! What is not committed: git's own answer, since filters and line ends are its business.

use std::collections::HashSet;

use anyhow::{Result, bail};

use super::Repo;
use super::program::said;
use crate::model::path::TreePath;

impl Repo {
    /// The paths on which index, work tree and `HEAD` are not one, and those that git knows nothing of and was not told to
    /// ignore.
    pub fn not_committed(&self) -> Result<Vec<TreePath>> {
        // Two letters, a space, and the path.
        let status = self.answered(&[
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=none",
        ])?;
        let path = |line: &[u8], at: usize| Some(TreePath::new(line.get(at..)?));
        let mut all: Vec<TreePath> = status.iter().filter_map(|line| path(line, 3)).collect();
        // What only this clone ignores is nobody's to leave out.
        let others = self.answered(&[
            "ls-files",
            "--others",
            "-z",
            "--exclude-per-directory=.gitignore",
        ])?;
        let known: HashSet<TreePath> = all.iter().cloned().collect();
        let others = others.into_iter().map(TreePath::new);
        all.extend(others.filter(|path| !known.contains(path)));
        // What git was told not to look at may be anything: a small letter, or the S of what a sparse checkout leaves out.
        let told = self.answered(&["ls-files", "-v", "-z"])?;
        let unseen = told
            .iter()
            .filter(|line| line[0].is_ascii_lowercase() || line[0] == b'S');
        all.extend(unseen.filter_map(|line| path(line, 2)));
        Ok(all)
    }

    /// What git answers, each entry ended by a zero.
    fn answered(&self, args: &[&str]) -> Result<Vec<Vec<u8>>> {
        let ran = self.git(args)?;
        if !ran.status.success() {
            bail!("{}", said(&ran));
        }
        let entries = ran.stdout.split(|b| *b == 0);
        let entries = entries.filter(|entry| !entry.is_empty());
        Ok(entries.map(<[u8]>::to_vec).collect())
    }
}
