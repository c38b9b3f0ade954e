//! The items of a document: which there are and how far they have come, and filling them in.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

use super::chain::{Chain, Wish};
use super::filling::Sheet;
use super::log;
use super::moves::Done;
use super::session::Session;
use crate::git::read::Reader;
use crate::model::body::form::{Items, Role};
use crate::model::body::{Cell, Item, Mention, Outcome, Row, Table, fill};
use crate::model::change::Commit;
use crate::model::kind::Id;
use crate::model::rows::{CellText, Cited, ItemCommit, ItemRow, ItemStory};
use crate::model::trailer::{Key, Trailers};
use crate::model::workflow::Action;

/// What somebody says of an item; what is left out stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Said {
    pub outcome: Option<Outcome>,
    pub summary: Option<String>,
    pub evidence: Vec<String>,
    /// The changes that a corrective or preventive action is carried out by.
    pub changes: Vec<String>,
    pub task: Option<String>,
    pub vr: Option<bool>,
    /// Other columns, by title.
    pub columns: Vec<(String, String)>,
}

/// An item that was set, and what speaks for it.
pub struct Set {
    pub done: Done,
    pub item: String,
    /// The commits that carry its trailer.
    pub commits: Vec<ItemCommit>,
    /// Whether it passed with neither a commit nor other evidence.
    pub unproven: bool,
}

/// The items of a document, in the order of their table.
// Implements: REQ-QMS-CMD-ITEM-LIST
pub fn list(session: &Session, id: &Id) -> Result<Vec<ItemRow>> {
    let sheet = Sheet::open(session, id)?;
    sheet.items()?;
    let under = log::under(session, id)?;
    let row = |item: &Item<'_>| {
        let said = |role| item.said(role).map(str::to_owned);
        let task = item.cell(Role::Static);
        ItemRow {
            item: item.id().to_owned(),
            task: task.map_or("", Cell::text).to_owned(),
            vr: item.cell(Role::Vr).map(|_| item.wants_record()),
            outcome: said(Role::Outcome),
            performer: said(Role::Performer),
            time: said(Role::Time),
            commits: naming(&under, item.id()).count(),
        }
    };
    Ok(sheet.form.rows(&sheet.body).iter().map(row).collect())
}

/// One item.
// Implements: REQ-QMS-CMD-ITEM-SHOW
pub fn show(session: &Session, id: &Id, item: &str) -> Result<ItemStory> {
    let sheet = Sheet::open(session, id)?;
    let (item, row) = found(&sheet, item)?;
    let cell = |(title, cell): (&str, &Cell)| CellText {
        column: title.to_owned(),
        text: sheet.body.source(&cell.range).replace("\\|", "|"),
    };
    let named = sheet.body.mentions_in(&row.range).iter();
    let used = named.filter(|m| m.within.is_use());
    let named: BTreeSet<&Id> = used.filter_map(Mention::document).collect();
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let tree = session.repo.tree_of(session.head()?)?;
    let mut documents = Vec::new();
    for id in named {
        let entry = reader.document_in(tree, &policy.folder, id)?;
        let document = entry.and_then(|e| e.document);
        let document = document.as_deref().and_then(|d| d.as_ref().ok());
        documents.push(Cited {
            doc_id: id.to_string(),
            status: document.map(|d| d.state.status),
        });
    }
    Ok(ItemStory {
        doc_id: id.to_string(),
        cells: sheet.items()?.titles().zip(&row.cells).map(cell).collect(),
        commits: naming(&log::under(session, id)?, &item).collect(),
        documents,
        item,
    })
}

/// Fills cells of an item in: what was done, as the move `item`, or what is to be done, as an edit.
// Implements: REQ-QMS-CMD-ITEM-SET
pub fn set(session: &Session, id: &Id, item: &str, said: &Said) -> Result<Set> {
    let chain = Chain::begin(session)?;
    let sheet = Sheet::open(session, id)?;
    let (item, _) = found(&sheet, item)?;
    let mut cells = said.cells(&sheet)?;
    let items = columns(&sheet)?;
    let executes = match (
        cells.iter().any(|(at, _)| role(items, *at).is_open()),
        cells.iter().any(|(at, _)| !role(items, *at).is_open()),
    ) {
        (true, true) => bail!(
            "what is to be done is written in a draft, what was done in execution; set one at a time"
        ),
        (false, false) => bail!("nothing is said of {item}; what can be said: qms item set --help"),
        (executes, _) => executes,
    };
    if !executes && sheet.is_in_execution() {
        bail!(
            "what {item} of {id} demands was approved and stays; {}",
            otherwise(id)
        );
    }
    let wish = match executes {
        true => Wish::new(id, Action::Item).say(Key::Item, item.as_str()),
        false => Wish::new(id, Action::Edit),
    };
    if said.outcome.is_some() {
        // An item may be shown by its commits alone: what nobody says is left empty, and not to be filled in.
        let rows = sheet.form.rows(&sheet.body);
        let row = rows.iter().find(|row| row.id() == item);
        for role in [Role::Evidence, Role::Change] {
            let is_open = row.is_some_and(|row| row.said(role).is_none());
            let column = items.column(role).filter(|_| is_open);
            let unsaid = column.filter(|column| cells.iter().all(|(at, _)| at != column));
            cells.extend(unsaid.map(|column| (column, String::new())));
        }
    }
    if executes {
        let day = chain.author().day().context("the date cannot be read")?;
        let own = [
            (Role::Performer, chain.actor().to_owned()),
            (Role::Time, day),
        ];
        let own = own
            .into_iter()
            .filter_map(|(role, text)| Some((items.column(role)?, text)));
        cells.extend(own);
    }
    let text = fill::cells(&sheet.body, &sheet.form, &item, &cells);
    let text = text.map_err(|why| anyhow::anyhow!("{item} of {id} cannot be set: {why}"))?;
    let commits: Vec<ItemCommit> = match executes {
        true => naming(&log::under(session, id)?, &item).collect(),
        false => Vec::new(),
    };
    let proves = items.column(Role::Evidence).is_none()
        || !commits.is_empty()
        || said.evidence.iter().any(|e| !e.trim().is_empty());
    Ok(Set {
        done: sheet.becomes(session, chain, wish, &text)?,
        item,
        commits,
        unproven: said.outcome == Some(Outcome::Pass) && !proves,
    })
}

/// Adds an item at the end of the table. Says which it is.
// Implements: REQ-QMS-CMD-ITEM-ADD
pub fn add(session: &Session, id: &Id, said: &Said) -> Result<(Done, String)> {
    let chain = Chain::begin(session)?;
    let sheet = Sheet::open(session, id)?;
    let (table, items) = (sheet.items()?, columns(&sheet)?);
    let given = said.cells(&sheet)?;
    let item = format!("{}{}", items.prefix, number(table, &items.prefix) + 1);
    let mut cells = Vec::new();
    for (at, title) in table.titles().enumerate() {
        let said = given.iter().find(|(column, _)| *column == at);
        let text = match (role(items, at), said) {
            (Role::Id, _) => item.clone(),
            (role, Some(_)) if role.is_open() => {
                bail!("`{title}` is filled in when {item} is carried out: qms item set {id} {item}")
            }
            (_, Some((_, text))) => text.clone(),
            (Role::Vr, None) => yes(false).to_owned(),
            (role, None) if role.is_open() => items.columns[at].placeholder.clone(),
            (_, None) if Some(at) == items.column(Role::Static) => {
                bail!("`{title}` is missing: --task TEXT")
            }
            (_, None) => bail!("`{title}` is missing: --set '{title}=TEXT'"),
        };
        cells.push(text);
    }
    let text = fill::add(&sheet.body, &sheet.form, &cells);
    let text = text.map_err(|why| anyhow::anyhow!("nothing can be added to {id}: {why}"))?;
    let done = sheet.becomes(session, chain, Wish::new(id, Action::Edit), &text)?;
    Ok((done, item))
}

/// Takes an item out of a draft.
// Implements: REQ-QMS-CMD-ITEM-REMOVE
pub fn remove(session: &Session, id: &Id, item: &str) -> Result<Done> {
    let chain = Chain::begin(session)?;
    let sheet = Sheet::open(session, id)?;
    let (item, _) = found(&sheet, item)?;
    if sheet.is_in_execution() {
        bail!("{item} of {id} was approved and stays; {}", otherwise(id));
    }
    let text = fill::remove(&sheet.body, &sheet.form, &item);
    let text = text.map_err(|why| anyhow::anyhow!("{item} of {id} cannot be removed: {why}"))?;
    sheet.becomes(session, chain, Wish::new(id, Action::Edit), &text)
}

impl Said {
    /// The cells that it means, by the numbers of their columns.
    fn cells(&self, sheet: &Sheet) -> Result<Vec<(usize, String)>> {
        let (id, table, items) = (&sheet.id, sheet.items()?, columns(sheet)?);
        if self
            .outcome
            .is_some_and(|o| !id.kind().outcomes.contains(&o.as_str()))
        {
            bail!(
                "only a step of a test protocol is not run; an item of {id} ends in pass or fail"
            );
        }
        let list = |what: &str, values: &[String]| -> Result<Option<String>> {
            if let Some(several) = values.iter().find(|v| v.contains(", ")) {
                bail!("`{several}` are several: {what} ONE TWO …");
            }
            Ok((!values.is_empty()).then(|| values.join(", ")))
        };
        let named = [
            (
                "--outcome",
                Role::Outcome,
                self.outcome.map(|o| o.as_str().to_owned()),
            ),
            ("--summary", Role::Summary, self.summary.clone()),
            (
                "--evidence",
                Role::Evidence,
                list("--evidence", &self.evidence)?.map(|all| marked(&all)),
            ),
            ("--change", Role::Change, list("--change", &self.changes)?),
            ("--task", Role::Static, self.task.clone()),
            ("--vr", Role::Vr, self.vr.map(|vr| yes(vr).to_owned())),
        ];
        let titles = || table.titles().collect::<Vec<_>>().join(", ");
        let mut out: Vec<(usize, String)> = Vec::new();
        for (flag, role, text) in named {
            let Some(text) = text else { continue };
            let column = items.column(role).with_context(|| {
                format!(
                    "items of {id} have nothing that {flag} could say; their columns are {}",
                    titles()
                )
            })?;
            out.push((column, text));
        }
        for (title, text) in &self.columns {
            let column = table.titles().position(|t| t.eq_ignore_ascii_case(title));
            let column = column.with_context(|| {
                format!(
                    "items of {id} have no column `{title}`; they have {}",
                    titles()
                )
            })?;
            match role(items, column) {
                Role::Id => bail!("`{title}` names the row and stays"),
                Role::Outcome => bail!("`{title}` is said by --outcome"),
                Role::Performer | Role::Time => {
                    bail!("`{title}` is filled in with the outcome, by itself")
                }
                _ if out.iter().any(|(at, _)| *at == column) => bail!("`{title}` is said twice"),
                _ => out.push((column, text.clone())),
            }
        }
        Ok(out)
    }
}

/// References with paths and tests in backticks, so that nobody takes them for words.
fn marked(all: &str) -> String {
    let is_place = |r: &&str| r.contains('/') && !r.contains("://") && !r.contains(['`', ' ']);
    let mark = |r: &str| match is_place(&r) {
        true => format!("`{r}`"),
        false => r.to_owned(),
    };
    all.split(", ").map(mark).collect::<Vec<_>>().join(", ")
}

fn columns(sheet: &Sheet) -> Result<&Items> {
    sheet.form.items.as_ref().context("its type has no items")
}

/// The role of a column; what a document has beyond its template's columns is static.
fn role(items: &Items, column: usize) -> Role {
    items.columns.get(column).map_or(Role::Static, |c| c.role)
}

/// The row of an item, by its name in any case.
fn found<'s>(sheet: &'s Sheet, item: &str) -> Result<(String, &'s Row)> {
    let (id, table) = (&sheet.id, sheet.items()?);
    let named = |row: &&Row| row.name().eq_ignore_ascii_case(item);
    let row = table.rows.iter().find(named).with_context(|| {
        let names: Vec<&str> = table.rows.iter().map(Row::name).take(12).collect();
        format!(
            "{id} has no {item}; there are {}: qms item list {id}",
            names.join(", ")
        )
    })?;
    Ok((row.name().to_owned(), row))
}

/// The commits that carry an item's trailer.
fn naming<'u>(
    under: &'u [(Commit, Trailers)],
    item: &'u str,
) -> impl Iterator<Item = ItemCommit> + 'u {
    let its = under
        .iter()
        .filter(move |(_, trailers)| trailers.value(Key::Item) == Some(item));
    its.map(|(commit, trailers)| ItemCommit {
        commit: commit.id.clone(),
        subject: commit.name().subject,
        user: trailers.value(Key::Actor).unwrap_or_default().to_owned(),
        ts: log::time(commit),
    })
}

fn yes(flag: bool) -> &'static str {
    if flag { "Yes" } else { "No" }
}

/// The highest number among the rows that are named so.
fn number(table: &Table, prefix: &str) -> u32 {
    let numbers = table.rows.iter().filter_map(|row| {
        let digits = row.name().strip_prefix(prefix)?;
        digits.parse().ok()
    });
    numbers.max().unwrap_or(0)
}

/// What to do where an approved item cannot be carried out as it is.
fn otherwise(id: &Id) -> String {
    match id.kind().taken_over_by {
        Some(kind) => {
            format!("where that is not possible: qms create {kind} --parent {id} --title \"…\"")
        }
        None => format!("see qms next {id}"),
    }
}
