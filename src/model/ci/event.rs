//! What happened that a run was started for: read from what the platform hands over, or from nothing, by hand.

use super::given::{Given, Wrong};
use super::{github, gitlab};

/// Where a run takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    Github,
    Gitlab,
    /// A clone of somebody, or a platform that nobody here knows.
    None,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A branch was moved, or made.
    Push,
    /// A branch is gone.
    Deleted,
    /// A branch asks to be merged.
    PullRequest,
    /// What was put together in the order in which it is to be merged.
    MergeQueue,
    Tag,
    /// Started by somebody or by a clock: nothing comes in.
    ByHand,
    /// No platform says anything.
    Local,
}

/// What a run is about. Ids are in full; whether they are here is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub platform: Platform,
    pub kind: Kind,
    /// The branch that took commits in or is asked to, without `refs/heads/`.
    pub branch: Option<String>,
    /// Without `refs/tags/`.
    pub tag: Option<String>,
    /// Where the branch stood before; none where it is new, or where nobody says.
    pub base: Option<String>,
    pub head: Option<String>,
    /// The merge that the platform made of both, to be tried.
    pub merged: Option<String>,
    /// What comes in is from somebody's own copy of the repository.
    pub fork: bool,
    /// The branch is in another repository than the one that was cloned.
    pub elsewhere: bool,
    /// The branch that the platform takes for the main one: its setting, and nothing that a commit could change.
    pub main: Option<String>,
}

/// How a platform is known, and what reads its event.
type Row = (&'static str, Platform, fn(&Given) -> Result<Event, Wrong>);

const PLATFORMS: &[Row] = &[
    ("GITHUB_ACTIONS", Platform::Github, github::event),
    ("GITLAB_CI", Platform::Gitlab, gitlab::event),
];

impl Platform {
    /// By the variable that says so.
    pub fn of(given: &Given) -> Platform {
        let row = PLATFORMS.iter().find(|(name, ..)| given.is(name, "true"));
        row.map_or(Platform::None, |(_, platform, _)| *platform)
    }
}

impl Event {
    /// What the platform says; without one nothing is known.
    pub fn read(given: &Given) -> Result<Event, Wrong> {
        let row = PLATFORMS.iter().find(|(name, ..)| given.is(name, "true"));
        row.map_or_else(
            || Ok(Event::new(Platform::None, Kind::Local)),
            |(.., read)| read(given),
        )
    }

    pub(super) fn new(platform: Platform, kind: Kind) -> Event {
        Event {
            platform,
            kind,
            branch: None,
            tag: None,
            base: None,
            head: None,
            merged: None,
            fork: false,
            elsewhere: false,
            main: None,
        }
    }

    /// What happened, in words.
    pub fn what(&self) -> String {
        let branch = self.branch.as_deref().unwrap_or("no branch");
        let fork = if self.fork { " from a fork" } else { "" };
        match self.kind {
            Kind::Push => format!("push to `{branch}`"),
            Kind::Deleted => format!("`{branch}` is deleted"),
            Kind::PullRequest => format!("pull request{fork} into `{branch}`"),
            Kind::MergeQueue => format!("merge queue of `{branch}`"),
            Kind::Tag => format!("tag `{}`", self.tag.as_deref().unwrap_or_default()),
            Kind::ByHand => format!("run of `{branch}` that nothing came in for"),
            Kind::Local => format!("`{branch}` as it is here"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_platform_nothing_is_known() {
        let mut given = Given::default();
        given.vars.insert("CI".into(), "true".into());
        given.vars.insert("CI_COMMIT_SHA".into(), "--evil".into());
        let event = Event::read(&given).expect("an event");
        assert_eq!((event.kind, event.platform), (Kind::Local, Platform::None));
        given.vars.insert("GITLAB_CI".into(), "true".into());
        assert_eq!(Platform::of(&given), Platform::Gitlab);
        assert!(Event::read(&given).is_err());
    }
}
