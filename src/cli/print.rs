//! Writing answers to stdout and everything else to stderr.

use std::io::{ErrorKind, IsTerminal, Write};

use anyhow::Result;
use serde::Serialize;

use super::args::Format;
use super::progress::erase;
use crate::model::finding::Finding;
use crate::report::{json, text};

pub(super) fn out(answer: &str) -> Result<()> {
    // Where there are no colours none need be looked for; long answers have none.
    if answer.bytes().all(|b| b >= b' ' || b == b'\n') {
        return bytes(answer.as_bytes());
    }
    erase();
    let mut stdout = anstream::stdout();
    stdout.write_all(answer.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

pub(super) fn json(value: &impl Serialize) -> Result<()> {
    out(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Bytes as they are: documents.
pub(super) fn bytes(content: &[u8]) -> Result<()> {
    erase();
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(content)?;
    stdout.flush()?;
    Ok(())
}

/// The cells of a line on the terminal that answers go to; none where they go elsewhere.
pub(super) fn width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    said.filter(|c| *c > 0)
        .or_else(|| terminal_size::terminal_size().map(|(w, _)| usize::from(w.0)))
}

pub(super) fn err(message: &str) {
    erase();
    // Where stderr is gone there is nobody left to tell.
    let _ = anstream::stderr().write_all(message.as_bytes());
}

/// Warnings beside an answer.
pub(super) fn warnings(findings: &[Finding]) {
    if !findings.is_empty() {
        err(&text::findings(findings));
    }
}

pub(super) fn refused(findings: &[Finding], format: Format) {
    if format == Format::Json {
        let _ = json(&serde_json::json!(json::refusal(findings)));
    } else {
        err(&text::findings(findings));
    }
}

/// One line of what went wrong and one of why, in the house style.
pub(super) fn error(error: &anyhow::Error) {
    let chain: Vec<String> = error
        .chain()
        .map(|e| text::printable(&e.to_string()))
        .collect();
    err(&format!("\x1b[1;31merror\x1b[0m: {}\n", chain.join(": ")));
}

pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == ErrorKind::BrokenPipe)
}
