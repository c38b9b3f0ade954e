//! What every tool that writes may be told beside its own arguments: the name of the request, and the state that the
//! caller has seen.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::ops::{Session, status};

/// The request, and what is expected.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) request: Option<String>,
    /// The status that the document has to be in.
    status: Option<String>,
    /// The commit that the branch has to be at.
    head: Option<String>,
    /// An execution branch in the place of the one that is served.
    pub(super) branch: Option<String>,
}

const LONGEST: usize = 128;

/// The argument of tools that work on an execution branch too.
pub(super) const BRANCH: &str = "branch";

/// The properties that the schemas of these tools have.
pub(super) fn properties() -> Vec<(&'static str, Value)> {
    let text = |about: &str| json!({ "type": "string", "description": about });
    vec![
        (
            "request_id",
            text(
                "Any text of your own that is new for each request. Sent again after a timeout, it finds what was made.",
            ),
        ),
        (
            "expect_status",
            text("Refuse unless the document is in this status, such as DRAFT."),
        ),
        (
            "expect_head",
            text("Refuse unless the branch is at this commit, given in full."),
        ),
    ]
}

pub(super) fn branch() -> Value {
    let about = "An execution branch, as git_branch makes it, in the place of the one that this gateway writes.";
    json!({ "type": "string", "description": about })
}

/// Takes them out of the arguments. `branched`: of a tool that works on an execution branch too.
pub(super) fn take(arguments: &mut Map<String, Value>, branched: bool) -> Result<Asked> {
    let mut text = |name: &str| match arguments.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => bail!("`{name}` is a text"),
    };
    let asked = Asked {
        request: text("request_id")?,
        status: text("expect_status")?,
        head: text("expect_head")?,
        branch: match branched {
            true => text(BRANCH)?,
            false => None,
        },
    };
    let plain = |request: &String| {
        let bytes = request.bytes();
        !request.is_empty()
            && request.len() <= LONGEST
            && bytes.into_iter().all(|b| b.is_ascii_graphic())
    };
    if asked
        .request
        .as_ref()
        .is_some_and(|request| !plain(request))
    {
        bail!("`request_id` is up to {LONGEST} visible ASCII characters without a blank");
    }
    Ok(asked)
}

/// Refuses where things are not as the caller has seen them.
pub(super) fn expected(session: &Session, asked: &Asked, arguments: &Value) -> Result<()> {
    if let Some(head) = &asked.head {
        let is = session.head()?.to_string();
        if *head != is {
            bail!("the branch is at {is}, expected {}", head.escape_debug());
        }
    }
    if let Some(status) = &asked.status {
        let id = arguments.get("id").and_then(Value::as_str);
        let id = id.context("`expect_status` is of a document, and this tool takes none")?;
        let is = status::status(session, &session.id(id)?)?.status;
        if !status.eq_ignore_ascii_case(is.as_str()) {
            bail!("{id} is {is}, expected {}", status.escape_debug());
        }
    }
    Ok(())
}
