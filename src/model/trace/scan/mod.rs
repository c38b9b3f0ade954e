//! Finds the tags of a file: a search for what a tag may begin with, and only where it finds something a look at where the
//! comments are. Neither knows grammars; what a tag stands on is for `item`.

use regex::bytes::Regex;

use super::tag::{self, Claim, Form, Line, Said, Tag};

#[cfg(feature = "grammars")]
mod chunks;
mod comments;
mod script;
mod syntax;

#[cfg(feature = "grammars")]
pub use chunks::around;
pub use comments::comments;
pub use syntax::Syntax;

/// Looks for tags of the systems whose ids begin with one of its heads.
#[derive(Debug, Clone)]
pub struct Scanner {
    heads: Vec<String>,
    triggers: Regex,
}

/// What else a line with a tag holds.
const TRIGGERS: &[&str] = &[
    "Verifies:",
    "verifies:",
    "Implements:",
    "implements:",
    "@relation(",
    "lobster-trace:",
    "[impl",
    "test->",
    "//=",
    "#=",
    "--=",
    ";=",
    "%=",
];

impl Scanner {
    /// With the patterns of the systems' ids: `REQ-QMS-*`.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Scanner {
        let heads: Vec<String> = patterns
            .into_iter()
            .map(|p| p.trim_end_matches('*').to_owned())
            .filter(|head| !head.is_empty())
            .collect();
        let all = TRIGGERS
            .iter()
            .copied()
            .chain(heads.iter().map(String::as_str));
        let all: Vec<String> = all.map(regex::escape).collect();
        let triggers = Regex::new(&all.join("|")).expect("escaped words are a pattern");
        Scanner { heads, triggers }
    }

    /// The tags of a file, in its order.
    pub fn tags(&self, path: &[u8], bytes: &[u8]) -> Vec<Tag> {
        let hits: Vec<usize> = self
            .triggers
            .find_iter(bytes)
            .map(|hit| hit.start())
            .collect();
        let Some(last) = hits.last() else {
            return Vec::new();
        };
        // A list may go on in the line below.
        let below = bytes[*last..].split_inclusive(|b| *b == b'\n').take(2);
        let until = last + below.map(<[u8]>::len).sum::<usize>();
        let found = comments(bytes, Syntax::of(path), until);
        let mut reading = Reading::new(self, bytes);
        let mut done = 0;
        for hit in hits {
            let at = found.partition_point(|comment| comment.end <= hit);
            if at < done || found.get(at).is_none_or(|comment| comment.start > hit) {
                continue;
            }
            // Where a fence is open is told by the comment's lines above.
            let adjoins = |at: usize| {
                let between = &bytes[found[at - 1].end..found[at].start];
                between.trim_ascii().is_empty()
            };
            let mut from = at;
            while from > done && adjoins(from) {
                from -= 1;
            }
            for comment in &found[from..=at] {
                reading.comment(comment.start, comment.end);
            }
            done = at + 1;
            while let Some(comment) = found.get(done).filter(|_| reading.goes_on.is_some()) {
                reading.comment(comment.start, comment.end);
                done += 1;
            }
        }
        reading.finish()
    }
}

struct Reading<'s> {
    scanner: &'s Scanner,
    bytes: &'s [u8],
    /// Lines are counted up to here.
    counted: usize,
    line: usize,
    /// The last line of comment that code may not stand on.
    last: usize,
    trails: bool,
    fenced: bool,
    goes_on: Option<Claim>,
    tags: Vec<Tag>,
    /// The tags of the comment at hand begin here.
    from: usize,
}

impl<'s> Reading<'s> {
    fn new(scanner: &'s Scanner, bytes: &'s [u8]) -> Reading<'s> {
        Reading {
            scanner,
            bytes,
            counted: 0,
            line: 1,
            last: 0,
            trails: false,
            fenced: false,
            goes_on: None,
            tags: Vec::new(),
            from: 0,
        }
    }

    fn count_to(&mut self, at: usize) {
        let between = &self.bytes[self.counted..at];
        self.line += between.iter().filter(|b| **b == b'\n').count();
        self.counted = at;
    }

    fn comment(&mut self, start: usize, end: usize) {
        self.count_to(start);
        let line_start = self.bytes[..start]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        let leads = self.bytes[line_start..start].trim_ascii().is_empty();
        self.trails = !leads;
        if !leads || self.line > self.last + 1 {
            self.close();
        }
        let mut at = start;
        for line in self.bytes[start..end].split(|b| *b == b'\n') {
            self.count_to(at);
            self.one(at, line);
            at += line.len() + 1;
        }
        self.last = self.line;
        if !leads {
            self.close();
            self.last = 0;
        }
    }

    /// One line of a comment, or the part of it that is comment.
    fn one(&mut self, at: usize, line: &[u8]) {
        let goes_on = self.goes_on.take();
        let Ok(text) = std::str::from_utf8(line) else {
            return;
        };
        if tag::is_fence(text) {
            self.fenced = !self.fenced;
        }
        if self.fenced {
            return;
        }
        if let Some(claim) = goes_on {
            let (said, comma) = tag::more(text, claim, &self.scanner.heads);
            if !said.is_empty() {
                self.goes_on = comma.then_some(claim);
                return self.add(at, said);
            }
        }
        if !self.scanner.triggers.is_match(line) {
            return;
        }
        match tag::read(text, &self.scanner.heads) {
            Line::Tags { said, goes_on } => {
                self.goes_on = goes_on;
                self.add(at, said);
            }
            Line::Type(Some(claim)) => {
                if let Some(cited) = self.cited() {
                    cited.claim = claim;
                }
            }
            Line::Type(None) => {
                if self.cited().is_some() {
                    self.tags.pop();
                }
            }
            Line::Quote => {}
        }
    }

    /// duvet's citation that the comment at hand has last.
    fn cited(&mut self) -> Option<&mut Tag> {
        let tag = self.tags[self.from..].last_mut()?;
        (tag.form == Form::Duvet).then_some(tag)
    }

    fn add(&mut self, at: usize, said: Vec<Said>) {
        let (line, trails) = (self.line, self.trails);
        self.tags.extend(said.into_iter().map(|said| Tag {
            at: at + said.at,
            line,
            id: said.id,
            claim: said.claim,
            form: said.form,
            scope: said.scope,
            trails,
        }));
    }

    fn close(&mut self) {
        self.from = self.tags.len();
        self.fenced = false;
        self.goes_on = None;
    }

    fn finish(self) -> Vec<Tag> {
        self.tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(path: &str, text: &str) -> Vec<Tag> {
        Scanner::new(["REQ-M-*", "REQ-N-*"]).tags(path.as_bytes(), text.as_bytes())
    }

    fn shown(path: &str, text: &str) -> String {
        let shown = |t: &Tag| format!("{} {:?} {} {}", t.line, t.claim, t.id, t.trails);
        tags(path, text)
            .iter()
            .map(shown)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn tags_are_found_in_comments_only() {
        let text = "\
let a = \"[REQ-M-1]\"; // [REQ-M-2]
// ```
// [REQ-M-3]
// ```
/// [REQ-N-4]
/// Verifies: REQ-M-5,
///   REQ-M-6
fn a() {}
let req = REQ-M-7; /*
 * Implements: REQ-M-8 */
";
        insta::assert_snapshot!(shown("a.rs", text), @r"
        1 Unsaid REQ-M-2 true
        5 Unsaid REQ-N-4 false
        6 Verifies REQ-M-5 false
        7 Verifies REQ-M-6 false
        10 Implements REQ-M-8 true
        ");
        assert_eq!(tags("a.md", text), []);
    }

    #[test]
    fn citations_have_a_type() {
        let text = "\
//= spec.md#a
//= type=test
//# It must.
fn a() {}

//= spec.md#b
//= type=todo

//= spec.md#c
//# It shall.
fn c() {}
";
        insta::assert_snapshot!(shown("a.rs", text), @r"
        1 Verifies spec.md#a false
        9 Implements spec.md#c false
        ");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_scanned(bytes in proptest::collection::vec(
            proptest::sample::select(b"[]REQ-M1/*\n#\"'` ,=\xff>".to_vec()), 0..80), path in "a\\.(rs|py|ts|x)") {
            for tag in Scanner::new(["REQ-M-*", "", "R*"]).tags(path.as_bytes(), &bytes) {
                proptest::prop_assert!(bytes[tag.at..].starts_with(tag.id.as_bytes()));
            }
        }
    }

    /// Far below the tenth of a second that the tags of a whole repository may take, which a debug build is not held to.
    #[test]
    fn a_large_repository_is_scanned_at_once() {
        let line = "    let value = compute(other, \"text\", 12) + more; // why\n";
        let plain = line.repeat(150);
        let tagged = format!("{}// [REQ-M-1]\n{}", line.repeat(75), line.repeat(75));
        let scanner = Scanner::new(["REQ-M-*"]);
        let started = std::time::Instant::now();
        let found: usize = (0..400)
            .map(|n| if n % 2 == 0 { &plain } else { &tagged })
            .map(|text| scanner.tags(b"a.rs", text.as_bytes()).len())
            .sum();
        assert_eq!(found, 200);
        assert!(started.elapsed().as_secs() < 5);
    }
}
