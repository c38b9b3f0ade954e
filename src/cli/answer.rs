//! Answers: one value, rendered as text or as JSON.

use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;

use super::args::Format;
use super::print;
use crate::answers;
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::ops;
use crate::report::{github, gitlab, json as findings_json, junit, sarif, text};

/// One value, as text or as JSON; only what is printed is made.
pub(super) fn answer(
    format: Format,
    value: impl Serialize,
    text: impl FnOnce() -> String,
) -> Result<ExitCode> {
    match format {
        Format::Json => print::json(&value)?,
        _ => print::out(&text())?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn moved(format: Format, (made, warnings): ops::moves::Done) -> Result<ExitCode> {
    print::warnings(&warnings);
    let moved = answers::moved(&made).context("no move was made")?;
    answer(format, &moved, || {
        let mut text = String::new();
        for (m, made) in moved.moves.iter().zip(&made) {
            let from = m.from_status.filter(|s| *s != m.to_status);
            let status = from.map_or_else(
                || m.to_status.to_string(),
                |f| format!("{f} -> {}", m.to_status),
            );
            let waits = match m.waits_for.is_empty() {
                true => String::new(),
                false => format!("   waits for {}", m.waits_for.join(", ")),
            };
            text.push_str(&format!(
                "{}  {}  {status}  {}{waits}\n",
                m.doc_id, made.action, m.version
            ));
        }
        text
    })
}

/// A document as it is in the repository, byte for byte.
pub(super) fn document(id: &Id, content: &[u8], format: Format) -> Result<ExitCode> {
    if format == Format::Json {
        let text = String::from_utf8_lossy(content);
        print::json(&json!({ "doc_id": id.to_string(), "text": text }))?;
    } else {
        print::bytes(content)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn report(
    format: Format,
    what: &str,
    findings: &[Finding],
    strict: bool,
) -> Result<ExitCode> {
    match format {
        Format::Json => print::json(&json!(findings_json::checked(what, findings)))?,
        Format::Sarif => print::json(&sarif::log(what, findings))?,
        Format::Github => print::out(&github::commands(what, findings))?,
        Format::Gitlab => print::json(&gitlab::quality(findings))?,
        Format::Junit => print::out(&junit::suite(what, findings))?,
        _ => {
            let clean = if findings.is_empty() {
                "clean: "
            } else {
                "checked "
            };
            print::out(&format!("{}{clean}{what}\n", text::findings(findings)))?;
        }
    }
    let failed = findings.iter().any(Finding::is_error) || (strict && !findings.is_empty());
    Ok(ExitCode::from(u8::from(failed)))
}
