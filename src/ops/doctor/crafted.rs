//! Commits that no command makes: past the hooks, in the place of the trunk's tip, with an object that fsck refuses.

use anyhow::{Context, Result};

use super::attempts::Attempt;
use super::scratch::{At, Scratch};
use crate::git::Oid;

impl Scratch {
    /// A commit made past the hooks as people do it.
    pub(super) fn no_verify(&self, bad: &Attempt, tip: Oid) -> Result<String> {
        bad.stage(self, tip)?;
        let args = ["commit", "--quiet", "--no-verify", "-m", &bad.message];
        let ran = self.git(bad.under.as_ref(), &args)?;
        let commit = match ran.ok {
            true => self.plain(At::Clone, &["rev-parse", "HEAD"])?,
            // A hook that even this runs is broken; that was said before.
            false => bad.write(self, tip)?,
        };
        self.reset(tip)?;
        Ok(commit)
    }

    /// The tip made again with another message.
    pub(super) fn rewritten(&self, tip: Oid) -> Result<String> {
        let commit = self.raw(tip)?;
        self.store(&format!("{commit}\nand once more\n"))
    }

    /// A commit that changes nothing and that fsck refuses: its author's date begins with a zero.
    pub(super) fn broken(&self, tip: Oid) -> Result<String> {
        let tree = format!("{}^{{tree}}", tip);
        let tree = self.plain(At::Clone, &["rev-parse", &tree])?;
        let commit = self.raw(tip)?;
        let line = |key: &str| commit.lines().find(|l| l.starts_with(key));
        let author = line("author ").context("the trunk's tip has no author")?;
        let committer = line("committer ").context("the trunk's tip has no committer")?;
        let (who, date) = author.rsplit_once("> ").context("the tip has no date")?;
        self.store(&format!(
            "tree {tree}\nparent {}\n{who}> 0{date}\n{committer}\n\nTry\n",
            tip
        ))
    }

    fn raw(&self, tip: Oid) -> Result<String> {
        let tip = tip.to_string();
        self.plain(At::Clone, &["cat-file", "commit", &tip])
    }

    fn store(&self, commit: &str) -> Result<String> {
        let args = [
            "hash-object",
            "-w",
            "-t",
            "commit",
            "--literally",
            "--stdin",
        ];
        self.fed(At::Clone, &args, commit.as_bytes())
    }
}
