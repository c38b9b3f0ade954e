//! Prompts: what the reviewer of a document is asked.

use anyhow::{Result, bail};
use rmcp::model::{
    CacheScope, GetPromptRequestParams, GetPromptResult, ListPromptsResult, Prompt, PromptArgument,
    PromptMessage, Role,
};
use serde_json::Value;

use super::tool::Call;
use crate::ops::prompts;

const REVIEW: &str = "review";

pub(super) fn listed() -> ListPromptsResult {
    let id = PromptArgument::new("id")
        .with_description("The document's id, such as CR-045.")
        .with_required(true);
    let about = "What to look at in a document, and how to answer, by its type and the round that it is in.";
    let review = Prompt::new(REVIEW, Some(about), Some(vec![id])).with_title("Review a document");
    ListPromptsResult::with_all_items(vec![review])
        .with_ttl_ms(0)
        .with_cache_scope(CacheScope::Public)
}

pub(super) fn text(call: &Call, asked: &GetPromptRequestParams) -> Result<GetPromptResult> {
    if asked.name != REVIEW {
        bail!("there is no prompt `{}`", asked.name.escape_debug());
    }
    let arguments = asked.arguments.iter().flatten();
    let mut id = None;
    for (name, value) in arguments {
        match (name.as_str(), value) {
            ("id", Value::String(text)) => id = Some(text),
            _ => bail!("`{REVIEW}` takes the `id` of a document, and nothing else"),
        }
    }
    let Some(id) = id else {
        bail!("`{REVIEW}` takes the `id` of a document");
    };
    let text = prompts::review(&call.session, &call.session.id(id)?)?;
    let message = PromptMessage::new_text(Role::User, text);
    Ok(GetPromptResult::new(vec![message]))
}
