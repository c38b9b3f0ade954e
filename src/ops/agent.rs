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
use crate::model::change::REGULAR;
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::workflow::Action;

/// Arguments of a program's tools that name the file which they change.
const FILES: [&str; 2] = ["file_path", "notebook_path"];

/// What speaks against a tool call that an agent's program is about to make: an edit is judged as the commit that it
/// would become, under the change in use. Calls that name no file to change are let through.
pub fn would_edit(session: &Session, call: &str) -> Result<Vec<Finding>> {
    let call: Value = serde_json::from_str(call).context("the tool call is no JSON")?;
    let input = call
        .get("tool_input")
        .context("the tool call has no `tool_input`")?;
    let named = FILES.iter().find_map(|name| input.get(name));
    let Some(file) = named else {
        return Ok(Vec::new());
    };
    let file = file
        .as_str()
        .context("the file of the tool call is no text")?;
    match inside(session, Path::new(file))? {
        Some(path) => judged(session, &path),
        None => Ok(Vec::new()),
    }
}

/// The path in the tree of a file on disk; none where it is not in this work tree.
fn inside(session: &Session, file: &Path) -> Result<Option<TreePath>> {
    let root = session
        .repo
        .work_dir()
        .context("there is no work tree here")?;
    let root = std::fs::canonicalize(root)?;
    let file = std::path::absolute(file)?;
    // What is there is followed to where it really is; the rest is only names, and none of them leads up.
    let (mut there, mut rest) = (file.clone(), Vec::new());
    while !there.exists() {
        let Some(name) = there.file_name().map(ToOwned::to_owned) else {
            bail!("`{}` leads up from what is not there", file.display());
        };
        rest.push(name);
        there.pop();
    }
    let real: PathBuf = [std::fs::canonicalize(&there)?]
        .into_iter()
        .chain(rest.into_iter().rev().map(PathBuf::from))
        .collect();
    if real.starts_with(std::fs::canonicalize(session.repo.common_dir())?) {
        bail!("agents do not write into git's own folder");
    }
    let path = real.strip_prefix(&root).ok();
    let path = path.map(|path| path.as_os_str().as_encoded_bytes());
    Ok(path.filter(|path| !path.is_empty()).map(TreePath::new))
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
pub fn install_claude(session: &Session, url: Option<&str>) -> Result<Vec<Written>> {
    let hook = json!({
        "matcher": "Edit|MultiEdit|Write|NotebookEdit",
        "hooks": [{ "type": "command", "command": "qms hook pre-tool-use", "onFailure": "block" }],
    });
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
