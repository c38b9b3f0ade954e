//! Texts of files as answers have them: whether they are any, their lines, and the beginning of what is long.

use std::ops::Range;

/// Bytes of the largest file that is read as text.
pub const LARGE: u64 = 1 << 20;

/// Whether git takes a file for no text: a NUL near its beginning.
pub fn is_binary(data: &[u8]) -> bool {
    data[..data.len().min(8_000)].contains(&0)
}

/// The lines of a text with their ends.
pub fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split_inclusive(|b| *b == b'\n')
}

/// Which lines of so many are asked for; `from` is counted from 1.
pub fn window(total: usize, from: Option<usize>, count: usize) -> Range<usize> {
    let start = from.unwrap_or(1).saturating_sub(1).min(total);
    start..start.saturating_add(count).min(total)
}

/// At most so many bytes of a text, and whether there is more of it.
pub fn start_of(text: &str, most: usize) -> (&str, bool) {
    let end = text.floor_char_boundary(most);
    (&text[..end], end < text.len())
}

/// A line as it is shown by itself: without its end, at most so many characters, and whether there is more of it.
pub fn line(line: &[u8], most: usize) -> (String, bool) {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // No character has more than four bytes.
    let near = &line[..line.len().min(most.saturating_add(1).saturating_mul(4))];
    let text = String::from_utf8_lossy(near);
    match text.char_indices().nth(most) {
        Some((end, _)) => (text[..end].to_owned(), true),
        None => (text.into_owned(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_stay_within_the_lines() {
        assert_eq!(window(10, None, 3), 0..3);
        assert_eq!(window(10, Some(0), 3), 0..3);
        assert_eq!(window(10, Some(9), 3), 8..10);
        assert_eq!(window(10, Some(usize::MAX), usize::MAX), 10..10);
        assert_eq!(window(0, Some(1), 3), 0..0);
    }

    #[test]
    fn m3_long_lines_are_cut_between_characters() {
        assert_eq!(line("äöü\r\n".as_bytes(), 2), ("äö".to_owned(), true));
        assert_eq!(line("äöü\n".as_bytes(), 3), ("äöü".to_owned(), false));
        assert_eq!(line(b"a\xffb", 9).0, "a\u{fffd}b");
        assert_eq!(start_of("äö", 3), ("ä", true));
        assert_eq!(start_of("äö", 4), ("äö", false));
    }

    #[test]
    fn a_nul_near_the_beginning_makes_no_text() {
        assert!(is_binary(b"a\0"));
        assert!(!is_binary(&[&[b'a'; 8_000][..], b"\0"].concat()));
        assert_eq!(lines(b"a\n\nb").count(), 3);
        assert_eq!(lines(b"").count(), 0);
    }
}
