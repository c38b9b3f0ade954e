//! The document of a matrix: its tables written from what `trace` says, and whether they still say it.

use anyhow::{Context, Result};

use super::chain::{Chain, Wish};
use super::evidence::only;
use super::evidence::store::Store;
use super::filling::Sheet;
use super::moves::Done;
use super::session::Session;
use super::trace::Subject;
use crate::git::read::Reader;
use crate::model::document::digest;
use crate::model::finding::Finding;
use crate::model::trace::findings;
use crate::model::trace::matrix::Matrix;
use crate::model::trace::rtm::{self, Rtm};
use crate::model::workflow::Action;

/// Writes the tables of a system's matrix, as an edit of the document, which somebody has checked out. None where they say so
/// already.
// Implements: REQ-QMS-CMD-TRACE-WRITE
pub fn write(session: &Session, system: Option<&str>) -> Result<Option<Done>> {
    let made = Made::of(session, system)?;
    let sheet = &made.sheet;
    let text = String::from_utf8(sheet.document.bytes().to_vec()).context("a document is UTF-8")?;
    let old = rtm::read(&text);
    if made.stale(session, &old, Look::All).is_empty() {
        return Ok(None);
    }
    let specification = made.specification();
    let baseline = [&*specification, &*made.matrix.commit, &*made.evidence];
    let new = rtm::filled(&text, &made.rows, baseline);
    let id = &sheet.id;
    let new = new.map_err(|why| {
        anyhow::anyhow!(
            "{id} cannot be written: {why}; its template has both: qms read TEMPLATE-RTM"
        )
    })?;
    let chain = Chain::begin(session)?;
    let done = sheet.becomes(session, chain, Wish::new(id, Action::Edit), &new)?;
    Ok(Some(done))
}

/// What of the tables is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    All,
    /// Not at what evidence says: at commit, evidence, and results. For where evidence is not kept.
    Links,
}

impl Look {
    /// The cells of a row that are looked at, behind its id. The result is the last one.
    fn at(self, row: &[String]) -> &[String] {
        let end = match self {
            Look::All => row.len(),
            Look::Links => row.len().saturating_sub(1),
        };
        row.get(1..end).unwrap_or_default()
    }
}

/// What the tables say otherwise than `trace` does: one finding for each row.
pub fn check(
    session: &Session,
    system: Option<&str>,
    look: Look,
) -> Result<(String, Vec<Finding>)> {
    let made = Made::of(session, system)?;
    let text = String::from_utf8_lossy(made.sheet.document.bytes()).into_owned();
    let stale = made.stale(session, &rtm::read(&text), look);
    let (id, name) = (&made.sheet.id, &made.matrix.system);
    let found = stale
        .into_iter()
        .map(|why| findings::stale(id.as_str(), name, &why));
    Ok((id.to_string(), found.collect()))
}

/// What a document is to say, and the document.
struct Made {
    sheet: Sheet,
    matrix: Matrix,
    rows: Vec<Vec<String>>,
    /// The digest of the system at `HEAD`.
    digest: String,
    /// Over the ids of the records of this state.
    evidence: String,
}

impl Made {
    fn of(session: &Session, system: Option<&str>) -> Result<Made> {
        let reader = Reader::new(&session.repo);
        let policy = session.policy(&reader)?;
        let one = only(&policy, system)?;
        let subject = Subject::at(session, &reader, &policy, session.head()?, one)?;
        let store = Store::of(&session.repo);
        let matrix = subject.matrix()?;
        let records = store.ids(one.0, &subject.digest)?;
        Ok(Made {
            sheet: Sheet::open(session, &one.1.rtm)?,
            rows: rtm::rows(&matrix),
            matrix,
            evidence: match records.is_empty() {
                true => "none".to_owned(),
                false => format!("`{}`", digest(records.join("\n").as_bytes())),
            },
            digest: subject.digest,
        })
    }

    fn specification(&self) -> String {
        format!("{} {}", self.matrix.rs, self.matrix.version)
    }

    /// Whether the system is now what it was at a commit.
    fn is_of(&self, session: &Session, commit: Option<&str>) -> bool {
        let commit = commit.and_then(|text| session.repo.oid(text));
        let reader = Reader::new(&session.repo);
        let digest = commit.map(|commit| reader.digest_at(commit, &self.matrix.system));
        digest.is_some_and(|digest| digest.is_ok_and(|digest| digest == self.digest))
    }

    /// What is not as it should be. The commit may be any at which the system was what it is: the document's own commits are
    /// later than it. Evidence may have been added since.
    // Implements: REQ-QMS-RULE-MATRIX-STALE
    fn stale(&self, session: &Session, rtm: &Rtm, look: Look) -> Vec<String> {
        let mut out = Vec::new();
        let specification = self.specification();
        if rtm.specification.as_ref() != Some(&specification) {
            let said = rtm.specification.as_deref().unwrap_or("nothing");
            out.push(format!(
                "the specification is `{said}`, expected `{specification}`"
            ));
        }
        if look == Look::All && !self.is_of(session, rtm.commit.as_deref()) {
            let said = rtm.commit.as_deref().unwrap_or("nothing");
            let name = &self.matrix.system;
            out.push(format!(
                "the commit is `{said}`, at which {name} was not what it is now"
            ));
        }
        for row in &self.rows {
            let there = rtm.rows.iter().find(|old| old.first() == row.first());
            let expected = look.at(row);
            match there.map(|there| look.at(there)) {
                Some(there) if there == expected => {}
                Some(there) => out.push(format!(
                    "the row of {} says `{}`, expected `{}`",
                    row[0],
                    there.join(" | "),
                    expected.join(" | ")
                )),
                None => out.push(format!("{} has no row", row[0])),
            }
        }
        let known = |old: &&Vec<String>| self.rows.iter().any(|row| row.first() == old.first());
        let gone = rtm.rows.iter().filter(|old| !known(old));
        out.extend(gone.map(|old| format!("`{}` is no requirement", old[0])));
        if out.is_empty() && rtm.rows.len() != self.rows.len() {
            out.push("a requirement has two rows".to_owned());
        }
        out
    }
}
