//! A file as it is in a commit, from a line on.

use anyhow::{Result, bail};

use super::changes::{bytes, size, text};
use super::{Session, entry};
use crate::git::Oid;
use crate::model::browse::answer::{Content, Kind, Omitted};
use crate::model::browse::text::{LARGE, is_binary, lines, start_of, window};
use crate::model::browse::{ask, name};
use crate::model::path::TreePath;

pub(super) fn content(
    session: &Session,
    commit: Oid,
    path: &TreePath,
    ask: &ask::Show,
) -> Result<Content> {
    let raw = entry(session, commit, path)?;
    let kind = Kind::of(raw.mode);
    if kind == Kind::Folder {
        let path = name::text(path);
        bail!(
            "`{}` is a folder; to see what is in it: ls",
            name::shown(&path)
        );
    }
    let bytes_there = size(session, raw);
    let mut out = Content {
        path: name::text(path),
        kind,
        bytes: bytes_there,
        from_line: ask.from_line.unwrap_or(1).max(1),
        total_lines: None,
        text: String::new(),
        more: false,
        omitted: None,
    };
    if bytes_there.is_some_and(|size| size > LARGE) {
        out.omitted = Some(Omitted::Large);
        return Ok(out);
    }
    let data = text(session, Some(raw))?;
    if is_binary(&data) {
        out.omitted = Some(Omitted::Binary);
        return Ok(out);
    }
    let all: Vec<&[u8]> = lines(&data).collect();
    let wanted = window(
        all.len(),
        ask.from_line,
        ask::bounded(ask.lines, 400, 5_000),
    );
    let room = bytes(ask.max_bytes);
    let mut given = wanted.start;
    for line in all.get(wanted).unwrap_or_default() {
        let line = String::from_utf8_lossy(line);
        if out.text.len() + line.len() > room {
            // A line that finds no room by itself would never be seen.
            if out.text.is_empty() {
                out.text.push_str(start_of(&line, room).0);
                given += 1;
            }
            out.omitted = Some(Omitted::Budget);
            break;
        }
        out.text.push_str(&line);
        given += 1;
    }
    out.more = given < all.len();
    out.total_lines = Some(all.len());
    Ok(out)
}
