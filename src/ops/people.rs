//! Adding people: by the founder while nobody could approve, afterwards by enrolment.

use anyhow::{Context, Result, bail};

use super::chain::Chain;
use super::session::Session;
use super::wish;
use crate::git::read::Reader;
use crate::git::write::File;
use crate::model::document;
use crate::model::finding::Finding;
use crate::model::path::TreePath;
use crate::model::people::{Group, User, UserKind, is_name};
use crate::model::policy::{self, Policy};
use crate::model::roster;
use crate::model::trailer::{Key, Trailers};

/// Somebody as a command line gives him: `NAME:GROUP[,GROUP][:KIND][:MAIL]`.
pub fn parse(text: &str) -> Result<(String, User)> {
    let mut parts = text.splitn(4, ':');
    let name = parts.next().unwrap_or_default();
    let groups = parts
        .next()
        .with_context(|| format!("`{text}` names no group: NAME:GROUP[,GROUP][:KIND]"))?;
    let kind = parts.next().filter(|k| !k.is_empty());
    let mails = parts.next().map(|m| vec![m.to_owned()]).unwrap_or_default();
    Ok((
        name.to_owned(),
        user(
            name,
            &groups.split(',').map(str::to_owned).collect::<Vec<_>>(),
            kind,
            mails,
        )?,
    ))
}

/// A user from words.
pub fn user(
    name: &str,
    groups: &[String],
    kind: Option<&str>,
    emails: Vec<String>,
) -> Result<User> {
    if !is_name(name) {
        bail!(
            "`{name}` is no user name: a small letter, then small letters, digits, `_`, `-`, `.`"
        );
    }
    let names: Vec<_> = Group::ALL.iter().map(|g| g.as_str()).collect();
    let group = |g: &String| {
        Group::parse(g.trim()).with_context(|| format!("`{g}` is no group: {}", names.join(", ")))
    };
    let kinds: Vec<_> = UserKind::ALL.iter().map(|k| k.as_str()).collect();
    let kind = match kind {
        Some(k) => {
            UserKind::parse(k).with_context(|| format!("`{k}` is no kind: {}", kinds.join(", ")))?
        }
        None => UserKind::default(),
    };
    let plain = |mail: &String| {
        !mail.is_empty()
            && !mail.contains(['"', '\\', '<', '>'])
            && !mail.contains(char::is_control)
    };
    if let Some(mail) = emails.iter().find(|m| !plain(m)) {
        bail!("`{}` is no e-mail address", mail.escape_debug());
    }
    let groups = groups.iter().map(group).collect::<Result<Vec<_>>>()?;
    Ok(User {
        groups,
        kind,
        emails,
        ..User::default()
    })
}

/// Adds a user to the policy, as a commit of its own.
pub fn add(session: &Session, name: &str, user: &User) -> Result<Vec<Finding>> {
    let mut chain = Chain::begin(session)?;
    let reader = Reader::new(&session.repo);
    let own = session.policy(&reader)?;
    if own.people.0.contains_key(name) {
        bail!("`{name}` is a user already: qms user list");
    }
    let path = TreePath::from(policy::FILE);
    let raw = session
        .repo
        .entry(session.repo.tree_of(session.head()?)?, &path)?;
    let before = session
        .repo
        .blob(raw.context("there is no qms.yaml here")?.id)?;
    let text = std::str::from_utf8(&before).context("qms.yaml is not UTF-8")?;
    let after =
        roster::with_user(text, name, user).context("qms.yaml has no `users:` line to add to")?;
    let founding = !own.could_approve();
    let mut trailers = Trailers::new([
        (
            Key::Action,
            if founding { "found" } else { "enroll" }.to_owned(),
        ),
        (Key::Actor, chain.actor().to_owned()),
        (Key::Before, document::digest(&before)),
    ]);
    if !founding {
        trailers.set(Key::Users, name.to_owned());
    }
    let groups: Vec<_> = user.groups.iter().map(|g| g.as_str()).collect();
    let message = wish::written(
        &trailers,
        &format!("Enroll {name} as {}", groups.join(", ")),
    )?;
    chain.seal(
        vec![File {
            path,
            before: Some(before),
            after: after.into_bytes(),
        }],
        &message,
    )?;
    Ok(chain.land()?.1)
}

/// The users of the policy at `HEAD`, in the order of the file.
pub fn list(session: &Session) -> Result<Vec<(String, User)>> {
    let reader = Reader::new(&session.repo);
    let policy: std::sync::Arc<Policy> = session.policy(&reader)?;
    let mut users: Vec<_> = policy
        .people
        .0
        .iter()
        .map(|(n, u)| (n.clone(), u.clone()))
        .collect();
    users.sort_by_key(|(_, user)| user.listed);
    Ok(users)
}
