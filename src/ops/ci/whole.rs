//! Whether the clone of a run holds all of its history; and if not, the lines that mend it on that platform.

use anyhow::{Result, bail};

use crate::git::Repo;
use crate::model::ci::Platform;

/// What to write where, by platform: against shallow clones, and against partial ones.
const MENDS: [(Platform, &str, &str); 3] = [
    (
        Platform::Github,
        "below `with:` of actions/checkout write `fetch-depth: 0`",
        "below `with:` of actions/checkout leave out `filter:` and `sparse-checkout:`",
    ),
    (
        Platform::Gitlab,
        "below `variables:` of the job write `GIT_DEPTH: \"0\"`",
        "leave `--filter` out of GIT_FETCH_EXTRA_FLAGS and GIT_CLONE_EXTRA_FLAGS",
    ),
    (
        Platform::None,
        "git fetch --unshallow",
        "git fetch --refetch --no-filter",
    ),
];

pub(super) fn whole(repo: &Repo, platform: Platform) -> Result<()> {
    let row = MENDS.iter().find(|(name, ..)| *name == platform);
    let (_, shallow, partial) = row.unwrap_or(&MENDS[2]);
    if repo.is_shallow() {
        bail!(
            "the clone is shallow, and what was cut off cannot be judged; expected the whole history: {shallow}"
        );
    }
    if repo.is_partial() {
        bail!(
            "the clone is partial, and what was left out cannot be judged; expected every object: {partial}"
        );
    }
    match repo.is_incomplete().or(repo.is_replaced()?) {
        Some(why) => bail!("{why}"),
        None => Ok(()),
    }
}
