//! What stands around a step: the documents of its parent, of P and of their merge base, as far as its message makes them
//! necessary for judging.

use anyhow::Result;

use super::Oid;
use super::read::Reader;
use super::way::{Source, Way};
use crate::model::change::{Change, Loaded, Tree};
use crate::model::kind::{Class, Id};
use crate::model::template;
use crate::model::trailer::{Key, Trailers};
use crate::model::wanted::Wanted;
use crate::model::workflow::{Action, Status};

impl Reader<'_> {
    /// The documents around a step, as far as its message makes them necessary.
    pub(super) fn surround(
        &self,
        change: &mut Change,
        parent: Option<Oid>,
        source: &Source,
        way: &Way,
        trailers: &Trailers,
    ) -> Result<()> {
        if trailers.is_empty() {
            return Ok(());
        }
        let folder = change.policy.folder.clone();
        let moved: Vec<Id> = change
            .paths
            .iter()
            .filter_map(|p| Id::at_home(&p.path, &folder))
            .collect();
        let wanted = Wanted::by(trailers, &moved);
        let Some(documents) = source.documents else {
            return Ok(());
        };
        let tree = self.repo.tree_of(documents)?;
        change.before = self.tree(tree, &folder, &wanted)?;
        if let (Some(id), None) = (&wanted.change, way.away) {
            let family = Wanted::by(&Trailers::default(), std::slice::from_ref(id));
            let of = |commit| self.tree(self.repo.tree_of(commit)?, &folder, &family);
            change.at_p = match documents == way.p {
                true => change.before.clone(),
                false => of(way.p)?,
            };
            // With several bases nothing is as it was at the base: then the change must be open at P.
            change.at_base = match source.bases[..] {
                [base] if base == way.p => change.at_p.clone(),
                [base] => of(base)?,
                _ => Tree::default(),
            };
        }
        let Some(action) = wanted.action else {
            return Ok(());
        };
        let Some(id) = trailers.value(Key::Document).and_then(Id::parse) else {
            return Ok(());
        };
        if action == Action::Create {
            let files = self.repo.files_below(tree, &folder)?;
            change.names = files
                .into_iter()
                .map(|(path, _)| path)
                .filter(|p| Id::of_path(p, &folder).is_some())
                .collect();
            if id.kind().class == Class::Attachment {
                change.template = self.template(tree, &folder, id.kind().name)?;
            }
        }
        let state = change.before.read(&id).map(|d| d.state.clone());
        if matches!(action, Action::Abandon | Action::RouteReview) {
            let blob = state
                .as_ref()
                .and_then(|s| s.in_force.as_ref())
                .and_then(|f| self.repo.oid(&f.blob));
            change.in_force = blob.map(|b| self.document(b)).transpose()?;
        }
        let status = state.map(|s| s.status);
        let executing = status == Some(Status::InExecution);
        let gate = matches!(action, Action::RouteReview | Action::Close);
        if gate || (executing && action.changes_text()) {
            let policy = change.policy.clone();
            change.form = Some(self.form(tree, &policy, id.kind())?);
        }
        if gate {
            self.cite(change, documents, &folder, &id)?;
        }
        // What was never released was never worked on, and closes nowhere.
        let approved = status == Some(Status::PostApproved);
        let ends = gate && (executing || approved);
        let Some(parent) = parent.filter(|_| ends) else {
            return Ok(());
        };
        let routes = action == Action::RouteReview;
        // Whatever systems there are by now: there may have been one when the change touched it.
        let under = super::under::since_release(self, parent, &id, &change.policy)?;
        change.qualified = self.qualified(parent, &change.policy, &under, trailers, way.current)?;
        change.under = Some(under).filter(|_| routes);
        Ok(())
    }

    fn tree(&self, tree: Oid, folder: &str, wanted: &Wanted) -> Result<Tree> {
        let mut out = Tree::default();
        for id in &wanted.documents {
            if let Some(entry) = self.document_in(tree, folder, id)? {
                out.documents.insert(id.clone(), entry);
            }
        }
        for parent in &wanted.families {
            let home = format!("{folder}/{}", parent.home());
            for (path, raw) in self.repo.files_below(tree, &home)? {
                let child = Id::at_home(&path, folder);
                if let Some(child) = child.filter(|id| id.parent().as_ref() == Some(parent)) {
                    out.documents.insert(child, self.entry(raw, true)?);
                }
            }
        }
        Ok(out)
    }

    /// The template in force for a type.
    pub fn template(&self, tree: Oid, folder: &str, kind: &str) -> Result<Option<Loaded>> {
        match template::id_for(kind) {
            Some(id) => self.in_force_at(tree, folder, &id),
            None => Ok(None),
        }
    }

    /// A document as it is in force: the file itself while it is EFFECTIVE, else the blob that it names.
    pub fn in_force_at(&self, tree: Oid, folder: &str, id: &Id) -> Result<Option<Loaded>> {
        let entry = self.document_in(tree, folder, id)?;
        let Some(loaded) = entry.and_then(|e| e.document) else {
            return Ok(None);
        };
        let Ok(document) = loaded.as_ref() else {
            return Ok(Some(loaded));
        };
        match document.in_force_blob().and_then(|b| self.repo.oid(b)) {
            Some(blob) => self.document(blob).map(Some),
            None => Ok(document
                .state
                .effective_version()
                .is_some()
                .then(|| loaded.clone())),
        }
    }
}
