//! Advice: what to do next, and what a path needs.

use crate::model::finding::Finding;
use crate::model::next::{Offer, Turn};
use crate::model::view::{Cover, View, Who};

use super::story::names;
use super::table::columns;
use super::text::{self, printable};

/// Changes that are shown for a path.
const CHANGES: usize = 12;

/// The next step of a document for a person, what is missing for it, and what else he may do.
pub fn next(
    user: &str,
    view: &View,
    turn: Option<&Turn>,
    missing: Option<&[Finding]>,
    also: &[Offer],
) -> String {
    let mut out = format!(
        "{}  {} {}  {}\n",
        view.doc_id,
        view.status,
        view.version,
        printable(&view.title)
    );
    match (turn, missing) {
        (Some(turn), Some(missing)) => {
            out.push_str(&format!(
                "  {}\n\n    {}\n",
                printable(&turn.offer.what),
                turn.offer.command
            ));
            if !missing.is_empty() {
                out.push_str(&format!("\nmissing for it:\n\n{}", text::findings(missing)));
            }
        }
        (Some(turn), None) => {
            let whose = names(&turn.whose);
            out.push_str(&format!(
                "  not {user}'s turn; it waits for {whose}: {}\n",
                turn.offer.command
            ));
        }
        (None, _) => out.push_str("  nothing has to be done\n"),
    }
    if !also.is_empty() {
        out.push_str("\nalso possible:\n");
        let rows: Vec<Vec<String>> = also
            .iter()
            .map(|o| vec![format!("  {}", o.command), o.what.clone()])
            .collect();
        out.push_str(&columns(&rows));
    }
    out
}

/// What a path is, which changes cover it, who is asked.
pub fn who(who: &Who) -> String {
    let sort = match who.sort.as_str() {
        "document" => format!("the document {}: it changes by moves", who.document.as_deref().unwrap_or_default()),
        "free" => "free: it needs no change".to_owned(),
        "steering" => "controlled, and covered only by a pattern that names it: it steers git, CI or the process".to_owned(),
        _ => "controlled: it changes under a change whose scope covers it".to_owned(),
    };
    let mut out = format!("{}\n  {sort}\n", who.path);
    let row = |c: &Cover| {
        let owner = c.owner.clone().unwrap_or_else(|| "-".to_owned());
        vec![
            format!("  {}", c.doc_id),
            c.status.to_string(),
            owner,
            c.title.clone(),
        ]
    };
    out.push_str(&columns(
        &who.changes
            .iter()
            .take(CHANGES)
            .map(row)
            .collect::<Vec<_>>(),
    ));
    if who.changes.len() > CHANGES {
        out.push_str(&format!("  … and {} more\n", who.changes.len() - CHANGES));
    }
    if who.changes.is_empty() && matches!(who.sort.as_str(), "controlled" | "steering") {
        out.push_str("  no change that is under way covers it\n");
    }
    out.push_str(&format!(
        "  asked about it: {}\n",
        if who.asked.is_empty() {
            "nobody".to_owned()
        } else {
            who.asked.join(", ")
        }
    ));
    for command in &who.commands {
        out.push_str(&format!("    {command}\n"));
    }
    out
}
