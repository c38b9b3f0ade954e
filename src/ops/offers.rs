//! What somebody can name next: documents, and people of the policy. For completions: quick, and nothing is judged.

use anyhow::Result;

use super::session::Session;
use super::{items, list, sections};
use crate::git::read::Reader;
use crate::model::kind::Id;
use crate::model::next;
use crate::model::people::User;
use crate::model::view::View;
use crate::model::workflow::Action;

/// A document that can be named.
pub struct Offered {
    pub id: Id,
    pub view: View,
    /// Whether one of the actions that were asked about can be the next step here.
    pub open: bool,
}

/// The documents whose id begins with a text, by id, in the tree of `HEAD`; those that cannot be read are left out.
pub fn documents(session: &Session, begins: &str, actions: &[Action]) -> Result<Vec<Offered>> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    let actor = session.actor(&policy).ok();
    let begins = begins.to_ascii_uppercase();
    let all = list::all(session, &policy)?.into_iter();
    let named = all.filter(|(id, _)| id.as_str().starts_with(&begins));
    let offered = |(id, view): (Id, Result<View, _>)| {
        let view = view.ok()?;
        let open = |a: &Action| next::is_open(&policy, &view, *a, actor.as_deref());
        let open = actions.iter().any(open);
        Some(Offered { id, view, open })
    };
    Ok(named.filter_map(offered).collect())
}

/// The people of the policy who have not left, by name.
pub fn people(session: &Session) -> Result<Vec<(String, User)>> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    let there = policy.people.0.iter().filter(|(_, user)| !user.left);
    Ok(there.map(|(n, u)| (n.clone(), u.clone())).collect())
}

/// The items of a document with their tasks.
pub fn items(session: &Session, id: &str) -> Result<Vec<(String, String)>> {
    let rows = items::list(session, &session.id(id)?)?.into_iter();
    Ok(rows.map(|row| (row.item, row.task)).collect())
}

/// The sections of a document: by number, or by title where they have none, and their titles.
pub fn sections(session: &Session, id: &str) -> Result<Vec<(String, String)>> {
    let rows = sections::list(session, &session.id(id)?)?.into_iter();
    let name = |number: Option<String>, title: &str| match number {
        Some(number) => number.trim_end_matches('.').to_owned(),
        None => title.to_owned(),
    };
    Ok(rows
        .map(|row| (name(row.number, &row.title), row.title))
        .collect())
}
