//! What is asked: one request an ability. What is left out is its default; what is too much is cut down to the most
//! that is given.

use schemars::JsonSchema;
use serde::Deserialize;

/// Which commits to list.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// A commit id, branch or tag, `HEAD`, or one of these with `~N` or `^N`. Left out: `HEAD`.
    pub revision: Option<String>,
    /// Only commits that change one of these files or folders. Left out: all commits.
    pub paths: Vec<String>,
    /// How many commits to pass over.
    pub skip: usize,
    /// How many commits to give: 20 where left out, at most 200.
    pub limit: Option<usize>,
    /// Follow the first parent of each merge only.
    pub first_parent: bool,
}

/// Which commit to show, or which file as it is in it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Show {
    /// A commit id, branch or tag, `HEAD`, or one of these with `~N` or `^N`. Left out: `HEAD`.
    pub revision: Option<String>,
    /// A file or folder: only what changed there is given, with its patches. With `content`: the file.
    pub path: Option<String>,
    /// Give the patch of each changed file.
    pub patch: bool,
    /// Give the text of the file at `path` in place of what changed.
    pub content: bool,
    /// With `content`: the first line to give, counted from 1.
    pub from_line: Option<usize>,
    /// With `content`: how many lines to give, 400 where left out, at most 5000.
    pub lines: Option<usize>,
    /// Bytes of patches or text to give: 65536 where left out, at most 262144.
    pub max_bytes: Option<usize>,
    /// How many changed paths to pass over.
    pub skip: usize,
    /// How many changed paths to give: 200 where left out, at most 2000.
    pub limit: Option<usize>,
}

/// Which two commits to compare.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diff {
    /// The commit before: an id, branch or tag, `HEAD`, or one of these with `~N` or `^N`.
    pub from: String,
    /// The commit after. Left out: `HEAD`.
    #[serde(default)]
    pub to: Option<String>,
    /// Only these files or folders. Left out: all.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Give the patch of each changed file; where `paths` are named they are given anyway.
    #[serde(default)]
    pub patch: bool,
    /// Bytes of patches to give: 65536 where left out, at most 262144.
    #[serde(default)]
    pub max_bytes: Option<usize>,
    /// How many changed paths to pass over.
    #[serde(default)]
    pub skip: usize,
    /// How many changed paths to give: 200 where left out, at most 2000.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Which folder to list.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ls {
    /// A commit id, branch or tag, `HEAD`, or one of these with `~N` or `^N`. Left out: `HEAD`.
    pub revision: Option<String>,
    /// The folder. Left out: the root of the repository.
    pub folder: Option<String>,
    /// Give what is below the folder at any depth; folders themselves are not listed then.
    pub recursive: bool,
    /// How many entries to pass over.
    pub skip: usize,
    /// How many entries to give: 200 where left out, at most 2000.
    pub limit: Option<usize>,
}

/// What to search for.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grep {
    /// A regular expression in the syntax of the Rust crate `regex`, applied to each line by itself.
    pub pattern: String,
    /// Take the pattern as plain text.
    #[serde(default)]
    pub fixed: bool,
    /// Upper and lower case are the same.
    #[serde(default)]
    pub ignore_case: bool,
    /// A commit id, branch or tag, `HEAD`, or one of these with `~N` or `^N`. Left out: `HEAD`.
    #[serde(default)]
    pub revision: Option<String>,
    /// Only these files or folders. Left out: all.
    #[serde(default)]
    pub paths: Vec<String>,
    /// How many matching lines to give: 100 where left out, at most 1000.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Of which lines to tell who wrote them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blame {
    /// The file.
    pub path: String,
    /// A commit id, branch or tag, `HEAD`, or one of these with `~N` or `^N`. Left out: `HEAD`.
    #[serde(default)]
    pub revision: Option<String>,
    /// The first line, counted from 1.
    #[serde(default)]
    pub from_line: Option<usize>,
    /// How many lines: 200 where left out, at most 1000.
    #[serde(default)]
    pub lines: Option<usize>,
}

/// How many of something to give: what was asked for, else the usual number, and never more than the most.
pub fn bounded(asked: Option<usize>, usual: usize, most: usize) -> usize {
    asked.unwrap_or(usual).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m3_no_answer_is_longer_than_its_most() {
        assert_eq!(bounded(None, 20, 200), 20);
        assert_eq!(bounded(Some(usize::MAX), 20, 200), 200);
        assert_eq!(bounded(Some(0), 20, 200), 0);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(serde_json::from_str::<Log>("{}").is_ok());
        assert!(serde_json::from_str::<Log>(r#"{"format": "%x00"}"#).is_err());
        assert!(serde_json::from_str::<Diff>("{}").is_err());
        assert!(serde_json::from_str::<Diff>(r#"{"from": "main", "textconv": true}"#).is_err());
    }
}
