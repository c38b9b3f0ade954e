//! Commit objects as bytes, read strictly: where git, gix and fsck would each take a crafted object differently, it is
//! refused. A commit's place in history is read leniently, since what is older than the policy is as it is.

use anyhow::{Context, Result, bail, ensure};

use super::Oid;
use super::history::Node;
use crate::model::change::{Commit, Signature};
use crate::model::ident::Ident;

/// What a commit of this repository signs with; the header of the other hash is no part of what is signed either.
const SIGNATURES: [&str; 2] = ["gpgsig", "gpgsig-sha256"];

/// Tree, parents and date.
pub fn node(data: &[u8]) -> Result<Node> {
    let mut tree = None;
    let mut parents = Vec::new();
    let mut seconds = 0;
    for line in data.split(|b| *b == b'\n').take_while(|l| !l.is_empty()) {
        if let Some(id) = line.strip_prefix(b"parent ") {
            parents.push(oid(id)?);
        } else if let Some(id) = line.strip_prefix(b"tree ") {
            tree.get_or_insert(oid(id)?);
        } else if let Some(who) = line.strip_prefix(b"committer ") {
            seconds = ident(who).map_or(0, |i| i.seconds);
            break;
        }
    }
    let tree = tree.context("a commit without a tree")?;
    Ok(Node {
        tree,
        parents,
        seconds,
    })
}

/// The message's bytes.
pub fn message(data: &[u8]) -> &[u8] {
    let at = data.windows(2).position(|w| w == b"\n\n");
    at.map_or(&[], |at| &data[at + 2..])
}

/// All that the rules see of a commit. `id` is its name, in full.
pub fn read(id: Oid, data: &[u8]) -> Result<Commit> {
    strict(id, data).with_context(|| format!("commit {id} cannot be read"))
}

fn strict(id: Oid, data: &[u8]) -> Result<Commit> {
    let mut rest = data;
    let mut due = Due::Tree;
    let mut out = Commit {
        id: id.to_string(),
        ..Commit::default()
    };
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut signature: Option<Vec<u8>> = None;
    // Where signatures stand, to be left out of what they sign.
    let mut cut: Vec<std::ops::Range<usize>> = Vec::new();
    while !rest.is_empty() && rest[0] != b'\n' {
        let start = data.len() - rest.len();
        let (line, tail) = header(rest)?;
        rest = tail;
        let (key, value) = match line.iter().position(|b| *b == b' ') {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => bail!("a header line is no `key value`"),
        };
        match (key, due) {
            (b"tree", Due::Tree) => {
                oid(value)?;
                due = Due::Parents;
            }
            (b"parent", Due::Parents) => drop(oid(value)?),
            (b"author", Due::Parents) => {
                out.author = ident(value)?;
                due = Due::Committer;
            }
            (b"committer", Due::Committer) => {
                out.committer = ident(value)?;
                due = Due::More;
            }
            (b"tree" | b"parent" | b"author" | b"committer", _) => {
                bail!("`{}` stands out of place", String::from_utf8_lossy(key))
            }
            (_, Due::More) => {
                ensure!(
                    key == b"mergetag" || !seen.contains(&key),
                    "`{}` stands twice",
                    String::from_utf8_lossy(key)
                );
                ensure!(
                    seen.len() < MOST_HEADERS,
                    "more than {MOST_HEADERS} headers"
                );
                seen.push(key);
                if SIGNATURES.iter().any(|s| s.as_bytes() == key) {
                    cut.push(start..data.len() - rest.len());
                    if key == signature_header(id.kind()).as_bytes() {
                        signature = Some(unfolded(value));
                    }
                }
                if key == b"encoding" {
                    out.odd_headers.push("encoding".to_owned());
                }
            }
            _ => bail!("`{}` stands out of place", String::from_utf8_lossy(key)),
        }
    }
    ensure!(matches!(due, Due::More), "a header is missing");
    out.message = Some(rest.strip_prefix(b"\n").unwrap_or_default().to_vec());
    out.signature = signature.map(|armor| Signature {
        armor,
        payload: without(data, &cut),
    });
    Ok(out)
}

/// Headers beyond those that every commit has.
const MOST_HEADERS: usize = 100;

/// Which header may come next.
#[derive(Clone, Copy)]
enum Due {
    Tree,
    Parents,
    Committer,
    More,
}

/// The header that holds the signature of a commit that is named by this hash.
pub(super) fn signature_header(hash: gix::hash::Kind) -> &'static str {
    SIGNATURES[usize::from(hash != gix::hash::Kind::Sha1)]
}

/// A header with its folded lines, and what follows it.
fn header(data: &[u8]) -> Result<(&[u8], &[u8])> {
    let mut end = 0;
    loop {
        let line = data[end..].iter().position(|b| *b == b'\n');
        end += line.context("a header line does not end")?;
        if data.get(end + 1) != Some(&b' ') {
            break;
        }
        end += 1;
    }
    let line = &data[..end];
    ensure!(!line.contains(&0), "a NUL stands in a header");
    Ok((line, &data[end + 1..]))
}

fn unfolded(value: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = value.split(|b| *b == b'\n').collect();
    let plain = lines
        .iter()
        .enumerate()
        .map(|(n, l)| if n == 0 { *l } else { &l[1..] });
    plain.collect::<Vec<_>>().join(&b'\n')
}

fn without(data: &[u8], cut: &[std::ops::Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut at = 0;
    for range in cut {
        out.extend_from_slice(&data[at..range.start]);
        at = range.end;
    }
    out.extend_from_slice(&data[at..]);
    out
}

fn oid(hex: &[u8]) -> Result<Oid> {
    let lower = hex.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    ensure!(lower, "an id is not in lower-case hexadecimal");
    Oid::from_hex(hex).map_err(|e| anyhow::anyhow!("{e}"))
}

/// `Name <mail> seconds zone`, with one pair of brackets.
pub(super) fn ident(line: &[u8]) -> Result<Ident> {
    let text = String::from_utf8_lossy(line);
    let read = || {
        let (name, rest) = text.split_once('<')?;
        let (email, when) = rest.split_once('>')?;
        let (seconds, zone) = when.strip_prefix(' ')?.split_once(' ')?;
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        let sign = match zone.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let zone = zone.get(1..).filter(|z| z.len() == 4 && digits(z))?;
        let (hours, minutes): (i32, i32) = (zone[..2].parse().ok()?, zone[2..].parse().ok()?);
        let plain = |part: &str| !part.contains(['<', '>', '\n']);
        (digits(seconds) && plain(name) && plain(email) && plain(when)).then_some(())?;
        Some(Ident {
            name: name.trim().to_owned(),
            email: email.to_owned(),
            seconds: seconds.parse().ok().filter(|s| *s <= LATEST)?,
            offset: sign * (hours * 60 + minutes) * 60,
        })
    };
    read().with_context(|| format!("`{}` is no `Name <mail> date`", text.escape_debug()))
}

/// The year 9999: no date of a commit is later.
const LATEST: i64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
        parent 1111111111111111111111111111111111111111\n\
        author A U Thor <a@x> 1700000000 +0130\n\
        committer C <c@x> 1700000060 -0500\n\
        gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n \n -----END SSH SIGNATURE-----\n\
        change-id xyz\n\nSubject\n\nBody\n";

    fn parse(text: &str) -> Result<Commit> {
        read(Oid::null(gix::hash::Kind::Sha1), text.as_bytes())
    }

    #[test]
    fn a_commit_is_read_with_what_its_signature_signs() {
        let commit = parse(GOOD).expect("a commit");
        assert_eq!(
            (commit.author.seconds, commit.author.offset),
            (1_700_000_000, 5400)
        );
        assert_eq!(commit.committer.email, "c@x");
        assert_eq!(commit.message.as_deref(), Some(&b"Subject\n\nBody\n"[..]));
        let signature = commit.signature.expect("signed");
        assert_eq!(
            String::from_utf8_lossy(&signature.armor),
            "-----BEGIN SSH SIGNATURE-----\nabc\n\n-----END SSH SIGNATURE-----"
        );
        let at = GOOD.find("gpgsig").expect("there");
        let end = GOOD.find("change-id").expect("there");
        assert_eq!(
            signature.payload,
            [&GOOD[..at], &GOOD[end..]].concat().as_bytes()
        );
        let place = node(GOOD.as_bytes()).expect("a place");
        assert_eq!((place.parents.len(), place.seconds), (1, 1_700_000_060));
        assert_eq!(message(GOOD.as_bytes()), b"Subject\n\nBody\n");
    }

    #[test]
    fn f3_what_readers_would_take_differently_is_refused() {
        for (from, to) in [
            ("author A", "author B <b@x> 1 +0000\nauthor A"),
            ("change-id", "committer D <d@x> 1 +0000\nchange-id"),
            (
                "change-id xyz",
                "parent 2222222222222222222222222222222222222222",
            ),
            ("change-id xyz", "gpgsig again"),
            ("change-id xyz", "encoding a\nencoding b"),
            ("change-id xyz", "change-id"),
            ("change-id xyz", "change-id \0"),
            ("<a@x>", "<a@x> <q@x>"),
            ("<a@x>", "a@x"),
            ("<a@x>", "> <a@x>"),
            ("A U Thor", "A\n U Thor"),
            ("<a@x>", "<a\n @x>"),
            ("1700000000", "-1"),
            ("1700000000", "99999999999999999999"),
            ("+0130", "0130"),
            ("+0130", "+01300"),
            ("tree 4b", "tree 4B"),
            ("tree 4b825dc6", "tree 825dc6"),
            ("committer C <c@x> 1700000060 -0500\n", ""),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            assert!(parse(&text).is_err(), "{to:?}");
        }
        assert!(parse(&GOOD[..40]).is_err() && parse("").is_err());
        let bare = GOOD.split("\n\n").next().expect("headers");
        assert!(parse(&format!("{bare}\n")).is_ok_and(|c| c.message == Some(Vec::new())));
    }
}
