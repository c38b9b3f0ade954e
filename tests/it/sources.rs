//! What holds of the sources themselves: the dependency rule, file sizes, the reference tables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::world::project;

/// Which layers each layer may name (architecture.md, "One-way flow").
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("git", &["model"]),
    ("checks", &["model"]),
    ("report", &["model", "checks"]),
    ("ops", &["model", "git", "checks"]),
    ("answers", &["model", "report", "ops"]),
    (
        "cli",
        &["model", "report", "ops", "answers", "hooks", "mcp"],
    ),
    ("mcp", &["model", "report", "ops", "answers"]),
    ("hooks", &["model", "report", "ops"]),
];

fn sources() -> Vec<(String, PathBuf, String)> {
    let mut out = Vec::new();
    let mut open = vec![project().join("src")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder)
            .expect("a folder")
            .map(|e| e.expect("an entry").path())
        {
            if entry.is_dir() {
                open.push(entry);
            } else {
                let below = entry
                    .strip_prefix(project().join("src"))
                    .expect("below src");
                let layer = below
                    .iter()
                    .next()
                    .expect("a name")
                    .to_string_lossy()
                    .trim_end_matches(".rs")
                    .to_owned();
                let text = std::fs::read_to_string(&entry).expect("a source");
                out.push((layer, entry, text));
            }
        }
    }
    out
}

/// The arrows of a source text that the rule does not have.
fn wrong_arrows(layer: &str, text: &str) -> Vec<String> {
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == layer) else {
        return Vec::new();
    };
    let code: String = text
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut wrong: Vec<String> = ARROWS
        .iter()
        .map(|(other, _)| *other)
        .filter(|other| *other != layer && !allowed.contains(other))
        .filter(|other| code.contains(&format!("crate::{other}")) || grouped(&code, other))
        .map(|other| format!("{layer} -> {other}"))
        .collect();
    if layer != "git" && code.contains("gix") {
        wrong.push(format!("{layer} -> gix"));
    }
    for io in [
        "std::fs",
        "std::env",
        "std::process",
        "std::net",
        "SystemTime",
    ] {
        if matches!(layer, "model" | "checks" | "report") && code.contains(io) {
            wrong.push(format!("{layer} -> {io}"));
        }
    }
    wrong
}

/// `use crate::{a, b}`: the first words of a group.
fn grouped(code: &str, other: &str) -> bool {
    code.match_indices("crate::{").any(|(at, found)| {
        let group = code[at + found.len()..]
            .split('}')
            .next()
            .unwrap_or_default();
        group.split([',', ':', ' ', '\n']).any(|word| word == other)
    })
}

#[test]
fn the_layers_name_only_what_they_may() {
    let wrong: Vec<String> = sources()
        .iter()
        .flat_map(|(layer, _, text)| wrong_arrows(layer, text))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_dependency_test_can_fail() {
    assert_eq!(
        wrong_arrows("model", "use crate::git::Oid;"),
        ["model -> git"]
    );
    assert_eq!(
        wrong_arrows("checks", "use crate::{model::x, ops};"),
        ["checks -> ops"]
    );
    assert_eq!(
        wrong_arrows("report", "use gix::Id;\nstd::fs::read(x)"),
        ["report -> gix", "report -> std::fs"]
    );
    assert!(wrong_arrows("ops", "// crate::report\nuse crate::git::Oid;").is_empty());
}

#[test]
fn files_stay_small_and_say_what_they_are_for() {
    let mut sizes = BTreeMap::new();
    for (_, path, text) in sources() {
        assert!(text.starts_with("//! "), "{} has no header", path.display());
        sizes.insert(path, text.lines().count());
    }
    let large: Vec<_> = sizes.iter().filter(|(_, lines)| **lines > 400).collect();
    assert!(large.is_empty(), "{large:?}");
    let mut all: Vec<usize> = sizes.values().copied().collect();
    all.sort_unstable();
    assert!(all[all.len() / 2] < 150, "median {}", all[all.len() / 2]);
    for name in ["utils", "helpers", "common", "manager"] {
        assert!(
            !sizes
                .keys()
                .any(|p| p.file_stem().is_some_and(|s| s == name)),
            "{name}"
        );
    }
}

#[test]
fn the_top_level_does_not_grow() {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "hooks",
        "docker",
        "templates",
        "tests",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "benches",
        "fuzz",
        "qms.yaml",
        "QMS",
        "target",
    ];
    let there = std::fs::read_dir(project()).expect("the project");
    let names = there.map(|e| {
        e.expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let more: Vec<_> = names
        .filter(|n| !known.contains(&n.as_str()) && !n.starts_with('.'))
        .collect();
    assert_eq!(more, Vec::<String>::new());
}

#[test]
fn the_readme_holds_the_tables_that_the_program_works_with() {
    let readme = std::fs::read_to_string(project().join("README.md")).expect("a README");
    for (name, table) in [
        ("commands", qms::cli::commands::table()),
        ("rules", qms::report::docs::rules_table()),
        ("moves", qms::report::reference::moves_table()),
        ("types", qms::report::reference::types_table()),
    ] {
        let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let inner = readme
            .split(&open)
            .nth(1)
            .and_then(|rest| rest.split(&close).next());
        if std::env::var_os("UPDATE_README").is_some() {
            let old = inner
                .unwrap_or_else(|| panic!("the README has no place for {name}"))
                .to_owned();
            let path: &Path = &project().join("README.md");
            let text = std::fs::read_to_string(path).expect("a README");
            let new = text.replace(
                &format!("{open}{old}{close}"),
                &format!("{open}{table}{close}"),
            );
            std::fs::write(path, new).expect("a README");
        } else {
            assert_eq!(
                inner,
                Some(table.as_str()),
                "stale: UPDATE_README=1 cargo test readme"
            );
        }
    }
}
