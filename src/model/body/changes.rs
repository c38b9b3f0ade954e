//! Finds what differs between two frozen parts. That something does, `Frozen::permits` decides; nothing here can make
//! it equal.

use std::collections::BTreeSet;
use std::ops::Range;

use super::altered::{Altered, What};
use super::frozen::{Frozen, Part, new_reach, same_block, same_heading};
use super::pairs::Pairs;
use super::{Block, Cell, Heading, Row, Table};

/// What became of the frozen part, in order of place. Empty exactly if both say the same.
pub fn changes(before: &Frozen<'_>, after: &Frozen<'_>) -> Vec<Altered> {
    if before.permits(after) {
        return Vec::new();
    }
    let mut found = Found {
        before,
        after,
        out: Vec::new(),
        section: String::new(),
    };
    found.title();
    found.parts();
    found.out.sort_by_key(|a| a.range.start);
    if found.out.is_empty() {
        // Closed by default: they differ, in a way that has no name.
        let at = after.body.start();
        found.add(What::Words, None, None, at..at);
    }
    found.out
}

struct Found<'a> {
    before: &'a Frozen<'a>,
    after: &'a Frozen<'a>,
    out: Vec<Altered>,
    section: String,
}

impl Found<'_> {
    fn add(
        &mut self,
        what: What,
        before: Option<String>,
        after: Option<String>,
        range: Range<usize>,
    ) {
        let section = self.section.clone();
        self.out.push(Altered {
            section,
            what,
            before,
            after,
            range,
        });
    }

    fn title(&mut self) {
        let (old, new) = (&self.before.body.title, &self.after.body.title);
        let place = self.before.title_place() == self.after.title_place();
        if place && same_heading(old.as_ref(), new.as_ref()) {
            return;
        }
        let start = self.after.body.start();
        let range = new.as_ref().map_or(start..start, |t| t.range.clone());
        let text = |t: &Option<Heading>| t.as_ref().map(|t| t.words.text.clone());
        self.section = shown(&self.after.parts[0]);
        self.add(What::Title, text(old), text(new), range);
    }

    fn parts(&mut self) {
        let (from, to) = (&self.before.parts, &self.after.parts);
        let keys =
            |parts: &[Part<'_>]| parts.iter().map(|p| p.identity.clone()).collect::<Vec<_>>();
        let (old, new) = (keys(from), keys(to));
        // A heading in the place of another that has its level or its title was changed.
        let level = |part: &Part<'_>| part.section.map(|s| s.heading.level);
        let title = |part: &Part<'_>| part.section.map(|s| s.title.clone());
        let pairs = Pairs::of(&old, &new, |a, b| {
            level(&from[a]) == level(&to[b]) || title(&from[a]) == title(&to[b])
        });
        for (a, b) in pairs.kept.iter().chain(&pairs.moved) {
            self.part(&from[*a], &to[*b]);
        }
        for (a, b) in &pairs.moved {
            self.section = shown(&to[*b]);
            self.add(
                What::HeadingMoved,
                Some(shown(&from[*a])),
                Some(shown(&to[*b])),
                heading(&to[*b]),
            );
        }
        for (a, place) in &pairs.gone {
            let at = to
                .get(*place)
                .map_or(self.after.body.end(), |p| p.range.start);
            self.section = shown(&from[*a]);
            self.add(What::HeadingGone, Some(shown(&from[*a])), None, at..at);
        }
        for b in &pairs.new {
            self.section = shown(&to[*b]);
            self.add(
                What::HeadingAdded,
                None,
                Some(shown(&to[*b])),
                heading(&to[*b]),
            );
        }
    }

    fn part(&mut self, old: &Part<'_>, new: &Part<'_>) {
        if self.before.same_part(old, new) {
            return;
        }
        self.section = shown(new);
        if let Some((a, b)) = old.section.zip(new.section) {
            let (from, to) = (&a.heading, &b.heading);
            // Of two with one name, or below another, the heading itself may be as it was.
            if !same_heading(Some(from), Some(to)) {
                let same = from.words.text == to.words.text;
                let said = |f: &Frozen<'_>, h: &Heading| match same {
                    true => f.body.source(&h.range).trim_end().to_owned(),
                    false => h.words.text.clone(),
                };
                let sides = (said(self.before, from), said(self.after, to));
                let range = to.range.clone();
                self.add(What::HeadingChanged, Some(sides.0), Some(sides.1), range);
            }
        }
        for (name, range) in new_reach(old, new) {
            let source = self.after.body.source(range).to_owned();
            self.add(What::Html(name.clone()), None, Some(source), range.clone());
        }
        if old.open != new.open {
            // With the heading the rule changed; the text that comes under another says nothing more.
            return;
        }
        let keys = |part: &Part<'_>| {
            let key = |(at, block): (usize, &&Block)| match part.items == Some(at) {
                true => "\0items".to_owned(),
                false => format!(
                    "{:?} {}",
                    std::mem::discriminant(&block.content),
                    block.marked()
                ),
            };
            part.blocks.iter().enumerate().map(key).collect::<Vec<_>>()
        };
        let (from, to) = (&old.blocks, &new.blocks);
        let pairs = Pairs::of(&keys(old), &keys(new), |a, b| {
            from[a].content.is_like(&to[b].content)
        });
        for (a, b) in pairs.kept.iter().chain(&pairs.moved) {
            self.block(from[*a], to[*b], old.items == Some(*a));
        }
        for (_, b) in &pairs.moved {
            self.add(
                What::BlockMoved,
                None,
                Some(said(to[*b], self.after)),
                to[*b].range.clone(),
            );
        }
        for (a, place) in &pairs.gone {
            let at = to.get(*place).map_or(new.range.end, |b| b.range.start);
            self.add(
                What::BlockGone,
                Some(said(from[*a], self.before)),
                None,
                at..at,
            );
        }
        for b in &pairs.new {
            self.add(
                What::BlockAdded,
                None,
                Some(said(to[*b], self.after)),
                to[*b].range.clone(),
            );
        }
    }

    fn block(&mut self, old: &Block, new: &Block, items: bool) {
        if let (Some(old), Some(new)) = (old.table(), new.table()) {
            return self.table(old, new, items);
        }
        if same_block(old, new) {
            return;
        }
        let (from, to) = (old.text().into_owned(), new.text().into_owned());
        match from == to {
            true => {
                let source =
                    |f: &Frozen<'_>, b: &Block| f.body.source(&b.range).trim_end().to_owned();
                let (from, to) = (source(self.before, old), source(self.after, new));
                self.add(What::Markup, Some(from), Some(to), new.range.clone());
            }
            false => self.add(What::Words, Some(from), Some(to), new.range.clone()),
        }
    }

    fn table(&mut self, old: &Table, new: &Table, items: bool) {
        for at in 0..old.header.len().max(new.header.len()) {
            let (a, b) = (old.header.get(at), new.header.get(at));
            let end = new.header.last().map_or(new.range.start, |c| c.range.end);
            if a.map(|c| c.words.marked()) != b.map(|c| c.words.marked()) {
                let range = b.map_or(end..end, |c| c.range.clone());
                self.add(
                    What::Header(at),
                    a.map(shown_cell),
                    b.map(shown_cell),
                    range,
                );
            }
        }
        let frozen = self.before;
        let counts = |column: usize| !(items && frozen.is_open(column));
        let keys = |table: &Table| {
            table
                .rows
                .iter()
                .map(|r| r.marked(counts))
                .collect::<Vec<_>>()
        };
        let (from, to) = (keys(old), keys(new));
        if items && to.len() >= from.len() && to[..from.len()] == from[..] {
            return;
        }
        let names = |table: &Table| {
            table
                .rows
                .iter()
                .map(|r| r.name().to_owned())
                .collect::<BTreeSet<_>>()
        };
        let (had, has) = (names(old), names(new));
        let pairs = Pairs::of(&from, &to, |a, b| {
            let (a, b) = (old.rows[a].name(), new.rows[b].name());
            a == b || (!has.contains(a) && !had.contains(b))
        });
        for (a, b) in &pairs.kept {
            self.row(&old.rows[*a], &new.rows[*b], new, counts);
        }
        for (_, b) in &pairs.moved {
            let row = &new.rows[*b];
            self.add(
                What::RowMoved(row.name().to_owned()),
                None,
                Some(row_text(row)),
                row.range.clone(),
            );
        }
        for (a, place) in &pairs.gone {
            let row = &old.rows[*a];
            let at = new
                .rows
                .get(*place)
                .map_or(new.range.end, |r| r.range.start);
            self.add(
                What::RowGone(row.name().to_owned()),
                Some(row_text(row)),
                None,
                at..at,
            );
        }
        let last = pairs.kept.iter().map(|(_, b)| *b).max();
        let appended = |b: usize| items && last.is_none_or(|last| b > last);
        for b in pairs.new.iter().filter(|b| !appended(**b)) {
            let row = &new.rows[*b];
            self.add(
                What::RowAdded(row.name().to_owned()),
                None,
                Some(row_text(row)),
                row.range.clone(),
            );
        }
    }

    fn row(&mut self, old: &Row, new: &Row, table: &Table, counts: impl Fn(usize) -> bool) {
        for (at, (a, b)) in old.cells.iter().zip(&new.cells).enumerate() {
            if counts(at) && a.words.marked() != b.words.marked() {
                let column = table
                    .header
                    .get(at)
                    .map_or_else(|| (at + 1).to_string(), shown_cell);
                let what = What::Cell {
                    row: old.name().to_owned(),
                    column,
                };
                let (from, to) = match a.text() == b.text() {
                    true => (
                        self.before.body.source(&a.range).to_owned(),
                        self.after.body.source(&b.range).to_owned(),
                    ),
                    false => (a.text().to_owned(), b.text().to_owned()),
                };
                self.add(what, Some(from), Some(to), b.range.clone());
            }
        }
        if old.beyond != new.beyond {
            let what = What::Cell {
                row: old.name().to_owned(),
                column: (old.cells.len() + 1).to_string(),
            };
            self.add(
                what,
                Some(old.beyond.clone()),
                Some(new.beyond.clone()),
                new.range.clone(),
            );
        }
    }
}

fn shown(part: &Part<'_>) -> String {
    part.section.map_or("preamble", |s| s.shown()).to_owned()
}

fn heading(part: &Part<'_>) -> Range<usize> {
    part.section
        .map_or(part.range.clone(), |s| s.heading.range.clone())
}

fn shown_cell(cell: &Cell) -> String {
    cell.text().to_owned()
}

fn row_text(row: &Row) -> String {
    row.cells
        .iter()
        .map(Cell::text)
        .collect::<Vec<_>>()
        .join(" | ")
}

/// What a block says: its text, or its source where it has none.
fn said(block: &Block, of: &Frozen<'_>) -> String {
    match block.text() {
        text if text.is_empty() => of.body.source(&block.range).trim_end().to_owned(),
        text => text.into_owned(),
    }
}

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod tests;
