//! Findings as JSON: the answer of a check, and a refusal.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::finding::{Finding, Severity};

/// What a check found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Checked {
    /// What was looked at.
    pub checked: String,
    pub errors: usize,
    pub warnings: usize,
    pub findings: Vec<Found>,
}

/// What a command answers that is refused: nothing was changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Refusal {
    /// Always true.
    pub refused: bool,
    pub findings: Vec<Found>,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// The rule's id; more about it: qms explain RULE.
    pub rule: &'static str,
    pub severity: Severity,
    pub message: String,
    /// The clause that the rule enforces.
    pub clause: &'static str,
    /// The commit that it is about; null for one that is only being made.
    pub commit: Option<CommitName>,
    pub path: Option<String>,
    pub span: Option<Place>,
    /// What the reader needs to know, in order.
    pub facts: Vec<Fact>,
    /// What to do; the first is the usual way.
    pub help: Vec<Help>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct CommitName {
    /// In full.
    pub id: String,
    pub subject: String,
    pub author: String,
}

/// A place in a file: line and column from 1, in characters.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    pub length: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Fact {
    pub label: Cow<'static, str>,
    pub value: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Help {
    /// In which case; empty where there is only one way.
    pub when: String,
    /// A command to paste, or what to do.
    pub action: String,
}

/// The answer of a check of `what`.
pub fn checked(what: &str, findings: &[Finding]) -> Checked {
    let errors = findings.iter().filter(|f| f.is_error()).count();
    Checked {
        checked: what.to_owned(),
        errors,
        warnings: findings.len() - errors,
        findings: self::findings(findings),
    }
}

pub fn refusal(findings: &[Finding]) -> Refusal {
    Refusal {
        refused: true,
        findings: self::findings(findings),
    }
}

pub fn found(f: &Finding) -> Found {
    let commit = f.commit.as_ref().filter(|c| !c.id.is_empty());
    let fact = |(label, value): &(Cow<'static, str>, String)| Fact {
        label: label.clone(),
        value: value.clone(),
    };
    let help = |(when, action): &(String, String)| Help {
        when: when.clone(),
        action: action.clone(),
    };
    Found {
        rule: f.rule.id,
        severity: f.severity,
        message: f.message.clone(),
        clause: f.rule.clause,
        commit: commit.map(|c| CommitName {
            id: c.id.clone(),
            subject: c.subject.clone(),
            author: c.who.clone(),
        }),
        path: f.path.as_ref().map(ToString::to_string),
        span: f.span.as_ref().map(|s| Place {
            line: s.line,
            column: s.column,
            length: s.len,
        }),
        facts: f.facts.iter().map(fact).collect(),
        help: f.help.iter().map(help).collect(),
    }
}

/// A list of findings, for an answer that has more to say.
pub fn findings(list: &[Finding]) -> Vec<Found> {
    list.iter().map(found).collect()
}
