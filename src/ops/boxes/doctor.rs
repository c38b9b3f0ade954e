//! Eight questions about boxes, in the order in which people ask them when one does not work, each answered by doing:
//! is the gateway up and where; is it reached from inside; is the token taken and whose is it; are the tools listed; is a
//! box stale; is anything shared between agents; can anything be written; is anything secret seen.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use serde_json::Value;

use super::engine::Engine;
use super::gate::{Found, Gate};
use super::place::Kept;
use super::up::{asked, container};
use super::{Ground, image};
use crate::model::boxes::docker::MADE_OF;
use crate::model::boxes::view::Sandbox;
use crate::model::boxes::{GIVEN, SETTINGS, WORKSPACE};
use crate::model::health::{Health, Row, Verdict};
use crate::ops::session::Session;

/// What is wrong with the box of an agent, or with all that there are.
// Implements: REQ-QMS-CMD-DOCTOR
pub fn doctor(session: &Session, agent: Option<&str>) -> Result<Health> {
    let ground = Ground::of(session)?;
    let there = ground.place.all()?;
    let which: Vec<String> = match agent {
        Some(agent) if !there.iter().any(|known| known == agent) => {
            bail!("`{agent}` has no box; to start one: qms session up {agent}")
        }
        Some(agent) => vec![agent.to_owned()],
        None => there.clone(),
    };
    let mut rows = Vec::new();
    if which.is_empty() {
        rows.push(Row::mind("no-box", "boxes", "there is none").mend("qms session up AGENT"));
    }
    let mut seen: Vec<Sandbox> = Vec::new();
    for agent in &which {
        let Some(kept) = ground.place.find(agent)? else {
            continue;
        };
        if !seen.contains(&kept.sandbox) {
            rows.extend(gateway(&ground, kept.sandbox, agent)?);
            seen.push(kept.sandbox);
        }
        rows.extend(of(&ground, &kept, agent)?);
    }
    rows.extend(shared(&ground, &there)?);
    Ok(Health::new(
        "boxes",
        ground.root.display().to_string(),
        rows,
    ))
}

/// The first question.
fn gateway(ground: &Ground<'_>, sandbox: Sandbox, agent: &str) -> Result<Vec<Row>> {
    let again = format!("qms session up --sandbox {} {agent}", sandbox.as_str());
    let Some(gate) = Gate::kept(ground, sandbox)? else {
        let row = Row::wrong(
            "gateway-missing",
            "gateway",
            "none was started for these boxes",
        );
        return Ok(vec![row.mend(again)]);
    };
    let (address, runs) = (gate.address(), gate.runs(ground));
    let log = Gate::log(ground, sandbox);
    let mut rows = vec![match (gate.found(), runs) {
        (Found::Ready, true) => Row::good(
            "gateway",
            "gateway",
            format!("is up at {address}, process {}", gate.pid),
        ),
        (Found::Nothing, true) => Row::wrong(
            "gateway-elsewhere",
            "gateway",
            format!(
                "process {} runs, and nothing answers at {address}",
                gate.pid
            ),
        )
        .mend(again.clone()),
        (Found::Nothing, false) => Row::wrong(
            "gateway-down",
            "gateway",
            format!("has ended, and nothing answers at {address}"),
        )
        .mend(format!("{again}; what it said last: {}", log.display())),
        (Found::Other(said), true) => Row::wrong(
            "not-ready",
            "gateway",
            format!("is up at {address}, and says: {said}"),
        )
        .mend(format!("what it said last: {}", log.display())),
        (_, false) => Row::wrong(
            "port-taken",
            "gateway",
            format!("has ended, and something else listens at {address}"),
        )
        .mend(format!("stop that, or take another port: {again} --port N")),
    }];
    if sandbox != Sandbox::Bubblewrap && gate.host.is_loopback() {
        let is = format!("listens at {address}, which no container reaches");
        rows.push(Row::wrong("bound-to-loopback", "gateway", is).mend(again));
    }
    Ok(rows)
}

/// What is asked in a box, and of it.
fn of(ground: &Ground<'_>, kept: &Kept, agent: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    match asked(ground, kept, agent, &[]) {
        Ok(seen) => rows.extend(seen),
        Err(why) => rows.push(
            Row::wrong("box-silent", "box", format!("{why:#}"))
                .mend(format!("qms session up {agent}")),
        ),
    }
    if let Some(engine) = Engine::of(kept.sandbox) {
        rows.extend(contained(ground, kept, engine, agent)?);
    }
    for row in &mut rows {
        row.of = format!("{agent}: {}", row.of);
    }
    Ok(rows)
}

/// Whether a container is what would be made now, and runs what its image says.
fn contained(ground: &Ground<'_>, kept: &Kept, engine: Engine, agent: &str) -> Result<Vec<Row>> {
    let again = format!("qms session down {agent}; qms session up {agent}");
    let Some(is) = inspected(ground, engine, agent)? else {
        let row = Row::wrong("box-missing", "container", "there is none");
        return Ok(vec![row.mend(again)]);
    };
    let mut rows = Vec::new();
    if is["State"]["Running"] != true {
        rows.push(Row::wrong("box-stopped", "container", "has ended").mend(again.clone()));
    }
    let made_of = &is["Config"]["Labels"][MADE_OF];
    let image = is["Config"]["Image"].as_str().unwrap_or_default();
    let now = image::name(kept.cli.as_deref(), ground.place.user())?;
    rows.push(match made_of == kept.made_of.as_str() && image == now {
        true => Row::good("fresh", "container", "is made of what would be taken now"),
        false => Row::wrong(
            "stale",
            "container",
            format!("is made of `{image}`, and `{now}` would be taken now"),
        )
        .mend(again.clone()),
    });
    let run = |value: &Value| {
        value.as_array().map(|all| {
            all.iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        })
    };
    let entry = run(&is["Config"]["Entrypoint"]).unwrap_or_default();
    if entry != ENTRY {
        let row = Row::wrong(
            "entrypoint-overridden",
            "container",
            format!("begins with `{entry}`, expected `{ENTRY}`"),
        );
        rows.push(row.mend(again.clone()));
    }
    let own = [WORKSPACE, SETTINGS];
    for mount in is["Mounts"].as_array().into_iter().flatten() {
        let to = mount["Destination"].as_str().unwrap_or_default();
        if mount["RW"] == true && mount["Type"] == "bind" && !own.contains(&to) {
            let row = Row::wrong(
                "mount-writable",
                "container",
                format!("{to} can be written"),
            );
            rows.push(row.mend(again.clone()));
        }
    }
    Ok(rows)
}

/// What the image of a box begins with.
const ENTRY: &str = "sleep infinity";

fn inspected(ground: &Ground<'_>, engine: Engine, agent: &str) -> Result<Option<Value>> {
    let name = container(&ground.place.mark, agent);
    let ran = engine.run(&["container", "inspect", &name])?;
    let all: Value = serde_json::from_slice(&ran.stdout).unwrap_or_default();
    Ok(all.get(0).cloned())
}

/// Whether two agents have one folder: what is really mounted where there is a container, and where the links lead.
fn shared(ground: &Ground<'_>, agents: &[String]) -> Result<Vec<Row>> {
    let mut whose: BTreeMap<PathBuf, (String, &str)> = BTreeMap::new();
    let mut rows = Vec::new();
    for agent in agents {
        for (folder, what) in folders(ground, agent)? {
            let real = std::fs::canonicalize(&folder).unwrap_or(folder);
            let before = whose.insert(real.clone(), (agent.clone(), what));
            if let Some((other, _)) = before.filter(|(other, _)| other != agent) {
                let is = format!(
                    "`{agent}` and `{other}` have one {what}, {}",
                    real.display()
                );
                rows.push(Row::wrong("shared", "shared", is).mend(format!(
                    "qms session down {agent} {other}; then start both again: qms session up {agent} {other}"
                )));
            }
        }
    }
    if rows.iter().all(|row| row.verdict == Verdict::Good) && agents.len() > 1 {
        let is = format!("nothing, by {} agents", agents.len());
        rows.push(Row::good("apart", "shared", is));
    }
    Ok(rows)
}

fn folders(ground: &Ground<'_>, agent: &str) -> Result<Vec<(PathBuf, &'static str)>> {
    let kept = ground.place.find(agent)?;
    let engine = kept.and_then(|kept| Engine::of(kept.sandbox));
    let mounted = match engine {
        Some(engine) => inspected(ground, engine, agent)?,
        None => None,
    };
    let Some(mounted) = mounted else {
        return Ok(vec![
            (ground.workspace(agent)?.0, WORKSPACE),
            (ground.place.settings(agent), SETTINGS),
            (ground.place.given(agent), GIVEN),
        ]);
    };
    let all = mounted["Mounts"].as_array().cloned().unwrap_or_default();
    let places = [WORKSPACE, SETTINGS, GIVEN];
    let own = all.iter().filter_map(|mount| {
        let to = places
            .into_iter()
            .find(|place| mount["Destination"] == *place)?;
        Some((PathBuf::from(mount["Source"].as_str()?), to))
    });
    Ok(own.collect())
}
