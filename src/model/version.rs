//! Versions of documents, and what a reviewer says of one.

use std::fmt;

/// `N.X`: approvals count the first number up, changed check-ins the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
}

impl Version {
    pub const FIRST: Version = Version { major: 0, minor: 1 };
    pub const ONE: Version = Version { major: 1, minor: 0 };

    pub fn parse(text: &str) -> Option<Version> {
        let (major, minor) = text.split_once('.')?;
        let version = Version {
            major: major.parse().ok()?,
            minor: minor.parse().ok()?,
        };
        (version.to_string() == text).then_some(version)
    }

    /// The version after a check-in that changed the text.
    pub fn revised(self) -> Version {
        Version {
            minor: self.minor.saturating_add(1),
            ..self
        }
    }

    /// The version after an approval.
    pub fn approved(self) -> Version {
        Version {
            major: self.major.saturating_add(1),
            minor: 0,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What somebody who was asked to review has said.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Pending,
    Recommend,
    RequestUpdates,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Pending => "pending",
            Outcome::Recommend => "recommend",
            Outcome::RequestUpdates => "request-updates",
        }
    }

    pub fn parse(text: &str) -> Option<Outcome> {
        [
            Outcome::Pending,
            Outcome::Recommend,
            Outcome::RequestUpdates,
        ]
        .into_iter()
        .find(|o| o.as_str() == text)
    }
}
