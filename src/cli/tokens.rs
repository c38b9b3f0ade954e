//! `qms token`: what agents show to a gateway.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

use super::answer::answer;
use super::args::Format;
use super::print::{self, width};
use crate::ops::{Session, tokens};
use crate::report::rows;

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token for an agent; it is shown once
    New {
        agent: String,
        /// 30d, 12h, or a day such as 2027-01-31; without it, it is good until it is revoked
        #[arg(long, value_name = "D")]
        expires: Option<String>,
    },
    /// Which there are; what they are is kept nowhere
    List,
    /// Revoke a token by its name, or all of an agent; the gateway knows at once
    Revoke {
        #[arg(value_name = "NAME|AGENT")]
        which: String,
    },
}

pub(super) fn run(s: &Session, command: TokenCommand, format: Format) -> Result<ExitCode> {
    match command {
        TokenCommand::New { agent, expires } => {
            let token = tokens::new(s, &agent, expires.as_deref())?;
            print::err("it is not shown again; the agent sends it as Authorization: Bearer …\n");
            answer(format, json!({ "agent": agent, "token": token }), || {
                format!("{token}\n")
            })
        }
        TokenCommand::List => {
            let all = tokens::list(s)?;
            answer(format, &all, || rows::tokens(&all, width()))
        }
        TokenCommand::Revoke { which } => {
            let count = tokens::revoke(s, &which)?;
            answer(format, json!({ "revoked": count }), || {
                format!("{count} revoked\n")
            })
        }
    }
}
