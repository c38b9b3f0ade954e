//! The story of a document, read from the log: one event a commit.

use anyhow::Result;

use super::session::Session;
use crate::git::Oid;
use crate::model::change::Commit;
use crate::model::kind::Id;
use crate::model::trailer::{self, Key, Trailers};
use crate::model::view::Event;
use crate::model::workflow::{Action, Status};

/// The events of a document in the history of `HEAD`, oldest first.
pub fn history(session: &Session, id: &Id) -> Result<Vec<Event>> {
    let mut events: Vec<Event> = Vec::new();
    session.repo.children_first(session.head()?, |commit| {
        let data = session.repo.commit(commit)?;
        let message = data.message.as_deref().unwrap_or_default();
        if trailer::carries(message)
            && let Ok(trailers) = trailer::read(message)
        {
            events.extend(of(id, &data, &trailers, commit));
        }
        Ok(())
    })?;
    events.reverse();
    Ok(events)
}

/// What a commit says about a document, the last first.
fn of(id: &Id, commit: &Commit, trailers: &Trailers, at: Oid) -> Vec<Event> {
    let Some(action) = trailers.value(Key::Action).and_then(Action::parse) else {
        return Vec::new();
    };
    let moved = trailers.value(Key::Document).and_then(Id::parse);
    let with_parent =
        action == Action::Close && moved.as_ref().is_some_and(|m| id.is_attachment_of(m));
    if moved.as_ref() != Some(id) && !with_parent {
        return Vec::new();
    }
    let text = |key| trailers.value(key).map(str::to_owned);
    let status = trailers.value(Key::Status).unwrap_or_default();
    let (from, to) = status.split_once(" -> ").unwrap_or((status, status));
    let event = Event {
        ts: time(commit),
        event: action.event(),
        user: text(Key::Actor).unwrap_or_default(),
        version: if with_parent {
            String::new()
        } else {
            text(Key::Version).unwrap_or_default()
        },
        commit: at.to_string(),
        from_status: Some(from.to_owned()).filter(|s| s != "-"),
        to_status: Some(to.to_owned()),
        outcome: text(Key::Outcome),
        comment: commit.message.as_deref().and_then(trailer::body),
        reason: text(Key::Reason),
        assignees: trailers.users().into_iter().map(str::to_owned).collect(),
    };
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

fn time(commit: &Commit) -> String {
    let at = &commit.committer;
    let utc = jiff::Timestamp::from_second(at.seconds).unwrap_or_default();
    match jiff::tz::Offset::from_seconds(at.offset) {
        Ok(offset) => utc
            .to_zoned(offset.to_time_zone())
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string(),
        Err(_) => utc.to_string(),
    }
}
