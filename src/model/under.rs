//! What was done under a change, as its post round judges it.

use std::collections::BTreeSet;

use super::document::{Document, digest_of};
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
    /// The texts of its attachments, by id.
    pub attachments: Vec<(Id, Vec<u8>)>,
}

impl Under {
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
