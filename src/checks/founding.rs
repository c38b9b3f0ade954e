//! The founder's commits, while the policy could approve nothing. Clause: model.md "Founding and people".

use super::moves::ONE_MOVE;
use super::{Report, demand, message, people};
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::policy::{self, Policy};
use crate::model::state::Version;
use crate::model::trailer::{Key, Trailers};
use crate::model::workflow::Status;

const CLAUSE: &str = "model.md, Founding and people";

pub(super) static FOUNDING: Rule = Rule {
    id: "founding",
    severity: Severity::Warning,
    clause: CLAUSE,
    demands: "the policy lists people who could approve: one who may create and another of group quality",
    why: "until then the founder alone changes the policy, and nobody can check him",
    remedy: "the founder adds the people: qms user add NAME --group quality",
};
pub(super) static FOUNDING_OVER: Rule = Rule {
    id: "founding-over",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "`found` commits are the founder's, and only while the policy could approve nothing",
    why: "the power to write the first rules must end, and for good",
    remedy: "change people with qms user add, and the rest of the policy under a change whose scope names qms.yaml",
};
pub(super) static RULES: &[&Rule] = &[&FOUNDING, &FOUNDING_OVER];

/// Every check warns while the policy could approve nothing.
pub(super) fn founding(report: &mut Report<'_>) {
    if let Some(finding) = nobody(&report.change.policy) {
        report.add(finding);
    }
}

/// A policy under which nobody could approve.
// Implements: REQ-QMS-RULE-FOUNDING
pub(super) fn nobody(policy: &Policy) -> Option<Finding> {
    let message = "this policy lists nobody who could approve a change";
    let finding = Finding::new(&FOUNDING, message)
        .at(&TreePath::from(policy::FILE))
        .help("the founder", "qms user add NAME --group quality");
    (!policy.could_approve()).then_some(finding)
}

/// Why this user does not found any more, or never did.
// Implements: REQ-QMS-RULE-FOUNDING-OVER
fn over(policy: &Policy, actor: Option<&str>) -> Option<Finding> {
    let ended = policy.could_approve();
    if !ended && actor.is_none_or(|actor| policy.founder.as_deref() == Some(actor)) {
        return None;
    }
    let message = "`found` is for the founder, while nobody could approve";
    let finding = Finding::new(&FOUNDING_OVER, message)
        .fact("founder", policy.founder.as_deref().unwrap_or("nobody"))
        .fact("could approve", if ended { "yes" } else { "no" });
    Some(finding.help("", FOUNDING_OVER.remedy))
}

/// Judges the founder's commit to the policy and to what `init` writes.
pub(super) fn found(report: &mut Report<'_>, trailers: &Trailers) {
    let change = report.change;
    demand(
        report,
        trailers,
        "`found`",
        &[Key::Action, Key::Actor, Key::Before],
        &[Key::Request, Key::Reason],
    );
    let actor = message::actor(report, trailers, false);
    people::one_parent(report);
    if let Some(finding) = over(&change.policy, actor) {
        report.add(finding);
    }
    for path in change
        .paths
        .iter()
        .filter(|p| p.path.as_bytes() != policy::FILE.as_bytes())
    {
        let template = Id::of_path(&path.path, &change.policy.folder)
            .filter(|id| id.kind().name == "TEMPLATE");
        let document = path.after.as_ref().and_then(|e| e.document.as_deref());
        let fresh = matches!(document, Some(Ok(d)) if path.before.is_none()
            && d.state.status == Status::Effective && d.state.version == Version::ONE);
        if template.is_none() || !fresh {
            let message = format!(
                "`{}` is neither the policy nor a template as init writes it",
                path.path
            );
            report.add(Finding::new(&ONE_MOVE, message).at(&path.path));
        }
    }
    people::before(report, trailers);
}
