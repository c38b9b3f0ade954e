//! Starting boxes: a gateway, a token and settings for each agent, and a box that has done what its agent will do.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::engine::{Engine, last};
use super::gate::Gate;
use super::place::{Kept, own};
use super::{Ground, give, image};
use crate::model::boxes::bubblewrap::{self, Around};
use crate::model::boxes::docker::{self, Container};
use crate::model::boxes::settings::{Facts, url};
use crate::model::boxes::view::{Sandbox, Started};
use crate::model::boxes::{Folders, Reach, Shape};
use crate::model::health::{Row, Verdict};
use crate::ops::session::Session;

/// What boxes are to be started, and how.
#[derive(Debug, Clone)]
pub struct Asked {
    pub agents: Vec<String>,
    pub sandbox: Sandbox,
    pub reach: Reach,
    /// Where the gateway is to listen; where it did before, or at any port, where this is not said.
    pub port: Option<u16>,
    /// A package of npm that is an agent's program, for the image.
    pub cli: Option<String>,
}

/// What all boxes of one start have in common.
pub(super) struct Base {
    pub(super) sandbox: Sandbox,
    pub(super) reach: Reach,
    cli: Option<String>,
    /// The image, and empty where there is none, as the next.
    image: String,
    network: String,
    host: IpAddr,
}

/// Starts boxes, or keeps those that run and are what would be made.
// Implements: REQ-QMS-CMD-SESSION-UP
pub fn up(session: &Session, asked: &Asked) -> Result<Vec<Started>> {
    let ground = Ground::of(session)?;
    if asked.agents.is_empty() {
        bail!("nobody is named; who could be: qms user list");
    }
    for agent in &asked.agents {
        ground.knows(agent)?;
    }
    apart(&ground)?;
    let base = Base::ready(&ground, asked)?;
    // A gateway that others reach does not start before somebody may call it.
    let mut known = Vec::new();
    for agent in &asked.agents {
        known.push((
            agent,
            give::token(session, &ground.place.given(agent), agent)?,
        ));
    }
    let gate = Gate::ready(&ground, asked.sandbox, base.host, asked.port)?;
    let mut out = Vec::new();
    for (agent, token) in &known {
        let started = start(&ground, &base, &gate, agent, token);
        out.push(started.with_context(|| format!("the box of `{agent}` does not start"))?);
    }
    Ok(out)
}

/// Refuses agents who would write in one folder.
fn apart(ground: &Ground<'_>) -> Result<()> {
    let mut whose: BTreeMap<_, String> = BTreeMap::new();
    for agent in ground.agents()? {
        let (folder, _) = ground.workspace(&agent)?;
        if let Some(other) = whose.insert(folder, agent.clone()) {
            bail!(
                "`{agent}` and `{other}` have one workspace by the policy, and each needs his own: \
                 qms user set {agent} --workspace {agent}"
            );
        }
    }
    Ok(())
}

impl Base {
    fn ready(ground: &Ground<'_>, asked: &Asked) -> Result<Base> {
        let mut base = Base {
            sandbox: asked.sandbox,
            reach: asked.reach,
            cli: asked.cli.clone(),
            image: String::new(),
            network: String::new(),
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let Some(engine) = Engine::of(asked.sandbox) else {
            if asked.reach == Reach::Gateway {
                bail!(
                    "bubblewrap shares the network of this machine, where the gateway is; \
                     --internal needs an engine: --sandbox docker"
                );
            }
            return Ok(base);
        };
        engine.answers()?;
        base.image = image::ready(engine, asked.cli.as_deref(), ground.place.user())?;
        base.network = network(&ground.place.mark, asked.reach);
        if !engine.has("network", &base.network)? {
            let make = docker::network(&base.network, &ground.place.mark, asked.reach);
            engine.ask(&make)?;
        }
        base.host = engine.host_in(&base.network)?;
        Ok(base)
    }

    /// What a box is, and what it is made of in full.
    pub(super) fn shape(&self, ground: &Ground<'_>, agent: &str) -> Result<(Shape, String)> {
        let shape = shape(ground, agent, self.reach)?;
        let made_of = shape.digest(&format!("{} {} {}", self.image, self.network, self.host));
        Ok((shape, made_of))
    }
}

/// The network of a repository's boxes.
pub(super) fn network(mark: &str, reach: Reach) -> String {
    match reach {
        Reach::Everything => format!("qms-{mark}"),
        Reach::Gateway => format!("qms-{mark}-internal"),
    }
}

pub(super) fn container(mark: &str, agent: &str) -> String {
    format!("qms-{mark}-{agent}")
}

pub(super) fn shape(ground: &Ground<'_>, agent: &str, reach: Reach) -> Result<Shape> {
    let text = |path: &std::path::Path| {
        let text = path.to_str().map(str::to_owned);
        text.with_context(|| format!("`{}` is not UTF-8", path.display()))
    };
    let folders = Folders {
        repo: text(&ground.root)?,
        workspace: text(&ground.workspace(agent)?.0)?,
        settings: text(&ground.place.settings(agent))?,
        given: text(&ground.place.given(agent))?,
    };
    Ok(Shape::of(agent, ground.place.user(), folders, reach))
}

fn start(
    ground: &Ground<'_>,
    base: &Base,
    gate: &Gate,
    agent: &str,
    token: &str,
) -> Result<Started> {
    let begun = Instant::now();
    let place = &ground.place;
    let inside = base.sandbox != Sandbox::Bubblewrap;
    let (workspace, is_named) = ground.workspace(agent)?;
    place.own(&workspace, inside)?;
    place.own(&place.settings(agent), inside)?;
    let (_, identity) = ground.role(agent)?;
    place.give(
        &Facts {
            agent,
            token,
            instance: &give::instance(&place.instance(agent))?,
            port: gate.port,
            identity: identity.as_deref(),
            user: place.user(),
        },
        inside,
    )?;
    let (shape, made_of) = base.shape(ground, agent)?;
    let what = match Engine::of(base.sandbox) {
        Some(engine) => contained(ground, base, engine, &shape, &made_of)?,
        None => "started",
    };
    let kept = Kept {
        sandbox: base.sandbox,
        reach: base.reach,
        cli: base.cli.clone(),
        made_of,
    };
    place.keep(agent, &kept)?;
    let rows = asked(ground, &kept, agent, &["--ready"])?;
    if let Some(row) = rows.iter().find(|row| row.verdict == Verdict::Wrong) {
        bail!(
            "{}: {}; to see what else: qms doctor --session {agent}",
            row.of,
            row.is
        );
    }
    let mut notes = Vec::new();
    if !is_named {
        notes.push(format!(
            "the policy gives `{agent}` no workspace, so nothing is taken from it: qms user set {agent} --workspace {agent}"
        ));
    }
    Ok(Started {
        agent: agent.to_owned(),
        sandbox: base.sandbox,
        gateway: url(gate.port),
        workspace: workspace.display().to_string(),
        what,
        milliseconds: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        notes,
    })
}

/// Starts a container, unless one runs that is the same; any other of its name goes.
fn contained(
    ground: &Ground<'_>,
    base: &Base,
    engine: Engine,
    shape: &Shape,
    made_of: &str,
) -> Result<&'static str> {
    let name = container(&ground.place.mark, &shape.agent);
    match engine.container(&name)? {
        Some((true, was)) if was == made_of => return Ok("kept"),
        Some(_) => drop(engine.ask(&["rm", "--force", &name])?),
        None => {}
    }
    let container = Container {
        name,
        repository: ground.place.mark.clone(),
        made_of: made_of.to_owned(),
        image: base.image.clone(),
        network: base.network.clone(),
        host: base.host.to_string(),
    };
    engine.ask(&docker::run(shape, &container))?;
    Ok("started")
}

/// A command that runs something in a box. `terminal`: whether it is given the one of whoever runs this.
pub(super) fn within(
    ground: &Ground<'_>,
    kept: &Kept,
    agent: &str,
    terminal: bool,
) -> Result<std::process::Command> {
    let Some(engine) = Engine::of(kept.sandbox) else {
        let own = own()?;
        let kind = std::env::var("TERM").unwrap_or_else(|_| "dumb".to_owned());
        let around = Around {
            program: own.display().to_string(),
            // Where the kernel lets a program type into its terminal, a box has none.
            terminal: (terminal && !types()).then_some(kind),
        };
        let shape = shape(ground, agent, kept.reach)?;
        let mut command = super::engine::program("bwrap");
        command.args(bubblewrap::run(&shape, &around));
        return Ok(command);
    };
    let mut command = engine.command();
    command.args(["exec", "--interactive"]);
    if terminal {
        command.arg("--tty");
    }
    command.arg(container(&ground.place.mark, agent));
    Ok(command)
}

/// Whether whoever has a terminal can put words into its input.
fn types() -> bool {
    let set = std::fs::read_to_string("/proc/sys/dev/tty/legacy_tiocsti");
    !set.is_ok_and(|set| set.trim() == "0")
}

/// What comes back from inside a box.
#[derive(serde::Deserialize)]
struct Said {
    rows: Vec<Row>,
}

/// What is seen from inside a box.
pub(super) fn asked(
    ground: &Ground<'_>,
    kept: &Kept,
    agent: &str,
    args: &[&str],
) -> Result<Vec<Row>> {
    let mut command = within(ground, kept, agent, false)?;
    command
        .args(["qms", "--format", "json", "session", "inside"])
        .args(args);
    let name = kept.sandbox.as_str();
    let ran = command.stdin(Stdio::null()).output();
    let ran = ran.with_context(|| match kept.sandbox {
        Sandbox::Bubblewrap => {
            "cannot start `bwrap`; on Debian: apt-get install bubblewrap".to_owned()
        }
        _ => format!("cannot start `{name}`"),
    })?;
    let said: Option<Said> = serde_json::from_slice(&ran.stdout).ok();
    said.map(|said| said.rows).with_context(|| {
        let said = last(&ran.stderr);
        match said.contains("amespace") || said.contains("uid map") {
            true => format!("{name} may not make a box here, the kernel says: {said}"),
            false => format!("nothing can be asked in the box: {said}"),
        }
    })
}
