//! What lies on somebody's desk: what others wait for, and what he holds.

use std::sync::Arc;

use anyhow::Result;

use super::list::all;
use super::session::Session;
use crate::git::read::Reader;
use crate::model::next::{self, Turn};
use crate::model::policy::Policy;
use crate::model::view::{Task, View};
use crate::model::workflow::Status;

/// Somebody, and the documents that concern him with the step that comes next for each.
pub struct Desk {
    pub policy: Arc<Policy>,
    pub user: String,
    /// Of others, waiting for him: he is asked, or group quality has to ask somebody.
    pub inbox: Vec<(View, Turn)>,
    /// His own that are under way; without a turn where nothing is to be done.
    pub workspace: Vec<(View, Option<Turn>)>,
}

/// What lies on somebody's desk.
pub fn desk(session: &Session) -> Result<Desk> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    let user = session.actor(&policy)?;
    let (mut inbox, mut workspace) = (Vec::new(), Vec::new());
    for view in all(session, &policy)?.into_values().flatten() {
        let own = view.responsible_user.as_deref() == Some(&user);
        let rests = view.status == Status::Effective || view.status.is_final();
        if rests {
            continue;
        }
        match next::turn(&policy, &view) {
            Some(turn) if !own && turn.whose.contains(&user) => inbox.push((view, turn)),
            turn if own => workspace.push((view, turn)),
            _ => {}
        }
    }
    Ok(Desk {
        policy,
        user,
        inbox,
        workspace,
    })
}

/// What waits for the user, as tasks.
// Implements: REQ-QMS-CMD-INBOX
pub fn inbox(session: &Session) -> Result<(String, Vec<Task>)> {
    let desk = desk(session)?;
    let tasks = desk
        .inbox
        .iter()
        .map(|(view, turn)| task(view, next::task(turn), &turn.offer.command));
    Ok((desk.user, tasks.collect()))
}

/// What the user holds, as tasks: `wait` where others have to speak first.
// Implements: REQ-QMS-CMD-WORKSPACE
pub fn workspace(session: &Session) -> Result<(String, Vec<Task>)> {
    let desk = desk(session)?;
    let held = desk.workspace.iter().map(|(view, turn)| match turn {
        Some(turn) if turn.whose.contains(&desk.user) => {
            let word = match view.status {
                _ if view.checked_out => "write",
                Status::InExecution => "work",
                _ => next::task(turn),
            };
            task(view, word, &turn.offer.command)
        }
        _ => task(view, "wait", &format!("qms status {}", view.doc_id)),
    });
    let tasks = held.collect();
    Ok((desk.user, tasks))
}

pub(super) fn task(view: &View, word: &'static str, command: &str) -> Task {
    Task {
        task: word,
        doc_id: view.doc_id.clone(),
        doc_type: view.doc_type.clone(),
        title: view.title.clone(),
        version: view.version.clone(),
        status: view.status,
        responsible_user: view.responsible_user.clone(),
        command: command.to_owned(),
    }
}
