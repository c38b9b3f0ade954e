//! As what requirements were verified last, kept so that those of a few are found without the others.

use std::collections::BTreeMap;

use super::super::verdict::Last;
use super::packed::{self, Packed};

/// By the ids of the requirements.
pub type Marks = BTreeMap<String, Last>;

pub fn pack(marks: &Marks) -> Vec<u8> {
    let (mut out, mut one) = (Vec::new(), Vec::new());
    for (id, last) in marks {
        one.clear();
        last.pack(&mut one);
        packed::put(id.as_bytes(), &mut out);
        packed::put(&one, &mut out);
    }
    out
}

/// Those that are wanted. None where these are no marks.
pub fn unpack(mut from: &'static [u8], wanted: impl Fn(&str) -> bool) -> Option<Marks> {
    let mut out = Marks::new();
    while !from.is_empty() {
        let id = std::str::from_utf8(packed::take(&mut from)?).ok()?;
        let mut last = packed::take(&mut from)?;
        if wanted(id) {
            out.insert(id.to_owned(), Last::unpack(&mut last)?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_wanted_are_what_they_were() {
        let last = |text: &str| Last {
            text: text.to_owned(),
            tests: [("t".to_owned(), "1".to_owned())].into(),
            ..Last::default()
        };
        let all = ["a", "b", "c"].map(|id| (id.to_owned(), last(id)));
        let all = Marks::from(all);
        let bytes: &'static [u8] = pack(&all).leak();
        assert_eq!(unpack(bytes, |_| true).as_ref(), Some(&all));
        let one = unpack(bytes, |id| id == "b").expect("marks");
        assert_eq!(one, Marks::from([("b".to_owned(), last("b"))]));
        assert_eq!(unpack(&[], |_| true), Some(Marks::new()));
        assert_eq!(unpack(&bytes[..bytes.len() - 1], |_| true), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_marks_or_none(bytes in proptest::collection::vec(0u8..8, 0..40)) {
            let _ = unpack(bytes.leak(), |_| true);
        }
    }
}
