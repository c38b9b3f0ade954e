//! Two lists matched: what stayed, what took another's place, what moved, came and went. And two texts, word by word.

use std::collections::HashMap;
use std::hash::Hash;

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices};

/// How far ahead something alike is looked for.
const AHEAD: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    Equal,
    Gone,
    New,
}

#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Old and new, in order on both sides: equal, or alike at one place.
    pub(super) kept: Vec<(usize, usize)>,
    /// Equal, in another place.
    pub(super) moved: Vec<(usize, usize)>,
    /// With the index in the new list where it would stand.
    pub(super) gone: Vec<(usize, usize)>,
    pub(super) new: Vec<usize>,
}

impl Pairs {
    pub(super) fn of<T: Hash + Eq + Ord>(
        old: &[T],
        new: &[T],
        alike: impl Fn(usize, usize) -> bool,
    ) -> Pairs {
        let mut pairs = Pairs::default();
        let mut hunks: Vec<(Vec<usize>, Vec<usize>, usize)> = Vec::new();
        let mut same = true;
        for op in capture_diff_slices(Algorithm::Myers, old, new) {
            let (a, b) = (op.old_range(), op.new_range());
            if let DiffOp::Equal { .. } = op {
                pairs.kept.extend(a.zip(b));
                same = true;
                continue;
            }
            if std::mem::take(&mut same) {
                hunks.push((Vec::new(), Vec::new(), b.start));
            }
            if let Some((gone, added, _)) = hunks.last_mut() {
                gone.extend(a);
                added.extend(b);
            }
        }
        let mut lost: HashMap<&T, Vec<usize>> = HashMap::new();
        for at in hunks
            .iter()
            .rev()
            .flat_map(|(gone, _, _)| gone.iter().rev())
        {
            lost.entry(&old[*at]).or_default().push(*at);
        }
        let mut found = vec![false; old.len()];
        for (_, added, _) in &mut hunks {
            added.retain(|b| {
                let from = lost.get_mut(&new[*b]).and_then(Vec::pop);
                if let Some(a) = from {
                    found[a] = true;
                    pairs.moved.push((a, *b));
                }
                from.is_none()
            });
        }
        for (gone, added, place) in hunks {
            pairs.hunk(
                gone.into_iter().filter(|a| !found[*a]),
                &added,
                place,
                &alike,
            );
        }
        pairs.kept.sort_unstable();
        pairs
    }

    fn hunk(
        &mut self,
        gone: impl Iterator<Item = usize>,
        added: &[usize],
        place: usize,
        alike: impl Fn(usize, usize) -> bool,
    ) {
        let mut next = 0;
        for a in gone {
            let ahead = added[next..].iter().take(AHEAD).position(|b| alike(a, *b));
            let Some(far) = ahead else {
                self.gone.push((
                    a,
                    added
                        .get(next)
                        .copied()
                        .unwrap_or(added.last().map_or(place, |b| b + 1)),
                ));
                continue;
            };
            self.new.extend(&added[next..next + far]);
            self.kept.push((a, added[next + far]));
            next += far + 1;
        }
        self.new.extend(&added[next..]);
    }
}

/// Two texts by words; each run with the blanks in it.
pub fn words(before: &str, after: &str) -> Vec<(Tag, String)> {
    let split = |text: &str| {
        text.split_inclusive([' ', '\n'])
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let bare = |list: &[String]| {
        list.iter()
            .map(|w| w.trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    let (old, new) = (split(before), split(after));
    let (from, to) = (bare(&old), bare(&new));
    let mut out: Vec<(Tag, String)> = Vec::new();
    let ops = capture_diff_slices(Algorithm::Myers, &from, &to);
    for change in ops.iter().flat_map(|op| op.iter_changes(&from, &to)) {
        let (tag, word) = match (change.tag(), change.old_index(), change.new_index()) {
            (ChangeTag::Delete, Some(at), _) => (Tag::Gone, &old[at]),
            (ChangeTag::Insert, _, Some(at)) => (Tag::New, &new[at]),
            (ChangeTag::Equal, _, Some(at)) => (Tag::Equal, &new[at]),
            _ => continue,
        };
        match out.last_mut().filter(|(last, _)| *last == tag) {
            Some((_, text)) => text.push_str(word),
            None => out.push((tag, word.clone())),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_that_stay_go_and_come() {
        let shown = |a: &str, b: &str| {
            let show = |(tag, text): (Tag, String)| match tag {
                Tag::Equal => text,
                Tag::Gone => format!("[-{text}-]"),
                Tag::New => format!("{{+{text}+}}"),
            };
            words(a, b).into_iter().map(show).collect::<String>()
        };
        assert_eq!(
            shown("the quick fox", "the slow fox"),
            "the [-quick -]{+slow +}fox"
        );
        assert_eq!(shown("", "a b"), "{+a b+}");
        assert_eq!(shown("a\nb", "a b"), "a b");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_taken_twice(old in prop::collection::vec(0u8..6, 0..12), new in prop::collection::vec(0u8..6, 0..12)) {
            let pairs = Pairs::of(&old, &new, |a, b| old[a] % 2 == new[b] % 2);
            let both = pairs.kept.iter().chain(&pairs.moved);
            let mut from: Vec<usize> = both.clone().map(|(a, _)| *a).chain(pairs.gone.iter().map(|(a, _)| *a)).collect();
            let mut to: Vec<usize> = both.map(|(_, b)| *b).chain(pairs.new.iter().copied()).collect();
            from.sort_unstable();
            to.sort_unstable();
            prop_assert_eq!(from, (0..old.len()).collect::<Vec<_>>());
            prop_assert_eq!(to, (0..new.len()).collect::<Vec<_>>());
            prop_assert!(pairs.kept.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1));
            prop_assert!(pairs.moved.iter().all(|(a, b)| old[*a] == new[*b]));
            prop_assert!(pairs.gone.iter().all(|(_, place)| *place <= new.len()));
        }
    }
}
