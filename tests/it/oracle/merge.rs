//! Merges, by model.md "Authority": what one adds of its own, and whether two legal sides are legal together.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use super::document::Doc;
use super::gates::{lets_close, names};
use super::history::{History, Sides};
use super::rules::{File, Files, PLAIN, need};
use super::table::{FINAL, document_at, has, parent_of, path_of, type_of};

/// The entries that follow from two sides for one path; none where the merge has to decide by itself.
fn follows(
    bases: &[Option<&File>],
    our: Option<&File>,
    their: Option<&File>,
    whole: bool,
) -> Vec<Option<File>> {
    let base = bases.first().copied().flatten();
    let unclear = bases.iter().any(|b| *b != base);
    match () {
        () if !unclear && our == base => vec![their.cloned()],
        () if !unclear && their == base => vec![our.cloned()],
        // Two documents of one id that came from nowhere on both sides are two documents.
        () if our == their && !(whole && base.is_none()) => vec![our.cloned()],
        () if whole || unclear => Vec::new(),
        () => match (base, our, their) {
            (Some(base), Some(our), Some(their)) => clean(base, our, their),
            _ => Vec::new(),
        },
    }
}

/// The clean line-level merges of three plain files, as `git merge-file` gives them.
fn clean(base: &File, our: &File, their: &File) -> Vec<Option<File>> {
    if [base, our, their].iter().any(|f| f.mode != PLAIN) {
        return Vec::new();
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let place = |name: &str, file: &File| {
        std::fs::write(dir.path().join(name), file.text.as_bytes()).expect("a file");
    };
    place("our", our);
    place("base", base);
    place("their", their);
    let mut out = Vec::new();
    for by in ["histogram", "myers"] {
        let algorithm = format!("--diff-algorithm={by}");
        let merged = Command::new("git")
            .args(["merge-file", "-p", &algorithm, "our", "base", "their"])
            .current_dir(dir.path())
            .stderr(Stdio::null())
            .output()
            .expect("git starts");
        if merged.status.success() {
            let text = String::from_utf8_lossy(&merged.stdout).into();
            out.push(Some(File { mode: PLAIN, text }));
        }
    }
    out
}

fn is_whole(path: &str) -> bool {
    path == "qms.yaml" || document_at(path).is_some_and(|id| path_of(&id) == path)
}

/// The merge that decides nothing; `None` for a path that it would have to decide.
pub(crate) fn automatic(
    history: &History,
    our: usize,
    their: usize,
) -> BTreeMap<String, Vec<Option<File>>> {
    let files = |at: usize| &history.commits[at].files;
    let bases = history.bases(our, their);
    let (our, their) = (files(our), files(their));
    let trees = bases.iter().map(|b| files(*b).as_ref());
    let trees: Vec<&Files> = trees.collect();
    let mut paths: BTreeSet<&String> = our.keys().chain(their.keys()).collect();
    paths.extend(trees.iter().flat_map(|t| t.keys()));
    let all = paths.into_iter().map(|path| {
        let old: Vec<Option<&File>> = match trees.is_empty() {
            true => vec![None],
            false => trees.iter().map(|t| t.get(path)).collect(),
        };
        let entries = follows(&old, our.get(path), their.get(path), is_whole(path));
        (path.clone(), entries)
    });
    all.collect()
}

/// What a merge adds of its own: paths against its first parent. A document or policy that it decides is refused.
pub(crate) fn added(history: &History, at: usize) -> Result<BTreeMap<String, Sides>, String> {
    let commit = &history.commits[at];
    let (our, their) = (commit.parents[0], commit.parents[1]);
    let mut expected = automatic(history, our, their);
    for path in commit.files.keys() {
        expected.entry(path.clone()).or_insert(vec![None]);
    }
    let mut added = BTreeMap::new();
    for (path, entries) in expected {
        let found = commit.files.get(&path).cloned();
        if entries.contains(&found) {
            continue;
        }
        need(!is_whole(&path), &format!("{path} is contested"))?;
        let before = history.commits[our].files.get(&path).cloned();
        added.insert(path, (before, found));
    }
    Ok(added)
}

/// The gates between documents, asked again in a merge's tree for every document that either side moved.
pub(crate) fn gates(history: &History, at: usize) -> Result<(), String> {
    let commit = &history.commits[at];
    let (our, their) = (commit.parents[0], commit.parents[1]);
    let bases = history.bases(our, their);
    let file = |at: usize, id: &str| history.commits[at].files.get(&path_of(id)).cloned();
    let moved = |side: usize, id: &str| bases.iter().any(|b| file(*b, id) != file(side, id));
    let ids: Vec<String> = commit.files.keys().filter_map(|p| document_at(p)).collect();
    let read = |id: &str| file(at, id).and_then(|f| Doc::read(&f.text));
    // Of a family that one side left alone, the other was judged on its own line.
    let root = |id: &str| {
        let mut at = id.to_owned();
        while let Some(parent) = parent_of(&at) {
            at = parent.to_owned();
        }
        at
    };
    let both = |id: &str| {
        let kin = |other: &&String| root(other) == root(id);
        let all = |side: &usize| ids.iter().filter(kin).any(|id| moved(*side, id));
        [our, their].iter().all(all)
    };
    let either = |id: &str| moved(our, id) || moved(their, id);
    let asked = |id: &str| either(id) || ids.iter().any(|c| parent_of(c) == Some(id) && either(c));
    for id in ids.iter().filter(|id| both(id)) {
        let Some(parent) = parent_of(id) else {
            continue;
        };
        if !asked(id) && !asked(parent) {
            continue;
        }
        let (child, above) = (read(id), read(parent));
        let (Some(child), Some(above), Some(kind)) = (child, above, type_of(id)) else {
            return Err("a family that cannot be read".to_owned());
        };
        let (state, over) = (child.block.status.as_str(), above.block.status.as_str());
        let shut = over == "CLOSED";
        need(
            !shut || lets_close(&child, kind),
            "an open child of a closed parent",
        )?;
        let form = kind.class == "attachment" && !FINAL.contains(&state);
        need(!shut || !form, "an open form of a closed parent")?;
        let orphan = over == "CANCELLED" && state != "CANCELLED";
        need(!orphan, "a child of a cancelled parent")?;
        let wanted = asked(id) && state == "CANCELLED" && names(&above, id);
        need(!wanted, "an item names what is cancelled")?;
    }
    for (side, other) in [(our, their), (their, our)] {
        taken_out(history, &bases, side, other, at)?;
    }
    Ok(())
}

/// Where a side took a change out of IN_EXECUTION since the merge base, the other side brings no commit under it.
fn taken_out(
    history: &History,
    bases: &[usize],
    side: usize,
    other: usize,
    at: usize,
) -> Result<(), String> {
    let status = |at: usize, id: &str| {
        let file = history.commits[at].files.get(&path_of(id));
        file.and_then(|f| Doc::read(&f.text))
            .map(|d| d.block.status)
    };
    let ids = history.commits[at]
        .files
        .keys()
        .filter_map(|p| document_at(p));
    let change = |id: &String| type_of(id).is_some_and(|t| has("CR VAR ADD", t.name));
    for id in ids.filter(change) {
        let open = |b: &usize| status(*b, &id).as_deref() == Some("IN_EXECUTION");
        if !bases.iter().any(open) || open(&side) {
            continue;
        }
        let (brings, has_it) = (history.reach(other), history.reach(side));
        for new in brings.difference(&has_it) {
            let trailers = history.commits[*new].trailers();
            let under = match trailers.value("Action") {
                None => trailers.value("Change") == Some(&*id),
                Some("create" | "edit" | "checkin" | "item" | "abandon" | "fix") => {
                    let named = trailers.value("Document").unwrap_or_default();
                    named == id || (parent_of(named) == Some(&*id) && named.contains("-VR-"))
                }
                Some(_) => false,
            };
            need(
                !under,
                "work under a change that the other side took out of execution",
            )?;
        }
    }
    Ok(())
}
