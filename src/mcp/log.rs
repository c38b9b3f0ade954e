//! One line of JSON on stderr a call: who, which tool, and how it ended. Never arguments, never what anybody showed.

use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::said::Said;

/// `refused`: what it was answered with where it was not done.
pub(super) fn call(user: Option<&str>, what: &str, refused: Option<&Said>, took: Duration) {
    line(&json!({
        "event": "call",
        "user": user,
        "tool": what,
        "done": refused.is_none(),
        "rules": refused.map(|said| said.rules.as_slice()).unwrap_or_default(),
        "ms": (took.as_secs_f64() * 1e4).round() / 10.0,
    }));
}

pub(super) fn event(event: &str, what: Value) {
    line(&json!({ "event": event, "what": what }));
}

fn line(value: &Value) {
    let ts = jiff::Timestamp::now();
    let mut value = value.clone();
    value["ts"] = json!(format!("{ts:.3}"));
    // In one write, since others write too. Whoever closed stderr does not want to know.
    let _ = std::io::stderr().write_all(format!("{value}\n").as_bytes());
}
