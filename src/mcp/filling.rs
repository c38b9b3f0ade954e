//! Tools that fill a document in, piece by piece: items, sections, keys of its front matter.

use std::collections::BTreeMap;

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use super::made::{Done, done};
use super::tool::{All, Call, Kind, One, Tool, of};
use crate::model::body::Outcome as Ended;
use crate::model::rows::{ItemRow, SectionRow};
use crate::ops::{front, items, sections};

pub(super) fn tools() -> Vec<Tool> {
    use Kind::{Reads, Writes};
    vec![
        of(
            "qms_items",
            Reads,
            "The items of a document, and how far they have come.",
            listed,
        ),
        of(
            "qms_item",
            Writes,
            "Say what came of an item during execution; or, in a draft, what is to be done. Who and when are filled in.",
            item,
        ),
        of(
            "qms_sections",
            Reads,
            "The sections of a document: which are open during execution, and what is left to write.",
            outline,
        ),
        of(
            "qms_section",
            Writes,
            "Write one section of a document that you have checked out.",
            section,
        ),
        of(
            "qms_front",
            Writes,
            "Say a key of the front matter of a document that you have checked out, such as revision_summary or scope.",
            key,
        ),
    ]
}

// Implements: REQ-QMS-TOOL-QMS-ITEMS
fn listed(call: &Call, one: One) -> Result<All<ItemRow>> {
    let all = items::list(&call.session, &call.session.id(&one.id)?)?;
    Ok(All { all })
}

// Implements: REQ-QMS-TOOL-QMS-SECTIONS
fn outline(call: &Call, one: One) -> Result<All<SectionRow>> {
    let all = sections::list(&call.session, &call.session.id(&one.id)?)?;
    Ok(All { all })
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Pass,
    Fail,
    /// Of a test step behind one that failed.
    NotRun,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Item {
    /// A document's id, such as CR-045.
    id: String,
    /// The item's own id, such as EI-2.
    item: String,
    outcome: Option<Outcome>,
    /// What was done, or seen.
    summary: Option<String>,
    /// Documents, commits, paths, `path::test` or links; commits made with `item` count by themselves.
    #[serde(default)]
    evidence: Vec<String>,
    /// The changes that a corrective or preventive action is carried out by.
    #[serde(default)]
    changes: Vec<String>,
    /// In a draft: what is to be done.
    task: Option<String>,
    /// In a draft: whether it needs a verification record.
    vr: Option<bool>,
    /// Other columns by their titles.
    #[serde(default)]
    columns: BTreeMap<String, String>,
}

// Implements: REQ-QMS-TOOL-QMS-ITEM
fn item(call: &Call, said: Item) -> Result<Done> {
    let id = call.session.id(&said.id)?;
    let outcome = said.outcome.map(|outcome| match outcome {
        Outcome::Pass => Ended::Pass,
        Outcome::Fail => Ended::Fail,
        Outcome::NotRun => Ended::NotRun,
    });
    let cells = items::Said {
        outcome,
        summary: said.summary,
        evidence: said.evidence,
        changes: said.changes,
        task: said.task,
        vr: said.vr,
        columns: said.columns.into_iter().collect(),
    };
    done(items::set(&call.session, &id, &said.item, &cells)?.done)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Section {
    /// A document's id, such as CR-045.
    id: String,
    /// Its number or its title.
    section: String,
    text: String,
}

// Implements: REQ-QMS-TOOL-QMS-SECTION
fn section(call: &Call, said: Section) -> Result<Done> {
    let id = call.session.id(&said.id)?;
    done(sections::set(
        &call.session,
        &id,
        &said.section,
        &said.text,
    )?)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Key {
    /// A document's id, such as CR-045.
    id: String,
    key: String,
    /// One is a text, several are a list; none takes the key out.
    values: Vec<String>,
}

// Implements: REQ-QMS-TOOL-QMS-FRONT
fn key(call: &Call, said: Key) -> Result<Done> {
    let id = call.session.id(&said.id)?;
    done(front::set(&call.session, &id, &said.key, &said.values)?)
}
