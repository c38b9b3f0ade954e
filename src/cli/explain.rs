//! `qms explain`: a rule, a document's story, or why a commit was allowed.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::answer::answer;
use super::args::Format;
use crate::model::finding::Finding;
use crate::ops::{self, Session};
use crate::report::answers::{Allowed, Story, Verdict};
use crate::report::{docs, json as findings_json, story};

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
        let value = Story {
            document: story.view.clone(),
            events: story.events.clone(),
            work_commits: story.work,
            workers: story.workers.clone(),
            next: story.turn.as_ref().map(|t| t.offer.clone()),
            whose: story
                .turn
                .as_ref()
                .map(|t| t.whose.clone())
                .unwrap_or_default(),
        };
        return answer(format, value, || {
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
    let path = |(path, why): &(String, String)| Allowed {
        path: path.clone(),
        why: why.clone(),
    };
    let value = Verdict {
        commit: verdict.commit.clone(),
        subject: verdict.subject.clone(),
        author: verdict.author.clone(),
        kind: verdict.kind.clone(),
        judged: verdict.judged.clone(),
        allowed: !verdict.findings.iter().any(Finding::is_error),
        paths: verdict.paths.iter().map(path).collect(),
        findings: findings_json::findings(&verdict.findings),
    };
    answer(format, value, || {
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
