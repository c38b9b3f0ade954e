//! The merge that would bring a branch in, tried in memory as a forge makes it: each path as git puts it together by itself.

use anyhow::Result;

use crate::git::merge::automatic;
use crate::git::write::Put;
use crate::git::{Oid, Repo};
use crate::model::ident::Ident;

/// A merge that was tried, and what is to be known of it.
pub(super) struct Tried {
    pub(super) step: Oid,
    pub(super) notes: Vec<String>,
}

impl Tried {
    pub(super) fn step(step: Oid) -> Tried {
        Tried {
            step,
            notes: Vec::new(),
        }
    }
}

/// Paths of a conflict that are named.
const MOST_NAMED: usize = 5;

/// Merges `head` into a branch that stands at `p`, in a repository that keeps what is made in memory. A path on which both
/// conflict stays as the branch has it: whoever mends it makes commits that are judged then.
pub(super) fn tried(repo: &Repo, branch: &str, p: Oid, head: Oid) -> Result<Tried> {
    let bases = repo.merge_bases(p, head)?;
    let base = bases.first().map(|b| repo.tree_of(*b)).transpose()?;
    let (ours, theirs) = (repo.tree_of(p)?, repo.tree_of(head)?);
    let (mut puts, mut conflicts): (Vec<Put>, Vec<String>) = (Vec::new(), Vec::new());
    for differs in repo.differences(base, Some(theirs))? {
        match automatic(repo, base, ours, theirs, &differs.path)? {
            Some(raw) if raw != repo.entry(ours, &differs.path)? => puts.push((differs.path, raw)),
            Some(_) => {}
            None => conflicts.push(format!("`{}`", differs.path)),
        }
    }
    // What goes makes room for what comes.
    puts.sort_by_key(|(_, raw)| raw.is_some());
    let tree = repo.write_tree(Some(ours), &puts)?;
    let last = repo.commit(head)?.committer;
    let nobody = Ident {
        seconds: last.seconds,
        ..Ident::new("merge", "merge@invalid")
    };
    let message = format!("Merge into {branch}, tried\n");
    let step = repo.write_commit(tree, &[p, head], (&nobody, &nobody), &message, None)?;
    let mut notes = Vec::new();
    if !conflicts.is_empty() {
        let more = conflicts.len().saturating_sub(MOST_NAMED);
        conflicts.truncate(MOST_NAMED);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        notes.push(format!(
            "conflicts with `{branch}` in {}{more}; to mend it: qms sync",
            conflicts.join(", ")
        ));
    }
    Ok(Tried { step, notes })
}
