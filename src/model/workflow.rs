//! States and moves as data: lifecycle.md "Moves". Every row says from where to where, and who.

use super::kind::{Class, KINDS, Kind};
pub use super::status::{Action, Lock, Status, Who};

/// One row: from `from` the action leads to `to[0]`, or to a later one when what it decides is complete:
/// the last asked has spoken, the text was changed, the round was to retire.
#[derive(Debug)]
pub struct Row {
    pub class: &'static [Class],
    pub action: Action,
    pub from: Status,
    pub to: &'static [Status],
    pub who: Who,
}

use Action::*;
use Class::{Attachment, Executable, NonExecutable};
use Status::*;

const DOC: &[Class] = &[NonExecutable];
const EXE: &[Class] = &[Executable];
const ROUNDS: &[Class] = &[NonExecutable, Executable];
const ATT: &[Class] = &[Attachment];
const RUN: &[Class] = &[Executable, Attachment];

const fn row(
    class: &'static [Class],
    action: Action,
    from: Status,
    to: &'static [Status],
    who: Who,
) -> Row {
    Row {
        class,
        action,
        from,
        to,
        who,
    }
}

/// Every move but `create`, which starts from nothing.
#[rustfmt::skip]
pub const MOVES: &[Row] = &[
    row(ROUNDS, Edit, Draft, &[Draft], Who::Owner),
    row(RUN, Edit, InExecution, &[InExecution], Who::Owner),
    row(DOC, Edit, Reviewed, &[Draft], Who::Owner),
    row(EXE, Edit, PreReviewed, &[Draft], Who::Owner),

    row(ROUNDS, Checkout, Draft, &[Draft], Who::Initiator),
    row(RUN, Checkout, InExecution, &[InExecution], Who::Initiator),
    row(DOC, Checkout, Reviewed, &[Reviewed], Who::Owner),
    row(EXE, Checkout, PreReviewed, &[PreReviewed], Who::Owner),
    row(DOC, Checkout, Effective, &[Draft], Who::Initiator),
    row(EXE, Checkout, PreApproved, &[Draft], Who::Owner),
    row(EXE, Checkout, PostReviewed, &[InExecution], Who::Owner),
    row(EXE, Checkout, PostApproved, &[InExecution], Who::Owner),

    row(ROUNDS, Checkin, Draft, &[Draft], Who::Owner),
    row(RUN, Checkin, InExecution, &[InExecution], Who::Owner),
    row(DOC, Checkin, Reviewed, &[Reviewed, Draft], Who::Owner),
    row(EXE, Checkin, PreReviewed, &[PreReviewed, Draft], Who::Owner),

    row(RUN, Item, InExecution, &[InExecution], Who::Initiator),

    row(DOC, RouteReview, Draft, &[InReview, Reviewed], Who::Owner),
    row(EXE, RouteReview, Draft, &[InPreReview, PreReviewed], Who::Owner),
    row(EXE, RouteReview, InExecution, &[InPostReview, PostReviewed], Who::Owner),

    row(DOC, Assign, InReview, &[InReview, Reviewed], Who::Quality),
    row(DOC, Assign, Reviewed, &[InReview], Who::Quality),
    row(DOC, Assign, InApproval, &[InApproval], Who::Quality),
    row(EXE, Assign, InPreReview, &[InPreReview, PreReviewed], Who::Quality),
    row(EXE, Assign, PreReviewed, &[InPreReview], Who::Quality),
    row(EXE, Assign, InPreApproval, &[InPreApproval], Who::Quality),
    row(EXE, Assign, InPostReview, &[InPostReview, PostReviewed], Who::Quality),
    row(EXE, Assign, PostReviewed, &[InPostReview], Who::Quality),
    row(EXE, Assign, InPostApproval, &[InPostApproval], Who::Quality),

    row(DOC, Review, InReview, &[InReview, Reviewed], Who::Asked),
    row(EXE, Review, InPreReview, &[InPreReview, PreReviewed], Who::Asked),
    row(EXE, Review, InPostReview, &[InPostReview, PostReviewed], Who::Asked),

    row(DOC, RouteApproval, Reviewed, &[InApproval], Who::Owner),
    row(EXE, RouteApproval, PreReviewed, &[InPreApproval], Who::Owner),
    row(EXE, RouteApproval, PostReviewed, &[InPostApproval], Who::Owner),

    row(DOC, Approve, InApproval, &[InApproval, Effective, Retired], Who::Approver),
    row(EXE, Approve, InPreApproval, &[InPreApproval, PreApproved], Who::Approver),
    row(EXE, Approve, InPostApproval, &[InPostApproval, PostApproved], Who::Approver),

    row(DOC, Reject, InApproval, &[Reviewed], Who::Approver),
    row(EXE, Reject, InPreApproval, &[PreReviewed], Who::Approver),
    row(EXE, Reject, InPostApproval, &[PostReviewed], Who::Approver),

    row(DOC, Withdraw, InReview, &[Draft], Who::Owner),
    row(DOC, Withdraw, InApproval, &[Reviewed], Who::Owner),
    row(EXE, Withdraw, InPreReview, &[Draft], Who::Owner),
    row(EXE, Withdraw, InPreApproval, &[PreReviewed], Who::Owner),
    row(EXE, Withdraw, InPostReview, &[InExecution], Who::Owner),
    row(EXE, Withdraw, InPostApproval, &[PostReviewed], Who::Owner),

    row(EXE, Release, PreApproved, &[InExecution], Who::Owner),
    row(EXE, Revert, PostReviewed, &[InExecution], Who::Owner),
    row(EXE, Revert, PostApproved, &[InExecution], Who::Owner),
    row(EXE, Close, PostApproved, &[Closed], Who::Owner),

    row(DOC, Abandon, Draft, &[Effective], Who::OwnerOrAdministrator),
    row(DOC, Abandon, Reviewed, &[Effective], Who::OwnerOrAdministrator),

    row(ROUNDS, Cancel, Draft, &[Cancelled], Who::OwnerOrAdministrator),
    row(DOC, Cancel, Reviewed, &[Cancelled], Who::OwnerOrAdministrator),
    row(EXE, Cancel, PreReviewed, &[Cancelled], Who::OwnerOrAdministrator),
    row(EXE, Cancel, PreApproved, &[Cancelled], Who::OwnerOrAdministrator),
    row(ATT, Cancel, InExecution, &[Cancelled], Who::OwnerOrAdministrator),

    row(ROUNDS, Transfer, Draft, &[Draft], Who::OwnerOrAdministrator),
    row(DOC, Transfer, InReview, &[InReview], Who::OwnerOrAdministrator),
    row(DOC, Transfer, Reviewed, &[Reviewed, Draft], Who::OwnerOrAdministrator),
    row(DOC, Transfer, InApproval, &[InApproval], Who::OwnerOrAdministrator),
    row(DOC, Transfer, Effective, &[Effective], Who::OwnerOrAdministrator),
    row(EXE, Transfer, InPreReview, &[InPreReview], Who::OwnerOrAdministrator),
    row(EXE, Transfer, PreReviewed, &[PreReviewed, Draft], Who::OwnerOrAdministrator),
    row(EXE, Transfer, InPreApproval, &[InPreApproval], Who::OwnerOrAdministrator),
    row(EXE, Transfer, PreApproved, &[PreApproved], Who::OwnerOrAdministrator),
    row(RUN, Transfer, InExecution, &[InExecution], Who::OwnerOrAdministrator),
    row(EXE, Transfer, InPostReview, &[InPostReview], Who::OwnerOrAdministrator),
    row(EXE, Transfer, PostReviewed, &[PostReviewed], Who::OwnerOrAdministrator),
    row(EXE, Transfer, InPostApproval, &[InPostApproval], Who::OwnerOrAdministrator),
    row(EXE, Transfer, PostApproved, &[PostApproved], Who::OwnerOrAdministrator),

    row(DOC, Fix, Effective, &[Effective], Who::Administrator),
    row(RUN, Fix, Closed, &[Closed], Who::Administrator),
];

/// The row for an action in a state, if the table has one.
pub fn row_of(class: Class, action: Action, from: Status) -> Option<&'static Row> {
    MOVES
        .iter()
        .find(|r| r.action == action && r.from == from && r.class.contains(&class))
}

/// The states in which an action can be taken by a class, in table order.
pub fn states_for(class: Class, action: Action) -> Vec<Status> {
    MOVES
        .iter()
        .filter(|r| r.action == action && r.class.contains(&class))
        .map(|r| r.from)
        .collect()
}

/// The actions that a state allows a class, in table order.
pub fn actions_in(class: Class, from: Status) -> Vec<Action> {
    MOVES
        .iter()
        .filter(|r| r.from == from && r.class.contains(&class))
        .map(|r| r.action)
        .collect()
}

/// Where `create` puts a new document.
pub fn birth(kind: &Kind) -> Status {
    if kind.class == Attachment {
        InExecution
    } else {
        Draft
    }
}

/// The states that documents of a class can reach, from their birth on.
pub fn reachable(class: Class) -> Vec<Status> {
    let Some(kind) = KINDS.iter().find(|k| k.class == class) else {
        return Vec::new();
    };
    let mut found = vec![birth(kind)];
    let mut next = 0;
    while let Some(from) = found.get(next).copied() {
        next += 1;
        for row in MOVES
            .iter()
            .filter(|r| r.from == from && r.class.contains(&class))
        {
            for to in row.to {
                if !found.contains(to) {
                    found.push(*to);
                }
            }
        }
    }
    // An attachment is closed by its parent's move, not by one of its own.
    if class == Attachment {
        found.push(Closed);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_and_an_action_have_one_row() {
        for (i, a) in MOVES.iter().enumerate() {
            for b in &MOVES[i + 1..] {
                let same = a.action == b.action
                    && a.from == b.from
                    && a.class.iter().any(|c| b.class.contains(c));
                assert!(!same, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn every_state_of_a_row_is_reachable_and_no_dead_end_but_final_ones() {
        for class in [NonExecutable, Executable, Attachment] {
            let reachable = reachable(class);
            for row in MOVES.iter().filter(|r| r.class == [class]) {
                assert!(reachable.contains(&row.from), "{class:?} {row:?}");
            }
            for status in reachable {
                let moves = actions_in(class, status)
                    .into_iter()
                    .filter(|a| *a != Fix)
                    .count();
                assert_eq!(moves == 0, status.is_final(), "{class:?} {status}");
            }
        }
    }

    #[test]
    fn i_07_every_state_that_is_not_final_has_a_way_on_and_a_way_back() {
        // A way back leads to the state in which the text can be written again, a way on to a final one.
        let leads = |class, from: Status, goals: &[Status]| {
            let mut seen = vec![from];
            let mut next = 0;
            while let Some(at) = seen.get(next).copied() {
                next += 1;
                let rows = MOVES
                    .iter()
                    .filter(|r| r.from == at && r.class.contains(&class));
                for to in rows.flat_map(|r| r.to) {
                    if !seen.contains(to) {
                        seen.push(*to);
                    }
                }
            }
            seen.iter().any(|s| goals.contains(s))
        };
        for class in [NonExecutable, Executable] {
            for status in reachable(class).into_iter().filter(|s| !s.is_final()) {
                assert!(
                    leads(class, status, &[Draft, InExecution]),
                    "{class:?} {status} back"
                );
                assert!(
                    leads(class, status, &[Retired, Closed]),
                    "{class:?} {status} on"
                );
            }
        }
    }
}
