//! What git tells hooks of refs, a line each. Read strictly: a line that git does not write is refused.

use anyhow::{Context, Result, bail};

use super::mainline::Update;
use crate::git::Oid;

/// A ref that comes in. Where it was is not here: that is read from the ref, not believed.
#[derive(Debug, PartialEq, Eq)]
pub struct Moved<'a> {
    /// In full: `refs/heads/main`.
    pub name: &'a str,
    pub new: Option<Oid>,
}

/// The lines of `pre-receive`: `old new ref`.
pub fn received(input: &str) -> Result<Vec<Moved<'_>>> {
    moved(input, |_| false)
}

/// The lines of `reference-transaction`, without deletions and without refs that are to stand for others.
pub fn prepared(input: &str) -> Result<Vec<Moved<'_>>> {
    let mut moves = moved(input, |new| new.starts_with("ref:"))?;
    moves.retain(|m| m.new.is_some());
    Ok(moves)
}

/// The lines of `pre-push`: `local-ref local-id remote-ref remote-id`.
pub fn pushed(input: &str) -> Result<Vec<Update>> {
    let update = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        // What is pushed may be named with spaces: `HEAD^{/some words}`.
        let [_, .., new, name, old] = words[..] else {
            bail!("git's line {line:?} is not `local id remote id`")
        };
        Ok(Update {
            name: reference(line, name)?.to_owned(),
            old: side(old)?,
            new: side(new)?,
        })
    };
    input.split_terminator('\n').map(update).collect()
}

fn moved(input: &str, skips: impl Fn(&str) -> bool) -> Result<Vec<Moved<'_>>> {
    let mut out = Vec::new();
    for line in input.split_terminator('\n') {
        let words: Vec<&str> = line.split(' ').collect();
        let [_, new, name] = words[..] else {
            bail!("git's line {line:?} is not `old new ref`");
        };
        let name = reference(line, name)?;
        if name.starts_with("refs/") && !skips(new) {
            let new = side(new)?;
            out.push(Moved { name, new });
        }
    }
    Ok(out)
}

/// The name of a ref, of which git takes no control characters.
fn reference<'a>(line: &str, name: &'a str) -> Result<&'a str> {
    if name.is_empty() || name.chars().any(char::is_control) {
        bail!("git's line {line:?} names no ref");
    }
    Ok(name)
}

/// An id as git hands it to hooks; all zeros say that there is no such side.
fn side(hex: &str) -> Result<Option<Oid>> {
    let lower = hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let id = Oid::from_hex(hex.as_bytes()).ok().filter(|_| lower);
    let id = id.with_context(|| format!("{hex:?} is no object id"))?;
    Ok(Some(id).filter(|id| !id.is_null()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1f00000000000000000000000000000000000000";
    const NONE: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn lines_of_git_are_read() {
        let id = side(ID).expect("an id");
        let input =
            format!("{ID} {NONE} refs/heads/ä\n{NONE} {ID} HEAD\n{NONE} {ID} refs/tags/v\n");
        let wanted = |name, new| Moved { name, new };
        let tag = wanted("refs/tags/v", id);
        assert_eq!(
            received(&input).expect("lines"),
            [wanted("refs/heads/ä", None), wanted("refs/tags/v", id)]
        );
        let symbolic = format!("{input}{NONE} ref:refs/heads/a refs/heads/b\n");
        assert_eq!(prepared(&symbolic).expect("lines"), [tag]);
        assert!(received(&symbolic).is_err());
        let input = format!(
            "HEAD^{{/some words}} {ID} refs/heads/a {NONE}\n(delete) {NONE} refs/heads/b {ID}\n"
        );
        let pushed = pushed(&input).expect("lines");
        let sides: Vec<_> = pushed.iter().map(|u| (u.branch(), u.old, u.new)).collect();
        assert_eq!(sides, [(Some("a"), None, id), (Some("b"), id, None)]);
        assert!(received("").is_ok_and(|m| m.is_empty()));
    }

    #[test]
    fn what_git_does_not_write_is_refused() {
        let good = format!("{NONE} {ID} refs/heads/a\n");
        assert!(received(&good).is_ok() && pushed(&format!("a {ID} b {ID}")).is_ok());
        for (from, to) in [
            ("refs/heads/a", "refs/heads/a b"),
            ("refs/heads/a", "refs/heads/a\r"),
            ("refs/heads/a", "refs/heads/\0"),
            ("refs/heads/a", ""),
            (" refs/heads/a", ""),
            ("refs/heads/a\n", "refs/heads/a\n\n"),
            ("1f", "1F"),
            ("1f", "1"),
            ("1f", "xf"),
            (ID, ""),
            (ID, "00"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}");
            assert!(received(&bad).is_err() && prepared(&bad).is_err(), "{to:?}");
        }
        let short = format!("{ID} b {ID}\n");
        for bad in [
            "\n",
            "a b\n",
            &short.replace(" b", ""),
            &short.replace('b', "b\t"),
        ] {
            assert!(pushed(bad).is_err(), "{bad:?}");
        }
    }
}
