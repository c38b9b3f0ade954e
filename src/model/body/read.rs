//! From text to `Body`: one pass over the parser's tree, without recursion, in time that grows with the text alone.

use std::cell::Cell as Counter;
use std::collections::HashMap;
use std::ops::Range;

use comrak::nodes::{ListType, Node, NodeValue};
use comrak::options::Extension;
use comrak::{Arena, Options, try_parse_document};

use super::bounds::{DEPTH, budget, is_entangled};
use super::lines::Lines;
use super::number::numbered;
use super::oddity::{self, Odd, Oddity};
use super::table::{self, Cell, Row, Table};
use super::words::{CLOSE, Leaf, Piece, Words, normalized, unmarked};
use super::written::Written;
use super::{Block, Body, Content, Heading, Section, definition, mention};

/// The Markdown of documents, wherever it is read: CommonMark with tables.
pub(in crate::model) fn options() -> Options<'static> {
    Options {
        extension: Extension {
            table: true,
            ..Extension::default()
        },
        ..Options::default()
    }
}

pub(super) fn read(text: &str, start: usize) -> Body {
    let mut start = start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let body = Body {
        source: text.to_owned(),
        start,
        ..Body::default()
    };
    let lines = Lines::new(text, start);
    let options = options();
    let arena = Arena::new();
    let reports = Counter::new(0);
    let too_much = || {
        reports.set(reports.get() + 1);
        reports.get() > budget(text.len() - start)
    };
    let mut reader = Reader {
        lines: &lines,
        body,
        odd: Vec::new(),
        covered: start,
        titles: HashMap::new(),
        spare: Vec::new(),
    };
    let parsed = match is_entangled(&lines) {
        true => None,
        false => try_parse_document(&arena, &text[start..], &options, &too_much).ok(),
    };
    match parsed {
        Some(root) => {
            for node in root.children() {
                reader.top(node);
            }
            reader.uncovered(text.len());
        }
        None => reader.unread(),
    }
    reader.finish()
}

struct Reader<'a> {
    lines: &'a Lines<'a>,
    body: Body,
    odd: Vec<Oddity>,
    /// Up to where leaves of the tree account for the source.
    covered: usize,
    titles: HashMap<Vec<String>, usize>,
    /// Room for the next leaf's pieces.
    spare: Vec<Piece>,
}

impl<'a> Reader<'a> {
    fn top(&mut self, node: Node<'_>) {
        let range = self.lines.range(node.data().sourcepos);
        let data = node.data();
        let content = match &data.value {
            NodeValue::Heading(heading) => return self.heading(node, heading.level, range),
            NodeValue::Paragraph => Content::Paragraph(self.leaf(node, false)),
            NodeValue::Table(_) => Content::Table(self.table(node, false)),
            NodeValue::ThematicBreak => {
                self.uncovered(range.start);
                self.covered = range.end;
                Content::Rule
            }
            NodeValue::CodeBlock(_) => Content::Code(self.written(node)),
            NodeValue::HtmlBlock(_) => Content::Html(self.written(node)),
            NodeValue::List(_) => Content::List(self.written(node)),
            _ => Content::Quote(self.written(node)),
        };
        self.push(Block { range, content });
    }

    fn push(&mut self, block: Block) {
        match self.body.sections.last_mut() {
            Some(section) => section.blocks.push(block),
            None => self.body.preamble.push(block),
        }
    }

    fn heading(&mut self, node: Node<'_>, level: u8, range: Range<usize>) {
        self.uncovered(range.start);
        let sections = self.body.sections.len();
        let is_title = level == 1 && sections == 0 && self.body.title.is_none();
        if !is_title {
            // Opened first, so that what the heading mentions is in its own section.
            self.body.sections.push(Section {
                number: None,
                title: String::new(),
                heading: Heading {
                    words: Words::default(),
                    level,
                    range: range.clone(),
                },
                range: range.start..self.lines.text.len(),
                parent: None,
                nth: 0,
                blocks: Vec::new(),
            });
        }
        let words = self.leaf(node, false);
        if is_title {
            self.body.title = Some(Heading {
                words,
                level,
                range,
            });
            return;
        }
        let mut parent = sections.checked_sub(1);
        while let Some(above) = parent.filter(|p| self.body.sections[*p].heading.level >= level) {
            parent = self.body.sections[above].parent;
        }
        let (number, title) = numbered(&words.text);
        if let Some(previous) = sections.checked_sub(1) {
            self.body.sections[previous].range.end = range.start;
        }
        let section = &mut self.body.sections[sections];
        (section.number, section.title) = (number.map(str::to_owned), title.to_owned());
        (section.heading.words, section.parent) = (words, parent);
        let seen = self
            .titles
            .entry(self.body.identity(sections).path)
            .or_default();
        self.body.sections[sections].nth = *seen;
        *seen += 1;
    }

    /// Reads a paragraph, heading or cell; definitions before it become blocks of their own.
    fn leaf(&mut self, node: Node<'_>, quote: bool) -> Words {
        let mut range = self.lines.range(node.data().sourcepos);
        self.uncovered(range.start);
        while let Some(len) = definition::leading(&self.lines.text[range.clone()])
            && len < range.len()
        {
            self.definition(range.start..range.start + len);
            range.start += len;
        }
        self.covered = self.covered.max(range.end);
        self.words(node, range, quote)
    }

    fn words(&mut self, node: Node<'_>, range: Range<usize>, quote: bool) -> Words {
        let spare = std::mem::take(&mut self.spare);
        let leaf = Leaf::read(node, self.lines, range, quote, &mut self.odd, spare);
        let section = self.body.sections.len().checked_sub(1);
        let body = &mut self.body;
        mention::collect(&leaf, section, &mut body.mentions, &mut body.placeholders);
        let (words, spare) = leaf.words();
        self.spare = spare;
        words
    }

    /// What no leaf accounts for up to a byte: markers of lists and quotations, blank lines, or definitions.
    fn uncovered(&mut self, to: usize) {
        let gap = self.lines.text.get(self.covered..to).unwrap_or_default();
        let mut at = 0;
        while let Some(open) = gap[at..].find('[').map(|open| at + open) {
            let len = definition::leading(&gap[open..]);
            let end = len.map_or(gap.len(), |len| open + len);
            self.definition(self.covered + open..self.covered + end);
            at = end;
        }
        self.covered = self.covered.max(to);
    }

    fn definition(&mut self, range: Range<usize>) {
        let source = &self.lines.text[range.clone()];
        let range = range.start..range.start + source.trim_end().len();
        let text = normalized(source);
        self.odd
            .push(Oddity::new(Odd::Definition(text.clone()), range.clone()));
        self.push(Block {
            range,
            content: Content::Definition(Words::new(text, None)),
        });
    }

    fn table(&mut self, node: Node<'_>, quote: bool) -> Table {
        let range = self.lines.range(node.data().sourcepos);
        self.uncovered(range.start);
        let mut table = Table {
            range: range.clone(),
            ..Table::default()
        };
        for (index, row) in node.children().enumerate() {
            let row = self.row(row, table.header.len(), quote);
            match index {
                0 => table.header = row.cells,
                _ => table.rows.push(row),
            }
        }
        self.covered = self.covered.max(range.end);
        table
    }

    fn row(&mut self, node: Node<'_>, columns: usize, quote: bool) -> Row {
        let start = self.lines.at(node.data().sourcepos.start);
        let range = start..self.lines.end(start).max(start);
        let written = table::cells(self.lines.text, range.clone());
        let end = range.start + self.lines.text[range.clone()].trim_end().len();
        let mut cells = Vec::with_capacity(columns);
        for (index, cell) in node.children().enumerate() {
            let range = written.get(index).cloned().unwrap_or(end..end);
            let words = match cell.first_child() {
                Some(_) => self.words(cell, range.clone(), quote),
                None => Words::default(),
            };
            cells.push(Cell { words, range });
        }
        let columns = if columns == 0 { cells.len() } else { columns };
        if written.len() != columns {
            let what = Odd::Row {
                cells: written.len(),
                columns,
            };
            self.odd.push(Oddity::new(what, range.start..end));
        }
        let beyond = table::beyond(self.lines.text, &written, columns);
        Row {
            cells,
            written: written.len(),
            beyond,
            range: range.start..end,
        }
    }

    /// A block with all that is in it.
    fn written(&mut self, top: Node<'_>) -> Words {
        let mut out = Written::default();
        let (mut at, mut depth, mut quotes) = (top, 0usize, 0usize);
        loop {
            let data = at.data();
            let range = self.lines.range(data.sourcepos);
            let goes_in = depth < DEPTH && at.first_child().is_some();
            match &data.value {
                NodeValue::List(list) if goes_in => match list.list_type {
                    ListType::Ordered => out.marked.push_str(&format!("\0o{}\0|", list.start)),
                    ListType::Bullet => out.marked.push_str("\0u"),
                },
                NodeValue::BlockQuote if goes_in => {
                    quotes += 1;
                    out.marked.push_str("\0q");
                }
                NodeValue::Item(_) if goes_in => out.marked.push_str("\0i"),
                NodeValue::Paragraph | NodeValue::Heading(_) => {
                    if let NodeValue::Heading(heading) = &data.value {
                        out.marked.push_str(&format!("\0n{}", heading.level));
                    }
                    let words = self.leaf(at, quotes > 0);
                    out.leaf('p', &words);
                }
                NodeValue::Table(_) => {
                    let table = self.table(at, quotes > 0);
                    out.text.push_str(&table.text());
                    out.text.push('\n');
                    out.marked.push_str(&table.marked());
                }
                value => self.raw(value, range, goes_in, &mut out),
            }
            let leaf = matches!(
                &data.value,
                NodeValue::Paragraph | NodeValue::Heading(_) | NodeValue::Table(_)
            );
            if let Some(child) = at.first_child().filter(|_| goes_in && !leaf) {
                depth += 1;
                at = child;
                continue;
            }
            loop {
                if std::ptr::eq(at, top) {
                    out.text.truncate(out.text.trim_end_matches('\n').len());
                    return Words::new(out.text, Some(out.marked));
                }
                if let Some(next) = at.next_sibling() {
                    at = next;
                    break;
                }
                at = at.parent().unwrap_or(top);
                depth = depth.saturating_sub(1);
                out.marked.push_str(CLOSE);
                quotes -= usize::from(matches!(at.data().value, NodeValue::BlockQuote));
            }
        }
    }

    /// What holds no inlines: code, HTML, a rule, an empty list, and what is nested too deep to look into.
    fn raw(&mut self, value: &NodeValue, range: Range<usize>, goes_in: bool, out: &mut Written) {
        self.uncovered(range.start);
        match value {
            NodeValue::CodeBlock(code) => {
                out.marked
                    .push_str(&format!("\0x{}\0|", unmarked(code.info.trim())));
                for line in code.literal.lines() {
                    out.text
                        .push_str(&unmarked(line.trim_end_matches([' ', '\t', '\r'])));
                    out.text.push('\n');
                    out.marked
                        .push_str(&unmarked(line.trim_end_matches([' ', '\t', '\r'])));
                    out.marked.push('\n');
                }
                out.marked.push_str(CLOSE);
            }
            NodeValue::HtmlBlock(html) => {
                oddity::html(
                    &self.lines.text[range.clone()],
                    range.clone(),
                    &mut self.odd,
                );
                let text = normalized(&html.literal);
                out.leaf('h', &Words::new(text, None));
            }
            NodeValue::ThematicBreak => out.marked.push_str("\0-"),
            _ if goes_in => return,
            NodeValue::BlockQuote | NodeValue::List(_) | NodeValue::Item(_) => {
                let source = self.lines.text[range.clone()].to_owned();
                if source
                    .trim_matches(|c: char| c.is_whitespace() || "->*+.)0123456789".contains(c))
                    .is_empty()
                {
                    out.leaf(
                        'z',
                        &Words::new(normalized(source.trim_matches(['-', '*', '+'])), None),
                    );
                } else {
                    self.odd.push(Oddity::new(Odd::Deep, range.clone()));
                    out.leaf('y', &Words::new(normalized(&source), None));
                }
            }
            _ => {}
        }
        self.covered = self.covered.max(range.end);
    }

    fn unread(&mut self) {
        let range = self.body.start..self.lines.text.len();
        let text = unmarked(&self.lines.text[range.clone()]);
        self.odd.push(Oddity::new(Odd::Unread, range.clone()));
        self.push(Block {
            range,
            content: Content::Paragraph(Words::new(text, None)),
        });
    }

    fn finish(self) -> Body {
        let Reader {
            mut body, mut odd, ..
        } = self;
        oddity::invisible(&body.source, body.start, &mut odd);
        odd.sort_by_key(|o| (o.range.start, o.range.end));
        for oddity in &mut odd {
            oddity.section = body.section_at(oddity.range.start);
        }
        body.oddities = odd;
        body.mentions.sort_by_key(|m| m.range.start);
        body.placeholders.sort_by_key(|p| p.range.start);
        body
    }
}

#[cfg(test)]
mod tests;
