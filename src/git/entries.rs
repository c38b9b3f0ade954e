//! The bytes of tree objects, read in place. Entries are validated where a step brings them in: what is as it was in the
//! parent was looked at before. fsck lets some of it pass, and a checkout cannot tell it apart.

use std::cmp::Ordering;

use anyhow::{Context, Result, bail, ensure};

use super::Oid;
use super::trees::{Raw, TREE};
use crate::model::path::TreePath;

/// One entry of a tree, in the tree's own bytes.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// The whole entry.
    pub bytes: &'a [u8],
    pub(super) name: &'a [u8],
    mode: &'a [u8],
    id: &'a [u8],
}

/// The modes that git writes, as it writes them.
const MODES: [(&[u8], u32); 5] = [
    (b"40000", TREE),
    (b"100644", 0o100_644),
    (b"100755", 0o100_755),
    (b"120000", 0o120_000),
    (b"160000", 0o160_000),
];

impl<'a> Item<'a> {
    pub(super) fn raw(&self) -> Result<Raw> {
        let known = MODES.iter().find(|(text, _)| *text == self.mode);
        let (_, mode) = known.with_context(|| {
            format!(
                "a tree has an entry `{}` of mode {}",
                TreePath::new(self.name),
                String::from_utf8_lossy(self.mode)
            )
        })?;
        Ok(Raw {
            mode: *mode,
            id: Oid::from_bytes_or_panic(self.id),
        })
    }

    fn is_tree(&self) -> bool {
        self.mode == MODES[0].0
    }

    /// Git's order: a folder sorts as if its name ended in a slash.
    pub(super) fn order(&self, other: &Item<'_>) -> Ordering {
        let common = self.name.len().min(other.name.len());
        let after = |item: &Item<'_>| match item.name.get(common) {
            Some(byte) => *byte,
            None => u8::from(item.is_tree()) * b'/',
        };
        let heads = self.name[..common].cmp(&other.name[..common]);
        heads.then_with(|| after(self).cmp(&after(other)))
    }

    /// Refuses names and modes that git itself never writes, and an entry that does not come after the one before it.
    fn validate(&self, before: Option<&Item<'_>>) -> Result<()> {
        let shown = || TreePath::new(self.name);
        if !is_name(self.name) {
            bail!("a tree has an entry named `{}`", shown());
        }
        self.raw()?;
        let sorted = before.is_none_or(|b| b.order(self).is_lt());
        ensure!(sorted, "a tree is not sorted, or has `{}` twice", shown());
        Ok(())
    }
}

/// Refuses a tree in which a file and a folder have one name: others may stand between them.
pub(super) fn apart(mut all: Items<'_>) -> Result<()> {
    // Files that a folder of the same name may still follow: each begins with the one before it.
    let mut files: Vec<&[u8]> = Vec::new();
    while let Some(item) = all.next()? {
        while files.pop_if(|file| !item.name.starts_with(file)).is_some() {}
        if !item.is_tree() {
            files.push(item.name);
        } else if files.last() == Some(&item.name) {
            let name = TreePath::new(item.name);
            bail!("a tree has `{name}` as file and as folder");
        }
    }
    Ok(())
}

/// The entries of a tree's bytes, one after another.
#[derive(Clone, Copy)]
pub struct Items<'a> {
    data: &'a [u8],
    hash: usize,
}

impl<'a> Items<'a> {
    /// `hash`: the length of an id, in bytes.
    pub fn new(data: &'a [u8], hash: usize) -> Items<'a> {
        Items { data, hash }
    }

    pub(super) fn next(&mut self) -> Result<Option<Item<'a>>> {
        if self.data.is_empty() {
            return Ok(None);
        }
        let space = match self.data.get(..7) {
            Some([b'4', _, _, _, _, b' ', _]) => 5,
            Some([b'1', _, _, _, _, _, b' ']) => 6,
            _ => {
                let space = self.data.iter().take(7).position(|b| *b == b' ');
                space.context("a tree has an entry without a mode")?
            }
        };
        let name = &self.data[space + 1..];
        let end = name.iter().position(|b| *b == 0);
        let end = end.context("a tree has an entry without an end")?;
        let length = space + 1 + end + 1 + self.hash;
        ensure!(self.data.len() >= length, "a tree ends within an entry");
        let (bytes, rest) = self.data.split_at(length);
        self.data = rest;
        Ok(Some(Item {
            bytes,
            name: &name[..end],
            mode: &bytes[..space],
            id: &bytes[length - self.hash..],
        }))
    }

    /// The entry of a name.
    pub(super) fn find(mut self, name: &[u8]) -> Result<Option<Item<'a>>> {
        while let Some(item) = self.next()? {
            if item.name == name {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

/// Whether a tree may have an entry of this name, be it read or written. What one system alone dislikes, such as `aux.txt`,
/// is a name.
pub(super) fn is_name(name: &[u8]) -> bool {
    let odd = name.is_empty() || name.contains(&b'/') || matches!(name, b"." | b"..");
    !odd && !is_git_folder(name)
}

/// Whether some file system takes a name for `.git`: in another case, with what it cuts off, or by its short form.
fn is_git_folder(name: &[u8]) -> bool {
    // To some systems a backslash parts folders.
    if name.contains(&b'\\') {
        return name.split(|b| *b == b'\\').any(is_git_folder);
    }
    // Every spelling begins with a dot, a `g`, or a character that nobody sees.
    let first = name
        .first()
        .is_some_and(|b| matches!(b, b'.' | b'g' | b'G') || !b.is_ascii());
    let options = gix::validate::path::component::Options {
        protect_windows: false,
        protect_hfs: true,
        protect_ntfs: true,
    };
    first && gix::validate::path::component(name.into(), None, options).is_err()
}

/// Two trees entry by entry: what is the same in both is passed over without being looked into. `found` gets what
/// differs, by name: before and after.
pub fn differing<'a>(
    before: Items<'a>,
    after: Items<'a>,
    mut found: impl FnMut(Option<Item<'a>>, Option<Item<'a>>) -> Result<()>,
) -> Result<()> {
    let (mut old, mut new) = (before, after);
    // The new tree's entry before, whether what follows must be looked at for its place, and whether names are unique.
    let (mut last, mut suspect, mut unique) = (None, false, false);
    loop {
        if !suspect {
            last = pass(&mut old, &mut new)?.or(last);
        }
        let (mut old_rest, mut new_rest) = (old, new);
        let (a, b) = (old_rest.next()?, new_rest.next()?);
        let order = match (&a, &b) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(x), Some(y)) => x.order(y),
        };
        let (mut x, mut y) = (None, None);
        if order.is_le() {
            (x, old) = (a, old_rest);
        }
        if order.is_ge() {
            (y, new) = (b, new_rest);
        }
        if let Some(y) = y {
            y.validate(last.as_ref())?;
            if x.is_none() && !unique {
                apart(after)?;
                unique = true;
            }
            last = Some(y);
        }
        let same = matches!((&x, &y), (Some(x), Some(y)) if x.bytes == y.bytes);
        if !same {
            found(x, y)?;
        }
        // What is gone or new moves what follows it next to another one.
        suspect = order.is_ne();
    }
}

/// Passes over the entries that come next and are the same; answers with the last of them.
fn pass<'a>(old: &mut Items<'a>, new: &mut Items<'a>) -> Result<Option<Item<'a>>> {
    const STRIDE: usize = 512;
    let strides = old.data.chunks(STRIDE).zip(new.data.chunks(STRIDE));
    let equal = strides.take_while(|(a, b)| a == b).count() * STRIDE;
    let (a, b) = (
        &old.data[equal.min(old.data.len())..],
        &new.data[equal.min(new.data.len())..],
    );
    let equal = equal + a.iter().zip(b).take_while(|(a, b)| a == b).count();
    if equal >= old.data.len() && old.data.len() == new.data.len() {
        (old.data, new.data) = (&[], &[]);
        return Ok(None);
    }
    let whole = new.data.len();
    let (mut last, mut passed) = (None, 0);
    let mut rest = *new;
    while passed < equal
        && let Some(item) = rest.next()?
        && whole - rest.data.len() <= equal
    {
        passed = whole - rest.data.len();
        last = Some(item);
    }
    (old.data, new.data) = (&old.data[passed..], &new.data[passed..]);
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        let entry = |(mode, name, id): &(&str, &str, u8)| {
            [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[*id; 20]].concat()
        };
        entries.iter().flat_map(entry).collect()
    }

    fn names(before: &[u8], after: &[u8]) -> Result<Vec<String>> {
        let mut out = Vec::new();
        differing(Items::new(before, 20), Items::new(after, 20), |x, y| {
            let name =
                |i: Option<Item<'_>>| i.map(|i| String::from_utf8_lossy(i.name).into_owned());
            out.push(format!("{:?}>{:?}", name(x), name(y)));
            Ok(())
        })?;
        Ok(out)
    }

    #[test]
    fn what_differs_is_found_by_name() {
        let old = tree(&[("100644", "a", 1), ("40000", "b", 2), ("100644", "d", 3)]);
        let new = tree(&[
            ("100644", "a", 1),
            ("100644", "b", 9),
            ("100644", "c", 1),
            ("100644", "d", 4),
        ]);
        let found = names(&old, &new).expect("sound");
        assert_eq!(
            found,
            [
                "None>Some(\"b\")",
                "Some(\"b\")>None",
                "None>Some(\"c\")",
                "Some(\"d\")>Some(\"d\")"
            ]
        );
        assert!(names(&old, &old).is_ok_and(|f| f.is_empty()));
        let alike = tree(&[
            ("100644", "a", 1),
            ("100644", "a.b", 1),
            ("40000", "a.c", 1),
        ]);
        assert!(names(&[], &alike).is_ok_and(|f| f.len() == 3));
    }

    #[test]
    fn g12_a_file_and_a_folder_of_one_name_are_refused_with_others_between_them() {
        let (file, folder) = (("100644", "a", 1), ("40000", "a", 1));
        let between = [
            ("100644", "a-", 1),
            ("40000", "a-b", 1),
            ("100644", "a.b", 1),
        ];
        let of = |first: &[_], last: &[_]| tree(&[first, &between, last].concat());
        let both = of(&[file], &[folder]);
        for before in [
            of(&[], &[]),
            of(&[file], &[]),
            of(&[], &[folder]),
            Vec::new(),
        ] {
            assert!(names(&before, &both).is_err());
            assert!(names(&both, &before).is_ok());
        }
    }

    #[test]
    fn g12_gits_own_folder_has_many_names() {
        for name in [
            ".git",
            ".GIT",
            ".git.",
            ".git ",
            "git~1",
            "GIT~1",
            ".g\u{200c}it",
            ".git::$INDEX_ALLOCATION",
            ".git .:x",
            "git~1.",
            "src\\.git\\hooks",
        ] {
            assert!(is_git_folder(name.as_bytes()), "{name}");
        }
        for name in [
            "src\\main.py",
            ".github",
            ".gitignore",
            "git",
            "x.git",
            "git~2",
            ".g",
        ] {
            assert!(!is_git_folder(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn names_are_names_whatever_one_system_makes_of_them() {
        for name in ["aux.txt", "CON", "a:b", "a?", "b ", "c.", ".gitx", "a\\b"] {
            assert!(is_name(name.as_bytes()), "{name}");
        }
        for name in ["", ".", "..", "a/b", ".git", ".GIT ", "git~1", "a\\.git"] {
            assert!(!is_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn g12_trees_that_git_never_writes_are_refused() {
        let sound = tree(&[("100644", "a", 1), ("40000", "b", 2), ("100644", "d", 3)]);
        for bad in [
            tree(&[("100644", "b", 9), ("100644", "a", 1)]),
            tree(&[("100644", "a", 1), ("100644", "a", 2)]),
            tree(&[("100644", "a", 1), ("100644", "b", 9), ("40000", "b", 2)]),
            tree(&[
                ("100644", "a", 1),
                ("100644", "z", 9),
                ("40000", "b", 2),
                ("100644", "d", 3),
            ]),
            tree(&[
                ("100644", "a", 1),
                ("100644", "a.b", 9),
                ("40000", "a", 2),
                ("100644", "d", 3),
            ]),
            tree(&[("100664", "a", 1)]),
            tree(&[("040000", "a", 1)]),
            tree(&[("100644", "", 1)]),
            tree(&[("100644", "..", 1)]),
            tree(&[("40000", ".GIT", 1)]),
            tree(&[("100644", "x/y", 1)]),
            b"100644 a".to_vec(),
            b"100644 a\0short".to_vec(),
            b"nonsense\0".to_vec(),
        ] {
            assert!(
                names(&sound, &bad).is_err(),
                "{}",
                String::from_utf8_lossy(&bad)
            );
        }
    }
}
