//! Texts as the oracle reads them, as far as the histories' texts go: headings of one level, paragraphs, one item table,
//! placeholders; and what a template says of the documents that are made from it. By lifecycle.md "Gates".

use super::document::Doc;
use super::gates;
use super::rules::Scene;
use crate::world::project;

/// A heading and what stands below it. The first one has none: it is what stands before all headings.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Section {
    pub(super) heading: String,
    /// Paragraphs and rows of tables, blanks put aside.
    pub(super) lines: Vec<String>,
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn sections(body: &str) -> Vec<Section> {
    let mut out = vec![Section::default()];
    let mut open = false;
    for line in body.lines().map(squeezed) {
        let paragraph = !line.is_empty() && !line.starts_with(['|', '#']);
        if line.starts_with("## ") {
            out.push(Section::default());
        }
        let last = out.last_mut().expect("there is one");
        match last.lines.last_mut() {
            _ if line.starts_with("## ") => last.heading = line,
            _ if line.is_empty() => {}
            Some(above) if open && paragraph => above.push_str(&format!(" {line}")),
            _ => last.lines.push(line),
        }
        open = paragraph;
    }
    out
}

impl Section {
    /// Its heading without the number.
    pub(super) fn title(&self) -> String {
        let number = |c: char| c.is_ascii_digit() || ['#', '.', ' '].contains(&c);
        self.heading.trim_start_matches(number).to_owned()
    }

    /// The cells of its table, the header first and the line of dashes left out.
    fn table(&self) -> Vec<Vec<String>> {
        let rows = self.lines.iter().filter(|l| l.starts_with('|'));
        let cells = |row: &String| -> Vec<String> {
            let inner = row.trim_start_matches('|').trim_end_matches('|');
            inner.split('|').map(|c| c.trim().to_owned()).collect()
        };
        let mut all: Vec<Vec<String>> = rows.map(cells).collect();
        if all.len() > 1 {
            all.remove(1);
        }
        all
    }
}

/// The placeholders of execution in a text: capitals, blanks, `/` and `_` in brackets.
pub(super) fn placeholders(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for rest in text.split('[').skip(1) {
        let Some((inner, _)) = rest.split_once(']') else {
            continue;
        };
        let letters = inner.chars().filter(char::is_ascii_uppercase).count();
        let fits = |c: char| c.is_ascii_uppercase() || [' ', '/', '_'].contains(&c);
        if letters > 1 && inner.chars().all(fits) && inner.trim() == inner {
            out.push(format!("[{inner}]"));
        }
    }
    out
}

fn is_open(text: &str) -> bool {
    let mut rest = text.to_owned();
    let found = placeholders(text);
    for one in &found {
        rest = rest.replacen(one.as_str(), "", 1);
    }
    !found.is_empty() && rest.trim().is_empty()
}

/// What a cell says beyond a placeholder.
pub(super) fn says(cell: &str) -> bool {
    !cell.is_empty() && !is_open(cell)
}

/// What a template says of its documents.
pub(super) struct Form {
    /// Titles in order, and whether execution writes there.
    pub(super) sections: Vec<(String, bool)>,
    pub(super) items: Option<Items>,
}

/// The table of what is to be done.
pub(super) struct Items {
    pub(super) section: String,
    pub(super) titles: Vec<String>,
    /// What the template has in each column, if that is for execution.
    pub(super) open: Vec<Option<String>>,
    pub(super) prefix: String,
}

impl Form {
    /// The form of the template in force, or of the one that comes with the program.
    pub(super) fn of(scene: &Scene<'_>, kind: &str) -> Form {
        let body = gates::form(scene, kind).map(|doc| doc.body());
        let body = body.unwrap_or_else(|| {
            let file = project().join(format!("templates/{kind}.md"));
            let text = std::fs::read_to_string(file).expect("a template");
            let (_, body) = text.split_once("\n---\n").expect("front matter");
            body.to_owned()
        });
        let mut form = Form {
            sections: Vec::new(),
            items: None,
        };
        for section in sections(&body).iter().skip(1) {
            let (title, table) = (section.title(), section.table());
            let cells = || table.iter().skip(1).flatten();
            let words = section.lines.iter().filter(|l| !l.starts_with('|'));
            let mut words = words.map(String::as_str).chain(cells().map(String::as_str));
            let open = !section.lines.is_empty() && words.all(is_open);
            form.sections.push((title.clone(), open));
            if form.items.is_none() {
                form.items = items(&title, &table);
            }
        }
        form
    }

    /// The rows of a document's item table; none where it has no such table.
    pub(super) fn rows(&self, doc: &Doc) -> Option<Vec<Vec<String>>> {
        let items = self.items.as_ref()?;
        let all = sections(&doc.body());
        let mut table = all.iter().find(|s| s.title() == items.section)?.table();
        let fits = table.first()?.starts_with(&items.titles);
        fits.then(|| table.split_off(1))
    }

    /// A row's cell by what the template has in its place.
    pub(super) fn cell<'r>(&self, row: &'r [String], what: &str) -> &'r str {
        let items = self.items.as_ref();
        let at = items.and_then(|i| i.open.iter().position(|o| o.as_deref() == Some(what)));
        at.and_then(|at| row.get(at)).map_or("", String::as_str)
    }

    pub(super) fn wants_record(&self, row: &[String]) -> bool {
        let items = self.items.as_ref();
        let at = items.and_then(|i| i.titles.iter().position(|t| t == "VR"));
        at.and_then(|at| row.get(at)).is_some_and(|c| c == "Yes")
    }
}

fn items(title: &str, table: &[Vec<String>]) -> Option<Items> {
    let (titles, rows) = table.split_first()?;
    let first = rows.first()?;
    let column = |at: usize| {
        let all = rows.iter().all(|r| is_open(&r[at]));
        all.then(|| first[at].clone())
    };
    let open: Vec<Option<String>> = (0..titles.len()).map(column).collect();
    let outcome = open.iter().any(|o| o.as_deref() == Some("[OUTCOME]"));
    let digit = |c: char| c.is_ascii_digit();
    (outcome && open[0].is_none()).then(|| Items {
        section: title.to_owned(),
        titles: titles.clone(),
        prefix: first[0].trim_end_matches(digit).to_owned(),
        open,
    })
}
