//! Matrices for other readers than people at a terminal: spreadsheets, pages, tools for requirements. And what changed
//! between two matrices, and what a change touches. What is in every form is said here once.

pub mod csv;
pub mod diff;
pub mod html;
pub mod impact;
pub mod md;
pub mod reqif;
mod style;

use super::text::{printable, short};
use crate::model::trace::matrix::{Matrix, Named, Row, Why};

/// The lines of a text, each without what moves, colours or hides.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(printable).collect();
    lines.join("\n")
}

/// `src/add.py:3`; empty where it is about no place.
fn place(path: &str, line: usize) -> String {
    match (path, line) {
        ("", _) => String::new(),
        (path, 0) => path.to_owned(),
        (path, line) => format!("{path}:{line}"),
    }
}

/// A sentence with its place before it.
fn said(why: &Why) -> String {
    let place = place(&why.path, why.line);
    let gap = if place.is_empty() { "" } else { ": " };
    format!("{place}{gap}{}", why.says)
}

/// What there is to say of a requirement, the worst first, and then the warnings.
fn reasons(row: &Row) -> Vec<String> {
    let warnings = row.warnings.iter().map(|w| format!("warning: {}", said(w)));
    row.reasons.iter().map(said).chain(warnings).collect()
}

/// `src/add.py::add (src/add.py:3)`.
fn named(one: &Named) -> String {
    format!("{} ({})", one.name, place(&one.path, one.line))
}

/// `SDLC-CLI-RS 1.0 (in force), evidence of this state`.
fn source(matrix: &Matrix) -> String {
    let standing = match matrix.in_force {
        true => "in force",
        false => "a draft, nothing is in force",
    };
    let evidence = match &matrix.evidence {
        Some(which) => format!("evidence {which}"),
        None => "no evidence".to_owned(),
    };
    format!("{} {} ({standing}), {evidence}", matrix.rs, matrix.version)
}

/// `3 requirements: 1 untested, 2 verified`.
fn counted(matrix: &Matrix) -> String {
    let counts = matrix.counts.iter().map(|(what, n)| format!("{n} {what}"));
    let counts: Vec<String> = counts.collect();
    let gap = if counts.is_empty() { "" } else { ": " };
    let total = matrix.requirements.len();
    format!("{total} requirements{gap}{}", counts.join(", "))
}

/// `12 of 14 lines executed`; empty where coverage knows nothing of them.
fn executed(row: &Row) -> String {
    let said = |(executed, all)| format!("{executed} of {all} lines executed");
    row.lines.map_or_else(String::new, said)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::trace::matrix::Retired;

    /// One with everything, in letters that every form must take care of, and one with nothing.
    pub(crate) fn samples() -> Vec<Matrix> {
        let why = |path: &str, line, says: &str| Why {
            path: path.to_owned().into(),
            line,
            says: says.to_owned().into(),
        };
        let named = |name: &str, path: &str| Named {
            name: name.to_owned().into(),
            path: path.to_owned().into(),
            line: 3,
            fingerprint: format!("sha256:{name}").into(),
        };
        let bad = Row {
            id: "REQ-CLI-001".into(),
            title: "=1+1 | <b>&\"Adds\"</b> @ann #12".into(),
            verdict: "untested",
            reasons: vec![why("tests/a b.py", 3, "`test_<add>` asserts nothing")],
            warnings: vec![why("", 0, "its title\u{202e} is odd")],
            implemented_by: vec![named("src/a.py::add_it", "src/a.py")],
            verified_by: vec![named("adds > two | three", "tests/a b.py")],
            lines: Some((12, 14)),
            text: "It [adds](http://x).\n<script>alert(1)</script> www.x.org a@b.de".into(),
            line: 12,
            from: vec!["UR-1".to_owned(), "REQ-CLI-002".to_owned()],
            to: Vec::new(),
            fingerprint: "sha256:1".into(),
        };
        let good = Row {
            id: "REQ-CLI-002".into(),
            title: "Says".into(),
            verdict: "verified",
            reasons: Vec::new(),
            warnings: Vec::new(),
            verified_by: Vec::new(),
            lines: None,
            text: "".into(),
            line: 13,
            from: Vec::new(),
            to: vec!["REQ-CLI-001".to_owned()],
            ..bad.clone()
        };
        let full = Matrix {
            system: "CLI".to_owned(),
            commit: "3f1c2ab0000000000000".to_owned(),
            date: "2023-11-14T16:43:20-05:30".to_owned(),
            rs: "SDLC-CLI-RS".to_owned(),
            path: "QMS/SDLC-CLI/SDLC-CLI-RS.md".to_owned(),
            version: "1.0".to_owned(),
            in_force: true,
            evidence: Some("of this state".to_owned()),
            counts: [("untested", 1), ("verified", 1)].into(),
            requirements: vec![bad, good],
            retired: vec![Retired {
                id: "REQ-CLI-003".to_owned(),
                by: "CR-045".to_owned(),
            }],
            flaws: vec![why("src/<c>.py", 1, "`REQ-CLI-009` is no requirement")],
        };
        let empty = Matrix {
            system: "WEB".to_owned(),
            rs: "SDLC-WEB-RS".to_owned(),
            path: "QMS/SDLC-WEB/SDLC-WEB-RS.md".to_owned(),
            version: "0.1".to_owned(),
            in_force: false,
            evidence: None,
            counts: [].into(),
            requirements: Vec::new(),
            retired: Vec::new(),
            flaws: Vec::new(),
            ..full.clone()
        };
        vec![full, empty]
    }
}
