//! Coverage as `cargo llvm-cov --json` and `llvm-cov export` write it: segments of files, from which lines are told.

use serde::Deserialize;

use super::{Coverage, Read, text};

#[derive(Deserialize)]
struct Export {
    #[serde(rename = "type")]
    kind: String,
    data: Vec<Data>,
}

#[derive(Deserialize)]
struct Data {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    segments: Vec<Segment>,
}

/// Line, column, count, whether it has one, whether a region begins, whether it is a gap.
#[derive(Deserialize, Clone, Copy)]
struct Segment(u32, u32, u64, bool, bool, bool);

impl Segment {
    fn begins(&self) -> bool {
        self.3 && self.4 && !self.5
    }
}

/// No file has more lines.
const LINES: u32 = 1_000_000;

/// Reads an export.
pub fn read(bytes: &[u8]) -> Read<Coverage> {
    let export: Export =
        match text(bytes).and_then(|text| serde_json::from_str(text).map_err(|e| e.to_string())) {
            Ok(export) => export,
            Err(why) => return Read::flawed(format!("no export of llvm-cov: {why}")),
        };
    let (mut coverage, mut flaws) = (Coverage::default(), Vec::new());
    if export.kind != "llvm.coverage.json.export" {
        flaws.push(format!("`{}` is no export of llvm-cov", export.kind));
    }
    for file in export.data.iter().flat_map(|d| &d.files) {
        coverage.files.entry(file.filename.clone()).or_default();
        let ordered = file.segments.is_sorted_by_key(|s| (s.0, s.1));
        if !ordered || file.segments.last().is_some_and(|s| s.0 > LINES) {
            flaws.push(format!(
                "the segments of `{}` are in no order",
                file.filename
            ));
            continue;
        }
        for (line, hit) in lines(&file.segments) {
            coverage.add(&file.filename, line, hit);
        }
    }
    if flaws.is_empty() && coverage.files.is_empty() {
        flaws.push("there is no file in the coverage".to_owned());
    }
    Read {
        what: coverage,
        flaws,
    }
}

/// A line counts as often as the region that goes on from before it, or the most of those that begin on it.
fn lines(segments: &[Segment]) -> Vec<(u32, bool)> {
    let (mut out, mut at) = (Vec::new(), 0);
    let mut around: Option<Segment> = None;
    let Some((first, last)) = segments.first().zip(segments.last()) else {
        return out;
    };
    for line in first.0..=last.0 {
        let here = segments[at..].iter().take_while(|s| s.0 == line).count();
        let own = &segments[at..at + here];
        at += here;
        let begun: Vec<u64> = own.iter().filter(|s| s.begins()).map(|s| s.2).collect();
        let is_skipped = own.first().is_some_and(|s| !s.3 && s.4);
        let goes_on = around.is_some_and(|s| s.3);
        if !begun.is_empty() || (goes_on && !is_skipped) {
            let before = around.filter(|_| goes_on).map_or(0, |s| s.2);
            let count = begun.iter().copied().fold(before, u64::max);
            out.push((line, count > 0));
        }
        around = own.last().copied().or(around);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_become_lines() {
        // Lines 2 to 4 ran, on 5 begins what did not, 7 is between functions.
        let text = r#"{"type": "llvm.coverage.json.export", "version": "3", "data": [{"totals": {}, "files": [{"filename": "/w/a.rs", "segments":
            [[2,1,3,true,true,false],[5,9,0,true,true,false],[6,6,3,true,false,false],[6,8,0,false,false,false],
             [8,1,0,true,true,false],[8,20,0,false,false,false]]}]}]}"#;
        let found = read(text.as_bytes());
        assert_eq!(found.flaws, [] as [&str; 0]);
        let hits: Vec<_> = found.what.files["/w/a.rs"]
            .iter()
            .map(|(l, h)| (*l, *h))
            .collect();
        assert_eq!(
            hits,
            [
                (2, true),
                (3, true),
                (4, true),
                (5, true),
                (6, false),
                (8, false)
            ]
        );
    }

    #[test]
    fn what_is_no_export_is_a_flaw() {
        for bad in [
            "",
            "{}",
            r#"{"type": "x", "data": []}"#,
            r#"{"type": "llvm.coverage.json.export", "data": []}"#,
            r#"{"type": "llvm.coverage.json.export", "data": [{"files": [{"filename": "a", "segments": [[2,1,1,true,true,false],[1,1,1,true,true,false]]}]}]}"#,
            r#"{"type": "llvm.coverage.json.export", "data": [{"files": [{"filename": "a", "segments": [[1,1]]}]}]}"#,
        ] {
            assert!(!read(bad.as_bytes()).flaws.is_empty(), "{bad}");
        }
    }
}
