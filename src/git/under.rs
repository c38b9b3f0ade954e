//! What was done under a change since its release: the one walk back. Source: lifecycle.md "Rounds".

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result};

use super::Oid;
use super::read::Reader;
use crate::model::apply::Under;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::trailer::{self, Key, Trailers};
use crate::model::workflow::Action;

/// Reads the commits under a change, from its release up to `tip`: the parent of the commit that routes it.
pub fn since_release(reader: &Reader<'_>, tip: Oid, id: &Id, policy: &Policy) -> Result<Under> {
    let repo = reader.repo;
    let mut release = None;
    repo.newest_first(tip, |commit| {
        let message = repo.commit(commit)?.message.unwrap_or_default();
        let found = action(&message) == Some((Action::Release, id.clone()));
        release = found.then_some(commit);
        Ok(found)
    })?;
    let release = release
        .with_context(|| format!("the release of {id} is not in the history that is here"))?;
    let mut out = Under::default();
    let mut touched = BTreeSet::new();
    // Newest first: a merge that names the change is met before what it lent to.
    let mut lent: HashMap<Oid, bool> = HashMap::new();
    for commit in repo.between(&[release], tip)? {
        let data = repo.commit(commit)?;
        let message = data.message.clone().unwrap_or_default();
        let (trailers, own) = match trailer::carries(&message) {
            false => match lent.get(&commit) {
                Some(own) => (Trailers::default(), *own),
                None => continue,
            },
            true => {
                let Ok(trailers) = trailer::read(&message) else {
                    continue;
                };
                let Some(named) = belongs(&trailers, id) else {
                    continue;
                };
                (trailers, named == *id)
            }
        };
        let parents = repo.node(commit)?.parents;
        if let ([first, _], None) = (&parents[..], trailers.value(Key::Action)) {
            let brought = repo.between(&[*first], commit)?;
            lent.extend(brought.into_iter().map(|c| (c, own)));
        }
        let users = policy.people.known_as(&data.author).into_iter();
        let actor = trailers
            .value(Key::Actor)
            .filter(|a| policy.people.0.contains_key(*a));
        out.people.extend(
            users
                .chain(actor)
                .chain(policy.co_authors(&trailers))
                .map(str::to_owned),
        );
        if own {
            touched.extend(touched_by(reader, commit, &policy.folder)?);
        }
    }
    let tree = repo.tree_of(tip)?;
    // Documents are judged by their texts: a block that the round itself writes would make every round another.
    let is_document = |path: &TreePath| Id::of_path(path, &policy.folder).is_some();
    for path in touched.into_iter().filter(|p| !is_document(p)) {
        let entry = repo
            .entry(tree, &path)?
            .map(|raw| (raw.mode, raw.id.to_string()));
        out.paths.push((path, entry));
    }
    let home = format!("{}/{}", policy.folder, id.home());
    for (path, raw) in repo.files_below(tree, &home)? {
        let attachment =
            Id::of_path(&path, &policy.folder).filter(|child| child.is_attachment_of(id));
        if let (Some(attachment), Ok(document)) = (attachment, reader.document(raw.id)?.as_ref()) {
            out.attachments.push((attachment, document.text()));
        }
    }
    Ok(out)
}

fn action(message: &[u8]) -> Option<(Action, Id)> {
    let trailers = trailer::carries(message)
        .then(|| trailer::read(message).ok())
        .flatten()?;
    let action = trailers.value(Key::Action).and_then(Action::parse)?;
    Some((action, trailers.value(Key::Document).and_then(Id::parse)?))
}

/// The changes that a commit of this message is under itself: the one in whose name it works, or whose text it moves; and
/// the parent of an attachment.
pub(super) fn names(message: &[u8]) -> Vec<Id> {
    let trailers = trailer::carries(message)
        .then(|| trailer::read(message).ok())
        .flatten();
    let Some(named) = trailers.and_then(|t| named(&t)) else {
        return Vec::new();
    };
    let parent = named.parent().filter(|p| named.is_attachment_of(p));
    parent.into_iter().chain([named.clone()]).collect()
}

/// The change that a commit is under: work that names it, or a move that changes its text.
fn named(trailers: &Trailers) -> Option<Id> {
    let id = |key| trailers.value(key).and_then(Id::parse);
    match trailers.value(Key::Action).map(Action::parse) {
        None => id(Key::Change),
        Some(action) => id(Key::Document).filter(|_| action.is_some_and(Action::changes_text)),
    }
}

/// The change that a commit is under, if that is `id` or a child of it.
fn belongs(trailers: &Trailers, id: &Id) -> Option<Id> {
    let within = |named: &Id| named == id || named.as_str().starts_with(&format!("{id}-"));
    named(trailers).filter(within)
}

/// What a commit touched itself: of a merge, what it adds.
fn touched_by(reader: &Reader<'_>, commit: Oid, folder: &str) -> Result<Vec<TreePath>> {
    let repo = reader.repo;
    let node = repo.node(commit)?;
    let parent = node.parents.first().map(|p| repo.tree_of(*p)).transpose()?;
    let differs = repo.differences(parent, Some(node.tree))?;
    let own = reader.own_part(&node.parents, differs, folder)?;
    Ok(own.into_iter().map(|d| d.path).collect())
}
