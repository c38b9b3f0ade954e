//! What a platform hands to a run: variables of the environment, and on GitHub the file that describes the event. Whoever
//! opens a pull request chooses some of it, so nothing is taken but ids in full and names that a ref may have.

use std::collections::BTreeMap;

use serde_json::Value;

/// Why what a platform says cannot be used: a sentence that is safe to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Wrong(pub(super) String);

/// Variables and, where there is one, the description of the event.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub vars: BTreeMap<String, String>,
    pub event: Value,
}

/// Digits of an id, by the kind of hash.
const LENGTHS: [usize; 2] = [40, 64];
/// Bytes of a ref's name.
const MOST_NAME: usize = 1_000;

impl Given {
    /// A variable; none where it is not set or empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        let value = self.vars.get(name).map(String::as_str);
        value.filter(|v| !v.is_empty())
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.var(name) == Some(value)
    }

    /// A text of the event's description, by its JSON pointer.
    pub(super) fn text(&self, pointer: &str) -> Option<&str> {
        let text = self.event.pointer(pointer).and_then(Value::as_str);
        text.filter(|t| !t.is_empty())
    }

    /// The id that a variable holds.
    pub(super) fn var_id(&self, name: &str) -> Result<Option<String>, Wrong> {
        self.var(name).map_or(Ok(None), |text| id(name, text))
    }

    /// The id that stands in the event's description.
    pub(super) fn event_id(&self, pointer: &str) -> Result<Option<String>, Wrong> {
        self.text(pointer)
            .map_or(Ok(None), |text| id(&told(pointer), text))
    }

    /// The name of a branch or tag that a variable holds.
    pub(super) fn var_name(&self, variable: &str) -> Result<Option<String>, Wrong> {
        self.var(variable)
            .map(|text| name(variable, text))
            .transpose()
    }

    /// The same from the event's description.
    pub(super) fn event_name(&self, pointer: &str) -> Result<Option<String>, Wrong> {
        self.text(pointer)
            .map(|text| name(&told(pointer), text))
            .transpose()
    }
}

/// What must be there.
pub(super) fn needed<T>(what: &str, value: Option<T>) -> Result<T, Wrong> {
    value.ok_or_else(|| Wrong(format!("{what} is missing: this platform says it in no way that is known; the range can be named: qms ci --base REV --head REV")))
}

/// How a place in the event's description is called in a sentence.
fn told(pointer: &str) -> String {
    format!("`{}` of the event", pointer[1..].replace('/', "."))
}

/// An id in full; none for the zeros that stand for no commit.
fn id(place: &str, text: &str) -> Result<Option<String>, Wrong> {
    let full = LENGTHS.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !full {
        return Err(Wrong(format!("{place} holds no commit id in full")));
    }
    let zeros = text.bytes().all(|b| b == b'0');
    Ok((!zeros).then(|| text.to_ascii_lowercase()))
}

/// A name as git takes it for a ref.
fn name(place: &str, text: &str) -> Result<String, Wrong> {
    let bad = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    let component = |c: &str| {
        !c.is_empty() && !c.starts_with(['.', '-']) && !c.ends_with(['.']) && !c.ends_with(".lock")
    };
    let good = text.len() <= MOST_NAME
        && text != "@"
        && !text.contains(bad)
        && !text.contains("..")
        && !text.contains("@{")
        && text.split('/').all(component);
    match good {
        true => Ok(text.to_owned()),
        false => Err(Wrong(format!(
            "{place} holds no name that a branch or tag may have"
        ))),
    }
}

/// What platforms hand over, for the tests of each.
#[cfg(test)]
pub(super) mod sample {
    use super::{Given, Value};

    pub(crate) const A: &str = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
    pub(crate) const B: &str = "ec26c3e57ca3a959ca5aad62de7213c562f8c821";
    pub(crate) const C: &str = "7638417db6d59f3c431d3e1f261cc637155684cd";
    pub(crate) const NONE: &str = "0000000000000000000000000000000000000000";

    pub(crate) fn given(vars: &[(&str, &str)], event: Value) -> Given {
        let vars = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Given {
            vars: vars.collect(),
            event,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_ids_are_taken() {
        let one = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(id("X", one), Ok(Some(one.to_owned())));
        assert_eq!(id("X", &one.to_uppercase()), Ok(Some(one.to_owned())));
        assert_eq!(id("X", &"a".repeat(64)), Ok(Some("a".repeat(64))));
        for zeros in [40, 64] {
            assert_eq!(id("X", &"0".repeat(zeros)), Ok(None));
        }
        for wrong in [
            "",
            "HEAD",
            "0123456",
            "--output=x",
            &one.replace('f', "g"),
            &format!("{one}\n"),
        ] {
            assert!(id("X", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn only_names_that_a_ref_may_have_are_taken() {
        for good in [
            "main",
            "release/1.0",
            "dependabot/npm_and_yarn/a-1",
            "ä",
            "gh-readonly-queue/main/pr-1-abc",
        ] {
            assert_eq!(name("X", good).as_deref(), Ok(good));
        }
        for wrong in [
            "", "/a", "a/", "a//b", "-x", "a/-x", ".a", "a/.b", "a.", "a.lock", "a..b", "a b",
            "a\nb", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "@", "a@{1}",
        ] {
            assert!(name("X", wrong).is_err(), "{wrong:?}");
        }
    }
}
