//! A policy by itself: whether its entries have the effect that they seem to have. Clauses: model.md "Scope",
//! "Authority", "Founding and people". What a change may do to the policy is judged by `tree` and `people`.

use std::collections::BTreeMap;

use super::{founding, rules, tree};
use crate::model::body::Form;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::path::TreePath;
use crate::model::pattern::Pattern;
use crate::model::people::User;
use crate::model::policy::{self, Policy};
use crate::model::scope::Sort;
use crate::model::signing::{Level, Signatures};
use crate::model::span::{Flaw, Span};

pub(super) static POLICY_SEVERITY: Rule = Rule {
    id: "policy-severity",
    severity: Severity::Error,
    clause: "model.md, Findings",
    demands: "`severities` names rules that there are",
    why: "a rule that is misspelled is not raised, and nobody notices",
    remedy: "name a rule as qms explain lists it",
};
pub(super) static POLICY_EFFECT: Rule = Rule {
    id: "policy-effect",
    severity: Severity::Warning,
    clause: "model.md, Scope",
    demands: "every entry of the policy has an effect here, and the one that it seems to have",
    why: "an entry that does nothing is relied on all the same",
    remedy: "take the entry out, or write what is meant",
};
pub(super) static RULES: &[&Rule] = &[&POLICY_SEVERITY, &POLICY_EFFECT];

/// A policy to look at: its text, and what the repository holds.
pub struct Look<'a> {
    pub text: &'a str,
    pub parsed: &'a Result<Policy, Vec<Flaw>>,
    /// The paths of every file.
    pub files: &'a [TreePath],
    /// The forms that the templates in force alone give, of the types of which the policy speaks.
    pub forms: &'a BTreeMap<&'static str, Form>,
}

/// Everything that is wrong or idle in a policy, sorted as it stands in the file.
pub fn policy(look: &Look<'_>) -> Vec<Finding> {
    let mut found = match look.parsed {
        Err(flaws) => tree::unreadable(flaws).collect(),
        Ok(policy) => {
            let mut found: Vec<Finding> = founding::nobody(policy).into_iter().collect();
            severities(look, policy, &mut found);
            users(look, policy, &mut found);
            protected(look, policy, &mut found);
            free(look, policy, &mut found);
            review(look, policy, &mut found);
            signatures(look, policy, &mut found);
            types(look, policy, &mut found);
            found
        }
    };
    let place = |f: &Finding| f.span.as_ref().map(|s| (s.line, s.column));
    found.sort_by(|a, b| (b.severity, place(a)).cmp(&(a.severity, place(b))));
    found
}

impl Look<'_> {
    /// Where `what` is written behind a key of the file, or before it where it is not.
    fn place(&self, key: &str, what: &str) -> Option<Span> {
        let head = format!("{key}:");
        let at = self.text.find(&format!("\n{head}")).map(|at| at + 1);
        let start = at
            .or_else(|| self.text.find(&head))
            .map_or(0, |at| at + head.len());
        Span::word(self.text, start, what).or_else(|| Span::word(self.text, 0, what))
    }

    fn finding(&self, rule: &'static Rule, message: String, key: &str, what: &str) -> Finding {
        Finding::new(rule, message)
            .at(&TreePath::from(policy::FILE))
            .span(self.place(key, what))
    }
}

// Implements: REQ-QMS-RULE-POLICY-SEVERITY
fn severities(look: &Look<'_>, policy: &Policy, found: &mut Vec<Finding>) {
    for (id, severity) in &policy.severities {
        let add = |rule, message| look.finding(rule, message, "severities", id);
        match rules().find(|r| r.id == id) {
            None => found.push(
                add(&POLICY_SEVERITY, format!("`{id}` is no rule"))
                    .help("which there are", "qms explain"),
            ),
            Some(rule) if *severity <= rule.severity => {
                let (is, wanted) = (rule.severity.as_str(), severity.as_str());
                let message = format!(
                    "`{id}: {wanted}` does nothing: the rule is {is} by itself, and is only ever raised"
                );
                found.push(add(&POLICY_EFFECT, message).help("", "take the entry out"));
            }
            Some(_) => {}
        }
    }
}

fn users(look: &Look<'_>, policy: &Policy, found: &mut Vec<Finding>) {
    // A gateway commits for its agents and needs no group of its own.
    let idle = |u: &User| !u.left && u.groups.is_empty() && u.agents.is_empty();
    for (name, _) in policy.people.0.iter().filter(|(_, u)| idle(u)) {
        let message = format!("`{name}` is in no group, and may do nothing");
        let finding = look.finding(&POLICY_EFFECT, message, "users", &format!("{name}:"));
        found.push(finding.help("if he is gone", format!("set `left: true` for `{name}`")));
    }
}

fn protected(look: &Look<'_>, policy: &Policy, found: &mut Vec<Finding>) {
    let mut all: Vec<&Pattern> = Vec::new();
    for pattern in &policy.branches.protected {
        let trunk = &policy.branches.trunk;
        let message = if pattern.as_str().starts_with("refs/") {
            format!("`{pattern}` protects nothing: branches are named without `refs/heads/`")
        } else if matches!(pattern.as_str(), "*" | "**") {
            format!("`{pattern}` protects every branch, so that there is none to work on")
        } else if pattern.as_str() == trunk {
            format!("`{pattern}` is the trunk, which always is protected")
        } else if all.contains(&pattern) {
            format!("`{pattern}` stands here twice")
        } else {
            all.push(pattern);
            continue;
        };
        let finding = look.finding(&POLICY_EFFECT, message, "protected", pattern.as_str());
        found.push(finding.help("", POLICY_EFFECT.remedy));
    }
}

// Implements: REQ-QMS-RULE-POLICY-EFFECT
fn free(look: &Look<'_>, policy: &Policy, found: &mut Vec<Finding>) {
    for entry in &policy.free {
        let by: Vec<&str> = entry.by.iter().map(String::as_str).collect();
        let is_free = |path: &TreePath| policy.sort(path, &by) == Sort::Free;
        for pattern in &entry.patterns {
            let mut matched = look.files.iter().filter(|p| pattern.matches(p)).peekable();
            let named = TreePath::from(pattern.as_str());
            let message = if matched.peek().is_some() {
                if matched.any(is_free) {
                    continue;
                }
                format!("`{pattern}` frees nothing: what it matches is always controlled")
            } else if pattern.is_exact() && pattern.matches(&named) && !is_free(&named) {
                format!("`{pattern}` frees nothing: this path is always controlled")
            } else {
                // A licence that is still to come is free already.
                continue;
            };
            found.push(look.finding(&POLICY_EFFECT, message, "paths", pattern.as_str()));
        }
    }
}

fn review(look: &Look<'_>, policy: &Policy, found: &mut Vec<Finding>) {
    for row in &policy.review {
        let add = |message, what: &str| look.finding(&POLICY_EFFECT, message, "review", what);
        let idle: Vec<&Pattern> = row
            .patterns
            .iter()
            .filter(|p| !look.files.iter().any(|path| p.matches(path)))
            .collect();
        for pattern in idle {
            let message = format!("`{pattern}` matches no file of `HEAD`, so that it asks nobody");
            found.push(add(message, pattern.as_str()));
        }
        let cannot = |name: &&String| policy.people.active(name).is_none_or(|u| !u.judges());
        for name in row.users.iter().filter(cannot) {
            let message =
                format!("`{name}` is asked, and is neither of group quality nor reviewer");
            found.push(add(message, name).help("", "ask somebody who may review"));
        }
    }
}

fn signatures(look: &Look<'_>, policy: &Policy, found: &mut Vec<Finding>) {
    let mut add = |message, what: &str, key| {
        let finding = look.finding(&POLICY_EFFECT, message, key, what);
        found.push(finding.help("", POLICY_EFFECT.remedy));
    };
    let trunk = TreePath::from(policy.branches.trunk.as_str());
    let mut required = policy.signatures == Signatures::All(Level::Require);
    if let Signatures::Branches(rows) = &policy.signatures {
        for (pattern, level) in rows {
            let protected = pattern.matches(&trunk)
                || policy
                    .branches
                    .protected
                    .iter()
                    .any(|p| p.overlaps(pattern));
            required |= protected && *level == Level::Require;
            if !protected {
                let message =
                    format!("`{pattern}` is no protected branch, so that nothing is asked there");
                add(message, pattern.as_str(), "signatures");
            }
        }
    }
    let acts = |u: &User| !u.left && !u.groups.is_empty();
    for (name, _) in policy.people.0.iter().filter(|(_, u)| acts(u)) {
        if required && !policy.can_sign(name) {
            let message =
                format!("`{name}` has no key, and can do nothing where signatures are required");
            add(message, &format!("{name}:"), "users");
        }
    }
}

fn types(look: &Look<'_>, policy: &Policy, found: &mut Vec<Finding>) {
    for (name, house) in &policy.types {
        let idle = look.forms.get(name).map(|form| form.idle(house));
        for idle in idle.unwrap_or_default() {
            let keys = ["types", name, idle.key];
            let start = keys.iter().try_fold(0, |at, key| {
                let key = format!("{key}:");
                let found = look.text[at..].find(&key)?;
                Some(at + found + key.len())
            });
            let finding = Finding::new(&POLICY_EFFECT, format!("of {name}: {}", idle.why))
                .at(&TreePath::from(policy::FILE))
                .span(Span::word(look.text, start.unwrap_or(0), &idle.title));
            let shown = format!("qms workflow show {name} --sections");
            found.push(finding.help("what the template has", shown));
        }
    }
}
