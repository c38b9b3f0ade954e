//! `qms check`: what the server would say, asked at any time.

use anyhow::{Context, Result};

use super::push;
use super::session::Session;
use super::{hook, push::Update};
use crate::git::read::Reader;
use crate::model::finding::Finding;

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
    let anchor = push::assumed_anchor(&reader, to)?;
    let anchor = anchor
        .with_context(|| format!("`{text}` is not under change control; to begin: qms init"))?;
    let branch = session.repo.branch().unwrap_or_else(|| "HEAD".to_owned());
    let findings = match session.repo.mainline(to, Some(from))? {
        Some(chain) => push::steps(&reader, &chain, anchor, &branch)?,
        None => {
            // Not one above the other: as the branch would be merged into where it starts.
            let update = Update {
                name: format!("refs/heads/{branch}"),
                old: Some(from),
                new: Some(to),
            };
            push::judge(
                &reader,
                &update,
                push::Trust {
                    trunk: &branch,
                    anchor: Some(anchor),
                    tip: None,
                },
            )?
        }
    };
    Ok(Checked {
        what: text.to_owned(),
        findings,
    })
}

/// Everything since the protected branch as last fetched, or since the anchor that is assumed here; and what is
/// staged.
pub fn here(session: &Session) -> Result<Checked> {
    let reader = Reader::new(&session.repo);
    let head = session.head()?;
    let policy = session.policy(&reader)?;
    let anchor = push::assumed_anchor(&reader, head)?
        .context("this is not under change control; to begin: qms init")?;
    let base = match session.repo.fetched(&policy.branches.trunk) {
        Some(fetched) => session.repo.merge_base(head, fetched)?,
        None => None,
    };
    let since = base.unwrap_or(anchor);
    let chain = session
        .repo
        .mainline(head, Some(since))?
        .unwrap_or_else(|| vec![head]);
    let mut findings = push::steps(&reader, &chain, anchor, &policy.branches.trunk)?;
    findings.extend(hook::pre_commit(session)?);
    let what = match base {
        Some(_) => format!(
            "{} commits since `{}` was fetched, and what is staged",
            chain.len() - 1,
            policy.branches.trunk
        ),
        None => format!(
            "{} commits since {}, the anchor that is assumed here, and what is staged",
            chain.len() - 1,
            &anchor.to_string()[..10]
        ),
    };
    Ok(Checked { what, findings })
}
