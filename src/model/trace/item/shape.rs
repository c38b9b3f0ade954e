//! What there is of an item: its lines, its executable lines, and its text without comments and layout.

use tree_sitter::Node;

use super::super::super::document::digest_of;
use super::find::Source;
use super::{Checks, Item, Kind, Lines, Sort, asserts, name};

/// Values that are functions, in ECMAScript.
pub(super) const FUNCTIONS: &[&str] = &[
    "arrow_function",
    "function_expression",
    "function",
    "generator_function",
];

pub(super) fn item(source: &Source<'_>, node: Node<'_>, kind: Kind) -> Item {
    let is_named = !matches!(kind, Kind::File | Kind::Statement);
    let (scope, name) = match kind {
        _ if is_named => name::names(source, node),
        Kind::File => (name::of_file(source), String::new()),
        _ => Default::default(),
    };
    let marks = marks(source, node);
    let is_test = name::is_test(source, node, kind, &name, &marks);
    let (start, whole) = extent(source, node);
    let bodies = bodies(source, node, kind, is_test);
    let mut checks = Checks::default();
    if is_test {
        checks = asserts::checks(source, body(node).unwrap_or(node));
        checks.asserts |= marks.iter().any(|m| m.contains("should_panic"));
    }
    let last = body(node).filter(|_| is_token(node)).unwrap_or(whole);
    Item {
        path: source.path.to_owned(),
        scope,
        name,
        sort: source.language.sort,
        kind,
        is_test,
        in_tests: is_test || name::in_tests(source, node),
        lines: Lines {
            first: start.start_position().row + 1,
            last: last_row(last),
        },
        body: bodies,
        excluded: Vec::new(),
        fingerprint: fingerprint(source, start, last),
        checks,
    }
}

/// The name of a function among the tokens of a macro.
fn is_token(node: Node<'_>) -> bool {
    node.kind() == "identifier"
}

/// The line on which a node ends; some take the end of their line with them.
fn last_row(node: Node<'_>) -> usize {
    let end = node.end_position();
    let begun = usize::from(end.column > 0 || end.row == node.start_position().row);
    end.row + begun
}

/// The attributes of an item, as they are written.
pub(super) fn marks<'s>(source: &Source<'s>, node: Node<'_>) -> Vec<&'s str> {
    let mut out = Vec::new();
    let mut before = node.prev_named_sibling();
    while let Some(at) = before {
        let is_mark = source.language.attributes.contains(&at.kind());
        let is_tokens =
            is_token(node) && at.kind() == "token_tree" && source.text(at).starts_with('[');
        if is_mark || is_tokens {
            out.push(source.text(at));
        } else if !at.kind().ends_with("comment") {
            break;
        }
        before = at.prev_named_sibling();
    }
    let mut cursor = node.walk();
    let modifiers = node
        .named_children(&mut cursor)
        .filter(|n| n.kind() == "modifiers");
    out.extend(modifiers.map(|n| source.text(n)));
    out
}

/// Where an item begins with its attributes, and what is around it and belongs to it.
fn extent<'t>(source: &Source<'_>, node: Node<'t>) -> (Node<'t>, Node<'t>) {
    let mut whole = node;
    while let Some(parent) = whole.parent() {
        let kind = parent.kind();
        if kind == "block" || !source.language.wrappers.contains(&kind) {
            break;
        }
        whole = parent;
    }
    let mut start = whole;
    let mut before = whole.prev_named_sibling();
    while let Some(at) = before {
        if source.language.attributes.contains(&at.kind()) {
            start = at;
        } else if !at.kind().ends_with("comment") {
            break;
        }
        before = at.prev_named_sibling();
    }
    (start, whole)
}

/// The body of a function.
pub(super) fn body(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "identifier" => {
            let mut next = node.next_named_sibling();
            while let Some(at) = next.filter(|n| n.kind() != "token_tree" || is_list(*n)) {
                next = at.next_named_sibling();
            }
            next
        }
        "call_expression" => {
            let arguments = node.child_by_field_name("arguments")?;
            let mut cursor = arguments.walk();
            let mut given = arguments.named_children(&mut cursor);
            let function = given.find(|n| FUNCTIONS.contains(&n.kind()))?;
            function.child_by_field_name("body")
        }
        _ => match node.child_by_field_name("value") {
            Some(value) => value.child_by_field_name("body"),
            None => node.child_by_field_name("body"),
        },
    }
}

/// A token tree that is a list of arguments, not a block.
fn is_list(node: Node<'_>) -> bool {
    node.child(0).is_some_and(|n| n.kind() != "{")
}

/// The executable lines of a function. Where its head is executed when its file is loaded, the line that it is on counts
/// only with what it holds of the body, which no coverage by lines can tell: it is left out.
fn executable(source: &Source<'_>, node: Node<'_>) -> Option<Lines> {
    let body = body(node)?;
    let (start, end) = (body.start_position().row + 1, body.end_position().row + 1);
    let loads = matches!(source.language.sort, Sort::Python | Sort::Script);
    let head = node.start_position().row + 1;
    let first = start + usize::from(loads && start == head);
    (first <= end).then_some(Lines { first, last: end })
}

/// The executable lines of an item: of all functions in it, those of tests aside if it is none.
fn bodies(source: &Source<'_>, node: Node<'_>, kind: Kind, is_test: bool) -> Vec<Lines> {
    match kind {
        Kind::Function => return executable(source, node).into_iter().collect(),
        Kind::Statement | Kind::Line => {
            let (first, last) = (node.start_position().row + 1, node.end_position().row + 1);
            return vec![Lines { first, last }];
        }
        _ => {}
    }
    let mut out = Vec::new();
    let mut cursor = node.walk();
    'walk: loop {
        let at = cursor.node();
        let found = source.kind(at).filter(|_| at != node);
        let is_tests = || {
            let (name, marks) = (name::names(source, at).1, marks(source, at));
            name::is_test(source, at, found.unwrap_or(kind), &name, &marks)
        };
        let is_left_out = found.is_some() && !is_test && is_tests();
        if found == Some(Kind::Function) && !is_left_out {
            out.extend(executable(source, at));
        }
        if !is_left_out && found != Some(Kind::Function) && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    out
}

/// Over the tokens from one node to the end of another. What lies between them and is no layout counts too: not every
/// grammar has a node for each part of a string.
fn fingerprint(source: &Source<'_>, start: Node<'_>, last: Node<'_>) -> String {
    let mut out: Vec<u8> = Vec::new();
    let mut at = start.start_byte();
    let mut root = start;
    while let Some(parent) = root.parent().filter(|_| root.end_byte() < last.end_byte()) {
        root = parent;
    }
    let mut cursor = root.walk();
    let mut put = |bytes: &[u8]| {
        let bytes = bytes.trim_ascii();
        if !bytes.is_empty() {
            out.extend_from_slice(bytes);
            out.push(0);
        }
    };
    'walk: loop {
        let node = cursor.node();
        if node.start_byte() >= last.end_byte() {
            break;
        }
        let outside = node.end_byte() <= start.start_byte();
        let is_comment = node.is_named() && node.kind().ends_with("comment");
        let is_within = !outside && node.start_byte() >= at;
        if is_within && source.language.sort == Sort::Python && node.kind() == "block" {
            put(format!("\u{1}{}", node.named_child_count()).as_bytes());
        }
        let deeper = !outside && !is_comment && cursor.goto_first_child();
        if deeper {
            continue;
        }
        if is_within {
            put(source.bytes.get(at..node.start_byte()).unwrap_or_default());
            if !is_comment {
                put(source.bytes.get(node.byte_range()).unwrap_or_default());
            }
            at = node.end_byte();
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    digest_of(&[&out])
}
