//! A document as the oracle reads it: three pieces of text, cut line by line, and the managed block as plain data.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

pub(crate) fn sha256(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let hex: String = hash.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{hex}")
}

/// The managed block of model.md, as the words that stand there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) status: String,
    pub(crate) version: (u32, u32),
    pub(crate) owner: Option<String>,
    pub(crate) locked: Option<String>,
    pub(crate) reviews: BTreeMap<String, String>,
    pub(crate) approvals: BTreeMap<String, String>,
    pub(crate) digest: Option<String>,
    pub(crate) authors: BTreeSet<String>,
    pub(crate) ends: bool,
    /// Version and blob.
    pub(crate) in_force: Option<((u32, u32), String)>,
}

impl Block {
    /// Status and version, and nothing else.
    pub(crate) fn bare(status: &str, version: (u32, u32)) -> Block {
        Block {
            status: status.to_owned(),
            version,
            ..Block::default()
        }
    }

    pub(crate) fn version_text(&self) -> String {
        format!("{}.{}", self.version.0, self.version.1)
    }

    pub(crate) fn print(&self) -> String {
        let pairs = |map: &BTreeMap<String, String>| {
            let all: Vec<String> = map.iter().map(|(k, v)| format!("{k}: {v}")).collect();
            format!("{{{}}}", all.join(", "))
        };
        let mut lines = vec![
            format!("status: {}", self.status),
            format!("version: \"{}\"", self.version_text()),
        ];
        lines.extend(self.owner.iter().map(|o| format!("owner: {o}")));
        lines.extend(self.locked.iter().map(|l| format!("locked: \"{l}\"")));
        if !self.reviews.is_empty() {
            lines.push(format!("reviews: {}", pairs(&self.reviews)));
        }
        if !self.approvals.is_empty() {
            lines.push(format!("approvals: {}", pairs(&self.approvals)));
        }
        lines.extend(self.digest.iter().map(|d| format!("digest: \"{d}\"")));
        if !self.authors.is_empty() {
            let names: Vec<&str> = self.authors.iter().map(String::as_str).collect();
            lines.push(format!("authors: [{}]", names.join(", ")));
        }
        if self.ends {
            lines.push("ends: RETIRED".to_owned());
        }
        lines.extend(
            self.in_force.iter().map(|((n, x), blob)| {
                format!("in_force: {{version: \"{n}.{x}\", blob: \"{blob}\"}}")
            }),
        );
        let body: String = lines.iter().map(|l| format!("  {l}\n")).collect();
        format!("qms:\n{body}")
    }

    /// Reads what `print` writes, and nothing else.
    fn read(text: &str) -> Option<Block> {
        let mut block = Block::default();
        for line in text.lines().skip(1) {
            let (key, value) = line.strip_prefix("  ")?.split_once(": ")?;
            let bare = value.trim_matches('"').to_owned();
            match key {
                "status" => block.status = bare,
                "version" => block.version = version(&bare)?,
                "owner" => block.owner = Some(bare),
                "locked" => block.locked = Some(hash(bare)?),
                "reviews" => {
                    block.reviews = pairs(value, &["pending", "recommend", "request-updates"])?;
                }
                "approvals" => block.approvals = pairs(value, &["pending", "approved"])?,
                "digest" => block.digest = Some(hash(bare)?),
                "authors" => {
                    let names = value.strip_prefix('[')?.strip_suffix(']')?;
                    block.authors = names.split(", ").map(str::to_owned).collect();
                }
                "ends" => block.ends = value == "RETIRED",
                "in_force" => {
                    let inner = value.strip_prefix("{version: \"")?.strip_suffix("\"}")?;
                    let (v, blob) = inner.split_once("\", blob: \"")?;
                    block.in_force = Some((version(v)?, blob.to_owned()));
                }
                _ => return None,
            }
        }
        let known = super::table::STATES.contains(&block.status.as_str());
        (known && block.print() == text).then_some(block)
    }
}

fn version(text: &str) -> Option<(u32, u32)> {
    let (n, x) = text.split_once('.')?;
    Some((n.parse().ok()?, x.parse().ok()?))
}

fn hash(text: String) -> Option<String> {
    let hex = text.strip_prefix("sha256:")?;
    (hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())).then_some(text)
}

fn pairs(value: &str, words: &[&str]) -> Option<BTreeMap<String, String>> {
    let inner = value.strip_prefix('{')?.strip_suffix('}')?;
    let one = |pair: &str| {
        let (name, word) = pair.split_once(": ")?;
        words
            .contains(&word)
            .then(|| (name.to_owned(), word.to_owned()))
    };
    inner.split(", ").map(one).collect()
}

/// A document: what stands before the block, the block, what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doc {
    head: String,
    pub(crate) block: Block,
    tail: String,
}

impl Doc {
    pub(crate) fn read(file: &str) -> Option<Doc> {
        let inner = file.strip_prefix("---\n")?;
        let front = &inner[..inner.find("\n---\n")? + 1];
        let start = 4 + if front.starts_with("qms:\n") {
            0
        } else {
            front.find("\nqms:\n")? + 1
        };
        let mut end = start + "qms:\n".len();
        for line in file[end..].split_inclusive('\n') {
            if !line.starts_with(' ') {
                break;
            }
            end += line.len();
        }
        let doc = Doc {
            head: file[..start].to_owned(),
            block: Block::read(&file[start..end])?,
            tail: file[end..].to_owned(),
        };
        // What the generator writes: one plain line a key. Nothing else is a document to the oracle.
        doc.keys().map(|_| doc)
    }

    /// A document made of a text and a block, which goes to the end of the front matter.
    pub(crate) fn of_text(text: &str, block: Block) -> Option<Doc> {
        let at = text.strip_prefix("---\n")?.find("\n---\n")? + 5;
        Doc::read(&format!("{}{}{}", &text[..at], block.print(), &text[at..]))
    }

    pub(crate) fn file(&self) -> String {
        format!("{}{}{}", self.head, self.block.print(), self.tail)
    }

    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.head, self.tail)
    }

    pub(crate) fn with(&self, block: Block) -> Doc {
        Doc {
            block,
            ..self.clone()
        }
    }

    /// The author's keys.
    pub(crate) fn keys(&self) -> Option<BTreeMap<String, String>> {
        let text = self.text();
        let front = text.strip_prefix("---\n")?.split("\n---\n").next()?;
        let mut out = BTreeMap::new();
        for line in front.lines() {
            let (key, value) = line.split_once(": ")?;
            let plain = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if !plain || out.insert(key.to_owned(), value.to_owned()).is_some() {
                return None;
            }
        }
        Some(out)
    }

    pub(crate) fn key(&self, key: &str) -> String {
        let value = self.keys().and_then(|mut keys| keys.remove(key));
        value.unwrap_or_default().trim_matches('"').to_owned()
    }

    /// The patterns of its `scope`.
    pub(crate) fn scope(&self) -> Vec<String> {
        self.list("scope")
    }

    /// The words of a list among the author's keys.
    pub(crate) fn list(&self, key: &str) -> Vec<String> {
        let line = self.key(key);
        let inner = line.trim_start_matches('[').trim_end_matches(']');
        let words = inner.split(", ").map(|w| w.trim_matches('"').to_owned());
        words.filter(|w| !w.is_empty()).collect()
    }

    pub(crate) fn body(&self) -> String {
        let text = self.text();
        text.split_once("\n---\n")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default()
    }
}
