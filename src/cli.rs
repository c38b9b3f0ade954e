//! The command line: arguments in, one `ops` call, its rendering out.

mod agents;
mod answer;
mod args;
mod begin;
mod boxes;
mod ci;
pub mod commands;
mod commit;
mod complete;
mod doctor;
mod evidence;
mod explain;
mod format;
mod items;
mod man;
mod moves;
mod people;
mod print;
mod progress;
mod qualify;
mod reads;
mod run;
mod sync;
mod system;
mod tokens;
mod trace;
mod verify;
mod workflow;

use std::process::ExitCode;

use clap::FromArgMatches;
use clap::parser::ValueSource;

use crate::ops::Refused;

/// Runs the program. Exit codes: 0 clean, 1 refused or findings, 2 could not look.
pub fn main() -> ExitCode {
    // A hook starts in every commit, with arguments that git gives: nothing there needs a parser.
    let mut words = std::env::args_os().skip(1);
    let hook = words
        .next()
        .filter(|w| w == "hook")
        .and_then(|_| words.next());
    let (result, format) = match hook.as_ref().and_then(|name| name.to_str()) {
        Some(name) if !name.starts_with('-') => {
            let user = std::env::var("QMS_USER").ok().filter(|u| !u.is_empty());
            (
                crate::hooks::run(name, &words.collect::<Vec<_>>(), user),
                args::Format::Text,
            )
        }
        _ if complete::answered() => return ExitCode::SUCCESS,
        _ => {
            let matches = args::command().get_matches();
            let mut args = match args::Args::from_arg_matches(&matches) {
                Ok(args) => args,
                Err(error) => error.exit(),
            };
            args.user_typed = matches.value_source("user") == Some(ValueSource::CommandLine);
            args.push = sync::pushes(&matches);
            let format = args.format;
            (run::run(args), format)
        }
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            if let Some(Refused(findings)) = error.downcast_ref::<Refused>() {
                print::refused(findings, format);
                return ExitCode::from(1);
            }
            if print::is_broken_pipe(&error) {
                return ExitCode::SUCCESS;
            }
            print::error(&error);
            ExitCode::from(2)
        }
    }
}
