//! What a sync and a push answer.

/// What became of a commit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Redone {
    pub commit: String,
    pub subject: String,
    /// `kept`, `redone`, `mended`, `joined` into another, `there` already, `reverted`; or not made again: `dropped`, and
    /// work that is `waiting` for its change to be open again.
    pub what: &'static str,
    /// Why it was dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The commit that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// What a sync did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Synced {
    /// The tip that the commits are on now, as it was named.
    pub onto: String,
    pub old: String,
    pub new: String,
    /// The number that a document got, if it got one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renumbered: Option<(String, String)>,
    pub commits: Vec<Redone>,
}

impl Synced {
    /// Whether work could not come along yet.
    pub fn leaves_work(&self) -> bool {
        self.commits.iter().any(|c| c.what == "waiting")
    }
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Sent {
    pub remote: String,
    pub branch: String,
    /// Whether the remote has it.
    pub done: bool,
    /// Whether somebody else was first.
    pub raced: bool,
    /// What it said, where it does not.
    pub said: String,
}

/// The answer of a sync.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct SyncAnswer {
    pub sync: Synced,
    /// Null where nothing was to be pushed.
    pub push: Option<Sent>,
}
