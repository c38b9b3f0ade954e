//! A small project with one requirement, its code, its test and what they left behind, to be broken in tests.

use super::super::evidence::naming::runs;
use super::super::evidence::own::{self, PerTest};
use super::super::evidence::{junit, lcov};
use super::super::item::standings;
use super::super::links::{File, links};
use super::super::places::tests::places;
use super::super::requirement;
use super::super::scan::Scanner;
use super::*;

#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) document: String,
    pub(super) code: String,
    /// The file that it is in.
    pub(super) source: &'static str,
    pub(super) tests: String,
    /// The file that they are in, what else the system has, and the names that its manifests give.
    pub(super) place: &'static str,
    pub(super) beside: Vec<&'static str>,
    pub(super) manifests: Vec<(&'static str, &'static str)>,
    pub(super) junit: Option<String>,
    pub(super) run: Option<String>,
    /// By the names of tests.
    pub(super) own: Vec<(&'static str, String)>,
    pub(super) binding: Binding,
    pub(super) measured: Binding,
    pub(super) last: Option<Last>,
    pub(super) changed: Option<Changed>,
    pub(super) proofs: Vec<Proof>,
    pub(super) wanted: u8,
}

pub(super) const CODE: &str = "\
// [REQ-Q-001]
pub fn half(n: u32) -> Option<u32> {
    if n % 2 == 1 {
        return None;
    }
    Some(n / 2)
}
";

const TESTS: &str = "
// Verifies: REQ-Q-001
#[test]
fn halves() {
    assert_eq!(half(4), Some(2));
    assert_eq!(half(3), None);
}
";

/// All lines of the code were executed, or all but these.
pub(super) fn covered(but: &[u32]) -> String {
    let lines =
        [2, 3, 4, 6, 7].map(|line| format!("DA:{line},{}\n", u8::from(!but.contains(&line))));
    format!("SF:src/a.rs\n{}end_of_record\n", lines.concat())
}

pub(super) fn cases(inner: &str) -> String {
    format!("<testsuites><testsuite name=\"q::it\">{inner}</testsuite></testsuites>")
}

pub(super) const PASSED: &str = "<testcase classname=\"q::it\" name=\"halves\"/>";

impl Sample {
    /// Nothing is wrong with it.
    pub(super) fn good() -> Sample {
        Sample {
            document: "| Id | Text |\n|-|-|\n| REQ-Q-001 | **Halves.** It halves. |\n".to_owned(),
            code: CODE.to_owned(),
            source: "src/a.rs",
            tests: TESTS.to_owned(),
            place: "tests/it/main.rs",
            beside: Vec::new(),
            manifests: Vec::new(),
            junit: Some(cases(PASSED)),
            run: Some(covered(&[])),
            own: vec![("halves", covered(&[]))],
            binding: Binding::Same,
            measured: Binding::Same,
            last: None,
            changed: None,
            proofs: Vec::new(),
            wanted: 100,
        }
    }

    pub(super) fn with(change: impl FnOnce(&mut Sample)) -> Verdict {
        let mut sample = Sample::good();
        change(&mut sample);
        sample.verdict()
    }

    /// What is verified now, as it will be remembered.
    pub(super) fn remembered() -> Last {
        let mut last = Last::default();
        let sample = Sample::good();
        sample.known(|known| {
            last.text = known.requirement.fingerprint.clone().into();
            let print = |link: &Link<'_>| (link.item.whole(), link.item.fingerprint.clone());
            last.code = known.code.iter().map(print).collect();
            last.tests = known.tests.iter().map(|t| print(&t.link)).collect();
        });
        last
    }

    pub(super) fn verdict(&self) -> Verdict {
        let mut out = None;
        self.known(|known| out = Some(judge(known)));
        out.expect("it was judged")
    }

    fn known(&self, then: impl FnOnce(&Known<'_>)) {
        let read = requirement::read(&self.document, 0, "REQ-Q-*");
        let scanner = Scanner::new(["REQ-Q-*"]);
        let file = |path: &str, text: &str| {
            let tags = scanner.tags(path.as_bytes(), text.as_bytes());
            let standings = standings(path.as_bytes(), text.as_bytes(), &tags);
            let path = path.to_owned();
            File {
                path,
                tags,
                standings,
            }
        };
        let files = [file(self.source, &self.code), file(self.place, &self.tests)];
        let links = links(&read.all, &files);
        let linked = links.of[0].as_ref().expect("it is not retired");
        let report = self.junit.as_ref().map(|text| junit::read(text.as_bytes()));
        let mut flaws: Vec<String> = report.iter().flat_map(|r| r.flaws.clone()).collect();
        let cases = report.map(|r| r.what).unwrap_or_default();
        let mut coverage = |text: &String| {
            let read = lcov::read(text.as_bytes());
            flaws.extend(read.flaws);
            read.what.files
        };
        let run = self.run.as_ref().map(&mut coverage);
        let own = self.own.iter().map(|(name, text)| (*name, coverage(text)));
        let own: PerTest = own.map(|(name, hits)| (name.to_owned(), hits)).collect();
        let paths = [&self.beside[..], &[self.source, self.place]].concat();
        let places = places(&paths, &self.manifests);
        let items: Vec<_> = linked.tests.iter().map(|link| link.item).collect();
        let owns: Vec<_> = items
            .iter()
            .map(|item| own::of(item, &own, &places))
            .collect();
        let tests = linked
            .tests
            .iter()
            .zip(runs(&items, &cases, &places))
            .zip(&owns)
            .map(|((link, runs), own)| Test {
                link: *link,
                runs,
                coverage: own.lines(),
                doubt: own.doubt(),
                verifies: link
                    .item
                    .name
                    .rsplit('_')
                    .next()
                    .and_then(|n| n.parse().ok())
                    .unwrap_or(1),
            });
        let tests: Vec<Test<'_>> = tests.collect();
        let evidence = Evidence {
            binding: self.binding.clone(),
            flaws: &flaws,
            coverage: run.as_ref(),
            measured: self.measured.clone(),
        };
        then(&Known {
            requirement: &read.all[0],
            code: &linked.code,
            tests: &tests,
            loose: &linked.loose,
            proofs: &self.proofs,
            evidence: self.junit.as_ref().map(|_| &evidence),
            last: self.last.as_ref(),
            changed: self.changed.as_ref(),
            wanted: self.wanted,
        });
    }
}
