//! What people and scripts see of the items and sections of a document. Field names are those of the JSON.

use super::status::Status;

/// An item of a document, in a line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct ItemRow {
    pub item: String,
    pub task: String,
    /// Whether it needs a verification record; null where items of this type have none.
    pub vr: Option<bool>,
    /// Null until it is said, as the next two.
    pub outcome: Option<String>,
    pub performer: Option<String>,
    /// The day, in UTC.
    pub time: Option<String>,
    /// How many commits carry its trailer.
    pub commits: usize,
}

/// An item with all that its row says, and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct ItemStory {
    pub doc_id: String,
    pub item: String,
    pub cells: Vec<CellText>,
    /// Commits under the document that carry the item's trailer, the last first.
    pub commits: Vec<ItemCommit>,
    /// The documents that the row names.
    pub documents: Vec<Cited>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct CellText {
    pub column: String,
    /// As it was given.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct ItemCommit {
    pub commit: String,
    pub subject: String,
    pub user: String,
    /// When, by the committer's date, as RFC 3339.
    pub ts: String,
}

/// A document that is named.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Cited {
    pub doc_id: String,
    /// Null where there is no such document.
    pub status: Option<Status>,
}

/// A key of a document's front matter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct KeyRow {
    pub key: String,
    /// As one line of YAML.
    pub value: String,
}

/// A section of a document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct SectionRow {
    pub number: Option<String>,
    pub title: String,
    pub level: u8,
    /// Whether its text may change during execution.
    pub open: bool,
    pub state: Filled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Filled {
    Filled,
    Empty,
    /// A placeholder stands there.
    Placeholder,
}

impl Filled {
    pub fn as_str(self) -> &'static str {
        match self {
            Filled::Filled => "filled",
            Filled::Empty => "empty",
            Filled::Placeholder => "placeholder",
        }
    }
}
