//! Every document of a tree as a view. Reading thousands takes a tenth of a second, so what was read is kept in the
//! git directory under the folder's tree id and brought up to date by what differs. Lists ask here; no verdict does.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::git::read::Reader;
use crate::git::trees::Raw;
use crate::git::{Oid, Repo, write};
use crate::model::document::digest;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::view::{self, Unreadable, View};

/// Fewer documents than this are read again each time.
const FEW: usize = 100;

/// The documents by id: how they stand, or why they cannot be read.
pub type Listed = BTreeMap<Id, Result<View, Unreadable>>;

/// The documents below `folder` in a tree.
pub fn listed(reader: &Reader<'_>, tree: Oid, folder: &str) -> Result<Listed> {
    let repo = reader.repo;
    let Some(root) = repo.entry(tree, &TreePath::from(folder))? else {
        return Ok(Listed::new());
    };
    let name = |root: Oid| format!("qms {} {folder} {root}", env!("CARGO_PKG_VERSION"));
    let kept = std::fs::read(repo.git_dir().join(FILE)).ok();
    let kept = kept.and_then(|bytes| decode(repo, &bytes, name));
    let (mut rows, known) = kept.map_or_else(|| (Listed::new(), None), |(r, t)| (r, Some(t)));
    if known == Some(root.id) {
        return Ok(with_children(rows));
    }
    // The tree that was kept may be gone by now; then everything is read.
    let changed = match known.map(|old| repo.differences(Some(old), Some(root.id))) {
        Some(Ok(changed)) => changed,
        _ => {
            rows.clear();
            repo.differences(None, Some(root.id))?
        }
    };
    for differs in changed {
        let path = [folder.as_bytes(), b"/", differs.path.as_bytes()].concat();
        let Some(id) = Id::at_home(&TreePath::new(path), folder) else {
            continue;
        };
        match differs.after {
            Some(raw) => rows.insert(id.clone(), row(reader, &id, raw, folder)?),
            None => rows.remove(&id),
        };
    }
    if rows.len() > FEW {
        // A git directory that cannot be written to costs time, not the answer.
        let _ = write::replace(&repo.git_dir().join(FILE), &encode(&name(root.id), &rows));
    }
    Ok(with_children(rows))
}

const FILE: &str = "qms-list";

fn row(reader: &Reader<'_>, id: &Id, raw: Raw, folder: &str) -> Result<Result<View, Unreadable>> {
    let unreadable = |why: String| Unreadable {
        doc_id: id.to_string(),
        path: id.path(folder).to_string(),
        why,
    };
    if !matches!(raw.mode, 0o100_644 | 0o100_755) {
        return Ok(Err(unreadable(format!("it has mode {:06o}", raw.mode))));
    }
    Ok(match reader.document(raw.id)?.as_ref() {
        Ok(document) => Ok(view::of(id, document, folder, &BTreeMap::new())),
        Err(flaws) => Err(unreadable(flaws[0].message.clone())),
    })
}

fn with_children(mut rows: Listed) -> Listed {
    for (parent, children) in view::families(rows.keys()) {
        if let Some(Ok(view)) = rows.get_mut(&parent) {
            view.children = children.iter().map(Id::to_string).collect();
        }
    }
    rows
}

/// A line that says what this is of, then one line a document: `+` and its view, or `-` and why there is none; at the
/// end the digest of it all, so that half of it is none.
fn encode(name: &str, rows: &Listed) -> Vec<u8> {
    let mut out = format!("{name}\n").into_bytes();
    for row in rows.values() {
        let (mark, line) = match row {
            Ok(view) => (b'+', serde_json::to_vec(view)),
            Err(unreadable) => (b'-', serde_json::to_vec(unreadable)),
        };
        out.push(mark);
        out.extend(line.unwrap_or_default());
        out.push(b'\n');
    }
    let sum = digest(&out);
    out.extend(sum.into_bytes());
    out
}

/// What was kept and the tree that it is of; `None` where another version or nobody wrote it.
fn decode(repo: &Repo, bytes: &[u8], name: impl Fn(Oid) -> String) -> Option<(Listed, Oid)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (all, sum) = text.split_at_checked(text.rfind('\n')? + 1)?;
    let text = all
        .strip_suffix('\n')
        .filter(|_| sum == digest(all.as_bytes()))?;
    let (head, lines) = text.split_once('\n')?;
    let tree = repo.oid(head.rsplit(' ').next()?)?;
    if head != name(tree) {
        return None;
    }
    let mut rows = Listed::new();
    for line in lines.split('\n') {
        let (id, row) = match line.split_at_checked(1)? {
            ("+", json) => {
                let view: View = serde_json::from_str(json).ok()?;
                (view.doc_id.clone(), Ok(view))
            }
            (_, json) => {
                let unreadable: Unreadable = serde_json::from_str(json).ok()?;
                (unreadable.doc_id.clone(), Err(unreadable))
            }
        };
        rows.insert(Id::parse(&id)?, row);
    }
    Some((rows, tree))
}
