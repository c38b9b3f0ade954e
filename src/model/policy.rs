//! `qms.yaml`: people, paths, branches, who is asked. Read strictly, with spans in its errors.
//! Source: model.md "Files of a governed repository", "Founding and people", "Scope".

use std::collections::BTreeMap;
use std::sync::Arc;

use super::finding::Severity;
use super::house::{self, TypeRules};
use super::ident::Ident;
use super::pattern::Pattern;
use super::people::{Group, People, UserKind, is_name};
use super::policy_file::{File, FileFree, FileSignatures};
use super::qualified::TAGS;
use super::ring::{self, Ring};
use super::signing::{Level, Signatures};
use super::span::{Flaw, Span};
use super::system::{self, System};
use super::trailer;

/// The policy's file.
pub const FILE: &str = "qms.yaml";

/// A policy in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub folder: String,
    pub branches: Branches,
    pub people: People,
    /// The first administrator that the file lists.
    pub founder: Option<String>,
    /// Kinds of user that may approve; all where the file does not say.
    pub approvers: Vec<UserKind>,
    pub free: Vec<Free>,
    pub review: Vec<Asks>,
    pub signatures: Signatures,
    /// Whose each key is.
    pub keys: Ring,
    /// Systems by name.
    pub systems: BTreeMap<String, System>,
    /// What the house says of its own documents, by type.
    pub types: BTreeMap<&'static str, Arc<TypeRules>>,
    pub severities: BTreeMap<String, Severity>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Branches {
    pub trunk: String,
    /// Further protected branches; the trunk always is.
    pub protected: Vec<Pattern>,
    /// Branches that hooks do not check.
    pub sandbox: Vec<Pattern>,
    /// Release tags.
    pub tags: Vec<Pattern>,
}

/// Paths that need no authority, for everybody or for some.
#[derive(Debug, Clone, PartialEq)]
pub struct Free {
    pub patterns: Vec<Pattern>,
    pub by: Vec<String>,
}

/// A row of the path table: who is asked about a change of these paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Asks {
    pub patterns: Vec<Pattern>,
    pub users: Vec<String>,
}

impl Policy {
    /// Reads a policy. Errors of form come alone, since nothing can be read past them; the rest all at once.
    pub fn parse(bytes: &[u8]) -> Result<Policy, Vec<Flaw>> {
        let text =
            std::str::from_utf8(bytes).map_err(|_| vec![Flaw::new("`qms.yaml` is not UTF-8")])?;
        super::yaml::narrow(text).map_err(|f| vec![f])?;
        let file: File = super::yaml::read(text).map_err(|f| vec![f])?;
        let mut flaws = Flaws {
            text,
            found: Vec::new(),
        };
        flaws.oldest(&file.qms);
        let folder = &file.documents;
        if folder.is_empty() || folder.contains(['/', '\\', '*', '?']) || folder.starts_with('.') {
            flaws.add(
                folder,
                format!("`documents: {folder}` is no plain folder name"),
            );
        }
        if file.branches.trunk.is_empty() || file.branches.trunk.contains([' ', '*', '~', '^', ':'])
        {
            flaws.add(
                "trunk",
                format!("`{}` is no branch name", file.branches.trunk),
            );
        }
        let keys = flaws.people(&file.users);
        let names = |list: &[String], flaws: &mut Flaws| {
            for name in list.iter().filter(|n| !file.users.0.contains_key(*n)) {
                flaws.add(name, format!("`{name}` is no user of this policy"));
            }
        };
        let mut free = Vec::new();
        for entry in &file.paths.free {
            let (patterns, by) = match entry {
                FileFree::Plain(p) => (vec![p.clone()], Vec::new()),
                FileFree::For(f) => (f.r#match.clone(), f.by.clone()),
            };
            names(&by, &mut flaws);
            free.push(Free {
                patterns: flaws.patterns(&patterns),
                by,
            });
        }
        let mut review = Vec::new();
        for row in &file.review {
            names(&row.ask, &mut flaws);
            review.push(Asks {
                patterns: flaws.patterns(&row.r#match),
                users: row.ask.clone(),
            });
        }
        let protected = flaws.patterns(&file.branches.protected);
        let sandbox = flaws.patterns(&file.branches.sandbox);
        let tags = flaws.patterns(&file.branches.tags);
        let signatures = match &file.signatures {
            FileSignatures::All(level) => Signatures::All(*level),
            FileSignatures::Branches(rows) => {
                let row = |(pattern, level): (&String, &Level)| {
                    let pattern = flaws.patterns(std::slice::from_ref(pattern));
                    pattern.into_iter().map(|p| (p, *level)).next()
                };
                Signatures::Branches(rows.iter().filter_map(row).collect())
            }
        };
        let systems = system::read(&file.systems).unwrap_or_else(|wrong| {
            for (what, why) in wrong {
                flaws.add(&what, why);
            }
            BTreeMap::new()
        });
        let types = house::read(text, &file.types).unwrap_or_else(|wrong| {
            flaws.found.extend(wrong);
            BTreeMap::new()
        });
        if !flaws.found.is_empty() {
            return Err(flaws.found);
        }
        let founder = file.users.first(Group::Administrator);
        Ok(Policy {
            folder: file.documents,
            branches: Branches {
                trunk: file.branches.trunk,
                protected,
                sandbox,
                tags,
            },
            people: file.users,
            founder,
            approvers: file.approvers.unwrap_or_else(|| UserKind::ALL.to_vec()),
            free,
            review,
            signatures,
            keys,
            systems,
            types,
            severities: file.severities,
        })
    }

    /// Whether a branch, named without `refs/heads/`, is protected.
    pub fn protects(&self, branch: &str) -> bool {
        branch == self.branches.trunk || any(&self.branches.protected, branch)
    }

    /// Whether hooks leave a branch alone. A protected one is none of these.
    pub fn is_sandbox(&self, branch: &str) -> bool {
        !self.protects(branch) && any(&self.branches.sandbox, branch)
    }

    /// Whether a tag, named without `refs/tags/`, is a release.
    pub fn is_release(&self, tag: &str) -> bool {
        tag.starts_with(TAGS) || any(&self.branches.tags, tag)
    }

    /// Whether some change could be approved: one person who may create, and another of group quality whose
    /// kind may approve, each with a key where the trunk requires signatures. Reads the file alone.
    pub fn could_approve(&self) -> bool {
        let signs = self.signatures.on(&self.branches.trunk) == Level::Require;
        let able = |name: &str| !signs || self.can_sign(name);
        let quality: Vec<&str> = self.approving_quality().filter(|q| able(q)).collect();
        let makers = self.people.0.iter().filter(|(_, u)| u.initiates());
        makers
            .into_iter()
            .any(|(maker, _)| able(maker) && quality.iter().any(|q| q != maker))
    }

    /// Users of group quality whose kind may approve.
    pub fn approving_quality(&self) -> impl Iterator<Item = &str> {
        self.people
            .in_group(Group::Quality)
            .filter(|name| self.may_approve(name))
    }

    /// Whether a user's kind may approve.
    pub fn may_approve(&self, name: &str) -> bool {
        self.people
            .active(name)
            .is_some_and(|u| self.approvers.contains(&u.kind))
    }

    /// The co-authors that a message names, as users.
    pub fn co_authors(&self, trailers: &trailer::Trailers) -> Vec<&str> {
        let ident = |line: &String| {
            let (name, rest) = line.split_once('<')?;
            Some(Ident::new(name.trim(), rest.split('>').next()?.trim()))
        };
        trailers
            .co_authors
            .iter()
            .filter_map(ident)
            .filter_map(|i| self.people.known_as(&i))
            .collect()
    }
}

fn any(patterns: &[Pattern], name: &str) -> bool {
    let path = super::path::TreePath::from(name);
    patterns.iter().any(|p| p.matches(&path))
}

struct Flaws<'a> {
    text: &'a str,
    found: Vec<Flaw>,
}

impl Flaws<'_> {
    /// A flaw at the first place where `what` is written.
    fn add(&mut self, what: &str, message: String) {
        let span = Span::word(self.text, 0, what);
        self.found.push(Flaw { message, span });
    }

    fn patterns(&mut self, sources: &[String]) -> Vec<Pattern> {
        let mut out = Vec::new();
        for source in sources {
            match Pattern::parse(source) {
                Ok(pattern) => out.push(pattern),
                Err(why) => self.add(source, why),
            }
        }
        out
    }

    /// `qms:` names the oldest version that may judge; an older tool refuses instead of guessing.
    fn oldest(&mut self, wanted: &str) {
        let read = |v: &str| {
            v.split('.')
                .map(|n| n.parse::<u32>().ok())
                .collect::<Option<Vec<_>>>()
        };
        let own = read(env!("CARGO_PKG_VERSION"));
        match read(wanted) {
            None => self.add(
                wanted,
                format!("`qms: {wanted}` is no version, expected one like \"0.1\""),
            ),
            wants if wants > own => {
                let message = format!(
                    "this policy wants qms {wanted} or later, this is {}",
                    env!("CARGO_PKG_VERSION")
                );
                self.add(wanted, message);
            }
            _ => {}
        }
    }

    /// Checks the users one against the other; gives whose each key is.
    fn people(&mut self, people: &People) -> Ring {
        let mut ring = Ring::new();
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        let mut folders = BTreeMap::new();
        for (name, user) in &people.0 {
            if !is_name(name) {
                self.add(
                    name,
                    format!("`{name}` is no user name: small letters, digits, `_`, `-`, `.`"),
                );
            }
            for mail in &user.emails {
                if let Some(other) = seen.insert(mail.to_ascii_lowercase(), name) {
                    self.add(
                        mail,
                        format!("`{mail}` belongs to `{other}` and to `{name}`"),
                    );
                }
            }
            if let Some(folder) = &user.workspace
                && (folders.insert(folder.clone(), name).is_some() || !is_name(folder))
            {
                let why = format!("the workspace `{folder}` is no plain name, or is of two users");
                self.add(folder, why);
            }
            let unknown = user.agents.iter().filter(|a| !people.0.contains_key(*a));
            for agent in unknown.cloned().collect::<Vec<_>>() {
                self.add(&agent, format!("`{agent}` is no user of this policy"));
            }
            for listed in &user.keys {
                if let Err(why) = ring::hold(&mut ring, name, listed) {
                    self.add(&listed.key, why);
                }
            }
        }
        ring
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub const TEXT: &str = "\
qms: \"0.1\"
branches: {trunk: main, protected: [release/*], sandbox: [genesis/**], tags: [v*]}
users:
  zoe: {groups: [administrator, initiator]}
  claude: {groups: [initiator], kind: agent, emails: [\"claude@x\"]}
  qa: {groups: [quality]}
  tu_ui: {groups: [reviewer]}
  ann: {groups: [administrator]}
paths:
  free:
    - README.md
    - {match: [Cargo.lock], by: [claude]}
review:
  - {match: [docker/**], ask: [tu_ui]}
";

    #[test]
    fn a_policy_is_read() {
        let policy = Policy::parse(TEXT.as_bytes()).expect("a policy");
        assert_eq!(policy.founder.as_deref(), Some("zoe"));
        assert!(
            policy.protects("main")
                && policy.protects("release/2")
                && !policy.protects("release/2/x")
        );
        assert!(policy.is_sandbox("genesis/a/b") && !policy.is_sandbox("main"));
        assert!(policy.is_release("v1.0") && !policy.is_release("x"));
        assert!(policy.could_approve());
        assert_eq!(
            policy.people.known_as(&Ident::new("x", "Claude@X")),
            Some("claude")
        );
        assert_eq!(policy.free.len(), 2);
    }

    #[test]
    fn flaws_have_a_place_and_come_together() {
        let bad = TEXT
            .replace("[docker/**]", "[docker/**, /x]")
            .replace("ask: [tu_ui]", "ask: [nobody]")
            .replace("zoe", "Zoe");
        let flaws = Policy::parse(bad.as_bytes()).expect_err("three flaws");
        let lines: Vec<_> = flaws
            .iter()
            .map(|f| f.span.as_ref().map(|s| s.line))
            .collect();
        assert_eq!(lines, [Some(4), Some(14), Some(14)], "{flaws:?}");
        for bad in [
            "",
            "users: {}\n",
            "qms: \"9.9\"\nbranches: {trunk: main}\nusers: {}\n",
            "qms: \"0.1\"\nbranches: {trunk: main}\nusers: {a: {groups: [king]}}\n",
            "qms: \"0.1\"\nbranches: {trunk: main}\nusers: {}\ncolour: red\n",
            "qms: \"0.1\"\nbranches: {trunk: main}\nusers: {a: {groups: []}, a: {groups: []}}\n",
            "qms: \"0.1\"\nbranches: {trunk: main}\nusers: {a: {groups: [], emails: [m]}, b: {groups: [], emails: [M]}}\n",
        ] {
            assert!(Policy::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn it_takes_two_to_approve() {
        let policy = |users: &str| {
            Policy::parse(format!("qms: \"0.1\"\nbranches: {{trunk: main}}\n{users}").as_bytes())
                .expect("a policy")
        };
        assert!(!policy("users: {a: {groups: [administrator, quality]}}\n").could_approve());
        assert!(
            !policy("users: {a: {groups: [initiator]}, q: {groups: [quality], left: true}}\n")
                .could_approve()
        );
        assert!(!policy("users: {a: {groups: [initiator]}, q: {groups: [quality], kind: agent}}\napprovers: [human]\n").could_approve());
        assert!(
            policy("users: {a: {groups: [initiator, quality]}, q: {groups: [quality]}}\n")
                .could_approve()
        );
    }
}
