//! Policies, and paths sorted by them: the text, then after a NUL the paths, each ended by a NUL. Every path has a sort;
//! what steers is never free; patterns match as a plain reading of them says.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use qms::model::path::TreePath;
use qms::model::pattern::Pattern;
use qms::model::policy::Policy;
use qms::model::scope::Sort;
use qms::model::yaml;

fuzz_target!(|data: &[u8]| {
    let mut parts = data.split(|b| *b == 0);
    let text = parts.next().unwrap_or_default();
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(flaws) => {
            let lines = text.iter().filter(|b| **b == b'\n').count() + 1;
            assert!(!flaws.is_empty());
            for span in flaws.iter().filter_map(|f| f.span.as_ref()) {
                assert!((1..=lines).contains(&span.line), "{span:?}");
            }
            return;
        }
    };
    assert!(text.len() <= yaml::LIMIT);
    assert_eq!(Policy::parse(text).as_ref(), Ok(&policy));
    assert!(policy.protects(&policy.branches.trunk));
    assert!(!policy.could_approve() || policy.approving_quality().count() > 0);
    let everybody: Vec<&str> = policy.people.0.keys().map(String::as_str).collect();
    let free = policy.free.iter().flat_map(|f| &f.patterns);
    let asked = policy.review.iter().flat_map(|r| &r.patterns);
    let patterns: Vec<&Pattern> = free
        .chain(asked)
        .chain(&policy.branches.protected)
        .take(16)
        .collect();
    for path in parts.take(16).filter(|p| p.len() < 400) {
        let path = TreePath::new(path);
        let (nobody, all) = (policy.sort(&path, &[]), policy.sort(&path, &everybody));
        assert!(nobody == all || all == Sort::Free, "{path}");
        let first = path.components().next().unwrap_or_default();
        let steers = first.eq_ignore_ascii_case(policy.folder.as_bytes())
            || path.as_bytes().eq_ignore_ascii_case(b"qms.yaml");
        assert!(!steers || all != Sort::Free, "{path}");
        if let Some(name) = path.as_str() {
            assert!(
                !(policy.protects(name) && policy.is_sandbox(name)),
                "{path}"
            );
        }
        let matching: Vec<_> = patterns.iter().filter(|p| p.matches(&path)).collect();
        for pattern in &patterns {
            if let Some(path) = path.as_str() {
                let plain = matches(pattern, path);
                assert_eq!(pattern.matches(&path.into()), plain, "{pattern} {path}");
            }
            for other in &matching {
                assert_eq!(pattern.overlaps(other), other.overlaps(pattern));
                assert!(
                    !pattern.matches(&path) || pattern.overlaps(other),
                    "{pattern} {other}"
                );
            }
        }
    }
});

/// A pattern read in the plainest way: component by component, and character by character.
fn matches(pattern: &Pattern, path: &str) -> bool {
    let text = pattern.as_str();
    let text = match text.strip_suffix('/') {
        Some(head) if head.ends_with("**") => head.to_owned(),
        Some(head) => format!("{head}/**"),
        None => text.to_owned(),
    };
    let parts: Vec<&str> = text.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    walk(&parts, path.len(), |at, part, last| match part {
        // At the end it stands for what lies within, not for nothing.
        "**" if last => (at + 1..=path.len()).collect(),
        "**" => (at..=path.len()).collect(),
        part => path
            .get(at)
            .filter(|c| name(part, c))
            .map(|_| at + 1)
            .into_iter()
            .collect(),
    })
}

fn name(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    walk(&pattern, text.len(), |at, c, _| match c {
        '*' => (at..=text.len()).collect(),
        '?' => text.get(at).map(|_| at + 1).into_iter().collect(),
        c => text
            .get(at)
            .filter(|t| **t == c)
            .map(|_| at + 1)
            .into_iter()
            .collect(),
    })
}

/// Whether all parts together can end at `end`; `step` says where one may end that begins somewhere.
fn walk<T: Copy>(parts: &[T], end: usize, step: impl Fn(usize, T, bool) -> Vec<usize>) -> bool {
    let mut reach = BTreeSet::from([0]);
    for (n, part) in parts.iter().enumerate() {
        let last = n + 1 == parts.len();
        reach = reach
            .into_iter()
            .flat_map(|at| step(at, *part, last))
            .collect();
    }
    reach.contains(&end)
}
