//! What the records of a system say together of one state of it.

use std::collections::{BTreeMap, HashSet};

use super::evidence::own::PerTest;
use super::evidence::{Case, Hits, add};
use super::links::Linked;
use super::prints::Prints;
use super::record::{Ended, Process, Ran, Record};
use super::requirement::Requirement;
use super::verdict::{Binding, Last};

/// All runs of one state, or the last run of another one, which proves nothing of this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    pub binding: Binding,
    pub cases: Vec<Case>,
    /// Of all runs; none where none was measured.
    pub coverage: Option<BTreeMap<String, Hits>>,
    pub tests: PerTest,
    pub processes: Vec<Process>,
    /// Runs that did not end well though no test in them failed: nobody knows what they did not come to.
    pub flaws: Vec<String>,
}

impl Gathered {
    /// All that these runs showed: what failed in one of them failed.
    pub fn of(records: Vec<Record>, binding: Binding) -> Option<Gathered> {
        if records.is_empty() {
            return None;
        }
        let mut out = Gathered::nothing(binding);
        for record in records {
            out.flaws.extend(broke(&record));
            if let Some(hits) = record.run_hits() {
                join(out.coverage.get_or_insert_default(), hits);
            }
            for (test, files) in record.test_hits() {
                join(out.tests.entry(test).or_default(), files);
            }
            out.cases.extend(record.cases.into_iter().map(Case::from));
            out.processes.extend(record.processes);
        }
        // What one run skipped and another one ran, ran.
        fn name(case: &Case) -> [&str; 3] {
            [&case.suite, &case.class, &case.name].map(String::as_str)
        }
        if out.cases.iter().all(Case::has_run) {
            return Some(out);
        }
        let ran = out.cases.iter().filter(|case| case.has_run());
        let ran: HashSet<_> = ran.map(name).collect();
        let stays = |case: &Case| case.has_run() || !ran.contains(&name(case));
        let stays: Vec<bool> = out.cases.iter().map(stays).collect();
        let mut stays = stays.into_iter();
        out.cases.retain(|_| stays.next() == Some(true));
        Some(out)
    }

    /// Runs that showed nothing.
    pub fn nothing(binding: Binding) -> Gathered {
        Gathered {
            binding,
            cases: Vec::new(),
            coverage: None,
            tests: PerTest::new(),
            processes: Vec::new(),
            flaws: Vec::new(),
        }
    }

    /// Whether they say anything of single tests. Those of another state do not, whose ever they are, but for the names
    /// under which coverage was measured.
    pub fn speaks_of_tests(&self) -> bool {
        self.binding == Binding::Same || !self.tests.is_empty()
    }

    /// Whether anything ran at all.
    pub fn ran(&self) -> bool {
        !self.processes.is_empty() || self.cases.iter().any(Case::has_run)
    }

    /// What did not go well: a test, a process, or a whole run.
    pub fn failed(&self) -> Option<String> {
        let case = self.cases.iter().find(|case| case.went_wrong());
        let case = case.map(|case| &case.name);
        let mut processes = self.processes.iter();
        let process = processes.find(|p| p.failed.is_some());
        let process = process.map(|process| &process.command);
        case.or(process).or(self.flaws.first()).cloned()
    }
}

/// How a run ended that broke for another reason than a test.
fn broke(record: &Record) -> Option<String> {
    let code = record.exit.filter(|code| *code != 0)?;
    let fails = |ran: &Ran| [Ended::Fail, Ended::Error].contains(&ran.outcome);
    let failed = record.cases.iter().any(fails);
    let command = record.command.join(" ");
    (!failed).then(|| format!("`{command}` ended with {code}, and no test in it failed"))
}

/// Adds what else was seen, by path.
pub fn join(all: &mut BTreeMap<String, Hits>, more: BTreeMap<String, Hits>) {
    for (path, hits) in more {
        add(all.entry(path).or_default(), &hits);
    }
}

/// How a requirement, its tests and its code read.
pub fn mark(requirement: &Requirement, linked: &Linked<'_>) -> Last {
    let prints = |links: &[super::links::Link<'_>]| {
        let print = |l: &super::links::Link<'_>| (l.item.whole(), l.item.fingerprint.clone());
        links.iter().map(print).collect()
    };
    Last {
        text: requirement.fingerprint.to_string(),
        tests: prints(&linked.tests),
        code: prints(&linked.code),
        covered: String::new(),
    }
}

/// Whether fingerprints are those that were remembered, wherever they are by now: what only moved says nothing new. Once
/// they were remembered without files, the last of one name alone; then what is here is looked at in that way.
fn same(last: &Prints, now: &Prints) -> bool {
    if last == now {
        return true;
    }
    let bare = |key: &str| -> String {
        let file = |(file, _): &(&str, &str)| file.contains(['.', '/']);
        let name = key.split_once("::").filter(file);
        name.map_or(key, |(_, name)| name).to_owned()
    };
    let all = |prints: &Prints| -> Prints {
        let each = prints.iter();
        each.map(|(key, print)| (bare(key), print.clone()))
            .collect()
    };
    let of = |prints: &Prints| {
        let mut prints: Vec<String> = prints.iter().map(|(_, print)| print.clone()).collect();
        prints.sort();
        prints
    };
    let is_old = last.names().any(|key| bare(key) == *key);
    of(last) == of(now) || is_old && all(last) == all(now)
}

/// As what a requirement was verified last, when there are new results: these speak for changed tests and code. For a
/// changed text nobody has spoken as long as tests and code are what they were, unless the matrix in force has been
/// approved with it.
pub fn renewed(last: &Last, now: &Last, is_approved: bool) -> Last {
    let same = same(&last.tests, &now.tests) && same(&last.code, &now.code);
    let text = match same && !is_approved {
        true => last.text.clone(),
        false => now.text.clone(),
    };
    Last {
        text,
        covered: last.covered.clone(),
        ..now.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::evidence::naming::tests::item;
    use super::super::item::{Item, Sort};
    use super::super::links::Link;
    use super::super::requirement;
    use super::super::scan::Scanner;
    use super::*;
    use crate::model::trace::record::Covered;

    #[test]
    fn runs_of_one_state_speak_together() {
        let run = |outcome, executed: u32, missed: u32| {
            let mut record = Record::new("CLI", "sha256:00", "c");
            record.cases.push(Ran {
                suite: String::new(),
                class: String::new(),
                name: "t".to_owned(),
                file: None,
                outcome,
                says: "why".to_owned(),
                reruns: 0,
                time: None,
            });
            let covered = Covered {
                executed: [executed].into_iter().collect(),
                missed: [missed].into_iter().collect(),
            };
            record.coverage = Some([("a".to_owned(), covered)].into());
            let own = [("a".to_owned(), [executed].into_iter().collect())].into();
            record.tests.insert("t".to_owned(), own);
            record
        };
        let records = [run(Ended::Pass, 1, 2), run(Ended::Fail, 2, 3)];
        let all = Gathered::of(records.to_vec(), Binding::Same).expect("there are two");
        assert_eq!(all.cases.len(), 2);
        let coverage = all.coverage.expect("it was measured");
        assert_eq!(coverage["a"], [(1, true), (2, true), (3, false)].into());
        assert_eq!(all.tests["t"]["a"], [(1, true), (2, true)].into());
        let mut broken = run(Ended::Pass, 1, 2);
        (broken.exit, broken.command) = (Some(2), vec!["make".to_owned()]);
        let all = Gathered::of(vec![broken.clone()], Binding::Same).expect("there is one");
        assert_eq!(all.flaws, ["`make` ended with 2, and no test in it failed"]);
        broken.cases[0].outcome = Ended::Fail;
        let all = Gathered::of(vec![broken], Binding::Same).expect("there is one");
        assert_eq!(all.flaws, [] as [&str; 0]);
        let skipped = [run(Ended::NotRun, 1, 2), run(Ended::Pass, 1, 2)];
        let all = Gathered::of(skipped.to_vec(), Binding::Same).expect("there are two");
        assert_eq!(all.cases.len(), 1);
        let skipped = Gathered::of(skipped[..1].to_vec(), Binding::Same).expect("there is one");
        assert_eq!(skipped.cases.len(), 1);
        assert_eq!(Gathered::of(Vec::new(), Binding::Same), None);
    }

    /// Each is remembered for itself, and what one reads like is not what the other did.
    #[test]
    fn tests_of_one_name_in_two_files_are_two() {
        let text = "| Id | Text |\n|-|-|\n| REQ-Q-001 | **Halves.** It halves. |\n";
        let read = requirement::read(text, 0, "REQ-Q-*");
        let tags = Scanner::new(["REQ-Q-*"]).tags(b"x.rs", b"// [REQ-Q-001]\nfn t() {}\n");
        let items = ["a/tests/x.rs", "b/tests/x.rs"].map(|path| Item {
            fingerprint: path.to_owned(),
            ..item(Sort::Rust, path, &[], "t")
        });
        let link = |item| Link {
            path: "",
            tag: &tags[0],
            item,
        };
        let linked = Linked {
            tests: items.iter().map(link).collect(),
            ..Linked::default()
        };
        let prints = ["a/tests/x.rs", "b/tests/x.rs"];
        let prints = prints.map(|path| (format!("{path}::t"), path.to_owned()));
        assert_eq!(mark(&read.all[0], &linked).tests, prints.into());
    }

    #[test]
    fn new_results_do_not_speak_for_a_new_text() {
        let last = |text: &str, test: &str, code: &str| Last {
            text: text.to_owned(),
            tests: [("t".to_owned(), test.to_owned())].into(),
            code: [("c".to_owned(), code.to_owned())].into(),
            covered: String::new(),
        };
        let old = last("1", "1", "1");
        for (now, is_approved, text) in [
            (last("1", "1", "1"), false, "1"),
            (last("2", "1", "1"), false, "1"),
            (last("2", "1", "1"), true, "2"),
            (last("2", "2", "1"), false, "2"),
            (last("2", "1", "2"), false, "2"),
        ] {
            let renewed = renewed(&old, &now, is_approved);
            assert_eq!((renewed.text.as_str(), &renewed.tests), (text, &now.tests));
        }
        // What was remembered before files were does not make anything new, nor does a file that moved.
        let tests = |all: &[(&str, &str)]| Last {
            tests: all
                .iter()
                .map(|(key, print)| ((*key).to_owned(), (*print).to_owned()))
                .collect(),
            ..last("2", "1", "1")
        };
        let (a, b) = ("tests/a.rs::t", "tests/b.rs::t");
        let text = |last: &Last, now: &[(&str, &str)]| renewed(last, &tests(now), false).text;
        assert_eq!(text(&old, &[(a, "1")]), "1");
        assert_eq!(text(&old, &[(a, "0"), (b, "1")]), "1");
        assert_eq!(text(&old, &[(a, "1"), (b, "0")]), "2");
        let known = Last {
            text: "1".to_owned(),
            ..tests(&[(a, "0"), (b, "1")])
        };
        assert_eq!(text(&known, &[(a, "1"), (b, "0")]), "1");
        assert_eq!(text(&known, &[(a, "1"), (b, "1")]), "2");
        assert_eq!(text(&known, &[(b, "1")]), "2");
    }
}
