//! Evidence between repositories: what a remote has is judged and taken in, and what is here is pushed.

use anyhow::{Context, Result, bail};

use super::judge::Judge;
use super::store::{REF, Store};
use super::{Writer, signing};
use crate::git::Oid;
use crate::git::program::Pushed;
use crate::git::read::Reader;
use crate::git::write::Lost;
use crate::model::finding::Finding;
use crate::model::trace::kept::Exchanged;
use crate::ops::session::{Refused, Session};

/// How often a lost race is run again.
const TRIES: usize = 5;

/// Takes in what a remote has, and pushes what is here; `origin`, or the only remote, where none is named.
// Implements: REQ-QMS-CMD-EVIDENCE-SYNC
pub fn sync(session: &Session, remote: Option<&str>) -> Result<Exchanged> {
    let repo = &session.repo;
    let policy = session.policy(&Reader::new(repo))?;
    let remote = match remote {
        Some(name) if repo.remotes().iter().any(|known| known == name) => name.to_owned(),
        Some(name) => bail!("there is no remote `{name}`; which there are: git remote -v"),
        None => super::super::remote::of(session, &policy.branches.trunk)
            .context("there is no remote to exchange evidence with: git remote add origin URL")?,
    };
    let mut taken = 0;
    for _ in 0..TRIES {
        let theirs = repo.fetch_ref(&remote, REF);
        let theirs = theirs.with_context(|| format!("cannot fetch evidence from `{remote}`"))?;
        taken += match take(session, theirs) {
            // Somebody keeps evidence here meanwhile.
            Err(error) if error.is::<Lost>() => continue,
            taken => taken?,
        };
        let ours = repo.resolve(REF);
        let (Some(ours), true) = (ours, ours != theirs) else {
            return Ok(exchanged(&remote, taken, 0));
        };
        let known: Vec<Oid> = theirs.into_iter().collect();
        let given = repo.between(&known, ours)?.len();
        match repo.push_ref(&remote, ours, REF, None)? {
            Pushed::Done => return Ok(exchanged(&remote, taken, given)),
            Pushed::Raced(_) => {}
            Pushed::Refused(said) => bail!("`{remote}` takes no evidence from here:\n{said}"),
        }
    }
    bail!("others keep adding evidence, here or to `{remote}`; run the command again")
}

fn exchanged(remote: &str, taken: usize, given: usize) -> Exchanged {
    Exchanged {
        remote: remote.to_owned(),
        taken,
        given,
    }
}

/// Takes in what somebody else has, once it is judged. Says how many commits there were.
fn take(session: &Session, theirs: Option<Oid>) -> Result<usize> {
    let repo = &session.repo;
    let store = Store::of(repo);
    let Some(theirs) = theirs else { return Ok(0) };
    let reader = Reader::new(repo);
    let known: Vec<Oid> = store.tip.into_iter().collect();
    let new = repo.between(&known, theirs)?.len();
    if new == 0 {
        return Ok(0);
    }
    let policy = session.policy(&reader)?;
    let trust = session.trust(&policy, None);
    trust.tip.context("the trunk is not here; git fetch")?;
    let found = Judge::of(&reader, trust.trunk).range((store.tip, theirs), trust)?;
    if found.iter().any(Finding::is_error) {
        return Err(Refused(found).into());
    }
    match store.tip {
        Some(ours) if repo.merge_bases(ours, theirs)? != [ours] => {
            let writer = Writer::of(session, &policy, "Join evidence")?;
            let signer = writer.signer.as_ref();
            let joined = store.joined(ours, theirs, writer.who(), &writer.message, signer);
            signing::told(joined, signer.is_some())?;
        }
        old => repo
            .in_memory()
            .land_ref(REF, old, theirs, "qms: fetch evidence")?,
    }
    Ok(new)
}
