//! Matrices as comma-separated values (RFC 4180): a line of titles, and one for each requirement. Every cell is quoted,
//! and none is taken for a formula.

use super::{executed, lines, named, reasons};
use crate::model::trace::matrix::{Matrix, Row};

type Cell = fn(&Matrix, &Row) -> String;

/// The columns, in order. Another one goes to the end: people count them.
const COLUMNS: &[(&str, Cell)] = &[
    ("system", |matrix, _| matrix.system.clone()),
    ("requirement", |_, row| row.id.to_string()),
    ("title", |_, row| row.title.to_string()),
    ("text", |_, row| row.text.to_string()),
    ("from", |_, row| row.from.join(", ")),
    ("to", |_, row| row.to.join(", ")),
    ("verdict", |_, row| row.verdict.to_owned()),
    ("reasons", |_, row| reasons(row).join("\n")),
    ("implemented by", |_, row| {
        let all: Vec<String> = row.implemented_by.iter().map(named).collect();
        all.join("\n")
    }),
    ("verified by", |_, row| {
        let all: Vec<String> = row.verified_by.iter().map(named).collect();
        all.join("\n")
    }),
    ("document", |matrix, _| matrix.rs.clone()),
    ("version", |matrix, _| matrix.version.clone()),
    ("line", |_, row| row.line.to_string()),
    ("commit", |matrix, _| matrix.commit.clone()),
    ("executed", |_, row| executed(row)),
];

pub fn csv(all: &[Matrix]) -> String {
    let titles = COLUMNS.iter().map(|(title, _)| quoted(title));
    let mut out = line(titles);
    for matrix in all {
        for row in &matrix.requirements {
            out.push_str(&line(
                COLUMNS.iter().map(|(_, cell)| quoted(&cell(matrix, row))),
            ));
        }
    }
    out
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    format!("{}\r\n", cells.join(","))
}

/// Spreadsheets compute what begins with one of these, however it is quoted; behind an apostrophe it is text.
fn quoted(cell: &str) -> String {
    let cell = lines(cell);
    let computed = cell
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let mark = if computed { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_a_line_of_quoted_cells() {
        let all = super::super::tests::samples();
        insta::assert_snapshot!(csv(&all).replace("\r\n", "\\r\\n\n"), @r###"
        "system","requirement","title","text","from","to","verdict","reasons","implemented by","verified by","document","version","line","commit","executed"\r\n
        "CLI","REQ-CLI-001","'=1+1 | <b>&""Adds""</b> @ann #12","It [adds](http://x).
        <script>alert(1)</script> www.x.org a@b.de","UR-1, REQ-CLI-002","","untested","tests/a b.py:3: `test_<add>` asserts nothing
        warning: its title� is odd","src/a.py::add_it (src/a.py:3)","adds > two | three (tests/a b.py:3)","SDLC-CLI-RS","1.0","12","3f1c2ab0000000000000","12 of 14 lines executed"\r\n
        "CLI","REQ-CLI-002","Says","","","REQ-CLI-001","verified","","src/a.py::add_it (src/a.py:3)","","SDLC-CLI-RS","1.0","13","3f1c2ab0000000000000",""\r\n
        "###);
    }

    #[test]
    fn nothing_is_taken_for_a_formula() {
        for bad in [
            "=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "＝1",
        ] {
            assert!(quoted(bad).starts_with("\"'"), "{bad:?}: {}", quoted(bad));
        }
        assert_eq!(quoted("a=1, \"b\""), "\"a=1, \"\"b\"\"\"");
        assert_eq!(quoted("a\u{1b}[31m\rb\nc"), "\"a\u{fffd}[31m\u{fffd}b\nc\"");
    }
}
