//! Records: what one run of the tests showed, bound to the state of a system, as it is kept in git. A record is JSON, one
//! key a line, and never changes; its file is named by what it holds.
//!
//! ```text
//! CLI/3f/3f90…e1/5d4c…09.json
//! │   │  │       └ the id of the blob
//! │   │  └ the system's digest at the commit, without `sha256:`
//! │   └ its first two digits
//! └ the system
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::evidence::own::PerTest;
use super::evidence::{Case, Hits, Outcome};
use super::memory::marks::Marks;
use super::memory::packed::{packed, packed_words};

pub mod digest;
mod lines;
mod load;

pub use lines::Lines;
pub use load::{Load, MOST_OF_A_STATE, Size};

/// Where records are: commits of this ref only ever add them.
pub const REF: &str = "refs/qms/evidence";
/// The version of the format.
const VERSION: u32 = 1;
/// Larger ones are neither written nor read.
pub const LARGEST: usize = 64 << 20;

/// One run. Paths are those of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    version: u32,
    pub system: String,
    /// Of the system at the commit: `sha256:` and 64 digits.
    pub digest: String,
    /// In full.
    pub commit: String,
    /// What whoever ran it calls the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// What was run, where it was run by `qms run`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// How that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Ran>,
    /// Of the whole run, in the items that are tagged; none where it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<BTreeMap<String, Covered>>,
    /// What each test executed of those lines, by its name and then by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tests: BTreeMap<String, BTreeMap<String, Lines>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Process>,
    /// Of each requirement that was passed then or before: how it, its tests and its code read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub marks: Marks,
}

/// A case of a report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ran {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suite: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub outcome: Ended,
    /// What the runner said of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reruns: usize,
    /// In millionths of a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<u64>,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    Pass,
    Fail,
    Error,
    NotRun,
}

/// Executable lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    pub executed: Lines,
    pub missed: Lines,
}

/// A process that was started, and what was seen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// The requirements that it is evidence for.
    pub verifies: Vec<String>,
    pub command: String,
    /// Why it is no evidence: it did not start, was not ready, did not answer, did not stop. None where all went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Milliseconds until it was ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<u64>,
}

packed! {
    Record { version, system, digest, commit, run, command, exit, cases, coverage, tests, processes, marks }
    Ran { suite, class, name, file, outcome, says, reruns, time }
    Covered { executed, missed }
    Process { verifies, command, failed, ready }
}

packed_words! {
    Ended [Pass, Fail, Error, NotRun]
}

/// Longer sayings of runners are cut: a record is no log.
const SAYS: usize = 500;

impl From<&Case> for Ran {
    fn from(case: &Case) -> Ran {
        let (outcome, says) = match &case.outcome {
            Outcome::Pass => (Ended::Pass, ""),
            Outcome::Fail(says) => (Ended::Fail, says.as_str()),
            Outcome::Error(says) => (Ended::Error, says.as_str()),
            Outcome::NotRun(says) => (Ended::NotRun, says.as_str()),
        };
        Ran {
            suite: case.suite.clone(),
            class: case.class.clone(),
            name: case.name.clone(),
            file: case.file.clone(),
            outcome,
            says: says[..says.floor_char_boundary(SAYS)].to_owned(),
            reruns: case.reruns,
            time: case.time,
        }
    }
}

impl From<Ran> for Case {
    fn from(ran: Ran) -> Case {
        let says = ran.says;
        Case {
            suite: ran.suite,
            class: ran.class,
            name: ran.name,
            file: ran.file,
            outcome: match ran.outcome {
                Ended::Pass => Outcome::Pass,
                Ended::Fail => Outcome::Fail(says),
                Ended::Error => Outcome::Error(says),
                Ended::NotRun => Outcome::NotRun(says),
            },
            reruns: ran.reruns,
            time: ran.time,
        }
    }
}

impl Record {
    /// One that holds nothing yet.
    pub fn new(system: &str, digest: &str, commit: &str) -> Record {
        Record {
            version: VERSION,
            system: system.to_owned(),
            digest: digest.to_owned(),
            commit: commit.to_owned(),
            run: None,
            command: Vec::new(),
            exit: None,
            cases: Vec::new(),
            coverage: None,
            tests: BTreeMap::new(),
            processes: Vec::new(),
            marks: BTreeMap::new(),
        }
    }

    /// As it is kept; the same for the same run.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        self.fits()?;
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|e| e.to_string())?;
        bytes.push(b'\n');
        match bytes.len() {
            size if size > LARGEST => Err(format!(
                "the record would have {size} bytes, expected at most {} MiB; give fewer tests, or less coverage, at a time",
                LARGEST >> 20
            )),
            _ => Ok(bytes),
        }
    }

    /// Reads one from a file at `path` of the tree of records; `blob` is its id. Refused unless it is of what its path says.
    pub fn read(path: &str, blob: &str, bytes: &[u8]) -> Result<Record, String> {
        let wrong = |why: String| format!("`{path}` is no record: {why}");
        if bytes.len() > LARGEST {
            return Err(wrong(format!("it has {} bytes", bytes.len())));
        }
        let record: Record = serde_json::from_slice(bytes).map_err(|e| wrong(e.to_string()))?;
        if record.version != VERSION {
            let version = record.version;
            return Err(wrong(format!(
                "it is of version {version}, expected {VERSION}"
            )));
        }
        record.fits().map_err(wrong)?;
        if path != record.path(blob) {
            return Err(wrong(format!("it belongs at `{}`", record.path(blob))));
        }
        Ok(record)
    }

    /// The last line that it names of each file.
    pub fn last_lines(&self) -> BTreeMap<&str, u32> {
        let covered = self.coverage.iter().flatten();
        let run = covered.flat_map(|(path, c)| [(path, &c.executed), (path, &c.missed)]);
        let mut out = BTreeMap::new();
        for (path, lines) in run.chain(self.tests.values().flatten()) {
            let known: &mut u32 = out.entry(path.as_str()).or_default();
            *known = (*known).max(lines.last());
        }
        out
    }

    /// Where it is kept; `blob` is the id that its bytes have.
    pub fn path(&self, blob: &str) -> String {
        format!("{}/{blob}.json", folder(&self.system, &self.digest))
    }

    /// What the whole run executed.
    pub fn run_hits(&self) -> Option<BTreeMap<String, Hits>> {
        let hits = |covered: &Covered| -> Hits {
            let missed = covered.missed.iter().map(|line| (line, false));
            missed
                .chain(covered.executed.iter().map(|line| (line, true)))
                .collect()
        };
        let coverage = self.coverage.as_ref()?;
        Some(
            coverage
                .iter()
                .map(|(path, c)| (path.clone(), hits(c)))
                .collect(),
        )
    }

    /// What each test executed itself; which lines there are besides, the whole run knows.
    pub fn test_hits(&self) -> PerTest {
        let hits = |lines: &Lines| lines.iter().map(|line| (line, true)).collect();
        let of = |files: &BTreeMap<String, Lines>| -> BTreeMap<String, Hits> {
            files
                .iter()
                .map(|(path, lines)| (path.clone(), hits(lines)))
                .collect()
        };
        self.tests
            .iter()
            .map(|(test, files)| (test.clone(), of(files)))
            .collect()
    }
}

/// The folder of a system's records of one state.
pub fn folder(system: &str, digest: &str) -> String {
    let digits = digest.trim_start_matches("sha256:");
    format!("{system}/{}/{digits}", digits.get(..2).unwrap_or(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let digest = format!("sha256:{}", "3f".repeat(32));
        let mut record = Record::new("CLI", &digest, &"a".repeat(40));
        record.cases.push(Ran {
            suite: String::new(),
            class: "c".to_owned(),
            name: "t".to_owned(),
            file: None,
            outcome: Ended::NotRun,
            says: "later".to_owned(),
            reruns: 0,
            time: Some(5),
        });
        let covered = Covered {
            executed: [1, 2, 4].into_iter().collect(),
            missed: [3].into_iter().collect(),
        };
        record.coverage = Some([("src/a".to_owned(), covered)].into());
        let own = [("src/a".to_owned(), [2].into_iter().collect())].into();
        record.tests.insert("t".to_owned(), own);
        record
    }

    #[test]
    fn what_is_kept_is_what_is_read() {
        let record = record();
        let bytes = record.bytes().expect("it fits");
        let path = record.path("b10b");
        assert_eq!(path, format!("CLI/3f/{}/b10b.json", "3f".repeat(32)));
        assert_eq!(Record::read(&path, "b10b", &bytes).as_ref(), Ok(&record));
        let text = String::from_utf8(bytes.clone()).expect("text");
        assert!(text.contains("\"executed\": \"1-2,4\""), "{text}");
        let case = Case::from(record.cases[0].clone());
        assert_eq!(case.outcome, Outcome::NotRun("later".to_owned()));
        assert_eq!(Ran::from(&case), record.cases[0]);
        // What is not where it belongs, or not what it should be, is none.
        for (path, blob, bytes) in [
            (path.clone(), "b10c", bytes.clone()),
            (path.replace("CLI", "GUI"), "b10b", bytes.clone()),
            (
                path.clone(),
                "b10b",
                text.replace("\"version\": 1", "\"version\": 2").into(),
            ),
            (
                path.clone(),
                "b10b",
                text.replace("\"run\"", "\"ran\"")
                    .replace("\"cases\"", "\"case\"")
                    .into(),
            ),
            (path.clone(), "b10b", text.replace("1-2,4", "4,1-2").into()),
            (path, "b10b", bytes[..bytes.len() / 2].to_vec()),
        ] {
            let read = Record::read(&path, blob, &bytes);
            assert!(
                read.is_err_and(|why| why.contains("is no record")),
                "{path}"
            );
        }
    }

    #[test]
    fn few_bytes_do_not_name_lines_without_end() {
        let mut record = record();
        let all = "\"1-4000000\"".to_owned();
        let all: Lines = serde_json::from_str(&all).expect("lines");
        let files = |n: usize| (0..n).map(|n| (format!("src/{n}"), all.clone())).collect();
        record.tests.insert("t".to_owned(), files(1));
        let bytes = record.bytes().expect("it fits");
        assert!(Record::read(&record.path("b10b"), "b10b", &bytes).is_ok());
        record.tests.insert("t".to_owned(), files(1_000));
        let bytes = serde_json::to_vec(&record).expect("JSON");
        let read = Record::read(&record.path("b10b"), "b10b", &bytes);
        let why = "names 4000000004 lines, expected at most";
        assert!(read.is_err_and(|said| said.contains(why)));
        assert!(record.bytes().is_err_and(|said| said.contains(why)));
    }

    #[test]
    fn what_was_executed_is_told_by_line() {
        let record = record();
        let run = record.run_hits().expect("it was measured");
        assert_eq!(
            run["src/a"],
            [(1, true), (2, true), (3, false), (4, true)].into()
        );
        assert_eq!(record.test_hits()["t"]["src/a"], [(2, true)].into());
    }
}
