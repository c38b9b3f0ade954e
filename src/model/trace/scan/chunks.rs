//! The parts of a file at its top level: from one closing brace or semicolon to the next. Grammars are slow beside a scan;
//! of a long file with few tags only the parts around these are parsed.

use std::ops::Range;

use super::comments::hidden;
use super::syntax::{Quirk, Syntax};

/// Words and marks that go on with what a brace seemed to end.
const GOES_ON: &[&str] = &[
    "else", "catch", "finally", "while", ")", "]", ".", ",", ";", "=", "?", ":", "{", "&", "|",
];

/// The parts of a text that hold one of these bytes, and the first, in whole lines; those beside each other
/// as one. None where it has no such parts, or they are most of it.
pub fn around(bytes: &[u8], syntax: &Syntax, wanted: &[usize]) -> Option<Vec<Range<usize>>> {
    let ends = match syntax.block.is_empty() {
        true => by_indent(bytes, syntax)?,
        false => ends(bytes, syntax)?,
    };
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for end in ends.into_iter().chain([bytes.len()]) {
        let part = start..end;
        let is_wanted = start == 0 || wanted.iter().any(|at| part.contains(at));
        match out.last_mut().filter(|last| last.end == start) {
            Some(last) if is_wanted => last.end = end,
            _ if is_wanted => out.push(part),
            _ => {}
        }
        start = end;
    }
    let conditional = |part: &Range<usize>| {
        let text = &bytes[part.clone()];
        let marks: [&[u8]; 3] = [b"#if", b"#el", b"#endif"];
        text.split(|b| *b == b'\n')
            .any(|line| marks.iter().any(|m| line.trim_ascii_start().starts_with(m)))
    };
    // What stands between the conditions of a preprocessor is in no part of its own.
    if syntax.has(Quirk::Cpp) && out.iter().any(conditional) {
        return None;
    }
    let taken: usize = out.iter().map(Range::len).sum();
    (taken * 10 < bytes.len() * 7).then_some(out)
}

/// Where parts end: behind the line of a closing brace or semicolon that nothing goes on with. None if braces do not match.
fn ends(bytes: &[u8], syntax: &Syntax) -> Option<Vec<usize>> {
    let hidden = hidden(bytes, syntax);
    let (mut out, mut depth, mut at) = (Vec::new(), 0usize, 0);
    for skipped in hidden
        .iter()
        .cloned()
        .chain(std::iter::once(bytes.len()..bytes.len()))
    {
        for place in at..skipped.start {
            match bytes[place] {
                b'{' | b'(' | b'[' => depth += 1,
                b'}' | b')' | b']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 && matches!(bytes[place], b'}' | b';') {
                out.extend(end(bytes, &hidden, place + 1));
            }
        }
        at = skipped.end;
    }
    (depth == 0).then_some(out)
}

/// Words and marks that go on with what is above them, without indentation.
const BELONGS: &[&str] = &["else", "elif", "except", "finally", ")", "]", "}"];

/// Where parts end that begin without indentation: behind the last line before them that is neither blank nor a comment
/// without indentation. None if brackets do not match.
fn by_indent(bytes: &[u8], syntax: &Syntax) -> Option<Vec<usize>> {
    let hidden = hidden(bytes, syntax);
    let (mut out, mut depth, mut at, mut index) = (Vec::new(), 0usize, 0, 0);
    // The end of the last line that belongs to the part before, and whether it wants what follows.
    let (mut end, mut leads) = (0, true);
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let start = at;
        at += line.len();
        let within = hidden
            .get(index)
            .is_some_and(|r| r.start < start && start < r.end);
        let text = line.trim_ascii_end();
        let is_flush = text.first().is_some_and(|b| !b.is_ascii_whitespace());
        let belongs = BELONGS.iter().any(|word| text.starts_with(word.as_bytes()));
        let is_comment = is_flush && text[0] == b'#';
        let begins = is_flush && !is_comment && !within && depth == 0;
        if begins && !belongs && !leads {
            out.push(end);
        }
        let mut place = start;
        while place < at {
            match hidden.get(index) {
                Some(range) if range.end <= place => index += 1,
                Some(range) if range.start <= place => place = range.end.min(at),
                _ => {
                    match bytes[place] {
                        b'{' | b'(' | b'[' => depth += 1,
                        b'}' | b')' | b']' => depth = depth.checked_sub(1)?,
                        _ => {}
                    }
                    place += 1;
                }
            }
        }
        if within || !(text.is_empty() || is_comment) {
            end = at;
            leads = begins && text[0] == b'@' || text.ends_with(b"\\") || leads && !begins;
        }
    }
    (depth == 0).then_some(out)
}

/// The end of the line of `from`, if only comments stand on it and what follows begins anew.
fn end(bytes: &[u8], hidden: &[Range<usize>], from: usize) -> Option<usize> {
    let rest = &bytes[from..];
    let line = rest.iter().position(|b| *b == b'\n')? + from;
    let mut at = from;
    loop {
        at += bytes[at..].iter().position(|b| !b.is_ascii_whitespace())?;
        let index = hidden.partition_point(|range| range.end <= at);
        let over = hidden.get(index).filter(|range| range.start <= at);
        let is_comment = over.is_some_and(|r| bytes[r.start] == b'/');
        match over.filter(|_| is_comment) {
            Some(comment) if comment.start < line && comment.end > line + 1 => return None,
            Some(comment) => at = comment.end,
            None => break,
        }
    }
    let goes_on = GOES_ON
        .iter()
        .any(|word| bytes[at..].starts_with(word.as_bytes()));
    (at > line && !goes_on).then_some(line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str, text: &str) -> Option<Vec<String>> {
        let syntax = Syntax::of(path.as_bytes());
        let ends = ends(text.as_bytes(), syntax)?;
        let starts = std::iter::once(0).chain(ends.iter().copied());
        Some(
            starts
                .zip(&ends)
                .map(|(from, to)| text[from..*to].to_owned())
                .collect(),
        )
    }

    #[test]
    fn a_part_ends_where_nothing_goes_on() {
        let text = "use a;\n// x }\nfn a() { \"}\"; } // trails\n\nfn b() {\n}\nlast";
        let found = parts("a.rs", text).expect("braces match");
        assert_eq!(
            found,
            [
                "use a;\n",
                "// x }\nfn a() { \"}\"; } // trails\n",
                "\nfn b() {\n}\n"
            ]
        );
        let text = "if (a) {\n}\n// x\nelse {\n}\nf(() => {\n});\na = {}\n.b;\n";
        let found = parts("a.ts", text).expect("braces match");
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(parts("a.rs", "fn a() {\n"), None);
        assert_eq!(parts("a.rs", "}\n"), None);
    }

    #[test]
    fn a_part_of_python_begins_without_indentation() {
        let text = "import a\n\n# of b\n\n@c\n# of d\n@d\ndef b(\n):\n  x\n  # last\n\n\"\"\"\nno\n\"\"\"\nif a:\n  b\nelse:\n  c\nd = 1\n";
        let ends = by_indent(text.as_bytes(), Syntax::of(b"a.py")).expect("brackets match");
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let found: Vec<&str> = starts
            .zip(&ends)
            .map(|(from, to)| &text[from..*to])
            .collect();
        assert_eq!(
            found,
            [
                "import a\n",
                "\n# of b\n\n@c\n# of d\n@d\ndef b(\n):\n  x\n  # last\n",
                "\n\"\"\"\nno\n\"\"\"\n",
                "if a:\n  b\nelse:\n  c\n",
            ]
        );
    }

    #[test]
    fn parts_without_tags_are_left_out() {
        let text = format!(
            "use a;\n{}// [R-1]\nfn b() {{}}\n{}",
            "fn a() {}\n".repeat(9),
            "fn c() {}\n".repeat(9)
        );
        let at = text.find("[R").expect("it is there");
        let found = around(text.as_bytes(), Syntax::of(b"a.rs"), &[at]).expect("parts");
        let shown: Vec<&str> = found.iter().map(|r| &text[r.clone()]).collect();
        assert_eq!(shown, ["use a;\n", "// [R-1]\nfn b() {}\n"]);
        assert_eq!(
            around(&text.as_bytes()[..20], Syntax::of(b"a.rs"), &[10]),
            None
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_parts_or_none(text in "([{}();\"'/*\n =]|else|fn a|//|ü){0,40}", path in "a\\.(rs|ts|go|c|java|py)") {
            if let Some(found) = around(text.as_bytes(), Syntax::of(path.as_bytes()), &[3, 9]) {
                proptest::prop_assert!(found.is_sorted_by(|a, b| a.end < b.start));
            }
        }
    }
}
