//! What a matrix lacks as findings: one for each requirement that is not verified, and one for each flaw, for whoever reads
//! findings already.

use super::super::finding::{Finding, Rule, Severity};
use super::super::path::TreePath;
use super::super::span::Span;
use super::matrix::{Matrix, Row, Why};
use super::verdict::Class;

const CLAUSE: &str = "model.md, Words";

const fn rule(
    id: &'static str,
    demands: &'static str,
    why: &'static str,
    remedy: &'static str,
) -> Rule {
    Rule {
        id,
        severity: Severity::Error,
        clause: CLAUSE,
        demands,
        why,
        remedy,
    }
}

static FAILED: Rule = rule(
    "requirement-failed",
    "every test of a requirement passes, at once and every time",
    "a test that fails shows that the requirement is not met",
    "mend the code or the test that the reasons name, and run the tests again",
);
static UNIMPLEMENTED: Rule = rule(
    "requirement-unimplemented",
    "something is tagged as implementing each requirement",
    "what nobody claims to have built cannot be looked at",
    "tag the code, `[ID]` in a comment on it; or retire the requirement under a change",
);
static UNTESTED: Rule = rule(
    "requirement-untested",
    "a test that asserts something is tagged with each requirement, and runs what implements it",
    "a tag alone shows nothing, and neither does a test that cannot fail",
    "write a test and tag it, `Verifies: ID` in a comment on it",
);
static SUSPECT: Rule = rule(
    "requirement-suspect",
    "requirement, code and tests are as they were when it was verified",
    "evidence of an older wording or an older code shows nothing of this one",
    "look whether the tests still show what is asked for, and run them again",
);
static NOT_RUN: Rule = rule(
    "requirement-not-run",
    "every test of a requirement has a result at this state of the system",
    "a test that nobody has seen run has not run",
    "run the tests, and record their results for this commit",
);
static COVERAGE_UNKNOWN: Rule = rule(
    "requirement-coverage-unknown",
    "it is known which lines the tests of a requirement executed",
    "a test can pass without running what implements the requirement",
    "run the tests with coverage, and record it for this commit",
);
static VERIFIED_IN_RUN: Rule = rule(
    "requirement-verified-in-run",
    "it is known which lines each test of a requirement executed itself",
    "the run executed the code, and perhaps another test did",
    "measure coverage for each test, and record it for this commit",
);
static FLAW: Rule = rule(
    "trace-flaw",
    "requirements can be read, and every tag names one and stands on something",
    "a tag that is misspelt or stands on nothing links nothing, while it seems to",
    "mend the tag or the row at the place that is named; to see all: qms trace",
);

static STALE: Rule = rule(
    "matrix-stale",
    "the tables of a matrix say what is so at this state of the system",
    "a matrix that people approve and that says something else is a claim of nobody",
    "write it anew, as who has it checked out: qms trace write",
);

/// The rules, by the verdict that breaks them; that of flaws has none.
const BY_CLASS: &[(Class, &Rule)] = &[
    (Class::Failed, &FAILED),
    (Class::Unimplemented, &UNIMPLEMENTED),
    (Class::Untested, &UNTESTED),
    (Class::Suspect, &SUSPECT),
    (Class::NotRun, &NOT_RUN),
    (Class::PassedCoverageUnknown, &COVERAGE_UNKNOWN),
    (Class::VerifiedInRun, &VERIFIED_IN_RUN),
];

/// Every rule of matrices, the worst first.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let classes = BY_CLASS.iter().map(|(_, rule)| *rule);
    classes.chain([&FLAW, &STALE])
}

/// A row of the document of a matrix that says something else than the matrix does.
pub fn stale(document: &str, system: &str, why: &str) -> Finding {
    let finding = Finding::new(&STALE, format!("{document}: {why}"));
    finding
        .help("to take it", format!("qms checkout {document}"))
        .help("then", format!("qms trace write --system {system}"))
}

/// That there was a system, and is none of it any more.
pub fn gone(system: &str) -> Finding {
    let why =
        format!("{system} was a system of the policy before, and nobody asks about it any more");
    Finding::new(&FLAW, why).help("to see what there is", "qms system list")
}

/// Nothing exactly where all matrices are clean.
// Implements: REQ-QMS-RULE-TRACE-FLAW
pub fn findings(all: &[Matrix]) -> Vec<Finding> {
    let mut out = Vec::new();
    for matrix in all {
        out.extend(
            matrix
                .requirements
                .iter()
                .filter_map(|row| unmet(matrix, row)),
        );
        out.extend(matrix.flaws.iter().map(|flaw| {
            let path = if flaw.path.is_empty() {
                matrix.path.as_str()
            } else {
                &flaw.path
            };
            placed(Finding::new(&FLAW, &*flaw.says), path, flaw.line)
        }));
    }
    out
}

// Implements: REQ-QMS-RULE-REQUIREMENT-FAILED, REQ-QMS-RULE-REQUIREMENT-UNIMPLEMENTED,
// REQ-QMS-RULE-REQUIREMENT-UNTESTED, REQ-QMS-RULE-REQUIREMENT-SUSPECT, REQ-QMS-RULE-REQUIREMENT-NOT-RUN,
// REQ-QMS-RULE-REQUIREMENT-COVERAGE-UNKNOWN, REQ-QMS-RULE-REQUIREMENT-VERIFIED-IN-RUN
fn unmet(matrix: &Matrix, row: &Row) -> Option<Finding> {
    let class = Class::of(row.verdict);
    let (_, rule) = BY_CLASS.iter().find(|(of, _)| *of == class)?;
    let message = format!("`{}` is {}", row.id, row.verdict);
    let mut finding = placed(Finding::new(rule, message), &matrix.path, row.line);
    for reason in &row.reasons {
        finding = finding.fact("reason", said(reason));
    }
    Some(finding.help(
        "to see what is known of it",
        format!("qms trace --system {}", matrix.system),
    ))
}

fn placed(finding: Finding, path: &str, line: usize) -> Finding {
    let span = (line > 0).then(|| Span::whole(line));
    finding.at(&TreePath::from(path)).span(span)
}

fn said(why: &Why) -> String {
    match (&*why.path, why.line) {
        ("", _) => why.says.to_string(),
        (path, 0) => format!("{path}: {}", why.says),
        (path, line) => format!("{path}:{line}: {}", why.says),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_but_the_best_breaks_a_rule() {
        for (name, class) in Class::ALL {
            let broken = BY_CLASS.iter().any(|(of, _)| of == class);
            assert_eq!(broken, *class != Class::Verified, "{name}");
        }
    }
}
