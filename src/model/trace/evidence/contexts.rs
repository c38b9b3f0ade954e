//! Coverage of each test as coverage.py knows it: `pytest --cov --cov-context=test`, then `coverage json --show-contexts`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Coverage, Read, text};

#[derive(Deserialize)]
struct Report {
    files: BTreeMap<String, File>,
}

#[derive(Deserialize)]
struct File {
    executed_lines: Vec<u32>,
    missing_lines: Vec<u32>,
    /// Those that a mark in the source or the configuration takes out: nobody knows whether they ran.
    #[serde(default)]
    excluded_lines: Vec<u32>,
    #[serde(default)]
    contexts: BTreeMap<String, Vec<String>>,
}

/// The coverage of the whole run, and that of each test.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contexts {
    pub run: Coverage,
    /// By pytest's name of the test: `tests/test_a.py::test_b`.
    pub tests: BTreeMap<String, Coverage>,
}

/// Reads a report.
pub fn read(bytes: &[u8]) -> Read<Contexts> {
    let report: Report =
        match text(bytes).and_then(|text| serde_json::from_str(text).map_err(|e| e.to_string())) {
            Ok(report) => report,
            Err(why) => return Read::flawed(format!("no report of coverage.py: {why}")),
        };
    let (mut out, mut flaws) = (Contexts::default(), Vec::new());
    for (path, file) in &report.files {
        out.run.files.entry(path.clone()).or_default();
        for (lines, hit) in [
            (&file.executed_lines, true),
            (&file.missing_lines, false),
            (&file.excluded_lines, false),
        ] {
            lines.iter().for_each(|line| out.run.add(path, *line, hit));
        }
        for (line, contexts) in &file.contexts {
            let Ok(line) = line.parse::<u32>() else {
                flaws.push(format!("`{line}` is no line of `{path}`"));
                continue;
            };
            // What ran in no test's context ran while files were loaded.
            for context in contexts.iter().filter(|c| !c.is_empty()) {
                let test = context
                    .rsplit_once('|')
                    .map_or(context.as_str(), |(test, _)| test);
                let known = out.tests.get_mut(test);
                let coverage = match known {
                    Some(coverage) => coverage,
                    None => out.tests.entry(test.to_owned()).or_default(),
                };
                if !coverage.files.contains_key(path) {
                    let none = out.run.files[path]
                        .keys()
                        .map(|line| (*line, false))
                        .collect();
                    coverage.files.insert(path.clone(), none);
                }
                coverage.add(path, line, true);
            }
        }
    }
    if flaws.is_empty() && report.files.is_empty() {
        flaws.push("there is no file in the coverage".to_owned());
    }
    Read { what: out, flaws }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_excluded_were_not_executed() {
        let text = r#"{"files": {"a.py": {"executed_lines": [1, 2], "missing_lines": [], "excluded_lines": [3, 4],
            "contexts": {"2": ["t.py::x|run"]}}}}"#;
        let found = read(text.as_bytes()).what;
        let hits = |own: bool| [(1, !own), (2, true), (3, false), (4, false)].into();
        assert_eq!(found.run.files["a.py"], hits(false));
        assert_eq!(found.tests["t.py::x"].files["a.py"], hits(true));
    }

    #[test]
    fn contexts_are_tests() {
        let text = r#"{"meta": {"show_contexts": true}, "files": {"a.py": {"executed_lines": [1, 2, 3], "missing_lines": [5],
            "contexts": {"1": [""], "2": ["t.py::x|run", "t.py::y|setup"], "3": ["t.py::x|run"]}}}, "totals": {}}"#;
        let found = read(text.as_bytes());
        assert_eq!(found.flaws, [] as [&str; 0]);
        assert_eq!(
            found.what.run.files["a.py"],
            [(1, true), (2, true), (3, true), (5, false)].into()
        );
        let of = |test: &str| {
            found.what.tests[test].files["a.py"]
                .values()
                .copied()
                .collect::<Vec<_>>()
        };
        assert_eq!(of("t.py::x"), [false, true, true, false]);
        assert_eq!(of("t.py::y"), [false, true, false, false]);
        for bad in ["", "[]", r#"{"files": {}}"#, r#"{"files": {"a": {}}}"#] {
            assert!(!read(bad.as_bytes()).flaws.is_empty(), "{bad}");
        }
    }
}
