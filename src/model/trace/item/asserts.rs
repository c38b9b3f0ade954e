//! What a test's body asserts, by the looks of it: names of calls, statements that fail, and whether a thing is compared
//! with itself.

use tree_sitter::Node;

use super::find::Source;
use super::{Checks, Kind, Sort, name, shape};

/// How many helpers of its own file are looked into for a test.
const HELPERS: usize = 16;

/// What a test asserts, itself or in helpers of the same file.
pub(super) fn checks(source: &Source<'_>, body: Node<'_>) -> Checks {
    let mut names = Vec::new();
    let mut out = own(source, body, &mut names);
    let mut at = 0;
    while !out.asserts && at < names.len().min(HELPERS) {
        if let Some(helper) = helper(source, body, names[at]) {
            let inner = own(source, helper, &mut names);
            out.asserts = inner.asserts;
            out.itself = out.itself.or(inner.itself);
        }
        at += 1;
    }
    out
}

/// The body of the function of this name among the tests of a file. What is tested may assert what it likes.
fn helper<'t>(source: &Source<'_>, from: Node<'t>, wanted: &str) -> Option<Node<'t>> {
    let mut root = from;
    while let Some(parent) = root.parent() {
        root = parent;
    }
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let is_function = source.kind(node) == Some(Kind::Function);
        if is_function && name::own(source, node) == wanted && name::in_tests(source, node) {
            return shape::body(node);
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
        }
    }
}

/// What is asserted in a body; what it calls besides is added to `names`, each once.
fn own<'s>(source: &Source<'s>, body: Node<'_>, names: &mut Vec<&'s str>) -> Checks {
    let mut out = Checks::default();
    let mut cursor = body.walk();
    'walk: loop {
        let node = cursor.node();
        let line = node.start_position().row + 1;
        // Marks and keywords neither assert nor call.
        let is_named = node.is_named();
        if is_named && source.language.asserting.contains(&node.kind()) {
            let given = match node.kind() {
                "assert_statement" => source.text(node).trim_start_matches("assert"),
                _ => "",
            };
            look(&mut out, "assert", given, line);
        } else if let Some((name, given)) = is_named.then(|| called(source, node)).flatten() {
            let small = name.to_lowercase();
            if source
                .language
                .words
                .iter()
                .any(|word| small.contains(word))
            {
                look(&mut out, &small, given, line);
            } else if source.language.sort == Sort::Script && small.starts_with("to") {
                matched(&mut out, source, node, given, line);
            } else if !names.contains(&name) && names.len() < HELPERS {
                names.push(name);
            }
        }
        if cursor.goto_first_child() {
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

/// The name of what a node calls, and its arguments.
fn called<'s>(source: &Source<'s>, node: Node<'_>) -> Option<(&'s str, &'s str)> {
    let calls = source.language.calls;
    if let Some((_, field)) = calls.iter().find(|(kind, _)| *kind == node.kind()) {
        let name = last_word(source.text(node.child_by_field_name(field)?));
        // An expectation that nothing is asked of asserts nothing.
        let asked = || {
            let around = node.parent();
            around.is_some_and(|p| p.kind() == "member_expression")
        };
        if source.language.sort == Sort::Script && name == "expect" && !asked() {
            return None;
        }
        let given = node.child_by_field_name("arguments").or_else(|| {
            let mut cursor = node.walk();
            let mut inner = node.named_children(&mut cursor);
            inner.find(|n| n.kind() == "token_tree")
        });
        return Some((name, given.map_or("", |n| source.text(n))));
    }
    // Within the tokens of a macro: a name, perhaps `!`, and a list.
    if node.kind() != "identifier" || source.language.sort != Sort::Rust {
        return None;
    }
    // A tree is asked for what is around a node and beside it from its root on.
    let next = node.next_sibling()?;
    if !matches!(next.kind(), "!" | "token_tree") || node.parent()?.kind() != "token_tree" {
        return None;
    }
    let list = match next.kind() {
        "!" => next.next_sibling()?,
        _ => next,
    };
    (list.kind() == "token_tree").then(|| (source.text(node), source.text(list)))
}

fn last_word(text: &str) -> &str {
    let text = text.trim_end_matches('!');
    let start = text.rfind(|c: char| !c.is_alphanumeric() && c != '_');
    &text[start.map_or(0, |at| {
        at + text[at..].chars().next().map_or(1, char::len_utf8)
    })..]
}

/// Takes in one assertion.
fn look(out: &mut Checks, name: &str, given: &str, line: usize) {
    let given = given.trim();
    let inner = given.strip_prefix(['(', '[', '{']).unwrap_or(given);
    let inner = inner.strip_suffix([')', ']', '}', ';']).unwrap_or(inner);
    let parts = split(inner);
    let first = parts.first().map_or("", String::as_str);
    let is_truth = matches!(first, "true" | "True" | "1") && !is_comparing(name);
    if is_truth && name.contains("assert") {
        return;
    }
    let twins = is_comparing(name) && parts.len() >= 2 && is_same(first, &parts[1]);
    let (left, right) = sides(first);
    let alone = parts.len() == 1 || !is_comparing(name);
    if twins || alone && is_same(left, right) {
        out.itself.get_or_insert(line);
    }
    out.asserts = true;
}

/// `expect(a).toBe(a)`.
fn matched(out: &mut Checks, source: &Source<'_>, node: Node<'_>, given: &str, line: usize) {
    let function = node
        .child_by_field_name("function")
        .map_or("", |n| source.text(n));
    let Some(rest) = function.strip_prefix("expect(") else {
        return;
    };
    let Some(end) = rest.rfind(").") else { return };
    let (matcher, subject) = (&rest[end + 2..], &rest[..end]);
    let other = given.trim_start_matches('(').trim_end_matches(')');
    if matches!(matcher, "toBe" | "toEqual" | "toStrictEqual")
        && is_same(&packed(subject), &packed(other))
    {
        out.itself.get_or_insert(line);
    }
}

fn is_comparing(name: &str) -> bool {
    ["eq", "same", "assertis", "_ne"]
        .iter()
        .any(|w| name.contains(w))
        && !name.contains("require")
        || name.contains("requireeq")
}

/// Whether two texts are the same thing; two calls of one function are two things.
fn is_same(a: &str, b: &str) -> bool {
    !a.is_empty() && a == b && !a.contains('(')
}

fn sides(text: &str) -> (&str, &str) {
    let pair = text.split_once("===").or_else(|| text.split_once("=="));
    pair.unwrap_or((text, ""))
}

fn packed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The arguments of a list, without blanks.
fn split(text: &str) -> Vec<String> {
    let (mut out, mut depth, mut quote) = (vec![String::new()], 0usize, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                out.push(String::new());
                continue;
            }
            _ => {}
        }
        if !c.is_whitespace() || quote.is_some() {
            out.last_mut()
                .expect("it has one from the beginning")
                .push(c);
        }
    }
    out.retain(|part| !part.is_empty());
    out
}
