//! Lines that match a pattern, in the files of a commit.

use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::{Result, bail};
use regex::bytes::{Regex, RegexBuilder};

use super::{Session, at, deadline, entry};
use crate::git::trees::Raw;
use crate::model::browse::answer::{Grep, Kind, Match};
use crate::model::browse::text::{LARGE, is_binary, line, lines};
use crate::model::browse::{ask, name};
use crate::model::path::TreePath;

const MOST_PATTERN: usize = 1_000;
/// Bytes that a compiled pattern may take, and what is kept while it runs.
const MOST_COMPILED: usize = 4 << 20;
const MOST_STATES: usize = 8 << 20;
const MOST_FILES: usize = 50_000;
const MOST_BYTES: u64 = 256 << 20;
/// Bytes of a line that are searched: a pattern that is made to cost takes seconds for more.
const MOST_SEARCHED: usize = 16 * 1024;
/// Characters of a line that are given.
const MOST_LINE: usize = 300;

/// The lines of a commit's files that match a pattern.
pub fn grep(session: &Session, ask: &ask::Grep) -> Result<Grep> {
    let pattern = compiled(ask)?;
    let mut paths = name::paths(&ask.paths)?;
    let commit = at(session, ask.revision.as_deref())?;
    let limit = ask::bounded(ask.limit, 100, 1_000);
    let mut search = Search::new(pattern, limit, deadline());
    let visit = |search: &mut Search, tree, at: Option<&TreePath>| {
        let mut found = |path: TreePath, raw| search.file(session, &path, raw);
        session.repo.visit(tree, at, true, &mut found)
    };
    if paths.is_empty() {
        let _ = visit(&mut search, session.repo.tree_of(commit)?, None)?;
        return Ok(search.out);
    }
    // What lies below another one is searched with it.
    paths.sort();
    paths.dedup();
    let tops = paths.iter().filter(|path| {
        let others = paths.iter().filter(|other| other != path);
        !others
            .into_iter()
            .any(|o| name::covers(std::slice::from_ref(o), path))
    });
    for path in tops {
        let raw = entry(session, commit, path)?;
        let step = match Kind::of(raw.mode) {
            Kind::Folder => visit(&mut search, raw.id, Some(path))?,
            _ => search.file(session, path, raw)?,
        };
        if step.is_break() {
            break;
        }
    }
    Ok(search.out)
}

fn compiled(ask: &ask::Grep) -> Result<Regex> {
    if ask.pattern.is_empty() || ask.pattern.len() > MOST_PATTERN {
        bail!("the pattern is empty, or has more than {MOST_PATTERN} bytes");
    }
    if ask.pattern.contains(['\n', '\0']) {
        bail!("the pattern holds a line break or a NUL; lines are searched one by one");
    }
    let pattern = match ask.fixed {
        true => regex::escape(&ask.pattern),
        false => ask.pattern.clone(),
    };
    let built = RegexBuilder::new(&pattern)
        .case_insensitive(ask.ignore_case)
        .size_limit(MOST_COMPILED)
        .dfa_size_limit(MOST_STATES)
        .nest_limit(50)
        .build();
    let Ok(built) = built else {
        let pattern = name::shown(&ask.pattern);
        bail!(
            "`{pattern}` is no regular expression that can be used here; `fixed` takes it as text"
        );
    };
    Ok(built)
}

struct Search {
    pattern: Regex,
    until: Instant,
    limit: usize,
    /// Files and bytes that may still be searched.
    files: usize,
    bytes: u64,
    out: Grep,
}

impl Search {
    fn new(pattern: Regex, limit: usize, until: Instant) -> Search {
        Search {
            pattern,
            until,
            limit,
            files: MOST_FILES,
            bytes: MOST_BYTES,
            out: Grep::default(),
        }
    }

    fn file(&mut self, session: &Session, path: &TreePath, raw: Raw) -> Result<ControlFlow<()>> {
        if !matches!(Kind::of(raw.mode), Kind::File | Kind::Executable) {
            return Ok(ControlFlow::Continue(()));
        }
        let repo = &session.repo;
        let size = repo.size(raw.id).unwrap_or_default();
        if self.files == 0 || (size <= LARGE && size > self.bytes) {
            self.out.bounded = true;
            return Ok(ControlFlow::Break(()));
        }
        self.files -= 1;
        if size > LARGE {
            self.out.large += 1;
            return Ok(ControlFlow::Continue(()));
        }
        self.bytes -= size;
        let data = repo.blob(raw.id)?;
        if is_binary(&data) {
            self.out.binary += 1;
            return Ok(ControlFlow::Continue(()));
        }
        self.out.searched += 1;
        Ok(self.lines(path, &data))
    }

    fn lines(&mut self, path: &TreePath, data: &[u8]) -> ControlFlow<()> {
        for (number, bytes) in lines(data).enumerate() {
            if Instant::now() > self.until {
                self.out.bounded = true;
                return ControlFlow::Break(());
            }
            let bare = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
            let near = &bare[..bare.len().min(MOST_SEARCHED)];
            self.out.long += usize::from(near.len() < bare.len());
            let Some(found) = self.pattern.find(near) else {
                continue;
            };
            if self.out.matches.len() >= self.limit {
                self.out.more = true;
                return ControlFlow::Break(());
            }
            let (text, cut) = line(bytes, MOST_LINE);
            self.out.matches.push(Match {
                path: name::text(path),
                line: number + 1,
                column: found.start() + 1,
                text,
                cut,
            });
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str, fixed: bool) -> Result<Regex> {
        compiled(&ask::Grep {
            pattern: pattern.to_owned(),
            fixed,
            ..ask::Grep::default()
        })
    }

    #[test]
    fn m3_patterns_that_cost_too_much_are_refused() {
        let deep = "(".repeat(400) + &")".repeat(400);
        for bad in [
            "",
            "a\nb",
            "a\0",
            "(",
            "(?:(?:\\w{200}){200}){200}",
            &"a".repeat(1_001),
            &deep,
        ] {
            assert!(of(bad, false).is_err(), "{bad:?}");
        }
        let said = of("(\x1b[2J\u{202e}", false)
            .expect_err("no pattern")
            .to_string();
        assert!(!said.contains(['\x1b', '\u{202e}', '\n']), "{said:?}");
    }

    #[test]
    fn m3_a_pattern_that_is_made_to_cost_runs_into_its_bounds() {
        let costly = of("(?-u:(?:.{0,100}b){60}z)", false).expect("a pattern");
        let data = "ab xb\n".repeat(3_000) + &"ab xb".repeat(20_000);
        let path = TreePath::from("a");
        let begun = Instant::now();
        let mut search = Search::new(costly.clone(), 1, begun);
        assert!(search.lines(&path, data.as_bytes()).is_break() && search.out.bounded);
        let mut search = Search::new(costly, 1, begun + std::time::Duration::from_secs(600));
        assert!(search.lines(&path, data.as_bytes()).is_continue());
        assert_eq!((search.out.long, search.out.bounded), (1, false));
        assert!(begun.elapsed().as_secs() < 60);
        assert!(of(r"\w{1,40}z", false).is_ok());
    }

    #[test]
    fn a_fixed_pattern_is_text() {
        let found = |p: &str, fixed| of(p, fixed).expect("a pattern").is_match(b"a.b(");
        assert!(found("a.b(", true) && !found("a+b", true));
        assert!(found(r"^a\.b\($", false));
    }
}
