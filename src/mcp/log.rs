//! One line of JSON on stderr a call: who, which tool, and how it ended. Never arguments, never what anybody showed.

use std::io::Write;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::said::Said;

/// `refused`: what it was answered with where it was not done.
pub(super) fn call(user: Option<&str>, what: &str, refused: Option<&Said>, took: Duration) {
    line(&Line {
        ts: now(),
        event: "call",
        user,
        tool: what,
        done: refused.is_none(),
        rules: refused
            .map(|said| said.rules.as_slice())
            .unwrap_or_default(),
        ms: (took.as_secs_f64() * 1e4).round() / 10.0,
    });
}

/// A call.
#[derive(Serialize)]
struct Line<'a> {
    ts: String,
    event: &'static str,
    user: Option<&'a str>,
    tool: &'a str,
    done: bool,
    rules: &'a [&'static str],
    ms: f64,
}

pub(super) fn event(event: &str, what: Value) {
    line(&json!({ "ts": now(), "event": event, "what": what }));
}

fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}

fn line(value: &impl Serialize) {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    // In one write, since others write too. Whoever closed stderr does not want to know.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
