//! The command line: arguments in, one `ops` call, its rendering out.

mod answer;
mod args;
mod begin;
mod commit;
mod print;
mod run;

use std::process::ExitCode;

use clap::Parser;

use crate::ops::Refused;

/// Runs the program. Exit codes: 0 clean, 1 refused or findings, 2 could not look.
pub fn main() -> ExitCode {
    let args = args::Args::parse();
    let format = args.format;
    match run::run(args) {
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
