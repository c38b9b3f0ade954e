//! Code that tells coverage tools to look away is not verified by what they report.

use super::false_green::assert_class;
use super::sample::{CODE, Sample, covered};
use super::*;

/// All lines that are reported were executed, by the test itself.
fn executed(source: &'static str, code: &str, lines: &[u32]) -> Verdict {
    let report = |line: &u32| format!("DA:{line},1\n");
    let lines: Vec<String> = lines.iter().map(report).collect();
    let report = format!("SF:{source}\nDA:99,0\n{}end_of_record\n", lines.concat());
    Sample::with(|s| {
        s.source = source;
        s.code = code.to_owned();
        s.run = Some(report.clone());
        s.own = vec![("halves", report)];
    })
}

fn assert_excluded(verdict: &Verdict, mark: &str, line: usize) {
    let says = format!("`{mark}` leaves lines of `");
    assert_class(verdict, Class::PassedCoverageUnknown, &says);
    let lines: Vec<usize> = verdict.reasons.iter().map(|r| r.line).collect();
    assert_eq!(lines, [line], "{verdict:#?}");
}

#[test]
fn python() {
    let code =
        "# [REQ-Q-001]\ndef half(n):\n    if n % 2:\n        return None\n    return n // 2\n";
    let reported = executed("src/a.py", code, &[3, 4, 5]);
    assert_eq!(reported.class, Class::Verified, "{reported:#?}");
    let marked = code.replace("% 2:", "% 2:  # pragma: no cover");
    let verdict = executed("src/a.py", &marked, &[5]);
    assert_excluded(&verdict, "# pragma: no cover", 3);
    for same in [
        code.replace("% 2:", "% 2:  # pragma: no branch"),
        code.replace("None", "'# pragma: no cover'"),
        format!("{code}\nif x:  # pragma: no cover\n    half(1)\n"),
    ] {
        let verdict = executed("src/a.py", &same, &[3, 4, 5]);
        assert_eq!(verdict.class, Class::Verified, "{same}");
    }
}

#[test]
fn typescript() {
    let code = "// [REQ-Q-001]\nexport function half(n: number) {\n  if (n % 2) {\n    return;\n  }\n  return n / 2;\n}\n";
    let reported = executed("src/a.ts", code, &[2, 3, 4, 6]);
    assert_eq!(reported.class, Class::Verified, "{reported:#?}");
    let marked = code.replace("  if", "  /* v8 ignore next 3 */\n  if");
    let verdict = executed("src/a.ts", &marked, &[7]);
    assert_excluded(&verdict, "v8 ignore next 3", 3);
    let text = code.replace("return;", "return '/* v8 ignore next */';");
    let verdict = executed("src/a.ts", &text, &[2, 3, 4, 6]);
    assert_eq!(verdict.class, Class::Verified, "{verdict:#?}");
}

#[test]
fn rust() {
    let marked = CODE.replace("    Some", "    // grcov-excl-line\n    Some");
    let verdict = Sample::with(|s| s.code = marked);
    assert_excluded(&verdict, "grcov-excl-line", 6);
    let marked = CODE.replace("pub fn", "#[cfg_attr(x, coverage(off))]\npub fn");
    let verdict = Sample::with(|s| s.code = marked);
    assert_excluded(&verdict, "coverage(off)", 2);
    // Of tests nothing is counted.
    let tests = "#[coverage(off)]\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() {}\n}\n";
    let verdict = Sample::with(|s| s.code += tests);
    assert_eq!(verdict.class, Class::Verified, "{verdict:#?}");
}

#[test]
fn what_is_worse_without_the_mark_stays_so() {
    let verdict = Sample::with(|s| {
        s.code = CODE.replace("None;", "None; // LCOV_EXCL_LINE");
        s.own = vec![("halves", covered(&[6, 7]))];
    });
    assert_class(&verdict, Class::Untested, "not 6-7");
    assert_class(&verdict, Class::Untested, "`LCOV_EXCL_LINE` leaves lines");
    let verdict = Sample::with(|s| {
        s.code = CODE.replace("None;", "None; // LCOV_EXCL_LINE");
        s.own.clear();
    });
    assert_class(&verdict, Class::PassedCoverageUnknown, "the run executed");
}
