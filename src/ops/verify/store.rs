//! Full parts of the trunk that an earlier run judged, kept in the git directory under version, anchor and trunk. They
//! are a convenience: the file can be deleted at any time, is read only where it belongs to whoever reads it, and an
//! auditor does not read it.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::kept::KeptPart;
use super::parts::Work;
use crate::git::{Oid, write};
use crate::model::document::digest;
use crate::model::verified::{PART, Part};

/// A part, and where it ends.
pub(super) struct Row {
    pub(super) end: Oid,
    /// The time of that commit.
    pub(super) time: i64,
    pub(super) part: Part,
}

#[derive(Serialize, Deserialize)]
struct KeptRow {
    end: String,
    time: i64,
    part: KeptPart,
}

/// Where parts are kept, and for what they hold.
pub(super) struct Store {
    place: PathBuf,
    key: String,
}

impl Store {
    pub(super) fn open(git_dir: &Path, anchor: Oid, trunk: &str) -> Store {
        Store {
            place: git_dir.join("qms-verified"),
            key: format!("qms {} {anchor} {trunk}", env!("CARGO_PKG_VERSION")),
        }
    }

    /// The parts from the first on; none where anything about the file is not as it was written.
    pub(super) fn read(&self) -> Vec<Row> {
        self.rows().unwrap_or_default()
    }

    fn rows(&self) -> Option<Vec<Row>> {
        let meta = std::fs::symlink_metadata(&self.place).ok()?;
        let own = tempfile::tempfile().ok()?.metadata().ok()?.uid();
        let private = meta.is_file() && meta.uid() == own && meta.permissions().mode() & 0o077 == 0;
        let text = std::fs::read_to_string(&self.place)
            .ok()
            .filter(|_| private)?;
        let (head, rest) = text.split_once('\n')?;
        if head != format!("{} {}", self.key, digest(rest.as_bytes())) {
            return None;
        }
        let row = |(place, line): (usize, &str)| -> Option<Row> {
            let row: KeptRow = serde_json::from_str(line).ok()?;
            let part = row.part.read().ok().filter(|p| p.place == place)?;
            Some(Row {
                end: Oid::from_hex(row.end.as_bytes()).ok()?,
                time: row.time,
                part,
            })
        };
        rest.lines().enumerate().map(row).collect()
    }

    /// Keeps the full parts: those that were known, and those that were judged.
    pub(super) fn write(&self, known: &[Row], work: &Work<'_>, judged: &[Part]) -> Result<()> {
        let times = work.times();
        let mut rows: Vec<String> = Vec::new();
        let line = |end: Oid, time: i64, part: &Part| {
            serde_json::to_string(&KeptRow {
                end: end.to_string(),
                time,
                part: KeptPart::of(part),
            })
        };
        for row in known {
            rows.push(line(row.end, row.time, &row.part)?);
        }
        let full = judged
            .iter()
            .enumerate()
            .take_while(|(n, p)| p.place == known.len() + n && p.tally.steps == PART);
        for (_, part) in full {
            let steps = work.range(part.place);
            let Some((end, _)) = steps.last().filter(|_| steps.len() == PART + 1) else {
                break;
            };
            let time = times[(part.place - known.len() + 1) * PART];
            rows.push(line(*end, time, part)?);
        }
        if rows.len() == known.len() {
            return Ok(());
        }
        let rest: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let text = format!("{} {}\n{rest}", self.key, digest(rest.as_bytes()));
        write::replace_private(&self.place, text.as_bytes())
    }
}
