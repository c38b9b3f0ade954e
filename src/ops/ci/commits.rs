//! The commits that come in: a move of a protected branch as its server judges it, and what asks to be merged as the step
//! that would bring it in.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use super::ground::{Enters, Ground};
use super::{Looked, merge};
use crate::checks::refs;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::ci::{Event, Kind};
use crate::ops::mainline::{self, Trust, Update};
use crate::ops::receive;
use crate::ops::session::Session;

pub(super) fn look(session: &Session, ground: &Ground, event: &Event) -> Result<Looked> {
    let reader = Reader::new(&session.repo);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let trust = Trust {
        trunk: &ground.trunk,
        anchor: Some(ground.anchor),
        tip: Some(ground.tip),
        now: Some(i64::try_from(now)?),
        // What is in already may go by a trunk that has moved since.
        current: matches!(event.kind, Kind::PullRequest | Kind::MergeQueue),
    };
    match &ground.enters {
        Enters::Moves(branch) => moved(&reader, ground, branch, trust),
        Enters::Merges(branch, p) => merged(session, ground, (branch, *p), trust),
        Enters::Tag(tag) => tagged(&reader, ground, tag, trust),
        Enters::Not(why) => Ok(Looked::nothing(why)),
    }
}

fn moved(reader: &Reader<'_>, ground: &Ground, branch: &str, trust: Trust<'_>) -> Result<Looked> {
    if let Some(lost) = &ground.lost {
        // All that the branch reaches is here: where it was before, it has left.
        let message = format!("`{branch}` was at {lost}, which nothing here leads to any more");
        let finding = refs::finding(&refs::REWRITTEN, message, branch);
        return Ok(Looked::at(0, vec![finding]));
    }
    let update = Update {
        name: format!("refs/heads/{branch}"),
        old: ground.base,
        new: ground.head,
    };
    let findings = mainline::judge(reader, &update, trust)?;
    let from = ground.base.unwrap_or(ground.anchor);
    let count = match ground.head {
        Some(head) => reader.repo.between(&[from], head)?.len(),
        None => 0,
    };
    Ok(Looked::at(count, findings))
}

fn merged(
    session: &Session,
    ground: &Ground,
    (branch, p): (&str, Oid),
    trust: Trust<'_>,
) -> Result<Looked> {
    let head = ground.head.context("nothing is asked for")?;
    let count = session.repo.between(&[p], head)?.len();
    if count == 0 {
        return Ok(Looked::nothing(format!("`{branch}` has all of it")));
    }
    // A merge that is only tried is nowhere but in memory.
    let memory = session.repo.in_memory();
    let (repo, made) = match ground.merged {
        Some(step) => (&*session.repo, merge::Tried::step(step)),
        None => (&memory, merge::tried(&memory, branch, p, head)?),
    };
    let reader = Reader::new(repo);
    let findings = mainline::steps(&reader, &[made.step, p], branch, trust, &|_, _| {})?;
    Ok(Looked {
        notes: made.notes,
        ..Looked::at(count, findings)
    })
}

fn tagged(reader: &Reader<'_>, ground: &Ground, tag: &str, trust: Trust<'_>) -> Result<Looked> {
    let name = format!("refs/tags/{tag}");
    let was = ground.lost.as_ref().map(|_| ground.anchor);
    let update = Update {
        old: ground.base.or(was),
        new: ground.head.or_else(|| reader.repo.resolve_unpeeled(&name)),
        name,
    };
    Ok(Looked::at(
        1,
        receive::release(reader, &update, tag, trust)?,
    ))
}
