//! The form of a document: what the template in force says of it, or the built-in one where none is there, with what
//! the policy says of its type on top. Source: lifecycle.md "Gates".

use std::sync::Arc;

use anyhow::{Result, bail};

use super::Oid;
use super::read::Reader;
use crate::model::body::Form;
use crate::model::document::Document;
use crate::model::kind::Kind;
use crate::model::policy::Policy;
use crate::model::state::Version;
use crate::model::template;

impl Reader<'_> {
    /// The form of a type in a tree.
    pub fn form(&self, tree: Oid, policy: &Policy, kind: &'static Kind) -> Result<Arc<Form>> {
        let template = self.template(tree, &policy.folder, kind.name)?;
        let template = template.as_deref().and_then(|t| t.as_ref().ok());
        let house = policy.types.get(kind.name);
        let digest = template.map(Document::file_digest);
        let key = (kind.name, digest, house.cloned());
        Ok(self.repo.memory.form(key, || {
            let plain = plain(template, kind);
            match house {
                Some(house) => plain.adjusted(house),
                None => plain,
            }
        }))
    }

    /// The form that the template in force alone gives, and its version; the built-in one where none is there. Errors:
    /// a template that cannot be read.
    pub fn template_form(
        &self,
        tree: Oid,
        folder: &str,
        kind: &'static Kind,
    ) -> Result<(Form, Option<Version>)> {
        let name = kind.name;
        match self.template(tree, folder, name)?.as_deref() {
            Some(Ok(document)) => Ok((plain(Some(document), kind), Some(document.state.version))),
            Some(Err(flaws)) => bail!("TEMPLATE-{name} cannot be read: {}", flaws[0].message),
            None => Ok((plain(None, kind), None)),
        }
    }
}

fn plain(template: Option<&Document>, kind: &Kind) -> Form {
    match template {
        Some(document) => Form::of(&document.tree()),
        None => template::built_in_form(kind),
    }
}
