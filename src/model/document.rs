//! A controlled document: front matter, managed block, text. Read as bytes and spliced, never re-serialized.
//! Source: model.md "A document".

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::body::Body;
use super::front::Front;
use super::layout::{FENCE, Layout};
use super::span::Flaw;
use super::state::State;

/// The largest document that is read, in bytes.
pub const LIMIT: usize = 4 * 1024 * 1024;

/// `sha256:` and the hash of some bytes, as trailers and managed blocks write it.
pub fn digest(bytes: &[u8]) -> String {
    digest_of(&[bytes])
}

/// `digest` over several pieces, in order.
pub fn digest_of(pieces: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece);
    }
    digested(&hash.finalize().into())
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A digest from its bytes.
pub fn digested(hash: &[u8; 32]) -> String {
    let digit = |half: u8| char::from(DIGITS[usize::from(half & 0x0f)]);
    let mut out = String::with_capacity(71);
    out.push_str("sha256:");
    for byte in hash {
        out.extend([digit(byte >> 4), digit(*byte)]);
    }
    out
}

/// The bytes of a digest. None of what is none, or is written otherwise than `digest` does.
pub fn undigested(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("sha256:")?.as_bytes();
    let mut out = [0; 32];
    if digits.len() != 2 * out.len() {
        return None;
    }
    let mut all = 0;
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (HALVES[usize::from(pair[0])], HALVES[usize::from(pair[1])]);
        all |= high | low;
        *byte = high << 4 | low;
    }
    (all < 16).then_some(out)
}

/// What a digit of a digest is; more than 15 for what is none.
const HALVES: [u8; 256] = {
    let mut out = [u8::MAX; 256];
    let mut half = 0;
    while half < 16 {
        out[DIGITS[half] as usize] = half as u8;
        half += 1;
    }
    out
};

/// A file without its managed block, whatever that says; `None` where there is no front matter to find it in.
pub fn text_of(file: &[u8]) -> Option<Vec<u8>> {
    let block = Layout::of(file).ok()?.block.unwrap_or(0..0);
    Some([&file[..block.start], &file[block.end..]].concat())
}

/// A document as a blob holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    bytes: Vec<u8>,
    /// Where the managed block stands in `bytes`.
    block: Range<usize>,
    /// Where the body starts, after the front matter.
    body: usize,
    pub state: State,
    pub front: Arc<Front>,
    known: Known,
}

/// What follows from the bytes, once somebody has asked for it.
#[derive(Debug, Clone, Default)]
struct Known {
    text_digest: OnceLock<String>,
    file_digest: OnceLock<String>,
    tree: OnceLock<Arc<Body>>,
}

impl PartialEq for Known {
    fn eq(&self, _: &Known) -> bool {
        true
    }
}

impl Document {
    /// Reads a document. Every flaw that can be found is given, not the first alone.
    pub fn parse(bytes: Vec<u8>) -> Result<Document, Vec<Flaw>> {
        Document::parse_beside(bytes, None)
    }

    /// The same, beside another one that may have the same front matter.
    pub fn parse_beside(bytes: Vec<u8>, other: Option<&Document>) -> Result<Document, Vec<Flaw>> {
        let layout = Layout::of(&bytes).map_err(|flaw| vec![flaw])?;
        let Some(block) = layout.block.clone() else {
            return Err(vec![Flaw::new(
                "the front matter has no managed block (`qms:`)",
            )]);
        };
        let own = layout.authors(&block);
        let front = match other.filter(|other| other.authors() == own) {
            Some(other) => Ok(other.front.clone()),
            None => layout.front().map(Arc::new),
        };
        let (state, front) = (layout.state(block.clone()), front);
        match (state, front) {
            (Ok(state), Ok(front)) => {
                let body = layout.body;
                Ok(Document {
                    block,
                    body,
                    state,
                    front,
                    bytes,
                    known: Known::default(),
                })
            }
            (state, front) => Err(state.err().into_iter().chain(front.err()).collect()),
        }
    }

    /// A document from a text (a file without managed block) and a state; the block goes to the end of the
    /// front matter.
    pub fn from_text(text: &[u8], state: State) -> Result<Document, Vec<Flaw>> {
        Document::parse(splice(text, &state).map_err(|flaw| vec![flaw])?)
    }

    /// The file that somebody has with `state` in the place of its block, or at the end of its front matter.
    /// Unlike a parsed document, what he has need not be one yet.
    pub fn splice_block(found: &[u8], state: &State) -> Option<Vec<u8>> {
        splice(found, state).ok()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The managed block as it stands.
    pub fn block(&self) -> &[u8] {
        &self.bytes[self.block.clone()]
    }

    /// The text: the file without its managed block.
    pub fn text(&self) -> Vec<u8> {
        [
            &self.bytes[..self.block.start],
            &self.bytes[self.block.end..],
        ]
        .concat()
    }

    /// What comes after the front matter.
    pub fn body(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.body..]).expect("a document is UTF-8, parse saw to it")
    }

    /// The author's lines of the front matter, before the block and after it.
    fn authors(&self) -> [&[u8]; 2] {
        let end = self.body - FENCE.len();
        [
            &self.bytes[FENCE.len()..self.block.start],
            &self.bytes[self.block.end..end],
        ]
    }

    /// The body as a syntax tree.
    pub fn tree(&self) -> Arc<Body> {
        let read = || Arc::new(Body::read(self.all(), self.body));
        self.known.tree.get_or_init(read).clone()
    }

    /// The whole file as text.
    pub fn all(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("a document is UTF-8, parse saw to it")
    }

    /// Where the body of a text begins; at its beginning where there is no front matter.
    pub fn body_start(text: &str) -> usize {
        Layout::of(text.as_bytes()).map_or(0, |layout| layout.body)
    }

    pub fn text_digest(&self) -> String {
        let parts = [
            &self.bytes[..self.block.start],
            &self.bytes[self.block.end..],
        ];
        let known = &self.known.text_digest;
        known.get_or_init(|| digest_of(&parts)).clone()
    }

    /// The digest of the whole file, state included: `QMS-Before`.
    pub fn file_digest(&self) -> String {
        let known = &self.known.file_digest;
        known.get_or_init(|| digest(&self.bytes)).clone()
    }

    /// The file with another state; no other byte changes.
    pub fn with_state(&self, state: &State) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        bytes.splice(self.block.clone(), state.render().into_bytes());
        bytes
    }

    /// The version that binds people now, given as a blob id; `None` where this very file is it or none is.
    pub fn in_force_blob(&self) -> Option<&str> {
        self.state.in_force.as_ref().map(|f| f.blob.as_str())
    }
}

/// A file with a block in the place of the one that it has, or at the end of its front matter.
fn splice(file: &[u8], state: &State) -> Result<Vec<u8>, Flaw> {
    let layout = Layout::of(file)?;
    let end = layout.front_matter.end;
    let mut bytes = file.to_vec();
    bytes.splice(
        layout.block.unwrap_or(end..end),
        state.render().into_bytes(),
    );
    Ok(bytes)
}

#[cfg(test)]
pub mod tests {
    use super::super::state::Version;
    use super::super::workflow::Status;
    use super::*;

    const TEXT: &str = "---\ntitle: A\nqms:\n  status: DRAFT\n  version: \"0.1\"\n  owner: dev\nscope: [a]\n---\n\n# A\r\n\nÜ \n";

    #[test]
    fn the_block_is_cut_out_and_spliced_back() {
        let doc = Document::parse(TEXT.into()).expect("a document");
        assert_eq!(
            String::from_utf8_lossy(&doc.text()),
            "---\ntitle: A\nscope: [a]\n---\n\n# A\r\n\nÜ \n"
        );
        assert_eq!(doc.front.scope, ["a"]);
        assert_eq!(doc.body(), "\n# A\r\n\nÜ \n");
        assert_eq!(doc.text_digest(), digest(&doc.text()));
        assert_eq!(doc.with_state(&doc.state), TEXT.as_bytes());
        let closed = doc.with_state(&State::bare(Status::Closed, Version::ONE));
        let closed = Document::parse(closed).expect("a document");
        assert_eq!(closed.text(), doc.text());
        let born = Document::from_text(&doc.text(), doc.state.clone()).expect("a document");
        assert_eq!(born.text(), doc.text());
    }

    #[test]
    fn what_the_author_wrote_does_not_depend_on_the_block() {
        let text = TEXT.replacen("title: A\n", "title: A\nnote: |+\n  x\n\n", 1);
        let doc = Document::parse(text.into()).expect("a document");
        let closed = doc.with_state(&State::bare(Status::Closed, Version::ONE));
        let born = Document::from_text(&doc.text(), doc.state.clone());
        for other in [Document::parse(closed), born] {
            assert_eq!(other.expect("a document").front, doc.front);
        }
    }

    #[test]
    fn f10_headers_that_try_to_be_something_else_are_refused() {
        for bad in [
            TEXT.replacen("---\n", "--- \n", 1),
            TEXT.replacen("---\n", "\u{feff}---\n", 1),
            TEXT.replacen("title: A\n", "title: A\r\n", 1),
            TEXT.replacen("title: A\n", "title: A\n---\n", 1),
            TEXT.replacen("scope: [a]\n", "qms:\n  status: CLOSED\n", 1),
            TEXT.replacen("qms:\n", "qms: \n", 1),
            TEXT.replacen("qms:\n", "'qms':\n", 1),
            TEXT.replacen("qms:\n", "qms: {status: CLOSED}\n", 1),
            TEXT.replacen("  owner: dev\n", "  owner: |\n    dev\n", 1),
            TEXT.replacen("Ü", "\0", 1),
            TEXT.replacen(
                "title: A\n",
                &format!("title: {}\n", "A".repeat(1 << 20)),
                1,
            ),
            String::from("# no front matter\n"),
            String::new(),
        ] {
            assert!(
                Document::parse(bad.clone().into()).is_err(),
                "{}",
                &bad[..bad.len().min(80)]
            );
        }
        assert!(Document::parse(b"---\ntitle: \xff\n---\n".to_vec()).is_err());
    }

    #[test]
    fn flaws_of_block_and_front_are_given_together_with_their_lines() {
        let bad = TEXT
            .replacen("DRAFT", "DRAFTED", 1)
            .replacen("scope: [a]", "scope: !x [a]", 1);
        let flaws = Document::parse(bad.into()).expect_err("two flaws");
        let lines: Vec<_> = flaws
            .iter()
            .filter_map(|f| f.span.as_ref())
            .map(|s| s.line)
            .collect();
        assert_eq!(lines, [3, 7]);
    }
}
