//! One step to judge, as plain data: what a commit (or an index) would do to the tree of its parent, and what
//! the rules need to know around it. Read by `git`, judged by `checks`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::apply::Under;
use super::body::Form;
use super::cited::Cited;
use super::document::Document;
use super::finding::CommitName;
use super::ident::Ident;
use super::kind::Id;
use super::path::TreePath;
use super::policy::Policy;
use super::qualified::{Qualified, Shown};
use super::scope::Scope;
use super::span::Flaw;

/// The commit, as far as it is known yet.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// In full; empty while it is being made.
    pub id: String,
    /// It is an annotated tag: author and committer are its tagger, and its message says nothing of who acts.
    pub is_tag: bool,
    pub author: Ident,
    pub committer: Ident,
    /// The message's bytes; none in `pre-commit`, where nobody has written it yet.
    pub message: Option<Vec<u8>>,
    /// Names of headers that change how a message reads, such as `encoding`.
    pub odd_headers: Vec<String>,
    pub signature: Option<Signature>,
}

/// A commit's signature as its header holds it, and the bytes that it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub armor: Vec<u8>,
    pub payload: Vec<u8>,
}

impl Commit {
    /// What it is, in a sentence.
    pub fn what(&self) -> &'static str {
        match self.is_tag {
            true => "tag",
            false => "commit",
        }
    }

    pub fn name(&self) -> CommitName {
        let message = self.message.as_deref().unwrap_or_default();
        let subject = message.split(|b| *b == b'\n').next().unwrap_or_default();
        CommitName {
            id: self.id.clone(),
            subject: shown(subject),
            who: shown(self.author.name.as_bytes()),
        }
    }
}

/// As much of a text as a finding shows, on one line.
fn shown(text: &[u8]) -> String {
    TreePath::new(text).to_string().chars().take(200).collect()
}

/// One side of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub mode: u32,
    /// Object id, in full.
    pub id: String,
    /// The document, where the path is one by its name, or what keeps it from being read.
    pub document: Option<Loaded>,
    /// Where a symbolic link leads, as it is written.
    pub link: Option<TreePath>,
}

pub const REGULAR: u32 = 0o100_644;
pub const EXECUTABLE: u32 = 0o100_755;
pub const FOLDER: u32 = 0o040_000;
pub const SYMLINK: u32 = 0o120_000;
pub const GITLINK: u32 = 0o160_000;

/// A document, or why it is none.
pub type Loaded = Arc<Result<Document, Vec<Flaw>>>;

/// A path that the step changes: another mode or id, added or gone. A rename is a deletion and an addition.
#[derive(Debug, Clone, PartialEq)]
pub struct PathChange {
    pub path: TreePath,
    pub before: Option<Entry>,
    pub after: Option<Entry>,
}

/// The documents of one tree, as far as somebody wanted them. Not there: the tree has no such file.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    pub documents: BTreeMap<Id, Entry>,
}

impl Tree {
    /// A document that could be read.
    pub fn read(&self, id: &Id) -> Option<&Document> {
        self.documents
            .get(id)?
            .document
            .as_ref()?
            .as_ref()
            .as_ref()
            .ok()
    }

    /// The children of a document, at any depth where `deep`.
    pub fn children<'a>(&'a self, id: &'a Id) -> impl Iterator<Item = &'a Id> {
        self.documents
            .keys()
            .filter(move |child| child.parent().as_ref() == Some(id))
    }
}

/// The policy that a step leaves behind, where it changes `qms.yaml`.
#[derive(Debug, Clone)]
pub struct PolicyAfter {
    /// `sha256:…` of the file before.
    pub before: String,
    /// None where the file is gone.
    pub parsed: Option<Result<Arc<Policy>, Vec<Flaw>>>,
}

/// By which way a step enters: the mainline step that brings it in, as far as judging takes it. Source: model.md
/// "Authority".
#[derive(Debug, Clone, Default)]
pub struct Passage {
    /// The branch that takes it in, without `refs/heads/`.
    pub branch: String,
    /// P's time: the latest committer date of its first-parent chain since the anchor, in seconds; read only where
    /// something is judged by it, else the least there is.
    pub time: i64,
    /// The change in whose name the step brings in what nobody answers for.
    pub lends: Option<Arc<Lent>>,
    /// Away from the trunk no document moves, and work names the trunk's commit that authorizes it.
    pub away: bool,
    /// What `QMS-Authority` names, where it counts.
    pub authority: Option<Authority>,
}

/// The change that a mainline step names for commits without trailers of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Lent {
    pub id: Id,
    pub scope: Scope,
    /// The step.
    pub by: CommitName,
}

/// A commit of the trunk whose documents and people authorize work that was done elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// As the trailer has it.
    pub named: String,
    /// What is wrong with it, if anything.
    pub flaw: Option<String>,
}

/// A path that both sides of a merge changed and that is never merged by content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contested {
    pub path: TreePath,
    /// Neither side has it from the other: two documents of one name.
    pub twice: bool,
}

/// What a merge puts together: two sides that are each legal can be illegal together.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// Documents that either side moved since the merge base, of families that both sides moved: where only one did, it
    /// was judged there.
    pub moved: Vec<Id>,
    /// Those, all above them and all children, in the merge's own tree.
    pub tree: Tree,
    /// Changes that one side took out of execution, each with a commit under it on the other side.
    pub overtaken: Vec<(Id, CommitName)>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Change {
    pub commit: Commit,
    pub passage: Passage,
    /// Ids of the parents, in full.
    pub parents: Vec<String>,
    /// At P.
    pub policy: Arc<Policy>,
    /// At the merge base with P.
    pub asking: Arc<Policy>,
    /// The policy of the step's own parent, which an enrolment or a work commit changes.
    pub own: Arc<Policy>,
    /// What differs from the parent; of a merge, only what the merge itself adds.
    pub paths: Vec<PathChange>,
    /// Documents and the policy, where both sides of a merge moved them.
    pub contested: Vec<Contested>,
    pub merged: Merged,
    /// Paths that come with the step and cannot be told apart from another in its tree.
    pub twins: Vec<(TreePath, TreePath)>,
    pub policy_after: Option<PolicyAfter>,
    /// The documents that `Wanted` names, in the own parent's tree, at P and at the merge base with P.
    pub before: Tree,
    pub at_p: Tree,
    pub at_base: Tree,
    pub under: Option<Under>,
    /// The systems that the change touched, where it is to close.
    pub qualified: Vec<Qualified>,
    /// Systems that a mainline step changes, where the policy asks for evidence of what it makes of them.
    pub shown: Vec<(String, Shown)>,
    /// Document files in the own parent's tree, where the step adds one.
    pub names: Vec<TreePath>,
    /// The version in force, where `abandon` brings it back.
    pub in_force: Option<Loaded>,
    /// What documents of the moved one's type are made of, where its text is judged.
    pub form: Option<Arc<Form>>,
    /// What its text names beside documents, where that is judged.
    pub cited: Cited,
    /// The template in force, where an attachment is made from it.
    pub template: Option<Loaded>,
}
