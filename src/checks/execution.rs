//! Before post-review and close: every item has ended, each failure was taken over, the evidence is there, and what was to
//! be delivered was changed by this change. Clause: lifecycle.md "Gates".

use super::content;
use super::moves::Move;
use super::{Report, evidence, gates};
use crate::model::body::form::Role;
use crate::model::body::{Body, Item, Outcome};
use crate::model::change::Tree;
use crate::model::document::Document;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::under::Done;
use crate::model::workflow::Status;

const CLAUSE: &str = "lifecycle.md, Gates, before post-review";

pub(super) static OPEN_ITEM: Rule = Rule {
    id: "open-item",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "every item has an outcome, Pass or Fail (of a test step after one that failed also `Not run`), a summary, who and when",
    why: "a change was once closed with two of eight approved items never done",
    remedy: "carry it out, then: qms item set ID ITEM --outcome pass --summary T",
};
pub(super) static NOT_TAKEN_OVER: Rule = Rule {
    id: "not-taken-over",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "each failed item is taken over by exactly one variance (of a test protocol: exception report) whose `items` name it",
    why: "what failed and nobody took over was dropped",
    remedy: "qms create VAR --parent ID --item ITEM --title T",
};
pub(super) static NO_RECORD: Rule = Rule {
    id: "no-record",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "an item that asks for a verification record has one that is filled in and checked in",
    why: "the record is what shows that somebody looked",
    remedy: "qms create VR --parent ID --item ITEM --title T",
};
pub(super) static NOT_DELIVERED: Rule = Rule {
    id: "not-delivered",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "each path or document under `deliverables` was changed by a commit of this change",
    why: "an item was once marked Pass, and its file had never changed",
    remedy: "do the work, in a commit that names the change; or fail the item",
};

pub(super) static RULES: &[&Rule] = &[&OPEN_ITEM, &NOT_TAKEN_OVER, &NO_RECORD, &NOT_DELIVERED];

/// Before post-review.
pub(super) fn done(report: &mut Report<'_>, this: &Move<'_>) {
    let Some(form) = report.change.form.clone() else {
        return;
    };
    let body = this.after.tree();
    content::filled(report, this, &form);
    let rows = form.rows(&body);
    let mut failed = false;
    for row in &rows {
        ended(report, this, &body, row, failed);
        evidence::claims(report, this, &body, row);
        failed |= row.outcome() == Some(Outcome::Fail);
    }
    delivered(report, this, &rows);
    between(report, this);
    let change = report.change;
    for (child, document) in attachments(&change.before, &this.id) {
        // Once its parent is out of execution there is no move that would check it in.
        if document.state.locked.is_some() {
            report.add(gates::held(child, &this.id, &change.policy.folder));
        }
    }
}

/// The attachments that close with a document.
fn attachments<'a>(tree: &'a Tree, id: &'a Id) -> impl Iterator<Item = (&'a Id, &'a Document)> {
    let of = tree.children(id).filter(|child| child.is_attachment_of(id));
    let read = of.filter_map(|child| Some((child, tree.read(child)?)));
    read.filter(|(_, document)| !document.state.status.is_final())
}

/// Before close, and before that: what depends on other documents.
pub(super) fn between(report: &mut Report<'_>, this: &Move<'_>) {
    let Some(form) = report.change.form.clone() else {
        return;
    };
    let body = this.after.tree();
    for row in form.rows(&body) {
        if row.outcome() == Some(Outcome::Fail) {
            taken_over(report, this, &body, &row);
        }
        if row.wants_record() {
            record(report, this, &body, &row);
        }
        evidence::check(report, this, &body, &row);
    }
    let change = report.change;
    let tree = &change.before;
    for (child, document) in attachments(tree, &this.id) {
        let Some(why) = unfilled(document) else {
            continue;
        };
        let message = format!("{child} closes with {}, and {why}", this.id);
        let path = child.path(&change.policy.folder);
        let finding = Finding::new(&NO_RECORD, message).at(&path);
        report.add(finding.help("", format!("qms section list {child}")));
    }
}

/// An item has come to its end.
// Implements: REQ-QMS-RULE-OPEN-ITEM
fn ended(report: &mut Report<'_>, this: &Move<'_>, body: &Body, row: &Item<'_>, failed: bool) {
    let (id, outcomes) = (&this.id, this.id.kind().outcomes);
    let set = format!(
        "qms item set {id} {} --outcome pass --summary \"…\"",
        row.id()
    );
    for (role, title, cell) in row.cells() {
        let place = Some(body.span(&cell.range));
        let left = body.placeholders_in(&cell.range).first();
        let left = left.map(|p| format!("`{}` of {} is not filled in", p.text, row.id()));
        let fault = match role {
            Role::Outcome => match row.said(role).map(|said| (said, Outcome::parse(said))) {
                None => Some(format!("{} of {id} has no outcome", row.id())),
                Some((said, Some(Outcome::NotRun))) if failed && outcomes.contains(&said) => None,
                Some((_, Some(Outcome::Pass | Outcome::Fail))) => None,
                Some((said, _)) => Some(format!(
                    "the outcome of {} is `{said}`, expected Pass or Fail",
                    row.id()
                )),
            },
            Role::Summary | Role::Performer | Role::Time
                if row.said(role).is_none() && row.outcome().is_some() =>
            {
                Some(format!("`{title}` of {} is not filled in", row.id()))
            }
            role if role.is_open() && row.outcome().is_some() => left,
            _ => None,
        };
        if let Some(message) = fault {
            let finding = Finding::new(&OPEN_ITEM, message).at(&this.path.path);
            report.add(finding.span(place).help("", set.clone()));
        }
    }
}

/// The children that are for an item of their parent.
pub(super) fn children_for<'a>(
    report: &'a Report<'_>,
    this: &'a Move<'_>,
    item: &'a str,
    kind: &'a str,
) -> impl Iterator<Item = (&'a Id, &'a Document)> {
    let tree = &report.change.before;
    let read = move |child: &'a Id| Some((child, tree.read(child)?));
    let ours = move |(child, document): &(&Id, &Document)| {
        child.kind().name == kind
            && document.state.status != Status::Cancelled
            && document.front.items().contains(&item)
    };
    tree.children(&this.id).filter_map(read).filter(ours)
}

// Implements: REQ-QMS-RULE-NOT-TAKEN-OVER
fn taken_over(report: &mut Report<'_>, this: &Move<'_>, body: &Body, row: &Item<'_>) {
    let Some(kind) = this.id.kind().taken_over_by else {
        return;
    };
    let takers: Vec<String> = children_for(report, this, row.id(), kind)
        .map(|(child, _)| child.to_string())
        .collect();
    let message = match takers.len() {
        1 => return,
        0 => format!(
            "{} failed, and no {kind} of {} takes it over",
            row.id(),
            this.id
        ),
        _ => format!(
            "{} failed, and {} all take it over",
            row.id(),
            takers.join(", ")
        ),
    };
    let finding = Finding::new(&NOT_TAKEN_OVER, message).at(&this.path.path);
    let finding = finding.span(Some(body.span(&row.row.range)));
    report.add(match takers.len() {
        0 => finding.help(
            "",
            format!(
                "qms create {kind} --parent {} --item {} --title \"…\"",
                this.id,
                row.id()
            ),
        ),
        _ => finding.help("let one of them name it", "qms front set CHILD items ITEM"),
    });
}

/// A verification record for an item: filled, and checked in.
// Implements: REQ-QMS-RULE-NO-RECORD
fn record(report: &mut Report<'_>, this: &Move<'_>, body: &Body, row: &Item<'_>) {
    let records: Vec<(Id, Option<String>)> = children_for(report, this, row.id(), "VR")
        .map(|(child, document)| (child.clone(), open_record(document)))
        .collect();
    if records.iter().any(|(_, open)| open.is_none()) {
        return;
    }
    let (message, help) = match records.first() {
        Some((child, Some(why))) => (
            format!("{child}, the record of {}, {why}", row.id()),
            format!("qms section list {child}"),
        ),
        _ => (
            format!(
                "{} asks for a verification record, and there is none",
                row.id()
            ),
            format!(
                "qms create VR --parent {} --item {} --title \"…\"",
                this.id,
                row.id()
            ),
        ),
    };
    let finding = Finding::new(&NO_RECORD, message).at(&this.path.path);
    report.add(finding.span(Some(body.span(&row.row.range))).help("", help));
}

/// What a record still lacks.
fn open_record(document: &Document) -> Option<String> {
    match document.state.locked {
        Some(_) => Some("is checked out".to_owned()),
        None => unfilled(document),
    }
}

fn unfilled(document: &Document) -> Option<String> {
    let body = document.tree();
    let open = body.placeholders.first()?;
    Some(format!("still has `{}`", open.text))
}

/// Each declared path and document was changed under the change.
// Implements: REQ-QMS-RULE-NOT-DELIVERED
fn delivered(report: &mut Report<'_>, this: &Move<'_>, rows: &[Item<'_>]) {
    let change = report.change;
    let done = change.under.as_ref().map_or(&[][..], |under| &under.done);
    for (item, what) in this.after.front.deliverables() {
        // What failed was not delivered, and was taken over.
        let row = item.and_then(|item| rows.iter().find(|row| row.id() == item));
        if row.is_some_and(|row| row.outcome() == Some(Outcome::Fail)) {
            continue;
        }
        let path = match Id::parse(what) {
            Some(id) => id.path(&change.policy.folder),
            None => TreePath::from(what),
        };
        let reached = |touched: &TreePath| {
            *touched == path
                || path
                    .as_str()
                    .is_some_and(|folder| touched.is_below(folder.trim_end_matches('/')))
        };
        let counts = |done: &&Done| {
            item.is_none_or(|item| done.item.as_deref() == Some(item) || done.item.is_none())
        };
        let touches = |done: &Done| done.paths.iter().any(reached);
        if done.iter().filter(counts).any(touches) {
            continue;
        }
        let by = item.map_or(String::new(), |item| format!(" for {item}"));
        let message = format!("no commit of {} changed `{what}`{by}", this.id);
        let finding = Finding::new(&NOT_DELIVERED, message).at(&this.path.path);
        let commit = format!("qms commit --change {} -m \"…\"", this.id);
        report.add(finding.help("change it in a commit of this change", commit));
    }
}
