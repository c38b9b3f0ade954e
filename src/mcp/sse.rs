//! The older transport with server-sent events, for clients that speak no other: `GET /sse` tells where to post and carries
//! the answers, `POST /messages` takes what the client says.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Extension, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use rmcp::ServiceExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, WriteHalf};

use super::gateway::{Caller, Gateway};
use super::http::LARGEST;
use super::server::Server;

/// Bytes of answers that wait for a client that does not read.
const WAITING: usize = 64 * 1024;
/// Connections of this kind at once.
const MOST: usize = 256;

/// Who is connected, and the pipe to the server that serves him.
type Peer = (Caller, Arc<tokio::sync::Mutex<WriteHalf<DuplexStream>>>);

#[derive(Clone, Default)]
struct Peers(Arc<Mutex<HashMap<String, Peer>>>);

impl Peers {
    fn with<T>(&self, change: impl FnOnce(&mut HashMap<String, Peer>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) fn router(gateway: Arc<Gateway>) -> Router<Arc<Gateway>> {
    Router::new()
        .route("/sse", get(connect))
        .route("/messages", post(say))
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(Extension(Peers::default()))
        .with_state(gateway)
}

/// A client that listens. It is forgotten when it goes away.
struct Listening {
    name: String,
    peers: Peers,
    lines: Lines<BufReader<tokio::io::ReadHalf<DuplexStream>>>,
    greeted: bool,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.peers.with(|peers| peers.remove(&self.name));
    }
}

async fn connect(
    State(gateway): State<Arc<Gateway>>,
    Extension(peers): Extension<Peers>,
    Extension(caller): Extension<Caller>,
) -> Response {
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() || peers.with(|peers| peers.len()) >= MOST {
        let why = "too many are connected; try again later\n";
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    }
    let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let (ours, theirs) = tokio::io::duplex(WAITING);
    let (read, write) = tokio::io::split(ours);
    let write = Arc::new(tokio::sync::Mutex::new(write));
    peers.with(|peers| peers.insert(name.clone(), (caller.clone(), write)));
    let server = Server::of(gateway, Some(caller));
    tokio::spawn(async move {
        if let Ok(running) = server.serve(tokio::io::split(theirs)).await {
            let _ = running.waiting().await;
        }
    });
    let listening = Listening {
        name,
        peers,
        lines: BufReader::new(read).lines(),
        greeted: false,
    };
    let events = futures::stream::unfold(listening, next);
    let kind = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (kind, Body::from_stream(events)).into_response()
}

/// The next event: first where to post, then what the server says, a line each.
async fn next(mut to: Listening) -> Option<(Result<Bytes, Infallible>, Listening)> {
    let event = if to.greeted {
        let line = to.lines.next_line().await.ok()??;
        format!("event: message\ndata: {line}\n\n")
    } else {
        to.greeted = true;
        format!("event: endpoint\ndata: /messages?session={}\n\n", to.name)
    };
    Some((Ok(Bytes::from(event)), to))
}

async fn say(
    Extension(peers): Extension<Peers>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let session = query.get("session").cloned().unwrap_or_default();
    let peer = peers.with(|peers| peers.get(&session).cloned());
    // Who posts to another's session is told no more than who posts to none.
    let Some((_, write)) = peer.filter(|(of, _)| *of == caller) else {
        return (
            StatusCode::NOT_FOUND,
            "there is no such session; GET /sse\n",
        )
            .into_response();
    };
    // One message a line: what is no JSON would run into the next.
    let Ok(message) = serde_json::from_slice::<serde_json::Value>(&body) else {
        return (StatusCode::BAD_REQUEST, "expected one message as JSON\n").into_response();
    };
    let sent = write
        .lock()
        .await
        .write_all(format!("{message}\n").as_bytes())
        .await;
    match sent {
        Ok(()) => (StatusCode::ACCEPTED, "accepted\n").into_response(),
        Err(_) => (StatusCode::GONE, "the session is over; GET /sse\n").into_response(),
    }
}
