//! Before an investigation closes: its actions were carried out by changes that are closed. Clause: lifecycle.md "Gates".

use super::Report;
use super::execution::children_for;
use super::moves::Move;
use crate::model::body::form::Role;
use crate::model::body::{Mention, Outcome};
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::Id;
use crate::model::workflow::Status;

pub(super) static OPEN_ACTION: Rule = Rule {
    id: "open-action",
    severity: Severity::Error,
    clause: "lifecycle.md, Gates, before close",
    demands: "an action of an investigation names the change that carried it out, and that is CLOSED; of one that failed the variance is",
    why: "an investigation that closes over an open action has ended nothing",
    remedy: "close the change that is named, or name the one that did it",
};

pub(super) static RULES: &[&Rule] = &[&OPEN_ACTION];

/// The changes that a CAPA names are closed, or the variance that took it over is. Before an investigation closes.
// Implements: REQ-QMS-RULE-OPEN-ACTION
pub(super) fn carried_out(report: &mut Report<'_>, this: &Move<'_>) {
    let Some(form) = report.change.form.clone() else {
        return;
    };
    let body = this.after.tree();
    for row in form.rows(&body) {
        let Some(cell) = row.cell(Role::Change) else {
            continue;
        };
        let mut wanted: Vec<Id> = match row.outcome() {
            Some(Outcome::Fail) => children_for(report, this, row.id(), "VAR")
                .map(|(child, _)| child.clone())
                .collect(),
            _ => body
                .mentions_in(&cell.range)
                .iter()
                .filter_map(Mention::document)
                .cloned()
                .collect(),
        };
        wanted.dedup();
        if wanted.is_empty() && row.outcome() == Some(Outcome::Pass) {
            let message = format!("{} names no change that carried it out", row.id());
            let finding = Finding::new(&OPEN_ACTION, message).at(&this.path.path);
            let set = format!("qms item set {} {} --change CR-…", this.id, row.id());
            report.add(finding.span(Some(body.span(&cell.range))).help("", set));
        }
        for id in wanted {
            let status = report.change.before.read(&id).map(|d| d.state.status);
            if status == Some(Status::Closed) {
                continue;
            }
            let status = status.map_or("not there".to_owned(), |s| s.to_string());
            let message = format!("{id}, which carries out {}, is {status}", row.id());
            let finding = Finding::new(&OPEN_ACTION, message).at(&this.path.path);
            let finding = finding.span(Some(body.span(&cell.range)));
            report.add(
                finding
                    .fact("expected", "CLOSED")
                    .help("", format!("qms status {id}")),
            );
        }
    }
}
