//! The one decision function. Hooks, the server, CI, the command line and later readers of history ask `check`;
//! each family file holds its rules as data and the functions that apply them. No git, no files, no clock.

mod action;
mod authority;
pub(crate) mod birth;
mod block;
mod content;
mod evidence;
mod execution;
mod founding;
mod frozen;
mod gates;
mod hidden;
mod merge;
mod message;
mod moves;
mod people;
pub mod policy;
pub mod qualified;
pub mod refs;
mod report;
mod round;
pub mod signature;
pub mod tree;
mod who;
pub(crate) mod work;

use report::Report;

use crate::model::change::Change;
use crate::model::finding::{Finding, Rule};
use crate::model::kind::Id;
use crate::model::scope::Sort;
use crate::model::trailer::{self, Key, Trailers};
use crate::model::workflow::Action;

/// Every rule, in the order of the families.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let families: [&[&Rule]; 23] = [
        message::RULES,
        signature::RULES,
        work::RULES,
        authority::RULES,
        moves::RULES,
        frozen::RULES,
        who::RULES,
        block::RULES,
        birth::RULES,
        round::RULES,
        gates::RULES,
        content::RULES,
        hidden::RULES,
        execution::RULES,
        evidence::RULES,
        action::RULES,
        qualified::RULES,
        tree::RULES,
        merge::RULES,
        founding::RULES,
        people::RULES,
        policy::RULES,
        refs::RULES,
    ];
    families.into_iter().flatten().copied()
}

/// Judges one step: all findings, sorted by place. Empty: it may happen.
pub fn check(change: &Change) -> Vec<Finding> {
    let mut report = Report::new(change);
    founding::founding(&mut report);
    tree::check(&mut report);
    merge::check(&mut report);
    qualified::shown_first(&mut report);
    if let Some(message) = &change.commit.message {
        judge(&mut report, message);
    }
    report.finish()
}

/// What a document lacks for the gates that are next for it, whoever may take it there and whenever. `change`: a step
/// that would route it, or close it.
pub fn gates(change: &Change, id: &Id, actor: &str) -> Vec<Finding> {
    let mut report = Report::new(change);
    gates::due(&mut report, id, actor);
    report.finish()
}

/// Judges a commit of the records of runs: who answers for it, as on the trunk. `flaws`: what is wrong with its tree, by which rule.
pub fn kept(change: &Change, flaws: Vec<(&'static Rule, String)>) -> Vec<Finding> {
    let mut report = Report::new(change);
    for (rule, flaw) in flaws {
        report.add(Finding::new(rule, flaw).help("", rule.remedy));
    }
    let message = change.commit.message.as_deref().unwrap_or_default();
    if let Some(trailers) = message::read(&mut report, message) {
        demand(&mut report, &trailers, "evidence", &[Key::Actor], &[]);
        message::actor(&mut report, &trailers, false);
    }
    report.finish()
}

/// Judges whoever made a tag that says what was qualified, as `Change::commit` has him.
pub fn tagged(change: &Change) -> Vec<Finding> {
    let mut report = Report::new(change);
    message::tagger(&mut report);
    report.finish()
}

/// A message that could not be written as trailers, as a finding.
pub fn misread(fault: trailer::Misread) -> Finding {
    message::finding(fault, None)
}

/// What a commit is decides what it needs (model.md "Trailers", second table).
fn judge(report: &mut Report<'_>, message: &[u8]) {
    let change = report.change;
    let needs = change.paths.iter().any(|p| report.sort_of(p) != Sort::Free);
    if !needs && !trailer::carries(message) {
        return;
    }
    let Some(trailers) = message::read(report, message) else {
        return;
    };
    authority::stays(report, &trailers);
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
