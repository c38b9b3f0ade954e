//! Documents. What is accepted is cut and spliced without loss, and what its author wrote is read alike wherever its
//! managed block stands and however long that is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qms::model::document::{Document, digest, text_of};
use qms::model::state::{State, Version};
use qms::model::workflow::Status;

fuzz_target!(|data: &[u8]| {
    let doc = match Document::parse(data.to_vec()) {
        Ok(doc) => doc,
        Err(flaws) => {
            let lines = data.iter().filter(|b| **b == b'\n').count() + 1;
            let spans = flaws.iter().filter_map(|f| f.span.as_ref());
            assert!(!flaws.is_empty());
            for span in spans {
                assert!((1..=lines).contains(&span.line), "{span:?}");
            }
            return;
        }
    };
    let text = doc.text();
    assert_eq!(doc.bytes(), data);
    assert_eq!(doc.block(), doc.state.render().as_bytes());
    assert_eq!(doc.with_state(&doc.state), data);
    assert_eq!(text_of(data).as_ref(), Some(&text));
    assert_eq!(doc.text_digest(), digest(&text));
    assert!(text.ends_with(doc.body().as_bytes()));

    let other = State::bare(Status::Closed, Version::ONE);
    let moved = Document::parse(doc.with_state(&other)).expect("a state of another length");
    let born = Document::from_text(&text, doc.state.clone()).expect("a block at the end");
    assert_eq!((moved.text(), &moved.state), (text.clone(), &other));
    assert_eq!((born.text(), &born.state), (text, &doc.state));
    for again in [moved, born] {
        assert_eq!(again.front, doc.front);
        assert_eq!(again.body(), doc.body());
    }
});
