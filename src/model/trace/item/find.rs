//! From a tag to the node that it stands on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use tree_sitter::{Node, Parser, Point, Tree};

use super::super::scan::{Syntax, around};
use super::super::tag::{Scope, Tag};
use super::language::Language;
use super::{Item, Kind, Standing, Standings, excluded, marks, name, shape};

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
    let source = Source {
        language,
        path,
        bytes,
    };
    // What a mark leaves out may begin and end anywhere in the file.
    if marks::within(language.sort, bytes).is_some() {
        return parsed(&source, tags, &[]);
    }
    let places: Vec<usize> = tags.iter().map(|tag| tag.at).collect();
    let parts = around(bytes, Syntax::of(path.as_bytes()), &places);
    let partly = parts.and_then(|parts| parsed(&source, tags, &parts));
    partly.or_else(|| parsed(&source, tags, &[]))
}

/// Parses a text, or parts of it. None where it cannot be parsed, and where only the whole can tell.
fn parsed(source: &Source<'_>, tags: &[Tag], parts: &[Range<usize>]) -> Option<Standings> {
    let tree = tree(source, parts)?;
    let is_part = !parts.is_empty();
    if is_part && tree.root_node().has_error() {
        return None;
    }
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
            Place::File if is_part => return None,
            Place::File => (tree.root_node(), Kind::File),
            Place::Statement(node) => (node, Kind::Statement),
            Place::Item(node) => (node, source.kind(node).unwrap_or(Kind::Function)),
        };
        let index = *seen
            .entry((node.start_byte(), node.kind()))
            .or_insert_with(|| {
                out.items.push(shape::item(source, node, kind));
                out.items.len() - 1
            });
        // Its helpers may be in what was left out.
        let is_silent = |item: &Item| item.is_test && !item.checks.asserts;
        if is_part && is_silent(&out.items[index]) {
            return None;
        }
        out.of.push(Standing::On(index));
    }
    let marks = marks::within(source.language.sort, source.bytes);
    if let Some(marks) = marks.filter(|_| !is_part) {
        let all = excluded::taken(source, tree.root_node(), marks);
        for item in &mut out.items {
            item.excluded = excluded::of(item, &all);
        }
    }
    Some(out)
}

thread_local! {
    /// Parsers of this thread by language: one is dear to make, and good for any number of files.
    static PARSERS: RefCell<Vec<(&'static Language, Parser)>> = const { RefCell::new(Vec::new()) };
}

/// The tree of a text, or of parts of it.
fn tree(source: &Source<'_>, parts: &[Range<usize>]) -> Option<Tree> {
    let mut known = PARSERS.take();
    let at = known
        .iter()
        .position(|(language, _)| std::ptr::eq(*language, source.language));
    let mut parser = match at {
        Some(at) => known.swap_remove(at).1,
        None => {
            let mut parser = Parser::new();
            parser.set_language(&(source.language.grammar)()).ok()?;
            parser
        }
    };
    parser
        .set_included_ranges(&ranges(source.bytes, parts))
        .ok()?;
    let tree = parser.parse(source.bytes, None)?;
    known.push((source.language, parser));
    PARSERS.set(known);
    Some(tree)
}

/// Parts that begin and end with lines, as the parser wants them.
fn ranges(bytes: &[u8], parts: &[Range<usize>]) -> Vec<tree_sitter::Range> {
    let (mut row, mut counted) = (0, 0);
    let mut point = |at: usize| {
        row += bytes[counted..at].iter().filter(|b| **b == b'\n').count();
        counted = at;
        let line = bytes[..at]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |n| n + 1);
        Point {
            row,
            column: at - line,
        }
    };
    let range = |part: &Range<usize>| tree_sitter::Range {
        start_byte: part.start,
        start_point: point(part.start),
        end_byte: part.end,
        end_point: point(part.end),
    };
    parts.iter().map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::scan::Scanner;
    use super::super::language;
    use super::*;

    /// The same with parts as with the whole, for a tag at each place where one may stand.
    fn differ(path: &str, text: &str) -> usize {
        let language = language::of(path.as_bytes()).expect("a language");
        let (mut partly, mut at) = (0, 0);
        for line in text.split_inclusive('\n') {
            let mark = if path.ends_with("py") { "#" } else { "//" };
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            let tag = format!("{}{mark} [R-1]\n", &line[..blanks]);
            let tagged = format!("{}{tag}{}", &text[..at], &text[at..]);
            at += line.len();
            let bytes = tagged.as_bytes();
            let tags = Scanner::new(["R-*"]).tags(path.as_bytes(), bytes);
            let source = Source {
                language,
                path,
                bytes,
            };
            let places: Vec<usize> = tags.iter().map(|tag| tag.at).collect();
            let Some(parts) = around(bytes, Syntax::of(path.as_bytes()), &places) else {
                continue;
            };
            let Some(found) = parsed(&source, &tags, &parts) else {
                continue;
            };
            partly += 1;
            assert_eq!(Some(found), parsed(&source, &tags, &[]), "{tagged}");
        }
        partly
    }

    #[test]
    fn parts_give_what_the_whole_gives() {
        let java = "package a.b;\nimport c.D;\nclass A {\n  int a() {\n    return 1;\n  }\n}\nclass B {\n  int b() {\n    return 1;\n  }\n}\n";
        let script = "import a from \"a\";\nexport function b() {\n  return `${a} }`;\n}\ndescribe(\"c\", () => {\n  it(\"d\", () => {\n    expect(b()).toBe(1);\n  });\n});\nconst e = () => 1;\n";
        let python = "import a\n\n@b\ndef c():\n    d()\n    # e\n\nclass F:\n    \"\"\"x\ny\n\"\"\"\n\n    def g(self):\n        return 1\n    # h\n# i\nif a:\n    b = 1\nelse:\n    b = 2\n\ndef test_j():\n    assert b\n# k\n";
        let go = "package a\n\nfunc b() {\n\treturn\n}\n\nfunc c() {\n\td(func() {\n\t})\n}\n";
        for (path, text) in [
            ("src/model/trace/item/shape.rs", include_str!("shape.rs")),
            ("src/model/trace/item/line.rs", include_str!("line.rs")),
            ("src/a/B.java", java),
            ("src/a.ts", script),
            ("a/b.go", go),
            ("tests/test_a.py", python),
            (
                "a/b.cpp",
                "#include <a>\nnamespace n {\nint a() {\n  return 1;\n}\n}\nint b() {\n  return 2;\n}\nstruct C {\n  int d;\n};\n",
            ),
        ] {
            assert!(differ(path, text) > 0, "{path}");
        }
    }
}
