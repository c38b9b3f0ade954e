//! One live instance of an agent where the policy says so. In memory, and this gateway's alone: a restart ends all leases.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// An instance that said nothing for so long is not live.
const LIVE: Duration = Duration::from_secs(15 * 60);

/// Who has it, and since when he was last heard.
type Holder = (String, Instant);

#[derive(Default)]
pub(super) struct Leases(Mutex<HashMap<String, Holder>>);

impl Leases {
    /// Refuses all but the instance that was there first. `instance`: what it calls itself.
    pub(super) fn take(&self, agent: &str, instance: Option<&str>) -> Result<()> {
        self.take_at(agent, instance, Instant::now())
    }

    fn take_at(&self, agent: &str, instance: Option<&str>, now: Instant) -> Result<()> {
        let Some(instance) = instance else {
            bail!(
                "one instance of `{agent}` is at work at a time, so each says which it is: send a header X-QMS-Instance with any text that is this session's own"
            );
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((holder, heard)) = all.get(agent)
            && holder != instance
            && now.duration_since(*heard) < LIVE
        {
            let ago = now.duration_since(*heard).as_secs();
            bail!(
                "another instance of `{agent}` is at work here, heard {ago} s ago, and there is one at a time. This one cannot \
                 do anything: do not try again, end it and say so. Whoever runs this gateway can restart it to end the other's lease"
            );
        }
        all.insert(agent.to_owned(), (instance.to_owned(), now));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_instance_has_it_until_it_is_silent_for_long() {
        let leases = Leases::default();
        let start = Instant::now();
        let take = |instance, seconds| {
            let now = start + Duration::from_secs(seconds);
            leases
                .take_at("claude", instance, now)
                .map_err(|e| e.to_string())
        };
        assert!(take(None, 0).is_err_and(|e| e.contains("X-QMS-Instance")));
        assert_eq!(take(Some("a"), 0), Ok(()));
        assert!(take(Some("b"), 10).is_err_and(|e| e.contains("do not try again")));
        assert_eq!(take(Some("a"), 600), Ok(()));
        // Being refused takes nothing and keeps nothing alive.
        assert!(take(Some("b"), 1_400).is_err());
        assert_eq!(take(Some("b"), 1_500), Ok(()));
        assert!(take(Some("a"), 1_501).is_err());
        assert!(leases.take_at("dev", Some("x"), start).is_ok());
    }
}
