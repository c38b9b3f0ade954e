//! The frozen part of a document: all of it but what `Openness` opens, taken from the tree as it was resolved for the
//! whole body, so that nothing in an open section can change unseen how a frozen one reads.
//! Source: model.md "Execution integrity".

use std::ops::Range;

use super::openness::{Openness, Rows};
use super::{Block, Body, Identity, Section, Table};

/// How much of a section is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    All,
    Heading,
    Nothing,
}

/// The frozen part of a body.
pub struct Frozen<'a> {
    pub(super) body: &'a Body,
    pub(super) parts: Vec<Part<'a>>,
    rows: Option<&'a Rows>,
}

/// What stands before the sections (without an identity), or a section.
pub(super) struct Part<'a> {
    pub(super) identity: Option<Identity>,
    pub(super) section: Option<&'a Section>,
    /// What is frozen of its text; nothing where it is open.
    pub(super) blocks: Vec<&'a Block>,
    pub(super) open: bool,
    /// Which of the blocks is the item table.
    pub(super) items: Option<usize>,
    pub(super) range: Range<usize>,
}

impl<'a> Frozen<'a> {
    pub fn of(body: &'a Body, open: &'a Openness) -> Frozen<'a> {
        let first = body.sections.first().map_or(body.end(), |s| s.range.start);
        let mut parts = vec![Part {
            identity: None,
            section: None,
            blocks: body.preamble.iter().collect(),
            open: false,
            items: None,
            range: body.start()..first,
        }];
        let items = open.rows.as_ref().and_then(|rows| rows.find(body));
        let mut extents: Vec<Extent> = Vec::with_capacity(body.sections.len());
        for (at, section) in body.sections.iter().enumerate() {
            let identity = body.identity(at);
            let above = section.parent.map_or(Extent::All, |parent| extents[parent]);
            let extent = match (open.sections.get(&identity), above) {
                (Some(true), _) => Extent::Heading,
                (None, Extent::Heading | Extent::Nothing) => Extent::Nothing,
                _ => Extent::All,
            };
            extents.push(extent);
            let blocks = match extent {
                Extent::Nothing => continue,
                Extent::Heading => Vec::new(),
                Extent::All => section.blocks.iter().collect(),
            };
            parts.push(Part {
                identity: Some(identity),
                section: Some(section),
                open: extent == Extent::Heading,
                items: items
                    .filter(|(s, _)| *s == at && extent == Extent::All)
                    .map(|(_, block)| block),
                blocks,
                range: section.range.clone(),
            });
        }
        Frozen {
            body,
            parts,
            rows: open.rows.as_ref(),
        }
    }

    /// Whether two parts say the same; their trees are compared, not their source.
    pub fn is_same(&self, other: &Frozen<'_>) -> bool {
        let title = |f: &Frozen<'_>| {
            f.body
                .title
                .as_ref()
                .map(|t| (t.words.marked().to_owned(), f.title_place()))
        };
        let mut pairs = self.parts.iter().zip(&other.parts);
        title(self) == title(other)
            && self.parts.len() == other.parts.len()
            && pairs.all(|(a, b)| self.same_part(a, b))
    }

    /// How many blocks stand before the title.
    pub(super) fn title_place(&self) -> usize {
        let title = self.body.title.as_ref().map_or(0, |t| t.range.start);
        self.body
            .preamble
            .iter()
            .filter(|b| b.range.start < title)
            .count()
    }

    pub(super) fn same_part(&self, a: &Part<'_>, b: &Part<'_>) -> bool {
        let heading = |part: &Part<'_>| {
            part.section
                .map(|s| (s.heading.level, s.heading.words.marked().to_owned()))
        };
        a.identity == b.identity
            && heading(a) == heading(b)
            && a.blocks.len() == b.blocks.len()
            && a.items == b.items
            && a.blocks
                .iter()
                .zip(&b.blocks)
                .enumerate()
                .all(|(at, (x, y))| match a.items == Some(at) {
                    true => x
                        .table()
                        .zip(y.table())
                        .is_some_and(|(x, y)| self.same_items(x, y)),
                    false => same_block(x, y),
                })
    }

    /// Whether the rows of an item table are still there in what is frozen of them, further ones aside.
    fn same_items(&self, before: &Table, after: &Table) -> bool {
        let static_cells = |table: &Table, count: usize| {
            let rows = table.rows.iter().take(count);
            rows.map(|r| r.marked(|column| !self.is_open(column)))
                .collect::<Vec<_>>()
        };
        let count = before.rows.len();
        before
            .header
            .iter()
            .map(|c| c.words.marked())
            .eq(after.header.iter().map(|c| c.words.marked()))
            && after.rows.len() >= count
            && static_cells(before, count) == static_cells(after, count)
    }

    /// Whether a column of the item table is open.
    pub(super) fn is_open(&self, column: usize) -> bool {
        self.rows.is_some_and(|rows| rows.is_open(column))
    }
}

pub(super) fn same_block(a: &Block, b: &Block) -> bool {
    a.content.is_like(&b.content) && a.marked() == b.marked()
}

#[cfg(test)]
mod tests;
