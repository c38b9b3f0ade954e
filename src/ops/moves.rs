//! The moves that people make on a document that is there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::chain::{Chain, Made, Wish};
use super::session::Session;
use super::versions::{self, Which};
use super::workspace;
use crate::git::read::Reader;
use crate::git::write;
use crate::model::document::{self, Document};
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::state::Outcome;
use crate::model::trailer::Key;
use crate::model::workflow::{Action, Status};

/// What a command made, and what it warns of.
pub type Done = (Vec<Made>, Vec<Finding>);

/// Moves that need no more than the document.
// Implements: REQ-QMS-CMD-WITHDRAW, REQ-QMS-CMD-RELEASE, REQ-QMS-CMD-CLOSE, REQ-QMS-CMD-APPROVE,
// REQ-QMS-CMD-CANCEL
pub fn plain(session: &Session, id: &Id, action: Action) -> Result<Done> {
    one(session, Wish::new(id, action))
}

// Implements: REQ-QMS-CMD-REVERT
pub fn with_reason(session: &Session, id: &Id, action: Action, reason: &str) -> Result<Done> {
    one(session, Wish::new(id, action).say(Key::Reason, reason))
}

/// Checks a document out; an open round of one's own is withdrawn first.
pub fn checkout(session: &Session, id: &Id) -> Result<Done> {
    checkout_chain(Chain::begin(session)?, id)?.land()
}

/// The moves of a check-out, not landed.
// Implements: REQ-QMS-CMD-CHECKOUT
pub(super) fn checkout_chain<'s>(mut chain: Chain<'s>, id: &Id) -> Result<Chain<'s>> {
    if chain.document(id)?.state.status.is_open_round() {
        chain.step(&Wish::new(id, Action::Withdraw))?;
    }
    chain.step(&Wish::new(id, Action::Checkout))?;
    Ok(chain)
}

/// The same, with a copy to write in for somebody who cannot write here.
pub fn checkout_to(session: &Session, id: &Id, folder: &Path) -> Result<(Done, PathBuf)> {
    let copy = folder.join(format!("{id}.md"));
    if copy.exists() {
        bail!(
            "`{}` is there already; move it elsewhere, nothing is written over",
            copy.display()
        );
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make `{}`", folder.display()))?;
    let done = checkout(session, id)?;
    let moved = Session::open_again(session)?;
    let text = versions::read(&moved, id, &Which::Draft)?;
    write::replace(&copy, &text)?;
    Ok((done, copy))
}

/// The same for whoever is served; refused where the folder that is his own holds another text of it, since this one is
/// put there.
pub fn checkout_served(session: &Session, id: &Id) -> Result<Done> {
    if let Some(workspace) = workspace::of(session)? {
        let reader = Reader::new(&session.repo);
        let policy = session.policy(&reader)?;
        let document = session.document(&reader, &policy, id)?;
        workspace.takes(&id.path(&policy.folder), &document.text())?;
    }
    checkout(session, id)
}

/// Puts a document into the folder that is the caller's own, if he has one and writes nothing else there; says where.
pub fn to_workspace(session: &Session, id: &Id) -> Result<Option<TreePath>> {
    let Some(workspace) = workspace::of(session)? else {
        return Ok(None);
    };
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let (document, path) = (
        session.document(&reader, &policy, id)?,
        id.path(&policy.folder),
    );
    let taken = workspace.takes(&path, &document.text());
    let put = taken.and_then(|()| workspace.put(&path, document.bytes()));
    // The move was made; what his folder does not take he has in the answer.
    Ok(put.ok().map(|()| path))
}

/// The text of a document in the folder that is the caller's own.
pub fn in_workspace(session: &Session, id: &Id) -> Result<String> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    let path = id.path(&policy.folder);
    let bytes = workspace::needed(session)?.file(&path)?;
    String::from_utf8(bytes).with_context(|| format!("`{path}` in your workspace is not UTF-8"))
}

/// Checks in the copy that is in a folder.
pub fn checkin_from(session: &Session, id: &Id, folder: &Path) -> Result<Done> {
    let copy = folder.join(format!("{id}.md"));
    let file = std::fs::read(&copy).with_context(|| format!("cannot read `{}`", copy.display()))?;
    let text = document::text_of(&file);
    let text = text.with_context(|| {
        format!(
            "`{}` has no front matter between `---` lines",
            copy.display()
        )
    })?;
    one(
        session,
        Wish {
            text: Some(text),
            ..Wish::new(id, Action::Checkin)
        },
    )
}

/// Checks in a text that somebody sends; none: the document as it is.
pub fn checkin_text(session: &Session, id: &Id, text: Option<&str>) -> Result<Done> {
    let text = text.map(|text| sent(id, text)).transpose()?;
    one(
        session,
        Wish {
            text,
            ..Wish::new(id, Action::Checkin)
        },
    )
}

/// The text of a file that somebody sends; its managed block says nothing.
fn sent(id: &Id, text: &str) -> Result<Vec<u8>> {
    let text = document::text_of(text.as_bytes());
    text.with_context(|| {
        format!("the text has no front matter between `---` lines; send all of it, as qms_read shows {id}")
    })
}

/// Checks in what is written in the work tree.
pub fn checkin(session: &Session, id: &Id) -> Result<Done> {
    checkin_chain(Chain::begin(session)?, id)?.land()
}

// Implements: REQ-QMS-CMD-CHECKIN
pub(super) fn checkin_chain<'s>(mut chain: Chain<'s>, id: &Id) -> Result<Chain<'s>> {
    chain.step(&written(chain.session(), id)?)?;
    Ok(chain)
}

/// A check-in of the text as it stands in the work tree.
fn written(session: &Session, id: &Id) -> Result<Wish> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let path = id.path(&policy.folder);
    let mut wish = Wish::new(id, Action::Checkin);
    if let Some(file) = session.in_work_tree(&path)? {
        let text = document::text_of(&file);
        wish.text = Some(text.with_context(|| {
            format!("`{path}` has no front matter between `---` lines any more")
        })?);
    }
    Ok(wish)
}

/// Routes a document on; what the actor has checked out is checked in first.
pub fn route(session: &Session, id: &Id, approval: bool, retire: bool) -> Result<Done> {
    route_chain(Chain::begin(session)?, id, approval, retire)?.land()
}

// Implements: REQ-QMS-CMD-ROUTE
pub(super) fn route_chain<'s>(
    mut chain: Chain<'s>,
    id: &Id,
    approval: bool,
    retire: bool,
) -> Result<Chain<'s>> {
    let state = chain.document(id)?.state;
    if state.locked.is_some() && state.owner.as_deref() == Some(chain.actor()) {
        chain.step(&written(chain.session(), id)?)?;
    }
    let mut wish = Wish::new(
        id,
        if approval {
            Action::RouteApproval
        } else {
            Action::RouteReview
        },
    );
    if retire {
        wish = wish.say(Key::Ends, Status::Retired.as_str());
    }
    chain.step(&wish)?;
    Ok(chain)
}

/// Adds people to an open round, or opens it again for them; `removed` are let go if they have not spoken.
// Implements: REQ-QMS-CMD-ASSIGN
pub fn assign(
    session: &Session,
    id: &Id,
    assignees: &[String],
    removed: &[String],
) -> Result<Done> {
    let mut chain = Chain::begin(session)?;
    let state = chain.document(id)?.state;
    let pending = state
        .pending()
        .into_iter()
        .map(str::to_owned)
        .filter(|_| state.status.is_open_round());
    let mut asked: Vec<String> = pending.filter(|n| !removed.contains(n)).collect();
    asked.extend(assignees.iter().cloned());
    asked.sort();
    asked.dedup();
    let users = if asked.is_empty() {
        "-".to_owned()
    } else {
        asked.join(", ")
    };
    chain.step(&Wish::new(id, Action::Assign).say(Key::Users, users))?;
    chain.land()
}

// Implements: REQ-QMS-CMD-REVIEW
pub fn review(
    session: &Session,
    id: &Id,
    outcome: Outcome,
    comment: Option<String>,
) -> Result<Done> {
    let wish = Wish::new(id, Action::Review).say(Key::Outcome, outcome.as_str());
    one(session, Wish { comment, ..wish })
}

// Implements: REQ-QMS-CMD-REJECT
pub fn reject(session: &Session, id: &Id, comment: String) -> Result<Done> {
    one(
        session,
        Wish {
            comment: Some(comment),
            ..Wish::new(id, Action::Reject)
        },
    )
}

// Implements: REQ-QMS-CMD-TRANSFER
pub fn transfer(session: &Session, id: &Id, to: &str, reason: &str) -> Result<Done> {
    one(
        session,
        Wish::new(id, Action::Transfer)
            .say(Key::Users, to)
            .say(Key::Reason, reason),
    )
}

/// Gives a revision up: the text in force comes back. Words in the work tree that nobody committed are not lost.
// Implements: REQ-QMS-CMD-ABANDON
pub fn abandon(session: &Session, id: &Id, reason: &str) -> Result<Done> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let document = session.document(&reader, &policy, id)?;
    let path = id.path(&policy.folder);
    if session
        .in_work_tree(&path)?
        .is_some_and(|found| found != document.bytes())
    {
        bail!(
            "`{path}` has changes that are not committed; keep them (qms checkin {id}) or drop them (git restore {path})"
        );
    }
    let mut wish = Wish::new(id, Action::Abandon).say(Key::Reason, reason);
    if let Some(blob) = document.in_force_blob().and_then(|b| session.repo.oid(b)) {
        let in_force = Document::parse(session.repo.blob(blob)?)
            .ok()
            .context("the version in force cannot be read")?;
        wish.text = Some(in_force.text());
    }
    one(session, wish)
}

/// Mends how a document is set: the text is what the work tree has.
// Implements: REQ-QMS-CMD-FIX
pub fn fix(session: &Session, id: &Id, reason: &str) -> Result<Done> {
    let text = written(session, id)?.text;
    one(
        session,
        Wish {
            text,
            ..Wish::new(id, Action::Fix).say(Key::Reason, reason)
        },
    )
}

/// The same with a text that somebody sends.
pub fn fix_text(session: &Session, id: &Id, text: &str, reason: &str) -> Result<Done> {
    one(
        session,
        Wish {
            text: Some(sent(id, text)?),
            ..Wish::new(id, Action::Fix).say(Key::Reason, reason)
        },
    )
}

fn one(session: &Session, wish: Wish) -> Result<Done> {
    let mut chain = Chain::begin(session)?;
    chain.step(&wish)?;
    chain.land()
}
