//! A path inside a tree: bytes, slash separated, as git stores it. Never a path of the machine.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// A path as a tree holds it. Comparison is by bytes; case and normal form serve only to find twins.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TreePath(Vec<u8>);

impl TreePath {
    pub fn new(bytes: impl Into<Vec<u8>>) -> TreePath {
        TreePath(bytes.into())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path as text, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The last component.
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|b| *b == b'/').next().unwrap_or_default()
    }

    /// The folders above it, the outermost first.
    pub fn folders(&self) -> impl Iterator<Item = TreePath> {
        let slashes = self.0.iter().enumerate().filter(|(_, b)| **b == b'/');
        slashes.map(|(at, _)| TreePath::new(&self.0[..at]))
    }

    pub fn components(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|b| *b == b'/')
    }

    /// Where a link at this path leads, as a path of the tree; none where that is out of it.
    pub fn follow(&self, to: &TreePath) -> Option<TreePath> {
        let mut at: Vec<&[u8]> = self.components().collect();
        at.pop();
        for component in to.components() {
            match component {
                b"" if to.0.is_empty() || to.0.starts_with(b"/") => return None,
                b"" | b"." => {}
                b".." => drop(at.pop()?),
                name if name.eq_ignore_ascii_case(b".git") => return None,
                name => at.push(name),
            }
        }
        Some(TreePath(at.join(&b'/')))
    }

    /// Whether this path lies below `folder`, at any depth.
    pub fn is_below(&self, folder: &str) -> bool {
        self.0
            .strip_prefix(folder.as_bytes())
            .is_some_and(|rest| rest.first() == Some(&b'/'))
    }
}

impl From<&str> for TreePath {
    fn from(path: &str) -> TreePath {
        TreePath(path.as_bytes().to_vec())
    }
}

/// As one line of terminal-safe text: what would break a line or hide is written as an escape.
impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_control() || is_invisible(c) {
                    write!(f, "{}", c.escape_default())?
                } else {
                    write!(f, "{c}")?
                }
            }
            for b in chunk.invalid() {
                write!(f, "\\x{b:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// What a name becomes where a file system tells names apart by neither case nor normal form, sees no invisible
/// characters, and cuts dots and blanks off their ends.
pub fn folded(name: &[u8]) -> Vec<u8> {
    if name.is_ascii() {
        return cut(name).to_ascii_lowercase();
    }
    let seen = std::str::from_utf8(name)
        .ok()
        .filter(|text| text.contains(is_invisible));
    if let Some(text) = seen {
        return folded(text.replace(is_invisible, "").as_bytes());
    }
    let cut = cut(name);
    match std::str::from_utf8(cut) {
        Ok(text) if !text.is_ascii() => {
            let lower: String = text.nfd().flat_map(char::to_lowercase).collect();
            lower.nfc().collect::<String>().into_bytes()
        }
        _ => cut.to_ascii_lowercase(),
    }
}

/// A name without the dots and blanks at its end.
pub fn cut(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|b| !matches!(b, b'.' | b' '));
    end.map_or(name, |end| &name[..=end])
}

/// Whether a name may be the short one that Windows gives a long one: six characters, a tilde and a digit.
pub fn is_short(name: &[u8], long: &str) -> bool {
    let (base, extension) = long
        .trim_start_matches('.')
        .split_once('.')
        .unwrap_or((long, ""));
    let word = |text: &str, most: usize| -> String {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        kept.take(most).collect()
    };
    let (base, extension) = (word(base, 6), word(extension, 3));
    let Some((head, tail)) = name.get(..base.len()).zip(name.get(base.len()..)) else {
        return false;
    };
    let end = match extension.is_empty() {
        true => String::new(),
        false => format!(".{extension}"),
    };
    head.eq_ignore_ascii_case(base.as_bytes())
        && matches!(tail, [b'~', b'1'..=b'9', rest @ ..] if rest.eq_ignore_ascii_case(end.as_bytes()))
}

/// Characters that direct or hide text without being seen: bidi controls, line and paragraph separators, zero widths.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_is_by_component() {
        assert!(TreePath::from("QMS/a").is_below("QMS"));
        assert!(!TreePath::from("QMSx/a").is_below("QMS"));
        assert!(!TreePath::from("QMS").is_below("QMS"));
        assert!(!TreePath::from("docs/QMS/a").is_below("QMS"));
    }

    #[test]
    fn g13_a_link_leads_to_a_path_or_out() {
        let follow =
            |at: &str, to: &str| TreePath::from(at).follow(&to.into()).map(|p| p.to_string());
        assert_eq!(follow("a/b/l", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(follow("a/l", "..").as_deref(), Some(""));
        for out in [
            "/etc/passwd",
            "../../x",
            "",
            "../.git/config",
            "x/../../../y",
        ] {
            assert_eq!(follow("a/l", out), None, "{out}");
        }
    }

    #[test]
    fn g6_names_that_look_alike_fold_to_one() {
        for (a, b) in [
            ("README", "ReadMe"),
            ("a.", "a"),
            ("a ", "A"),
            ("SOP-\u{e4}.md", "sop-a\u{308}.MD"),
            ("CR-001\u{200b}.md", "CR-001.md"),
            ("a.\u{200d}", "a"),
            ("a\u{206c}b", "ab"),
        ] {
            assert_eq!(folded(a.as_bytes()), folded(b.as_bytes()), "{a}");
        }
        assert_ne!(folded(b"a.b"), folded(b"ab"));
        assert_eq!(folded(b"\xff."), b"\xff");
    }

    #[test]
    fn g6_a_short_name_may_be_that_of_a_long_one() {
        for (short, long) in [
            ("GITATT~1", ".gitattributes"),
            ("gitmod~2", ".gitmodules"),
            ("GITLAB~1.YML", ".gitlab-ci.yml"),
            ("JENKIN~1", "Jenkinsfile"),
            ("GITHUB~1", ".github"),
        ] {
            assert!(is_short(short.as_bytes(), long), "{short}");
        }
        for name in ["gitatt", "gitatt~", "gitatt~x", "gitatt~1.x", "hooks"] {
            assert!(!is_short(name.as_bytes(), ".gitattributes"), "{name}");
        }
    }

    #[test]
    fn display_cannot_break_a_line() {
        assert_eq!(
            TreePath::new(b"a\nb\xff\xe2\x80\xae.md".to_vec()).to_string(),
            "a\\nb\\xff\\u{202e}.md"
        );
        assert_eq!(TreePath::from("ä.md").to_string(), "ä.md");
    }
}
