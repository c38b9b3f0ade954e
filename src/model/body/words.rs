//! The inline text of a paragraph, heading or cell in one piece, with the way back from each of its bytes to the
//! source. The tree's own positions are believed only where the source bears them out.

use std::collections::BTreeSet;
use std::ops::Range;

use comrak::nodes::{Node, NodeValue};

use super::aligned::{aligned, reads};
use super::lines::Lines;
use super::mention::Within;
use super::oddity::{self, Odd, Oddity};

/// Opens a token of markup in a marked text; no text holds it.
pub(super) const MARK: char = '\0';
/// Closes what the last open token opened.
pub(super) const CLOSE: &str = "\0/";

/// Text as it reads: blanks and line ends in a row are one blank, escapes and entities are resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    pub text: String,
    /// With markup, where there is any.
    marked: Option<String>,
}

impl Words {
    pub(super) fn new(text: String, marked: Option<String>) -> Words {
        let marked = marked.filter(|m| *m != text);
        Words { text, marked }
    }

    /// Equal for two texts exactly if they read the same, emphasis, link targets and HTML included.
    pub fn marked(&self) -> &str {
        self.marked.as_deref().unwrap_or(&self.text)
    }
}

/// A leaf of the block tree, read.
pub(super) struct Leaf<'a> {
    source: &'a str,
    extent: Range<usize>,
    pub(super) text: String,
    marked: Option<String>,
    pieces: Vec<Piece>,
    /// Up to where the source has been accounted for.
    cursor: usize,
}

/// A run of text from one place of the source.
pub(super) struct Piece {
    pub(super) at: usize,
    pub(super) source: Range<usize>,
    exact: bool,
    pub(super) within: Within,
}

impl<'a> Leaf<'a> {
    /// Reads the inlines below `node`, which has the bytes `extent`.
    pub(super) fn read(
        node: Node<'_>,
        lines: &Lines<'a>,
        extent: Range<usize>,
        quote: bool,
        odd: &mut Vec<Oddity>,
        spare: Vec<Piece>,
    ) -> Leaf<'a> {
        let mut leaf = Leaf {
            source: lines.text,
            text: String::with_capacity(extent.len()),
            marked: None,
            pieces: spare,
            cursor: extent.start,
            extent,
        };
        let (mut links, mut at) = (0usize, node.first_child());
        while let Some(inline) = at {
            let data = inline.data();
            let within = Within {
                quote,
                link: links > 0,
                ..Within::default()
            };
            match &data.value {
                NodeValue::Text(text) => leaf.prose(text, lines.range(data.sourcepos), within, odd),
                NodeValue::SoftBreak | NodeValue::LineBreak => leaf.blank(),
                NodeValue::Code(code) => {
                    leaf.code(&code.literal, lines.range(data.sourcepos), within)
                }
                NodeValue::HtmlInline(html) => leaf.html(html, lines.range(data.sourcepos), odd),
                NodeValue::Link(link) | NodeValue::Image(link) => {
                    links += 1;
                    let sort = if matches!(data.value, NodeValue::Link(_)) {
                        'a'
                    } else {
                        'i'
                    };
                    leaf.mark(&format!(
                        "\0{sort}{}\0|{}\0|",
                        unmarked(&link.url),
                        unmarked(&link.title)
                    ));
                }
                NodeValue::Strong => leaf.mark("\0s"),
                _ => leaf.mark("\0e"),
            }
            if let Some(child) = inline.first_child() {
                at = Some(child);
                continue;
            }
            let mut done = inline;
            at = loop {
                match &done.data().value {
                    NodeValue::Text(_) | NodeValue::SoftBreak | NodeValue::LineBreak => {}
                    NodeValue::Code(_) | NodeValue::HtmlInline(_) => {}
                    value => {
                        leaf.mark(CLOSE);
                        links -=
                            usize::from(matches!(value, NodeValue::Link(_) | NodeValue::Image(_)));
                    }
                }
                if let Some(next) = done.next_sibling() {
                    break Some(next);
                }
                match done.parent().filter(|parent| !std::ptr::eq(*parent, node)) {
                    Some(parent) => done = parent,
                    None => break None,
                }
            };
        }
        leaf.text.truncate(leaf.text.trim_end_matches(' ').len());
        leaf
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The text of a piece.
    pub(super) fn piece(&self, index: usize) -> &str {
        let end = self
            .pieces
            .get(index + 1)
            .map_or(self.text.len(), |next| next.at);
        self.text
            .get(self.pieces[index].at..end)
            .unwrap_or_default()
    }

    pub(super) fn piece_at(&self, at: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.at <= at);
        self.pieces.get(after.checked_sub(1)?)
    }

    /// Where a part of the text stands in the source.
    pub(super) fn place(&self, part: Range<usize>) -> Range<usize> {
        let start = self.reach(part.start, part.start);
        let end = self.reach(part.end.saturating_sub(1), part.end);
        start..end.max(start)
    }

    /// The source byte of `at`, reached through the piece that holds `inside`.
    fn reach(&self, inside: usize, at: usize) -> usize {
        let Some(piece) = self.piece_at(inside) else {
            return self.extent.start;
        };
        if piece.exact {
            return (piece.source.start + at - piece.at).min(piece.source.end);
        }
        match inside < at {
            true => piece.source.end,
            false => piece.source.start,
        }
    }

    /// What was read, and the room that it took.
    pub(super) fn words(self) -> (Words, Vec<Piece>) {
        let Leaf {
            text,
            mut marked,
            mut pieces,
            ..
        } = self;
        if let Some(marked) = &mut marked {
            marked.truncate(marked.trim_end_matches(' ').len());
        }
        pieces.clear();
        (Words::new(text, marked), pieces)
    }

    fn prose(&mut self, text: &str, hint: Range<usize>, within: Within, odd: &mut Vec<Oddity>) {
        let (mut source, exact) = self.locate(text, hint);
        if !exact {
            // The source is looked through as it stands; here an entity may have become what it does not show.
            let hidden: BTreeSet<char> = text.chars().filter(|c| oddity::is_hidden(*c)).collect();
            let shown = |c: &char| self.source[source.clone()].contains(*c);
            let hidden = hidden.into_iter().filter(|c| !shown(c));
            odd.extend(hidden.map(|c| Oddity::new(Odd::Invisible(c), source.clone())));
        }
        let mut text = text;
        if self.text.is_empty() || self.text.ends_with(' ') {
            let rest = text.trim_start_matches(is_blank);
            if exact {
                source.start += text.len() - rest.len();
            }
            text = rest;
        }
        let at = self.text.len();
        collapse(&mut self.text, text);
        if let Some(marked) = &mut self.marked {
            collapse(marked, text);
        }
        if exact && self.text.len() - at == text.len() {
            self.pieces.push(Piece {
                at,
                source,
                exact,
                within,
            });
            return;
        }
        let Some(runs) = aligned(&self.source[source.clone()], &self.text[at..]) else {
            self.pieces.push(Piece {
                at,
                source,
                exact: false,
                within,
            });
            return;
        };
        let pieces = runs.into_iter().map(|run| Piece {
            at: at + run.at,
            source: source.start + run.source.start..source.start + run.source.end,
            exact: run.exact,
            within,
        });
        self.pieces.extend(pieces);
    }

    fn blank(&mut self) {
        for text in [Some(&mut self.text), self.marked.as_mut()]
            .into_iter()
            .flatten()
        {
            if !text.ends_with(' ') && !text.is_empty() {
                text.push(' ');
            }
        }
    }

    fn code(&mut self, literal: &str, hint: Range<usize>, within: Within) {
        let literal = unmarked(literal);
        let hinted = hint.start >= self.cursor && self.source[hint.clone()].starts_with('`');
        // Few bytes: beyond them the place is only as good as the block's.
        let mut end = self.extent.end.min(self.cursor + 2 * literal.len() + 4096);
        while !self.source.is_char_boundary(end) {
            end -= 1;
        }
        let room = match hinted {
            true => hint,
            false => self.cursor..end.max(self.cursor),
        };
        let found = self.source[room.clone()].find(literal.as_str());
        let exact = found.is_some();
        let source = match found {
            Some(at) => room.start + at..room.start + at + literal.len(),
            None => room,
        };
        if exact || hinted {
            self.cursor = source.end;
        }
        self.mark("\0c");
        let at = self.text.len();
        self.text.push_str(&literal);
        if let Some(marked) = &mut self.marked {
            marked.push_str(&literal);
        }
        self.mark(CLOSE);
        let within = Within {
            code: true,
            ..within
        };
        self.pieces.push(Piece {
            at,
            source,
            exact,
            within,
        });
    }

    fn html(&mut self, html: &str, hint: Range<usize>, odd: &mut Vec<Oddity>) {
        let exact = hint.start >= self.cursor && self.source.get(hint.clone()) == Some(html);
        let rest = self.source.get(self.cursor..self.extent.end);
        let found = rest.filter(|_| !exact).and_then(|rest| rest.find(html));
        let source = match found {
            Some(at) => self.cursor + at..self.cursor + at + html.len(),
            None => hint,
        };
        self.cursor = self.cursor.max(source.end);
        oddity::html(html, source, odd);
        let mut flat = String::new();
        collapse(&mut flat, html);
        self.mark(&format!("\0h{flat}\0/"));
    }

    fn mark(&mut self, token: &str) {
        self.marked
            .get_or_insert_with(|| self.text.clone())
            .push_str(token);
    }

    /// Where a text stands in the source, and whether it stands there byte for byte.
    fn locate(&mut self, text: &str, hint: Range<usize>) -> (Range<usize>, bool) {
        if hint.start >= self.cursor && self.source.get(hint.clone()) == Some(text) {
            self.cursor = hint.end;
            return (hint, true);
        }
        let end = self.extent.end;
        let first = text.chars().next().unwrap_or(' ');
        let rest = self.source.get(self.cursor..end).unwrap_or_default();
        let cursor = self.cursor;
        let from =
            |c: char| c == first || c == '\\' || c == '&' || (is_blank(first) && is_blank(c));
        // Few tries: beyond them the place is only as good as the block's.
        let tries = rest.match_indices(from).map(|(at, _)| cursor + at).take(64);
        let hinted = Some(hint.start).filter(|at| *at >= cursor && *at < end);
        for start in hinted.into_iter().chain(tries) {
            let Some(read) = self.source.get(start..end).and_then(|s| reads(s, text)) else {
                continue;
            };
            self.cursor = start + read;
            let exact = self.source[start..start + read] == *text;
            return (start..start + read, exact);
        }
        (cursor.min(end)..end.max(cursor.min(end)), false)
    }
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Appends a text; blanks in a row become one, and what opens tokens is replaced.
pub(super) fn collapse(out: &mut String, text: &str) {
    let mut last = out.as_bytes().last().copied().unwrap_or(b' ');
    let plain = text.bytes().all(|byte| {
        let twice = byte == b' ' && last == b' ';
        last = byte;
        !twice && !matches!(byte, b'\t' | b'\n' | b'\r' | 0)
    });
    if plain {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        if !is_blank(c) {
            out.push(if c == MARK {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            });
        } else if !out.ends_with(' ') && !out.is_empty() {
            out.push(' ');
        }
    }
}

/// A text with blanks in a row as one, and none around it.
pub fn normalized(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    collapse(&mut out, text);
    out.truncate(out.trim_end_matches(' ').len());
    out
}

pub(super) fn unmarked(text: &str) -> String {
    text.replace(MARK, "\u{fffd}")
}
