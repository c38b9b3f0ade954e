//! People, and what every new policy must keep. Clause: model.md "Founding and people".

use std::collections::BTreeSet;

use super::block::TRAILER_WRONG;
use super::moves::ONE_MOVE;
use super::who::NOT_ALLOWED;
use super::{Report, demand, message};
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::known::{self, Mark};
use crate::model::path::TreePath;
use crate::model::people::{Group, User};
use crate::model::policy::{self, Policy};
use crate::model::trailer::{Key, Trailers};

const CLAUSE: &str = "model.md, Founding and people";

pub(super) static NO_APPROVER: Rule = Rule {
    id: "no-approver",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "a policy under which changes could be approved is not replaced by one under which none could",
    why: "nobody could ever change such a policy again",
    remedy: "keep one person who may create and another of group quality",
};
pub(super) static FOLDER_FIXED: Rule = Rule {
    id: "folder-fixed",
    severity: Severity::Error,
    clause: "model.md, Files of a governed repository",
    demands: "the document folder's name stays as it was at the anchor",
    why: "with another folder every document would become an ordinary file",
    remedy: "take `documents:` back to what it was",
};
pub(super) static USERS_BY_WORK: Rule = Rule {
    id: "users-by-work",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "people change by enrolment alone, and an enrolment changes nothing else",
    why: "who may decide is not for those who make changes to decide",
    remedy: "use qms user add for people, and a change whose scope names qms.yaml for the rest",
};
pub(super) static ENROLMENT: Rule = Rule {
    id: "enrolment",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "quality and reviewer are given by a quality user, initiator and administrator by an administrator; \
              keys and addresses by who may give what their holder may do; \
              never to oneself, but for revoking an own key; never both kinds at once; users are never deleted",
    why: "otherwise one person could make himself author and approver",
    remedy: "let the person enroll who may, in two commits where both kinds of group are given",
};

pub(super) static RULES: &[&Rule] = &[&NO_APPROVER, &FOLDER_FIXED, &USERS_BY_WORK, &ENROLMENT];

/// What every new policy must keep, whoever brings it.
// Implements: REQ-QMS-RULE-NO-APPROVER, REQ-QMS-RULE-FOLDER-FIXED, REQ-QMS-RULE-USERS-BY-WORK
pub(super) fn policy(report: &mut Report<'_>) {
    let change = report.change;
    let Some(after) = parsed(report) else { return };
    let path = TreePath::from(policy::FILE);
    if change.own.could_approve() && !after.could_approve() {
        let message = "under this policy nobody could approve a change";
        report.add(
            Finding::new(&NO_APPROVER, message)
                .at(&path)
                .help("", NO_APPROVER.remedy),
        );
    }
    if change.own.folder != after.folder {
        let message = format!(
            "the document folder becomes `{}`, it was `{}`",
            after.folder, change.own.folder
        );
        report.add(Finding::new(&FOLDER_FIXED, message).at(&path));
    }
    // Before anybody has written the message, this may be an enrolment.
    let Some(message) = change.commit.message.as_deref() else {
        return;
    };
    let action = crate::model::trailer::read(message)
        .ok()
        .and_then(|t| t.value(Key::Action).map(str::to_owned));
    if change.own.people != after.people && !matches!(action.as_deref(), Some("found" | "enroll")) {
        let changed = changed(&change.own, &after).join(", ");
        let message = format!("`users` changes without an enrolment: {changed}");
        report.add(
            Finding::new(&USERS_BY_WORK, message)
                .at(&path)
                .help("", "qms user add NAME --group GROUP"),
        );
    }
}

fn parsed(report: &Report<'_>) -> Option<std::sync::Arc<Policy>> {
    report
        .change
        .policy_after
        .as_ref()?
        .parsed
        .as_ref()?
        .as_ref()
        .ok()
        .cloned()
}

/// Judges a commit that changes people.
pub(super) fn enroll(report: &mut Report<'_>, trailers: &Trailers) {
    let change = report.change;
    demand(
        report,
        trailers,
        "`enroll`",
        &[Key::Action, Key::Actor, Key::Before, Key::Users],
        &[Key::Request, Key::Reason],
    );
    let actor = message::actor(report, trailers, false);
    one_parent(report);
    for path in change
        .paths
        .iter()
        .filter(|p| p.path.as_bytes() != policy::FILE.as_bytes())
    {
        let message = format!("`{}` changes in an enrolment", path.path);
        report.add(Finding::new(&ONE_MOVE, message).at(&path.path));
    }
    let Some(after) = parsed(report) else {
        if change.policy_after.is_none() {
            report.add(Finding::new(
                &ONE_MOVE,
                "an enrolment that does not change `qms.yaml`",
            ));
        }
        return;
    };
    before(report, trailers);
    let rest = Policy {
        people: change.own.people.clone(),
        founder: change.own.founder.clone(),
        keys: change.own.keys.clone(),
        ..(*after).clone()
    };
    if rest != *change.own {
        let message = "an enrolment changes more of the policy than its users";
        report.add(Finding::new(&USERS_BY_WORK, message).at(&TreePath::from(policy::FILE)));
    }
    let names = changed(&change.own, &after);
    if trailers.users() != names {
        let message = format!("`QMS-Users` are not those who change: {}", names.join(", "));
        report.add(Finding::new(&TRAILER_WRONG, message));
    }
    let Some(actor) = actor else { return };
    let nobody = User::default();
    for name in &names {
        let old = change.own.people.0.get(name).unwrap_or(&nobody);
        match after.people.0.get(name) {
            Some(new) => {
                shares(report, &after, actor, name);
                person(report, &after, actor, name, (old, new), trailers);
            }
            None => refuse(
                report,
                format!("`{name}` is deleted from the users"),
                "set `left: true` instead",
            ),
        }
    }
}

// Implements: REQ-QMS-RULE-ENROLMENT
fn person(
    report: &mut Report<'_>,
    after: &Policy,
    actor: &str,
    name: &str,
    (old, new): (&User, &User),
    trailers: &Trailers,
) {
    let policy = &report.change.policy;
    let groups = |u: &User| -> BTreeSet<Group> {
        if u.left {
            BTreeSet::new()
        } else {
            u.groups.iter().copied().collect()
        }
    };
    let (had, has) = (groups(old), groups(new));
    let gained: Vec<Group> = has.difference(&had).copied().collect();
    let lost: Vec<Group> = had.difference(&has).copied().collect();
    let Some(user) = policy.people.active(actor) else {
        return;
    };
    if (!lost.is_empty() || known::takes_keys(old, new)) && trailers.value(Key::Reason).is_none() {
        let what = "an enrolment that takes groups or keys";
        message::missing(report, what, Key::Reason);
    }
    if name == actor {
        // Whoever fears for his key must not wait for somebody to ask.
        if !known::only_revokes(old, new) {
            refuse(
                report,
                format!("`{actor}` changes himself"),
                "let another person who may do it enroll him; a key of your own you may revoke",
            );
        }
        return;
    }
    let quality = user.is(Group::Quality);
    let alone = policy.people.in_group(Group::Administrator).count() == 1;
    let administrator = user.is(Group::Administrator) || (alone && quality);
    if gained.iter().any(|g| g.judges()) && gained.iter().any(|g| !g.judges()) {
        refuse(
            report,
            format!("`{name}` gets groups of both kinds in one commit"),
            "use two commits",
        );
    }
    // Whoever changes how somebody is known, or what kind he is, changes all that he may do, himself or for others; who
    // gives a gateway an agent, what that agent may do.
    let marks = |u: &User| (u.emails.clone(), u.kind, u.keys.clone());
    let own = &report.change.own.people;
    let powers = match marks(old) != marks(new) {
        true => &known::powers(old, own) | &known::powers(new, &after.people),
        false => {
            let handed = |a: &User, b: &User, people| {
                let agents = a.agents.iter().filter(|name| !b.agents.contains(name));
                let agents = User {
                    agents: agents.cloned().collect(),
                    ..User::default()
                };
                known::powers(&agents, people)
            };
            &handed(old, new, own) | &handed(new, old, &after.people)
        }
    };
    let touched = |judges| {
        gained.iter().chain(&lost).any(|g| g.judges() == judges)
            || powers.iter().any(|g| g.judges() == judges)
    };
    if touched(true) && !quality {
        let why = format!(
            "`{actor}` is not of group quality, which gives and takes quality and reviewer"
        );
        refuse(report, why, "ask a quality user");
    }
    if touched(false) && !administrator {
        let why = format!(
            "`{actor}` is no administrator, who gives and takes initiator and administrator"
        );
        refuse(report, why, "ask an administrator");
    }
    if !quality && !administrator {
        let message =
            format!("`{actor}` may not change people: it takes an administrator or a quality user");
        report.add(Finding::new(&NOT_ALLOWED, message));
    }
}

/// Nobody changes a person with whom he shares a key or an address, before or after: he might be the same.
fn shares(report: &mut Report<'_>, after: &Policy, actor: &str, name: &str) {
    if name == actor {
        return;
    }
    let change = report.change;
    let policies = [&*change.policy, &*change.own, after];
    let of = |who: &str| -> BTreeSet<Mark> {
        let users = policies.iter().filter_map(|p| p.people.0.get(who));
        users.flat_map(|u| known::marks(who, u)).collect()
    };
    let mut own = of(actor);
    own.extend(Mark::of(&change.commit.author));
    if let Some(mark) = of(name).intersection(&own).next() {
        let what = mark.what();
        refuse(
            report,
            format!("`{actor}` shares {what} with `{name}`, whom this changes"),
            "let another person do it",
        );
    }
}

fn refuse(report: &mut Report<'_>, message: String, help: &str) {
    report.add(
        Finding::new(&ENROLMENT, message)
            .at(&TreePath::from(policy::FILE))
            .help("", help),
    );
}

/// The users that differ, by name; the order of the list aside.
fn changed(old: &Policy, new: &Policy) -> Vec<String> {
    let plain = |p: &Policy, name: &String| {
        p.people.0.get(name).map(|u| User {
            listed: 0,
            ..u.clone()
        })
    };
    let names: BTreeSet<&String> = old.people.0.keys().chain(new.people.0.keys()).collect();
    names
        .into_iter()
        .filter(|n| plain(old, n) != plain(new, n))
        .cloned()
        .collect()
}

pub(super) fn before(report: &mut Report<'_>, trailers: &Trailers) {
    let Some(after) = &report.change.policy_after else {
        return;
    };
    if trailers
        .value(Key::Before)
        .is_some_and(|b| b != after.before)
    {
        let message = "`QMS-Before` names another `qms.yaml` than the one that this commit changes";
        report.add(Finding::new(&TRAILER_WRONG, message).help("", "make the change again on it"));
    }
}

/// People and policy change on one line of history; a merge takes them from the side that changed them.
pub(super) fn one_parent(report: &mut Report<'_>) {
    if report.change.parents.len() != 1 {
        let message = "a merge changes no people and no policy";
        report.add(Finding::new(&ONE_MOVE, message).help("", "merge first, then make the change"));
    }
}
