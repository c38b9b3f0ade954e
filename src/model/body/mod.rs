//! A document's body as a syntax tree: sections, tables, placeholders, mentions and what is odd, each with its place
//! in the file. Read once, without I/O; what the tree means is for `form`, `frozen` and the checks.
//! Source: model.md "Execution integrity", lifecycle.md "Gates".

pub(in crate::model) use read::options;
use std::borrow::Cow;
use std::ops::Range;

use super::span::Span;

pub mod adjusted;
mod aligned;
pub mod altered;
pub mod bounds;
mod changes;
mod definition;
pub mod fill;
pub mod form;
pub mod frozen;
pub mod item;
mod lines;
pub mod mention;
mod number;
pub mod oddity;
pub mod openness;
mod pairs;
pub mod placeholder;
mod reach;
mod read;
mod table;
mod words;
mod written;

#[cfg(test)]
mod grown;

pub use altered::Altered;
pub use bounds::DEPTH;
pub use changes::changes;
pub use form::Form;
pub use frozen::Frozen;
pub use item::{Item, Outcome};
pub use mention::{Mention, Within};
pub(super) use number::numbered;
pub use oddity::{Odd, Oddity};
pub use openness::Openness;
pub use pairs::{Tag, words};
pub use placeholder::Placeholder;
pub use table::{Cell, Row, Table};
pub use words::{Words, normalized};

/// A body, in the order of the file. Every range is in bytes of the whole file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body {
    source: String,
    start: usize,
    /// The first heading, if it is of level 1 and no section comes before it. It opens no section.
    pub title: Option<Heading>,
    /// What stands before the first section, the title aside.
    pub preamble: Vec<Block>,
    /// Every other heading that stands neither in a quotation nor in a list opens one.
    pub sections: Vec<Section>,
    pub placeholders: Vec<Placeholder>,
    pub mentions: Vec<Mention>,
    pub oddities: Vec<Oddity>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub words: Words,
    pub level: u8,
    pub range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What leads the heading: `1.`, `5.2`, `A.1`.
    pub number: Option<String>,
    /// The rest of the heading, as plain text.
    pub title: String,
    pub heading: Heading,
    /// From the heading to the next heading of any level.
    pub range: Range<usize>,
    /// The section that this one is a part of.
    pub parent: Option<usize>,
    /// How many earlier sections have the same title path.
    nth: usize,
    pub blocks: Vec<Block>,
}

/// What makes a section the same in two texts: its titles from the top, without numbers, and which it is of those
/// that have the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    pub path: Vec<String>,
    pub nth: usize,
}

/// A piece of a section: what stands at the top of the tree, with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub range: Range<usize>,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Paragraph(Words),
    /// With the entries' text a line each.
    List(Words),
    Quote(Words),
    Code(Words),
    Html(Words),
    Table(Table),
    /// A link reference definition: it is read, and never seen.
    Definition(Words),
    Rule,
}

impl Section {
    /// The heading as people read it: `5.2 Scope`.
    pub fn shown(&self) -> &str {
        &self.heading.words.text
    }
}

impl Block {
    /// The plain text; of a table its cells, a line a row.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.content {
            Content::Table(table) => table.text().into(),
            Content::Rule => "".into(),
            content => content.words().map_or("", |w| w.text.as_str()).into(),
        }
    }

    /// What is equal for two blocks exactly if they read the same: the resolved tree, written down.
    pub fn marked(&self) -> Cow<'_, str> {
        match &self.content {
            Content::Table(table) => table.marked().into(),
            content => content.words().map_or("", Words::marked).into(),
        }
    }

    pub fn table(&self) -> Option<&Table> {
        match &self.content {
            Content::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Whether it says something to a reader: neither a comment, a rule, a definition nor a table without a filled cell.
    pub fn has_content(&self) -> bool {
        match &self.content {
            Content::Rule | Content::Definition(_) => false,
            Content::Html(words) => !oddity::only_comments(&words.text),
            Content::Table(table) => table
                .rows
                .iter()
                .any(|r| r.cells.iter().any(|c| !c.words.marked().is_empty())),
            content => content.words().is_some_and(|w| !w.marked().is_empty()),
        }
    }
}

impl Content {
    fn words(&self) -> Option<&Words> {
        match self {
            Content::Paragraph(w) | Content::List(w) | Content::Quote(w) => Some(w),
            Content::Code(w) | Content::Html(w) | Content::Definition(w) => Some(w),
            Content::Table(_) | Content::Rule => None,
        }
    }

    /// Whether two blocks are of one sort, whatever they hold.
    pub fn is_like(&self, other: &Content) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Body {
    /// Reads the body of a file from byte `start` on. Any text has one; what makes it a bad one is in `oddities`.
    pub fn read(document_text: &str, start: usize) -> Body {
        read::read(document_text, start)
    }

    /// A piece of the file.
    pub fn source(&self, range: &Range<usize>) -> &str {
        self.source.get(range.clone()).unwrap_or_default()
    }

    /// The body as it is written.
    pub fn text(&self) -> &str {
        &self.source[self.start..]
    }

    /// Where the body begins in the file.
    pub fn start(&self) -> usize {
        self.start
    }

    pub fn end(&self) -> usize {
        self.source.len()
    }

    pub fn span(&self, range: &Range<usize>) -> Span {
        Span::of(&self.source, range.start, range.len())
    }

    /// The section that a place is in; none before the first.
    pub fn section_at(&self, at: usize) -> Option<usize> {
        let after = self.sections.partition_point(|s| s.range.start <= at);
        after.checked_sub(1)
    }

    pub fn identity(&self, section: usize) -> Identity {
        let mut path = Vec::new();
        let mut at = Some(section);
        while let Some(section) = at.and_then(|at| self.sections.get(at)) {
            path.push(section.title.clone());
            at = section.parent;
        }
        path.reverse();
        let nth = self.sections.get(section).map_or(0, |s| s.nth);
        Identity { path, nth }
    }

    pub fn find(&self, identity: &Identity) -> Option<usize> {
        (0..self.sections.len())
            .find(|at| self.sections[*at].nth == identity.nth && self.has_path(*at, &identity.path))
    }

    fn has_path(&self, section: usize, path: &[String]) -> bool {
        let mut at = Some(section);
        for title in path.iter().rev() {
            let Some(section) = at.map(|at| &self.sections[at]) else {
                return false;
            };
            if section.title != *title {
                return false;
            }
            at = section.parent;
        }
        at.is_none()
    }

    /// The tables of a section.
    pub fn tables(&self, section: usize) -> impl Iterator<Item = &Table> {
        self.sections[section]
            .blocks
            .iter()
            .filter_map(Block::table)
    }

    /// The rows of all tables in sections.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        let sections = 0..self.sections.len();
        sections
            .flat_map(|section| self.tables(section))
            .flat_map(|table| &table.rows)
    }

    pub fn placeholders_in(&self, range: &Range<usize>) -> &[Placeholder] {
        within(&self.placeholders, range, |p| p.range.start)
    }

    pub fn mentions_in(&self, range: &Range<usize>) -> &[Mention] {
        within(&self.mentions, range, |m| m.range.start)
    }

    pub fn oddities_in(&self, range: &Range<usize>) -> &[Oddity] {
        within(&self.oddities, range, |o| o.range.start)
    }
}

impl Mention {
    /// The document that it names, if it names one.
    pub fn document(&self) -> Option<&super::kind::Id> {
        match &self.what {
            mention::What::Document(id) => Some(id),
            _ => None,
        }
    }
}

/// Of a list in order of place, what begins in a range.
fn within<'a, T>(list: &'a [T], range: &Range<usize>, start: impl Fn(&T) -> usize) -> &'a [T] {
    let from = list.partition_point(|item| start(item) < range.start);
    let to = list.partition_point(|item| start(item) < range.end);
    &list[from..to.max(from)]
}
