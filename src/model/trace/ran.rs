//! How the tagged tests ran: their cases, what they executed themselves, and the processes that were started.

use std::collections::HashMap;

use super::attribute::Kind;
use super::evidence::naming::{Runs, runs};
use super::evidence::own::{self, Own};
use super::gathered::Gathered;
use super::item::Item;
use super::links::{Link, Linked, Links};
use super::places::Places;
use super::requirement::Requirement;
use super::verdict::{Binding, Proof, ProofState, Test};

/// Where a test stands; one may be tagged with several requirements.
type Place<'f> = (&'f str, usize);

/// The runs of all tagged tests, and what each executed.
pub(super) struct Ran<'f, 'g> {
    at: HashMap<Place<'f>, usize>,
    all: Vec<One<'f, 'g>>,
}

/// A tagged test.
struct One<'f, 'g> {
    item: &'f Item,
    /// How many requirements it is tagged with.
    verifies: usize,
    runs: Runs<'g>,
    own: Own,
}

fn place<'f>(link: &Link<'f>) -> Place<'f> {
    (link.path, link.item.lines.first)
}

impl<'f, 'g> Ran<'f, 'g> {
    pub(super) fn of(
        requirements: &[Requirement],
        found: &Links<'f>,
        gathered: Option<&'g Gathered>,
        places: &Places,
    ) -> Ran<'f, 'g> {
        let mut out = Ran {
            at: HashMap::new(),
            all: Vec::new(),
        };
        let mut tagged: Vec<_> = requirements.iter().zip(&found.of).collect();
        tagged.sort_by_key(|(requirement, _)| &*requirement.id);
        let tagged = tagged.into_iter().filter_map(|(_, linked)| linked.as_ref());
        for link in tagged.flat_map(|linked| &linked.tests) {
            out.put(link);
        }
        let Some(gathered) = gathered.filter(|all| all.speaks_of_tests()) else {
            return out;
        };
        if gathered.binding == Binding::Same {
            let items: Vec<&Item> = out.all.iter().map(|one| one.item).collect();
            let ran = runs(&items, &gathered.cases, places);
            for (one, runs) in out.all.iter_mut().zip(ran) {
                one.runs = runs;
            }
        }
        for one in &mut out.all {
            one.own = own::of(one.item, &gathered.tests, places);
        }
        out
    }

    fn put(&mut self, link: &Link<'f>) {
        let next = self.all.len();
        let at = *self.at.entry(place(link)).or_insert(next);
        match self.all.get_mut(at) {
            Some(known) => {
                known.item = link.item;
                known.verifies += 1;
            }
            None => self.all.push(One {
                item: link.item,
                verifies: 1,
                runs: Runs::Of(Vec::new()),
                own: Own::None,
            }),
        }
    }

    pub(super) fn tests<'r>(&'r self, linked: &Linked<'r>) -> Vec<Test<'r>>
    where
        'f: 'r,
        'g: 'r,
    {
        let test = |link: &Link<'r>| {
            let one = self.at.get(&place(link)).map(|at| &self.all[*at]);
            Test {
                link: *link,
                runs: one.map_or(Runs::Of(Vec::new()), |one| one.runs.clone()),
                coverage: one.and_then(|one| one.own.lines()),
                doubt: one.and_then(|one| one.own.doubt()),
                verifies: one.map_or(1, |one| one.verifies),
            }
        };
        linked.tests.iter().map(test).collect()
    }
}

/// The processes that were started for a requirement.
pub(super) fn proofs(requirement: &Requirement, gathered: Option<&Gathered>) -> Vec<Proof> {
    let Some(gathered) = gathered else {
        return Vec::new();
    };
    let of = gathered.processes.iter();
    let of = of.filter(|process| process.verifies.iter().any(|id| *id == requirement.id));
    let proof = |process: &super::record::Process| Proof {
        kind: Kind::Startup,
        place: process.command.clone(),
        state: match (&gathered.binding, &process.failed) {
            (Binding::Same, None) => ProofState::Holds,
            (Binding::Same, Some(why)) => ProofState::Failed(why.clone()),
            _ => ProofState::Stale("it was started at another state of the system".to_owned()),
        },
    };
    of.map(proof).collect()
}
