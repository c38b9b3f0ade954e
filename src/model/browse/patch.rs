//! Unified diffs from hunks: three lines of context, cut at the end of a line where bytes run out.

use std::ops::Range;

use super::text::lines;

/// Lines before and lines after that take each other's place, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    pub before: Range<usize>,
    pub after: Range<usize>,
}

const CONTEXT: usize = 3;

/// A side of a patch: what it is called, none where it is not there, and its bytes.
pub struct Side<'a> {
    pub name: Option<&'a str>,
    pub data: &'a [u8],
}

/// The patch, and whether all of it found room. Nothing is written where there are no hunks.
pub fn unified(old: &Side<'_>, new: &Side<'_>, hunks: &[Hunk], most: usize) -> (String, bool) {
    let mut out = Room {
        text: String::new(),
        most,
        whole: true,
    };
    if hunks.is_empty() {
        return (out.text, true);
    }
    out.push(&format!("--- {}\n", called("a", old.name)));
    out.push(&format!("+++ {}\n", called("b", new.name)));
    let (a, b): (Vec<&[u8]>, Vec<&[u8]>) = (lines(old.data).collect(), lines(new.data).collect());
    for group in groups(hunks) {
        if !out.whole {
            break;
        }
        write(&mut out, group, &a, &b);
    }
    (out.text, out.whole)
}

/// Hunks whose context touches go together.
fn groups(hunks: &[Hunk]) -> impl Iterator<Item = &[Hunk]> {
    hunks.chunk_by(|one, next| next.before.start <= one.before.end + 2 * CONTEXT)
}

fn write(out: &mut Room, group: &[Hunk], a: &[&[u8]], b: &[&[u8]]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return;
    };
    let lead = first.before.start.min(CONTEXT);
    let tail = a.len().saturating_sub(last.before.end).min(CONTEXT);
    let before = first.before.start - lead..last.before.end + tail;
    let after = first.after.start.saturating_sub(lead)..last.after.end + tail;
    out.push(&format!("@@ -{} +{} @@\n", place(&before), place(&after)));
    let mut at = before.start;
    for hunk in group {
        out.lines(' ', a, at..hunk.before.start);
        out.lines('-', a, hunk.before.clone());
        out.lines('+', b, hunk.after.clone());
        at = hunk.before.end;
    }
    out.lines(' ', a, at..before.end);
}

/// `start,count` as a hunk's head has it: a count of one is not written, and of none the line before is named.
fn place(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

/// A name as a patch's head has it; in quotes with escapes where it would break or hide something.
fn called(prefix: &str, name: Option<&str>) -> String {
    let Some(name) = name else {
        return "/dev/null".to_owned();
    };
    let escaped: String = name.chars().flat_map(char::escape_debug).collect();
    match escaped == name || escaped.replace("\\'", "'") == name {
        true => format!("{prefix}/{name}"),
        false => format!("\"{prefix}/{escaped}\""),
    }
}

/// Text that takes whole lines as long as there is room.
struct Room {
    text: String,
    most: usize,
    whole: bool,
}

impl Room {
    fn push(&mut self, line: &str) {
        self.whole &= self.text.len() + line.len() <= self.most;
        if self.whole {
            self.text.push_str(line);
        }
    }

    fn lines(&mut self, sign: char, all: &[&[u8]], range: Range<usize>) {
        for line in all.get(range).unwrap_or_default() {
            if !self.whole {
                return;
            }
            let mut text = format!("{sign}{}", String::from_utf8_lossy(line));
            if !line.ends_with(b"\n") {
                text.push_str("\n\\ No newline at end of file\n");
            }
            self.push(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side<'a>(name: &'a str, data: &'a str) -> Side<'a> {
        Side {
            name: Some(name),
            data: data.as_bytes(),
        }
    }

    fn hunk(before: Range<usize>, after: Range<usize>) -> Hunk {
        Hunk { before, after }
    }

    #[test]
    fn a_patch_has_context_and_ends() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n";
        let hunks = [hunk(4..5, 4..5), hunk(9..10, 9..10)];
        let (text, whole) = unified(&side("f", old), &side("f", new), &hunks, 1_000);
        assert!(whole);
        assert_eq!(
            text,
            "--- a/f\n+++ b/f\n@@ -2,9 +2,9 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n-10\n\
             \\ No newline at end of file\n+10\n"
        );
    }

    #[test]
    fn far_hunks_stand_apart_and_empty_sides_are_counted_so() {
        let old: String = (0..20).map(|n| format!("{n}\n")).collect();
        let hunks = [hunk(0..1, 0..0), hunk(18..18, 17..18)];
        let new = format!("{}x\n18\n19\n", &old[2..old.len() - 6]);
        let (text, _) = unified(&side("f", &old), &side("f", &new), &hunks, 1_000);
        assert!(text.contains("@@ -1,4 +1,3 @@\n-0\n 1\n"), "{text}");
        assert!(
            text.contains("@@ -16,5 +15,6 @@\n 15\n 16\n 17\n+x\n"),
            "{text}"
        );
        let none = Side {
            name: None,
            data: b"",
        };
        let (text, _) = unified(&none, &side("f", "a\n"), &[hunk(0..0, 0..1)], 1_000);
        assert_eq!(text, "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n");
    }

    #[test]
    fn m3_a_patch_is_cut_between_lines() {
        let hunks = [hunk(0..0, 0..2)];
        let sides = (side("f", ""), side("f", "aaaa\nbbbb\n"));
        let (text, whole) = unified(&sides.0, &sides.1, &hunks, 38);
        assert!(!whole && text.ends_with("+aaaa\n"), "{text}");
        let (text, whole) = unified(&sides.0, &sides.1, &hunks, 0);
        assert!(!whole && text.is_empty());
    }

    #[test]
    fn m4_a_name_cannot_write_lines_of_a_patch() {
        assert_eq!(called("a", Some("x\n+++ b/y")), "\"a/x\\n+++ b/y\"");
        assert_eq!(called("a", Some("it's ä")), "a/it's ä");
    }
}
