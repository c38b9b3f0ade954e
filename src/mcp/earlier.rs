//! The answer to a request that the log already holds: the same that was given when its commits were made.

use anyhow::Result;
use serde_json::Value;

use super::coding::Committed;
use super::moving::Done;
use crate::ops::requests::{Earlier, Moved};
use crate::report::answers::{self, Made};

/// None where there are no such commits.
pub(super) fn answer(commits: &[Earlier]) -> Result<Option<Value>> {
    let Some(last) = commits.last() else {
        return Ok(None);
    };
    let Some(moved) = &last.moved else {
        let committed = Committed {
            commit: Some(last.commit.clone()),
            subject: last.subject.clone(),
            paths: last.paths.clone(),
            warnings: Vec::new(),
        };
        return Ok(Some(serde_json::to_value(committed)?));
    };
    let made = |commit: &Earlier| {
        let moved: &Moved = commit.moved.as_ref()?;
        Some(Made {
            doc_id: moved.id.to_string(),
            event: moved.action.event(),
            commit: commit.commit.clone(),
            from_status: moved.from,
            to_status: moved.to,
            version: moved.version.clone(),
            waits_for: Vec::new(),
        })
    };
    let done = Done {
        moved: answers::Moved {
            doc_id: moved.id.to_string(),
            status: moved.to,
            version: moved.version.clone(),
            commit: last.commit.clone(),
            moves: commits.iter().filter_map(made).collect(),
        },
        warnings: Vec::new(),
    };
    Ok(Some(serde_json::to_value(done)?))
}
