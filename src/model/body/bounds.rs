//! How far a text is looked into. Beyond these bounds it counts as it stands, and is odd.

use super::lines::Lines;

/// How deep blocks may be nested.
pub const DEPTH: usize = 32;

/// How many times the parser may report (it does so every 256 steps) before a text counts as too entangled: so often
/// as its bytes warrant, and for small ones a good many.
pub(super) fn budget(bytes: usize) -> usize {
    4_000 + bytes / 16
}

/// Whether blank lines would each be asked of so many open lists that reading takes the square of the text: a list
/// stays open over them, and is as deep as the blanks and marks before a text allow.
pub(super) fn is_entangled(lines: &Lines<'_>) -> bool {
    let (mut deepest, mut cost, mut bytes) = (0, 0, 0);
    for line in lines.each() {
        let is_mark = |b: &&u8| b.is_ascii_digit() || b" \t>-*+.)".contains(b);
        let mark = line.iter().take_while(is_mark).count();
        let tabs = line[..mark].iter().filter(|b| **b == b'\t').count();
        if matches!(line[mark..], [] | [b'\n' | b'\r', ..])
            && line[..mark].iter().all(|b| b" \t>".contains(b))
        {
            cost += deepest;
        }
        deepest = deepest.max(mark / 2 + 2 * tabs);
        bytes += line.len();
    }
    cost > 1_000_000 + 16 * bytes
}

#[cfg(test)]
mod tests {
    use super::super::{Body, Odd};
    use super::*;

    #[test]
    fn what_would_take_the_square_of_its_size_is_given_up() {
        let list = format!("{}a\n", "- ".repeat(100))
            + &format!("{}{}a\n", "  ".repeat(100), "- ".repeat(100));
        let entangled = |text: &str| is_entangled(&Lines::new(text, 0));
        assert!(!entangled(&list) && !entangled(&"a\n\n".repeat(100_000)));
        let rule = "-".repeat(200);
        assert!(!entangled(&(rule + &"\n\ntext of a line".repeat(20_000))));
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
