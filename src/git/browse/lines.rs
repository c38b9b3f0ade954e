//! The lines that differ between two texts, found as git finds them: by Myers, with hunks moved to where people expect
//! them. The engine's own heuristics bound what hostile texts cost.

use gix::diff::blob::{Algorithm, Diff, InternedInput};

use crate::model::browse::patch::Hunk;

/// The hunks, in order.
pub fn hunks(old: &[u8], new: &[u8]) -> Vec<Hunk> {
    let input = InternedInput::new(old, new);
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_lines(&input);
    let range = |r: std::ops::Range<u32>| r.start as usize..r.end as usize;
    let hunks = diff.hunks().map(|hunk| Hunk {
        before: range(hunk.before),
        after: range(hunk.after),
    });
    hunks.collect()
}

/// The line of the old text that a line of the new one is; none where it is new.
pub(super) fn old_line(hunks: &[Hunk], line: usize) -> Option<usize> {
    let after = hunks.partition_point(|h| h.after.start <= line);
    let Some(last) = after.checked_sub(1).and_then(|at| hunks.get(at)) else {
        return Some(line);
    };
    let beyond = line.checked_sub(last.after.end)?;
    Some(last.before.end + beyond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_followed_through_hunks() {
        let (old, new) = (b"a\nb\nc\nd\n".as_slice(), b"a\nX\nc\nY\nd\n".as_slice());
        let hunks = hunks(old, new);
        assert_eq!(hunks.len(), 2);
        let all: Vec<_> = (0..5).map(|line| old_line(&hunks, line)).collect();
        assert_eq!(all, [Some(0), None, Some(2), None, Some(3)]);
        assert_eq!(old_line(&[], 7), Some(7));
        let gone = super::hunks(b"a\nb\n", b"b\n");
        assert_eq!(old_line(&gone, 0), Some(1));
    }

    #[test]
    fn m3_hostile_texts_are_compared_in_bounded_time() {
        let text = |step: u32| -> Vec<u8> {
            let mut seed = step;
            let mut out = Vec::new();
            for _ in 0..60_000 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                out.extend_from_slice(format!("{}\n", (seed >> 16) % 500).as_bytes());
            }
            out
        };
        let begun = std::time::Instant::now();
        assert!(!hunks(&text(1), &text(2)).is_empty());
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }
}
