//! A move that somebody wants to make, the message that it gets, and what became of it.

use crate::checks;
use crate::git::Oid;
use crate::model::ident::Ident;
use crate::model::kind::Id;
use crate::model::state::State;
use crate::model::trailer::{Key, Trailers};
use crate::model::workflow::Action;

use super::session::Refused;

/// A move that somebody wants to make.
#[derive(Debug, Clone)]
pub struct Wish {
    pub id: Id,
    pub action: Action,
    /// The new text, for moves that change it; else the text stays.
    pub text: Option<Vec<u8>>,
    /// What only the person can say: outcome, users, reason, end, item.
    pub says: Vec<(Key, String)>,
    /// Longer words, for the body of the message.
    pub comment: Option<String>,
    /// A move that is made again: the words of its message and its author, with the time when it was made.
    pub again: Option<(String, Ident)>,
}

impl Wish {
    pub fn new(id: &Id, action: Action) -> Wish {
        Wish {
            id: id.clone(),
            action,
            text: None,
            says: Vec::new(),
            comment: None,
            again: None,
        }
    }

    pub fn say(mut self, key: Key, value: impl Into<String>) -> Wish {
        self.says.push((key, value.into()));
        self
    }
}

/// A move that was made.
#[derive(Debug, Clone)]
pub struct Made {
    pub id: Id,
    pub action: Action,
    pub commit: Oid,
    pub from: Option<State>,
    pub state: State,
}

/// The message of a move.
pub(super) fn message(wish: &Wish, title: &str, trailers: &Trailers) -> Result<String, Refused> {
    if let Some((words, _)) = &wish.again {
        return written(trailers, words);
    }
    let action = wish.action.as_str().replace('-', " for ");
    let comment = wish
        .comment
        .as_ref()
        .map(|c| format!("\n\n{}", c.trim()))
        .unwrap_or_default();
    written(trailers, &format!("{} {action}: {title}{comment}", wish.id))
}

/// A message with its trailers, or why it cannot be written.
pub(super) fn written(trailers: &Trailers, text: &str) -> Result<String, Refused> {
    trailers
        .write(text)
        .map_err(|faults| Refused(faults.into_iter().map(checks::misread).collect()))
}
