//! The strict reader of messages. It works on bytes, since git, gix and grep disagree about crafted messages.
//! Not for messages that neither need nor carry a QMS trailer. Source: model.md "Trailers".

use super::path::is_invisible;
use super::trailer::{Key, Trailers};

/// The longest message that is read, in bytes (threats.md G18).
pub const LIMIT: usize = 256 * 1024;

/// The most faults of one message that are told.
const MOST_FAULTS: usize = 50;

/// Which demand of the reader a message fails; each is a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// NUL, control or bidi characters, not UTF-8, CRLF, too long.
    Bytes,
    /// A QMS line that is not in the one block at the very end.
    Place,
    /// A key twice.
    Twice,
    /// A `QMS-` key that nobody knows.
    Unknown,
    /// A folded line, a missing space, an empty or padded value.
    Shape,
}

/// A fault with its line (1-based) and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    pub fault: Fault,
    pub line: usize,
    pub message: String,
}

/// Whether a message has a line that, trimmed and case-folded, begins with a known key and a colon, or any
/// `QMS-` key in its last paragraph: then `read` is asked.
pub fn carries(message: &[u8]) -> bool {
    // Cheap first: nearly every message has no `qms-` at all.
    message.windows(4).any(|w| w.eq_ignore_ascii_case(b"qms-")) && {
        let text = String::from_utf8_lossy(message);
        let last = last_paragraph(&text);
        text.split([
            '\n', '\r', '\u{b}', '\u{c}', '\0', '\u{85}', '\u{2028}', '\u{2029}',
        ])
        .any(|line| known_key(line).is_some())
            || (last > 0 && text[last..].lines().any(is_qms_line))
    }
}

/// Reads a message strictly. All faults are given.
pub fn read(message: &[u8]) -> Result<Trailers, Vec<Misread>> {
    let mut faults = Vec::new();
    let mut fault = |fault, line, message: String| {
        // The rest would be more of the same.
        if faults.len() < MOST_FAULTS {
            faults.push(Misread {
                fault,
                line,
                message,
            })
        }
    };
    if message.len() > LIMIT {
        fault(
            Fault::Bytes,
            1,
            format!(
                "the message is {} bytes, more than the {LIMIT} that are read",
                message.len()
            ),
        );
        return Err(faults);
    }
    let text = match std::str::from_utf8(message) {
        Ok(text) => text,
        Err(e) => {
            fault(
                Fault::Bytes,
                1,
                format!("byte {} of the message is not UTF-8", e.valid_up_to()),
            );
            return Err(faults);
        }
    };
    let hides = |c: char| (c.is_control() && c != '\n' && c != '\t') || is_separator_or_bidi(c);
    for (number, line) in text.split('\n').enumerate() {
        if let Some(c) = line.chars().find(|c| hides(*c)) {
            fault(
                Fault::Bytes,
                number + 1,
                format!("the character {} is not allowed", c.escape_default()),
            );
        }
    }
    let start = last_paragraph(text);
    let first_line = text[..start].matches('\n').count() + 1;
    let block = &text[start..];
    let closed = text.strip_suffix('\n').is_none_or(|t| !t.ends_with('\n'));
    let mut out = Trailers::default();
    for (number, line) in text[..start]
        .lines()
        .enumerate()
        .filter(|(_, l)| known_key(l).is_some())
    {
        fault(
            Fault::Place,
            number + 1,
            format!("`{}` stands outside of the trailer block", clip(line)),
        );
    }
    let ours = block.lines().any(is_qms_line);
    if ours && start == 0 {
        fault(Fault::Place, 1, "the trailer block is the whole message, expected a subject and an empty line before it".into());
    }
    if ours && !closed {
        fault(
            Fault::Place,
            first_line,
            "something follows the trailer block, expected it at the very end".into(),
        );
    }
    let mut previous_is_ours = false;
    let count = block.lines().count();
    for (index, line) in block.lines().enumerate().filter(|_| ours) {
        let number = first_line + index;
        if line.starts_with([' ', '\t']) {
            if previous_is_ours || is_qms_line(line) {
                fault(
                    Fault::Shape,
                    number,
                    "a folded QMS line, expected one line a value".into(),
                );
            }
            continue;
        }
        previous_is_ours = is_qms_line(line);
        if !previous_is_ours {
            let picked = line.starts_with("(cherry picked from commit ") && index + 1 == count;
            if let Some(who) = strip_key(line, "co-authored-by") {
                out.co_authors.push(who.trim().to_owned());
            } else if !is_foreign_trailer(line) && !picked {
                fault(
                    Fault::Place,
                    number,
                    format!(
                        "`{}` is no trailer, but stands in the trailer block",
                        clip(line)
                    ),
                );
            }
            continue;
        }
        let Some((name, value)) = line.split_once(": ") else {
            fault(
                Fault::Shape,
                number,
                format!("`{}` is no `Key: value`", clip(line)),
            );
            continue;
        };
        let Some(key) = Key::ALL.iter().copied().find(|k| k.as_str() == name) else {
            let (fault_kind, expected) = match known_key(line) {
                Some(key) => (
                    Fault::Shape,
                    format!("`{}` is misspelt, expected `{}`", clip(name), key.as_str()),
                ),
                None => (
                    Fault::Unknown,
                    format!("`{}` is no trailer that this version knows", clip(name)),
                ),
            };
            fault(fault_kind, number, expected);
            continue;
        };
        if value.is_empty()
            || value.trim() != value
            || value.chars().any(|c| c == '\t' || is_invisible(c))
        {
            fault(
                Fault::Shape,
                number,
                format!("the value of `{name}` is empty, padded or not printable"),
            );
        } else if out.value(key).is_some() {
            fault(Fault::Twice, number, format!("`{name}` stands twice"));
        } else {
            out.push(key, value.to_owned());
        }
    }
    if faults.is_empty() {
        return Ok(out);
    }
    faults.sort_by_key(|f| (f.line, f.fault));
    Err(faults)
}

/// What stands between the subject and the block: comments and longer words.
pub fn body(message: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(message).ok()?;
    let paragraphs: Vec<&str> = text.trim_end().split("\n\n").collect();
    let body = paragraphs
        .get(1..paragraphs.len().saturating_sub(1))?
        .join("\n\n");
    Some(body.trim().to_owned()).filter(|b| !b.is_empty())
}

/// Where the last paragraph starts.
fn last_paragraph(text: &str) -> usize {
    text.trim_end_matches('\n')
        .rfind("\n\n")
        .map_or(0, |i| i + 2)
}

/// The known key that a line begins with, however it is indented or spelled; blanks before the colon count too.
pub(super) fn known_key(line: &str) -> Option<Key> {
    let line =
        line.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c));
    Key::ALL
        .iter()
        .copied()
        .find(|k| strip_key(line, k.as_str()).is_some())
}

/// A line of ours: a known key in any spelling, or the `QMS-` prefix as we write it.
pub(super) fn is_qms_line(line: &str) -> bool {
    let key = line.trim_start().split(':').next().unwrap_or_default();
    let is_key = |k: &str| k.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    known_key(line).is_some()
        || (key.starts_with("QMS-")
            && key.len() < line.trim_start().len()
            && is_key(key.trim_end()))
}

fn strip_key<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (head, tail) = (line.get(..key.len())?, line.get(key.len()..)?);
    head.eq_ignore_ascii_case(key)
        .then(|| tail.trim_start().strip_prefix(':'))
        .flatten()
}

pub(super) fn is_foreign_trailer(line: &str) -> bool {
    line.starts_with([' ', '\t'])
        || line.split_once(':').is_some_and(|(key, _)| {
            !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

fn is_separator_or_bidi(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn clip(text: &str) -> String {
    let short: String = text
        .chars()
        .take(60)
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect()
            } else {
                vec![c]
            }
        })
        .collect();
    if text.chars().count() > 60 {
        format!("{short}…")
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "Approve CR-045\n\nBody -> text; a && b <c>\n\nCo-Authored-By: Q A <qa@x>\nQMS-Action: approve\nQMS-Actor: qa\n";

    #[test]
    fn a_block_is_read_with_others_beside_it() {
        let trailers = read(GOOD.as_bytes()).expect("strict");
        assert_eq!(trailers.value(Key::Action), Some("approve"));
        assert_eq!(trailers.keys().count(), 2);
        assert_eq!(trailers.co_authors, ["Q A <qa@x>"]);
        let picked = format!("{GOOD}(cherry picked from commit 0000)\n");
        assert!(read(picked.as_bytes()).is_ok());
        assert!(carries(GOOD.as_bytes()));
        for free in [
            "Talk about QMS-Action in a sentence\n",
            "qms-cli: fix\r\n\r\nbody\r\n",
            "x\n\nQMS is used: here\n",
            "QMS-Lite: a subject\n",
        ] {
            assert!(!carries(free.as_bytes()), "{free}");
        }
    }

    #[test]
    fn f2_trailers_in_the_wrong_place_or_shape() {
        use Fault::*;
        for (from, to, fault) in [
            ("Body", "QMS-Action: reject\nBody", Place),
            ("Body", " qms-action : reject\nBody", Place),
            ("Body", "---\nQMS-Reason: x\n---", Place),
            ("QMS-Actor: qa\n", "QMS-Actor: qa\n\nlater\n", Place),
            ("QMS-Actor: qa\n", "QMS-Actor: qa\n\n", Place),
            (
                "QMS-Actor: qa\n",
                "QMS-Actor: qa\n# ------------------------ >8 ------------------------\n",
                Place,
            ),
            ("Co-Authored-By: Q A <qa@x>", "just words", Place),
            ("qa\n", "qa\n  b\n", Shape),
            (
                "QMS-Actor: qa\n",
                "QMS-Actor: qa\nQMS-Action: reject\n",
                Twice,
            ),
            ("QMS-Actor", "qms-actor", Shape),
            ("QMS-Actor:", "QMS-Actor :", Shape),
            ("QMS-Actor: qa", "QMS-Actor:qa", Shape),
            ("QMS-Actor: qa", "QMS-Actor:  qa", Shape),
            ("QMS-Actor: qa", "QMS-Actor: qa ", Shape),
            ("QMS-Actor: qa", "QMS-Actor: ", Shape),
            ("QMS-Actor: qa", "QMS-Actor: q\u{200b}a", Shape),
            ("QMS-Actor: qa", " QMS-Actor: qa", Shape),
            ("QMS-Actor: qa", "QMS-Actor: qa\nQMS-Approved: yes", Unknown),
            ("Body", "Body\r", Bytes),
            ("Body", "Bo\0dy", Bytes),
            ("Body", "Bo\u{c}dy", Bytes),
            ("Body", "Bo\u{2028}QMS-Action: reject", Bytes),
            ("Body", "Bo\u{202e}dy", Bytes),
        ] {
            let message = GOOD.replacen(from, to, 1);
            assert_ne!(message, GOOD, "{from}");
            let faults = read(message.as_bytes()).expect_err(to);
            assert!(
                faults.iter().any(|f| f.fault == fault),
                "{to:?}: {faults:?}"
            );
            assert!(carries(message.as_bytes()), "{to:?}");
        }
        assert!(read(b"QMS-Action: approve\n").is_err());
        assert!(read(b"a\n\nQMS-Action: a\xff\n").is_err());
        assert!(read(&vec![b'a'; LIMIT + 1]).is_err());
    }
}
