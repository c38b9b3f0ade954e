//! `qms who PATH`: what a path is to the process, which changes cover it, and who is asked about it.

use anyhow::Result;

use super::list;
use super::session::Session;
use crate::git::read::Reader;
use crate::model::kind::Id;
use crate::model::offer::quoted;
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::scope::{Scope, Sort};
use crate::model::view::{Cover, Who};
use crate::model::workflow::Status;

// Implements: REQ-QMS-CMD-WHO
pub fn who(session: &Session, path: &str) -> Result<Who> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let path = TreePath::from(session.repo.from_root(path)?.as_str());
    // Whoever has no name here may ask as well; then nothing is free for him in particular.
    let actor = session.actor(&policy).ok();
    let sort = policy.sort(
        &path,
        actor
            .as_slice()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .as_slice(),
    );
    let (kind, exactly) = match &sort {
        Sort::Document(_) => ("document", false),
        Sort::Free => ("free", false),
        Sort::Controlled { exactly: true } => ("steering", true),
        Sort::Controlled { exactly: false } => ("controlled", false),
    };
    let mut out = Who {
        path: path.to_string(),
        sort: kind.to_owned(),
        document: None,
        changes: Vec::new(),
        asked: asked(&policy, &path),
        commands: Vec::new(),
    };
    if let Sort::Document(id) = &sort {
        out.document = Some(id.to_string());
        out.commands = vec![format!("qms next {id}")];
    }
    if matches!(sort, Sort::Controlled { .. }) {
        out.changes = covering(session, &policy, &path, exactly, actor.as_deref())?;
        out.commands = commands(&out);
    }
    Ok(out)
}

/// Whom the path table asks about a change of this path; every quality user where it names nobody.
fn asked(policy: &Policy, path: &TreePath) -> Vec<String> {
    let rows = policy
        .review
        .iter()
        .filter(|row| row.patterns.iter().any(|p| p.matches(path)));
    let mut named: Vec<String> = rows.flat_map(|row| row.users.iter().cloned()).collect();
    if named.is_empty() {
        named = policy.approving_quality().map(str::to_owned).collect();
    }
    named.sort();
    named.dedup();
    named
}

/// The changes that are not at their end and whose scope covers a path: those in execution first, own ones first.
fn covering(
    session: &Session,
    policy: &Policy,
    path: &TreePath,
    exactly: bool,
    actor: Option<&str>,
) -> Result<Vec<Cover>> {
    let rows = list::all(session, policy)?;
    let known = |id: &Id| match rows.get(id) {
        Some(Ok(view)) => Some((Scope::read(&view.scope), view.status)),
        _ => None,
    };
    let mut out: Vec<Cover> = rows
        .iter()
        .filter_map(|(id, row)| row.as_ref().ok().map(|view| (id, view)))
        .filter(|(id, view)| {
            id.kind().has_scope
                && !view.status.is_final()
                && Scope::of_change(id, &known).covers(path, exactly)
        })
        .map(|(_, view)| Cover {
            doc_id: view.doc_id.clone(),
            title: view.title.clone(),
            status: view.status,
            owner: view.responsible_user.clone(),
            open: view.status == Status::InExecution,
        })
        .collect();
    out.sort_by_key(|cover| (!cover.open, cover.owner.as_deref() != actor));
    Ok(out)
}

/// Commands that are shown; the list of changes names the rest.
const COMMANDS: usize = 3;

fn commands(who: &Who) -> Vec<String> {
    let open: Vec<String> = who
        .changes
        .iter()
        .filter(|c| c.open)
        .take(COMMANDS)
        .map(|c| format!("qms use {}", c.doc_id))
        .collect();
    if !open.is_empty() {
        return open;
    }
    let pending = who
        .changes
        .iter()
        .take(COMMANDS)
        .map(|c| format!("qms next {}", c.doc_id));
    let new = format!("qms create CR --scope {} --title \"…\"", quoted(&who.path));
    pending.chain([new]).collect()
}
