//! Programs of which nothing is wanted but that they end well.

use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) fn ends_well(program: impl AsRef<Path>, args: &[&str]) -> bool {
    let mut command = Command::new(program.as_ref());
    command
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
