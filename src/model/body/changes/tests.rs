//! What is frozen and what is open, attacks on it, and what each change is called.

use super::super::super::template::BUILT_IN;
use super::super::{Body, Form, Openness, changes};

/// A change record as it is when it is approved.
pub(super) fn approved() -> String {
    let (_, text) = BUILT_IN
        .iter()
        .find(|(name, _)| *name == "CR")
        .expect("a template");
    let text = &text[text.find("\n# ").expect("a title")..];
    let text = text
        .replace("{{ID}}", "CR-001")
        .replace("{{TITLE}}", "A title")
        .replace("{{First task}}", "One")
        .replace("{{Second task}}", "Two");
    let filled = text.replace(
        "{{What this change achieves, and for whom.}}",
        "It *makes* the [spec] good for all.",
    );
    let filled = filled.replace(
        "{{How things are now, as far as it matters here.}}",
        "- a\n- b\n\n```sh\nrun x\n```\n\n3. c\n4. d",
    );
    let mut out = String::new();
    let mut rest = filled.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        out.push_str("Text");
        rest = after.split_once("}}").map_or("", |(_, rest)| rest);
    }
    out + rest
}

pub(super) fn open() -> Openness {
    let (_, text) = BUILT_IN
        .iter()
        .find(|(name, _)| *name == "CR")
        .expect("a template");
    Form::of(&Body::read(text, text.find("\n# ").expect("a title"))).openness()
}

/// The changes from the approved text, a line each.
pub(super) fn altered(after: &str) -> Vec<String> {
    let (before, after, open) = (Body::read(&approved(), 0), Body::read(after, 0), open());
    let found = changes(
        &super::Frozen::of(&before, &open),
        &super::Frozen::of(&after, &open),
    );
    let line = |a: super::super::Altered| {
        assert!(after.source(&a.range).len() == a.range.len());
        let place = after
            .source(&a.range)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        let side = |s: Option<String>| s.unwrap_or("-".to_owned());
        format!(
            "{}: {}: {} => {} @ {place}",
            a.section,
            a.what,
            side(a.before),
            side(a.after)
        )
    };
    found.into_iter().map(line).collect()
}

pub(super) fn edited(from: &str, to: &str) -> Vec<String> {
    let text = approved();
    assert!(text.contains(from), "{from}");
    altered(&text.replacen(from, to, 1))
}

#[test]
fn how_a_text_is_set_is_no_change() {
    for (from, to) in [
        (
            "It *makes* the [spec] good for all.",
            "It _makes_ the\n  [spec] good\nfor all.  ",
        ),
        ("- a\n- b", "+   a\n+   b"),
        ("- a\n- b", "* a\n\n* b"),
        ("```sh\nrun x\n```", "~~~sh\nrun x  \n~~~"),
        ("## 2. Scope\n", "2\\. Scope\n--------\n"),
        ("## 2. Scope\n", "##   2.  Scope ##\n"),
        ("3. c\n4. d", "3) c\n7) d"),
        ("|----|------|----|", "|:--|:-----:|--|"),
        ("| EI | Task | VR |", "|EI|Task   |  VR|"),
        ("\n", "\r\n"),
        ("", "\n\n"),
    ] {
        assert_eq!(edited(from, to), Vec::<String>::new(), "{from} {to}");
    }
    assert_eq!(
        altered(&approved().replace('\n', "\r\n")),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_carried_out_is_open() {
    for (from, to) in [
        (
            "[OUTCOME] | [SUMMARY] | [PERFORMER] | [TIME] | [EVIDENCE] |\n| EI-2",
            "Pass | It *works* `a\\|b` | dev | today | CR-002 |\n| EI-2",
        ),
        (
            "[EVIDENCE] |\n\n## 10.",
            "[EVIDENCE] |\n| EI-3 | Three | Yes | | | | | |\n| EI-4 | Four |\n\n## 10.",
        ),
        (
            "| [COMMENT] | [PERFORMER] | [TIME] |",
            "| x | y | z |\n| x | y | z |\n\nAnd *more*.\n\n- of it\n\n### A part\n\n[r]: x",
        ),
        (
            "[EXECUTION SUMMARY]",
            "All was done.\n\n### 11.1 Detail\n\n#### Deeper\n\n> q\n\n```\n## no heading\n```",
        ),
        ("[EXECUTION SUMMARY]", ""),
    ] {
        assert_eq!(edited(from, to), Vec::<String>::new(), "{to}");
    }
}

#[test]
fn every_change_has_its_name_and_its_place() {
    for (from, to, said) in [
        (
            "good for all",
            "bad for all",
            "1. Purpose: words changed: It makes the [spec] good for all. => It makes the [spec] bad for all. @ It *makes* the [spec] bad for all.",
        ),
        (
            "*makes*",
            "makes",
            "1. Purpose: markup changed: It *makes* the [spec] good for all. => It makes the [spec] good for all. @ It makes the [spec] good for all.",
        ),
        (
            "good for all",
            "Good for all",
            "1. Purpose: words changed: It makes the [spec] good for all. => It makes the [spec] Good for all. @ It *makes* the [spec] Good for all.",
        ),
        (
            "good for all.",
            "good for all.\n\nMore.",
            "1. Purpose: text added: - => More. @ More.",
        ),
        (
            "good for all.",
            "good for all.\n\n<!-- hid -->",
            "1. Purpose: text added: - => <!-- hid --> @ <!-- hid -->",
        ),
        (
            "good for all.",
            "good for all.\n\n[//]: # (hid)",
            "1. Purpose: text added: - => [//]: # (hid) @ [//]: # (hid)",
        ),
        (
            "- a\n- b",
            "- b\n- a",
            "3. Current state: words changed: a\nb => b\na @ - b",
        ),
        (
            "3. c\n4. d",
            "4. c\n5. d",
            "3. Current state: markup changed: 3. c\n4. d => 4. c\n5. d @ 4. c",
        ),
        (
            "run x",
            "run y",
            "3. Current state: words changed: run x => run y @ ```sh",
        ),
        (
            "```sh\nrun x\n```\n\n",
            "",
            "3. Current state: text gone: run x => - @ ",
        ),
        (
            "- a\n- b\n\n```sh\nrun x\n```",
            "```sh\nrun x\n```\n\n- a\n- b",
            "3. Current state: text moved: - => run x @ ```sh",
        ),
        (
            "## 2. Scope",
            "## 2. Extent",
            "2. Extent: heading changed: 2. Scope => 2. Extent @ ## 2. Extent",
        ),
        (
            "## 2. Scope",
            "## 3. Scope",
            "3. Scope: heading changed: 2. Scope => 3. Scope @ ## 3. Scope",
        ),
        (
            "## 2. Scope",
            "### 2. Scope",
            "2. Scope: heading changed: ## 2. Scope => ### 2. Scope @ ### 2. Scope",
        ),
        (
            "## 2. Scope",
            "### New\n\n## 2. Scope",
            "New: heading added: - => New @ ### New",
        ),
        (
            "## 10. Execution comments",
            "## 10. Comments",
            "10. Comments: heading changed: 10. Execution comments => 10. Comments @ ## 10. Comments",
        ),
        (
            "## 2. Scope\n\nText\n\n",
            "",
            "2. Scope: heading gone: 2. Scope => - @ ",
        ),
        (
            "[EXECUTION SUMMARY]",
            "x\n\n## 12. More",
            "12. More: heading added: - => 12. More @ ## 12. More",
        ),
        (
            "CR-001: A title",
            "CR-001: Another",
            "preamble: title changed: CR-001: A title => CR-001: Another @ # CR-001: Another",
        ),
        (
            "## 1. Purpose",
            "Hello\n\n## 1. Purpose",
            "preamble: text added: - => Hello @ Hello",
        ),
        (
            "| One |",
            "| 1 |",
            "9. Implementation plan: `Task` of row `EI-1` changed: One => 1 @ 1",
        ),
        (
            "| One |",
            "| *One* |",
            "9. Implementation plan: `Task` of row `EI-1` changed: One => *One* @ *One*",
        ),
        (
            "| EI-1 |",
            "| EI-9 |",
            "9. Implementation plan: `EI` of row `EI-1` changed: EI-1 => EI-9 @ EI-9",
        ),
        (
            "| Task |",
            "| What |",
            "9. Implementation plan: header of column 2 changed: Task => What @ What",
        ),
        (
            "| EI-2 |",
            "| EI-3 | x | No | | | | | |\n| EI-2 |",
            "9. Implementation plan: row `EI-3` added: - => EI-3 | x | No |  |  |  |  |  @ | EI-3 | x | No | | | | | |",
        ),
        (
            "| EI-2 | Two | No |",
            "| EI-2 | Two | No | x |",
            "9. Implementation plan: `9` of row `EI-2` changed:  => [EVIDENCE] @ | EI-2 | Two | No | x | [OUTCOME] | [SUMMARY] | [PERFORMER] | [TIME] | [EVIDENCE] |",
        ),
    ] {
        assert_eq!(edited(from, to), [said], "{to}");
    }
}

#[test]
fn i_01b_rows_that_go_or_move_are_named() {
    let text = approved();
    let rows: Vec<&str> = text.lines().filter(|l| l.starts_with("| EI-")).collect();
    let gone = altered(&text.replacen(&format!("{}\n", rows[0]), "", 1));
    assert_eq!(gone.len(), 1);
    assert!(
        gone[0].starts_with("9. Implementation plan: row `EI-1` gone: EI-1 | One | No"),
        "{gone:?}"
    );
    let both = format!("{}\n{}", rows[0], rows[1]);
    let moved = altered(&text.replacen(&both, &format!("{}\n{}", rows[1], rows[0]), 1));
    assert_eq!(moved.len(), 1);
    assert!(moved[0].contains(" moved: "), "{moved:?}");
    let split = text.replacen(&both, &format!("{}\n\n{}", rows[0], rows[1]), 1);
    assert!(!altered(&split).is_empty());
    let html = text.replacen(rows[1], "<tr><td>EI-2</td></tr>", 1);
    assert!(!altered(&html).is_empty());
}

#[test]
fn a_table_keeps_its_rows_where_it_is_frozen_whole() {
    let table = |rows: &str| format!("## S\n\n| A | B |\n|---|---|\n{rows}");
    let said = |a: &str, b: &str| {
        let (a, b, open) = (
            Body::read(&table(a), 0),
            Body::read(&table(b), 0),
            Openness::default(),
        );
        let found = changes(&super::Frozen::of(&a, &open), &super::Frozen::of(&b, &open));
        found
            .into_iter()
            .map(|a| a.what.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        said("| 1 | 2 |\n", "| 1 | 2 |\n| 3 | 4 |\n"),
        ["row `3` added"]
    );
    assert_eq!(
        said("| 1 | 2 |\n| 3 | 4 |\n", "| 1 | 2 |\n"),
        ["row `3` gone"]
    );
    assert_eq!(
        said("| 1 | 2 |\n| 3 | 4 |\n", "| 1 | x |\n| 5 | 4 |\n"),
        ["`B` of row `1` changed", "`A` of row `3` changed"]
    );
    assert_eq!(said("| 1 | 2 |\n", "| 1 | 2 |"), Vec::<String>::new());
}

#[test]
fn what_stands_before_the_title_stays_there() {
    let (a, b, open) = (
        Body::read("# T\n\nx\n", 0),
        Body::read("x\n\n# T\n", 0),
        Openness::default(),
    );
    let found = changes(&super::Frozen::of(&a, &open), &super::Frozen::of(&b, &open));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].what, super::What::Title);
}
