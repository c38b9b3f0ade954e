//! Whether a test ran, passed and could have failed.

use super::super::evidence::naming::Runs;
use super::super::evidence::{Case, Outcome};
use super::super::item::{Item, Sort};
use super::{Class, Reason, Test};

/// A test with so many requirements says little of each.
pub(super) const MANY: usize = 40;

/// What stands against a test's having passed.
pub(super) fn outcome(test: &Test<'_>) -> Vec<Reason> {
    let say = |class, says: String| reason(test, class, says);
    let name = || test.link.item.shown();
    let cases = match &test.runs {
        Runs::Of(cases) if cases.is_empty() => {
            let says = format!(
                "`{}` is not in the results: it was filtered, or never ran",
                name()
            );
            return vec![say(Class::NotRun, says)];
        }
        Runs::Of(cases) => cases,
        Runs::Unclear(cases, why) => {
            let mut shown: Vec<String> = cases.iter().map(|c| c.shown()).collect();
            shown.dedup();
            let all = shown.join("`, `");
            let says = match why {
                Some(why) => format!("`{all}` of the results {why}; {}", remedy(test.link.item)),
                None => format!(
                    "`{}` could be several tests of the results: `{all}`",
                    name()
                ),
            };
            let mut out: Vec<Reason> = cases.iter().filter_map(|case| failed(test, case)).collect();
            out.push(say(Class::NotRun, says));
            return out;
        }
    };
    let mut out: Vec<Reason> = Vec::new();
    for case in cases {
        out.extend(failed(test, case));
        if let Outcome::NotRun(why) = &case.outcome {
            let says = format!("`{}` was not run{}", case.shown(), because(why));
            out.push(say(Class::NotRun, says));
        }
    }
    out
}

/// What makes results say whose they are.
fn remedy(item: &Item) -> &'static str {
    match item.sort {
        Sort::Python | Sort::Script => "run all tests from the root of the repository",
        Sort::Rust => "let the report name the package, as that of cargo-nextest does",
        Sort::Go => "let the report name the package in full, as that of gotestsum does",
        _ => "let the report name the file of each test",
    }
}

fn failed(test: &Test<'_>, case: &Case) -> Option<Reason> {
    let shown = case.shown();
    let says = match &case.outcome {
        Outcome::Fail(why) => format!("`{shown}` failed{}", because(why)),
        Outcome::Error(why) => format!("`{shown}` broke{}", because(why)),
        Outcome::Pass if case.is_flaky() => {
            format!("`{shown}` failed {} times before it passed", case.reruns)
        }
        Outcome::Pass | Outcome::NotRun(_) => return None,
    };
    Some(reason(test, Class::Failed, says))
}

fn because(why: &str) -> String {
    match why.is_empty() {
        true => String::new(),
        false => format!(": {why}"),
    }
}

/// Why a test verifies nothing, whatever its outcome.
pub(super) fn counts_not(test: &Test<'_>) -> Option<Reason> {
    let item = test.link.item;
    let why = match () {
        () if !item.is_test => "is tagged as verifying, and is no test",
        () if !item.checks.asserts => "asserts nothing",
        () => return None,
    };
    let says = format!("`{}` {why}", item.shown());
    Some(reason(test, Class::Untested, says))
}

/// What makes a test doubtful that counts.
pub(super) fn warnings(test: &Test<'_>) -> Vec<Reason> {
    let item = test.link.item;
    let name = || item.shown();
    let mut out: Vec<Reason> = counts_not(test).into_iter().collect();
    if let Some(line) = item.checks.itself {
        let says = format!("`{}` compares a thing with itself", name());
        let reason = reason(test, Class::Verified, says);
        out.push(Reason { line, ..reason });
    }
    if let Some(doubt) = test.doubt {
        let whole = item.whole();
        let says = format!(
            "coverage under the name of `{}` {doubt}; name it `{whole}`",
            name()
        );
        out.push(reason(test, Class::Verified, says));
    }
    if test.verifies >= MANY {
        let says = format!("`{}` is tagged with {} requirements", name(), test.verifies);
        out.push(reason(test, Class::Verified, says));
    }
    out
}

pub(super) fn reason(test: &Test<'_>, class: Class, says: String) -> Reason {
    Reason {
        class,
        path: test.link.path.to_owned(),
        line: test.link.tag.line,
        says,
    }
}
