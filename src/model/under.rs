//! What was done under a change, as its post round judges it.

use std::collections::BTreeSet;

use super::document::{Document, digest_of};
use super::finding::CommitName;
use super::kind::Id;
use super::path::TreePath;

/// What was done under a change since its release: the one walk back (lifecycle.md "Rounds").
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Under {
    /// Users who made, wrote or co-wrote a commit under the change or its children.
    pub people: BTreeSet<String>,
    /// Every path, documents aside, that commits under the change touched: mode and blob id in the routing commit's parent, or
    /// none where it is gone.
    pub paths: Vec<(TreePath, Option<(u32, String)>)>,
    /// The commits under it and its children, and moves of other documents that name it; the last first.
    pub done: Vec<Done>,
    /// The texts of its attachments, by id.
    pub attachments: Vec<(Id, Vec<u8>)>,
}

/// A commit that was made under a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub commit: CommitName,
    /// Whether it is under the change itself, and not under a child.
    pub own: bool,
    /// The item that it names.
    pub item: Option<String>,
    /// What it touched.
    pub paths: BTreeSet<TreePath>,
}

impl Under {
    /// The commits of an item, the last first.
    pub fn of_item<'a>(&'a self, item: &'a str) -> impl Iterator<Item = &'a Done> {
        let names = move |d: &&Done| d.own && d.item.as_deref() == Some(item);
        self.done.iter().filter(names)
    }

    /// The digest of a text with everything that was done under the change.
    pub fn digest(&self, document: &Document) -> String {
        let mut list = Vec::new();
        for (path, entry) in &self.paths {
            let (mode, blob) = entry
                .as_ref()
                .map_or((0, "-"), |(mode, blob)| (*mode, blob.as_str()));
            list.extend(format!("{mode:06o} {blob} ").into_bytes());
            list.extend(path.as_bytes());
            list.push(0);
        }
        let text = document.text();
        let mut pieces: Vec<&[u8]> = vec![&text, b"\0", &list];
        for (id, text) in &self.attachments {
            pieces.extend([b"\0".as_slice(), id.as_str().as_bytes(), b"\0", text]);
        }
        digest_of(&pieces)
    }
}
