//! How far a text is looked into. Beyond these bounds it counts as it stands, and is odd.

/// How deep blocks may be nested.
pub const DEPTH: usize = 32;

/// How many times the parser may report (it does so every 256 steps) before a text counts as too entangled: so often
/// as its bytes warrant, and for small ones a good many.
pub(super) fn budget(bytes: usize) -> usize {
    4_000 + bytes / 16
}

/// Whether blank lines would each be asked of so many open lists that reading takes the square of the text: a list
/// stays open over them, and is as deep as the blanks and marks before a text allow.
pub(super) fn is_entangled(text: &str) -> bool {
    let (mut deepest, mut cost) = (0, 0);
    for line in text.split(['\n', '\r']) {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit() || " \t>-*+.)".contains(c));
        let mark = &line.as_bytes()[..line.len() - rest.len()];
        if mark.iter().all(|b| matches!(b, b' ' | b'\t' | b'>')) && rest.is_empty() {
            cost += deepest;
        }
        let tabs = mark.iter().filter(|b| **b == b'\t').count();
        deepest = deepest.max(mark.len() / 2 + 2 * tabs);
    }
    cost > 1_000_000 + 16 * text.len()
}

#[cfg(test)]
mod tests {
    use super::super::{Body, Odd};
    use super::*;

    #[test]
    fn what_would_take_the_square_of_its_size_is_given_up() {
        let list = format!("{}a\n", "- ".repeat(100))
            + &format!("{}{}a\n", "  ".repeat(100), "- ".repeat(100));
        assert!(!is_entangled(&list) && !is_entangled(&"a\n\n".repeat(100_000)));
        assert!(!is_entangled(
            &("-".repeat(200) + &"\n\ntext of a line".repeat(20_000))
        ));
        let text = list + &"\n".repeat(100_000);
        let body = Body::read(&text, 0);
        assert_eq!(
            (body.sections.len(), &body.oddities[0].what),
            (0, &Odd::Unread)
        );
        assert_ne!(
            body.preamble,
            Body::read(&text.replace('a', "b"), 0).preamble
        );
    }
}
