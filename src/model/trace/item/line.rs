//! Where there is no grammar: the line that a tag stands on.

use super::super::super::document::digest_of;
use super::super::scan::{Syntax, comments};
use super::super::tag::{Scope, Tag};
use super::{Checks, Item, Kind, Lines, Sort};

/// The file or the line that a tag speaks of: its own where code stands before it, else the next one that is neither
/// blank nor comment.
pub(super) fn below(path: &[u8], shown: &str, bytes: &[u8], tag: &Tag) -> Option<Item> {
    let item = |kind, first, last, text: &[u8]| Item {
        path: shown.to_owned(),
        scope: Vec::new(),
        name: String::new(),
        sort: Sort::Other,
        kind,
        is_test: false,
        in_tests: false,
        lines: Lines { first, last },
        body: vec![Lines { first, last }],
        excluded: Vec::new(),
        fingerprint: digest_of(&[text]),
        checks: Checks::default(),
    };
    let count = bytes.iter().filter(|b| **b == b'\n').count();
    if tag.scope == Scope::File {
        return Some(item(Kind::File, 1, count.max(1), bytes));
    }
    let within = comments(bytes, Syntax::of(path), bytes.len());
    let (mut at, mut line) = (0, 0);
    for text in bytes.split(|b| *b == b'\n') {
        let start = at;
        at += text.len() + 1;
        line += 1;
        let wanted = line == tag.line && tag.trails || line > tag.line;
        let words = text.trim_ascii();
        if !wanted || words.is_empty() {
            continue;
        }
        let first = start + text.len() - text.trim_ascii_start().len();
        let before = within.partition_point(|c| c.start <= first);
        let is_comment = before.checked_sub(1).is_some_and(|n| first < within[n].end);
        if !is_comment {
            return Some(item(Kind::Line, line, line, words));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::super::scan::Scanner;
    use super::super::{Standing, standings};

    #[test]
    fn a_tag_stands_on_the_next_line_that_is_no_comment() {
        let text = b"# [REQ-M-1]\n# why\n\nrun: it # [REQ-M-2]\n\n# [REQ-M-3]\n";
        let tags = Scanner::new(["REQ-M-*"]).tags(b"a.yaml", text);
        let found = standings(b"a.yaml", text, &tags);
        assert_eq!(
            found.of,
            [Standing::On(0), Standing::On(0), Standing::Nothing]
        );
        assert_eq!(found.items[0].shown(), "a.yaml:4");
    }
}
