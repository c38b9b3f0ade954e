//! What is filled in is read back, and nothing else changes.

use proptest::prelude::*;

use super::super::grown::{markdown, text::OPEN};
use super::*;
use crate::model::template::BUILT_IN;

fn template(kind: &str) -> &'static str {
    let found = BUILT_IN.iter().find(|(name, _)| *name == kind);
    let (_, text) = found.expect("a template");
    &text[text.find("\n# ").expect("a title")..]
}

fn form(kind: &str) -> Form {
    Form::of(&Body::read(template(kind), 0))
}

fn read(text: &str) -> Body {
    Body::read(text, 0)
}

/// The cells of a row as they read.
fn row_texts(text: &str, item: &str) -> Vec<String> {
    let (body, form) = (read(text), form("CR"));
    let table = form.items(&body).expect("an item table");
    let row = table.rows.iter().find(|r| r.name() == item);
    let cells = &row.expect("the row").cells;
    cells.iter().map(|c| c.text().to_owned()).collect()
}

fn set(text: &str, item: &str, column: usize, new: &str) -> Result<String, String> {
    cells(&read(text), &form("CR"), item, &[(column, new.to_owned())])
}

/// The lines of two texts that differ, and how many there are on each side.
fn differing<'a>(old: &'a str, new: &'a str) -> Vec<(&'a str, &'a str)> {
    assert_eq!(old.lines().count(), new.lines().count());
    let pairs = old.split_inclusive('\n').zip(new.split_inclusive('\n'));
    pairs.filter(|(a, b)| a != b).collect()
}

#[test]
fn cells_of_a_row_are_set_together() {
    let text = template("CR");
    let new = [(4, "Done | so".to_owned()), (3, "Pass".to_owned())];
    let new = cells(&read(text), &form("CR"), "EI-2", &new).expect("it fits");
    let lines = differing(text, &new);
    let (_, line) = lines[0];
    assert_eq!(
        (lines.len(), line),
        (
            1,
            "| EI-2 | {{Second task}} | No | Pass | Done \\| so | [PERFORMER] | [TIME] | [EVIDENCE] |\n"
        )
    );
    assert_eq!(row_texts(&new, "EI-2")[3..5], ["Pass", "Done | so"]);
}

#[test]
fn markup_is_kept_and_what_reads_otherwise_is_refused() {
    let text = template("CR");
    for (given, read) in [
        ("", ""),
        ("a  b\n c", "a b c"),
        ("`x|y` and *so*", "x|y and so"),
        ("a \\| b", "a | b"),
        ("a \\\\| b", "a \\| b"),
        ("[log](https://x/y?a=b|c), CR-001", "log, CR-001"),
        ("# no heading", "# no heading"),
        ("1. no list", "1. no list"),
        ("ends in \\", "ends in \\"),
        ("a `tick", "a `tick"),
        ("x<br>y", "xy"),
    ] {
        let new = set(text, "EI-1", 7, given).unwrap_or_else(|why| panic!("{given:?}: {why}"));
        assert_eq!(row_texts(&new, "EI-1")[7], read, "{given:?}");
        assert_eq!(differing(text, &new).len(), 1);
    }
    for (given, why) in [
        ("`a\\|b`", "would read as"),
        ("a <!-- hidden --> b", "HTML comment"),
        ("a\u{200b}b", "U+200B"),
        ("<td>", "a table in HTML"),
    ] {
        let refused = set(text, "EI-1", 7, given).expect_err(given);
        assert!(refused.contains(why), "{given:?}: {refused}");
    }
    for (item, why) in [("EI-3", "no row EI-3"), ("", "no row ")] {
        let refused = set(text, item, 3, "Pass").expect_err(item);
        assert!(refused.contains(why), "{refused}");
    }
    let twice = text.replace("EI-2", "EI-1");
    assert!(set(&twice, "EI-1", 3, "Pass").is_err());
    let short = text.replace(" | [TIME] | [EVIDENCE] |\n| EI-2", " |\n| EI-2");
    let refused = set(&short, "EI-1", 3, "Pass").expect_err("a short row");
    assert!(refused.contains("has 6 cells, expected 8"), "{refused}");
    let other = text.replace("| Outcome |", "| Result |");
    let refused = set(&other, "EI-1", 3, "Pass").expect_err("no item table");
    assert!(refused.contains("no item table"), "{refused}");
    assert!(cells(&read(text), &form("SOP"), "EI-1", &[]).is_err());
}

const ALIGNED: &str = "\n## Implementation plan\r\n\r
|  EI   | Task      | VR | Outcome    | Summary | Performed by | Time | Evidence |\r
|:-----:|-----------|----|------------|---|---|---|---|\r
| EI-1  | One 変更  | No | [OUTCOME]  | [SUMMARY] | [PERFORMER] | [TIME] | [EVIDENCE] |\r
| EI-2  | Two       | No |            || [PERFORMER] | [TIME] | [EVIDENCE]   |\r\n";

#[test]
fn a_row_that_is_aligned_stays_so() {
    let new = set(ALIGNED, "EI-1", 3, "Pass").expect("it fits");
    assert!(
        new.contains("| One 変更  | No | Pass       | [SUMMARY] |"),
        "{new}"
    );
    let new = set(&new, "EI-2", 3, "Not run at all, ever").expect("it fits");
    assert!(new.contains("| No | Not run at all, ever || [P"), "{new}");
    let new = set(&new, "EI-2", 1, "2").expect("it fits");
    assert!(new.contains("| EI-2  | 2         | No |"), "{new}");
    let new = set(&new, "EI-2", 4, "s").expect("it fits");
    assert!(new.contains(" ever |s| [P"), "{new}");
    let new = set(&new, "EI-2", 7, "e").expect("it fits");
    assert!(new.contains("| e   |\r\n"), "{new}");
    let new = set(&new, "EI-1", 3, "[OUTCOME]").expect("it fits");
    assert_eq!(new.lines().nth(4), ALIGNED.lines().nth(4));
}

fn row_of(id: &str) -> Vec<String> {
    let rest = [
        "a | b",
        "No",
        "[OUTCOME]",
        "[SUMMARY]",
        "[PERFORMER]",
        "[TIME]",
        "[EVIDENCE]",
    ];
    std::iter::once(id).chain(rest).map(str::to_owned).collect()
}

#[test]
fn rows_come_at_the_end_and_go() {
    let form = form("CR");
    for text in [template("CR"), ALIGNED, ALIGNED.trim_end()] {
        let new = add(&read(text), &form, &row_of("EI-3")).expect("it fits");
        assert_eq!(row_texts(&new, "EI-3"), row_of("EI-3"));
        let back = remove(&read(&new), &form, "EI-3").expect("it goes");
        assert_eq!(back.trim_end(), text.trim_end());
        let refused = add(&read(&new), &form, &row_of("EI-3")).expect_err("twice");
        assert!(refused.contains("there already"), "{refused}");
        let mut bare = new;
        for item in ["EI-1", "EI-2", "EI-3"] {
            bare = remove(&read(&bare), &form, item).expect("it goes");
        }
        let one = add(&read(&bare), &form, &row_of("EI-1")).expect("it fits");
        assert_eq!(row_texts(&one, "EI-1"), row_of("EI-1"));
    }
    assert!(remove(&read(template("CR")), &form, "EI-7").is_err());
}

const NESTED: &str =
    "# T\n\n## 1. A\n\nold\n\n### 1.1 B\n\nb\n\n### 1.2 C\n\nc\n\n  ## 2. D\n\n[r] d\n\nE\n-\n\ne";

fn put(at: usize, given: &str) -> Result<String, String> {
    section(&read(NESTED), &form("CR"), at, given)
}

#[test]
fn a_section_gets_another_text() {
    let new = put(0, "\n\nnew\n\n- words\n\n").expect("it fits");
    assert_eq!(new, NESTED.replace("old", "new\n\n- words"));
    let with_heading = put(0, "## 1. A\n\nnew\n\n- words");
    assert_eq!(with_heading.as_ref(), Ok(&new));
    assert_eq!(
        put(1, "    code"),
        Ok(NESTED.replace("\nb\n", "\n    code\n"))
    );
    assert_eq!(put(3, "d"), Ok(NESTED.replace("[r] d", "d")));
    assert_eq!(
        put(4, "new"),
        Ok(format!("{}new\n", NESTED.trim_end_matches('e')))
    );
    let new = put(0, "x\n\n### 1.1 C\n\ny\n\n#### deep\n\n### 1.2 B").expect("it fits");
    assert_eq!(
        new,
        "# T\n\n## 1. A\n\nx\n\n### 1.1 C\n\ny\n\n#### deep\n\n### 1.2 B\n\n  ## 2. D\n\n[r] d\n\nE\n-\n\ne"
    );
    let bare = section(&read("## A"), &form("CR"), 0, "x");
    assert_eq!(bare.as_deref(), Ok("## A\n\nx\n"));
}

#[test]
fn a_text_that_reaches_beyond_its_section_is_refused() {
    for (given, why) in [
        ("", "empty"),
        ("  \n\n", "empty"),
        ("## 1. A\n", "empty"),
        ("x\n\n```\ncode", "does not close"),
        ("~~~~\nx\n~~~", "does not close"),
        ("<!-- x", "does not close"),
        ("<script>\nx", "does not close"),
        ("<pre>\nx\n\ny", "does not close"),
        ("x\n\n## 3. More\n\ny\n\n### B\n\n### C", "not below"),
        ("x\n\n# Top", "not below"),
        ("More\n----\n\n### B\n\n### C", "not below"),
        ("x\n\n### 1.1 B", "leaves out the subsection `1.2 C`"),
        ("[r]: u", "another part"),
        ("[z]: u", "link definition"),
        ("a <!-- b --> c", "HTML comment"),
        ("a\u{202e}b", "U+202E"),
        ("<table><tr><td>x</td></tr></table>", "table in HTML"),
        ("| A | B |\n|---|---|\n| 1 |", "a row of 1 cells"),
    ] {
        let refused = put(0, given).expect_err(given);
        assert!(refused.contains(why), "{given:?}: {refused}");
    }
    let kind = form("CR");
    let swallowed = "## 2. D\n\n[r] d\n\nE\n-\n\ne\n\n```\nx";
    for given in [&format!("x\n\n{swallowed}"), swallowed] {
        assert!(put(0, given).is_err());
    }
    // Of the last section as well: what is appended later would be swallowed.
    for given in ["```\nx", "x\n\n### Sub\n\n```\nx"] {
        assert!(section(&read(NESTED), &kind, 4, given).is_err(), "{given}");
    }
}

#[test]
fn what_may_stand_in_a_section_may_be_put_there() {
    let hidden = ["[r]: x", "<!-- c -->", "&#8203;"];
    for given in OPEN {
        let fits = put(3, given).is_ok();
        assert_eq!(fits, !hidden.contains(given), "{given:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_plain_text_is_read_back_from_its_cell(
        given in "[a-zA-Z0-9 ü.,:;|/()=-]{0,40}",
        column in 1usize..8,
        text in prop::sample::select(vec![template("CR"), ALIGNED]),
    ) {
        let new = set(text, "EI-1", column, &given).expect("it fits");
        prop_assert_eq!(&row_texts(&new, "EI-1")[column], &normalized(&given));
        let lines = differing(text, &new);
        prop_assert!(lines.iter().all(|(old, _)| old.starts_with("| EI-1 ")));
    }

    #[test]
    fn whatever_is_put_in_a_cell_changes_that_cell_alone(
        around in markdown(),
        given in markdown(),
        column in 1usize..8,
    ) {
        let text = template("CR").replace("{{What this change", &format!("{around}\n\n{{{{What"));
        let (body, form) = (read(&text), form("CR"));
        if let Ok(new) = cells(&body, &form, "EI-2", &[(column, given.clone())]) {
            let at = text.find("| EI-2 |").expect("the row");
            let end = at + text[at..].find('\n').expect("its end");
            prop_assert!(new.starts_with(&text[..at]) && new.ends_with(&text[end..]));
            let after = read(&new);
            let table = |b| form.items(b).expect("an item table").clone();
            let (old, now) = (table(&body), table(&after));
            prop_assert_eq!(old.rows.len(), now.rows.len());
            for (number, (a, b)) in old.rows[1].cells.iter().zip(&now.rows[1].cells).enumerate() {
                prop_assert!(number == column || a.text() == b.text());
            }
            let source = after.source(&now.rows[1].cells[column].range);
            prop_assert_eq!(source.replace('\\', ""), normalized(&given).replace('\\', ""));
            prop_assert_eq!(body.sections.len(), after.sections.len());
        }
    }

    #[test]
    fn whatever_is_put_in_a_section_changes_no_other(
        around in markdown(),
        given in markdown(),
        at in 0usize..8,
    ) {
        let text = NESTED.replace("\nc\n", &format!("\nc\n\n{around}\n\n"));
        let body = read(&text);
        let at = at % body.sections.len();
        if let Ok(new) = section(&body, &form("CR"), at, &given) {
            let after = read(&new);
            let own = &body.sections[at];
            prop_assert!(new.starts_with(&text[..own.heading.range.end]));
            let below = below(&body, at);
            let now_below = below + after.sections.len() - body.sections.len();
            let shown = |b: &Body, from: usize| {
                let rest = b.sections[from..].iter();
                rest.map(|s| (s.shown().to_owned(), b.source(&s.range).to_owned())).collect::<Vec<_>>()
            };
            prop_assert_eq!(shown(&body, below), shown(&after, now_below));
            let before = |b: &Body| b.sections[..at].iter().map(|s| b.source(&s.range).to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(before(&body), before(&after));
            let inner = without_heading(own, &given);
            prop_assert!(new[own.heading.range.end..].contains(inner));
        }
    }
}
