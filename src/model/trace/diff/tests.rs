//! What counts as a change, and which changes are worse.

use super::super::sample::{item, matrix, row};
use super::*;

fn said(before: Option<&Matrix>, after: Option<&Matrix>) -> Vec<String> {
    let changes = BTreeSet::from(["CR-001".to_owned()]);
    let diff = diff(&Ends {
        system: "A",
        commits: ["1", "2"],
        before,
        after,
        changes: &changes,
    });
    let worse = |c: &Change| if c.worse { " (worse)" } else { "" };
    let line = |c: &Change| format!("{} {}{}", c.requirement, c.what.as_str(), worse(c));
    diff.changes.iter().map(line).collect()
}

#[test]
fn nothing_changed_is_nothing() {
    let one = matrix(vec![row("R-1", "verified")]);
    assert_eq!(said(Some(&one), Some(&one)), [""; 0]);
}

#[test]
fn every_difference_is_said_once() {
    let old = matrix(vec![
        row("R-1", "verified"),
        row("R-2", "untested"),
        row("R-3", "verified"),
    ]);
    let mut new = matrix(vec![
        row("R-1", "not run"),
        row("R-2", "not run"),
        row("R-4", "untested"),
    ]);
    new.requirements[0].fingerprint = "other".into();
    new.requirements[1].implemented_by = vec![item("g", "a.py")];
    new.requirements[1].verified_by.push(item("u", "t.py"));
    assert_eq!(
        said(Some(&old), Some(&new)),
        [
            "R-1 reworded",
            "R-1 verdict (worse)",
            "R-2 verdict",
            "R-2 code unlinked",
            "R-2 code linked",
            "R-2 test linked",
            "R-3 removed (worse)",
            "R-4 added",
        ]
    );
}

#[test]
fn what_a_change_retired_is_gone_for_good() {
    let old = matrix(vec![row("R-1", "verified")]);
    let mut new = matrix(Vec::new());
    for (by, expected) in [
        ("CR-001", "R-1 retired"),
        ("CR-002", "R-1 removed (worse)"),
        ("us", "R-1 removed (worse)"),
    ] {
        new.retired = vec![Retired {
            id: "R-1".to_owned(),
            by: by.to_owned(),
        }];
        assert_eq!(said(Some(&old), Some(&new)), [expected]);
    }
    // It was no longer judged before, so that its text may go.
    assert_eq!(said(Some(&new), Some(&matrix(Vec::new()))), [""; 0]);
    assert_eq!(said(Some(&old), None), ["R-1 removed (worse)"]);
    assert_eq!(said(None, Some(&old)), ["R-1 added"]);
}

#[test]
fn what_only_moved_is_where_it_was() {
    let mut old = matrix(vec![row("R-1", "verified")]);
    let mut new = old.clone();
    new.requirements[0].implemented_by[0].line = 7;
    old.requirements[0].verified_by[0].name = "t.py:1".into();
    new.requirements[0].verified_by[0].name = "t.py:5".into();
    let flaw = |line| Why {
        path: "a.py".into(),
        line,
        says: "stands on nothing".into(),
    };
    old.flaws = vec![flaw(3)];
    new.flaws = vec![flaw(8)];
    assert_eq!(said(Some(&old), Some(&new)), [""; 0]);
    new.flaws.push(flaw(9));
    assert_eq!(said(Some(&old), Some(&new)), [" flaw (worse)"]);
    assert_eq!(said(Some(&new), Some(&old)), [" mended"]);
}
