//! What a document's text names, looked up: commits, paths and tests. Documents are looked up as documents.
//! Source: lifecycle.md "Gates".

use std::collections::BTreeMap;

use super::finding::CommitName;
use super::kind::Id;

/// What was found of what a text names, by the words that name it.
#[derive(Debug, Clone, Default)]
pub struct Cited {
    /// Commits among the ancestors of the step; none where there is no such ancestor.
    pub commits: BTreeMap<String, Option<Ancestor>>,
    /// Whether a path is in the step's parent.
    pub paths: BTreeMap<String, bool>,
    /// Whether a test is in the file that its name begins with.
    pub tests: BTreeMap<String, bool>,
}

/// A commit that a text cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    pub name: CommitName,
    /// The change in whose name it was made, if any.
    pub change: Option<Id>,
}
