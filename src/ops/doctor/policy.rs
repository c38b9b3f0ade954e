//! Whose rules hold in a clone: the policy in force, the anchor as it is assumed, who acts.

use std::sync::Arc;

use anyhow::Result;

use super::super::{Session, mainline};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::health::Row;
use crate::model::policy::Policy;

/// What a clone can be tried with.
pub(super) struct Governed {
    pub(super) policy: Arc<Policy>,
    pub(super) tip: Oid,
    pub(super) anchor: Oid,
}

/// The policy in force in a clone: the trunk's as last fetched, else that of `HEAD`.
pub(super) fn clone(
    session: &Session,
    reader: &Reader<'_>,
    rows: &mut Vec<Row>,
) -> Result<Option<Governed>> {
    let Some(head) = session.tip() else {
        let is = "nothing is committed here";
        rows.push(Row::wrong("policy", "policy", is).mend("qms init"));
        return Ok(None);
    };
    let Some(policy) = read(reader, head, "HEAD", rows)? else {
        return Ok(None);
    };
    let trunk = policy.branches.trunk.clone();
    let fetched = session.repo.fetched(&trunk);
    let local = session.repo.resolve(&format!("refs/heads/{trunk}"));
    let known = [
        (fetched, "as last fetched"),
        (local, "of this clone"),
        (Some(head), "of HEAD"),
    ];
    let governed = |id: &Oid| matches!(reader.policy(*id), Ok(Some(Ok(_))));
    let (tip, whose) = known
        .into_iter()
        .find_map(|(id, whose)| Some((id.filter(governed)?, whose)))
        .unwrap_or((head, "of HEAD"));
    let policy = match reader.policy(tip)? {
        Some(Ok(policy)) => policy,
        _ => policy,
    };
    let at = format!("`{trunk}` {whose}, {}", mainline::short(tip));
    describe(&policy, &at, rows);
    rows.push(identity(session, &policy)?);
    if session.repo.is_incomplete().is_some() {
        let is = "nobody can tell where history is incomplete";
        rows.push(Row::mind("anchor", "anchor", is));
        return Ok(None);
    }
    let Some(anchor) = mainline::assumed_anchor(reader, tip)? else {
        return Ok(None);
    };
    let is = format!("{anchor}, assumed: the first of `{trunk}` with a policy");
    rows.push(Row::good("anchor", "anchor", is));
    Ok(Some(Governed {
        policy,
        tip,
        anchor,
    }))
}

/// The policy of a commit; why there is none becomes a row.
pub(super) fn read(
    reader: &Reader<'_>,
    commit: Oid,
    at: &str,
    rows: &mut Vec<Row>,
) -> Result<Option<Arc<Policy>>> {
    let row = match reader.policy(commit)? {
        Some(Ok(policy)) => return Ok(Some(policy)),
        Some(Err(flaws)) => {
            let is = format!("`qms.yaml` of {at} cannot be read: {}", flaws[0].message);
            Row::wrong("policy", "policy", is).mend("qms policy check")
        }
        None => {
            let is = format!("{at} has no `qms.yaml`, so nothing is governed");
            Row::wrong("policy", "policy", is).mend("qms init")
        }
    };
    rows.push(row);
    Ok(None)
}

/// What a policy says of branches and people.
pub(super) fn describe(policy: &Policy, at: &str, rows: &mut Vec<Row>) {
    rows.push(Row::good(
        "policy",
        "policy",
        format!("in force is that of {at}"),
    ));
    let mut protected = vec![policy.branches.trunk.clone()];
    protected.extend(policy.branches.protected.iter().map(ToString::to_string));
    rows.push(Row::good("protected", "protected", protected.join(", ")));
    if !policy.could_approve() {
        let is = "nobody could approve a change yet: the founder alone changes the policy";
        let mend = "qms user add NAME --group quality";
        rows.push(Row::mind("founding", "founding", is).mend(mend));
    }
}

/// Who git says that its user is.
fn identity(session: &Session, policy: &Policy) -> Result<Row> {
    let Ok((author, _)) = session.repo.names() else {
        let is = "git does not know who you are";
        return Ok(Row::mind("identity", "you", is).mend("git config user.name NAME"));
    };
    let who = format!("{} <{}>", author.name, author.email);
    Ok(match policy.people.known_as(&author) {
        Some(name) => Row::good("identity", "you", format!("{who} is the user `{name}`")),
        None => Row::mind("identity", "you", format!("{who} is no user of the policy")).mend(
            "git config user.name NAME, or git config user.email MAIL; who is: qms user list",
        ),
    })
}
