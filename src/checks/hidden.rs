//! What stands in a document and its readers do not see. Clause: lifecycle.md "Gates".

use super::Report;
use super::moves::Move;
use crate::model::body::{Body, Form, Odd};
use crate::model::finding::{Finding, Rule, Severity};

pub(super) static HIDDEN: Rule = Rule {
    id: "hidden-text",
    severity: Severity::Error,
    clause: "lifecycle.md, Gates",
    demands: "nothing stands in a document that its readers do not see: comments beside the template's, raw HTML, invisible characters, cells without a column",
    why: "what is approved is what is read",
    remedy: "take it out, or write it as text",
};
pub(super) static RULES: &[&Rule] = &[&HIDDEN];

/// What a reader does not see.
// Implements: REQ-QMS-RULE-HIDDEN-TEXT
pub(super) fn hidden(report: &mut Report<'_>, this: &Move<'_>, body: &Body, form: &Form) {
    let is_template = this.id.kind().name == "TEMPLATE";
    let is_open = |section: Option<usize>| {
        section.is_some_and(|at| {
            let identity = body.identity(at);
            form.sections
                .iter()
                .any(|p| p.open && p.identity == identity)
        })
    };
    for odd in &body.oddities {
        let what = match &odd.what {
            Odd::Comment(_) if is_template => continue,
            Odd::Comment(text) if form.is_instruction(text) && !is_open(odd.section) => continue,
            Odd::Comment(_) => "a comment is not the template's".to_owned(),
            Odd::Html { table: true } => "a table is written as HTML".to_owned(),
            Odd::Html { table: false } => "raw HTML stands in the text".to_owned(),
            Odd::Invisible(c) => format!("an invisible character, U+{:04X}", u32::from(*c)),
            Odd::Row { cells, columns } => {
                format!("a row has {cells} cells, and its table {columns} columns")
            }
            Odd::Definition(_) => continue,
            Odd::Deep => "the text is nested too deeply to be read".to_owned(),
            Odd::Unread => "the text is too entangled to be read".to_owned(),
        };
        let finding = Finding::new(&HIDDEN, what).at(&this.path.path);
        report.add(
            finding
                .span(Some(body.span(&odd.range)))
                .help("", "take it out, or write it as text"),
        );
    }
}
