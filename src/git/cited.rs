//! Looks up what the text of a moved document names: documents and paths in its parent's tree, commits among the
//! ancestors. What somebody else's clone holds changes nothing. Source: lifecycle.md "Gates".

use std::collections::BTreeMap;

use anyhow::Result;

use super::Oid;
use super::read::Reader;
use crate::model::body::form::Role;
use crate::model::body::item::references;
use crate::model::body::mention::What;
use crate::model::change::Change;
use crate::model::cited::{Ancestor, Cited};
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::trailer::{self, Key};

/// The largest file in which a test is looked for, in bytes.
const LARGE_FILE: usize = 4 * 1024 * 1024;

impl Reader<'_> {
    /// Looks up what a document names; the documents go to those of the step's parent.
    pub(super) fn cite(&self, change: &mut Change, at: Oid, folder: &str, id: &Id) -> Result<()> {
        let tree = self.repo.tree_of(at)?;
        // The text as the step leaves it.
        let home = id.path(folder);
        let after = change.paths.iter().find(|p| p.path == home);
        let after = after.and_then(|p| p.after.as_ref()?.document.clone());
        let before = change.before.documents.get(id);
        let Some(loaded) = after.or_else(|| before?.document.clone()) else {
            return Ok(());
        };
        let Ok(document) = loaded.as_ref() else {
            return Ok(());
        };
        let body = document.tree();
        let mut cited = Cited::default();
        let mut documents: Vec<Id> = document.front.documents();
        let form = change.form.clone().unwrap_or_default();
        let rows = form.rows(&body);
        let cells = rows.iter().filter_map(|row| row.cell(Role::Evidence));
        let evidence = cells.flat_map(|cell| references(body.source(&cell.range)));
        let text = body
            .mentions
            .iter()
            .map(|m| (m.what.clone(), m.text.as_str()));
        for (what, text) in text.chain(evidence) {
            match what {
                What::Document(named) => documents.push(named),
                What::Commit => drop(cited.commits.insert(text.to_owned(), None)),
                What::Path => {
                    let there = self.repo.entry(tree, &TreePath::from(text))?;
                    cited.paths.insert(text.to_owned(), there.is_some());
                }
                What::Test => {
                    cited
                        .tests
                        .insert(text.to_owned(), self.is_test(tree, text)?);
                }
            }
        }
        documents.sort();
        documents.dedup();
        for named in documents {
            if let Some(entry) = self.document_in(tree, folder, &named)? {
                change.before.documents.insert(named, entry);
            }
        }
        self.ancestors(at, &mut cited.commits)?;
        change.cited = cited;
        Ok(())
    }

    /// Finds the ancestors that some ids begin; of several that one does, the last.
    fn ancestors(&self, tip: Oid, out: &mut BTreeMap<String, Option<Ancestor>>) -> Result<()> {
        let mut open: Vec<String> = out.keys().cloned().collect();
        if open.is_empty() {
            return Ok(());
        }
        let mut found = Vec::new();
        self.repo.newest_first(tip, |commit| {
            let hex = commit.to_string();
            open.retain(|start| {
                let is = hex.starts_with(start.as_str());
                if is {
                    found.push((start.clone(), commit));
                }
                !is
            });
            Ok(open.is_empty())
        })?;
        for (start, commit) in found {
            let data = self.repo.commit(commit)?;
            let message = data.message.as_deref().unwrap_or_default();
            let read = trailer::carries(message).then(|| trailer::read(message).ok());
            let change = read
                .flatten()
                .and_then(|t| t.value(Key::Change).and_then(Id::parse));
            out.insert(
                start,
                Some(Ancestor {
                    name: data.name(),
                    change,
                }),
            );
        }
        Ok(())
    }

    /// Whether `path::name` names something that the file at `path` holds as a word.
    fn is_test(&self, tree: Oid, text: &str) -> Result<bool> {
        let Some((path, name)) = text.split_once("::") else {
            return Ok(false);
        };
        let name = name.rsplit("::").next().unwrap_or(name);
        let Some(raw) = self.repo.entry(tree, &TreePath::from(path))? else {
            return Ok(false);
        };
        if !matches!(raw.mode, 0o100_644 | 0o100_755) {
            return Ok(false);
        }
        let bytes = self.repo.blob(raw.id)?;
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LARGE_FILE)]);
        let part = |c: char| c.is_alphanumeric() || c == '_';
        Ok(text.match_indices(name).any(|(at, found)| {
            !text[..at].ends_with(part) && !text[at + found.len()..].starts_with(part)
        }))
    }
}
