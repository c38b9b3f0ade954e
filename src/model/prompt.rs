//! What a reviewer is asked in words, by kind and phase of a document. A repository may say it in words of its own.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::kind::Kind;
use super::span::Flaw;
use super::status::Status;
use super::yaml;

/// The file in the document folder that a repository may have.
pub const FILE: &str = "prompts.yaml";
const BUILT_IN: &str = include_str!("../../templates/prompts.yaml");

/// The round that a document is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Review,
    PreReview,
    PostReview,
    Approval,
    PreApproval,
    PostApproval,
}

impl Phase {
    /// None where nobody is asked.
    pub fn of(status: Status) -> Option<Phase> {
        match status {
            Status::InReview => Some(Phase::Review),
            Status::InPreReview => Some(Phase::PreReview),
            Status::InPostReview => Some(Phase::PostReview),
            Status::InApproval => Some(Phase::Approval),
            Status::InPreApproval => Some(Phase::PreApproval),
            Status::InPostApproval => Some(Phase::PostApproval),
            _ => None,
        }
    }
}

/// Texts with `{id}`, `{type}`, `{status}` and `{version}` in them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompts {
    default: Option<String>,
    #[serde(default)]
    phases: BTreeMap<Phase, String>,
    #[serde(default)]
    kinds: BTreeMap<String, BTreeMap<Phase, String>>,
}

impl Prompts {
    pub fn built_in() -> Prompts {
        yaml::read(BUILT_IN).expect("a test reads it")
    }

    /// Those of a repository's own file; a type that is none is a flaw.
    pub fn read(text: &str) -> Result<Prompts, Flaw> {
        yaml::narrow(text)?;
        let read: Prompts = yaml::read(text)?;
        match read.kinds.keys().find(|name| Kind::of(name).is_none()) {
            Some(name) => Err(Flaw::new(format!("`{name}` under `kinds` is no type"))),
            None => Ok(read),
        }
    }

    /// These, and where `own` says something, that.
    pub fn with(mut self, own: Prompts) -> Prompts {
        self.default = own.default.or(self.default);
        self.phases.extend(own.phases);
        for (kind, phases) in own.kinds {
            self.kinds.entry(kind).or_default().extend(phases);
        }
        self
    }

    /// The text for a kind and phase, else for the phase, else the default.
    pub fn text(&self, kind: &str, phase: Option<Phase>) -> &str {
        let by_kind = self.kinds.get(kind);
        let by_phase = phase.and_then(|phase| {
            let special = by_kind.and_then(|phases| phases.get(&phase));
            special.or_else(|| self.phases.get(&phase))
        });
        by_phase.or(self.default.as_ref()).map_or("", |text| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_a_text_and_a_kind_may_have_its_own() {
        let all = Prompts::read(BUILT_IN).expect("the built-in texts are read");
        let mut seen = std::collections::BTreeSet::new();
        for status in Status::ALL {
            seen.insert(all.text("SOP", Phase::of(*status)));
        }
        assert_eq!(seen.len(), 7, "six phases and the default");
        assert!(seen.iter().all(|text| text.contains("{id}")));
        let pre = Some(Phase::PreReview);
        assert_ne!(all.text("CR", pre), all.text("TP", pre));
        assert!(all.text("CR", None).starts_with("Look at"));
    }

    #[test]
    fn a_repository_says_it_in_its_own_words() {
        let own = Prompts::read("default: D\nphases:\n  review: R\nkinds:\n  CR:\n    review: C\n");
        let all = Prompts::built_in().with(own.expect("it is read"));
        assert_eq!(all.text("CR", None), "D");
        assert_eq!(all.text("CR", Some(Phase::Review)), "C");
        assert_eq!(all.text("SOP", Some(Phase::Review)), "R");
        assert!(
            all.text("CR", Some(Phase::PreReview))
                .contains("change record")
        );
    }

    #[test]
    fn what_is_none_is_a_flaw() {
        for (text, why) in [
            ("phases: {lunch: x}", "lunch"),
            ("kinds: {XX: {review: x}}", "`XX`"),
            ("defualt: x", "defualt"),
            ("default: &a x", "anchor"),
            ("default: [x]", "string"),
        ] {
            let flaw = Prompts::read(text).expect_err(text);
            assert!(flaw.message.contains(why), "{text}: {}", flaw.message);
        }
    }
}
