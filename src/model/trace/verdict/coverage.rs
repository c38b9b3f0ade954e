//! Whether the lines that implement a requirement were executed, and by whom.

use std::collections::{BTreeMap, BTreeSet};

use super::super::evidence::Hits;
use super::super::item::{Excluded, Item, Lines};
use super::super::links::Link;
use super::{Binding, Class, Known, Reason, Share, Test};

/// What coverage says of an item.
pub(super) struct Covered {
    /// As what it counts, and what it lacks for better.
    pub(super) class: Class,
    pub(super) reasons: Vec<Reason>,
    /// None where no executable line of it is known.
    pub(super) share: Option<Share>,
}

/// Judges an item that implements the requirement by the tests that count and passed. Where marks leave lines of it out of
/// what tools report, no share of the rest says that it was executed.
pub(super) fn of(known: &Known<'_>, link: &Link<'_>, tests: &[&Test<'_>]) -> Covered {
    let item = link.item;
    let mut out = reported(known, item, tests);
    for Excluded { line, mark } in &item.excluded {
        let name = item.shown();
        let class = Class::PassedCoverageUnknown;
        out.class = out.class.min(class);
        out.reasons.push(Reason {
            class,
            path: item.path.clone(),
            line: *line,
            says: format!(
                "`{mark}` leaves lines of `{name}` out of coverage, and whether they were executed is not known; take it out"
            ),
        });
    }
    out
}

/// The same by the lines that are reported.
fn reported(known: &Known<'_>, item: &Item, tests: &[&Test<'_>]) -> Covered {
    let here = known.evidence.filter(|e| e.measured == Binding::Same);
    let run = here.and_then(|e| e.coverage);
    let measured = tests.iter().filter_map(|test| test.coverage);
    let measured: Vec<_> = measured.filter(|_| here.is_some()).collect();
    let mut executable = BTreeSet::new();
    let mut own = BTreeSet::new();
    for coverage in &measured {
        executable.extend(lines(coverage, item, false));
        own.extend(lines(coverage, item, true));
    }
    let mut in_run = BTreeSet::new();
    if let Some(run) = run {
        executable.extend(lines(run, item, false));
        in_run.extend(lines(run, item, true));
    }
    let say = |class, says: String| Reason {
        class,
        path: item.path.clone(),
        line: item.lines.first,
        says,
    };
    let name = item.shown();
    // Some tools name executed lines only: then nobody knows which there are besides.
    let misses =
        |coverage: &&BTreeMap<String, Hits>| coverage.values().flatten().any(|(_, hit)| !hit);
    let is_told = run.is_some() || measured.iter().any(misses);
    if executable.is_empty() || !is_told {
        let says = match (measured.is_empty(), run) {
            _ if here.is_none() => format!("the coverage of `{name}` is of another state"),
            (true, None) => format!("no coverage says whether `{name}` was executed"),
            _ if !executable.is_empty() => {
                format!("coverage does not say which lines of `{name}` were not executed")
            }
            _ => format!("coverage knows no executable line of `{name}`"),
        };
        return Covered {
            class: Class::PassedCoverageUnknown,
            reasons: vec![say(Class::PassedCoverageUnknown, says)],
            share: None,
        };
    }
    let lack = |executed: &BTreeSet<u32>| lack(known, item, &executable, executed);
    let share = |executed: &BTreeSet<u32>| Share {
        executed: executed.len(),
        executable: executable.len(),
    };
    let in_reasons = |class, by: &str, executed: &BTreeSet<u32>, lines: Vec<u32>| {
        let Share {
            executed,
            executable,
        } = share(executed);
        let lines = shown(&lines);
        say(
            class,
            format!("{by} executed {executed} of {executable} lines of `{name}`, not {lines}"),
        )
    };
    let by_own = (!measured.is_empty()).then(|| lack(&own));
    let all_measured = measured.len() == tests.len();
    let by_run = lack(&in_run);
    match (by_own, by_run) {
        (Some(None), _) => Covered {
            class: Class::Verified,
            reasons: Vec::new(),
            share: Some(share(&own)),
        },
        // What is known of every test decides, whatever others ran.
        (Some(Some(lines)), _) if all_measured => Covered {
            class: Class::Untested,
            reasons: vec![in_reasons(Class::Untested, "its tests", &own, lines)],
            share: Some(share(&own)),
        },
        (_, None) => Covered {
            class: Class::VerifiedInRun,
            reasons: vec![say(
                Class::VerifiedInRun,
                format!("the run executed `{name}`; whether its own tests did was not measured"),
            )],
            share: Some(share(&in_run)),
        },
        (Some(Some(_)), Some(_)) if run.is_none() => Covered {
            class: Class::PassedCoverageUnknown,
            reasons: vec![say(
                Class::PassedCoverageUnknown,
                format!(
                    "not every test of `{name}` was measured, and those that were did not execute it"
                ),
            )],
            share: Some(share(&own)),
        },
        (_, Some(lines)) => Covered {
            class: Class::Untested,
            reasons: vec![in_reasons(Class::Untested, "the run", &in_run, lines)],
            share: Some(share(&in_run)),
        },
    }
}

/// The lines that would have had to be executed too; none if it is enough.
fn lack(
    known: &Known<'_>,
    item: &Item,
    executable: &BTreeSet<u32>,
    executed: &BTreeSet<u32>,
) -> Option<Vec<u32>> {
    let share = Share {
        executed: executed.len(),
        executable: executable.len(),
    };
    let missing = || executable.difference(executed).copied();
    if !share.is_enough(known.wanted) {
        return Some(missing().collect());
    }
    let must: Vec<u32> = match known.changed {
        Some(changed) => {
            let lines = changed.get(&item.path);
            missing()
                .filter(|line| lines.is_some_and(|l| l.contains(line)))
                .collect()
        }
        // Of what is not as it was last, any line may be new.
        None if differs(known, item) => missing().collect(),
        None => Vec::new(),
    };
    (!must.is_empty()).then_some(must)
}

fn differs(known: &Known<'_>, item: &Item) -> bool {
    let last = known.last.and_then(|last| last.code.get(&item.whole()));
    last != Some(&item.fingerprint)
}

fn lines(coverage: &BTreeMap<String, Hits>, item: &Item, hit_only: bool) -> Vec<u32> {
    let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    let of = |hits: &Hits, body: &Lines| {
        let (first, last) = (number(body.first), number(body.last));
        let within = hits.range(first..=last.max(first));
        let wanted = within.filter(|(_, hit)| **hit || !hit_only);
        wanted.map(|(line, _)| *line).collect::<Vec<_>>()
    };
    let hits = coverage.get(&item.path);
    hits.into_iter()
        .flat_map(|hits| item.body.iter().flat_map(|body| of(hits, body)))
        .collect()
}

/// `3, 5-7`, and how many more.
fn shown(lines: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match ranges
            .last_mut()
            .filter(|(_, last)| last.saturating_add(1) == *line)
        {
            Some((_, last)) => *last = *line,
            None => ranges.push((*line, *line)),
        }
    }
    let one = |(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let mut out: Vec<String> = ranges.iter().take(8).map(one).collect();
    if ranges.len() > 8 {
        out.push("…".to_owned());
    }
    out.join(", ")
}
