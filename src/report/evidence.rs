//! Evidence that is kept, as text.

use super::table::fitted;
use super::text::{printable, short};
use crate::model::trace::kept::{Added, Exchanged, Listed};

/// What was kept just now.
pub fn added(added: &Added) -> String {
    let commit = short(&added.commit);
    match &added.kept {
        Some(id) => format!(
            "kept {} results of {} at {commit}, as {}",
            added.cases,
            added.system,
            short(id)
        ),
        None => format!(
            "the results of {} at {commit} were kept before",
            added.system
        ),
    }
}

/// The records, a line each.
pub fn list(all: &[Listed], width: Option<usize>) -> String {
    if all.is_empty() {
        return "nothing is kept here; to keep results: qms evidence add --junit FILE\n".to_owned();
    }
    let head = [
        "DAY", "SYSTEM", "AT", "BY", "PASSED", "FAILED", "NOT RUN", "COVERAGE", "RUN",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for one in all {
        let coverage = match (one.measured_tests, one.has_coverage) {
            (0, false) => "none".to_owned(),
            (0, true) => "of the run".to_owned(),
            (n, _) => format!("of {n} tests"),
        };
        rows.push(vec![
            one.day.clone(),
            one.system.clone(),
            short(&one.commit).to_owned(),
            printable(&one.by),
            one.passed.to_string(),
            one.failed.to_string(),
            one.not_run.to_string(),
            coverage,
            printable(one.run.as_deref().unwrap_or_default()),
        ]);
    }
    fitted(&rows, width, 8)
}

/// What went to and fro.
pub fn exchanged(done: &Exchanged) -> String {
    format!(
        "{}: {} commits of evidence taken in, {} pushed\n",
        printable(&done.remote),
        done.taken,
        done.given
    )
}
