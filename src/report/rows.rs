//! Items and sections as aligned text that fits the width that is given.

use super::columns::{Layout, columns, lay_out};
use super::text::printable;
use crate::model::kind::Id;
use crate::model::rows::{ItemCommit, ItemRow, ItemStory, KeyRow, SectionRow};
use crate::model::token::TokenRow;

/// The digits of a commit's id that are shown.
const SHORT: usize = 10;

/// Items in a line each; the column of verification records only where there are any.
pub fn items(items: &[ItemRow], width: Option<usize>) -> String {
    if items.is_empty() {
        return "it has no items\n".to_owned();
    }
    let with_vr = items.iter().any(|i| i.vr.is_some());
    let line = |vr: &str, cells: [&str; 6]| {
        let mut row: Vec<String> = cells.iter().map(|c| (*c).to_owned()).collect();
        if with_vr {
            row.insert(2, vr.to_owned());
        }
        row
    };
    let mut rows = vec![line(
        "VR",
        ["ITEM", "TASK", "OUTCOME", "BY", "TIME", "COMMITS"],
    )];
    for item in items {
        let said = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
        let vr = match item.vr {
            Some(true) => "yes",
            Some(false) => "no",
            None => "-",
        };
        rows.push(line(
            vr,
            [
                &item.item,
                &item.task,
                &said(&item.outcome),
                &said(&item.performer),
                &said(&item.time),
                &item.commits.to_string(),
            ],
        ));
    }
    let layout = Layout {
        width,
        flexible: 1,
        statuses: None,
    };
    lay_out(&rows, layout)
}

/// One item: its cells, its commits, and the documents that it names.
pub fn item(story: &ItemStory) -> String {
    let mut out = format!("{} of {}\n", story.item, story.doc_id);
    let cell = |(label, text): (&str, &str)| vec![format!("  {label}"), text.to_owned()];
    let cells = story
        .cells
        .iter()
        .map(|c| (c.column.as_str(), c.text.as_str()));
    out.push_str(&columns(&cells.map(cell).collect::<Vec<_>>()));
    if !story.commits.is_empty() {
        out.push_str("commits\n");
        out.push_str(&commits(&story.commits));
    }
    if !story.documents.is_empty() {
        out.push_str("documents\n");
        let rows = story.documents.iter().map(|d| {
            let status = d.status.map_or("not there", |s| s.as_str());
            vec![format!("  {}", d.doc_id), status.to_owned()]
        });
        let layout = Layout {
            statuses: Some(1),
            ..Layout::default()
        };
        out.push_str(&lay_out(&rows.collect::<Vec<_>>(), layout));
    }
    out
}

fn commits(commits: &[ItemCommit]) -> String {
    let row = |c: &ItemCommit| {
        let id = c.commit.get(..SHORT).unwrap_or(&c.commit);
        vec![
            format!("  {id}"),
            c.ts.clone(),
            c.user.clone(),
            c.subject.clone(),
        ]
    };
    columns(&commits.iter().map(row).collect::<Vec<_>>())
}

/// What speaks for an item that was set: its commits; or that nothing does.
pub fn proof(id: &Id, item: &str, found: &[ItemCommit], unproven: bool) -> String {
    let mut out = String::new();
    if !found.is_empty() {
        out.push_str(&printable(&format!(
            "evidence by its trailer, QMS-Item: {item}"
        )));
        out.push('\n');
        out.push_str(&commits(found));
    }
    if unproven {
        out.push_str(&format!(
            "warning: no commit carries the trailer of {item}, and no evidence was given; to give some: qms item set {id} {item} --evidence REF\n"
        ));
    }
    out
}

/// Sections in a line each.
pub fn tokens(tokens: &[TokenRow], width: Option<usize>) -> String {
    if tokens.is_empty() {
        return "there are no tokens\n".to_owned();
    }
    let head = ["NAME", "AGENT", "MADE", "EXPIRES"]
        .map(str::to_owned)
        .to_vec();
    let row = |t: &TokenRow| {
        let end = t.expires.clone().unwrap_or_else(|| "-".to_owned());
        let end = if t.expired {
            format!("{end} (over)")
        } else {
            end
        };
        vec![t.name.clone(), t.agent.clone(), t.made.clone(), end]
    };
    let rows: Vec<Vec<String>> = [head].into_iter().chain(tokens.iter().map(row)).collect();
    let layout = Layout {
        width,
        flexible: 3,
        statuses: None,
    };
    lay_out(&rows, layout)
}

pub fn keys(keys: &[KeyRow], width: Option<usize>) -> String {
    let row = |k: &KeyRow| vec![k.key.clone(), k.value.clone()];
    let layout = Layout {
        width,
        flexible: 1,
        statuses: None,
    };
    lay_out(&keys.iter().map(row).collect::<Vec<_>>(), layout)
}

pub fn sections(sections: &[SectionRow], width: Option<usize>) -> String {
    let row = |s: &SectionRow| {
        let indent = " ".repeat(2 * usize::from(s.level.saturating_sub(2)));
        vec![
            s.number.clone().unwrap_or_default(),
            format!("{indent}{}", s.title),
            if s.open { "open" } else { "frozen" }.to_owned(),
            s.state.as_str().to_owned(),
        ]
    };
    let layout = Layout {
        width,
        flexible: 1,
        statuses: None,
    };
    lay_out(&sections.iter().map(row).collect::<Vec<_>>(), layout)
}
