//! Whole documents that grow from a small grammar, and the ways in which they can be set.

use proptest::prelude::*;
use proptest::sample::select;

pub(in super::super) const WORDS: &[&str] = &[
    "alpha",
    "beta",
    "gamma",
    "delta",
    "7",
    "CR-001",
    "*strong*",
    "`code`",
    "[link](to.md)",
    "ünï",
    "a\\*b",
    "x &amp; y",
    "(so)",
];

#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Piece {
    Prose(Vec<&'static str>),
    List {
        start: Option<usize>,
        entries: Vec<Vec<&'static str>>,
    },
    Quote(Vec<&'static str>),
    Code(Vec<&'static str>),
    Table(Vec<[&'static str; 3]>),
    Comment(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Part {
    pub(in super::super) title: &'static str,
    pub(in super::super) deep: bool,
    pub(in super::super) pieces: Vec<Piece>,
}

/// What is frozen of a document, and what is open.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Text {
    pub(in super::super) parts: Vec<Part>,
    /// Task and note of each item.
    pub(in super::super) items: Vec<[&'static str; 2]>,
    pub(in super::super) open: Open,
}

#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Open {
    pub(in super::super) cells: Vec<&'static str>,
    pub(in super::super) appended: Vec<[&'static str; 3]>,
    pub(in super::super) comments: Vec<&'static str>,
    pub(in super::super) summary: Vec<&'static str>,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Style {
    pub(in super::super) width: usize,
    pub(in super::super) bullet: char,
    pub(in super::super) under: bool,
    pub(in super::super) setext: bool,
    pub(in super::super) padded: bool,
    pub(in super::super) crlf: bool,
    pub(in super::super) blanks: bool,
    pub(in super::super) tilde: bool,
}

pub(in super::super) fn prose() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(select(WORDS), 1..9)
}

pub(in super::super) fn piece() -> impl Strategy<Value = Piece> {
    let entries = prop::collection::vec(prose(), 1..4);
    prop_oneof![
        4 => prose().prop_map(Piece::Prose),
        2 => (prop::option::of(1usize..9), entries).prop_map(|(start, entries)| Piece::List { start, entries }),
        1 => prose().prop_map(Piece::Quote),
        1 => prop::collection::vec(select(&["# x", "  y", "", "z *"][..]), 1..4).prop_map(|mut lines| {
            lines.push("end");
            Piece::Code(lines)
        }),
        1 => prop::collection::vec(prop::array::uniform3(select(WORDS)), 1..4).prop_map(Piece::Table),
        1 => select(&["note", "other"][..]).prop_map(Piece::Comment),
    ]
}

pub(in super::super) fn part() -> impl Strategy<Value = Part> {
    let title = select(&["One", "Two", "Three", "4. Four", "5.1 Five", "*Six*"][..]);
    (title, any::<bool>(), prop::collection::vec(piece(), 0..4)).prop_map(
        |(title, deep, pieces)| Part {
            title,
            deep,
            pieces,
        },
    )
}

/// Everything that may stand in an open section and ends where it ends.
pub(in super::super) const OPEN: &[&str] = &[
    "done",
    "[r]: x",
    "- a\n- b",
    "> q",
    "```\n## x\n```",
    "<!-- c -->",
    "### Sub",
    "#### Deep",
    "| A |\n|---|\n| b |",
    "<b>x</b>",
    "---",
    "CR-009 `fd05d8e`",
    "    code",
    "[EXECUTION SUMMARY]",
    "1. a\n\n   b",
    "a  \nb",
    "\\",
    "*a* _b_",
    "&#8203;",
];
pub(in super::super) const CELLS: &[&str] = &[
    "",
    "Pass",
    "Fail",
    "a\\|b",
    "`x`",
    "*so*",
    "<!-- c -->",
    "[OUTCOME]",
    "fd05d8e",
    "<br>",
    "&amp;",
    "x\\\\y",
    "**",
];

pub(in super::super) fn opened() -> impl Strategy<Value = Open> {
    let list =
        |from: &'static [&'static str], most: usize| prop::collection::vec(select(from), 0..most);
    (
        list(CELLS, 6),
        prop::collection::vec(prop::array::uniform3(select(CELLS)), 0..3),
        list(OPEN, 4),
        list(OPEN, 4),
    )
        .prop_map(|(cells, appended, comments, summary)| Open {
            cells,
            appended,
            comments,
            summary,
        })
}

pub(in super::super) fn text() -> impl Strategy<Value = Text> {
    let items = prop::collection::vec(prop::array::uniform2(select(WORDS)), 0..4);
    (prop::collection::vec(part(), 0..4), items, opened()).prop_map(|(parts, items, open)| Text {
        parts,
        items,
        open,
    })
}

pub(in super::super) fn style() -> impl Strategy<Value = Style> {
    (5usize..80, select(&['-', '*', '+'][..]), any::<[bool; 6]>()).prop_map(
        |(width, bullet, flags)| {
            let [under, setext, padded, crlf, blanks, tilde] = flags;
            Style {
                width,
                bullet,
                under,
                setext,
                padded,
                crlf,
                blanks,
                tilde,
            }
        },
    )
}

impl Style {
    /// Words in lines, each but the first led by `indent`.
    fn lines(self, words: &[&str], indent: &str) -> String {
        let (mut out, mut width) = (String::new(), 0);
        for word in words {
            // A line that begins with a number and nothing else could be read as the beginning of a list or a table.
            let wraps = width + word.len() > self.width
                && word.chars().next().is_some_and(char::is_alphabetic);
            if wraps {
                out.push_str(if self.blanks { "  \n" } else { "\n" });
                out.push_str(indent);
                width = 0;
            } else if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&if self.under {
                word.replace("*strong*", "_strong_")
            } else {
                (*word).to_owned()
            });
            width += word.len() + 1;
        }
        out
    }

    fn row(self, cells: &[&str]) -> String {
        match self.padded {
            true => format!("|  {}   |\n", cells.join("   |  ")),
            false => format!("|{}|\n", cells.join("|")),
        }
    }

    fn piece(self, piece: &Piece) -> String {
        match piece {
            Piece::Prose(words) => self.lines(words, "") + "\n",
            Piece::List { start, entries } => entries
                .iter()
                .enumerate()
                .map(|(at, words)| {
                    let mark = start.map_or(self.bullet.to_string(), |s| format!("{}.", s + at));
                    let indent = " ".repeat(mark.len() + 1);
                    format!(
                        "{mark} {}\n{}",
                        self.lines(words, &indent),
                        if self.padded { "\n" } else { "" }
                    )
                })
                .collect(),
            Piece::Quote(words) => format!("> {}\n", self.lines(words, "> ")),
            Piece::Code(lines) => {
                let fence = if self.tilde { "~~~~" } else { "```" };
                format!("{fence}\n{}\n{fence}\n", lines.join("\n"))
            }
            Piece::Table(rows) => {
                let rows: String = rows.iter().map(|r| self.row(r)).collect();
                self.row(&["A", "B", "C"])
                    + &self.row(&[if self.padded { ":-:" } else { "---" }; 3])
                    + &rows
            }
            Piece::Comment(text) => {
                format!("<!--{}{text} -->\n", if self.padded { "\n" } else { " " })
            }
        }
    }

    pub(in super::super) fn set(self, text: &Text) -> String {
        let mut out = "# Title\n\n".to_owned();
        for part in &text.parts {
            // A number would begin a list there.
            let setext = self.setext && !part.title.starts_with(|c: char| c.is_ascii_digit());
            out += &match (part.deep, setext) {
                (true, _) => format!("### {}\n\n", part.title),
                (false, false) => format!("## {} ##\n", part.title),
                (false, true) => format!("{}\n---\n\n", part.title),
            };
            // Between two lists of one sort nothing else would tell where the first ends.
            let pieces: Vec<String> = part.pieces.iter().map(|p| self.piece(p)).collect();
            out += &(pieces.join("\n<!-- - -->\n\n") + "\n");
        }
        out += "## Items\n\n";
        out += &(self.row(&["EI", "Task", "Outcome", "Note"]) + &self.row(&["---"; 4]));
        for (at, [task, note]) in text.items.iter().enumerate() {
            let id = format!("EI-{}", at + 1);
            out += &self.row(&[
                &id,
                task,
                text.open.cells.get(at).copied().unwrap_or("[OUTCOME]"),
                note,
            ]);
        }
        for (at, [task, outcome, note]) in text.open.appended.iter().enumerate() {
            let id = format!("EI-{}", text.items.len() + at + 1);
            out += &self.row(&[&id, task, outcome, note]);
        }
        out += &format!(
            "\n## Comments\n\n{}\n\n## Summary\n\n{}\n",
            text.open.comments.join("\n\n"),
            text.open.summary.join("\n\n")
        );
        match self.crlf {
            true => out.replace('\n', "\r\n"),
            false => out,
        }
    }
}
