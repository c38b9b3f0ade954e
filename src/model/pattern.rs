//! Scope patterns: a component is literal or has `*` and `?` within it, `**` is any number of whole
//! components, a trailing `/` means `/**`; nothing else. Source: model.md "Scope".

use std::fmt;

use super::path::TreePath;

/// A pattern over tree paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `**`
    Any,
    /// A component, with wildcards or without.
    One(Vec<u8>),
}

impl Part {
    fn is_any(&self) -> bool {
        *self == Part::Any
    }

    fn name(&self) -> Option<&[u8]> {
        match self {
            Part::Any => None,
            Part::One(name) => Some(name),
        }
    }
}

impl Pattern {
    /// Reads a pattern, or says in a few words why it is none.
    pub fn parse(source: &str) -> Result<Pattern, String> {
        let say = |why: &str| Err(format!("`{source}` is no pattern: {why}"));
        if source.is_empty() {
            return say("it is empty");
        }
        if source.starts_with('/') || source.starts_with("./") {
            return say("patterns start at the top of the repository, without `/` or `./`");
        }
        if source
            .chars()
            .any(|c| c.is_control() || super::path::is_invisible(c) || "[]{}\\!".contains(c))
        {
            return say(
                "only `*`, `?` and `**` are special, and no brackets, `\\` or `!` are allowed",
            );
        }
        let body = source.strip_suffix('/').unwrap_or(source);
        let mut parts = Vec::new();
        for part in body.split('/') {
            match part {
                "" | "." | ".." => return say("a component is empty, `.` or `..`"),
                "**" if parts.last() == Some(&Part::Any) => {
                    return say("`**/**` says no more than `**`");
                }
                "**" => parts.push(Part::Any),
                _ if part.contains("**") => return say("`**` stands for whole components only"),
                _ => parts.push(Part::One(part.as_bytes().to_vec())),
            }
        }
        if source.ends_with('/') && parts.last() != Some(&Part::Any) {
            parts.push(Part::Any);
        }
        // `a/**` is what lies in `a`, never `a` itself: at least one component follows.
        if parts.last() == Some(&Part::Any) {
            parts.push(Part::One(b"*".to_vec()));
        }
        if parts.len() > 32 || source.len() > 400 {
            return say("it is longer than 400 bytes or 32 components");
        }
        Ok(Pattern {
            source: source.to_owned(),
            parts,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.source
    }

    pub fn matches(&self, path: &TreePath) -> bool {
        // Most patterns differ from most paths in the first name or in how many there are.
        if let Some(Part::One(name)) = self.parts.first()
            && !path
                .components()
                .next()
                .is_some_and(|first| wild(name, first))
        {
            return false;
        }
        let wide = self.parts.iter().any(Part::is_any);
        if !wide && self.parts.len() != path.components().count() {
            return false;
        }
        let components: Vec<&[u8]> = path.components().collect();
        let one = |p: &Part, c: &&[u8]| p.name().is_some_and(|p| wild(p, c));
        common(&self.parts, &components, Part::is_any, |_| false, one)
    }

    /// Whether it may cover paths that are always controlled: no wildcard in the last component, no `**`.
    pub fn is_exact(&self) -> bool {
        let literal = |p: &Part| {
            p.name()
                .is_some_and(|c| !c.iter().any(|b| matches!(b, b'*' | b'?')))
        };
        self.parts.last().is_some_and(literal) && !self.parts.contains(&Part::Any)
    }

    /// Whether some path matches both.
    pub fn overlaps(&self, other: &Pattern) -> bool {
        let same = |x: &Part, y: &Part| matches!((x.name(), y.name()), (Some(x), Some(y)) if wild_meet(x, y));
        common(&self.parts, &other.parts, Part::is_any, Part::is_any, same)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// One component against one component; `?` takes a whole character, not a byte of it.
fn wild(pattern: &[u8], text: &[u8]) -> bool {
    if pattern == b"*" {
        return true;
    }
    if !pattern.iter().any(|b| matches!(b, b'*' | b'?')) {
        return pattern == text;
    }
    common(
        &characters(pattern),
        &characters(text),
        is_star,
        |_| false,
        |p, c| *p == *c || *p == b"?",
    )
}

/// Whether two component patterns share a name.
fn wild_meet(a: &[u8], b: &[u8]) -> bool {
    let same = |x: &&[u8], y: &&[u8]| x == y || *x == b"?" || *y == b"?";
    common(&characters(a), &characters(b), is_star, is_star, same)
}

fn is_star(c: &&[u8]) -> bool {
    *c == b"*"
}

fn characters(text: &[u8]) -> Vec<&[u8]> {
    let is_lead = |b: &u8| b & 0xc0 != 0x80;
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let len = 1 + rest[1..].iter().take_while(|b| !is_lead(b)).count();
        out.push(&rest[..len]);
        rest = &rest[len..];
    }
    out
}

/// Whether two sequences with stars (each: any number of anything) have a common reading. Fills a table of
/// both lengths, so that no pattern however crafted takes longer than their product.
fn common<A, B>(
    a: &[A],
    b: &[B],
    star_a: impl Fn(&A) -> bool,
    star_b: impl Fn(&B) -> bool,
    same: impl Fn(&A, &B) -> bool,
) -> bool {
    let width = b.len() + 1;
    let mut reach = vec![false; (a.len() + 1) * width];
    reach[0] = true;
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            if !reach[i * width + j] {
                continue;
            }
            let (x, y) = (a.get(i), b.get(j));
            let (wide_x, wide_y) = (x.is_some_and(&star_a), y.is_some_and(&star_b));
            // A star ends here, or takes what the other side has next.
            if wide_x || (wide_y && x.is_some()) {
                reach[(i + 1) * width + j] = true;
            }
            if wide_y || (wide_x && y.is_some()) {
                reach[i * width + j + 1] = true;
            }
            if let (Some(x), Some(y)) = (x, y)
                && !wide_x
                && !wide_y
                && same(x, y)
            {
                reach[(i + 1) * width + j + 1] = true;
            }
        }
    }
    reach.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::parse(pattern)
            .expect("a pattern")
            .matches(&TreePath::from(path))
    }

    #[test]
    fn components_stars_and_folders() {
        for (pattern, path) in [
            ("docker/**", "docker/a"),
            ("docker/**", "docker/a/b"),
            ("docker/", "docker/a/b"),
            ("a", "a"),
            ("**", "a/b"),
            ("**/*.rs", "x.rs"),
            ("**/*.rs", "a/b/x.rs"),
            ("a/**/b", "a/b"),
            ("a/**/b", "a/x/y/b"),
            ("src/*.rs", "src/a.rs"),
            ("?.md", "ä.md"),
            ("*", "a"),
            ("a*b*c", "aXbYbc"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("docker/**", "docker"),
            ("docker", "docker/a"),
            ("docker/**", "Docker/a"),
            ("docker/**", "dockerx/a"),
            ("*.rs", "a/x.rs"),
            ("src/*.rs", "src/a/b.rs"),
            ("a/**/b", "a/xb"),
            ("?", "ab"),
            ("a*b", "a/b"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn nothing_else_is_a_pattern() {
        for bad in [
            "", "/a", "./a", "a//b", "a/../b", "a**", "**a", "[ab]", "{a,b}", "!a", "a\\b", "a\nb",
            "**/**", ".",
        ] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn exact_patterns_name_one_file() {
        let exact = |p: &str| Pattern::parse(p).expect("a pattern").is_exact();
        assert!(
            exact("qms.yaml") && exact(".github/workflows/tests.yml") && exact("*/.gitattributes")
        );
        assert!(
            !exact(".github/workflows/*.yml")
                && !exact(".github/**")
                && !exact("**/qms.yaml")
                && !exact("QMS/")
        );
    }

    #[test]
    fn overlaps_find_a_common_path() {
        let meet = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|p| Pattern::parse(p).expect("a pattern"));
            assert_eq!(a.overlaps(&b), b.overlaps(&a));
            a.overlaps(&b)
        };
        assert!(
            meet("docker/**", "docker/a")
                && meet("**/*.rs", "src/**")
                && meet("a*", "*b")
                && meet("**", "a/**/b")
        );
        assert!(meet("a/**/c", "a/b/**") && meet("**/x/**", "**/y/**"));
        assert!(
            !meet("docker/**", "qms-cli/**")
                && !meet("a", "a/b")
                && !meet("a/**", "a")
                && !meet("*.rs", "*.md")
        );
    }

    proptest::proptest! {
        #[test]
        fn a_path_that_both_match_makes_them_overlap(a in "[ab*?]{1,3}(/([ab*?]{1,2}|\\*\\*)){0,3}",
            b in "[ab*?]{1,3}(/([ab*?]{1,2}|\\*\\*)){0,3}", path in "[ab]{1,2}(/[ab]{1,2}){0,3}") {
            if let (Ok(a), Ok(b)) = (Pattern::parse(&a), Pattern::parse(&b)) {
                let path = TreePath::from(path.as_str());
                if a.matches(&path) && b.matches(&path) {
                    assert!(a.overlaps(&b));
                }
            }
        }
    }
}
