//! What a text holds that its reader does not see or that reads in more than one way: comments, raw HTML, invisible
//! characters, rows that lose cells, definitions. What is allowed of it, a check says.

use std::ops::Range;

use super::super::path::is_invisible;
use super::words::normalized;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    pub what: Odd,
    pub range: Range<usize>,
    pub section: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Odd {
    /// An HTML comment, with its text.
    Comment(String),
    /// Raw HTML that makes a table, or any other.
    Html {
        table: bool,
    },
    Invisible(char),
    /// A row that has more cells than the header (what is beyond is lost) or fewer.
    Row {
        cells: usize,
        columns: usize,
    },
    /// A link reference definition, as it stands.
    Definition(String),
    /// Nested beyond `DEPTH`.
    Deep,
    /// Too entangled to be read: the whole body counts as it stands.
    Unread,
}

impl Oddity {
    pub(super) fn new(what: Odd, range: Range<usize>) -> Oddity {
        Oddity {
            what,
            range,
            section: None,
        }
    }
}

/// The comments and tags of a piece of HTML that stands at `place`.
pub(super) fn html(text: &str, place: Range<usize>, out: &mut Vec<Oddity>) {
    let whole = place.len() == text.len();
    let at = |part: Range<usize>| match whole {
        true => place.start + part.start..place.start + part.end,
        false => place.clone(),
    };
    let between = |part: Range<usize>, out: &mut Vec<Oddity>| {
        let inner = &text[part.clone()];
        let html = inner.trim();
        if !html.is_empty() {
            let start = part.start + inner.len() - inner.trim_start().len();
            let table = is_table(html);
            out.push(Oddity::new(
                Odd::Html { table },
                at(start..start + html.len()),
            ));
        }
    };
    let mut from = 0;
    for comment in comments(text) {
        between(from..comment.start, out);
        let inner = text[comment.clone()].trim_start_matches("<!--");
        let inner = inner.strip_suffix("-->").unwrap_or(inner);
        out.push(Oddity::new(
            Odd::Comment(normalized(inner)),
            at(comment.clone()),
        ));
        from = comment.end;
    }
    between(from..text.len(), out);
}

/// Whether HTML says nothing but comments.
pub(super) fn only_comments(text: &str) -> bool {
    let mut from = 0;
    let blank = comments(text).all(|comment| {
        let between = &text[from..comment.start];
        from = comment.end;
        between.trim().is_empty()
    });
    blank && text[from..].trim().is_empty()
}

/// Where comments are; one that never ends goes to the end.
fn comments(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find("<!--")?;
        let end = text[start + 2..]
            .find("-->")
            .map_or(text.len(), |end| start + 2 + end + 3);
        at = end;
        Some(start..end)
    })
}

fn is_table(html: &str) -> bool {
    const TAGS: &[&str] = &[
        "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col",
    ];
    html.split('<').skip(1).any(|tag| {
        let tag = tag.trim_start_matches('/');
        let name: String = tag
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(9)
            .collect();
        TAGS.iter().any(|known| known.eq_ignore_ascii_case(&name))
    })
}

/// Characters that cannot be seen at all, wherever they stand.
pub(super) fn is_hidden(c: char) -> bool {
    is_invisible(c)
        || (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0100}'..='\u{e01ef}')
}

/// The invisible characters of a text from byte `start` on. Those that only shape an emoji are none.
pub(super) fn invisible(text: &str, start: usize, out: &mut Vec<Oddity>) {
    let bytes = text.as_bytes();
    let mut at = start;
    while at < bytes.len() {
        let byte = bytes[at];
        if (0x20..0x7f).contains(&byte) || matches!(byte, b'\n' | b'\t') {
            at += 1;
            continue;
        }
        let c = text[at..].chars().next().unwrap_or(' ');
        let end = at + c.len_utf8();
        let line_end = c == '\r' && bytes.get(end) == Some(&b'\n');
        if is_hidden(c) && !line_end && !shapes(text, at, c) {
            out.push(Oddity::new(Odd::Invisible(c), at..end));
        }
        at = end;
    }
}

/// Whether a joiner or a selector belongs to the symbols beside it.
fn shapes(text: &str, at: usize, c: char) -> bool {
    let symbol = |c: char| c >= '\u{203c}' && !c.is_alphanumeric() && !is_hidden(c);
    let mut before = text[..at].chars().rev();
    let last = before.next().unwrap_or(' ');
    let after = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
    match c {
        '\u{fe0e}' | '\u{fe0f}' => symbol(last) || matches!(last, '©' | '®') || after == '\u{20e3}',
        '\u{200d}' => {
            (symbol(last) || (last == '\u{fe0f}' && before.next().is_some_and(symbol)))
                && symbol(after)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Body;
    use super::*;

    fn odd(text: &str) -> Vec<(Odd, String)> {
        let body = Body::read(text, 0);
        let shown = |o: &Oddity| body.source(&o.range).to_owned();
        body.oddities
            .iter()
            .map(|o| (o.what.clone(), shown(o)))
            .collect()
    }

    #[test]
    fn comments_and_tags_are_told_apart() {
        assert_eq!(
            odd("a <!-- x\n  y --> b <td>\n"),
            [
                (Odd::Comment("x y".into()), "<!-- x\n  y -->".into()),
                (Odd::Html { table: true }, "<td>".into()),
            ]
        );
        assert_eq!(
            odd("<!-- a --> <!--b-->\nand more\n"),
            [
                (Odd::Comment("a".into()), "<!-- a -->".into()),
                (Odd::Comment("b".into()), "<!--b-->".into()),
            ]
        );
        assert_eq!(
            odd("<div>\n<!-- a -->\n<Table>\n</div>\n"),
            [
                (Odd::Html { table: false }, "<div>".into()),
                (Odd::Comment("a".into()), "<!-- a -->".into()),
                (Odd::Html { table: true }, "<Table>\n</div>".into()),
            ]
        );
        assert_eq!(
            odd("> <!-- q\n> r -->\n"),
            [(Odd::Comment("q > r".into()), "<!-- q\n> r -->".into())]
        );
        assert_eq!(odd("<!-- never\n\n# ends\n").len(), 1);
        assert_eq!(
            odd("<tdx>\n"),
            [(Odd::Html { table: false }, "<tdx>".into())]
        );
        assert_eq!(odd("`<b>` &lt;b> 1 < 2 <!- x\n\n    <b>\n"), []);
    }

    #[test]
    fn what_cannot_be_seen_is_found_and_emoji_are_not() {
        let hidden = |text: &str| {
            odd(text)
                .into_iter()
                .map(|(what, _)| what)
                .collect::<Vec<_>>()
        };
        for c in [
            '\u{200b}',
            '\u{202e}',
            '\u{ad}',
            '\u{e0041}',
            '\u{feff}',
            '\u{7}',
            '\u{fe0f}',
            '\u{200d}',
            '\u{3164}',
        ] {
            assert_eq!(hidden(&format!("ab{c}c\n")), [Odd::Invisible(c)], "{c:?}");
            assert_eq!(hidden(&format!("`ab{c}c`\n")), [Odd::Invisible(c)], "{c:?}");
        }
        assert_eq!(hidden("a\rb\n"), [Odd::Invisible('\r')]);
        assert_eq!(
            hidden("a&#8203;b &shy; c\n"),
            [Odd::Invisible('\u{ad}'), Odd::Invisible('\u{200b}')]
        );
        assert_eq!(
            hidden(
                "ü\u{a0}≥ \u{2009}\t⚠\u{fe0f} 1\u{fe0f}\u{20e3} 👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥\r\n"
            ),
            []
        );
    }
}
