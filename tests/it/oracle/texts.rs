//! The words of the histories: people, paths, scopes, and the texts of documents.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::document::{Block, Doc};
use super::gates::{filled, form};
use super::policy::{Policy, User};
use super::rules::{File, Files, PLAIN, Scene};
use super::table::{Type, has, path_of, type_of, types};

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
        let text = lean(kind);
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

/// A template of plain words: what is carried out has an item and a section that execution writes.
fn lean(kind: Type) -> String {
    let mut out = format!("---\ntitle: {} template\n", kind.name);
    out.push_str("revision_summary: Initial release\n---\n\n# {{ID}}: {{TITLE}}\n");
    if !kind.parents.is_empty() {
        out.push_str("\nA part of {{PARENT}}.\n");
    }
    out.push_str("\n## 1. Purpose\n\nWords enough.\n");
    if has("CR VAR ADD", kind.name) {
        out.push_str("\n## 2. Plan\n\n| EI | Task | VR | Outcome | Summary | Performed by | Time | Evidence |\n");
        out.push_str("|----|------|----|---------|---------|--------------|------|----------|\n");
        out.push_str(&format!("| EI-1 | A task | No {OPEN}\n"));
    }
    if kind.class != "document" {
        out.push_str("\n## 3. Summary\n\n[ALL DONE]\n");
    }
    out
}

/// The cells of a row that nobody has carried out.
const OPEN: &str = "| [OUTCOME] | [SUMMARY] | [PERFORMER] | [TIME] | [EVIDENCE] |";

/// Evidence that is always there.
pub(crate) const SHOWN: &str = "`QMS/TEMPLATE/TEMPLATE-CR.md`";

/// The day on which all is done.
pub(crate) const TODAY: &str = "2023-11-14";

/// The text of a fresh document; one without a template in force has none. `more`: what else a child says.
pub(crate) fn fresh(scene: &Scene<'_>, id: &str, scope: &str, more: &str) -> Option<String> {
    let kind = type_of(id)?;
    let form = form(scene, kind.name)?;
    let has_scope = has("CR VAR ADD", kind.name);
    let scope: Vec<String> = Some(scope.to_owned())
        .filter(|s| has_scope && !s.is_empty())
        .into_iter()
        .collect();
    let mut text = filled(&form, id, "A title", &scope);
    let mut keys = String::new();
    if kind.name == "VAR" {
        let number = if has(more, "2") { 2 } else { 1 };
        keys.push_str(&format!("variance_type: {number}\n"));
    }
    if has("VAR VR", kind.name) && has(more, "EI-1") {
        keys.push_str("items: [EI-1]\n");
    }
    text = text.replacen("\n---\n", &format!("\n{keys}---\n"), 1);
    Some(text)
}

/// A change of a text that is legal wherever one may be made; those below `WRONG` mostly are not, or keep it from a review.
pub(crate) const MORE: u16 = 15;
pub(crate) const WRONG: u16 = 9;
/// A change after which the first item asks for a record.
pub(crate) const RECORDED: u16 = 9;

/// Another text of a document, the `n`th, with a revision summary of its own: mostly more words where they may stand.
pub(crate) fn changed(doc: &Doc, n: u16) -> String {
    let text = doc.text();
    let summary = format!(
        "revision_summary: {}",
        doc.keys().unwrap_or_default()["revision_summary"]
    );
    let text = text.replacen(&summary, &format!("revision_summary: Revision {n}"), 1);
    match doc.block.status.as_str() {
        "IN_EXECUTION" => executed(&text, n),
        _ => drafted(&text, n),
    }
}

/// Faults of a draft, each as it should be and as it is: what was wrong before is mended by the next change.
const FAULTS: [(&str, &str); 7] = [
    ("\n[ALL DONE]\n", "\nDone early.\n"),
    ("| No | [OUTCOME] |", "| No | Early |"),
    ("| No |", "| Maybe |"),
    ("## 1. Purpose", "## 1. Aim"),
    ("Words enough.", "Words {{left}}."),
    ("Words enough.", "Words <!-- hidden -->."),
    ("Words enough.", "Words like CR-999."),
];

fn drafted(text: &str, n: u16) -> String {
    let mut text = text.to_owned();
    for (right, wrong) in FAULTS {
        text = text.replace(wrong, right);
    }
    text = text.replace("| Yes |", "| No |");
    text = text.replace(&format!("| EI-1 | Twice | No {OPEN}\n"), "");
    match n % 20 {
        at @ 0..7 => {
            let (right, wrong) = FAULTS[usize::from(at)];
            text.replacen(right, wrong, 1)
        }
        7 => with_row(&text, "EI-1 | Twice | No", OPEN),
        9 => text.replacen("| No |", "| Yes |", 1),
        8 if !text.contains("| EI-2 |") => with_row(&text, "EI-2 | A task | No", OPEN),
        10 | 11 => format!("{text}\nMore words {n}\n"),
        _ => text.replacen(
            "Words enough.",
            &format!("Words enough.\n\nMore words {n}"),
            1,
        ),
    }
}

fn executed(text: &str, n: u16) -> String {
    match n % 20 {
        0 => text.replacen("Words enough.", "Words to spare.", 1),
        1 => text.replacen("## 1. Purpose", "## 1. Aim", 1),
        2 => text.replacen("A task", "Another task", 1),
        3 => text.replacen("[OUTCOME]", "Pass", 1),
        4 => format!("{text}\n## 4. More\n\nMore words {n}\n"),
        5 if !text.contains("| EI-2 |") => with_row(
            text,
            "EI-2 | A task | No",
            &OPEN.replace("[OUTCOME]", "Pass"),
        ),
        6 if !text.contains("| EI-2 |") => with_row(text, "EI-2 | A task | No", OPEN),
        7 => text.replacen("[SUMMARY]", "Half done", 1),
        8 => format!("{text}\nWords <!-- hidden -->.\n"),
        _ if text.contains("[ALL DONE]") => {
            text.replacen("[ALL DONE]", &format!("More words {n}"), 1)
        }
        _ => format!(
            "{}\nMore words {n}\n",
            text.replace("<!-- hidden -->", "seen")
        ),
    }
}

/// A row more at the end of the item table; the same text where there is none.
fn with_row(text: &str, begin: &str, cells: &str) -> String {
    let Some(at) = text.rfind("\n| EI-") else {
        return text.to_owned();
    };
    let end = text[at + 1..]
        .find('\n')
        .map_or(text.len(), |len| at + 1 + len + 1);
    format!("{}| {begin} {cells}\n{}", &text[..end], &text[end..])
}

/// What can be wrong with an item that somebody sets, first of all nothing.
pub(crate) const ODD_ITEM: [&str; 8] = [
    "nothing",
    "failed",
    "no outcome",
    "task",
    "performer",
    "day",
    "summary",
    "two rows",
];

/// The text with an item's row filled in by somebody, with one thing odd. The same where there is no such row.
pub(crate) fn item(doc: &Doc, name: &str, actor: &str, evidence: &str, odd: &str) -> String {
    let cells = [
        (2, "Another task", odd == "task"),
        (4, "Pass", true),
        (4, "Fail", odd == "failed"),
        (4, "N/A", odd == "no outcome"),
        (5, "Done", true),
        (6, actor, odd != "performer"),
        (6, "tu", odd == "performer"),
        (7, TODAY, odd != "day"),
        (7, "2023-11-15", odd == "day"),
        (8, evidence, true),
    ];
    let text = match odd {
        "summary" => doc
            .text()
            .replacen("revision_summary: ", "revision_summary: Again ", 1),
        _ => doc.text(),
    };
    let mut out: Vec<String> = text.lines().map(str::to_owned).collect();
    let own = |l: &&mut String| {
        l.starts_with(&format!("| {name} |")) || (odd == "two rows" && l.starts_with("| EI-"))
    };
    for row in out.iter_mut().filter(own) {
        let mut all: Vec<String> = row.split('|').map(str::to_owned).collect();
        for (at, word, _) in cells.iter().filter(|(.., set)| *set) {
            if let Some(cell) = all.get_mut(*at) {
                *cell = format!(" {word} ");
            }
        }
        *row = all.join("|");
    }
    out.join("\n") + "\n"
}
