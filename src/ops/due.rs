//! What documents lack for the gates that are next for them, at any time and whoever may take them there.

use anyhow::Result;

use super::session::Session;
use crate::checks;
use crate::git::read::{Draft, Reader};
use crate::git::together;
use crate::git::trees::{Differs, Raw};
use crate::git::way::Way;
use crate::git::{Oid, Repo};
use crate::model::change::Commit;
use crate::model::document::Document;
use crate::model::finding::{Finding, Severity};
use crate::model::kind::Id;
use crate::model::policy::Policy;
use crate::model::workflow::{Action, Status};

/// What a document lacks for its next gates: as it stands in the work tree while somebody writes it here, else as it was
/// committed last.
pub(super) fn gates(
    session: &Session,
    reader: &Reader<'_>,
    policy: &Policy,
    id: &Id,
) -> Result<Vec<Finding>> {
    let repo = session.repo.in_memory();
    let memory = Reader::new(&repo);
    let (head, path) = (session.head()?, id.path(&policy.folder));
    let Some(before) = repo.entry(repo.tree_of(head)?, &path)? else {
        return Ok(Vec::new());
    };
    let loaded = memory.document(before.id)?;
    let Ok(document) = loaded.as_ref() else {
        return Ok(Vec::new());
    };
    let state = &document.state;
    let written = match (&state.locked, session.actor(policy)) {
        (Some(_), Ok(actor)) if state.owner.as_deref() == Some(&*actor) => {
            session.in_work_tree(&path)?
        }
        _ => None,
    };
    let written = written.and_then(|text| Document::splice_block(&text, state));
    let after = match written {
        Some(bytes) => Raw {
            id: repo.write_blob(&bytes)?,
            ..before
        },
        None => before,
    };
    due(
        &memory,
        &session.way(reader)?,
        head,
        id,
        [before, after],
        policy,
    )
}

/// What a document lacks for its next gates, on top of a commit. `sides`: as it is there, and as it would be.
fn due(
    reader: &Reader<'_>,
    way: &Way,
    head: Oid,
    id: &Id,
    sides: [Raw; 2],
    policy: &Policy,
) -> Result<Vec<Finding>> {
    let loaded = reader.document(sides[0].id)?;
    let Ok(document) = loaded.as_ref() else {
        return Ok(Vec::new());
    };
    let status = document.state.status;
    if status.is_final() || status == Status::Effective {
        return Ok(Vec::new());
    }
    let owner = document.state.owner.clone().unwrap_or_default();
    let message = format!(
        "Gate\n\nQMS-Action: {}\nQMS-Document: {id}\nQMS-Actor: {owner}\n",
        Action::RouteReview
    );
    let commit = Commit {
        message: Some(message.into_bytes()),
        ..Commit::default()
    };
    let staged = vec![Differs {
        path: id.path(&policy.folder),
        before: Some(sides[0]),
        after: Some(sides[1]),
    }];
    let draft = Draft {
        commit,
        parents: vec![head],
        staged,
    };
    let change = reader.draft(draft, way)?;
    let mut findings = checks::gates(&change, id, &owner);
    findings.iter_mut().for_each(|f| f.commit = None);
    Ok(findings)
}

/// What every document that is under way lacks for its next gates. It is not due yet: warnings.
pub(super) fn under_way(
    session: &Session,
    policy: &Policy,
    documents: &[(Id, Raw)],
) -> Result<Vec<Finding>> {
    let way = session.way(&Reader::new(&session.repo))?;
    let head = session.head()?;
    let pieces: Vec<&[(Id, Raw)]> = documents.chunks(32).collect();
    let work = |repo: &Repo, piece: &&[(Id, Raw)]| {
        let reader = Reader::new(repo);
        let mut out = Vec::new();
        for (id, raw) in *piece {
            out.extend(due(&reader, &way, head, id, [*raw, *raw], policy)?);
        }
        Ok(out)
    };
    let found = together::all(&session.repo, &pieces, together::cores(), work)?;
    let mut findings: Vec<Finding> = found.into_iter().flatten().collect();
    for finding in &mut findings {
        finding.severity = Severity::Warning;
    }
    Ok(findings)
}
