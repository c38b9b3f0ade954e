//! What is staged, told once a commit: `pre-commit` finds it out and keeps it for the hooks that follow, which look at
//! the same index. It is found by the index's own checksum and the tree of `HEAD`, so it can only be right or unused;
//! and it serves advice alone, since a server has no index.

use anyhow::Result;

use super::trees::{Differs, Raw};
use super::{Oid, Repo};
use crate::model::path::TreePath;

const FILE: &str = "qms-staged";
/// More than this is not kept: reading it again would cost what finding it out costs.
const MOST: usize = 1_000;

impl Repo {
    /// What is staged, kept for the hooks that follow.
    pub fn staged_and_kept(&self, tree: Oid) -> Result<Vec<Differs>> {
        let staged = self.staged(Some(tree))?;
        if let Some(key) = self.key(tree).filter(|_| staged.len() <= MOST) {
            // Where it cannot be kept it is found out again.
            let _ = self.keep(&encode(&key, &staged));
        }
        Ok(staged)
    }

    /// What is staged, as kept by the hook before this one, if the index is still the same.
    pub fn staged_as_kept(&self, tree: Oid) -> Result<Vec<Differs>> {
        let kept = std::fs::read(self.git_dir().join(FILE)).ok();
        match kept
            .zip(self.key(tree))
            .and_then(|(bytes, key)| decode(&bytes, &key))
        {
            Some(staged) => Ok(staged),
            None => self.staged(Some(tree)),
        }
    }

    /// Written over what was there: half of it is not used, and a file system is not made to flush a list that
    /// serves for a moment.
    fn keep(&self, bytes: &[u8]) -> std::io::Result<()> {
        use std::io::Write;
        let mut open = std::fs::OpenOptions::new();
        let mut file = open
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.git_dir().join(FILE))?;
        file.write_all(bytes)?;
        file.set_len(bytes.len() as u64)
    }

    /// The checksum that ends the index, with the tree; none where git was told not to write one.
    fn key(&self, tree: Oid) -> Option<String> {
        use std::io::{Read, Seek, SeekFrom};
        let length = tree.as_bytes().len();
        let mut file = std::fs::File::open(self.refs.index_path()).ok()?;
        file.seek(SeekFrom::End(-i64::try_from(length).ok()?))
            .ok()?;
        let mut sum = vec![0; length];
        file.read_exact(&mut sum).ok()?;
        let sum = Oid::try_from(&sum[..]).ok().filter(|id| !id.is_null())?;
        Some(format!("{tree} {sum}"))
    }
}

fn encode(key: &str, staged: &[Differs]) -> Vec<u8> {
    let side = |raw: Option<Raw>| raw.map_or("-".to_owned(), |r| format!("{:o}:{}", r.mode, r.id));
    let mut out = format!("{key}\0").into_bytes();
    for d in staged {
        out.extend(format!("{} {} ", side(d.before), side(d.after)).into_bytes());
        out.extend(d.path.as_bytes());
        out.push(0);
    }
    out.extend(format!("{}\0", staged.len()).into_bytes());
    out
}

/// `None` for anything but a whole list under this very key.
fn decode(bytes: &[u8], key: &str) -> Option<Vec<Differs>> {
    let mut records = bytes.strip_suffix(b"\0")?.split(|b| *b == 0);
    if records.next()? != key.as_bytes() {
        return None;
    }
    let mut records: Vec<&[u8]> = records.collect();
    let count: usize = std::str::from_utf8(records.pop()?).ok()?.parse().ok()?;
    let side = |text: &[u8]| -> Option<Option<Raw>> {
        let text = std::str::from_utf8(text).ok()?;
        if text == "-" {
            return Some(None);
        }
        let (mode, id) = text.split_once(':')?;
        let mode = u32::from_str_radix(mode, 8).ok()?;
        Some(Some(Raw {
            mode,
            id: Oid::from_hex(id.as_bytes()).ok()?,
        }))
    };
    let staged = records.into_iter().map(|record| {
        let mut parts = record.splitn(3, |b| *b == b' ');
        let (before, after, path) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Differs {
            path: TreePath::new(path),
            before: side(before)?,
            after: side(after)?,
        })
    });
    staged
        .collect::<Option<Vec<_>>>()
        .filter(|s| s.len() == count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_list_under_its_key_is_used() {
        let id = Oid::from_hex(&[b'a'; 40]).expect("an id");
        let raw = |mode| Some(Raw { mode, id });
        let staged = vec![
            Differs {
                path: TreePath::from("a b\nc"),
                before: None,
                after: raw(0o100_644),
            },
            Differs {
                path: TreePath::from("d"),
                before: raw(0o100_755),
                after: None,
            },
        ];
        let bytes = encode("key", &staged);
        assert_eq!(decode(&bytes, "key"), Some(staged));
        assert_eq!(decode(&bytes, "other"), None);
        for cut in 0..bytes.len() {
            assert_eq!(decode(&bytes[..cut], "key"), None, "{cut}");
        }
        assert_eq!(decode(&encode("key", &[]), "key"), Some(Vec::new()));
    }
}
