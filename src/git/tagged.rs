//! What is tagged in the files of a system. Each file by itself is read, scanned and parsed by whichever thread is free.

use anyhow::Result;

use super::trees::Raw;
use super::{Repo, together};
use crate::model::path::TreePath;
use crate::model::trace::item::standings;
use crate::model::trace::links::File;
use crate::model::trace::scan::Scanner;

/// A path with what is there.
pub type Part = (TreePath, Raw);

/// What a file holds: None where it is no file, no text, or has no tag.
pub type Found = Result<Option<File>>;

/// What comes of a file: asked for each with what reads it, by several threads at once. What it holds follows from its
/// path, its blob and the pattern alone.
pub type Asked<'a, T> = &'a (dyn Fn(&Part, &dyn Fn() -> Found) -> Result<Option<T>> + Sync);

/// Bytes at the beginning of a file among which a zero says that it is no text.
const LOOK: usize = 8_000;
/// Files that a thread takes at a time.
const BATCH: usize = 32;

impl Repo {
    /// The files among these that hold tags, in their order, with what the tags stand on. `ids`: the system's pattern.
    pub fn tagged(&self, parts: &[Part], ids: &str) -> Result<Vec<File>> {
        self.tagged_by(parts, ids, &|_, read| read())
    }

    /// What comes of each, while this thread does something else.
    pub fn tagged_meanwhile<T: Send, O>(
        &self,
        parts: &[Part],
        ids: &str,
        asked: Asked<'_, T>,
        other: impl FnOnce() -> O,
    ) -> Result<(Vec<T>, O)> {
        let place = self.place();
        let (found, other) = std::thread::scope(|scope| {
            let running = scope.spawn(|| place.open()?.tagged_by(parts, ids, asked));
            let other = other();
            (running.join(), other)
        });
        // Where the other handle cannot read it, this one can, or says why not.
        match found {
            Ok(Ok(files)) => Ok((files, other)),
            _ => Ok((self.tagged_by(parts, ids, asked)?, other)),
        }
    }

    fn tagged_by<T: Send>(&self, parts: &[Part], ids: &str, asked: Asked<'_, T>) -> Result<Vec<T>> {
        let scanner = Scanner::new([ids]);
        let batches: Vec<&[Part]> = parts.chunks(BATCH).collect();
        // Another handle may not find what this one does: objects in memory, or where the environment says. Then it
        // is this one's to read, or to say why it cannot.
        let work = |repo: &Repo, batch: &&[Part]| Ok(each(repo, batch, &scanner, asked).ok());
        let read = together::all(self, &batches, together::cores(), work)?;
        let mut out = Vec::new();
        for (batch, files) in batches.into_iter().zip(read) {
            match files {
                Some(files) => out.extend(files),
                None => out.extend(each(self, batch, &scanner, asked)?),
            }
        }
        Ok(out)
    }
}

fn each<T>(repo: &Repo, parts: &[Part], scanner: &Scanner, asked: Asked<'_, T>) -> Result<Vec<T>> {
    let found = parts
        .iter()
        .map(|part| asked(part, &|| one(repo, part, scanner)));
    found.filter_map(Result::transpose).collect()
}

fn one(repo: &Repo, (path, raw): &Part, scanner: &Scanner) -> Found {
    if !raw.is_file() {
        return Ok(None);
    }
    repo.with_blob(raw.id, |bytes| {
        if bytes[..bytes.len().min(LOOK)].contains(&0) {
            return None;
        }
        let tags = scanner.tags(path.as_bytes(), bytes);
        (!tags.is_empty()).then(|| File {
            path: path.to_string(),
            standings: standings(path.as_bytes(), bytes, &tags),
            tags,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::change::{EXECUTABLE, REGULAR, SYMLINK};

    #[test]
    fn files_come_in_their_order_and_from_whichever_handle_has_them() {
        let dir = tempfile::tempdir().expect("a directory");
        gix::init_bare(dir.path()).expect("a repository");
        let repo = Repo::alone(dir.path()).expect("it opens");
        // No other handle has what is in memory alone.
        let memory = repo.in_memory();
        let part = |repo: &Repo, name: String, mode, text: &str| {
            let id = repo.write_blob(text.as_bytes()).expect("a blob");
            (TreePath::from(name.as_str()), Raw { mode, id })
        };
        let mut parts = Vec::new();
        for n in 0..BATCH * 5 {
            let text = format!("# [REQ-M-{n}]\na: {n}\n");
            let of = if n < BATCH { &memory } else { &repo };
            parts.push(part(of, format!("{n:04}.yaml"), REGULAR, &text));
        }
        let text = "# [REQ-M-1]\na: 1\n";
        parts.push(part(&repo, "x1".to_owned(), EXECUTABLE, text));
        parts.push(part(&repo, "x2".to_owned(), SYMLINK, text));
        parts.push(part(&repo, "x3".to_owned(), REGULAR, &format!("\0{text}")));
        parts.push(part(&repo, "x4".to_owned(), REGULAR, "a: 1\n"));
        let found = memory.tagged(&parts, "REQ-M-*").expect("all is there");
        let paths: Vec<_> = found.iter().map(|file| file.path.as_str()).collect();
        let mut expected: Vec<_> = (0..BATCH * 5).map(|n| format!("{n:04}.yaml")).collect();
        expected.push("x1".to_owned());
        assert_eq!(paths, expected);
        assert_eq!(found[7].tags[0].id, "REQ-M-7");
        assert_eq!(found[7].standings.items[0].shown(), "0007.yaml:2");
        // What cannot be read is said, and is not taken for a file without tags.
        assert!(repo.tagged(&parts, "REQ-M-*").is_err());
    }
}
