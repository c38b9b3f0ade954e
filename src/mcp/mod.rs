//! The gateway: agents that cannot write here get their work done through it. It knows who calls from the connection,
//! decides as every hook does, and makes the commit itself. Source: threats.md "The gateway".

mod accept;
mod asked;
mod auth;
mod coding;
mod earlier;
mod exec;
mod filling;
mod gateway;
mod http;
mod lease;
mod log;
mod looking;
mod made;
mod mend;
mod metrics;
mod moving;
mod progress;
mod prompts;
mod reading;
mod repeated;
mod resources;
mod said;
pub(crate) mod selftest;
mod server;
mod sse;
mod tool;
mod waiting;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::{ServerHandler, ServiceExt};

use gateway::{Caller, Gateway};
use server::Server;

/// How clients reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Transport {
    Stdio,
    StreamableHttp,
    /// The older one, for clients that speak no other; `/mcp` is there too
    Sse,
}

/// What it is started with.
pub(crate) struct Options {
    pub(crate) transport: Transport,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) root: PathBuf,
    /// The branch that it writes; the one that is checked out where none is named.
    pub(crate) branch: Option<String>,
    /// Host names beside those of this machine under which it may be reached.
    pub(crate) hosts: Vec<String>,
    /// Where the folders of agents are.
    pub(crate) workspaces: Option<PathBuf>,
    /// Who calls over stdio.
    pub(crate) user: Option<String>,
}

/// What a client over stdio may show instead of being named at the start.
const TOKEN: &str = "QMS_TOKEN";

/// Serves until it is told to stop.
// Implements: REQ-QMS-CMD-MCP
pub(crate) fn run(options: Options) -> Result<ExitCode> {
    let gateway = Arc::new(Gateway::open(&options)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    match options.transport {
        Transport::Stdio => {
            let caller = at_start(&gateway, options.user)?;
            runtime.block_on(stdio(gateway, caller))?;
        }
        Transport::StreamableHttp | Transport::Sse => {
            if options.user.is_some() {
                bail!("over http a token says who calls: qms token new AGENT");
            }
            runtime.block_on(http::serve(gateway, &options))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Serves handlers of others in the place of the gateway's own, on a free port behind the same checks. This is how the
/// protocol's own suite, which asks for tools of its own, is put to what the gateway is reached through. `sessions`:
/// whether a client gets one; the gateway itself keeps none.
pub async fn stand_in<S: ServerHandler>(
    root: &Path,
    sessions: bool,
    make: impl Fn() -> S + Send + Sync + 'static,
    until: impl Future<Output = ()>,
) -> Result<()> {
    let options = Options {
        transport: Transport::StreamableHttp,
        host: "127.0.0.1".to_owned(),
        port: 0,
        root: root.to_owned(),
        branch: None,
        hosts: Vec::new(),
        workspaces: None,
        user: None,
    };
    let gateway = Arc::new(Gateway::open(&options)?);
    if sessions {
        let handlers = http::Handlers {
            make,
            sessions: LocalSessionManager::default(),
            kept: true,
        };
        return http::offer(gateway, &options, handlers, until).await;
    }
    let handlers = http::Handlers {
        make,
        sessions: NeverSessionManager::default(),
        kept: false,
    };
    http::offer(gateway, &options, handlers, until).await
}

async fn stdio(gateway: Arc<Gateway>, caller: Caller) -> Result<()> {
    let server = Server::of(gateway, Some(caller));
    match server.serve(rmcp::transport::stdio()).await {
        Ok(running) => {
            running.waiting().await?;
            Ok(())
        }
        // Who went away before he said anything has nothing to complain of.
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(error).context("the client said what could not be understood"),
    }
}

/// Who calls over stdio: whoever the token is of, or who is named at the start. Without either there is only reading.
fn at_start(gateway: &Gateway, user: Option<String>) -> Result<Caller> {
    let token = std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
    let by_token = match &token {
        Some(token) => {
            let known = gateway.tokens.admits(token)?;
            Some(known.with_context(|| {
                format!("{TOKEN} is not known here, or over; a new one: qms token new AGENT")
            })?)
        }
        None => None,
    };
    match (by_token, user) {
        (Some(agent), Some(user)) if agent != user => {
            bail!("{TOKEN} is of `{agent}`, and --user names `{user}`; leave one of them out")
        }
        (agent, user) => Ok(Caller {
            user: agent.or(user),
            token,
            instance: Some(format!("process {}", std::process::id())),
        }),
    }
}
