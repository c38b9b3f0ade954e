//! What changed between two matrices of a system: requirements that came, went or read otherwise, verdicts, tags and flaws;
//! and which of it is worse than before.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::matrix::{Matrix, Named, Retired, Row, Why};
use super::verdict::Class;

#[cfg(test)]
mod tests;

/// A system at two commits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Diff {
    pub system: String,
    pub from: Side,
    pub to: Side,
    /// By requirement; those of flaws last.
    pub changes: Vec<Change>,
    /// How many of them are worse than before.
    pub worse: usize,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Side {
    /// In full.
    pub commit: String,
    /// The specification and its version; null where the system has none there.
    pub rs: Option<String>,
    pub version: Option<String>,
}

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// Empty where it is of no requirement.
    pub requirement: String,
    pub what: What,
    /// A verdict, or the name of what is tagged; null where there was or is none.
    pub before: Option<String>,
    pub after: Option<String>,
    /// Where it is, or was if it is gone; empty and 0 where it is of no place.
    pub path: String,
    pub line: usize,
    pub says: String,
    pub worse: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    Added,
    /// Gone, and no change says that it retired it.
    Removed,
    /// Retired by a change, or gone after that.
    Retired,
    /// Title, text or attributes read otherwise.
    Reworded,
    Verdict,
    CodeLinked,
    CodeUnlinked,
    TestLinked,
    TestUnlinked,
    /// Something is wrong with the document or with a tag.
    Flaw,
    /// And no longer is.
    Mended,
}

impl What {
    pub fn as_str(self) -> &'static str {
        match self {
            What::Added => "added",
            What::Removed => "removed",
            What::Retired => "retired",
            What::Reworded => "reworded",
            What::Verdict => "verdict",
            What::CodeLinked => "code linked",
            What::CodeUnlinked => "code unlinked",
            What::TestLinked => "test linked",
            What::TestUnlinked => "test unlinked",
            What::Flaw => "flaw",
            What::Mended => "mended",
        }
    }
}

/// What is compared: the matrix at each end, none where the system has no specification there.
#[derive(Debug, Clone, Copy)]
pub struct Ends<'m> {
    pub system: &'m str,
    /// The commits in full.
    pub commits: [&'m str; 2],
    pub before: Option<&'m Matrix>,
    pub after: Option<&'m Matrix>,
    /// Changes that may retire a requirement: those that are there at the second end, and were not given up.
    pub changes: &'m BTreeSet<String>,
}

pub fn diff(ends: &Ends<'_>) -> Diff {
    let [from, to] = ends.commits;
    let mut out = Vec::new();
    let (before, after) = (rows(ends.before), rows(ends.after));
    let ids: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    for id in ids {
        match (before.get(id), after.get(id)) {
            (Some(old), Some(new)) => both(old, new, &mut out),
            (Some(old), None) => out.push(gone(ends, old)),
            (None, Some(new)) => out.push(added(new)),
            (None, None) => {}
        }
    }
    flaws(ends, &mut out);
    Diff {
        system: ends.system.to_owned(),
        from: side(from, ends.before),
        to: side(to, ends.after),
        worse: out.iter().filter(|change| change.worse).count(),
        changes: out,
    }
}

fn side(commit: &str, matrix: Option<&Matrix>) -> Side {
    Side {
        commit: commit.to_owned(),
        rs: matrix.map(|m| m.rs.clone()),
        version: matrix.map(|m| m.version.clone()),
    }
}

fn rows(matrix: Option<&Matrix>) -> BTreeMap<&str, &Row> {
    let rows = matrix.into_iter().flat_map(|m| &m.requirements);
    rows.map(|row| (&*row.id, row)).collect()
}

impl Change {
    /// One that is no worse and of no place.
    pub fn new(requirement: &str, what: What, says: String) -> Change {
        Change {
            requirement: requirement.to_owned(),
            what,
            before: None,
            after: None,
            path: String::new(),
            line: 0,
            says,
            worse: false,
        }
    }
}

fn added(new: &Row) -> Change {
    Change {
        after: Some(new.verdict.to_owned()),
        ..Change::new(&new.id, What::Added, format!("is new: {}", new.verdict))
    }
}

/// A requirement that disappears without being retired by a change is a finding.
fn gone(ends: &Ends<'_>, old: &Row) -> Change {
    let retired = ends.after.into_iter().flat_map(|m| &m.retired);
    let by = retired
        .filter(|r| r.id == old.id)
        .map(|Retired { by, .. }| by)
        .next();
    let change = |what, says| Change {
        before: Some(old.verdict.to_owned()),
        after: by.cloned(),
        ..Change::new(&old.id, what, says)
    };
    match by {
        Some(by) if ends.changes.contains(by) => change(What::Retired, format!("is retired by {by}")),
        Some(by) => Change {
            worse: true,
            ..change(What::Removed, format!("is called retired by `{by}`, expected a change that is there: `(retired: CR-001)`"))
        },
        None => Change {
            worse: true,
            ..change(What::Removed, "is gone, expected it, or `(retired: CR-001)` at its text with the change that ended it".to_owned())
        },
    }
}

fn both(old: &Row, new: &Row, out: &mut Vec<Change>) {
    let id = &new.id;
    if old.fingerprint != new.fingerprint {
        out.push(Change::new(
            id,
            What::Reworded,
            "reads otherwise".to_owned(),
        ));
    }
    if old.verdict != new.verdict {
        let (was, is) = (old.verdict, new.verdict);
        out.push(Change {
            before: Some(was.to_owned()),
            after: Some(is.to_owned()),
            worse: Class::of(is) < Class::of(was),
            ..Change::new(id, What::Verdict, format!("was {was}, is {is}"))
        });
    }
    for (old, new, linked, unlinked, verb) in [
        (
            &old.implemented_by,
            &new.implemented_by,
            What::CodeLinked,
            What::CodeUnlinked,
            "implements",
        ),
        (
            &old.verified_by,
            &new.verified_by,
            What::TestLinked,
            What::TestUnlinked,
            "verifies",
        ),
    ] {
        for one in missing(old, new) {
            let says = format!("`{}` no longer {verb} it", one.name);
            out.push(Change {
                before: Some(one.name.to_string()),
                ..placed(Change::new(id, unlinked, says), &one.path, one.line)
            });
        }
        for one in missing(new, old) {
            let says = format!("`{}` {verb} it", one.name);
            out.push(Change {
                after: Some(one.name.to_string()),
                ..placed(Change::new(id, linked, says), &one.path, one.line)
            });
        }
    }
}

/// What the first list has and the second has not. What is called after its line is the same where it only moved.
fn missing<'n>(all: &'n [Named], others: &[Named]) -> Vec<&'n Named> {
    let same = |a: &Named, b: &Named| {
        a.path == b.path && (a.name == b.name || a.fingerprint == b.fingerprint)
    };
    let lost = all
        .iter()
        .filter(|one| !others.iter().any(|other| same(one, other)));
    lost.collect()
}

fn placed(change: Change, path: &str, line: usize) -> Change {
    Change {
        path: path.to_owned(),
        line,
        ..change
    }
}

/// Flaws by what they say, whatever line they are on by now.
fn flaws(ends: &Ends<'_>, out: &mut Vec<Change>) {
    let all = |matrix: Option<&Matrix>| matrix.map_or(Vec::new(), |m| m.flaws.clone());
    let (before, after) = (all(ends.before), all(ends.after));
    let mut more = |all: &[Why], others: &[Why], what, worse| {
        let mut left: Vec<(&str, &str)> = others.iter().map(|o| (&*o.path, &*o.says)).collect();
        for flaw in all {
            let same = left
                .iter()
                .position(|known| *known == (&*flaw.path, &*flaw.says));
            if let Some(at) = same {
                left.remove(at);
                continue;
            }
            let change = Change::new("", what, flaw.says.to_string());
            out.push(Change {
                worse,
                ..placed(change, &flaw.path, flaw.line)
            });
        }
    };
    more(&after, &before, What::Flaw, true);
    more(&before, &after, What::Mended, false);
}
