//! What items are called, and which are tests, by the rules of each language and its test runners.

use tree_sitter::Node;

use super::super::places::crates::modules;
use super::files::is_test_file;
use super::find::Source;
use super::{Kind, Sort};

/// What opens a suite, and what a test, in ECMAScript.
pub(super) const SUITES: &[&str] = &["describe", "suite", "context"];
const TESTS: &[&str] = &["it", "test", "specify", "fit", "xit", "xtest"];
/// The macros of gtest whose arguments are suite and name.
const GTEST: &[&str] = &["TEST", "TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P"];

/// The names around a node, and its own.
pub(super) fn names(source: &Source<'_>, node: Node<'_>) -> (Vec<String>, String) {
    let mut scope = Vec::new();
    let mut around = node.parent();
    while let Some(at) = around {
        if source.kind(at).is_some() {
            scope.push(own(source, at));
        }
        around = at.parent();
    }
    scope.extend(match source.language.sort {
        Sort::Rust => modules(source.path).into_iter().rev().collect(),
        Sort::Java => vec![package(source, node)],
        _ => Vec::new(),
    });
    scope.reverse();
    scope.retain(|name| !name.is_empty());
    if let Some((suite, name)) = gtest(source, node) {
        scope.clear();
        scope.push(suite);
        return (scope, name);
    }
    if let Some(receiver) = node.child_by_field_name("receiver") {
        let text = source.text(receiver).trim_matches(['(', ')', ' ']);
        scope.extend(text.rsplit([' ', '*']).next().map(str::to_owned));
    }
    (scope, own(source, node))
}

pub(super) fn own(source: &Source<'_>, node: Node<'_>) -> String {
    match node.kind() {
        "impl_item" => {
            let of = node
                .child_by_field_name("type")
                .map_or("", |n| source.text(n));
            return of.split('<').next().unwrap_or_default().to_owned();
        }
        "call_expression" => {
            let call = script_call(source, node);
            return call.map_or_else(String::new, |(_, title)| title);
        }
        "identifier" => return source.text(node).to_owned(),
        _ => {}
    }
    if let Some(name) = node.child_by_field_name("name") {
        return source.text(name).trim_matches(['"', '\'']).to_owned();
    }
    let property = node.child_by_field_name("property");
    let mut name = property.or_else(|| node.child_by_field_name("declarator"));
    while let Some(inner) = name.and_then(|n| n.child_by_field_name("declarator")) {
        name = Some(inner);
    }
    name.map_or("", |n| source.text(n)).to_owned()
}

/// What a call of a test runner's function is, and the title that it gives: `describe.each(…)("x", …)`.
pub(super) fn script_call<'s>(
    source: &Source<'s>,
    node: Node<'_>,
) -> Option<(&'static str, String)> {
    if source.language.sort != Sort::Script {
        return None;
    }
    let function = source.text(node.child_by_field_name("function")?);
    let end = function
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(function.len());
    let word = match function.strip_prefix("test.describe") {
        Some(_) => "describe",
        None => &function[..end],
    };
    let call = SUITES.iter().chain(TESTS).find(|known| **known == word)?;
    let arguments = node.child_by_field_name("arguments")?;
    let title = arguments.named_child(0)?;
    let is_text = matches!(title.kind(), "string" | "template_string");
    let mut cursor = arguments.walk();
    let acts = arguments
        .named_children(&mut cursor)
        .any(|n| super::shape::FUNCTIONS.contains(&n.kind()));
    let text = source.text(title);
    // A file that is broken may have a string without its end.
    let inner = text.get(1..text.len().saturating_sub(1))?;
    (is_text && acts).then(|| (*call, inner.to_owned()))
}

fn gtest(source: &Source<'_>, node: Node<'_>) -> Option<(String, String)> {
    let declarator = node.child_by_field_name("declarator")?;
    let name = declarator.child_by_field_name("declarator")?;
    let given = declarator.child_by_field_name("parameters")?;
    let inner = source.text(given).strip_prefix('(')?.strip_suffix(')')?;
    let (suite, name) = inner
        .split_once(',')
        .filter(|_| GTEST.contains(&source.text(name)))?;
    Some((suite.trim().to_owned(), name.trim().to_owned()))
}

/// What a file is called in the names of its tests, where it is not its path.
pub(super) fn of_file(source: &Source<'_>) -> Vec<String> {
    match source.language.sort {
        Sort::Rust => modules(source.path),
        _ => Vec::new(),
    }
}

fn package(source: &Source<'_>, node: Node<'_>) -> String {
    let mut root = node;
    while let Some(parent) = root.parent() {
        root = parent;
    }
    let mut cursor = root.walk();
    let mut declared = root
        .named_children(&mut cursor)
        .filter(|n| n.kind() == "package_declaration");
    let text = declared.next().map_or("", |n| source.text(n));
    let text = text.trim_start_matches("package").trim_end_matches(';');
    text.trim().to_owned()
}

/// Whether an item is a test, or made of tests; `marks` are its attributes.
pub(super) fn is_test(
    source: &Source<'_>,
    node: Node<'_>,
    kind: Kind,
    name: &str,
    marks: &[&str],
) -> bool {
    let in_file = is_test_file(source.language.sort, source.path);
    let begins = |word: &str| name.starts_with(word);
    match (source.language.sort, kind) {
        (_, Kind::File) => in_file,
        (_, Kind::Line | Kind::Statement) => false,
        (Sort::Rust, Kind::Function) => marks.iter().any(|m| is_rust_test(m)),
        (Sort::Rust, _) => is_test_module(name, marks),
        (Sort::Python, Kind::Function) => {
            begins("test") && (in_file || in_test_class(source, node))
        }
        (Sort::Python, _) => {
            (begins("Test") || name.ends_with("Test") || name.ends_with("Tests")) && in_file
        }
        (Sort::Script, _) => node.kind() == "call_expression",
        (Sort::Go, _) => in_file && ["Test", "Fuzz", "Example"].iter().any(|w| begins(w)),
        (Sort::C, Kind::Function) => gtest(source, node).is_some() || begins("test_"),
        (Sort::Java, Kind::Function) => marks.iter().any(|m| is_java_test(m)),
        (Sort::Java, _) => in_file,
        (Sort::C | Sort::Other, _) => false,
    }
}

/// Whether an item is part of what tests consist of: nothing in there implements a requirement.
pub(super) fn in_tests(source: &Source<'_>, node: Node<'_>) -> bool {
    if is_test_file(source.language.sort, source.path) {
        return true;
    }
    let mut around = Some(node);
    while let Some(at) = around {
        if source.language.sort == Sort::Rust && at.kind() == "mod_item" {
            let marks = super::shape::marks(source, at);
            if is_test_module(&own(source, at), &marks) {
                return true;
            }
        }
        if source.kind(at) == Some(Kind::Module) && at.kind() == "call_expression" {
            return true;
        }
        around = at.parent();
    }
    false
}

fn in_test_class(source: &Source<'_>, node: Node<'_>) -> bool {
    let mut around = node.parent();
    while let Some(at) = around {
        if at.kind() == "class_definition" {
            let bases = at.child_by_field_name("superclasses");
            return bases.is_some_and(|n| source.text(n).contains("TestCase"));
        }
        around = at.parent();
    }
    false
}

fn is_test_module(name: &str, marks: &[&str]) -> bool {
    let marked = |m: &&str| m.replace(' ', "").contains("cfg(test)");
    matches!(name, "tests" | "test") || marks.iter().any(marked)
}

/// `#[test]`, `#[tokio::test]`, `#[rstest]`, `#[test_case(1)]`.
fn is_rust_test(mark: &str) -> bool {
    let inner = mark.trim_start_matches(['#', '[', ' ']);
    let end = inner.find(['(', ']', '=', ' ']).unwrap_or(inner.len());
    let last = inner[..end].rsplit("::").next().unwrap_or_default();
    last.ends_with("test") || matches!(last, "test_case" | "quickcheck" | "case")
}

fn is_java_test(mark: &str) -> bool {
    let known = [
        "Test",
        "ParameterizedTest",
        "RepeatedTest",
        "TestFactory",
        "TestTemplate",
        "Property",
    ];
    mark.split('@').skip(1).any(|part| {
        let end = part
            .find(|c: char| !c.is_alphanumeric() && c != '.')
            .unwrap_or(part.len());
        let last = part[..end].rsplit('.').next().unwrap_or_default();
        known.contains(&last)
    })
}
