//! ECMAScript's templates with code in them, and its patterns between slashes.

use super::comments::Lexer;

/// How far before a slash what it means is looked for.
const NEAR: usize = 80;
/// How long a pattern between slashes may be.
const PATTERN: usize = 1_000;

impl Lexer<'_> {
    /// Takes what begins with a backtick, a brace or a slash that opens no comment.
    pub(super) fn script(&mut self) -> bool {
        match (self.bytes[self.at], self.templates.last_mut()) {
            (b'`', _) => {
                self.at += 1;
                self.template();
            }
            (b'{', Some(depth)) => {
                *depth += 1;
                self.at += 1;
            }
            (b'}', Some(0)) => {
                self.templates.pop();
                self.at += 1;
                self.template();
            }
            (b'}', Some(depth)) => {
                *depth -= 1;
                self.at += 1;
            }
            (b'/', _) => self.pattern(),
            _ => self.at += 1,
        }
        true
    }

    /// The text of a template, up to its end or the code in it.
    fn template(&mut self) {
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    return;
                }
                b'$' if self.here("${") => {
                    self.at += 2;
                    self.templates.push(0);
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
    }

    /// A slash: a pattern where an operand is due, else a division.
    fn pattern(&mut self) {
        let near = &self.bytes[self.at.saturating_sub(NEAR)..self.at];
        let line = near.rsplit(|b| *b == b'\n').next().unwrap_or_default();
        let before = line.trim_ascii_end();
        let words: &[&[u8]] = &[
            b"return", b"typeof", b"case", b"in", b"of", b"throw", b"else", b"do",
        ];
        let due = before
            .last()
            .is_none_or(|b| b"(,=:[!&|?{};+-*%<>~^".contains(b))
            || words.iter().any(|word| before.ends_with(word));
        let mut at = self.at + 1;
        let mut class = false;
        let end = loop {
            match self.bytes.get(at) {
                None | Some(b'\n') => break None,
                _ if at > self.at + PATTERN => break None,
                Some(b'\\') => at += 1,
                Some(b'[') => class = true,
                Some(b']') => class = false,
                Some(b'/') if !class => break Some(at + 1),
                _ => {}
            }
            at += 1;
        };
        self.at = end.filter(|_| due).unwrap_or(self.at + 1);
    }
}
