//! Gates: what must be true of a document, its parent and its children before it moves on. What
//! they ask of its text is `content`'s and `execution`'s. Clause: lifecycle.md "Gates".

use super::Report;
use super::moves::Move;
use super::who::LOCKED;
use super::{action, birth, content, execution, qualified};
use crate::model::change::{Entry, Tree};
use crate::model::document::Document;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::{Class, Id, TYPE_2_DONE};
use crate::model::pattern::Pattern;
use crate::model::span::Span;
use crate::model::trailer::{Key, Trailers};
use crate::model::workflow::{Action, Status};

pub(super) static INCOMPLETE: Rule = Rule {
    id: "incomplete",
    severity: Severity::Error,
    clause: "lifecycle.md, Gates",
    demands: "a document that moves has a title and a revision summary",
    why: "a procedure once became effective without saying what had changed",
    remedy: "write the key that is missing: qms front set ID KEY VALUE",
};
pub(super) static NOT_READY: Rule = Rule {
    id: "not-ready",
    severity: Severity::Error,
    clause: "lifecycle.md, Gates, before pre-review and review",
    demands: "a change has a scope of readable patterns, and a revision has a summary of its own",
    why: "a reviewer's time is for judgement, not for what a machine can see",
    remedy: "write what the finding names, check in, and route again",
};
pub(super) static OPEN_CHILD: Rule = Rule {
    id: "open-child",
    severity: Severity::Error,
    clause: "lifecycle.md, Types, last column",
    demands: "a document closes when its children are where their type wants them, and is cancelled with none alive",
    why: "a parent was once closed over an open variance, though the manual said that the tool forbids it",
    remedy: "bring the child that is named to its end",
};
pub(super) static NAMED_BY_PARENT: Rule = Rule {
    id: "named-by-parent",
    severity: Severity::Error,
    clause: "lifecycle.md, Moves, cancel",
    demands: "a document that an item of its parent names is not cancelled",
    why: "a failed item that was taken over by a cancelled variance was taken over by nobody",
    remedy: "let the parent's item name another document first",
};

pub(super) static RULES: &[&Rule] = &[&INCOMPLETE, &NOT_READY, &OPEN_CHILD, &NAMED_BY_PARENT];

pub(super) fn check(report: &mut Report<'_>, this: &Move<'_>) {
    complete(report, this);
    depends(report, this);
    match this.action {
        Action::RouteReview => {
            ready(report, this);
            text(report, this);
        }
        Action::Close => {
            let change = report.change;
            for finding in open_children(&change.before, &this.id, &change.policy.folder) {
                report.add(finding);
            }
            execution::between(report, this);
            action::carried_out(report, this);
            qualified::check(report, this);
        }
        Action::Cancel => cancel(report, this),
        Action::Abandon => abandon(report, this),
        _ => {}
    }
}

// Implements: REQ-QMS-RULE-INCOMPLETE
fn complete(report: &mut Report<'_>, this: &Move<'_>) {
    // These lead to where the key can be written, or away from the document.
    let leads = [
        Action::Checkout,
        Action::Transfer,
        Action::Withdraw,
        Action::Abandon,
        Action::Cancel,
    ];
    if leads.contains(&this.action) {
        return;
    }
    let front = &this.after.front;
    for (key, value) in [
        ("title", &front.title),
        ("revision_summary", &front.revision_summary),
    ] {
        if value.trim().is_empty() {
            let finding = Finding::new(&INCOMPLETE, format!("{} has no `{key}`", this.id))
                .at(&this.path.path);
            let finding = finding.span(key_span(this.after, key));
            report.add(finding.help("", set(&this.id, key, "\"…\"")));
        }
    }
}

/// What writes a key of the front matter.
fn set(id: &Id, key: &str, value: &str) -> String {
    format!("qms front set {id} {key} {value}")
}

/// Moves that are possible only in some states of the parent.
fn depends(report: &mut Report<'_>, this: &Move<'_>) {
    let attachment = this.id.kind().class == Class::Attachment;
    let status = this.before.map(|d| d.state.status);
    match this.action {
        Action::Create | Action::Fix => {}
        Action::Release => birth::parent(report, this, &[Status::InExecution, Status::Closed]),
        _ if attachment => birth::parent(report, this, &[Status::InExecution]),
        Action::Checkout if status == Some(Status::PreApproved) => {
            let parent = this.id.parent();
            let closed = parent.filter(|p| {
                report
                    .change
                    .before
                    .read(p)
                    .is_some_and(|d| d.state.status == Status::Closed)
            });
            if let Some(parent) = closed {
                let message = format!(
                    "{} cannot be opened again: its parent {parent} is CLOSED",
                    this.id
                );
                let transfer = format!(
                    "qms transfer {0} --to USER --reason …, then qms release {0}",
                    this.id
                );
                report.add(
                    Finding::new(&birth::PARENT_STATE, message)
                        .at(&this.path.path)
                        .help("", transfer),
                );
            }
        }
        _ => {}
    }
}

/// What was never in force is not given up but cancelled.
fn abandon(report: &mut Report<'_>, this: &Move<'_>) {
    if this.before.is_some_and(|d| d.state.in_force.is_none()) {
        let message = format!(
            "no version of {} is in force that abandon could go back to",
            this.id
        );
        let cancel = format!("qms cancel {} --confirm", this.id);
        report.add(
            Finding::new(&super::moves::WRONG_STATE, message)
                .at(&this.path.path)
                .help("", cancel),
        );
    }
}

/// What is asked of a document at its next gates, by the state that it is in.
pub(super) fn due(report: &mut Report<'_>, id: &Id, actor: &str) {
    let change = report.change;
    let home = id.path(&change.policy.folder);
    let Some(path) = change.paths.iter().find(|p| p.path == home) else {
        return;
    };
    let read = |entry: &'_ Option<Entry>| entry.clone()?.document;
    let (before, after) = (read(&path.before), read(&path.after));
    let (Some(Ok(before)), Some(Ok(after))) = (before.as_deref(), after.as_deref()) else {
        return;
    };
    let this = Move {
        id: id.clone(),
        action: Action::RouteReview,
        actor,
        trailers: &Trailers::default(),
        before: Some(before),
        after,
        path,
    };
    complete(report, &this);
    let class = id.kind().class;
    match before.state.status {
        status if status.is_final() || status == Status::Effective => {}
        _ if class == Class::Attachment => {
            if let Some(form) = change.form.clone() {
                content::filled(report, &this, &form);
            }
        }
        Status::InExecution => {
            execution::done(report, &this);
            action::carried_out(report, &this);
            qualified::check(report, &this);
        }
        Status::InPostReview
        | Status::PostReviewed
        | Status::InPostApproval
        | Status::PostApproved => {
            for finding in open_children(&change.before, id, &change.policy.folder) {
                report.add(finding);
            }
            execution::between(report, &this);
            action::carried_out(report, &this);
            qualified::check(report, &this);
        }
        _ => {
            ready(report, &this);
            content::written(report, &this);
        }
    }
}

/// What the text must be before people are asked; of one that retires nothing but the summary counts.
fn text(report: &mut Report<'_>, this: &Move<'_>) {
    if this.trailers.value(Key::Ends).is_some() {
        return;
    }
    match this.before.map(|d| d.state.status) {
        Some(Status::InExecution) => {
            execution::done(report, this);
            qualified::check(report, this);
        }
        _ => content::written(report, this),
    }
}

// Implements: REQ-QMS-RULE-NOT-READY
fn ready(report: &mut Report<'_>, this: &Move<'_>) {
    let (front, path) = (&this.after.front, &this.path.path);
    let in_force = report
        .change
        .in_force
        .as_deref()
        .and_then(|d| d.as_ref().ok());
    if in_force.is_some_and(|d| d.front.revision_summary == front.revision_summary) {
        let message = format!(
            "the revision summary of {} is that of the version in force",
            this.id
        );
        report.add(
            Finding::new(&NOT_READY, message)
                .at(path)
                .span(key_span(this.after, "revision_summary"))
                .help(
                    "say what this revision changes",
                    set(&this.id, "revision_summary", "\"…\""),
                ),
        );
    }
    let retires = this.trailers.value(Key::Ends).is_some();
    if retires && this.before.is_some_and(|d| d.state.in_force.is_none()) {
        let message = format!(
            "no version of {} is in force that could be retired",
            this.id
        );
        let route = format!("qms route {} --review", this.id);
        report.add(
            Finding::new(&super::moves::WRONG_STATE, message)
                .at(path)
                .help("", route),
        );
    }
    birth::items(report, this);
    if !this.id.kind().has_scope || retires {
        return;
    }
    let scope = set(&this.id, "scope", "'path/**'");
    if front.scope.is_empty() {
        let message = format!("{} has no scope: the paths that it may touch", this.id);
        let finding = Finding::new(&NOT_READY, message)
            .at(path)
            .span(key_span(this.after, "scope"));
        report.add(finding.help("", scope));
    }
    for why in front.scope.iter().filter_map(|p| Pattern::parse(p).err()) {
        let finding = Finding::new(&NOT_READY, why)
            .at(path)
            .span(key_span(this.after, "scope"));
        report.add(finding.help(
            "",
            "components with `*` and `?`, `**` for any number of them",
        ));
    }
}

/// What keeps a document from being closed among its children in a tree.
// Implements: REQ-QMS-RULE-OPEN-CHILD
pub(super) fn open_children(tree: &Tree, id: &Id, folder: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for child in tree.children(id) {
        let path = child.path(folder);
        let Some(document) = tree.read(child) else {
            let message = format!("{id} cannot close: its child {child} cannot be read");
            found.push(Finding::new(&OPEN_CHILD, message).at(&path));
            continue;
        };
        let state = &document.state;
        if child.kind().class == Class::Attachment {
            if state.locked.is_some() && !state.status.is_final() {
                found.push(held(child, id, folder));
            }
            continue;
        }
        let done = if child.kind().name == "VAR" && document.front.variance_type == Some(2) {
            TYPE_2_DONE
        } else {
            child.kind().done
        };
        if !child.kind().done.is_empty() && !done.contains(&state.status) {
            let message = format!("{id} cannot close: its child {child} is {}", state.status);
            let names: Vec<_> = done.iter().map(|s| s.as_str()).collect();
            found.push(
                Finding::new(&OPEN_CHILD, message)
                    .at(&path)
                    .fact("expected", names.join(", "))
                    .help("", format!("qms status {child}")),
            );
        }
    }
    found
}

/// An attachment that is checked out cannot close with its parent.
pub(super) fn held(child: &Id, parent: &Id, folder: &str) -> Finding {
    let message = format!("{child} is checked out and would close with {parent}");
    let finding = Finding::new(&LOCKED, message).at(&child.path(folder));
    finding.help("", format!("qms checkin {child}"))
}

fn cancel(report: &mut Report<'_>, this: &Move<'_>) {
    let (change, path) = (report.change, &this.path.path);
    if this.before.is_some_and(|d| d.state.in_force.is_some()) {
        let message = format!(
            "{} has a version in force, its revision is given up with abandon",
            this.id
        );
        let abandon = format!("qms abandon {} --reason …", this.id);
        report.add(
            Finding::new(&super::moves::WRONG_STATE, message)
                .at(path)
                .help("", abandon),
        );
    }
    for finding in still_wanted(&change.before, &this.id, &change.policy.folder) {
        report.add(finding);
    }
}

/// What keeps a document from being cancelled in a tree: a child that is not, or an item of its parent that names it.
// Implements: REQ-QMS-RULE-NAMED-BY-PARENT
pub(super) fn still_wanted(tree: &Tree, id: &Id, folder: &str) -> Vec<Finding> {
    let path = id.path(folder);
    let alive = |child: &&Id| {
        tree.read(child)
            .is_none_or(|d| d.state.status != Status::Cancelled)
    };
    let children = tree.children(id).filter(alive).map(|child| {
        let message = format!("{id} has a child that is not cancelled: {child}");
        let finding = Finding::new(&OPEN_CHILD, message).at(&path);
        finding.help("", format!("qms status {child}"))
    });
    let mut found: Vec<Finding> = children.collect();
    let names_it = |line: &&str| line.trim_start().starts_with('|') && mentions(line, id);
    let parent = id.parent().and_then(|p| Some((tree.read(&p)?, p)));
    if let Some((document, parent)) = parent
        && let Some(line) = document.body().lines().find(names_it)
    {
        let message = format!("an item of {parent} names {id}");
        let finding = Finding::new(&NAMED_BY_PARENT, message).at(&path);
        found.push(finding.fact("item", line.trim()));
    }
    found
}

fn mentions(line: &str, id: &Id) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
    line.match_indices(id.as_str())
        .any(|(at, m)| !line[..at].ends_with(inside) && !line[at + m.len()..].starts_with(inside))
}

/// Where a key stands in a document's front matter.
fn key_span(document: &Document, key: &str) -> Option<Span> {
    let text = std::str::from_utf8(document.bytes()).ok()?;
    let at = text.find(&format!("\n{key}:"))? + 1;
    (at < text.len() - document.body().len())
        .then(|| Span::of(text, at, text[at..].find('\n').unwrap_or(0)))
}
