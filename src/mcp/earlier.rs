//! The answer to a request that the log already holds: the same that was given when its commits were made.

use anyhow::{Result, bail};
use serde_json::Value;

use super::coding::Committed;
use super::made::Done;
use super::moving;
use super::repeated;
use super::tool::Call;
use crate::ops::requests::{self, Earlier, Moved};
use crate::report::answers::{self, Made};

/// None where there are no such commits; refused where they were made for another call. `mark`: what is asked now.
pub(super) fn answer(call: &Call, request: &str, mark: &str, tool: &str) -> Result<Option<Value>> {
    let user = call.user.as_deref().unwrap_or_default();
    let commits = requests::made(&call.session, user, request)?;
    let Some(last) = commits.last() else {
        return Ok(None);
    };
    if last.request.split(' ').nth(1) != Some(mark) {
        bail!("{}", repeated::taken(request));
    }
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
    if !["qms_create", "qms_checkout"].contains(&tool) {
        return Ok(Some(serde_json::to_value(done)?));
    }
    Ok(Some(serde_json::to_value(moving::with_text(call, done)?)?))
}
