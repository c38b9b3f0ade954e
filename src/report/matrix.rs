//! The matrix of a system as text: a line for each requirement, and below it why it is not verified.

use std::borrow::Cow;
use std::fmt::Write;

use super::columns::{Layout, Rows};
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
    // Long answers are written by two at a time.
    let (rows, whys) = std::thread::scope(|scope| {
        let whys = scope.spawn(|| whys(matrix));
        (table(matrix, width), whys.join())
    });
    out.push_str(&rows);
    match whys {
        Ok(whys) => out.push_str(&whys),
        Err(panic) => std::panic::resume_unwind(panic),
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

/// A line for each requirement.
fn table(matrix: &Matrix, width: Option<usize>) -> String {
    let mut rows = Rows::default();
    rows.push(["REQUIREMENT", "VERDICT", "IMPLEMENTED BY", "VERIFIED BY"].map(Cow::Borrowed));
    for row in &matrix.requirements {
        rows.push([
            Cow::Borrowed(&*row.id),
            Cow::Borrowed(row.verdict),
            names(&row.implemented_by),
            names(&row.verified_by),
        ]);
    }
    rows.lay_out(Layout {
        width,
        flexible: 3,
        statuses: None,
    })
}

/// Why they are not verified, and what else is wrong.
fn whys(matrix: &Matrix) -> String {
    let mut out = String::new();
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
    out
}

fn names(all: &[Named]) -> Cow<'_, str> {
    match all {
        [one] => Cow::Borrowed(&*one.name),
        all => {
            let names: Vec<&str> = all.iter().map(|one| &*one.name).collect();
            Cow::Owned(names.join(", "))
        }
    }
}

/// A line about something, with a mark behind its name.
fn said(out: &mut String, what: &str, mark: &str, why: &Why) {
    let (path, says) = (shown(&why.path), shown(&why.says));
    for part in ["  ", what, mark, "  ", &path] {
        out.push_str(part);
    }
    if why.line > 0 && !path.is_empty() {
        // What is written to a string always fits.
        let _ = write!(out, ":{}", why.line);
    }
    if !path.is_empty() {
        out.push_str("  ");
    }
    out.push_str(&says);
    out.push('\n');
}
