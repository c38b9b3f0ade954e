//! Evidence as test runners and coverage tools write it. What is malformed, cut off or at odds with itself is a flaw: evidence
//! with a flaw proves nothing, since nobody knows what it lost.

use std::collections::BTreeMap;

pub mod cobertura;
pub mod contexts;
pub mod junit;
pub mod lcov;
pub mod llvm;
pub mod naming;
pub mod own;
pub mod paths;
mod status;
mod title;
mod xml;

/// Larger files are refused.
pub const LARGEST: usize = 256 << 20;

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Pass,
    /// An assertion did not hold; with what the runner says.
    Fail(String),
    /// It broke before it could tell.
    Error(String),
    /// Skipped, ignored, disabled; with why.
    NotRun(String),
}

/// A test as it ran. Those of one name are kept apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    pub suite: String,
    pub class: String,
    pub name: String,
    pub file: Option<String>,
    pub outcome: Outcome,
    /// How often it failed before it ended so: what passes then is flaky.
    pub reruns: usize,
    /// In millionths of a second.
    pub time: Option<u64>,
}

impl Case {
    pub fn is_flaky(&self) -> bool {
        self.outcome == Outcome::Pass && self.reruns > 0
    }

    pub fn has_run(&self) -> bool {
        !matches!(self.outcome, Outcome::NotRun(_))
    }

    /// It failed, broke, or passed only when it was run again.
    pub fn went_wrong(&self) -> bool {
        matches!(self.outcome, Outcome::Fail(_) | Outcome::Error(_)) || self.is_flaky()
    }

    /// What makes it this case, for people.
    pub fn shown(&self) -> String {
        let parts = [&self.suite, &self.class, &self.name];
        let mut out = String::new();
        let mut last = "";
        for part in parts.into_iter().filter(|p| !p.is_empty()) {
            if part != last {
                out.push_str(if out.is_empty() { "" } else { " / " });
                out.push_str(part);
            }
            last = part;
        }
        out
    }
}

/// The executable lines of a file, and whether each was executed.
pub type Hits = BTreeMap<u32, bool>;

/// Adds what else was seen of a file. A line that was executed once was executed.
pub fn add(all: &mut Hits, more: &Hits) {
    for (line, hit) in more {
        *all.entry(*line).or_default() |= hit;
    }
}

/// What was executed, by paths as they are given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    pub files: BTreeMap<String, Hits>,
}

impl Coverage {
    fn add(&mut self, path: &str, line: u32, hit: bool) {
        let known = self.files.get_mut(path);
        let hits = match known {
            Some(hits) => hits,
            None => self.files.entry(path.to_owned()).or_default(),
        };
        *hits.entry(line).or_default() |= hit;
    }
}

/// What was read, and what is wrong with it. With a flaw what was read is for people to look at, not to rely on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Read<T> {
    pub what: T,
    pub flaws: Vec<String>,
}

impl<T: Default> Read<T> {
    fn flawed(why: impl Into<String>) -> Read<T> {
        Read {
            what: T::default(),
            flaws: vec![why.into()],
        }
    }
}

/// The bytes as text, if they are not too many.
fn text(bytes: &[u8]) -> Result<&str, String> {
    if bytes.len() > LARGEST {
        let mib = LARGEST >> 20;
        return Err(format!(
            "the file has {} bytes, expected at most {mib} MiB",
            bytes.len()
        ));
    }
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|e| format!("byte {} is no UTF-8", e.valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
