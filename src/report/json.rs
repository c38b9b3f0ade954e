//! Findings as JSON.

use serde_json::{Value, json};

use crate::model::finding::Finding;

/// One finding.
pub fn finding(f: &Finding) -> Value {
    let help: Vec<Value> = f
        .help
        .iter()
        .map(|(when, action)| json!({ "when": when, "action": action }))
        .collect();
    let facts: Vec<Value> = f
        .facts
        .iter()
        .map(|(label, value)| json!({ "label": label, "value": value }))
        .collect();
    json!({
        "rule": f.rule.id,
        "severity": f.severity.as_str(),
        "message": f.message,
        "clause": f.rule.clause,
        "commit": f.commit.as_ref().filter(|c| !c.id.is_empty()).map(|c| json!({ "id": c.id, "subject": c.subject, "author": c.who })),
        "path": f.path.as_ref().map(ToString::to_string),
        "span": f.span.as_ref().map(|s| json!({ "line": s.line, "column": s.column, "length": s.len })),
        "facts": facts,
        "help": help,
    })
}

/// A list of findings.
pub fn findings(list: &[Finding]) -> Value {
    Value::Array(list.iter().map(finding).collect())
}
