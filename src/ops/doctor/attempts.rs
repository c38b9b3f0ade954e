//! What is forbidden, as commits that can be made of any governed repository: who makes them, which file they change,
//! which change or user they wrongly name.

use anyhow::{Context, Result};

use super::scratch::{At, Scratch};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::ident::Ident;
use crate::model::kind::{Id, KINDS};
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::scope::{Scope, Sort};
use crate::model::workflow::Status;

/// Names for a new file; the last is controlled whatever the policy says.
const FILES: &[&str] = &[
    "qms-doctor.c",
    "src/qms-doctor.c",
    ".github/workflows/qms-doctor.yml",
];
/// A number that nobody has given out.
const NO_NUMBER: u32 = 999_999;
/// A document that was never written.
const TYPED: &str = "---\ntitle: Typed\nrevision_summary: Typed\nqms:\n  status: EFFECTIVE\n  version: \"1.0\"\n  \
                     owner: nobody\n---\n\nText\n";

/// What the attempts are made of.
pub(super) struct Material {
    /// A user of the policy who may start work, as his commits name him.
    pub(super) author: Ident,
    user: String,
    /// Somebody else, for whom he answers.
    other: String,
    /// A new file at a controlled path.
    controlled: String,
    /// A change that does not allow it.
    change: Id,
    /// A document with a state that no move gave it: path and text.
    typed: (String, Vec<u8>),
    /// A new file at a free path, if there are any.
    free: Option<String>,
}

/// A commit to try: one that must not be made or let in, or the one that must.
pub(super) struct Attempt {
    /// The change that is in use while it is made.
    pub(super) under: Option<Id>,
    pub(super) message: String,
    /// The file that it changes, and its text.
    file: Option<(String, Vec<u8>)>,
    /// Rules of which one is meant to stop it; none where nothing may.
    pub(super) rules: &'static [&'static str],
}

impl Material {
    pub(super) fn gather(reader: &Reader<'_>, policy: &Policy, tip: Oid) -> Result<Material> {
        let active = policy.people.0.iter().filter(|(_, u)| !u.left);
        let people: Vec<_> = active.collect();
        let (user, known) = people
            .iter()
            .find(|(_, u)| u.initiates())
            .or(people.first())
            .context("the policy has no user who has not left")?;
        let mail = known.emails.first().cloned();
        let mail = mail.unwrap_or_else(|| format!("{user}@localhost"));
        let other = people.iter().find(|(name, _)| name != user);
        let other = other.map_or("somebody-else", |(name, _)| name.as_str());
        let tree = reader.repo.tree_of(tip)?;
        let sort = |path: &str| policy.sort(&TreePath::from(path), &[user]);
        let mut controlled = None;
        for path in FILES {
            let is_new = reader.repo.entry(tree, &TreePath::from(*path))?.is_none();
            if is_new && matches!(sort(path), Sort::Controlled { .. }) {
                controlled = Some((*path).to_owned());
                break;
            }
        }
        let controlled = controlled.context("no controlled path is left to try")?;
        let mut documents = Vec::new();
        for (path, raw) in reader.repo.files_below(tree, &policy.folder)? {
            if let Some(id) = Id::at_home(&path, &policy.folder) {
                documents.push((id, path, raw));
            }
        }
        let change = open(reader, &documents, &controlled)?;
        let typed = match documents.first() {
            Some((_, path, raw)) => (path.to_string(), typed(&reader.repo.blob(raw.id)?)),
            None => {
                let id = Id::numbered(&KINDS[0], None, 1);
                (id.path(&policy.folder).to_string(), TYPED.into())
            }
        };
        let free = ["qms-doctor.md", "docs/qms-doctor.md"];
        let free = free.into_iter().find(|path| sort(path) == Sort::Free);
        Ok(Material {
            author: Ident::new(user, &mail),
            user: (*user).clone(),
            other: other.to_owned(),
            controlled,
            change,
            typed,
            free: free.map(str::to_owned),
        })
    }

    /// Work under a change that does not allow it.
    pub(super) fn out_of_scope(&self) -> Attempt {
        Attempt {
            under: Some(self.change.clone()),
            message: format!(
                "Try\n\nQMS-Change: {}\nQMS-Actor: {}\n",
                self.change, self.user
            ),
            file: Some((self.controlled.clone(), b"try\n".into())),
            rules: &["out-of-scope", "unknown-change"],
        }
    }

    /// Work that names no change.
    pub(super) fn without_authority(&self) -> Attempt {
        Attempt {
            under: None,
            message: "Try\n".to_owned(),
            file: Some((self.controlled.clone(), b"try\n".into())),
            rules: &["no-change"],
        }
    }

    /// Work that somebody else is to answer for.
    pub(super) fn forged_actor(&self) -> Attempt {
        Attempt {
            under: None,
            message: format!(
                "Try\n\nQMS-Change: {}\nQMS-Actor: {}\n",
                self.change, self.other
            ),
            file: Some((self.controlled.clone(), b"try\n".into())),
            rules: &["actor-mismatch", "unknown-user"],
        }
    }

    /// A state that is typed into a document.
    pub(super) fn typed_state(&self) -> Attempt {
        Attempt {
            under: None,
            message: "Try\n".to_owned(),
            file: Some(self.typed.clone()),
            // A clone's hooks take it for an edit, which may fail for more reasons.
            rules: &[
                "document-without-move",
                "managed-block",
                "wrong-state",
                "not-allowed",
                "locked",
            ],
        }
    }

    /// What must pass: a free file, or nothing.
    pub(super) fn legal(&self) -> Attempt {
        Attempt {
            under: None,
            message: "Try what is allowed\n".to_owned(),
            file: self.free.clone().map(|path| (path, b"try\n".into())),
            rules: &[],
        }
    }
}

impl Attempt {
    /// Puts its file into the clone's index, on top of a commit.
    pub(super) fn stage(&self, scratch: &Scratch, tip: Oid) -> Result<()> {
        scratch.plain(At::Clone, &["read-tree", &tip.to_string()])?;
        if let Some((path, text)) = &self.file {
            let blob = scratch.fed(At::Clone, &["hash-object", "-w", "--stdin"], text)?;
            let args = [
                "update-index",
                "--add",
                "--cacheinfo",
                "100644",
                &blob,
                path,
            ];
            scratch.plain(At::Clone, &args)?;
        }
        Ok(())
    }

    /// Makes the commit behind the back of every hook.
    pub(super) fn write(&self, scratch: &Scratch, tip: Oid) -> Result<String> {
        self.stage(scratch, tip)?;
        let tree = scratch.plain(At::Clone, &["write-tree"])?;
        let args = ["commit-tree", &tree, "-p", &tip.to_string(), "-F", "-"];
        scratch.fed(At::Clone, &args, self.message.as_bytes())
    }
}

/// A change in execution that does not cover the path, else one that is not there.
fn open(
    reader: &Reader<'_>,
    documents: &[(Id, TreePath, crate::git::trees::Raw)],
    path: &str,
) -> Result<Id> {
    let path = TreePath::from(path);
    for (id, _, raw) in documents.iter().filter(|(id, ..)| id.kind().name == "CR") {
        if id.parent().is_some() {
            continue;
        }
        if let Ok(document) = reader.document(raw.id)?.as_ref()
            && document.state.status == Status::InExecution
            && !Scope::of(document).covers(&path, true)
        {
            return Ok(id.clone());
        }
    }
    let kind = KINDS.iter().find(|k| k.name == "CR");
    Ok(Id::numbered(
        kind.context("there are changes")?,
        None,
        NO_NUMBER,
    ))
}

/// A document with another status in its managed block.
fn typed(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let new = |line: &str| match line.contains("EFFECTIVE") {
        true => "  status: DRAFT\n",
        false => "  status: EFFECTIVE\n",
    };
    let mut out = String::new();
    let mut done = false;
    for line in text.split_inclusive('\n') {
        if !done && line.starts_with("  status: ") {
            out.push_str(new(line));
            done = true;
        } else {
            out.push_str(line);
        }
    }
    out.into_bytes()
}
