//! Forms, and the frozen part of two texts that a NUL parts, the first of which is the template as well. Equal texts have
//! not changed; whether two have is said alike by `permits` and `changes`; what is opened hides nothing that was not there.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use qms::model::body::{Body, Form, Frozen, Openness, Tag, changes, words};
use qms::model::document::Document;

fn read(text: &str) -> Body {
    Body::read(text, Document::body_start(text))
}

fn lies_in(body: &Body, range: &Range<usize>) -> bool {
    let at = |place: usize| body.start() <= place && place <= body.end();
    // An empty place is one too, and a place within a character has no source.
    at(range.start) && at(range.end) && (range.is_empty() || !body.source(range).is_empty())
}

/// Whether `after` still says what `before` does; both ways of asking agree, and what is said can be shown.
fn permitted(before: &Body, after: &Body, open: &Openness) -> bool {
    let (old, new) = (Frozen::of(before, open), Frozen::of(after, open));
    let found = changes(&old, &new);
    assert_eq!(found.is_empty(), old.permits(&new), "{found:?}");
    assert!(changes(&new, &Frozen::of(after, open)).is_empty());
    for altered in &found {
        assert!(lies_in(after, &altered.range), "{altered:?}");
        assert!(!altered.what.to_string().is_empty());
        if let (Some(from), Some(to)) = (&altered.before, &altered.after) {
            let all = words(from, to);
            let said = all.iter().filter(|(tag, _)| *tag != Tag::Gone);
            let said: String = said.map(|(_, text)| text.as_str()).collect();
            assert_eq!(said, *to);
        }
    }
    found.is_empty()
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (first, second) = text.split_once('\0').unwrap_or((text, text));
    let (before, after) = (read(first), read(second));
    let form = Form::of(&before);
    assert_eq!(form, Form::of(&read(first)));

    for body in [&before, &after] {
        for missing in form.missing(body) {
            assert!(lies_in(body, &missing.range), "{missing:?}");
        }
        let table = form.items(body).map_or(0, |table| table.rows.len());
        let rows = form.rows(body);
        assert_eq!(rows.len(), table);
        for item in rows {
            assert!(lies_in(body, &item.row.range));
            for (role, _, cell) in item.cells() {
                assert!(item.said(role).is_none_or(|said| !said.is_empty()));
                assert!(lies_in(body, &cell.range));
            }
        }
    }
    // A template has the table that it was taken from.
    assert_eq!(form.items.is_some(), form.items(&before).is_some());

    let (shut, open) = (Openness::default(), form.openness());
    let same = permitted(&before, &after, &shut);
    assert_eq!(same, permitted(&after, &before, &shut));
    assert!(permitted(&before, &after, &open) || !same);
    if first == second {
        assert!(same);
    }
});
