//! What a machine can see of a text before a person is asked: that it has the sections of its template, nothing is left to
//! fill in that should be filled, nothing is hidden, and what it names is there. Clause: lifecycle.md "Gates".

use std::collections::BTreeSet;

use super::Report;
use super::hidden::hidden;
use super::moves::Move;
use crate::model::body::form::{Lack, Missing, Role};
use crate::model::body::mention::{Mention, What};
use crate::model::body::placeholder::Phase;
use crate::model::body::{Body, Form, Frozen, Item, Placeholder};
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::{Class, Id};
use crate::model::offer::quoted;

const CLAUSE: &str = "lifecycle.md, Gates";

pub(super) static SECTIONS: Rule = Rule {
    id: "sections",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "the sections of the template in force are there, in order, and say something",
    why: "what a reviewer does not find he asks for, and that costs a round",
    remedy: "fill the section in: qms section set ID SECTION --text T",
};
pub(super) static PLACEHOLDER: Rule = Rule {
    id: "placeholder",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "before review nothing in `{{…}}` is left and what execution fills in is still open; after execution no `[PLACEHOLDER]` is left",
    why: "more rejected reviews were for placeholders than for anything else",
    remedy: "write what the placeholder asks for, or put the execution's placeholder back",
};
pub(super) static ITEM_TABLE: Rule = Rule {
    id: "item-table",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "the item table has the template's columns, a row for each item, and an id of its own in each",
    why: "what has no name is done by nobody and missed by nobody",
    remedy: "give each row an id: EI-1, EI-2, …",
};
pub(super) static UNKNOWN_REFERENCE: Rule = Rule {
    id: "unknown-reference",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "documents that a text names are there, and commits that it cites are among its ancestors; in code, quotations and links they are only mentioned",
    why: "evidence that points nowhere is none",
    remedy: "name one that is there, or put what is only an example into backticks",
};

pub(super) static RULES: &[&Rule] = &[&SECTIONS, &PLACEHOLDER, &ITEM_TABLE, &UNKNOWN_REFERENCE];

/// Before review and pre-review: a text that is complete but for what execution fills in.
pub(super) fn written(report: &mut Report<'_>, this: &Move<'_>) {
    let body = this.after.tree();
    let Some(form) = form(report, this) else {
        hidden(report, this, &body, &Form::default());
        return;
    };
    for missing in form.missing(&body) {
        lacks(report, this, &form, &body, &missing);
    }
    let authors = |p: &&Placeholder| p.phase == Phase::Authoring;
    for open in body.placeholders.iter().filter(authors) {
        left(report, this, &body, open, "written");
    }
    still_open(report, this, &form, &body);
    out_of_reach(report, this, &form, &body);
    items(report, this, &form, &body);
    hidden(report, this, &body, &form);
    references(report, this, &body, &form);
}

/// After execution: nothing is left to fill in.
pub(super) fn filled(report: &mut Report<'_>, this: &Move<'_>, form: &Form) {
    let body = this.after.tree();
    let table = form.items(&body).map_or(0..0, |table| table.range.clone());
    // What items leave open is said item by item.
    let apart = |p: &&Placeholder| !table.contains(&p.range.start);
    for open in body.placeholders.iter().filter(apart) {
        left(report, this, &body, open, "filled in");
    }
    for missing in form.missing(&body) {
        let is_open = form
            .sections
            .iter()
            .any(|p| p.open && p.shown == missing.section);
        if missing.what == Lack::Content && is_open {
            lacks(report, this, form, &body, &missing);
        }
    }
    items(report, this, form, &body);
    hidden(report, this, &body, form);
    references(report, this, &body, form);
}

/// A placeholder that is still there. `what`: what is to be done with it.
fn left(report: &mut Report<'_>, this: &Move<'_>, body: &Body, open: &Placeholder, what: &str) {
    let section = open.section.map(|at| body.sections[at].title.as_str());
    let message = format!("`{}` is left to be {what}", open.text);
    let finding = Finding::new(&PLACEHOLDER, message).at(&this.path.path);
    let set = set_section(&this.id, section.unwrap_or_default());
    report.add(finding.span(Some(body.span(&open.range))).help("", set));
}

fn set_section(id: &Id, title: &str) -> String {
    format!("qms section set {id} {} --text \"…\"", quoted(title))
}

/// The form that a document is held against; a template is a form itself.
fn form(report: &Report<'_>, this: &Move<'_>) -> Option<std::sync::Arc<Form>> {
    let is_template = this.id.kind().name == "TEMPLATE";
    report.change.form.clone().filter(|_| !is_template)
}

// Implements: REQ-QMS-RULE-SECTIONS
fn lacks(report: &mut Report<'_>, this: &Move<'_>, form: &Form, body: &Body, missing: &Missing) {
    let (id, section) = (&this.id, &missing.section);
    let part = form.sections.iter().find(|p| p.shown == *section);
    let (rule, message, help) = match &missing.what {
        Lack::Section => {
            let level = part.map_or(2, |p| p.level);
            let heading = format!("{} {section}", "#".repeat(usize::from(level)));
            let message = format!("{id} has no section `{section}`");
            (&SECTIONS, message, format!("write it here: {heading}"))
        }
        Lack::Order => {
            let message = format!("the section `{section}` of {id} is out of order");
            (
                &SECTIONS,
                message,
                "order them as the template does".to_owned(),
            )
        }
        Lack::Content => {
            let title = part.and_then(|p| p.identity.path.last());
            (
                &SECTIONS,
                format!("the section `{section}` of {id} is empty"),
                set_section(id, title.map_or("", String::as_str)),
            )
        }
        Lack::ItemTable => {
            let message = format!("the section `{section}` of {id} has no item table");
            let columns = form
                .items
                .as_ref()
                .map(|i| i.columns.iter().map(|c| c.title.as_str()));
            let columns: Vec<&str> = columns.into_iter().flatten().collect();
            (&ITEM_TABLE, message, format!("| {} |", columns.join(" | ")))
        }
        Lack::Columns { expected, found } => {
            let message = format!(
                "the item table of {id} has the columns {}",
                found.join(", ")
            );
            (
                &ITEM_TABLE,
                message,
                format!("begin with {}", expected.join(", ")),
            )
        }
    };
    let finding = Finding::new(rule, message).at(&this.path.path);
    report.add(finding.span(Some(body.span(&missing.range))).help("", help));
}

/// What execution is to fill in is there, and open.
// Implements: REQ-QMS-RULE-PLACEHOLDER
fn still_open(report: &mut Report<'_>, this: &Move<'_>, form: &Form, body: &Body) {
    for part in form.sections.iter().filter(|part| part.open) {
        let Some(at) = body.find(&part.identity) else {
            continue;
        };
        let section = &body.sections[at];
        let mut inside = body.placeholders_in(&section.range).iter();
        if inside.any(|p| p.phase == Phase::Execution) {
            continue;
        }
        let message = format!(
            "`{}` of {} is filled in before execution",
            part.shown, this.id
        );
        let finding = Finding::new(&PLACEHOLDER, message).at(&this.path.path);
        let span = Some(body.span(&section.heading.range));
        report.add(
            finding
                .span(span)
                .help("put the template's placeholder back", "[IN CAPITALS]"),
        );
    }
    for row in form.rows(body) {
        for (role, title, cell) in row.cells() {
            if !role.is_open() || row.said(role).is_none() || cell.text().is_empty() {
                continue;
            }
            let message = format!("`{title}` of {} is filled in before execution", row.id());
            let finding = Finding::new(&PLACEHOLDER, message).at(&this.path.path);
            let span = Some(body.span(&cell.range));
            report.add(
                finding
                    .span(span)
                    .help("put the template's placeholder back", "[IN CAPITALS]"),
            );
        }
    }
}

/// What execution is to fill in stands where execution may change something.
fn out_of_reach(report: &mut Report<'_>, this: &Move<'_>, form: &Form, body: &Body) {
    if this.id.kind().class != Class::Executable {
        return;
    }
    let openness = form.openness();
    let frozen = Frozen::of(body, &openness);
    let placeholders = frozen.placeholders().into_iter();
    for open in placeholders.filter(|p| p.phase == Phase::Execution) {
        let message = format!("`{}` stands where execution may change nothing", open.text);
        let finding = Finding::new(&PLACEHOLDER, message).at(&this.path.path);
        let finding = finding.span(Some(body.span(&open.range)));
        report.add(finding.help("say it now", "or put what is only mentioned into backticks"));
    }
}

/// The item table is well formed.
fn items(report: &mut Report<'_>, this: &Move<'_>, form: &Form, body: &Body) {
    let rows = form.rows(body);
    if rows.is_empty() && form.items(body).is_some() {
        let message = format!("{} has no items: there is nothing to carry out", this.id);
        let add = format!("qms item add {} --task \"…\"", this.id);
        report.add(
            Finding::new(&ITEM_TABLE, message)
                .at(&this.path.path)
                .help("", add),
        );
    }
    self::rows(report, this, form, body, 0);
}

/// Each row of the item table from `first` on has a name of its own, and asks for a record or does not.
// Implements: REQ-QMS-RULE-ITEM-TABLE
pub(super) fn rows(
    report: &mut Report<'_>,
    this: &Move<'_>,
    form: &Form,
    body: &Body,
    first: usize,
) {
    let Some(items) = &form.items else { return };
    let mut seen = BTreeSet::new();
    for (at, row) in form.rows(body).iter().enumerate() {
        let is_new = seen.insert(row.id());
        if at < first {
            continue;
        }
        let number = row
            .id()
            .strip_prefix(items.prefix.as_str())
            .unwrap_or_default();
        let named = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let what = match (named, is_new) {
            (false, _) => format!("`{}` is no item id", row.id()),
            (true, false) => format!("{} stands there twice", row.id()),
            (true, true) => {
                vr(report, this, body, row);
                continue;
            }
        };
        let finding = Finding::new(&ITEM_TABLE, what).at(&this.path.path);
        let expected = format!("{}N, each once", items.prefix);
        report.add(
            finding
                .span(Some(body.span(&row.row.range)))
                .fact("expected", expected),
        );
    }
}

fn vr(report: &mut Report<'_>, this: &Move<'_>, body: &Body, row: &Item<'_>) {
    let Some(cell) = row.cell(Role::Vr) else {
        return;
    };
    if !["yes", "no", ""].contains(&cell.text().to_ascii_lowercase().as_str()) {
        let message = format!("`VR` of {} is `{}`", row.id(), cell.text());
        let finding = Finding::new(&ITEM_TABLE, message).at(&this.path.path);
        let finding = finding.span(Some(body.span(&cell.range)));
        report.add(finding.fact("expected", "Yes or No"));
    }
}

/// Documents and commits that the text names and uses.
// Implements: REQ-QMS-RULE-UNKNOWN-REFERENCE
fn references(report: &mut Report<'_>, this: &Move<'_>, body: &Body, form: &Form) {
    let change = report.change;
    let (documents, cited) = (&change.before.documents, &change.cited);
    // What evidence names is asked about item by item.
    let rows = form.rows(body);
    let cells: Vec<_> = rows
        .iter()
        .filter_map(|row| row.cell(Role::Evidence))
        .collect();
    let apart = |at: usize| cells.iter().any(|cell| cell.range.contains(&at));
    for Mention {
        what, text, range, ..
    } in body
        .mentions
        .iter()
        .filter(|m| m.within.is_use() && !apart(m.range.start))
    {
        let message = match what {
            What::Document(id) if *id != this.id && !documents.contains_key(id) => {
                format!("there is no document {id}")
            }
            What::Commit if !cited.commits.get(text).is_some_and(Option::is_some) => {
                format!("`{text}` is no commit among the ancestors")
            }
            _ => continue,
        };
        let finding = Finding::new(&UNKNOWN_REFERENCE, message).at(&this.path.path);
        let help = "name one that is there; an example stands in backticks";
        report.add(finding.span(Some(body.span(range))).help("", help));
    }
}
