//! What a clone is about to push, judged before it goes. Advice: the server decides.

use anyhow::Result;

use super::{Session, mainline, told};
use crate::checks::refs;
use crate::git::read::Reader;
use crate::model::finding::Finding;

/// What a clone is about to push, judged against the tips that the remote has. Advice. `input` is what git hands
/// to `pre-push`: `local-ref local-id remote-ref remote-id` a line.
// Implements: REQ-QMS-HOOK-PRE-PUSH
pub fn pre_push(session: &Session, input: &str) -> Result<Vec<Finding>> {
    let repo = &session.repo;
    let reader = Reader::new(repo);
    let mut findings = Vec::new();
    for update in told::pushed(input)? {
        let Some(branch) = update.branch() else {
            continue;
        };
        let Some(tip) = update
            .new
            .or(update.old)
            .filter(|id| repo.node(*id).is_ok())
        else {
            continue;
        };
        let Some(Ok(policy)) = reader.policy(tip)? else {
            continue;
        };
        if !policy.protects(branch) {
            continue;
        }
        if update.old.is_some_and(|old| repo.node(old).is_err()) {
            let message = format!("the remote's `{branch}` is at a commit that is not here");
            findings.push(refs::finding(&refs::REWRITTEN, message, branch));
            continue;
        }
        let anchor = mainline::assumed_anchor(&reader, tip)?;
        findings.extend(mainline::judge(
            &reader,
            &update,
            session.trust(&policy, anchor),
        )?);
    }
    Ok(findings)
}

/// What the pre-commit framework says of a push, as the line that git would have given: it reads git's lines itself,
/// and of several refs tells the first that has something new. Deletions it does not tell; the server sees all.
pub fn announced(session: &Session, says: impl Fn(&str) -> Option<String>) -> Result<String> {
    let (local, name) = (
        says("PRE_COMMIT_LOCAL_BRANCH"),
        says("PRE_COMMIT_REMOTE_BRANCH"),
    );
    let (Some(local), Some(name)) = (local, name) else {
        return Ok(String::new());
    };
    let repo = &session.repo;
    let new = says("PRE_COMMIT_TO_REF").unwrap_or_else(|| local.clone());
    let new = repo.revision(&new)?.to_string();
    // For a branch that the remote does not have, it names a commit that the remote has elsewhere.
    let remote = says("PRE_COMMIT_REMOTE_NAME").unwrap_or_default();
    let is_new = repo.config(&format!("remote.{remote}.url")).is_some()
        && name.strip_prefix("refs/heads/").is_some_and(|branch| {
            repo.resolve(&format!("refs/remotes/{remote}/{branch}"))
                .is_none()
        });
    let old = match says("PRE_COMMIT_FROM_REF").filter(|_| !is_new) {
        Some(old) => repo.revision(&old)?.to_string(),
        None => "0".repeat(new.len()),
    };
    Ok(format!("{local} {new} {name} {old}\n"))
}
