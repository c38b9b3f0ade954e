//! Hooks that are configured and not files, as git runs them from 2.54 on.

use anyhow::{Context, Result};

use super::Repo;
use super::config::{level, text};

/// A hook that git 2.54 and later runs by configuration: `hook.NAME.event` and `hook.NAME.command`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ConfiguredHook {
    pub name: String,
    pub events: Vec<String>,
    pub command: String,
    pub level: &'static str,
}

impl Repo {
    /// The hooks that configuration names, without those that it disables.
    pub fn configured_hooks(&self) -> Result<Vec<ConfiguredHook>> {
        let snapshot = self.refs.config_snapshot();
        let mut out: Vec<ConfiguredHook> = Vec::new();
        let mut disabled = Vec::new();
        let sections = snapshot.plumbing().sections_by_name("hook");
        for part in sections.into_iter().flatten() {
            let Some(name) = part.header().subsection_name() else {
                continue;
            };
            let name = name.to_string();
            if !out.iter().any(|h| h.name == name) {
                out.push(ConfiguredHook {
                    name: name.clone(),
                    events: Vec::new(),
                    command: String::new(),
                    level: "",
                });
            }
            let hook = out.iter_mut().find(|h| h.name == name);
            let hook = hook.context("a hook that was just listed")?;
            hook.level = level(part.meta().source);
            if let Some(command) = part.value("command") {
                hook.command = text(command, "command")?;
            }
            for event in part.values("event") {
                match text(event, "event")? {
                    // An empty value takes back what was said before.
                    event if event.is_empty() => hook.events.clear(),
                    event => hook.events.push(event),
                }
            }
            if let Some(enabled) = part.value("enabled") {
                disabled.retain(|n| *n != name);
                if matches!(
                    enabled.to_ascii_lowercase().as_slice(),
                    b"false" | b"no" | b"off" | b"0"
                ) {
                    disabled.push(name);
                }
            }
        }
        out.retain(|h| {
            !h.command.is_empty() && !h.events.is_empty() && !disabled.contains(&h.name)
        });
        Ok(out)
    }
}
