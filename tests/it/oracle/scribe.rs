//! Writes what the oracle makes as a commit's words: trailers of moves, of work, of enrolments.

use super::document::{Block, sha256};
use super::message;
use super::rules::{Ask, Made, Scene};
use super::table::path_of;

/// What the trailers of a move must say of it.
pub(crate) fn says(made: &Made, action: &str) -> Vec<(&'static str, String)> {
    let (before, after) = (made.before.as_ref(), &made.after);
    let from = before.map_or("-", |b| b.status.as_str());
    let status = match from == after.status {
        true => from.to_owned(),
        false => format!("{from} -> {}", after.status),
    };
    let mut out = vec![("Status", status), ("Version", after.version_text())];
    let digest = |b: &Block| b.digest.clone();
    if [
        "route-review",
        "route-approval",
        "review",
        "approve",
        "reject",
    ]
    .contains(&action)
    {
        let judged = digest(after).or_else(|| before.and_then(digest));
        out.push(("Digest", judged.unwrap_or_default()));
    }
    let asked = match action {
        "route-review" => &after.reviews,
        "route-approval" => &after.approvals,
        _ => return out,
    };
    out.push(("Users", list(&asked.keys().cloned().collect::<Vec<_>>())));
    out
}

/// Names as `QMS-Users` lists them.
pub(crate) fn list(names: &[String]) -> String {
    match names.is_empty() {
        true => "-".to_owned(),
        false => names.join(", "),
    }
}

/// The message of a move.
pub(crate) fn words(scene: &Scene<'_>, ask: &Ask, made: &Made) -> String {
    let mut trailers = says(made, &ask.action);
    trailers.push(("Action", ask.action.clone()));
    trailers.push(("Document", ask.id.clone()));
    trailers.push(("Actor", ask.actor.clone()));
    if let Some(file) = scene.tree.get(&path_of(&ask.id)) {
        trailers.push(("Before", sha256(&file.text)));
    }
    if ["assign", "transfer"].contains(&ask.action.as_str()) {
        trailers.push(("Users", list(&ask.users)));
    }
    trailers.extend(ask.outcome.iter().map(|o| ("Outcome", o.clone())));
    trailers.extend(ask.item.iter().map(|i| ("Item", i.clone())));
    if ask.ends {
        trailers.push(("Ends", "RETIRED".to_owned()));
    }
    if ask.reason {
        trailers.push(("Reason", "because".to_owned()));
    }
    for name in &ask.co_authors {
        let (name, mail) = scene.policy.line(name);
        trailers.push(("Co-authored-by", format!("{name} <{mail}>")));
    }
    let comment = if ask.comment { "\n\nA comment" } else { "" };
    let subject = format!("{} {}{comment}", ask.id, ask.action.replace('-', " for "));
    message::write(&subject, &trailers)
}
