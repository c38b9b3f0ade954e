//! Matrices as Markdown for GitHub: a table a system. What comes from the repository is text there, and no markup, link,
//! mention or reference.

use super::{counted, lines, named, reasons, said, short, source};
use crate::model::trace::matrix::{Matrix, Named};

pub fn md(all: &[Matrix]) -> String {
    let each: Vec<String> = all.iter().map(one).collect();
    each.join("\n")
}

fn one(matrix: &Matrix) -> String {
    let mut out = format!(
        "## {}\n\n{} at `{}`, {}. {}.\n\n",
        escaped(&matrix.system),
        escaped(&source(matrix)),
        short(&matrix.commit),
        escaped(&matrix.date),
        escaped(&counted(matrix)),
    );
    let title = [
        "Requirement",
        "Title",
        "Verdict",
        "Implemented by",
        "Verified by",
    ];
    out.push_str(&table(
        &title,
        matrix.requirements.iter().map(|row| {
            [
                escaped(&row.id),
                escaped(&row.title),
                escaped(row.verdict),
                names(&row.implemented_by),
                names(&row.verified_by),
            ]
        }),
    ));
    let mut why = String::new();
    for row in &matrix.requirements {
        for reason in reasons(row) {
            why.push_str(&format!("- {}: {}\n", escaped(&row.id), escaped(&reason)));
        }
    }
    for flaw in &matrix.flaws {
        let system = escaped(&matrix.system);
        why.push_str(&format!("- {system}: {}\n", escaped(&said(flaw))));
    }
    for retired in &matrix.retired {
        let (id, by) = (escaped(&retired.id), escaped(&retired.by));
        why.push_str(&format!("- {id}: retired by {by}\n"));
    }
    if !why.is_empty() {
        out.push_str(&format!("\n{why}"));
    }
    out
}

/// A table of cells that are Markdown already.
pub(super) fn table<const N: usize>(
    title: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut out = line(&title.map(str::to_owned));
    out.push_str(&line(&title.map(|_| "---".to_owned())));
    for row in rows {
        out.push_str(&line(&row));
    }
    out
}

fn names(all: &[Named]) -> String {
    let all: Vec<String> = all.iter().map(|one| escaped(&named(one))).collect();
    all.join("<br>")
}

/// What means something within a line, wherever it stands.
const MARKS: &str = "\\`*_[]<>|~&$";

/// Text as Markdown that shows it: no mark means anything, no address is a link, and the empty element keeps GitHub from
/// mentioning people and linking issues, which it finds in the text that is left.
pub(super) fn escaped(text: &str) -> String {
    let text = lines(text.trim());
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let address = match c {
            ':' => text[at..].starts_with(":/"),
            '.' => text.as_bytes()[at.saturating_sub(3)..at].eq_ignore_ascii_case(b"www"),
            _ => false,
        };
        match c {
            '\n' => out.push_str("<br>"),
            '@' | '#' => out.push_str(&format!("\\{c}<b></b>")),
            c if address || MARKS.contains(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a reader of GitHub's dialect shows it: with the tags that are in it, and without.
    fn shown(markdown: &str) -> (Vec<String>, String) {
        let mut options = comrak::Options::default();
        options.extension.table = true;
        options.extension.autolink = true;
        options.extension.strikethrough = true;
        options.extension.footnotes = true;
        options.render.r#unsafe = true;
        let html = comrak::markdown_to_html(markdown, &options);
        let (mut tags, mut text) = (Vec::new(), String::new());
        for part in html.split('<') {
            let (tag, rest) = part.split_once('>').unwrap_or(("", part));
            tags.push(tag.split(' ').next().unwrap_or_default().to_owned());
            text.push_str(rest);
        }
        for (code, c) in [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&amp;", "&"),
        ] {
            text = text.replace(code, c);
        }
        (tags, text)
    }

    #[test]
    fn what_is_in_it_is_text() {
        let page = md(&super::super::tests::samples());
        insta::assert_snapshot!(page, @r###"
        ## CLI

        SDLC-CLI-RS 1.0 (in force), evidence of this state at `3f1c2ab000`, 2023-11-14T16:43:20-05:30. 2 requirements: 1 untested, 1 verified.

        | Requirement | Title | Verdict | Implemented by | Verified by |
        | --- | --- | --- | --- | --- |
        | REQ-CLI-001 | =1+1 \| \<b\>\&"Adds"\</b\> \@<b></b>ann \#<b></b>12 | untested | src/a.py::add\_it (src/a.py:3) | adds \> two \| three (tests/a b.py:3) |
        | REQ-CLI-002 | Says | verified | src/a.py::add\_it (src/a.py:3) |  |

        - REQ-CLI-001: tests/a b.py:3: \`test\_\<add\>\` asserts nothing
        - REQ-CLI-001: warning: its title� is odd
        - CLI: src/\<c\>.py:1: \`REQ-CLI-009\` is no requirement
        - REQ-CLI-003: retired by CR-045

        ## WEB

        SDLC-WEB-RS 0.1 (a draft, nothing is in force), no evidence at `3f1c2ab000`, 2023-11-14T16:43:20-05:30. 0 requirements.

        | Requirement | Title | Verdict | Implemented by | Verified by |
        | --- | --- | --- | --- | --- |
        "###);
        let (tags, text) = shown(&page);
        let known = "h2 p code table thead tbody tr th td br ul li b";
        let other: Vec<&String> = tags
            .iter()
            .filter(|tag| {
                !known.split(' ').any(|k| k == tag.trim_start_matches('/')) && !tag.is_empty()
            })
            .collect();
        assert_eq!(other, Vec::<&String>::new());
        assert!(text.contains("=1+1 | <b>&\"Adds\"</b> @ann #12"), "{text}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_shown_as_it_is(text in "([!-/:-@\\[-`{-~]|a|1| |http://x[.]de|www[.]x[.]de|ä){0,40}") {
            let cell = format!("| a |\n| --- |\n| {} |\n", escaped(&text));
            let (tags, said) = shown(&cell);
            let alien = |t: &&String| !["", "table", "thead", "tbody", "tr", "th", "td", "b"]
                .contains(&t.trim_start_matches('/'));
            assert_eq!(tags.iter().find(alien), None, "{cell}");
            let said: String = said.split_whitespace().collect();
            let meant: String = format!("a{}", text.split_whitespace().collect::<String>());
            assert_eq!(said, meant, "{cell}");
        }
    }
}
