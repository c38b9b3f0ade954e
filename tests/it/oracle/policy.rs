//! The policy as the oracle reads it: the one form in which the generator writes it, and what follows for people and paths.

use std::collections::{BTreeMap, BTreeSet};

/// A commit line's name and address.
pub(crate) type Who = (String, String);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct User {
    pub(crate) groups: BTreeSet<String>,
    pub(crate) emails: Vec<String>,
    pub(crate) left: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Policy {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) free: Vec<String>,
    /// Patterns and who is asked about them.
    pub(crate) review: Vec<(Vec<String>, Vec<String>)>,
}

impl Policy {
    pub(crate) fn print(&self) -> String {
        let mut out = "qms: \"0.1\"\nbranches: {trunk: main}\nusers:\n".to_owned();
        for (name, user) in &self.users {
            let groups: Vec<&str> = user.groups.iter().map(String::as_str).collect();
            out.push_str(&format!("  {name}: {{groups: [{}]", groups.join(", ")));
            if !user.emails.is_empty() {
                out.push_str(&format!(", emails: [{}]", user.emails.join(", ")));
            }
            out.push_str(if user.left { ", left: true}\n" } else { "}\n" });
        }
        out.push_str(&format!("paths:\n  free: [{}]\n", self.free.join(", ")));
        out.push_str("review:\n");
        for (patterns, ask) in &self.review {
            let (patterns, ask) = (patterns.join(", "), ask.join(", "));
            out.push_str(&format!("  - {{match: [{patterns}], ask: [{ask}]}}\n"));
        }
        out
    }

    /// Reads what `print` writes, and nothing else.
    pub(crate) fn read(text: &str) -> Option<Policy> {
        let mut policy = Policy::default();
        for line in text.lines() {
            let list = |key: &str| -> Option<Vec<String>> {
                let rest = line.split_once(&format!("{key}: ["))?.1;
                let inner = rest.split(']').next()?;
                let words = inner.split(", ").filter(|w| !w.is_empty());
                Some(words.map(str::to_owned).collect())
            };
            if line.starts_with("  free: ") {
                policy.free = list("free")?;
            } else if line.starts_with("  - ") {
                policy.review.push((list("match")?, list("ask")?));
            } else if let Some(rest) = line.strip_prefix("  ").filter(|l| l.contains("groups")) {
                let user = User {
                    groups: list("groups")?.into_iter().collect(),
                    emails: list("emails").unwrap_or_default(),
                    left: line.contains("left: true"),
                };
                let known = ["administrator", "initiator", "quality", "reviewer"];
                if !user.groups.iter().all(|g| known.contains(&g.as_str())) {
                    return None;
                }
                policy
                    .users
                    .insert(rest.split_once(':')?.0.to_owned(), user);
            }
        }
        let asked = policy.review.iter().flat_map(|(_, ask)| ask);
        let all_known = asked.clone().all(|name| policy.users.contains_key(name));
        (policy.print() == text && all_known).then_some(policy)
    }

    pub(crate) fn active(&self, name: &str) -> Option<&User> {
        self.users.get(name).filter(|u| !u.left)
    }

    pub(crate) fn is(&self, name: &str, group: &str) -> bool {
        self.active(name).is_some_and(|u| u.groups.contains(group))
    }

    pub(crate) fn initiates(&self, name: &str) -> bool {
        self.is(name, "initiator") || self.is(name, "administrator")
    }

    pub(crate) fn judges(&self, name: &str) -> bool {
        self.is(name, "quality") || self.is(name, "reviewer")
    }

    pub(crate) fn group(&self, group: &str) -> BTreeSet<String> {
        let names = self.users.keys().filter(|n| self.is(n, group));
        names.cloned().collect()
    }

    /// The user whom a commit line means: his address, or his name where he lists no address.
    pub(crate) fn known(&self, (name, mail): &Who) -> Option<String> {
        for (user, entry) in &self.users {
            if entry.emails.iter().any(|e| e.eq_ignore_ascii_case(mail)) {
                return Some(user.clone());
            }
        }
        let entry = self.users.get(name)?;
        entry.emails.is_empty().then(|| name.clone())
    }

    /// How somebody signs his commits.
    pub(crate) fn line(&self, user: &str) -> Who {
        let mail = self.users.get(user).and_then(|u| u.emails.first());
        let mail = mail
            .cloned()
            .unwrap_or_else(|| format!("{user}@example.com"));
        (user.to_owned(), mail)
    }

    /// One who may create, and another of group quality.
    pub(crate) fn could_approve(&self) -> bool {
        let quality = self.group("quality");
        let mut makers = self.users.keys().filter(|n| self.initiates(n));
        makers.any(|maker| quality.iter().any(|q| q != maker))
    }
}

/// Whether a pattern matches a path: `**` is any number of whole components, `*` any text within one.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let pattern = match pattern.strip_suffix('/') {
        Some(folder) => format!("{folder}/**"),
        None => pattern.to_owned(),
    };
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    components(&pattern, &path)
}

fn components(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], rest) => rest.is_empty(),
        (["**", more @ ..], _) => (0..=path.len()).any(|skip| components(more, &path[skip..])),
        ([_, ..], []) => false,
        ([first, more @ ..], [name, rest @ ..]) => word(first, name) && components(more, rest),
    }
}

fn word(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => {
            let Some(tail) = name.strip_prefix(start) else {
                return false;
            };
            let ends = (0..=tail.len()).filter(|at| tail.is_char_boundary(*at));
            ends.into_iter().any(|at| word(rest, &tail[at..]))
        }
    }
}

/// Whether two of the generator's patterns can match one path: each is a path or a folder and all below it.
pub(crate) fn overlap(a: &str, b: &str) -> bool {
    let folder = |p: &str| p.strip_suffix("**").map(str::to_owned);
    match (folder(a), folder(b)) {
        (Some(a), Some(b)) => a.starts_with(&b) || b.starts_with(&a),
        (Some(_), None) => matches(a, b),
        (None, Some(_)) => matches(b, a),
        (None, None) => a == b,
    }
}

/// What a path is: only a document's own moves change a document; a steering file is covered by its name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sort {
    Document(String),
    Steering,
    Controlled,
    Free,
}

pub(crate) fn sort(policy: &Policy, path: &str) -> Sort {
    if let Some(id) = super::table::document_at(path)
        && super::table::path_of(&id) == path
    {
        return Sort::Document(id);
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let steers = path == "qms.yaml"
        || path.starts_with("QMS/")
        || path.starts_with(".github/")
        || [".gitattributes", ".gitmodules", ".mailmap"].contains(&name);
    match () {
        () if steers => Sort::Steering,
        () if policy.free.iter().any(|p| matches(p, path)) => Sort::Free,
        () => Sort::Controlled,
    }
}

/// Whether one of the patterns covers a controlled path.
pub(crate) fn covers(scope: &[String], path: &str, steering: bool) -> bool {
    let exact = |p: &String| {
        let last = p.rsplit('/').next().unwrap_or_default();
        !p.contains("**") && !p.ends_with('/') && !last.contains(['*', '?'])
    };
    scope
        .iter()
        .any(|p| matches(p, path) && (!steering || exact(p)))
}
