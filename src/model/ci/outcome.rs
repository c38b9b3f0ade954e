//! What a run found: its phases in order, each with what it looked at, how long it took, and what it has to say.

use std::time::Duration;

use super::event::Event;
use crate::model::finding::Finding;

/// How a phase ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It looked; its findings say the rest.
    Looked,
    /// There was nothing for it to look at, and why.
    Nothing(String),
    /// It could not look, and why: then nobody may call the run clean.
    CouldNot(String),
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    pub name: &'static str,
    pub standing: Standing,
    /// How many things it looked at, and what they are.
    pub count: usize,
    pub unit: &'static str,
    pub took: Duration,
    /// What else is to be known of it.
    pub notes: Vec<String>,
    pub findings: Vec<Finding>,
    /// Findings that an earlier phase has told already.
    pub told: usize,
}

/// A whole run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub event: Event,
    /// What the run is about, in words.
    pub what: String,
    /// The commits that the range was found to be: the first is not judged.
    pub base: Option<String>,
    pub head: Option<String>,
    pub trunk: Option<String>,
    /// The first commit that is trusted; and whether nobody named it, so that the repository's own is believed.
    pub anchor: Option<(String, bool)>,
    /// What two verifiers of the protected history compare.
    pub digest: Option<String>,
    pub phases: Vec<Phase>,
}

impl Outcome {
    /// Everything that was found, in the order of the phases.
    pub fn findings(&self) -> Vec<Finding> {
        let all = self.phases.iter().flat_map(|p| &p.findings);
        all.cloned().collect()
    }

    /// Why some phase could not look.
    pub fn could_not(&self) -> Vec<(&'static str, &str)> {
        let whys = self
            .phases
            .iter()
            .filter_map(|phase| match &phase.standing {
                Standing::CouldNot(why) => Some((phase.name, why.as_str())),
                _ => None,
            });
        whys.collect()
    }

    /// 0 clean, 1 findings, 2 some phase could not look. `strict`: warnings count as errors.
    pub fn code(&self, strict: bool) -> u8 {
        let mut findings = self.phases.iter().flat_map(|p| &p.findings);
        match self.could_not().is_empty() {
            false => 2,
            true => u8::from(findings.any(|f| strict || f.is_error())),
        }
    }
}
