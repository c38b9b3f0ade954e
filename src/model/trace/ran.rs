//! How the tagged tests ran: their cases, what they executed themselves, and the processes that were started.

use std::collections::BTreeMap;

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
    of: BTreeMap<Place<'f>, (Runs<'g>, Own)>,
    /// How many requirements each is tagged with.
    verifies: BTreeMap<Place<'f>, usize>,
}

fn place<'f>(link: &Link<'f>) -> Place<'f> {
    (link.path, link.item.lines.first)
}

impl<'f, 'g> Ran<'f, 'g> {
    pub(super) fn of(
        found: &Links<'f>,
        gathered: Option<&'g Gathered>,
        places: &Places,
    ) -> Ran<'f, 'g> {
        let mut items: BTreeMap<Place<'f>, &'f Item> = BTreeMap::new();
        let mut verifies = BTreeMap::new();
        for link in found.of.values().flat_map(|linked| &linked.tests) {
            items.insert(place(link), link.item);
            *verifies.entry(place(link)).or_default() += 1;
        }
        let Some(gathered) = gathered else {
            let of = BTreeMap::new();
            return Ran { of, verifies };
        };
        let all: Vec<&Item> = items.values().copied().collect();
        let ran = runs(&all, &gathered.cases, places);
        let measured = |item: &Item| own::of(item, &gathered.tests, places);
        let of = items.iter().zip(ran);
        let of = of.map(|((place, item), runs)| (*place, (runs, measured(item))));
        Ran {
            of: of.collect(),
            verifies,
        }
    }

    pub(super) fn tests<'r>(&'r self, linked: &Linked<'r>) -> Vec<Test<'r>>
    where
        'f: 'r,
        'g: 'r,
    {
        let test = |link: &Link<'r>| {
            let ran = self.of.get(&place(link));
            let own = ran.map(|(_, own)| own);
            Test {
                link: *link,
                runs: ran.map_or(Runs::Of(Vec::new()), |(runs, _)| runs.clone()),
                coverage: own.and_then(Own::lines),
                doubt: own.and_then(Own::doubt),
                verifies: self.verifies.get(&place(link)).copied().unwrap_or(1),
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
    let of = of.filter(|process| process.verifies.contains(&requirement.id));
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
