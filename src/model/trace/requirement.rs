//! Requirements, read out of the text of an RS document: rows of tables, headings with what is below them, entries of
//! lists. Code, quotations and mere mentions define nothing.

use std::cell::Cell;
use std::collections::BTreeMap;

use comrak::{Arena, try_parse_document};
use unicode_normalization::UnicodeNormalization;

use super::super::body::{normalized, options};
use super::super::document::digest_of;
use super::super::span::{Flaw, Span};
use super::attribute::Attributes;
use super::definitions::Reader;
use super::memory::Text;

/// A requirement. All three forms give the same one:
///
/// ```text
/// | REQ-QMS-001 | **Starts.** It starts within a second. (kind: startup; from: UR-001) |
/// ### REQ-QMS-001 Starts                                     and a paragraph below it
/// - **REQ-QMS-001 Starts.** It starts within a second. (kind: startup; from: UR-001)
/// ```
///
/// A list's entry defines where its id is bold, code, or followed by a colon or a dash. A table may have a column for the title
/// (`Title`, `Name`) and one for each attribute; all others are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    pub id: Text,
    /// Empty where it has none.
    pub title: Text,
    pub text: Text,
    pub attributes: Attributes,
    /// Where it begins, from 1.
    pub line: usize,
    /// Over title, text and attributes as they read, in whichever form.
    pub fingerprint: Text,
}

impl Requirement {
    /// Whether it is no longer judged.
    pub fn is_retired(&self) -> bool {
        self.attributes.retired.is_some()
    }
}

/// What a document defines, in its order, each id once; and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirements {
    pub all: Vec<Requirement>,
    pub flaws: Vec<Flaw>,
}

/// Reads the requirements of `text` from byte `start` on; `pattern` is the system's: `REQ-QMS-*`.
pub fn read(text: &str, start: usize, pattern: &str) -> Requirements {
    let start = text.floor_char_boundary(start);
    let options = options();
    let arena = Arena::new();
    let reports = Cell::new(0);
    let too_much = || {
        reports.set(reports.get() + 1);
        reports.get() > 4_000 + text.len() / 16
    };
    let first_line = text[..start].matches('\n').count();
    let mut reader = Reader::new(pattern.trim_end_matches('*'), first_line);
    match try_parse_document(&arena, &text[start..], &options, &too_much) {
        Ok(root) => {
            reader.document(root);
            reader.undefined(root);
        }
        Err(_) => {
            let message = "the text is too entangled to read requirements out of it";
            reader.flaws.push((first_line + 1, message.to_owned()));
        }
    }
    finished(reader.drafts, reader.flaws, text)
}

/// The id at the very beginning of a text: the head of the pattern and letters, digits and inner dashes.
pub(super) fn id_at<'t>(text: &'t str, head: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(head)?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let own = rest[..len].trim_end_matches(['-', '_']);
    (!own.is_empty()).then(|| &text[..head.len() + own.len()])
}

/// A requirement that is being read.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) line: usize,
    pub(super) title: String,
    pub(super) text: Vec<String>,
    pub(super) attributes: Attributes,
}

/// Each id once, and all that is wrong in the order of the lines.
fn finished(drafts: Vec<Draft>, mut flaws: Vec<(usize, String)>, text: &str) -> Requirements {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for draft in drafts {
        if let Some(first) = seen.get(&draft.id) {
            let message = format!("`{}` is defined twice: line {first} has it too", draft.id);
            flaws.push((draft.line, message));
            continue;
        }
        seen.insert(draft.id.clone(), draft.line);
        let requirement = draft.requirement();
        if requirement.title.is_empty() && requirement.text.is_empty() {
            let message = format!(
                "`{}` says nothing, expected a title or a text",
                requirement.id
            );
            flaws.push((requirement.line, message));
        }
        all.push(requirement);
    }
    flaws.sort();
    let flaws = flaws.into_iter();
    let flaws = flaws.map(|(line, why)| Flaw::at(why, Span::line(text, line)));
    Requirements {
        all,
        flaws: flaws.collect(),
    }
}

impl Draft {
    fn requirement(self) -> Requirement {
        let text = self.text.join("\n");
        let words = |text: &str| normalized(text).nfc().collect::<String>();
        let read = format!("{}\n{}\n", words(&self.title), words(&text));
        let said = self.attributes.canonical();
        Requirement {
            fingerprint: digest_of(&[read.as_bytes(), said.as_bytes()]).into(),
            id: self.id.into(),
            title: self.title.into(),
            text: text.into(),
            attributes: self.attributes,
            line: self.line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
---
title: x
---
# Requirements

| ID | Requirement | From | Note |
|----|-------------|------|------|
| REQ-Q-001 | **Starts.** It starts | UR-1 | at once |
| **REQ-Q-002** | It \\| stops (class: B) | – | |

### REQ-Q-003: Answers (kind: startup)

It answers,
`always`.

- twice
- **REQ-Q-004 Inner.** text
  with more

  and still more (needs: proof)

## Others

- REQ-Q-005: five
- `REQ-Q-006` **Six.** is six
- REQ-Q-001
- REQ-Q-001 is meant here
- see REQ-Q-001

> ### REQ-Q-007 quoted

```
| REQ-Q-008 | code |
```
<!-- 
### REQ-Q-009 gone
-->
";

    fn texts(text: &str) -> Requirements {
        let start = text.find("# Req").unwrap_or(0);
        read(text, start, "REQ-Q-*")
    }

    #[test]
    fn requirements_are_read_in_every_form() {
        let read = texts(TEXT);
        assert_eq!(read.flaws, []);
        let shown: Vec<String> = read
            .all
            .iter()
            .map(|r| {
                let kind = r.attributes.kind.as_str();
                format!("{} {} [{}] {} ({kind})", r.line, r.id, r.title, r.text)
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n---\n"), @r"
        8 REQ-Q-001 [Starts] It starts
        at once (function)
        ---
        9 REQ-Q-002 [] It | stops (function)
        ---
        11 REQ-Q-003 [Answers] It answers, always.
        twice (startup)
        ---
        17 REQ-Q-004 [Inner] text with more
        and still more (function)
        ---
        24 REQ-Q-005 [] five (function)
        ---
        25 REQ-Q-006 [Six] is six (function)
        ");
        assert_eq!(read.all[0].attributes.from, ["UR-1"]);
        assert_eq!(read.all[1].attributes.class.as_deref(), Some("B"));
    }

    #[test]
    fn the_form_is_no_part_of_the_fingerprint_and_a_word_is() {
        let of = |text: &str| {
            let read = texts(text);
            assert_eq!((read.all.len(), read.flaws.len()), (1, 0), "{read:?}");
            read.all[0].fingerprint.clone()
        };
        let heading = of("### REQ-Q-1 Starts\n\nIt starts\n  at *once*. (class: B)\n");
        assert_eq!(
            heading,
            of("- **REQ-Q-1 Starts.** It starts at once. (class: B)\n")
        );
        assert_eq!(
            heading,
            of("- REQ-Q-1: **Starts.** It starts at once. (class: B)\n")
        );
        let row = "|ID|Text|Class|\n|-|-|-|\n|REQ-Q-1|**Starts.** It starts at once.|B|\n";
        assert_eq!(heading, of(row));
        assert_ne!(heading, of(&row.replace("once", "last")));
        assert_ne!(heading, of(&row.replace("|B|", "|C|")));
        assert_eq!(of("- REQ-Q-1: u\u{308}"), of("- REQ-Q-1: \u{fc}"));
    }

    #[test]
    fn an_id_that_people_read_is_defined() {
        let flaws = |text: &str| {
            let read = texts(&format!("- REQ-Q-1: a\n\n{text}"));
            read.flaws
                .into_iter()
                .map(|flaw| flaw.message)
                .collect::<Vec<_>>()
        };
        for text in [
            "### 3.1 REQ-Q-2 Two\n",
            "**REQ-Q-2** It shall.\n",
            "REQ-Q-2: it shall.\n",
            "|ID|Text|\n|-|-|\n|1|REQ-Q-1, REQ-Q-2|\n",
            "- [ ] REQ-Q-2\n",
        ] {
            let found = flaws(text);
            let says = |flaw: &String| flaw.contains("`REQ-Q-2` is named and defined nowhere");
            assert!(found.iter().any(says), "{text}: {found:?}");
        }
        for text in [
            "As REQ-Q-1 says.\n",
            "> REQ-Q-2\n",
            "`REQ-Q-2` \n",
            "XREQ-Q-2\n",
        ] {
            assert_eq!(flaws(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn twins_misspellings_and_silence_are_flaws() {
        let read =
            texts("- REQ-Q-1: a\n- REQ-Q-2: b (kind: soon)\n\n### REQ-Q-1 c\n\n### REQ-Q-3\n");
        let flaws: Vec<_> = read
            .flaws
            .iter()
            .map(|f| (f.span.as_ref().map(|s| s.line), f.message.as_str()))
            .collect();
        assert_eq!(
            flaws,
            [
                (
                    Some(2),
                    "`soon` is no kind, expected one of function, startup, proof"
                ),
                (Some(4), "`REQ-Q-1` is defined twice: line 1 has it too"),
                (
                    Some(6),
                    "`REQ-Q-3` says nothing, expected a title or a text"
                ),
            ]
        );
        assert_eq!(read.all.len(), 3);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "([-|#*>`(): \n]|REQ-Q-|kind|1|ü){0,80}", start in 0usize..100) {
            read(&text, start, "REQ-Q-*");
        }
    }
}
