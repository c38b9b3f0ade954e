//! What the formats for CI share: a finding as plain lines, the place to show it at, and what it is recognized by.

use std::collections::BTreeMap;

use super::text::printable;
use crate::model::document;
use crate::model::finding::Finding;
use crate::model::path::TreePath;
use crate::model::policy;

/// What is meant, the facts and what to do: a line each.
pub(super) fn lines(f: &Finding) -> Vec<String> {
    let mut out = vec![printable(&f.message)];
    if let Some(commit) = f.commit.as_ref().filter(|c| !c.id.is_empty()) {
        let id: String = commit.id.chars().take(10).collect();
        let (subject, who) = (printable(&commit.subject), printable(&commit.who));
        out.push(format!("commit: {id} \"{subject}\" ({who})"));
    }
    for (label, value) in &f.facts {
        out.push(format!("{label}: {}", printable(value)));
    }
    for (when, action) in &f.help {
        let when = if when.is_empty() {
            String::new()
        } else {
            format!("{when}: ")
        };
        out.push(format!("help: {}", printable(&format!("{when}{action}"))));
    }
    out
}

/// The file to show a finding at. What is about a commit and no file stands at the policy: viewers drop a finding
/// without a file, and every tree that is judged has this one.
pub(super) fn path(f: &Finding) -> TreePath {
    f.path
        .clone()
        .unwrap_or_else(|| TreePath::from(policy::FILE))
}

/// The path as its viewer should look for it: its own characters where it is text.
pub(super) fn path_text(path: &TreePath) -> String {
    path.as_str()
        .map_or_else(|| path.to_string(), str::to_owned)
}

/// Sixty-four hexadecimal digits for each finding: the same in every run over the same findings, whatever lines
/// and commit ids have become. Findings that are alike are told apart by their order.
pub(super) fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = Vec::with_capacity(findings.len());
    for f in findings {
        let commit = f.commit.clone().unwrap_or_default();
        let mut key = String::new();
        for part in [
            f.rule.id,
            &f.path.as_ref().map(TreePath::to_string).unwrap_or_default(),
            &f.message,
            f.span.as_ref().map_or("", |s| s.text.trim()),
            &commit.subject,
            &commit.who,
        ] {
            key.push_str(&format!("{}:{part}", part.len()));
        }
        let nth = seen.entry(key.clone()).or_default();
        key.push_str(&nth.to_string());
        *nth += 1;
        let digest = document::digest(key.as_bytes());
        out.push(digest.strip_prefix("sha256:").unwrap_or(&digest).to_owned());
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::finding::{CommitName, Rule, Severity};
    use crate::model::span::Span;

    static WARNS: Rule = Rule {
        id: "founding",
        severity: Severity::Warning,
        clause: "c",
        demands: "d",
        why: "w",
        remedy: "r",
    };

    /// One with everything, in letters that every format must take care of, and one with nothing.
    pub(crate) fn samples() -> Vec<Finding> {
        let rule = crate::checks::rules()
            .find(|r| r.id == "out-of-scope")
            .expect("a rule");
        let text = "a: b\n  c: <d>\n";
        let mut full = Finding::new(rule, "`a, b: 100%` \u{1b}[31mis <out> & \"away\" [x](1)")
            .at(&TreePath::new(b"src/a b:c,%\xc3\xa4\n\xff.rs".to_vec()))
            .span(Some(Span::of(text, 7, 6)))
            .fact("scope", "docker/**\u{0}")
            .help("or ask", "qms create VAR --title \"…\"")
            .help("", "qms list");
        full.commit = Some(CommitName {
            id: "3f1c2ab00000".into(),
            subject: "Fix\u{202e} it".into(),
            who: "claude".into(),
        });
        vec![full, Finding::new(&WARNS, "nobody could approve")]
    }

    #[test]
    fn fingerprints_survive_moved_lines_and_tell_equals_apart() {
        let mut findings = samples();
        let before = fingerprints(&findings);
        let span = findings[0].span.as_mut().expect("a span");
        span.line += 7;
        findings[0].commit.as_mut().expect("a commit").id = "0000000000".into();
        assert_eq!(fingerprints(&findings), before);
        findings.push(findings[1].clone());
        let three = fingerprints(&findings);
        assert!(three[1] != three[2] && three[..2] == before[..]);
        assert!(three.iter().all(|f| f.len() == 64));
        findings[0].message.push('!');
        assert_ne!(fingerprints(&findings)[0], before[0]);
    }
}
