//! Tree objects: two, after the length of the first in two bytes. From a sound tree only a sound
//! tree is reached, and what differs is what a comparison by name finds.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use qms::git::entries::{Item, Items, differing};

/// The length of an id.
const ID: usize = 20;

fuzz_target!(|data: &[u8]| {
    let Some((length, rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
    let (before, after) = rest.split_at(length);
    let mut found = Vec::new();
    let whole = |item: Option<Item<'_>>| item.map(|i| i.bytes.to_vec());
    let done = differing(Items::new(before, ID), Items::new(after, ID), |a, b| {
        found.push((whole(a), whole(b)));
        Ok(())
    });
    let Some(old) = sound(before) else {
        return;
    };
    let Some(new) = sound(after) else {
        assert!(done.is_err(), "an unsound tree is reached");
        return;
    };
    // What some file system takes for `.git`, or for a way up, is refused beyond what git itself refuses; to some a
    // backslash parts folders.
    let alias = |first: &u8| matches!(first, b'.' | b'g' | b'G') || !first.is_ascii();
    let aliased = |name: &Vec<u8>| {
        let mut parts = name.split(|b| *b == b'\\');
        parts.any(|part| part.first().is_some_and(alias))
    };
    if done.is_err() && new.keys().any(aliased) {
        return;
    }
    assert!(done.is_ok(), "{done:?}");
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let pairs = keys
        .into_iter()
        .map(|key| (old.get(key).cloned(), new.get(key).cloned()));
    let wanted: BTreeSet<_> = pairs.filter(|(a, b)| a != b).collect();
    assert_eq!(found.len(), wanted.len());
    assert_eq!(BTreeSet::from_iter(found), wanted);
});

/// The entries by their place in git's order, if git itself would write such a tree.
fn sound(mut data: &[u8]) -> Option<BTreeMap<Vec<u8>, Vec<u8>>> {
    let (mut out, mut names) = (BTreeMap::new(), BTreeSet::new());
    while !data.is_empty() {
        let space = data.iter().position(|b| *b == b' ')?;
        let nul = data
            .iter()
            .position(|b| *b == 0)
            .filter(|nul| *nul > space)?;
        let (mode, name) = (&data[..space], &data[space + 1..nul]);
        let (entry, rest) = data.split_at_checked(nul + 1 + ID)?;
        data = rest;
        let is_tree = mode == b"40000";
        let known = is_tree || [&b"100644"[..], b"100755", b"120000", b"160000"].contains(&mode);
        let odd = name.is_empty() || name.contains(&b'/') || name == b"." || name == b"..";
        let lower = name.to_ascii_lowercase();
        if !known || odd || lower == b".git" || !names.insert(name) {
            return None;
        }
        let place = [name, if is_tree { b"/" } else { b"\0" }].concat();
        let is_last = out.last_key_value().is_none_or(|(last, _)| *last < place);
        if !is_last {
            return None;
        }
        out.insert(place, entry.to_vec());
    }
    Some(out)
}
