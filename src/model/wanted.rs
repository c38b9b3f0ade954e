//! Which documents judging a step will take, told from its message alone.

use super::kind::Id;
use super::trailer::{Key, Trailers};
use super::workflow::Action;

/// What a message claims to be, read leniently: enough to know what to fetch. Judging reads strictly.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// Documents that are asked for in the own parent's tree.
    pub documents: Vec<Id>,
    /// Documents whose children are asked for too.
    pub families: Vec<Id>,
    /// The change of a work commit: asked for at P and at the merge base as well.
    pub change: Option<Id>,
    pub action: Option<Action>,
}

impl Wanted {
    /// What a message and the changed documents make necessary. Pure, so that every reader fetches the same.
    pub fn by(trailers: &Trailers, changed: &[Id]) -> Wanted {
        let id = |key| trailers.value(key).and_then(Id::parse);
        let action = trailers.value(Key::Action).and_then(Action::parse);
        let change = id(Key::Change);
        let mut wanted = Wanted {
            action,
            change,
            ..Wanted::default()
        };
        let mut all: Vec<Id> = changed.to_vec();
        all.extend(id(Key::Document));
        all.extend(wanted.change.clone());
        for id in &all {
            let mut next = Some(id.clone());
            while let Some(id) = next {
                next = id.parent();
                wanted.documents.push(id);
            }
        }
        let asks_children = [Action::RouteReview, Action::Close, Action::Cancel];
        if action.is_some_and(|a| asks_children.contains(&a)) {
            wanted.families.extend(id(Key::Document));
        }
        wanted.documents.sort();
        wanted.documents.dedup();
        wanted
    }
}
