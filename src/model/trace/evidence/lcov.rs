//! Coverage in lcov's format, of a run or, in a directory of such files, of each test.

use std::collections::BTreeMap;

use super::{Coverage, Hits, Read, add, text};

/// Records that say nothing of lines.
const REST: &[&str] = &[
    "TN", "FNDA", "FNF", "FNH", "FNL", "FNA", "BRDA", "BRF", "BRH", "VER", "MCDC", "MRF", "MRH",
];

/// Reads a tracefile.
pub fn read(bytes: &[u8]) -> Read<Coverage> {
    let text = match text(bytes) {
        Ok(text) => text,
        Err(why) => return Read::flawed(why),
    };
    let (mut coverage, mut flaws) = (Coverage::default(), Vec::new());
    let mut current: Option<Open> = None;
    for (n, line) in text.lines().enumerate() {
        let line = line.trim_end();
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        let mut wrong = |why: String| flaws.push(at(n, &why));
        match (key, &mut current) {
            ("SF", None) if !value.is_empty() => current = Some(Open::of(value)),
            ("SF", Some(open)) => wrong(format!("`{}` has no end_of_record", open.path)),
            ("FN", open) => open.iter_mut().for_each(|open| open.functions += 1),
            ("DA", Some(open)) => match data(value) {
                Some((line, hit)) => {
                    *open.hits.entry(line).or_default() |= hit;
                    open.told += 1;
                }
                None => wrong(format!("`{value}` is no line and count")),
            },
            ("LF", Some(open)) => flaws.extend(open.lacks(value).map(|why| at(n, &why))),
            ("LH", Some(open)) => flaws.extend(open.lacks_hits(value).map(|why| at(n, &why))),
            ("end_of_record", Some(_)) => {
                let open = current.take().expect("it was just seen");
                add(coverage.files.entry(open.path).or_default(), &open.hits);
            }
            ("", _) => {}
            (known, _) if REST.contains(&known) || known.starts_with('#') => {}
            _ => wrong(format!("`{key}` is not known here")),
        }
    }
    if let Some(Open { path, .. }) = current {
        flaws.push(format!("the file ends within the record of `{path}`"));
    }
    if flaws.is_empty() && coverage.files.is_empty() {
        flaws.push("there is no file in the coverage".to_owned());
    }
    Read {
        what: coverage,
        flaws,
    }
}

fn at(n: usize, why: &str) -> String {
    format!("line {}: {why}", n + 1)
}

/// The record of a file that is being read.
#[derive(Default)]
struct Open {
    path: String,
    hits: Hits,
    /// How often a line was told of; some tell of one several times.
    told: usize,
    functions: usize,
}

impl Open {
    fn of(path: &str) -> Open {
        Open {
            path: path.to_owned(),
            ..Open::default()
        }
    }

    /// What is wrong with a total of lines. llvm-cov counts a line once for each function on it, such as a closure in
    /// another one; a total that is less than what is there is nobody's.
    fn lacks(&self, value: &str) -> Option<String> {
        let has = self.hits.len();
        let agrees =
            |said: usize| said == has || said == self.told || said > has && self.functions > 1;
        let agrees = value.trim().parse().is_ok_and(agrees);
        let path = &self.path;
        (!agrees).then(|| format!("`{path}` says {value} lines, and has {has}"))
    }

    /// The same of lines that were executed. Of several functions on one line, or of one in several forms, llvm-cov counts
    /// those that were not; that none or some were says either.
    fn lacks_hits(&self, value: &str) -> Option<String> {
        let hit = self.hits.values().filter(|hit| **hit).count();
        let counts = |said: usize| said >= hit || self.functions > 1;
        let agrees = |said: usize| counts(said) && (said > 0) == (hit > 0);
        let agrees = value.trim().parse().is_ok_and(agrees);
        let path = &self.path;
        (!agrees).then(|| format!("`{path}` says that {value} lines were executed, and has {hit}"))
    }
}

fn data(value: &str) -> Option<(u32, bool)> {
    let mut parts = value.split(',');
    let line = parts.next()?.parse().ok().filter(|n| *n > 0)?;
    let count: u64 = parts.next()?.parse().ok()?;
    Some((line, count > 0))
}

/// The coverage of each test from files that are named after them: `a::tests::b.lcov`.
pub fn per_test<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
) -> Read<BTreeMap<String, Coverage>> {
    let mut out = Read::<BTreeMap<String, Coverage>>::default();
    for (name, bytes) in files {
        let endings = [".lcov", ".info"];
        let test = endings
            .iter()
            .find_map(|e| name.strip_suffix(e))
            .unwrap_or(name);
        let read = read(bytes);
        out.flaws
            .extend(read.flaws.into_iter().map(|why| format!("{name}: {why}")));
        if out.what.insert(test.to_owned(), read.what).is_some() {
            out.flaws
                .push(format!("{name}: there are two files for `{test}`"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "TN:\nSF:/a/src/x.rs\nFN:1,f\nDA:1,2\nDA:2,0,abc\nLF:2\nLH:1\nend_of_record\n";

    #[test]
    fn lines_are_read() {
        let read = read(TEXT.as_bytes());
        assert_eq!(read.flaws, [] as [&str; 0]);
        assert_eq!(
            read.what.files["/a/src/x.rs"],
            [(1, true), (2, false)].into()
        );
    }

    /// As llvm-cov writes of a function with a closure on one of its lines.
    #[test]
    fn a_line_that_two_functions_are_on_is_counted_twice() {
        let of = |text: &str, total: &str| {
            let key = total.split_at(3).0;
            let old = text.lines().find(|line| line.starts_with(key));
            read(text.replace(old.expect("a total"), total).as_bytes()).flaws
        };
        let more = TEXT.replace("FN:1,f\n", "FN:1,f\nFN:2,f::{closure}\n");
        let two = |total: &str| of(&more, total);
        assert_eq!(two("LF:3"), [] as [&str; 0]);
        // Both lines were executed, and one of them not by each function on it.
        let both = more.replace("DA:2,0,abc", "DA:2,1");
        assert_eq!(of(&both, "LH:1"), [] as [&str; 0]);
        assert_eq!(of(&both, "LH:0").len(), 1);
        assert_eq!(
            two("LF:1"),
            ["line 7: `/a/src/x.rs` says 1 lines, and has 2"]
        );
    }

    #[test]
    fn what_is_cut_off_or_at_odds_is_a_flaw() {
        for (from, to, why) in [
            ("end_of_record\n", "", "ends within"),
            ("LF:2", "LF:3", "says 3 lines, and has 2"),
            ("LH:1", "LH:0", "says that 0 lines"),
            ("DA:1,2", "DA:1", "no line and count"),
            ("DA:1,2", "DA:1,-1", "no line and count"),
            ("DA:1,2", "DX:1,2", "`DX` is not known"),
            ("FN:1,f", "SF:y", "no end_of_record"),
            (TEXT, "", "no file"),
        ] {
            let flaws = read(TEXT.replace(from, to).as_bytes()).flaws;
            assert!(flaws.iter().any(|f| f.contains(why)), "{to}: {flaws:?}");
        }
    }

    #[test]
    fn tests_have_files_of_their_own() {
        let files = [
            ("a::b.lcov", TEXT.as_bytes()),
            ("c.info", b"".as_slice()),
            ("a::b", TEXT.as_bytes()),
        ];
        let read = per_test(files);
        assert!(read.what["a::b"].files["/a/src/x.rs"][&1]);
        assert_eq!(read.flaws.len(), 2);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(SF:a\n|DA:[0-9],[0-9]\n|LF:1\n|LH:1\n|end_of_record\n|[:,x\n]){0,20}") {
            read(text.as_bytes());
        }
    }
}
