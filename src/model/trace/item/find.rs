//! From a tag to the node that it stands on.

use std::collections::BTreeMap;

use tree_sitter::{Node, Parser};

use super::super::tag::{Scope, Tag};
use super::language::Language;
use super::{Item, Kind, Standing, Standings, name, shape};

/// A file that is parsed.
pub(super) struct Source<'s> {
    pub(super) language: &'static Language,
    pub(super) path: &'s str,
    pub(super) bytes: &'s [u8],
}

impl<'s> Source<'s> {
    pub(super) fn text(&self, node: Node<'_>) -> &'s str {
        let bytes = self.bytes.get(node.byte_range()).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// What sort of item a node is, if one.
    pub(super) fn kind(&self, node: Node<'_>) -> Option<Kind> {
        let (language, kind) = (self.language, node.kind());
        if language.types.contains(&kind) {
            // In C++ a type is named in passing too; it is an item where it has a body.
            let has_body = node.child_by_field_name("body").is_some();
            return (has_body || !kind.ends_with("_specifier")).then_some(Kind::Type);
        }
        if language.modules.contains(&kind) {
            return Some(Kind::Module);
        }
        if !language.functions.contains(&kind) {
            return None;
        }
        match kind {
            "call_expression" => match name::script_call(self, node)? {
                (call, _) if name::SUITES.contains(&call) => Some(Kind::Module),
                _ => Some(Kind::Function),
            },
            "variable_declarator" | "public_field_definition" | "field_definition" => {
                let value = node.child_by_field_name("value")?;
                shape::FUNCTIONS
                    .contains(&value.kind())
                    .then_some(Kind::Function)
            }
            _ => Some(Kind::Function),
        }
    }

    fn is_comment(&self, node: Node<'_>) -> bool {
        node.kind().ends_with("comment")
    }

    /// The item that a node is, or is put around.
    fn item<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut node = node;
        for _ in 0..6 {
            if self.kind(node).is_some() {
                return Some(node);
            }
            if !self.language.wrappers.contains(&node.kind()) {
                return None;
            }
            let mut cursor = node.walk();
            let mut inner = node.named_children(&mut cursor);
            let is_block = node.kind() == "block";
            let leads = |n: &Node<'_>| {
                let is_inner =
                    self.kind(*n).is_some() || self.language.wrappers.contains(&n.kind());
                is_inner || is_block && !self.is_comment(*n)
            };
            node = inner.find(leads)?;
        }
        None
    }

    fn enclosing<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut node = node.parent();
        while let Some(at) = node {
            if self.kind(at).is_some() {
                return Some(at);
            }
            node = at.parent();
        }
        None
    }

    /// The next node that is neither comment nor attribute.
    fn next<'t>(&self, comment: Node<'t>) -> Option<Node<'t>> {
        let mut node = comment.next_named_sibling();
        while let Some(at) = node {
            if !self.is_comment(at) && !self.language.attributes.contains(&at.kind()) {
                return Some(at);
            }
            node = at.next_named_sibling();
        }
        None
    }

    fn place<'t>(&self, tag: &Tag, root: Node<'t>) -> Place<'t> {
        let end = (tag.at + 1).min(self.bytes.len());
        let mut node = root.descendant_for_byte_range(tag.at, end);
        while let Some(at) = node.filter(|n| !self.is_comment(*n)) {
            node = at.parent();
        }
        let Some(mut comment) = node else {
            return Place::NoComment;
        };
        while let Some(outer) = comment.parent().filter(|n| self.is_comment(*n)) {
            comment = outer;
        }
        if tag.scope == Scope::File {
            return Place::File;
        }
        let around = self.enclosing(comment);
        let in_function = around.filter(|n| self.kind(*n) == Some(Kind::Function));
        if tag.trails {
            let row = comment.start_position().row;
            let before = comment.prev_named_sibling();
            let before = before.filter(|n| n.end_position().row == row);
            let item = before
                .and_then(|n| self.item(n))
                .filter(|n| n.end_position().row == row);
            return match (item.or(in_function), before, around) {
                (Some(item), ..) => Place::Item(item),
                (None, Some(before), _) => Place::Statement(before),
                (None, None, Some(around)) => Place::Item(around),
                (None, None, None) => Place::Nothing,
            };
        }
        let text = self.text(comment);
        if text.starts_with("//!") || text.starts_with("/*!") {
            return around.map_or(Place::File, Place::Item);
        }
        let Some(next) = self.next(comment) else {
            return in_function.map_or(Place::Nothing, Place::Item);
        };
        if let Some(macroed) = in_tokens(next) {
            return Place::Item(macroed);
        }
        if let Some(item) = self.item(next) {
            return Place::Item(item);
        }
        let is_first = around.is_none() && self.is_first(comment);
        match in_function {
            Some(function) => Place::Item(function),
            None if is_first && self.language.heads.contains(&next.kind()) => Place::File,
            None => Place::Statement(next),
        }
    }

    /// Whether only comments and what opens a file stand before a node.
    fn is_first(&self, node: Node<'_>) -> bool {
        let mut node = node.prev_named_sibling();
        while let Some(at) = node {
            let opens =
                self.language.attributes.contains(&at.kind()) || at.kind() == "hash_bang_line";
            if !self.is_comment(at) && !opens {
                return false;
            }
            node = at.prev_named_sibling();
        }
        true
    }
}

enum Place<'t> {
    Item(Node<'t>),
    Statement(Node<'t>),
    File,
    Nothing,
    NoComment,
}

/// The name of the function that begins here among the tokens of a macro, as in `proptest!`: the macro takes it as
/// it is.
fn in_tokens(next: Node<'_>) -> Option<Node<'_>> {
    if next.parent()?.kind() != "token_tree" {
        return None;
    }
    let mut node = Some(next);
    for _ in 0..24 {
        let at = node?;
        let is_name = at.prev_sibling().is_some_and(|n| n.kind() == "fn");
        if at.kind() == "identifier" && is_name {
            return Some(at);
        }
        node = at.next_sibling();
    }
    None
}

/// None where the text cannot be parsed at all.
pub(super) fn standings(
    language: &'static Language,
    path: &str,
    bytes: &[u8],
    tags: &[Tag],
) -> Option<Standings> {
    let mut parser = Parser::new();
    parser.set_language(&(language.grammar)()).ok()?;
    let tree = parser.parse(bytes, None)?;
    let source = Source {
        language,
        path,
        bytes,
    };
    let mut out = Standings::default();
    let mut seen: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for tag in tags {
        let (node, kind) = match source.place(tag, tree.root_node()) {
            Place::NoComment => {
                out.of.push(Standing::NoComment);
                continue;
            }
            Place::Nothing => {
                out.of.push(Standing::Nothing);
                continue;
            }
            Place::File => (tree.root_node(), Kind::File),
            Place::Statement(node) => (node, Kind::Statement),
            Place::Item(node) => (node, source.kind(node).unwrap_or(Kind::Function)),
        };
        let index = *seen
            .entry((node.start_byte(), node.kind()))
            .or_insert_with(|| {
                let item: Item = shape::item(&source, node, kind);
                out.items.push(item);
                out.items.len() - 1
            });
        out.of.push(Standing::On(index));
    }
    Some(out)
}
