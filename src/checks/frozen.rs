//! Execution: what was approved stays as it was, word by word, and items are set one by one. Texts are compared as syntax
//! trees. Clause: model.md "Execution integrity"; lifecycle.md "Moves", `item` and `fix`.

use std::collections::BTreeSet;

use super::moves::Move;
use super::{Report, content};
use crate::model::body::altered::What;
use crate::model::body::form::Role;
use crate::model::body::{Altered, Body, Form, Frozen, Item, Openness, Tag, changes, words};
use crate::model::document::Document;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::offer::quoted;
use crate::model::trailer::Key;
use crate::model::workflow::Action;

const CLAUSE: &str = "model.md, Execution integrity";

pub(super) static FROZEN: Rule = Rule {
    id: "frozen",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "in execution the front matter (the revision summary aside) and every word outside of open cells and sections stay as approved",
    why: "sections were rewritten during execution four times, and nobody noticed; a scope that grows after approval was approved by nobody",
    remedy: "put back what was approved, or have another plan approved: qms create VAR --parent ID --title T",
};
pub(super) static ITEM_ONLY: Rule = Rule {
    id: "item-only",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "outcome, performer, time and evidence change by `item`, one row a move, in the name and at the time of who makes it",
    why: "who did what, and when, is what the commit says, and not what somebody typed",
    remedy: "put the cell back, then: qms item set ID ITEM --outcome pass --summary T",
};

pub(super) static RULES: &[&Rule] = &[&FROZEN, &ITEM_ONLY];

/// Characters of a text that are shown on either side of what differs in it.
const AROUND: usize = 24;

/// Judges a text that changes while its document is carried out.
pub(super) fn check(report: &mut Report<'_>, this: &Move<'_>, before: &Document) {
    keys(report, this, before);
    let Some(form) = report.change.form.clone() else {
        return;
    };
    let (old, new) = (before.tree(), this.after.tree());
    let open = openness(&form, this.action);
    for altered in changes(&Frozen::of(&old, &open), &Frozen::of(&new, &open)) {
        let finding = altered_part(this, &form, &altered);
        report.add(
            finding
                .at(&this.path.path)
                .span(Some(new.span(&altered.range))),
        );
    }
    match this.action {
        Action::Item => item(report, this, &form, &old, &new),
        _ => appended(report, this, &form, &old, &new),
    }
}

/// What this move may change: an item its row, any other what is not an item's alone.
fn openness(form: &Form, action: Action) -> Openness {
    let mut open = form.openness();
    let by_item = action == Action::Item;
    if by_item {
        open.sections.values_mut().for_each(|open| *open = false);
    }
    if let (Some(rows), Some(items)) = (&mut open.rows, &form.items) {
        for ((_, open), column) in rows.columns.iter_mut().zip(&items.columns) {
            *open &= by_item || !column.role.is_item_only();
        }
    }
    open
}

/// All of the author's keys but the revision summary are frozen with the frozen sections; an item changes not even that.
// Implements: REQ-QMS-RULE-FROZEN
fn keys(report: &mut Report<'_>, this: &Move<'_>, before: &Document) {
    let (old, new) = (&before.front.keys, &this.after.front.keys);
    let keys: BTreeSet<_> = match this.action {
        Action::Item => old.keys().chain(new.keys()).collect(),
        _ => {
            let frozen = before.front.frozen().chain(this.after.front.frozen());
            frozen.map(|(key, _)| key).collect()
        }
    };
    for key in keys.into_iter().filter(|k| old.get(*k) != new.get(*k)) {
        let message = format!("`{key}` of {} changes during execution", this.id);
        let finding = Finding::new(&FROZEN, message).at(&this.path.path);
        let scope = format!(
            "qms create VAR --parent {} --scope PATH --title \"…\"",
            this.id
        );
        report.add(if key == "scope" {
            finding.help("ask for more", scope)
        } else {
            finding.help("put it back", "as it was approved")
        });
    }
}

fn altered_part(this: &Move<'_>, form: &Form, altered: &Altered) -> Finding {
    let id = &this.id;
    let cell = match &altered.what {
        What::Cell { row, column } => Some((row, column)),
        _ => None,
    };
    let role = |title: &str| {
        let columns = &form.items.as_ref()?.columns;
        Some(columns.iter().find(|c| c.title == title)?.role)
    };
    let is_items = cell
        .and_then(|(_, column)| role(column))
        .filter(|r| r.is_item_only());
    let (rule, place) = match (is_items, &altered.section) {
        (Some(_), _) => (&ITEM_ONLY, "the item table".to_owned()),
        (None, section) => (&FROZEN, format!("`{section}`")),
    };
    let message = match this.action {
        Action::Item => format!(
            "`item` changes more of {id} than its row: {} in {place}",
            altered.what
        ),
        _ => format!("{} in {place} of {id} during execution", altered.what),
    };
    let mut finding = Finding::new(rule, message);
    match (&altered.before, &altered.after) {
        (Some(before), Some(after)) => finding = finding.fact("change", difference(before, after)),
        (Some(before), None) => finding = finding.fact("approved", shortened(before)),
        (None, Some(after)) => finding = finding.fact("added", shortened(after)),
        (None, None) => {}
    }
    match (cell, is_items) {
        (Some((row, _)), Some(_)) => finding.help(
            "put it back, then",
            format!(
                "qms item set {id} {} --outcome pass --summary \"…\"",
                quoted(row)
            ),
        ),
        _ => {
            let finding = finding.help("put the approved words back", "then commit again");
            match id.kind().taken_over_by {
                Some("VAR") => finding.help(
                    "or have another plan approved",
                    format!("qms create VAR --parent {id} --title \"…\""),
                ),
                _ => finding,
            }
        }
    }
}

/// An item sets the open cells of the row that it names, and says who did it and when.
// Implements: REQ-QMS-RULE-ITEM-ONLY
fn item(report: &mut Report<'_>, this: &Move<'_>, form: &Form, old: &Body, new: &Body) {
    let Some(name) = this.trailers.value(Key::Item) else {
        return;
    };
    let (rows, now) = (form.rows(old), form.rows(new));
    let path = &this.path.path;
    let Some((place, row)) = now.iter().enumerate().find(|(_, row)| row.id() == name) else {
        let message = format!("{} has no item `{name}`", this.id);
        let finding = Finding::new(&ITEM_ONLY, message).at(path);
        report.add(finding.help("see which there are", format!("qms item list {}", this.id)));
        return;
    };
    for (at, other) in now.iter().enumerate() {
        let own = at == place && at < rows.len();
        let as_before = rows.get(at).is_some_and(|before| same(before, other));
        if !own && !as_before {
            let message = format!("`item` of {name} changes {} too", other.id());
            let finding = Finding::new(&ITEM_ONLY, message).at(path);
            let span = new.span(&other.row.range);
            report.add(finding.span(Some(span)).help("", "one row a move"));
        }
    }
    let day = report.change.commit.author.day().unwrap_or_default();
    let due = [(Role::Performer, this.actor), (Role::Time, day.as_str())];
    for (role, expected) in due {
        let Some(cell) = row.cell(role).filter(|cell| cell.text() != expected) else {
            continue;
        };
        let message = format!("`{}` of {name}, expected `{expected}`", cell.text());
        let finding = Finding::new(&ITEM_ONLY, message).at(path);
        let set = format!(
            "qms item set {} {name} --outcome pass --summary \"…\"",
            this.id
        );
        report.add(
            finding
                .span(Some(new.span(&cell.range)))
                .help("let it be filled in", set),
        );
    }
}

fn same(a: &Item<'_>, b: &Item<'_>) -> bool {
    let marked = |row: &Item<'_>| -> Vec<String> {
        let cells = row.row.cells.iter();
        cells.map(|c| c.words.marked().to_owned()).collect()
    };
    marked(a) == marked(b)
}

/// Rows that an edit appends are new and well formed, since they stay; and nobody has carried them out yet.
fn appended(report: &mut Report<'_>, this: &Move<'_>, form: &Form, old: &Body, new: &Body) {
    let known = form.rows(old).len();
    content::rows(report, this, form, new, known);
    for row in form.rows(new).iter().skip(known) {
        for (role, title, cell) in row.cells().filter(|(role, ..)| role.is_item_only()) {
            if row.said(role).is_none() {
                continue;
            }
            let message = format!("`{title}` of the new row {} is filled in already", row.id());
            let set = format!(
                "qms item set {} {} --outcome pass --summary \"…\"",
                this.id,
                row.id()
            );
            let finding = Finding::new(&ITEM_ONLY, message).at(&this.path.path);
            let finding = finding.span(Some(new.span(&cell.range)));
            report.add(finding.help("leave it empty, check in, then", set));
        }
    }
}

/// Whether two documents say the same, word for word: how they are set does not count.
pub(super) fn reads_the_same(a: &Document, b: &Document) -> bool {
    let open = Openness::default();
    let (a, b) = (a.tree(), b.tree());
    Frozen::of(&a, &open).permits(&Frozen::of(&b, &open))
}

/// A change word by word: `[-gone-]` and `{+new+}`, with a little of what stands around it.
fn difference(before: &str, after: &str) -> String {
    let mut out = String::new();
    let all = words(before, after);
    for (at, (tag, text)) in all.iter().enumerate() {
        match tag {
            Tag::Gone => out.push_str(&format!("[-{}-]", text.trim())),
            Tag::New => out.push_str(&format!("{{+{}+}}", text.trim())),
            Tag::Equal => out.push_str(&around(text, at == 0, at + 1 == all.len())),
        }
        if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    shortened(out.trim())
}

/// What stays the same, cut to what is next to a change.
fn around(text: &str, first: bool, last: bool) -> String {
    let chars: Vec<char> = text.trim().chars().collect();
    let most = if first || last { AROUND } else { 2 * AROUND };
    if chars.len() <= most {
        return chars.into_iter().collect();
    }
    let (head, tail) = match (first, last) {
        (true, _) => (0, AROUND),
        (false, true) => (AROUND, 0),
        (false, false) => (AROUND, AROUND),
    };
    let start: String = chars[..head].iter().collect();
    let end: String = chars[chars.len() - tail..].iter().collect();
    format!("{start}…{end}")
}

fn shortened(text: &str) -> String {
    let text = text.replace('\n', " ");
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
