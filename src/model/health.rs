//! How an installation is: what `doctor` looked at, row by row, and what became of the forbidden things that it tried.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a row weighs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Good,
    /// Nothing is broken, and somebody should know.
    Mind,
    Wrong,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Good => "good",
            Verdict::Mind => "mind",
            Verdict::Wrong => "wrong",
        }
    }
}

/// Something that was looked at; from within a box, it comes back as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// What kind of thing it is, or what is wrong with it: `hook`, `hook-missing`. Stable.
    pub name: Cow<'static, str>,
    /// Which one: a hook, a setting.
    pub of: String,
    pub verdict: Verdict,
    /// What is there, and where that is wrong, what was expected.
    pub is: String,
    /// What mends it; the first is the usual way.
    pub mend: Vec<String>,
}

impl Row {
    pub fn good(name: &'static str, of: impl Into<String>, is: impl Into<String>) -> Row {
        Row {
            name: Cow::Borrowed(name),
            of: of.into(),
            verdict: Verdict::Good,
            is: is.into(),
            mend: Vec::new(),
        }
    }

    pub fn mind(name: &'static str, of: impl Into<String>, is: impl Into<String>) -> Row {
        Row {
            verdict: Verdict::Mind,
            ..Row::good(name, of, is)
        }
    }

    pub fn wrong(name: &'static str, of: impl Into<String>, is: impl Into<String>) -> Row {
        Row {
            verdict: Verdict::Wrong,
            ..Row::good(name, of, is)
        }
    }

    /// A command, or what to do, that mends it.
    pub fn mend(mut self, action: impl Into<String>) -> Row {
        self.mend.push(action.into());
        self
    }
}

/// Something that was tried in scratch copies, with everything before the layer that is asked out of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tried {
    /// Stable: `push-out-of-scope`.
    pub what: &'static str,
    /// The layer that must stop it: a hook, or a setting of git. Null for what must pass.
    pub layer: Option<&'static str>,
    /// The layer that did; null where it got through.
    pub stopped_by: Option<String>,
    /// The rules that were named.
    pub rules: Vec<String>,
    pub verdict: Verdict,
    /// What is not as it should be; empty where all is.
    pub is: String,
}

/// The answer of `qms doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Health {
    /// `clone` or `server`.
    pub what: &'static str,
    pub place: String,
    /// How many rows and tries are wrong.
    pub wrong: usize,
    pub rows: Vec<Row>,
    /// What was tried; null where nothing was: --prove.
    pub tried: Option<Vec<Tried>>,
}

impl Health {
    pub fn new(what: &'static str, place: String, rows: Vec<Row>) -> Health {
        Health {
            what,
            place,
            wrong: rows.iter().filter(|r| r.verdict == Verdict::Wrong).count(),
            rows,
            tried: None,
        }
    }

    pub fn tried(mut self, tried: Vec<Tried>) -> Health {
        let wrong = tried.iter().filter(|t| t.verdict == Verdict::Wrong);
        self.wrong += wrong.count();
        self.tried = Some(tried);
        self
    }
}
