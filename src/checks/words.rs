//! The words of a document as far as moves need them: whether two texts say the same, and whether an item set only
//! its own row. Clause: lifecycle.md "Moves", `item` and `fix`.

use super::Report;
use super::moves::{Move, TEXT_CHANGED};
use crate::model::finding::Finding;
use crate::model::trailer::Key;

/// An item sets its own row and nothing else: one line of a table, told apart by its first cell.
pub(super) fn item(report: &mut Report<'_>, this: &Move<'_>) {
    let (Some(before), Some(name)) = (this.before, this.trailers.value(Key::Item)) else {
        return;
    };
    let cells = |line: &str| -> Option<Vec<String>> {
        let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(inner.split('|').map(|c| c.trim().to_owned()).collect())
    };
    let (old, new): (Vec<&str>, Vec<&str>) = (
        before.body().lines().collect(),
        this.after.body().lines().collect(),
    );
    let differ: Vec<_> = old.iter().zip(&new).filter(|(a, b)| a != b).collect();
    let own_row = |(a, b): &(&&str, &&str)| match (cells(a), cells(b)) {
        // Task text and what stands before it are the approved part of a row.
        (Some(a), Some(b)) => {
            a.len() == b.len() && a[..2.min(a.len())] == b[..2.min(b.len())] && a[0] == name
        }
        _ => false,
    };
    let same_front = before.front == this.after.front;
    if old.len() != new.len() || !same_front || differ.len() > 1 || !differ.iter().all(own_row) {
        let message = format!(
            "`item` changes more of {} than the open cells of {name}",
            this.id
        );
        report.add(Finding::new(&TEXT_CHANGED, message).at(&this.path.path));
    }
}

/// Whether two bodies say the same, word for word, line breaks and blanks aside. Fenced code counts as it stands.
pub(super) fn reads_the_same(a: &str, b: &str) -> bool {
    blocks(a) == blocks(b)
}

/// Headings, table rows, list entries and fenced lines one by one; the lines of a paragraph joined.
fn blocks(body: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let (mut fence, mut paragraph) = (false, false);
    for line in body.lines() {
        let text = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_fence = text.starts_with("```") || text.starts_with("~~~");
        if fence && !is_fence {
            out.push(line.to_owned());
            continue;
        }
        fence ^= is_fence;
        let starts = is_fence
            || text.starts_with(['#', '|', '-', '*', '+', '>', '<'])
            || text.starts_with(|c: char| c.is_ascii_digit());
        match out.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if paragraph && !starts => {
                last.push(' ');
                last.push_str(&text);
            }
            _ => out.push(text.clone()),
        }
        paragraph = !text.is_empty() && !is_fence && !text.starts_with(['#', '|']);
    }
    out
}
