//! Adding people: by the founder while nobody could approve, afterwards by enrolment.

use anyhow::{Context, Result, bail};

use super::chain::Chain;
use super::session::Session;
use super::wish;
use crate::git::read::Reader;
use crate::git::write::File;
use crate::model::document;
use crate::model::finding::Finding;
use crate::model::near;
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
// Implements: REQ-QMS-CMD-USER-ADD
pub fn add(session: &Session, name: &str, user: &User) -> Result<Vec<Finding>> {
    let own = session.policy(&Reader::new(&session.repo))?;
    if own.people.0.contains_key(name) {
        bail!("`{name}` is a user already; to change him: qms user set {name}");
    }
    let groups: Vec<_> = user.groups.iter().map(|g| g.as_str().to_owned()).collect();
    let subject = format!("Enroll {name} as {}", role(&groups));
    let after = |text: &str| roster::with_user(text, name, user);
    commit(session, &own, name, &subject, None, after)
}

/// What somebody is enrolled as.
fn role(groups: &[String]) -> String {
    match groups.is_empty() {
        true => "gateway".to_owned(),
        false => groups.join(", "),
    }
}

/// What is to be another about a user; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    pub groups: Option<Vec<String>>,
    pub kind: Option<String>,
    pub emails: Option<Vec<String>>,
    pub agents: Option<Vec<String>>,
    pub single: Option<bool>,
    pub workspace: Option<String>,
    pub left: bool,
}

/// Changes a user, as a commit of its own.
// Implements: REQ-QMS-CMD-USER-SET, REQ-QMS-CMD-USER-LEAVE
pub fn set(
    session: &Session,
    name: &str,
    wanted: Changed,
    reason: Option<&str>,
) -> Result<(User, Vec<Finding>)> {
    let own = session.policy(&Reader::new(&session.repo))?;
    let old = known(&own, name)?;
    let words = |groups: &[Group]| {
        groups
            .iter()
            .map(|g| g.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    let groups = wanted.groups.unwrap_or_else(|| words(&old.groups));
    let kind = wanted.kind.unwrap_or_else(|| old.kind.as_str().to_owned());
    let emails = wanted.emails.unwrap_or_else(|| old.emails.clone());
    let new = User {
        left: old.left || wanted.left,
        agents: wanted.agents.unwrap_or_else(|| old.agents.clone()),
        single: wanted.single.unwrap_or(old.single),
        workspace: match wanted.workspace {
            Some(none) if none.is_empty() => None,
            given => given.or_else(|| old.workspace.clone()),
        },
        keys: old.keys.clone(),
        listed: old.listed,
        ..user(name, &groups, Some(&kind), emails)?
    };
    if new == *old {
        bail!("`{name}` is that already: qms user list");
    }
    let subject = match new.left && !old.left {
        true => format!("Let {name} go"),
        false => format!("Enroll {name} as {}", role(&groups)),
    };
    let after = |text: &str| roster::replaced(text, name, &new);
    let warnings = commit(session, &own, name, &subject, reason, after)?;
    Ok((new, warnings))
}

/// A user who is there.
pub(super) fn known<'p>(policy: &'p Policy, name: &str) -> Result<&'p User> {
    policy.people.0.get(name).with_context(|| {
        let names = policy.people.0.keys().map(String::as_str);
        let near = near::nearest(name, names, 3).join(", ");
        format!("`{name}` is no user; near it are {near}; all: qms user list")
    })
}

/// A commit to the users alone: the founder's while nobody could approve, an enrolment afterwards.
pub(super) fn commit(
    session: &Session,
    own: &Policy,
    name: &str,
    subject: &str,
    reason: Option<&str>,
    after: impl Fn(&str) -> Option<String>,
) -> Result<Vec<Finding>> {
    let mut chain = Chain::begin(session)?;
    let (path, before) = policy_file(session)?;
    let text = std::str::from_utf8(&before).context("qms.yaml is not UTF-8")?;
    let after =
        after(text).context("qms.yaml has no `users:` in lines of their own; change it by hand")?;
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
    if let Some(reason) = reason {
        trailers.set(Key::Reason, reason.to_owned());
    }
    let message = wish::written(&trailers, subject)?;
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

/// The policy's file at `HEAD`.
pub(super) fn policy_file(session: &Session) -> Result<(TreePath, Vec<u8>)> {
    let path = TreePath::from(policy::FILE);
    let raw = session
        .repo
        .entry(session.repo.tree_of(session.head()?)?, &path)?;
    let bytes = session
        .repo
        .blob(raw.context("there is no qms.yaml here")?.id)?;
    Ok((path, bytes))
}

/// The users of the policy at `HEAD`, in the order of the file.
// Implements: REQ-QMS-CMD-USER-LIST
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
