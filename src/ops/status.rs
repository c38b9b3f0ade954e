//! Where a document stands, and its text.

use anyhow::Result;

use super::session::{Session, readable};
use crate::git::read::Reader;
use crate::model::kind::Id;
use crate::model::view::{self, View};

/// The state of a document in the tree of `HEAD`.
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
    Ok(view::of(id, &document, &policy.folder, family.iter()))
}

/// The text of a document: its file, or its version in force.
pub fn read(session: &Session, id: &Id) -> Result<Vec<u8>> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    Ok(readable(session.entry(&reader, &policy, id)?, id)?
        .bytes()
        .to_vec())
}
