//! All documents, and what waits for somebody.

use anyhow::Result;

use super::session::Session;
use crate::git::read::Reader;
use crate::model::kind::Id;
use crate::model::view::{self, Task, Unreadable, View};

/// The documents in the tree of `HEAD`, by id; templates last. Those that cannot be read come apart.
pub fn list(session: &Session) -> Result<(Vec<View>, Vec<Unreadable>)> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let tree = session.repo.tree_of(session.head()?)?;
    let files = session.repo.files_below(tree, &policy.folder)?;
    let found: Vec<_> = files
        .iter()
        .filter_map(|(path, raw)| Id::at_home(path, &policy.folder).map(|id| (id, raw)))
        .collect();
    let ids: Vec<Id> = found.iter().map(|(id, _)| id.clone()).collect();
    let (mut views, mut unreadable) = (Vec::new(), Vec::new());
    for (id, raw) in &found {
        match reader.document(raw.id)?.as_ref() {
            Ok(document) => views.push(view::of(id, document, &policy.folder, ids.iter())),
            Err(flaws) => unreadable.push(Unreadable {
                doc_id: id.to_string(),
                path: id.path(&policy.folder).to_string(),
                why: flaws[0].message.clone(),
            }),
        }
    }
    views.sort_by_key(|v| (v.doc_type == "TEMPLATE", v.doc_id.clone()));
    Ok((views, unreadable))
}

/// What waits for the user.
pub fn inbox(session: &Session) -> Result<(String, Vec<Task>)> {
    let reader = Reader::new(&session.repo);
    let actor = session.actor(&*session.policy(&reader)?)?;
    let (views, _) = list(session)?;
    let waits = views
        .into_iter()
        .filter(|v| v.pending_assignees.contains(&actor))
        .map(|v| {
            let approval = v.status.ends_with("APPROVAL");
            let command = if approval {
                format!("qms approve {}", v.doc_id)
            } else {
                format!("qms review {} --recommend", v.doc_id)
            };
            Task {
                task: if approval { "approve" } else { "review" },
                doc_id: v.doc_id,
                doc_type: v.doc_type,
                title: v.title,
                version: v.version,
                status: v.status,
                responsible_user: v.responsible_user,
                command,
            }
        });
    Ok((actor.clone(), waits.collect()))
}
