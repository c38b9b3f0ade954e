//! Who may take a move, and whether the document is free for it. Clause: lifecycle.md "Moves".

use super::Report;
use super::moves::Move;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::people::Group;
use crate::model::state::State;
use crate::model::workflow::{Lock, Who};

const CLAUSE: &str = "lifecycle.md, Moves";

pub(super) static NOT_ALLOWED: Rule = Rule {
    id: "not-allowed",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "the actor has the role that the row names: owner, asked, or member of a group",
    why: "rank gives no powers; every role is given by name",
    remedy: "ask the person who has the role",
};
pub(super) static OWN_WORK: Rule = Rule {
    id: "own-work",
    severity: Severity::Error,
    clause: "lifecycle.md, Rounds",
    demands: "nobody reviews or approves what he owns or wrote",
    why: "an author sees what he meant, not what he wrote",
    remedy: "let somebody of group quality assign another reviewer: qms assign ID --assignees NAME",
};
pub(super) static LOCKED: Rule = Rule {
    id: "locked",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "text is written while the writer has the document checked out, and moves on when nobody has",
    why: "two people who write at once lose one of the texts",
    remedy: "check the document out or in first",
};
pub(super) static RULES: &[&Rule] = &[&NOT_ALLOWED, &OWN_WORK, &LOCKED];

// Implements: REQ-QMS-RULE-NOT-ALLOWED, REQ-QMS-RULE-OWN-WORK
pub(super) fn may(report: &mut Report<'_>, this: &Move<'_>, state: &State, who: Who) {
    let (policy, actor, id) = (&report.change.policy, this.actor, &this.id);
    let Some(user) = policy.people.active(actor) else {
        return;
    };
    let owner = state.owner.as_deref() == Some(actor);
    let own = crate::model::round::is_its_own(state, actor);
    let allowed = match who {
        Who::Initiator => user.initiates(),
        Who::Owner => owner,
        Who::Quality => user.is(Group::Quality),
        Who::Asked => state.reviews.contains_key(actor) && user.judges(),
        Who::Approver => {
            state.approvals.contains_key(actor) && user.judges() && policy.may_approve(actor)
        }
        Who::OwnerOrAdministrator => owner || user.is(Group::Administrator),
        Who::Administrator => user.is(Group::Administrator),
    };
    let judges = matches!(who, Who::Asked | Who::Approver);
    if judges && own {
        let message = format!("`{actor}` owns or wrote {id} and cannot {} it", this.action);
        let assign = format!("qms assign {id} --assignees NAME   (by group quality)");
        report.add(
            Finding::new(&OWN_WORK, message)
                .at(&this.path.path)
                .help("", assign),
        );
    } else if !allowed {
        let message = format!(
            "`{actor}` may not {} {id}: it takes {who}",
            this.action.as_str().replace('-', " for ")
        );
        let asked = state.pending().join(", ");
        let mut finding = Finding::new(&NOT_ALLOWED, message).at(&this.path.path);
        finding = finding.fact("owner", state.owner.as_deref().unwrap_or("nobody"));
        if judges {
            finding = finding.fact(
                "asked",
                if asked.is_empty() {
                    "nobody".to_owned()
                } else {
                    asked
                },
            );
        }
        report.add(finding.help("", format!("let one who may do it; see qms status {id}")));
    }
}

// Implements: REQ-QMS-RULE-LOCKED
pub(super) fn lock(report: &mut Report<'_>, this: &Move<'_>, state: &State) {
    let (id, actor) = (&this.id, this.actor);
    let holder = state.locked.as_ref().and(state.owner.as_deref());
    let help = match (this.action.lock(), holder) {
        (Lock::Held, None) => (
            "is not checked out".to_owned(),
            format!("qms checkout {id}"),
        ),
        (Lock::Free, Some(who)) if who == actor => (
            "is checked out by you".to_owned(),
            format!("qms checkin {id}"),
        ),
        (Lock::Free | Lock::NotOthers, Some(who)) if who != actor => (
            format!("is checked out by {who}"),
            format!("ask {who} to check it in, or see since when: qms history {id}"),
        ),
        _ => return,
    };
    report.add(
        Finding::new(&LOCKED, format!("{id} {}", help.0))
            .at(&this.path.path)
            .help("", help.1),
    );
}
