//! Requests that were answered before: each commit that a gateway makes names its own, so that a retry finds it after a
//! restart too.

use anyhow::{Result, bail};

use super::session::Session;
use crate::git::read::Reader;
use crate::model::kind::Id;
use crate::model::status::{Action, Status};
use crate::model::trailer::{self, Key};

/// How far back a retry may lie.
const REACH: usize = 2_000;

/// A commit that was made for a request.
#[derive(Debug, Clone)]
pub struct Earlier {
    pub commit: String,
    pub subject: String,
    /// The request as its trailer has it: its name, and a mark of what was asked.
    pub request: String,
    /// The document that it moved, its action, its status before and after, and its version; none for work.
    pub moved: Option<Moved>,
    pub paths: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Moved {
    pub id: Id,
    pub action: Action,
    pub from: Option<Status>,
    pub to: Status,
    pub version: String,
}

/// The commits that were made for somebody's request of this name, the first first.
pub fn made(session: &Session, user: &str, request: &str) -> Result<Vec<Earlier>> {
    let repo = &session.repo;
    let line = format!("QMS-Request: {request} ");
    let (mut seen, mut out) = (0, Vec::new());
    repo.newest_first(session.head()?, |id| {
        seen += 1;
        let commit = repo.commit(id)?;
        let message = commit.message.as_deref().unwrap_or_default();
        let names_it = message.windows(line.len()).any(|w| w == line.as_bytes());
        let trailers = match names_it {
            true => trailer::read(message).unwrap_or_default(),
            false => trailer::Trailers::default(),
        };
        let said = trailers.value(Key::Request).unwrap_or_default();
        let is_ours =
            said.split(' ').next() == Some(request) && trailers.value(Key::Actor) == Some(user);
        if is_ours {
            let status = trailers.value(Key::Status).unwrap_or_default();
            let (from, to) = status.split_once(" -> ").unwrap_or((status, status));
            let moved = || {
                Some(Moved {
                    id: Id::parse(trailers.value(Key::Document)?)?,
                    action: Action::parse(trailers.value(Key::Action)?)?,
                    from: Status::parse(from),
                    to: Status::parse(to)?,
                    version: trailers.value(Key::Version).unwrap_or_default().to_owned(),
                })
            };
            let parent = repo.node(id)?.parents.first().copied();
            let before = parent.map(|p| repo.tree_of(p)).transpose()?;
            let differs = repo.differences(before, Some(repo.tree_of(id)?))?;
            out.push(Earlier {
                commit: id.to_string(),
                subject: commit.name().subject.clone(),
                request: said.to_owned(),
                moved: moved(),
                paths: differs.iter().map(|d| d.path.to_string()).collect(),
            });
        }
        // What one request made lies together.
        Ok(seen >= REACH || (!out.is_empty() && !is_ours))
    })?;
    out.reverse();
    Ok(out)
}

/// Refuses who is not of this repository, and whom the policy does not let the committer of this process commit for.
/// Tells whether one instance of him is at work at a time.
pub fn serves(session: &Session, user: &str) -> Result<bool> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    let Some(known) = policy.people.active(user) else {
        bail!("`{user}` is no user of this repository, or has left");
    };
    let (_, committer) = session.repo.names()?;
    let own = policy.people.known_as(&committer);
    if own == Some(user)
        || policy
            .people
            .gateways_of(user)
            .any(|(name, _)| Some(name) == own)
    {
        return Ok(known.single);
    }
    bail!(
        "this gateway commits as `{}`, who does not list `{user}` among the agents that he commits for: \
         qms user set NAME --agents {user}",
        committer.name.escape_debug()
    )
}

/// Waits until no other gateway writes this repository, and keeps them waiting until it is dropped. The ref decides who
/// won; this only saves index and work tree from being brought along by two at once.
pub fn turn(session: &Session) -> Result<std::fs::File> {
    let file = std::fs::File::create(session.repo.common_dir().join("qms-writer"))?;
    file.lock()?;
    // Of somebody who was killed; what is asked now may only be answered.
    session.repo.recover()?;
    Ok(file)
}

/// Whether the history still holds a commit that somebody was told of: a sync makes it again under another name.
pub fn holds(session: &Session, commit: &str) -> bool {
    let id = session.repo.oid(commit);
    let (Some(id), Some(head)) = (id, session.tip()) else {
        return false;
    };
    session
        .repo
        .merge_bases(head, id)
        .is_ok_and(|bases| bases == [id])
}

/// Whether the policy can be read: a gateway without it answers nothing.
pub fn ready(session: &Session) -> Result<()> {
    session.policy(&Reader::new(&session.repo)).map(drop)
}
