//! Work away from the trunk: a branch that is not the home of documents goes by the trunk's. Clause: model.md "Authority".

use super::Report;
use crate::model::change::Change;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::trailer::{Key, Trailers};

const CLAUSE: &str = "model.md, Authority, away from the trunk";

pub(super) static AUTHORITY: Rule = Rule {
    id: "authority",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "controlled work away from the trunk names the commit of the trunk's mainline that authorizes it, no older than the step before",
    why: "a release branch's own copies of documents and policy stand still; whoever believed them could work under a change for ever",
    remedy: "fetch the trunk and commit again with qms commit, which names it",
};
pub(super) static AWAY: Rule = Rule {
    id: "away-from-trunk",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "documents and people change on the trunk alone",
    why: "two homes of one document are two truths",
    remedy: "make the move on a branch of the trunk",
};
pub(super) static RULES: &[&Rule] = &[&AUTHORITY, &AWAY];

/// What is wrong with the authority of a work commit.
// Implements: REQ-QMS-RULE-AUTHORITY
pub(super) fn flaw(change: &Change, controlled: bool) -> Option<Finding> {
    let passage = &change.passage;
    let message = match &passage.authority {
        Some(authority) => format!("{} {}", authority.named, authority.flaw.as_ref()?),
        None if passage.away && controlled => {
            format!("work on `{}` names no commit of the trunk", passage.branch)
        }
        None => return None,
    };
    let finding = Finding::new(&AUTHORITY, message).fact("branch", &passage.branch);
    Some(finding.help(
        "",
        "git fetch, then git commit --amend with QMS-Authority: and the trunk's tip",
    ))
}

/// Nothing moves away from the trunk.
// Implements: REQ-QMS-RULE-AWAY-FROM-TRUNK
pub(super) fn stays(report: &mut Report<'_>, trailers: &Trailers) {
    let passage = &report.change.passage;
    if let (true, Some(action)) = (passage.away, trailers.value(Key::Action)) {
        let what = trailers.value(Key::Document).unwrap_or("the policy");
        let message = format!("`{action}` of {what} comes in on `{}`", passage.branch);
        let finding = Finding::new(&AWAY, message).help("", AWAY.remedy);
        report.add(finding.help(
            "to bring work here",
            "git cherry-pick it, under a change that is open on the trunk",
        ));
    }
}
