//! A document that is filled in by commands: its text and the form that it has, and the move that changes the text.

use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::chain::{Chain, Wish};
use super::moves::Done;
use super::session::Session;
use crate::git::read::Reader;
use crate::model::body::{Body, Form, Table};
use crate::model::carry;
use crate::model::document::{self, Document};
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::status::Status;

/// A document as `HEAD` has it, and what its type's template in force says of it.
pub(super) struct Sheet {
    pub(super) id: Id,
    pub(super) document: Document,
    pub(super) body: Arc<Body>,
    pub(super) form: Arc<Form>,
    path: TreePath,
}

impl Sheet {
    pub(super) fn open(session: &Session, id: &Id) -> Result<Sheet> {
        let reader = Reader::new(&session.repo);
        let policy = session.policy(&reader)?;
        let document = session.document(&reader, &policy, id)?;
        let tree = session.repo.tree_of(session.head()?)?;
        Ok(Sheet {
            id: id.clone(),
            body: document.tree(),
            form: reader.form(tree, &policy, id.kind())?,
            document,
            path: id.path(&policy.folder),
        })
    }

    /// The item table.
    pub(super) fn items(&self) -> Result<&Table> {
        let id = &self.id;
        if self.form.items.is_none() {
            bail!("{id} has no items; it is filled in by section: qms section list {id}");
        }
        self.form.items(&self.body).with_context(|| {
            format!("{id} has no item table that begins as its template's does; what is missing: qms check {id}")
        })
    }

    pub(super) fn is_in_execution(&self) -> bool {
        self.document.state.status == Status::InExecution
    }

    /// Makes the move that gives the document a text. What somebody has written in the work tree stays there, and has to
    /// leave room for it.
    pub(super) fn becomes(
        &self,
        session: &Session,
        mut chain: Chain<'_>,
        wish: Wish,
        text: &str,
    ) -> Result<Done> {
        chain.step(&Wish {
            text: document::text_of(text.as_bytes()),
            ..wish
        })?;
        let (path, before) = (&self.path, self.document.bytes());
        let found = session.in_work_tree(path)?.filter(|found| found != before);
        if let Some(found) = found {
            let own = Document::splice_block(&found, &self.document.state);
            let fits = own.is_some_and(|own| {
                own == text.as_bytes() || carry::carried(before, text.as_bytes(), &own).is_some()
            });
            if !fits {
                bail!(
                    "`{path}` has other changes of the same lines that are not committed; keep them (git commit {path}) or drop them (git restore {path})"
                );
            }
        }
        chain.land()
    }
}
