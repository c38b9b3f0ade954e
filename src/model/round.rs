//! Rounds: who is asked, who approves. Source: lifecycle.md "Rounds".

use std::collections::BTreeSet;

use super::document::Document;
use super::kind::Id;
use super::people::Group;
use super::policy::{Asks, Policy};
use super::scope::Scope;
use super::state::{Outcome, State};

/// The policies that a round is computed with.
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    /// At P: who may act.
    pub acting: &'a Policy,
    /// At the merge base with P: who must be asked.
    pub asking: &'a Policy,
}

/// Whether somebody could speak about a document: a quality user or reviewer who neither owns nor wrote it.
pub fn could_judge(policy: &Policy, state: &State, name: &str) -> bool {
    policy.people.active(name).is_some_and(|u| u.judges()) && !is_its_own(state, name)
}

/// Whether a document is somebody's own: nobody reviews or approves what he owns or wrote.
pub fn is_its_own(state: &State, name: &str) -> bool {
    state.authors.contains(name) || state.owner.as_deref() == Some(name)
}

/// Whom the path table names for a document: for its scope, or without one for its own path.
pub fn named(policy: &Policy, id: &Id, document: &Document) -> BTreeSet<String> {
    let scope = Scope::of(document);
    let path = id.path(&policy.folder);
    let concerns = |row: &&Asks| match scope.0.is_empty() {
        true => row.patterns.iter().any(|p| p.matches(&path)),
        false => scope.overlaps(&row.patterns),
    };
    policy
        .review
        .iter()
        .filter(concerns)
        .flat_map(|row| row.users.iter().cloned())
        .collect()
}

/// Whom a routing for review asks: those whom the path table names and who may act, and every quality user where it
/// names none of them.
pub fn asked(
    policies: Policies<'_>,
    id: &Id,
    document: &Document,
    state: &State,
) -> BTreeSet<String> {
    let may = |name: &String| could_judge(policies.acting, state, name);
    let named: BTreeSet<String> = named(policies.asking, id, document)
        .into_iter()
        .filter(may)
        .collect();
    if !named.is_empty() {
        return named;
    }
    let quality = policies
        .asking
        .people
        .in_group(Group::Quality)
        .map(str::to_owned);
    quality.filter(may).collect()
}

/// Who approves when a round is routed on: the quality users who spoke in it.
pub fn approvers(policy: &Policy, state: &State) -> BTreeSet<String> {
    let may = |name: &&String| {
        policy
            .people
            .active(name)
            .is_some_and(|u| u.is(Group::Quality))
            && policy.may_approve(name)
            && !is_its_own(state, name)
    };
    state.reviews.keys().filter(may).cloned().collect()
}

/// What keeps a reviewed document from approval, in words; empty where nothing does.
pub fn objections(policy: &Policy, state: &State) -> Vec<String> {
    let mut out: Vec<String> = state
        .reviews
        .iter()
        .filter(|(_, outcome)| **outcome != Outcome::Recommend)
        .map(|(name, outcome)| format!("{name}: {}", outcome.as_str()))
        .collect();
    if approvers(policy, state).is_empty() {
        out.push("nobody of group quality who may approve has recommended it".to_owned());
    }
    out
}
