//! What bends a history, or shares it with others: shallow boundaries, grafts, replacements, symbolic branches, alternates.

use anyhow::Result;

use crate::git::Repo;
use crate::model::health::Row;

/// Where history is cut off or bent; one row where it is whole.
pub(super) fn cuts(repo: &Repo) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let common = repo.common_dir();
    let there = |name: &str| common.join(name).metadata().is_ok_and(|m| m.len() > 0);
    if there("shallow") {
        let is = "history is cut off, so nothing behind the cut can be verified";
        rows.push(Row::wrong("history-shallow", "history", is).mend("git fetch --unshallow"));
    }
    if there("info/grafts") {
        let place = common.join("info/grafts");
        let is = format!("{} bends history", place.display());
        rows.push(
            Row::wrong("history-grafts", "history", is).mend(format!("rm {}", super::word(&place))),
        );
    }
    let replaced = repo.replaced()?;
    if let Some(first) = replaced.first() {
        let is = format!(
            "refs/replace shows git another content of {} {}; qms does not look there",
            replaced.len(),
            if replaced.len() == 1 {
                "object"
            } else {
                "objects"
            }
        );
        rows.push(
            Row::wrong("history-replaced", "history", is).mend(format!("git replace -d {first}")),
        );
    }
    if rows.is_empty() {
        let is = "whole: not shallow, no grafts, no refs/replace";
        rows.push(Row::good("history", "history", is));
    }
    Ok(rows)
}

/// What a server shares under another name, or with another repository.
pub(super) fn sharing(repo: &Repo) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, target) in repo.symbolic_branches()? {
        let is = format!("stands for {target}; pre-receive is shown the other name alone");
        let mend = format!(
            "git -C {} symbolic-ref --delete {name}",
            super::word(repo.git_dir())
        );
        rows.push(Row::wrong("symbolic-ref", name, is).mend(mend));
    }
    let alternates = repo.common_dir().join("objects/info/alternates");
    let text = std::fs::read_to_string(&alternates).unwrap_or_default();
    for line in text
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        let store = repo.common_dir().join("objects").join(line);
        rows.push(match store.is_dir() {
            true => Row::mind(
                "alternates",
                line,
                "objects are read from there too; who removes them breaks this repository",
            ),
            false => Row::wrong(
                "alternates",
                line,
                "objects are to be read from there, and nothing is there",
            )
            .mend(format!("edit {}", super::word(&alternates))),
        });
    }
    if rows.is_empty() {
        let is = "no symbolic branch, no alternates";
        rows.push(Row::good("sharing", "sharing", is));
    }
    Ok(rows)
}
