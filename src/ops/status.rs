//! Where a document stands.

use anyhow::Result;

use super::session::Session;
use crate::git::read::Reader;
use crate::model::kind::Id;
use crate::model::people::UserKind;
use crate::model::view::{self, View};

/// The state of a document in the tree of `HEAD`.
// Implements: REQ-QMS-CMD-STATUS
pub fn status(session: &Session, id: &Id) -> Result<View> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let document = session.document(&reader, &policy, id)?;
    let tree = session.repo.tree_of(session.head()?)?;
    let home = format!("{}/{}", policy.folder, id.home());
    let mut family: Vec<Id> = Vec::new();
    for (path, _) in session.repo.files_below(tree, &home)? {
        family.extend(Id::of_path(&path, &policy.folder));
    }
    let mut view = view::of(id, &document, &policy.folder, &view::families(&family));
    let people = &policy.people.0;
    let is_agent = |name: &&String| people.get(*name).is_some_and(|u| u.kind == UserKind::Agent);
    view.agents = view
        .review_outcomes
        .keys()
        .filter(is_agent)
        .cloned()
        .collect();
    Ok(view)
}
