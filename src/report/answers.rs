//! Answers that are more than a view: the next step, a story, a verdict, a comparison, what was made.

use schemars::JsonSchema;
use serde::Serialize;

use super::diff::Section;
use super::json::{self, Found};
use crate::model::finding::Finding;
use crate::model::next::{Offer, Turn};
use crate::model::view::{Event, Task, View};
use crate::model::workflow::Status;

/// The answer of `qms next`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Next {
    pub user: String,
    /// Null where nothing waits for the user.
    pub next: Option<Step>,
    /// What comes after it.
    pub then: Vec<Task>,
}

/// The next step of a document.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    pub doc_id: String,
    pub title: String,
    pub status: Status,
    pub version: String,
    /// Whether it is the user's turn.
    pub yours: bool,
    /// Whose turn it is; null where the document is at rest.
    pub whose: Option<Vec<String>>,
    /// To paste.
    pub command: Option<String>,
    pub what: Option<String>,
    /// Whether the command would be let through; null where it was not tried.
    pub ready: Option<bool>,
    pub missing: Option<Vec<Found>>,
    /// What else the user may do.
    pub also: Vec<Offer>,
}

impl Step {
    pub fn new(
        view: &View,
        turn: Option<&Turn>,
        yours: bool,
        missing: Option<&[Finding]>,
        also: &[Offer],
    ) -> Step {
        Step {
            doc_id: view.doc_id.clone(),
            title: view.title.clone(),
            status: view.status,
            version: view.version.clone(),
            yours,
            whose: turn.map(|t| t.whose.clone()),
            command: turn.map(|t| t.offer.command.clone()),
            what: turn.map(|t| t.offer.what.clone()),
            ready: missing.map(|m| !m.iter().any(Finding::is_error)),
            missing: missing.map(json::findings),
            also: also.to_vec(),
        }
    }
}

/// The answer of `qms explain ID`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Story {
    pub document: View,
    pub events: Vec<Event>,
    /// Commits of work under it.
    pub work_commits: usize,
    /// Who made them.
    pub workers: Vec<String>,
    /// The step that comes next; null where the document is at rest.
    pub next: Option<Offer>,
    pub whose: Vec<String>,
}

/// The answer of `qms explain REV`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verdict {
    pub commit: String,
    pub subject: String,
    pub author: String,
    /// What kind of commit it is.
    pub kind: String,
    /// By what it was judged.
    pub judged: String,
    pub allowed: bool,
    pub paths: Vec<Allowed>,
    pub findings: Vec<Found>,
}

/// A path of a commit, and what allows it to change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Allowed {
    pub path: String,
    pub why: String,
}

/// The answer of `qms diff`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Diff {
    pub doc_id: String,
    pub from: String,
    pub to: String,
    /// Those that differ.
    pub sections: Vec<Section>,
}

/// The answer of every move: where the document is now, and the commits that were made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Moved {
    pub doc_id: String,
    pub status: Status,
    pub version: String,
    pub commit: String,
    pub moves: Vec<Made>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Made {
    pub doc_id: String,
    pub event: String,
    pub commit: String,
    /// Null for a document that was created.
    pub from_status: Option<Status>,
    pub to_status: Status,
    pub version: String,
    /// Who is asked now.
    pub waits_for: Vec<String>,
}
