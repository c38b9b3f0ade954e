//! The form of a document: what the template in force says of it, or the built-in one where none is there.
//! Source: lifecycle.md "Gates".

use std::sync::Arc;

use anyhow::Result;

use super::Oid;
use super::read::Reader;
use crate::model::body::{Body, Form};
use crate::model::document::Document;
use crate::model::kind::Kind;
use crate::model::template;

impl Reader<'_> {
    /// The form of a type in a tree.
    pub fn form(&self, tree: Oid, folder: &str, kind: &'static Kind) -> Result<Arc<Form>> {
        let template = self.template(tree, folder, kind.name)?;
        let key = template.as_deref().and_then(|t| t.as_ref().ok());
        let key = (kind.name, key.map(Document::file_digest));
        if let Some(known) = self.forms.borrow().get(&key) {
            return Ok(known.clone());
        }
        let form = match template.as_deref() {
            Some(Ok(document)) => Form::of(&document.tree()),
            _ => {
                let text = template::built_in(kind);
                Form::of(&Body::read(text, Document::body_start(text)))
            }
        };
        let form = Arc::new(form);
        self.forms.borrow_mut().insert(key, form.clone());
        Ok(form)
    }
}
