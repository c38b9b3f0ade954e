//! `qms policy check`: the policy by itself, before it is proposed.

use anyhow::{Context, Result, bail};

use super::check::Checked;
use super::session::Session;
use crate::checks::policy::{Look, policy};
use crate::model::path::TreePath;
use crate::model::policy::{FILE, Policy};

/// Judges `qms.yaml` as the work tree has it, or `HEAD` where the work tree has none, against the files of `HEAD`.
pub fn check(session: &Session) -> Result<Checked> {
    let repo = &session.repo;
    let tree = session.tip().map(|head| repo.tree_of(head)).transpose()?;
    let here = repo.work_dir().map(|dir| dir.join(FILE));
    let (bytes, whose) = match here.filter(|place| place.is_file()) {
        Some(place) => {
            let bytes = std::fs::read(&place)
                .with_context(|| format!("cannot read `{}`", place.display()))?;
            (bytes, "the work tree")
        }
        None => {
            let path = TreePath::from(FILE);
            let raw = tree.map_or(Ok(None), |tree| repo.entry(tree, &path))?;
            let Some(raw) = raw else {
                bail!("there is no `{FILE}` here; to begin: qms init");
            };
            (repo.blob(raw.id)?, "`HEAD`")
        }
    };
    let files: Vec<TreePath> = repo
        .differences(None, tree)?
        .into_iter()
        .map(|d| d.path)
        .collect();
    let look = Look {
        text: &String::from_utf8_lossy(&bytes),
        parsed: &Policy::parse(&bytes),
        files: &files,
    };
    Ok(Checked {
        what: format!("`{FILE}` of {whose}"),
        findings: policy(&look),
    })
}
