//! The frozen part of a document: all of it but what `Openness` opens, taken from the tree as it was resolved for the
//! whole body, so that nothing in an open section can change unseen how a frozen one reads.
//! Source: model.md "Execution integrity".

use std::ops::Range;

use super::openness::{Openness, Rows};
use super::reach::reaching;
use super::{Block, Body, Heading, Identity, Placeholder, Row, Section, Table};

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
    /// The HTML tags in what is open of it that reach beyond it.
    pub(super) reach: Vec<(String, Range<usize>)>,
}

impl Part<'_> {
    pub(super) fn heading(&self) -> Option<&Heading> {
        self.section.map(|s| &s.heading)
    }
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
            reach: Vec::new(),
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
                reach: Vec::new(),
            });
        }
        let starts: Vec<usize> = parts.iter().map(|p| p.range.start).collect();
        for (at, part) in parts
            .iter_mut()
            .enumerate()
            .filter(|(_, p)| p.open || p.items.is_some())
        {
            let end = starts.get(at + 1).copied().unwrap_or(body.end());
            part.reach = reaching(body, &(part.range.start..end));
        }
        Frozen {
            body,
            parts,
            rows: open.rows.as_ref(),
        }
    }

    /// Whether `after`, taken with the same openness, still says what this one does. The trees are compared, not their
    /// source; the same source has the same tree.
    pub fn permits(&self, after: &Frozen<'_>) -> bool {
        if self.body.text() == after.body.text() {
            return true;
        }
        let mut pairs = self.parts.iter().zip(&after.parts);
        let titles = (&self.body.title, &after.body.title);
        same_heading(titles.0.as_ref(), titles.1.as_ref())
            && self.title_place() == after.title_place()
            && self.parts.len() == after.parts.len()
            && pairs.all(|(a, b)| self.same_part(a, b))
    }

    /// The placeholders in what is frozen.
    pub fn placeholders(&self) -> Vec<&'a Placeholder> {
        let heads = self.parts.iter().filter_map(Part::heading);
        let heads = heads.chain(&self.body.title).map(|h| h.range.clone());
        let texts = self.parts.iter().flat_map(|part| {
            let blocks = part.blocks.iter().enumerate();
            blocks.flat_map(|(at, block)| self.frozen_of(block, part.items == Some(at)))
        });
        let all = heads.chain(texts);
        all.flat_map(|range| self.body.placeholders_in(&range))
            .collect()
    }

    /// What of a block is frozen: all, or the cells of an item table that are.
    fn frozen_of(&self, block: &Block, is_items: bool) -> Vec<Range<usize>> {
        let Some(table) = block.table().filter(|_| is_items) else {
            return vec![block.range.clone()];
        };
        let frozen = |row: &Row| {
            let cells = row.cells.iter().enumerate();
            let cells = cells.filter(|(column, _)| !self.is_open(*column));
            cells
                .map(|(_, cell)| cell.range.clone())
                .collect::<Vec<_>>()
        };
        table.rows.iter().flat_map(frozen).collect()
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
        a.identity == b.identity
            && same_heading(a.heading(), b.heading())
            && new_reach(a, b).next().is_none()
            && a.blocks.len() == b.blocks.len()
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
            && static_cells(before, count) == static_cells(after, count)
    }

    /// Whether a column of the item table is open.
    pub(super) fn is_open(&self, column: usize) -> bool {
        self.rows.is_some_and(|rows| rows.is_open(column))
    }
}

pub(super) fn same_heading(a: Option<&Heading>, b: Option<&Heading>) -> bool {
    let said = |h: &Heading| (h.level, h.words.marked().to_owned());
    a.map(said) == b.map(said)
}

/// The tags that reach beyond what is open, and did not before.
pub(super) fn new_reach<'p>(
    a: &'p Part<'_>,
    b: &'p Part<'_>,
) -> impl Iterator<Item = &'p (String, Range<usize>)> {
    let mut known: Vec<&str> = a.reach.iter().map(|(name, _)| name.as_str()).collect();
    b.reach.iter().filter(
        move |(name, _)| match known.iter().position(|k| k == name) {
            Some(at) => {
                known.swap_remove(at);
                false
            }
            None => true,
        },
    )
}

pub(super) fn same_block(a: &Block, b: &Block) -> bool {
    a.content.is_like(&b.content) && a.marked() == b.marked()
}

#[cfg(test)]
mod tests;
