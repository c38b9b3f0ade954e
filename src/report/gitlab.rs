//! Findings as GitLab's Code Quality report.

use serde_json::{Value, json};

use super::plain;
use crate::model::finding::{Finding, Severity};

/// The report: an array, empty where all is well.
pub fn quality(findings: &[Finding]) -> Value {
    let prints = plain::fingerprints(findings);
    findings
        .iter()
        .zip(prints)
        .map(|(f, print)| issue(f, &print))
        .collect()
}

fn issue(f: &Finding, fingerprint: &str) -> Value {
    let severity = match f.severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
    };
    json!({
        "description": plain::lines(f).join("\n"),
        "check_name": f.rule.id,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": plain::path_text(&plain::path(f)),
            "lines": { "begin": f.span.as_ref().map_or(1, |s| s.line) },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_issue_has_a_place() {
        let text = serde_json::to_string_pretty(&quality(&plain::tests::samples())).expect("JSON");
        insta::assert_snapshot!(text, @r#"
        [
          {
            "check_name": "out-of-scope",
            "description": "`a, b: 100%` �[31mis <out> & \"away\" [x](1)\ncommit: 3f1c2ab000 \"Fix� it\" (claude)\nscope: docker/**�\nhelp: or ask: qms create VAR --title \"…\"\nhelp: qms list",
            "fingerprint": "764d9d902a5fe3b12e9fdb8016a6e27d29ff4d032158ce8c2f661d4316baf258",
            "location": {
              "lines": {
                "begin": 2
              },
              "path": "src/a b:c,%ä\\n\\xff.rs"
            },
            "severity": "major"
          },
          {
            "check_name": "founding",
            "description": "nobody could approve",
            "fingerprint": "b0c3a4742b5d25f1430a56bc9804556b2c41cf0ab88dd5b1179a5d31a6c774ca",
            "location": {
              "lines": {
                "begin": 1
              },
              "path": "qms.yaml"
            },
            "severity": "minor"
          }
        ]
        "#);
        assert_eq!(quality(&[]), json!([]));
    }
}
