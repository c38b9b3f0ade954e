//! What a run found as a page for its platform: Markdown in which nothing from the repository is more than text.

use std::fmt::Write;

use super::ci::{Verdict, counts, said, verdict};
use super::plain;
use super::text::printable;
use crate::model::ci::Outcome;
use crate::model::finding::Finding;

/// Findings that are shown: a platform cuts off what is longer than a megabyte.
const MOST_FINDINGS: usize = 100;
/// Characters of one line of a finding.
const MOST_LINE: usize = 2_000;

pub fn markdown(outcome: &Outcome, strict: bool) -> String {
    let head = match verdict(outcome, strict) {
        Verdict::Clean => "clean",
        Verdict::Refused => "refused",
        Verdict::CouldNotCheck => "could not check",
    };
    let mut out = format!("## qms: {head}\n\n{}\n\n", code(&outcome.what));
    out.push_str("| phase | looked at | ms | |\n| --- | ---: | ---: | --- |\n");
    for phase in &outcome.phases {
        let (count, unit, millis) = (phase.count, phase.unit, phase.took.as_millis());
        let said = cell(&said(phase));
        let _ = writeln!(
            out,
            "| {} | {count} {unit} | {millis} | {said} |",
            phase.name
        );
    }
    let notes = outcome.phases.iter().flat_map(|p| &p.notes);
    let mut rest: String = notes.map(|note| format!("- {}\n", code(note))).collect();
    if let Some(digest) = &outcome.digest {
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(
            rest,
            "- digest of the protected history: {} (qms {version})",
            code(digest)
        );
    }
    if !rest.is_empty() {
        let _ = write!(out, "\n{rest}");
    }
    let findings = outcome.findings();
    if !findings.is_empty() {
        let (errors, warnings) = counts(&findings);
        let _ = writeln!(out, "\n### errors {errors}, warnings {warnings}\n");
    }
    for finding in findings.iter().take(MOST_FINDINGS) {
        out.push_str(&item(finding));
    }
    if findings.len() > MOST_FINDINGS {
        let more = findings.len() - MOST_FINDINGS;
        let _ = writeln!(out, "- and {more} more, which are not shown");
    }
    out
}

fn item(finding: &Finding) -> String {
    let (severity, rule) = (finding.severity.as_str(), finding.rule.id);
    let place = match (&finding.path, &finding.span) {
        (Some(path), Some(span)) => format!(" at {}", code(&format!("{path}:{}", span.line))),
        (Some(path), None) => format!(" at {}", code(&path.to_string())),
        (None, _) => String::new(),
    };
    let mut lines = plain::lines(finding).into_iter();
    let message = lines.next().unwrap_or_default();
    let mut out = format!("- **{severity}** `{rule}`{place}: {}\n", code(&message));
    for line in lines {
        let _ = writeln!(out, "  - {}", code(&line));
    }
    out
}

/// A text between as many backticks as it does not hold itself: nothing in it is markup, mention or link.
fn code(text: &str) -> String {
    let text: String = printable(text).chars().take(MOST_LINE).collect();
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A blank on both sides is taken away again, and keeps backticks apart.
    format!("{fence} {text} {fence}")
}

/// The same in a table, which takes a bar for its own even there.
fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::ci::{Event, Given, Phase, Standing};

    fn outcome() -> Outcome {
        let hostile =
            "a``b | <img src=x> [x](http://e) @all https://e.x/ www.e.x\n\n# Title `c`\u{202e}";
        let mut findings = plain::tests::samples();
        findings[0].message = hostile.to_owned();
        findings[1].message = format!("|{hostile}|`");
        Outcome {
            event: Event::read(&Given::default()).expect("an event"),
            what: hostile.to_owned(),
            base: None,
            head: None,
            trunk: None,
            anchor: None,
            digest: Some("sha256:1".into()),
            phases: vec![Phase {
                name: "commits",
                standing: Standing::CouldNot(hostile.to_owned()),
                count: 2,
                unit: "commits",
                took: Duration::from_millis(3),
                notes: vec![hostile.to_owned()],
                findings,
                told: 0,
            }],
        }
    }

    #[test]
    fn nothing_from_the_repository_is_markup() {
        let text = markdown(&outcome(), false);
        let mut options = comrak::Options::default();
        options.extension.table = true;
        options.extension.autolink = true;
        let html = comrak::markdown_to_html(&text, &options);
        for markup in ["<a ", "<img", "<h1", "raw HTML"] {
            assert!(!html.contains(markup), "{markup}: {html}");
        }
        // Each cell is whole: what came in made no other, and the row has four.
        let row = html.rsplit("<tr>").next().expect("a row");
        assert_eq!(row.matches("<td").count(), 4, "{row}");
        assert!(row.contains("a``b |"), "{row}");
        assert!(html.contains("<strong>error</strong>"));
    }

    #[test]
    fn what_would_be_too_long_is_cut() {
        let mut outcome = outcome();
        let one = outcome.phases[0].findings[0].clone();
        outcome.phases[0].findings = vec![
            Finding {
                message: "x".repeat(100_000),
                ..one
            };
            300
        ];
        let text = markdown(&outcome, false);
        assert!(
            text.contains("and 200 more") && text.len() < 1 << 20,
            "{}",
            text.len()
        );
    }
}
