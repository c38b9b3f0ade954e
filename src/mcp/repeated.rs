//! What was answered to which request, so that whoever asks again after a timeout is told the same. In memory alone:
//! after a restart the log is asked, where each commit names its request.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::model::document::digest;

/// Requests that are remembered.
const MOST: usize = 4096;
/// Bytes of an answer that is remembered.
const LONGEST: usize = 16 * 1024;

/// Who asked, and what he calls it.
pub(super) type Key = (String, String);

#[derive(Default)]
pub(super) struct Repeated {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// By a mark of what was asked, since arguments may be large.
    answers: HashMap<Key, (String, Value)>,
    order: VecDeque<Key>,
}

impl Repeated {
    /// The answer that was given. The same name for something else is refused.
    pub(super) fn find(&self, key: &Key, mark: &str) -> Result<Option<Value>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.answers.get(key) {
            None => Ok(None),
            Some((was, answer)) if was == mark => Ok(Some(answer.clone())),
            Some(_) => bail!("{}", taken(&key.1)),
        }
    }

    /// A long answer is not kept: the log has what was made, and the caller is told from there.
    pub(super) fn keep(&self, key: Key, mark: &str, answer: &Value) {
        if answer.to_string().len() > LONGEST {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let value = (mark.to_owned(), answer.clone());
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

/// A mark of what was asked: the same for the same tool and arguments, on the same branch.
pub(super) fn mark(tool: &str, arguments: &Value, branch: Option<&str>) -> String {
    let branch = branch.unwrap_or_default();
    let digest = digest(format!("{tool} {arguments} {branch}").as_bytes());
    digest.trim_start_matches("sha256:")[..16].to_owned()
}

/// Said where a request's name stands for another call.
pub(super) fn taken(request: &str) -> String {
    format!("the request id `{request}` was used for another call; take a new one")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn m6_a_request_is_answered_once_and_its_name_is_not_used_twice() {
        let repeated = Repeated::default();
        let key = ("claude".to_owned(), "r1".to_owned());
        let of = |id: &str| mark("qms_release", &json!({ "id": id }), None);
        let find = |key: &Key, id: &str| repeated.find(key, &of(id));
        assert_eq!(find(&key, "CR-001").expect("unknown"), None);
        repeated.keep(key.clone(), &of("CR-001"), &json!(1));
        assert_eq!(find(&key, "CR-001").expect("known"), Some(json!(1)));
        assert!(find(&key, "CR-002").is_err());
        assert!(
            repeated
                .find(&key, &mark("qms_close", &json!({ "id": "CR-001" }), None))
                .is_err()
        );
        let other = ("qa".to_owned(), "r1".to_owned());
        assert_eq!(find(&other, "CR-001").expect("another's"), None);
        for n in 0..=MOST {
            repeated.keep(("x".to_owned(), n.to_string()), "m", &json!(n));
        }
        assert_eq!(find(&key, "CR-001").expect("forgotten"), None);
    }
}
