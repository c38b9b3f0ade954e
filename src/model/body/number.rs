//! The number of a heading.

/// What numbers a heading, and the rest: `5.2 Scope`, `A.1 Terms`, `3. Use`.
pub(in crate::model) fn numbered(heading: &str) -> (Option<&str>, &str) {
    let Some((number, title)) = heading.split_once(' ') else {
        return (None, heading);
    };
    let bare = number.strip_suffix('.').unwrap_or(number);
    let mut parts = bare.split('.');
    let is_digits = |p: &str| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
    let first = parts.next().unwrap_or_default();
    let letter =
        first.len() == 1 && first.bytes().all(|b| b.is_ascii_uppercase()) && number.contains('.');
    match (letter || is_digits(first)) && parts.all(is_digits) && !title.is_empty() {
        true => (Some(number), title),
        false => (None, heading),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_headings() {
        for (heading, number) in [
            ("5.2 Scope", Some("5.2")),
            ("1. A", Some("1.")),
            ("3 B", Some("3")),
            ("A.1.2 C", Some("A.1.2")),
            ("A plan", None),
            ("2026 plan", None),
            ("1.x plan", None),
            ("7.", None),
            ("v1.2 x", None),
        ] {
            assert_eq!(numbered(heading).0, number, "{heading}");
        }
    }
}
