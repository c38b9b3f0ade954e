//! Titles of tests with places that each case fills in.

/// Titles that are filled in for each case: `adds %i`, `adds $a`, templates with code.
pub(super) fn is_pattern(title: &str) -> bool {
    title.contains('%') || title.contains('$')
}

/// Whether a title is what a pattern becomes for some values.
pub(super) fn fits(given: &str, pattern: &str) -> bool {
    let mut rest = given;
    let mut is_first = true;
    let mut pieces = pattern.split(['%', '$']).peekable();
    while let Some(piece) = pieces.next() {
        let fixed = match is_first {
            true => piece,
            // Behind the mark comes what stands for the value.
            false => match piece.strip_prefix('{') {
                Some(code) => code.split_once('}').map_or("", |(_, fixed)| fixed),
                None => {
                    piece.trim_start_matches(|c: char| c.is_alphanumeric() || "_.#".contains(c))
                }
            },
        };
        let at = match is_first {
            true => rest.starts_with(fixed).then_some(0),
            false if pieces.peek().is_none() => {
                rest.ends_with(fixed).then(|| rest.len() - fixed.len())
            }
            false => rest.find(fixed),
        };
        let Some(at) = at else { return false };
        rest = &rest[at + fixed.len()..];
        is_first = false;
    }
    true
}
