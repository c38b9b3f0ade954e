//! The matrix of a system: each requirement with what implements it, what verifies it, and the verdict.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::evidence::naming::Runs;
use super::links::{File, Link, Loose, links};
use super::requirement::Requirements;
use super::verdict::{Class, Known, Reason, Test, Verdict, judge};

/// A system's requirements at a commit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Matrix {
    pub system: String,
    /// The commit in full.
    pub commit: String,
    /// The document that the requirements stand in, and its version.
    pub rs: String,
    pub version: String,
    /// Whether that version binds people.
    pub in_force: bool,
    /// How many there are of each verdict.
    pub counts: BTreeMap<&'static str, usize>,
    pub requirements: Vec<Row>,
    /// What is wrong with the document or with tags, whatever the requirement.
    pub flaws: Vec<Why>,
}

/// A requirement.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    pub id: String,
    pub title: String,
    pub verdict: &'static str,
    /// The worst first.
    pub reasons: Vec<Why>,
    pub warnings: Vec<Why>,
    pub implemented_by: Vec<Named>,
    pub verified_by: Vec<Named>,
}

/// Something that carries a tag.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Named {
    pub name: String,
    pub path: String,
    /// Where the tag is, from 1.
    pub line: usize,
}

/// A sentence about a place; the path is empty and the line 0 where it is about none.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Why {
    pub path: String,
    pub line: usize,
    pub says: String,
}

impl Why {
    fn of(reason: &Reason) -> Why {
        Why {
            path: reason.path.clone(),
            line: reason.line,
            says: reason.says.clone(),
        }
    }
}

/// The document that requirements were read from.
#[derive(Debug, Clone)]
pub struct Source<'s> {
    pub system: &'s str,
    pub commit: &'s str,
    pub rs: &'s str,
    pub path: &'s str,
    pub version: &'s str,
    pub in_force: bool,
}

/// Judges each requirement by the tags of these files. No results of tests are known here yet, so that nothing is verified.
pub fn of(source: &Source<'_>, read: &Requirements, files: &[File]) -> Matrix {
    let found = links(&read.all, files);
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    // How many requirements a test is tagged with.
    let mut verifies: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    for linked in found.of.values() {
        for link in &linked.tests {
            *verifies
                .entry((link.path, link.item.lines.first))
                .or_default() += 1;
        }
    }
    for requirement in &read.all {
        let Some(linked) = found.of.get(requirement.id.as_str()) else {
            continue;
        };
        let test = |link: &Link<'_>| verifies.get(&(link.path, link.item.lines.first)).copied();
        let tests: Vec<Test<'_>> = linked
            .tests
            .iter()
            .map(|link| Test {
                link: *link,
                runs: Runs::Of(Vec::new()),
                coverage: None,
                verifies: test(link).unwrap_or(1),
            })
            .collect();
        let verdict: Verdict = judge(&Known {
            requirement,
            code: &linked.code,
            tests: &tests,
            loose: &linked.loose,
            proofs: &[],
            evidence: None,
            last: None,
            changed: None,
            wanted: 100,
        });
        *counts.entry(verdict.class.as_str()).or_default() += 1;
        rows.push(Row {
            id: requirement.id.clone(),
            title: requirement.title.clone(),
            verdict: verdict.class.as_str(),
            reasons: verdict.reasons.iter().map(Why::of).collect(),
            warnings: verdict.warnings.iter().map(Why::of).collect(),
            implemented_by: linked.code.iter().map(named).collect(),
            verified_by: linked.tests.iter().map(named).collect(),
        });
    }
    let mut flaws: Vec<Why> = read
        .flaws
        .iter()
        .map(|flaw| Why {
            path: source.path.to_owned(),
            line: flaw.span.as_ref().map_or(0, |span| span.line),
            says: flaw.message.clone(),
        })
        .collect();
    flaws.extend(found.unknown.iter().map(|(path, tag)| Why {
        path: (*path).to_owned(),
        line: tag.line,
        says: format!("`{}` is no requirement of {}", tag.id, source.rs),
    }));
    let loose = found.of.values().flat_map(|linked| &linked.loose);
    flaws.extend(loose.map(|loose: &Loose<'_>| Why {
        path: loose.path.to_owned(),
        line: loose.tag.line,
        says: format!("the tag `{}` stands on nothing", loose.tag.id),
    }));
    Matrix {
        system: source.system.to_owned(),
        commit: source.commit.to_owned(),
        rs: source.rs.to_owned(),
        version: source.version.to_owned(),
        in_force: source.in_force,
        counts,
        requirements: rows,
        flaws,
    }
}

fn named(link: &Link<'_>) -> Named {
    Named {
        name: link.item.shown(),
        path: link.path.to_owned(),
        line: link.tag.line,
    }
}

impl Matrix {
    /// Whether all of it is verified, and nothing is wrong.
    pub fn is_clean(&self) -> bool {
        let verified = Class::Verified.as_str();
        self.flaws.is_empty() && self.requirements.iter().all(|row| row.verdict == verified)
    }
}
