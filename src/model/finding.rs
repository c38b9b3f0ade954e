//! Findings: what a check has to say, for whom it is meant, and what to do next. Source: model.md "Findings".

use std::borrow::Cow;
use std::fmt;

use super::path::TreePath;
use super::span::Span;

/// How much a finding weighs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Deserialize,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Warning,
    Error,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A rule and its documentation: the one source for `qms explain`, JSON, SARIF and the README's table.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Kebab-case, stable for ever.
    pub id: &'static str,
    pub severity: Severity,
    /// The clause that it enforces.
    pub clause: &'static str,
    /// What is demanded, in one line.
    pub demands: &'static str,
    /// Why anybody should care.
    pub why: &'static str,
    /// What to do when it fires.
    pub remedy: &'static str,
}

/// The commit that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitName {
    /// In full; empty for a commit that is only being made.
    pub id: String,
    pub subject: String,
    pub who: String,
}

impl CommitName {
    /// A commit that is there, in a sentence: the beginning of its id, and its subject.
    pub fn quoted(&self) -> String {
        let short = self.id.get(..10).unwrap_or(&self.id);
        format!("{short} \"{}\"", self.subject)
    }
}

/// Something that a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub rule: &'static Rule,
    pub severity: Severity,
    pub message: String,
    pub commit: Option<CommitName>,
    pub path: Option<TreePath>,
    pub span: Option<Span>,
    /// Facts that the reader needs, in order: label and value.
    pub facts: Vec<(Cow<'static, str>, String)>,
    /// What to do: when, and the command or action. The first is the usual way.
    pub help: Vec<(String, String)>,
}

impl Finding {
    pub fn new(rule: &'static Rule, message: impl Into<String>) -> Finding {
        Finding {
            rule,
            severity: rule.severity,
            message: message.into(),
            commit: None,
            path: None,
            span: None,
            facts: Vec::new(),
            help: Vec::new(),
        }
    }

    pub fn at(mut self, path: &TreePath) -> Finding {
        self.path = Some(path.clone());
        self
    }

    pub fn span(mut self, span: Option<Span>) -> Finding {
        self.span = span;
        self
    }

    pub fn fact(mut self, label: &'static str, value: impl fmt::Display) -> Finding {
        self.facts.push((label.into(), value.to_string()));
        self
    }

    /// An action to take; `when` may be empty where there is only one way.
    pub fn help(mut self, when: &str, action: impl fmt::Display) -> Finding {
        self.help.push((when.to_owned(), action.to_string()));
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
