//! What a house says of its own documents in the policy's `types:`, beyond the template in force. Read here with the
//! place of every flaw; what it does to a form is in `body/adjusted`. Source: lifecycle.md, "require more, never less".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_yaml::Spanned;

use super::body::form::Role;
use super::body::{normalized, numbered};
use super::kind::{KINDS, Kind};
use super::near;
use super::policy_file::{FileItems, FileType};
use super::span::{Flaw, Span};

/// What a house says of the documents of one type. Titles are those of sections and columns, without numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TypeRules {
    /// Sections that are open during execution, beyond those that the template shows as open.
    pub open: Vec<String>,
    /// Sections that every document has, beyond the template's.
    pub sections: Vec<String>,
    pub items: Option<ItemTable>,
}

/// The item table, where the template's placeholders do not tell it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ItemTable {
    pub section: String,
    /// What the ids of its rows begin with; as the template's first row where it is not said.
    pub prefix: Option<String>,
    /// The titles of its columns; always one of outcomes.
    pub columns: BTreeMap<Role, String>,
}

/// The roles that a policy may give to a column.
pub const ROLES: &[Role] = &[
    Role::Outcome,
    Role::Summary,
    Role::Performer,
    Role::Time,
    Role::Evidence,
    Role::Change,
    Role::Vr,
];

/// The `types:` of a policy file, or all that is wrong with them.
pub(super) fn read(
    text: &str,
    file: &BTreeMap<String, Spanned<FileType>>,
) -> Result<BTreeMap<&'static str, Arc<TypeRules>>, Vec<Flaw>> {
    let mut reading = Reading {
        text,
        flaws: Vec::new(),
    };
    let mut out = BTreeMap::new();
    for (name, given) in file {
        match Kind::of(name) {
            Some(kind) => {
                let rules = reading.of_type(kind, name, given);
                out.insert(kind.name, Arc::new(rules));
            }
            None => {
                let nearest = KINDS.iter().min_by_key(|k| near::distance(name, k.name));
                let nearest = nearest.map_or("CR", |k| k.name);
                let message = format!("`{name}` is no type; near it is `{nearest}`");
                reading.key(name, given, message);
            }
        }
    }
    match reading.flaws.is_empty() {
        true => Ok(out),
        false => Err(reading.flaws),
    }
}

struct Reading<'t> {
    text: &'t str,
    flaws: Vec<Flaw>,
}

impl Reading<'_> {
    /// Where a value begins in the file.
    fn start<T>(&self, given: &Spanned<T>) -> usize {
        let at = given.referenced.span().byte_offset();
        at.and_then(|at| usize::try_from(at).ok()).unwrap_or(0)
    }

    /// A flaw in a key, which stands before its value.
    fn key<T>(&mut self, name: &str, value: &Spanned<T>, message: String) {
        let before = self.text.get(..self.start(value)).unwrap_or_default();
        let at = before.rfind(name).unwrap_or(before.len());
        let span = Span::of(self.text, at, name.len());
        self.flaws.push(Flaw::at(message, span));
    }

    fn value(&mut self, given: &Spanned<String>, message: String) {
        let start = self.start(given);
        let rest = self.text.get(start..).unwrap_or_default();
        let quotes = if rest.starts_with(['"', '\'']) { 2 } else { 0 };
        let span = Span::of(self.text, start, given.value.len() + quotes);
        self.flaws.push(Flaw::at(message, span));
    }

    fn of_type(&mut self, kind: &Kind, name: &str, given: &Spanned<FileType>) -> TypeRules {
        let file = &given.value;
        let executed = !file.open.is_empty() || file.items.is_some();
        if executed && !kind.is_executable() {
            let message =
                format!("no {name} is carried out, so that it has neither open sections nor items");
            self.key(name, given, message);
        }
        let rules = TypeRules {
            open: self.titles(&file.open),
            sections: self.titles(&file.sections),
            items: file.items.as_ref().map(|items| self.items(items)),
        };
        let table = rules.items.as_ref().map(|items| &items.section);
        let mut titles = rules.open.iter().zip(&file.open);
        if let Some((title, given)) = titles.find(|(title, _)| Some(*title) == table) {
            let message =
                format!("`{title}` holds the item table: were the section open, so were its rows");
            self.value(given, message);
        }
        rules
    }

    fn items(&mut self, file: &FileItems) -> ItemTable {
        let mut columns: BTreeMap<Role, String> = BTreeMap::new();
        for (role, given) in &file.columns {
            let title = self.title(given);
            let Some(known) = ROLES.iter().find(|r| r.as_str() == role) else {
                let all: Vec<&str> = ROLES.iter().map(|r| r.as_str()).collect();
                let all = all.join(", ");
                self.key(
                    role,
                    given,
                    format!("`{role}` is no role of a column, expected {all}"),
                );
                continue;
            };
            let twin = columns.iter().find(|(_, other)| **other == title);
            if let Some((other, _)) = twin.filter(|_| !title.is_empty()) {
                let message = format!("`{title}` is the column of `{}` already", other.as_str());
                self.value(given, message);
            }
            columns.insert(*known, title);
        }
        let all_known = columns.len() == file.columns.len();
        if all_known && !columns.contains_key(&Role::Outcome) {
            let message = "no column is that of `outcome`, which makes a table that of the items";
            self.key("items", &file.section, message.to_owned());
        }
        let id = file.id.as_ref().filter(|id| !is_prefix(&id.value));
        if let Some(given) = id {
            let message = format!(
                "`{}` is no beginning of ids: capitals, digits and dashes, a dash at the end",
                given.value
            );
            self.value(given, message);
        }
        ItemTable {
            section: self.title(&file.section),
            prefix: file.id.as_ref().map(|id| id.value.clone()),
            columns,
        }
    }

    fn titles(&mut self, given: &[Spanned<String>]) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        for one in given {
            let title = self.title(one);
            if !title.is_empty() && !seen.insert(title.clone()) {
                self.value(one, format!("`{title}` stands here twice"));
            }
            out.push(title);
        }
        out
    }

    /// A title as a body's headings and cells have theirs.
    fn title(&mut self, given: &Spanned<String>) -> String {
        let title = normalized(&given.value);
        if title.is_empty() {
            self.value(given, "an empty title names nothing".to_owned());
        } else if let (Some(number), rest) = numbered(&title) {
            let message =
                format!("titles are named without numbers: `{rest}`, not `{number}` before it");
            self.value(given, message);
        }
        title
    }
}

fn is_prefix(text: &str) -> bool {
    let part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.ends_with('-')
        && text.bytes().all(part)
}

#[cfg(test)]
mod tests {
    use super::super::policy::Policy;
    use super::super::policy::tests::TEXT;
    use super::*;

    const TYPES: &str = "\
types:
  CR:
    open: [\"Execution Comments\", Execution  Summary]
    sections: [Risks]
    items:
      section: \"Implementation\"
      id: \"EI-\"
      columns: { outcome: \"Task Outcome\", time: \"Date\", vr: Checked }
  SOP: {sections: [Scope]}
";

    fn flaws(from: &str, to: &str) -> Vec<String> {
        assert!(TYPES.contains(from), "{from}");
        let text = format!("{TEXT}{}", TYPES.replacen(from, to, 1));
        let flaws = Policy::parse(text.as_bytes()).expect_err(to);
        let place = |f: &Flaw| {
            let span = f.span.as_ref().unwrap_or_else(|| panic!("{f:?}"));
            let marked = span.text.chars().skip(span.column - 1).take(span.len);
            format!("{} | {}", f.message, marked.collect::<String>())
        };
        flaws.iter().map(place).collect()
    }

    #[test]
    fn what_a_house_says_is_read() {
        let policy = Policy::parse(format!("{TEXT}{TYPES}").as_bytes()).expect("a policy");
        let cr = &policy.types["CR"];
        assert_eq!(cr.open, ["Execution Comments", "Execution Summary"]);
        assert_eq!(cr.sections, ["Risks"]);
        let items = cr.items.as_ref().expect("items");
        assert_eq!(items.prefix.as_deref(), Some("EI-"));
        let columns: Vec<_> = items
            .columns
            .iter()
            .map(|(r, t)| (*r, t.as_str()))
            .collect();
        assert_eq!(
            columns,
            [
                (Role::Vr, "Checked"),
                (Role::Outcome, "Task Outcome"),
                (Role::Time, "Date")
            ]
        );
        assert_eq!(policy.types["SOP"].items, None);
        assert_eq!(policy.types.len(), 2);
    }

    #[test]
    fn a_flaw_is_refused_where_it_stands() {
        for (from, to, expected) in [
            ("  CR:", "  CRR:", "`CRR` is no type; near it is `CR` | CRR"),
            (
                "outcome:",
                "result: x, outcome:",
                "`result` is no role of a column, expected outcome, summary, performer, time, evidence, change, vr | result",
            ),
            (
                "[Risks]",
                "[Risks, \"\"]",
                "an empty title names nothing | \"\"",
            ),
            (
                "\"Date\"",
                "\"  \"",
                "an empty title names nothing | \"  \"",
            ),
            (
                "\"Implementation\"",
                "''",
                "an empty title names nothing | ''",
            ),
            (
                "\"Date\"",
                "\"Task  Outcome\"",
                "`Task Outcome` is the column of `outcome` already | \"Task  Outcome\"",
            ),
            (
                "[Risks]",
                "[Risks, Risks]",
                "`Risks` stands here twice | Risks",
            ),
            (
                "[Risks]",
                "[2.1 Risks]",
                "titles are named without numbers: `Risks`, not `2.1` before it | 2.1 Risks",
            ),
            (
                "outcome: \"Task Outcome\", ",
                "",
                "no column is that of `outcome`, which makes a table that of the items | items",
            ),
            (
                "\"EI-\"",
                "ei",
                "`ei` is no beginning of ids: capitals, digits and dashes, a dash at the end | ei",
            ),
            (
                "[\"Execution Comments\"",
                "[Implementation",
                "`Implementation` holds the item table: were the section open, so were its rows | Implementation",
            ),
            (
                "{sections: [Scope]}",
                "{open: [Scope]}",
                "no SOP is carried out, so that it has neither open sections nor items | SOP",
            ),
        ] {
            assert_eq!(flaws(from, to), [expected], "{to}");
        }
    }

    #[test]
    fn what_is_no_such_file_at_all_is_refused_on_its_line() {
        for (from, to) in [
            ("open: [", "opened: ["),
            ("section: \"Implementation\"", "id: \"X-\""),
            ("time: \"Date\"", "time: [a]"),
            ("time: \"Date\"", "outcome: b"),
            ("time: \"Date\"", "time: "),
            ("sections: [Risks]", "sections: Risks"),
        ] {
            assert_eq!(flaws(from, to).len(), 1, "{to}");
        }
    }

    #[test]
    fn all_that_is_wrong_comes_at_once() {
        let text = format!(
            "{TEXT}{}",
            TYPES
                .replace("Risks", "\"\"")
                .replace("EI-", "x")
                .replace("SOP", "SUP")
        );
        assert_eq!(Policy::parse(text.as_bytes()).expect_err("flaws").len(), 3);
    }
}
