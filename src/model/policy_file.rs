//! The shape of `qms.yaml` as people write it; `policy` makes sense of it. The schema of the file comes from here.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::Spanned;

use super::finding::Severity;
use super::people::{People, User, UserKind};
use super::signing::Level;

/// The policy of a repository under change control.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// The oldest qms that may judge by this policy, such as "0.1"; an older one refuses.
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)*$"))]
    pub(super) qms: String,
    /// The folder of the documents; as it was at the anchor, for ever.
    #[serde(default = "default_folder")]
    pub(super) documents: String,
    pub(super) branches: FileBranches,
    /// People by name. The first administrator is the founder.
    #[schemars(with = "BTreeMap<String, User>")]
    pub(super) users: People,
    /// Kinds of user that may approve; all where it is not said.
    #[serde(default)]
    pub(super) approvers: Option<Vec<UserKind>>,
    #[serde(default)]
    pub(super) paths: FilePaths,
    /// Whether commits that need an actor are signed with a key of his; off where it is not said.
    #[serde(default)]
    pub(super) signatures: FileSignatures,
    /// Who is asked about which paths; every quality user where nobody is named.
    #[serde(default)]
    pub(super) review: Vec<FileAsks>,
    /// Systems by name, in capitals: what has requirements and a traceability matrix of its own.
    #[serde(default)]
    pub(super) systems: BTreeMap<String, FileSystem>,
    /// What the documents of a type hold beyond what the template in force says, by type.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, FileType>")]
    pub(super) types: BTreeMap<String, Spanned<FileType>>,
    /// Rules that weigh more here than by themselves; they can be raised, never lowered.
    #[serde(default)]
    pub(super) severities: BTreeMap<String, Severity>,
}

/// Branches that documents, policy and controlled paths reach by legal steps alone.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileBranches {
    /// The home of documents and policy; always protected.
    pub(super) trunk: String,
    /// Patterns of further protected branches.
    #[serde(default)]
    pub(super) protected: Vec<String>,
    /// Patterns of branches that hooks do not check: what they hold is judged where a merge brings it in.
    #[serde(default)]
    pub(super) sandbox: Vec<String>,
    /// Patterns of release tags, named without `refs/tags/`: made once, of a commit of a protected mainline.
    #[serde(default)]
    pub(super) tags: Vec<String>,
}

/// What paths need.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilePaths {
    /// Paths that need no change; all others are controlled.
    #[serde(default)]
    pub(super) free: Vec<FileFree>,
}

/// A pattern, or patterns for some users alone.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum FileFree {
    Plain(String),
    For(FreeFor),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FreeFor {
    /// Patterns of paths.
    pub(super) r#match: Vec<String>,
    /// The users for whom they are free.
    pub(super) by: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileAsks {
    /// Patterns of paths.
    pub(super) r#match: Vec<String>,
    /// The users that are asked.
    pub(super) ask: Vec<String>,
}

/// A system: its code, its documents, its requirements.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSystem {
    /// Patterns of the paths that are its code, tests and build files.
    pub(super) code: Vec<String>,
    /// Its requirements specification; SDLC-NAME-RS where it is not said.
    #[serde(default)]
    pub(super) rs: Option<String>,
    /// Its traceability matrix; SDLC-NAME-RTM where it is not said.
    #[serde(default)]
    pub(super) rtm: Option<String>,
    /// What the ids of its requirements look like, `*` for the number; REQ-NAME-* where it is not said.
    #[serde(default)]
    pub(super) ids: Option<String>,
    /// The share of the lines that implement a requirement which its tests are to execute, in percent; 100 where it is not said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub(super) coverage: Option<u8>,
    /// `verified`: a step of a protected branch that changes the system has evidence of it in which no test failed.
    #[serde(default)]
    pub(super) merge: Option<FileMerge>,
}

/// What a step of a protected branch needs that changes a system.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FileMerge {
    Verified,
}

/// A house's own documents of a type: what it says comes on top of the template in force.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileType {
    /// Titles, without numbers, of sections that are open during execution, beyond those that the template shows as open.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) open: Vec<Spanned<String>>,
    /// Titles, without numbers, of sections that every document of the type has, beyond the template's.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) sections: Vec<Spanned<String>>,
    /// The item table, where the template's placeholders do not tell it.
    #[serde(default)]
    pub(super) items: Option<FileItems>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileItems {
    /// The title, without number, of the section that holds it.
    #[schemars(with = "String")]
    pub(super) section: Spanned<String>,
    /// What the ids of its rows begin with, such as "EI-"; as the template's first row where it is not said.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) id: Option<Spanned<String>>,
    /// The titles of its columns, by what they hold.
    #[schemars(
        with = "BTreeMap<String, String>",
        extend("propertyNames" = {"enum": ["outcome", "summary", "performer", "time", "evidence", "change", "vr"]})
    )]
    pub(super) columns: BTreeMap<String, Spanned<String>>,
}

/// One level for all protected branches, or levels by pattern of branch: of several that match the strictest.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum FileSignatures {
    All(Level),
    Branches(BTreeMap<String, Level>),
}

impl Default for FileSignatures {
    fn default() -> FileSignatures {
        FileSignatures::All(Level::Off)
    }
}

fn default_folder() -> String {
    "QMS".to_owned()
}
