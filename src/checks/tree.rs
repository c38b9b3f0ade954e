//! The tree: documents stand in their one place, can be read, and are never deleted; so does the policy.
//! Clause: model.md "Files of a governed repository", "A document".

use super::Report;
use crate::model::change::{Entry, PathChange, REGULAR};
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::policy;
use crate::model::span::Flaw;

pub(super) static DOCUMENT_FORM: Rule = Rule {
    id: "document-form",
    severity: Severity::Error,
    clause: "model.md, A document",
    demands: "a document is front matter in the strict subset of YAML with a managed block in canonical form",
    why: "a header that two readers understand differently is two documents",
    remedy: "mend the line that is shown; the managed block is written by qms alone",
};
pub(super) static DOCUMENT_PLACE: Rule = Rule {
    id: "document-place",
    severity: Severity::Error,
    clause: "model.md, Files of a governed repository",
    demands: "a document has one path for its whole life, given by its id",
    why: "a second file with the same id would be a second truth",
    remedy: "put the file where the finding says, or give it a name that is no document id",
};
pub(super) static DOCUMENT_GONE: Rule = Rule {
    id: "document-gone",
    severity: Severity::Error,
    clause: "model.md, Files of a governed repository",
    demands: "no document's file is ever deleted, moved or made anything but a regular file",
    why: "numbers are never used twice and history is read by path; a gap would be filled by somebody",
    remedy: "restore the file; a document that is not wanted is cancelled or retired",
};
pub(super) static POLICY_FORM: Rule = Rule {
    id: "policy-form",
    severity: Severity::Error,
    clause: "model.md, Authority",
    demands: "every mainline tree from the anchor on holds a `qms.yaml` that this version reads",
    why: "what cannot be read cannot be enforced",
    remedy: "mend the line that is shown",
};
pub(super) static TWIN: Rule = Rule {
    id: "twin-path",
    severity: Severity::Error,
    clause: "model.md, Scope",
    demands: "no path comes in that differs from another one of its tree in case, normal form or a trailing dot alone",
    why: "where a file system cannot tell them apart, a checkout has one of the two, and nobody knows which",
    remedy: "give the new file a name of its own",
};
pub(super) static LINK: Rule = Rule {
    id: "link-leads-out",
    severity: Severity::Error,
    clause: "model.md, Scope",
    demands: "a symbolic link leads to what the same change may touch, and never out of the repository",
    why: "who controls what a link leads to controls what is read through it",
    remedy: "link within the scope, or ask for a scope that covers what is linked",
};
pub(super) static PARENTS: Rule = Rule {
    id: "parents",
    severity: Severity::Error,
    clause: "model.md, Authority",
    demands: "a commit has one parent or, a merge, two distinct ones",
    why: "an octopus cannot be judged path by path, and a second root carries its own past with it",
    remedy: "merge one branch at a time",
};

pub(super) static RULES: &[&Rule] = &[
    &DOCUMENT_FORM,
    &DOCUMENT_PLACE,
    &DOCUMENT_GONE,
    &POLICY_FORM,
    &TWIN,
    &LINK,
    &PARENTS,
];

pub(super) fn check(report: &mut Report<'_>) {
    let change = report.change;
    parents(report);
    twins(report);
    for path in &change.paths {
        if let Some(id) = Id::of_path(&path.path, &change.policy.folder) {
            document(report, &id, path);
        }
    }
    for path in &change.paths {
        let link = path.after.as_ref().and_then(|e| e.link.as_ref());
        if let Some(to) = link
            && path.path.follow(to).is_none()
        {
            report.add(leads_out(&path.path, to));
        }
    }
    policy_file(report);
}

// Implements: REQ-QMS-RULE-PARENTS
fn parents(report: &mut Report<'_>) {
    let parents = &report.change.parents[..];
    let message = match parents {
        [a, b] if a == b => "the commit names one parent twice".to_owned(),
        [_] | [_, _] => return,
        _ => format!("the commit has {} parents", parents.len()),
    };
    report.add(Finding::new(&PARENTS, message).help("", PARENTS.remedy));
}

// Implements: REQ-QMS-RULE-TWIN-PATH
fn twins(report: &mut Report<'_>) {
    for (path, twin) in &report.change.twins {
        let message = format!("`{path}` and `{twin}` cannot be told apart everywhere");
        let finding = Finding::new(&TWIN, message).at(path);
        report.add(finding.help("", report.leave_out(path)));
    }
}

/// A link to something that the same step could not touch.
// Implements: REQ-QMS-RULE-LINK-LEADS-OUT
pub(super) fn leads_out(path: &TreePath, to: &TreePath) -> Finding {
    let message = format!("`{path}` is a link that leads to `{to}`");
    Finding::new(&LINK, message).at(path).help("", LINK.remedy)
}

// Implements: REQ-QMS-RULE-DOCUMENT-GONE
fn document(report: &mut Report<'_>, id: &Id, change: &PathChange) {
    let path = &change.path;
    let home = id.path(&report.change.policy.folder);
    let Some(after) = &change.after else {
        if *path != home {
            return;
        }
        let message = format!("`{path}` is deleted, which no document ever is");
        let cancel = format!("qms cancel {id} --confirm");
        report.add(
            Finding::new(&DOCUMENT_GONE, message)
                .at(path)
                .help(
                    "bring it back",
                    format!("git restore --staged --worktree {path}"),
                )
                .help("if it is not wanted", cancel),
        );
        return;
    };
    for finding in entry(id, path, &home, after) {
        report.add(finding);
    }
}

/// What is wrong with a file that is a document by its name: its place, its mode, its form.
// Implements: REQ-QMS-RULE-DOCUMENT-FORM, REQ-QMS-RULE-DOCUMENT-PLACE
pub fn entry(id: &Id, path: &TreePath, home: &TreePath, entry: &Entry) -> Vec<Finding> {
    if path != home {
        let message = format!("`{path}` is {id} by its name, whose one place is `{home}`");
        let finding = Finding::new(&DOCUMENT_PLACE, message).at(path);
        return vec![finding.help("", format!("git mv {path} {home}"))];
    }
    if entry.mode != REGULAR {
        let mode = entry.mode;
        let message = format!("`{path}` has mode {mode:06o}, expected {REGULAR:06o}: a plain file");
        let finding = Finding::new(&DOCUMENT_GONE, message).at(path);
        return vec![finding.help("", format!("git update-index --chmod=-x {path}"))];
    }
    let flaw = |flaw: &Flaw| {
        let finding = Finding::new(&DOCUMENT_FORM, format!("{id}: {}", flaw.message));
        finding.at(path).span(flaw.span.clone())
    };
    match entry.document.as_deref() {
        Some(Ok(_)) => Vec::new(),
        Some(Err(flaws)) => flaws.iter().map(flaw).collect(),
        None => vec![Finding::new(&DOCUMENT_FORM, format!("`{path}` could not be read")).at(path)],
    }
}

/// What keeps a policy from being one.
pub(super) fn unreadable(flaws: &[Flaw]) -> impl Iterator<Item = Finding> {
    flaws.iter().map(|flaw| {
        Finding::new(&POLICY_FORM, flaw.message.clone())
            .at(&TreePath::from(policy::FILE))
            .span(flaw.span.clone())
    })
}

// Implements: REQ-QMS-RULE-POLICY-FORM
fn policy_file(report: &mut Report<'_>) {
    let Some(after) = &report.change.policy_after else {
        return;
    };
    let path = TreePath::from(policy::FILE);
    match &after.parsed {
        None => {
            let finding = Finding::new(
                &POLICY_FORM,
                "`qms.yaml` is deleted, without it nothing can be judged",
            );
            report.add(
                finding
                    .at(&path)
                    .help("", "git restore --staged --worktree qms.yaml"),
            );
        }
        Some(Err(flaws)) => {
            for finding in unreadable(flaws) {
                report.add(finding);
            }
        }
        Some(Ok(_)) => super::people::policy(report),
    }
}
