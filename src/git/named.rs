//! Which change a commit's message names: in whose name it works, or whose text it moves.

use crate::model::change::Commit;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::trailer::{self, Key, Trailers};
use crate::model::under::Done;
use crate::model::workflow::Action;

pub(super) fn done(data: &Commit, own: bool, trailers: &Trailers, paths: Vec<TreePath>) -> Done {
    Done {
        commit: data.name(),
        own,
        item: trailers.value(Key::Item).map(str::to_owned),
        paths: paths.into_iter().collect(),
    }
}

/// Whether it moves a document of another type in the name of a change.
pub(super) fn moves_for(trailers: &Trailers, id: &Id) -> bool {
    let of = |key| trailers.value(key).and_then(Id::parse);
    trailers.value(Key::Action).is_some() && of(Key::Change).as_ref() == Some(id)
}

pub(super) fn action(message: &[u8]) -> Option<(Action, Id)> {
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
pub(super) fn named(trailers: &Trailers) -> Option<Id> {
    let id = |key| trailers.value(key).and_then(Id::parse);
    match trailers.value(Key::Action).map(Action::parse) {
        None => id(Key::Change),
        Some(action) => id(Key::Document).filter(|_| action.is_some_and(Action::changes_text)),
    }
}

/// The change that a commit is under, if that is `id` or a child of it.
pub(super) fn belongs(trailers: &Trailers, id: &Id) -> Option<Id> {
    let within = |named: &Id| named == id || named.as_str().starts_with(&format!("{id}-"));
    named(trailers).filter(within)
}
