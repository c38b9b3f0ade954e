//! Marks that take lines out of what a coverage tool reports as executable, a row each. Whoever writes the code writes
//! them too, so that a share of what is left says nothing of what they took out.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::Sort;

/// A mark, and what it takes out.
pub(super) struct Mark {
    sorts: &'static [Sort],
    pub(super) on: On,
    pub(super) reach: Reach,
    /// Its first group is the tool, where one mark begins what another one ends.
    pattern: &'static str,
}

/// Where a mark counts. In a string it is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Comment,
    /// An attribute, or the annotation of a method or type.
    Attribute,
}

/// What a mark takes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Its line.
    Line,
    /// Its line; on the head of something that has a body, all of that.
    Head,
    /// What comes next: so many lines as it says, or a whole statement, tools differ.
    Next,
    /// What an attribute is of.
    Owner,
    /// All from here on, to where the same tool is told to stop.
    Start,
    Stop,
    File,
}

const COMPILED: &[Sort] = &[Sort::Rust, Sort::C];
const SCRIPT: &[Sort] = &[Sort::Script];

/// Of two that fit one comment the first counts. Marks of branches alone, as `no branch`, take out no line.
static MARKS: &[Mark] = &[
    Mark {
        sorts: &[Sort::Python],
        on: On::Comment,
        reach: Reach::Head,
        pattern: r"#\s*(?:pragma|PRAGMA)[:\s]?\s*(?:no|NO)\s*(?:cover|COVER)",
    },
    Mark {
        sorts: SCRIPT,
        on: On::Comment,
        reach: Reach::File,
        pattern: r"(?:v8|c8|istanbul)\s+ignore\s+file",
    },
    Mark {
        sorts: SCRIPT,
        on: On::Comment,
        reach: Reach::Start,
        pattern: r"(v8|c8|istanbul|node:coverage)\s+(?:ignore\s+start|disable)",
    },
    Mark {
        sorts: SCRIPT,
        on: On::Comment,
        reach: Reach::Stop,
        pattern: r"(v8|c8|istanbul|node:coverage)\s+(?:ignore\s+(?:stop|end)|enable)",
    },
    Mark {
        sorts: SCRIPT,
        on: On::Comment,
        reach: Reach::Next,
        pattern: r"(?:v8|c8|istanbul|node:coverage)\s+ignore(?:\s+(?:next|if|else)(?:\s+[0-9]+)?)?",
    },
    Mark {
        sorts: COMPILED,
        on: On::Comment,
        reach: Reach::Start,
        pattern: r"(GRCOV|grcov|[GL]COVR?)[-_](?:EXCL|excl|UNREACHABLE)[-_](?:START|start)",
    },
    Mark {
        sorts: COMPILED,
        on: On::Comment,
        reach: Reach::Stop,
        pattern: r"(GRCOV|grcov|[GL]COVR?)[-_](?:EXCL|excl|UNREACHABLE)[-_](?:STOP|stop)",
    },
    Mark {
        sorts: COMPILED,
        on: On::Comment,
        reach: Reach::Head,
        pattern: r"[GL]COVR?_EXCL_FUNCTION",
    },
    Mark {
        sorts: COMPILED,
        on: On::Comment,
        reach: Reach::Line,
        pattern: r"(?:GRCOV|grcov|[GL]COVR?)[-_](?:EXCL|excl|UNREACHABLE)[-_](?:LINE|line)",
    },
    Mark {
        sorts: &[Sort::Rust],
        on: On::Attribute,
        reach: Reach::Owner,
        pattern: r"coverage\s*\(\s*off\s*\)|no_coverage|not\s*\(\s*(?:coverage|tarpaulin)\w*\s*\)|tarpaulin\s*::\s*skip|tarpaulin_include",
    },
    Mark {
        sorts: &[Sort::Go],
        on: On::Comment,
        reach: Reach::Head,
        pattern: r"coverage[-:]ignore",
    },
    // JaCoCo looks for the word in the simple name.
    Mark {
        sorts: &[Sort::Java],
        on: On::Attribute,
        reach: Reach::Owner,
        pattern: r"@(?:\s*\w+\s*\.)*\s*\w*Generated\w*",
    },
];

/// The marks of one sort of language.
pub(super) struct Marks {
    any: Regex,
    each: Vec<(Regex, &'static Mark)>,
}

static OF: LazyLock<Vec<(Sort, Marks)>> = LazyLock::new(|| {
    let sorts = [
        Sort::Rust,
        Sort::Python,
        Sort::Script,
        Sort::Go,
        Sort::C,
        Sort::Java,
    ];
    sorts.map(|sort| (sort, Marks::of(sort))).into()
});

/// The marks that a language has; None where none of them is in a text. Few texts have one, and only those are looked at.
pub(super) fn within(sort: Sort, bytes: &[u8]) -> Option<&'static Marks> {
    let (_, marks) = OF.iter().find(|(of, _)| *of == sort)?;
    marks.any.is_match(bytes).then_some(marks)
}

impl Marks {
    fn of(sort: Sort) -> Marks {
        let own = || MARKS.iter().filter(|mark| mark.sorts.contains(&sort));
        let regex = |pattern: &str| Regex::new(pattern).expect("the patterns are tried by a test");
        let all: Vec<&str> = own().map(|mark| mark.pattern).collect();
        Marks {
            any: regex(&all.join("|")),
            each: own().map(|mark| (regex(mark.pattern), mark)).collect(),
        }
    }

    /// The mark in a comment or an attribute: how it is written, and by which tool where that matters.
    pub(super) fn find<'t>(
        &self,
        on: On,
        text: &'t str,
    ) -> Option<(&'static Mark, &'t str, &'t str)> {
        let of = self.each.iter().filter(|(_, mark)| mark.on == on);
        let mut found = of.filter_map(|(regex, mark)| {
            let groups = regex.captures(text.as_bytes())?;
            let written = text.get(groups.get(0)?.range())?;
            let tool = groups.get(1).and_then(|group| text.get(group.range()));
            Some((*mark, written, tool.unwrap_or_default()))
        });
        found.next()
    }
}
