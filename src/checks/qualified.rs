//! Before a change closes that touched a system: its matrix in force names the commit at which what the change did was shown to
//! work. Clause: lifecycle.md "Gates", before close.

use super::Report;
use super::moves::Move;
use super::refs;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::qualified::{Held, Named, Pointer, Qualified, Shown};
use crate::model::trace::verdict::Class;

pub(super) static NOT_QUALIFIED: Rule = Rule {
    id: "not-qualified",
    severity: Severity::Error,
    clause: "lifecycle.md, Gates, before close",
    demands: "where a change touched a system, the matrix in force names a commit, approved against the specification in force, that holds what the change did, leads here, and has evidence",
    why: "a change was once closed before its matrix was approved, over a commit that was never merged and that nothing had run",
    remedy: "run the tests, keep the results, write the matrix and have it approved: qms run, qms trace write",
};
pub(super) static NOT_SHOWN: Rule = Rule {
    id: "not-shown",
    severity: Severity::Error,
    clause: "lifecycle.md, Gates, merge gate",
    demands: "where the policy says `merge: verified` of a system, a step of a protected branch that changes it has evidence of what it makes of it, in which no test failed",
    why: "a branch was once merged while its tests had been cancelled, and nobody could say afterwards what had run",
    remedy: "push the commit to a branch of its own, run the tests there, keep the results, and then merge: qms run, qms evidence sync",
};
pub(super) static RULES: &[&Rule] = &[&NOT_QUALIFIED, &NOT_SHOWN];

/// What a step of a protected branch makes of systems, where that has to be shown first.
// Implements: REQ-QMS-RULE-NOT-SHOWN
pub(super) fn shown_first(report: &mut Report<'_>) {
    for (name, shown) in &report.change.shown {
        let why = match shown {
            Shown::Good => continue,
            Shown::NotNamed | Shown::OfAnother => {
                "there is no evidence of the state that this makes of it".to_owned()
            }
            Shown::Missing(_) => "the evidence cannot be read: it cannot be verified".to_owned(),
            Shown::TooMuch(why) => why.clone(),
            Shown::Failed(test) | Shown::FailedSince(test) => {
                format!("in the evidence of the state that this makes of it, `{test}` failed")
            }
        };
        let finding = Finding::new(&NOT_SHOWN, format!("{name}: {why}"));
        let run = format!("qms run --system {name} --junit FILE -- COMMAND");
        report.add(finding.help("", run).help("then", "qms evidence sync"));
    }
}

/// What each system lacks.
pub(super) fn check(report: &mut Report<'_>, this: &Move<'_>) {
    for finding in report.change.qualified.iter().flat_map(findings) {
        report.add(finding.at(&this.path.path));
    }
}

/// The same as findings, for who asks without a move.
pub fn findings(system: &Qualified) -> Vec<Finding> {
    let finding = |(why, help): (String, String)| {
        Finding::new(&NOT_QUALIFIED, format!("{}: {why}", system.system)).help("", help)
    };
    lacks(system).into_iter().map(finding).collect()
}

// Implements: REQ-QMS-RULE-NOT-QUALIFIED
fn lacks(system: &Qualified) -> Vec<(String, String)> {
    let (name, rs, rtm) = (&system.system, &system.rs, &system.rtm);
    let write = format!("qms checkout {rtm} && qms trace write --system {name}");
    let Some(version) = &system.specification else {
        let why = format!("{rs} is not in force");
        return vec![(why, format!("qms status {rs}"))];
    };
    let Some(matrix) = &system.matrix else {
        let why = format!("{rtm} is not in force");
        return vec![(why, format!("qms status {rtm}"))];
    };
    let mut out = Vec::new();
    let expected = format!("{rs} {version}");
    if matrix.specification.as_ref() != Some(&expected) {
        let said = matrix.specification.as_deref().unwrap_or("nothing");
        let why = format!("{rtm} was approved against `{said}`, expected `{expected}`");
        out.push((why, write.clone()));
    }
    let verified = Class::Verified.as_str();
    let is_verified = |row: &&Vec<String>| {
        let rest = row.last().and_then(|result| result.strip_prefix(verified));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
    };
    if let Some(row) = matrix.rows.iter().find(|row| !is_verified(row)) {
        let said = row.last().map_or("", String::as_str);
        let id = row.first().map_or("", String::as_str);
        out.push((
            format!("{rtm} says that {id} is {said}"),
            format!("qms trace --system {name}"),
        ));
    }
    if matrix.rows.is_empty() {
        out.push((format!("{rtm} has no row"), write.clone()));
    }
    let texts = matrix.texts();
    for (id, text) in &system.requirements {
        let why = match texts.get(id) {
            Some(there) if there == text => continue,
            Some(_) => format!("{rtm} has {id} with another text than {rs} {version} has"),
            None => format!("{rtm} has no row of {id}, which {rs} {version} requires"),
        };
        out.push((why, write.clone()));
    }
    let said = matrix.commit.as_deref().unwrap_or("nothing");
    let short = said.get(..10).unwrap_or(said);
    let why = match system.commit {
        Named::Here => None,
        Named::NoCommit => Some(format!(
            "{rtm} names `{said}`, expected a commit id in full"
        )),
        Named::Missing => Some(format!(
            "{short}, which {rtm} names, is not here: it cannot be verified"
        )),
        Named::Elsewhere => Some(format!(
            "{short}, which {rtm} names, is not on the way that leads here"
        )),
    };
    out.extend(why.map(|why| (why, write.clone())));
    if let Some(commit) = &system.left_out {
        let commit = commit.get(..10).unwrap_or(commit);
        let why = format!("{short}, which {rtm} names, does not hold {commit} of this change");
        out.push((why, write));
    }
    if system.commit == Named::Here {
        out.extend(shown(system, short));
        let unverified = system.unverified.iter().map(|row| {
            let (id, verdict, why) = (&row.id, row.verdict, &row.why);
            let why = format!("{id} at {short} is {verdict}: {why}");
            (why, format!("qms trace --system {name} --at {short}"))
        });
        out.extend(unverified);
        out.extend(system.strayed.iter().map(|pointer| strayed(pointer, name)));
    }
    out
}

/// What a submodule lacks.
fn strayed(pointer: &Pointer, name: &str) -> (String, String) {
    let short = |id: &str| id.get(..10).unwrap_or(id).to_owned();
    let (path, then) = (&pointer.path, short(&pointer.then));
    let now = pointer.now.as_deref().map(short).unwrap_or_default();
    match pointer.held {
        Held::Gone => (
            format!("`{path}`, of which {name} was qualified at {then}, is no submodule any more"),
            format!("qms trace write --system {name}"),
        ),
        Held::Behind => (
            format!(
                "`{path}` is at {now}, which does not hold {then}, at which {name} was qualified"
            ),
            format!("git -C {path} checkout {then}"),
        ),
        Held::Unknown => (
            format!(
                "`{path}` went from {then} to {now}, and what leads there is not here: it cannot be verified"
            ),
            format!(
                "git submodule update --init {path}, or on a server: git config qms.{path}.repository DIR"
            ),
        ),
    }
}

/// What the evidence lacks.
fn shown(system: &Qualified, short: &str) -> Option<(String, String)> {
    let name = &system.system;
    let sync = "qms evidence sync".to_owned();
    let run =
        format!("git switch --detach {short} && qms run --system {name} --junit FILE -- COMMAND");
    match &system.evidence {
        Shown::Good => None,
        Shown::NotNamed => Some((format!("no evidence of {name} at {short} is named"), run)),
        Shown::Missing(id) => {
            let id = id.get(..10).unwrap_or(id);
            Some((
                format!("the evidence {id} is not here: it cannot be verified"),
                sync,
            ))
        }
        Shown::TooMuch(why) => Some((why.clone(), refs::LESS.to_owned())),
        Shown::OfAnother => Some((
            format!("the evidence holds nothing of {name} at {short}"),
            run,
        )),
        Shown::FailedSince(test) => Some((
            format!("in later evidence of {name} at {short}, `{test}` failed"),
            sync,
        )),
        Shown::Failed(test) => Some((
            format!("in the evidence of {name} at {short}, `{test}` failed"),
            run,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kind::Id;
    use crate::model::qualified::Unverified;
    use crate::model::trace::rtm::Rtm;

    fn good() -> Qualified {
        let id = |text: &str| Id::parse(text).expect("an id");
        let row = ["REQ-CLI-001", "`ab`", "", "", "verified, 9 of 10 lines"];
        Qualified {
            system: "CLI".to_owned(),
            rs: id("SDLC-CLI-RS"),
            rtm: id("SDLC-CLI-RTM"),
            specification: Some("1.0".to_owned()),
            version: Some("1.0".to_owned()),
            requirements: vec![("REQ-CLI-001".to_owned(), "ab".to_owned())],
            matrix: Some(Rtm {
                specification: Some("SDLC-CLI-RS 1.0".to_owned()),
                commit: Some("c0ffee".repeat(7)),
                evidence: None,
                rows: vec![row.map(str::to_owned).to_vec()],
            }),
            commit: Named::Here,
            left_out: None,
            evidence: Shown::Good,
            unverified: Vec::new(),
            strayed: Vec::new(),
        }
    }

    // Verifies: REQ-QMS-RULE-NOT-QUALIFIED
    #[test]
    fn each_thing_that_is_missing_is_said() {
        assert_eq!(lacks(&good()), []);
        type Bend = fn(&mut Qualified);
        let another = "has REQ-CLI-001 with another text than SDLC-CLI-RS 1.0 has";
        let bends: [(Bend, &str); 17] = [
            (|q| q.specification = None, "SDLC-CLI-RS is not in force"),
            (|q| q.matrix = None, "SDLC-CLI-RTM is not in force"),
            (
                |q| q.specification = Some("2.0".into()),
                "was approved against `SDLC-CLI-RS 1.0`, expected `SDLC-CLI-RS 2.0`",
            ),
            (
                |q| q.matrix = Some(Rtm::default()),
                "was approved against `nothing`",
            ),
            (
                |q| q.requirements.push(("REQ-CLI-002".into(), "ab".into())),
                "has no row of REQ-CLI-002, which SDLC-CLI-RS 1.0 requires",
            ),
            (|q| q.requirements[0].1 = "ac".into(), another),
            (
                |q| q.commit = Named::NoCommit,
                "expected a commit id in full",
            ),
            (
                |q| q.commit = Named::Missing,
                "is not here: it cannot be verified",
            ),
            (
                |q| q.commit = Named::Elsewhere,
                "is not on the way that leads here",
            ),
            (
                |q| q.left_out = Some("deadbeef00".into()),
                "does not hold deadbeef00 of this change",
            ),
            (
                |q| q.evidence = Shown::NotNamed,
                "no evidence of CLI at c0ffeec0ff is named",
            ),
            (
                |q| q.evidence = Shown::Missing("ab".into()),
                "the evidence ab is not here",
            ),
            (
                |q| q.evidence = Shown::OfAnother,
                "holds nothing of CLI at c0ffeec0ff",
            ),
            (|q| q.evidence = Shown::Failed("t".into()), "`t` failed"),
            (
                |q| q.evidence = Shown::TooMuch("too much".into()),
                "too much",
            ),
            (
                |q| q.evidence = Shown::FailedSince("t".into()),
                "in later evidence of CLI at c0ffeec0ff, `t` failed",
            ),
            (
                |q| {
                    q.unverified.push(Unverified {
                        id: "REQ-CLI-001".into(),
                        verdict: Class::NotRun.as_str(),
                        why: "tests/a.rs:3: `t` is in no report".into(),
                    });
                },
                "REQ-CLI-001 at c0ffeec0ff is not run: tests/a.rs:3: `t` is in no report",
            ),
        ];
        for (bend, why) in bends {
            let mut system = good();
            bend(&mut system);
            let found = lacks(&system);
            assert!(
                found.iter().any(|(said, _)| said.contains(why)),
                "{why}: {found:?}"
            );
        }
        for result in ["verified in the run", "untested", ""] {
            let mut system = good();
            if let Some(matrix) = &mut system.matrix {
                matrix.rows[0][4] = result.to_owned();
            }
            let verified = lacks(&system);
            assert!(
                verified
                    .iter()
                    .any(|(said, _)| said.contains("says that REQ-CLI-001 is")),
                "{result}"
            );
        }
    }
}
