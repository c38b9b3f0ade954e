//! `qms commit`: which arguments are ours and which are git's.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::sync;
use crate::ops::{self, Session};

/// Takes what is ours out of the arguments, wherever it stands; git gets the rest as it is.
// Implements: REQ-QMS-CMD-COMMIT
pub(super) fn commit(
    session: &Session,
    rest: Vec<OsString>,
    user: Option<String>,
) -> Result<ExitCode> {
    let (mut messages, mut change, mut item, mut git) = (Vec::new(), None, None, Vec::new());
    let mut push = false;
    let mut args = rest.into_iter();
    while let Some(arg) = args.next() {
        let text = arg.to_str().unwrap_or_default().to_owned();
        let (key, mut value) = match text.split_once('=') {
            Some((key, value)) if key.starts_with("--") => (key.to_owned(), Some(value.to_owned())),
            _ => (text.clone(), None),
        };
        if text == "--" {
            git.push(arg);
            git.extend(args.by_ref());
            break;
        }
        if text == "--push" {
            push = true;
            continue;
        }
        if !matches!(key.as_str(), "-m" | "--message" | "--change" | "--item") {
            git.push(arg);
            continue;
        }
        if value.is_none() {
            let next = args
                .next()
                .with_context(|| format!("`{key}` needs a value"))?;
            value = Some(
                next.into_string()
                    .map_err(|_| anyhow::anyhow!("the value of `{key}` is not UTF-8"))?,
            );
        }
        match key.as_str() {
            "--change" => change = value,
            "--item" => item = value,
            _ => messages.extend(value),
        }
    }
    if messages.is_empty() {
        bail!(
            "a message is missing: qms commit -m MESSAGE; to write it in an editor use git commit"
        );
    }
    let used = match (&change, ops::work::in_use(session)) {
        (Some(text), _) => Some(ops::work::InUse {
            change: session.id(text)?,
            item,
        }),
        (None, Some(used)) => Some(ops::work::InUse {
            item: item.or(used.item),
            ..used
        }),
        (None, None) => None,
    };
    let code = ops::work::commit(session, &messages.join("\n\n"), used, &git)?;
    let code = ExitCode::from(u8::try_from(code).unwrap_or(2));
    sync::hand_on(code, user, push)
}
