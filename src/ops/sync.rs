//! `qms sync`: the branch's own commits made again on the tip that they are meant for. The old tip stays in the reflog.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, bail};

use super::chain::Chain;
use super::mainline;
use super::replay::{Item, Replay, Wanted};
use super::session::Session;
use super::{create, remote, work};
use crate::git::read::Reader;
use crate::git::{Oid, Repo, merge};
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::mend;
pub use crate::model::synced::Synced;

/// What is asked of a sync.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// The tip that the commits are meant for; the trunk as fetched now where nothing is said.
    pub onto: Option<String>,
    pub change: Option<Id>,
    pub adopt: bool,
    pub revert: Option<String>,
    pub renumber: Option<Id>,
    /// Whether all of it is made again, or nothing is changed.
    pub whole: bool,
}

/// Makes the branch's own commits again. Nothing is changed where one of them cannot be.
// Implements: REQ-QMS-CMD-SYNC
pub fn sync(session: &Session, ask: &Ask) -> Result<Synced> {
    let reader = Reader::new(&session.repo);
    let head = session.head()?;
    let mended = session.repo.recover()?;
    let (name, onto) = match target(session, &reader, ask) {
        // Ending what was killed half way was all that could be asked for.
        Err(_)
            if mended && ask.onto.is_none() && ask.revert.is_none() && ask.renumber.is_none() =>
        {
            ("HEAD".to_owned(), head)
        }
        found => found?,
    };
    let policy = Session::policy_at(&reader, onto)
        .with_context(|| format!("`{name}` cannot take anything in"))?;
    let actor = session.actor(&policy)?;
    let (author, _) = session.repo.names()?;
    // A gateway's caller is known by what he has shown, and its commits name whom each was made for.
    if session.seat().is_none() && policy.people.known_as(&author) != Some(actor.as_str()) {
        bail!(
            "git knows you as `{} <{}>`, which is not {actor}; commits are made again by whoever made them",
            author.name,
            author.email
        );
    }
    let renumber = match &ask.renumber {
        Some(id) => Some((id.clone(), new_number(session, &reader, onto, id)?)),
        None => None,
    };
    let synced = |new: Oid, commits| Synced {
        onto: name.clone(),
        old: head.to_string(),
        new: new.to_string(),
        renumbered: renumber
            .as_ref()
            .map(|(a, b)| (a.to_string(), b.to_string())),
        commits,
    };
    if renumber.is_none() && ask.revert.is_none() && is_fine(session, &reader, onto, head)? {
        return Ok(synced(head, Vec::new()));
    }
    let items = items(&reader, onto, head, &policy.folder)?;
    let used = work::in_use(session).map(|used| used.change);
    // On a protected branch each commit is a step of its own; another one comes in as a whole.
    let protected = session.repo.branch().is_none_or(|b| policy.protects(&b));
    let chain = Chain::on(session, onto, Some(onto).filter(|_| !protected))?;
    let wanted = Wanted {
        change: ask.change.clone(),
        used: used.clone(),
        adopt: ask.adopt,
        renumber: renumber.clone(),
    };
    let mut replay = Replay::new(chain, wanted);
    for item in items {
        replay.redo(item)?;
    }
    if let Some(revision) = &ask.revert {
        let id = session.repo.revision(revision)?;
        if session.repo.merge_bases(head, id)? != [id] {
            bail!("`{revision}` is not in the history of this branch");
        }
        replay.revert(
            &session.repo.commit(id)?,
            id,
            ask.change.as_ref().or(used.as_ref()),
        )?;
    }
    let (chain, commits) = replay.finish()?;
    let left = commits
        .iter()
        .filter(|c| ["dropped", "waiting"].contains(&c.what));
    let left: Vec<String> = left
        .filter(|_| ask.whole)
        .map(|c| {
            let why = c.why.as_deref().unwrap_or("it is not allowed there");
            let short = c.commit.get(..10).unwrap_or_default();
            format!("{short} \"{}\": {why}", c.subject)
        })
        .collect();
    if !left.is_empty() {
        bail!(
            "`{name}` has moved on, and not all of what is here can be made again on top of it; nothing was changed: {}",
            left.join("; ")
        );
    }
    let new = chain.tip();
    if new != head {
        chain.land_whole(&format!("qms: sync onto {name}"))?;
    }
    Ok(synced(new, commits))
}

/// The tip that the branch is meant for: what was named, else what a protected branch follows, else the trunk.
fn target(session: &Session, reader: &Reader<'_>, ask: &Ask) -> Result<(String, Oid)> {
    if let Some(name) = &ask.onto {
        return Ok((name.clone(), session.repo.revision(name)?));
    }
    let branch = remote::meant_for(session, reader)?;
    if let Some(remote) = remote::of(session, &branch) {
        let tip = session.repo.fetch(&remote, &branch)?;
        return Ok((format!("{remote}/{branch}"), tip));
    }
    let local = session.repo.resolve(&format!("refs/heads/{branch}"));
    match local.filter(|_| {
        session.repo.branch().as_deref() != Some(branch.as_str()) || ask.revert.is_some()
    }) {
        Some(tip) => Ok((branch, tip)),
        None => bail!(
            "`{branch}` follows no remote; say what the commits are meant for: qms sync --onto REV"
        ),
    }
}

/// Whether what is on top of the tip is legal as it is.
fn is_fine(session: &Session, reader: &Reader<'_>, onto: Oid, head: Oid) -> Result<bool> {
    let Some(chain) = session.repo.mainline(head, Some(onto))? else {
        return Ok(false);
    };
    for pair in chain.windows(2) {
        if mend::mends(&session.repo.commit(pair[0])?.name().subject).is_some() {
            return Ok(false);
        }
    }
    let Some(anchor) = mainline::assumed_anchor(reader, head)? else {
        return Ok(false);
    };
    let policy = Session::policy_at(reader, onto)?;
    let (branch, trust) = (
        session.target(&policy),
        session.trust(&policy, Some(anchor)),
    );
    let told = super::check::judged(session);
    let findings = mainline::steps(reader, &chain, &branch, trust, &told)?;
    Ok(!findings.iter().any(Finding::is_error))
}

/// The commits of a branch that its target does not have, parents first, each leftover of autosquash with the commit
/// that it mends. A merge is there for what it adds itself.
fn items(reader: &Reader<'_>, onto: Oid, head: Oid, folder: &str) -> Result<Vec<Item>> {
    let repo = reader.repo;
    let mut items: Vec<Item> = Vec::new();
    for id in in_order(repo, onto, head)? {
        let node = repo.node(id)?;
        let parent = node.parents.first().map(|p| repo.tree_of(*p)).transpose()?;
        let differs = repo.differences(parent, Some(node.tree))?;
        let merges = node.parents.len() > 1;
        let mut differs = reader.own_part(&node.parents, differs, folder)?;
        if let [ours, theirs] = node.parents[..] {
            // What a merge decided is what it holds beyond what git would have made of it.
            let base = repo
                .merge_bases(ours, theirs)?
                .first()
                .map(|b| repo.tree_of(*b))
                .transpose()?;
            let (ours, theirs) = (repo.tree_of(ours)?, repo.tree_of(theirs)?);
            for d in &mut differs {
                if let Some(made) = merge::automatic(repo, base, ours, theirs, &d.path)? {
                    d.before = made;
                }
            }
        }
        if merges && differs.is_empty() {
            continue;
        }
        let commit = repo.commit(id)?;
        let subject = commit.name().subject;
        let mended =
            mend::mends(&subject).and_then(|target| items.iter_mut().find(|i| mends(i, target)));
        match mended {
            Some(item) => {
                item.leftovers.push((id, commit));
                item.differs.extend(differs);
            }
            None => items.push(Item {
                commit,
                id,
                parents: node.parents,
                leftovers: Vec::new(),
                differs,
            }),
        }
    }
    Ok(items)
}

/// Whether a leftover's words mean this commit: its subject or the beginning of its id. Moves are never mended so.
fn mends(item: &Item, target: &str) -> bool {
    let message = item.commit.message.as_deref().unwrap_or_default();
    let moves = message.windows(11).any(|w| w == b"QMS-Action:");
    let by_id = target.len() >= 7 && item.commit.id.starts_with(target);
    !moves && (by_id || item.commit.name().subject == target)
}

/// The commits that `head` has and `onto` has not, each after its parents, a first parent's before a second one's.
fn in_order(repo: &Repo, onto: Oid, head: Oid) -> Result<Vec<Oid>> {
    let own: BTreeSet<Oid> = repo.between(&[onto], head)?.into_iter().collect();
    let mut parents: HashMap<Oid, Vec<Oid>> = HashMap::new();
    for id in &own {
        parents.insert(*id, repo.node(*id)?.parents);
    }
    let (mut out, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![(head, false)]);
    while let Some((id, ready)) = open.pop() {
        if ready {
            out.push(id);
        } else if own.contains(&id) && seen.insert(id) {
            open.push((id, true));
            open.extend(
                parents
                    .get(&id)
                    .into_iter()
                    .flatten()
                    .rev()
                    .map(|p| (*p, false)),
            );
        }
    }
    Ok(out)
}

/// The number that a document of this branch gets instead of its own.
fn new_number(session: &Session, reader: &Reader<'_>, onto: Oid, id: &Id) -> Result<Id> {
    let policy = session.policy(reader)?;
    let document = session.document(reader, &policy, id)?;
    let actor = session.actor(&policy)?;
    if id.number().is_none() {
        bail!("{id} has no number; its name is what it is about");
    }
    // The numbers of a family are its own; a child that is free of its parent's clash keeps its number.
    let base = session.repo.merge_bases(session.head()?, onto)?;
    for commit in base {
        if reader
            .document_in(session.repo.tree_of(commit)?, &policy.folder, id)?
            .is_some()
        {
            bail!("{id} is on a protected branch already and keeps its number");
        }
    }
    let owner = document.state.owner.as_deref().unwrap_or("nobody");
    if owner != actor {
        bail!("{id} is {owner}'s, who gives it another number: qms renumber {id}");
    }
    create::number(session, &policy, id.kind(), id.parent().as_ref())
}
