//! Entering a box, and what its gateway and container have said.

use std::process::Command;

use anyhow::{Context, Result};

use super::Ground;
use super::down::SANDBOXES;
use super::engine::Engine;
use super::gate::Gate;
use super::place::Kept;
use super::up::{container, within};
use crate::model::boxes::view::Sandbox;
use crate::ops::session::Session;

/// What runs where neither a command nor the agent's role says it.
const PROGRAM: &str = "command -v claude >/dev/null && exec claude; exec sh -i";

/// The command that enters a box of this agent. `rest`: what is to run in it. `terminal`: whether there is one.
// Implements: REQ-QMS-CMD-SESSION-ATTACH
pub fn attach(session: &Session, agent: &str, rest: &[String], terminal: bool) -> Result<Command> {
    let ground = Ground::of(session)?;
    let kept = ground.place.find(agent)?;
    let kept = kept
        .with_context(|| format!("`{agent}` has no box; to start one: qms session up {agent}"))?;
    let mut command = within(&ground, &kept, agent, terminal)?;
    if rest.is_empty() {
        let program = ground.role(agent)?.0.program;
        command.args(["sh", "-c", program.as_deref().unwrap_or(PROGRAM)]);
    } else {
        command.args(rest);
    }
    Ok(command)
}

/// What the gateways said, and the container of an agent.
// Implements: REQ-QMS-CMD-SESSION-LOGS
pub fn logs(session: &Session, agent: Option<&str>) -> Result<String> {
    let ground = Ground::of(session)?;
    let Some(agent) = agent else {
        let all = SANDBOXES.into_iter().map(|sandbox| log(&ground, sandbox));
        return Ok(all.collect());
    };
    let kept = ground.place.find(agent)?;
    let kept = kept.with_context(|| format!("`{agent}` has no box"))?;
    let mut out = contained(&ground, &kept, agent)?;
    let said = log(&ground, kept.sandbox);
    let of = |line: &&str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        value["user"] == agent
    };
    out.extend(said.lines().filter(of).flat_map(|line| [line, "\n"]));
    Ok(out)
}

/// What the container of an agent said; nothing where there is none.
fn contained(ground: &Ground<'_>, kept: &Kept, agent: &str) -> Result<String> {
    let Some(engine) = Engine::of(kept.sandbox) else {
        return Ok(String::new());
    };
    let name = container(&ground.place.mark, agent);
    let ran = engine.run(&["logs", &name])?;
    let both = [ran.stdout, ran.stderr].concat();
    Ok(String::from_utf8_lossy(&both).into_owned())
}

fn log(ground: &Ground<'_>, sandbox: Sandbox) -> String {
    std::fs::read_to_string(Gate::log(ground, sandbox)).unwrap_or_default()
}
