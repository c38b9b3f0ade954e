//! What changed between two commits, as text and as Markdown: a line for each change, what got worse is marked.

use super::super::table::columns;
use super::md::{escaped, table};
use super::{place, short};
use crate::model::trace::diff::{Change, Diff, Side};

pub fn text(all: &[Diff]) -> String {
    let each: Vec<String> = all.iter().map(one).collect();
    each.join("\n")
}

fn one(diff: &Diff) -> String {
    let row = |change: &Change| {
        let mark = if change.worse { "  worse" } else { "" };
        [
            mark.to_owned(),
            about(diff, change).to_owned(),
            change.what.as_str().to_owned(),
            place(&change.path, change.line),
            change.says.clone(),
        ]
        .to_vec()
    };
    let mut rows: Vec<Vec<String>> = diff.changes.iter().map(row).collect();
    for row in rows.iter_mut().filter(|row| row[0].is_empty()) {
        row[0] = "  -".to_owned();
    }
    format!(
        "{}  {} -> {}\n{}{}\n",
        diff.system,
        side(&diff.from),
        side(&diff.to),
        columns(&rows),
        counted(diff)
    )
}

pub fn md(all: &[Diff]) -> String {
    let each: Vec<String> = all.iter().map(section).collect();
    each.join("\n")
}

fn section(diff: &Diff) -> String {
    let mut out = format!(
        "## {}\n\n{} -> {}: {}.\n",
        escaped(&diff.system),
        escaped(&side(&diff.from)),
        escaped(&side(&diff.to)),
        counted(diff)
    );
    if !diff.changes.is_empty() {
        let titles = ["", "Requirement", "Change", "Place", "What"];
        let rows = diff.changes.iter().map(|change| {
            [
                if change.worse { "**worse**" } else { "" }.to_owned(),
                escaped(about(diff, change)),
                escaped(change.what.as_str()),
                escaped(&place(&change.path, change.line)),
                escaped(&change.says),
            ]
        });
        out.push_str(&format!("\n{}", table(&titles, rows)));
    }
    out
}

/// The requirement, or the system where it is about none.
fn about<'d>(diff: &'d Diff, change: &'d Change) -> &'d str {
    match change.requirement.as_str() {
        "" => &diff.system,
        id => id,
    }
}

fn side(side: &Side) -> String {
    let commit = short(&side.commit);
    match (&side.rs, &side.version) {
        (Some(rs), Some(version)) => format!("{commit} ({rs} {version})"),
        _ => format!("{commit} (no specification)"),
    }
}

fn counted(diff: &Diff) -> String {
    format!("{} changes, {} worse", diff.changes.len(), diff.worse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::trace::diff::What;

    fn sample() -> Diff {
        let change = |requirement: &str, what, says: &str| Change {
            worse: what == What::Removed,
            ..Change::new(requirement, what, says.to_owned())
        };
        let linked = Change {
            path: "tests/<t>.py".to_owned(),
            line: 3,
            ..change("REQ-A-2", What::TestLinked, "`a|b` verifies it")
        };
        Diff {
            system: "A".to_owned(),
            from: Side {
                commit: "1".repeat(40),
                rs: Some("SDLC-A-RS".to_owned()),
                version: Some("1.0".to_owned()),
            },
            to: Side {
                commit: "2".repeat(40),
                rs: None,
                version: None,
            },
            changes: vec![
                change("REQ-A-1", What::Removed, "is gone"),
                linked,
                change("", What::Mended, "`@x` is no requirement"),
            ],
            worse: 1,
        }
    }

    #[test]
    fn a_change_is_a_line_and_what_is_worse_is_marked() {
        insta::assert_snapshot!(text(&[sample()]), @"
        A  1111111111 (SDLC-A-RS 1.0) -> 2222222222 (no specification)
          worse  REQ-A-1  removed                      is gone
          -      REQ-A-2  test linked  tests/<t>.py:3  `a|b` verifies it
          -      A        mended                       `@x` is no requirement
        3 changes, 1 worse
        ");
        insta::assert_snapshot!(md(&[sample()]), @r"
        ## A

        1111111111 (SDLC-A-RS 1.0) -> 2222222222 (no specification): 3 changes, 1 worse.

        |  | Requirement | Change | Place | What |
        | --- | --- | --- | --- | --- |
        | **worse** | REQ-A-1 | removed |  | is gone |
        |  | REQ-A-2 | test linked | tests/\<t\>.py:3 | \`a\|b\` verifies it |
        |  | A | mended |  | \`\@<b></b>x\` is no requirement |
        ");
    }
}
