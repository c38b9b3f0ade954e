//! What git runs: each hook reads what git hands it, asks `ops`, and writes findings to stderr. Exit 0 lets git go
//! on, 1 refuses with findings, 2 refuses because nothing could be checked.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::model::finding::Finding;
use crate::ops::{Session, agent, hook, push, receive};
use crate::report::text;

/// The most that a hook reads from its input, in bytes: some hundred thousand refs.
const MOST_INPUT: u64 = 32 * 1024 * 1024;

/// Findings that a hook tells in full; nobody reads more behind `remote:`.
const MOST_FINDINGS: usize = 200;

pub(crate) fn run(name: &str, args: &[OsString], user: Option<String>) -> Result<ExitCode> {
    let session = || Session::open(Path::new("."), user.clone());
    let arg = |n: usize| args.get(n).and_then(|a| a.to_str());
    match name {
        "pre-commit" => verdict(&hook::pre_commit(&session()?)?),
        "prepare-commit-msg" => {
            let file = args
                .first()
                .map(PathBuf::from)
                .context("git names no message file")?;
            let message = read(&file)?;
            let source = arg(1).map(str::to_owned);
            let source = source.or_else(|| says("PRE_COMMIT_COMMIT_MSG_SOURCE"));
            let text = hook::prepare_commit_msg(&session()?, &message, source.as_deref())?;
            if let Some(text) = text {
                std::fs::write(&file, text)
                    .with_context(|| format!("cannot write `{}`", file.display()))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        "commit-msg" => {
            let file = args
                .first()
                .map(PathBuf::from)
                .context("git names no message file")?;
            verdict(&hook::commit_msg(&session()?, &read(&file)?)?)
        }
        "pre-push" => {
            let (session, mut input) = (session()?, input()?);
            if input.is_empty() {
                input = push::announced(&session, says)?;
            }
            verdict(&push::pre_push(&session, &input)?)
        }
        "pre-receive" => verdict(&receive::receive(&server(), &input()?)?),
        // Of the states of a transaction only `prepared` can be refused; then all refs are locked.
        "reference-transaction" if arg(0) == Some("prepared") => {
            verdict(&receive::transaction(&server(), &input()?)?)
        }
        "reference-transaction" => Ok(ExitCode::SUCCESS),
        "pre-tool-use" => tool_call(user.as_deref()),
        _ => bail!("`{name}` is no hook that qms answers"),
    }
}

/// What an agent's program asks before it edits: it goes on at any exit code but 2.
fn tool_call(user: Option<&str>) -> Result<ExitCode> {
    let findings = agent::would_edit(user, &input()?)?;
    let refused = verdict(&findings)? != ExitCode::SUCCESS;
    Ok(ExitCode::from(if refused { 2 } else { 0 }))
}

/// What the pre-commit framework says to the hooks that it runs, in the place of arguments and input.
fn says(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// The git directory of a server's hook.
fn server() -> PathBuf {
    std::env::var_os("GIT_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from)
}

fn verdict(findings: &[Finding]) -> Result<ExitCode> {
    if !findings.is_empty() {
        let mut stderr = anstream::stderr();
        stderr.write_all(text::first(findings, MOST_FINDINGS).as_bytes())?;
    }
    Ok(ExitCode::from(u8::from(
        findings.iter().any(Finding::is_error),
    )))
}

fn read(file: &Path) -> Result<String> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    String::from_utf8(bytes).with_context(|| format!("`{}` is not UTF-8", file.display()))
}

fn input() -> Result<String> {
    let mut text = String::new();
    let length = std::io::stdin()
        .take(MOST_INPUT)
        .read_to_string(&mut text)
        .context("cannot read what git says")?;
    if u64::try_from(length).unwrap_or(u64::MAX) >= MOST_INPUT {
        bail!("more than {MOST_INPUT} bytes of refs come in at once");
    }
    Ok(text)
}
