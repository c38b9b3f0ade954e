//! What is said of evidence that is kept.

use schemars::JsonSchema;
use serde::Serialize;

use super::matrix::Matrix;

/// What was kept just now, and what the matrix says with it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Added {
    pub system: String,
    /// Of the system at the commit.
    pub digest: String,
    pub commit: String,
    /// The commit that keeps it; None where it was kept before.
    pub kept: Option<String>,
    /// Results of tests in it.
    pub cases: usize,
    /// What did not go well in the run itself.
    pub failed: Vec<String>,
    pub matrix: Matrix,
}

/// A record that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Listed {
    /// The id of its blob.
    pub id: String,
    /// When it was kept, in UTC: `2026-11-25`.
    pub day: String,
    pub system: String,
    pub digest: String,
    pub commit: String,
    /// Who answers for it, as the policy names him.
    pub by: String,
    pub run: Option<String>,
    pub passed: usize,
    /// Failures and errors.
    pub failed: usize,
    pub not_run: usize,
    pub has_coverage: bool,
    /// Tests of which it is known what they executed themselves.
    pub measured_tests: usize,
    /// Processes that were started.
    pub processes: usize,
}

/// What went to and fro between two repositories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Exchanged {
    pub remote: String,
    /// Commits of evidence that were taken in.
    pub taken: usize,
    /// Commits of evidence that were pushed.
    pub given: usize,
}
