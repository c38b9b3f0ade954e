//! Commit objects. What the strict reader takes has one reading: the places of history, the message and what a
//! signature signs are those that a plain look at the lines gives. Of a tag, message and signature are all that follows
//! its headers.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qms::git::{Oid, commit, tags};
use qms::model::ident::Ident;

fuzz_target!(|data: &[u8]| {
    check(data, 40, b"gpgsig");
    check(data, 64, b"gpgsig-sha256");
    tag(data);
});

fn tag(data: &[u8]) {
    let id = Oid::from_hex(&[b'1'; 40]).expect("an id");
    let Ok(read) = tags::read(id, data, id) else {
        return;
    };
    assert_eq!(read.made.author, read.made.committer);
    if let Some(signature) = &read.made.signature {
        assert_eq!([&signature.payload[..], &signature.armor].concat(), data);
    }
}

/// `own`: the header that a repository with ids of so many digits signs with.
fn check(data: &[u8], digits: usize, own: &[u8]) {
    let id = Oid::from_hex(&vec![b'1'; digits]).expect("an id");
    let place = commit::node(data);
    let Ok(read) = commit::read(id, data) else {
        return;
    };
    assert_eq!(read.id, id.to_string());
    let (headers, message) = plain(data);
    assert_eq!(read.message.as_deref(), Some(message));
    assert_eq!(commit::message(data), message);

    let keys: Vec<&[u8]> = headers.iter().map(|(key, ..)| *key).collect();
    let places =
        |key: &[u8]| -> Vec<usize> { (0..keys.len()).filter(|at| keys[*at] == key).collect() };
    let parents = places(b"parent").len();
    assert_eq!(places(b"tree"), [0]);
    assert_eq!(places(b"parent"), Vec::from_iter(1..=parents));
    assert_eq!(places(b"author"), [parents + 1]);
    assert_eq!(places(b"committer"), [parents + 2]);
    assert_eq!(read.odd_headers.len(), places(b"encoding").len());

    let place = place.expect("what is read has a place");
    let hex = |value: &[u8]| Oid::from_hex(value).expect("an id");
    assert_eq!(place.tree, hex(headers[0].1));
    assert_eq!(place.seconds, read.committer.seconds);
    let named: Vec<Oid> = headers[1..=parents]
        .iter()
        .map(|(_, id, _)| hex(id))
        .collect();
    assert_eq!(place.parents, named);
    for (ident, (_, value, _)) in [&read.author, &read.committer]
        .into_iter()
        .zip(&headers[parents + 1..])
    {
        sound(ident, value);
    }

    let mine = headers.iter().find(|(key, ..)| *key == own);
    assert_eq!(read.signature.is_some(), mine.is_some());
    if let (Some(signature), Some((_, value, _))) = (&read.signature, mine) {
        let folded = signature
            .armor
            .split(|b| *b == b'\n')
            .collect::<Vec<_>>()
            .join(&b"\n "[..]);
        assert_eq!(folded, *value);
        let signs = |key: &[u8]| matches!(key, b"gpgsig" | b"gpgsig-sha256");
        let kept = headers.iter().filter(|(key, ..)| !signs(key));
        let mut payload: Vec<u8> = kept.flat_map(|(.., whole)| whole.iter().copied()).collect();
        payload.extend_from_slice(&data[data.len() - message.len() - usize::from(has_gap(data))..]);
        assert_eq!(signature.payload, payload);
    }
}

/// An identity that git would write again as it stood.
fn sound(ident: &Ident, value: &[u8]) {
    let text = String::from_utf8_lossy(value);
    for part in [&ident.name, &ident.email] {
        assert!(!part.contains(['<', '>', '\n', '\0']), "{ident:?}");
    }
    assert!(ident.seconds >= 0 && ident.offset % 60 == 0);
    let (sign, minutes) = (
        if ident.offset < 0 { '-' } else { '+' },
        ident.offset.abs() / 60,
    );
    let zone = format!("{sign}{:02}{:02}", minutes / 60, minutes % 60);
    let written = format!("{}{:02}", ident.email, ident.seconds);
    assert!(text.contains(&format!("<{}> ", ident.email)), "{written}");
    // Leading zeros, and zones of more than 59 minutes, are other spellings of the same.
    let spelt = text.rsplit(' ').next().expect("a zone");
    let value = |z: &str| {
        z[1..3].parse::<i32>().expect("digits") * 60 + z[3..].parse::<i32>().expect("digits")
    };
    assert_eq!(value(spelt), value(&zone));
}

/// Headers as key, value and the whole with its line end; and the message.
fn plain(data: &[u8]) -> (Vec<(&[u8], &[u8], &[u8])>, &[u8]) {
    let mut headers: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for line in data.split_inclusive(|b| *b == b'\n') {
        if line == b"\n" {
            at += 1;
            break;
        }
        match headers.last_mut() {
            Some((_, end)) if line[0] == b' ' => *end += line.len(),
            _ => headers.push((at, at + line.len())),
        }
        at += line.len();
    }
    let parts = headers.into_iter().map(|(start, end)| {
        let whole = &data[start..end];
        let space = whole.iter().position(|b| *b == b' ').expect("a key");
        (
            &whole[..space],
            whole[space + 1..].strip_suffix(b"\n").expect("an end"),
            whole,
        )
    });
    (parts.collect(), &data[at..])
}

/// Whether an empty line ends the headers.
fn has_gap(data: &[u8]) -> bool {
    data.windows(2).any(|w| w == b"\n\n")
}
