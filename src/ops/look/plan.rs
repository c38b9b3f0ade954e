//! What is left to do of a matrix of which much is known: by the key of each row, which is made of all that it follows from.

use std::collections::BTreeMap;

use super::super::remembered::Remembered;
use super::super::trace::Subject;
use super::seen::Seen;
use crate::git::Oid;
use crate::git::tagged::Part;
use crate::model::path::TreePath;
use crate::model::trace::beside;
use crate::model::trace::links::names;
use crate::model::trace::matrix::Row;
use crate::model::trace::memory::{Key, key};
use crate::model::trace::places::manifest;
use crate::model::trace::requirement::{Requirement, Requirements};

/// Bytes that a row follows from, in most cases: two files of some tags.
const FOLLOWS: usize = 64;

/// Of which state the results are that rows follow from.
pub(super) enum Ground<'r> {
    None,
    /// Of this one.
    Own,
    /// Of another; which, and whether they say something of single tests.
    Other(&'r str, bool),
}

/// What all rows follow from, beside requirements and files. `tip`: that of the results.
pub(super) fn ground(subject: &Subject<'_>, tip: Option<Oid>, of: Ground<'_>) -> Key {
    let tip = tip.map(|tip| tip.to_string()).unwrap_or_default();
    let (number, which, state) = match of {
        Ground::None => (0, "", Vec::new()),
        // They are joined with all tests that there are, and with the lines that changed since other commits.
        Ground::Own => (1, "", subject.commit.to_string().into_bytes()),
        Ground::Other(which, true) => (2, which, named(&subject.listed)),
        Ground::Other(which, false) => (3, which, Vec::new()),
    };
    let share = subject.system.coverage;
    key(&[tip.as_bytes(), &[number, share], which.as_bytes(), &state])
}

/// What names of tests are joined with: all paths, and what manifests say.
fn named(listed: &[Part]) -> Vec<u8> {
    let is_manifest = |path: &TreePath| {
        let last = path.as_bytes().rsplit(|b| *b == b'/').next();
        let mut names = manifest::NAMES.iter();
        names.any(|(_, name)| last == Some(name.as_bytes()))
    };
    let one = |(path, raw): &Part| {
        let blob = is_manifest(path).then(|| raw.id.as_bytes());
        [path.as_bytes(), b"\0", blob.unwrap_or_default()].concat()
    };
    listed.iter().flat_map(one).collect()
}

/// What is known of a system's rows, by its requirements, and which of its files the others need.
pub(super) struct Plan {
    pub(super) known: Vec<Option<Row>>,
    /// Of the rows there will be, those that are not known.
    pub(super) keys: Vec<Option<Key>>,
    pub(super) matter: Vec<bool>,
}

/// Whose the tags of a file are, by the places of requirements, and whether each stands on something.
type Tags = (Vec<Option<usize>>, bool);

impl Plan {
    pub(super) fn of(
        by: &Remembered,
        approved: &BTreeMap<String, String>,
        ground: &Key,
        read: &Requirements,
        seen: &[Seen],
    ) -> Plan {
        let (follows, tags) = follows(read, seen);
        let one = |(requirement, follows): &(&Requirement, &Vec<u8>)| {
            (!requirement.is_retired()).then_some(())?;
            let approved = approved.get(&*requirement.id);
            let key = key(&[
                b"row",
                ground,
                requirement.fingerprint.as_bytes(),
                &requirement.line.to_le_bytes(),
                approved.map_or(b"", |approved| approved.as_bytes()),
                follows,
            ]);
            let found = by.bytes(&key);
            let row = found.and_then(|found| Row::unpack_found(found, requirement));
            Some((key, row))
        };
        let each: Vec<_> = read.all.iter().zip(&follows).collect();
        let rows = beside::each(&each, one);
        let is_new = |at: usize| rows[at].as_ref().is_some_and(|(_, row)| row.is_none());
        // What is nobody's tag, or stands on nothing, is told of the file itself.
        let matters =
            |(of, all_stand): &Tags| !all_stand || of.iter().any(|at| at.is_none_or(is_new));
        let key = |(key, row): &(Key, Option<Row>)| row.is_none().then_some(*key);
        Plan {
            matter: tags.iter().map(matters).collect(),
            keys: rows.iter().flatten().map(key).collect(),
            known: rows.into_iter().map(|row| row?.1).collect(),
        }
    }

    /// The ids of those that are not known.
    pub(super) fn judged<'r>(&'r self, read: &'r Requirements) -> impl Iterator<Item = &'r str> {
        let each = read.all.iter().zip(&self.known);
        let judged =
            each.filter(|(requirement, known)| known.is_none() && !requirement.is_retired());
        judged.map(|(requirement, _)| &*requirement.id)
    }

    pub(super) fn is_done(&self, read: &Requirements) -> bool {
        self.judged(read).next().is_none()
    }
}

/// Of each requirement the files that its tags are in, and which of the tags there are its own; and the tags of each file.
fn follows(read: &Requirements, seen: &[Seen]) -> (Vec<Vec<u8>>, Vec<Tags>) {
    let names = names(&read.all);
    let mut follows: Vec<Vec<u8>> = Vec::new();
    follows.resize_with(read.all.len(), || Vec::with_capacity(FOLLOWS));
    let mut tags = Vec::with_capacity(seen.len());
    for file in seen {
        let heads = file.heads();
        let of: Vec<Option<usize>> = heads.ids.iter().map(|id| names.get(id).copied()).collect();
        for (place, at) in of.iter().enumerate() {
            let (Some(at), false) = (*at, of[..place].contains(at)) else {
                continue;
            };
            // Of a test it counts with how many requirements it is tagged.
            let sort = |other: &Option<usize>| match other {
                Some(other) if *other == at => 3,
                Some(other) if read.all[*other].is_retired() => 1,
                Some(_) => 2,
                None => 0u8,
            };
            follows[at].extend(file.key);
            follows[at].extend(of.iter().map(sort));
            follows[at].push(u8::MAX);
        }
        tags.push((of, heads.all_stand));
    }
    (follows, tags)
}
