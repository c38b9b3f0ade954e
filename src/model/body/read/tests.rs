//! What a text is read as, by example and by chance.

use proptest::prelude::*;

use super::super::grown;
use super::*;

const TEXT: &str = "---\ntitle: T\n---\n\n# CR-001: *A* title\n\nBefore.\n\n## 1. Purpose\n\nWhy.\n\n### 1.1 Detail\n\n> ## quoted\n\n- # listed\n\n## A.1 Terms\n\nSetext 2\n========\n\n## 2. Purpose\n\n```\n## no\n```\n\n### Detail\n";

#[test]
fn sections_are_the_headings_at_the_top_of_the_tree() {
    let body = Body::read(TEXT, 17);
    assert_eq!(
        body.title.as_ref().map(|t| t.words.text.as_str()),
        Some("CR-001: A title")
    );
    assert_eq!(body.preamble.len(), 1);
    let shown: Vec<_> = body
        .sections
        .iter()
        .map(|s| {
            (
                s.number.as_deref().unwrap_or("-"),
                s.title.as_str(),
                s.heading.level,
                s.parent,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("1.", "Purpose", 2, None),
            ("1.1", "Detail", 3, Some(0)),
            ("A.1", "Terms", 2, None),
            ("-", "Setext 2", 1, None),
            ("2.", "Purpose", 2, Some(3)),
            ("-", "Detail", 3, Some(4)),
        ]
    );
    assert_eq!(
        body.source(&body.sections[0].range),
        "## 1. Purpose\n\nWhy.\n\n"
    );
    assert_eq!(
        body.source(&body.sections[3].heading.range),
        "Setext 2\n========"
    );
    assert_eq!(body.sections[5].range.end, TEXT.len());
}

#[test]
fn a_section_is_known_by_its_titles_and_its_turn() {
    let body = Body::read(
        "## 1. A\n### 1.1 B\n## 2. C\n### B\n## 3. A\n### B\n### B\n",
        0,
    );
    let shown: Vec<_> = (0..7)
        .map(|at| body.identity(at))
        .map(|i| format!("{} {}", i.path.join("/"), i.nth))
        .collect();
    assert_eq!(
        shown,
        ["A 0", "A/B 0", "C 0", "C/B 0", "A 1", "A/B 1", "A/B 2"]
    );
    for at in 0..7 {
        assert_eq!(body.find(&body.identity(at)), Some(at));
    }
    let moved = Body::read("## 4. A\n### 1.7 B\n", 0);
    assert_eq!(moved.find(&body.identity(1)), Some(1));
    assert_eq!(moved.find(&body.identity(3)), None);
}

fn marked(text: &str) -> Vec<String> {
    let body = Body::read(text, 0);
    let blocks = body
        .preamble
        .iter()
        .chain(body.sections.iter().flat_map(|s| &s.blocks));
    blocks.map(|b| b.marked().into_owned()).collect()
}

#[test]
fn what_reads_the_same_is_written_down_the_same() {
    for (a, b) in [
        ("a b\nc  d\n", "a\nb c\n   d  \n"),
        ("*a* **b**\n", "_a_ __b__\r\n"),
        ("- a\n- b\n  c\n", "*   a\n\n*   b c\n"),
        ("3. a\n4. b\n", "3) a\n3) b\n"),
        ("```sh\nx\n```\n", "~~~~ sh\nx  \n~~~~\n"),
        ("a \\* b & c\n", "a &#42; b &amp; c\n"),
        ("[x](y \"z\")\n", "[x][r]\n\n[r]: y \"z\"\n"),
        ("> a\n> b\n", "> a\nb\n"),
        ("---\n", "***\n"),
        ("a<br>b\n", "a<br>b  \n"),
        ("a\\\nb\n", "a\nb\n"),
    ] {
        assert_eq!(marked(a)[0], marked(b)[0], "{a:?} {b:?}");
    }
}

#[test]
fn what_reads_otherwise_is_not() {
    for (a, b) in [
        ("a\n", "A\n"),
        ("a b\n", "a\n\nb\n"),
        ("*a*\n", "a\n"),
        ("*a*\n", "**a**\n"),
        ("- a\n- b\n", "- b\n- a\n"),
        ("- a\n- b\n", "1. a\n2. b\n"),
        ("1. a\n", "2. a\n"),
        ("- a\n  - b\n", "- a\n- b\n"),
        ("[x](y)\n", "[x](z)\n"),
        ("[x](y)\n", "[x](y 't')\n"),
        ("[x](y)\n", "![x](y)\n"),
        ("`a`\n", "a\n"),
        ("`a`\n", "*a*\n"),
        ("x`a`\n", "`xa`\n"),
        ("*x*a\n", "x*a*\n"),
        ("```\nx\n```\n", "```\n x\n```\n"),
        ("```\nx\n```\n", "```py\nx\n```\n"),
        ("a\n", "> a\n"),
        ("a <b>\n", "a <i>\n"),
        ("a\n", "a <!-- b -->\n"),
        ("<!-- a -->\n", "<!-- b -->\n"),
        ("- # a\n", "- ## a\n"),
        ("- \n", "> \n"),
        ("a\u{a0}b\n", "a b\n"),
        ("[a]: b\n", "[a]: c\n"),
    ] {
        assert_ne!(marked(a), marked(b), "{a:?} {b:?}");
    }
}

#[test]
fn nesting_is_bounded_and_counts_as_it_stands() {
    let deep = format!("{} a\n", "> ".repeat(50));
    let body = Body::read(&deep, 0);
    assert_eq!(body.oddities.len(), 1);
    assert_eq!(body.oddities[0].what, Odd::Deep);
    assert_ne!(marked(&deep), marked(&deep.replace('a', "b")));
}

#[test]
fn what_is_made_to_cost_is_read_or_given_up() {
    let list: String = (0..1500)
        .map(|n| format!("{}-\n", "  ".repeat(n)))
        .collect();
    for text in [
        "[".repeat(100_000),
        "> ".repeat(100_000),
        "*a _b ".repeat(30_000),
        "`".repeat(5_000) + &"a `` ".repeat(20_000),
        "- ".repeat(50_000),
        "<!--".repeat(30_000),
        "[a](".repeat(30_000),
        "|".repeat(60_000) + "\n" + &"|-".repeat(59_999) + "|\n" + &"|\n".repeat(1000),
        "&#8203;".repeat(30_000),
        "\\[a\\]: ".repeat(30_000),
        "SDLC-A".to_owned() + &"-A".repeat(100_000),
        list + &"\n".repeat(100_000),
    ] {
        let body = Body::read(&text, 0);
        assert!(!body.preamble.is_empty() || !body.oddities.is_empty());
    }
}

/// Every place of a body, with what it should hold.
fn places(body: &Body) -> Vec<Range<usize>> {
    let tables = |blocks: &[Block]| {
        let tables: Vec<Table> = blocks.iter().filter_map(Block::table).cloned().collect();
        let rows = tables
            .iter()
            .flat_map(|t| t.rows.iter().map(|r| r.range.clone()));
        let cells = tables
            .iter()
            .flat_map(|t| t.header.iter().chain(t.rows.iter().flat_map(|r| &r.cells)));
        rows.chain(cells.map(|c| c.range.clone()))
            .collect::<Vec<_>>()
    };
    let mut out: Vec<_> = body
        .sections
        .iter()
        .flat_map(|s| [s.range.clone(), s.heading.range.clone()])
        .collect();
    out.extend(
        body.sections
            .iter()
            .flat_map(|s| s.blocks.iter().map(|b| b.range.clone())),
    );
    out.extend(body.sections.iter().flat_map(|s| tables(&s.blocks)));
    out.extend(tables(&body.preamble));
    out.extend(body.preamble.iter().map(|b| b.range.clone()));
    out.extend(body.title.iter().map(|t| t.range.clone()));
    out.extend(body.mentions.iter().map(|m| m.range.clone()));
    out.extend(body.placeholders.iter().map(|p| p.range.clone()));
    out.extend(body.oddities.iter().map(|o| o.range.clone()));
    out
}

fn holds(text: &str, start: usize) -> Result<(), TestCaseError> {
    let body = Body::read(text, start);
    for range in places(&body) {
        prop_assert!(
            text.get(range.clone()).is_some(),
            "{range:?} of {}",
            text.len()
        );
        prop_assert!(
            range.start >= start.min(text.len()) || !text.is_char_boundary(start),
            "{range:?}"
        );
    }
    for mention in &body.mentions {
        let plain = !text.contains(['\\', '&', '\n', '*', '_', '\0', '`', '[', '<', '|']);
        prop_assert!(!plain || body.source(&mention.range) == mention.text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,60}", start in 0usize..10) {
        holds(&text, start)?;
    }

    #[test]
    fn any_markdown_is_read(text in grown::markdown(), start in 0usize..4) {
        holds(&text, start)?;
    }

    #[test]
    fn cells_are_where_they_are_said_to_be(rows in prop::collection::vec(prop::collection::vec("[ a-zü0-9*`\\\\|\\[\\]&;]{0,8}", 1..5), 1..6)) {
        let line = |cells: &Vec<String>| format!("| {} |\n", cells.join(" | "));
        let text = format!("| A | B | C |\n|---|---|---|\n{}", rows.iter().map(line).collect::<String>());
        holds(&text, 0)?;
        let body = Body::read(&text, 0);
        let table = body.preamble[0].table().expect("a table");
        for (row, source) in table.rows.iter().zip(text.lines().skip(2)) {
            let mut at = 0;
            for cell in row.cells.iter().take(row.written) {
                prop_assert!(cell.range.start >= at, "{source}");
                at = cell.range.end;
                let inner = body.source(&cell.range);
                prop_assert_eq!(inner.trim_matches(' '), inner);
                prop_assert_eq!(inner.is_empty(), cell.words.marked().is_empty(), "{} {:?}", source, inner);
                // Read alone, a cell says the same.
                let alone = Body::read(&inner.replace("\\|", "|"), 0);
                let text = alone.preamble.first().map(|b| b.text().into_owned()).unwrap_or_default();
                let plain = inner.chars().all(|c| c.is_alphanumeric() || c == ' ');
                prop_assert!(!plain || text == cell.text(), "{} {:?}", source, cell);
            }
        }
    }
}
