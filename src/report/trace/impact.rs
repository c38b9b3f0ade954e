//! What paths or a range touch, as text: requirements with what touches them, the tests to run again, documents.

use super::super::table::columns;
use super::super::text::printable;
use super::{place, short};
use crate::model::trace::impact::Impact;

/// Paths and tests of one sort that are shown.
const MOST: usize = 12;

pub fn text(impact: &Impact) -> String {
    let since = impact
        .since
        .as_deref()
        .map_or(String::new(), |since| format!("{}..", short(since)));
    let mut out = format!(
        "{} at {since}{}\n",
        printable(&impact.of),
        short(&impact.commit)
    );
    for one in &impact.requirements {
        let row = [
            one.id.clone(),
            one.verdict.unwrap_or("gone").to_owned(),
            one.title.clone(),
        ];
        out.push_str(&columns(&[row.to_vec()]));
        let by = one.by.iter().map(|why| {
            [
                format!("  {}", place(&why.path, why.line)),
                why.says.to_string(),
            ]
            .to_vec()
        });
        out.push_str(&columns(&by.collect::<Vec<_>>()));
    }
    let tests = impact.tests.iter().map(|test| {
        [
            format!("  {}", test.name),
            place(&test.path, test.line),
            test.verifies.join(", "),
        ]
        .to_vec()
    });
    out.push_str(&titled("tests to run again", tests.collect()));
    let mut executed = Vec::new();
    for test in impact.executed.iter().take(MOST) {
        let paths = match &test.paths[..] {
            [one] => printable(one),
            all => format!("{} files", all.len()),
        };
        executed.push(vec![format!("  {}", printable(&test.name)), paths]);
    }
    executed.extend(more(impact.executed.len()));
    out.push_str(&titled(
        "executed it when they were last measured",
        executed,
    ));
    let documents = impact
        .documents
        .iter()
        .map(|one| [format!("  {}", one.doc_id), one.names.join(", ")].to_vec());
    out.push_str(&titled("documents to look at", documents.collect()));
    let mut untraced: Vec<Vec<String>> = impact
        .untraced
        .iter()
        .take(MOST)
        .map(|path| vec![format!("  {path}")])
        .collect();
    untraced.extend(more(impact.untraced.len()));
    out.push_str(&titled("touch no requirement", untraced));
    out.push_str(&format!(
        "{} requirements, {} tests, {} documents\n",
        impact.requirements.len(),
        impact.tests.len(),
        impact.documents.len()
    ));
    out
}

/// A row for those that are not shown.
fn more(all: usize) -> Option<Vec<String>> {
    let more = all.checked_sub(MOST).filter(|more| *more > 0)?;
    Some(vec![format!("  … and {more} more")])
}

/// Rows under a title; nothing where there are none.
fn titled(title: &str, rows: Vec<Vec<String>>) -> String {
    match rows.is_empty() {
        true => String::new(),
        false => format!("\n{title}:\n{}", columns(&rows)),
    }
}
