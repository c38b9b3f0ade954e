//! Stories in few lines: what happened to a document, why a commit was allowed.

use crate::model::finding::Finding;
use crate::model::next::Turn;
use crate::model::view::{Event, View};

use super::table::columns;
use super::text::{self, printable};

/// Lines of events in a story; what is between the first and the last of a longer one is counted.
const EVENTS: usize = 7;

/// A document's story in about ten lines.
pub fn document(
    view: &View,
    events: &[Event],
    work: usize,
    workers: &[String],
    turn: Option<&Turn>,
) -> String {
    let owner = view
        .responsible_user
        .as_ref()
        .map(|o| format!(", owner {o}"))
        .unwrap_or_default();
    let mut out = format!(
        "{}  {}  {} {}{owner}\n",
        view.doc_id,
        printable(&view.title),
        view.status,
        view.version
    );
    if !view.scope.is_empty() {
        out.push_str(&format!(
            "  it may touch {}\n",
            printable(&view.scope.join(", "))
        ));
    }
    // Writing goes on all the time; the story is in what was decided.
    let quiet = ["EDIT", "CHECKOUT", "CHECKIN", "ITEM", "EFFECTIVE", "RETIRE"];
    let told: Vec<&Event> = events
        .iter()
        .filter(|e| !quiet.contains(&e.event.as_str()))
        .collect();
    let cut = if told.len() > EVENTS {
        told.len() - EVENTS
    } else {
        0
    };
    let head = if cut > 0 { 2 } else { told.len() };
    let mut rows: Vec<Vec<String>> = told[..head].iter().map(|e| line(e)).collect();
    if cut > 0 {
        rows.push(vec![
            String::from("  …"),
            format!("{cut} more moves: qms history {}", view.doc_id),
        ]);
        rows.extend(told[head + cut..].iter().map(|e| line(e)));
    }
    out.push_str(&columns(&rows));
    if work > 0 {
        let plural = if work == 1 { "" } else { "s" };
        out.push_str(&format!(
            "  {work} commit{plural} of work under it, by {}\n",
            workers.join(", ")
        ));
    }
    out.push_str(&match turn {
        Some(turn) => format!("  next, {}: {}\n", names(&turn.whose), turn.offer.command),
        None => "  it is at rest\n".to_owned(),
    });
    out
}

fn line(event: &Event) -> Vec<String> {
    let did = event.event.to_lowercase().replace('_', " ");
    let mut said = format!("{} {did}", event.who());
    if let Some(outcome) = &event.outcome {
        said.push_str(&format!(": {outcome}"));
    }
    if let (Some(to), true) = (&event.to_status, event.from_status != event.to_status) {
        said.push_str(&format!(" -> {to} {}", event.version));
    }
    if let Some(reason) = &event.reason {
        said.push_str(&format!(" ({})", printable(reason)));
    }
    let day = event.ts.get(..10).unwrap_or(&event.ts);
    vec![format!("  {day}"), said]
}

pub(super) fn names(list: &[String]) -> String {
    if list.is_empty() {
        "somebody".to_owned()
    } else {
        list.join(" or ")
    }
}

/// Why a commit was allowed or was not.
pub fn verdict(head: [&str; 5], paths: &[(String, String)], findings: &[Finding]) -> String {
    let [commit, subject, author, kind, judged] = head;
    let refused = findings.iter().any(Finding::is_error);
    let short = commit.get(..10).unwrap_or(commit);
    let mut out = format!(
        "{short} \"{}\" ({})\n",
        printable(subject),
        printable(author)
    );
    out.push_str(&format!("  {}\n  judged {judged}\n", printable(kind)));
    let rows: Vec<Vec<String>> = paths
        .iter()
        .map(|(path, why)| vec![format!("  {path}"), why.clone()])
        .collect();
    out.push_str(&columns(&rows));
    out.push_str(if refused {
        "it is refused:\n\n"
    } else {
        "it is allowed\n"
    });
    if !findings.is_empty() {
        out.push_str(&text::findings(findings));
    }
    out
}
