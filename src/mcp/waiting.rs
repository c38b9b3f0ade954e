//! Calls that wait for their turn to write: so many of one user and no more, since each holds what it brings.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

const MOST: usize = 16;

type Counts = Arc<Mutex<HashMap<String, usize>>>;

#[derive(Default)]
pub(super) struct Waiting(Counts);

/// A place among them; dropped, it is free again.
pub(super) struct Place {
    counts: Counts,
    user: String,
}

impl Waiting {
    /// None where too many of his wait already.
    pub(super) fn place(&self, user: Option<&str>) -> Option<Place> {
        let user = user.unwrap_or_default().to_owned();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(user.clone()).or_default();
        if *count == MOST {
            return None;
        }
        *count += 1;
        Some(Place {
            counts: self.0.clone(),
            user,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.user) {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m7_so_many_of_one_user_wait_and_others_are_let_in() {
        let waiting = Waiting::default();
        let places: Vec<_> = (0..MOST).map(|_| waiting.place(Some("claude"))).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(waiting.place(Some("claude")).is_none());
        assert!(waiting.place(Some("dev")).is_some());
        drop(places);
        assert!(waiting.place(Some("claude")).is_some());
    }
}
