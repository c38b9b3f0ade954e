//! What differs between two frozen parts, said so that a person sees it: which section, which row and cell, what it was
//! and what it is.

use std::fmt;
use std::ops::Range;

/// A change of a frozen part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    /// The section's heading, number included; `preamble` before the first.
    pub section: String,
    pub what: What,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Where it is in the new text; where it should stand, if it is gone.
    pub range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Words,
    /// The words are the same; emphasis, a link's target, code or HTML is not. Both sides are source.
    Markup,
    BlockAdded,
    BlockGone,
    BlockMoved,
    Title,
    HeadingChanged,
    HeadingAdded,
    HeadingGone,
    HeadingMoved,
    /// A tag in what is open that bears on what comes behind it.
    Html(String),
    /// A cell of a table's header, with the number of its column.
    Header(usize),
    /// The rows are told by their first cells.
    RowAdded(String),
    RowGone(String),
    RowMoved(String),
    Cell {
        row: String,
        column: String,
    },
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Words => f.write_str("words changed"),
            What::Markup => f.write_str("markup changed"),
            What::BlockAdded => f.write_str("text added"),
            What::BlockGone => f.write_str("text gone"),
            What::BlockMoved => f.write_str("text moved"),
            What::Title => f.write_str("title changed"),
            What::HeadingChanged => f.write_str("heading changed"),
            What::HeadingAdded => f.write_str("heading added"),
            What::HeadingGone => f.write_str("heading gone"),
            What::HeadingMoved => f.write_str("heading moved"),
            What::Html(tag) => write!(f, "`<{tag}>` reaches beyond what is open"),
            What::Header(column) => write!(f, "header of column {} changed", column + 1),
            What::RowAdded(row) => write!(f, "row `{row}` added"),
            What::RowGone(row) => write!(f, "row `{row}` gone"),
            What::RowMoved(row) => write!(f, "row `{row}` moved"),
            What::Cell { row, column } => write!(f, "`{column}` of row `{row}` changed"),
        }
    }
}
