//! The way on from every state: whose turn it is, and the command to paste. Advice made from a view and the policy;
//! whether the step is allowed, `check` says. Source: lifecycle.md "Moves".

use super::kind::{Class, Id, KINDS};
pub use super::offer::Offer;
use super::offer::{command, purpose};
use super::people::{Group, User};
use super::policy::Policy;
use super::state::Outcome;
use super::view::View;
use super::workflow::{self, Action, Status, Who};

/// The usual step from where a document stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who can take it; empty where nobody has to.
    pub whose: Vec<String>,
    /// The move that it is.
    pub action: Action,
    pub offer: Offer,
}

/// What a turn waits for, as lists name it.
pub fn task(turn: &Turn) -> &'static str {
    match turn.action {
        Action::Review => "review",
        Action::Approve => "approve",
        Action::Assign => "assign",
        _ => "go-on",
    }
}

/// The step that comes next; none where the document is at rest.
pub fn turn(policy: &Policy, view: &View) -> Option<Turn> {
    use Status::*;
    let gone = |name: &String| policy.people.active(name).is_none();
    if let Some(name) = view.responsible_user.as_ref().filter(|n| gone(n))
        && !view.status.is_open_round()
        && view.status != Effective
    {
        let whose = policy
            .people
            .in_group(Group::Administrator)
            .map(str::to_owned)
            .collect();
        let offer = Offer {
            command: command(Action::Transfer, &view.doc_id),
            what: format!("{name} has left; make somebody else the owner"),
        };
        return Some(Turn {
            whose,
            action: Action::Transfer,
            offer,
        });
    }
    let owner: Vec<String> = view.responsible_user.iter().cloned().collect();
    let say = |action, whose: Vec<String>, what: String| {
        let command = command(action, &view.doc_id);
        Some(Turn {
            whose,
            action,
            offer: Offer { command, what },
        })
    };
    let plain = |action| say(action, owner.clone(), purpose(action).to_owned());
    let write = format!(
        "write {}, then ask for review: it is checked in with that",
        view.path
    );
    match view.status {
        Draft if view.checked_out => say(Action::RouteReview, owner, write),
        Draft => plain(Action::RouteReview),
        InReview | InPreReview | InPostReview | InApproval | InPreApproval | InPostApproval => {
            asked(policy, view)
        }
        Reviewed | PreReviewed if view.checked_out => {
            let what = format!(
                "write {}, then check it in: with another text it is a draft again",
                view.path
            );
            say(Action::Checkin, owner, what)
        }
        Reviewed | PreReviewed | PostReviewed => reviewed(policy, view, owner),
        PreApproved => plain(Action::Release),
        InExecution if view.parent.is_some() && is_attachment(view) => match view.checked_out {
            true => say(
                Action::Checkin,
                owner,
                format!("fill in {}, then give it back", view.path),
            ),
            false => None,
        },
        InExecution => {
            let what = format!(
                "do the work under it (qms use {}), then ask for post-review",
                view.doc_id
            );
            say(Action::RouteReview, owner, what)
        }
        PostApproved => plain(Action::Close),
        Effective | Retired | Closed | Cancelled => None,
    }
}

fn is_attachment(view: &View) -> bool {
    Id::parse(&view.doc_id).is_some_and(|id| id.kind().class == Class::Attachment)
}

/// An open round waits for those who are asked; where none of them is here any more, for group quality.
fn asked(policy: &Policy, view: &View) -> Option<Turn> {
    let here = |name: &&String| policy.people.active(name).is_some_and(User::judges);
    let whose: Vec<String> = view
        .pending_assignees
        .iter()
        .filter(here)
        .cloned()
        .collect();
    let action = match whose.is_empty() {
        true => Action::Assign,
        false if view.status.is_approval() => Action::Approve,
        false => Action::Review,
    };
    let whose = if whose.is_empty() {
        quality(policy)
    } else {
        whose
    };
    let offer = Offer {
        command: command(action, &view.doc_id),
        what: purpose(action).to_owned(),
    };
    Some(Turn {
        whose,
        action,
        offer,
    })
}

fn reviewed(policy: &Policy, view: &View, owner: Vec<String>) -> Option<Turn> {
    let against: Vec<&str> = view
        .review_outcomes
        .iter()
        .filter(|(_, outcome)| **outcome != Outcome::Recommend)
        .map(|(name, _)| name.as_str())
        .collect();
    let judged = |name: &String| {
        let quality = policy
            .people
            .active(name)
            .is_some_and(|u| u.is(Group::Quality));
        quality && policy.may_approve(name)
    };
    let (action, whose, what) = if !against.is_empty() {
        let what = format!(
            "meet what {} asked for: qms comments {}",
            against.join(", "),
            view.doc_id
        );
        (Action::Checkout, owner, what)
    } else if view.review_outcomes.keys().any(judged) {
        (
            Action::RouteApproval,
            owner,
            purpose(Action::RouteApproval).to_owned(),
        )
    } else {
        let what = "nobody of group quality has judged it; ask somebody who may".to_owned();
        (Action::Assign, quality(policy), what)
    };
    let offer = Offer {
        command: command(action, &view.doc_id),
        what,
    };
    Some(Turn {
        whose,
        action,
        offer,
    })
}

fn quality(policy: &Policy) -> Vec<String> {
    policy
        .people
        .in_group(Group::Quality)
        .map(str::to_owned)
        .collect()
}

/// Whether a move is in the table where a document stands, and nothing that a view shows speaks against it.
fn fits(view: &View, action: Action) -> Option<Who> {
    let class = Id::parse(&view.doc_id)?.kind().class;
    let row = workflow::row_of(class, action, view.status)?;
    let fits = match action {
        Action::Checkin => view.checked_out,
        Action::Checkout => !view.checked_out,
        Action::Abandon => view.effective_version.is_some(),
        Action::Cancel => view.effective_version.is_none(),
        _ => true,
    };
    fits.then_some(row.who)
}

/// Whether a person has the role that a move takes.
fn can(policy: &Policy, view: &View, action: Action, user: &str) -> bool {
    let (Some(role), Some(who)) = (fits(view, action), policy.people.active(user)) else {
        return false;
    };
    let owner = view.responsible_user.as_deref() == Some(user);
    let pending = || view.pending_assignees.iter().any(|n| n == user);
    match role {
        Who::Initiator => who.initiates(),
        Who::Owner => owner,
        Who::Quality => who.is(Group::Quality),
        Who::Asked => pending() || view.review_outcomes.contains_key(user),
        Who::Approver => pending(),
        Who::OwnerOrAdministrator => owner || who.is(Group::Administrator),
        Who::Administrator => who.is(Group::Administrator),
    }
}

/// Whether a move waits to be made, by a person or, where nobody is named, by anybody: who has spoken is not asked
/// again.
pub fn is_open(policy: &Policy, view: &View, action: Action, user: Option<&str>) -> bool {
    let spoken =
        |user: &str| action == Action::Review && !view.pending_assignees.iter().any(|n| n == user);
    match user {
        Some(user) => can(policy, view, action, user) && !spoken(user),
        None => fits(view, action).is_some(),
    }
}

/// What else a person may do with a document, by the moves table alone, without the step that comes next.
pub fn also(policy: &Policy, view: &View, user: &str, next: Option<Action>) -> Vec<Offer> {
    let (Some(id), Some(who)) = (Id::parse(&view.doc_id), policy.people.active(user)) else {
        return Vec::new();
    };
    let class = id.kind().class;
    let owner = view.responsible_user.as_deref() == Some(user);
    // An edit is a plain commit, an item and a fix are for special days.
    let usual = |action: Action| !matches!(action, Action::Edit | Action::Item | Action::Fix);
    let mut out: Vec<Offer> = workflow::actions_in(class, view.status)
        .into_iter()
        .filter(|a| usual(*a) && (Some(*a) != next || *a == Action::Review))
        .filter(|a| can(policy, view, *a, user))
        .map(|action| offer(action, view, next))
        .collect();
    if owner && view.status == Status::Draft && view.effective_version.is_some() {
        let command = format!("qms route {id} --review --retire");
        out.push(Offer {
            command,
            what: "ask for its retirement".into(),
        });
    }
    if who.initiates() {
        let bears = |kind: &&super::kind::Kind| {
            kind.parents.contains(&id.kind().name) && kind.parent_states.contains(&view.status)
        };
        for kind in KINDS.iter().filter(bears) {
            let scope = if kind.has_scope { " --scope PATH" } else { "" };
            let command = format!(
                "qms create {} --parent {id}{scope} --title \"…\"",
                kind.name
            );
            out.push(Offer {
                command,
                what: kind.title.to_owned(),
            });
        }
    }
    out
}

fn offer(action: Action, view: &View, next: Option<Action>) -> Offer {
    // Next to the usual outcome of a review the other one is offered.
    if action == Action::Review && next == Some(Action::Review) {
        let command = format!(
            "qms review {} --request-updates --comment \"…\"",
            view.doc_id
        );
        return Offer {
            command,
            what: "say what has to change".into(),
        };
    }
    Offer {
        command: command(action, &view.doc_id),
        what: purpose(action).to_owned(),
    }
}
