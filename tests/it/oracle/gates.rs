//! What must be true of parents and children, by lifecycle.md "Types", "Moves" and "Gates".

use std::collections::BTreeMap;

use super::content;
use super::document::{Block, Doc, sha256};
use super::rules::{Ask, Made, Scene, co_authors, need};
use super::table::{FINAL, TYPE_2, Type, document_at, has, number_of, parent_of, path_of, type_of};

/// A new document.
pub(crate) fn birth(scene: &Scene<'_>, ask: &Ask, kind: Type) -> Result<Made, String> {
    need(scene.policy.initiates(&ask.actor), "it takes an initiator")?;
    let ids: Vec<String> = scene.tree.keys().filter_map(|p| document_at(p)).collect();
    need(!ids.contains(&ask.id), "the id is taken")?;
    if kind.name != "TEMPLATE" {
        let like = |id: &&String| {
            type_of(id).is_some_and(|t| t.name == kind.name) && parent_of(id) == parent_of(&ask.id)
        };
        let numbers = ids.iter().filter(like).map(|id| number_of(id));
        let highest = numbers.max().unwrap_or(0);
        let number = number_of(&ask.id);
        need(
            number > highest && number <= highest + 100,
            "no free number",
        )?;
    }
    if let Some(parent) = parent_of(&ask.id) {
        let status = scene.status(parent);
        need(has(kind.born_under, &status), "the parent's state")?;
    }
    let text = ask.text.as_deref().ok_or("no text")?;
    let attachment = kind.class == "attachment";
    let mut block = match attachment {
        true => Block::bare("IN_EXECUTION", (1, 0)),
        false => Block::bare("DRAFT", (0, 1)),
    };
    block.owner = Some(ask.actor.clone());
    block.locked = Some(sha256(text));
    block.authors.insert(ask.actor.clone());
    block.authors.extend(co_authors(scene, ask));
    let doc = Doc::of_text(text, block.clone()).ok_or("a text that is none")?;
    for key in ["title", "revision_summary"] {
        need(!doc.key(key).is_empty(), "the front matter is incomplete")?;
    }
    if attachment {
        let form = form(scene, kind.name).ok_or("no template in force")?;
        let mut expected = filled(&form, &ask.id, &doc.key("title"), &[]);
        // Beside the template's words it may say for which items of its parent it is.
        let items = doc.list("items").join(", ");
        if !items.is_empty() {
            let keys = format!("\nitems: [{items}]\n---\n");
            expected = expected.replacen("\n---\n", &keys, 1);
        }
        need(expected == text, "not the template in force, filled in")?;
    }
    let files = BTreeMap::from([(path_of(&ask.id), doc.file())]);
    Ok(Made {
        files,
        before: None,
        after: block,
    })
}

/// The template in force for a type.
pub(crate) fn form(scene: &Scene<'_>, kind: &str) -> Option<Doc> {
    let doc = scene.doc(&format!("TEMPLATE-{kind}"))?;
    match doc.block.status.as_str() {
        "EFFECTIVE" => Some(doc),
        _ => scene.in_force(&doc),
    }
}

/// A new document's text: its front matter, and the template's body with its placeholders filled.
pub(crate) fn filled(form: &Doc, id: &str, title: &str, scope: &[String]) -> String {
    let mut front = format!("title: {title}\nrevision_summary: Initial draft\n");
    if !scope.is_empty() {
        front.push_str(&format!("scope: [{}]\n", scope.join(", ")));
    }
    let body = form
        .body()
        .replace("{{ID}}", id)
        .replace("{{TITLE}}", title);
    let parent = parent_of(id).unwrap_or_default();
    format!("---\n{front}---\n{}", body.replace("{{PARENT}}", parent))
}

/// Moves that are possible only in some states of the parent.
pub(crate) fn parents(
    scene: &Scene<'_>,
    ask: &Ask,
    kind: Type,
    block: &Block,
) -> Result<(), String> {
    let Some(parent) = parent_of(&ask.id) else {
        return Ok(());
    };
    let status = scene.status(parent);
    match ask.action.as_str() {
        "release" => need(has("IN_EXECUTION CLOSED", &status), "the parent's state"),
        "fix" => Ok(()),
        _ if kind.class == "attachment" => need(status == "IN_EXECUTION", "the parent's state"),
        "checkout" if block.status == "PRE_APPROVED" => need(
            status != "CLOSED",
            "below a closed parent it cannot be opened again",
        ),
        _ => Ok(()),
    }
}

/// Whether a child lets its parent close.
pub(crate) fn lets_close(child: &Doc, kind: Type) -> bool {
    let done = match kind.name {
        "VAR" if child.key("variance_type") == "2" => TYPE_2,
        _ => kind.done,
    };
    done == "any" || has(done, &child.block.status)
}

/// The children let their parent close; its attachments close with it.
pub(crate) fn close(scene: &Scene<'_>, id: &str) -> Result<BTreeMap<String, String>, String> {
    let mut files = BTreeMap::new();
    content::between(scene, id, &scene.doc(id).ok_or("no document")?)?;
    for child in scene.children(id) {
        let doc = scene.doc(&child).ok_or("a child that cannot be read")?;
        let kind = type_of(&child).ok_or("a child of no type")?;
        need(lets_close(&doc, kind), &format!("{child} is still open"))?;
        if kind.class == "attachment" && !FINAL.contains(&doc.block.status.as_str()) {
            need(doc.block.locked.is_none(), "an attachment is checked out")?;
            let closed = doc.with(Block::bare("CLOSED", doc.block.version));
            files.insert(path_of(&child), closed.file());
        }
    }
    Ok(files)
}

/// What keeps a document from being cancelled.
pub(crate) fn cancel(scene: &Scene<'_>, ask: &Ask, block: &Block) -> Result<(), String> {
    need(block.in_force.is_none(), "a version is in force")?;
    for child in scene.children(&ask.id) {
        let status = scene.status(&child);
        need(status == "CANCELLED", "a child is not cancelled")?;
    }
    let parent = parent_of(&ask.id).and_then(|p| scene.doc(p));
    let named = parent.is_some_and(|p| names(&p, &ask.id));
    need(!named, "an item of the parent names it")
}

/// Whether a row of a document's tables names another document.
pub(crate) fn names(doc: &Doc, id: &str) -> bool {
    let body = doc.body();
    let mut rows = body.lines().filter(|l| l.starts_with('|'));
    rows.any(|row| row.split([' ', '|', ',', '.']).any(|word| word == id))
}
