//! Who wrote the lines of a file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use anyhow::{Result, bail};

use super::changes::size;
use super::{Session, at, deadline, entry};
use crate::model::browse::answer::{Blame, Blamed, Kind};
use crate::model::browse::text::{LARGE, is_binary, line, lines, window};
use crate::model::browse::{ask, name};

/// Characters of a line that are given.
const MOST_LINE: usize = 300;

/// Lines of a file with the commits that they are from.
pub fn blame(session: &Session, ask: &ask::Blame) -> Result<Blame> {
    let path = name::path(&ask.path)?;
    let commit = at(session, ask.revision.as_deref())?;
    let raw = entry(session, commit, &path)?;
    let shown = name::shown(&ask.path);
    if !matches!(Kind::of(raw.mode), Kind::File | Kind::Executable) {
        bail!("`{shown}` is no file in {commit}");
    }
    if size(session, raw).is_some_and(|size| size > LARGE) {
        bail!("`{shown}` has more than a megabyte; its lines are not followed");
    }
    let data = session.repo.blob(raw.id)?;
    if is_binary(&data) {
        bail!("`{shown}` is no text");
    }
    let all: Vec<&[u8]> = lines(&data).collect();
    let wanted = window(
        all.len(),
        ask.from_line,
        ask::bounded(ask.lines, 200, 1_000),
    );
    let until = deadline();
    let origins = session.repo.origins(commit, &path, wanted.clone(), until)?;
    let mut known = HashMap::new();
    let mut out = Vec::with_capacity(wanted.len());
    for (number, origin) in wanted.clone().zip(origins.lines) {
        let (text, cut) = line(all.get(number).copied().unwrap_or_default(), MOST_LINE);
        let mut blamed = Blamed {
            line: number + 1,
            commit: None,
            author: None,
            date: None,
            path: None,
            text,
            cut,
        };
        if let Some(origin) = origin {
            let from = match known.entry(origin.commit) {
                Entry::Occupied(there) => there.into_mut(),
                Entry::Vacant(free) => free.insert(super::commit(session, origin.commit)?),
            };
            blamed.commit = Some(from.id.clone());
            blamed.author = Some(from.author.clone());
            blamed.date = Some(from.date.clone());
            blamed.path = (origin.path != path).then(|| name::text(&origin.path));
        }
        out.push(blamed);
    }
    Ok(Blame {
        lines: out,
        total_lines: all.len(),
        more: wanted.end < all.len(),
        bounded: origins.bounded,
    })
}
