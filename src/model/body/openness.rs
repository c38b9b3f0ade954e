//! What of a document may change while it is carried out. A form says it, or a policy in a form's place.
//! Source: model.md "Execution integrity".

use std::collections::BTreeMap;

use super::{Body, Identity, Table};

/// What of a document may change during execution. The default opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Openness {
    /// The sections that are spoken of, and which of them are open: the whole text, subsections that are not spoken of
    /// included, but not the heading. Any other section is as the one that it is a part of; at the top it is frozen.
    pub sections: BTreeMap<Identity, bool>,
    pub rows: Option<Rows>,
}

/// The table that grows during execution: rows may be added at its end, and the open cells of others may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    pub section: Identity,
    /// The titles that the table's columns begin with, and which of these are open. Further columns are not.
    pub columns: Vec<(String, bool)>,
}

impl Rows {
    /// Where the table is: the section, and which of its blocks.
    pub fn find(&self, body: &Body) -> Option<(usize, usize)> {
        let section = body.find(&self.section)?;
        let mut blocks = body.sections[section].blocks.iter();
        let block = blocks.position(|b| b.table().is_some_and(|t| self.fits(t)))?;
        Some((section, block))
    }

    fn fits(&self, table: &Table) -> bool {
        let titles = self.columns.iter().map(|(title, _)| title.as_str());
        table.header.len() >= self.columns.len() && table.titles().zip(titles).all(|(a, b)| a == b)
    }

    /// Whether a column is open.
    pub fn is_open(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|(_, open)| *open)
    }
}
