//! `qms trace`: requirements, what implements and what verifies them.

use std::process::ExitCode;

use anyhow::Result;

use super::answer::answer;
use super::args::Format;
use super::print;
use crate::model::trace::matrix::Matrix;
use crate::ops::Session;
use crate::ops::trace::{self, Asked};
use crate::report::matrix;

/// 1 unless all is verified and no tag is wrong.
pub(super) fn run(
    s: &Session,
    system: Option<String>,
    at: Option<String>,
    format: Format,
) -> Result<ExitCode> {
    let all = trace::trace(s, &Asked { system, at })?;
    answer(format, &all, || matrix::text(&all, print::width()))?;
    Ok(ExitCode::from(u8::from(!all.iter().all(Matrix::is_clean))))
}
