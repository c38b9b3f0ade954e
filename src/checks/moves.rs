//! Moves: one document, by somebody who may, from a state that allows it, with the block that `apply` computes.
//! Clause: lifecycle.md "Moves"; model.md "A document".

use super::block::{self, MANAGED_BLOCK, TRAILER_WRONG};
use super::{Report, birth, demand, frozen, gates, message, round, who};
use crate::model::change::PathChange;
use crate::model::document::Document;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::Id;
use crate::model::scope::Sort;
use crate::model::trailer::{Key, Trailers};
use crate::model::workflow::{self, Action, Status};

const CLAUSE: &str = "lifecycle.md, Moves";

pub(super) static ONE_MOVE: Rule = Rule {
    id: "one-move",
    severity: Severity::Error,
    clause: "model.md, Trailers",
    demands: "a move touches its own document and nothing else (a close also its attachments), and changes it",
    why: "what travels inside an approval was not approved",
    remedy: "commit the other paths on their own",
};
pub(super) static WRONG_STATE: Rule = Rule {
    id: "wrong-state",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "the workflow has a row for this action from the state that the document is in",
    why: "a gate that can be walked around is none",
    remedy: "take one of the moves that the finding lists",
};
pub(super) static TEXT_CHANGED: Rule = Rule {
    id: "text-changed",
    severity: Severity::Error,
    clause: "lifecycle.md, Moves",
    demands: "text changes in create, edit, checkin, item, abandon and fix, and in no other move",
    why: "an approval that changes a word approves what nobody read",
    remedy: "write in a check-out; repeat the move without the change of text",
};
pub(super) static RULES: &[&Rule] = &[&ONE_MOVE, &WRONG_STATE, &TEXT_CHANGED];

/// One move under judgement. The checks of a family take it and the report.
pub(super) struct Move<'a> {
    pub(super) id: Id,
    pub(super) action: Action,
    pub(super) actor: &'a str,
    pub(super) trailers: &'a Trailers,
    /// None for `create`.
    pub(super) before: Option<&'a Document>,
    pub(super) after: &'a Document,
    pub(super) path: &'a PathChange,
}

// Implements: REQ-QMS-RULE-ONE-MOVE
pub(super) fn check(report: &mut Report<'_>, action: Action, trailers: &Trailers) {
    needs(report, action, trailers);
    let actor = message::actor(report, trailers, false);
    let change = report.change;
    if change.parents.len() != 1 {
        report.add(
            Finding::new(&ONE_MOVE, "a merge moves no document")
                .help("", "merge first, then make the move"),
        );
    }
    let Some(name) = trailers.value(Key::Document) else {
        return;
    };
    let Some(id) = Id::parse(name) else {
        report.add(Finding::new(
            &TRAILER_WRONG,
            format!("`QMS-Document: {name}` is no document id"),
        ));
        return;
    };
    let home = id.path(&change.policy.folder);
    for path in change.paths.iter().filter(|p| p.path != home) {
        let closes = |child: &Id| {
            let open = change
                .before
                .read(child)
                .is_some_and(|d| !d.state.status.is_final());
            child.is_attachment_of(&id) && open
        };
        let attachment = action == Action::Close
            && matches!(report.sort(&path.path), Sort::Document(child) if closes(&child));
        if !attachment {
            let message = format!("`{}` changes in a commit that moves {id}", path.path);
            let unstage = report.leave_out(&path.path);
            report.add(
                Finding::new(&ONE_MOVE, message)
                    .at(&path.path)
                    .help("leave it out", unstage),
            );
        }
    }
    let Some(path) = change.paths.iter().find(|p| p.path == home) else {
        report.add(
            Finding::new(
                &ONE_MOVE,
                format!("the commit moves {id} and does not change it"),
            )
            .at(&home),
        );
        return;
    };
    let Some(actor) = actor.filter(|_| !report.is_spoiled(&home)) else {
        return;
    };
    let before = match path.before.as_ref().map(|e| e.document.as_deref()) {
        None => None,
        Some(Some(Ok(document))) => Some(document),
        Some(_) => {
            let message =
                format!("{id} cannot be read as it was before, so nothing can be computed from it");
            report.add(Finding::new(&MANAGED_BLOCK, message).at(&home));
            return;
        }
    };
    let Some(Ok(after)) = path.after.as_ref().and_then(|e| e.document.as_deref()) else {
        return;
    };
    let this = Move {
        id,
        action,
        actor,
        trailers,
        before,
        after,
        path,
    };
    if legal(report, &this) {
        block::check(report, &this);
    }
}

/// The trailers of each action.
fn needs(report: &mut Report<'_>, action: Action, trailers: &Trailers) {
    let mut required = vec![
        Key::Action,
        Key::Document,
        Key::Actor,
        Key::Status,
        Key::Version,
    ];
    let more = [
        (action != Action::Create, Key::Before),
        (action.judges(), Key::Digest),
        (action == Action::Review, Key::Outcome),
        (action.names_users(), Key::Users),
        (action.needs_reason(), Key::Reason),
        (action == Action::Item, Key::Item),
    ];
    required.extend(
        more.into_iter()
            .filter(|(needed, _)| *needed)
            .map(|(_, key)| key),
    );
    let mut allowed = vec![Key::Request, Key::Reason, Key::Evidence];
    if action == Action::RouteReview {
        allowed.push(Key::Ends);
    }
    let id = trailers.value(Key::Document).and_then(Id::parse);
    if id.is_none_or(|id| !id.kind().is_executable()) {
        allowed.push(Key::Change);
    }
    demand(
        report,
        trailers,
        &format!("`{action}`"),
        &required,
        &allowed,
    );
    if action == Action::RouteReview && trailers.value(Key::Ends).is_some_and(|v| v != "RETIRED") {
        report.add(Finding::new(&TRAILER_WRONG, "`QMS-Ends` is not RETIRED"));
    }
}

/// Whether the move may be taken at all; what it leaves behind is compared only then.
fn legal(report: &mut Report<'_>, this: &Move<'_>) -> bool {
    let errors = report.found.len();
    if let (Some(before), Some(value)) = (this.before, this.trailers.value(Key::Before))
        && before.file_digest() != value
    {
        let message = format!(
            "`QMS-Before` names another {} than the one that this commit moves",
            this.id
        );
        report.add(
            Finding::new(&TRAILER_WRONG, message)
                .at(&this.path.path)
                .help("", "make the move again on it"),
        );
    }
    match this.before {
        None => birth::check(report, this),
        Some(before) => {
            let class = this.id.kind().class;
            match workflow::row_of(class, this.action, before.state.status) {
                Some(row) => {
                    who::may(report, this, &before.state, row.who);
                    who::lock(report, this, &before.state);
                }
                None => report.add(wrong_state(this, before.state.status)),
            }
            text(report, this, before);
        }
    }
    if report.found.len() == errors {
        round::check(report, this);
        gates::check(report, this);
    }
    report.found[errors..].iter().all(|f| !f.is_error())
}

// Implements: REQ-QMS-RULE-WRONG-STATE
fn wrong_state(this: &Move<'_>, status: Status) -> Finding {
    let (id, class) = (&this.id, this.id.kind().class);
    let here: Vec<_> = workflow::actions_in(class, status)
        .into_iter()
        .map(Action::as_str)
        .collect();
    let from: Vec<_> = workflow::states_for(class, this.action)
        .into_iter()
        .map(Status::as_str)
        .collect();
    let nothing = |list: Vec<&str>| {
        if list.is_empty() {
            "nothing".to_owned()
        } else {
            list.join(", ")
        }
    };
    let finding = Finding::new(
        &WRONG_STATE,
        format!("`{}` is not possible while {id} is {status}", this.action),
    )
    .at(&this.path.path)
    .fact("possible now", nothing(here))
    .fact(
        if this.before.is_none() {
            "it"
        } else {
            "it needs"
        },
        nothing(from),
    );
    match status {
        Status::Closed => finding.help("", format!("qms create ADD --parent {id} --title \"…\"")),
        _ => finding.help("", format!("qms status {id}")),
    }
}

// Implements: REQ-QMS-RULE-TEXT-CHANGED
fn text(report: &mut Report<'_>, this: &Move<'_>, before: &Document) {
    let (id, path) = (&this.id, &this.path.path);
    let expected = match this.action {
        Action::Abandon => match report.change.in_force.as_deref() {
            Some(Ok(document)) => document.text() == this.after.text(),
            _ => before.state.in_force.is_none(),
        },
        Action::Fix => {
            frozen::reads_the_same(before, this.after) && before.front == this.after.front
        }
        action if action.changes_text() => true,
        _ => before.text_digest() == this.after.text_digest(),
    };
    if !expected {
        let message = match this.action {
            Action::Abandon => format!("the text is not that of {id} in force"),
            Action::Fix => format!("`fix` changes what {id} says, not only how it is set"),
            action => format!("`{action}` changes the text of {id}"),
        };
        report.add(
            Finding::new(&TEXT_CHANGED, message)
                .at(path)
                .help("to write in it", format!("qms checkout {id}")),
        );
    }
    if before.state.status == Status::InExecution && this.action.changes_text() {
        frozen::check(report, this, before);
    }
}
