//! The matrix of a system: each requirement with what implements it, what verifies it, and the verdict.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::beside;
use super::gathered::{Gathered, mark, renewed};
use super::links::{File, Link, Linked, Loose, links};
use super::memory::Text;
use super::memory::marks::Marks;
use super::places::Places;
use super::ran::{Ran, proofs};
use super::requirement::{Requirement, Requirements};
use super::rtm;
use super::verdict::{Binding, Changed, Class, Evidence, Known, Last, Reason, Verdict, judge};
use crate::model::qualified::Unverified;

/// A system's requirements at a commit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Matrix {
    pub system: String,
    /// The commit in full, and when it was made, as RFC 3339.
    pub commit: String,
    pub date: String,
    /// The document that the requirements stand in, its path and its version.
    pub rs: String,
    pub path: String,
    pub version: String,
    /// Whether that version binds people.
    pub in_force: bool,
    /// Of which state the results are; None where there are none.
    pub evidence: Option<String>,
    /// How many there are of each verdict.
    pub counts: BTreeMap<&'static str, usize>,
    pub requirements: Vec<Row>,
    /// What is no longer judged.
    pub retired: Vec<Retired>,
    /// What is wrong with the document or with tags, whatever the requirement.
    pub flaws: Vec<Why>,
}

/// A requirement.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    pub id: Text,
    pub title: Text,
    pub verdict: &'static str,
    /// The worst first.
    pub reasons: Vec<Why>,
    pub warnings: Vec<Why>,
    pub implemented_by: Vec<Named>,
    pub verified_by: Vec<Named>,
    /// Executed and executable lines of what implements it, where coverage knows them.
    pub lines: Option<(usize, usize)>,
    pub text: Text,
    /// Where it begins in that version of the document, from 1.
    pub line: usize,
    /// What it comes from, and what it is broken down into: ids of whatever they are.
    pub from: Vec<String>,
    pub to: Vec<String>,
    /// Over title, text and attributes, in whichever form they are written.
    pub fingerprint: Text,
}

impl Row {
    /// What a requirement says itself, without why.
    pub fn of(requirement: &Requirement, class: Class) -> Row {
        Row {
            id: requirement.id.clone(),
            title: requirement.title.clone(),
            verdict: class.as_str(),
            reasons: Vec::new(),
            warnings: Vec::new(),
            implemented_by: Vec::new(),
            verified_by: Vec::new(),
            lines: None,
            text: requirement.text.clone(),
            line: requirement.line,
            from: requirement.attributes.from.clone(),
            to: requirement.attributes.to.clone(),
            fingerprint: requirement.fingerprint.clone(),
        }
    }

    pub fn is_verified(&self) -> bool {
        self.verdict == Class::Verified.as_str()
    }
}

/// A requirement that its text calls retired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Retired {
    pub id: String,
    /// By which change, in the text's own words.
    pub by: String,
}

/// Something that carries a tag.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Named {
    pub name: Text,
    pub path: Text,
    /// Where the tag is, from 1.
    pub line: usize,
    /// Over its text without comments and layout.
    pub fingerprint: Text,
}

/// A sentence about a place; the path is empty and the line 0 where it is about none.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Why {
    pub path: Text,
    pub line: usize,
    pub says: Text,
}

impl Why {
    fn of(reason: Reason) -> Why {
        Why {
            path: reason.path.into(),
            line: reason.line,
            says: reason.says.into(),
        }
    }
}

/// The document that requirements were read from.
#[derive(Debug, Clone)]
pub struct Source<'s> {
    pub system: &'s str,
    pub commit: &'s str,
    /// When the commit was made, as RFC 3339.
    pub date: &'s str,
    pub rs: &'s str,
    pub path: &'s str,
    pub version: &'s str,
    pub in_force: bool,
}

/// What is known beside the tags.
#[derive(Debug, Clone, Default)]
pub struct Shown<'s> {
    /// Results of tests; None where there are none.
    pub gathered: Option<&'s Gathered>,
    /// As what each requirement was verified last.
    pub last: Marks,
    /// The texts with which the matrix in force was approved, by requirement, as it names them.
    pub approved: BTreeMap<String, String>,
    /// The share of lines that the policy asks for, in percent.
    pub wanted: u8,
    /// The lines that are not as they were at the commit at which a requirement was last seen executed, by that commit; under
    /// no name, for those that never were. What is not in here is not known: then any line may be new.
    pub changed: BTreeMap<String, Changed>,
    /// Where names in results may lead.
    pub places: Places,
    /// Rows that are known already, by the places of their requirements: these are not judged, nor do their files matter.
    pub known: Vec<Option<Row>>,
}

/// The matrix, and of each requirement that passed how it reads, to be kept with new results.
pub struct Judged {
    pub matrix: Matrix,
    pub marks: Marks,
}

/// Judges each requirement by the tags of these files and by what was shown.
pub fn of(source: &Source<'_>, read: &Requirements, files: &[File], shown: Shown<'_>) -> Judged {
    let found = links(&read.all, files);
    let ran = Ran::of(&read.all, &found, shown.gathered, &shown.places);
    let evidence = shown.gathered.map(|all| Evidence {
        binding: all.binding.clone(),
        flaws: &all.flaws,
        coverage: all.coverage.as_ref(),
        measured: all.binding.clone(),
    });
    let is_new = evidence
        .as_ref()
        .is_some_and(|e| e.binding == Binding::Same);
    let mut marks = shown.last;
    let mut known = shown.known;
    known.resize(read.all.len(), None);
    let one = |(_, requirement, linked): &(usize, &Requirement, &Linked<'_>)| {
        let id = &*requirement.id;
        let approved = shown.approved.get(id);
        let is_approved = approved.is_some_and(|a| *a == rtm::short(&requirement.fingerprint));
        // How it reads now is only asked where something speaks for that.
        let now = (is_new || is_approved).then(|| mark(requirement, linked));
        let renewed = match (marks.get(id), &now) {
            (Some(last), Some(now)) => Some(renewed(last, now, is_approved)),
            _ => None,
        };
        let last = renewed.as_ref().or(marks.get(id));
        let verdict = judge(&Known {
            requirement,
            code: &linked.code,
            tests: &ran.tests(linked),
            loose: &linked.loose,
            proofs: &proofs(requirement, shown.gathered),
            evidence: evidence.as_ref(),
            last,
            changed: shown
                .changed
                .get(last.map_or("", |last| last.covered.as_str())),
            wanted: shown.wanted,
        });
        let now = now.filter(|_| is_new && verdict.class >= Class::PassedCoverageUnknown);
        let now = now.map(|now| {
            let before = marks.get(id).map(|last| last.covered.clone());
            let covered = match verdict.class == Class::Verified {
                true => source.commit.to_owned(),
                false => before.unwrap_or_default(),
            };
            Last { covered, ..now }
        });
        (row(requirement, linked, verdict), now)
    };
    let all = read.all.iter().zip(&found.of).enumerate();
    let each = all.filter(|(at, _)| known[*at].is_none());
    let each = each.filter_map(|(at, (requirement, of))| Some((at, requirement, of.as_ref()?)));
    let each: Vec<_> = each.collect();
    let judged = beside::each(&each, one);
    for ((at, requirement, _), (row, now)) in each.iter().zip(judged) {
        marks.extend(now.map(|now| (requirement.id.to_string(), now)));
        known[*at] = Some(row);
    }
    for requirement in read.all.iter().filter(|r| r.is_retired()) {
        marks.remove(&*requirement.id);
    }
    let rows: Vec<Row> = known.into_iter().flatten().collect();
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.verdict).or_default() += 1;
    }
    let mut flaws: Vec<Why> = read
        .flaws
        .iter()
        .map(|flaw| Why {
            path: source.path.to_owned().into(),
            line: flaw.span.as_ref().map_or(0, |span| span.line),
            says: flaw.message.clone().into(),
        })
        .collect();
    flaws.extend(found.unknown.iter().map(|(path, tag)| Why {
        path: (*path).to_owned().into(),
        line: tag.line,
        says: format!("`{}` is no requirement of {}", tag.id, source.rs).into(),
    }));
    let mut loose: Vec<(&str, &Loose<'_>)> = Vec::new();
    for (requirement, linked) in read.all.iter().zip(&found.of) {
        let linked = linked.iter().flat_map(|linked| &linked.loose);
        loose.extend(linked.map(|loose| (&*requirement.id, loose)));
    }
    loose.sort_by_key(|(id, _)| *id);
    flaws.extend(loose.into_iter().map(|(_, loose)| Why {
        path: loose.path.to_owned().into(),
        line: loose.tag.line,
        says: format!("the tag `{}` stands on nothing", loose.tag.id).into(),
    }));
    let evidence = evidence.map(|evidence| match evidence.binding {
        Binding::Same => "of this state".to_owned(),
        Binding::Other(which) => format!("of another state: {which}"),
        Binding::Dirty => "of no commit".to_owned(),
    });
    let matrix = Matrix {
        system: source.system.to_owned(),
        commit: source.commit.to_owned(),
        date: source.date.to_owned(),
        rs: source.rs.to_owned(),
        path: source.path.to_owned(),
        version: source.version.to_owned(),
        in_force: source.in_force,
        evidence,
        counts,
        requirements: rows,
        retired: retired(read),
        flaws,
    };
    Judged { matrix, marks }
}

/// What is not verified of what a specification requires.
pub fn unverified(read: &Requirements, files: &[File], shown: Shown<'_>) -> Vec<Unverified> {
    let nowhere = Source {
        system: "",
        commit: "",
        date: "",
        rs: "",
        path: "",
        version: "",
        in_force: true,
    };
    let matrix = of(&nowhere, read, files, shown).matrix;
    let rows = matrix.requirements.into_iter();
    let rows = rows.filter(|row| !row.is_verified());
    let worst = |why: &Why| match why.path.is_empty() {
        true => why.says.to_string(),
        false => format!("{}:{}: {}", why.path, why.line, why.says),
    };
    rows.map(|row| Unverified {
        why: row.reasons.first().map(worst).unwrap_or_default(),
        id: row.id.into_owned(),
        verdict: row.verdict,
    })
    .collect()
}

fn row(requirement: &Requirement, linked: &Linked<'_>, verdict: Verdict) -> Row {
    let share = verdict.share.as_ref();
    Row {
        reasons: verdict.reasons.into_iter().map(Why::of).collect(),
        warnings: verdict.warnings.into_iter().map(Why::of).collect(),
        implemented_by: linked.code.iter().map(named).collect(),
        verified_by: linked.tests.iter().map(named).collect(),
        lines: share.map(|share| (share.executed, share.executable)),
        ..Row::of(requirement, verdict.class)
    }
}

fn named(link: &Link<'_>) -> Named {
    Named {
        name: link.item.shown().into(),
        path: link.path.to_owned().into(),
        line: link.tag.line,
        fingerprint: link.item.fingerprint.clone().into(),
    }
}

fn retired(read: &Requirements) -> Vec<Retired> {
    let said = read.all.iter().filter_map(|requirement| {
        let by = requirement.attributes.retired.clone()?;
        let id = requirement.id.to_string();
        Some(Retired { id, by })
    });
    said.collect()
}

impl Matrix {
    /// Whether all of it is verified, and nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.flaws.is_empty() && self.requirements.iter().all(Row::is_verified)
    }
}
