//! Agents at the keyboard: what they may edit before they do, and the files that tell their programs of qms.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::chain::{Chain, Wish};
use super::session::{Refused, Session};
use super::{wish, work};
use crate::git::read::Reader;
use crate::git::trees::{Differs, Raw};
use crate::git::write;
use crate::model::boxes::settings;
use crate::model::change::REGULAR;
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::workflow::Action;

/// Arguments of a program's tools that name the files which they change, at any depth.
const FILES: [&str; 6] = [
    "file_path",
    "filePath",
    "notebook_path",
    "path",
    "file",
    "filename",
];
/// Tools that only look.
const LOOKS: [&str; 5] = ["Read", "NotebookRead", "Grep", "Glob", "LS"];

/// What speaks against a tool call that an agent's program is about to make: an edit is judged as the commit that it
/// would become, under the change in use where the file is. Calls that name no file to change are let through.
// Implements: REQ-QMS-HOOK-PRE-TOOL-USE
pub fn would_edit(user: Option<&str>, call: &str) -> Result<Vec<Finding>> {
    let call: Value = serde_json::from_str(call).context("the tool call is no JSON")?;
    let tool = call.get("tool_name").and_then(Value::as_str);
    let input = call
        .get("tool_input")
        .context("the tool call has no `tool_input`")?;
    let mut files = Vec::new();
    if !tool.is_some_and(|tool| LOOKS.contains(&tool)) {
        named(input, &mut files)?;
    }
    let mut out = Vec::new();
    for file in files {
        out.extend(of_file(user, Path::new(&file))?);
    }
    Ok(out)
}

/// Every file that a value names.
fn named(value: &Value, out: &mut Vec<String>) -> Result<()> {
    match value {
        Value::Array(list) => list.iter().try_for_each(|value| named(value, out)),
        Value::Object(object) => object.iter().try_for_each(|(key, value)| {
            if !FILES.contains(&key.as_str()) {
                return named(value, out);
            }
            let file = value
                .as_str()
                .context("the file of the tool call is no text")?;
            out.push(file.to_owned());
            Ok(())
        }),
        _ => Ok(()),
    }
}

fn of_file(user: Option<&str>, file: &Path) -> Result<Vec<Finding>> {
    let file = std::path::absolute(file)?;
    // What is there is followed to where it really is; the rest is only names, and none of them leads up. A link that
    // leads nowhere is there, and cannot be followed.
    let (mut there, mut rest) = (file.clone(), Vec::new());
    while there.symlink_metadata().is_err() {
        let Some(name) = there.file_name().map(ToOwned::to_owned) else {
            bail!("`{}` leads up from what is not there", file.display());
        };
        rest.push(name);
        there.pop();
    }
    let followed = std::fs::canonicalize(&there);
    let followed = followed.with_context(|| format!("`{}` leads nowhere", there.display()))?;
    let folder = match followed.is_dir() {
        true => followed.clone(),
        false => followed.parent().unwrap_or(&followed).to_path_buf(),
    };
    let real: PathBuf = [followed]
        .into_iter()
        .chain(rest.into_iter().rev().map(PathBuf::from))
        .collect();
    if real.components().any(|part| part.as_os_str() == ".git") {
        bail!("agents do not write into git's own folder");
    }
    // The repository is the file's own, wherever the program runs.
    let Ok(session) = Session::open(&folder, user.map(str::to_owned)) else {
        return Ok(Vec::new());
    };
    let Some(root) = session.repo.work_dir() else {
        return Ok(Vec::new());
    };
    let path = real.strip_prefix(std::fs::canonicalize(root)?)?;
    judged(
        &session,
        &TreePath::new(path.as_os_str().as_encoded_bytes()),
    )
}

fn judged(session: &Session, path: &TreePath) -> Result<Vec<Finding>> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    if session.repo.branch().is_some_and(|b| policy.is_sandbox(&b)) {
        return Ok(Vec::new());
    }
    let mut chain = Chain::begin(session)?.trying();
    let tree = session.repo.tree_of(session.head()?)?;
    let before = session.repo.entry(tree, path)?;
    let mut bytes = match before {
        Some(raw) => session.repo.blob(raw.id)?,
        None => Vec::new(),
    };
    // Any other text does; this one says the same.
    bytes.push(b'\n');
    let tried = match Id::at_home(path, &policy.folder) {
        Some(id) => {
            let text = crate::model::document::text_of(&bytes);
            let text = before
                .and(text)
                .with_context(|| format!("there is no {id} yet; begin it with qms create"))?;
            let wish = Wish {
                text: Some(text),
                ..Wish::new(&id, Action::Edit)
            };
            chain.step(&wish)
        }
        None => {
            let after = Raw {
                mode: before.map_or(REGULAR, |raw| raw.mode),
                id: chain.repo().write_blob(&bytes)?,
            };
            let staged = [Differs {
                path: path.clone(),
                before,
                after: Some(after),
            }];
            let used = work::in_use(session);
            let trailers = work::trailers(session, &reader, &staged, used.as_ref())?;
            let message = match trailers {
                Some(trailers) => wish::written(&trailers, "Edit")?,
                None => "Edit\n".to_owned(),
            };
            let author = chain.author().clone();
            let puts = [(path.clone(), Some(after))];
            chain.commit(&puts, &message, &author).map(drop)
        }
    };
    match tried {
        Ok(()) => Ok(Vec::new()),
        Err(error) => error.downcast().map(|Refused(findings)| findings),
    }
}

/// A file that tells a program of qms.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    pub path: &'static str,
    /// False where it said so already.
    pub changed: bool,
}

/// Tells Claude Code of the gateway, over stdio as `user` or at a URL, and to ask before it edits.
// Implements: REQ-QMS-CMD-AGENT-INSTALL
pub fn install_claude(session: &Session, url: Option<&str>) -> Result<Vec<Written>> {
    let hook = settings::before_edits();
    Ok(vec![
        install_servers(session, url)?,
        changed(session, ".claude/settings.json", |settings| {
            let hooks = object(settings, "hooks")?;
            let list = hooks.entry("PreToolUse").or_insert_with(|| json!([]));
            let list = list
                .as_array_mut()
                .context("`hooks.PreToolUse` is no list")?;
            let ours = |entry: &Value| entry.to_string().contains("qms hook pre-tool-use");
            match list.iter().position(ours) {
                Some(at) => list[at] = hook,
                None => list.push(hook),
            }
            Ok(())
        })?,
    ])
}

/// Tells every program that reads `.mcp.json` of the gateway.
// Implements: REQ-QMS-CMD-AGENT-INSTALL
pub fn install_servers(session: &Session, url: Option<&str>) -> Result<Written> {
    let server = match url {
        Some(url) => json!({
            "type": "http", "url": url, "headers": { "Authorization": "Bearer ${QMS_TOKEN}" },
        }),
        None => {
            let policy = session.policy(&Reader::new(&session.repo))?;
            let user = session.actor(&policy)?;
            json!({ "type": "stdio", "command": "qms", "args": ["mcp", "--user", user] })
        }
    };
    changed(session, ".mcp.json", |file| {
        object(file, "mcpServers")?.insert("qms".to_owned(), server);
        Ok(())
    })
}

/// Changes a JSON file of the work tree; what it says else stays.
fn changed(
    session: &Session,
    path: &'static str,
    change: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
) -> Result<Written> {
    let root = session
        .repo
        .work_dir()
        .context("there is no work tree here")?;
    let place = root.join(path);
    let before = match std::fs::read(&place) {
        Ok(bytes) => Some(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(e) => return Err(e).with_context(|| format!("cannot read `{path}`")),
    };
    let mut value: Value = match &before {
        Some(bytes) => serde_json::from_slice(bytes)
            .with_context(|| format!("`{path}` is no JSON; mend it first"))?,
        None => json!({}),
    };
    let old = value.clone();
    let object = value.as_object_mut();
    change(object.with_context(|| format!("`{path}` is no JSON object"))?)?;
    let is_new = before.is_none() || value != old;
    if is_new {
        let text = serde_json::to_string_pretty(&value)? + "\n";
        write::replace(&place, text.as_bytes())?;
    }
    Ok(Written {
        path,
        changed: is_new,
    })
}

fn object<'v>(file: &'v mut Map<String, Value>, key: &str) -> Result<&'v mut Map<String, Value>> {
    let value = file.entry(key).or_insert_with(|| json!({}));
    value
        .as_object_mut()
        .with_context(|| format!("`{key}` is no object"))
}
