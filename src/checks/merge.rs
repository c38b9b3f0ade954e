//! Merges: what two sides are together. Each may be legal by itself. Clause: model.md "Authority", merges.

use std::collections::BTreeSet;

use super::birth::DUPLICATE_ID;
use super::work::CHANGE_MOVED_ON;
use super::{Report, gates};
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::{Class, Id};
use crate::model::workflow::Status;

pub(super) static MERGE_CONTESTED: Rule = Rule {
    id: "merge-contested",
    severity: Severity::Error,
    clause: "model.md, Authority, merges",
    demands: "a document or the policy is never merged by content: one side moved it, not both",
    why: "two legal moves put together by lines are a third that nobody made",
    remedy: "make the branch's own moves again on top of the other: qms sync",
};

pub(super) static RULES: &[&Rule] = &[&MERGE_CONTESTED];

pub(super) fn check(report: &mut Report<'_>) {
    contested(report);
    overtaken(report);
    together(report);
}

/// Documents and the policy have the entry of the one side that moved them.
// Implements: REQ-QMS-RULE-MERGE-CONTESTED
fn contested(report: &mut Report<'_>) {
    let change = report.change;
    for contested in &change.contested {
        let path = &contested.path;
        let id = Id::at_home(path, &change.policy.folder).filter(|_| contested.twice);
        report.add(match id {
            Some(id) => {
                let message = format!("{id} is two documents: each side of the merge made one");
                Finding::new(&DUPLICATE_ID, message).at(path).help(
                    "git merge --abort, then give yours another number",
                    format!("qms renumber {id}"),
                )
            }
            None => {
                let message = format!("`{path}` is not the entry of the one side that moved it");
                Finding::new(&MERGE_CONTESTED, message).at(path).help(
                    "",
                    "git merge --abort, then make the branch's moves again on top: qms sync",
                )
            }
        });
    }
}

/// A change that went on to its post-review on one side has nothing under it on the other that the review did not see.
fn overtaken(report: &mut Report<'_>) {
    for (id, commit) in &report.change.merged.overtaken {
        let message = format!("{id} has left execution on one side, and has work on the other");
        report.add(
            Finding::new(&CHANGE_MOVED_ON, message)
                .at(&id.path(&report.change.policy.folder))
                .fact("work", commit.quoted())
                .help(
                    "git merge --abort, then route again on top of it",
                    "qms sync",
                ),
        );
    }
}

/// The gates between documents, asked again of all that either side moved.
fn together(report: &mut Report<'_>) {
    let change = report.change;
    let (tree, folder) = (&change.merged.tree, &change.policy.folder);
    let parents = change.merged.moved.iter().filter_map(Id::parent);
    let asked: BTreeSet<Id> = change.merged.moved.iter().cloned().chain(parents).collect();
    for id in &asked {
        let Some(status) = tree.read(id).map(|d| d.state.status) else {
            continue;
        };
        let mut found = match status {
            Status::Closed => gates::open_children(tree, id, folder),
            Status::Cancelled => gates::still_wanted(tree, id, folder),
            _ => Vec::new(),
        };
        let left = |child: &&Id| {
            let open = tree.read(child).is_none_or(|d| !d.state.status.is_final());
            child.kind().class == Class::Attachment && open && status == Status::Closed
        };
        found.extend(tree.children(id).filter(left).map(|child| {
            let message = format!("{child} is open, and {id}, with which it closes, is closed");
            Finding::new(&gates::OPEN_CHILD, message).at(&child.path(folder))
        }));
        for finding in found {
            report.add(finding.help(
                "make the branch again on top of the other",
                "git merge --abort, then qms sync",
            ));
        }
    }
}
