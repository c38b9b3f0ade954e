//! The words of the histories: people, paths, scopes, and the texts of documents.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::document::{Block, Doc};
use super::gates::{filled, form};
use super::policy::{Policy, User};
use super::rules::{File, Files, PLAIN, Scene};
use super::table::{path_of, type_of, types};
use crate::world::project;

pub(crate) const PEOPLE: [&str; 8] = ["ann", "dev", "eve", "qa", "qb", "qc", "tu", "bot"];

/// What work touches: controlled, steering and free paths.
pub(crate) const PATHS: [&str; 11] = [
    "src/a.py",
    "src/lib/b.py",
    "docs/guide.md",
    "tools/run.sh",
    "src/a.py",
    ".github/workflows/ci.yml",
    "src/.gitattributes",
    "QMS/agents/qa.md",
    "README.md",
    "notes/today.txt",
    "docs/plan.md",
];

pub(crate) const SCOPES: [&str; 9] = [
    "src/**",
    "docs/**",
    "tools/**",
    "src/a.py",
    "src/lib/**",
    ".github/workflows/ci.yml",
    "QMS/agents/qa.md",
    "qms.yaml",
    "src/**",
];

pub(crate) fn policy() -> Policy {
    let user = |groups: &[&str], emails: &[&str]| User {
        groups: groups.iter().map(|g| (*g).to_owned()).collect(),
        emails: emails.iter().map(|e| (*e).to_owned()).collect(),
        left: false,
    };
    let users = [
        ("ann", user(&["administrator"], &[])),
        ("dev", user(&["initiator"], &[])),
        (
            "eve",
            user(&["initiator", "reviewer"], &["eve@here.example"]),
        ),
        (
            "qa",
            user(&["quality"], &["qa@one.example", "qa@two.example"]),
        ),
        ("qb", user(&["quality", "initiator"], &[])),
        ("tu", user(&["reviewer"], &[])),
    ];
    let users = users
        .into_iter()
        .map(|(name, user)| (name.to_owned(), user));
    Policy {
        users: users.collect(),
        free: vec!["README.md".to_owned(), "notes/**".to_owned()],
        review: vec![(vec!["tools/**".to_owned()], vec!["tu".to_owned()])],
    }
}

pub(crate) fn plain(text: &str) -> File {
    File {
        mode: PLAIN,
        text: Rc::from(text),
    }
}

/// The tree of the anchor: the policy, a template in force for every type, some code.
pub(crate) fn founded() -> Files {
    let mut files = BTreeMap::from([
        ("qms.yaml".to_owned(), plain(&policy().print())),
        (
            "src/a.py".to_owned(),
            plain("one\ntwo\nthree\nfour\nfive\nsix\n"),
        ),
        ("README.md".to_owned(), plain("Read me\n")),
    ]);
    for kind in types() {
        let file = project().join(format!("templates/{}.md", kind.name));
        let text = std::fs::read_to_string(file).expect("a template");
        let block = Block {
            owner: Some("ann".to_owned()),
            ..Block::bare("EFFECTIVE", (1, 0))
        };
        let doc = Doc::of_text(&text, block).expect("a template is a document");
        files.insert(
            path_of(&format!("TEMPLATE-{}", kind.name)),
            plain(&doc.file()),
        );
    }
    files
}

/// The text of a fresh document; one without a template in force has none.
pub(crate) fn fresh(scene: &Scene<'_>, id: &str, scope: &str, kind_2: bool) -> Option<String> {
    let kind = type_of(id)?;
    let form = form(scene, kind.name)?;
    let has_scope = ["CR", "VAR", "ADD"].contains(&kind.name);
    let scope: Vec<String> = Some(scope.to_owned())
        .filter(|s| has_scope && !s.is_empty())
        .into_iter()
        .collect();
    let mut text = filled(&form, id, "A title", &scope);
    if kind.name == "VAR" {
        let number = if kind_2 { 2 } else { 1 };
        text = text.replacen("\n---\n", &format!("\nvariance_type: {number}\n---\n"), 1);
    }
    if kind.class != "attachment" {
        while let (Some(open), Some(close)) = (text.find("{{"), text.find("}}")) {
            text.replace_range(open..close + 2, "Some words");
        }
    }
    Some(text)
}

/// Another text of a document, the `n`th: more words at the end, and a revision summary of its own.
pub(crate) fn changed(doc: &Doc, n: u16) -> String {
    let text = doc.text();
    let summary = format!(
        "revision_summary: {}",
        doc.keys().unwrap_or_default()["revision_summary"]
    );
    let text = text.replacen(&summary, &format!("revision_summary: Revision {n}"), 1);
    format!("{text}\nMore words {n}\n")
}

/// The text with an open cell of an item's row set, to an outcome or to a child's id; as it was where there is no such row.
pub(crate) fn item(doc: &Doc, name: &str, child: Option<&String>, n: u16) -> String {
    let (column, word) = match child {
        Some(child) => (8, child.as_str()),
        None => (4, ["Pass", "Fail"][usize::from(n % 2)]),
    };
    let lines = doc.text();
    let mut out: Vec<String> = lines.lines().map(str::to_owned).collect();
    if let Some(row) = out
        .iter_mut()
        .find(|l| l.starts_with(&format!("| {name} |")))
    {
        let mut cells: Vec<String> = row.split('|').map(str::to_owned).collect();
        if let Some(cell) = cells.get_mut(column) {
            *cell = format!(" {word} ");
        }
        *row = cells.join("|");
    }
    out.join("\n") + "\n"
}
