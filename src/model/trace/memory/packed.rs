//! A compact form of what was read, to be kept for the next run: numbers, texts and lists one after another, without
//! names. It says something to the program that wrote it, and to no other one.

use std::collections::BTreeMap;

use super::super::attribute::{self, Attributes};
use super::super::item::{Checks, Excluded, Item, Kind, Lines, Sort, Standing, Standings};
use super::super::links::File;
use super::super::matrix::{Named, Why};
use super::super::prints::Prints;
use super::super::requirement::{Requirement, Requirements};
use super::super::tag::{Claim, Form, Scope, Tag};
use super::super::verdict::Last;
use super::Text;
use crate::model::document::{digested, undigested};
use crate::model::span::{Flaw, Span};

/// What can be kept so.
pub trait Packed: Sized {
    fn pack(&self, out: &mut Vec<u8>);
    /// Takes one from the beginning of `from`. None where none of them is there, whatever is.
    fn unpack(from: &mut &'static [u8]) -> Option<Self>;
}

/// Bytes behind their length.
pub fn put(bytes: &[u8], out: &mut Vec<u8>) {
    bytes.len().pack(out);
    out.extend_from_slice(bytes);
}

/// Takes such bytes from the beginning.
pub fn take<'b>(from: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = number(from)?;
    let (bytes, rest) = from.split_at_checked(usize::try_from(length).ok()?)?;
    *from = rest;
    Some(bytes)
}

/// Seven bits a byte, the lowest first; the eighth says that more come.
fn number(from: &mut &[u8]) -> Option<u64> {
    let mut out = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = from.split_first()?;
        *from = rest;
        out |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(out);
        }
    }
    None
}

/// Structures, by their fields.
macro_rules! packed {
    ($($name:ident { $($field:ident),* $(,)? })*) => {
        $(impl $crate::model::trace::memory::packed::Packed for $name {
            fn pack(&self, out: &mut Vec<u8>) {
                $($crate::model::trace::memory::packed::Packed::pack(&self.$field, out);)*
            }

            fn unpack(from: &mut &'static [u8]) -> Option<$name> {
                Some($name {
                    $($field: $crate::model::trace::memory::packed::Packed::unpack(from)?,)*
                })
            }
        })*
    };
}

/// Choices without values.
macro_rules! packed_words {
    ($($name:ident [$($word:ident),* $(,)?])*) => {
        $(impl $crate::model::trace::memory::packed::Packed for $name {
            fn pack(&self, out: &mut Vec<u8>) {
                match self {
                    $($name::$word)|* => out.push(*self as u8),
                }
            }

            fn unpack(from: &mut &'static [u8]) -> Option<$name> {
                let (first, rest) = from.split_first()?;
                *from = rest;
                $(if *first == $name::$word as u8 {
                    return Some($name::$word);
                })*
                None
            }
        })*
    };
}

pub(in super::super) use {packed, packed_words};

impl Packed for u64 {
    fn pack(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }

    fn unpack(from: &mut &'static [u8]) -> Option<u64> {
        number(from)
    }
}

/// Numbers that are kept as such of 64 bits.
macro_rules! numbers {
    ($($name:ident)*) => {
        $(impl Packed for $name {
            fn pack(&self, out: &mut Vec<u8>) {
                (*self as u64).pack(out);
            }

            fn unpack(from: &mut &'static [u8]) -> Option<$name> {
                $name::try_from(u64::unpack(from)?).ok()
            }
        })*
    };
}

numbers! { usize u32 }

impl Packed for i32 {
    fn pack(&self, out: &mut Vec<u8>) {
        self.cast_unsigned().pack(out);
    }

    fn unpack(from: &mut &'static [u8]) -> Option<i32> {
        u32::unpack(from).map(u32::cast_signed)
    }
}

impl Packed for bool {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn unpack(from: &mut &'static [u8]) -> Option<bool> {
        match u64::unpack(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

/// A digest is kept as its bytes, behind the length that no other text has.
const DIGEST: usize = 0;

/// Texts: one more than their length, and they.
impl Packed for String {
    fn pack(&self, out: &mut Vec<u8>) {
        match undigested(self) {
            Some(hash) => {
                DIGEST.pack(out);
                out.extend_from_slice(&hash);
            }
            None => plain(self, out),
        }
    }

    fn unpack(from: &mut &'static [u8]) -> Option<String> {
        text(from).map(Text::into_owned)
    }
}

/// As it is, to be borrowed from where it lies.
impl Packed for Text {
    fn pack(&self, out: &mut Vec<u8>) {
        plain(self, out);
    }

    fn unpack(from: &mut &'static [u8]) -> Option<Text> {
        text(from)
    }
}

fn plain(text: &str, out: &mut Vec<u8>) {
    (text.len() + 1).pack(out);
    out.extend_from_slice(text.as_bytes());
}

fn text(from: &mut &'static [u8]) -> Option<Text> {
    let Some(length) = usize::unpack(from)?.checked_sub(1) else {
        let (hash, rest) = from.split_first_chunk()?;
        *from = rest;
        return Some(Text::Owned(digested(hash)));
    };
    let (text, rest) = from.split_at_checked(length)?;
    *from = rest;
    std::str::from_utf8(text).ok().map(Text::Borrowed)
}

impl<T: Packed> Packed for Option<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.is_some().pack(out);
        if let Some(value) = self {
            value.pack(out);
        }
    }

    fn unpack(from: &mut &'static [u8]) -> Option<Option<T>> {
        match bool::unpack(from)? {
            true => T::unpack(from).map(Some),
            false => Some(None),
        }
    }
}

impl<A: Packed, B: Packed> Packed for (A, B) {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
        self.1.pack(out);
    }

    fn unpack(from: &mut &'static [u8]) -> Option<(A, B)> {
        Some((A::unpack(from)?, B::unpack(from)?))
    }
}

impl<T: Packed> Packed for Vec<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.len().pack(out);
        self.iter().for_each(|value| value.pack(out));
    }

    fn unpack(from: &mut &'static [u8]) -> Option<Vec<T>> {
        let length = usize::unpack(from)?;
        // Each takes a byte at the least.
        if length > from.len() {
            return None;
        }
        let mut out = Vec::with_capacity(length);
        for _ in 0..length {
            out.push(T::unpack(from)?);
        }
        Some(out)
    }
}

impl Packed for Prints {
    fn pack(&self, out: &mut Vec<u8>) {
        self.iter().count().pack(out);
        for (name, print) in self.iter() {
            name.pack(out);
            print.pack(out);
        }
    }

    fn unpack(from: &mut &'static [u8]) -> Option<Prints> {
        Some(Vec::unpack(from)?.into_iter().collect())
    }
}

impl<K: Packed + Ord, V: Packed> Packed for BTreeMap<K, V> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.len().pack(out);
        for (key, value) in self {
            key.pack(out);
            value.pack(out);
        }
    }

    fn unpack(from: &mut &'static [u8]) -> Option<BTreeMap<K, V>> {
        Some(Vec::<(K, V)>::unpack(from)?.into_iter().collect())
    }
}

packed! {
    File { path, tags, standings }
    Tag { at, line, id, claim, form, scope, trails }
    Standings { items, of }
    Item { path, scope, name, sort, kind, is_test, in_tests, lines, body, excluded, fingerprint, checks }
    Excluded { line, mark }
    Lines { first, last }
    Checks { asserts, itself }
    Requirements { all, flaws }
    Requirement { id, title, text, attributes, line, fingerprint }
    Attributes { kind, needs, from, to, also, class, retired }
    Flaw { message, span }
    Span { line, column, len, text }
    Last { text, tests, code, covered }
    Why { path, line, says }
    Named { name, path, line, fingerprint }
}

type Evidence = attribute::Kind;

packed_words! {
    Claim [Implements, Verifies, Unsaid]
    Form [Bracket, Word, Duvet, OpenFastTrace, Relation, Lobster]
    Scope [Item, File, Line]
    Sort [Rust, Python, Script, Go, C, Java, Other]
    Kind [Function, Type, Module, File, Statement, Line]
    Evidence [Function, Startup, Proof]
}

impl Packed for Standing {
    fn pack(&self, out: &mut Vec<u8>) {
        let number = match self {
            Standing::Nothing => 0,
            Standing::NoComment => 1,
            Standing::On(item) => item + 2,
        };
        number.pack(out);
    }

    fn unpack(from: &mut &'static [u8]) -> Option<Standing> {
        Some(match usize::unpack(from)? {
            0 => Standing::Nothing,
            1 => Standing::NoComment,
            item => Standing::On(item - 2),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::requirement;
    use super::super::super::scan::Scanner;
    use super::*;

    fn again<T: Packed + PartialEq + std::fmt::Debug>(value: &T) -> &'static [u8] {
        let mut bytes = Vec::new();
        value.pack(&mut bytes);
        let bytes: &'static [u8] = bytes.leak();
        let mut rest = bytes;
        assert_eq!(T::unpack(&mut rest).as_ref(), Some(value));
        assert!(rest.is_empty());
        bytes
    }

    #[test]
    fn what_is_unpacked_is_what_was_packed() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            again(&number);
        }
        let digest = digested(&[0xa5; 32]);
        for text in ["", "a", &digest, &digest[1..], &digest.to_uppercase()] {
            again(&text.to_owned());
        }
        assert_eq!(again(&digest).len(), 33);
        again(&Some(-7));
        again(&BTreeMap::from([(1u32, true), (9, false)]));
        let text =
            b"# [REQ-M-1]\n# Verifies: REQ-M-2\ndef test_a():\n    assert a == a\n# [REQ-M-3]\n";
        let tags = Scanner::new(["REQ-M-*"]).tags(b"test_a.py", text);
        let file = File {
            path: "test_a.py".to_owned(),
            standings: super::super::super::item::standings(b"test_a.py", text, &tags),
            tags,
        };
        assert_eq!((file.tags.len(), file.standings.of.len()), (3, 3));
        let bytes = again(&Some(file));
        let text = "- REQ-Q-1: ü (kind: startup; from: UR-1)\n- REQ-Q-1: b\n";
        again(&requirement::read(text, 0, "REQ-Q-*"));
        // What is cut off is none, wherever it is.
        for end in 0..bytes.len() {
            assert_eq!(Option::<File>::unpack(&mut &bytes[..end]), None, "{end}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_unpacked_or_none(bytes in proptest::collection::vec(0u8..8, 0..60)) {
            let bytes: &'static [u8] = bytes.leak();
            let _ = Option::<File>::unpack(&mut &bytes[..]);
            let _ = Requirements::unpack(&mut &bytes[..]);
            let _ = Last::unpack(&mut &bytes[..]);
        }
    }
}
