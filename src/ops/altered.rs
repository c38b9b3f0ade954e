//! Which lines of a system are not as they were when what they implement was last seen executed. Asked where the policy is
//! content with a share of the lines: what is new is never among the rest.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::evidence::store::Store;
use super::trace::Subject;
use crate::git::Oid;
use crate::model::trace::memory::marks::Marks;
use crate::model::trace::verdict::Changed;

/// By the commit at which it was seen, and under no name for what never was: since the system's first evidence. Before
/// there is any, nothing is new. A commit that is not here is left out, and then all is.
pub(super) fn since(
    subject: &Subject<'_>,
    store: &Store<'_>,
    last: &Marks,
) -> Result<BTreeMap<String, Changed>> {
    let mut out = BTreeMap::new();
    if subject.system.coverage == 100 {
        return Ok(out);
    }
    let repo = subject.repo;
    let tagged: BTreeSet<&str> = subject.files()?.iter().map(|f| f.path.as_str()).collect();
    let own = || {
        let parts = subject.parts.iter();
        parts.filter(|(path, _)| tagged.contains(path.to_string().as_str()))
    };
    let here = |commit: &str| repo.oid(commit).filter(|id| repo.node(*id).is_ok());
    let altered = |commit: Option<Oid>| {
        let lines = commit.map(|id| repo.altered(Some(id), own()));
        lines.transpose()
    };
    let first = match store.first(subject.name)? {
        Some(first) => altered(here(&first.commit))?,
        None => Some(Changed::new()),
    };
    let seen: BTreeSet<&str> = last.values().map(|last| last.covered.as_str()).collect();
    for commit in seen.into_iter().filter(|commit| !commit.is_empty()) {
        let lines = match here(commit) {
            // What was seen on another way was not seen of this.
            Some(id) if !repo.between(&[subject.commit], id)?.is_empty() => first.clone(),
            id => altered(id)?,
        };
        out.extend(lines.map(|lines| (commit.to_owned(), lines)));
    }
    out.extend(first.map(|lines| (String::new(), lines)));
    Ok(out)
}
