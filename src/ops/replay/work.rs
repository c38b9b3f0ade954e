//! Work made again: under the change that it names or the one that is given, once that allows it; and taken back.

use anyhow::{Context, Result, bail};

use super::moves::reason;
use super::{Item, Replay};
use crate::git::Oid;
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
    /// Work, and text of documents that no move accounts for: committed as edits of whoever syncs.
    pub(super) fn work(&mut self, item: Item) -> Result<()> {
        if !self.waiting.is_empty() {
            let first = anyhow::Error::from(Refused(Vec::new()));
            self.waiting.push((item, first));
            return self.retry();
        }
        if let Err(error) = self.try_work(&item) {
            if error.downcast_ref::<Refused>().is_none() {
                return Err(error);
            }
            self.waiting.push((item, error));
        }
        Ok(())
    }

    /// Work that waits, in order: as far as it is allowed by now.
    pub(super) fn retry(&mut self) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        for (item, _) in waiting.by_ref() {
            match self.try_work(&item) {
                Ok(()) => {}
                Err(error) if error.downcast_ref::<Refused>().is_some() => {
                    self.waiting.push((item, error));
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        self.waiting.extend(waiting);
        Ok(())
    }

    fn try_work(&mut self, item: &Item) -> Result<()> {
        let folder = self.policy()?.folder.clone();
        let all = item
            .differs
            .iter()
            .chain(item.leftovers.iter().flat_map(|(_, d)| d));
        let (documents, paths): (Vec<&Differs>, Vec<&Differs>) =
            all.partition(|d| Id::at_home(&d.path, &folder).is_some());
        let tip = self.chain.tip();
        let mut what = "there";
        let puts = self.picked_from(&paths, item)?;
        if !puts.is_empty() {
            what = self.commit_work(item, &puts)?;
        }
        let new = Some(self.chain.tip()).filter(|new| *new != tip);
        self.note(item, what, None, new);
        for differs in documents {
            self.edit(item, differs, &folder)?;
        }
        Ok(())
    }

    /// As it is if that is allowed; else under its own change, else under the one that was given.
    fn commit_work(&mut self, item: &Item, puts: &[Put]) -> Result<&'static str> {
        let message = item.commit.message.clone().unwrap_or_default();
        let whole = String::from_utf8(message.clone())
            .ok()
            .filter(|_| item.leftovers.is_empty());
        let leftover = mend::mends(&item.commit.name().subject).is_some();
        if let Some(whole) = whole.filter(|_| !leftover && self.wanted.renumber.is_none()) {
            match self.chain.commit(puts, &whole, &item.commit.author) {
                Ok(_) => return Ok("redone"),
                Err(error) if error.downcast_ref::<Refused>().is_none() => return Err(error),
                Err(_) => {}
            }
        }
        let actor = self.chain.actor().to_owned();
        let own = self.policy()?.people.known_as(&item.commit.author) == Some(actor.as_str());
        if !own && !self.wanted.adopt {
            let name = item.commit.name();
            bail!(
                "{} \"{}\" is by {}, and its trailers do not hold there; to answer for it yourself: qms sync --adopt",
                &name.id[..10],
                name.subject,
                name.who
            );
        }
        let words = mend::words(&message);
        let (claimed, part) = mend::claims(&message);
        let claimed = claimed.map(|id| self.new_id(&id));
        let mut tries: Vec<Option<(Id, Option<String>)>> = vec![None];
        tries.extend(claimed.map(|id| Some((id, part))));
        tries.extend(self.wanted.change.clone().map(|id| Some((id, None))));
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
                return Ok(None);
            }
            let words = self.renumbered(&mend::words(
                item.commit.message.as_deref().unwrap_or_default(),
            ));
            let wish = Wish {
                text: Some(text),
                again: Some((words, item.commit.author.clone())),
                ..Wish::new(&id, Action::Edit)
            };
            self.chain.step(&wish)?;
            Ok(Some(self.chain.tip()))
        })();
        match made {
            Ok(None) => {}
            Ok(new) => self.note(item, "mended", None, new),
            Err(error) => {
                let why = format!("the text of {id}: {}", reason(error)?);
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
        let words = format!(
            "Revert \"{}\"\n\nThis reverts commit {id}.",
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
