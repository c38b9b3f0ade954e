//! What a template says of the documents that are made from it: their sections, which of them are open during
//! execution, and the columns of their item table. Source: lifecycle.md "Gates", model.md "Execution integrity".

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use super::openness::{Openness, Rows};
use super::{Block, Body, Content, Identity, Odd, Table, placeholder};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    pub sections: Vec<Part>,
    pub items: Option<Items>,
    /// The template's tables, read as the item table would be: a house may say that it is one of them.
    pub(super) tables: Vec<Items>,
    /// The template's comments, as `Odd::Comment` has their text.
    pub instructions: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub identity: Identity,
    /// The template's heading, number included.
    pub shown: String,
    pub level: u8,
    /// Whether its whole text may change during execution: the template holds execution placeholders there, alone or
    /// as the cells of a table, and nothing else.
    pub open: bool,
    pub origin: Origin,
}

/// Who speaks of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The template: documents have it, in its order.
    Template,
    /// The policy: documents have it, wherever it stands.
    Required,
    /// The policy, which opens it where a document has it.
    Opened,
}

/// The table whose rows are carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items {
    /// Which of the form's sections holds it.
    pub section: usize,
    pub columns: Vec<Column>,
    /// What the ids of its rows begin with: `EI-`.
    pub prefix: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub title: String,
    pub role: Role,
    /// What stands in the template's first row: `[OUTCOME]`.
    pub placeholder: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Id,
    Vr,
    Static,
    Outcome,
    Summary,
    Performer,
    Time,
    Evidence,
    Change,
    /// Filled in during execution, with what its title says.
    Open,
}

const ROLES: &[(&str, Role)] = &[
    ("[OUTCOME]", Role::Outcome),
    ("[SUMMARY]", Role::Summary),
    ("[ACTUAL]", Role::Summary),
    ("[PERFORMER]", Role::Performer),
    ("[TIME]", Role::Time),
    ("[EVIDENCE]", Role::Evidence),
    ("[CHANGE]", Role::Change),
];

/// Something that a form has and a document has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub what: Lack,
    /// The section, as the form shows it.
    pub section: String,
    /// Where the fault is, or where what is absent should stand.
    pub range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    Section,
    /// It stands before a section that it should follow, or behind one that should follow it.
    Order,
    /// Comments aside, nothing stands in it.
    Content,
    ItemTable,
    /// The item table's columns do not begin with the form's.
    Columns {
        expected: Vec<String>,
        found: Vec<String>,
    },
}

impl Part {
    /// The last of its title path.
    pub fn title(&self) -> &str {
        self.identity.path.last().map_or("", String::as_str)
    }
}

impl Role {
    /// Whether cells of this column change by an `item` move alone (model.md "Execution integrity").
    pub fn is_item_only(self) -> bool {
        matches!(
            self,
            Role::Outcome | Role::Performer | Role::Time | Role::Evidence
        )
    }

    pub fn is_open(self) -> bool {
        !matches!(self, Role::Id | Role::Vr | Role::Static)
    }

    /// As people and the policy write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Id => "id",
            Role::Vr => "vr",
            Role::Static => "static",
            Role::Outcome => "outcome",
            Role::Summary => "summary",
            Role::Performer => "performer",
            Role::Time => "time",
            Role::Evidence => "evidence",
            Role::Change => "change",
            Role::Open => "open",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Items {
    /// Whether the template's own placeholders tell that it is one: a column of outcomes, and a first column that names
    /// its rows.
    fn is_told(&self) -> bool {
        self.column(Role::Outcome).is_some() && self.columns[0].role == Role::Id
    }

    pub fn column(&self, role: Role) -> Option<usize> {
        self.columns.iter().position(|c| c.role == role)
    }

    fn titles(&self) -> Vec<String> {
        self.columns.iter().map(|c| c.title.clone()).collect()
    }
}

impl Form {
    /// Reads a template's body.
    pub fn of(template: &Body) -> Form {
        let mut form = Form::default();
        for (index, section) in template.sections.iter().enumerate() {
            // What a heading leaves to the author, each document calls otherwise.
            if section.title.contains("{{") {
                continue;
            }
            let (tables, own) = (template.tables(index), form.sections.len());
            form.tables
                .extend(tables.filter_map(|table| items(own, table)));
            form.sections.push(Part {
                identity: template.identity(index),
                shown: section.shown().to_owned(),
                level: section.heading.level,
                open: is_open(&section.blocks),
                origin: Origin::Template,
            });
        }
        form.items = form.tables.iter().find(|t| t.is_told()).cloned();
        for oddity in &template.oddities {
            if let Odd::Comment(text) = &oddity.what {
                form.instructions.insert(text.clone());
            }
        }
        form
    }

    /// What may change of a document of this form during execution.
    pub fn openness(&self) -> Openness {
        let sections = self.sections.iter().map(|p| (p.identity.clone(), p.open));
        let rows = self.items.as_ref().map(|items| Rows {
            section: self.sections[items.section].identity.clone(),
            columns: items
                .columns
                .iter()
                .map(|c| (c.title.clone(), c.role.is_open()))
                .collect(),
        });
        Openness {
            sections: sections.collect(),
            rows,
        }
    }

    /// The item table of a document.
    pub fn items<'b>(&self, body: &'b Body) -> Option<&'b Table> {
        let (section, block) = self.openness().rows?.find(body)?;
        body.sections[section].blocks[block].table()
    }

    pub fn is_instruction(&self, comment: &str) -> bool {
        self.instructions.contains(comment)
    }

    /// What a document lacks of this form, in order of place.
    pub fn missing(&self, body: &Body) -> Vec<Missing> {
        let there: BTreeMap<Identity, usize> = (0..body.sections.len())
            .map(|at| (body.identity(at), at))
            .collect();
        let found: Vec<Option<usize>> = self
            .sections
            .iter()
            .map(|p| there.get(&p.identity).copied())
            .collect();
        let full = with_content(body);
        // What the policy asks for comes after the template's sections, and has no place of its own.
        let ordered = self
            .sections
            .partition_point(|p| p.origin == Origin::Template);
        let in_order = longest_rise(&found[..ordered]);
        let mut out = Vec::new();
        for (index, part) in self.sections.iter().enumerate() {
            if part.origin == Origin::Opened {
                continue;
            }
            let mut add = |what, range| {
                out.push(Missing {
                    what,
                    section: part.shown.clone(),
                    range,
                })
            };
            let Some(at) = found[index] else {
                let next = found[index.min(ordered)..ordered]
                    .iter()
                    .flatten()
                    .map(|at| body.sections[*at].range.start)
                    .next();
                let place = next.unwrap_or(body.end());
                add(Lack::Section, place..place);
                continue;
            };
            let heading = body.sections[at].heading.range.clone();
            if index < ordered && !in_order.contains(&at) {
                add(Lack::Order, heading.clone());
            }
            if !full[at] {
                add(Lack::Content, heading.clone());
            }
            let Some(items) = self.items.as_ref().filter(|items| items.section == index) else {
                continue;
            };
            if self.items(body).is_none() {
                match body.tables(at).next() {
                    None => add(Lack::ItemTable, heading),
                    Some(table) => {
                        let found = table.titles().map(str::to_owned).collect();
                        add(
                            Lack::Columns {
                                expected: items.titles(),
                                found,
                            },
                            header(table),
                        );
                    }
                }
            }
        }
        out.sort_by_key(|m| m.range.start);
        out
    }
}

fn header(table: &Table) -> Range<usize> {
    let (first, last) = (table.header.first(), table.header.last());
    first
        .zip(last)
        .map_or(table.range.clone(), |(a, b)| a.range.start..b.range.end)
}

/// A template's table as an item table; none where it has no row that shows what stands in its columns.
fn items(section: usize, table: &Table) -> Option<Items> {
    let columns: Vec<Column> = (0..table.header.len())
        .map(|at| column(table, at))
        .collect();
    let prefix = table
        .rows
        .first()?
        .name()
        .trim_end_matches(|c: char| c.is_ascii_digit());
    Some(Items {
        section,
        columns,
        prefix: prefix.to_owned(),
    })
}

fn column(table: &Table, at: usize) -> Column {
    let title = table.header[at].text().to_owned();
    let first = table.rows.first();
    let cell = first.map_or("", |r| r.cells[at].words.marked());
    let all_open = table
        .rows
        .iter()
        .all(|r| placeholder::is_execution(r.cells[at].words.marked()));
    let role = match all_open && first.is_some() {
        true => ROLES
            .iter()
            .find(|(text, _)| *text == cell)
            .map_or(Role::Open, |(_, role)| *role),
        false if at == 0 => Role::Id,
        false if title == "VR" => Role::Vr,
        false => Role::Static,
    };
    Column {
        title,
        role,
        placeholder: cell.to_owned(),
    }
}

fn is_open(blocks: &[Block]) -> bool {
    let mut said = blocks.iter().filter(|b| match &b.content {
        Content::Html(_) => b.has_content(),
        content => !matches!(content, Content::Rule),
    });
    let open = |block: &Block| match &block.content {
        Content::Paragraph(words) => placeholder::is_execution(words.marked()),
        Content::Table(table) => {
            let mut cells = table.rows.iter().flat_map(|r| &r.cells);
            !table.rows.is_empty() && cells.all(|c| placeholder::is_execution(c.words.marked()))
        }
        _ => false,
    };
    said.clone().next().is_some() && said.all(open)
}

/// Whether each section, or one below it, says something.
fn with_content(body: &Body) -> Vec<bool> {
    let own = body
        .sections
        .iter()
        .map(|s| s.blocks.iter().any(Block::has_content));
    let mut full: Vec<bool> = own.collect();
    for at in (0..full.len()).rev() {
        if let Some(parent) = body.sections[at].parent.filter(|_| full[at]) {
            full[parent] = true;
        }
    }
    full
}

/// The longest choice of these that rises: what is left out of it stands out of order.
fn longest_rise(found: &[Option<usize>]) -> BTreeSet<usize> {
    let values: Vec<usize> = found.iter().flatten().copied().collect();
    // For each length the choice with the lowest end, as an index; and what comes before each.
    let (mut ends, mut before): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), Vec::new());
    for (index, value) in values.iter().enumerate() {
        let len = ends.partition_point(|end| values[*end] < *value);
        before.push(len.checked_sub(1).map(|last| ends[last]));
        match ends.get_mut(len) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut out = BTreeSet::new();
    let mut at = ends.last().copied();
    while let Some(index) = at {
        out.insert(values[index]);
        at = before[index];
    }
    out
}

#[cfg(test)]
mod tests;
