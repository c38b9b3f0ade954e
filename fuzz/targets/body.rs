//! Bodies of documents. Any text is read, every place lies in it, and what is found stands in the order of the text.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use qms::model::body::{Block, Body};
use qms::model::document::Document;

/// The places of a block and of all that is in it.
fn places(block: &Block) -> Vec<Range<usize>> {
    let mut out = vec![block.range.clone()];
    if let Some(table) = block.table() {
        let cells = table.rows.iter().flat_map(|row| &row.cells);
        out.push(table.range.clone());
        out.extend(table.rows.iter().map(|row| row.range.clone()));
        out.extend(table.header.iter().chain(cells).map(|c| c.range.clone()));
        assert!(
            table
                .rows
                .iter()
                .all(|r| r.cells.len() == table.header.len())
        );
    }
    out
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let start = Document::body_start(text);
    let body = Body::read(text, start);
    assert_eq!((body.start(), body.end()), (start, text.len()));
    assert_eq!(body.text(), &text[start..]);
    assert_eq!(Body::read(text, start), body);

    let mut all: Vec<Range<usize>> = body.preamble.iter().flat_map(places).collect();
    all.extend(body.title.iter().map(|t| t.range.clone()));
    let (mut end, mut found) = (start, Vec::new());
    for (at, section) in body.sections.iter().enumerate() {
        assert!(
            end <= section.range.start && section.range.start <= section.heading.range.start,
            "{section:?}"
        );
        assert!(section.parent.is_none_or(|above| above < at));
        end = section.range.end;
        all.extend([section.range.clone(), section.heading.range.clone()]);
        all.extend(section.blocks.iter().flat_map(places));
        let identity = body.identity(at);
        assert_eq!(body.find(&identity), Some(at));
        assert_eq!(body.section_at(section.heading.range.start), Some(at));
        assert!(!found.contains(&identity));
        found.push(identity);
    }
    let mut lists = [
        body.placeholders
            .iter()
            .map(|p| &p.range)
            .collect::<Vec<_>>(),
        body.mentions.iter().map(|m| &m.range).collect(),
        body.oddities.iter().map(|o| &o.range).collect(),
    ];
    for list in &mut lists {
        assert!(list.is_sorted_by_key(|range| range.start), "{list:?}");
        all.extend(list.iter().map(|range| (*range).clone()));
    }
    for range in all {
        assert!(
            range.start >= start && text.get(range.clone()).is_some(),
            "{range:?}"
        );
        let span = body.span(&range);
        assert!(
            (1..=text.lines().count() + 1).contains(&span.line),
            "{span:?}"
        );
    }
});
