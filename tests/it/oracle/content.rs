//! What a text must be before and after execution, by lifecycle.md "Gates": ids and paths in backticks are looked up.

use std::collections::BTreeSet;

use super::document::Doc;
use super::form::{Form, placeholders, says, sections};
use super::rules::{Scene, need};
use super::table::{FINAL, has, type_of};

/// The ids that a text uses.
fn ids(text: &str) -> Vec<String> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = text.split(|c| !inside(c)).map(str::to_owned);
    words.filter(|w| type_of(w).is_some()).collect()
}

/// A text without what stands in backticks.
fn outside_of_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// What every text must be that people are asked about.
fn sound(scene: &Scene<'_>, form: &Form, doc: &Doc) -> Result<(), String> {
    let body = doc.body();
    need(!body.contains("<!--"), "a comment")?;
    let used = ids(&outside_of_code(&body));
    let there = |id: &String| scene.doc(id).is_some();
    need(used.iter().all(there), "it names what is not there")?;
    let Some((items, rows)) = form.items.as_ref().zip(form.rows(doc)) else {
        return Ok(());
    };
    need(!rows.is_empty(), "no items")?;
    let mut seen = BTreeSet::new();
    let vr = items.titles.iter().position(|t| t == "VR");
    for row in rows {
        let number = row[0].strip_prefix(&items.prefix).unwrap_or_default();
        let named = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
        need(named, "no item id")?;
        need(seen.insert(row[0].clone()), "an item twice")?;
        let known = vr.is_none_or(|at| ["Yes", "No"].contains(&row[at].as_str()));
        need(known, "VR is neither Yes nor No")?;
    }
    Ok(())
}

/// Before pre-review and review.
pub(super) fn written(scene: &Scene<'_>, id: &str, doc: &Doc) -> Result<(), String> {
    let kind = type_of(id).ok_or("no type")?.name;
    if kind == "TEMPLATE" {
        return Ok(());
    }
    let form = Form::of(scene, kind);
    let found = sections(&doc.body());
    let mut last = 0;
    for (title, open) in &form.sections {
        let at = found.iter().position(|s| s.title() == *title);
        let at = at.filter(|at| *at > 0).ok_or("a section is missing")?;
        need(at > last, "a section out of order")?;
        last = at;
        let text = found[at].lines.join("\n");
        need(!text.is_empty(), "an empty section")?;
        let left = !placeholders(&text).is_empty();
        need(!open || left, "filled in before its execution")?;
    }
    need(!doc.body().contains("{{"), "left to be written")?;
    if let Some(items) = &form.items {
        let rows = form.rows(doc).ok_or("no item table")?;
        for row in &rows {
            let mut cells = row.iter().zip(&items.open);
            let early = cells.any(|(cell, open)| open.is_some() && says(cell));
            need(!early, "an item is filled in before its execution")?;
        }
    }
    sound(scene, &form, doc)
}

/// Before post-review.
pub(super) fn done(scene: &Scene<'_>, id: &str, doc: &Doc) -> Result<(), String> {
    let form = Form::of(scene, type_of(id).ok_or("no type")?.name);
    let left = placeholders(&doc.body());
    need(left.is_empty(), "a placeholder is left")?;
    let found = sections(&doc.body());
    for (title, _) in form.sections.iter().filter(|(_, open)| *open) {
        let section = found.iter().skip(1).find(|s| s.title() == *title);
        let empty = section.is_some_and(|s| s.lines.is_empty());
        need(!empty, "an open section is empty")?;
    }
    sound(scene, &form, doc)?;
    for row in form.rows(doc).unwrap_or_default() {
        let outcome = form.cell(&row, "[OUTCOME]");
        need(has("Pass Fail", outcome), "an item without an outcome")?;
        for what in ["[SUMMARY]", "[PERFORMER]", "[TIME]"] {
            need(says(form.cell(&row, what)), "an item half filled in")?;
        }
        let shown = outcome != "Pass"
            || refers(form.cell(&row, "[EVIDENCE]"))
            || (scene.under)(id).items.contains(&row[0]);
        need(shown, "a Pass that nothing shows")?;
    }
    between(scene, id, doc)
}

/// Whether evidence names anything that can be looked up.
fn refers(evidence: &str) -> bool {
    words(evidence).any(|word| type_of(&word).is_some()) || evidence.contains('`')
}

/// The words of evidence, in backticks or not.
fn words(evidence: &str) -> impl Iterator<Item = String> {
    evidence
        .split([' ', ',', '`'])
        .map(|word| word.trim_matches('.').to_owned())
}

/// Before post-review and before close: what items need of other documents and of the tree.
pub(super) fn between(scene: &Scene<'_>, id: &str, doc: &Doc) -> Result<(), String> {
    let form = Form::of(scene, type_of(id).ok_or("no type")?.name);
    for row in form.rows(doc).unwrap_or_default() {
        let is_test = type_of(id).is_some_and(|t| t.name == "TP");
        let taker = if is_test { "ER" } else { "VAR" };
        if form.cell(&row, "[OUTCOME]") == "Fail" {
            let takers = children(scene, id, taker, &row[0]);
            need(takers.len() == 1, "a Fail that one child takes over")?;
        }
        if form.wants_record(&row) {
            let records = children(scene, id, "VR", &row[0]);
            need(records.iter().any(filled), "no record")?;
        }
        evidence(scene, id, form.cell(&row, "[EVIDENCE]"))?;
    }
    for child in scene.children(id) {
        let doc = scene.doc(&child).ok_or("a child that cannot be read")?;
        let is_form = type_of(&child).is_some_and(|t| t.class == "attachment");
        if !is_form || FINAL.contains(&doc.block.status.as_str()) {
            continue;
        }
        let left = placeholders(&doc.body());
        need(left.is_empty(), "an attachment is not filled in")?;
        need(doc.block.locked.is_none(), "an attachment is checked out")?;
    }
    Ok(())
}

fn filled(record: &Doc) -> bool {
    record.block.locked.is_none() && placeholders(&record.body()).is_empty()
}

/// The children of a type that say that they are for an item.
fn children(scene: &Scene<'_>, id: &str, kind: &str, item: &str) -> Vec<Doc> {
    let ours = scene.children(id).into_iter();
    let ours = ours.filter(|child| type_of(child).is_some_and(|t| t.name == kind));
    let docs = ours.filter_map(|child| scene.doc(&child));
    let alive = docs.filter(|d| d.block.status != "CANCELLED");
    alive
        .filter(|d| d.list("items").iter().any(|i| i == item))
        .collect()
}

/// What evidence names is there, and documents are in force, CLOSED, or of this family.
fn evidence(scene: &Scene<'_>, id: &str, cell: &str) -> Result<(), String> {
    need(!has("N/A TBD", cell), "no evidence")?;
    for path in cell.split('`').skip(1).step_by(2) {
        need(scene.tree.contains_key(path), "evidence that is not there")?;
    }
    for named in words(cell).filter(|word| type_of(word).is_some()) {
        let doc = scene.doc(&named).ok_or("evidence that is not there")?;
        let family = named == id || named.starts_with(&format!("{id}-"));
        let holds = has("EFFECTIVE CLOSED", &doc.block.status) || doc.block.in_force.is_some();
        need(family || holds, "evidence that is not in force")?;
    }
    Ok(())
}
