//! Lines of a text as markdown counts them (LF, CRLF or CR ends one), and its positions as byte ranges.

use std::ops::Range;

use comrak::nodes::{LineColumn, Sourcepos};

pub(super) struct Lines<'a> {
    pub(super) text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of `text` from byte `start` on.
    pub(super) fn new(text: &'a str, start: usize) -> Lines<'a> {
        let bytes = text.as_bytes();
        let mut starts = vec![start];
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        Lines { text, starts }
    }

    /// The bytes of each line, its line end included.
    pub(super) fn each(&self) -> impl Iterator<Item = &'a [u8]> {
        let text = self.text.as_bytes();
        let ends = self.starts.iter().skip(1).copied().chain([text.len()]);
        self.starts
            .iter()
            .zip(ends)
            .map(move |(start, end)| &text[*start..end])
    }

    /// The byte of a position, never one inside a character.
    pub(super) fn at(&self, place: LineColumn) -> usize {
        let line = self.starts.get(place.line.saturating_sub(1));
        let start = line.copied().unwrap_or(self.text.len());
        self.floor(start + place.column.saturating_sub(1))
    }

    /// The bytes of a node; the last column is a part of it.
    pub(super) fn range(&self, node: Sourcepos) -> Range<usize> {
        let start = self.at(node.start);
        let mut end = self.at(node.end) + usize::from(node.end.column > 0);
        while end < self.text.len() && !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end.clamp(start, self.text.len())
    }

    /// Where the line that a byte is in ends, its line end left out.
    pub(super) fn end(&self, at: usize) -> usize {
        let after = self.starts.partition_point(|start| *start <= at);
        let end = self.starts.get(after).copied().unwrap_or(self.text.len());
        at + self.text[at..end].trim_end_matches(['\n', '\r']).len()
    }

    fn floor(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_counts_once() {
        let lines = Lines::new("x\na\r\nb\rc\n", 2);
        assert_eq!(lines.starts, [2, 5, 7, 9]);
        assert_eq!(lines.at((3, 1).into()), 7);
        assert_eq!(lines.end(2), 3);
    }

    #[test]
    fn a_position_is_never_inside_a_character() {
        let lines = Lines::new("äö", 0);
        assert_eq!(lines.at((1, 2).into()), 0);
        assert_eq!(lines.range((1, 1, 1, 3).into()), 0..4);
        assert_eq!(lines.range((7, 1, 1, 0).into()), 4..4);
    }
}
