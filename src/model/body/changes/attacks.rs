//! Attacks on the frozen part from what is open. Cases: threats.md F11.

use super::super::altered::What;
use super::super::{Body, Form, Frozen, changes};
use super::tests::{altered, approved, edited};

#[test]
fn f11_nothing_open_changes_unseen_how_the_frozen_part_reads() {
    let text = approved();
    let open_places = ["[COMMENT]", "[EXECUTION SUMMARY]", "[OUTCOME]"];
    assert!(open_places.iter().all(|place| text.contains(place)));
    // A definition: `[spec]` in section 1 becomes a link.
    assert_eq!(
        edited("[EXECUTION SUMMARY]", "x\n\n[spec]: evil.md"),
        [
            "1. Purpose: words changed: It makes the [spec] good for all. => It makes the spec good for all. @ It *makes* the [spec] good for all."
        ]
    );
    // One that comes first takes the place of a later one.
    let two = |first: &str| {
        let text = format!("## Open\n\n{first}\n\n## S\n\n[a]\n\n[a]: good\n");
        let form = Form::of(&Body::read("## Open\n\n[TEXT]\n\n## S\n\nx\n", 0)).openness();
        (Body::read(&text, 0), form)
    };
    let ((a, open), (b, _)) = (two("x"), two("[a]: evil"));
    let found = changes(&Frozen::of(&a, &open), &Frozen::of(&b, &open));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].what, What::Markup);
    // What never ends swallows the sections behind it.
    for swallow in [
        "```",
        "~~~~ x",
        "<!-- ",
        "<pre>",
        "<script>",
        "<?php",
        "<![CDATA[",
    ] {
        let said = edited(
            "| [COMMENT] | [PERFORMER] | [TIME] |",
            &format!("\n{swallow}"),
        );
        let gone = "11. Execution summary: heading gone";
        assert!(
            said.iter().any(|s| s.starts_with(gone)),
            "{swallow}: {said:?}"
        );
    }
    // HTML that is not closed where it is opened hides them on the page; what is closed does not.
    for (html, tag) in [
        ("<details>", "details"),
        ("<div hidden>\n\nx", "div"),
        ("a <style>h2 {}</style>", "style"),
    ] {
        let said = edited("[EXECUTION SUMMARY]", html);
        assert!(
            said[0].starts_with(&format!("11. Execution summary: `<{tag}>` reaches beyond")),
            "{said:?}"
        );
        assert!(!edited("[COMMENT]", html.lines().next().unwrap_or_default()).is_empty());
    }
    let closed = "<details>\n\n### Part\n\nx <b>y</b><br>\n\n</details>";
    assert_eq!(edited("[EXECUTION SUMMARY]", closed), Vec::<String>::new());
    assert_eq!(edited("[OUTCOME]", "Pass</table>").len(), 1);
    // Text before a heading of the other sort becomes a part of it; a list takes in what is indented.
    let setext = text.replace(
        "## 11. Execution summary\n",
        "11\\. Execution summary\n---\n",
    );
    assert_eq!(altered(&setext), Vec::<String>::new());
    assert!(!altered(&setext.replacen("[TIME] |\n\n11\\.", "[TIME] |\n\nx\n11\\.", 1)).is_empty());
    let indented = text.replace("## 11. Execution summary", "  ## 11. Execution summary");
    assert_eq!(altered(&indented), Vec::<String>::new());
    assert!(
        !altered(&indented.replacen("[TIME] |\n\n  ##", "[TIME] |\n\n- x\n\n  ##", 1)).is_empty()
    );
    // A section of an open one's name, before it.
    assert!(!edited("## 2. Scope", "## 2. Execution summary\n\nx\n\n## 2. Scope").is_empty());
    // Another table of the same columns, before the item table.
    let start = text.find("| EI |").expect("a table");
    let end = text.find("## 10.").expect("a heading");
    let twice =
        text[..start].to_owned() + &text[start..end].replace("One", "Other") + &text[start..];
    assert!(!altered(&twice).is_empty());
    // A cell that holds a pipe pushes what is frozen out of its column.
    assert!(
        !edited(
            "| EI-1 | One | No | [OUTCOME] |",
            "| EI-1 | One | No | a | b |"
        )
        .is_empty()
    );
}

#[test]
fn a_subsection_that_is_spoken_of_keeps_its_own_rule() {
    let template = "## A\n\nx\n\n### B\n\n[TEXT]\n\n## C\n\n[TEXT]\n\n### D\n\nx\n";
    let open = Form::of(&Body::read(template, 0)).openness();
    let said = |a: &str, b: &str| {
        let (a, b) = (Body::read(a, 0), Body::read(b, 0));
        changes(&Frozen::of(&a, &open), &Frozen::of(&b, &open)).len()
    };
    assert_eq!(
        said(
            template,
            &template.replacen("[TEXT]", "done\n\n#### more", 1)
        ),
        0
    );
    assert_eq!(
        said(
            template,
            &template.replace("### D\n\nx", "### E\n\nfree\n\n### D\n\nx")
        ),
        0
    );
    assert_eq!(
        said(template, &template.replace("### D\n\nx", "### D\n\ny")),
        1
    );
    assert_eq!(said(template, &template.replace("### D", "### E")), 1);
    assert_eq!(said(template, &template.replace("### B", "### E")), 1);
}
