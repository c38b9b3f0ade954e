//! A change of a text made again on somebody's own version of it, line by line. Unlike a merge it takes changes of
//! neighbouring lines for two: the rows of a table are neighbours.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// What differs between `before` and `after`, on `own`; none where the lines that it changes are others there.
pub fn carried(before: &[u8], after: &[u8], own: &[u8]) -> Option<Vec<u8>> {
    let (old, new, mine) = (lines(before), lines(after), lines(own));
    // Where each line of the old text is in one's own; beyond its ends are the ends.
    let mut places: Vec<Option<usize>> = vec![None; old.len()];
    for op in capture_diff_slices(Algorithm::Myers, &old, &mine) {
        if let DiffOp::Equal { .. } = op {
            for (from, to) in op.old_range().zip(op.new_range()) {
                places[from] = Some(to);
            }
        }
    }
    let place = |line: Range<usize>| -> Option<Range<usize>> {
        let above = match line.start.checked_sub(1) {
            Some(above) => places[above].map(|at| at + 1),
            None => Some(0),
        };
        let below = places.get(line.end).map_or(Some(mine.len()), |at| *at);
        match line.is_empty() {
            // Nothing of one's own may stand where something is put.
            true => above.filter(|at| below == Some(*at)).map(|at| at..at),
            false => {
                let first = places[line.start]?;
                let kept = line.clone().zip(first..);
                let mut kept = kept.map(|(line, at)| places[line] == Some(at));
                kept.all(|same| same).then(|| first..first + line.len())
            }
        }
    };
    let mut out = Vec::with_capacity(own.len() + after.len());
    let mut at = 0;
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        if let DiffOp::Equal { .. } = op {
            continue;
        }
        let gone = place(op.old_range())?;
        out.extend(mine[at..gone.start].concat());
        out.extend(new[op.new_range()].concat());
        at = gone.end;
    }
    out.extend(mine[at..].concat());
    Some(out)
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carry(before: &str, after: &str, own: &str) -> Option<String> {
        let out = carried(before.as_bytes(), after.as_bytes(), own.as_bytes())?;
        Some(String::from_utf8(out).expect("text"))
    }

    #[test]
    fn what_changes_other_lines_is_carried_over() {
        for (before, after, own, out) in [
            ("a\nb\nc\n", "a\nB\nc\n", "A\nb\nC\n", Some("A\nB\nC\n")),
            (
                "a\nb\nc\n",
                "a\nb\nc\nd\n",
                "A\nb\nc\n",
                Some("A\nb\nc\nd\n"),
            ),
            ("a\nb\nc\n", "a\nc\n", "A\nb\nc\n", Some("A\nc\n")),
            ("a\nb\n", "a\nB\n", "x\ny\na\nb\n", Some("x\ny\na\nB\n")),
            ("a\nb\n", "z\na\nb\n", "a\nb\nc\n", Some("z\na\nb\nc\n")),
            ("a\nb\n", "a\nB\n", "a\nb", None),
            ("a\nb\n", "a\nB\n", "a\nX\n", None),
            ("a\nb\n", "a\nx\nb\n", "a\ny\nb\n", None),
            ("a\nb\nc\n", "a\nx\n", "a\nb\ny\nc\n", None),
            // What is there already is not put there twice.
            ("a\nb\n", "a\nx\nb\n", "a\nx\nb\n", None),
        ] {
            assert_eq!(carry(before, after, own).as_deref(), out, "{own:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_of_ones_own_is_lost(
            lines in proptest::collection::vec("[a-z]{1,2}\n", 1..12),
            change in (0usize..12, "[A-Z]{1,2}\n"),
            own in (0usize..12, "[0-9]{1,2}\n"),
        ) {
            let with = |(at, line): &(usize, String)| {
                let mut lines = lines.clone();
                let at = at % lines.len();
                lines[at].clone_from(line);
                (at, lines)
            };
            let ((changed, after), (touched, mine)) = (with(&change), with(&own));
            let out = carry(&lines.concat(), &after.concat(), &mine.concat());
            if let Some(out) = &out {
                proptest::prop_assert!(out.contains(&change.1) && out.contains(&own.1));
            }
            proptest::prop_assert_eq!(out.is_some(), changed != touched);
        }
    }
}
