//! What was done under a change since its release: the one walk back. Source: lifecycle.md "Rounds".

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result};

use super::Oid;
use super::named::{action, belongs, done, moves_for};
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
                if moves_for(&trailers, id) {
                    let paths = touched_by(reader, commit, &policy.folder)?;
                    out.done.push(done(&data, true, &trailers, paths));
                }
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
        let paths = touched_by(reader, commit, &policy.folder)?;
        if own {
            touched.extend(paths.iter().cloned());
        }
        if trailers.value(Key::Action).is_none() {
            out.done.push(done(&data, own, &trailers, paths));
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

/// What a commit touched itself: of a merge, what it adds.
fn touched_by(reader: &Reader<'_>, commit: Oid, folder: &str) -> Result<Vec<TreePath>> {
    let repo = reader.repo;
    let node = repo.node(commit)?;
    let parent = node.parents.first().map(|p| repo.tree_of(*p)).transpose()?;
    let differs = repo.differences(parent, Some(node.tree))?;
    let own = reader.own_part(&node.parents, differs, folder)?;
    Ok(own.into_iter().map(|d| d.path).collect())
}
