//! The rows of a document's item table, cell by cell as the form calls them. Source: lifecycle.md "Gates".

use super::super::kind::Id;
use super::form::{Items, Role};
use super::mention::{self, What};
use super::{Body, Cell, Form, Row, placeholder};

/// A row that is carried out.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    pub row: &'a Row,
    items: &'a Items,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Pass,
    Fail,
    /// A test step after one that failed.
    NotRun,
}

impl Outcome {
    const ALL: [(Outcome, &'static str); 3] = [
        (Outcome::Pass, "Pass"),
        (Outcome::Fail, "Fail"),
        (Outcome::NotRun, "Not run"),
    ];

    /// Exactly as it is written in a cell.
    pub fn parse(text: &str) -> Option<Outcome> {
        let found = Outcome::ALL.iter().find(|(_, name)| *name == text);
        found.map(|(outcome, _)| *outcome)
    }

    /// As a cell has it.
    pub fn as_str(self) -> &'static str {
        let found = Outcome::ALL.iter().find(|(outcome, _)| *outcome == self);
        found.map_or("", |(_, name)| name)
    }
}

impl<'a> Item<'a> {
    pub fn id(&self) -> &'a str {
        self.row.name()
    }

    /// The cell of a role, where the form has such a column.
    pub fn cell(&self, role: Role) -> Option<&'a Cell> {
        self.row.cells.get(self.items.column(role)?)
    }

    /// What a cell says; none where it is empty, still a placeholder, or not there.
    pub fn said(&self, role: Role) -> Option<&'a str> {
        let column = self.items.column(role)?;
        let left = &self.items.columns[column].placeholder;
        let cell = self.row.cells.get(column)?;
        // A house may leave `[Pass/Fail]` there, which is none by itself.
        said(cell).filter(|said| !role.is_open() || said != left)
    }

    pub fn outcome(&self) -> Option<Outcome> {
        self.said(Role::Outcome).and_then(Outcome::parse)
    }

    /// Whether a verification record is asked for.
    pub fn wants_record(&self) -> bool {
        self.said(Role::Vr)
            .is_some_and(|vr| vr.eq_ignore_ascii_case("yes"))
    }

    /// Its cells with what their columns are for.
    pub fn cells(&self) -> impl Iterator<Item = (Role, &'a str, &'a Cell)> {
        let columns = self.items.columns.iter().zip(&self.row.cells);
        columns.map(|(column, cell)| (column.role, column.title.as_str(), cell))
    }
}

/// What the words of an evidence cell refer to: documents, commits, tests as `path::name`, and paths, which without
/// backticks have a dot in their last part. Other words are for people. `source`: the cell as it is written.
pub fn references(source: &str) -> Vec<(What, &str)> {
    let mut out = Vec::new();
    for (at, piece) in source.split('`').enumerate() {
        let is_code = at % 2 == 1;
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"');
        let words = piece
            .split(ends)
            .map(|w| w.trim_end_matches(['.', ':', '!', '?']));
        out.extend(words.filter_map(|word| Some((reference(word, is_code)?, word))));
    }
    out
}

fn reference(word: &str, is_code: bool) -> Option<What> {
    if let Some(id) = Id::parse(word) {
        return Some(What::Document(id));
    }
    if mention::is_commit(word) {
        return Some(What::Commit);
    }
    if word.contains("://") {
        return None;
    }
    if word.contains("::") {
        return Some(What::Test);
    }
    let (_, name) = word.rsplit_once('/')?;
    (is_code || name.contains('.')).then_some(What::Path)
}

/// What a cell says beyond a placeholder.
fn said(cell: &Cell) -> Option<&str> {
    let text = cell.text();
    (!text.is_empty() && !placeholder::is_execution(text)).then_some(text)
}

impl Form {
    /// The items of a document, in order.
    pub fn rows<'a>(&'a self, body: &'a Body) -> Vec<Item<'a>> {
        let (Some(items), Some(table)) = (&self.items, self.items(body)) else {
            return Vec::new();
        };
        table.rows.iter().map(|row| Item { row, items }).collect()
    }
}
