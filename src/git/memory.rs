//! What was made of objects, which never change: policies, documents and forms are read once, however many steps of
//! however many questions need them.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Result;

use super::Oid;
use crate::model::body::Form;
use crate::model::change::Loaded;
use crate::model::document::Document;
use crate::model::house::TypeRules;
use crate::model::policy::Policy;
use crate::model::span::Flaw;

/// A policy, or what keeps the file from being one.
pub(super) type Parsed = Result<Arc<Policy>, Vec<Flaw>>;

/// A type, the digest of its template, and what the policy says of the type.
pub(super) type FormKey = (&'static str, Option<String>, Option<Arc<TypeRules>>);

/// Documents that stay in memory; beyond that they are read again.
const MOST_DOCUMENTS: usize = 512;
/// Policies and forms, of which a history has few.
const MOST_OTHERS: usize = 1_024;

#[derive(Default)]
pub(super) struct Memory {
    policies: RefCell<HashMap<Oid, Parsed>>,
    documents: RefCell<HashMap<Oid, Loaded>>,
    /// The document that was asked for last.
    last: RefCell<Option<Loaded>>,
    forms: RefCell<HashMap<FormKey, Arc<Form>>>,
    /// What follows from a commit alone, by the commit and the question.
    answers: RefCell<HashMap<(Oid, String), Rc<dyn Any>>>,
}

impl Memory {
    /// The policy of a blob.
    pub(super) fn policy(
        &self,
        id: Oid,
        bytes: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Parsed> {
        if let Some(known) = self.policies.borrow().get(&id) {
            return Ok(known.clone());
        }
        let parsed = Policy::parse(&bytes()?).map(Arc::new);
        keep(&self.policies, MOST_OTHERS, id, parsed.clone());
        Ok(parsed)
    }

    /// The document of a blob.
    pub(super) fn document(
        &self,
        id: Oid,
        bytes: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Loaded> {
        if let Some(known) = self.documents.borrow().get(&id) {
            self.last.replace(Some(known.clone()));
            return Ok(known.clone());
        }
        // Versions of one document follow each other, and most have the same front matter.
        let last = self.last.take();
        let beside = last.as_deref().and_then(|last| last.as_ref().ok());
        let loaded = Arc::new(Document::parse_beside(bytes()?, beside));
        self.last.replace(Some(loaded.clone()));
        keep(&self.documents, MOST_DOCUMENTS, id, loaded.clone());
        Ok(loaded)
    }

    /// The form of a type, made once.
    pub(super) fn form(&self, key: FormKey, form: impl FnOnce() -> Form) -> Arc<Form> {
        if let Some(known) = self.forms.borrow().get(&key) {
            return known.clone();
        }
        let form = Arc::new(form());
        keep(&self.forms, MOST_OTHERS, key, form.clone());
        form
    }

    /// The answer to a question about a commit, which is the same whenever it is asked.
    pub(super) fn answer<T: Clone + 'static>(
        &self,
        commit: Oid,
        question: String,
        answer: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let key = (commit, question);
        let known = self.answers.borrow().get(&key).cloned();
        if let Some(known) = known.and_then(|known| known.downcast_ref::<T>().cloned()) {
            return Ok(known);
        }
        let answer = answer()?;
        keep(&self.answers, MOST_OTHERS, key, Rc::new(answer.clone()));
        Ok(answer)
    }

    /// Whether it holds so many documents that a process which lives on had better forget them.
    pub(super) fn is_large(&self) -> bool {
        self.documents.borrow().len() > MOST_DOCUMENTS / 8
    }
}

fn keep<K: std::hash::Hash + Eq, V>(known: &RefCell<HashMap<K, V>>, most: usize, key: K, value: V) {
    let mut known = known.borrow_mut();
    if known.len() >= most {
        known.clear();
    }
    known.insert(key, value);
}
