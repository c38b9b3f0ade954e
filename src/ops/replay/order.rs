//! The order in which work comes: what is not allowed yet waits, and nothing overtakes what it depends on.

use anyhow::{Result, bail};

use super::{Item, Replay};
use crate::checks::work::{CHANGE_NOT_OPEN, UNKNOWN_CHANGE};
use crate::git::trees::Differs;
use crate::model::kind::Id;
use crate::model::mend;
use crate::model::workflow::Status;
use crate::ops::session::Refused;

impl Replay<'_> {
    /// Work, and text of documents that no move accounts for: committed as edits of whoever syncs. What is refused waits,
    /// and with it what comes after it on the same paths or under the same change.
    pub(super) fn work(&mut self, item: Item) -> Result<()> {
        if self
            .waiting
            .iter()
            .any(|(before, _)| depends(&item, before))
        {
            self.waiting.push((item, Refused(Vec::new())));
            return Ok(());
        }
        if let Err(error) = self.try_work(&item) {
            self.waiting.push((item, error.downcast::<Refused>()?));
        }
        Ok(())
    }

    /// Work that waits, in order: as far as it is allowed by now.
    pub(super) fn retry(&mut self) -> Result<()> {
        for (item, before) in std::mem::take(&mut self.waiting) {
            if !may_come(&before) || self.waiting.iter().any(|(first, _)| depends(&item, first)) {
                self.waiting.push((item, before));
            } else if let Err(error) = self.try_work(&item) {
                self.waiting.push((item, error.downcast::<Refused>()?));
            }
        }
        Ok(())
    }

    /// A change is not sent on over the head of work that belongs to it.
    pub(super) fn nothing_waits_for(&self, id: &Id) -> Result<()> {
        if self.chain.document(id)?.state.status != Status::InExecution {
            return Ok(());
        }
        let own = |item: &Item| {
            claims(item)
                .map(|c| self.new_id(&c))
                .or(self.wanted.change.clone())
        };
        let Some((item, _)) = self
            .waiting
            .iter()
            .find(|(item, _)| own(item).as_ref() == Some(id))
        else {
            return Ok(());
        };
        bail!(
            "{id} is sent to review here before {}, which is work under it and not allowed yet; put that first: git rebase -i",
            item.commit.name().quoted()
        )
    }
}

/// Whether a move that is still to come may allow what was refused.
pub(super) fn may_come(Refused(findings): &Refused) -> bool {
    let rules = [CHANGE_NOT_OPEN.id, UNKNOWN_CHANGE.id];
    findings
        .iter()
        .filter(|f| f.is_error())
        .all(|f| rules.contains(&f.rule.id))
}

/// Whether work comes after other work: it touches a path of it, or names the same change.
fn depends(item: &Item, before: &Item) -> bool {
    let path = |d: &Differs| before.differs.iter().any(|b| b.path == d.path);
    claims(item).is_some_and(|c| Some(c) == claims(before)) || item.differs.iter().any(path)
}

/// The change that a commit names, in whatever shape.
fn claims(item: &Item) -> Option<Id> {
    mend::claims(item.message()).0
}
