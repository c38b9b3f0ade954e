//! Messages as they came about, for commits that are made again: the words of a person without misplaced trailers, and
//! what those trailers claimed. Lenient on purpose; what is judged is read by `message`.

use super::kind::Id;
use super::message::{is_qms_line, known_key};
use super::trailer::Key;

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

/// Subject and body without our trailers, wherever they stand, and without what no message may hold.
pub fn words(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message).replace("\r\n", "\n");
    let mut lines: Vec<String> = Vec::new();
    let mut within = false;
    for line in text.lines() {
        // A folded line belongs to the trailer above it.
        within = is_qms_line(line) || (within && line.starts_with([' ', '\t']));
        if !within {
            let plain = |c: &char| !c.is_control() && !super::path::is_invisible(*c);
            lines.push(
                line.chars()
                    .filter(plain)
                    .collect::<String>()
                    .trim_end()
                    .to_owned(),
            );
        }
    }
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    let text = lines.join("\n");
    let text = text.trim();
    let (subject, rest) = text.split_once('\n').unwrap_or((text, ""));
    let subject = mends(subject).unwrap_or(subject);
    let subject = if subject.is_empty() { "Work" } else { subject };
    format!("{subject}\n{rest}").trim_end().to_owned()
}

/// The change and the item that a message names, in whatever shape; the first that can be read.
pub fn claims(message: &[u8]) -> (Option<Id>, Option<String>) {
    let text = String::from_utf8_lossy(message);
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
            "Fix it\n\nWhy\n\nsquash! Fix it"
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
