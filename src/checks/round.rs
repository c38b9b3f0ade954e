//! Rounds: who is asked, what they judged, when a round may go on. Clause: lifecycle.md "Rounds".

use super::Report;
use super::moves::Move;
use super::who::OWN_WORK;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::people::Group;
use crate::model::round::{self, Policies};
use crate::model::state::{Outcome, State};
use crate::model::trailer::{self, Key};
use crate::model::workflow::Action;

const CLAUSE: &str = "lifecycle.md, Rounds";

pub(super) static NO_ONE_TO_ASK: Rule = Rule {
    id: "no-one-to-ask",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "a round has a quality user to ask who neither owns nor wrote the document",
    why: "a round that asks nobody would approve itself",
    remedy: "enroll another quality user: qms user add NAME --group quality",
};
pub(super) static NOT_RECOMMENDED: Rule = Rule {
    id: "not-recommended",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "before approval every outcome is `recommend`, one of them from group quality",
    why: "a rejected document was once approved unchanged 24 seconds later",
    remedy: "answer the request with a changed text and a new review, or let its author replace his outcome",
};
pub(super) static BAD_ASSIGNMENT: Rule = Rule {
    id: "bad-assignment",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "those who are assigned could act; who the path table names gives way only to another whom it names",
    why: "a round whose reviewers cannot speak never ends, and one whose reviewers were swapped proves nothing",
    remedy: "assign quality users or reviewers who neither own nor wrote the document",
};

pub(super) static RULES: &[&Rule] = &[&NO_ONE_TO_ASK, &NOT_RECOMMENDED, &BAD_ASSIGNMENT];

pub(super) fn check(report: &mut Report<'_>, this: &Move<'_>) {
    let Some(before) = this.before else { return };
    match this.action {
        Action::RouteReview => route_review(report, this, &before.state),
        Action::RouteApproval => route_approval(report, this, &before.state),
        Action::Assign => assign(report, this, &before.state),
        Action::Transfer => transfer(report, this, &before.state),
        Action::Approve => approve(report, this, &before.state),
        Action::Reject => {
            let body = report
                .change
                .commit
                .message
                .as_deref()
                .and_then(trailer::body);
            if body.is_none() {
                let finding = Finding::new(
                    &super::message::TRAILER_MISSING,
                    "`reject` needs a comment in its body",
                );
                report.add(finding.help("", format!("qms reject {} --comment \"…\"", this.id)));
            }
        }
        Action::Review => {
            let outcome = this.trailers.value(Key::Outcome).and_then(Outcome::parse);
            if !matches!(outcome, Some(Outcome::Recommend | Outcome::RequestUpdates)) {
                let message = "`QMS-Outcome` is not recommend or request-updates";
                report.add(Finding::new(&super::block::TRAILER_WRONG, message));
            }
        }
        _ => {}
    }
}

// Implements: REQ-QMS-RULE-NO-ONE-TO-ASK
fn route_review(report: &mut Report<'_>, this: &Move<'_>, state: &State) {
    let change = report.change;
    let authors = change.under.iter().flat_map(|u| u.people.iter());
    let mut state = state.clone();
    state.authors.extend(authors.cloned());
    let policies = Policies {
        acting: &change.policy,
        asking: &change.asking,
    };
    let mut quality = change.policy.people.in_group(Group::Quality);
    let none = !quality.any(|name| !round::is_its_own(&state, name));
    if none || round::asked(policies, &this.id, this.after, &state).is_empty() {
        let message = format!("nobody of group quality is left to ask about {}", this.id);
        let own: Vec<_> = state.authors.iter().cloned().collect();
        report.add(
            Finding::new(&NO_ONE_TO_ASK, message)
                .at(&this.path.path)
                .fact("authors", own.join(", "))
                .help("", NO_ONE_TO_ASK.remedy),
        );
    }
}

/// The approval that completes a round has somebody of group quality, by the policy at P, among its approvers.
fn approve(report: &mut Report<'_>, this: &Move<'_>, state: &State) {
    let people = &report.change.policy.people;
    let last = state
        .approvals
        .iter()
        .all(|(name, done)| *done || name == this.actor);
    let quality = |name: &String| people.active(name).is_some_and(|u| u.is(Group::Quality));
    if last && !state.approvals.keys().any(quality) {
        let message = format!(
            "nobody of group quality is among the approvers of {}",
            this.id
        );
        let assign = format!(
            "qms assign {} --assignees NAME   (by group quality)",
            this.id
        );
        report.add(
            Finding::new(&NOT_RECOMMENDED, message)
                .at(&this.path.path)
                .help("", assign),
        );
    }
}

// Implements: REQ-QMS-RULE-NOT-RECOMMENDED
fn route_approval(report: &mut Report<'_>, this: &Move<'_>, state: &State) {
    let id = &this.id;
    let objections = round::objections(&report.change.policy, state);
    if !objections.is_empty() {
        let message =
            format!("{id} is not recommended by all who were asked, one of them of group quality");
        let mut finding = Finding::new(&NOT_RECOMMENDED, message).at(&this.path.path);
        for objection in objections {
            finding = finding.fact("open", objection);
        }
        report.add(
            finding
                .help(
                    "change the text",
                    format!("qms checkout {id}, edit, qms checkin {id}, qms route {id} --review"),
                )
                .help(
                    "or ask again",
                    format!("qms assign {id} --assignees NAME   (by group quality)"),
                ),
        );
    }
}

// Implements: REQ-QMS-RULE-BAD-ASSIGNMENT
fn assign(report: &mut Report<'_>, this: &Move<'_>, state: &State) {
    let (change, path) = (report.change, &this.path.path);
    let users = this.trailers.users();
    let approval = state.status.is_approval();
    if users.is_empty() && !state.status.is_open_round() {
        let message = "an assignment that opens a round again names somebody";
        report.add(Finding::new(&BAD_ASSIGNMENT, message).at(path));
    }
    for name in &users {
        let has_entry = if approval {
            state.approvals.contains_key(*name)
        } else {
            state.reviews.contains_key(*name)
        };
        let able = round::could_judge(&change.policy, state, name)
            && (!approval || change.policy.may_approve(name));
        if round::is_its_own(state, name) {
            report.add(
                Finding::new(
                    &OWN_WORK,
                    format!("`{name}` owns or wrote {} and is not asked", this.id),
                )
                .at(path),
            );
        } else if !able && !has_entry {
            let message = format!(
                "`{name}` could not act: no quality user or reviewer of the policy in force"
            );
            report.add(
                Finding::new(&BAD_ASSIGNMENT, message)
                    .at(path)
                    .help("see who could", "qms user list"),
            );
        }
    }
    let dropped: Vec<&str> = state
        .pending()
        .into_iter()
        .filter(|name| !users.contains(name))
        .collect();
    let added: Vec<&str> = users
        .iter()
        .copied()
        .filter(|n| !state.pending().contains(n))
        .collect();
    if approval {
        let quality = |n: &&&str| {
            change
                .policy
                .people
                .active(n)
                .is_some_and(|u| u.is(Group::Quality))
        };
        // Who has approved already takes nobody's place.
        let new = |n: &&&str| !state.approvals.contains_key(**n);
        let taken = added.iter().filter(new).filter(quality).count();
        let waits = users.iter().any(|n| state.approvals.get(*n) != Some(&true));
        if !waits || taken < dropped.len() {
            let message = "in an approval somebody pending gives way only to a quality user, and somebody stays pending";
            report.add(Finding::new(&BAD_ASSIGNMENT, message).at(path));
        }
        return;
    }
    let named = round::named(&change.asking, &this.id, this.after);
    let swapped_in = added
        .iter()
        .filter(|n| named.iter().any(|m| m == *n))
        .count();
    let swapped_out: Vec<&str> = dropped
        .into_iter()
        .filter(|n| named.iter().any(|m| m == n))
        .collect();
    if swapped_out.len() > swapped_in {
        let message = format!(
            "the path table asks for {}; only another whom it names can take the place",
            swapped_out.join(", ")
        );
        report.add(Finding::new(&BAD_ASSIGNMENT, message).at(path).fact(
            "named",
            named.iter().cloned().collect::<Vec<_>>().join(", "),
        ));
    }
}

fn transfer(report: &mut Report<'_>, this: &Move<'_>, state: &State) {
    let (change, path) = (report.change, &this.path.path);
    let [new] = this.trailers.users()[..] else {
        report.add(
            Finding::new(&BAD_ASSIGNMENT, "a transfer names one user in `QMS-Users`").at(path),
        );
        return;
    };
    if !change
        .policy
        .people
        .active(new)
        .is_some_and(|u| u.initiates())
    {
        let message = format!(
            "`{new}` cannot own {}: it takes an initiator of the policy in force",
            this.id
        );
        report.add(
            Finding::new(&BAD_ASSIGNMENT, message)
                .at(path)
                .help("see who could", "qms user list"),
        );
    }
    let asked = state.approvals.contains_key(new) || state.reviews.contains_key(new);
    if state.status.is_open_round() && asked {
        let message = format!("`{new}` is asked in the open round of {}", this.id);
        report.add(
            Finding::new(&BAD_ASSIGNMENT, message)
                .at(path)
                .help("first", format!("qms withdraw {}", this.id)),
        );
    }
}
