//! `qms check`: what the server would say, asked at any time.

use anyhow::{Context, Result};

use super::due;
use super::hook;
use super::mainline::{self, Update};
use super::session::Session;
use crate::checks::tree;
use crate::git::read::Reader;
use crate::git::way::Way;
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::next;
use crate::model::path::TreePath;
use crate::model::workflow::Action;

/// What was looked at, and what was found.
pub struct Checked {
    pub what: String,
    pub findings: Vec<Finding>,
}

/// What is staged, as `pre-commit` sees it.
pub fn staged(session: &Session) -> Result<Checked> {
    Ok(Checked {
        what: "what is staged".into(),
        findings: hook::pre_commit(session)?,
    })
}

/// The commits of `A..B` as steps of a mainline that starts at `A`; a single revision is checked against its
/// first parent.
// Implements: REQ-QMS-CMD-CHECK
pub fn range(session: &Session, text: &str) -> Result<Checked> {
    let reader = Reader::new(&session.repo);
    let (from, to) = match text.split_once("..") {
        Some((from, to)) => {
            let named = |t: &str| session.repo.revision(if t.is_empty() { "HEAD" } else { t });
            (named(from)?, named(to)?)
        }
        None => {
            let to = session.repo.revision(text)?;
            let parent = session.repo.node(to)?.parents.first().copied();
            (
                parent.context("the first commit has nothing to be checked against")?,
                to,
            )
        }
    };
    let anchor = mainline::assumed_anchor(&reader, to)?;
    let anchor = anchor
        .with_context(|| format!("`{text}` is not under change control; to begin: qms init"))?;
    let policy = Session::policy_at(&reader, to)?;
    let (branch, trust) = (
        session.target(&policy),
        session.trust(&policy, Some(anchor)),
    );
    let findings = match session.repo.mainline(to, Some(from))? {
        Some(chain) => mainline::steps(&reader, &chain, &branch, trust, &judged(session))?,
        None => {
            // Not one above the other: as the branch would be merged into where it starts.
            let update = Update {
                name: format!("refs/heads/{branch}"),
                old: Some(from),
                new: Some(to),
            };
            mainline::judge(&reader, &update, trust)?
        }
    };
    Ok(Checked {
        what: text.to_owned(),
        findings,
    })
}

/// Everything that is missing for the next step of a document's owner, at any time; of a document that waits for others
/// or is at rest, whether it can be read and stands where it belongs.
pub fn document(session: &Session, id: &Id) -> Result<Checked> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let entry = session.entry(&reader, &policy, id)?;
    let path = id.path(&policy.folder);
    let mut findings = tree::entry(id, &path, &path, &entry);
    let mut what = id.to_string();
    if findings.is_empty() {
        let view = super::status::status(session, id)?;
        let turn = next::turn(&policy, &view);
        what = format!("{id}, {} {}", view.status, view.version);
        if let (Some(turn), Some(owner)) = (turn, &view.responsible_user)
            && turn.whose.contains(owner)
        {
            what.push_str(&format!(", for {}", turn.offer.command));
            findings = super::next::tried(session, id, turn.action, Some(owner))?;
            // To route is to ask its gates, and it was asked of the same text.
            if findings.is_empty() && turn.action == Action::RouteReview {
                return Ok(Checked { what, findings });
            }
        }
        // A move that is tried has lines of its own in the block; what it says of the text is said here already.
        let own = due::gates(session, &reader, &policy, id)?;
        let place = |f: &Finding| f.span.as_ref().map(|s| (s.column, s.text.clone()));
        let said = |f: &Finding| (f.rule.id, f.message.clone(), place(f));
        let known: Vec<_> = own.iter().map(said).collect();
        findings.retain(|f| !known.contains(&said(f)));
        findings.extend(own);
        findings.sort_by_key(|f| f.span.as_ref().map(|s| (s.line, s.column)));
    }
    Ok(Checked { what, findings })
}

/// Every document, and everything that is new here.
pub fn all(session: &Session) -> Result<Checked> {
    let (count, mut findings) = documents(session, |_| true)?;
    let rest = here(session)?;
    findings.extend(rest.findings);
    Ok(Checked {
        what: format!("{count} documents, {}", rest.what),
        findings,
    })
}

/// The documents at `HEAD` that are wanted: how many there are, what is wrong with them, and what they lack for the gates
/// that are next for them, which is not due yet.
pub(super) fn documents(
    session: &Session,
    wanted: impl Fn(&TreePath) -> bool,
) -> Result<(usize, Vec<Finding>)> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let tree = session.repo.tree_of(session.head()?)?;
    let (mut findings, mut count, mut good) = (Vec::new(), 0, Vec::new());
    for (path, raw) in session.repo.files_below(tree, &policy.folder)? {
        if let Some(id) = Id::of_path(&path, &policy.folder).filter(|_| wanted(&path)) {
            count += 1;
            let home = id.path(&policy.folder);
            let found = tree::entry(&id, &path, &home, &reader.entry(raw, true)?);
            if found.is_empty() {
                good.push((id, raw));
            }
            findings.extend(found);
        }
    }
    findings.extend(due::under_way(session, &policy, &good)?);
    Ok((count, findings))
}

/// Everything since the protected branch as last fetched, or since the anchor that is assumed here; and what is
/// staged.
pub fn here(session: &Session) -> Result<Checked> {
    let reader = Reader::new(&session.repo);
    let head = session.head()?;
    let policy = session.policy(&reader)?;
    let trunk = &policy.branches.trunk;
    let anchor = mainline::assumed_anchor(&reader, head)?
        .context("this is not under change control; to begin: qms init")?;
    let branch = session.repo.branch();
    let (count, mut findings, what) = match session.repo.fetched(trunk) {
        // A protected branch goes on from where it was; any other is judged as what it would bring in.
        Some(fetched) if branch.as_ref().is_some_and(|b| policy.protects(b)) => {
            let branch = branch.unwrap_or_default();
            let fetched = session.repo.fetched(&branch).unwrap_or(fetched);
            let ahead = session.repo.between(&[fetched], head)?.len();
            // What was fetched and is ahead of here brings nothing new.
            let name = format!("refs/heads/{branch}");
            let update = Update {
                name,
                old: Some(fetched),
                new: Some(head),
            };
            let trust = session.trust(&policy, Some(anchor));
            let findings = if ahead == 0 {
                Vec::new()
            } else {
                mainline::judge(&reader, &update, trust)?
            };
            (ahead, findings, format!("since `{branch}` was fetched"))
        }
        Some(fetched) => {
            let way = Way {
                current: true,
                ..Way::new(trunk, fetched, Some(anchor))
            };
            let (count, findings) = mainline::as_merged(&reader, &way, head, &judged(session))?;
            (count, findings, format!("since `{trunk}` was fetched"))
        }
        None => {
            let chain = session
                .repo
                .mainline(head, Some(anchor))?
                .unwrap_or_else(|| vec![head]);
            let findings = {
                let trust = session.trust(&policy, Some(anchor));
                mainline::steps(&reader, &chain, trunk, trust, &judged(session))?
            };
            let since = format!(
                "since {}, the anchor that is assumed here",
                mainline::short(anchor)
            );
            (chain.len() - 1, findings, since)
        }
    };
    findings.extend(hook::pre_commit(session)?);
    Ok(Checked {
        what: format!("{count} commits {what}, and what is staged"),
        findings,
    })
}

pub(super) fn judged(session: &Session) -> impl Fn(usize, usize) {
    |done, all| session.tell("steps judged", done, Some(all))
}
