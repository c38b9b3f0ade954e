//! The managed block: where a document stands, in canonical form, one line a key. Source: model.md "A document".
//! The reader accepts exactly what the writer writes; anything else is a flaw.

use std::collections::{BTreeMap, BTreeSet};

use super::span::Flaw;
pub use super::version::{Outcome, Version};
use super::workflow::Status;

/// The version of a revised document that is still in force, and the blob that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    pub version: Version,
    /// Object id in full, as hexadecimal digits.
    pub blob: String,
}

/// The managed block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub status: Status,
    pub version: Version,
    pub owner: Option<String>,
    /// `sha256:…` of the text as it was checked out, while it is.
    pub locked: Option<String>,
    pub reviews: BTreeMap<String, Outcome>,
    /// Who approves, and whether he has.
    pub approvals: BTreeMap<String, bool>,
    /// `sha256:…` of what the round judges.
    pub digest: Option<String>,
    pub authors: BTreeSet<String>,
    /// The open round is to end in RETIRED.
    pub ends: bool,
    pub in_force: Option<InForce>,
}

impl State {
    /// A state that holds nothing but status and version.
    pub fn bare(status: Status, version: Version) -> State {
        State {
            status,
            version,
            owner: None,
            locked: None,
            reviews: BTreeMap::new(),
            approvals: BTreeMap::new(),
            digest: None,
            authors: BTreeSet::new(),
            ends: false,
            in_force: None,
        }
    }

    /// Whether a version is in force: EFFECTIVE itself, or the one that a revision left in force.
    pub fn effective_version(&self) -> Option<Version> {
        match self.status {
            Status::Effective => Some(self.version),
            _ => self.in_force.as_ref().map(|f| f.version),
        }
    }

    /// Those who are asked and have not spoken: reviewers in a review, approvers in an approval.
    pub fn pending(&self) -> Vec<&str> {
        if self.status.is_approval() {
            self.approvals
                .iter()
                .filter(|(_, done)| !**done)
                .map(|(u, _)| u.as_str())
                .collect()
        } else {
            let waiting = self.reviews.iter().filter(|(_, o)| **o == Outcome::Pending);
            waiting.map(|(u, _)| u.as_str()).collect()
        }
    }

    /// The block as bytes: the line `qms:` and one line a key.
    pub fn render(&self) -> String {
        let mut out = String::from("qms:\n");
        let mut line = |key: &str, value: String| {
            out.push_str("  ");
            out.push_str(key);
            out.push_str(": ");
            out.push_str(&value);
            out.push('\n');
        };
        let map = |pairs: Vec<String>| format!("{{{}}}", pairs.join(", "));
        line("status", self.status.to_string());
        line("version", format!("\"{}\"", self.version));
        if let Some(owner) = &self.owner {
            line("owner", owner.clone());
        }
        if let Some(locked) = &self.locked {
            line("locked", format!("\"{locked}\""));
        }
        if !self.reviews.is_empty() {
            line(
                "reviews",
                map(self
                    .reviews
                    .iter()
                    .map(|(u, o)| format!("{u}: {}", o.as_str()))
                    .collect()),
            );
        }
        if !self.approvals.is_empty() {
            let word = |done: &bool| if *done { "approved" } else { "pending" };
            line(
                "approvals",
                map(self
                    .approvals
                    .iter()
                    .map(|(u, d)| format!("{u}: {}", word(d)))
                    .collect()),
            );
        }
        if let Some(digest) = &self.digest {
            line("digest", format!("\"{digest}\""));
        }
        if !self.authors.is_empty() {
            line(
                "authors",
                format!(
                    "[{}]",
                    self.authors.iter().cloned().collect::<Vec<_>>().join(", ")
                ),
            );
        }
        if self.ends {
            line("ends", Status::Retired.to_string());
        }
        if let Some(f) = &self.in_force {
            line(
                "in_force",
                format!("{{version: \"{}\", blob: \"{}\"}}", f.version, f.blob),
            );
        }
        out
    }

    /// Reads a block, given as its lines from `qms:` on.
    pub fn parse(block: &str) -> Result<State, Flaw> {
        let mut state = State::bare(Status::Draft, Version::FIRST);
        for line in block.lines().skip(1) {
            let flaw = || {
                let shown: String = line.trim().chars().take(60).collect();
                Flaw::new(format!("`{shown}` is no line of the managed block"))
            };
            let (key, value) = line
                .strip_prefix("  ")
                .and_then(|l| l.split_once(": "))
                .ok_or_else(flaw)?;
            state.set(key, value).ok_or_else(flaw)?;
        }
        // One comparison stands for every rule of the form: order, spacing, quoting, nothing twice, nothing missing.
        if state.render() != block {
            return Err(Flaw::new("the managed block is not in canonical form"));
        }
        Ok(state)
    }

    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        let quoted = || {
            value
                .strip_prefix('"')?
                .strip_suffix('"')
                .map(str::to_owned)
        };
        match key {
            "status" => self.status = Status::parse(value)?,
            "version" => self.version = Version::parse(&quoted()?)?,
            "owner" => self.owner = Some(user(value)?),
            "locked" => self.locked = Some(digest(quoted()?)?),
            "reviews" => self.reviews = pairs(value, Outcome::parse)?,
            "approvals" => {
                self.approvals = pairs(value, |v| match v {
                    "pending" => Some(false),
                    "approved" => Some(true),
                    _ => None,
                })?;
            }
            "digest" => self.digest = Some(digest(quoted()?)?),
            "authors" => {
                let names = value.strip_prefix('[')?.strip_suffix(']')?;
                self.authors = names.split(", ").map(user).collect::<Option<_>>()?;
            }
            "ends" => self.ends = value == "RETIRED",
            "in_force" => {
                let inner = value.strip_prefix("{version: \"")?.strip_suffix("\"}")?;
                let (version, blob) = inner.split_once("\", blob: \"")?;
                let hex =
                    matches!(blob.len(), 40 | 64) && blob.bytes().all(|b| b.is_ascii_hexdigit());
                let version = Version::parse(version)?;
                self.in_force = hex.then(|| InForce {
                    version,
                    blob: blob.to_owned(),
                });
            }
            _ => return None,
        }
        Some(())
    }
}

fn pairs<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<BTreeMap<String, T>> {
    let inner = value.strip_prefix('{')?.strip_suffix('}')?;
    inner
        .split(", ")
        .map(|pair| {
            let (name, word) = pair.split_once(": ")?;
            Some((user(name)?, read(word)?))
        })
        .collect()
}

fn user(text: &str) -> Option<String> {
    super::people::is_name(text).then(|| text.to_owned())
}

fn digest(text: String) -> Option<String> {
    let hex = text.strip_prefix("sha256:")?;
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (hex.len() == 64 && hex.bytes().all(lower)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> String {
        let hash = "5b".repeat(32);
        format!(
            "qms:\n  status: IN_PRE_REVIEW\n  version: \"0.2\"\n  owner: claude\n  locked: \"sha256:{hash}\"\n  \
             reviews: {{qa: pending, tu_ui: recommend}}\n  approvals: {{qa: approved}}\n  digest: \"sha256:{hash}\"\n  \
             authors: [claude, dev]\n  ends: RETIRED\n  in_force: {{version: \"1.0\", blob: \"{}\"}}\n",
            "0a".repeat(20)
        )
    }

    #[test]
    fn a_block_is_read_and_written_byte_for_byte() {
        let state = State::parse(&full()).expect("canonical");
        assert_eq!(state.render(), full());
        assert_eq!(state.pending(), ["qa"]);
        assert_eq!(state.effective_version(), Some(Version::ONE));
    }

    #[test]
    fn another_spelling_is_refused() {
        let spoil =
            |from: &str, to: &str| State::parse(&full().replacen(from, to, 1)).expect_err(to);
        for (from, to) in [
            ("status: IN", "status:  IN"),
            ("\"0.2\"", "0.2"),
            ("\"0.2\"", "\"0.02\""),
            ("owner: claude", "owner: \"claude\""),
            ("  owner", "   owner"),
            ("qa: pending, ", "qa: pending,"),
            (
                "qa: pending, tu_ui: recommend",
                "tu_ui: recommend, qa: pending",
            ),
            ("qa: pending", "qa: maybe"),
            ("[claude, dev]", "[claude, claude]"),
            ("ends: RETIRED", "ends: CLOSED"),
            ("sha256:5b", "sha256:5B"),
            ("  authors", "  authers"),
            ("  owner: claude\n", "  owner: claude\n  owner: claude\n"),
            ("blob: \"0a", "blob: \"xx"),
            ("IN_PRE_REVIEW", "|\n    IN_PRE_REVIEW"),
        ] {
            spoil(from, to);
        }
    }
}
