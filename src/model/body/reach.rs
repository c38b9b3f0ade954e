//! Raw HTML in what is open that would change how the rest of a page is shown: tags that nothing closes, or that close
//! what they did not open, and those that speak for the whole page.

use std::ops::Range;

use super::{Body, Odd};

/// Tags that hold nothing and so are never closed.
const VOID: &[&str] = &[
    "area", "br", "col", "embed", "hr", "img", "input", "source", "track", "wbr",
];
/// Tags that bear on the whole page, closed or not.
const PAGE: &[&str] = &[
    "base",
    "body",
    "head",
    "html",
    "iframe",
    "link",
    "meta",
    "plaintext",
    "script",
    "style",
];

/// The tags of a piece of the file that reach beyond it, `/div` being the end of one, with their places.
pub(super) fn reaching(body: &Body, region: &Range<usize>) -> Vec<(String, Range<usize>)> {
    let mut out = Vec::new();
    let mut open: Vec<(String, Range<usize>)> = Vec::new();
    let html = body
        .oddities_in(region)
        .iter()
        .filter(|o| matches!(o.what, Odd::Html { .. }));
    for (name, place) in html.flat_map(|o| tags(body.source(&o.range), o.range.start)) {
        let plain = name.trim_start_matches('/');
        if PAGE.contains(&plain) {
            out.push((name, place));
        } else if VOID.contains(&name.as_str()) {
            continue;
        } else if !name.starts_with('/') {
            open.push((name, place));
        } else if open.last().is_some_and(|(last, _)| last == plain) {
            open.pop();
        } else {
            out.push((name, place));
        }
    }
    out.extend(open);
    out
}

/// The tags of a piece of HTML: their names in lower case, with a slash in front where they end something.
fn tags(html: &str, base: usize) -> Vec<(String, Range<usize>)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|found| at + found) {
        let inner = &html[start + 1..];
        let named = inner.trim_start_matches('/');
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let len = named.find(|c| !is_name(c)).unwrap_or(named.len());
        at = start + 1;
        if !named.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let slash = &inner[..inner.len() - named.len()];
        // What an attribute's value holds is no tag.
        let mut quote = None;
        let end = inner.find(|c: char| match quote {
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                false
            }
            None => c == '>',
            Some(open) => {
                quote = quote.filter(|_| c != open);
                false
            }
        });
        let end = end.map_or(html.len(), |end| start + 1 + end + 1);
        let name = format!(
            "{}{}",
            &slash[..slash.len().min(1)],
            named[..len].to_lowercase()
        );
        out.push((name, base + start..base + end));
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_are_not_closed_where_they_are_opened_reach_on() {
        let found = |text: &str| {
            let body = Body::read(text, 0);
            let found = reaching(&body, &(0..text.len()));
            for (name, place) in &found {
                assert!(
                    body.source(place)
                        .to_lowercase()
                        .starts_with(&format!("<{name}")),
                    "{place:?}"
                );
            }
            found
                .into_iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
                .join(" ")
        };
        for (text, names) in [
            ("<details>\nx\n", "details"),
            ("<Details open>\n\nx\n\n</details>\n", ""),
            ("a <b>b</b> <br> c<br/>\n", ""),
            ("a <b><i>b</b></i>\n", "/b b"),
            ("<div title=\"</div>\">\n", "div"),
            ("<div title=\">\" class=\"</div>\">\n", "div"),
            ("<div>\n<!-- </div> -->\n<p>x</p>\n", "div"),
            ("<style>h2 { display: none }</style>\n", "style /style"),
            ("| a |\n|---|\n| x</td></table> |\n", "/td /table"),
            ("`<div>` <!-- <div> -->\n", ""),
            ("> <div>\n\n- </div>\n", ""),
        ] {
            assert_eq!(found(text), names, "{text}");
        }
    }
}
