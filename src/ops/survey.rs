//! What a repository with a history holds, so that its first policy fits it: texts about the project are free,
//! everything else is controlled. Release branches are found, not protected.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::git::{Oid, Repo};
use crate::model::path::TreePath;
use crate::model::pattern::Pattern;
use crate::model::policy::Policy;
use crate::model::scope::Sort;
use crate::model::texts;

/// Names of branches from which releases are made.
const RELEASES: &[&str] = &[
    "release/*",
    "releases/*",
    "release-*",
    "stable/*",
    "stable-*",
    "maint/*",
    "maint-*",
    "support/*",
    "lts/*",
    "*.x",
];

/// What a policy should say of a repository, and why.
#[derive(Debug, Default)]
pub struct Survey {
    /// Patterns of paths that need no change.
    pub free: Vec<String>,
    /// Release branches that are there, local or fetched, and the patterns that would protect them.
    pub releases: Vec<String>,
    pub protect: Vec<&'static str>,
    files: Vec<TreePath>,
}

/// How many files a policy leaves free and controls; `steering` of the latter steer CI, git or hooks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub free: usize,
    pub controlled: usize,
    pub steering: usize,
}

impl Survey {
    pub fn take(repo: &Repo, tree: Option<Oid>, trunk: &str) -> Result<Survey> {
        let mut files = Vec::new();
        if let Some(tree) = tree {
            repo.each_path(tree, &mut |path| files.push(path))?;
        }
        let mut releases = BTreeSet::new();
        for (name, _) in repo.all_refs()? {
            let fetched = name.strip_prefix("refs/remotes/");
            let branch = match fetched.and_then(|n| n.split_once('/')) {
                Some((_, branch)) => Some(branch),
                None => name.strip_prefix("refs/heads/"),
            };
            releases.extend(branch.filter(|b| *b != trunk).map(str::to_owned));
        }
        releases.retain(|branch| RELEASES.iter().any(|p| matches(p, branch)));
        let names = |p: &&&str| releases.iter().any(|branch| matches(p, branch));
        Ok(Survey {
            free: texts::free(&files),
            protect: RELEASES.iter().filter(names).copied().collect(),
            releases: releases.into_iter().collect(),
            files,
        })
    }

    /// How a policy divides the files; none where there are no files.
    pub fn counts(&self, policy: &Policy) -> Option<Counts> {
        let mut counts = Counts::default();
        for file in &self.files {
            match policy.sort(file, &[]) {
                Sort::Free => counts.free += 1,
                Sort::Controlled { exactly } => {
                    counts.controlled += 1;
                    counts.steering += usize::from(exactly);
                }
                Sort::Document(_) => counts.controlled += 1,
            }
        }
        (!self.files.is_empty()).then_some(counts)
    }
}

fn matches(pattern: &str, branch: &str) -> bool {
    Pattern::parse(pattern).is_ok_and(|p| p.matches(&TreePath::from(branch)))
}
