//! `qms qualify` and `qms baselines`: releases of a system that were verified at one commit.

use std::process::ExitCode;

use anyhow::Result;

use super::answer::answer;
use super::args::Format;
use super::print;
use crate::ops::{Session, qualify};
use crate::report::baselines;

#[derive(clap::Args)]
pub(super) struct QualifyArgs {
    /// The system
    system: String,
    /// What the release is called, such as CLI-6.0
    #[arg(long, value_name = "NAME")]
    release: String,
}

pub(super) fn qualify(s: &Session, args: &QualifyArgs, format: Format) -> Result<ExitCode> {
    let made = qualify::qualify(s, &args.system, &args.release)?;
    answer(format, &made, || {
        let push = format!("to share it: git push REMOTE {}\n", made.tag);
        baselines::table(std::slice::from_ref(&made), print::width()) + &push
    })
}

/// 1 where one does not hold.
pub(super) fn baselines(s: &Session, system: Option<&str>, format: Format) -> Result<ExitCode> {
    let all = qualify::baselines(s, system)?;
    answer(format, &all, || baselines::table(&all, print::width()))?;
    let holds = all.iter().all(|baseline| baseline.wrong.is_none());
    Ok(ExitCode::from(u8::from(!holds)))
}
