//! `qms session`: boxes that agents live in.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::answer::answer;
use super::args::Format;
use super::print::{self, width};
use crate::model::boxes::Reach;
use crate::model::boxes::view::Sandbox;
use crate::model::health::Health;
use crate::ops::Session;
use crate::ops::boxes::{self, Asked, News, inside};
use crate::report::{boxes as shown, health};

#[derive(Subcommand)]
pub(super) enum SessionCommand {
    /// Start boxes of agents, with the gateway that they reach; without a name, those that are to be there now
    Up(UpArgs),
    /// Which boxes there are, and what waits for whom
    Status,
    /// Enter the box of an agent: run its program there, or the command that is named
    Attach {
        agent: String,
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "COMMAND"
        )]
        rest: Vec<String>,
    },
    /// What the gateway said; and of an agent, what its container said and what it asked for
    Logs { agent: Option<String> },
    /// End boxes, and with the last one the gateway; workspaces and settings stay
    Down {
        agents: Vec<String>,
        /// Containers and networks of every repository, by their labels
        #[arg(long, conflicts_with = "agents")]
        all: bool,
    },
    /// Take away what an agent's programs kept: their settings and the login
    Reset { agent: String },
    /// What a box is given, written to a folder; see docker/compose.yaml
    #[command(hide = true)]
    Give {
        agent: String,
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// Where the gateway is
        #[arg(long, value_name = "N", default_value_t = 8000)]
        port: u16,
    },
    /// What is seen from inside; asked by up and doctor
    #[command(hide = true)]
    Inside {
        /// Only whether the gateway answers
        #[arg(long)]
        ready: bool,
        /// Only which ways there are to write into a folder
        #[arg(long, value_name = "DIR")]
        writes: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
pub(super) struct UpArgs {
    agents: Vec<String>,
    /// What makes them; docker where it is not said
    #[arg(long, value_enum, default_value = "docker")]
    sandbox: Kind,
    /// A network in which the gateway is all that is reached
    #[arg(long)]
    internal: bool,
    /// Where the gateway listens; where it did before, or at a port that is free
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// A package of npm that is an agent's program, for the image, such as @anthropic-ai/claude-code@2.1.332
    #[arg(long, value_name = "PACKAGE")]
    cli: Option<String>,
    /// Stay, say what begins to wait for agents, and start those whose role says so
    #[arg(long)]
    watch: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Docker,
    Podman,
    /// Without an engine, on Linux
    Bubblewrap,
}

impl From<Kind> for Sandbox {
    fn from(kind: Kind) -> Sandbox {
        match kind {
            Kind::Docker => Sandbox::Docker,
            Kind::Podman => Sandbox::Podman,
            Kind::Bubblewrap => Sandbox::Bubblewrap,
        }
    }
}

/// Between two looks at what waits.
const LOOKS: Duration = Duration::from_secs(3);
/// Between two looks whether a program has ended.
const STEP: Duration = Duration::from_millis(50);

pub(super) fn run(s: &Session, command: SessionCommand, format: Format) -> Result<ExitCode> {
    match command {
        SessionCommand::Up(args) => up(s, args, format),
        SessionCommand::Status => {
            let all = boxes::status(s)?;
            answer(format, &all, || shown::status(&all, width()))
        }
        SessionCommand::Attach { agent, rest } => attach(s, &agent, &rest),
        SessionCommand::Logs { agent } => {
            let said = boxes::logs(s, agent.as_deref())?;
            answer(format, json!({ "log": said }), || said.clone())
        }
        SessionCommand::Down { agents, .. } => {
            let ended = boxes::down(s, &agents)?;
            answer(format, json!({ "ended": ended }), || shown::ended(&ended))
        }
        SessionCommand::Reset { agent } => {
            boxes::reset(s, &agent)?;
            answer(format, json!({ "reset": agent }), || {
                format!("{agent} begins anew\n")
            })
        }
        SessionCommand::Give { agent, to, port } => {
            boxes::give(s, &agent, &to, port)?;
            Ok(ExitCode::SUCCESS)
        }
        SessionCommand::Inside { .. } => bail!("this is asked in a box"),
    }
}

/// The commands that need no repository.
pub(super) fn without(command: &SessionCommand, format: Format) -> Option<Result<ExitCode>> {
    match command {
        SessionCommand::Down { all: true, .. } => {
            Some(boxes::down_everywhere().and_then(|ended| {
                answer(format, json!({ "ended": ended }), || shown::ended(&ended))
            }))
        }
        SessionCommand::Inside { ready, writes } => Some(look(*ready, writes.as_deref(), format)),
        _ => None,
    }
}

fn up(s: &Session, args: UpArgs, format: Format) -> Result<ExitCode> {
    let asked = |agents| Asked {
        agents,
        sandbox: args.sandbox.into(),
        reach: if args.internal {
            Reach::Gateway
        } else {
            Reach::Everything
        },
        port: args.port,
        cli: args.cli.clone(),
    };
    let which = match args.agents.is_empty() {
        true => boxes::launched(s)?,
        false => args.agents.clone(),
    };
    if which.is_empty() && !args.watch {
        bail!(
            "nobody is to be started now; name somebody, or say `launch: always` or `launch: inbox` in QMS/agents/NAME.md"
        );
    }
    if !which.is_empty() {
        let started = boxes::up(s, &asked(which.clone()))?;
        answer(format, &started, || shown::started(&started))?;
    }
    if args.watch {
        return watch(s, which, asked, format);
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what begins to wait, and starts whose role asks for it, until it is interrupted.
fn watch(
    s: &Session,
    mut up: Vec<String>,
    asked: impl Fn(Vec<String>) -> Asked,
    format: Format,
) -> Result<ExitCode> {
    let mut news: std::collections::BTreeMap<String, News> = Default::default();
    loop {
        let now = Session::open_again(s)?;
        for agent in boxes::launched(&now)? {
            if !up.contains(&agent) {
                let started = boxes::up(&now, &asked(vec![agent.clone()]))?;
                answer(format, &started, || shown::started(&started))?;
                up.push(agent);
            }
        }
        for agent in &up {
            for line in news.entry(agent.clone()).or_default().lines(&now, agent)? {
                print::err(&format!("{line}\n"));
            }
        }
        thread::sleep(LOOKS);
    }
}

/// Runs a program in a box, at this terminal where there is one, and says meanwhile what begins to wait for its agent.
fn attach(s: &Session, agent: &str, rest: &[String]) -> Result<ExitCode> {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut child = boxes::attach(s, agent, rest, terminal)?
        .spawn()
        .context("the box cannot be entered")?;
    let mut news = News::default();
    let _ = news.lines(s, agent)?;
    let mut looked = Instant::now();
    loop {
        if let Some(ended) = child.try_wait()? {
            let code = ended.code().and_then(|code| u8::try_from(code).ok());
            return Ok(ExitCode::from(code.unwrap_or(1)));
        }
        if terminal && looked.elapsed() >= LOOKS {
            for line in news.lines(&Session::open_again(s)?, agent)? {
                // The program in the box has the terminal as it likes it.
                print::err(&format!("\r\n\x07{line}\r\n"));
            }
            looked = Instant::now();
        }
        thread::sleep(STEP);
    }
}

fn look(ready: bool, writes: Option<&std::path::Path>, format: Format) -> Result<ExitCode> {
    if let Some(folder) = writes {
        let through = inside::tried(folder)?;
        answer(format, &through, || {
            through.iter().map(|way| format!("{way}\n")).collect()
        })?;
        return Ok(ExitCode::from(u8::from(!through.is_empty())));
    }
    let about = inside::about()?;
    let mut rows = vec![inside::reached(&about)];
    if rows.iter().all(|row| row.mend.is_empty()) {
        rows.extend(crate::mcp::selftest::met(
            &about.url,
            &about.token,
            &about.instance,
            &about.agent,
        )?);
    }
    rows.push(inside::proxies());
    rows.extend(inside::told(&about));
    if !ready {
        rows.extend(inside::writes()?);
        rows.extend(inside::secrets());
    }
    let found = Health::new("box", about.agent, rows);
    answer(format, &found, || health::gateway(&found))?;
    Ok(ExitCode::from(u8::from(found.wrong > 0)))
}

/// `qms doctor --session`.
pub(super) fn doctor(s: &Session, agent: Option<&str>, format: Format) -> Result<ExitCode> {
    let found = boxes::doctor::doctor(s, agent)?;
    answer(format, &found, || health::gateway(&found))?;
    Ok(ExitCode::from(u8::from(found.wrong > 0)))
}
