//! The decision itself.

use super::super::attribute::Kind;
use super::super::item::Standing;
use super::{
    Binding, Class, Known, Proof, ProofState, Reason, Share, Test, Verdict, coverage, tests_ran,
};

/// Judges a requirement.
pub fn judge(known: &Known<'_>) -> Verdict {
    let mut judging = Judging {
        known,
        reasons: Vec::new(),
        warnings: Vec::new(),
        shown: Vec::new(),
        share: None,
    };
    judging.loose();
    let kind = known.requirement.attributes.kind;
    let is_tested = kind == Kind::Function || !known.tests.is_empty();
    if kind != Kind::Proof {
        judging.implemented();
    }
    let mut needs = known.requirement.attributes.needs.clone();
    needs.push(kind);
    needs.sort_unstable();
    needs.dedup();
    if is_tested || needs.contains(&Kind::Function) {
        judging.tested();
    }
    for need in needs.into_iter().filter(|need| *need != Kind::Function) {
        judging.proved(need);
    }
    judging.suspect();
    judging.finish()
}

struct Judging<'k> {
    known: &'k Known<'k>,
    reasons: Vec<Reason>,
    warnings: Vec<Reason>,
    /// As what it was shown, for each sort of evidence that it needs.
    shown: Vec<Class>,
    share: Option<Share>,
}

impl Judging<'_> {
    fn say(&mut self, class: Class, path: &str, line: usize, says: String) {
        let path = path.to_owned();
        self.reasons.push(Reason {
            class,
            path,
            line,
            says,
        });
    }

    fn loose(&mut self) {
        for loose in self.known.loose {
            let says = match loose.standing {
                Standing::NoComment => "the tag is in no comment, and counts for nothing",
                _ => "the tag stands on nothing, and counts for nothing",
            };
            let (path, line) = (loose.path.to_owned(), loose.tag.line);
            self.warnings.push(Reason {
                class: Class::Verified,
                path,
                line,
                says: says.to_owned(),
            });
        }
    }

    fn implemented(&mut self) {
        for link in self.known.code.iter().filter(|link| link.item.in_tests) {
            let says = format!(
                "`{}` is part of tests, and implements nothing",
                link.item.shown()
            );
            let (path, line) = (link.path.to_owned(), link.tag.line);
            self.warnings.push(Reason {
                class: Class::Verified,
                path,
                line,
                says,
            });
        }
        if self.known.code.iter().all(|link| link.item.in_tests) {
            self.say(
                Class::Unimplemented,
                "",
                0,
                "nothing is tagged as implementing it".to_owned(),
            );
        }
    }

    /// Whether the evidence can be relied on at all.
    fn bound(&mut self) -> bool {
        let says = match self.known.evidence.map(|e| (&e.binding, e.flaws)) {
            None => "there is no evidence".to_owned(),
            Some((Binding::Dirty, _)) => {
                "the evidence is of a work tree that is no commit's".to_owned()
            }
            Some((Binding::Other(which), _)) => {
                format!("the evidence is of another state: {which}")
            }
            Some((Binding::Same, [])) => return true,
            Some((Binding::Same, flaws)) => {
                for flaw in flaws {
                    let says = format!("the evidence cannot be relied on: {flaw}");
                    self.say(Class::NotRun, "", 0, says);
                }
                return false;
            }
        };
        self.say(Class::NotRun, "", 0, says);
        false
    }

    fn tested(&mut self) {
        let tests = self.known.tests;
        for test in tests {
            self.warnings.extend(tests_ran::warnings(test));
        }
        let counting: Vec<&Test<'_>> = tests
            .iter()
            .filter(|t| tests_ran::counts_not(t).is_none())
            .collect();
        if counting.is_empty() {
            let reasons = tests.iter().filter_map(tests_ran::counts_not);
            self.reasons.extend(reasons.collect::<Vec<_>>());
            self.say(
                Class::Untested,
                "",
                0,
                "no test is tagged with it that asserts anything".to_owned(),
            );
        }
        let is_bound = self.bound();
        let is_of_this = self
            .known
            .evidence
            .is_some_and(|e| e.binding == Binding::Same);
        // Results of another state say nothing of this one, good or bad.
        let against: Vec<Reason> = match is_of_this {
            true => tests.iter().flat_map(tests_ran::outcome).collect(),
            false => Vec::new(),
        };
        let passed = against.is_empty() && is_bound && !counting.is_empty();
        self.reasons.extend(against);
        if !passed {
            return;
        }
        let mut worst = None;
        let code = self.known.code.iter().filter(|link| !link.item.in_tests);
        for link in code {
            let covered = coverage::of(self.known, link, &counting);
            self.reasons.extend(covered.reasons);
            worst = Some(worst.unwrap_or(covered.class).min(covered.class));
            if let Some(one) = covered.share {
                let all = self.share.get_or_insert_with(Share::default);
                all.executed += one.executed;
                all.executable += one.executable;
            }
        }
        self.shown.extend(worst);
    }

    fn proved(&mut self, need: Kind) {
        let proofs: Vec<&Proof> = self
            .known
            .proofs
            .iter()
            .filter(|p| p.kind == need)
            .collect();
        let what = match need {
            Kind::Startup => "no process was started for it, and seen to be ready and to answer",
            _ => "no proof and no verification record is there for it",
        };
        if proofs.is_empty() {
            self.say(Class::NotRun, "", 0, what.to_owned());
            return;
        }
        let mut holds = true;
        for proof in proofs {
            let (class, why) = match &proof.state {
                ProofState::Holds => continue,
                ProofState::Failed(why) => (Class::Failed, why),
                ProofState::Stale(why) => (Class::Suspect, why),
            };
            holds = false;
            self.say(class, &proof.place, 0, why.clone());
        }
        self.shown.extend(holds.then_some(Class::Verified));
    }

    /// What is not as it was when it was last verified. New results speak for changed tests and code, not for a changed text.
    fn suspect(&mut self) {
        let Some(last) = self.known.last else { return };
        let requirement = self.known.requirement;
        if last.text != requirement.fingerprint {
            let says = "it was reworded since it was last verified".to_owned();
            self.say(Class::Suspect, "", requirement.line, says);
        }
        let is_new = self
            .known
            .evidence
            .is_some_and(|e| e.binding == Binding::Same);
        let tests = self.known.tests.iter().map(|test| test.link);
        let code = self.known.code.iter().copied();
        let mut gone: Vec<String> = Vec::new();
        for (sort, links, last) in [
            ("test", tests.collect::<Vec<_>>(), &last.tests),
            ("code", code.collect(), &last.code),
        ] {
            let here: Vec<String> = links.iter().map(|link| link.item.whole()).collect();
            for (link, whole) in links.iter().zip(&here) {
                let same = last.get(whole) == Some(&link.item.fingerprint);
                if !same && !is_new {
                    let name = link.item.shown();
                    let says = format!("`{name}` is not as it was when it was last verified");
                    self.say(Class::Suspect, &link.item.path, link.item.lines.first, says);
                }
            }
            let missing = last.names().filter(|name| !here.contains(name));
            gone.extend(missing.map(|name| {
                format!("{sort} `{name}`, with which it was last verified, is no longer tagged")
            }));
        }
        for says in gone {
            self.say(Class::Suspect, "", 0, says);
        }
    }

    fn finish(self) -> Verdict {
        let mut reasons = self.reasons;
        let shown = self.shown.iter().min().copied();
        if reasons.is_empty() && shown.is_none() {
            reasons.push(Reason {
                class: Class::Untested,
                path: String::new(),
                line: 0,
                says: "nothing shows it".to_owned(),
            });
        }
        reasons.sort();
        reasons.dedup();
        let mut warnings = self.warnings;
        warnings.sort();
        warnings.dedup();
        let worst = reasons.first().map_or(Class::Verified, |r| r.class);
        Verdict {
            // What nothing shows is at best not run.
            class: worst.min(shown.unwrap_or(Class::NotRun)),
            reasons,
            warnings,
            share: self.share,
            wanted: self.known.wanted,
        }
    }
}

#[cfg(all(test, feature = "grammars"))]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{PASSED, Sample, cases, covered};
    use super::super::{Binding, Class};

    fn samples() -> impl Strategy<Value = Sample> {
        let ending = prop::sample::select(vec![
            "",
            "<failure/>",
            "<error/>",
            "<skipped/>",
            "<flakyFailure/>",
        ]);
        let lines = || prop::sample::subsequence(vec![2, 3, 4, 6, 7], 0..=3);
        let flags = prop::array::uniform5(any::<bool>());
        (ending, lines(), lines(), flags, 0u8..=100).prop_map(
            |(ending, own, run, flags, wanted)| {
                let mut sample = Sample::good();
                let case = PASSED.replace("/>", &format!(">{ending}</testcase>"));
                sample.junit = Some(cases(&case));
                sample.own = if flags[0] {
                    vec![("halves", covered(&own))]
                } else {
                    vec![]
                };
                sample.run = flags[1].then(|| covered(&run));
                sample.last = flags[2].then(Sample::remembered);
                sample.changed = flags[3].then(Default::default);
                sample.wanted = wanted;
                if flags[4] {
                    sample.tests = sample.tests.replace("assert_eq!", "drop");
                }
                sample
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn less_evidence_is_never_better(sample in samples(), which in 0usize..9) {
            let whole = sample.verdict().class;
            let mut less = sample.clone();
            match which {
                0 => less.junit = None,
                1 => less.junit = Some(cases("<testcase name=\"other\"/>")),
                2 => less.binding = Binding::Dirty,
                3 => less.binding = Binding::Other("x".to_owned()),
                4 => less.own = less.own.iter().map(|(name, _)| (*name, covered(&[2, 3, 4, 6, 7]))).collect(),
                5 => less.own.clear(),
                6 => less.run = None,
                7 => less.measured = Binding::Dirty,
                _ => less.junit = less.junit.map(|text| text.replace("</testsuites>", "")),
            }
            let with_less = less.verdict().class;
            prop_assert!(with_less != Class::Verified || whole == Class::Verified);
            prop_assert!(with_less < Class::Verified || which == 6, "{with_less:?}");
        }

        #[test]
        fn verified_has_no_reason_and_all_else_has_one(sample in samples()) {
            let verdict = sample.verdict();
            prop_assert_eq!(verdict.class == Class::Verified, verdict.reasons.is_empty());
            if verdict.class == Class::Verified {
                let share = verdict.share.expect("it was measured");
                prop_assert!(share.is_enough(sample.wanted));
            }
        }
    }
}
