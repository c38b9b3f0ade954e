//! What a text names that can be looked up: document ids; commits (7 to 64 lower-case hex digits with a digit and a
//! letter among them, or a full id); and, where a whole code span is one, paths and tests. Code blocks, HTML and link
//! targets are not searched: what stands there is shown, not claimed.

use std::ops::Range;

use super::super::kind::{Id, Kind};
use super::placeholder::{self, Placeholder};
use super::words::Leaf;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub what: What,
    pub text: String,
    pub range: Range<usize>,
    pub section: Option<usize>,
    pub within: Within,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Document(Id),
    Commit,
    /// `a/b.rs`: parts with a slash between, the last with a dot, a capital or nothing in it.
    Path,
    /// `tests/x.py::test_name`, `module::test`
    Test,
}

/// What a word stands in. In none of these it is used, else it is only mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Within {
    pub code: bool,
    /// A block quote.
    pub quote: bool,
    /// Quotation marks.
    pub quotation: bool,
    pub link: bool,
}

impl Within {
    pub fn is_use(self) -> bool {
        self == Within::default()
    }
}

/// Collects from a leaf what it names and what it leaves open.
pub(super) fn collect(
    leaf: &Leaf<'_>,
    section: Option<usize>,
    mentions: &mut Vec<Mention>,
    open: &mut Vec<Placeholder>,
) {
    let mut found: Vec<(What, Range<usize>)> = Vec::new();
    let brackets = words(&leaf.text, &mut found);
    for (index, piece) in leaf
        .pieces()
        .iter()
        .enumerate()
        .filter(|(_, p)| p.within.code)
    {
        let span = leaf.piece(index);
        if let Some((what, len)) = in_code(span) {
            found.push((what, piece.at..piece.at + len));
        }
    }
    let left = match brackets {
        true => placeholder::find(&leaf.text),
        false => Vec::new(),
    };
    if found.is_empty() && left.is_empty() {
        return;
    }
    found.sort_by_key(|(_, range)| (range.start, range.end));
    let quotations = quotations(leaf);
    let within = |at: usize| Within {
        quotation: quotations
            .get(quotations.partition_point(|q| q.end <= at))
            .is_some_and(|q| q.start <= at),
        ..leaf.piece_at(at).map(|p| p.within).unwrap_or_default()
    };
    for (what, range) in found {
        mentions.push(Mention {
            what,
            text: leaf.text[range.clone()].to_owned(),
            within: within(range.start),
            range: leaf.place(range),
            section,
        });
    }
    for (phase, range) in left {
        if within(range.start).is_use() {
            let text = leaf.text[range.clone()].to_owned();
            open.push(Placeholder {
                phase,
                text,
                range: leaf.place(range),
                section,
            });
        }
    }
}

/// A letter, digit or underscore.
const WORD: u8 = 1;
/// A digit or dash: no id and no commit is without one.
const TELLS: u8 = 2;

/// What each byte is to a word; 0 ends it.
const CLASSES: [u8; 256] = {
    let mut out = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        out[byte] = match byte as u8 {
            b'0'..=b'9' => WORD | TELLS,
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => WORD,
            b'-' => TELLS,
            _ => 0,
        };
        byte += 1;
    }
    out
};

/// Ids and commits; and whether anything is in brackets.
fn words(text: &str, out: &mut Vec<(What, Range<usize>)>) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut brackets) = (0, false);
    while at < bytes.len() {
        if CLASSES[usize::from(bytes[at])] & WORD == 0 {
            brackets |= matches!(bytes[at], b'{' | b'[');
            at += 1;
            continue;
        }
        let (start, mut seen) = (at, 0);
        while let Some(class) = bytes
            .get(at)
            .map(|b| CLASSES[usize::from(*b)])
            .filter(|c| *c != 0)
        {
            seen |= class;
            at += 1;
        }
        let word = &text[start..at];
        if seen & TELLS == 0 || word.len() < 5 {
            continue;
        }
        let next = (
            bytes.get(at).copied().unwrap_or(b' '),
            start.checked_sub(1).map_or(b' ', |i| bytes[i]),
        );
        let alone = (next.0.is_ascii() || !text[at..].starts_with(char::is_alphanumeric))
            && (next.1.is_ascii() || !text[..start].ends_with(char::is_alphanumeric));
        if !alone {
            continue;
        }
        if let Some(id) = document(word) {
            let len = id.as_str().len();
            out.push((What::Document(id), start..start + len));
        } else if is_commit(word) && !is_digest(&text[..start]) {
            out.push((What::Commit, start..at));
        }
    }
    brackets
}

/// The longest id that a word begins with, up to one of its dashes.
fn document(word: &str) -> Option<Id> {
    let (first, _) = word.split_once('-')?;
    if first != "SDLC" && Kind::of(first).is_none() {
        return None;
    }
    let word = word.get(..word.len().min(121))?;
    let ends = word.match_indices('-').map(|(at, _)| at).rev();
    std::iter::once(word.len())
        .chain(ends)
        .find_map(|end| Id::parse(&word[..end]))
}

pub(super) fn is_commit(word: &str) -> bool {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let both =
        || word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_lowercase());
    (7..=64).contains(&word.len())
        && word.bytes().all(is_hex)
        && (matches!(word.len(), 40 | 64) || both())
}

/// Whether hex digits behind this are a digest or a colour, and no commit.
fn is_digest(before: &str) -> bool {
    before.ends_with(['#', '.']) && !before.ends_with("..")
        || ["sha1:", "sha256:", "sha512:", "md5:"]
            .iter()
            .any(|name| before.ends_with(name))
}

/// A path or a test that a code span is, and how much of the span.
fn in_code(span: &str) -> Option<(What, usize)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if let Some((left, name)) = span.rsplit_once("::") {
        let base = name.split('[').next().unwrap_or(name);
        let named = !base.is_empty() && base.chars().all(|c| c.is_alphanumeric() || c == '_');
        let rest = &name[base.len()..];
        let cased = rest.is_empty() || (rest.ends_with(']') && !rest.contains(char::is_whitespace));
        let home = left
            .split("::")
            .all(|p| !p.is_empty() && p.chars().all(|c| is_part(c) || c == '/'));
        return (named && cased && home).then_some((What::Test, span.len()));
    }
    // `src/module.py:45-67`
    let lines =
        |tail: &str| !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let path = span
        .rsplit_once(':')
        .filter(|(_, tail)| lines(tail))
        .map_or(span, |(path, _)| path);
    let (folder, last) = path.rsplit_once('/')?;
    let parts = folder
        .split('/')
        .all(|p| !matches!(p, "" | "." | "..") && p.chars().all(is_part));
    let named =
        last.contains('.') || last.contains(|c: char| c.is_ascii_uppercase()) || last.is_empty();
    (parts && named && !matches!(last, "." | "..") && last.chars().all(is_part))
        .then_some((What::Path, path.len()))
}

/// What stands between quotation marks, code left out.
fn quotations(leaf: &Leaf<'_>) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    if !leaf
        .text
        .bytes()
        .any(|b| matches!(b, b'"' | b'\'') || !b.is_ascii())
    {
        return out;
    }
    let mut open: Option<(char, usize)> = None;
    let mut before = ' ';
    let mut chars = leaf.text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or(' ', |(_, c)| *c);
        let quote = matches!(
            c,
            '"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '«' | '»' | '‹' | '›'
        );
        if quote && !leaf.piece_at(at).is_some_and(|p| p.within.code) {
            let opens = !before.is_alphanumeric() && !after.is_whitespace();
            let closes = !after.is_alphanumeric() && !before.is_whitespace();
            match open {
                Some((end, start)) if closes && (end == c || (end == '“' && c == '”')) => {
                    out.push(start..at);
                    open = None;
                }
                None if opens => open = closing(c).map(|end| (end, at)),
                _ => {}
            }
        }
        before = c;
    }
    out
}

/// What ends a quotation that `open` begins; `„…“` and `„…”` are both written.
fn closing(open: char) -> Option<char> {
    Some(match open {
        '"' | '\'' => open,
        '“' => '”',
        '„' => '“',
        '‘' => '’',
        '«' => '»',
        '»' => '«',
        '‹' => '›',
        '›' => '‹',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Body;
    use super::*;

    fn found(text: &str) -> Vec<(String, bool)> {
        let body = Body::read(text, 0);
        for mention in &body.mentions {
            assert_eq!(
                body.source(&mention.range).replace('\\', ""),
                mention.text,
                "{text}"
            );
        }
        body.mentions
            .into_iter()
            .map(|m| (m.text, m.within.is_use()))
            .collect()
    }

    fn used(text: &str) -> Vec<String> {
        found(text)
            .into_iter()
            .filter(|(_, is_use)| *is_use)
            .map(|(text, _)| text)
            .collect()
    }

    #[test]
    fn the_longest_id_is_meant() {
        assert_eq!(
            used("See CR-091-ADD-001-VAR-001, SDLC-QMS-RS; CR-045-draft (SOP-001)."),
            ["CR-091-ADD-001-VAR-001", "SDLC-QMS-RS", "CR-045", "SOP-001"]
        );
        assert_eq!(
            used("ZCR-001 CR-01 cr-001 äCR-001 X-CR-001 CR-001x REQ-001"),
            Vec::<String>::new()
        );
        assert_eq!(
            used("**CR-001** CR\\-002 CR-1000/CR-002\n"),
            ["CR-001", "CR-002", "CR-1000", "CR-002"]
        );
    }

    #[test]
    fn commits_are_hex_with_digit_and_letter_or_full() {
        let full = "1".repeat(40);
        assert_eq!(
            used(&format!("in fd05d8e. {full} 0123abc..789defa")),
            ["fd05d8e", full.as_str(), "0123abc", "789defa"]
        );
        assert_eq!(
            used("20260206 defaced abc123 ABC1234 #a1b2c3d sha256:a1b2c3d4 550e8400-e29b-41d4"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn mention_is_told_from_use() {
        for text in [
            "`CR-001`",
            "> CR-001",
            "> - CR-001",
            "\"a CR-001 b\"",
            "“CR-001”",
            "„CR-001“",
            "«CR-001»",
            "say 'CR-001'",
            "[CR-001](x)",
            "![CR-001](x)",
            "[a *CR-001*][r]\n\n[r]: x",
        ] {
            assert_eq!(found(text), [("CR-001".to_owned(), false)], "{text}");
        }
        for text in [
            "the users' CR-001 and theirs'",
            "5\" CR-001",
            "`\"` CR-001 `\"`",
            "[x](CR-002) CR-001",
        ] {
            assert_eq!(used(text), ["CR-001"], "{text}");
        }
        assert_eq!(
            found("```\nCR-001\n```\n\n    CR-001\n\n<!-- CR-001 --> <b CR-001>\n"),
            []
        );
    }

    #[test]
    fn paths_and_tests_are_whole_code_spans() {
        let kinds = |text: &str| {
            let body = Body::read(text, 0);
            body.mentions
                .into_iter()
                .map(|m| (m.what, m.text))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(
                "`a/b.rs` `docker/` `docker/Dockerfile` `src/m.py:45-67` `tests/x.py::test_n[a-b]` `module::test`"
            ),
            [
                (What::Path, "a/b.rs".into()),
                (What::Path, "docker/".into()),
                (What::Path, "docker/Dockerfile".into()),
                (What::Path, "src/m.py".into()),
                (What::Test, "tests/x.py::test_n[a-b]".into()),
                (What::Test, "module::test".into()),
            ]
        );
        let none = "a/b.rs `application/json` `/etc/x.y` `../a.b` `http://x.y` `a b/c.d` `f()` `A::b()` `src/*.rs`";
        assert_eq!(kinds(none), []);
    }
}
