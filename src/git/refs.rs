//! Refs: what branches point at, and the trunk as last fetched.

use std::path::PathBuf;

use anyhow::{Result, bail};
use gix::objs::Kind;

use super::{Oid, Repo};

impl Repo {
    /// The commit that a ref of this full name points at, through tags and symbolic refs.
    pub fn resolve(&self, name: &str) -> Option<Oid> {
        let reference = self.refs.try_find_reference(name).ok().flatten()?;
        reference.into_fully_peeled_id().ok().map(gix::Id::detach)
    }

    /// What a ref of this full name holds itself: of an annotated tag the tag.
    pub fn resolve_unpeeled(&self, name: &str) -> Option<Oid> {
        let mut reference = self.refs.try_find_reference(name).ok().flatten()?;
        let id = reference.follow_to_object().ok()?;
        Some(id.detach())
    }

    /// The ref that a ref stands for, where it is a symbolic one.
    pub fn symbolic(&self, name: &str) -> Option<String> {
        let reference = self.refs.try_find_reference(name).ok().flatten()?;
        let target = reference.target();
        target.try_name().map(|name| name.as_bstr().to_string())
    }

    /// The commit that an object is, or that a tag stands for.
    pub fn peeled(&self, id: Oid) -> Result<Oid> {
        let mut at = id;
        loop {
            let target = self.any(at, |kind, data| match kind {
                Kind::Commit => Ok(None),
                Kind::Tag => {
                    let tag = gix::objs::TagRefIter::from_bytes(data, at.kind());
                    Ok(Some(tag.target_id().map_err(|e| anyhow::anyhow!("{e}"))?))
                }
                _ => bail!("{id} is no commit"),
            })?;
            match target {
                Some(target) => at = target,
                None => return Ok(at),
            }
        }
    }

    /// Every branch by its name without `refs/heads/`, with its tip.
    pub fn branches(&self) -> Result<Vec<(String, Oid)>> {
        let platform = self.refs.references().map_err(|e| anyhow::anyhow!("{e}"))?;
        let mut out = Vec::new();
        let all = platform
            .local_branches()
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        for reference in all.flatten() {
            let name = reference.name().shorten().to_string();
            if let Ok(id) = reference.into_fully_peeled_id() {
                out.push((name, id.detach()));
            }
        }
        Ok(out)
    }

    /// Every branch that is known here: in a clone also those that were fetched and are not its own. Of a server's or a bare
    /// repository nothing but its branches counts, whoever put what below `refs/remotes`.
    pub fn known_branches(&self) -> Result<Vec<(String, Oid)>> {
        let mut out = self.branches()?;
        if self.is_served() || self.is_bare() {
            return Ok(out);
        }
        let platform = self.refs.references().map_err(|e| anyhow::anyhow!("{e}"))?;
        let fetched = platform.prefixed("refs/remotes/origin/");
        for reference in fetched.map_err(|e| anyhow::anyhow!("{e}"))?.flatten() {
            let name = reference.name().as_bstr().to_string();
            let name = name.trim_start_matches("refs/remotes/origin/").to_owned();
            let own = out.iter().any(|(branch, _)| *branch == name);
            if let (false, false, Ok(id)) = (own, name == "HEAD", reference.into_fully_peeled_id())
            {
                out.push((name, id.detach()));
            }
        }
        Ok(out)
    }

    /// Makes a branch at a commit; says whether it was not there before.
    pub fn branch_off(&self, name: &str, at: Oid) -> Result<bool> {
        let full = format!("refs/heads/{name}");
        if self.resolve(&full).is_some() {
            return Ok(false);
        }
        let absent = gix::refs::transaction::PreviousValue::MustNotExist;
        let made = self.refs.reference(full, at, absent, "qms: branch");
        made.map_err(|e| anyhow::anyhow!("cannot make the branch `{name}`: {e}"))?;
        Ok(true)
    }

    /// Whether a branch is checked out in this or another work tree, which would not follow it.
    pub fn is_checked_out(&self, branch: &str) -> Result<bool> {
        let own = (!self.is_bare()).then(|| self.common_dir().to_path_buf());
        let others = match std::fs::read_dir(self.common_dir().join("worktrees")) {
            Ok(dirs) => dirs.collect::<std::io::Result<Vec<_>>>()?,
            Err(_) => Vec::new(),
        };
        let all = own.into_iter().chain(others.iter().map(|dir| dir.path()));
        let line = format!("ref: refs/heads/{branch}");
        let is_there = |dir: PathBuf| {
            let head = std::fs::read_to_string(dir.join("HEAD"));
            head.is_ok_and(|head| head.trim_end() == line)
        };
        Ok(all.into_iter().any(is_there))
    }

    /// The commit that `HEAD` points at; none on an unborn branch.
    pub fn head(&self) -> Option<Oid> {
        if let Some(branch) = &self.on {
            return self.resolve(&format!("refs/heads/{branch}"));
        }
        self.refs.head_id().ok().map(gix::Id::detach)
    }

    /// The branch that `HEAD` is on, without `refs/heads/`; none when detached.
    pub fn branch(&self) -> Option<String> {
        if self.on.is_some() {
            return self.on.clone();
        }
        let name = self.refs.head_name().ok().flatten()?;
        name.as_bstr()
            .to_string()
            .strip_prefix("refs/heads/")
            .map(str::to_owned)
    }

    /// A revision as people write it.
    pub fn revision(&self, text: &str) -> Result<Oid> {
        let id = self
            .refs
            .rev_parse_single(text)
            .map_err(|_| anyhow::anyhow!("`{text}` is no commit here"))?;
        let object = id.object().map_err(|e| anyhow::anyhow!("{e}"))?;
        let commit = object
            .peel_to_commit()
            .map_err(|_| anyhow::anyhow!("`{text}` is no commit"))?;
        Ok(commit.id)
    }

    /// A protected branch as last fetched from the remote that it follows.
    pub fn fetched(&self, branch: &str) -> Option<Oid> {
        let remote = self
            .config(&format!("branch.{branch}.remote"))
            .unwrap_or_else(|| "origin".to_owned());
        self.resolve(&format!("refs/remotes/{remote}/{branch}"))
    }

    /// The remotes that are configured, by name.
    pub fn remotes(&self) -> Vec<String> {
        self.refs
            .remote_names()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// Where a branch has been, by its reflog, the latest last.
    pub fn tips_of(&self, branch: &str) -> Vec<Oid> {
        let place = self.common_dir().join("logs/refs/heads").join(branch);
        let text = std::fs::read(place).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let ids = text
            .lines()
            .flat_map(|line| line.split(' ').take(2))
            .filter_map(|id| self.oid(id));
        ids.filter(|id| !id.is_null()).collect()
    }

    /// Every ref with the commit that it points at; refs that point at none are left out.
    pub fn all_refs(&self) -> Result<Vec<(String, Oid)>> {
        let platform = self.refs.references().map_err(|e| anyhow::anyhow!("{e}"))?;
        let mut out = Vec::new();
        for reference in platform
            .all()
            .map_err(|e| anyhow::anyhow!("{e}"))?
            .flatten()
        {
            let name = reference.name().as_bstr().to_string();
            if let Ok(id) = reference.into_fully_peeled_id() {
                out.push((name, id.detach()));
            }
        }
        Ok(out)
    }

    /// The symbolic refs among the branches, each with the ref that it stands for.
    pub fn symbolic_branches(&self) -> Result<Vec<(String, String)>> {
        let platform = self.refs.references().map_err(|e| anyhow::anyhow!("{e}"))?;
        let branches = platform.prefixed("refs/heads/");
        let mut out = Vec::new();
        for reference in branches.map_err(|e| anyhow::anyhow!("{e}"))?.flatten() {
            if let Some(target) = reference.target().try_name() {
                let name = reference.name().as_bstr().to_string();
                out.push((name, target.as_bstr().to_string()));
            }
        }
        Ok(out)
    }

    /// The objects that `refs/replace` gives another content, in hexadecimal digits.
    pub fn replaced(&self) -> Result<Vec<String>> {
        let refs = self.all_refs()?.into_iter();
        Ok(refs
            .filter_map(|(name, _)| Some(name.strip_prefix("refs/replace/")?.to_owned()))
            .collect())
    }

    /// The heads that a merge under way brings in, from `MERGE_HEAD`.
    pub fn merge_heads(&self) -> Vec<Oid> {
        let text = std::fs::read_to_string(self.git_dir().join("MERGE_HEAD")).unwrap_or_default();
        text.lines()
            .filter_map(|line| self.oid(line.trim()))
            .collect()
    }
}
