//! The matrix in its document: two tables of an RTM that are made and never typed. One says of what it is (`Item`, `Value`), the
//! other has a row for each requirement; all other text is people's.
//!
//! ```text
//! | Item | Value |                                     | Requirement | Text | Implemented by | Verified by | Result |
//! |------|-------|                                     |-------------|------|----------------|-------------|--------|
//! | Specification | SDLC-CLI-RS 1.0 |                  | REQ-CLI-001 | `5d4c0f1e2a3b` | `src/a.py::add` | … | verified |
//! | Commit | 3f90… in full |
//! | Evidence | `sha256:…` over the ids of the records |
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::item::whole;
use super::matrix::{Matrix, Named, Row};

const HEADS: [&str; 5] = [
    "Requirement",
    "Text",
    "Implemented by",
    "Verified by",
    "Result",
];
const BASELINE: [&str; 3] = ["Specification", "Commit", "Evidence"];
/// Digits of a text's fingerprint that are written.
const DIGITS: usize = 12;

/// What the tables of an RTM say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rtm {
    /// The specification and its version: `SDLC-CLI-RS 1.0`.
    pub specification: Option<String>,
    /// The commit in full that was qualified.
    pub commit: Option<String>,
    pub evidence: Option<String>,
    /// The cells of each row of the matrix.
    pub rows: Vec<Vec<String>>,
}

/// Reads the tables of a text. What is no such table is passed over.
pub fn read(text: &str) -> Rtm {
    let mut out = Rtm::default();
    for table in tables(text) {
        let rows = table.rows.iter().map(|(_, cells)| cells);
        match table.sort {
            // What stands below other heads is of something else.
            Sort::Matrix if table.heads == HEADS => out.rows.extend(rows.cloned()),
            Sort::Matrix => {}
            Sort::Baseline => {
                for cells in rows {
                    let value = cells.get(1).cloned().filter(|value| !value.contains("{{"));
                    match cells.first().map(String::as_str) {
                        Some("Specification") => out.specification = value,
                        Some("Commit") => out.commit = value,
                        Some("Evidence") => out.evidence = value,
                        _ => {}
                    }
                }
            }
        }
    }
    out
}

impl Rtm {
    /// The texts with which it was written, by requirement, as far as their fingerprints are written.
    pub fn texts(&self) -> BTreeMap<String, String> {
        let row = |cells: &Vec<String>| {
            let text = cells.get(1)?.trim_matches('`').to_owned();
            Some((cells.first()?.clone(), text))
        };
        self.rows.iter().filter_map(row).collect()
    }
}

/// The beginning of a fingerprint, as it is written.
pub fn short(fingerprint: &str) -> String {
    let digits = fingerprint.trim_start_matches("sha256:");
    digits.chars().take(DIGITS).collect()
}

/// What the rows of the matrix are to be. Names that are in several files are written with these.
pub fn rows(matrix: &Matrix) -> Vec<Vec<String>> {
    let mut files: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let lists = matrix.requirements.iter();
    let lists = lists.flat_map(|row| [&row.implemented_by, &row.verified_by]);
    for one in lists.flatten() {
        files.entry(&one.name).or_default().insert(&one.path);
    }
    let called = |one: &Named| match files.get(&*one.name) {
        Some(several) if several.len() > 1 => whole(&one.path, &one.name),
        _ => one.name.to_string(),
    };
    let rows = matrix.requirements.iter().map(|r| row(r, called));
    rows.collect()
}

fn row(row: &Row, called: impl Fn(&Named) -> String) -> Vec<String> {
    let names = |all: &[Named]| {
        let names: Vec<String> = all.iter().map(|n| format!("`{}`", called(n))).collect();
        names.join(", ")
    };
    let result = match row.lines {
        Some((executed, all)) if executed < all => {
            format!("{}, {executed} of {all} lines", row.verdict)
        }
        _ => row.verdict.to_owned(),
    };
    let cells = [
        row.id.to_string(),
        // In backticks, since it is no reference to a commit.
        format!("`{}`", short(&row.fingerprint)),
        names(&row.implemented_by),
        names(&row.verified_by),
        result,
    ];
    cells.map(|cell| plain(&cell)).to_vec()
}

/// A cell as it reads when it is read again.
fn plain(cell: &str) -> String {
    let words: Vec<&str> = cell.split_whitespace().collect();
    words.join(" ")
}

/// The text with its tables written anew; every other byte stays. `baseline`: specification, commit, evidence.
pub fn filled(text: &str, rows: &[Vec<String>], baseline: [&str; 3]) -> Result<String, String> {
    let found = tables(text);
    let one = |sort: Sort, heads: &str| {
        let mut of = found.iter().filter(|table| table.sort == sort);
        match (of.next(), of.next()) {
            (Some(table), None) => Ok(table),
            (None, _) => Err(format!("there is no table with the columns {heads}")),
            _ => Err(format!("there are two tables with the columns {heads}")),
        }
    };
    let matrix = one(Sort::Matrix, &HEADS.join(", "))?;
    let base = one(Sort::Baseline, "Item, Value")?;
    let values: Vec<Vec<String>> = BASELINE
        .iter()
        .zip(baseline)
        .map(|(name, value)| vec![(*name).to_owned(), value.to_owned()])
        .collect();
    // What else a house has in that table stays.
    let own = |cells: &&Vec<String>| {
        !cells
            .first()
            .is_some_and(|c| BASELINE.contains(&c.as_str()))
    };
    let others = base
        .rows
        .iter()
        .map(|(_, cells)| cells)
        .filter(own)
        .cloned();
    let values: Vec<Vec<String>> = values.into_iter().chain(others).collect();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut out = String::new();
    let mut at = 0;
    let mut both = [
        (matrix, table(&HEADS, rows)),
        (base, table(&["Item", "Value"], &values)),
    ];
    both.sort_by_key(|(table, _)| table.first);
    for (table, new) in both {
        out.extend(lines[at..table.first].iter().copied());
        out.push_str(&new);
        at = table.first + 2 + table.rows.len();
    }
    out.extend(lines[at..].iter().copied());
    Ok(out)
}

fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let dashes = |head: &&str| "-".repeat(head.len());
    let mut out = line(&mut heads.iter().map(|head| (*head).to_owned()));
    out.push_str(&line(&mut heads.iter().map(dashes)));
    for row in rows {
        out.push_str(&line(&mut row.iter().map(|cell| cell.replace('|', "\\|"))));
    }
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Baseline,
    Matrix,
}

struct Table {
    sort: Sort,
    heads: Vec<String>,
    /// The line of its head, from 0.
    first: usize,
    /// Line and cells of each row below the dashes.
    rows: Vec<(usize, Vec<String>)>,
}

/// The two sorts of tables, by their heads; what stands in code is none.
fn tables(text: &str) -> Vec<Table> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut out, mut at, mut fence) = (Vec::new(), 0, false);
    while at < lines.len() {
        let line = lines[at].trim_start();
        fence ^= line.starts_with("```") || line.starts_with("~~~");
        let heads = cells(lines[at]).filter(|_| !fence);
        let sort = heads.as_ref().and_then(|heads| match heads[..] {
            [ref a, ref b] if a == "Item" && b == "Value" => Some(Sort::Baseline),
            _ if heads.first().is_some_and(|head| head == HEADS[0]) => Some(Sort::Matrix),
            _ => None,
        });
        let is_ruled = lines
            .get(at + 1)
            .and_then(|line| cells(line))
            .is_some_and(|cells| {
                cells
                    .iter()
                    .all(|c| !c.is_empty() && c.chars().all(|c| "-: ".contains(c)))
            });
        let (Some(sort), Some(heads), true) = (sort, heads, is_ruled) else {
            at += 1;
            continue;
        };
        let first = at;
        at += 2;
        let mut rows = Vec::new();
        while let Some(row) = lines.get(at).and_then(|line| cells(line)) {
            rows.push((at, row));
            at += 1;
        }
        out.push(Table {
            sort,
            heads,
            first,
            rows,
        });
    }
    out
}

/// The cells of a line of a table.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let mut out = vec![String::new()];
    let mut escaped = false;
    for c in inner.chars() {
        match (c, escaped) {
            ('|', false) => out.push(String::new()),
            ('|', true) => {
                let last = out.last_mut()?;
                last.pop();
                last.push('|');
            }
            _ => out.last_mut()?.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    Some(out.iter().map(|cell| cell.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const TEXT: &str = "# X\n\n| Item | Value |\n|------|-------|\n| Specification | {{Id}} |\n| Release | CLI-6 |\n\n\
                        ```\n| Requirement | Text |\n|---|---|\n| code | x |\n```\n\n\
                        | Requirement | Implemented by |\n|---|---|\n| {{REQ}} | {{Path}} |\n\n## End\n";

    fn row(cells: [&str; 5]) -> Vec<String> {
        cells.map(str::to_owned).to_vec()
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_changes() {
        let rows = [
            row(["REQ-1", "ab", "`a|b`", "", "verified"]),
            row(["REQ-2", "`cd`", "", "", "untested"]),
        ];
        let new = filled(TEXT, &rows, ["RS 1.0", "c0", "sha256:0"]).expect("both tables");
        assert!(new.starts_with("# X\n\n| Item | Value |\n"), "{new}");
        assert!(
            new.contains("| Release | CLI-6 |\n\n```\n| Requirement | Text |"),
            "{new}"
        );
        assert!(
            new.ends_with("| REQ-2 | `cd` |  |  | untested |\n\n## End\n"),
            "{new}"
        );
        let read = super::read(&new);
        assert_eq!(read.rows, rows);
        assert_eq!(read.specification.as_deref(), Some("RS 1.0"));
        assert_eq!(
            (read.commit.as_deref(), read.evidence.as_deref()),
            (Some("c0"), Some("sha256:0"))
        );
        assert_eq!(read.texts()["REQ-2"], "cd");
        // Written again it is the same.
        assert_eq!(filled(&new, &rows, ["RS 1.0", "c0", "sha256:0"]), Ok(new));
    }

    #[test]
    fn tests_of_one_name_in_two_files_are_two_in_the_matrix() {
        let mut one = sample::row("R-1", "verified");
        one.verified_by = ["a/t.rs", "b/t.rs", "a/t.rs"]
            .map(|path| sample::item("x::t", path))
            .to_vec();
        one.verified_by[2].name = "x::u".into();
        let two = sample::row("R-2", "verified");
        let rows = rows(&sample::matrix(vec![one, two]));
        let named = rows[0][3].as_str();
        assert_eq!(named, "`a/t.rs::x::t`, `b/t.rs::x::t`, `x::u`");
        assert_eq!((rows[1][2].as_str(), rows[1][3].as_str()), ("`f`", "`t`"));
    }

    #[test]
    fn a_document_without_its_tables_is_not_written() {
        for (text, why) in [
            ("# X\n", "there is no table with the columns Requirement"),
            (
                &TEXT.replace("| Item |", "| What |"),
                "there is no table with the columns Item",
            ),
            (
                &format!("{TEXT}\n| Item | Value |\n|---|---|\n"),
                "there are two tables",
            ),
        ] {
            let said = filled(text, &[], ["", "", ""]);
            assert!(said.is_err_and(|said| said.starts_with(why)), "{why}");
        }
        assert_eq!(super::read(TEXT).specification, None);
        // A note that says so verifies nothing.
        let swapped =
            "| Requirement | Result | Note |\n|---|---|---|\n| REQ-1 | failed | verified |\n";
        assert_eq!(super::read(swapped).rows, [] as [Vec<String>; 0]);
    }
}
