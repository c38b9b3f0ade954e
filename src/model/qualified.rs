//! What is known of a system whose code a change has touched, when the change is about to close. Source: lifecycle.md "Gates".

use schemars::JsonSchema;
use serde::Serialize;

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
    /// Its requirements that are not retired, and the beginning of the fingerprint of each.
    pub requirements: Vec<(String, String)>,
    /// The version of the matrix in force, and its tables.
    pub version: Option<String>,
    pub matrix: Option<Rtm>,
    pub commit: Named,
    /// A commit of the change that the qualified one does not hold: what it did to the system was never looked at.
    pub left_out: Option<String>,
    pub evidence: Shown,
    /// What is not verified at that commit by that evidence, whatever the matrix says.
    pub unverified: Vec<Unverified>,
    /// Submodules of it that have gone another way since.
    pub strayed: Vec<Pointer>,
}

impl Qualified {
    /// The specification and the matrix with their versions in force, as a baseline names them: `SDLC-CLI-RS 1.0`.
    pub fn named(&self) -> [String; 2] {
        let named = |id: &Id, version: &Option<String>| {
            let version = version.as_deref().unwrap_or_default();
            format!("{id} {version}")
        };
        [
            named(&self.rs, &self.specification),
            named(&self.rtm, &self.version),
        ]
    }
}

/// A submodule that is not at what it was at when the system was qualified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    pub path: String,
    /// The commit that it was at, and the one that it is at; None where there is none any more.
    pub then: String,
    pub now: Option<String>,
    pub held: Held,
}

/// Whether a submodule's commit holds the qualified one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// There is no submodule any more.
    Gone,
    Behind,
    /// Its repository is not here, or not whole.
    Unknown,
}

/// A requirement that is not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unverified {
    pub id: String,
    /// As what it counts.
    pub verdict: &'static str,
    /// The worst reason, with its place where it has one.
    pub why: String,
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
    /// It holds so much of that state that it is not read; what.
    TooMuch(String),
    /// It holds nothing of the system as it was at the qualified commit.
    OfAnother,
    /// A test failed in it; which.
    Failed(String),
    /// It is good, and a test of the same state failed later; which.
    FailedSince(String),
}

/// The folder of tags that record what was qualified.
pub const TAGS: &str = "qualified/";

/// A release of a system whose every requirement was verified at one commit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Baseline {
    /// As it is tagged: `qualified/CLI-6.0`.
    pub tag: String,
    pub system: String,
    /// In full.
    pub commit: String,
    /// `SDLC-CLI-RS 1.0`.
    pub specification: String,
    /// `SDLC-CLI-RTM 1.0`.
    pub matrix: String,
    /// The commit of evidence that it rests on.
    pub evidence: String,
    /// Of the system at the commit.
    pub digest: String,
    /// Why it does not hold here; None where it does.
    pub wrong: Option<String>,
}

impl Baseline {
    /// The message of its tag.
    pub fn message(&self) -> String {
        let release = self.tag.trim_start_matches(TAGS);
        let lines: Vec<String> = self
            .lines()
            .map(|(key, value)| format!("{key}: {value}\n"))
            .collect();
        format!("Qualify {release}\n\n{}", lines.concat())
    }

    fn lines(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("System", self.system.as_str()),
            ("Specification", &self.specification),
            ("Matrix", &self.matrix),
            ("Evidence", &self.evidence),
            ("Digest", &self.digest),
        ]
        .into_iter()
    }

    /// Reads the message of a tag; None where it is none of a baseline.
    pub fn read(tag: &str, commit: &str, message: &str) -> Option<Baseline> {
        let value = |key: &str| -> Option<String> {
            let begin = format!("{key}: ");
            let mut found = message.lines().filter_map(|line| line.strip_prefix(&begin));
            let value = found.next()?.to_owned();
            found.next().is_none().then_some(value)
        };
        Some(Baseline {
            tag: tag.to_owned(),
            system: value("System")?,
            commit: commit.to_owned(),
            specification: value("Specification")?,
            matrix: value("Matrix")?,
            evidence: value("Evidence")?,
            digest: value("Digest")?,
            wrong: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tag_says_is_what_was_written() {
        let baseline = Baseline {
            tag: "qualified/CLI-6.0".to_owned(),
            system: "CLI".to_owned(),
            commit: "c0".to_owned(),
            specification: "SDLC-CLI-RS 1.0".to_owned(),
            matrix: "SDLC-CLI-RTM 1.0".to_owned(),
            evidence: "e0".to_owned(),
            digest: "sha256:0".to_owned(),
            wrong: None,
        };
        let message = baseline.message();
        assert!(
            message.starts_with("Qualify CLI-6.0\n\nSystem: CLI\n"),
            "{message}"
        );
        let read = |message: &str| Baseline::read("qualified/CLI-6.0", "c0", message);
        assert_eq!(read(&message), Some(baseline));
        assert_eq!(read(&message.replace("Digest", "Digits")), None);
        // Two values are none.
        assert_eq!(read(&format!("{message}System: GUI\n")), None);
    }
}
