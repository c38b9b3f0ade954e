//! Work on code: which change it is for, and the trailers that a plain `git commit` gets.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::session::Session;
use crate::git::read::Reader;
use crate::git::sign::Signer;
use crate::git::trees::Differs;
use crate::model::apply::{self, Step};
use crate::model::kind::Id;
use crate::model::policy::Policy;
use crate::model::round::Policies;
use crate::model::scope::Sort;
use crate::model::trailer::{Key, Trailers};
use crate::model::workflow::Action;

/// The change that work is for, and its execution item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct InUse {
    pub change: Id,
    pub item: Option<String>,
}

impl serde::Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Kept per work tree, beside its index.
fn place(session: &Session) -> PathBuf {
    session.repo.git_dir().join("qms-use")
}

/// Says which change this work tree works under.
// Implements: REQ-QMS-CMD-USE
pub fn use_change(session: &Session, id: &Id, item: Option<&str>) -> Result<InUse> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    session.document(&reader, &policy, id)?;
    if !id.kind().has_scope {
        bail!("{id} is no change; work is done under a CR, VAR or ADD: qms list");
    }
    if item
        .is_some_and(|i| i.is_empty() || !i.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
    {
        bail!(
            "`{}` is no execution item; items look like EI-2",
            item.unwrap_or_default()
        );
    }
    let text = format!("{id}\n{}\n", item.unwrap_or_default());
    crate::git::write::replace(&place(session), text.trim_end().as_bytes())?;
    Ok(InUse {
        change: id.clone(),
        item: item.map(str::to_owned),
    })
}

/// The change in use: by the environment (`qms commit --change`), by `qms use`, or by the branch's name.
pub fn in_use(session: &Session) -> Option<InUse> {
    let read = |change: &str, item: Option<&str>| {
        let change = Id::parse(change.trim()).filter(|id| id.kind().has_scope)?;
        Some(InUse {
            change,
            item: item.map(|i| i.trim().to_owned()).filter(|i| !i.is_empty()),
        })
    };
    if let Ok(change) = std::env::var("QMS_CHANGE") {
        return read(&change, std::env::var("QMS_ITEM").ok().as_deref());
    }
    if let Ok(text) = std::fs::read_to_string(place(session)) {
        let mut lines = text.lines();
        return read(lines.next()?, lines.next());
    }
    by_branch(&session.repo.branch()?).and_then(|id| read(&id, None))
}

/// `CR-045-fix-start`, `feature/cr-045`, `CR-045-VAR-001`: the longest id that a component begins with.
fn by_branch(branch: &str) -> Option<String> {
    let of = |component: &str| {
        let words: Vec<&str> = component.split(['-', '_', '.']).collect();
        (1..=words.len())
            .rev()
            .map(|n| words[..n].join("-").to_ascii_uppercase())
            .find(|t| Id::parse(t).is_some())
    };
    branch.split('/').rev().find_map(of)
}

/// The trailers that the staged changes need and the person has not written: of work under the change in use, or
/// of an edit of the one document that is checked out. `None`: none, or nothing can be said.
pub fn trailers(
    session: &Session,
    reader: &Reader<'_>,
    staged: &[Differs],
    used: Option<&InUse>,
) -> Result<Option<Trailers>> {
    let Some(Ok(policy)) = reader.policy(session.p(reader)?)? else {
        return Ok(None);
    };
    let (author, _) = session.repo.names()?;
    let Some(actor) = policy.people.known_as(&author).map(str::to_owned) else {
        return Ok(None);
    };
    let sorts: Vec<Sort> = staged
        .iter()
        .map(|d| policy.sort(&d.path, &[&actor]))
        .collect();
    let merging = !session.repo.merge_heads().is_empty();
    if let ([Sort::Document(id)], [differs], false) = (&sorts[..], staged, merging) {
        return edit(session, reader, &policy, &actor, id, differs);
    }
    let controlled = sorts.iter().any(|s| matches!(s, Sort::Controlled { .. }));
    let used = used.filter(|_| controlled);
    used.map(|used| work(session, reader, used, actor))
        .transpose()
}

/// The trailers of a work commit; away from the trunk also by which commit of it the work goes.
pub(super) fn work(
    session: &Session,
    reader: &Reader<'_>,
    used: &InUse,
    actor: String,
) -> Result<Trailers> {
    let mut trailers = Trailers::new([(Key::Change, used.change.to_string()), (Key::Actor, actor)]);
    if let Some(item) = &used.item {
        trailers.set(Key::Item, item.clone());
    }
    if let Some(away) = session.way(reader)?.away {
        trailers.set(Key::Authority, away.trunk.to_string());
    }
    Ok(trailers)
}

fn edit(
    session: &Session,
    reader: &Reader<'_>,
    policy: &Policy,
    actor: &str,
    id: &Id,
    differs: &Differs,
) -> Result<Option<Trailers>> {
    let (Some(before), Some(after)) = (differs.before, differs.after) else {
        return Ok(None);
    };
    let (before, after) = (reader.document(before.id)?, reader.document(after.id)?);
    let (Ok(before), Ok(after)) = (before.as_ref(), after.as_ref()) else {
        return Ok(None);
    };
    let mut trailers = Trailers::new([
        (Key::Action, Action::Edit.as_str().to_owned()),
        (Key::Document, id.to_string()),
        (Key::Actor, actor.to_owned()),
        (Key::Before, before.file_digest()),
    ]);
    let asking = session.policy(reader)?;
    let step = Step {
        id,
        action: Action::Edit,
        actor,
        co_authors: &[],
        trailers: &trailers.clone(),
        policies: Policies {
            acting: policy,
            asking: &asking,
        },
        before: Some(before),
        blob: "",
        after,
        under: None,
    };
    let state = step.apply().unwrap_or_else(|| before.state.clone());
    apply::complete(&mut trailers, Action::Edit, Some(before), &state);
    Ok(Some(trailers))
}

/// A commit of work, made by `git commit` itself with git's own flags and paths: hooks, signing and everything
/// else behave as always. Answers with git's exit code.
pub fn commit(
    session: &Session,
    message: &str,
    used: Option<InUse>,
    rest: &[std::ffi::OsString],
) -> Result<i32> {
    session.repo.recover()?;
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let used = used.or_else(|| in_use(session));
    let head = session.repo.tree_of(session.head()?)?;
    let known = trailers(
        session,
        &reader,
        &session.repo.staged(Some(head))?,
        used.as_ref(),
    )?;
    let composed = match (&known, &used) {
        // git's own flags may stage more than is staged now: then it is work under the change.
        (None, Some(used)) => Some(work(session, &reader, used, session.actor(&policy)?)?),
        _ => known,
    };
    if let (Some(used), None) = (&used, session.way(&reader)?.away) {
        session.document(&reader, &policy, &used.change)?;
    }
    let mut text = message.trim_end().to_owned();
    if let Some(trailers) = composed {
        text = super::wish::written(&trailers, &text)?;
    }
    let way = session.way(&reader)?;
    let judging = Session::policy_at(&reader, way.p)?;
    let signer = super::signing::signer(&session.repo, &judging, &way.branch)?;
    let mut git = std::process::Command::new("git");
    git.args(signer.iter().flat_map(Signer::for_git))
        .arg("commit")
        .args(signer.iter().map(|_| "-S"));
    git.arg("-m").arg(text.trim_end()).args(rest);
    if let Some(used) = &used {
        git.env("QMS_CHANGE", used.change.as_str());
        git.env("QMS_ITEM", used.item.as_deref().unwrap_or_default());
    }
    let status = git.status().context("cannot start git")?;
    Ok(status.code().unwrap_or(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_says_which_change_it_is_for() {
        for (branch, change) in [
            ("CR-045", Some("CR-045")),
            ("CR-045-fix-start", Some("CR-045")),
            ("claude/cr-045-var-001_x", Some("CR-045-VAR-001")),
            ("main", None),
            ("fix/45", None),
        ] {
            assert_eq!(by_branch(branch).as_deref(), change, "{branch}");
        }
    }
}
