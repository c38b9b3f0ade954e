//! What the hooks of a clone ask: the index that git names, judged as the commit that it is about to become.
//! They inform; they never refuse amend, reset, rebase, stash or fetch. The server decides.

use anyhow::{Result, bail};

use super::session::Session;
use super::work;
use crate::checks;
use crate::git::Oid;
use crate::git::read::{Draft, Reader};
use crate::git::trees::Differs;
use crate::git::way::Way;
use crate::model::change::Commit;
use crate::model::finding::{Finding, Severity};
use crate::model::policy::Policy;
use crate::model::trailer;

/// Judges what is staged, with the trailers that it would get; nobody has written the message yet.
// Implements: REQ-QMS-HOOK-PRE-COMMIT
pub fn pre_commit(session: &Session) -> Result<Vec<Finding>> {
    if session.repo.is_on_the_way() {
        bail!(
            "a qms command is under way here, or was killed half way, and what is staged may be others' work; first: qms sync"
        );
    }
    let reader = Reader::new(&session.repo);
    let Some(at) = At::look(session, &reader)? else {
        return Ok(Vec::new());
    };
    let staged = session.repo.staged_and_kept(at.tree)?;
    if staged.is_empty() {
        return Ok(Vec::new());
    }
    let used = work::in_use(session);
    let message = if at.merging() {
        None
    } else {
        work::trailers(session, &reader, &staged, used.as_ref())?
    };
    let message = message
        .and_then(|t| t.write("…").ok())
        .map(String::into_bytes);
    judge(session, &reader, &at, staged, message, None)
}

/// Judges the commit with the message that it will have.
// Implements: REQ-QMS-HOOK-COMMIT-MSG
pub fn commit_msg(session: &Session, message: &str) -> Result<Vec<Finding>> {
    let reader = Reader::new(&session.repo);
    let Some(at) = At::look(session, &reader)? else {
        return Ok(Vec::new());
    };
    let staged = session.repo.staged_as_kept(at.tree)?;
    let comment = comment_char(session);
    let message = cleaned(message, &comment).into_bytes();
    judge(
        session,
        &reader,
        &at,
        staged,
        Some(message.clone()),
        Some(message),
    )
}

/// The message file with the trailers that the commit needs; `None` where it is to stay as it is.
// Implements: REQ-QMS-HOOK-PREPARE-COMMIT-MSG
pub fn prepare_commit_msg(
    session: &Session,
    message: &str,
    source: Option<&str>,
) -> Result<Option<String>> {
    if matches!(source, Some("squash" | "commit")) || trailer::carries(message.as_bytes()) {
        return Ok(None);
    }
    let reader = Reader::new(&session.repo);
    let Some(at) = At::look(session, &reader)? else {
        return Ok(None);
    };
    let staged = session.repo.staged_as_kept(at.tree)?;
    let used = work::in_use(session);
    // A merge that decides nothing is nobody's work; what it adds is.
    let folder = &session.policy(&reader)?.folder;
    let own = reader.own_part(&at.parents, staged, folder)?;
    let Some(trailers) = work::trailers(session, &reader, &own, used.as_ref())? else {
        return Ok(None);
    };
    let comment = comment_char(session);
    let (text, rest) = split_comments(message, &comment);
    // Without a subject yet, the person writes it above the block.
    let block = match trailers.write(if text.trim().is_empty() { "…" } else { text }) {
        Ok(written) if text.trim().is_empty() => written.replacen('…', "", 1),
        Ok(written) => written,
        Err(_) => return Ok(None),
    };
    Ok(Some(format!(
        "{block}{}{rest}",
        if rest.is_empty() { "" } else { "\n" }
    )))
}

/// Where the work tree stands.
struct At {
    head: Oid,
    tree: Oid,
    parents: Vec<Oid>,
}

impl At {
    /// `None` where nothing is judged: on an unborn branch, on one from before the policy, in a sandbox.
    fn look(session: &Session, reader: &Reader<'_>) -> Result<Option<At>> {
        let Some(head) = session.tip() else {
            return Ok(None);
        };
        let sandbox = |policy: &Policy| {
            let branch = session.repo.branch();
            branch.is_some_and(|b| policy.is_sandbox(&b))
        };
        match reader.policy(head)? {
            None => return Ok(None),
            Some(Ok(policy)) if sandbox(&policy) => return Ok(None),
            Some(_) => {}
        }
        let parents = [vec![head], session.repo.merge_heads()].concat();
        Ok(Some(At {
            head,
            tree: session.repo.tree_of(head)?,
            parents,
        }))
    }

    fn merging(&self) -> bool {
        self.parents.len() > 1
    }
}

/// As a new commit on `HEAD`; if that is refused, as an amendment of `HEAD`, which git does not announce. Without a
/// message of its own an amendment keeps the one that `HEAD` has.
fn judge(
    session: &Session,
    reader: &Reader<'_>,
    at: &At,
    staged: Vec<Differs>,
    message: Option<Vec<u8>>,
    amended: Option<Vec<u8>>,
) -> Result<Vec<Finding>> {
    let (author, committer) = session.repo.names()?;
    let commit = |message| Commit {
        author: author.clone(),
        committer: committer.clone(),
        message,
        ..Commit::default()
    };
    let way = session.way(reader)?;
    let draft = Draft {
        commit: commit(message),
        parents: at.parents.clone(),
        staged,
    };
    let mut findings = checks::check(&reader.draft(draft, &way)?);
    if findings.iter().any(Finding::is_error) && !at.merging() {
        let kept = match amended {
            Some(message) => Some(message),
            None => session.repo.commit(at.head)?.message,
        };
        if let Some(better) = amendment(session, reader, at, commit(kept), way)? {
            return Ok(better);
        }
    }
    if session
        .repo
        .in_progress()
        .is_some_and(|what| what == "rebase")
    {
        for finding in &mut findings {
            finding.severity = Severity::Warning;
        }
    }
    Ok(findings)
}

fn amendment(
    session: &Session,
    reader: &Reader<'_>,
    at: &At,
    commit: Commit,
    way: Way,
) -> Result<Option<Vec<Finding>>> {
    let parents = session.repo.node(at.head)?.parents;
    let Some(first) = parents.first().copied() else {
        return Ok(None);
    };
    if reader.policy(first)?.is_none() {
        return Ok(None);
    }
    let staged = session.repo.staged(Some(session.repo.tree_of(first)?))?;
    let p = if way.p == at.head { first } else { way.p };
    let findings = checks::check(&reader.draft(
        Draft {
            commit,
            parents,
            staged,
        },
        &Way { p, ..way },
    )?);
    Ok((!findings.iter().any(Finding::is_error)).then_some(findings))
}

/// What begins a comment in a message file.
fn comment_char(session: &Session) -> String {
    let configured = session.repo.config("core.commentChar");
    configured
        .filter(|c| c != "auto")
        .unwrap_or_else(|| "#".to_owned())
}

/// A message as git will take it from the editor: without what is below the scissors and without comments.
fn cleaned(message: &str, comment: &str) -> String {
    let (text, _) = split_scissors(message, comment);
    let mut out = String::new();
    for line in text.lines().filter(|l| !l.starts_with(comment)) {
        let line = line.trim_end();
        if line.is_empty() && (out.is_empty() || out.ends_with("\n\n")) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    format!("{}\n", out.trim_end())
}

fn split_scissors<'a>(message: &'a str, comment: &str) -> (&'a str, &'a str) {
    let line = format!("{comment} ------------------------ >8 ------------------------\n");
    message
        .find(&line)
        .map_or((message, ""), |at| message.split_at(at))
}

/// A message file as what the person wrote and the comments that git put below it.
fn split_comments<'a>(message: &'a str, comment: &str) -> (&'a str, &'a str) {
    let (text, _) = split_scissors(message, comment);
    let mut at = text.len();
    for line in text.split_inclusive('\n').rev() {
        if !line.trim().is_empty() && !line.starts_with(comment) {
            break;
        }
        at -= line.len();
    }
    let first = message[at..]
        .split_inclusive('\n')
        .take_while(|l| l.trim().is_empty())
        .map(str::len)
        .sum::<usize>();
    (&message[..at], &message[at + first..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_scissors_are_no_part_of_a_message() {
        let file = "Fix\n\n\nbody \nQMS-X: y\n\n# Please\n# ------------------------ >8 ------------------------\ndiff\n";
        assert_eq!(cleaned(file, "#"), "Fix\n\nbody\nQMS-X: y\n");
        let (text, rest) = split_comments(file, "#");
        assert_eq!(text, "Fix\n\n\nbody \nQMS-X: y\n");
        assert!(rest.starts_with("# Please\n# ---") && rest.ends_with("diff\n"));
        assert_eq!(split_comments("\n# only\n", "#"), ("", "# only\n"));
    }
}
