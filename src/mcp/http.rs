//! Streamable HTTP at `/mcp`, with what a process that is watched over has beside it.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::SessionManager;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::gateway::Gateway;
use super::server::Server;
use super::{Options, Transport, accept, auth, log, sse};

/// Names under which this machine is reached from itself and from its containers.
const HOSTS: [&str; 4] = ["localhost", "127.0.0.1", "::1", "host.docker.internal"];
/// Bytes of one request.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

/// The names under which this may be reached, and the port.
struct Hosts {
    names: Vec<String>,
    port: u16,
}

impl Hosts {
    fn of(more: &[String], port: u16) -> Hosts {
        let own = HOSTS.into_iter().map(str::to_owned);
        let names = own.chain(more.iter().cloned()).collect();
        Hosts { names, port }
    }

    fn known(&self, name: &str) -> bool {
        let name = name.trim_matches(['[', ']']);
        self.names.iter().any(|h| h.eq_ignore_ascii_case(name))
    }

    /// Whether a request is meant for this process, and comes from no page of a browser that is another's.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let name = host.map(|host| match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        });
        let mut origins = headers.get_all(header::ORIGIN).iter();
        name.is_some_and(|name| self.known(name))
            && origins.all(|origin| origin.to_str().is_ok_and(|o| self.own(o)))
    }

    /// Whether an origin is this process itself.
    fn own(&self, origin: &str) -> bool {
        let authority = origin.strip_prefix("http://");
        authority
            .and_then(|authority| authority.rsplit_once(':'))
            .is_some_and(|(name, port)| self.known(name) && port == self.port.to_string())
    }

    /// All origins that are this process.
    fn origins(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(|name| match name.contains(':') {
            true => format!("http://[{name}]:{}", self.port),
            false => format!("http://{name}:{}", self.port),
        })
    }
}

async fn meant(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    match hosts.admits(request.headers()) {
        true => next.run(request).await,
        false => (
            StatusCode::FORBIDDEN,
            "this host or origin is not allowed\n",
        )
            .into_response(),
    }
}

/// Serves until a signal comes; calls that are under way are answered.
pub(super) async fn serve(gateway: Arc<Gateway>, options: &Options) -> Result<()> {
    let own = gateway.clone();
    let handlers = Handlers {
        make: move || Server::of(own.clone(), None),
        sessions: NeverSessionManager::default(),
        kept: false,
    };
    offer(gateway, options, handlers, signal()).await
}

/// What answers at `/mcp`.
pub(super) struct Handlers<F, M> {
    /// The handler of a request, or of a session where these are kept.
    pub(super) make: F,
    pub(super) sessions: M,
    /// Whether a client of the revisions that know sessions gets one.
    pub(super) kept: bool,
}

/// Serves handlers behind the checks of the gateway `until` it is over.
pub(super) async fn offer<F, S, M>(
    gateway: Arc<Gateway>,
    options: &Options,
    handlers: Handlers<F, M>,
    until: impl Future<Output = ()>,
) -> Result<()>
where
    F: Fn() -> S + Send + Sync + 'static,
    S: ServerHandler,
    M: SessionManager,
{
    let listener = listen(&gateway, options).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let hosts = Hosts::of(&options.hosts, address.port());
    let Handlers {
        make,
        sessions,
        kept,
    } = handlers;
    let service = StreamableHttpService::new(
        move || Ok(make()),
        Arc::new(sessions),
        StreamableHttpServerConfig::default()
            .with_legacy_session_mode(kept)
            .with_json_response(true)
            .with_allowed_hosts(hosts.names.clone())
            .with_allowed_origins(hosts.origins())
            .enforce_origin_validation()
            .with_max_request_body_bytes(LARGEST)
            .with_cancellation_token(stop.child_token()),
    );
    let mut served = Router::new().route_service("/mcp", service);
    if options.transport == Transport::Sse {
        log::event(
            "warning",
            json!(
                "the transport with server-sent events is the older one; clients of today speak http at /mcp"
            ),
        );
        served = served.merge(sse::router(gateway.clone()));
    }
    let router = served
        .route_layer(from_fn_with_state(Arc::new(hosts), meant))
        .route_layer(from_fn_with_state(gateway.clone(), known))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(counted))
        .with_state(gateway.clone());
    log::event(
        "listening",
        json!({ "url": format!("http://{address}/mcp"), "branch": gateway.branch() }),
    );
    let ended = stop.clone();
    let stopped = async move {
        until.await;
        ended.cancel();
    };
    accept::serve(listener, router, stopped).await;
    log::event("stopped", json!({}));
    Ok(())
}

async fn listen(gateway: &Gateway, options: &Options) -> Result<TcpListener> {
    let (host, port) = (options.host.as_str(), options.port);
    let name = if host == "localhost" {
        "127.0.0.1"
    } else {
        host
    };
    let ip: IpAddr = name
        .trim_matches(['[', ']'])
        .parse()
        .with_context(|| format!("`{host}` is no address to listen at, such as 127.0.0.1"))?;
    if !ip.is_loopback() && gateway.tokens.all()?.is_empty() {
        bail!("{host} is reached by others, and nobody has a token yet: qms token new AGENT");
    }
    match TcpListener::bind(SocketAddr::new(ip, port)).await {
        Ok(listener) => Ok(listener),
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => {
            bail!(
                "port {port} is taken; another: --port {}",
                port.wrapping_add(1).max(1024)
            )
        }
        Err(e) => Err(e).with_context(|| format!("cannot listen at {host}:{port}")),
    }
}

/// Lets in whoever is known, and says to the handler who it is.
async fn known(State(gateway): State<Arc<Gateway>>, mut request: Request, next: Next) -> Response {
    match auth::caller(&gateway, request.headers()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(why) => {
            gateway.metrics.turned_away();
            auth::refusal(why)
        }
    }
}

async fn ready(State(gateway): State<Arc<Gateway>>) -> Response {
    let asked = tokio::task::spawn_blocking(move || gateway.ready().is_ok());
    match asked.await {
        Ok(true) => "ready\n".into_response(),
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the repository cannot be read\n",
        )
            .into_response(),
    }
}

async fn counted(State(gateway): State<Arc<Gateway>>) -> String {
    gateway.metrics.text()
}

/// Waits for whoever wants this process to end.
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
