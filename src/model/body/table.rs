//! Tables: cells with their text and with the place of their source between its pipes, which is found anew, since the
//! tree's is off behind an escaped pipe and silent about cells beyond the header's.

use std::ops::Range;

use super::words::{CLOSE, Words, is_blank, normalized};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pub header: Vec<Cell>,
    /// As many cells as the header has in each: short rows are filled up, long ones cut.
    pub rows: Vec<Row>,
    pub range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// How many cells are written there.
    pub written: usize,
    /// The source of the cells beyond the header's, which nobody gets to see.
    pub beyond: String,
    pub range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    pub words: Words,
    /// The source between the pipes without the blanks around it; empty, and where it would begin, for an empty cell.
    pub range: Range<usize>,
}

impl Cell {
    pub fn text(&self) -> &str {
        &self.words.text
    }
}

impl Row {
    /// What the row is called: its first cell.
    pub fn name(&self) -> &str {
        self.cells.first().map_or("", Cell::text)
    }

    /// What is equal for two rows exactly if they read the same in the columns that `counts` takes.
    pub(super) fn marked(&self, counts: impl Fn(usize) -> bool) -> String {
        let mut out = String::new();
        let cells = self.cells.iter().enumerate();
        for (_, cell) in cells.filter(|(column, _)| counts(*column)) {
            out.push_str("\0d");
            out.push_str(cell.words.marked());
            out.push_str(CLOSE);
        }
        if !self.beyond.is_empty() {
            out.push_str("\0b");
            out.push_str(&self.beyond);
            out.push_str(CLOSE);
        }
        out
    }
}

impl Table {
    /// The header's texts.
    pub fn titles(&self) -> impl Iterator<Item = &str> {
        self.header.iter().map(Cell::text)
    }

    pub fn column(&self, title: &str) -> Option<usize> {
        self.titles().position(|t| t == title)
    }

    pub(super) fn text(&self) -> String {
        let rows = self.rows.iter().map(|r| r.cells.as_slice());
        let lines: Vec<String> = std::iter::once(self.header.as_slice())
            .chain(rows)
            .map(|cells| cells.iter().map(Cell::text).collect::<Vec<_>>().join(" | "))
            .collect();
        lines.join("\n")
    }

    pub(super) fn marked(&self) -> String {
        let mut out = "\0t".to_owned();
        for cell in &self.header {
            out.push_str("\0d");
            out.push_str(cell.words.marked());
            out.push_str(CLOSE);
        }
        for row in &self.rows {
            out.push_str("\0r");
            out.push_str(&row.marked(|_| true));
            out.push_str(CLOSE);
        }
        out + CLOSE
    }
}

/// The cells that a line of a table has, `line` being its bytes without indentation and line end. A pipe behind a
/// backslash ends no cell, one in code does.
pub(super) fn cells(text: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let row = text[line.clone()].trim_end_matches(is_blank);
    let mut out = Vec::new();
    let mut start = usize::from(row.starts_with('|'));
    let bytes = row.as_bytes();
    for (at, _) in row.match_indices('|') {
        if at < start || (at > 0 && bytes[at - 1] == b'\\') {
            continue;
        }
        out.push(trimmed(row, start..at, line.start));
        start = at + 1;
    }
    if start < row.len() {
        out.push(trimmed(row, start..row.len(), line.start));
    }
    out
}

fn trimmed(row: &str, cell: Range<usize>, base: usize) -> Range<usize> {
    let inner = &row[cell.clone()];
    let text = inner.trim_matches(is_blank);
    let lead = match text.is_empty() {
        // Where a text would begin that is put there: behind the pipe and its blank.
        true => usize::from(inner.starts_with(' ')),
        false => inner.len() - inner.trim_start_matches(is_blank).len(),
    };
    let start = base + cell.start + lead;
    start..start + text.len()
}

/// The source of the cells from `first` on, as it stands.
pub(super) fn beyond(text: &str, cells: &[Range<usize>], first: usize) -> String {
    let more = cells.get(first..).unwrap_or_default();
    let texts: Vec<String> = more
        .iter()
        .map(|cell| normalized(&text[cell.clone()]))
        .collect();
    match more.is_empty() {
        true => String::new(),
        false => texts.join(" | "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Body, Odd};
    use super::*;

    fn sources(line: &str) -> Vec<&str> {
        cells(line, 0..line.len())
            .into_iter()
            .map(|r| &line[r])
            .collect()
    }

    #[test]
    fn a_line_is_cut_at_its_pipes() {
        assert_eq!(sources("| a |b | c|"), ["a", "b", "c"]);
        assert_eq!(sources("a | b"), ["a", "b"]);
        assert_eq!(sources("| a \\| b | `c\\|d` |  "), ["a \\| b", "`c\\|d`"]);
        assert_eq!(sources("|||"), ["", ""]);
        assert_eq!(cells("|  | x |", 0..8), [2..2, 5..6]);
    }

    const TABLE: &str = "## S\n\n| A | B | C |\n|---|:-:|--:|\n| x \\| y | `p\\|q` CR-001 | *ü* |\n| 1 |\n| 1 | 2 | 3 | 4 |\n||  | |\n";

    #[test]
    fn cells_have_their_text_and_their_place() {
        let body = Body::read(TABLE, 0);
        let table = body.tables(0).next().expect("a table");
        assert_eq!(table.titles().collect::<Vec<_>>(), ["A", "B", "C"]);
        let texts = |row: usize| {
            table.rows[row]
                .cells
                .iter()
                .map(Cell::text)
                .collect::<Vec<_>>()
        };
        let places = |row: usize| {
            let cells = table.rows[row].cells.iter();
            cells.map(|c| body.source(&c.range)).collect::<Vec<_>>()
        };
        assert_eq!(texts(0), ["x | y", "p|q CR-001", "ü"]);
        assert_eq!(places(0), ["x \\| y", "`p\\|q` CR-001", "*ü*"]);
        assert_eq!(
            (texts(1), places(1)),
            (vec!["1", "", ""], vec!["1", "", ""])
        );
        assert_eq!((texts(3), table.rows[3].written), (vec!["", "", ""], 3));
        assert_eq!(body.source(&body.mentions[0].range), "CR-001");
    }

    #[test]
    fn a_row_that_has_another_number_of_cells_is_odd() {
        let body = Body::read(TABLE, 0);
        let table = body.tables(0).next().expect("a table");
        assert_eq!(table.rows[2].beyond, "4");
        let odd: Vec<_> = body
            .oddities
            .iter()
            .map(|o| (&o.what, body.source(&o.range)))
            .collect();
        assert_eq!(
            odd,
            [
                (
                    &Odd::Row {
                        cells: 1,
                        columns: 3
                    },
                    "| 1 |"
                ),
                (
                    &Odd::Row {
                        cells: 4,
                        columns: 3
                    },
                    "| 1 | 2 | 3 | 4 |"
                ),
            ]
        );
    }

    #[test]
    fn alignment_is_no_difference_and_a_cell_is() {
        let read = |text: &str| {
            Body::read(text, 0).sections[0].blocks[0]
                .marked()
                .into_owned()
        };
        let plain = read("## S\n\n|A|B|\n|-|-|\n|1|2|\n");
        assert_eq!(
            plain,
            read("## S\n\n| A   |  B |\n|:----|---:|\n| 1   |  2 |\n")
        );
        assert_ne!(plain, read("## S\n\n|A|B|\n|-|-|\n|1 2||\n"));
        assert_ne!(plain, read("## S\n\n|A|B|\n|-|-|\n|1|2|3|\n"));
    }
}
