//! What waits for agents: whose box is to be started for it, and what is new since somebody looked.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Ground;
use crate::model::boxes::role::Launch;
use crate::model::view::Task;
use crate::ops::desk;
use crate::ops::session::Session;

/// What waits for an agent.
pub(super) fn tasks(session: &Session, agent: &str) -> Result<Vec<Task>> {
    let dir = session.repo.work_dir().unwrap_or(session.repo.git_dir());
    let own = Session::open(dir, Some(agent.to_owned()))?;
    desk::inbox(&own).map(|(_, tasks)| tasks)
}

/// Whose boxes are to be there now, by what the repository says of them.
pub fn launched(session: &Session) -> Result<Vec<String>> {
    let ground = Ground::of(session)?;
    let mut out = Vec::new();
    for agent in ground.agents()? {
        let starts = match ground.role(&agent)?.0.launch {
            Launch::Manual => false,
            Launch::Inbox => !tasks(session, &agent)?.is_empty(),
            Launch::Always => true,
        };
        if starts {
            out.push(agent);
        }
    }
    Ok(out)
}

/// What was seen to wait, so that it is told once.
#[derive(Debug, Default)]
pub struct News(BTreeSet<String>);

impl News {
    /// A line for each thing that began to wait for an agent since the last look.
    pub fn lines(&mut self, session: &Session, agent: &str) -> Result<Vec<String>> {
        let tasks = tasks(session, agent)?;
        let lines = tasks.iter().map(|task| {
            format!(
                "{} waits for {agent}: {} ({})",
                task.doc_id, task.task, task.title
            )
        });
        let all: BTreeSet<String> = lines.collect();
        let new = all.difference(&self.0).cloned().collect();
        self.0 = all;
        Ok(new)
    }
}
