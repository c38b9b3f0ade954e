//! The matrix of a system as text: a line for each requirement, and below it why it is not verified.

use super::table::fitted;
use super::text::printable;
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
            .map(str::to_owned)
            .to_vec(),
    ];
    for row in &matrix.requirements {
        rows.push(vec![
            row.id.clone(),
            row.verdict.to_owned(),
            names(&row.implemented_by),
            names(&row.verified_by),
        ]);
    }
    out.push_str(&fitted(&rows, width, 3));
    for row in &matrix.requirements {
        for why in &row.reasons {
            out.push_str(&said(&row.id, why));
        }
        for why in &row.warnings {
            out.push_str(&said(&format!("{} (warning)", row.id), why));
        }
    }
    for flaw in &matrix.flaws {
        out.push_str(&said(&matrix.system, flaw));
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

fn names(all: &[Named]) -> String {
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    names.join(", ")
}

fn said(what: &str, why: &Why) -> String {
    let place = match (why.path.as_str(), why.line) {
        ("", _) => String::new(),
        (path, 0) => format!("  {path}"),
        (path, line) => format!("  {path}:{line}"),
    };
    format!("  {what}{}  {}\n", printable(&place), printable(&why.says))
}
