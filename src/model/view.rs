//! What people and scripts see of documents and their history: one value that text and JSON are made from.
//! Field names are those of the JSON.

use std::collections::BTreeMap;

use super::document::Document;
use super::kind::Id;
use super::workflow::Status;

/// The state of one document.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct View {
    pub doc_id: String,
    pub doc_type: &'static str,
    pub title: String,
    pub version: String,
    pub status: &'static str,
    pub executable: bool,
    /// `pre_release` or `post_release` of an executable document, else null.
    pub execution_phase: Option<&'static str>,
    pub responsible_user: Option<String>,
    pub checked_out: bool,
    pub checked_out_by: Option<String>,
    /// Whether a version of it binds people now.
    pub in_force: bool,
    pub effective_version: Option<String>,
    pub pending_assignees: Vec<String>,
    pub review_outcomes: BTreeMap<String, &'static str>,
    pub authors: Vec<String>,
    pub scope: Vec<String>,
    pub parent: Option<String>,
    pub children: Vec<String>,
    pub path: String,
}

/// A file that is a document by name and cannot be read as one.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Unreadable {
    pub doc_id: String,
    pub path: String,
    pub why: String,
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Task {
    /// `review` or `approve`.
    pub task: &'static str,
    pub doc_id: String,
    pub doc_type: &'static str,
    pub title: String,
    pub version: String,
    pub status: &'static str,
    pub responsible_user: Option<String>,
    /// The command that answers it.
    pub command: String,
}

/// Something that happened to a document.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Event {
    /// When, by the committer's date, as RFC 3339.
    pub ts: String,
    pub event: String,
    pub user: String,
    pub version: String,
    pub commit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<String>,
}

/// The state of a document; `family` are ids among which its children are.
pub fn of<'a>(
    id: &Id,
    document: &Document,
    folder: &str,
    family: impl Iterator<Item = &'a Id>,
) -> View {
    let state = &document.state;
    let checked_out_by = state.locked.as_ref().and(state.owner.clone());
    let outcomes = state
        .reviews
        .iter()
        .filter(|(_, o)| **o != super::state::Outcome::Pending);
    View {
        doc_id: id.to_string(),
        doc_type: id.kind().name,
        title: document.front.title.clone(),
        version: state.version.to_string(),
        status: state.status.as_str(),
        executable: id.kind().is_executable(),
        execution_phase: phase(id, state.status),
        responsible_user: state.owner.clone(),
        checked_out: checked_out_by.is_some(),
        checked_out_by,
        in_force: state.effective_version().is_some(),
        effective_version: state.effective_version().map(|v| v.to_string()),
        pending_assignees: if state.status.is_open_round() {
            state.pending().into_iter().map(str::to_owned).collect()
        } else {
            Vec::new()
        },
        review_outcomes: outcomes.map(|(u, o)| (u.clone(), o.as_str())).collect(),
        authors: state.authors.iter().cloned().collect(),
        scope: document.front.scope.clone(),
        parent: id.parent().map(|p| p.to_string()),
        children: family
            .filter(|c| c.parent().as_ref() == Some(id))
            .map(Id::to_string)
            .collect(),
        path: id.path(folder).to_string(),
    }
}

fn phase(id: &Id, status: Status) -> Option<&'static str> {
    use Status::*;
    if !id.kind().is_executable() {
        return None;
    }
    let released = matches!(
        status,
        InExecution | InPostReview | PostReviewed | InPostApproval | PostApproved | Closed
    );
    let attachment = id.kind().class == super::kind::Class::Attachment;
    Some(if released || attachment {
        "post_release"
    } else {
        "pre_release"
    })
}
