//! `qms ci`: what a run of continuous integration asks, phase by phase. Nothing is decided here: commits are judged by the
//! function that the server asks, history by `verify`, documents by `check`, requirements by `trace`.

mod commits;
mod ground;
mod merge;
mod whole;

use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::evidence::store::REF;
use super::session::{Refused, Session};
use super::verify;
use super::{check, trace};
use crate::git::read::Reader;
use crate::git::write;
use crate::model::ci::{Event, Given, Kind, Outcome, Phase, Standing};
use crate::model::finding::{Finding, Severity};
use crate::model::trace::findings::{findings, gone};
use ground::Ground;

/// What is asked of a run beyond what the platform says.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Where the branch stood before, or what is to take the commits in.
    pub base: Option<String>,
    pub head: Option<String>,
    /// The home of documents.
    pub trunk: Option<String>,
    /// The first commit that is trusted, in full.
    pub anchor: Option<String>,
    /// Whether requirements that are not verified are errors.
    pub traced: bool,
}

/// What a phase has to say that could look.
#[derive(Debug, Default)]
struct Looked {
    count: usize,
    findings: Vec<Finding>,
    notes: Vec<String>,
    /// Why there was nothing to look at.
    nothing: Option<String>,
}

impl Looked {
    fn at(count: usize, findings: Vec<Finding>) -> Looked {
        Looked {
            count,
            findings,
            ..Looked::default()
        }
    }

    fn nothing(why: impl Into<String>) -> Looked {
        Looked {
            nothing: Some(why.into()),
            ..Looked::default()
        }
    }
}

/// What each phase looks at, in order.
const UNITS: [(&str, &str); 5] = [
    ("history", "steps"),
    ("commits", "commits"),
    ("verify", "commits"),
    ("documents", "documents"),
    ("trace", "requirements"),
];

/// All phases of a run. An error: what the platform says cannot be used, and not even the first phase can begin.
// Implements: REQ-QMS-CMD-CI
pub fn run(session: Session, given: &Given, ask: &Ask) -> Result<Outcome> {
    let mut event = Event::read(given)?;
    if event.kind == Kind::Local {
        event.branch = session.repo.branch();
    }
    let mut outcome = Outcome {
        what: event.what(),
        event,
        base: None,
        head: None,
        trunk: None,
        anchor: None,
        digest: None,
        phases: Vec::new(),
    };
    let mut found = None;
    outcome.phases.push(phase(0, || {
        whole::whole(&session.repo, outcome.event.platform)?;
        let reader = Reader::new(&session.repo);
        let ground = Ground::find(&session, &reader, &outcome.event, ask)?;
        let looked = ground.looked(&reader);
        found = Some(ground);
        looked
    }));
    let Some(ground) = found else {
        let why = "there is no whole history to look at";
        for at in 1..UNITS.len() {
            outcome.phases.push(phase(at, || bail!(why)));
        }
        return Ok(outcome);
    };
    ground.name(&mut outcome);
    let session = session.at(ground.after);
    outcome.phases.push(phase(1, || {
        commits::look(&session, &ground, &outcome.event)
    }));
    outcome.phases.push(phase(2, || {
        verified(&session, &ground, &mut outcome.digest)
    }));
    outcome
        .phases
        .push(phase(3, || documents(&session, &ground)));
    outcome
        .phases
        .push(phase(4, || traced(&session, &ground, ask)));
    told_once(&mut outcome.phases);
    Ok(outcome)
}

fn phase(at: usize, look: impl FnOnce() -> Result<Looked>) -> Phase {
    let (name, unit) = UNITS[at];
    let began = Instant::now();
    let (looked, standing) = match look() {
        Ok(mut looked) => {
            let nothing = looked.nothing.take();
            (looked, nothing.map_or(Standing::Looked, Standing::Nothing))
        }
        Err(error) => (Looked::default(), Standing::CouldNot(format!("{error:#}"))),
    };
    Phase {
        name,
        standing,
        count: looked.count,
        unit,
        took: began.elapsed(),
        notes: looked.notes,
        findings: looked.findings,
        told: 0,
    }
}

/// The whole protected history, as `qms verify` judges it.
fn verified(session: &Session, ground: &Ground, digest: &mut Option<String>) -> Result<Looked> {
    let ask = verify::Ask {
        trunk: Some(ground.trunk.clone()),
        anchor: Some(ground.anchor.to_string()),
        // What lies in a runner's folder may be left over from what somebody else ran there.
        no_cache: true,
        ..verify::Ask::default()
    };
    let tell = |what: &str, done, of| session.tell(what, done, of);
    let verified = verify::verify(session.repo.git_dir(), &ask, &tell)?;
    *digest = verified.digest();
    let refs = verified.tips.iter().map(|(name, tip)| {
        let branch = name.trim_start_matches("refs/heads/");
        format!("`{branch}` at {}", tip.get(..10).unwrap_or(tip))
    });
    Ok(Looked {
        notes: refs.collect(),
        ..Looked::at(verified.tally().commits, verified.findings())
    })
}

/// The documents that the range touches; all where nobody knows where it begins.
fn documents(session: &Session, ground: &Ground) -> Result<Looked> {
    let repo = &session.repo;
    let after = repo.tree_of(ground.after)?;
    let touched = match ground.before {
        Some(before) => {
            let differs = repo.differences(Some(repo.tree_of(before)?), Some(after))?;
            let paths = differs.into_iter().filter(|d| d.after.is_some());
            Some(
                paths
                    .map(|d| d.path)
                    .collect::<std::collections::BTreeSet<_>>(),
            )
        }
        None => None,
    };
    let wanted = |path: &_| touched.as_ref().is_none_or(|t| t.contains(path));
    let (count, findings) = check::documents(session, wanted)?;
    Ok(match count {
        0 => Looked::nothing("no document was touched"),
        _ => Looked::at(count, findings),
    })
}

/// The requirements of every system. Where they are not required, a system that cannot be traced is said so and no more.
fn traced(session: &Session, ground: &Ground, ask: &Ask) -> Result<Looked> {
    let reader = Reader::new(&session.repo);
    let policy = Session::policy_at(&reader, ground.after)?;
    let mut looked = Looked::default();
    let before = ground.before.map(|id| reader.policy(id)).transpose()?;
    if let Some(Some(Ok(before))) = before {
        let left = before.systems.keys();
        let left = left.filter(|name| !policy.systems.contains_key(*name));
        looked.findings.extend(left.map(|name| gone(name)));
    }
    if policy.systems.is_empty() && looked.findings.is_empty() {
        return Ok(Looked::nothing("the policy names no system"));
    }
    if session.repo.resolve(REF).is_none() {
        let fetch = format!("no results of tests are here: git fetch origin {REF}:{REF}");
        looked.notes.push(fetch);
    }
    for name in policy.systems.keys() {
        let asked = trace::Asked {
            system: Some(name.clone()),
            at: Some(ground.after.to_string()),
        };
        let error = match trace::trace(session, &asked) {
            Ok(all) => {
                looked.count += all.iter().map(|m| m.requirements.len()).sum::<usize>();
                looked.findings.extend(findings(&all));
                continue;
            }
            Err(error) => error,
        };
        match error.downcast::<Refused>() {
            Ok(Refused(found)) => looked.findings.extend(found),
            Err(error) if ask.traced => return Err(error),
            Err(error) => {
                let note = format!("{name} was not traced: {error:#}");
                looked.notes.push(note);
            }
        }
    }
    if !ask.traced {
        let all = looked.findings.iter_mut();
        all.for_each(|f| f.severity = Severity::Warning);
    }
    Ok(looked)
}

/// A commit that came in is part of the history too: what was said of it is not said again.
fn told_once(phases: &mut [Phase]) {
    for at in 1..phases.len() {
        let (before, rest) = phases.split_at_mut(at);
        let phase = &mut rest[0];
        let all = phase.findings.len();
        phase
            .findings
            .retain(|f| !before.iter().any(|p| p.findings.contains(f)));
        phase.told = all - phase.findings.len();
    }
}

/// Leaves a report for the platform. What lies there already is replaced and never written through: a link may have come
/// with the commits that were judged.
pub fn leave(place: &std::path::Path, text: &str) -> Result<()> {
    let here = std::path::Path::new(".").join(place);
    write::replace(&here, text.as_bytes())
        .with_context(|| format!("the report `{}` cannot be written", place.display()))
}

/// Takes a report of an earlier run away, which says nothing of this one.
pub fn clear(place: &std::path::Path) -> Result<()> {
    match std::fs::remove_file(place) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("cannot remove `{}`", place.display()))
        }
        _ => Ok(()),
    }
}
