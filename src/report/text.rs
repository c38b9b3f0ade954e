//! Findings as text, for a terminal or behind `remote:`. Lines stay within 72 columns; a command that is longer is
//! broken so that it can still be pasted.

use std::borrow::Cow;
use std::fmt::Write;

use crate::model::finding::{Finding, Severity};
use crate::model::path::{TreePath, is_invisible};

/// The width that fits behind git's `remote: `.
pub const WIDTH: usize = 72;

const LABEL: usize = 10;

/// All findings, one after another, and a line that counts them. Colours are ANSI; the writer may take them out.
pub fn findings(findings: &[Finding]) -> String {
    first(findings, findings.len())
}

/// The first findings, and how many there are.
pub fn first(findings: &[Finding], most: usize) -> String {
    let mut out = String::new();
    for finding in findings.iter().take(most) {
        one(&mut out, finding);
        out.push('\n');
    }
    if findings.len() > most {
        let more = findings.len() - most;
        let _ = writeln!(out, "and {more} more, which are not shown\n");
    }
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors + warnings > 0 {
        let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let _ = writeln!(
            out,
            "{}, {}; more about a rule: qms explain RULE",
            plural(errors, "error"),
            plural(warnings, "warning")
        );
    }
    out
}

fn one(out: &mut String, finding: &Finding) {
    let colour = if finding.is_error() {
        "\x1b[1;31m"
    } else {
        "\x1b[1;33m"
    };
    let head = format!(
        "{}[{}]: {}",
        finding.severity.as_str(),
        finding.rule.id,
        printable(&finding.message)
    );
    let lines = wrap(&head, WIDTH, 2);
    let name = finding.severity.as_str().len() + finding.rule.id.len() + 2;
    for (number, line) in lines.iter().enumerate() {
        if number == 0 && line.len() >= name {
            let _ = writeln!(
                out,
                "{colour}{}\x1b[0m\x1b[1m{}\x1b[0m",
                &line[..name],
                &line[name..]
            );
        } else {
            let _ = writeln!(out, "\x1b[1m{line}\x1b[0m");
        }
    }
    if let Some(commit) = finding.commit.as_ref().filter(|c| !c.id.is_empty()) {
        let short: String = commit.id.chars().take(10).collect();
        row(
            out,
            "commit",
            &format!("{short} \"{}\" ({})", clip(&commit.subject, 40), commit.who),
        );
    }
    if let Some(path) = &finding.path {
        let place = finding
            .span
            .as_ref()
            .map(|s| format!(":{}:{}", s.line, s.column))
            .unwrap_or_default();
        row(out, "at", &format!("{path}{place}"));
    }
    if let Some(span) = &finding.span {
        snippet(out, span);
    }
    for (label, value) in &finding.facts {
        row(out, label, &printable(value));
    }
    for (number, (when, action)) in finding.help.iter().enumerate() {
        help(
            out,
            if number == 0 { "help" } else { "" },
            when,
            &printable(action),
        );
    }
}

fn snippet(out: &mut String, span: &crate::model::span::Span) {
    let number = span.line.to_string();
    let gap = " ".repeat(number.len());
    let room = WIDTH.saturating_sub(LABEL + number.len() + 3);
    // A long line is shown from a little before what is meant.
    let skip = if span.column > room.saturating_sub(8) {
        span.column.saturating_sub(12)
    } else {
        0
    };
    let line: String = span
        .text
        .chars()
        .skip(skip)
        .take(room)
        .map(visible)
        .collect();
    let column = span.column.saturating_sub(1 + skip);
    let carets = "^".repeat(span.len.min(room.saturating_sub(column)).max(1));
    let _ = writeln!(out, "{:LABEL$}{number} | {line}", "");
    let _ = writeln!(
        out,
        "{:LABEL$}{gap} | {}\x1b[1;31m{carets}\x1b[0m",
        "",
        " ".repeat(column)
    );
}

fn row(out: &mut String, label: &str, value: &str) {
    let indent = LABEL.max(label.len() + 4);
    let mut first = true;
    for line in wrap(value, WIDTH.saturating_sub(indent), 2) {
        let label = if first { label } else { "" };
        let _ = writeln!(out, "  {label:<width$}{line}", width = indent - 2);
        first = false;
    }
}

fn help(out: &mut String, label: &str, when: &str, action: &str) {
    let lead = if when.is_empty() {
        String::new()
    } else {
        format!("{when}: ")
    };
    if LABEL + lead.len() + action.len() <= WIDTH {
        let _ = writeln!(out, "  {label:<8}{lead}\x1b[36m{action}\x1b[0m");
        return;
    }
    let indent = if lead.is_empty() { LABEL } else { LABEL + 2 };
    if !lead.is_empty() {
        let _ = writeln!(out, "  {label:<8}{}", lead.trim_end());
    }
    let command = ["git ", "qms "].iter().any(|c| action.starts_with(c));
    let lines = wrap(action, WIDTH - indent - 2, 2);
    for (number, line) in lines.iter().enumerate() {
        let label = if number == 0 && lead.is_empty() {
            label
        } else {
            ""
        };
        let more = if command && number + 1 < lines.len() {
            " \\"
        } else {
            ""
        };
        let gap = " ".repeat(indent - LABEL);
        let _ = writeln!(out, "  {label:<8}{gap}\x1b[36m{line}{more}\x1b[0m");
    }
}

/// Breaks a text at blanks; lines after the first are indented. A word that is longer than a line stays whole.
fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let wide = line.chars().count() + 1 + word.chars().count() > width;
        if wide && !line.trim().is_empty() {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(indent);
        } else if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The beginning of an id, as sentences and tables name it.
pub fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

/// Text from outside made safe for a terminal: nothing that moves, colours or hides.
pub fn printable(text: &str) -> String {
    shown(text).into_owned()
}

/// The same, where the text may be as it is.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    // Without a way out, so that many bytes are looked at at once.
    let plain = |is: bool, b: u8| is & (b' '..=b'~').contains(&b);
    match text.bytes().fold(true, plain) {
        true => Cow::Borrowed(text),
        false => text.chars().map(visible).collect(),
    }
}

fn visible(c: char) -> char {
    if c == '\n' || c == '\t' {
        ' '
    } else if c.is_control() || is_invisible(c) {
        '\u{fffd}'
    } else {
        c
    }
}

fn clip(text: &str, most: usize) -> String {
    let text = TreePath::from(text).to_string();
    if text.chars().count() <= most {
        text
    } else {
        text.chars().take(most - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::{CommitName, Rule};
    use crate::model::span::Span;

    static RULE: Rule = Rule {
        id: "out-of-scope",
        severity: Severity::Error,
        clause: "c",
        demands: "d",
        why: "w",
        remedy: "r",
    };

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_finding_fits_one_screen() {
        let mut finding = Finding::new(
            &RULE,
            "`qms-cli/server.py` is outside the approved scope of CR-043",
        )
        .at(&TreePath::from("qms-cli/server.py"))
        .fact("scope", "docker/**, CLAUDE.md   version 1.0")
        .help("unstage it", "git restore --staged qms-cli/server.py")
        .help(
            "or ask for more",
            "qms create VAR --parent CR-043 --scope 'qms-cli/server.py' --title \"…\"",
        )
        .help("", "qms list");
        finding.commit = Some(CommitName {
            id: "3f1c2ab00000".into(),
            subject: "Fix SSE\x1b[31m startup".into(),
            who: "claude".into(),
        });
        insta::assert_snapshot!(plain(&findings(&[finding])), @r#"
        error[out-of-scope]: `qms-cli/server.py` is outside the approved scope
          of CR-043
          commit  3f1c2ab000 "Fix SSE\u{1b}[31m startup" (claude)
          at      qms-cli/server.py
          scope   docker/**, CLAUDE.md   version 1.0
          help    unstage it: git restore --staged qms-cli/server.py
                  or ask for more:
                    qms create VAR --parent CR-043 --scope 'qms-cli/server.py' \
                      --title "…"
                  qms list

        1 error, 0 warnings; more about a rule: qms explain RULE
        "#);
    }

    #[test]
    fn a_caret_stands_under_what_is_meant() {
        let text = "title: a\nscope: !x b\n";
        let finding = Finding::new(&RULE, "tags are not allowed").span(Some(Span::of(text, 16, 2)));
        insta::assert_snapshot!(plain(&findings(&[finding])), @r"
        error[out-of-scope]: tags are not allowed
                  2 | scope: !x b
                    |        ^^

        1 error, 0 warnings; more about a rule: qms explain RULE
        ");
        let long = format!("{}xyz{}", "a".repeat(200), "b".repeat(200));
        let finding = Finding::new(&RULE, "m").span(Some(Span::of(&long, 200, 3)));
        let text = plain(&findings(&[finding]));
        assert!(text.lines().all(|l| l.chars().count() <= WIDTH), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1].find("xyz"), lines[2].find("^^^"), "{text}");
    }

    proptest::proptest! {
        #[test]
        fn lines_stay_within_the_width(words in proptest::collection::vec("[a-z]{1,20}", 1..40)) {
            let text = words.join(" ");
            let finding = Finding::new(&RULE, text.clone()).fact("f", text.clone()).help("when", format!("qms {text}"));
            assert!(plain(&findings(&[finding])).lines().all(|l| l.chars().count() <= WIDTH));
        }
    }
}
