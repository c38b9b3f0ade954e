//! A text as it reads, laid beside the source that it was read from: escapes and entities are resolved there, blanks
//! and line ends alike.

use std::ops::Range;

use super::words::{MARK, is_blank};

/// How many bytes of `source` read as `text`: escapes and entities resolved, blanks and line ends alike.
pub(super) fn reads(source: &str, text: &str) -> Option<usize> {
    let mut at = 0;
    for c in text.chars() {
        at += step(&source[at..], c)?;
    }
    Some(at)
}

/// A part of a text, and the part of the source that reads as it.
pub(super) struct Run {
    pub(super) at: usize,
    pub(super) source: Range<usize>,
    pub(super) exact: bool,
}

/// The runs of a text that stand in the source byte for byte, and each character that does not.
pub(super) fn aligned(source: &str, text: &str) -> Option<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut from = match text.starts_with(is_blank) {
        true => 0,
        false => source.len() - source.trim_start_matches(is_blank).len(),
    };
    for (at, c) in text.char_indices() {
        let end = from + step(&source[from..], c)?;
        let exact = source[from..].starts_with(c) && end - from == c.len_utf8();
        match runs.last_mut().filter(|run| run.exact && exact) {
            Some(run) => run.source.end = end,
            None => runs.push(Run {
                at,
                source: from..end,
                exact,
            }),
        }
        from = end;
    }
    Some(runs)
}

/// How many bytes at the beginning of `source` read as one character.
fn step(source: &str, c: char) -> Option<usize> {
    let first = source.chars().next()?;
    if c.is_ascii_punctuation() && first == '\\' && source[1..].starts_with(c) {
        return Some(1 + c.len_utf8());
    }
    if let Some(len) = (first == '&').then(|| entity(source)).flatten() {
        return Some(len);
    }
    if is_blank(c) && is_blank(first) {
        return Some(source.len() - source.trim_start_matches(is_blank).len());
    }
    let same = first == c || (first == MARK && c == char::REPLACEMENT_CHARACTER);
    same.then_some(first.len_utf8())
}

/// The length of an entity that a text begins with.
fn entity(text: &str) -> Option<usize> {
    let name = text.bytes().skip(1).take(40);
    let end = name
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'#')
        .count()
        + 1;
    (end > 1 && text.as_bytes().get(end) == Some(&b';')).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_reads_as_its_text() {
        for (source, text, len) in [
            ("a\\*b &amp; c", "a*b & c", Some(12)),
            ("a\n   b", "a b", Some(6)),
            ("a \\| b", "a | b", Some(6)),
            ("&x y", "&x", Some(2)),
            ("ab", "ac", None),
            ("a", "ab", None),
        ] {
            assert_eq!(reads(source, text), len, "{source}");
        }
    }

    #[test]
    fn what_stands_there_byte_for_byte_is_one_run() {
        let runs = aligned("ab\\*c&lt;d", "ab*c<d").expect("they fit");
        let shown: Vec<_> = runs
            .iter()
            .map(|r| (r.at, r.source.clone(), r.exact))
            .collect();
        assert_eq!(
            shown,
            [
                (0, 0..2, true),
                (2, 2..4, false),
                (3, 4..5, true),
                (4, 5..9, false),
                (5, 9..10, true)
            ]
        );
    }
}
