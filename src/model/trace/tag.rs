//! Tags: what the text of a comment says of requirements, in our own forms and in those of the neighbours. Where the
//! comments are is for `scan`, what a tag stands on for `item`.

use std::ops::Range;

use super::neighbour::{duvet, is_specification, relation};
use super::requirement::id_at;

/// What a comment says of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// Where the id begins, in bytes of the file.
    pub at: usize,
    /// From 1.
    pub line: usize,
    pub id: String,
    pub claim: Claim,
    pub form: Form,
    pub scope: Scope,
    /// Its comment stands behind code on the same line.
    pub trails: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    Implements,
    Verifies,
    /// What it stands on decides: a test verifies, all else implements.
    Unsaid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// `[REQ-MCP-014]`
    Bracket,
    /// `Verifies: REQ-MCP-014, REQ-MCP-015`
    Word,
    /// `//= spec.md#section`
    Duvet,
    /// `[impl->req~name~1]`
    OpenFastTrace,
    /// `@relation(REQ-1, scope=function)`
    Relation,
    /// `lobster-trace: REQ-1`
    Lobster,
}

/// What a tag speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The item that it stands on.
    Item,
    /// The whole file.
    File,
    /// The line.
    Line,
}

/// A tag within one line of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) at: usize,
    pub(super) id: String,
    pub(super) claim: Claim,
    pub(super) form: Form,
    pub(super) scope: Scope,
}

impl Said {
    pub(super) fn new(at: usize, id: &str, claim: Claim, form: Form) -> Said {
        let (id, scope) = (id.to_owned(), Scope::Item);
        Said {
            at,
            id,
            claim,
            form,
            scope,
        }
    }
}

/// What a line of a comment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Tags {
        said: Vec<Said>,
        /// It ends with a comma: its list goes on in the next line, claiming this.
        goes_on: Option<Claim>,
    },
    /// duvet's `//= type=test`: of which claim the citation before it is, none for one that is only planned.
    Type(Option<Claim>),
    /// duvet's `//# quote`.
    Quote,
}

/// What opens a line of a comment.
fn marks(line: &str) -> usize {
    let text = line.trim_start();
    let text = text.trim_start_matches(['/', '*', '#', '!', '-', ';', '%', '<', '{', '(']);
    line.len() - text.trim_start().len()
}

/// Whether the line opens or closes a fence of code within a comment.
pub(super) fn is_fence(line: &str) -> bool {
    let text = &line[marks(line)..];
    text.starts_with("```") || text.starts_with("~~~")
}

/// Reads one line of a comment, marks included; `heads` are those of the ids of all systems.
pub(super) fn read(line: &str, heads: &[String]) -> Line {
    if let Some(line) = duvet(line) {
        return line;
    }
    let (mut said, mut goes_on) = (Vec::new(), None);
    let mut taken: Vec<Range<usize>> = Vec::new();
    for (word, form, claim) in WORDS {
        for at in places(line, word) {
            let start = at + word.len();
            let (found, end, comma) = match form {
                Form::Relation => relation(line, start),
                _ => listed(line, start, *claim, *form, heads),
            };
            if found.is_empty() || is_code(line, at) || taken.iter().any(|t| t.contains(&at)) {
                continue;
            }
            goes_on = comma.then_some(*claim).or(goes_on);
            said.extend(found);
            taken.push(at..end);
        }
    }
    for at in places(line, "[") {
        if !is_code(line, at) && !taken.iter().any(|t| t.contains(&at)) {
            said.extend(bracket(line, at, heads));
        }
    }
    said.sort_by_key(|s| s.at);
    Line::Tags { said, goes_on }
}

/// Goes on with a list that the line before began.
pub(super) fn more(line: &str, claim: Claim, heads: &[String]) -> (Vec<Said>, bool) {
    let (said, _, comma) = listed(line, marks(line), claim, Form::Word, heads);
    (said, comma)
}

const WORDS: &[(&str, Form, Claim)] = &[
    ("@relation(", Form::Relation, Claim::Unsaid),
    ("lobster-trace:", Form::Lobster, Claim::Unsaid),
    ("Verifies:", Form::Word, Claim::Verifies),
    ("verifies:", Form::Word, Claim::Verifies),
    ("Implements:", Form::Word, Claim::Implements),
    ("implements:", Form::Word, Claim::Implements),
];

/// Where a mark stands that no letter comes right before.
fn places<'l>(line: &'l str, mark: &'l str) -> impl Iterator<Item = usize> {
    let apart = |at: &usize| {
        let before = line[..*at].chars().next_back();
        !mark.starts_with(char::is_alphabetic) || before.is_none_or(|c| !c.is_alphanumeric())
    };
    line.match_indices(mark).map(|(at, _)| at).filter(apart)
}

/// Whether a place is between backticks, and so only spoken of.
fn is_code(line: &str, at: usize) -> bool {
    line[..at].matches('`').count() % 2 == 1 && line[at..].contains('`')
}

/// The ids of a list from `start` on, where it ends, and whether with a comma.
fn listed(
    line: &str,
    start: usize,
    claim: Claim,
    form: Form,
    heads: &[String],
) -> (Vec<Said>, usize, bool) {
    let (mut said, mut at, mut comma) = (Vec::new(), start, false);
    loop {
        let rest = &line[at..];
        let gap = rest
            .find(|c: char| !" \t,;&[]".contains(c))
            .unwrap_or(rest.len());
        comma = rest[..gap].contains(',') || (comma && gap == 0);
        at += gap;
        let rest = &line[at..];
        if let Some(after) = rest.strip_prefix("and ") {
            at += rest.len() - after.len();
            continue;
        }
        let len = rest.find(|c: char| c.is_whitespace() || ",;&[]()\"'`*".contains(c));
        let word = rest[..len.unwrap_or(rest.len())].trim_end_matches(['.', ':']);
        let is_own = heads.iter().any(|head| id_at(word, head) == Some(word));
        let is_id = is_own || form == Form::Lobster && !word.is_empty() || looks_like_id(word);
        if !is_id {
            return (
                said,
                at,
                comma && rest.trim_end_matches(['*', '/', ' ', '\r']).is_empty(),
            );
        }
        said.push(Said::new(at, word, claim, form));
        at += word.len();
    }
}

/// An id by its looks, of whichever system: `REQ-MCP-014`, `req~login~1`.
fn looks_like_id(word: &str) -> bool {
    let is_part = |p: &str| {
        !p.is_empty()
            && p.bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let dashed = word.contains('-') && word.split('-').all(is_part);
    let begins = word.starts_with(|c: char| c.is_ascii_uppercase());
    dashed && begins && word.bytes().any(|b| b.is_ascii_digit()) || is_specification(word)
}

/// `[REQ-MCP-014, REQ-MCP-015]` or `[impl->req~name~1>>utest]`; a link's text is none.
fn bracket(line: &str, at: usize, heads: &[String]) -> Vec<Said> {
    let Some(len) = line[at..].find(']') else {
        return Vec::new();
    };
    let inner = &line[at + 1..at + len];
    let after = line[at + len + 1..].chars().next();
    let linked = matches!(after, Some('(' | '['))
        || (after == Some(':') && line[..at].trim_start().len() <= 4);
    if let Some((kind, target)) = inner.split_once("->") {
        let kind = kind.trim().split('~').next().unwrap_or_default();
        let target = target.split(">>").next().unwrap_or_default();
        let claim = match kind {
            "impl" => Claim::Implements,
            kind if kind.ends_with("test") => Claim::Verifies,
            // Designs and manuals cover a requirement, and neither implement nor verify it.
            _ => return Vec::new(),
        };
        let place = |id: &str| at + 1 + inner.find(id).unwrap_or(0);
        let ids = target.split(',').map(str::trim);
        let is_id =
            |id: &&str| is_specification(id) || heads.iter().any(|h| id_at(id, h) == Some(id));
        let ids = ids.filter(is_id);
        return ids
            .map(|id| Said::new(place(id), id, claim, Form::OpenFastTrace))
            .collect();
    }
    let mut said = Vec::new();
    let mut place = at + 1;
    for part in inner.split(',') {
        let id = part.trim();
        if linked || !heads.iter().any(|head| id_at(id, head) == Some(id)) {
            return Vec::new();
        }
        let lead = part.len() - part.trim_start().len();
        said.push(Said::new(place + lead, id, Claim::Unsaid, Form::Bracket));
        place += part.len() + 1;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> Vec<String> {
        match read(line, &["REQ-M-".to_owned()]) {
            Line::Tags { said, .. } => said
                .iter()
                .map(|s| {
                    assert!(line[s.at..].starts_with(&s.id), "{line}");
                    let claim = match s.claim {
                        Claim::Implements => 'i',
                        Claim::Verifies => 'v',
                        Claim::Unsaid => '?',
                    };
                    format!("{claim} {}", s.id)
                })
                .collect(),
            other => vec![format!("{other:?}")],
        }
    }

    #[test]
    fn every_form_is_read() {
        for (line, expected) in [
            (
                "// [REQ-M-1] and [REQ-M-2, REQ-M-03]",
                "? REQ-M-1;? REQ-M-2;? REQ-M-03",
            ),
            (
                "# Verifies: REQ-M-1, REQ-M-2 and REQ-M-3.",
                "v REQ-M-1;v REQ-M-2;v REQ-M-3",
            ),
            (
                " * Implements: REQ-M-1 REQ-OTHER-9 (see there)",
                "i REQ-M-1;i REQ-OTHER-9",
            ),
            ("//= spec/a.md#one-2", "i spec/a.md#one-2"),
            ("#= spec/a.md#one", "i spec/a.md#one"),
            (
                "// [impl->req~login~1>>utest] [utest->req~login~2]",
                "i req~login~1;v req~login~2",
            ),
            ("// [impl~x~1->REQ-M-1, req~b~2]", "i REQ-M-1;i req~b~2"),
            (
                "# @relation(A-1, B-2, scope=file, role=Test)",
                "v A-1;v B-2",
            ),
            (
                "/* lobster-trace: pkg.req_one, REQ-M-1 */",
                "? pkg.req_one;? REQ-M-1",
            ),
            ("// Verifies: [REQ-M-1]", "v REQ-M-1"),
        ] {
            assert_eq!(said(line).join(";"), expected, "{line}");
        }
    }

    #[test]
    fn what_is_only_spoken_of_is_no_tag() {
        for line in [
            "// as REQ-M-1 asks",
            "// write `[REQ-M-1]` above it",
            "// see [REQ-M-1](https://x)",
            "// [REQ-M-1]: https://x",
            "// Verifies: that it works",
            "// `Verifies: REQ-M-1` is a form",
            "// [REQ-M-1 or so] [REQ-M-]",
            "// [dsn->req~login~1] a[0] -> [b]",
            "//= x#",
            "// verifies REQ-M-1",
            "// preverifies: REQ-M-1",
        ] {
            assert_eq!(said(line), [] as [&str; 0], "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read(line in "(//|#|[-=,>()\\[\\]` ~ü]|REQ-M-|1|impl|type=|@relation\\(|Verifies:|scope=|lobster-trace:){0,20}") {
            said(&line);
            more(&line, Claim::Verifies, &["REQ-M-".to_owned()]);
        }
    }
}
