//! Making a server decide: hooks, what it trusts, and the settings that git needs beside them.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::coexist::{self, Hooks, Undone};
use super::doctor;
use super::install::SERVER;
use super::mainline;
use crate::git::config::Level;
use crate::git::read::Reader;
use crate::git::{Oid, Repo};
use crate::model::health::{Row, Verdict};

/// What `init --server` did.
#[derive(Debug)]
pub struct Serving {
    pub trunk: String,
    pub anchor: Option<Oid>,
    /// The anchor was read from the repository itself: whoever runs this has looked at it.
    pub assumed: bool,
    pub settings: Vec<(&'static str, String)>,
    pub hooks: Hooks,
    /// Settings for which git uses another value all the same: another level or an included file says so.
    pub overridden: Vec<Row>,
}

/// What git must check by itself, and how much it takes in at once.
pub(super) const SETTINGS: &[(&str, &str)] = &[
    ("receive.fsckObjects", "true"),
    ("receive.denyDeletes", "true"),
    ("receive.denyNonFastForwards", "true"),
    ("receive.shallowUpdate", "false"),
    ("receive.maxInputSize", "1g"),
];
/// What those settings were before, as `key=value` words; without a value where there was none.
const BEFORE: &str = "qms.before";

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
    let name = format!("refs/heads/{trunk}");
    if let Some(target) = repo.symbolic(&name) {
        bail!("`{trunk}` is another name of `{target}`: name the branch itself with --trunk");
    }
    let tip = repo.resolve(&name);
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
            Some(tip) => (mainline::assumed_anchor(&Reader::new(&repo), tip)?, true),
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
    let mut written: Vec<(&str, Option<String>)> = settings
        .iter()
        .map(|(key, value)| (*key, Some(value.clone())))
        .collect();
    // A server from before this was remembered has no values to go back to.
    if repo.config_at(Level::Local, "qms.trunk")?.is_empty() {
        written.push((BEFORE, Some(before(&repo)?)));
    }
    repo.configure(Level::Local, &written)?;
    let hooks = coexist::install(&repo, SERVER)?;
    let used = Repo::discover(dir)?.settings()?;
    let mut overridden = doctor::settings::server(&used, "qms init --server");
    overridden.retain(|row| row.verdict == Verdict::Wrong);
    Ok(Serving {
        trunk,
        anchor,
        assumed,
        settings,
        hooks,
        overridden,
    })
}

fn before(repo: &Repo) -> Result<String> {
    let mut words = Vec::new();
    for (key, _) in SETTINGS {
        let value = repo.config_at(Level::Local, key)?.pop().unwrap_or_default();
        if !value.contains(char::is_whitespace) {
            words.push(format!("{key}={value}"));
        }
    }
    Ok(words.join(" "))
}

/// Takes the hooks away, and the settings that still are as `init` made them.
pub fn uninstall(dir: &Path) -> Result<Undone> {
    let repo = Repo::discover(dir)?;
    let mut done = coexist::uninstall(&repo, SERVER)?;
    let mut settings: Vec<(&str, Option<String>)> = Vec::new();
    let known = repo.config_at(Level::Local, BEFORE)?.pop();
    for word in known.iter().flat_map(|w| w.split(' ')) {
        let Some((key, value)) = word.split_once('=') else {
            continue;
        };
        let Some((key, made)) = SETTINGS.iter().find(|(k, _)| *k == key) else {
            continue;
        };
        if repo.config_at(Level::Local, key)?.pop().as_deref() == Some(made) {
            settings.push((key, Some(value.to_owned()).filter(|v| !v.is_empty())));
        }
    }
    let governed = !repo.config_at(Level::Local, "qms.trunk")?.is_empty();
    for key in ["qms.trunk", "qms.anchor", BEFORE] {
        if !repo.config_at(Level::Local, key)?.is_empty() {
            settings.push((key, None));
        }
    }
    if governed && known.is_none() {
        done.notes
            .push("what receive.* was before is not known, so it stays as qms set it".to_owned());
    }
    repo.configure(Level::Local, &settings)?;
    let again = settings
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value, Level::Local.as_str()));
    done.settings.extend(again);
    Ok(done)
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
