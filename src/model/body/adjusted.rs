//! A form with what a house says of its own documents on top. It asks for more; it opens what it names as open and the
//! cells of an item table that the template does not tell; it never takes away what the template asks for.
//! Source: lifecycle.md, "A policy may … require more, never less".

use super::super::house::{ItemTable, TypeRules};
use super::Identity;
use super::form::{Column, Form, Items, Origin, Part, Role};

/// Something that a house says and that does nothing with this form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle {
    /// The key of the policy behind which it stands.
    pub key: &'static str,
    pub title: String,
    pub why: String,
}

impl Idle {
    fn new(key: &'static str, title: &str, why: String) -> Idle {
        Idle {
            key,
            title: title.to_owned(),
            why,
        }
    }
}

impl Form {
    /// The form of a house's documents.
    pub fn adjusted(&self, house: &TypeRules) -> Form {
        self.adjust(house).0
    }

    /// What of it does nothing here.
    pub fn idle(&self, house: &TypeRules) -> Vec<Idle> {
        self.adjust(house).1
    }

    fn adjust(&self, house: &TypeRules) -> (Form, Vec<Idle>) {
        let (mut form, mut idle) = (self.clone(), Vec::new());
        for title in &house.sections {
            if form.titled(title).is_empty() {
                form.add(title, Origin::Required);
            }
        }
        match &house.items {
            Some(table) if form.items.is_some() => idle.extend(form.refine(table)),
            Some(table) => idle.extend(form.take_as_items(table)),
            None => {}
        }
        for title in &house.open {
            idle.extend(form.open(title));
        }
        (form, idle)
    }

    /// The sections that have a title, wherever they stand.
    fn titled(&self, title: &str) -> Vec<usize> {
        let has = |part: &Part| part.title() == title;
        (0..self.sections.len())
            .filter(|at| has(&self.sections[*at]))
            .collect()
    }

    /// A section at the top that the template does not have.
    fn add(&mut self, title: &str, origin: Origin) -> usize {
        self.sections.push(Part {
            identity: Identity {
                path: vec![title.to_owned()],
                nth: 0,
            },
            shown: title.to_owned(),
            level: 2,
            open: origin == Origin::Opened,
            origin,
        });
        self.sections.len() - 1
    }

    fn open(&mut self, title: &str) -> Option<Idle> {
        let why = match self.titled(title)[..] {
            [] => {
                self.add(title, Origin::Opened);
                return None;
            }
            [at] if self.items.as_ref().is_some_and(|i| i.section == at) => {
                format!("`{title}` stays frozen: it holds the item table")
            }
            [at] => {
                self.sections[at].open = true;
                return None;
            }
            ref many => format!(
                "`{title}` opens nothing: {} sections of the template have this title",
                many.len()
            ),
        };
        Some(Idle::new("open", title, why))
    }

    /// More of the item table that the template tells. What it says of a column is only made narrower: a column that is
    /// open anyhow gets a role, and one that is not may be the one that asks for records.
    fn refine(&mut self, house: &ItemTable) -> Vec<Idle> {
        let Some(items) = &mut self.items else {
            return Vec::new();
        };
        let part = &self.sections[items.section];
        if part.title() != house.section {
            let why = format!(
                "`{}` is not the section of the item table: the template has it in `{}`",
                house.section, part.shown
            );
            return vec![Idle::new("section", &house.section, why)];
        }
        if let Some(prefix) = &house.prefix {
            items.prefix.clone_from(prefix);
        }
        let mut idle = Vec::new();
        for (role, title) in &house.columns {
            let told = items
                .column(*role)
                .map(|at| items.columns[at].title.clone());
            let column = items.columns.iter_mut().skip(1).find(|c| c.title == *title);
            let why = match (told, column) {
                (Some(told), _) if told == *title => continue,
                (Some(told), _) => format!(
                    "`{title}` is not the column of `{role}`: the template says that it is `{told}`"
                ),
                (None, None) => format!("`{title}` is no column of the template's item table"),
                (None, Some(column)) if column.may_become(*role) => {
                    column.role = *role;
                    continue;
                }
                (None, Some(column)) => format!(
                    "`{title}` is not the column of `{role}`: the template says that it is {}",
                    match column.role {
                        Role::Static => "frozen".to_owned(),
                        other => format!("that of `{other}`"),
                    }
                ),
            };
            idle.push(Idle::new("columns", title, why));
        }
        idle
    }

    /// A table of the template as the item table, though no placeholder tells it.
    fn take_as_items(&mut self, house: &ItemTable) -> Option<Idle> {
        let is_it = |table: &&Items| {
            let behind = || table.columns.iter().skip(1);
            let has = |title: &String| behind().any(|c| c.title == *title);
            self.sections[table.section].title() == house.section && house.columns.values().all(has)
        };
        let found = self.tables.iter().find(is_it).cloned();
        let idle = found.is_none().then(|| {
            let titles: Vec<&str> = house.columns.values().map(String::as_str).collect();
            let why = format!(
                "the template has no table in `{}` with the columns {} behind its first, so that no document fits",
                house.section,
                titles.join(", ")
            );
            Idle::new("section", &house.section, why)
        });
        let mut items = match found {
            Some(found) => found,
            // A table that the template has lost is still asked for: no document gets by without.
            None => self.lost(house),
        };
        for (at, column) in items.columns.iter_mut().enumerate() {
            let named = house
                .columns
                .iter()
                .find(|(_, title)| **title == column.title);
            column.role = match named {
                _ if at == 0 => Role::Id,
                Some((role, _)) => *role,
                // The house says that another column is the one.
                None if house.columns.contains_key(&column.role) => match column.role.is_open() {
                    true => Role::Open,
                    false => Role::Static,
                },
                None => column.role,
            };
        }
        if let Some(prefix) = &house.prefix {
            items.prefix.clone_from(prefix);
        }
        self.sections[items.section].open = false;
        self.items = Some(items);
        idle
    }

    fn lost(&mut self, house: &ItemTable) -> Items {
        let section = match self.titled(&house.section).first() {
            Some(at) => *at,
            None => self.add(&house.section, Origin::Required),
        };
        let prefix = house.prefix.clone().unwrap_or_default();
        let first = prefix.trim_end_matches('-').to_owned();
        let titles = std::iter::once(first).chain(house.columns.values().cloned());
        let column = |title| Column {
            title,
            role: Role::Static,
            placeholder: String::new(),
        };
        Items {
            section,
            columns: titles.map(column).collect(),
            prefix,
        }
    }
}

impl Column {
    fn may_become(&self, role: Role) -> bool {
        match self.role {
            Role::Open => role.is_open(),
            Role::Static => role == Role::Vr,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
