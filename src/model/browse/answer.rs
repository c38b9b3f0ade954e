//! What is answered: plain values, each bounded, each saying whether there is more.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Commit {
    /// In full.
    pub id: String,
    pub parents: Vec<String>,
    pub author: String,
    pub email: String,
    /// When its author made it, as RFC 3339.
    pub date: String,
    /// The first paragraph of the message, on one line.
    pub subject: String,
    /// The rest of the message, trailers included.
    pub body: String,
    /// The QMS trailers by key; empty where they are not well formed.
    pub trailers: BTreeMap<String, String>,
    /// The message is longer than what is given of it.
    pub cut: bool,
}

/// Commits, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Log {
    pub commits: Vec<Commit>,
    /// There are more: ask again with a greater `skip`.
    pub more: bool,
    /// The search was given up before the end of history: there may be older ones that no `skip` reaches.
    pub bounded: bool,
}

/// A commit with what it changes against its first parent, or a file as it is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Show {
    pub commit: Commit,
    /// What it changes; none where a file's content was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// The file that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// What differs between two commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diff {
    /// The commit before, in full.
    pub from: String,
    /// The commit after, in full.
    pub to: String,
    pub changes: Changes,
}

/// Paths that differ, in order. A rename is a deletion and an addition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Changes {
    pub paths: Vec<Changed>,
    /// How many paths differ in all.
    pub total: usize,
    /// There are more paths: ask again with a greater `skip`.
    pub more: bool,
    /// Patches were asked for, and not all is given: ask for fewer paths, or for more bytes.
    pub cut: bool,
}

/// A path that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Changed {
    pub path: String,
    pub status: Status,
    /// As git writes it, such as `100644`; none where it was not there.
    pub old_mode: Option<String>,
    pub new_mode: Option<String>,
    /// Size before; none where it was not there, and of a submodule.
    pub old_bytes: Option<u64>,
    pub new_bytes: Option<u64>,
    /// A unified diff with three lines of context, where patches were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
    /// Why a patch that was asked for is not here, or not whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omitted: Option<Omitted>,
}

/// What became of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Added,
    Deleted,
    Modified,
    /// A file became a link or a submodule, or the other way round.
    TypeChanged,
}

/// Why a text is not here, or not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Omitted {
    /// It is no text.
    Binary,
    /// It has more than a megabyte.
    Large,
    /// What may be given at once was given already.
    Budget,
}

/// Lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Content {
    pub path: String,
    pub kind: Kind,
    /// Size of the whole file; none of a submodule.
    pub bytes: Option<u64>,
    /// The number of the first line that is given.
    pub from_line: usize,
    /// How many lines the file has; none where it was not read.
    pub total_lines: Option<usize>,
    /// The lines with their ends; of a link, where it leads; of a submodule, its commit.
    pub text: String,
    /// There are more lines after these.
    pub more: bool,
    /// Why the text is not here, or its last line not whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omitted: Option<Omitted>,
}

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    File,
    Executable,
    Link,
    Submodule,
    Folder,
}

impl Kind {
    /// By the mode that a tree has.
    pub fn of(mode: u32) -> Kind {
        match mode {
            0o040_000 => Kind::Folder,
            0o100_755 => Kind::Executable,
            0o120_000 => Kind::Link,
            0o160_000 => Kind::Submodule,
            _ => Kind::File,
        }
    }
}

/// What is in a folder, in git's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ls {
    pub entries: Vec<Entry>,
    /// There are more: ask again with a greater `skip`.
    pub more: bool,
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// From the root of the repository.
    pub path: String,
    pub kind: Kind,
}

/// Lines that match, by path and line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Grep {
    pub matches: Vec<Match>,
    /// There are more than were asked for.
    pub more: bool,
    /// The search was given up before all files were searched: name fewer paths.
    pub bounded: bool,
    /// Files that were searched.
    pub searched: usize,
    /// Files that are no text, and were passed over.
    pub binary: usize,
    /// Files of more than a megabyte, which were passed over.
    pub large: usize,
    /// Lines of more than 16384 bytes, of which only the beginning was searched.
    pub long: usize,
}

/// A line that matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Match {
    pub path: String,
    pub line: usize,
    /// The byte of the line at which the first match begins, counted from 1.
    pub column: usize,
    /// The line, or as much as is given of it.
    pub text: String,
    /// The line is longer.
    pub cut: bool,
}

/// Lines of a file with the commits that they are from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Blame {
    pub lines: Vec<Blamed>,
    /// How many lines the file has.
    pub total_lines: usize,
    /// There are more lines after these.
    pub more: bool,
    /// The search was given up before the end of history: some lines have no commit.
    pub bounded: bool,
}

/// A line and where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Blamed {
    pub line: usize,
    /// The commit that brought the line as it is; none where that was not found.
    pub commit: Option<String>,
    pub author: Option<String>,
    /// When its author made that commit, as RFC 3339.
    pub date: Option<String>,
    /// The path that the file had there, where it was another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub text: String,
    /// The line is longer.
    pub cut: bool,
}

/// Where `HEAD` stands. Nothing is said of index and work tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Standing {
    /// None where `HEAD` is on no branch.
    pub branch: Option<String>,
    /// None where nothing is committed yet.
    pub head: Option<String>,
    pub subject: Option<String>,
    /// The branch of the same name as last fetched, where there is one.
    pub remote: Option<Remote>,
    /// `merge`, `rebase`, `cherry-pick` or `revert`, where one is under way.
    pub in_progress: Option<String>,
}

/// A branch as last fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Remote {
    /// Such as `origin/main`.
    pub name: String,
    pub head: String,
    /// Commits here that are not there; none where too much lies between to be counted.
    pub ahead: Option<usize>,
    /// Commits there that are not here.
    pub behind: Option<usize>,
}
