//! The form of a file in which values are kept for the next run, each behind a key of what it was made from. It belongs to
//! one build of the program. A sum finds out damage; it is no seal against whoever can write there.

use std::borrow::Cow;
use std::ops::Range;

use sha2::{Digest, Sha256};

pub mod heads;
pub mod marks;
pub mod packed;
mod row;

/// Text that may lie in what is remembered, which a process reads once and never gives back.
pub type Text = Cow<'static, str>;

/// What a value was made from.
pub type Key = [u8; 16];

/// The key of some texts in this order; where one ends and the next begins counts too.
pub fn key(parts: &[&[u8]]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut out = Key::default();
    out.copy_from_slice(&hash.finalize()[..16]);
    out
}

/// The length of the sum.
const SUM: usize = 4;

/// Values behind the head of a program.
pub fn sealed<'v>(head: &str, all: impl Iterator<Item = (&'v Key, &'v [u8])>) -> Vec<u8> {
    let mut out = head.as_bytes().to_vec();
    for (key, value) in all {
        out.extend_from_slice(key);
        packed::put(value, &mut out);
    }
    let sum = crc32fast::hash(&out).to_le_bytes();
    out.extend(sum);
    out
}

/// Where in the bytes each value is. None where they are of another program, or damaged.
pub fn opened(bytes: &[u8], head: &str) -> Option<Vec<(Key, Range<usize>)>> {
    let end = bytes.len().checked_sub(SUM)?;
    let (all, sum) = bytes.split_at(end);
    let mut rest = all.strip_prefix(head.as_bytes())?;
    if sum != crc32fast::hash(all).to_le_bytes() {
        return None;
    }
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (key, behind) = rest.split_first_chunk()?;
        rest = behind;
        let value = packed::take(&mut rest)?;
        let behind = end - rest.len();
        out.push((*key, behind - value.len()..behind));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opened_is_what_was_sealed() {
        let keys = [key(&[b"ab"]), key(&[b"a", b"b"]), key(&[])];
        assert!(keys[0] != keys[1] && keys[1] != keys[2]);
        let long = [7; 300];
        let values: [&[u8]; 3] = [b"", b"x", &long];
        let bytes = sealed("qms 1\n", keys.iter().zip(values));
        let found = opened(&bytes, "qms 1\n").expect("it is whole");
        for ((found, place), (key, value)) in found.iter().zip(keys.iter().zip(values)) {
            assert_eq!((found, &bytes[place.clone()]), (key, value));
        }
        assert_eq!(found.len(), 3);
        assert_eq!(opened(&bytes, "qms 2\n"), None);
        for end in 0..bytes.len() {
            assert_eq!(opened(&bytes[..end], "qms 1\n"), None, "{end}");
            let mut other = bytes.clone();
            other[end] ^= 1;
            assert_eq!(opened(&other, "qms 1\n"), None, "{end}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_opened_or_none(bytes in proptest::collection::vec(0u8..40, 0..90)) {
            let mut all = [b"q".as_slice(), &bytes].concat();
            all.extend(crc32fast::hash(&all).to_le_bytes());
            for (_, place) in opened(&all, "q").unwrap_or_default() {
                proptest::prop_assert!(place.end <= bytes.len() + 1);
            }
        }
    }
}
