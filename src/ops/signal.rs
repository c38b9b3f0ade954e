//! Signals to processes of one's own, by the shell's `kill`: there is no safe call for it.

use std::process::{Command, Stdio};

/// Sends one, such as `TERM`, to a process, or to a group of them by its number behind `-`. Says whether there was any.
pub(super) fn send(name: &str, to: &str) -> std::io::Result<bool> {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$1\" -- \"$2\"", "sh", name, to]);
    let sent = kill.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    Ok(sent.success())
}
