//! `qms policy check`: the policy by itself, before it is proposed.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::check::Checked;
use super::session::Session;
use crate::checks::policy::{Look, policy};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::body::Form;
use crate::model::kind::KINDS;
use crate::model::path::TreePath;
use crate::model::policy::{FILE, Policy};

/// Judges `qms.yaml` as the work tree has it, or `HEAD` where the work tree has none, against the files of `HEAD`.
// Implements: REQ-QMS-CMD-POLICY-CHECK
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
    let parsed = Policy::parse(&bytes);
    let look = Look {
        text: &String::from_utf8_lossy(&bytes),
        parsed: &parsed,
        files: &files,
        forms: &plain(session, tree, parsed.as_ref().ok())?,
    };
    Ok(Checked {
        what: format!("`{FILE}` of {whose}"),
        findings: policy(&look),
    })
}

/// The forms that the templates alone give, of the types of which a policy speaks.
fn plain(
    session: &Session,
    tree: Option<Oid>,
    policy: Option<&Policy>,
) -> Result<BTreeMap<&'static str, Form>> {
    let mut forms = BTreeMap::new();
    let (Some(tree), Some(policy)) = (tree, policy) else {
        return Ok(forms);
    };
    let reader = Reader::new(&session.repo);
    for kind in KINDS.iter().filter(|k| policy.types.contains_key(k.name)) {
        let form = reader.template_form(tree, &policy.folder, kind)?.0;
        forms.insert(kind.name, form);
    }
    Ok(forms)
}
