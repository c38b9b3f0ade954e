//! Messages as they came about, for commits that are made again: the words of a person without misplaced trailers, and
//! what those trailers claimed. Lenient on purpose; what is judged is read by `message`.

use super::kind::Id;
use super::message::{is_qms_line, known_key};
use super::trailer::{self, Key};

/// Prefixes by which `git commit --fixup` and `--squash` name the commit that they mend.
const LEFTOVERS: [&str; 3] = ["fixup! ", "squash! ", "amend! "];

/// The subject of the commit that a leftover of autosquash mends.
pub fn mends(subject: &str) -> Option<&str> {
    let mut rest = subject;
    while let Some(inner) = LEFTOVERS.iter().find_map(|p| rest.strip_prefix(p)) {
        rest = inner;
    }
    (rest != subject).then_some(rest)
}

/// A message as text, whatever it is encoded in: what is not UTF-8 is read as Latin-1, which loses no byte.
pub fn text(message: &[u8]) -> String {
    match std::str::from_utf8(message) {
        Ok(text) => text.to_owned(),
        Err(_) => message.iter().map(|b| char::from(*b)).collect(),
    }
}

/// Subject and body without our trailers. Of a message that our reader takes nothing else changes; of any other, known
/// trailers are taken out wherever they stand, and what no message may hold.
pub fn words(message: &[u8]) -> String {
    let strict = trailer::read(message).is_ok();
    let text = text(message).replace("\r\n", "\n");
    let plain =
        |c: &char| strict || *c == '\t' || !(c.is_control() || super::path::is_invisible(*c));
    let last = text.trim_end().rfind("\n\n").map_or(0, |at| at + 2);
    let (mut lines, mut at, mut within): (Vec<String>, usize, bool) = (Vec::new(), 0, false);
    for line in text.split('\n') {
        let ours = if at >= last {
            is_qms_line(line)
        } else {
            !strict && known_key(line).is_some()
        };
        // A folded line belongs to the trailer above it.
        within = ours || (within && line.starts_with([' ', '\t']));
        if !within {
            lines.push(line.chars().filter(plain).collect());
        }
        at += line.len() + 1;
    }
    let text = lines.join("\n");
    let text = text.trim();
    let (subject, rest) = text.split_once('\n').unwrap_or((text, ""));
    let subject = mends(subject).unwrap_or(subject);
    let subject = if subject.is_empty() { "Work" } else { subject };
    format!("{subject}\n{rest}").trim_end().to_owned()
}

/// Words with those of a leftover of autosquash: `amend!` replaces them, `squash!` adds its own, `fixup!` says nothing.
pub fn joined(words: &str, leftover: &[u8]) -> String {
    let own = text(leftover);
    let rest = self::words(leftover);
    let body = rest.split_once('\n').map_or("", |(_, body)| body).trim();
    match body.is_empty() {
        false if own.starts_with("amend! ") => body.to_owned(),
        false if own.starts_with("squash! ") => format!("{words}\n\n{body}"),
        _ => words.to_owned(),
    }
}

/// The change and the item that a message names, in whatever shape; the first that can be read.
pub fn claims(message: &[u8]) -> (Option<Id>, Option<String>) {
    let text = text(message);
    let value = |key: Key| {
        let lines = text.lines().filter(move |l| known_key(l) == Some(key));
        lines
            .filter_map(|l| l.split_once(':'))
            .map(|(_, v)| v.trim().to_owned())
    };
    let change = value(Key::Change).find_map(|v| Id::parse(&v.to_ascii_uppercase()));
    let item = value(Key::Item).find(|v| !v.is_empty());
    (change, item)
}

/// A text with another id in the place of one, wherever it stands as a word or begins the id of a child.
pub fn renumbered(text: &str, from: &Id, to: &Id) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from.as_str()) {
        let (before, after) = (&rest[..at], &rest[at + from.as_str().len()..]);
        let inside = before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
            || after.starts_with(|c: char| c.is_ascii_alphanumeric());
        out.push_str(before);
        out.push_str(if inside { from.as_str() } else { to.as_str() });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_and_trailers_are_not() {
        let squashed = "fixup! fixup! Fix it\r\n\nWhy\n\nQMS-Change: CR-001\nQMS-Actor: dev\n\nsquash! Fix it\n\n qms-item : EI-2\n  folded\n";
        assert_eq!(
            words(squashed.as_bytes()),
            "Fix it\n\nWhy\n\n\nsquash! Fix it"
        );
        let (change, item) = claims(squashed.as_bytes());
        assert_eq!(
            (change.map(|c| c.to_string()), item),
            (Some("CR-001".into()), Some("EI-2".into()))
        );
        assert_eq!(words(b"QMS-Action: approve\n"), "Work");
        assert_eq!(mends("fixup! squash! a"), Some("a"));
        assert_eq!(mends("a fixup! b"), None);
    }

    #[test]
    fn a_legal_message_keeps_every_byte_above_its_trailers() {
        let words_of = "Say\tit\n\nQMS-Lite: is prose\n  and so is this\n\n\n- a list\n\nSigned-off-by: a <a@x>";
        let message = format!("{words_of}\nQMS-Change: CR-001\nQMS-Actor: dev\n");
        assert_eq!(words(message.as_bytes()), words_of);
        assert_eq!(words(b"\xdcbung\n\nQMS-Change: CR-001\n"), "\u{dc}bung");
    }

    #[test]
    fn leftovers_say_what_git_says_that_they_say() {
        assert_eq!(joined("A\n\nb", b"fixup! A\n\nx"), "A\n\nb");
        assert_eq!(joined("A\n\nb", b"squash! A\n\nMore\n"), "A\n\nb\n\nMore");
        assert_eq!(
            joined("A\n\nb", b"amend! A\n\nBetter\n\nc\n"),
            "Better\n\nc"
        );
    }

    #[test]
    fn an_id_is_replaced_as_a_word_and_in_its_children() {
        let id = |t| Id::parse(t).expect("an id");
        let text = "CR-002, CR-0021, XCR-002, CR-002-VAR-001, [CR-002](a) ACR-CR-002";
        let new = renumbered(text, &id("CR-002"), &id("CR-003"));
        assert_eq!(
            new,
            "CR-003, CR-0021, XCR-002, CR-003-VAR-001, [CR-003](a) ACR-CR-002"
        );
    }
}
