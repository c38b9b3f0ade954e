//! Verifications as they are written down: by a shard for others, and for the next run. What is read back is what was
//! written, or it is refused.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::checks;
use crate::model::finding::{CommitName, Finding, Severity};
use crate::model::path::TreePath;
use crate::model::span::Span;
use crate::model::verified::{Part, Tally, Verified};

/// A verification.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    version: String,
    tips: Vec<(String, String)>,
    anchor: String,
    assumed: bool,
    since: String,
    of: usize,
    parts: Vec<KeptPart>,
}

/// A part of one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptPart {
    place: usize,
    digest: String,
    tally: Tally,
    findings: Vec<KeptFinding>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptFinding {
    rule: String,
    severity: Severity,
    message: String,
    /// Id, subject, who.
    commit: Option<(String, String, String)>,
    path: Option<Vec<u8>>,
    /// Line, column, length, and the line's text.
    span: Option<(usize, usize, usize, String)>,
    facts: Vec<(String, String)>,
    help: Vec<(String, String)>,
}

impl Kept {
    pub fn of(verified: &Verified) -> Kept {
        Kept {
            version: verified.version.clone(),
            tips: verified.tips.clone(),
            anchor: verified.anchor.clone(),
            assumed: verified.assumed,
            since: verified.since.clone(),
            of: verified.of,
            parts: verified.parts.iter().map(KeptPart::of).collect(),
        }
    }

    pub fn read(self) -> Result<Verified> {
        let parts = self.parts.into_iter().map(KeptPart::read);
        Ok(Verified {
            version: self.version,
            tips: self.tips,
            anchor: self.anchor,
            assumed: self.assumed,
            since: self.since,
            of: self.of,
            parts: parts.collect::<Result<_>>()?,
        })
    }
}

impl KeptPart {
    pub(super) fn of(part: &Part) -> KeptPart {
        let finding = |f: &Finding| KeptFinding {
            rule: f.rule.id.to_owned(),
            severity: f.severity,
            message: f.message.clone(),
            commit: f
                .commit
                .as_ref()
                .map(|c| (c.id.clone(), c.subject.clone(), c.who.clone())),
            path: f.path.as_ref().map(|p| p.as_bytes().to_vec()),
            span: f
                .span
                .as_ref()
                .map(|s| (s.line, s.column, s.len, s.text.clone())),
            facts: f
                .facts
                .iter()
                .map(|(l, v)| (l.to_string(), v.clone()))
                .collect(),
            help: f.help.clone(),
        };
        KeptPart {
            place: part.place,
            digest: part.digest.clone(),
            tally: part.tally.clone(),
            findings: part.findings.iter().map(finding).collect(),
        }
    }

    pub(super) fn read(self) -> Result<Part> {
        let finding = |f: KeptFinding| -> Result<Finding> {
            let rule = checks::rules()
                .find(|r| r.id == f.rule)
                .with_context(|| format!("`{}` is no rule of this version", f.rule))?;
            Ok(Finding {
                rule,
                severity: f.severity,
                message: f.message,
                commit: f
                    .commit
                    .map(|(id, subject, who)| CommitName { id, subject, who }),
                path: f.path.map(TreePath::new),
                span: f.span.map(|(line, column, len, text)| Span {
                    line,
                    column,
                    len,
                    text,
                }),
                facts: f.facts.into_iter().map(|(l, v)| (l.into(), v)).collect(),
                help: f.help,
            })
        };
        let findings = self.findings.into_iter().map(finding);
        Ok(Part {
            place: self.place,
            digest: self.digest,
            tally: self.tally,
            findings: findings.collect::<Result<_>>()?,
        })
    }
}
