//! `qms agent`: telling agents' programs of qms.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::answer::answer;
use super::args::Format;
use crate::ops::{Session, agent};

#[derive(Subcommand)]
pub(super) enum AgentCommand {
    /// Write the files that tell a program of the gateway, and to ask before it edits
    Install {
        program: Program,
        /// Where the gateway is; without it, it is started over stdio as you
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Program {
    /// .mcp.json, and a hook in .claude/settings.json
    Claude,
    /// .mcp.json alone, which others read as well
    Mcp,
}

pub(super) fn run(s: &Session, command: AgentCommand, format: Format) -> Result<ExitCode> {
    let AgentCommand::Install { program, url } = command;
    let written = match program {
        Program::Claude => agent::install_claude(s, url.as_deref())?,
        Program::Mcp => vec![agent::install_servers(s, url.as_deref())?],
    };
    let value: Vec<_> = written
        .iter()
        .map(|w| json!({ "path": w.path, "changed": w.changed }))
        .collect();
    answer(format, value, || {
        let line = |w: &agent::Written| match w.changed {
            true => format!("written  {}\n", w.path),
            false => format!("as it is {}\n", w.path),
        };
        written.iter().map(line).collect()
    })
}
