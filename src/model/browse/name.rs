//! Names that a caller gives: revisions and paths. What git, a shell or a file system would take for something else is
//! refused before anybody looks it up.

use crate::model::path::{TreePath, folded};

/// Why a name is refused: a sentence that is safe to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Wrong(String);

const MOST_REVISION: usize = 256;
const MOST_PATH: usize = 4096;
/// Bytes of a file's name.
const MOST_NAME: usize = 255;
/// How far back `~N` may count.
const FURTHEST: usize = 100_000;
/// Paths of one request.
pub const MOST_PATHS: usize = 100;

/// A revision as it may be looked up: `HEAD`, an id or the beginning of one, a branch, a tag, each perhaps with `~N`
/// and `^N` behind it.
pub fn revision(text: &str) -> Result<&str, Wrong> {
    let wrong = |why: &str| Err(Wrong(format!("the revision `{}` {why}", shown(text))));
    if text.is_empty() || text.len() > MOST_REVISION {
        return wrong("is empty or too long");
    }
    if text.starts_with(['-', ':']) {
        return wrong("begins with what git takes for an option or a search");
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return wrong("holds a blank or a control character");
    }
    if text.contains("..") {
        return wrong("is a range; expected one commit");
    }
    let at = text.find(['~', '^']).unwrap_or(text.len());
    let (name, steps) = text.split_at(at);
    if name.contains([':', '\\', '?', '*', '[']) || name.contains("@{") {
        return wrong("is no id, branch or tag");
    }
    if name.is_empty() || name.starts_with('/') || name.ends_with('/') || name.contains("//") {
        return wrong("is no id, branch or tag");
    }
    let mut digits = steps.split(['~', '^']);
    digits.next();
    for step in digits {
        let number = step.is_empty() || step.parse::<usize>().is_ok_and(|n| n <= FURTHEST);
        if !number || step.starts_with('+') {
            return wrong("may have only `~N` and `^N` behind its name");
        }
    }
    Ok(text)
}

/// A path as a tree may hold it: relative, slash separated, with nothing in it that leads elsewhere.
pub fn path(text: &str) -> Result<TreePath, Wrong> {
    let wrong = |why: &str| Err(Wrong(format!("the path `{}` {why}", shown(text))));
    if text.is_empty() || text.len() > MOST_PATH {
        return wrong("is empty or too long; the root of the repository needs no path");
    }
    if text.starts_with('/') {
        return wrong("begins with a slash; expected one from the root of the repository");
    }
    if text.starts_with(['-', ':']) {
        return wrong("begins with what git takes for an option or a pattern");
    }
    if text.chars().any(char::is_control) {
        return wrong("holds a control character");
    }
    for component in text.split('/') {
        match component {
            "" => return wrong("has an empty component"),
            "." | ".." => return wrong("has a component `.` or `..`"),
            name if name.len() > MOST_NAME => {
                return wrong("has a name in it that no file system takes");
            }
            name if is_gits_own(name) => {
                return wrong("leads into `.git`, which is no part of any commit");
            }
            _ => {}
        }
    }
    Ok(TreePath::from(text))
}

/// The paths of a request.
pub fn paths(texts: &[String]) -> Result<Vec<TreePath>, Wrong> {
    if texts.len() > MOST_PATHS {
        let count = texts.len();
        return Err(Wrong(format!(
            "{count} paths are more than the {MOST_PATHS} of one request"
        )));
    }
    texts.iter().map(|text| path(text)).collect()
}

/// Whether a file system may take the name for `.git`.
fn is_gits_own(name: &str) -> bool {
    let stream = name.split(':').next().unwrap_or_default();
    let folded = folded(stream.as_bytes());
    folded == b".git" || folded == b"git~1"
}

/// A caller's text in a message: one line, nothing in it unseen, and not too long.
pub fn shown(text: &str) -> String {
    let mut out: String = text
        .chars()
        .take(100)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(100).is_some() {
        out.push('…');
    }
    out
}

/// Whether a path is one of these, or lies below one; where there are none, every path is.
pub fn covers(paths: &[TreePath], path: &TreePath) -> bool {
    let below = |folder: &TreePath| {
        let rest = path.as_bytes().strip_prefix(folder.as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    paths.is_empty() || paths.iter().any(below)
}

/// A path of the repository in an answer: as it is, or with escapes where it is not UTF-8.
pub fn text(path: &TreePath) -> String {
    path.as_str()
        .map_or_else(|| path.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m1_revisions_that_git_would_take_for_something_else_are_refused() {
        for bad in [
            "",
            "-p",
            "--all",
            "--output=/tmp/x",
            ":/fix",
            ":README.md",
            ":0:a",
            "HEAD:a",
            "a..b",
            "a...b",
            "..",
            "@{-1}",
            "HEAD@{1}",
            "main@{upstream}",
            "HEAD^{/x}",
            "HEAD^{tree}",
            "HEAD^!",
            "HEAD^@",
            "HEAD^-",
            "HEAD~+1",
            "HEAD~-1",
            "HEAD~100001",
            "HEAD~99999999999999999999999",
            "HEAD~1:a",
            "^main",
            "~1",
            "a b",
            "a\0b",
            "a\nb",
            "a\x1b[2Jb",
            "a\u{85}b",
            "heads/*",
            "a[b",
            "a\\b",
            "/etc/passwd",
            "a//b",
            "main/",
            &"a".repeat(257),
        ] {
            assert!(revision(bad).is_err(), "{bad:?}");
        }
        for good in [
            "HEAD",
            "@",
            "HEAD~",
            "HEAD^",
            "HEAD^^2~3",
            "main~100000",
            "0123abcd",
            "refs/heads/main",
            "origin/main",
            "feature/ünï-1_x.y",
            "v1.0",
            "a@b",
        ] {
            assert_eq!(revision(good), Ok(good));
        }
    }

    #[test]
    fn m2_paths_that_lead_elsewhere_are_refused() {
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "a/",
            "a//b",
            ".",
            "./a",
            "..",
            "a/../b",
            "a/./b",
            "-a",
            "--all",
            ":(glob)**",
            ":!a",
            ".git",
            ".git/config",
            "a/.git/config",
            ".GIT/config",
            ".git./x",
            ".git /x",
            ".g\u{200c}it/x",
            "git~1/x",
            ".git::$INDEX_ALLOCATION/x",
            "a\0b",
            "a\nb",
            "a\u{9b}b",
            &"a".repeat(4097),
        ] {
            assert!(path(bad).is_err(), "{bad:?}");
        }
        for good in [
            "a",
            "a/b",
            "a\\b",
            "a b",
            "ä/ö",
            ".github/x",
            ".gitignore",
            "a/-b",
            "*.rs",
            "a..b",
            "a:b",
            "git~2",
        ] {
            assert_eq!(path(good), Ok(TreePath::from(good)));
        }
        assert!(paths(&vec!["a".to_owned(); MOST_PATHS + 1]).is_err());
    }

    #[test]
    fn m4_a_refusal_shows_nothing_that_a_terminal_obeys() {
        let bad = format!("-\x1b]0;x\x07\u{202e}\u{200b}{}", "a".repeat(200));
        for said in [
            revision(&bad).expect_err("refused").to_string(),
            path(&bad).expect_err("refused").to_string(),
        ] {
            assert!(said.len() < 300, "{said}");
            assert!(!said.chars().any(|c| c.is_control()), "{said:?}");
            assert!(!said.contains(['\u{202e}', '\u{200b}']), "{said:?}");
        }
    }

    #[test]
    fn a_path_covers_itself_and_what_is_below() {
        let covers = |a: &str, b: &str| covers(&[a.into()], &b.into());
        assert!(covers("a/b", "a/b") && covers("a", "a/b"));
        assert!(!covers("a", "ab") && !covers("a/b", "a"));
        assert!(super::covers(&[], &"x".into()));
    }
}
