//! What a verdict has to read at the least, read with gix and judged by nobody: each commit once, what differs from its
//! first parent, the documents that change, and the change that each work commit names.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::Path;
use std::thread;

use gix::diff::tree::recorder::Change;
use gix::objs::{CommitRef, FindExt, TreeRefIter};
use gix::odb::cache::PackCache;
use gix::odb::pack::cache::lru::MemoryCappedHashmap;
use gix::{ObjectId, Repository, ThreadSafeRepository};

/// Bytes of objects that others are deltas of.
const BASES: usize = 96 * 1024 * 1024;

/// What was read.
#[derive(Default, Clone, Copy)]
pub(crate) struct Read {
    pub(crate) commits: usize,
    pub(crate) trailers: usize,
    pub(crate) entries: usize,
    /// Documents on either side of a move, and named by work.
    pub(crate) documents: usize,
    pub(crate) bytes: usize,
}

/// A commit, as far as it is needed once its object is gone.
struct Node {
    tree: ObjectId,
    parents: Vec<ObjectId>,
    seconds: i64,
    trailers: usize,
    /// What `QMS-Change` says.
    change: Option<String>,
}

/// Reads `from..to`, or everything that `to` reaches.
pub(crate) fn read(dir: &Path, from: Option<ObjectId>, to: ObjectId, threads: usize) -> Read {
    let overrides = ["core.useReplaceRefs=false", "core.commitGraph=false"];
    let options = gix::open::Options::isolated()
        .config_overrides(overrides)
        .open_path_as_is(true);
    let open = || {
        let repo = ThreadSafeRepository::open_opts(dir, options.clone()).expect("a repository");
        let mut repo = repo.to_thread_local();
        // Without a feature that brings more with it, gix takes no cache from the configuration.
        let bases = || -> Box<PackCache> { Box::new(MemoryCappedHashmap::new(BASES)) };
        repo.objects.set_pack_cache(bases);
        repo
    };
    let repo = open();
    let (mut nodes, new) = walk(&repo, from, to);
    nodes.shrink_to_fit();
    let mut out = Read {
        commits: new.len(),
        ..Read::default()
    };
    out.trailers = new.iter().map(|id| nodes[id].trailers).sum();
    let parts = new.chunks(new.len().div_ceil(threads).max(1));
    let differ = |part: &[ObjectId]| differences(&open(), &nodes, part);
    let parts: Vec<Read> = if threads == 1 {
        parts.map(|part| differences(&repo, &nodes, part)).collect()
    } else {
        thread::scope(|scope| {
            let running: Vec<_> = parts
                .map(|part| scope.spawn(move || differ(part)))
                .collect();
            running
                .into_iter()
                .map(|t| t.join().expect("it ends well"))
                .collect()
        })
    };
    for part in parts {
        out.entries += part.entries;
        out.documents += part.documents;
        out.bytes += part.bytes;
    }
    out
}

/// The commits that are new, oldest first, and what was read of all that were met.
fn walk(
    repo: &Repository,
    from: Option<ObjectId>,
    to: ObjectId,
) -> (HashMap<ObjectId, Node>, Vec<ObjectId>) {
    let (mut nodes, mut known) = (HashMap::new(), HashSet::new());
    let (mut open, mut waiting) = (BinaryHeap::new(), HashSet::new());
    let mut buffer = Vec::new();
    for id in from.into_iter().chain([to]) {
        let node = node(repo, id, &mut buffer);
        open.push((node.seconds, id));
        nodes.insert(id, node);
    }
    known.extend(from);
    waiting.insert(to);
    let mut new = Vec::new();
    // The newest first; once everything that waits is known, nothing new can come.
    while let Some((_, id)) = open.pop().filter(|_| !waiting.is_empty()) {
        let is_known = known.contains(&id);
        if !is_known {
            waiting.remove(&id);
            new.push(id);
        }
        for parent in nodes[&id].parents.clone() {
            let is_met = nodes.contains_key(&parent);
            if is_known {
                known.insert(parent);
                waiting.remove(&parent);
            } else if !is_met {
                waiting.insert(parent);
            }
            if !is_met {
                let node = node(repo, parent, &mut buffer);
                open.push((node.seconds, parent));
                nodes.insert(parent, node);
            }
        }
    }
    new.reverse();
    (nodes, new)
}

fn node(repo: &Repository, id: ObjectId, buffer: &mut Vec<u8>) -> Node {
    use gix::objs::Find;
    let data = repo
        .try_find(&id, buffer)
        .expect("it can be read")
        .expect("it is there");
    let commit = CommitRef::from_bytes(data.data, repo.object_hash()).expect("a commit");
    let lines = commit.message.split(|b| *b == b'\n');
    let change = lines.clone().find_map(|l| l.strip_prefix(b"QMS-Change: "));
    Node {
        tree: commit.tree(),
        parents: commit.parents().collect(),
        seconds: commit.time().expect("a time").seconds,
        trailers: lines.filter(|l| l.starts_with(b"QMS-")).count(),
        change: change.map(|c| String::from_utf8_lossy(c).into_owned()),
    }
}

/// What differs in some commits, and the documents that it takes.
fn differences(repo: &Repository, nodes: &HashMap<ObjectId, Node>, part: &[ObjectId]) -> Read {
    let mut out = Read::default();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut state = gix::diff::tree::State::default();
    let mut named = HashSet::new();
    // The newest first: in a pack the older one is the delta of the newer one.
    for id in part.iter().rev() {
        let node = &nodes[id];
        if let Some(parent) = node.parents.first() {
            let old = repo
                .objects
                .find_tree_iter(&nodes[parent].tree, &mut before)
                .expect("a tree");
            let new = repo
                .objects
                .find_tree_iter(&node.tree, &mut after)
                .expect("a tree");
            // Not the one of the step before: it would still be in that one's last folder.
            let mut recorder = gix::diff::tree::Recorder::default();
            gix::diff::tree(old, new, &mut state, &repo.objects, &mut recorder)
                .expect("they compare");
            for change in &recorder.records {
                let (path, mode, sides) = match change {
                    Change::Addition {
                        path,
                        entry_mode,
                        oid,
                        ..
                    } => (path, entry_mode, [Some(oid), None]),
                    Change::Deletion {
                        path,
                        entry_mode,
                        oid,
                        ..
                    } => (path, entry_mode, [Some(oid), None]),
                    Change::Modification {
                        path,
                        entry_mode,
                        oid,
                        previous_oid,
                        ..
                    } => (path, entry_mode, [Some(previous_oid), Some(oid)]),
                };
                if mode.is_tree() {
                    continue;
                }
                out.entries += 1;
                if path.starts_with(b"QMS/") && node.parents.len() == 1 {
                    for side in sides.into_iter().flatten() {
                        blob(repo, side, &mut out);
                    }
                }
            }
        }
        if let (Some(change), Some(parent)) = (&node.change, node.parents.first()) {
            let documents = entry(repo, nodes[parent].tree, "QMS", &mut before);
            // As long as no document moves, the change is the one that was read.
            if named.insert((documents, change.clone())) {
                let path = ["CR", change, &format!("{change}.md")];
                let found = path
                    .iter()
                    .fold(documents, |tree, name| entry(repo, tree, name, &mut before));
                blob(repo, &found, &mut out);
            }
        }
    }
    out
}

fn entry(repo: &Repository, tree: ObjectId, name: &str, buffer: &mut Vec<u8>) -> ObjectId {
    let entries: TreeRefIter<'_> = repo.objects.find_tree_iter(&tree, buffer).expect("a tree");
    let mut entries = entries.map(|e| e.expect("an entry"));
    entries
        .find(|e| e.filename == name)
        .expect("it is there")
        .oid
        .to_owned()
}

fn blob(repo: &Repository, id: &ObjectId, out: &mut Read) {
    out.documents += 1;
    out.bytes += repo.find_object(*id).expect("a blob").data.len();
}
