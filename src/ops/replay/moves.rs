//! Moves made again: one's own with what they said and wrote, those of others as they are or not at all.

use anyhow::{Context, Result, bail};

use super::{Item, Replay, Unfit};
use crate::checks::birth;
use crate::git::read::Reader;
use crate::git::trees::{Differs, Raw};
use crate::git::{Oid, merge};
use crate::model::document::{self, Document};
use crate::model::kind::Id;
use crate::model::mend;
use crate::model::path::TreePath;
use crate::model::policy;
use crate::model::signing::Level;
use crate::model::trailer::{Key, Trailers};
use crate::model::workflow::Action;
use crate::ops::session::{Refused, Session};
use crate::ops::wish::{Wish, written};

impl Replay<'_> {
    /// A move, or a commit of people: made again if it is one's own, put up as it is if it is not; else dropped.
    pub(super) fn again(&mut self, mut item: Item, trailers: &Trailers) -> Result<()> {
        let moved = trailers.value(Key::Document).and_then(Id::parse);
        let Some(old) = moved else {
            let made = if self.is_own(&item, trailers)? {
                self.people(&item, trailers)
            } else {
                self.as_it_is(&item)
            };
            return self.tell(&item, made);
        };
        if !self.is_own(&item, trailers)? {
            let made = self.as_it_is(&item);
            return self.tell(&item, made);
        }
        let id = self.new_id(&old);
        let action = trailers
            .value(Key::Action)
            .and_then(Action::parse)
            .context("an action that nobody knows")?;
        if action == Action::RouteReview {
            self.nothing_waits_for(&id)?;
        }
        let made = self.own_move(&item, trailers, action, (&old, &id));
        let writes = action.changes_text();
        if made.is_err() && writes {
            self.lost.insert(id.clone());
        }
        self.tell(&item, made)?;
        // What else the commit holds was put there by hand; it is work, or an edit, of its own.
        let folder = self.policy()?.folder.clone();
        let (path, close) = (old.path(&folder), action == Action::Close);
        let attached = |d: &Differs| {
            close && Id::at_home(&d.path, &folder).is_some_and(|c| c.is_attachment_of(&old))
        };
        let typed = |d: &Differs| d.path == path && !writes && self.changes_text_of(d);
        item.differs = item
            .differs
            .iter()
            .filter(|d| (d.path != path && !attached(d)) || typed(d))
            .cloned()
            .collect();
        if item.differs.is_empty() {
            Ok(())
        } else {
            self.work(item)
        }
    }

    fn tell(&mut self, item: &Item, made: Result<Oid>) -> Result<()> {
        match made {
            Ok(tip) => self.note(item, "redone", None, Some(tip)),
            Err(error) => {
                let number = taken(&error);
                let why = reason(error)?;
                if number {
                    bail!("{why}; to give the document another number: qms renumber ID");
                }
                self.note(item, "dropped", Some(why), None);
            }
        }
        Ok(())
    }

    /// Whether a change of a document's file is one of its text, and not of its state alone.
    fn changes_text_of(&self, differs: &Differs) -> bool {
        let repo = self.chain.repo();
        let text = |raw: Option<Raw>| {
            raw.and_then(|r| repo.blob(r.id).ok())
                .and_then(|b| document::text_of(&b))
        };
        text(differs.before) != text(differs.after)
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
        let another =
            |_| Unfit("the document is another there; it has to be asked for again".into());
        let reader = Reader::new(self.chain.repo());
        let way = self.chain.way(&reader)?;
        if Session::policy_at(&reader, way.p)?
            .signatures
            .on(&way.branch)
            == Level::Require
        {
            let why = "only who made it can sign it there; it has to be asked for again";
            return Err(Unfit(why.into()).into());
        }
        let puts = self.picked(&item.differs).map_err(another)?;
        let message = mend::text(item.message());
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
        let words = mend::words(item.message());
        self.chain
            .commit(&puts, &written(&trailers, &words)?, &item.commit.author)
    }

    fn own_move(
        &mut self,
        item: &Item,
        trailers: &Trailers,
        action: Action,
        (old, id): (&Id, &Id),
    ) -> Result<Oid> {
        if self.lost.contains(id) && !action.changes_text() {
            return Err(Unfit(format!("a text of {id} was left out before it")).into());
        }
        // Whoever judged judged one text; another one is for him to read.
        if matches!(action, Action::Review | Action::Approve | Action::Reject) {
            self.there(id)?;
            let state = self.chain.document(id)?.state;
            if state.digest.as_deref() != trailers.value(Key::Digest)
                || state.ends != self.ended(item, old)?
            {
                return Err(Unfit(format!(
                    "{id} is another text there, to be read and judged again"
                ))
                .into());
            }
        }
        let mut wish = Wish::new(id, action);
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
        let words = mend::words(item.message());
        wish.again = Some((self.renumbered(&words), item.commit.author.clone()));
        let there = self.there(id);
        if action != Action::Create {
            there?;
        } else if there.is_ok() {
            bail!("there is another {id} there; to give yours another number: qms renumber {id}");
        }
        if action.changes_text() {
            wish.text = Some(self.text(item, old, id)?);
        }
        self.chain.step(&wish)?;
        Ok(self.chain.tip())
    }

    /// Whether the round in which a commit judged was to end in RETIRED.
    fn ended(&self, item: &Item, id: &Id) -> Result<bool> {
        let repo = self.chain.repo();
        let path = id.path(&self.policy()?.folder);
        let raw = item
            .parents
            .first()
            .map(|p| repo.entry(repo.tree_of(*p)?, &path))
            .transpose()?
            .flatten();
        let document = raw
            .map(|r| repo.blob(r.id))
            .transpose()?
            .and_then(|b| Document::parse(b).ok());
        Ok(document.is_some_and(|d| d.state.ends))
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
        merged.with_context(|| {
            let commit = item.commit.name();
            let short = commit.id.get(..10).unwrap_or_default().to_owned();
            format!(
                "{new} was written on both sides, and the texts conflict; nothing was changed. Take yours out of the way \
                 (git show {short}:{path}), bring the branch to where it was before {short} \"{}\", and write it again there",
                commit.subject
            )
        })
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
