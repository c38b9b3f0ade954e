//! What somebody is known by, and what changes about it: names, addresses, keys. Source: model.md "Founding and people".

use std::collections::BTreeSet;

use ssh_key::public::KeyData;

use super::ident::Ident;
use super::key::Key;
use super::people::{Group, People, User};
use super::ring::moment;

/// One thing that somebody is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The name, of a user without addresses.
    Name(String),
    /// An address, in small letters.
    Mail(String),
    Key(Box<KeyData>),
}

impl Mark {
    /// In a sentence.
    pub fn what(&self) -> &'static str {
        match self {
            Mark::Name(_) => "a name",
            Mark::Mail(_) => "an address",
            Mark::Key(_) => "a key",
        }
    }

    /// What a commit line says of whoever wrote it.
    pub fn of(ident: &Ident) -> [Mark; 2] {
        [
            Mark::Name(ident.name.clone()),
            Mark::Mail(ident.email.to_ascii_lowercase()),
        ]
    }
}

/// What a user is known by.
pub fn marks(name: &str, user: &User) -> BTreeSet<Mark> {
    let mails = user
        .emails
        .iter()
        .map(|m| Mark::Mail(m.to_ascii_lowercase()));
    let keys = user.keys.iter().filter_map(Key::data);
    let name = user.emails.is_empty().then(|| Mark::Name(name.to_owned()));
    mails
        .chain(keys.map(|k| Mark::Key(Box::new(k))))
        .chain(name)
        .collect()
}

/// What a user may do by himself, and through the agents that he commits for.
pub fn powers(user: &User, people: &People) -> BTreeSet<Group> {
    if user.left {
        return BTreeSet::new();
    }
    let agents = user.agents.iter().filter_map(|name| people.active(name));
    let through = agents.flat_map(|agent| agent.groups.iter());
    user.groups.iter().chain(through).copied().collect()
}

/// Whether all that changes is that keys are revoked, or earlier than they were.
pub fn only_revokes(old: &User, new: &User) -> bool {
    let rest = |user: &User| User {
        keys: Vec::new(),
        listed: 0,
        ..user.clone()
    };
    let earlier = |old: &Key, new: &Key| {
        let date = |key: &Key| key.revoked.as_ref().map(|d| moment(d, false));
        let same = Key {
            revoked: old.revoked.clone(),
            ..new.clone()
        };
        let sooner = match (date(old), date(new)) {
            (None, Some(Ok(_))) => true,
            (Some(Ok(old)), Some(Ok(new))) => new <= old,
            (old, new) => old == new,
        };
        same == *old && sooner
    };
    rest(old) == rest(new)
        && old.keys.len() == new.keys.len()
        && old
            .keys
            .iter()
            .zip(&new.keys)
            .all(|(old, new)| earlier(old, new))
}

/// Whether a key that was listed goes, or is listed with other dates.
pub fn takes_keys(old: &User, new: &User) -> bool {
    old.keys.iter().any(|key| !new.keys.contains(key))
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::P256;
    use super::super::signature::tests::DEV;
    use super::*;

    fn user(keys: &[(&str, Option<&str>)]) -> User {
        let key = |(key, revoked): &(&str, Option<&str>)| Key {
            key: (*key).to_owned(),
            revoked: revoked.map(str::to_owned),
            ..Key::default()
        };
        User {
            groups: vec![Group::Initiator],
            keys: keys.iter().map(key).collect(),
            ..User::default()
        }
    }

    #[test]
    fn a_key_is_only_revoked_when_nothing_else_changes() {
        let day = Some("2026-01-31");
        let old = user(&[(DEV, None), (P256, day)]);
        for (new, only) in [
            (user(&[(DEV, day), (P256, day)]), true),
            (user(&[(DEV, None), (P256, Some("2026-01-01"))]), true),
            (user(&[(DEV, None), (P256, Some("2026-02-01"))]), false),
            (user(&[(DEV, None), (P256, None)]), false),
            (user(&[(DEV, None)]), false),
            (user(&[(P256, day), (DEV, None)]), false),
            (user(&[(DEV, day), (P256, day), (DEV, None)]), false),
        ] {
            assert_eq!(only_revokes(&old, &new), only, "{new:?}");
        }
        let more = User {
            emails: vec!["m@x".into()],
            ..user(&[(DEV, day), (P256, day)])
        };
        assert!(!only_revokes(&old, &more));
    }

    #[test]
    fn keys_and_addresses_are_the_same_however_they_are_written() {
        let one = User {
            emails: vec!["Dev@X".into()],
            ..user(&[(DEV, None)])
        };
        let other = User {
            emails: vec!["dev@x".into()],
            ..user(&[(&DEV.replace("dev@x", "laptop"), None)])
        };
        assert_eq!(marks("a", &one), marks("b", &other));
        let nameless = marks("a", &user(&[]));
        assert!(
            Mark::of(&Ident::new("a", "z@x"))
                .iter()
                .any(|m| nameless.contains(m))
        );
        assert!(marks("a", &one).is_disjoint(&nameless));
    }
}
