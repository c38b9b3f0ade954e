//! What a call is answered with: a value, or why not, as data.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

use super::mend;
use crate::ops::Refused;
use crate::report::json as findings;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) value: Value,
    /// The rules that refused it; empty where something else kept it from being done.
    pub(crate) rules: Vec<&'static str>,
    pub(crate) done: bool,
}

impl Said {
    pub(super) fn done(value: Value) -> Said {
        Said {
            value,
            rules: Vec::new(),
            done: true,
        }
    }

    /// A refusal with its findings and where things stand, or what went wrong.
    pub(super) fn not(error: &anyhow::Error, head: Option<String>) -> Said {
        let Some(Refused(found)) = error.downcast_ref::<Refused>() else {
            return Said {
                value: json!({ "error": format!("{error:#}"), "head": head }),
                rules: Vec::new(),
                done: false,
            };
        };
        let mut rules: Vec<&str> = found.iter().map(|f| f.rule.id).collect();
        rules.dedup();
        let shown = serde_json::to_value(findings::findings(found)).unwrap_or_default();
        let shown = mend::findings(shown);
        Said {
            value: json!({ "refused": true, "findings": shown, "head": head }),
            rules,
            done: false,
        }
    }

    pub(super) fn broken() -> Said {
        let why = "the gateway failed over this call, and nothing was changed; others go on";
        Said {
            value: json!({ "error": why }),
            rules: Vec::new(),
            done: false,
        }
    }

    /// As the protocol has it: the value as structure, and as text for clients that read nothing else.
    pub(super) fn result(self) -> CallToolResult {
        let content = vec![ContentBlock::text(self.value.to_string())];
        let mut result = match self.done {
            true => CallToolResult::success(content),
            false => CallToolResult::error(content),
        };
        result.structured_content = Some(self.value);
        result
    }
}
