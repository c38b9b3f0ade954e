//! Births: what a new document must be. Clause: lifecycle.md "Types".

use std::collections::BTreeSet;

use super::Report;
use super::moves::Move;
use super::who::NOT_ALLOWED;
use crate::model::body::Row;
use crate::model::change::Tree;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::{Class, Id, Naming};
use crate::model::template;
use crate::model::workflow::Status;

const CLAUSE: &str = "lifecycle.md, Types";

/// How far above the highest number a new one may be.
const REACH: u32 = 100;

pub(crate) static BAD_NUMBER: Rule = Rule {
    id: "bad-number",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "a new document's number is above the highest of its kind there, and at most 100 above it",
    why: "a number given out twice makes two documents of one name, even if the first was cancelled",
    remedy: "let qms create choose the number",
};
pub(crate) static DUPLICATE_ID: Rule = Rule {
    id: "duplicate-id",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "an id is unique in the tree, also after case folding",
    why: "numbers are never used twice; a cancelled document keeps its own",
    remedy: "let qms create choose the number",
};
pub(super) static PARENT_STATE: Rule = Rule {
    id: "parent-state",
    severity: Severity::Error,
    clause: "lifecycle.md, Types and Moves",
    demands: "a child's parent is there and in the state that the child's type asks for",
    why: "a variance of a change that is not being carried out, or an addendum to one that is, means nothing",
    remedy: "bring the parent into that state, or choose the type for the state that it is in",
};
static UNKNOWN_ITEM: Rule = Rule {
    id: "unknown-item",
    severity: Severity::Error,
    clause: "lifecycle.md, Gates, before post-review",
    demands: "the items that a child takes over, or is the record of, are rows of its parent",
    why: "what takes over an item that nobody has takes over nothing",
    remedy: "name rows of the parent under `items`: qms item list PARENT",
};
pub(super) static TEMPLATE_TEXT: Rule = Rule {
    id: "template-text",
    severity: Severity::Error,
    clause: "lifecycle.md, Types",
    demands: "an attachment is born with the text of the template in force, its placeholders filled",
    why: "it has no review of its own: the template is what was approved",
    remedy: "create it with qms create VR --parent ID --title T",
};

pub(super) static RULES: &[&Rule] = &[
    &BAD_NUMBER,
    &DUPLICATE_ID,
    &PARENT_STATE,
    &UNKNOWN_ITEM,
    &TEMPLATE_TEXT,
];

// Implements: REQ-QMS-RULE-DUPLICATE-ID
pub(super) fn check(report: &mut Report<'_>, this: &Move<'_>) {
    let (change, id, path) = (report.change, &this.id, &this.path.path);
    if !change
        .policy
        .people
        .active(this.actor)
        .is_some_and(|u| u.initiates())
    {
        let message = format!(
            "`{}` may not create {id}: it takes an initiator",
            this.actor
        );
        report.add(Finding::new(&NOT_ALLOWED, message).at(path));
    }
    let folder = &change.policy.folder;
    if let Some(twin) = change
        .names
        .iter()
        .find(|n| Id::of_path(n, folder).as_ref() == Some(id))
    {
        let message = format!("{id} is there already: `{twin}`");
        report.add(
            Finding::new(&DUPLICATE_ID, message)
                .at(path)
                .help("", "qms create, which chooses a free number"),
        );
    }
    number(report, this);
    parent(report, this, id.kind().parent_states);
    items(report, this);
    if id.kind().class == Class::Attachment {
        attachment(report, this);
    }
}

/// The highest number that a kind has below a parent, among the files of a tree.
pub(crate) fn highest<'a>(ids: impl Iterator<Item = &'a Id>, like: &Id) -> u32 {
    let same = ids.filter(|i| i.kind() == like.kind() && i.parent() == like.parent());
    same.filter_map(Id::number).max().unwrap_or(0)
}

// Implements: REQ-QMS-RULE-BAD-NUMBER
fn number(report: &mut Report<'_>, this: &Move<'_>) {
    let id = &this.id;
    if !matches!(id.kind().naming, Naming::Number | Naming::Child) {
        return;
    }
    let folder = &report.change.policy.folder;
    let ids: Vec<Id> = report
        .change
        .names
        .iter()
        .filter_map(|n| Id::of_path(n, folder))
        .collect();
    let (highest, number) = (highest(ids.iter(), id), id.number().unwrap_or(0));
    if number <= highest || number > highest.saturating_add(REACH) {
        let message = format!("{id} is not free: the highest number there is {highest:03}");
        let finding = Finding::new(&BAD_NUMBER, message).at(&this.path.path);
        report.add(finding.fact(
            "expected",
            format!("{:03} to {:03}", highest + 1, highest + REACH),
        ));
    }
}

/// Whether the parent is in one of the states; also asked of moves that depend on it.
// Implements: REQ-QMS-RULE-PARENT-STATE
pub(super) fn parent(report: &mut Report<'_>, this: &Move<'_>, states: &[Status]) {
    let Some(parent) = this.id.parent() else {
        return;
    };
    let found = status(&report.change.before, &parent);
    if !found.is_some_and(|s| states.contains(&s)) {
        let is = found.map_or_else(|| "not in this tree".to_owned(), |s| s.to_string());
        let message = format!(
            "`{}` of {} is not possible while its parent {parent} is {is}",
            this.action, this.id
        );
        let expected: Vec<_> = states.iter().map(|s| s.as_str()).collect();
        report.add(
            Finding::new(&PARENT_STATE, message)
                .at(&this.path.path)
                .fact("expected", expected.join(", "))
                .help("", format!("qms status {parent}")),
        );
    }
}

/// Whether the items that a child is for are rows of its parent.
// Implements: REQ-QMS-RULE-UNKNOWN-ITEM
pub(super) fn items(report: &mut Report<'_>, this: &Move<'_>) {
    let tree = &report.change.before;
    let named = this.after.front.items();
    let parent = this.id.parent().filter(|_| !named.is_empty());
    let Some((document, parent)) = parent.and_then(|p| Some((tree.read(&p)?, p))) else {
        return;
    };
    let body = document.tree();
    let rows: BTreeSet<&str> = body.rows().map(Row::name).collect();
    for item in named.into_iter().filter(|item| !rows.contains(item)) {
        let message = format!("{parent} has no item `{item}`, which {} names", this.id);
        let finding = Finding::new(&UNKNOWN_ITEM, message).at(&this.path.path);
        report.add(finding.help("see which there are", format!("qms item list {parent}")));
    }
}

fn status(tree: &Tree, id: &Id) -> Option<Status> {
    tree.read(id).map(|d| d.state.status)
}

// Implements: REQ-QMS-RULE-TEMPLATE-TEXT
fn attachment(report: &mut Report<'_>, this: &Move<'_>) {
    let front = &this.after.front;
    let expected = match report.change.template.as_deref() {
        Some(Ok(document)) => {
            template::instantiate(document, &this.id, &front.title, &[], &front.items())
        }
        _ => {
            let message = format!("there is no template in force for {}", this.id.kind().name);
            report.add(Finding::new(&TEMPLATE_TEXT, message).at(&this.path.path));
            return;
        }
    };
    if expected.as_deref() != Ok(&this.after.text()) {
        let message = format!(
            "{} is not the template in force with its placeholders filled",
            this.id
        );
        let again = format!(
            "qms create {} --parent PARENT --title \"…\" --item ITEM",
            this.id.kind().name
        );
        report.add(
            Finding::new(&TEMPLATE_TEXT, message)
                .at(&this.path.path)
                .help("", again),
        );
    }
}
