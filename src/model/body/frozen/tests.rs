//! Documents that grow from a small grammar, set in different ways and edited by chance: an edit of what is open is
//! none, how a text is set is none, and any other is at least one.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::grown::text::{Open, Part, Piece, Style, Text, WORDS, opened, style, text};
use super::super::openness::Rows;
use super::super::{Body, Frozen, Openness, changes};

fn openness() -> Openness {
    let body = Body::read("## Items\n\n## Comments\n\n## Summary\n", 0);
    let sections = (0..3).map(|at| (body.identity(at), at > 0)).collect();
    let columns =
        ["EI", "Task", "Outcome", "Note"].map(|title| (title.to_owned(), title == "Outcome"));
    Openness {
        sections,
        rows: Some(Rows {
            section: body.identity(0),
            columns: columns.to_vec(),
        }),
    }
}

fn count(before: &str, after: &str) -> usize {
    let (a, b, open) = (Body::read(before, 0), Body::read(after, 0), openness());
    let found = changes(&Frozen::of(&a, &open), &Frozen::of(&b, &open));
    for altered in &found {
        assert!(after.get(altered.range.clone()).is_some(), "{altered:?}");
    }
    found.len()
}

/// One edit of what is frozen, chosen by numbers; the text as it is where there is nothing to edit.
fn edit(text: &Text, sort: usize, at: usize, word: &'static str) -> Text {
    let mut text = text.clone();
    let place = at.checked_rem(text.parts.len());
    let part = place.map(|place| &mut text.parts[place]);
    match (sort, part) {
        (0, _) if !text.items.is_empty() => drop(text.items.remove(at % text.items.len())),
        (1, _) if !text.items.is_empty() => {
            let len = text.items.len();
            text.items[at % len][at % 2] = word;
        }
        (2, _) if text.items.len() > 1 => text.items.rotate_left(1),
        (3, Some(part)) => part.title = "Seven",
        (4, Some(part)) => part.deep = !part.deep,
        (5, Some(part)) => part.pieces.push(Piece::Prose(vec![word])),
        (6, Some(part)) if !part.pieces.is_empty() => {
            drop(part.pieces.remove(at % part.pieces.len()))
        }
        (7, Some(part)) if part.pieces.len() > 1 => part.pieces.rotate_left(1),
        (8, Some(_)) => drop(text.parts.remove(at % text.parts.len())),
        (9, Some(_)) => text.parts.rotate_left(1),
        (10, _) => text.parts.insert(
            0,
            Part {
                title: "Nine",
                deep: false,
                pieces: Vec::new(),
            },
        ),
        (_, Some(part)) => {
            let len = part.pieces.len().max(1);
            match part.pieces.get_mut(at % len) {
                Some(Piece::Prose(words) | Piece::Quote(words)) => {
                    let len = words.len();
                    words[at % len] = word;
                }
                Some(Piece::List { start, entries }) => match at % 3 {
                    0 => *start = start.map_or(Some(1), |s| if s > 1 { Some(s - 1) } else { None }),
                    1 => entries.rotate_left(1),
                    _ => entries[0].push(word),
                },
                Some(Piece::Code(lines)) => lines.insert(0, "first"),
                Some(Piece::Table(rows)) => rows[0][at % 3] = word,
                Some(Piece::Comment(text)) => *text = "third",
                None => {}
            }
        }
        _ => {}
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn how_a_text_is_set_and_what_is_open_is_no_change(text in text(), open in opened(), a in style(), b in style()) {
        // Appended rows are the next commit's; one that is there stays.
        let text = Text { open: Open { appended: Vec::new(), ..text.open.clone() }, ..text };
        let (before, after) = (a.set(&text), b.set(&Text { open, ..text.clone() }));
        prop_assert_eq!(count(&before, &after), 0, "{}\n-----\n{}", before, after);
    }

    #[test]
    fn an_edit_of_what_is_frozen_is_seen(
        text in text(), open in opened(), styles in (style(), style()), sort in 0usize..14, at in 0usize..100, word in select(WORDS),
    ) {
        // Without appended rows, since one in the place of a row that is gone could be it.
        let text = Text { open: Open { appended: Vec::new(), ..open }, ..text };
        let other = edit(&text, sort, at, word);
        let (before, after) = (styles.0.set(&text), styles.1.set(&other));
        prop_assert_eq!(count(&before, &after) == 0, text == other, "{}\n-----\n{}", before, after);
    }

    #[test]
    fn what_is_typed_into_an_open_section_changes_nothing_unseen(text in text(), style in style(), typed in super::super::grown::markdown()) {
        let style = Style { crlf: false, ..style };
        let before = style.set(&text);
        let at = before.find("## Comments\n\n").expect("a heading") + 13;
        let after = format!("{}{typed}\n\n{}", &before[..at], &before[at..]);
        let (a, b) = (Body::read(&before, 0), Body::read(&after, 0));
        // What is frozen, section by section, as a reader sees it.
        let seen = |body: &Body| {
            let frozen = body.sections.iter().filter(|s| s.heading.level <= 2 || s.range.start < body.section_start("Comments"));
            frozen.map(|s| match s.title.as_str() {
                "Comments" | "Summary" => s.shown().to_owned(),
                _ => format!("{}{:?}", s.shown(), s.blocks.iter().map(|b| b.text().into_owned()).collect::<Vec<_>>()),
            }).collect::<Vec<_>>()
        };
        let found = count(&before, &after);
        prop_assert!(found > 0 || seen(&a) == seen(&b), "{after}");
    }
}

impl Body {
    fn section_start(&self, title: &str) -> usize {
        self.sections
            .iter()
            .find(|s| s.title == title)
            .map_or(usize::MAX, |s| s.range.start)
    }
}
