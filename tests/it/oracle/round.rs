//! Rounds, by lifecycle.md "Rounds": who is asked, whose word is missing, who approves.

use std::collections::BTreeSet;

use super::content;
use super::document::{Block, Doc, sha256};
use super::policy::{matches, overlap};
use super::rules::{Ask, Scene, lose_entries, need, own};
use super::table::{Type, path_of};

pub(crate) fn is_open(status: &str) -> bool {
    status.starts_with("IN_") && status != "IN_EXECUTION"
}

/// A review round closes with the move after which nobody is pending.
pub(crate) fn close(block: &mut Block, to: &[String]) {
    if !block.reviews.values().any(|o| o == "pending") {
        block.status = to[to.len() - 1].clone();
    }
}

/// Whom the path table names: for the scope, or without one for the document's path.
fn named(scene: &Scene<'_>, id: &str, doc: &Doc) -> BTreeSet<String> {
    let (scope, path) = (doc.scope(), path_of(id));
    let concerns = |patterns: &[String]| match scope.is_empty() {
        true => patterns.iter().any(|p| matches(p, &path)),
        false => patterns.iter().any(|p| scope.iter().any(|s| overlap(p, s))),
    };
    let rows = scene.asking.review.iter().filter(|(p, _)| concerns(p));
    rows.flat_map(|(_, users)| users.iter().cloned()).collect()
}

pub(crate) fn route_review(
    scene: &Scene<'_>,
    ask: &Ask,
    kind: Type,
    new: &mut Block,
    before: &Doc,
    to: &[String],
) -> Result<(), String> {
    let old = &before.block;
    if ask.ends {
        need(
            old.in_force.is_some(),
            "nothing is in force that could be retired",
        )?;
    }
    if let Some(in_force) = scene.in_force(before) {
        let same = in_force.key("revision_summary") == before.key("revision_summary");
        need(
            !same,
            "the revision summary is that of the version in force",
        )?;
    }
    if ["CR", "VAR", "ADD"].contains(&kind.name) {
        need(!before.scope().is_empty(), "no scope")?;
    }
    match old.status.as_str() {
        _ if ask.ends => {}
        "IN_EXECUTION" => content::done(scene, &ask.id, before)?,
        _ => content::written(scene, &ask.id, before)?,
    }
    let digest = match old.status.as_str() {
        "IN_EXECUTION" => {
            let under = (scene.under)(&ask.id);
            new.authors.extend(under.people.iter().cloned());
            post_digest(scene, &ask.id, before, &under.paths)
        }
        _ => sha256(&before.text()),
    };
    new.ends = ask.ends;
    if old.digest.as_ref() != Some(&digest) || old.ends != new.ends {
        new.reviews.clear();
    }
    new.digest = Some(digest);
    lose_entries(new);
    let may = |name: &String| scene.policy.judges(name) && !own(new, name);
    let quality = scene.policy.group("quality");
    need(
        quality.iter().any(|n| !own(new, n)),
        "no quality user at all",
    )?;
    let named: BTreeSet<String> = named(scene, &ask.id, before);
    let mut asked: BTreeSet<String> = named.into_iter().filter(may).collect();
    if asked.is_empty() {
        asked = scene
            .asking
            .group("quality")
            .into_iter()
            .filter(may)
            .collect();
    }
    need(!asked.is_empty(), "nobody to ask")?;
    for name in asked {
        new.reviews.entry(name).or_insert("pending".to_owned());
    }
    close(new, to);
    Ok(())
}

/// The text, then mode, blob and path of all that was touched, then the attachments' texts.
fn post_digest(scene: &Scene<'_>, id: &str, doc: &Doc, touched: &BTreeSet<String>) -> String {
    let mut all = format!("{}\0", doc.text());
    for path in touched {
        let (mode, blob) = match scene.tree.get(path) {
            Some(file) => (file.mode, super::history::blob_id(&file.text)),
            None => (0, "-".to_owned()),
        };
        all.push_str(&format!("{mode:06o} {blob} {path}\0"));
    }
    for child in scene.children(id) {
        if let Some(doc) = scene.doc(&child).filter(|_| child.contains("-VR-")) {
            all.push_str(&format!("\0{child}\0{}", doc.text()));
        }
    }
    sha256(&all)
}

/// `ask.users` are those who are to speak now.
pub(crate) fn assign(
    scene: &Scene<'_>,
    ask: &Ask,
    new: &mut Block,
    doc: &Doc,
    to: &[String],
) -> Result<(), String> {
    let old = doc.block.clone();
    let wanted: BTreeSet<String> = ask.users.iter().cloned().collect();
    let approval = old.status.ends_with("APPROVAL");
    let entries = if approval {
        &old.approvals
    } else {
        &old.reviews
    };
    let pending = |name: &&String| entries.get(*name).is_some_and(|o| o == "pending");
    for name in &wanted {
        need(!own(&old, name), "his own work")?;
        need(
            scene.policy.judges(name) || entries.contains_key(name),
            "he could not act",
        )?;
    }
    let dropped: Vec<&String> = entries
        .keys()
        .filter(pending)
        .filter(|n| !wanted.contains(*n))
        .collect();
    if approval {
        let added = wanted.iter().filter(|n| !entries.contains_key(*n));
        let quality = added.filter(|n| scene.policy.is(n, "quality")).count();
        need(quality >= dropped.len(), "who replaces is of group quality")?;
        new.approvals
            .retain(|name, done| done == "approved" || wanted.contains(name));
        for name in &wanted {
            let entry = new.approvals.entry(name.clone());
            entry.or_insert("pending".to_owned());
        }
        return need(
            new.approvals.values().any(|done| done == "pending"),
            "nobody would be pending",
        );
    }
    need(
        is_open(&old.status) || !wanted.is_empty(),
        "it names nobody",
    )?;
    let named = named(scene, &ask.id, doc);
    let added = wanted.iter().filter(|n| !pending(n));
    let swapped_in = added.filter(|n| named.contains(*n)).count();
    let swapped_out = dropped.iter().filter(|n| named.contains(**n)).count();
    need(swapped_out <= swapped_in, "the path table names him")?;
    new.reviews
        .retain(|name, o| o != "pending" || wanted.contains(name));
    let mut reopened = false;
    for name in &wanted {
        reopened |= new.reviews.get(name).is_some_and(|o| o != "pending");
        let entry = new.reviews.entry(name.clone());
        entry.or_insert("pending".to_owned());
    }
    if !reopened {
        close(new, to);
    }
    Ok(())
}

pub(crate) fn route_approval(scene: &Scene<'_>, new: &mut Block) -> Result<(), String> {
    let all = new.reviews.values().all(|o| o == "recommend");
    need(all, "not all who were asked recommend it")?;
    let quality = |name: &&String| scene.policy.is(name, "quality") && !own(new, name);
    let approvers: BTreeSet<String> = new.reviews.keys().filter(quality).cloned().collect();
    need(
        !approvers.is_empty(),
        "nobody of group quality recommends it",
    )?;
    let pending = |name| (name, "pending".to_owned());
    new.approvals = approvers.into_iter().map(pending).collect();
    Ok(())
}

pub(crate) fn approve(
    scene: &Scene<'_>,
    ask: &Ask,
    new: &mut Block,
    to: &[String],
) -> Result<(), String> {
    new.approvals
        .insert(ask.actor.clone(), "approved".to_owned());
    if new.approvals.values().any(|done| done != "approved") {
        return Ok(());
    }
    let mut names = new.approvals.keys();
    need(
        names.any(|n| scene.policy.is(n, "quality")),
        "one of the approvers is of group quality",
    )?;
    let status = if new.ends { &to[2] } else { &to[1] };
    let owner = new.owner.take().filter(|_| status != "RETIRED");
    *new = Block {
        owner,
        ..Block::bare(status, (new.version.0 + 1, 0))
    };
    Ok(())
}
