//! The matrix of a system as text: a line for each requirement, and below it why it is not verified.

use std::borrow::Cow;
use std::fmt::Write;

use super::table::fitted;
use super::text::shown;
use crate::model::trace::matrix::{Matrix, Named, Why};

pub fn text(all: &[Matrix], width: Option<usize>) -> String {
    let each: Vec<String> = all.iter().map(|matrix| one(matrix, width)).collect();
    each.join("\n")
}

fn one(matrix: &Matrix, width: Option<usize>) -> String {
    let standing = if matrix.in_force {
        "in force"
    } else {
        "a draft, nothing is in force"
    };
    let commit: String = matrix.commit.chars().take(10).collect();
    let evidence = match &matrix.evidence {
        Some(which) => format!("evidence {which}"),
        None => "no evidence".to_owned(),
    };
    let mut out = format!(
        "{}  {} {} ({standing}) at {commit}, {evidence}\n",
        matrix.system, matrix.rs, matrix.version
    );
    let mut rows = vec![
        ["REQUIREMENT", "VERDICT", "IMPLEMENTED BY", "VERIFIED BY"]
            .map(Cow::Borrowed)
            .to_vec(),
    ];
    for row in &matrix.requirements {
        rows.push(vec![
            Cow::Borrowed(row.id.as_str()),
            Cow::Borrowed(row.verdict),
            names(&row.implemented_by),
            names(&row.verified_by),
        ]);
    }
    out.push_str(&fitted(&rows, width, 3));
    for row in &matrix.requirements {
        for why in &row.reasons {
            said(&mut out, &row.id, "", why);
        }
        for why in &row.warnings {
            said(&mut out, &row.id, " (warning)", why);
        }
    }
    for flaw in &matrix.flaws {
        said(&mut out, &matrix.system, "", flaw);
    }
    let counts: Vec<String> = matrix
        .counts
        .iter()
        .map(|(what, n)| format!("{n} {what}"))
        .collect();
    let total = matrix.requirements.len();
    out.push_str(&format!("{total} requirements: {}\n", counts.join(", ")));
    out
}

fn names(all: &[Named]) -> Cow<'_, str> {
    match all {
        [one] => Cow::Borrowed(&one.name),
        all => {
            let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
            Cow::Owned(names.join(", "))
        }
    }
}

/// A line about something, with a mark behind its name.
fn said(out: &mut String, what: &str, mark: &str, why: &Why) {
    let (path, says) = (shown(&why.path), shown(&why.says));
    // What is written to a string always fits.
    let _ = match (path.as_ref(), why.line) {
        ("", _) => writeln!(out, "  {what}{mark}  {says}"),
        (path, 0) => writeln!(out, "  {what}{mark}  {path}  {says}"),
        (path, line) => writeln!(out, "  {what}{mark}  {path}:{line}  {says}"),
    };
}
