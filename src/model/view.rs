//! What people and scripts see of documents and their history: one value that text and JSON are made from.
//! Field names are those of the JSON.

use std::collections::BTreeMap;

use super::document::Document;
use super::key::{Key, fingerprint};
use super::kind::Id;
use super::people::{Group, User, UserKind};
use super::state::Outcome;
use super::workflow::Status;

/// The state of one document.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct View {
    pub doc_id: String,
    pub doc_type: String,
    pub title: String,
    pub version: String,
    pub status: Status,
    pub executable: bool,
    /// `pre_release` or `post_release` of an executable document, else null.
    pub execution_phase: Option<String>,
    pub responsible_user: Option<String>,
    pub checked_out: bool,
    pub checked_out_by: Option<String>,
    /// Whether a version of it binds people now.
    pub in_force: bool,
    pub effective_version: Option<String>,
    pub pending_assignees: Vec<String>,
    pub review_outcomes: BTreeMap<String, Outcome>,
    /// Those of them who are agents; told where one document is looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<String>,
    pub authors: Vec<String>,
    pub scope: Vec<String>,
    pub parent: Option<String>,
    pub children: Vec<String>,
    pub path: String,
}

/// A file that is a document by name and cannot be read as one.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Unreadable {
    pub doc_id: String,
    pub path: String,
    pub why: String,
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Task {
    /// `review` or `approve`; of what somebody holds, `write`, `work`, `go-on` or `wait`.
    pub task: &'static str,
    pub doc_id: String,
    pub doc_type: String,
    pub title: String,
    pub version: String,
    pub status: Status,
    pub responsible_user: Option<String>,
    /// The command that answers it.
    pub command: String,
}

/// Something that happened to a document.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Event {
    pub doc_id: String,
    /// When, by the committer's date, as RFC 3339.
    pub ts: String,
    pub event: String,
    pub user: String,
    /// What kind of user he is, as the policy has it now; null of somebody whom it does not know.
    pub user_kind: Option<UserKind>,
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

impl Event {
    /// The user as he is shown: whoever is no human, with what he is.
    pub fn who(&self) -> String {
        shown(&self.user, self.user_kind)
    }
}

/// A user's name, and what he is if he is no human.
pub fn shown(user: &str, kind: Option<UserKind>) -> String {
    match kind {
        None | Some(UserKind::Human) => user.to_owned(),
        Some(kind) => format!("{user} ({})", kind.as_str()),
    }
}

/// A system of the policy, and where its documents stand; null where there is none yet.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct SystemView {
    pub system: String,
    pub code: Vec<String>,
    pub rs: String,
    pub rs_status: Option<Status>,
    pub rtm: String,
    pub rtm_status: Option<Status>,
    /// What the ids of its requirements look like.
    pub ids: String,
}

/// A user of the policy.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct UserView {
    pub user: String,
    pub kind: UserKind,
    pub groups: Vec<Group>,
    pub emails: Vec<String>,
    /// For whom he, a gateway, commits.
    pub agents: Vec<String>,
    /// One instance of him is at work at a time.
    pub single: bool,
    /// The folder of his own that a gateway reads.
    pub workspace: Option<String>,
    /// With which he signs.
    pub keys: Vec<KeyView>,
    /// He did what he did, and does nothing new.
    pub left: bool,
}

/// A key of somebody's; the dates as the policy has them.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct KeyView {
    /// `SHA256:…`
    pub fingerprint: String,
    /// As OpenSSH writes it.
    pub key: String,
    pub from: Option<String>,
    pub until: Option<String>,
    pub revoked: Option<String>,
}

impl KeyView {
    pub fn new(key: &Key) -> KeyView {
        KeyView {
            fingerprint: key.data().map(|d| fingerprint(&d)).unwrap_or_default(),
            key: key.key.clone(),
            from: key.from.clone(),
            until: key.until.clone(),
            revoked: key.revoked.clone(),
        }
    }
}

impl UserView {
    pub fn new(name: &str, user: &User) -> UserView {
        UserView {
            user: name.to_owned(),
            kind: user.kind,
            groups: user.groups.clone(),
            agents: user.agents.clone(),
            single: user.single,
            workspace: user.workspace.clone(),
            emails: user.emails.clone(),
            keys: user.keys.iter().map(KeyView::new).collect(),
            left: user.left,
        }
    }
}

/// What a path is to the process.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Who {
    pub path: String,
    /// `document`, `free`, `controlled`, or `steering`: controlled, and covered only by a pattern that names it.
    pub sort: String,
    /// The document that it is.
    pub document: Option<String>,
    /// Changes that are not at their end and whose scope covers it.
    pub changes: Vec<Cover>,
    /// Who is asked about a change of it.
    pub asked: Vec<String>,
    /// What to do to change it.
    pub commands: Vec<String>,
}

/// A change whose scope covers a path.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Cover {
    pub doc_id: String,
    pub title: String,
    pub status: Status,
    pub owner: Option<String>,
    /// In execution: work under it is allowed now.
    pub open: bool,
}

/// The children of each document among these, in order.
pub fn families<'a>(ids: impl IntoIterator<Item = &'a Id>) -> BTreeMap<Id, Vec<Id>> {
    let mut out: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for id in ids {
        if let Some(parent) = id.parent() {
            out.entry(parent).or_default().push(id.clone());
        }
    }
    out
}

/// The state of a document.
pub fn of(id: &Id, document: &Document, folder: &str, families: &BTreeMap<Id, Vec<Id>>) -> View {
    let state = &document.state;
    let checked_out_by = state.locked.as_ref().and(state.owner.clone());
    let outcomes = state
        .reviews
        .iter()
        .filter(|(_, o)| **o != Outcome::Pending);
    View {
        doc_id: id.to_string(),
        doc_type: id.kind().name.to_owned(),
        title: document.front.title.clone(),
        version: state.version.to_string(),
        status: state.status,
        executable: id.kind().is_executable(),
        execution_phase: phase(id, state.status).map(str::to_owned),
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
        review_outcomes: outcomes.map(|(u, o)| (u.clone(), *o)).collect(),
        agents: Vec::new(),
        authors: state.authors.iter().cloned().collect(),
        scope: document.front.scope.clone(),
        parent: id.parent().map(|p| p.to_string()),
        children: families
            .get(id)
            .into_iter()
            .flatten()
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
