//! How much records hold: what is read for one verdict has a bound in each record, and in all records of one state.

use std::collections::BTreeMap;

use super::{Lines, Record};

/// Records that name more lines in all are neither written nor read: a few bytes may stand for millions.
const MOST_LINES: u64 = 4 << 20;
/// The same of all records of one state together.
pub const MOST_OF_A_STATE: Size = Size {
    lines: 16 << 20,
    cases: 1 << 20,
};

/// How much a record holds, or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Size {
    /// Lines that are named, each as often as it is.
    pub lines: u64,
    /// Records, with results of tests, processes and tests that were measured.
    pub cases: u64,
}

impl Record {
    pub fn size(&self) -> Size {
        let covered = self.coverage.iter().flat_map(BTreeMap::values);
        let run = covered.flat_map(|covered| [&covered.executed, &covered.missed]);
        let own = self.tests.values().flat_map(BTreeMap::values);
        let cases = 1 + self.cases.len() + self.processes.len() + self.tests.len();
        Size {
            lines: run.chain(own).map(Lines::count).sum(),
            cases: cases as u64,
        }
    }

    /// Whether the lines that it names are not too many.
    pub(super) fn fits(&self) -> Result<(), String> {
        match self.size().lines {
            lines if lines > MOST_LINES => Err(format!(
                "it names {lines} lines, expected at most {MOST_LINES}"
            )),
            _ => Ok(()),
        }
    }
}

/// Records that are named where there is too much.
const MOST_NAMED: usize = 3;

/// The records of one state that are read for a verdict, one after another.
#[derive(Debug, Clone, Default)]
pub struct Load {
    all: Size,
    of: Vec<(Size, String)>,
}

impl Load {
    /// Takes a record in, by its path. Where that is too much, it says so with the largest records, and no more of
    /// them are to be read.
    pub fn add(&mut self, path: &str, size: Size) -> Result<(), String> {
        self.all.lines = self.all.lines.saturating_add(size.lines);
        self.all.cases = self.all.cases.saturating_add(size.cases);
        self.of.push((size, path.to_owned()));
        let (all, most) = (self.all, MOST_OF_A_STATE);
        if all.lines <= most.lines && all.cases <= most.cases {
            return Ok(());
        }
        let mut largest: Vec<_> = self.of.iter().collect();
        largest.sort_by(|a, b| b.cmp(a));
        let named = largest.iter().take(MOST_NAMED);
        let named = named.map(|(size, path)| {
            let Size { lines, cases } = size;
            format!("`{path}` with {lines} and {cases}")
        });
        let more = match largest.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Err(format!(
            "evidence of one state names {} lines and {} results, expected at most {} and {}: {}{more}",
            all.lines,
            all.cases,
            most.lines,
            most.cases,
            named.collect::<Vec<_>>().join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_holds_so_much_and_no_more() {
        let most = MOST_OF_A_STATE;
        let of = |lines, cases| Size { lines, cases };
        let mut load = Load::default();
        assert_eq!(load.add("a", of(most.lines - 1, most.cases - 2)), Ok(()));
        assert_eq!(load.add("b", of(1, 1)), Ok(()));
        let lines = load.clone().add("c", of(1, 1)).expect_err("too many lines");
        assert!(
            lines.contains("names 16777217 lines and 1048576 results"),
            "{lines}"
        );
        assert!(
            lines.contains("`a` with 16777215 and 1048574, `c`"),
            "{lines}"
        );
        assert_eq!(load.add("c", of(0, 1)), Ok(()));
        let cases = load.add("d", of(0, 1)).expect_err("too many cases");
        assert!(cases.ends_with(", and 1 more"), "{cases}");
        assert!(load.add("e", of(u64::MAX, u64::MAX)).is_err());
    }
}
