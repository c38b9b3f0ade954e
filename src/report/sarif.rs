//! Findings as SARIF 2.1.0, for code scanning and editors.

use std::fmt::Write;

use serde_json::{Value, json};

use super::docs;
use super::json::found;
use super::plain;
use super::text::printable;
use crate::model::finding::{Finding, Rule};
use crate::model::path::TreePath;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The top of the repository, under the name that code scanning gives it.
const ROOT: &str = "%SRCROOT%";

/// A log of one run over `what`.
pub fn log(what: &str, findings: &[Finding]) -> Value {
    let rules: Vec<&Rule> = docs::rules().collect();
    let results: Vec<Value> = findings
        .iter()
        .zip(plain::fingerprints(findings))
        .map(|(f, fingerprint)| result(f, &rules, &fingerprint))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "qms",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|r| described(r)).collect::<Vec<_>>(),
            }},
            // A check that could not look ends before it reports.
            "invocations": [{ "executionSuccessful": true }],
            "originalUriBaseIds": { ROOT: { "description": { "text": "The top of the repository." } } },
            "columnKind": "unicodeCodePoints",
            "properties": { "checked": what },
            "results": results,
        }],
    })
}

fn described(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.demands },
        "fullDescription": { "text": format!("{}: {}", rule.demands, rule.why) },
        "help": { "text": format!("{}; more: qms explain {}", rule.remedy, rule.id) },
        "defaultConfiguration": { "level": rule.severity.as_str() },
        "properties": { "clause": rule.clause },
    })
}

fn result(f: &Finding, rules: &[&Rule], fingerprint: &str) -> Value {
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(&plain::path(f)), "uriBaseId": ROOT } },
    });
    if let Some(span) = &f.span {
        let mut region = json!({ "startLine": span.line });
        if span.len > 0 {
            region["startColumn"] = json!(span.column);
            region["endColumn"] = json!(span.column + span.len);
        }
        location["physicalLocation"]["region"] = region;
    }
    if let Some(commit) = f.commit.as_ref().filter(|c| !c.id.is_empty()) {
        location["logicalLocations"] = json!([{ "name": printable(&commit.subject), "fullyQualifiedName": commit.id, "kind": "commit" }]);
    }
    let mut result = json!({
        "ruleId": f.rule.id,
        "level": f.severity.as_str(),
        // `[text](target)` in a message is a link: no text from outside makes one.
        "message": { "text": plain::lines(f).join("\n").replace("](", "] (") },
        "locations": [location],
        "partialFingerprints": { "qmsFinding/v1": fingerprint },
        "properties": { "finding": found(f) },
    });
    if let Some(index) = rules.iter().position(|r| r.id == f.rule.id) {
        result["ruleIndex"] = json!(index);
    }
    result
}

/// A path as a relative URI: every byte that RFC 3986 does not leave alone is encoded.
fn uri(path: &TreePath) -> String {
    let mut out = String::new();
    for byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_has_a_place_and_a_name() {
        let mut log = log("all", &plain::tests::samples());
        let results = log["runs"][0]["results"].as_array_mut().expect("results");
        for result in results.iter_mut() {
            result["partialFingerprints"]["qmsFinding/v1"] = json!("…");
            result["ruleIndex"] = json!("…");
            result["properties"] = json!("…");
        }
        insta::assert_snapshot!(serde_json::to_string_pretty(results).expect("JSON"), @r#"
        [
          {
            "level": "error",
            "locations": [
              {
                "logicalLocations": [
                  {
                    "fullyQualifiedName": "3f1c2ab00000",
                    "kind": "commit",
                    "name": "Fix� it"
                  }
                ],
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "src/a%20b%3Ac%2C%25%C3%A4%0A%FF.rs",
                    "uriBaseId": "%SRCROOT%"
                  },
                  "region": {
                    "endColumn": 9,
                    "startColumn": 3,
                    "startLine": 2
                  }
                }
              }
            ],
            "message": {
              "text": "`a, b: 100%` �[31mis <out> & \"away\" [x] (1)\ncommit: 3f1c2ab000 \"Fix� it\" (claude)\nscope: docker/**�\nhelp: or ask: qms create VAR --title \"…\"\nhelp: qms list"
            },
            "partialFingerprints": {
              "qmsFinding/v1": "…"
            },
            "properties": "…",
            "ruleId": "out-of-scope",
            "ruleIndex": "…"
          },
          {
            "level": "warning",
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "qms.yaml",
                    "uriBaseId": "%SRCROOT%"
                  }
                }
              }
            ],
            "message": {
              "text": "nobody could approve"
            },
            "partialFingerprints": {
              "qmsFinding/v1": "…"
            },
            "properties": "…",
            "ruleId": "founding",
            "ruleIndex": "…"
          }
        ]
        "#);
        assert_eq!(
            uri(&TreePath::from("a/b c#?ä.md")),
            "a/b%20c%23%3F%C3%A4.md"
        );
    }
}
