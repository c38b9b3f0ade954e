//! JUnit XML as cargo-nextest, pytest, go-junit-report, Surefire, gtest and Vitest write it.

use super::status::{self, Status};
use super::xml::{Doctype, Element, Node, walk};
use super::{Case, Outcome, Read, text};

/// Reads a report.
pub fn read(bytes: &[u8]) -> Read<Vec<Case>> {
    let text = match text(bytes) {
        Ok(text) => text,
        Err(why) => return Read::flawed(why),
    };
    let mut reader = Reader::default();
    let walked = walk(text, Doctype::Refused, |node| reader.node(node));
    let mut flaws = reader.flaws;
    flaws.extend(walked.err());
    if flaws.is_empty() && reader.cases.is_empty() {
        flaws.push("there is no test in the report".to_owned());
    }
    Read {
        what: reader.cases,
        flaws,
    }
}

#[derive(Default)]
struct Reader {
    /// The elements that are open.
    open: Vec<Open>,
    cases: Vec<Case>,
    flaws: Vec<String>,
}

enum Open {
    /// With what was counted in it so far.
    Suite(Element, Counts),
    Case(Draft),
    /// What a case says of how it ended.
    Ending(String, Element, String),
    Other,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    not_run: usize,
}

#[derive(Default)]
struct Draft {
    element: Element,
    failure: Option<String>,
    error: Option<String>,
    not_run: Option<String>,
    reruns: usize,
}

const ENDINGS: &[&str] = &["failure", "error", "skipped"];
const RERUNS: &[&str] = &[
    "rerunFailure",
    "rerunError",
    "flakyFailure",
    "flakyError",
    "rerun",
];
/// What else may be in a suite or a case.
const REST: &[&str] = &[
    "properties",
    "system-out",
    "system-err",
    "property",
    "attachments",
];

impl Reader {
    fn node(&mut self, node: Node) {
        match node {
            Node::Open(element) => self.open(element),
            Node::Text(text) => {
                if let Some(Open::Ending(_, _, words)) = self.open.last_mut() {
                    words.push_str(&text);
                }
            }
            Node::Close => self.close(),
        }
    }

    fn open(&mut self, element: Element) {
        let name = element.name.clone();
        let is_new = match self.open.last() {
            None => matches!(name.as_str(), "testsuites" | "testsuite"),
            Some(Open::Suite(..)) => {
                if ENDINGS.contains(&name.as_str()) {
                    let why = element.text("message");
                    let suite = self.suite();
                    self.flaws.push(format!(
                        "suite `{suite}` ended with <{name}>: {}",
                        first_line(&why)
                    ));
                    return self.open.push(Open::Other);
                }
                matches!(name.as_str(), "testsuite" | "testcase")
            }
            Some(Open::Case(_))
                if RERUNS.contains(&name.as_str()) || ENDINGS.contains(&name.as_str()) =>
            {
                return self.open.push(Open::Ending(name, element, String::new()));
            }
            Some(Open::Case(_)) => false,
            Some(Open::Ending(..) | Open::Other) => return self.open.push(Open::Other),
        };
        if !is_new {
            if !REST.contains(&name.as_str()) {
                let flaw =
                    format!("<{name}> is not known here, so that what it says would be lost");
                self.flaws.push(flaw);
            }
            return self.open.push(Open::Other);
        }
        self.open.push(match name.as_str() {
            "testcase" => Open::Case(Draft {
                element,
                ..Draft::default()
            }),
            _ => Open::Suite(element, Counts::default()),
        });
    }

    fn suite(&self) -> String {
        let mut names = self.open.iter().rev().filter_map(|open| match open {
            Open::Suite(element, _) if element.name == "testsuite" => element.has("name"),
            _ => None,
        });
        names.next().unwrap_or_default().to_owned()
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(Open::Ending(name, element, words)) => self.ended(&name, &element, &words),
            Some(Open::Case(draft)) => self.case(draft),
            Some(Open::Suite(element, counts)) => {
                self.compare(&element, counts);
                if let Some(Open::Suite(_, outer)) = self.open.last_mut() {
                    outer.tests += counts.tests;
                    outer.failures += counts.failures;
                    outer.errors += counts.errors;
                    outer.not_run += counts.not_run;
                }
            }
            Some(Open::Other) | None => {}
        }
    }

    fn ended(&mut self, name: &str, element: &Element, words: &str) {
        let Some(Open::Case(draft)) = self.open.last_mut() else {
            return;
        };
        let said = [element.has("message"), Some(words), element.has("type")];
        let said = said
            .into_iter()
            .flatten()
            .map(first_line)
            .find(|s| !s.is_empty());
        let said = said.unwrap_or_default().to_owned();
        match name {
            "failure" => draft.failure = Some(said),
            "error" => draft.error = Some(said),
            "skipped" => draft.not_run = Some(said),
            _ => draft.reruns += 1,
        }
    }

    fn case(&mut self, draft: Draft) {
        let suite = self.suite();
        let element = &draft.element;
        let name = element.text("name");
        if name.is_empty() {
            self.flaws
                .push(format!("a case of suite `{suite}` has no name"));
        }
        let words = [element.has("status"), element.has("result")];
        let word = |wanted| {
            let mut words = words.into_iter().flatten();
            words.find(|word| status::of(word) == wanted)
        };
        let failed = word(Status::Failed).filter(|_| draft.error.is_none());
        let failed = failed.map(|word| format!("its status is `{word}`"));
        let failure = draft.failure.or(failed);
        let not_run = draft.not_run.or(word(Status::NotRun).map(str::to_owned));
        if let Some(Open::Suite(_, counts)) = self.open.last_mut() {
            counts.tests += 1;
            counts.failures += usize::from(failure.is_some());
            counts.errors += usize::from(draft.error.is_some());
            counts.not_run += usize::from(not_run.is_some());
        }
        let outcome = match (draft.error, failure, not_run) {
            (Some(why), ..) => Outcome::Error(why),
            (None, Some(why), _) => Outcome::Fail(why),
            (None, None, Some(why)) => Outcome::NotRun(why),
            (None, None, None) => Outcome::Pass,
        };
        self.cases.push(Case {
            suite,
            class: element.text("classname"),
            name,
            file: element.has("file").map(str::to_owned),
            outcome,
            reruns: draft.reruns,
            time: element.has("time").and_then(micros),
        });
    }

    /// What a suite says of its numbers against what is in it.
    fn compare(&mut self, element: &Element, counts: Counts) {
        let said = |name: &str| {
            element
                .has(name)
                .map(|n| (name.to_owned(), n.trim().parse::<usize>()))
        };
        let idle = ["skipped", "disabled", "ignored"].map(said);
        let sum = idle
            .iter()
            .flatten()
            .filter_map(|(_, n)| n.as_ref().ok())
            .sum();
        let idle = idle
            .iter()
            .any(Option::is_some)
            .then(|| ("skipped".to_owned(), Ok(sum)));
        for (said, counted, more) in [
            // pytest counts a test that passed and broke when it was torn down twice.
            (said("tests"), counts.tests, counts.errors),
            (said("failures"), counts.failures, 0),
            (said("errors"), counts.errors, 0),
            (idle, counts.not_run, 0),
        ] {
            let Some((what, said)) = said else { continue };
            let suite = element.text("name");
            let shown = said
                .as_ref()
                .map_or("no number".to_owned(), usize::to_string);
            let agrees = said.is_ok_and(|said| (counted..=counted + more).contains(&said));
            if !agrees {
                let flaw = format!(
                    "<{}> `{suite}` says {what} {shown}, and has {counted}",
                    element.name
                );
                self.flaws.push(flaw);
            }
        }
    }
}

fn first_line(text: &str) -> &str {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}

/// `1,234.5` seconds, as Surefire writes them, in millionths.
fn micros(text: &str) -> Option<u64> {
    let text: String = text.chars().filter(|c| *c != ',').collect();
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    let whole: u64 = whole.parse().ok()?;
    whole
        .checked_mul(1_000_000)?
        .checked_add(part.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let read = read(text.as_bytes());
        let case = |c: &Case| {
            let flaky = if c.is_flaky() { " flaky" } else { "" };
            format!("{} {:?}{flaky} {:?}", c.shown(), c.outcome, c.time)
        };
        let cases = read.what.iter().map(case);
        let flaws = read.flaws.iter().map(|f| format!("! {f}"));
        cases.chain(flaws).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_outcome_is_told() {
        let text = r#"<?xml version="1.0"?>
<testsuites tests="7" failures="1" errors="1">
  <testsuite name="s" tests="6" failures="1" errors="1" skipped="2">
    <properties><property name="a" value="b"/></properties>
    <testcase classname="c" name="a" time="1.5"/>
    <testcase classname="c" name="b"><failure message="1 &lt; 2">more</failure></testcase>
    <testcase classname="c" name="c"><error><![CDATA[
      broke]]></error></testcase>
    <testcase classname="c" name="d"><skipped/></testcase>
    <testcase classname="c" name="e" status="notrun" result="suppressed"/>
    <testcase classname="c" name="f"><flakyFailure/><system-out>x</system-out></testcase>
  </testsuite>
  <testsuite name="t" tests="1"><testcase classname="c" name="a"/></testsuite>
</testsuites>"#;
        insta::assert_snapshot!(shown(text), @r#"
        s / c / a Pass Some(1500000)
        s / c / b Fail("1 < 2") None
        s / c Error("broke") None
        s / c / d NotRun("") None
        s / c / e NotRun("notrun") None
        s / c / f Pass flaky None
        t / c / a Pass None
        "#);
    }

    #[test]
    fn what_is_wrong_is_a_flaw_and_nothing_is_lost_in_silence() {
        let flaws = |text: &str| read(text.as_bytes()).flaws;
        let suite = |inner: &str| format!("<testsuite name=\"s\" tests=\"1\">{inner}</testsuite>");
        assert_eq!(flaws(&suite("<testcase name=\"a\"/>")), [] as [&str; 0]);
        for (bad, why) in [
            (suite(""), "says tests 1, and has 0"),
            ("<testsuite/>".to_owned(), "no test"),
            (suite("<testcase name=\"a\">"), "malformed XML"),
            (
                "<testsuite><testcase name=\"a\"/>".to_owned(),
                "ends within 1 open",
            ),
            (
                suite("<testcase name=\"a\"/><error message=\"x\"/>"),
                "ended with <error>: x",
            ),
            (suite("<testcase/>"), "no name"),
            (
                suite("<testcase name=\"a\"><crashed/></testcase>"),
                "<crashed> is not known",
            ),
            (
                suite("<testcase name=\"a\"/><case/>"),
                "<case> is not known",
            ),
            (
                "<testsuite tests=\"x\"><testcase name=\"a\"/></testsuite>".to_owned(),
                "says tests no number",
            ),
            (
                "<testsuite failures=\"1\"><testcase name=\"a\"/></testsuite>".to_owned(),
                "says failures 1",
            ),
            (
                "<testsuite skipped=\"2\"><testcase name=\"a\"/></testsuite>".to_owned(),
                "says skipped 2",
            ),
            (
                "<!DOCTYPE a [<!ENTITY b \"c\">]><testsuite/>".to_owned(),
                "definition is refused",
            ),
            (
                suite("<testcase name=\"a\"><failure>&b;</failure></testcase>"),
                "`&b;` is refused",
            ),
            ("<html/>".to_owned(), "<html> is not known"),
            (String::new(), "0 roots"),
            ("<testsuite/><testsuite/>".to_owned(), "2 roots"),
            ("<a>".repeat(100), "nested more than"),
        ] {
            let all = flaws(&bad);
            assert!(all.iter().any(|f| f.contains(why)), "{bad}: {all:?}");
        }
        assert_eq!(read(b"\xff").flaws.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(text in "(<testsuite tests=\"1\">|</testsuite>|<testcase name=\"a\">|</testcase>|<failure/>|[<>&\"= a;!\\[\\]-]){0,20}") {
            read(text.as_bytes());
        }
    }
}
