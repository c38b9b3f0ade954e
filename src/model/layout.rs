//! Where the parts of a document's file are: front matter, managed block, body. Source: model.md "A document".

use std::ops::Range;

use super::document::LIMIT;
use super::front::Front;
use super::span::{Flaw, Span};
use super::state::State;
use super::yaml;

/// The line before and after the front matter.
pub(super) const FENCE: &str = "---\n";

/// Where the parts of a file are, before anything in them is read.
pub(super) struct Layout<'a> {
    text: &'a str,
    pub(super) front_matter: Range<usize>,
    pub(super) block: Option<Range<usize>>,
    pub(super) body: usize,
}

impl<'a> Layout<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Layout<'a>, Flaw> {
        if bytes.len() > LIMIT {
            return Err(Flaw::new(format!(
                "the document is {} bytes, more than the {LIMIT} that are read",
                bytes.len()
            )));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|e| Flaw::new(format!("byte {} is not UTF-8", e.valid_up_to())))?;
        if text.contains('\0') {
            return Err(Flaw::new("the document holds a NUL character"));
        }
        let Some(rest) = text.strip_prefix(FENCE) else {
            return Err(Flaw::at(
                "expected front matter: a first line `---`, ended by LF",
                Span::line(text, 1),
            ));
        };
        let head = &rest[..rest.len().min(yaml::LIMIT)];
        let close = if head.starts_with(FENCE) {
            Some(0)
        } else {
            head.find("\n---\n").map(|i| i + 1)
        };
        let Some(len) = close else {
            let limit = yaml::LIMIT;
            return Err(Flaw::new(format!(
                "the front matter has no closing line `---` within {limit} bytes"
            )));
        };
        let front_matter = 4..4 + len;
        if let Some(at) = text[front_matter.clone()].find('\r') {
            return Err(Flaw::at(
                "a carriage return in the front matter, expected LF",
                Span::of(text, 4 + at, 1),
            ));
        }
        let block = find_block(text, front_matter.clone())?;
        Ok(Layout {
            text,
            block,
            body: front_matter.end + 4,
            front_matter,
        })
    }

    /// The author's lines, before the block and after it.
    pub(super) fn authors(&self, block: &Range<usize>) -> [&[u8]; 2] {
        let bytes = self.text.as_bytes();
        let Range { start, end } = self.front_matter;
        [&bytes[start..block.start], &bytes[block.end..end]]
    }

    pub(super) fn state(&self, block: Range<usize>) -> Result<State, Flaw> {
        State::parse(&self.text[block.clone()]).map_err(|mut flaw| {
            flaw.span
                .get_or_insert_with(|| Span::of(self.text, block.start, 3));
            flaw
        })
    }

    /// The author's keys, with spans that count lines of the file.
    pub(super) fn front(&self) -> Result<Front, Flaw> {
        let block = self
            .block
            .clone()
            .unwrap_or(self.front_matter.end..self.front_matter.end);
        // The block becomes comments, so that what follows keeps its line numbers; empty lines would belong to a value
        // above them that keeps its line ends.
        let hole = "#\n".repeat(self.text[block.clone()].matches('\n').count());
        let yaml = format!(
            "\n{}{hole}{}",
            &self.text[4..block.start],
            &self.text[block.end..self.front_matter.end]
        );
        Front::parse(&yaml)
    }
}

/// The lines from `qms:` to the next line that does not begin with a space.
fn find_block(text: &str, front_matter: Range<usize>) -> Result<Option<Range<usize>>, Flaw> {
    let mut found: Option<Range<usize>> = None;
    let mut at = front_matter.start;
    let mut open = false;
    for line in text[front_matter].split_inclusive('\n') {
        let end = at + line.len();
        if line.starts_with("qms:")
            || line.trim_end() == "qms:"
            || line.starts_with("qms :")
            || line.starts_with("\"qms\"")
        {
            if found.is_some() {
                return Err(Flaw::at(
                    "a second managed block",
                    Span::of(text, at, line.trim_end().len()),
                ));
            }
            found = Some(at..end);
            open = true;
        } else if open && line.starts_with(' ') {
            found = found.map(|block| block.start..end);
        } else {
            open = false;
        }
        at = end;
    }
    Ok(found)
}
