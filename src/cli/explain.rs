//! `qms explain`: a rule, a document's story, or why a commit was allowed.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::answer::answer;
use super::args::Format;
use crate::answers;
use crate::ops::{self, Session};
use crate::report::{docs, story};

pub(super) fn rule(name: &str, format: Format) -> Result<ExitCode> {
    let Ok(rule) = docs::find(name) else {
        bail!("`{name}` is no rule");
    };
    answer(format, docs::rule_value(rule), || docs::rule(rule))
}

pub(super) fn unknown(what: &str) -> String {
    let near = docs::find(what).err().unwrap_or_default().join(", ");
    format!(
        "`{what}` is no rule, document or commit here; rules near it are {near}; all: qms explain"
    )
}

/// A document's story, or why a commit was allowed.
pub(super) fn explain(s: &Session, what: &str, format: Format) -> Result<ExitCode> {
    if let Ok(id) = s.known(what) {
        let story = ops::explain::document(s, &id)?;
        return answer(format, answers::story(&story), || {
            story::document(
                &story.view,
                &story.events,
                story.work,
                &story.workers,
                story.turn.as_ref(),
            )
        });
    }
    if !ops::explain::is_commit(s, what) {
        bail!("{}", unknown(what));
    }
    let verdict = ops::explain::commit(s, what)?;
    answer(format, answers::verdict(&verdict), || {
        let head = [
            &verdict.commit,
            &verdict.subject,
            &verdict.author,
            &verdict.kind,
            &verdict.judged,
        ]
        .map(String::as_str);
        story::verdict(head, &verdict.paths, &verdict.findings)
    })
}
