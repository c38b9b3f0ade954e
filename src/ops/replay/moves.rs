//! Moves made again: one's own with what they said and wrote, those of others as they are or not at all.

use anyhow::{Context, Result, bail};

use super::{Item, Replay, Unfit};
use crate::checks::birth;
use crate::git::{Oid, merge};
use crate::model::document;
use crate::model::kind::Id;
use crate::model::mend;
use crate::model::path::TreePath;
use crate::model::policy;
use crate::model::trailer::{Key, Trailers};
use crate::model::workflow::Action;
use crate::ops::session::Refused;
use crate::ops::wish::{Wish, written};

impl Replay<'_> {
    /// A move, or a commit of people: made again if it is one's own, put up as it is if it is not; else dropped.
    pub(super) fn again(&mut self, item: &Item, trailers: &Trailers) -> Result<()> {
        let made = match self.is_own(item, trailers)? {
            true if trailers.value(Key::Document).is_some() => self.own_move(item, trailers),
            true => self.people(item, trailers),
            false => self.as_it_is(item),
        };
        match made {
            Ok(tip) => self.note(item, "redone", None, Some(tip)),
            Err(error) => {
                let number = taken(&error);
                let why = reason(error)?;
                if let Some(id) = trailers.value(Key::Document).filter(|_| number) {
                    bail!(
                        "{id} cannot be created there: {why}; to give it another number: qms renumber {id}"
                    );
                }
                self.note(item, "dropped", Some(why), None);
            }
        }
        Ok(())
    }

    fn is_own(&self, item: &Item, trailers: &Trailers) -> Result<bool> {
        let author = self
            .policy()?
            .people
            .known_as(&item.commit.author)
            .map(str::to_owned);
        let me = Some(self.chain.actor());
        Ok(trailers.value(Key::Actor) == me && author.as_deref() == me)
    }

    /// Somebody else's commit, with his name, words and trailers: `QMS-Before` says whether it fits.
    fn as_it_is(&mut self, item: &Item) -> Result<Oid> {
        let puts = self.picked(&item.differs)?;
        let message = String::from_utf8(item.commit.message.clone().unwrap_or_default())?;
        if puts.is_empty() {
            return Err(Unfit("it changes nothing there".into()).into());
        }
        self.chain.commit(&puts, &message, &item.commit.author)
    }

    /// A document that is to move is there to be moved.
    pub(super) fn there(&self, id: &Id) -> Result<()> {
        let repo = self.chain.repo();
        let path = id.path(&self.policy()?.folder);
        match repo.entry(repo.tree_of(self.chain.tip())?, &path)? {
            Some(_) => Ok(()),
            None => Err(Unfit(format!("there is no {id} there")).into()),
        }
    }

    fn people(&mut self, item: &Item, trailers: &Trailers) -> Result<Oid> {
        let puts = self.picked(&item.differs)?;
        let (repo, path) = (self.chain.repo(), TreePath::from(policy::FILE));
        let here = repo
            .entry(repo.tree_of(self.chain.tip())?, &path)?
            .context("there is no qms.yaml there")?;
        let mut trailers = trailers.clone();
        trailers.set(Key::Before, document::digest(&repo.blob(here.id)?));
        let words = mend::words(item.commit.message.as_deref().unwrap_or_default());
        self.chain
            .commit(&puts, &written(&trailers, &words)?, &item.commit.author)
    }

    fn own_move(&mut self, item: &Item, trailers: &Trailers) -> Result<Oid> {
        let action = trailers
            .value(Key::Action)
            .and_then(Action::parse)
            .context("an action that nobody knows")?;
        let old = trailers
            .value(Key::Document)
            .and_then(Id::parse)
            .context("no document is named")?;
        let id = self.new_id(&old);
        let mut wish = Wish::new(&id, action);
        let says = [
            Key::Outcome,
            Key::Reason,
            Key::Ends,
            Key::Item,
            Key::Request,
            Key::Evidence,
            Key::Change,
        ];
        for key in says
            .into_iter()
            .chain(matches!(action, Action::Assign | Action::Transfer).then_some(Key::Users))
        {
            if let Some(value) = trailers.value(key) {
                wish = wish.say(key, self.renumbered(value));
            }
        }
        let words = mend::words(item.commit.message.as_deref().unwrap_or_default());
        wish.again = Some((self.renumbered(&words), item.commit.author.clone()));
        let there = self.there(&id);
        if action != Action::Create {
            there?;
        } else if there.is_ok() {
            bail!("there is another {id} there; to give yours another number: qms renumber {id}");
        }
        if action.changes_text() {
            wish.text = Some(self.text(item, &old, &id)?);
        }
        self.chain.step(&wish)?;
        Ok(self.chain.tip())
    }

    /// The text that a move of one's own leaves there: what it changed, on top of what is there now.
    pub(super) fn text(&self, item: &Item, old: &Id, new: &Id) -> Result<Vec<u8>> {
        let repo = self.chain.repo();
        let path = old.path(&self.policy()?.folder);
        let blob = |commit: Oid| -> Result<Option<Vec<u8>>> {
            let raw = repo.entry(repo.tree_of(commit)?, &path)?;
            let bytes = raw.map(|r| repo.blob(r.id)).transpose()?;
            Ok(bytes.and_then(|b| document::text_of(&b)))
        };
        let theirs = blob(item.id)?.with_context(|| format!("{old} cannot be read there"))?;
        let theirs = self.renumbered(&String::from_utf8(theirs)?).into_bytes();
        let before = item
            .parents
            .first()
            .map(|p| blob(*p))
            .transpose()?
            .flatten();
        let Some(before) = before else {
            return Ok(theirs);
        };
        let before = self.renumbered(&String::from_utf8(before)?).into_bytes();
        let here = self.chain.document(new)?.text();
        if here == before || before == theirs {
            return Ok(if before == theirs { here } else { theirs });
        }
        let merged = merge::text(&before, &here, &theirs);
        merged.ok_or_else(|| Unfit(format!("the texts of {new} conflict")).into())
    }
}

/// Whether a document was refused for its number.
fn taken(error: &anyhow::Error) -> bool {
    let rules = [birth::DUPLICATE_ID.id, birth::BAD_NUMBER.id];
    let refused = error.downcast_ref::<Refused>();
    refused.is_some_and(|Refused(all)| all.iter().any(|f| rules.contains(&f.rule.id)))
}

/// Why a move was not made again, in a line; what is neither a refusal nor unfit is passed on.
pub(super) fn reason(error: anyhow::Error) -> Result<String> {
    match error.downcast::<Refused>() {
        Ok(Refused(findings)) => {
            let first = findings.iter().find(|f| f.is_error());
            Ok(first.map_or_else(|| "it is refused".to_owned(), |f| f.message.clone()))
        }
        Err(error) => Ok(error.downcast::<Unfit>()?.0),
    }
}
