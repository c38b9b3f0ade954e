//! What paths or a range touch, as text: requirements with what touches them, the tests to run again, documents.

use super::super::table::columns;
use super::super::text::printable;
use super::{place, short};
use crate::model::trace::impact::Impact;

/// Untraced paths that are shown.
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
                why.says.clone(),
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
    if impact.untraced.len() > MOST {
        untraced.push(vec![format!(
            "  … and {} more",
            impact.untraced.len() - MOST
        )]);
    }
    out.push_str(&titled("touch no requirement", untraced));
    out.push_str(&format!(
        "{} requirements, {} tests, {} documents\n",
        impact.requirements.len(),
        impact.tests.len(),
        impact.documents.len()
    ));
    out
}

/// Rows under a title; nothing where there are none.
fn titled(title: &str, rows: Vec<Vec<String>>) -> String {
    match rows.is_empty() {
        true => String::new(),
        false => format!("\n{title}:\n{}", columns(&rows)),
    }
}
