//! Rows as aligned columns that fit a width. Width is what a terminal shows: two cells for a wide character, none for
//! a combining one.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::text::shown;
use crate::model::workflow::Status;

const GAP: usize = 2;

/// What is left of a column at least, however narrow the terminal.
const LEAST: usize = 8;

/// How rows are laid out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Layout {
    /// The cells of a line; none where nothing is clipped.
    pub width: Option<usize>,
    /// The column that gives way where lines do not fit.
    pub flexible: usize,
    /// The column whose statuses are coloured.
    pub statuses: Option<usize>,
}

/// Rows with columns as wide as their widest cell.
pub fn columns(rows: &[Vec<String>]) -> String {
    lay_out(rows, Layout::default())
}

pub(super) fn lay_out<S: AsRef<str>>(rows: &[Vec<S>], layout: Layout) -> String {
    let mut all = Rows::default();
    for row in rows {
        all.push(row.iter().map(|cell| Cow::Borrowed(cell.as_ref())));
    }
    all.lay_out(layout)
}

/// The cells of rows, one after another.
#[derive(Default)]
pub(super) struct Rows<'c> {
    cells: Vec<Cow<'c, str>>,
    /// Where each row ends.
    ends: Vec<usize>,
}

impl<'c> Rows<'c> {
    pub(super) fn push(&mut self, row: impl IntoIterator<Item = Cow<'c, str>>) {
        let printable = |cell| match cell {
            Cow::Borrowed(cell) => shown(cell),
            Cow::Owned(cell) => Cow::Owned(shown(&cell).into_owned()),
        };
        self.cells.extend(row.into_iter().map(printable));
        self.ends.push(self.cells.len());
    }

    fn rows(&self) -> impl Iterator<Item = &[Cow<'c, str>]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts
            .zip(&self.ends)
            .map(|(from, to)| &self.cells[*from..*to])
    }

    pub(super) fn lay_out(mut self, layout: Layout) -> String {
        let mut widths = widths(self.rows());
        if let Some(most) = room(&widths, layout) {
            widths[layout.flexible] = most;
            let mut from = 0;
            for to in &self.ends {
                if let Some(cell) = self.cells[from..*to].get_mut(layout.flexible) {
                    *cell = Cow::Owned(clip(cell, most));
                }
                from = *to;
            }
        }
        laid_out(self.rows(), &widths, layout)
    }
}

fn laid_out<'r, 'c: 'r>(
    rows: impl Iterator<Item = &'r [Cow<'c, str>]>,
    widths: &[usize],
    layout: Layout,
) -> String {
    let mut out = String::new();
    for row in rows {
        let start = out.len();
        let mut blank = 0;
        for (number, (cell, width)) in row.iter().zip(widths).enumerate() {
            if cell.is_empty() {
                blank += width + GAP;
                continue;
            }
            out.extend(std::iter::repeat_n(' ', blank));
            let is_status = layout.statuses == Some(number);
            match is_status.then(|| colour(cell)).flatten() {
                Some(code) => out.push_str(&format!("{code}{cell}\x1b[0m")),
                None => out.push_str(cell),
            }
            blank = width.saturating_sub(cells(cell)) + GAP;
        }
        out.truncate(start + out[start..].trim_end().len());
        out.push('\n');
    }
    out
}

/// The cells of a printable text.
fn cells(text: &str) -> usize {
    match text.is_ascii() {
        true => text.len(),
        false => text.width(),
    }
}

fn widths<'r, 'c: 'r>(rows: impl Iterator<Item = &'r [Cow<'c, str>]>) -> Vec<usize> {
    let mut widths = Vec::new();
    for (number, cell) in rows.flat_map(|row| row.iter().enumerate()) {
        if widths.len() <= number {
            widths.resize(number + 1, 0);
        }
        widths[number] = cells(cell).max(widths[number]);
    }
    widths
}

/// What is left for the flexible column, where it has to give way.
fn room(widths: &[usize], layout: Layout) -> Option<usize> {
    let flexible = *widths.get(layout.flexible)?;
    let all = widths.iter().sum::<usize>() + GAP * (widths.len() - 1);
    let over = all.checked_sub(layout.width?).filter(|over| *over > 0)?;
    let left = flexible.saturating_sub(over).max(LEAST);
    Some(left).filter(|left| *left < flexible)
}

fn clip(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used < most
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// The colour of a status: what has ended is dim, what is in use green, what waits for somebody yellow.
pub(super) fn colour(text: &str) -> Option<&'static str> {
    let status = Status::parse(text)?;
    match status {
        _ if status.is_final() => Some("\x1b[2m"),
        _ if status.is_open_round() => Some("\x1b[33m"),
        Status::InExecution | Status::Effective => Some("\x1b[32m"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        let row = |r: &&[&str]| r.iter().map(|c| (*c).to_owned()).collect();
        rows.iter().map(row).collect()
    }

    fn fitted(width: usize, flexible: usize) -> Layout {
        Layout {
            width: Some(width),
            flexible,
            statuses: None,
        }
    }

    #[test]
    fn a_long_title_gives_way_and_nothing_else() {
        let rows = rows(&[
            &["ID", "TITLE", "COMMAND"],
            &[
                "CR-001",
                "Change how the server starts",
                "qms approve CR-001",
            ],
            &["SOP-001", "変更管理の手順について", "qms review SOP-001"],
            &["CR-002", "Résume\u{301} of it all, in short", ""],
        ]);
        insta::assert_snapshot!(lay_out(&rows, fitted(46, 1)), @r"
        ID       TITLE              COMMAND
        CR-001   Change how the s…  qms approve CR-001
        SOP-001  変更管理の手順に…  qms review SOP-001
        CR-002   Résumé of it all…
        ");
    }

    #[test]
    fn where_it_fits_or_goes_to_a_pipe_nothing_is_clipped() {
        let rows = rows(&[&["a", "bb"], &["ccc", &"d".repeat(200)]]);
        assert!(columns(&rows).contains(&"d".repeat(200)));
        assert_eq!(lay_out(&rows, fitted(205, 1)), columns(&rows));
        assert!(lay_out(&rows, fitted(204, 1)).ends_with("d…\n"));
    }

    #[test]
    fn colours_take_no_room() {
        let rows = rows(&[
            &["CR-001", "IN_EXECUTION", "a"],
            &["CR-002", "CLOSED", "b"],
            &["CR-003", "IN_REVIEW", "CLOSED"],
        ]);
        let layout = Layout {
            statuses: Some(1),
            ..Layout::default()
        };
        let text = lay_out(&rows, layout);
        assert_eq!(
            anstream::adapter::strip_str(&text).to_string(),
            columns(&rows)
        );
        assert_eq!(text.matches("\x1b[0m").count(), 3, "{text:?}");
    }

    proptest::proptest! {
        #[test]
        fn lines_fit_whatever_stands_in_them(
            titles in proptest::collection::vec("[a-z 変é\u{301}]{0,60}", 1..8),
            width in 20usize..100,
        ) {
            let rows: Vec<Vec<String>> =
                titles.iter().map(|t| vec!["CR-001".into(), t.clone()]).collect();
            let text = lay_out(&rows, fitted(width, 1));
            proptest::prop_assert!(text.lines().all(|l| l.width() <= width), "{text}");
        }
    }
}
