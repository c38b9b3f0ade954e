//! The inline text of a heading, paragraph or cell of a requirement, as it reads.

use std::ops::Range;

use comrak::nodes::{Node, NodeValue};

/// Inline text as it reads, and which parts of it are bold or code.
#[derive(Default)]
pub(super) struct Inline {
    pub(super) text: String,
    pub(super) bold: Vec<Range<usize>>,
    pub(super) code: bool,
}

impl Inline {
    /// The title that stands bold at `at`, and the text from there on without it.
    pub(super) fn titled(&self, at: usize) -> (&str, &str) {
        let bold = self.bold.iter().find(|bold| bold.start == at);
        let (start, end) = bold.map_or((at, at), |bold| (bold.start, bold.end));
        (&self.text[start..end], separated(&self.text[end..]))
    }
}

pub(super) fn inline(node: Node<'_>) -> Inline {
    let mut out = Inline::default();
    for (n, part) in node.descendants().skip(1).enumerate() {
        let is_outer = part.parent().is_some_and(|p| p.same_node(node));
        match &part.data().value {
            NodeValue::Text(text) => out.text.push_str(text),
            NodeValue::Code(code) => {
                out.code |= n == 0;
                out.text.push_str(&code.literal);
            }
            NodeValue::SoftBreak | NodeValue::LineBreak => out.text.push(' '),
            NodeValue::HtmlInline(html) if !is_comment(html) => out.text.push_str(html),
            NodeValue::Strong if is_outer => {
                let inner = inline_len(part);
                out.bold.push(out.text.len()..out.text.len() + inner);
            }
            _ => {}
        }
    }
    out.text.truncate(out.text.trim_end().len());
    out
}

/// How many bytes of text are below a node.
fn inline_len(node: Node<'_>) -> usize {
    let parts = node.descendants().skip(1);
    parts
        .map(|part| match &part.data().value {
            NodeValue::Text(text) => text.len(),
            NodeValue::Code(code) => code.literal.len(),
            NodeValue::SoftBreak | NodeValue::LineBreak => 1,
            NodeValue::HtmlInline(html) if !is_comment(html) => html.len(),
            _ => 0,
        })
        .sum()
}

pub(super) fn is_comment(html: &str) -> bool {
    let html = html.trim();
    html.starts_with("<!--") && html.find("-->").is_none_or(|end| end + 3 == html.len())
}

/// A text without the colon or dash that separates it from what is before it.
pub(super) fn separated(text: &str) -> &str {
    text.trim_start_matches([' ', ':', '–', '—', '-'])
        .trim_end()
}

/// A title without the full stop or colon at its end.
pub(super) fn ended(title: &str) -> &str {
    title.trim_end_matches(['.', ':', ' '])
}
