//! A block with others in it, while it is read.

use super::words::{CLOSE, Words};

/// A block while it is read: its text, a line a leaf, and its tree written down.
#[derive(Default)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) marked: String,
}

impl Written {
    pub(super) fn leaf(&mut self, sort: char, words: &Words) {
        self.text.push_str(&words.text);
        self.text.push('\n');
        self.marked.push('\0');
        self.marked.push(sort);
        self.marked.push_str(words.marked());
        self.marked.push_str(CLOSE);
    }
}
