//! Which lines of a file are not as they were: those have to be executed, whatever share of the rest is.

use std::collections::BTreeSet;

use similar::{Algorithm, capture_diff_slices};

/// Longer files are new as a whole once they differ.
const LONGEST: usize = 1 << 20;

/// The lines of `after`, from 1, that were added or altered since `before`; all of them where there was no such file.
pub fn lines(before: Option<&[u8]>, after: &[u8]) -> BTreeSet<u32> {
    let new = split(after);
    let all = 0..new.len();
    let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let Some(before) = before.filter(|before| before.len().max(after.len()) <= LONGEST) else {
        return all.map(number).collect();
    };
    let differs = capture_diff_slices(Algorithm::Myers, &split(before), &new).into_iter();
    let differs = differs.filter(|op| op.tag() != similar::DiffTag::Equal);
    differs.flat_map(|op| op.new_range()).map(number).collect()
}

fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|b| *b == b'\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_not_new() {
        let new = |before: Option<&str>, after: &str| {
            let lines = lines(before.map(str::as_bytes), after.as_bytes());
            lines.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(new(Some("a\nb\nc\n"), "a\nb\nc\n"), [0; 0]);
        assert_eq!(new(Some("a\nb\nc\n"), "a\nx\nc\nd\n"), [2, 4]);
        assert_eq!(new(Some("a\nb\nc\n"), "c\n"), [0; 0]);
        assert_eq!(new(None, "a\nb\n"), [1, 2]);
        let long = "a\n".repeat(LONGEST);
        assert_eq!(new(Some(&long), "a\nb"), [1, 2]);
    }
}
