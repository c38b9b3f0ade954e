//! What differs between two texts of a document, by section and word. How the words are set in lines is not a
//! difference.

use similar::{ChangeTag, capture_diff_slices};

use super::text::printable;

/// Words in a row that are equal, gone or new.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Piece {
    /// `equal`, `delete` or `insert`.
    pub tag: &'static str,
    pub text: String,
}

/// A section that differs: its heading, and its words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Section {
    pub title: String,
    /// `added`, `removed` or `changed`.
    pub what: &'static str,
    pub pieces: Vec<Piece>,
}

/// The sections that differ, in the order of the new text; those that are gone come where they were.
pub fn sections(old: &str, new: &str) -> Vec<Section> {
    let (old, new) = (split(old), split(new));
    let titles =
        |list: &[(String, String)]| list.iter().map(|(t, _)| t.clone()).collect::<Vec<_>>();
    let (from, to) = (titles(&old), titles(&new));
    let mut out = Vec::new();
    let mut add = |title: &str, what, old: &str, new: &str| {
        let pieces = words(old, new);
        if pieces.iter().any(|p| p.tag != "equal") || what != "changed" {
            out.push(Section {
                title: title.to_owned(),
                what,
                pieces,
            });
        }
    };
    for op in capture_diff_slices(similar::Algorithm::Myers, &from, &to) {
        for change in op.iter_changes(&from, &to) {
            match (change.old_index(), change.new_index()) {
                (Some(a), Some(b)) => add(&new[b].0, "changed", &old[a].1, &new[b].1),
                (Some(a), None) => add(&old[a].0, "removed", &old[a].1, ""),
                (None, Some(b)) => add(&new[b].0, "added", "", &new[b].1),
                (None, None) => {}
            }
        }
    }
    out
}

/// Front matter, what comes before the first heading, and one part a heading; headings in code are none.
fn split(text: &str) -> Vec<(String, String)> {
    let mut parts = vec![("front matter".to_owned(), String::new())];
    let (mut in_front, mut fence) = (false, None);
    for (number, line) in text.lines().enumerate() {
        let rule = line.trim_end() == "---";
        if number == 0 && rule {
            in_front = true;
            continue;
        }
        if in_front && rule {
            in_front = false;
            parts.push(("beginning".to_owned(), String::new()));
            continue;
        }
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|m| line.trim_start().starts_with(m));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        let level = line.bytes().take_while(|b| *b == b'#').count();
        let heading = fence.is_none()
            && !in_front
            && (1..=6).contains(&level)
            && line[level..].starts_with(' ');
        if heading {
            parts.push((line[level..].trim().to_owned(), String::new()));
            continue;
        }
        if let Some((_, body)) = parts.last_mut() {
            body.push_str(line);
            body.push('\n');
        }
    }
    parts.retain(|(title, body)| title != "beginning" || !body.trim().is_empty());
    parts
}

/// Two texts as words, set as the new one is.
fn words(old: &str, new: &str) -> Vec<Piece> {
    let (from, to) = (tokens(old), tokens(new));
    let plain = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(w, _)| (*w).to_owned())
            .collect::<Vec<_>>()
    };
    let mut pieces: Vec<Piece> = Vec::new();
    for op in capture_diff_slices(similar::Algorithm::Myers, &plain(&from), &plain(&to)) {
        for change in op.iter_changes(&plain(&from), &plain(&to)) {
            let (tag, (word, gap)) = match (change.tag(), change.old_index(), change.new_index()) {
                (ChangeTag::Equal, _, Some(b)) => ("equal", to[b]),
                (ChangeTag::Insert, _, Some(b)) => ("insert", to[b]),
                (ChangeTag::Delete, Some(a), _) => ("delete", from[a]),
                _ => continue,
            };
            match pieces.last_mut().filter(|last| last.tag == tag) {
                Some(last) => {
                    last.text.push_str(word);
                    last.text.push_str(gap);
                }
                None => pieces.push(Piece {
                    tag,
                    text: format!("{word}{gap}"),
                }),
            }
        }
    }
    pieces
}

/// Words with the blanks that follow each.
fn tokens(text: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    let mut rest = text.trim_start_matches('\n');
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        let gap = tail.len() - tail.trim_start().len();
        out.push((word, &tail[..gap]));
        rest = &tail[gap..];
    }
    out
}

/// The sections as text: `[-gone-]` and `{+new+}` in their lines; lines without a change are left out but for one
/// beside each that has one.
pub fn text(sections: &[Section]) -> String {
    let mut out = String::new();
    for section in sections {
        let note = if section.what == "changed" {
            String::new()
        } else {
            format!("  ({})", section.what)
        };
        out.push_str(&format!(
            "\x1b[1m{}{note}\x1b[0m\n",
            printable(&section.title)
        ));
        let lines = lines(&section.pieces);
        let mut skipped = false;
        for (number, (line, _)) in lines.iter().enumerate() {
            let near = number.saturating_sub(1)..=number + 1;
            if !near
                .into_iter()
                .any(|n| lines.get(n).is_some_and(|(_, changed)| *changed))
            {
                skipped = true;
                continue;
            }
            if skipped {
                out.push_str("  …\n");
                skipped = false;
            }
            out.push_str(format!("  {line}").trim_end());
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

/// The lines of a section as they are shown, and whether each has a change.
fn lines(pieces: &[Piece]) -> Vec<(String, bool)> {
    let mut lines = vec![(String::new(), false)];
    for piece in pieces {
        let (open, close) = match piece.tag {
            "delete" => ("\x1b[31m[-", "-]\x1b[0m"),
            "insert" => ("\x1b[32m{+", "+}\x1b[0m"),
            _ => ("", ""),
        };
        let body = piece.text.trim_end();
        for (number, part) in body.split('\n').enumerate() {
            if number > 0 {
                lines.push((String::new(), false));
            }
            let Some((line, changed)) = lines.last_mut() else {
                continue;
            };
            if !part.trim().is_empty() {
                line.push_str(&format!("{open}{}{close}", printable(part)));
            }
            *changed |= piece.tag != "equal";
        }
        let gap = &piece.text[body.len()..];
        match gap.matches('\n').count() {
            0 => lines
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|(line, _)| line.push_str(gap)),
            breaks => lines.extend((0..breaks).map(|_| (String::new(), false))),
        }
    }
    lines.dedup_by(|a, b| a.0.is_empty() && b.0.is_empty() && !a.1 && !b.1);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "---\ntitle: T\n---\n# 1. Purpose\n\nThe quick brown\nfox jumps.\n\n## 2. Scope\n\nAll of it.\n\n```sh\n# no heading\n```\n";

    #[test]
    fn words_are_compared_by_section_and_lines_are_not() {
        let new = OLD
            .replace("quick", "slow")
            .replace("All of it.", "All\nof it.");
        let found = sections(OLD, &new);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].title.as_str(), found[0].what),
            ("1. Purpose", "changed")
        );
        let shown = anstream::adapter::strip_str(&text(&found)).to_string();
        assert_eq!(
            shown,
            "1. Purpose\n  The [-quick-] {+slow+} brown\n  fox jumps.\n\n"
        );
    }

    #[test]
    fn sections_come_and_go() {
        let new = OLD.replace("## 2. Scope", "## 3. Bounds");
        let what: Vec<_> = sections(OLD, &new)
            .into_iter()
            .map(|s| (s.title, s.what))
            .collect();
        assert_eq!(
            what,
            [
                ("2. Scope".to_owned(), "removed"),
                ("3. Bounds".to_owned(), "added")
            ]
        );
        assert!(sections(OLD, OLD).is_empty());
    }
}
