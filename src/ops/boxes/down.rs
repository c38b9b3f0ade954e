//! Ending boxes. What an agent keeps stays: his workspace and his settings; everything else goes.

use anyhow::{Result, bail};

use super::Ground;
use super::engine::Engine;
use super::gate::Gate;
use super::place::{gone, line};
use super::up::{container, network};
use crate::model::boxes::Reach;
use crate::model::boxes::docker::REPOSITORY;
use crate::model::boxes::view::Sandbox;
use crate::ops::session::Session;
use crate::ops::tokens::{self, Tokens};

pub(super) const SANDBOXES: [Sandbox; 3] = [Sandbox::Docker, Sandbox::Podman, Sandbox::Bubblewrap];

/// Ends the boxes of these agents, of all where none is named; with the last one its gateway ends too. Says whose they
/// were.
// Implements: REQ-QMS-CMD-SESSION-DOWN
pub fn down(session: &Session, agents: &[String]) -> Result<Vec<String>> {
    let ground = Ground::of(session)?;
    let kept = ground.place.all()?;
    if let Some(agent) = agents.iter().find(|agent| !kept.contains(agent)) {
        bail!("`{agent}` has no box; which there are: qms session status");
    }
    let which = match agents.is_empty() {
        true => kept,
        false => agents.to_vec(),
    };
    for agent in &which {
        end(&ground, agent)?;
    }
    let left: Vec<Sandbox> = ground
        .place
        .all()?
        .iter()
        .filter_map(|agent| ground.place.find(agent).ok().flatten())
        .map(|kept| kept.sandbox)
        .collect();
    for sandbox in SANDBOXES.into_iter().filter(|s| !left.contains(s)) {
        Gate::end(&ground, sandbox)?;
        if let Some(engine) = Engine::of(sandbox) {
            for reach in [Reach::Everything, Reach::Gateway] {
                // Without the engine there is none of its networks.
                let name = network(&ground.place.mark, reach);
                if engine.has("network", &name).unwrap_or(false) {
                    engine.ask(&["network", "rm", &name])?;
                }
            }
        }
    }
    Ok(which)
}

/// Ends one, and revokes what it was known by.
fn end(ground: &Ground<'_>, agent: &str) -> Result<()> {
    let Some(kept) = ground.place.find(agent)? else {
        return Ok(());
    };
    if let Some(engine) = Engine::of(kept.sandbox) {
        let name = container(&ground.place.mark, agent);
        if engine.has("container", &name)? {
            engine.ask(&["rm", "--force", &name])?;
        }
    }
    if let Some(token) = line(&ground.place.given(agent).join("token")) {
        // One that was revoked before needs nothing.
        let known = Tokens::of(ground.session)?.all()?;
        if let Some(held) = known.iter().find(|held| held.is_of(&token)) {
            tokens::revoke(ground.session, held.name())?;
        }
    }
    ground.place.forget(agent)
}

/// Ends containers and networks of every repository; whose they are, their labels say. Says their names.
pub fn down_everywhere() -> Result<Vec<String>> {
    let mut out = Vec::new();
    let filter = format!("label={REPOSITORY}");
    for engine in [Sandbox::Docker, Sandbox::Podman]
        .into_iter()
        .filter_map(Engine::of)
    {
        if engine.answers().is_err() {
            continue;
        }
        let format = "{{.Names}}";
        let all = ["ps", "--all", "--filter", &filter, "--format", format];
        for name in engine.ask(&all)?.lines() {
            engine.ask(&["rm", "--force", name])?;
            out.push(name.to_owned());
        }
        let networks = [
            "network",
            "ls",
            "--filter",
            &filter,
            "--format",
            "{{.Name}}",
        ];
        for name in engine.ask(&networks)?.lines() {
            engine.ask(&["network", "rm", name])?;
        }
    }
    Ok(out)
}

/// Takes away what an agent kept: his settings and his login. His workspace holds work, and stays.
// Implements: REQ-QMS-CMD-SESSION-RESET
pub fn reset(session: &Session, agent: &str) -> Result<()> {
    let ground = Ground::of(session)?;
    if ground.place.find(agent)?.is_some() {
        bail!(
            "the box of `{agent}` is there, and its programs would write again: qms session down {agent}"
        );
    }
    let settings = ground.place.settings(agent);
    if !settings.exists() {
        bail!("`{agent}` has kept nothing here");
    }
    gone(std::fs::remove_dir_all(&settings), &settings)
}
