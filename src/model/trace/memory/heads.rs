//! What a look at all files needs to know of each: which requirements its tags name, and whether there is more to say of
//! them. It is kept before the file itself, which is unpacked where it matters.

use super::super::item::Standing;
use super::super::links::File;
use super::packed::{self, Packed};

/// The names in a file's tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heads<'b> {
    pub ids: Vec<&'b str>,
    /// Every tag stands on something.
    pub all_stand: bool,
}

impl<'b> Heads<'b> {
    pub fn of(file: &'b File) -> Heads<'b> {
        let stands = |standing: &Standing| matches!(standing, Standing::On(_));
        Heads {
            ids: file.tags.iter().map(|tag| tag.id.as_str()).collect(),
            all_stand: file.standings.of.iter().all(stands),
        }
    }

    /// Takes them from before a file; None in the answer where there is no file.
    fn unpack(from: &mut &'static [u8]) -> Option<Option<Heads<'b>>> {
        if !bool::unpack(from)? {
            return Some(None);
        }
        let all_stand = bool::unpack(from)?;
        let count = usize::unpack(from)?;
        let mut ids = Vec::with_capacity(count.min(from.len()));
        for _ in 0..count {
            ids.push(std::str::from_utf8(packed::take(from)?).ok()?);
        }
        Some(Some(Heads { ids, all_stand }))
    }

    /// Those of what was packed by `pack`.
    pub fn peek(mut from: &'static [u8]) -> Option<Option<Heads<'b>>> {
        Heads::unpack(&mut from)
    }
}

/// A file behind its heads.
pub fn pack(file: Option<&File>) -> Vec<u8> {
    let mut out = Vec::new();
    file.is_some().pack(&mut out);
    let Some(file) = file else { return out };
    let heads = Heads::of(file);
    heads.all_stand.pack(&mut out);
    heads.ids.len().pack(&mut out);
    for id in heads.ids {
        packed::put(id.as_bytes(), &mut out);
    }
    file.pack(&mut out);
    out
}

/// The file of what was packed so.
pub fn unpack(mut from: &'static [u8]) -> Option<File> {
    Heads::unpack(&mut from)??;
    File::unpack(&mut from).filter(|_| from.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::super::item;
    use super::super::super::scan::Scanner;
    use super::*;

    #[test]
    fn heads_are_those_of_the_file_behind_them() {
        let text = b"# [REQ-M-1]\n# Verifies: REQ-M-2\na = 1\n# [REQ-M-1]\n";
        let tags = Scanner::new(["REQ-M-*"]).tags(b"a.yaml", text);
        let file = File {
            path: "a.yaml".to_owned(),
            standings: item::standings(b"a.yaml", text, &tags),
            tags,
        };
        let bytes: &'static [u8] = pack(Some(&file)).leak();
        let heads = Heads::peek(bytes).expect("heads").expect("a file");
        assert_eq!(heads.ids, ["REQ-M-1", "REQ-M-2", "REQ-M-1"]);
        assert!(!heads.all_stand);
        assert_eq!(heads, Heads::of(&file));
        assert_eq!(unpack(bytes).as_ref(), Some(&file));
        for end in 0..bytes.len() {
            assert_eq!(unpack(&bytes[..end]), None, "{end}");
        }
        assert_eq!(Heads::peek(pack(None).leak()), Some(None));
        assert_eq!(unpack(pack(None).leak()), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_heads_or_none(bytes in proptest::collection::vec(0u8..8, 0..40)) {
            let bytes: &'static [u8] = bytes.leak();
            let _ = (Heads::peek(bytes), unpack(bytes));
        }
    }
}
