//! The one decision function. Hooks, the server, CI, the command line and later readers of history ask `check`;
//! each family file holds its rules as data and the functions that apply them. No git, no files, no clock.

pub(crate) mod birth;
mod block;
mod founding;
mod gates;
mod message;
mod moves;
mod people;
pub mod refs;
mod round;
mod tree;
mod who;
mod words;
mod work;

use crate::model::change::Change;
use crate::model::finding::{Finding, Rule};
use crate::model::path::TreePath;
use crate::model::scope::Sort;
use crate::model::trailer::{self, Key, Trailers};
use crate::model::workflow::Action;

/// Every rule, in the order of the families.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let families: [&[&Rule]; 12] = [
        message::RULES,
        work::RULES,
        moves::RULES,
        who::RULES,
        block::RULES,
        birth::RULES,
        round::RULES,
        gates::RULES,
        tree::RULES,
        founding::RULES,
        people::RULES,
        refs::RULES,
    ];
    families.into_iter().flatten().copied()
}

/// Judges one step: all findings, sorted by place. Empty: it may happen.
pub fn check(change: &Change) -> Vec<Finding> {
    let mut report = Report {
        change,
        found: Vec::new(),
    };
    founding::founding(&mut report);
    tree::check(&mut report);
    if let Some(message) = &change.commit.message {
        judge(&mut report, message);
    }
    report.finish()
}

/// A message that could not be written as trailers, as a finding.
pub fn misread(fault: trailer::Misread) -> Finding {
    message::finding(fault, None)
}

/// What a commit is decides what it needs (model.md "Trailers", second table).
fn judge(report: &mut Report<'_>, message: &[u8]) {
    let change = report.change;
    let needs = change
        .paths
        .iter()
        .any(|p| report.sort(&p.path) != Sort::Free);
    if !needs && !trailer::carries(message) {
        return;
    }
    let Some(trailers) = message::read(report, message) else {
        return;
    };
    match trailers.value(Key::Action) {
        None => work::check(report, &trailers),
        Some("found") => founding::found(report, &trailers),
        Some("enroll") => people::enroll(report, &trailers),
        Some(action) => match Action::parse(action) {
            Some(action) => moves::check(report, action, &trailers),
            None => message::unknown_action(report, action),
        },
    }
}

/// Collects the findings about one change.
struct Report<'a> {
    change: &'a Change,
    found: Vec<Finding>,
}

impl<'a> Report<'a> {
    fn add(&mut self, mut finding: Finding) {
        let raised = self.change.policy.severities.get(finding.rule.id).copied();
        finding.severity = raised.map_or(finding.severity, |s| s.max(finding.severity));
        finding.commit = Some(self.change.commit.name());
        self.found.push(finding);
    }

    /// Whether an earlier family found an error at a path, so that there is nothing to compute from it.
    fn is_spoiled(&self, path: &TreePath) -> bool {
        self.found
            .iter()
            .any(|f| f.is_error() && f.path.as_ref() == Some(path))
    }

    /// The command that takes a path out of the step: out of the index, or out of a commit that is made already.
    fn leave_out(&self, path: &TreePath) -> String {
        match self.change.commit.id.get(..10) {
            Some(id) => format!("git reset --soft {id}~1 && git restore --staged {path}"),
            None => format!("git restore --staged {path}"),
        }
    }

    /// What a path is, for those who stand behind the commit.
    fn sort(&self, path: &TreePath) -> Sort {
        let people = &self.change.policy.people;
        let commit = &self.change.commit;
        let who: Vec<&str> = [&commit.author, &commit.committer]
            .into_iter()
            .filter_map(|i| people.known_as(i))
            .collect();
        self.change.policy.sort(path, &who)
    }

    fn finish(mut self) -> Vec<Finding> {
        self.found.sort_by(|a, b| {
            let place = |f: &Finding| (f.path.clone(), f.span.as_ref().map(|s| (s.line, s.column)));
            (std::cmp::Reverse(a.severity), place(a))
                .cmp(&(std::cmp::Reverse(b.severity), place(b)))
        });
        self.found
    }
}

/// Trailers of a kind of commit: which it must have, which it may have.
fn demand(
    report: &mut Report<'_>,
    trailers: &Trailers,
    what: &str,
    required: &[Key],
    allowed: &[Key],
) {
    for key in required.iter().filter(|k| trailers.value(**k).is_none()) {
        message::missing(report, what, *key);
    }
    for key in trailers
        .keys()
        .filter(|k| !required.contains(k) && !allowed.contains(k))
    {
        message::extra(report, what, key);
    }
}
