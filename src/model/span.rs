//! A place inside a text, and what is wrong there. Parsers return flaws; checks turn them into findings.

/// A place in a text: 1-based line, 1-based column in characters, and how many characters to underline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub line: usize,
    pub column: usize,
    pub len: usize,
    /// The whole line, so that a finding can show it without the file at hand.
    pub text: String,
}

impl Span {
    /// The span of `len` bytes from `start` within `text`, cut at the end of its line.
    pub fn of(text: &str, start: usize, len: usize) -> Span {
        let mut start = start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |i| start + i);
        let mut end = (start + len).min(line_end);
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Span {
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            len: text[start..end].chars().count().max(1),
            text: text[line_start..line_end].trim_end_matches('\r').to_owned(),
        }
    }

    /// The first place from byte `from` on where `what` is written as a word of its own, full-line comments aside.
    pub fn word(text: &str, from: usize, what: &str) -> Option<Span> {
        let part = |c: char| c.is_alphanumeric() || "_-./*".contains(c);
        let ends = |at: usize| {
            let (before, after) = (&text[..at], &text[at + what.len()..]);
            let line = &before[before.rfind('\n').map_or(0, |i| i + 1)..];
            let apart = !before.ends_with(part) || !what.starts_with(part);
            let done = !after.starts_with(part) || !what.ends_with(part);
            apart && done && !line.trim_start().starts_with('#')
        };
        let mut found = text.match_indices(what).map(|(at, _)| at);
        let at = found.find(|at| *at >= from && ends(*at))?;
        Some(Span::of(text, at, what.len()))
    }

    /// A line by its number (1-based), where its text is not at hand: no column of it is meant.
    pub fn whole(line: usize) -> Span {
        Span {
            line,
            column: 1,
            len: 0,
            text: String::new(),
        }
    }

    /// The whole of line number `line` (1-based), without its indentation.
    pub fn line(text: &str, line: usize) -> Span {
        let mut start = 0;
        for _ in 1..line {
            start = text[start..]
                .find('\n')
                .map_or(text.len(), |i| start + i + 1);
        }
        let rest = &text[start..];
        let end = rest.find('\n').unwrap_or(rest.len());
        let indent = rest[..end].len() - rest[..end].trim_start().len();
        Span::of(text, start + indent, rest[..end].trim().len())
    }
}

/// What a parser found wrong: a message in the house style (lower case, no period) and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub message: String,
    pub span: Option<Span>,
}

impl Flaw {
    pub fn new(message: impl Into<String>) -> Flaw {
        Flaw {
            message: message.into(),
            span: None,
        }
    }

    pub fn at(message: impl Into<String>, span: Span) -> Flaw {
        Flaw {
            message: message.into(),
            span: Some(span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_counts_characters_and_stays_in_its_line() {
        let text = "eins\nzwölf: drei\n";
        let span = Span::of(text, 5, 6);
        assert_eq!(
            (span.line, span.column, span.len, span.text.as_str()),
            (2, 1, 5, "zwölf: drei")
        );
        let inside = Span::of(text, 8, 1);
        assert_eq!((inside.column, inside.len), (3, 1));
        assert_eq!(Span::of(text, 13, 900).len, 4);
        assert_eq!(Span::of("", 7, 1).line, 1);
    }

    #[test]
    fn a_word_is_found_where_it_stands_alone() {
        let text = "# who: me\nwhole: [me]\nme: me\n";
        let place = |from, what| Span::word(text, from, what).map(|s| (s.line, s.column));
        assert_eq!(place(0, "me"), Some((2, 9)));
        assert_eq!(place(20, "me:"), Some((3, 1)));
        assert_eq!(place(23, "me"), Some((3, 5)));
        assert_eq!(place(0, "who"), None);
    }

    #[test]
    fn a_line_leaves_its_indentation_out() {
        let span = Span::line("a\n  bc\n", 2);
        assert_eq!((span.line, span.column, span.len), (2, 3, 2));
    }
}
