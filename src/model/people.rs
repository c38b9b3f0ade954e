//! Users, groups and what a person may do. Source: model.md "Founding and people", "Identity".

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::ident::Ident;
use super::key::Key;

/// What somebody may do. An administrator has what an initiator has; nobody has more by rank.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Deserialize,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    Administrator,
    Initiator,
    Quality,
    Reviewer,
}

impl Group {
    pub const ALL: &'static [Group] = &[
        Group::Administrator,
        Group::Initiator,
        Group::Quality,
        Group::Reviewer,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Group::Administrator => "administrator",
            Group::Initiator => "initiator",
            Group::Quality => "quality",
            Group::Reviewer => "reviewer",
        }
    }

    pub fn parse(text: &str) -> Option<Group> {
        Group::ALL.iter().copied().find(|g| g.as_str() == text)
    }

    /// Quality and reviewer judge; initiator and administrator make. Nobody is given both kinds in one commit.
    pub fn judges(self) -> bool {
        matches!(self, Group::Quality | Group::Reviewer)
    }
}

/// What kind of user somebody is: a policy may let only some kinds approve.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    serde::Deserialize,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum UserKind {
    #[default]
    Human,
    Agent,
    Service,
}

impl UserKind {
    pub const ALL: &'static [UserKind] = &[UserKind::Human, UserKind::Agent, UserKind::Service];

    pub fn as_str(self) -> &'static str {
        match self {
            UserKind::Human => "human",
            UserKind::Agent => "agent",
            UserKind::Service => "service",
        }
    }

    pub fn parse(text: &str) -> Option<UserKind> {
        UserKind::ALL.iter().copied().find(|k| k.as_str() == text)
    }
}

/// A person, as the policy lists him.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// What he may do.
    pub groups: Vec<Group>,
    /// What he is; `human` where it is not said.
    #[serde(default)]
    pub kind: UserKind,
    /// Addresses under which he commits; one person however many. Without any he is known by his name.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Keeps what he did and gives nothing new.
    #[serde(default)]
    pub left: bool,
    /// Agents that this user, a gateway, may commit for.
    #[serde(default)]
    pub agents: Vec<String>,
    /// An agent of whom one instance is at work at a time.
    #[serde(default)]
    pub single: bool,
    /// The folder that is his own to write in, by its name below where a gateway keeps such folders.
    #[serde(default)]
    pub workspace: Option<String>,
    /// Keys with which he signs.
    #[serde(default)]
    pub keys: Vec<Key>,
    /// His place in the list, from 0: the first administrator is the founder.
    #[serde(skip)]
    pub listed: usize,
}

impl User {
    pub fn is(&self, group: Group) -> bool {
        !self.left && self.groups.contains(&group)
    }

    /// Whether he may start and own documents.
    pub fn initiates(&self) -> bool {
        self.is(Group::Initiator) || self.is(Group::Administrator)
    }

    /// Whether he may be asked to review.
    pub fn judges(&self) -> bool {
        self.is(Group::Quality) || self.is(Group::Reviewer)
    }
}

/// The users of a policy by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct People(pub BTreeMap<String, User>);

impl People {
    /// Somebody who has not left.
    pub fn active(&self, name: &str) -> Option<&User> {
        self.0.get(name).filter(|u| !u.left)
    }

    /// The user that a commit line means: by e-mail, or by name for a user who lists no e-mail. An address
    /// that belongs to somebody never means somebody else, whatever the name beside it says.
    pub fn known_as(&self, ident: &Ident) -> Option<&str> {
        let by_mail = self.0.iter().find(|(_, u)| {
            u.emails
                .iter()
                .any(|e| e.eq_ignore_ascii_case(&ident.email))
        });
        let by_name = || {
            self.0
                .get_key_value(&ident.name)
                .filter(|(_, u)| u.emails.is_empty())
        };
        by_mail.or_else(by_name).map(|(name, _)| name.as_str())
    }

    /// Those who may commit for an agent.
    pub fn gateways_of(&self, agent: &str) -> impl Iterator<Item = (&str, &User)> {
        self.0
            .iter()
            .filter(move |(_, u)| !u.left && u.agents.iter().any(|a| a == agent))
            .map(|(name, user)| (name.as_str(), user))
    }

    /// The first of a group, in the order of the file.
    pub fn first(&self, group: Group) -> Option<String> {
        let members = self.0.iter().filter(|(_, u)| u.is(group));
        members
            .min_by_key(|(_, u)| u.listed)
            .map(|(name, _)| name.clone())
    }

    pub fn in_group(&self, group: Group) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(_, u)| u.is(group))
            .map(|(n, _)| n.as_str())
    }
}

impl<'de> Deserialize<'de> for People {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<People, D::Error> {
        deserializer.deserialize_map(Listed)
    }
}

/// Reads the users in the order of the file, which a map alone would lose.
struct Listed;

impl<'de> Visitor<'de> for Listed {
    type Value = People;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("users by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<People, A::Error> {
        let mut people = People::default();
        while let Some((name, user)) = map.next_entry::<String, User>()? {
            let listed = people.0.len();
            people.0.insert(name, User { listed, ..user });
        }
        Ok(people)
    }
}

/// A user's name: small letters, digits, `_`, `-`, `.`; not a word that YAML reads as something else.
pub fn is_name(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let rest = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b));
    first
        && rest
        && text.len() <= 40
        && !matches!(
            text,
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> People {
        let user = |mail: &[&str]| User {
            emails: mail.iter().map(|m| (*m).to_owned()).collect(),
            ..User::default()
        };
        People(
            [
                ("dev".into(), user(&["dev@x", "dev@home"])),
                ("qa".into(), user(&[])),
            ]
            .into(),
        )
    }

    #[test]
    fn f7_an_address_means_one_person_whatever_name_stands_beside_it() {
        let known = |name, mail| {
            people()
                .known_as(&Ident::new(name, mail))
                .map(str::to_owned)
        };
        assert_eq!(known("Dev Eloper", "DEV@x").as_deref(), Some("dev"));
        assert_eq!(known("qa", "dev@home").as_deref(), Some("dev"));
        assert_eq!(known("qa", "anything@y").as_deref(), Some("qa"));
        assert_eq!(known("dev", "else@x"), None);
        assert_eq!(known("QA", ""), None);
    }

    #[test]
    fn names_are_plain() {
        assert!(is_name("tu_ui") && is_name("a-1.b"));
        for bad in ["", "Qa", "1a", "a b", "no", "a,b", "ä", "-", "a\n"] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
