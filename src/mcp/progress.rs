//! Telling a client that asked for it how far a long call has come.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RoleServer};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Told what is counted, how many are done, and of how many where that is known.
pub(super) type Watch = Arc<dyn Fn(&str, usize, Option<usize>) + Send + Sync>;

/// Between two of them.
const PAUSE: Duration = Duration::from_millis(200);

/// A watch, and what it has seen as sentences.
pub(super) fn watch() -> (Watch, UnboundedReceiver<String>) {
    let (to, from): (UnboundedSender<String>, _) = unbounded_channel();
    let last = Mutex::new(Instant::now());
    let watch = move |what: &str, done: usize, total: Option<usize>| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() < PAUSE {
            return;
        }
        *last = Instant::now();
        let of = total
            .map(|total| format!(" of {total}"))
            .unwrap_or_default();
        // Whoever went away is not told.
        let _ = to.send(format!("{what}: {done}{of}"));
    };
    (Arc::new(watch), from)
}

/// Sends what is seen until the watch is gone.
pub(super) async fn tell(
    peer: Peer<RoleServer>,
    token: ProgressToken,
    mut seen: UnboundedReceiver<String>,
) {
    let mut count = 0.0;
    while let Some(message) = seen.recv().await {
        count += 1.0;
        let said = ProgressNotificationParam::new(token.clone(), count).with_message(message);
        if peer.notify_progress(said).await.is_err() {
            return;
        }
    }
}
