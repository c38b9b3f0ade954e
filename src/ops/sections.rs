//! The sections of a document: which there are, what is left to write, and writing it.

use anyhow::{Result, bail};

use super::chain::{Chain, Wish};
use super::filling::Sheet;
use super::moves::Done;
use super::session::Session;
use crate::model::body::openness::Openness;
use crate::model::body::{Block, Body, fill};
use crate::model::kind::Id;
use crate::model::rows::{Filled, SectionRow};
use crate::model::workflow::Action;

/// The sections of a document, in order.
// Implements: REQ-QMS-CMD-SECTION-LIST
pub fn list(session: &Session, id: &Id) -> Result<Vec<SectionRow>> {
    let sheet = Sheet::open(session, id)?;
    let (body, openness) = (&sheet.body, sheet.form.openness());
    let row = |at: usize| {
        let section = &body.sections[at];
        SectionRow {
            number: section.number.clone(),
            title: section.title.clone(),
            level: section.heading.level,
            open: is_open(body, &openness, at),
            state: state(body, at),
        }
    };
    Ok((0..body.sections.len()).map(row).collect())
}

/// Writes another text into a section of a document that is checked out.
// Implements: REQ-QMS-CMD-SECTION-SET
pub fn set(session: &Session, id: &Id, section: &str, text: &str) -> Result<Done> {
    let chain = Chain::begin(session)?;
    let sheet = Sheet::open(session, id)?;
    let at = found(&sheet, section)?;
    let shown = sheet.body.sections[at].shown();
    let text = fill::section(&sheet.body, &sheet.form, at, text);
    let text = text.map_err(|why| anyhow::anyhow!("`{shown}` of {id} cannot be set: {why}"))?;
    sheet.becomes(session, chain, Wish::new(id, Action::Edit), &text)
}

/// The section that somebody means by its number, its title or both.
fn found(sheet: &Sheet, name: &str) -> Result<usize> {
    let (id, sections) = (&sheet.id, &sheet.body.sections);
    let bare = |number: &str| number.trim_end_matches('.').to_owned();
    let numbered = |at: &usize| {
        let number = sections[*at].number.as_deref().map(bare);
        number.is_some_and(|n| n == bare(name))
    };
    let titled = |at: &usize| {
        let section = &sections[*at];
        [&section.title, section.shown()]
            .iter()
            .any(|t| t.eq_ignore_ascii_case(name))
    };
    let mut named: Vec<usize> = (0..sections.len()).filter(numbered).collect();
    if named.is_empty() {
        named = (0..sections.len()).filter(titled).collect();
    }
    match named[..] {
        [at] => Ok(at),
        [] => bail!("{id} has no section `{name}`; which there are: qms section list {id}"),
        _ => bail!("{id} has several sections `{name}`; which there are: qms section list {id}"),
    }
}

/// As `Openness` has it: a section that is not spoken of is as the one that it is a part of.
fn is_open(body: &Body, openness: &Openness, at: usize) -> bool {
    match openness.sections.get(&body.identity(at)) {
        Some(open) => *open,
        None => body.sections[at]
            .parent
            .is_some_and(|parent| is_open(body, openness, parent)),
    }
}

fn state(body: &Body, at: usize) -> Filled {
    let within = at..fill::below(body, at);
    if !body.placeholders_in(&body.sections[at].range).is_empty() {
        return Filled::Placeholder;
    }
    let mut blocks = body.sections[within].iter().flat_map(|s| &s.blocks);
    match blocks.any(Block::has_content) {
        true => Filled::Filled,
        false => Filled::Empty,
    }
}
