//! The front matter of a document: what its keys say, and writing them.

use anyhow::Result;

use super::chain::{Chain, Wish};
use super::filling::Sheet;
use super::moves::Done;
use super::session::Session;
use crate::model::kind::Id;
use crate::model::rows::KeyRow;
use crate::model::setting;
use crate::model::workflow::Action;

/// The keys of a document, in order of their names.
// Implements: REQ-QMS-CMD-FRONT-LIST
pub fn list(session: &Session, id: &Id) -> Result<Vec<KeyRow>> {
    let sheet = Sheet::open(session, id)?;
    let keys = sheet.document.front.keys.iter();
    let row = keys.map(|(key, value)| KeyRow {
        key: key.clone(),
        value: setting::text(value),
    });
    Ok(row.collect())
}

/// Says a key of a document that is checked out; no values take it out.
// Implements: REQ-QMS-CMD-FRONT-SET, REQ-QMS-CMD-FRONT-REMOVE
pub fn set(session: &Session, id: &Id, key: &str, values: &[String]) -> Result<Done> {
    let chain = Chain::begin(session)?;
    let sheet = Sheet::open(session, id)?;
    let text = setting::with(&sheet.document, key, values);
    let text = text.map_err(|why| anyhow::anyhow!("`{key}` of {id} cannot be set: {why}"))?;
    sheet.becomes(session, chain, Wish::new(id, Action::Edit), &text)
}
