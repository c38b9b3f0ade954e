//! Random histories, played by the oracle and by the library.

use std::cell::RefCell;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::alone::{alone, tell};
use super::cases;
use super::chance::{Dice, dice};
use super::corrupt::{KINDS, corrupt};
use super::judge;
use super::play::{Counts, Play};
use super::verdict;

/// Histories of a run, and the steps of each.
const CASES: u32 = 16;
const STEPS: usize = 140;
/// Histories that are corrupted, their steps, and the corruptions of each.
const CORRUPTED: u32 = 16;
const SHORTER: usize = 60;
const CORRUPTIONS: usize = 84;

/// The same cases on every machine and in every run; nothing is written beside the sources.
pub(crate) fn runner(cases: u32) -> TestRunner {
    let cases = std::env::var("QMS_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(cases);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: std::env::var("QMS_SHRINK")
            .ok()
            .and_then(|n| n.parse().ok())
            .unwrap_or(60),
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

/// Plays a history to its end, both agreeing.
pub(crate) fn played(dice: &[Dice]) -> Result<Play, TestCaseError> {
    let founded = dice.first().is_none_or(|d| d.what % 4 == 0);
    let opened = if founded {
        Ok(Play::new())
    } else {
        Play::opened()
    };
    let mut play = opened.map_err(TestCaseError::fail)?;
    if dice.first().is_some_and(|d| d.what % 4 == 3) {
        cases::carry_out(&mut play);
    }
    for dice in dice {
        play.step(dice).map_err(TestCaseError::fail)?;
    }
    Ok(play)
}

fn tell_all(counts: &Counts) {
    let said: Vec<String> = counts
        .iter()
        .map(|(what, n)| format!("{n} {}", what.trim()))
        .collect();
    tell(&format!("cases: {}", said.join(", ")));
}

#[test]
fn invariant_1_oracle_and_tool_agree_on_every_step_of_random_histories() {
    let name =
        "oracle::histories::invariant_1_oracle_and_tool_agree_on_every_step_of_random_histories";
    alone(name, || {
        let counts = RefCell::new(Counts::new());
        let histories = proptest::collection::vec(dice(), STEPS);
        let result = runner(CASES).run(&histories, |dice| {
            let play = played(&dice)?;
            let oid = |at: usize| play.history.commits[at].oid;
            let bad = verdict::verdict(&play.history, 0, play.trunk());
            proptest::prop_assert_eq!(bad, vec![]);
            let found = judge::judge(play.store.path(), oid(0), oid(play.trunk()));
            proptest::prop_assert_eq!(found, Vec::<String>::new());
            let found = judge::verified(&play.store, oid(0), oid(play.trunk()));
            proptest::prop_assert_eq!(found, Vec::<String>::new());
            let mut all = counts.borrow_mut();
            for (what, n) in &play.counts {
                *all.entry(what.clone()).or_default() += n;
            }
            *all.entry("histories".to_owned()).or_default() += 1;
            Ok(())
        });
        if let Err(why) = result {
            panic!("{why}");
        }
        tell_all(&counts.borrow());
    });
}

#[test]
fn invariant_2_no_random_corruption_of_an_accepted_history_is_accepted() {
    let name =
        "oracle::histories::invariant_2_no_random_corruption_of_an_accepted_history_is_accepted";
    alone(name, || {
        let counts = RefCell::new(Counts::new());
        let many = |n| proptest::collection::vec(dice(), n);
        let result =
            runner(CORRUPTED).run(&(many(SHORTER), many(CORRUPTIONS)), |(dice, forgeries)| {
                let play = played(&dice)?;
                for (n, forgery) in forgeries.iter().enumerate() {
                    let kind = KINDS[n % KINDS.len()];
                    let verdict = judged(&play, kind, forgery).map_err(TestCaseError::fail)?;
                    *counts
                        .borrow_mut()
                        .entry(format!("{kind}: {verdict}"))
                        .or_default() += 1;
                }
                Ok(())
            });
        if let Err(why) = result {
            panic!("{why}");
        }
        tell_all(&counts.borrow());
    });
}

/// Corrupts a history and lets both judge it.
fn judged(play: &Play, kind: &str, dice: &Dice) -> Result<&'static str, String> {
    let Some(bad) = corrupt(play, kind, dice) else {
        return Ok("does nothing");
    };
    let oid = |at: usize| bad.history.commits[at].oid;
    let why = verdict::verdict(&bad.history, bad.anchor, bad.tip);
    let found = judge::judge(play.store.path(), oid(bad.anchor), oid(bad.tip));
    if dice.d.is_multiple_of(10) {
        let verified = judge::verified(&play.store, oid(bad.anchor), oid(bad.tip));
        if verified.is_empty() != found.is_empty() {
            return Err(format!(
                "{kind}: a range has {found:?}, the repository {verified:?}"
            ));
        }
    }
    match (why.first(), found.first()) {
        (Some(_), Some(_)) => Ok("found"),
        (None, None) => Ok("legal"),
        (Some((at, why)), None) => {
            let message = &bad.history.commits[*at].message;
            Err(format!(
                "{kind} is accepted, and is illegal ({why}): {message}"
            ))
        }
        (None, Some(found)) => Err(format!("{kind} is legal, and the tool finds {found}")),
    }
}
