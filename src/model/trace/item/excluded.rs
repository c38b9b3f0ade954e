//! Lines that marks in the source take out of coverage, and whose they are.

use tree_sitter::Node;

use super::find::Source;
use super::marks::{Marks, On, Reach};
use super::{Excluded, Item, Lines, Sort};

/// A mark with the lines that it takes out.
pub(super) struct Taken {
    line: usize,
    mark: String,
    /// Of marks that another one ends.
    tool: String,
    is_open: bool,
    lines: Lines,
}

/// The marks of an item that take out what of it could be executed.
pub(super) fn of(item: &Item, all: &[Taken]) -> Vec<Excluded> {
    let meets = |taken: &&Taken| item.body.iter().any(|body| body.meets(&taken.lines));
    let excluded = |taken: &Taken| Excluded {
        line: taken.line,
        mark: taken.mark.clone(),
    };
    all.iter().filter(meets).map(excluded).collect()
}

/// All marks of a file that is parsed as a whole, in its order.
pub(super) fn taken(source: &Source<'_>, root: Node<'_>, marks: &Marks) -> Vec<Taken> {
    let mut out: Vec<Taken> = Vec::new();
    let mut cursor = root.walk();
    'walk: loop {
        let node = cursor.node();
        let on = place(source, node);
        if let Some(found) = on.and_then(|on| marks.find(on, source.text(node))) {
            let (mark, written, tool) = found;
            let line = node.start_position().row + 1;
            let stops = |taken: &&mut Taken| taken.is_open && taken.tool == tool;
            match mark.reach {
                Reach::Stop => out.iter_mut().filter(stops).for_each(|taken| {
                    taken.is_open = false;
                    taken.lines.last = line;
                }),
                reach => out.push(Taken {
                    line,
                    mark: written.to_owned(),
                    tool: tool.to_owned(),
                    is_open: reach == Reach::Start,
                    lines: lines(source, node, reach, written),
                }),
            }
        }
        if on.is_none() && cursor.goto_first_child() {
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

/// As what a node may hold a mark.
fn place(source: &Source<'_>, node: Node<'_>) -> Option<On> {
    let kind = node.kind();
    // Among the tokens of a macro an attribute is a list.
    let in_macro = || {
        let before = node.prev_sibling();
        kind == "token_tree" && before.is_some_and(|n| n.kind() == "#")
    };
    let is_attribute = match source.language.sort {
        Sort::Rust => source.language.attributes.contains(&kind) || in_macro(),
        Sort::Java => kind.ends_with("annotation"),
        _ => false,
    };
    match () {
        () if node.is_named() && kind.ends_with("comment") => Some(On::Comment),
        () if is_attribute => Some(On::Attribute),
        () => None,
    }
}

fn lines(source: &Source<'_>, node: Node<'_>, reach: Reach, written: &str) -> Lines {
    let (first, end) = (node.start_position().row + 1, node.end_position().row + 1);
    let last = match reach {
        Reach::Line | Reach::Stop => end,
        Reach::Head => head(source, node).unwrap_or(end),
        Reach::Next => {
            let said = written
                .split_whitespace()
                .last()
                .and_then(|n| n.parse().ok());
            let next = next(source, node).map_or(end, |n| n.end_position().row + 1);
            next.max(end.saturating_add(said.unwrap_or(1)))
        }
        Reach::Owner => return owner(source, node),
        Reach::Start => usize::MAX,
        Reach::File => {
            return Lines {
                first: 1,
                last: usize::MAX,
            };
        }
    };
    Lines { first, last }
}

/// What comes behind a comment or an attribute and is neither.
fn next<'t>(source: &Source<'_>, node: Node<'t>) -> Option<Node<'t>> {
    let mut next = node.next_named_sibling();
    while let Some(at) = next.filter(|at| place(source, *at).is_some()) {
        next = at.next_named_sibling();
    }
    next
}

/// The last line of what has its head on the line of a comment. None where nothing stands before it there.
fn head(source: &Source<'_>, comment: Node<'_>) -> Option<usize> {
    let start = comment.start_position();
    let line = source.bytes.get(comment.start_byte() - start.column..)?;
    let blanks = line.len() - line.trim_ascii_start().len();
    if blanks >= start.column {
        return None;
    }
    let at = comment.start_byte() - start.column + blanks;
    let mut root = comment;
    while let Some(parent) = root.parent() {
        root = parent;
    }
    let mut node = root.descendant_for_byte_range(at, at + 1)?;
    let mut last = None;
    while let Some(parent) = node.parent().filter(|parent| *parent != root) {
        let fields = ["body", "consequence"];
        let body = fields.iter().find_map(|f| parent.child_by_field_name(f));
        // A comment behind the head counts to the body in some grammars.
        let code = body.and_then(|body| match place(source, body) {
            Some(_) => next(source, body),
            None => {
                let mut cursor = body.walk();
                let mut inner = body.named_children(&mut cursor);
                inner.find(|n| place(source, *n).is_none())
            }
        });
        let in_head = code.is_some_and(|code| start.row < code.start_position().row);
        let begins = parent.start_position().row == start.row && parent.kind() != "block";
        if begins || in_head {
            // The other branch of a condition is not on this head.
            let whole = body.unwrap_or(parent);
            last = last.max(Some(whole.end_position().row + 1));
        }
        node = parent;
    }
    last
}

/// The lines of what an attribute is of: what follows, what it is within, or what an annotation stands before.
fn owner(source: &Source<'_>, node: Node<'_>) -> Lines {
    let whole = |node: Node<'_>| Lines {
        first: node.start_position().row + 1,
        last: node.end_position().row + 1,
    };
    let parent = node.parent();
    let owner = match node.kind() {
        "attribute_item" => next(source, node),
        // A field may have one of that name, and leaves nothing out.
        kind if kind.ends_with("annotation") => {
            let owner = parent.and_then(|modifiers| modifiers.parent());
            owner.filter(|owner| source.kind(*owner).is_some())
        }
        _ => parent,
    };
    owner.map_or(whole(node), whole)
}

#[cfg(test)]
mod tests {
    use super::super::super::scan::Scanner;
    use super::super::standings;

    /// The marks of the item that the tag `[R-1]` of a text stands on: `LINE MARK`.
    fn marks(path: &str, text: &str) -> Vec<String> {
        let tags = Scanner::new(["R-*"]).tags(path.as_bytes(), text.as_bytes());
        let found = standings(path.as_bytes(), text.as_bytes(), &tags);
        let all = found.items[0].excluded.iter();
        all.map(|taken| format!("{} {}", taken.line, taken.mark))
            .collect()
    }

    #[test]
    fn marks_of_python_take_what_they_are_on_the_head_of() {
        let of = |text: &str| marks("a.py", text);
        let none: [&str; 0] = [];
        let tagged = "    # [R-1]\n    def f(self):\n        return 1\n";
        for head in [
            "class A:  # pragma: no cover\n",
            "class A(\n    B,\n):  # pragma: no cover\n",
            "class A(  #pragma:no cover\n    B,\n):\n",
            "@c  # PRAGMA NO COVER\nclass A:\n",
            "if b:\n    pass\nelse:  # pragma: nocover\n",
        ] {
            assert_eq!(of(&format!("{head}{tagged}")).len(), 1, "{head}");
        }
        for beside in [
            "class A:\n    b = 1  # pragma: no cover\n",
            "class A:\n    # pragma: no cover\n    b = 1\n",
            "class A:\n    def c(self):  # pragma: no cover\n        return 2\n\n",
            "if b:  # pragma: no cover\n    pass\nelse:\n",
            "class A:  # pragma: no branch\n",
        ] {
            assert_eq!(of(&format!("{beside}{tagged}")), none, "{beside}");
        }
        let own = "# [R-1]\ndef f(\n    a,\n):  # pragma: no cover\n    return a\n";
        assert_eq!(of(own), ["4 # pragma: no cover"]);
        let file = "# [R-1]\nimport a\n\ndef f():\n    a()  # pragma: no cover\n\n\nif a:  # pragma: no cover\n    f()\n";
        assert_eq!(of(file), ["5 # pragma: no cover"]);
    }

    #[test]
    fn marks_of_scripts_take_what_comes_next() {
        let tagged = "// [R-1]\nexport const f = (a) => {\n  return a;\n};\n";
        let of = |before: &str, behind: &str| marks("a.ts", &format!("{before}{tagged}{behind}"));
        let none: [&str; 0] = [];
        assert_eq!(of("/* istanbul ignore next */\n", "").len(), 1);
        assert_eq!(of("/* c8 ignore next 5 */\nlet b;\n", "").len(), 1);
        assert_eq!(of("/* c8 ignore\tnext\t5 */\nlet b;\n", "").len(), 1);
        assert_eq!(of("/* c8 ignore next */\nlet b;\n", ""), none);
        assert_eq!(
            of("", "/* istanbul ignore file */\n"),
            ["5 istanbul ignore file"]
        );
        assert_eq!(of("/* v8 ignore start */\nlet b;\n", "").len(), 1);
        assert_eq!(
            of("/* v8 ignore start */\n/* c8 ignore stop */\n", "").len(),
            1
        );
        assert_eq!(
            of("/* v8 ignore start */\n/* v8 ignore stop */\n", ""),
            none
        );
        assert_eq!(of("/* node:coverage disable */\n", "").len(), 1);
        assert_eq!(of("let b = '/* v8 ignore start */';\n", ""), none);
        let class =
            "/* istanbul ignore next */\nclass A {\n  // [R-1]\n  f() {\n    return 1;\n  }\n}\n";
        assert_eq!(marks("a.ts", class), ["1 istanbul ignore next"]);
    }

    #[test]
    fn marks_of_compiled_languages() {
        let none: [&str; 0] = [];
        let f = "// [R-1]\nfn f() {\n    g()\n}\n";
        let of = |text: &str| marks("a.rs", text);
        assert_eq!(of(f), none);
        for around in [
            format!("#[coverage(off)]\nmod a {{\n{f}}}\n"),
            format!("mod a {{\n#![coverage(off)]\n{f}}}\n"),
            format!("#![cfg_attr(tarpaulin, tarpaulin::skip)]\n{f}"),
            format!("// GRCOV_EXCL_START\n{f}// GRCOV_EXCL_STOP\n"),
            f.replace("g()", "#[cfg(not(tarpaulin_include))]\n    { g() }"),
            f.replace("fn", "#[cfg(not(coverage))]\nfn"),
            format!("m! {{\n{}}}\n", f.replace("fn", "#[coverage(off)]\nfn")),
        ] {
            assert_eq!(of(&around).len(), 1, "{around}");
        }
        for around in [
            format!("#[coverage(off)]\nfn a() {{}}\n{f}"),
            format!("// LCOV_EXCL_START\nfn a() {{}}\n// LCOV_EXCL_STOP\n{f}"),
            f.replace("g()", "g(\"#[coverage(off)] // LCOV_EXCL_LINE\")"),
            f.replace("g()", "g() // LCOV_EXCL_BR_LINE"),
        ] {
            assert_eq!(of(&around), none, "{around}");
        }
        let c = "// [R-1]\nint f() // GCOVR_EXCL_FUNCTION\n{\n  return 1;\n}\n";
        assert_eq!(marks("a.c", c), ["2 GCOVR_EXCL_FUNCTION"]);
        let go = "package a\n\n// [R-1]\nfunc f() { // coverage-ignore\n\tg()\n}\n";
        assert_eq!(marks("a.go", go), ["4 coverage-ignore"]);
        let java = "@lombok.Generated\nclass A {\n  @GeneratedValue int b;\n  // [R-1]\n  int f() {\n    return 1;\n  }\n}\n";
        assert_eq!(marks("A.java", java), ["1 @lombok.Generated"]);
        let field = java.replace("@lombok.Generated\n", "");
        assert_eq!(marks("A.java", &field), none);
    }
}
