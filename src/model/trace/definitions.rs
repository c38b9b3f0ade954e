//! Where the tree of an RS document defines requirements, and what there is text of which.

use std::collections::{BTreeMap, BTreeSet};

use comrak::nodes::{Node, NodeValue};

use super::super::body::normalized;
use super::attribute;
use super::inline::{Inline, ended, inline, is_comment, separated};
use super::requirement::{Draft, id_at};

pub(super) struct Reader<'p> {
    head: &'p str,
    /// How many lines are before what was parsed.
    first_line: usize,
    pub(super) drafts: Vec<Draft>,
    pub(super) flaws: Vec<(usize, String)>,
}

impl<'p> Reader<'p> {
    pub(super) fn new(head: &'p str, first_line: usize) -> Reader<'p> {
        Reader {
            head,
            first_line,
            drafts: Vec::new(),
            flaws: Vec::new(),
        }
    }

    pub(super) fn document(&mut self, root: Node<'_>) {
        let mut current = None;
        for node in root.children() {
            if let NodeValue::Heading(_) = &node.data().value {
                let inline = inline(node);
                current = id_at(&inline.text, self.head).map(|id| {
                    let title = separated(&inline.text[id.len()..]).to_owned();
                    let at = self.draft(id, node);
                    let title = self.attributes(at, &title).to_owned();
                    self.drafts[at].title = title;
                    at
                });
            } else {
                self.below(node, current);
            }
        }
    }

    /// Ids that are named where people read them, and that nothing here defines.
    pub(super) fn undefined(&mut self, root: Node<'_>) {
        let defined: BTreeSet<&str> = self.drafts.iter().map(|draft| draft.id.as_str()).collect();
        let mut todo: Vec<Node<'_>> = vec![root];
        let mut found = BTreeMap::new();
        while let Some(node) = todo.pop() {
            let data = node.data();
            match &data.value {
                NodeValue::BlockQuote => continue,
                NodeValue::Text(text) => {
                    for (at, _) in text.match_indices(self.head) {
                        let begins =
                            !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-');
                        let id = id_at(&text[at..], self.head).filter(|id| !defined.contains(id));
                        if let Some(id) = id.filter(|_| begins) {
                            let line = self.first_line + data.sourcepos.start.line;
                            found.entry(id.to_owned()).or_insert(line);
                        }
                    }
                }
                _ => todo.extend(node.children()),
            }
        }
        let say = |(id, line)| {
            let why = format!(
                "`{id}` is named and defined nowhere: expected a row, a heading or an entry that begins with it"
            );
            (line, why)
        };
        self.flaws.extend(found.into_iter().map(say));
    }

    /// Reads all that is below `node`; what defines nothing of its own is text of `owner`.
    fn below(&mut self, node: Node<'_>, owner: Option<usize>) {
        let mut todo = vec![(node, owner)];
        while let Some((node, owner)) = todo.pop() {
            let data = node.data();
            let mut children = owner;
            match &data.value {
                NodeValue::Table(_) => {
                    self.table(node, owner);
                    continue;
                }
                NodeValue::BlockQuote => {
                    let words: Vec<String> = node
                        .descendants()
                        .filter(|n| n.data().value.contains_inlines())
                        .map(|n| inline(n).text)
                        .collect();
                    self.text(owner, &words.join(" "));
                    continue;
                }
                NodeValue::CodeBlock(code) => self.text(owner, &code.literal),
                NodeValue::HtmlBlock(html) if !is_comment(&html.literal) => {
                    self.text(owner, &html.literal);
                }
                NodeValue::Item(_) => children = self.entry(node).or(owner),
                NodeValue::Paragraph | NodeValue::Heading(_) => {
                    let is_lead = node.previous_sibling().is_none()
                        && node.parent().is_some_and(|p| self.defined_by(p).is_some());
                    if !is_lead {
                        self.text(owner, &inline(node).text);
                    }
                    continue;
                }
                _ => {}
            }
            let below: Vec<_> = node.children().map(|child| (child, children)).collect();
            todo.extend(below.into_iter().rev());
        }
    }

    /// What an entry of a list defines: id, title and text of its first paragraph.
    fn defined_by(&self, item: Node<'_>) -> Option<(String, String, String)> {
        if !matches!(item.data().value, NodeValue::Item(_)) {
            return None;
        }
        let lead = item.first_child()?;
        if !matches!(lead.data().value, NodeValue::Paragraph) {
            return None;
        }
        let inline = inline(lead);
        let id = id_at(&inline.text, self.head)?;
        let rest = &inline.text[id.len()..];
        let strong = inline.bold.first().filter(|bold| bold.start == 0);
        let is_marked = strong.is_some() || inline.code;
        let follows = rest.trim_start();
        let dashed = ["- ", "– ", "— "].iter().any(|d| follows.starts_with(d));
        let defines = is_marked || rest.starts_with(':') || rest.starts_with(' ') && dashed;
        if !defines {
            return None;
        }
        let (title, text) = match strong.filter(|bold| bold.end > id.len() + 1) {
            Some(bold) => (&inline.text[id.len()..bold.end], &inline.text[bold.end..]),
            None => inline.titled(inline.text.len() - separated(rest).len()),
        };
        let title = ended(separated(title)).to_owned();
        Some((id.to_owned(), title, separated(text).to_owned()))
    }

    fn entry(&mut self, item: Node<'_>) -> Option<usize> {
        let (id, title, text) = self.defined_by(item)?;
        let at = self.draft(&id, item);
        self.drafts[at].title = title;
        self.text(Some(at), &text);
        Some(at)
    }

    fn table(&mut self, table: Node<'_>, owner: Option<usize>) {
        let mut header: Vec<String> = Vec::new();
        for row in table.children() {
            let cells: Vec<Inline> = row.children().map(inline).collect();
            if matches!(row.data().value, NodeValue::TableRow(true)) {
                header = cells.into_iter().map(|c| c.text).collect();
                continue;
            }
            let name = cells.first().map_or("", |c| c.text.as_str());
            let id = id_at(name, self.head).filter(|id| *id == name);
            let Some(id) = id else {
                let words: Vec<&str> = cells.iter().map(|c| c.text.as_str()).collect();
                self.text(owner, &words.join(" | "));
                continue;
            };
            let at = self.draft(id, row);
            for (cell, title) in cells.iter().zip(&header).skip(1) {
                self.cell(at, title, cell);
            }
        }
    }

    fn cell(&mut self, at: usize, title: &str, cell: &Inline) {
        if let Some(name) = attribute::column(title) {
            let wrong = self.drafts[at].attributes.set(name, &cell.text).err();
            let line = self.drafts[at].line;
            self.flaws.extend(wrong.map(|why| (line, why)));
            return;
        }
        let untitled = self.drafts[at].title.is_empty();
        if untitled && ["title", "name"].contains(&title.to_lowercase().as_str()) {
            let title = self.attributes(at, &cell.text).to_owned();
            self.drafts[at].title = title;
            return;
        }
        let (title, text) = cell.titled(0);
        if untitled && !title.is_empty() {
            self.drafts[at].title = ended(title).to_owned();
            self.text(Some(at), text);
        } else {
            self.text(Some(at), &cell.text);
        }
    }

    fn draft(&mut self, id: &str, node: Node<'_>) -> usize {
        self.drafts.push(Draft {
            id: id.to_owned(),
            line: self.first_line + node.data().sourcepos.start.line,
            ..Draft::default()
        });
        self.drafts.len() - 1
    }

    fn text(&mut self, owner: Option<usize>, text: &str) {
        let Some(at) = owner else { return };
        let text = normalized(self.attributes(at, text));
        if !text.is_empty() {
            self.drafts[at].text.push(text);
        }
    }

    fn attributes<'t>(&mut self, at: usize, text: &'t str) -> &'t str {
        let draft = &mut self.drafts[at];
        let mut wrong = Vec::new();
        let rest = attribute::take(text, &mut draft.attributes, &mut wrong);
        self.flaws
            .extend(wrong.into_iter().map(|why| (draft.line, why)));
        rest
    }
}
