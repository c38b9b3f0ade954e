//! Where `HEAD` stands: branch, commit, and how far it is from what was last fetched.

use anyhow::Result;

use super::{Session, commit};
use crate::git::Oid;
use crate::model::browse::answer::{Remote, Standing};

/// Where `HEAD` stands.
pub fn status(session: &Session) -> Result<Standing> {
    let head = session.tip();
    let branch = session.repo.branch();
    let subject = head.map(|id| commit(session, id)).transpose()?;
    let remote = match (&branch, head) {
        (Some(branch), Some(head)) => remote(session, branch, head)?,
        _ => None,
    };
    Ok(Standing {
        branch,
        head: head.map(|id| id.to_string()),
        subject: subject.map(|commit| commit.subject),
        remote,
        in_progress: session.repo.in_progress().map(str::to_owned),
    })
}

/// The branch of the same name as last fetched: from `origin`, else from the first remote that has it.
fn remote(session: &Session, branch: &str, head: Oid) -> Result<Option<Remote>> {
    const ALL: &str = "refs/remotes/";
    let origin = format!("{ALL}origin/{branch}");
    let found = match session.repo.resolve(&origin) {
        Some(id) => Some((origin, id)),
        None => {
            let end = format!("/{branch}");
            let refs = session.repo.all_refs()?.into_iter();
            let same = refs.filter(|(name, _)| {
                let remote = name.strip_prefix(ALL).and_then(|n| n.strip_suffix(&end));
                remote.is_some_and(|remote| !remote.is_empty() && !remote.contains('/'))
            });
            same.min()
        }
    };
    let Some((name, id)) = found else {
        return Ok(None);
    };
    let apart = session.repo.apart(head, id)?;
    Ok(Some(Remote {
        name: name.trim_start_matches(ALL).to_owned(),
        head: id.to_string(),
        ahead: apart.map(|(ahead, _)| ahead),
        behind: apart.map(|(_, behind)| behind),
    }))
}
