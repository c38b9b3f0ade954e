//! Collects what the families find about one change.

use std::cell::OnceCell;

use super::signature;
use crate::model::change::{Change, Entry, GITLINK, PathChange, SYMLINK};
use crate::model::finding::Finding;
use crate::model::path::TreePath;
use crate::model::scope::Sort;

/// Collects the findings about one change.
pub(super) struct Report<'a> {
    pub(super) change: &'a Change,
    pub(super) found: Vec<Finding>,
    /// Whose the commit counts as, once a path is free for some users alone.
    who: OnceCell<Vec<String>>,
}

impl<'a> Report<'a> {
    pub(super) fn new(change: &'a Change) -> Report<'a> {
        Report {
            change,
            found: Vec::new(),
            who: OnceCell::new(),
        }
    }

    pub(super) fn add(&mut self, mut finding: Finding) {
        let raised = self.change.policy.severities.get(finding.rule.id).copied();
        finding.severity = raised.map_or(finding.severity, |s| s.max(finding.severity));
        finding.commit = Some(self.change.commit.name());
        self.found.push(finding);
    }

    /// Whether an earlier family found an error at a path, so that there is nothing to compute from it.
    pub(super) fn is_spoiled(&self, path: &TreePath) -> bool {
        self.found
            .iter()
            .any(|f| f.is_error() && f.path.as_ref() == Some(path))
    }

    /// The command that takes a path out of the step: out of the index, or out of a commit that is made already.
    pub(super) fn leave_out(&self, path: &TreePath) -> String {
        match self.change.commit.id.get(..10) {
            Some(id) => format!("git reset --soft {id}~1 && git restore --staged {path}"),
            None => format!("git restore --staged {path}"),
        }
    }

    /// What a path is, for those who stand behind the commit.
    pub(super) fn sort(&self, path: &TreePath) -> Sort {
        let policy = &self.change.policy;
        let for_some = policy.free.iter().any(|f| !f.by.is_empty());
        let who = self.who.get_or_init(|| match for_some {
            true => signature::whose(self.change),
            false => Vec::new(),
        });
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        policy.sort(path, &who)
    }

    /// What a changed path is. A link stands for what lies in it: one in the place of a folder that steers is such a folder.
    pub(super) fn sort_of(&self, path: &PathChange) -> Sort {
        let link = |e: &Entry| matches!(e.mode, SYMLINK | GITLINK);
        let steers = Sort::Controlled { exactly: true };
        if [&path.before, &path.after].into_iter().flatten().any(link)
            && self.sort(&TreePath::new([path.path.as_bytes(), b"/x"].concat())) == steers
        {
            return steers;
        }
        self.sort(&path.path)
    }

    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.found.sort_by(|a, b| {
            let place = |f: &Finding| (f.path.clone(), f.span.as_ref().map(|s| (s.line, s.column)));
            (std::cmp::Reverse(a.severity), place(a))
                .cmp(&(std::cmp::Reverse(b.severity), place(b)))
        });
        self.found
    }
}
