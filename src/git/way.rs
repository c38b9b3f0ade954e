//! The way by which commits enter a protected branch: the mainline step that brings them in, told from outside of the
//! commits themselves; and where, on that way, the authority for a step is looked up. Source: model.md "Authority".

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Result;

use super::Oid;
use super::read::Reader;
use crate::model::change::{Authority, Lent};
use crate::model::path::TreePath;
use crate::model::policy;
use crate::model::trailer::{Key, Trailers};
use crate::model::wanted::Wanted;

/// One mainline step, done or to be done.
#[derive(Debug, Clone)]
pub struct Way {
    /// The branch that takes the commits in, without `refs/heads/`.
    pub branch: String,
    /// The step's first parent: the tip that the branch had.
    pub p: Oid,
    /// The step, where it is made already; what else it brings in comes from the side.
    pub step: Option<Oid>,
    /// The first commit of the mainline that is believed, where one is known.
    pub anchor: Option<Oid>,
    /// P's time, where who asks knows it already.
    pub time: Option<i64>,
    /// What the step lends to commits without trailers.
    pub lends: Option<Arc<Lent>>,
    /// Whether it is still to enter: then it goes by the trunk and by the evidence that are here now, and by nothing that
    /// these have moved past. A gate, and no part of the verdict on what is in.
    pub current: bool,
    /// None at home: on the trunk.
    pub away: Option<Away>,
}

/// A branch that is not the home of documents and policy.
#[derive(Debug, Clone, Copy)]
pub struct Away {
    /// The trunk's tip.
    pub trunk: Oid,
    /// The trunk's commit by which the mainline step before went.
    pub floor: Oid,
}

impl Way {
    pub fn new(branch: &str, p: Oid, anchor: Option<Oid>) -> Way {
        Way {
            branch: branch.to_owned(),
            p,
            step: None,
            anchor,
            time: None,
            lends: None,
            current: false,
            away: None,
        }
    }
}

/// Where the authority of a step is.
pub(super) struct Source {
    /// The commit whose policy says who may act.
    pub(super) acting: Oid,
    /// The commit whose documents a change is looked up in; the own parent where nothing else is named.
    pub(super) documents: Option<Oid>,
    /// What counts as merge base with P; none where nobody asks.
    pub(super) bases: Vec<Oid>,
    pub(super) named: Option<Authority>,
}

/// The commits of a first-parent chain, by their place from its beginning.
pub type Places = HashMap<Oid, usize>;

impl Reader<'_> {
    /// The one place that knows where authority is: at home in the own parent, elsewhere in the commit of the trunk that
    /// the step names, and so too when such work comes home by a merge.
    pub(super) fn source(
        &self,
        way: &Way,
        id: Option<Oid>,
        parent: Option<Oid>,
        trailers: &Trailers,
        carries: bool,
    ) -> Result<Source> {
        let named = trailers.value(Key::Authority);
        if let Some(away) = way.away {
            let found = named.map(|text| self.on_trunk(text, &away, way, trailers));
            let found = found.transpose()?;
            let at = found.as_ref().and_then(|(at, _)| *at).unwrap_or(away.floor);
            return Ok(Source {
                acting: at,
                documents: Some(at),
                bases: vec![at],
                named: found.map(|(_, authority)| authority),
            });
        }
        let side = way.step.is_some_and(|step| id != Some(step));
        if let (Some(text), true, None) = (named, side, trailers.value(Key::Action))
            && let Some(at) = self.full(text)
        {
            let places = self.places(way.p, way.anchor)?;
            if places
                .get(&at)
                .is_some_and(|at| places.get(&way.p) >= Some(at))
            {
                let named = Authority {
                    named: text.to_owned(),
                    flaw: None,
                };
                return Ok(Source {
                    acting: way.p,
                    documents: Some(at),
                    bases: vec![at],
                    named: Some(named),
                });
            }
        }
        let bases = match parent {
            Some(parent) if carries => self.bases(parent, way.p)?,
            _ => Vec::new(),
        };
        Ok(Source {
            acting: way.p,
            documents: parent,
            bases,
            named: None,
        })
    }

    /// A commit id as it is to be written: in full, in small letters.
    fn full(&self, text: &str) -> Option<Oid> {
        let plain = !text.bytes().any(|b| b.is_ascii_uppercase());
        self.repo.oid(text).filter(|_| plain)
    }

    fn on_trunk(
        &self,
        text: &str,
        away: &Away,
        way: &Way,
        trailers: &Trailers,
    ) -> Result<(Option<Oid>, Authority)> {
        let at = self.full(text);
        let places = self.places(away.trunk, way.anchor)?;
        let place = at.and_then(|at| places.get(&at));
        let flaw = match (at, place) {
            (None, _) => Some("is no commit id in full".to_owned()),
            (Some(_), None) => Some("is not on the trunk's mainline".to_owned()),
            (Some(_), Some(place)) if places.get(&away.floor) > Some(place) => Some(format!(
                "is older than {}, by which the branch went before",
                &away.floor.to_string()[..10]
            )),
            (Some(at), Some(_)) if way.current => self.moved_since(at, away.trunk, trailers)?,
            _ => None,
        };
        let named = Authority {
            named: text.to_owned(),
            flaw,
        };
        Ok((at.filter(|_| place.is_some()), named))
    }

    /// What the trunk has moved since, of what such a step is judged by.
    fn moved_since(&self, at: Oid, tip: Oid, trailers: &Trailers) -> Result<Option<String>> {
        let (old, new) = (self.repo.tree_of(at)?, self.repo.tree_of(tip)?);
        let differs = |path: &TreePath| -> Result<bool> {
            Ok(self.repo.entry(old, path)? != self.repo.entry(new, path)?)
        };
        if differs(&TreePath::from(policy::FILE))? {
            return Ok(Some("is from before the trunk's policy changed".to_owned()));
        }
        let Some(Ok(policy)) = self.policy(at)? else {
            return Ok(None);
        };
        for id in Wanted::by(trailers, &[]).documents {
            if differs(&id.path(&policy.folder))? {
                return Ok(Some(format!("is from before the trunk moved {id}")));
            }
        }
        Ok(None)
    }

    /// The places of a first-parent chain from where it begins, at the anchor where that is known.
    pub fn places(&self, tip: Oid, anchor: Option<Oid>) -> Result<Rc<Places>> {
        if let Some(known) = self
            .chain
            .borrow()
            .as_ref()
            .filter(|c| c.contains_key(&tip))
        {
            return Ok(known.clone());
        }
        let chain = match self.repo.mainline(tip, anchor)? {
            Some(chain) => chain,
            None => self.repo.mainline(tip, None)?.unwrap_or_default(),
        };
        let places: Places = chain.into_iter().rev().zip(0..).collect();
        let places = Rc::new(places);
        *self.chain.borrow_mut() = Some(places.clone());
        Ok(places)
    }
}
