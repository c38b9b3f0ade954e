//! What a gateway counts: calls by tool and end, refusals by rule, and how long calls took.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::said::Said;

/// Upper ends of the classes of latency, in milliseconds.
const CLASSES: [u64; 9] = [1, 2, 5, 10, 25, 50, 100, 500, 5_000];

#[derive(Default)]
pub(crate) struct Metrics {
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    calls: BTreeMap<(&'static str, bool), u64>,
    rules: BTreeMap<&'static str, u64>,
    turned_away: u64,
    classes: [u64; CLASSES.len()],
    micros: u128,
}

impl Metrics {
    /// `refused`: what it was answered with where it was not done.
    pub(super) fn count(&self, what: &'static str, refused: Option<&Said>, took: Duration) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.calls.entry((what, refused.is_none())).or_default() += 1;
        for rule in refused.iter().flat_map(|said| &said.rules) {
            *counts.rules.entry(rule).or_default() += 1;
        }
        for (class, end) in counts.classes.iter_mut().zip(CLASSES) {
            *class += u64::from(took <= Duration::from_millis(end));
        }
        counts.micros += took.as_micros();
    }

    /// Somebody who showed no token, or none that is good.
    pub(super) fn turned_away(&self) {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .turned_away += 1;
    }

    /// In the text format of Prometheus.
    pub(super) fn text(&self) -> String {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::from("# TYPE qms_calls_total counter\n");
        for ((tool, done), count) in &counts.calls {
            let end = if *done { "done" } else { "refused" };
            out.push_str(&format!(
                "qms_calls_total{{tool=\"{tool}\",end=\"{end}\"}} {count}\n"
            ));
        }
        out.push_str("# TYPE qms_refusals_total counter\n");
        for (rule, count) in &counts.rules {
            out.push_str(&format!("qms_refusals_total{{rule=\"{rule}\"}} {count}\n"));
        }
        out.push_str("# TYPE qms_unauthorized_total counter\n");
        out.push_str(&format!("qms_unauthorized_total {}\n", counts.turned_away));
        out.push_str("# TYPE qms_call_seconds histogram\n");
        for (count, end) in counts.classes.iter().zip(CLASSES) {
            let end = end as f64 / 1e3;
            out.push_str(&format!(
                "qms_call_seconds_bucket{{le=\"{end}\"}} {count}\n"
            ));
        }
        let all: u64 = counts.calls.values().sum();
        out.push_str(&format!("qms_call_seconds_bucket{{le=\"+Inf\"}} {all}\n"));
        out.push_str(&format!(
            "qms_call_seconds_sum {}\n",
            counts.micros as f64 / 1e6
        ));
        out.push_str(&format!("qms_call_seconds_count {all}\n"));
        out
    }
}
