//! Connections: how many there may be, and how long one may say nothing before it is closed.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Until all of a request's headers are there, and until calls that are under way have been answered at the end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Files that this process may have open, if the system lets it.
const WANTED: u64 = 65_536;
/// Of these, what is not for connections.
const OWN: u64 = 256;

/// Serves until `stop`; what is under way then is answered.
pub(super) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let files = rlimit::increase_nofile_limit(WANTED).unwrap_or(1024);
    let most = usize::try_from(files.saturating_sub(OWN)).unwrap_or(usize::MAX);
    let places = Arc::new(Semaphore::new(most.clamp(64, Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, _)) = accepted else {
            // Nothing can be opened just now; others end first.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            continue;
        };
        // A reply that waits for the next packet waits for forty milliseconds.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _ = connection.await;
            drop(place);
        });
    }
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(PATIENCE) => {}
    }
}
