//! What may change of a text that is carried out, by model.md "Execution integrity".

use super::document::Doc;
use super::form::{Form, Section, says, sections};
use super::rules::{Ask, Scene, need};
use super::table::type_of;

/// What changes by an item alone.
const BY_ITEM: [&str; 4] = ["[OUTCOME]", "[PERFORMER]", "[TIME]", "[EVIDENCE]"];

/// Whether two bodies say the same, however blanks and lines are set.
pub(super) fn reads_the_same(before: &Doc, after: &Doc) -> bool {
    sections(&before.body()) == sections(&after.body())
}

/// What a move may change of a text that is carried out.
pub(super) fn executed(
    scene: &Scene<'_>,
    ask: &Ask,
    before: &Doc,
    after: &Doc,
) -> Result<(), String> {
    let frozen = |d: &Doc| {
        let mut keys = d.keys().unwrap_or_default();
        keys.remove("revision_summary");
        keys
    };
    need(frozen(before) == frozen(after), "a frozen key changes")?;
    let form = Form::of(scene, type_of(&ask.id).ok_or("no type")?.name);
    let by_item = ask.action == "item";
    let open = |section: &Section| {
        let own = form.sections.iter().find(|(t, _)| *t == section.title());
        !by_item && own.is_some_and(|(_, open)| *open) && !section.heading.is_empty()
    };
    // What is left of a text if all is taken out that may change: then both are the same.
    let kept = |doc: &Doc| -> Vec<Section> {
        let mut all = sections(&doc.body());
        for section in &mut all {
            let table = form.items.as_ref().filter(|i| i.section == section.title());
            if open(section) {
                section.lines.clear();
            }
            if table.is_some() && form.rows(doc).is_some() {
                let rows = section.lines.iter().position(|l| l.starts_with('|'));
                let first = rows.map_or(0, |at| at + 2);
                let row = |(at, line): (usize, &String)| at < first || !line.starts_with('|');
                let lines = section.lines.iter().enumerate().filter(|l| row(*l));
                section.lines = lines.map(|(_, line)| line.clone()).collect();
            }
        }
        all
    };
    need(kept(before) == kept(after), "a frozen word changes")?;
    let (old, new) = (form.rows(before), form.rows(after));
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    need(new.len() >= old.len(), "a row is gone")?;
    let Some(items) = &form.items else {
        return need(!by_item, "no items");
    };
    let may = |at: usize| {
        let open = items.open.get(at).and_then(Option::as_deref);
        open.is_some_and(|open| by_item || !BY_ITEM.contains(&open))
    };
    let mut set = Vec::new();
    for (a, b) in old.iter().zip(&new) {
        need(a.len() == b.len(), "a row of another width")?;
        for (at, (was, is)) in a.iter().zip(b).enumerate() {
            need(was == is || may(at), "a cell that this move may not change")?;
        }
        set.extend(Some(&b[0]).filter(|_| a != b));
    }
    let added = &new[old.len()..];
    if by_item {
        need(added.is_empty(), "a row is added")?;
        let own = set.len() < 2 && set.iter().all(|name| ask.item.as_ref() == Some(*name));
        need(own, "more than its row changes")?;
        need(before.keys() == after.keys(), "the front matter changes")?;
        let row = new.iter().find(|r| ask.item.as_ref() == Some(&r[0]));
        let row = row.ok_or("no such item")?;
        let performer = form.cell(row, "[PERFORMER]") == ask.actor;
        need(performer, "in the name of another")?;
        return need(form.cell(row, "[TIME]") == scene.day, "on another day");
    }
    let blank = |row: &Vec<String>| BY_ITEM.iter().all(|what| !says(form.cell(row, what)));
    need(added.iter().all(blank), "a new row that is filled in")
}
