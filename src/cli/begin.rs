//! What `init` answers, in a clone and on a server.

use serde_json::{Value, json};

use crate::ops;

pub(super) fn begun(done: &ops::init::Begun) -> Value {
    json!({
        "anchor": done.anchor.map(|a| a.to_string()),
        "founder": done.founder,
        "branch": done.branch,
        "free": done.free,
        "hooks": done.hooks,
        "could_approve": done.could_approve,
    })
}

pub(super) fn begun_text(done: &ops::init::Begun) -> String {
    let mut text = match done.anchor {
        Some(anchor) => format!(
            "under change control from {} on, the anchor\n  trunk    {}\n  founder  {}\n  free     {}; all else is controlled\n",
            &anchor.to_string()[..10],
            done.branch,
            done.founder.as_deref().unwrap_or("-"),
            done.free.join(", ")
        ),
        None => "under change control already\n".to_owned(),
    };
    for hook in &done.hooks {
        text.push_str(&format!("  hook     {} {}\n", hook.what, hook.path));
    }
    if !done.could_approve {
        text.push_str("nobody could approve a change yet: qms user add NAME --group quality\n");
    }
    text.push_str("hooks here inform; a server decides: qms init --server\n");
    text
}

pub(super) fn serving(done: &ops::server::Serving) -> Value {
    let settings: serde_json::Map<String, Value> = done
        .settings
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect();
    json!({
        "trunk": done.trunk,
        "anchor": done.anchor.map(|a| a.to_string()),
        "anchor_assumed": done.assumed,
        "settings": settings,
        "hooks": done.hooks,
    })
}

pub(super) fn serving_text(done: &ops::server::Serving) -> String {
    let mut text = format!("this repository decides what enters `{}`\n", done.trunk);
    match done.anchor {
        Some(anchor) if done.assumed => {
            text.push_str(&format!(
                "  anchor   {anchor}, read from `{}`: look at it before you rely on it\n",
                done.trunk
            ));
        }
        Some(anchor) => text.push_str(&format!("  anchor   {anchor}\n")),
        None => text.push_str(
            "  anchor   none, so every push is refused: qms init --server --anchor COMMIT\n",
        ),
    }
    for (key, value) in done
        .settings
        .iter()
        .filter(|(key, _)| key.starts_with("receive"))
    {
        text.push_str(&format!("  set      {key} = {value}\n"));
    }
    for hook in &done.hooks {
        text.push_str(&format!("  hook     {} {}\n", hook.what, hook.path));
    }
    text
}
