//! Work made again: under the change that it names or the one that is given, once that allows it; and taken back.

use anyhow::{Context, Result, bail};

use super::moves::reason;
use super::{Item, Replay, Unfit};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::trees::Differs;
use crate::git::write::Put;
use crate::model::change::Commit;
use crate::model::kind::Id;
use crate::model::mend;
use crate::model::path::TreePath;
use crate::model::policy;
use crate::model::synced::Redone;
use crate::model::trailer::{Key, Trailers};
use crate::model::workflow::Action;
use crate::ops::session::Refused;
use crate::ops::wish::{Wish, written};

impl Replay<'_> {
    pub(super) fn try_work(&mut self, item: &Item) -> Result<()> {
        let folder = self.policy()?.folder.clone();
        let (documents, paths): (Vec<&Differs>, Vec<&Differs>) = item
            .differs
            .iter()
            .partition(|d| Id::at_home(&d.path, &folder).is_some());
        let tip = self.chain.tip();
        let puts = self.picked_from(&paths, item)?;
        if !puts.is_empty() || item.differs.is_empty() {
            let what = self.commit_work(item, &puts)?;
            let new = Some(self.chain.tip()).filter(|new| *new != tip);
            self.note(item, what, None, new);
        } else if documents.is_empty() {
            self.note(item, "there", None, None);
        }
        for differs in documents {
            self.edit(item, differs, &folder)?;
        }
        Ok(())
    }

    /// As it is if that is allowed; else under the change that it names, under the one in use if it names none, or under
    /// the one that was given.
    fn commit_work(&mut self, item: &Item, puts: &[Put]) -> Result<&'static str> {
        let message = item.message().to_vec();
        let same = |text: &String| self.renumbered(text) == *text && item.leftovers.is_empty();
        let leftover = mend::mends(&item.commit.name().subject).is_some();
        let whole = String::from_utf8(message.clone())
            .ok()
            .filter(|text| !leftover && same(text));
        if let Some(whole) = whole {
            match self.chain.commit(puts, &whole, &item.commit.author) {
                Ok(_) => return Ok("redone"),
                Err(error) if error.downcast_ref::<Refused>().is_none() => return Err(error),
                Err(_) => {}
            }
        }
        let actor = self.chain.actor().to_owned();
        self.answered_for(item, &actor)?;
        let leftovers = item
            .leftovers
            .iter()
            .filter_map(|(_, c)| c.message.as_deref());
        let words = leftovers.fold(mend::words(&message), |words, more| {
            mend::joined(&words, more)
        });
        let (claimed, part) = mend::claims(&message);
        let claimed = claimed.map(|id| self.new_id(&id));
        let used = self.wanted.used.clone().filter(|_| claimed.is_none());
        let mut tries: Vec<Option<(Id, Option<String>)>> = vec![None];
        tries.extend(claimed.map(|id| Some((id, part))));
        tries.extend(
            self.wanted
                .change
                .clone()
                .or(used)
                .map(|id| Some((id, None))),
        );
        let mut last = anyhow::anyhow!("nothing was tried");
        for under in tries {
            let message = match under {
                // Free paths need no trailers; what they carried is in the way.
                None => format!("{words}\n"),
                Some((id, part)) => {
                    let mut trailers =
                        Trailers::new([(Key::Change, id.to_string()), (Key::Actor, actor.clone())]);
                    if let Some(part) = part {
                        trailers.set(Key::Item, part);
                    }
                    let way = self.chain.way(&Reader::new(self.chain.repo()))?;
                    if let Some(away) = way.away {
                        trailers.set(Key::Authority, away.trunk.to_string());
                    }
                    written(&trailers, &words)?
                }
            };
            match self.chain.commit(puts, &message, &item.commit.author) {
                Ok(_) => return Ok("mended"),
                Err(error) if error.downcast_ref::<Refused>().is_none() => return Err(error),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// What others wrote is answered for by whoever says so, and by nobody in passing.
    fn answered_for(&self, item: &Item, actor: &str) -> Result<()> {
        let policy = self.policy()?;
        let foreign = |commit: &Commit| policy.people.known_as(&commit.author) != Some(actor);
        let all = [&item.commit]
            .into_iter()
            .chain(item.leftovers.iter().map(|(_, c)| c));
        match all
            .into_iter()
            .find(|c| foreign(c))
            .filter(|_| !self.wanted.adopt)
        {
            None => Ok(()),
            Some(commit) => {
                let name = commit.name();
                bail!(
                    "{} is by {}, and its trailers do not hold there; to answer for it yourself add --adopt",
                    name.quoted(),
                    name.who
                )
            }
        }
    }

    /// A document that changed in a commit that is no move: its text becomes an edit, if whoever syncs may write it.
    fn edit(&mut self, item: &Item, differs: &Differs, folder: &str) -> Result<()> {
        let Some(old) = Id::at_home(&differs.path, folder) else {
            return Ok(());
        };
        let id = self.new_id(&old);
        let made = (|| {
            self.there(&id)?;
            let text = self.text(item, &old, &id)?;
            if self.chain.document(&id)?.text() == text {
                let moved = "its state changed without a move that can be read";
                return Err(Unfit(moved.into()).into());
            }
            let words = self.renumbered(&mend::words(item.message()));
            let wish = Wish {
                text: Some(text),
                again: Some((words, item.commit.author.clone())),
                ..Wish::new(&id, Action::Edit)
            };
            self.chain.step(&wish)?;
            Ok(self.chain.tip())
        })();
        match made {
            Ok(new) => self.note(item, "mended", None, Some(new)),
            Err(error) => {
                let why = format!("{id}: {}", reason(error)?);
                self.lost.insert(id);
                self.note(item, "dropped", Some(why), None);
            }
        }
        Ok(())
    }

    /// Takes back what a commit did, documents and policy left out: they go back by moves.
    pub fn revert(&mut self, commit: &Commit, id: Oid, change: Option<&Id>) -> Result<()> {
        let repo = self.chain.repo();
        let node = repo.node(id)?;
        let parent = node
            .parents
            .first()
            .context("the first commit cannot be taken back")?;
        let folder = self.policy()?.folder.clone();
        let mut differs = repo.differences(Some(node.tree), Some(repo.tree_of(*parent)?))?;
        let stays = |path: &TreePath| {
            path.as_bytes() == policy::FILE.as_bytes() || Id::at_home(path, &folder).is_some()
        };
        differs.retain(|d| !stays(&d.path));
        let puts = self.picked(&differs)?;
        if puts.is_empty() {
            bail!("there is nothing left to take back of {id}");
        }
        // Of a commit that was made again just now the branch has the new one.
        let old = id.to_string();
        let now = self
            .done
            .iter()
            .find(|d| d.commit == old)
            .and_then(|d| d.new.clone())
            .unwrap_or(old);
        let words = format!(
            "Revert \"{}\"\n\nThis reverts commit {now}.",
            commit.name().subject
        );
        let actor = self.chain.actor().to_owned();
        let message = match change {
            Some(change) => written(
                &Trailers::new([(Key::Change, change.to_string()), (Key::Actor, actor)]),
                &words,
            )?,
            None => format!("{words}\n"),
        };
        let author = self.chain.author().clone();
        let new = self.chain.commit(&puts, &message, &author)?;
        let subject = self.chain.repo().commit(new)?.name().subject;
        self.done.push(Redone {
            commit: id.to_string(),
            subject,
            what: "reverted",
            why: None,
            new: Some(new.to_string()),
        });
        Ok(())
    }
}
