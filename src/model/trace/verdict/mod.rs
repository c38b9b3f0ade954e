//! The verdict on a requirement. One function decides, from what it is given alone; every doubt is a reason, and the worst
//! reason is the verdict. Without a reason to the contrary it is still not verified unless something shows that it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::attribute::Kind;
use super::evidence::Hits;
use super::evidence::naming::Runs;
use super::links::{Link, Loose};
use super::prints::Prints;
use super::requirement::Requirement;

mod coverage;
mod judge;
mod tests_ran;

#[cfg(all(test, feature = "grammars"))]
mod doubts;
#[cfg(all(test, feature = "grammars"))]
mod excluded;
#[cfg(all(test, feature = "grammars"))]
mod false_green;
#[cfg(all(test, feature = "grammars"))]
mod sample;

pub use judge::judge;

/// What there is to say of a requirement, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A test of it failed, broke, or passed only when it was run again.
    Failed,
    /// Nothing is tagged as implementing it.
    Unimplemented,
    /// No test of it asserts anything, or they did not run what implements it.
    Untested,
    /// It, its tests or its code changed since it was last verified.
    Suspect,
    /// A test of it has no result at this state of the system.
    NotRun,
    PassedCoverageUnknown,
    /// The whole run executed what implements it; whether its own tests did is not known.
    VerifiedInRun,
    Verified,
}

impl Class {
    /// The worst first.
    pub const ALL: &'static [(&'static str, Class)] = &[
        ("failed", Class::Failed),
        ("unimplemented", Class::Unimplemented),
        ("untested", Class::Untested),
        ("suspect", Class::Suspect),
        ("not run", Class::NotRun),
        ("passed, coverage unknown", Class::PassedCoverageUnknown),
        ("verified in the run", Class::VerifiedInRun),
        ("verified", Class::Verified),
    ];

    pub fn as_str(self) -> &'static str {
        let named = Class::ALL.iter().find(|(_, class)| *class == self);
        named.map_or("failed", |(name, _)| name)
    }

    /// The worst of all for what is no verdict.
    pub fn of(text: &str) -> Class {
        let named = Class::ALL.iter().find(|(name, _)| *name == text);
        named.map_or(Class::Failed, |(_, class)| *class)
    }
}

/// Why: where, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// What the verdict would be for this reason alone.
    pub class: Class,
    /// Empty where it is of no file.
    pub path: String,
    /// From 1, or 0 for the whole of it.
    pub line: usize,
    pub says: String,
}

/// How many of the executable lines were executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Share {
    pub executed: usize,
    pub executable: usize,
}

impl Share {
    /// Whether it is at least so many percent; of nothing no share is enough.
    pub fn is_enough(&self, percent: u8) -> bool {
        self.executed > 0 && self.executed * 100 >= usize::from(percent) * self.executable
    }
}

/// The verdict on a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub class: Class,
    /// All of them, the worst first.
    pub reasons: Vec<Reason>,
    pub warnings: Vec<Reason>,
    /// Of the lines that implement it, where coverage knows them.
    pub share: Option<Share>,
    /// The share that the policy asks for, in percent.
    pub wanted: u8,
}

/// Of which state of the system the evidence is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    /// Of the one that is judged.
    Same,
    /// Of another; which.
    Other(String),
    /// Of a work tree that is no commit's.
    Dirty,
}

/// What a run of the tests left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence<'k> {
    pub binding: Binding,
    /// What is wrong with its reports; with one, no result of it counts but failures.
    pub flaws: &'k [String],
    /// Executed lines of the whole run, by path, if it was measured.
    pub coverage: Option<&'k BTreeMap<String, Hits>>,
    /// What the coverage is of, that of each test too: it may have been measured apart.
    pub measured: Binding,
}

/// A test that is tagged with the requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test<'k> {
    pub link: Link<'k>,
    pub runs: Runs<'k>,
    /// The lines that it executed itself, if that was measured.
    pub coverage: Option<&'k BTreeMap<String, Hits>>,
    /// Why something that was measured under its name is not taken for its own.
    pub doubt: Option<&'k str>,
    /// How many requirements it is tagged with.
    pub verifies: usize,
}

/// Evidence that is no test: a process that was started, a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub kind: Kind,
    /// Where it is: a path, or the id of a document or a run.
    pub place: String,
    pub state: ProofState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofState {
    Holds,
    /// The process did not start, the record says Fail.
    Failed(String),
    /// The document is not in the right state, the cited lines changed, it is of another state of the system.
    Stale(String),
}

/// Fingerprints of what was verified last, tests and code by name with file (`Item::whole`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Last {
    pub text: String,
    pub tests: Prints,
    pub code: Prints,
    /// The commit at which its code was last seen executed as far as is asked for; empty where it never was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub covered: String,
}

/// The lines that a change added or altered, by path.
pub type Changed = BTreeMap<String, BTreeSet<u32>>;

/// All that is known of a requirement.
#[derive(Debug, Clone)]
pub struct Known<'k> {
    pub requirement: &'k Requirement,
    pub code: &'k [Link<'k>],
    pub tests: &'k [Test<'k>],
    pub loose: &'k [Loose<'k>],
    pub proofs: &'k [Proof],
    /// None where there is none at all.
    pub evidence: Option<&'k Evidence<'k>>,
    pub last: Option<&'k Last>,
    /// None where it is not known: then all lines of an item count that is not as it was last.
    pub changed: Option<&'k Changed>,
    /// In percent.
    pub wanted: u8,
}
