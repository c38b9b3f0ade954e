//! Making a server decide: hooks, what it trusts, and the settings that git needs beside them.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::install::{self, Installed};
use super::push;
use crate::git::read::Reader;
use crate::git::{Oid, Repo};

/// What `init --server` did.
#[derive(Debug)]
pub struct Serving {
    pub trunk: String,
    pub anchor: Option<Oid>,
    /// The anchor was read from the repository itself: whoever runs this has looked at it.
    pub assumed: bool,
    pub settings: Vec<(&'static str, String)>,
    pub hooks: Vec<Installed>,
}

/// What git must check by itself, and how much it takes in at once.
const SETTINGS: &[(&str, &str)] = &[
    ("receive.fsckObjects", "true"),
    ("receive.denyDeletes", "true"),
    ("receive.denyNonFastForwards", "true"),
    ("receive.shallowUpdate", "false"),
    ("receive.maxInputSize", "1g"),
];

pub fn init(dir: &Path, trunk: Option<&str>, anchor: Option<&str>) -> Result<Serving> {
    let repo = Repo::discover(dir)?;
    let head = repo.branch();
    let configured = repo.config("qms.trunk");
    let trunk = trunk
        .map(str::to_owned)
        .or(configured)
        .or_else(|| only_branch(&repo))
        .or(head);
    let trunk = trunk.context("no branch to protect: --trunk NAME")?;
    let tip = repo.resolve(&format!("refs/heads/{trunk}"));
    let known = repo.config("qms.anchor").and_then(|a| repo.oid(&a));
    let (anchor, assumed) = match (anchor, known) {
        (Some(text), _) => {
            let full = matches!(text.len(), 40 | 64);
            let id = repo
                .oid(text)
                .filter(|_| full)
                .with_context(|| format!("`{text}` is no commit id in full"))?;
            (Some(id), false)
        }
        (None, Some(known)) => (Some(known), false),
        (None, None) => match tip {
            Some(tip) => (push::assumed_anchor(&Reader::new(&repo), tip)?, true),
            None => (None, false),
        },
    };
    if let Some((tip, anchor)) = tip.zip(anchor)
        && repo.mainline(tip, Some(anchor))?.is_none()
    {
        bail!("{anchor} is not on the first-parent chain of `{trunk}`");
    }
    let mut settings: Vec<(&'static str, String)> = SETTINGS
        .iter()
        .map(|(k, v)| (*k, (*v).to_owned()))
        .collect();
    settings.push(("qms.trunk", trunk.clone()));
    if let Some(anchor) = anchor {
        settings.push(("qms.anchor", anchor.to_string()));
    }
    repo.configure(&settings)?;
    let hooks = install::install(&repo.hooks_dir(), install::SERVER)?;
    Ok(Serving {
        trunk,
        anchor,
        assumed,
        settings,
        hooks,
    })
}

/// The branch of a repository that has one only.
fn only_branch(repo: &Repo) -> Option<String> {
    let refs = repo.all_refs().ok()?;
    let mut branches = refs
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("refs/heads/"));
    let first = branches.next()?.to_owned();
    branches.next().is_none().then_some(first)
}
