//! Findings as workflow commands: GitHub shows them beside the lines of a pull request.

use super::plain;
use super::text::printable;
use crate::model::finding::{Finding, Severity};

/// A command a finding, and one that says what was looked at.
pub fn commands(what: &str, findings: &[Finding]) -> String {
    let mut out = annotations(findings);
    let errors = findings.iter().filter(|f| f.is_error()).count();
    let said = match findings.len() {
        0 => format!("clean: {what}"),
        all => format!("checked {what}: errors {errors}, warnings {}", all - errors),
    };
    out.push_str(&format!(
        "::notice title=qms::{}\n",
        data(&printable(&said))
    ));
    out
}

/// A command a finding.
pub fn annotations(findings: &[Finding]) -> String {
    findings.iter().map(command).collect()
}

/// A command for each thing that could not be looked at: what, and why.
pub fn unseen(all: &[(&str, &str)]) -> String {
    let said = |(what, why): &(&str, &str)| {
        let text = data(&printable(&format!("{what} could not look: {why}")));
        format!("::error title=qms::{text}\n")
    };
    all.iter().map(said).collect()
}

fn command(f: &Finding) -> String {
    let name = match f.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    // In the order in which GitHub's own toolkit writes them.
    let mut properties = vec![("title", f.rule.id.to_owned())];
    if let Some(path) = &f.path {
        properties.push(("file", plain::path_text(path)));
    }
    if let Some(span) = &f.span {
        properties.push(("line", span.line.to_string()));
        properties.push(("col", span.column.to_string()));
        properties.push(("endColumn", (span.column + span.len).to_string()));
    }
    let properties: Vec<String> = properties
        .into_iter()
        .map(|(key, value)| format!("{key}={}", property(&value)))
        .collect();
    let message = data(&plain::lines(f).join("\n"));
    format!("::{name} {}::{message}\n", properties.join(","))
}

/// What would end the command's line, or read as an escape.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The same, and what would end a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_ends_where_it_should() {
        let text = commands("a\n::error::b", &plain::tests::samples());
        insta::assert_snapshot!(text, @r#"
        ::error title=out-of-scope,file=src/a b%3Ac%2C%25ä\n\xff.rs,line=2,col=3,endColumn=9::`a, b: 100%25` �[31mis <out> & "away" [x](1)%0Acommit: 3f1c2ab000 "Fix� it" (claude)%0Ascope: docker/**�%0Ahelp: or ask: qms create VAR --title "…"%0Ahelp: qms list
        ::warning title=founding::nobody could approve
        ::notice title=qms::checked a ::error::b: errors 1, warnings 1
        "#);
        assert_eq!(text.lines().count(), 3);
    }
}
