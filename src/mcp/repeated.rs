//! What was answered to which request, so that whoever asks again after a timeout is told the same. In memory alone:
//! after a restart the log is asked, where each commit names its request.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};
use serde_json::Value;

/// Requests that are remembered.
const MOST: usize = 4096;

/// Who asked, and what he calls it.
pub(super) type Key = (String, String);

#[derive(Default)]
pub(super) struct Repeated {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    answers: HashMap<Key, (String, Value, Value)>,
    order: VecDeque<Key>,
}

impl Repeated {
    /// The answer that was given. The same name for something else is refused.
    pub(super) fn find(&self, key: &Key, tool: &str, arguments: &Value) -> Result<Option<Value>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.answers.get(key) {
            None => Ok(None),
            Some((name, was, answer)) if name == tool && was == arguments => {
                Ok(Some(answer.clone()))
            }
            Some((name, ..)) => bail!(
                "the request id `{}` was used for another call of {name}; take a new one",
                key.1
            ),
        }
    }

    pub(super) fn keep(&self, key: Key, tool: &str, arguments: &Value, answer: &Value) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let value = (tool.to_owned(), arguments.clone(), answer.clone());
        if known.answers.insert(key.clone(), value).is_none() {
            known.order.push_back(key);
        }
        while known.order.len() > MOST {
            if let Some(oldest) = known.order.pop_front() {
                known.answers.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn m6_a_request_is_answered_once_and_its_name_is_not_used_twice() {
        let repeated = Repeated::default();
        let key = ("claude".to_owned(), "r1".to_owned());
        let find = |key: &Key, id: &str| repeated.find(key, "qms_release", &json!({ "id": id }));
        assert_eq!(find(&key, "CR-001").expect("unknown"), None);
        repeated.keep(
            key.clone(),
            "qms_release",
            &json!({ "id": "CR-001" }),
            &json!(1),
        );
        assert_eq!(find(&key, "CR-001").expect("known"), Some(json!(1)));
        assert!(find(&key, "CR-002").is_err());
        let other = ("qa".to_owned(), "r1".to_owned());
        assert_eq!(find(&other, "CR-001").expect("another's"), None);
        for n in 0..=MOST {
            repeated.keep(("x".to_owned(), n.to_string()), "t", &json!({}), &json!(n));
        }
        assert_eq!(find(&key, "CR-001").expect("forgotten"), None);
    }
}
