//! The digest of a system: over the sorted mode, path and blob ids of the paths that the policy gives it, and nothing else.
//! Source: lifecycle.md "Gates".

use super::super::super::document::digest_of;

/// A path of the system: its mode, its name from the root, and the id of its blob, or of the commit of a submodule.
pub type Part<'p> = (u32, &'p [u8], String);

/// `sha256:` and 64 digits. One line a part, sorted by path: `100644 src/a 5d4c…`, ended by a zero byte since a path may hold
/// a line's end.
pub fn of(mut parts: Vec<Part<'_>>) -> String {
    parts.sort_by(|a, b| a.1.cmp(b.1));
    let mut all = Vec::new();
    for (mode, path, id) in parts {
        all.extend(format!("{mode:06o} ").bytes());
        all.extend(path);
        all.extend(format!(" {id}\0").bytes());
    }
    digest_of(&[&all])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_of_modes_paths_and_blobs_and_of_no_order() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let of = |parts: &[(u32, &str, &String)]| {
            super::of(
                parts
                    .iter()
                    .map(|(m, p, id)| (*m, p.as_bytes(), (*id).clone()))
                    .collect(),
            )
        };
        let one = of(&[(0o100_644, "x", &a), (0o100_755, "y", &b)]);
        assert_eq!(one, of(&[(0o100_755, "y", &b), (0o100_644, "x", &a)]));
        let others = [
            of(&[]),
            of(&[(0o100_644, "x", &a)]),
            of(&[(0o100_644, "x", &a), (0o100_644, "y", &b)]),
            of(&[(0o100_644, "x", &b), (0o100_755, "y", &a)]),
            of(&[(0o100_644, "x2", &a), (0o100_755, "y", &b)]),
        ];
        assert!(others.iter().all(|other| *other != one));
        assert_eq!(
            of(&[(0o100_644, "x", &a)]),
            digest_of(&[format!("100644 x {a}\0").as_bytes()])
        );
    }
}
