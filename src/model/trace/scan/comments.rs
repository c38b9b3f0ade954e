//! Where the comments of a text are. One pass that jumps from one byte that may open something to the next; what a
//! string holds is no comment.

use std::ops::Range;

use super::syntax::{Quirk, Syntax};

/// The comments that begin before byte `until`, in order, each with its marks.
pub fn comments(bytes: &[u8], syntax: &Syntax, until: usize) -> Vec<Range<usize>> {
    lex(bytes, syntax, until, &mut Vec::new())
}

/// What is no code: comments and strings, in order.
#[cfg(feature = "grammars")]
pub(super) fn hidden(bytes: &[u8], syntax: &Syntax) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    lex(bytes, syntax, bytes.len(), &mut out);
    out
}

fn lex(
    bytes: &[u8],
    syntax: &Syntax,
    until: usize,
    hidden: &mut Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    let mut lexer = Lexer {
        bytes,
        syntax,
        at: 0,
        found: Vec::new(),
        templates: Vec::new(),
    };
    let opens = openers(syntax);
    let until = until.min(bytes.len());
    if syntax.has(Quirk::WholeLine) {
        lexer.whole_lines(until);
        return lexer.found;
    }
    while lexer.at < until {
        let rest = &bytes[lexer.at..];
        let Some(next) = rest.iter().position(|b| opens[usize::from(*b)]) else {
            break;
        };
        lexer.at += next;
        if lexer.at < until {
            let from = lexer.at;
            lexer.step();
            if lexer.at > from + 1 {
                hidden.push(from..lexer.at.min(bytes.len()));
            }
        }
    }
    lexer.found
}

/// The bytes at which something may begin.
fn openers(syntax: &Syntax) -> [bool; 256] {
    let mut out = [false; 256];
    let marks = syntax.line.iter().copied();
    let marks = marks.chain(syntax.block.iter().map(|b| b.0));
    for mark in marks.chain(syntax.strings.iter().map(|q| q.mark)) {
        out[usize::from(mark.as_bytes()[0])] = true;
    }
    let more: &[u8] = match () {
        () if syntax.has(Quirk::Rust) => b"r'",
        () if syntax.has(Quirk::Cpp) => b"R",
        () if syntax.has(Quirk::Script) => b"`{}",
        () => b"",
    };
    more.iter().for_each(|b| out[usize::from(*b)] = true);
    out
}

pub(super) struct Lexer<'b> {
    pub(super) bytes: &'b [u8],
    syntax: &'b Syntax,
    pub(super) at: usize,
    found: Vec<Range<usize>>,
    /// For each template that is open around us, how many braces are open in its code.
    pub(super) templates: Vec<usize>,
}

impl Lexer<'_> {
    pub(super) fn here(&self, mark: &str) -> bool {
        let rest = &self.bytes[self.at..];
        rest.first() == mark.as_bytes().first() && rest.starts_with(mark.as_bytes())
    }

    fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).map(|at| self.bytes[at])
    }

    /// Takes what begins here, or one byte.
    fn step(&mut self) {
        let syntax = self.syntax;
        // Letters that open raw strings are in every other word.
        let next = self.bytes.get(self.at + 1);
        if matches!(self.bytes[self.at], b'r' | b'R') && !matches!(next, Some(b'"' | b'#')) {
            self.at += 1;
            return;
        }
        let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if let Some((mark, end)) = syntax.block.iter().find(|(mark, _)| self.here(mark)) {
            return self.block(mark, end);
        }
        let apart = self
            .before()
            .is_none_or(|b| b.is_ascii_whitespace() || b";&|(".contains(&b));
        if syntax.line.iter().any(|mark| self.here(mark)) && (apart || !syntax.has(Quirk::AtWord)) {
            let end = self.line_end(self.at);
            self.found.push(self.at..end);
            self.at = end;
            return;
        }
        let quirky = match self.bytes[self.at] {
            b'r' | b'\'' if syntax.has(Quirk::Rust) => self.rust(),
            b'R' | b'\'' if syntax.has(Quirk::Cpp) => self.cpp(),
            b'/' | b'`' | b'{' | b'}' if syntax.has(Quirk::Script) => self.script(),
            _ => false,
        };
        if quirky {
            return;
        }
        match syntax.strings.iter().find(|quote| self.here(quote.mark)) {
            // An apostrophe within a word of a shell's or a page's text opens nothing.
            Some(quote)
                if quote.mark == "'"
                    && self.before().is_some_and(is_word)
                    && syntax.has(Quirk::AtWord) =>
            {
                self.at += 1;
            }
            Some(quote) => {
                self.at += quote.mark.len();
                self.string(quote.end, quote.escapes, quote.spans);
            }
            None => self.at += 1,
        }
    }

    fn line_end(&self, from: usize) -> usize {
        let end = self.bytes[from..].iter().position(|b| *b == b'\n');
        end.map_or(self.bytes.len(), |len| from + len)
    }

    fn block(&mut self, mark: &str, end: &str) {
        let start = self.at;
        let (mut depth, nested) = (1usize, self.syntax.has(Quirk::Nested));
        self.at += mark.len();
        while depth > 0 && self.at < self.bytes.len() {
            if self.here(end) {
                depth -= 1;
                self.at += end.len();
            } else if nested && self.here(mark) {
                depth += 1;
                self.at += mark.len();
            } else {
                self.at += 1;
            }
        }
        // One that never ends is none: the file is broken, and what it says nobody compiled.
        match depth {
            0 => self.found.push(start..self.at),
            _ => self.at = self.bytes.len(),
        }
    }

    /// Up to behind the end of a string, of which the mark is taken.
    fn string(&mut self, end: &str, escapes: bool, spans: bool) {
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' if escapes => self.at += 2,
                b'\n' if !spans => return,
                _ if self.here(end) => {
                    self.at += end.len();
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
    }

    fn rust(&mut self) -> bool {
        let rest = &self.bytes[self.at + 1..];
        if self.bytes[self.at] == b'r' {
            let hashes = rest.iter().take_while(|b| **b == b'#').count();
            let within = self
                .before()
                .is_some_and(|b| b.is_ascii_alphanumeric() && b != b'b' && b != b'c' || b == b'_');
            if within || rest.get(hashes) != Some(&b'"') {
                self.at += 1;
                return true;
            }
            self.at += hashes + 2;
            self.string(&format!("\"{}", "#".repeat(hashes)), false, true);
            return true;
        }
        let len = match rest.first() {
            Some(b'\\') => {
                return {
                    self.at += 1;
                    self.string("'", true, false);
                    true
                };
            }
            Some(b) if *b < 0x80 => 1,
            Some(b) if *b < 0xe0 => 2,
            Some(b) if *b < 0xf0 => 3,
            _ => 4,
        };
        self.at += match rest.get(len) {
            Some(b'\'') => len + 2,
            _ => 1,
        };
        true
    }

    fn cpp(&mut self) -> bool {
        if self.bytes[self.at] == b'\'' {
            let word = self.bytes[..self.at]
                .iter()
                .rev()
                .take_while(|b| b.is_ascii_alphanumeric() || **b == b'\'');
            let is_number = word.last().is_some_and(u8::is_ascii_digit);
            self.at += usize::from(is_number);
            return is_number;
        }
        let rest = &self.bytes[self.at + 1..];
        let open = rest.iter().take(18).position(|b| *b == b'(');
        match (rest.first(), open) {
            (Some(b'"'), Some(open)) => {
                let name = String::from_utf8_lossy(&rest[1..open]).into_owned();
                self.at += open + 2;
                self.string(&format!("){name}\""), false, true);
            }
            _ => self.at += 1,
        }
        true
    }

    fn whole_lines(&mut self, until: usize) {
        while self.at < until {
            let end = self.line_end(self.at);
            let line = &self.bytes[self.at..end];
            let start = self.at + line.len() - line.trim_ascii_start().len();
            let text = &self.bytes[start..end];
            if self
                .syntax
                .line
                .iter()
                .any(|mark| text.starts_with(mark.as_bytes()))
            {
                self.found.push(start..end);
            }
            self.at = end + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> Vec<String> {
        let found = comments(text.as_bytes(), Syntax::of(path.as_bytes()), text.len());
        found.into_iter().map(|r| text[r].to_owned()).collect()
    }

    #[test]
    fn comments_are_told_from_strings() {
        for (path, text, expected) in [
            ("a.rs", "let a = \"// no\"; // yes", "// yes"),
            (
                "a.rs",
                "r#\"// \" no\"# /* a /* b */ c */",
                "/* a /* b */ c */",
            ),
            ("a.rs", "fn a<'a>(c: char) { c == '\"' } // yes", "// yes"),
            (
                "a.rs",
                "'\\'' '\\\\' 'ü' '\"' // yes\n\"\n// no\n\"",
                "// yes",
            ),
            ("a.rs", "for \"// no\" br\"\\\" // yes", "// yes"),
            ("a.py", "x = '''\n# no\n''' # yes", "# yes"),
            ("a.py", "x = 'it\\'s # no'\ny = \"#\" # yes", "# yes"),
            ("a.ts", "`${`// no ${'}'}`} // no` // yes", "// yes"),
            ("a.ts", "const r = /[/'\"`]/; // yes", "// yes"),
            ("a.ts", "a = b / c; /* yes */ d / e", "/* yes */"),
            ("a.go", "`\n// no\n` /* yes */", "/* yes */"),
            (
                "a.cpp",
                "R\"x(// no)\" // no)x\" 1'000 L'\"' // yes",
                "// yes",
            ),
            ("a.java", "\"\"\"\n// \" no\n\"\"\"; '\"' // yes", "// yes"),
            ("a.sh", "echo a#no \"# no\" '# no' # yes", "# yes"),
            ("a.yaml", "a: don't#no # yes", "# yes"),
            ("a.sql", "select '-- no''s' -- yes", "-- yes"),
            ("a.html", "<p>// no</p><!-- yes -->", "<!-- yes -->"),
            ("a.unheard", "a # no\n  # yes", "# yes"),
            ("a.rs", "// yes\n/* never ends", "// yes"),
        ] {
            assert_eq!(of(path, text), [expected], "{text}");
        }
        assert_eq!(of("a.md", "# no\n// no"), [] as [&str; 0]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_comments(bytes in proptest::collection::vec(
            proptest::sample::select(b"/*\"'`#r\\\nR(){}$a-<!=[1\xc3\xbc".to_vec()), 0..60), path in "a\\.(rs|py|ts|cpp|sh|lua|rb|html|cs|x)") {
            let found = comments(&bytes, Syntax::of(path.as_bytes()), bytes.len());
            let mut last = 0;
            for range in found {
                proptest::prop_assert!(range.start >= last && range.end <= bytes.len());
                last = range.end;
            }
        }
    }
}
