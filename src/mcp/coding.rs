//! Work on code without a work tree: the new state of paths as one commit.

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tool::{All, Call, Kind, Nothing, Tool, of};
use crate::model::browse::name;
use crate::model::synced::Sent;
use crate::ops::compose::{self, Edit, Work};
use crate::ops::{branches, remote, workspace};
use crate::report::json::{self, Found};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        of(
            "git_commit",
            Kind::Writes,
            "Commit work under a change: the new state of paths as a patch, as whole files, as deletions and moves. Every path has to be in the change's scope (qms_who tells). Nothing is half done: it is one commit, or refused with findings.",
            commit,
        )
        .branched(),
        of(
            "git_branch",
            Kind::Writes,
            "Make an execution branch of a change, where the served branch is now, for work that is not to be there yet: then give it to git_commit and git_push as `branch`. Without `name`, and where one is there already, the branch as it is.",
            branch,
        ),
        of(
            "git_branches",
            Kind::Reads,
            "The execution branches of a change, and where they are.",
            branches,
        ),
        of(
            "git_push",
            Kind::Writes,
            "Push the branch to the remote that the gateway is set up for; its server judges once more. Where others were first, what is here is made again on top of theirs, all of it or nothing.",
            push,
        )
        .branched(),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    path: String,
    /// The whole content, for text.
    text: Option<String>,
    /// The whole content in base64, for anything else.
    base64: Option<String>,
    /// Whether it may be run; as it is where nothing is said.
    executable: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    from: String,
    to: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Commit {
    /// The change that the work is for, such as CR-045; it has to be in execution.
    change: String,
    /// The execution item that it is for, such as EI-2.
    item: Option<String>,
    /// A subject of one line, and below a blank line why.
    message: String,
    /// A unified diff as git prints it, of any number of files.
    patch: Option<String>,
    #[serde(default)]
    files: Vec<File>,
    /// Paths to delete.
    #[serde(default)]
    delete: Vec<String>,
    /// Files to move.
    #[serde(default)]
    moves: Vec<Rename>,
    /// Files, and folders with all that is in them, that are taken from your own workspace as they are there; `.` is all of it.
    #[serde(default)]
    from_workspace: Vec<String>,
    /// The commit that you have read these files at: what others have changed of them since is not written over.
    based_on: Option<String>,
    /// Only judge it.
    #[serde(default)]
    dry_run: bool,
}

/// What was committed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Committed {
    /// Null of what was only judged.
    pub(super) commit: Option<String>,
    pub(super) subject: String,
    /// The paths that it changes.
    pub(super) paths: Vec<String>,
    pub(super) warnings: Vec<Found>,
}

// Implements: REQ-QMS-TOOL-GIT-COMMIT
fn commit(call: &Call, asked: Commit) -> Result<Committed> {
    let session = &call.session;
    let mut edits = Vec::new();
    for Rename { from, to } in &asked.moves {
        let (from, to) = (name::path(from)?, name::path(to)?);
        edits.push(Edit::Move { from, to });
    }
    for path in &asked.delete {
        edits.push(Edit::Delete(name::path(path)?));
    }
    for file in asked.files {
        edits.push(written(file)?);
    }
    if !asked.from_workspace.is_empty() {
        let taken = workspace::needed(session)?.files(&asked.from_workspace)?;
        edits.extend(taken.into_iter().map(|file| Edit::Write {
            path: file.path,
            bytes: file.bytes,
            executable: Some(file.executable),
        }));
    }
    edits.extend(asked.patch.map(Edit::Patch));
    if edits.is_empty() {
        bail!(
            "nothing is said of any path: give `patch`, `files`, `delete`, `moves` or `from_workspace`"
        );
    }
    let seen = asked.based_on.as_deref().map(name::revision).transpose()?;
    let work = Work {
        change: session.id(&asked.change)?,
        item: asked.item,
        message: asked.message,
        edits,
        seen: seen.map(str::to_owned),
        dry_run: asked.dry_run,
    };
    let made = compose::commit(session, &work)?;
    Ok(Committed {
        commit: made.commit.map(|id| id.to_string()),
        subject: made.subject,
        paths: made.paths.iter().map(name::text).collect(),
        warnings: json::findings(&made.warnings),
    })
}

fn written(file: File) -> Result<Edit> {
    let path = name::path(&file.path)?;
    let bytes = match (file.text, file.base64) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(code)) => BASE64_STANDARD
            .decode(code)
            .with_context(|| format!("`base64` of `{path}` is none"))?,
        _ => bail!("`{path}` needs its whole content: `text` or `base64`, one of them"),
    };
    Ok(Edit::Write {
        path,
        bytes,
        executable: file.executable,
    })
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Branching {
    /// The change, such as CR-045; it has to be in execution.
    change: String,
    /// What comes behind its id in the name of the branch, such as fix-start.
    name: Option<String>,
}

/// An execution branch.
#[derive(Debug, Serialize, JsonSchema)]
struct Branch {
    branch: String,
    /// The commit that it is at.
    at: String,
    /// Whether it was made just now.
    made: bool,
}

impl Branch {
    fn of(branch: branches::Branch, made: bool) -> Branch {
        Branch {
            branch: branch.name,
            at: branch.tip.to_string(),
            made,
        }
    }
}

// Implements: REQ-QMS-TOOL-GIT-BRANCH
fn branch(call: &Call, asked: Branching) -> Result<Branch> {
    let change = call.session.id(&asked.change)?;
    let (branch, made) = branches::open(&call.session, &change, asked.name.as_deref())?;
    Ok(Branch::of(branch, made))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfChange {
    /// The change, such as CR-045.
    change: String,
}

// Implements: REQ-QMS-TOOL-GIT-BRANCHES
fn branches(call: &Call, asked: OfChange) -> Result<All<Branch>> {
    let change = call.session.id(&asked.change)?;
    let all = branches::all(&call.session, &change)?;
    Ok(All {
        all: all.into_iter().map(|b| Branch::of(b, false)).collect(),
    })
}

// Implements: REQ-QMS-TOOL-GIT-PUSH
fn push(call: &Call, _: Nothing) -> Result<Sent> {
    let sent = remote::push_served(&call.session)?;
    if !sent.done {
        let again = if sent.raced {
            "somebody else was first: "
        } else {
            ""
        };
        bail!(
            "`{}` did not take it: {again}{}",
            sent.remote,
            sent.said.trim()
        );
    }
    Ok(sent)
}
