//! Keys of people: added, and revoked, as commits of their own.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::people::{self, commit};
use super::session::Session;
use crate::git::read::Reader;
use crate::model::finding::Finding;
use crate::model::key::{self, Key};
use crate::model::people::User;
use crate::model::ring::{self, Ring};
use crate::model::roster;

/// A public key as somebody gives it: itself, or the file that holds it.
pub fn given(text: &str) -> Result<Key> {
    let listed = |text: &str| Key {
        key: text.trim().to_owned(),
        ..Key::default()
    };
    if key::parse(text.trim()).is_ok() {
        return Ok(listed(text));
    }
    if !Path::new(text).exists() {
        key::parse(text).map_err(anyhow::Error::msg)?;
    }
    let held = std::fs::read_to_string(text).with_context(|| format!("cannot read `{text}`"))?;
    if held.contains("PRIVATE KEY") {
        bail!(
            "`{text}` is a private key, which is nobody's but its owner's; give the public one: {text}.pub"
        );
    }
    key::parse(held.trim())
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("`{text}` holds no public key"))?;
    Ok(listed(&held))
}

/// Gives somebody a key more.
// Implements: REQ-QMS-CMD-USER-KEY-ADD
pub fn add(
    session: &Session,
    name: &str,
    key: Key,
    reason: Option<&str>,
) -> Result<(User, Vec<Finding>)> {
    ring::hold(&mut Ring::new(), name, &key).map_err(anyhow::Error::msg)?;
    let reader = Reader::new(&session.repo);
    let own = session.policy(&reader)?;
    let old = people::known(&own, name)?;
    let data = key.data().context("a key that was just read")?;
    if let Some(held) = own.keys.get(&data) {
        bail!(
            "the key {} is {}'s already",
            key::fingerprint(&data),
            held.user
        );
    }
    let mut new = old.clone();
    new.keys.push(key);
    let after = |text: &str| roster::replaced(text, name, &new);
    let subject = format!("Add a key of {name}");
    let warnings = commit(session, &own, name, &subject, reason, after)?;
    Ok((new, warnings))
}

/// Revokes a key, named by its fingerprint or itself: what was signed before `at` stays, from now on where nothing is
/// said.
// Implements: REQ-QMS-CMD-USER-KEY-REVOKE
pub fn revoke(
    session: &Session,
    name: &str,
    which: &str,
    at: Option<&str>,
    reason: &str,
) -> Result<(User, Vec<Finding>)> {
    let reader = Reader::new(&session.repo);
    let own = session.policy(&reader)?;
    let old = people::known(&own, name)?;
    let wanted = given(which).ok().and_then(|k| k.data());
    let is = |listed: &Key| {
        let data = listed.data();
        data.is_some_and(|d| Some(&d) == wanted.as_ref() || key::fingerprint(&d) == which)
    };
    let mut new = old.clone();
    let found = new.keys.iter_mut().find(|k| is(k));
    let found = found
        .with_context(|| format!("`{which}` is no key of {name}; which he has: qms user list"))?;
    let at = match at {
        Some(at) => at.to_owned(),
        None => {
            let (_, committer) = session.repo.identities()?;
            jiff::Timestamp::from_second(committer.seconds)?.to_string()
        }
    };
    ring::moment(&at, false).map_err(anyhow::Error::msg)?;
    found.revoked = Some(at);
    if new == *old {
        bail!("the key is revoked already: qms user list");
    }
    let after = |text: &str| roster::replaced(text, name, &new);
    let subject = format!("Revoke a key of {name}");
    let warnings = commit(session, &own, name, &subject, Some(reason), after)?;
    Ok((new, warnings))
}
