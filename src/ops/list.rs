//! All documents, or those that are asked for.

use anyhow::{Context, Result};

use super::listed::{self, Listed};
use super::session::Session;
use crate::git::read::Reader;
use crate::model::kind::Kind;
use crate::model::near;
use crate::model::policy::Policy;
use crate::model::view::{Unreadable, View};
use crate::model::workflow::Status;

/// Which documents to list; all where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub statuses: Vec<Status>,
    pub types: Vec<&'static str>,
    pub owner: Option<String>,
}

impl Filter {
    /// A filter from words; `mine` is whoever asks.
    pub fn of(
        session: &Session,
        statuses: &[String],
        types: &[String],
        owner: Option<String>,
        mine: bool,
    ) -> Result<Filter> {
        let status = |text: &String| {
            let upper = text.to_ascii_uppercase().replace('-', "_");
            Status::parse(&upper).with_context(|| {
                let near = near::nearest(&upper, Status::ALL.iter().map(|s| s.as_str()), 3);
                format!("`{text}` is no status; near it are {}", near.join(", "))
            })
        };
        let kind = |text: &String| Ok(kind(text)?.name);
        let me = || session.actor(&*session.policy(&Reader::new(&session.repo))?);
        Ok(Filter {
            statuses: statuses.iter().map(status).collect::<Result<_>>()?,
            types: types.iter().map(kind).collect::<Result<_>>()?,
            owner: if mine { Some(me()?) } else { owner },
        })
    }

    fn fits(&self, view: &View) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&view.status))
            && (self.types.is_empty() || self.types.contains(&view.doc_type.as_str()))
            && (self.owner.is_none() || self.owner == view.responsible_user)
    }

    fn is_all(&self) -> bool {
        self.statuses.is_empty() && self.types.is_empty() && self.owner.is_none()
    }
}

/// A type by its name; what there is where it is none.
pub fn kind(text: &str) -> Result<&'static Kind> {
    Kind::of(&text.to_ascii_uppercase()).with_context(|| {
        let names: Vec<_> = crate::model::kind::KINDS.iter().map(|k| k.name).collect();
        format!("`{text}` is no type; types are {}", names.join(", "))
    })
}

/// The documents in the tree of `HEAD`.
pub fn all(session: &Session, policy: &Policy) -> Result<Listed> {
    let tree = session.repo.tree_of(session.head()?)?;
    listed::listed(&Reader::new(&session.repo), tree, &policy.folder)
}

/// The documents in the tree of `HEAD` that a filter lets through, by id; templates last. Those that cannot be read
/// come apart, where all are asked for.
// Implements: REQ-QMS-CMD-LIST
pub fn list(session: &Session, filter: &Filter) -> Result<(Vec<View>, Vec<Unreadable>)> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    let (mut views, mut unreadable) = (Vec::new(), Vec::new());
    for row in all(session, &policy)?.into_values() {
        match row {
            Ok(view) if filter.fits(&view) => views.push(view),
            Err(why) if filter.is_all() => unreadable.push(why),
            _ => {}
        }
    }
    views.sort_by_key(|v| v.doc_type == "TEMPLATE");
    Ok((views, unreadable))
}
