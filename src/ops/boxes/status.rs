//! Which boxes there are, and whether they are what would be made now.

use anyhow::Result;

use super::Ground;
use super::engine::Engine;
use super::gate::{Found, Gate};
use super::place::Kept;
use super::up::container;
use super::waiting::tasks;
use crate::model::boxes::settings::url;
use crate::model::boxes::view::BoxView;
use crate::ops::session::Session;

/// Every agent of the policy with his box.
// Implements: REQ-QMS-CMD-SESSION-STATUS
pub fn status(session: &Session) -> Result<Vec<BoxView>> {
    let ground = Ground::of(session)?;
    ground
        .agents()?
        .iter()
        .map(|agent| view(&ground, agent))
        .collect()
}

fn view(ground: &Ground<'_>, agent: &str) -> Result<BoxView> {
    let kept = ground.place.find(agent)?;
    let gate = match &kept {
        Some(kept) => Gate::kept(ground, kept.sandbox)?,
        None => None,
    };
    let state = match &kept {
        Some(kept) => state(ground, kept, gate.as_ref(), agent)?,
        None => "none",
    };
    let workspace = ground.workspace(agent)?.0;
    Ok(BoxView {
        agent: agent.to_owned(),
        launch: ground.role(agent)?.0.launch,
        state,
        sandbox: kept.as_ref().map(|kept| kept.sandbox),
        gateway: gate.filter(|_| kept.is_some()).map(|gate| url(gate.port)),
        workspace: kept.map(|_| workspace.display().to_string()),
        waiting: tasks(ground.session, agent)?.len(),
    })
}

fn state(
    ground: &Ground<'_>,
    kept: &Kept,
    gate: Option<&Gate>,
    agent: &str,
) -> Result<&'static str> {
    if gate.is_none_or(|gate| gate.found() != Found::Ready) {
        return Ok("stopped");
    }
    let Some(engine) = Engine::of(kept.sandbox) else {
        return Ok("ready");
    };
    let name = container(&ground.place.mark, agent);
    Ok(match engine.container(&name)? {
        Some((true, made_of)) if made_of == kept.made_of => "ready",
        Some((true, _)) => "stale",
        _ => "stopped",
    })
}
