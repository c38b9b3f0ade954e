//! Making commits again on another tip: work with its trailers mended, one's own moves where they are legal there,
//! moves of others where the document is what it was. Each is judged as any commit is; nothing is let through here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Result;

use super::chain::Chain;
use super::requests;
use super::session::{Refused, Session};
use crate::checks;
use crate::git::merge;
use crate::git::read::Reader;
use crate::git::trees::{Differs, Raw};
use crate::git::write::Put;
use crate::git::{Oid, Repo};
use crate::model::change::Commit;
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::mend;
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::synced::Redone;
use crate::model::trailer::{self, Key};

mod moves;
mod order;
mod work;

/// A commit does not fit where it is to go, and that is nobody's fault.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(String);

/// What is asked of a replay beyond making everything again.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The change for work whose own is none that is open.
    pub change: Option<Id>,
    /// The change in use: for work that names none.
    pub used: Option<Id>,
    /// Whether to answer for work of others that names nobody who does.
    pub adopt: bool,
    /// Documents that get another number, with their children.
    pub renumber: Option<(Id, Id)>,
}

/// A commit that is to be made again, with the leftovers of autosquash that mend it.
pub struct Item {
    pub commit: Commit,
    pub id: Oid,
    pub parents: Vec<Oid>,
    pub leftovers: Vec<(Oid, Commit)>,
    /// What it changes, leftovers included, in order.
    pub differs: Vec<Differs>,
}

impl Item {
    /// The commit's message, as it is.
    fn message(&self) -> &[u8] {
        self.commit.message.as_deref().unwrap_or_default()
    }
}

/// A replay under way.
pub struct Replay<'s> {
    chain: Chain<'s>,
    wanted: Wanted,
    /// Work that is not allowed, and what comes after it on the same paths. A move that comes later may allow it.
    waiting: Vec<(Item, Refused)>,
    /// Documents whose text was left out: what would judge or send on another one is not made.
    lost: BTreeSet<Id>,
    pub done: Vec<Redone>,
}

impl<'s> Replay<'s> {
    pub fn new(chain: Chain<'s>, wanted: Wanted) -> Replay<'s> {
        Replay {
            chain,
            wanted,
            waiting: Vec::new(),
            lost: BTreeSet::new(),
            done: Vec::new(),
        }
    }

    /// Makes one commit again.
    pub fn redo(&mut self, item: Item) -> Result<()> {
        let known = self.stand_in(&item)?;
        if self.is_fine(&item)? {
            self.chain.take(item.id);
            self.note(&item, "kept", None, Some(item.id));
            return Ok(());
        }
        if !known {
            let who = item.commit.name().who;
            let why = format!("it is by {who}, for whom this gateway does not commit");
            self.note(&item, "dropped", Some(why), None);
            return Ok(());
        }
        let message = item.message().to_vec();
        let trailers = if trailer::carries(&message) {
            trailer::read(&message).ok()
        } else {
            None
        };
        match trailers.filter(|t| t.value(Key::Action).is_some()) {
            Some(trailers) => {
                self.again(item, &trailers)?;
                self.retry()
            }
            None => self.work(item),
        }
    }

    /// The chain with all work in it; refused with what speaks against work that is still waiting.
    pub fn finish(mut self) -> Result<(Chain<'s>, Vec<Redone>)> {
        self.retry()?;
        let waiting = std::mem::take(&mut self.waiting);
        let dropped = self.done.iter().any(|d| d.what == "dropped");
        let lost = dropped && waiting.iter().all(|(_, refused)| order::may_come(refused));
        let mut findings = Vec::new();
        for (item, Refused(found)) in waiting {
            // Where an approval was lost on the way, its work waits for it to be given again.
            if lost {
                let why = found.first().map_or_else(
                    || "it comes after work that waits".to_owned(),
                    |f| f.message.clone(),
                );
                self.note(&item, "waiting", Some(why), None);
                continue;
            }
            let name = item.commit.name();
            findings.extend(found.into_iter().map(|f| Finding {
                commit: Some(name.clone()),
                ..f
            }));
        }
        if !findings.is_empty() {
            return Err(Refused(findings).into());
        }
        Ok((self.chain, self.done))
    }

    /// Whether a commit lies right on top already and may stay as it is.
    fn is_fine(&self, item: &Item) -> Result<bool> {
        let plain = item.parents == [self.chain.tip()] && item.leftovers.is_empty();
        let leftover = mend::mends(&item.commit.name().subject).is_some();
        if !plain || leftover || self.wanted.renumber.is_some() || !self.waiting.is_empty() {
            return Ok(false);
        }
        let reader = Reader::new(self.chain.repo());
        let change = reader.commit(item.id, &self.chain.way(&reader)?)?;
        Ok(!checks::check(&change).iter().any(Finding::is_error))
    }

    /// A gateway makes a commit again for whom it was made, if it may commit for him; says whether that is so.
    fn stand_in(&mut self, item: &Item) -> Result<bool> {
        let session = self.chain.session();
        if session.seat().is_none() {
            return Ok(true);
        }
        let said = trailer::read(item.message()).unwrap_or_default();
        let author = self
            .policy()?
            .people
            .known_as(&item.commit.author)
            .map(str::to_owned);
        let user = author.filter(|user| said.value(Key::Actor) == Some(user));
        let user = user.filter(|user| requests::serves(session, user).is_ok());
        let known = user.is_some();
        if let Some(user) = user {
            self.chain.actor = user;
        }
        Ok(known)
    }

    fn note(&mut self, item: &Item, what: &'static str, why: Option<String>, new: Option<Oid>) {
        let subject = item.commit.name().subject;
        let new = new.map(|n| n.to_string());
        self.done.push(Redone {
            commit: item.id.to_string(),
            subject: subject.clone(),
            what,
            why,
            new: new.clone(),
        });
        if what == "mended" || what == "redone" {
            for (leftover, _) in &item.leftovers {
                let (commit, new) = (leftover.to_string(), new.clone());
                self.done.push(Redone {
                    commit,
                    subject: subject.clone(),
                    what: "joined",
                    why: None,
                    new,
                });
            }
        }
    }

    fn policy(&self) -> Result<Arc<Policy>> {
        Session::policy_at(&Reader::new(self.chain.repo()), self.chain.tip())
    }

    fn picked(&self, differs: &[Differs]) -> Result<Vec<Put>> {
        let repo = self.chain.repo();
        merge::pick(repo, repo.tree_of(self.chain.tip())?, differs)?
            .map_err(|paths| conflict(&paths))
    }

    /// Changes made one after the other, as one.
    fn picked_from(&self, paths: &[&Differs], item: &Item) -> Result<Vec<Put>> {
        let repo: &Repo = self.chain.repo();
        let mut tree = repo.tree_of(self.chain.tip())?;
        let mut all: BTreeMap<TreePath, Option<Raw>> = BTreeMap::new();
        // Paths go together, as their commit has them, until a leftover comes back to one of them.
        let mut rest = paths;
        while !rest.is_empty() {
            let mut known = BTreeSet::new();
            let together = rest.iter().take_while(|d| known.insert(&d.path)).count();
            let change: Vec<Differs> = rest[..together].iter().map(|d| (*d).clone()).collect();
            rest = &rest[together..];
            let puts = merge::pick(repo, tree, &change)?
                .map_err(|paths| conflict(&paths).context(item.commit.name().quoted()))?;
            tree = repo.write_tree(Some(tree), &puts)?;
            all.extend(puts);
        }
        Ok(all.into_iter().collect())
    }

    fn new_id(&self, id: &Id) -> Id {
        Id::parse(&self.renumbered(id.as_str())).unwrap_or_else(|| id.clone())
    }

    fn renumbered(&self, text: &str) -> String {
        match &self.wanted.renumber {
            Some((from, to)) => mend::renumbered(text, from, to),
            None => text.to_owned(),
        }
    }
}

fn conflict(paths: &[TreePath]) -> anyhow::Error {
    let names: Vec<String> = paths.iter().map(ToString::to_string).collect();
    let names = names.join(", ");
    Unfit(format!(
        "{names} changed on both sides and cannot be merged by lines; resolve it with git rebase, then run qms sync again"
    ))
    .into()
}
