//! What is known of a system whose code a change has touched, when the change is about to close. Source: lifecycle.md "Gates".

use super::kind::Id;
use super::trace::rtm::Rtm;

/// A system, and the commit at which its matrix in force says that it was qualified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualified {
    pub system: String,
    pub rs: Id,
    pub rtm: Id,
    /// The version of the specification in force.
    pub specification: Option<String>,
    /// The tables of the matrix in force.
    pub matrix: Option<Rtm>,
    pub commit: Named,
    /// A commit of the change that the qualified one does not hold: what it did to the system was never looked at.
    pub left_out: Option<String>,
    pub evidence: Shown,
}

/// The commit that a matrix names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// On the way that leads here.
    Here,
    /// Nothing, or no commit id in full.
    NoCommit,
    /// It is not in this repository, so that nothing can be said of it.
    Missing,
    /// It is no ancestor: a squash or another branch has it.
    Elsewhere,
}

/// The evidence that a move names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    Good,
    /// The move names none.
    NotNamed,
    /// What it names is not here, or not among what is kept.
    Missing(String),
    /// It holds nothing of the system as it was at the qualified commit.
    OfAnother,
    /// A test failed in it; which.
    Failed(String),
}
