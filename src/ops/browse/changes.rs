//! What differs between two trees, with patches as far as bytes reach.

use std::time::Instant;

use anyhow::Result;

use super::{Session, deadline};
use crate::git::Oid;
use crate::git::browse::lines::hunks;
use crate::git::trees::{Differs, Raw};
use crate::model::browse::answer::{Changed, Changes, Kind, Omitted, Status};
use crate::model::browse::patch::{Side, unified};
use crate::model::browse::text::{LARGE, is_binary};
use crate::model::browse::{ask, name};
use crate::model::path::TreePath;

/// Bytes of files that are compared for one answer.
const MOST_COMPARED: u64 = 64 << 20;

/// Which part of what differs is wanted.
pub(super) struct Part<'a> {
    pub(super) paths: &'a [TreePath],
    pub(super) patch: bool,
    pub(super) max_bytes: Option<usize>,
    pub(super) skip: usize,
    pub(super) limit: Option<usize>,
}

pub(super) fn changes(
    session: &Session,
    before: Option<Oid>,
    after: Oid,
    part: &Part<'_>,
) -> Result<Changes> {
    let mut all = session.repo.differences(before, Some(after))?;
    all.retain(|d| name::covers(part.paths, &d.path));
    let limit = ask::bounded(part.limit, 200, 2_000);
    let mut room = Room {
        session,
        patch: part.patch,
        bytes: bytes(part.max_bytes),
        compared: MOST_COMPARED,
        until: deadline(),
        cut: false,
    };
    let page = all.iter().skip(part.skip).take(limit);
    let paths = page.map(|d| room.changed(d)).collect::<Result<Vec<_>>>()?;
    Ok(Changes {
        more: part.skip.saturating_add(paths.len()) < all.len(),
        paths,
        total: all.len(),
        cut: room.cut,
    })
}

/// How many bytes of text to give.
pub(super) fn bytes(asked: Option<usize>) -> usize {
    ask::bounded(asked, 64 * 1024, 256 * 1024)
}

struct Room<'a> {
    session: &'a Session,
    patch: bool,
    /// How many bytes of patches there is room for yet.
    bytes: usize,
    /// How many bytes may still be compared, and until when.
    compared: u64,
    until: Instant,
    cut: bool,
}

impl Room<'_> {
    fn changed(&mut self, d: &Differs) -> Result<Changed> {
        let sizes = [d.before, d.after].map(|raw| raw.and_then(|r| size(self.session, r)));
        let path = name::text(&d.path);
        let (patch, omitted) = match self.patch {
            true => self.patch(d, &path, sizes)?,
            false => (None, None),
        };
        let mode = |raw: Option<Raw>| raw.map(|r| format!("{:06o}", r.mode));
        Ok(Changed {
            status: status(d),
            old_mode: mode(d.before),
            new_mode: mode(d.after),
            old_bytes: sizes[0],
            new_bytes: sizes[1],
            path,
            patch,
            omitted,
        })
    }

    fn patch(
        &mut self,
        d: &Differs,
        path: &str,
        sizes: [Option<u64>; 2],
    ) -> Result<(Option<String>, Option<Omitted>)> {
        if sizes.iter().flatten().any(|size| *size > LARGE) {
            return Ok((None, Some(Omitted::Large)));
        }
        let sum: u64 = sizes.iter().flatten().sum();
        if self.cut || sum > self.compared || Instant::now() > self.until {
            self.cut = true;
            return Ok((None, Some(Omitted::Budget)));
        }
        self.compared -= sum;
        let same = d.before.map(|r| r.id) == d.after.map(|r| r.id);
        if same {
            return Ok((Some(String::new()), None));
        }
        let (old, new) = (text(self.session, d.before)?, text(self.session, d.after)?);
        if is_binary(&old) || is_binary(&new) {
            return Ok((None, Some(Omitted::Binary)));
        }
        let side = |raw: Option<Raw>| raw.map(|_| path);
        let before = Side {
            name: side(d.before),
            data: &old,
        };
        let after = Side {
            name: side(d.after),
            data: &new,
        };
        let (patch, whole) = unified(&before, &after, &hunks(&old, &new), self.bytes);
        self.bytes -= patch.len();
        self.cut |= !whole;
        Ok((Some(patch), (!whole).then_some(Omitted::Budget)))
    }
}

fn status(d: &Differs) -> Status {
    match (d.before, d.after) {
        (None, _) => Status::Added,
        (_, None) => Status::Deleted,
        (Some(a), Some(b)) if a.mode >> 12 != b.mode >> 12 => Status::TypeChanged,
        _ => Status::Modified,
    }
}

/// The size of what an entry holds; a submodule holds nothing here.
pub(super) fn size(session: &Session, raw: Raw) -> Option<u64> {
    match Kind::of(raw.mode) {
        Kind::Submodule => None,
        _ => session.repo.size(raw.id),
    }
}

/// What an entry holds, as git compares it: of a submodule the commit that it is at.
pub(super) fn text(session: &Session, raw: Option<Raw>) -> Result<Vec<u8>> {
    match raw {
        None => Ok(Vec::new()),
        Some(raw) if Kind::of(raw.mode) == Kind::Submodule => {
            Ok(format!("Subproject commit {}\n", raw.id).into_bytes())
        }
        Some(raw) => session.repo.blob(raw.id),
    }
}
