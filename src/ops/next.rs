//! `qms next`: the step that comes next, tried as the command would make it, and what is missing for it.

use anyhow::Result;

use super::chain::{Chain, Wish};
use super::desk::{self, Desk};
use super::moves;
use super::session::{Refused, Session};
use crate::git::read::Reader;
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::next::{self, Offer, Turn};
use crate::model::policy::Policy;
use crate::model::state::Outcome;
use crate::model::trailer::Key;
use crate::model::view::{Task, View};
use crate::model::workflow::Action;

/// The next step of one document.
pub struct Step {
    pub view: View,
    /// None where the document is at rest.
    pub turn: Option<Turn>,
    /// Whether it is the user's turn.
    pub yours: bool,
    /// What the step was refused for when it was tried; `None` where it was not tried, since it is not his.
    pub missing: Option<Vec<Finding>>,
    /// What else the user may do here.
    pub also: Vec<Offer>,
}

/// What comes next for somebody.
pub struct Next {
    pub user: String,
    pub step: Option<Step>,
    /// The rest of what lies on his desk, where he asked for himself.
    pub then: Vec<Task>,
}

/// The next step of one document, or of the first thing on the user's desk: what others wait for comes before his own.
// Implements: REQ-QMS-CMD-NEXT
pub fn next(session: &Session, id: Option<&Id>) -> Result<Next> {
    let Some(id) = id else {
        return of_desk(session);
    };
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let user = session.actor(&policy)?;
    let view = super::status::status(session, id)?;
    let turn = next::turn(&policy, &view);
    let step = step(session, &policy, &user, view, turn)?;
    Ok(Next {
        user,
        step: Some(step),
        then: Vec::new(),
    })
}

fn of_desk(session: &Session) -> Result<Next> {
    let Desk {
        policy,
        user,
        inbox,
        workspace,
    } = desk::desk(session)?;
    let mine = |turn: &Turn| turn.whose.contains(&user);
    let own = workspace
        .into_iter()
        .filter_map(|(view, turn)| Some((view, turn.filter(&mine)?)));
    let mut all = inbox.into_iter().chain(own);
    let first = all.next();
    let then = all.map(|(view, turn)| desk::task(&view, next::task(&turn), &turn.offer.command));
    let then = then.collect();
    let step = first
        .map(|(view, turn)| step(session, &policy, &user, view, Some(turn)))
        .transpose()?;
    Ok(Next { user, step, then })
}

fn step(
    session: &Session,
    policy: &Policy,
    user: &str,
    view: View,
    turn: Option<Turn>,
) -> Result<Step> {
    let yours = turn
        .as_ref()
        .is_some_and(|t| t.whose.iter().any(|n| n == user));
    let action = turn.as_ref().filter(|_| yours).map(|t| t.action);
    let also = next::also(policy, &view, user, action);
    let missing = match (action, Id::parse(&view.doc_id)) {
        (Some(action), Some(id)) => Some(tried(session, &id, action, None)?),
        _ => None,
    };
    Ok(Step {
        view,
        turn,
        yours,
        missing,
        also,
    })
}

/// What keeps a move from being made now: it is made in memory and thrown away. `by`: as if that user made it.
pub(super) fn tried(
    session: &Session,
    id: &Id,
    action: Action,
    by: Option<&str>,
) -> Result<Vec<Finding>> {
    let begin = || match by {
        Some(name) => Chain::posing(session, name),
        None => Chain::begin(session).map(Chain::trying),
    };
    let made = match action {
        // Whom to ask is for the person to say.
        Action::Assign | Action::Transfer => return Ok(Vec::new()),
        Action::Checkout => begin().and_then(|c| moves::checkout_chain(c, id)),
        Action::Checkin => begin().and_then(|c| moves::checkin_chain(c, id)),
        Action::RouteReview => begin().and_then(|c| moves::route_chain(c, id, false, false)),
        Action::RouteApproval => begin().and_then(|c| moves::route_chain(c, id, true, false)),
        Action::Review => alone(
            begin,
            Wish::new(id, action).say(Key::Outcome, Outcome::Recommend.as_str()),
        ),
        action => alone(begin, Wish::new(id, action)),
    };
    match made {
        Ok(_) => Ok(Vec::new()),
        Err(error) => match error.downcast::<Refused>() {
            Ok(Refused(findings)) => Ok(findings),
            Err(error) => Err(error),
        },
    }
}

fn alone<'s>(begin: impl Fn() -> Result<Chain<'s>>, wish: Wish) -> Result<Chain<'s>> {
    let mut chain = begin()?;
    chain.step(&wish)?;
    Ok(chain)
}
