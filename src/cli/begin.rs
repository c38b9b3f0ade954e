//! What `init` answers, in a clone and on a server.

use serde_json::{Value, json};

use crate::ops::{self, coexist::Hooks};
use crate::report::health;

pub(super) fn begun(done: &ops::init::Begun) -> Value {
    json!({
        "anchor": done.anchor.map(|a| a.to_string()),
        "founder": done.founder,
        "branch": done.branch,
        "free": done.free,
        "files": done.files,
        "release_branches": done.releases.0,
        "could_protect": done.releases.1,
        "hooks": done.hooks.shims,
        "hooks_path": hooks_path(&done.hooks),
        "also_run": done.hooks.also,
        "notes": done.hooks.notes,
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
    if let Some(n) = done.files {
        text.push_str(&format!(
            "  files    {} free, {} controlled, {} of these steer CI, git or hooks\n",
            n.free, n.controlled, n.steering
        ));
    }
    if !done.releases.0.is_empty() {
        text.push_str(&format!(
            "  releases {} not protected: a branch from before the policy would refuse every push; to protect \
             what is cut from now on, branches.protected: [{}]\n",
            done.releases.0.join(", "),
            done.releases.1.join(", ")
        ));
    }
    text.push_str(&hooks_text(&done.hooks));
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
        "overridden": done.overridden,
        "hooks": done.hooks.shims,
        "hooks_path": hooks_path(&done.hooks),
        "also_run": done.hooks.also,
        "notes": done.hooks.notes,
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
    text.push_str(&hooks_text(&done.hooks));
    health::rows(&mut text, &done.overridden);
    text.push_str("whether it stops what is forbidden: qms doctor --server . --prove\n");
    text
}

fn hooks_path(hooks: &Hooks) -> Value {
    match &hooks.passes_on_to {
        Some((folder, level)) => json!({"passes_on_to": folder, "level": level}),
        None => Value::Null,
    }
}

/// What happened to each hook and which others run, a line each.
fn hooks_text(hooks: &Hooks) -> String {
    let mut text = String::new();
    for hook in &hooks.shims {
        let first = hook.runs_first.as_ref();
        let first = first.map_or_else(String::new, |f| format!("; {} runs first", near(f)));
        text.push_str(&format!(
            "  hook     {} {}{first}\n",
            hook.what,
            near(&hook.path)
        ));
    }
    if let Some((folder, level)) = &hooks.passes_on_to {
        text.push_str(&format!(
            "  passes   on to {folder}, the {level} core.hooksPath until now; nothing there was touched\n"
        ));
    }
    for also in &hooks.also {
        let how = match also.how {
            "configured" => "configured; git 2.54 and later runs it, before these",
            "by git" => "as before, by git",
            how => how,
        };
        text.push_str(&format!(
            "  also     {} {}: {how}\n",
            also.hook,
            near(&also.what)
        ));
    }
    for note in &hooks.notes {
        text.push_str(&format!("  mind     {note}\n"));
    }
    text
}

/// A path as it is written from here.
fn near(path: &str) -> String {
    let here = std::env::current_dir().and_then(|d| d.canonicalize());
    let below = here.ok().and_then(|h| {
        std::path::Path::new(path)
            .strip_prefix(h)
            .ok()
            .map(|p| p.display().to_string())
    });
    below.unwrap_or_else(|| path.strip_prefix("./").unwrap_or(path).to_owned())
}

pub(super) fn undone(done: &ops::coexist::Undone) -> Value {
    let settings: Vec<Value> = done
        .settings
        .iter()
        .map(|(key, value, level)| json!({"key": key, "value": value, "level": level}))
        .collect();
    json!({"hooks": done.hooks, "settings": settings, "notes": done.notes})
}

pub(super) fn undone_text(done: &ops::coexist::Undone) -> String {
    let mut text = match done.hooks.is_empty() && done.settings.is_empty() {
        true => "no hooks of qms are here\n".to_owned(),
        false => String::new(),
    };
    for hook in &done.hooks {
        let why = match hook.what {
            "left" => "; it is not one of qms",
            _ => "",
        };
        text.push_str(&format!(
            "  hook     {} {}{why}\n",
            hook.what,
            near(&hook.path)
        ));
    }
    for (key, value, level) in &done.settings {
        let now = value
            .as_ref()
            .map_or_else(|| "unset".to_owned(), |v| format!("= {v}"));
        text.push_str(&format!("  set      {key} {now} ({level})\n"));
    }
    for note in &done.notes {
        text.push_str(&format!("  mind     {note}\n"));
    }
    text.push_str("policy and documents stay as they are; for hooks again: qms init\n");
    text
}
