//! What happened, read from the log: one event a commit.

use anyhow::{Context, Result};

use super::session::Session;
use crate::git::read::Reader;
use crate::model::change::Commit;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::state::Version;
use crate::model::trailer::{self, Key, Trailers};
use crate::model::view::Event;
use crate::model::workflow::{Action, Status};

/// Which events are asked for; without an id those of all documents, and work.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub id: Option<Id>,
    pub user: Option<String>,
    /// Seconds since 1970: nothing older.
    pub since: Option<i64>,
    pub version: Option<Version>,
}

impl Query {
    pub fn of(id: &Id) -> Query {
        Query {
            id: Some(id.clone()),
            ..Query::default()
        }
    }
}

/// A day or a moment as somebody typed it: `2026-01-31`, or RFC 3339.
pub fn moment(text: &str) -> Result<i64> {
    let day = text
        .parse::<jiff::civil::Date>()
        .ok()
        .and_then(|d| d.to_zoned(jiff::tz::TimeZone::UTC).ok());
    let moment = text
        .parse::<jiff::Timestamp>()
        .ok()
        .or(day.map(|d| d.timestamp()));
    let moment = moment.with_context(|| {
        format!(
            "`{text}` is no day, expected one like 2026-01-31 or a time like 2026-01-31T12:00:00Z"
        )
    })?;
    Ok(moment.as_second())
}

/// The events that fit, in the history of `HEAD`, oldest first.
// Implements: REQ-QMS-CMD-HISTORY
pub fn history(session: &Session, query: &Query) -> Result<Vec<Event>> {
    let head = session.head()?;
    let told = |read| session.tell("commits read", read, None);
    let commits = match &query.id {
        // What happened to a document changed its file.
        Some(id) => {
            let policy = session.policy(&Reader::new(&session.repo))?;
            session.repo.trail(head, &id.path(&policy.folder), told)?
        }
        None => {
            let mut read = 0;
            session.repo.log(head, |message| {
                read += 1;
                told(read);
                contains(message, b"QMS-")
            })?
        }
    };
    let mut events = Vec::new();
    let governed = |commit: &Commit| -> Result<bool> {
        let tree = session
            .repo
            .oid(&commit.id)
            .map(|id| session.repo.tree_of(id))
            .transpose()?;
        let policy = TreePath::from(crate::model::policy::FILE);
        Ok(tree
            .map(|t| session.repo.entry(t, &policy))
            .transpose()?
            .flatten()
            .is_some())
    };
    for commit in &commits {
        // What was written before there was a policy was said by nobody in particular.
        if !governed(commit)? {
            continue;
        }
        if query
            .since
            .is_some_and(|since| commit.committer.seconds < since)
        {
            continue;
        }
        let message = commit.message.as_deref().unwrap_or_default();
        let Ok(trailers) = trailer::read(message) else {
            continue;
        };
        let found = match &query.id {
            Some(id) => of(id, commit, &trailers),
            None => any(commit, &trailers),
        };
        events.extend(found.into_iter().filter(|e| {
            query.user.as_ref().is_none_or(|u| *u == e.user)
                && query.version.is_none_or(|v| e.version == v.to_string())
        }));
    }
    events.reverse();
    with_kinds(session, events)
}

/// The events with what their users are.
fn with_kinds(session: &Session, mut events: Vec<Event>) -> Result<Vec<Event>> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    for event in &mut events {
        event.user_kind = policy.people.0.get(&event.user).map(|user| user.kind);
    }
    Ok(events)
}

/// What was said about a document: reviews and rejections, oldest first.
// Implements: REQ-QMS-CMD-COMMENTS
pub fn comments(session: &Session, id: &Id, version: Option<Version>) -> Result<Vec<Event>> {
    let mut events = history(
        session,
        &Query {
            version,
            ..Query::of(id)
        },
    )?;
    let speaks = [Action::Review.event(), Action::Reject.event()];
    events.retain(|e| speaks.contains(&e.event));
    Ok(events)
}

/// The work commits that name a change, the last first.
pub fn work_under(session: &Session, id: &Id) -> Result<Vec<Event>> {
    let under = under(session, id)?;
    with_kinds(session, under.iter().flat_map(|(c, t)| any(c, t)).collect())
}

/// The same with their trailers.
pub(super) fn under(session: &Session, id: &Id) -> Result<Vec<(Commit, Trailers)>> {
    let line = format!("QMS-Change: {id}\n");
    let commits = session
        .repo
        .log(session.head()?, |m| contains(m, line.as_bytes()))?;
    let read = |commit: Commit| {
        let trailers = trailer::read(commit.message.as_deref().unwrap_or_default()).ok()?;
        let is_work = trailers.value(Key::Action).is_none();
        is_work.then_some((commit, trailers))
    };
    Ok(commits.into_iter().filter_map(read).collect())
}

fn contains(message: &[u8], what: &[u8]) -> bool {
    message.windows(what.len()).any(|w| w == what)
}

/// What a commit says about any document, the policy, or work; the last first.
fn any(commit: &Commit, trailers: &Trailers) -> Vec<Event> {
    if let Some(id) = trailers.value(Key::Document).and_then(Id::parse) {
        return of(&id, commit, trailers);
    }
    let (what, about) = match (trailers.value(Key::Action), trailers.value(Key::Change)) {
        (Some(action), _) => (action.to_uppercase(), crate::model::policy::FILE.to_owned()),
        (None, Some(change)) => ("WORK".to_owned(), change.to_owned()),
        (None, None) => return Vec::new(),
    };
    let mut event = event(&about, what, commit, trailers);
    event.comment = Some(commit.name().subject);
    vec![event]
}

fn event(about: &str, what: String, commit: &Commit, trailers: &Trailers) -> Event {
    let text = |key| trailers.value(key).map(str::to_owned);
    Event {
        doc_id: about.to_owned(),
        ts: time(commit),
        event: what,
        user: text(Key::Actor).unwrap_or_default(),
        user_kind: None,
        version: text(Key::Version).unwrap_or_default(),
        commit: commit.id.clone(),
        from_status: None,
        to_status: None,
        outcome: text(Key::Outcome),
        comment: commit.message.as_deref().and_then(trailer::body),
        reason: text(Key::Reason),
        assignees: trailers.users().into_iter().map(str::to_owned).collect(),
    }
}

/// What a commit says about a document, the last first.
fn of(id: &Id, commit: &Commit, trailers: &Trailers) -> Vec<Event> {
    let Some(action) = trailers.value(Key::Action).and_then(Action::parse) else {
        return Vec::new();
    };
    let moved = trailers.value(Key::Document).and_then(Id::parse);
    let with_parent =
        action == Action::Close && moved.as_ref().is_some_and(|m| id.is_attachment_of(m));
    if moved.as_ref() != Some(id) && !with_parent {
        return Vec::new();
    }
    let status = trailers.value(Key::Status).unwrap_or_default();
    let (from, to) = status.split_once(" -> ").unwrap_or((status, status));
    let mut event = event(id.as_str(), action.event(), commit, trailers);
    event.from_status = Some(from.to_owned()).filter(|s| s != "-");
    event.to_status = Some(to.to_owned());
    if with_parent {
        event.version = String::new();
    }
    let ending = match Status::parse(to) {
        Some(Status::Effective) if action == Action::Approve => Some("EFFECTIVE"),
        Some(Status::Retired) if action == Action::Approve => Some("RETIRE"),
        _ => None,
    };
    let end = ending.map(|name| Event {
        event: name.to_owned(),
        comment: None,
        ..event.clone()
    });
    end.into_iter().chain([event]).collect()
}

pub(super) fn time(commit: &Commit) -> String {
    commit.committer.date()
}
