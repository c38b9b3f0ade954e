//! Configuration: values with the level that they come from, and writing at the repository's own levels, where
//! every other line stays as it is.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gix::bstr::{BString, ByteSlice};
use gix::config::Source;

use super::Repo;

/// Where a value may be written: the repository's own file, or the one of this work tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Local,
    Worktree,
}

impl Level {
    pub const BOTH: [Level; 2] = [Level::Worktree, Level::Local];

    pub fn as_str(self) -> &'static str {
        match self {
            Level::Local => "local",
            Level::Worktree => "worktree",
        }
    }
}

/// One value of a key, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    /// `system`, `global`, `local`, `worktree`, or `environment`.
    pub level: &'static str,
}

impl Repo {
    /// A value of the configuration that git would use here.
    pub fn config(&self, key: &str) -> Option<String> {
        self.refs
            .config_snapshot()
            .string(key)
            .map(|v| v.to_string())
    }

    /// Every value of `SECTION.NAME`, the one that git uses last.
    pub fn configured(&self, section: &str, name: &str) -> Result<Vec<Value>> {
        let snapshot = self.refs.config_snapshot();
        let mut out = Vec::new();
        let sections = snapshot.plumbing().sections_by_name(section);
        for part in sections.into_iter().flatten() {
            if part.header().subsection_name().is_some() {
                continue;
            }
            for value in part.values(name) {
                out.push(Value {
                    text: text(value, name)?,
                    level: level(part.meta().source),
                });
            }
        }
        Ok(out)
    }

    /// The values that a level's own file has for a key, without what it includes.
    pub fn config_at(&self, level: Level, key: &'static str) -> Result<Vec<String>> {
        let place = self.config_file(level);
        if !place.exists() {
            return Ok(Vec::new());
        }
        let values = read(&place)?.raw_values(key).unwrap_or_default();
        values.into_iter().map(|v| text(v, key)).collect()
    }

    /// Sets values at a level, or takes them away: `None`. Other lines stay as they are, and a section that this
    /// leaves empty goes with its last value.
    pub fn configure(&self, level: Level, values: &[(&str, Option<String>)]) -> Result<()> {
        let place = self.config_file(level);
        let mut file = read(&place)?;
        let before = file.to_bstring();
        for (key, value) in values {
            let (section, name) = key.split_once('.').context("a key without a section")?;
            match value {
                Some(value) => {
                    file.set_raw_value(*key, value.as_str())
                        .map_err(|e| anyhow::anyhow!("{e}"))?;
                }
                None => {
                    let parts = file.sections_and_ids_by_name(section);
                    let plain = parts.into_iter().flatten();
                    let ids: Vec<_> = plain
                        .filter(|(part, _)| part.header().subsection_name().is_none())
                        .map(|(_, id)| id)
                        .collect();
                    for id in ids {
                        let Some(mut part) = file.section_mut_by_id(id) else {
                            continue;
                        };
                        let mut gone = false;
                        while part.remove(name).is_some() {
                            gone = true;
                        }
                        let says = part.to_bstring();
                        if gone && part.num_values() == 0 && !says.contains_str("#") {
                            file.remove_section_by_id(id);
                        }
                    }
                }
            }
        }
        let after = file.to_bstring();
        if after == before {
            return Ok(());
        }
        super::write::replace(&place, &after)
    }

    fn config_file(&self, level: Level) -> PathBuf {
        match level {
            Level::Local => self.common_dir().join("config"),
            Level::Worktree => self.git_dir().join("config.worktree"),
        }
    }
}

fn read(place: &Path) -> Result<gix::config::File> {
    gix::config::File::from_path_no_includes(place.to_path_buf(), Source::Local)
        .map_err(|e| anyhow::anyhow!("{e}"))
        .with_context(|| format!("cannot read `{}`", place.display()))
}

pub(super) fn text(value: BString, key: &str) -> Result<String> {
    let text = value
        .to_str()
        .map(str::to_owned)
        .map_err(|e| anyhow::anyhow!("{e}"));
    text.with_context(|| format!("the configuration's `{key}` is not UTF-8"))
}

pub(super) fn level(source: Source) -> &'static str {
    match source {
        Source::GitInstallation | Source::System => "system",
        Source::Git | Source::User => "global",
        Source::Local => "local",
        Source::Worktree => "worktree",
        Source::Env | Source::Cli | Source::Api | Source::EnvOverride => "environment",
    }
}
