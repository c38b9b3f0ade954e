//! What a path alone says of a file: whose names it has, and whether it holds tests.

use super::Sort;

/// Endings of files that have a grammar, in small letters, with whose names are in them.
const ENDINGS: &[(Sort, &[&str])] = &[
    (Sort::Rust, &["rs"]),
    (Sort::Python, &["py", "pyi"]),
    (
        Sort::Script,
        &["ts", "mts", "cts", "tsx", "js", "jsx", "mjs", "cjs"],
    ),
    (Sort::Go, &["go"]),
    (Sort::Java, &["java"]),
    (
        Sort::C,
        &[
            "c", "h", "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "ipp", "inl", "cu",
            "cuh", "ino",
        ],
    ),
];

/// Whose names are in a file.
pub fn sort(path: &str) -> Sort {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let ending = ending.to_ascii_lowercase();
    let is = |(_, endings): &&(Sort, &[&str])| endings.contains(&ending.as_str());
    ENDINGS
        .iter()
        .find(is)
        .map_or(Sort::Other, |(sort, _)| *sort)
}

/// Whether a file holds tests, by its path.
pub fn is_test_file(sort: Sort, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let below = |folder: &str| path.split('/').rev().skip(1).any(|p| p == folder);
    let stem = name.split('.').next().unwrap_or_default();
    match sort {
        Sort::Rust => below("tests") || stem == "tests",
        Sort::Python => stem.starts_with("test_") || stem.ends_with("_test") || stem == "conftest",
        Sort::Script => [".test.", ".spec."].iter().any(|m| name.contains(m)) || below("__tests__"),
        Sort::Go => stem.ends_with("_test"),
        Sort::Java => {
            path.contains("src/test/") || stem.ends_with("Test") || stem.ends_with("Tests")
        }
        Sort::C | Sort::Other => {
            let stem = stem.to_ascii_lowercase();
            stem.starts_with("test_") || stem.ends_with("test") || below("test") || below("tests")
        }
    }
}

#[cfg(all(test, feature = "grammars"))]
mod tests {
    use super::super::language::{LANGUAGES, of};
    use super::*;

    #[test]
    fn a_path_says_what_its_grammar_says() {
        for (sort_of, endings) in ENDINGS {
            for ending in *endings {
                let path = format!("a/b.{}", ending.to_ascii_uppercase());
                let language = of(path.as_bytes()).expect("a grammar");
                assert_eq!((sort(&path), language.sort), (*sort_of, *sort_of), "{path}");
            }
        }
        let endings = ENDINGS.iter().map(|(_, endings)| endings.len());
        let known = LANGUAGES.iter().map(|language| language.names.len());
        assert_eq!(endings.sum::<usize>(), known.sum::<usize>());
        assert_eq!([sort("a.md"), sort("rs"), sort("")], [Sort::Other; 3]);
    }
}
