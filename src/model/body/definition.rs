//! Link reference definitions: lines that are read and never seen. The tree does not hold them, so they are looked for
//! where no leaf of it is, and at the beginning of paragraphs.

use super::words::is_blank;

/// The length of the definition that a text begins with, line end included.
pub(super) fn leading(text: &str) -> Option<usize> {
    let indent = text.len() - text.trim_start_matches(' ').len();
    let rest = text[indent.min(3)..].strip_prefix('[')?;
    let label = unescaped(rest, &[']', '['])?;
    if !rest[label..].starts_with("]:") || rest[..label].trim().is_empty() || label > 999 {
        return None;
    }
    let rest = gap(&rest[label + 2..])?;
    let end = match rest.strip_prefix('<') {
        Some(inner) => {
            unescaped(inner, &['>', '<', '\n']).filter(|end| inner[*end..].starts_with('>'))? + 2
        }
        None => rest
            .find(|c: char| is_blank(c) || c.is_control())
            .unwrap_or(rest.len()),
    };
    if end == 0 {
        return None;
    }
    let rest = &rest[end..];
    let titled = gap(rest)
        .filter(|r| r.len() < rest.len())
        .and_then(title)
        .and_then(line_end);
    let rest = titled.or_else(|| line_end(rest))?;
    Some(text.len() - rest.len())
}

/// What comes behind a title.
fn title(rest: &str) -> Option<&str> {
    let ends: &[char] = match rest.chars().next()? {
        '"' => &['"'],
        '\'' => &['\''],
        '(' => &['(', ')'],
        _ => return None,
    };
    let end = unescaped(&rest[1..], ends)? + 1;
    let blank = rest[..end].lines().any(|line| line.trim().is_empty());
    (rest[end..].starts_with(*ends.last()?) && !blank).then(|| &rest[end + 1..])
}

/// The first of some ASCII characters that stands behind no backslash.
fn unescaped(text: &str, ends: &[char]) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let hit = !escaped && ends.contains(&c);
        escaped = c == '\\' && !escaped;
        hit.then_some(at)
    })
}

/// Behind blanks with one line end at the most; quote marks that lead a line are passed over.
fn gap(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches([' ', '\t']);
    let rest = match rest
        .strip_prefix("\r\n")
        .or_else(|| rest.strip_prefix('\n'))
    {
        Some(next) => next.trim_start_matches([' ', '\t', '>']),
        None => rest,
    };
    (!rest.starts_with(['\r', '\n'])).then_some(rest)
}

fn line_end(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches([' ', '\t']);
    match rest.is_empty() {
        true => Some(rest),
        false => rest
            .strip_prefix("\r\n")
            .or_else(|| rest.strip_prefix(['\n', '\r'])),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Body, Odd};
    use super::*;

    #[test]
    fn definitions_end_where_they_end() {
        for (text, len) in [
            ("[a]: x\ntext", Some(7)),
            ("[//]: # (hidden)\n[b]: c\n", Some(17)),
            ("[b]:\n  <c d>\n  'e\n f'\ng", Some(22)),
            ("[a]: x\n\"t\" y\n", Some(7)),
            ("[a]: x \"t\" y\n", None),
            ("[a] x\n", None),
            ("[a]:", None),
            ("[a]: <>", Some(7)),
            ("[a]:\n\nx", None),
            ("[]: x\n", None),
            ("[a]: x y\n", None),
            ("a [b]: c\n", None),
            ("[a\\]: x\n", None),
        ] {
            assert_eq!(leading(text), len, "{text}");
        }
    }

    #[test]
    fn they_are_odd_and_what_follows_keeps_its_place() {
        let text =
            "## S\n\n[CR-001]: x\n[r]: y\nCR-001 is *meant* CR-002\n\n- [q]: z\n\n[//]: # (hid)\n";
        let body = Body::read(text, 0);
        let odd: Vec<_> = body
            .oddities
            .iter()
            .map(|o| (o.what.clone(), body.source(&o.range)))
            .collect();
        let expected = ["[CR-001]: x", "[r]: y", "[q]: z", "[//]: # (hid)"];
        assert_eq!(
            odd,
            expected.map(|text| (Odd::Definition(text.into()), text))
        );
        let places: Vec<_> = body.mentions.iter().map(|m| m.range.start).collect();
        assert_eq!(places, [25, 43]);
    }
}
