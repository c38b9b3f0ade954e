//! Which files of a tree are texts about the project rather than the project: free in a first policy.

use std::collections::BTreeSet;

use super::path::TreePath;
use super::pattern::Pattern;

/// What needs no authority in a new policy: texts about the project, not the project.
const FREE: &[&str] = &[
    "README*",
    "LICENSE*",
    "COPYING*",
    "CHANGELOG*",
    "CONTRIBUTING*",
    "CODE_OF_CONDUCT*",
    "SECURITY*",
    ".gitignore",
];
const DOCS: &str = "docs";
/// Folders that hold documentation in many repositories, in any case.
const DOC_FOLDERS: &[&str] = &[DOCS, "doc", "documentation"];
/// First words of files that say something about the project, at its top; of these the first five anywhere.
const TEXTS: &[&str] = &[
    "readme",
    "license",
    "licence",
    "copying",
    "notice",
    "changelog",
    "changes",
    "history",
    "news",
    "authors",
    "contributors",
    "maintainers",
    "contributing",
    "code_of_conduct",
    "security",
    "support",
    "governance",
];
const ANYWHERE: usize = 5;
/// Ends of names of files that are read, not run.
const PROSE: &[&str] = &[
    "md", "markdown", "rst", "txt", "adoc", "asciidoc", "org", "png", "jpg", "jpeg", "gif", "svg",
    "webp", "pdf",
];
/// The list of an empty repository, and what fits the files that are there.
pub fn free(files: &[TreePath]) -> Vec<String> {
    let mut out: Vec<String> = FREE.iter().map(|p| (*p).to_owned()).collect();
    let mut more = BTreeSet::new();
    let mut folders: BTreeSet<&str> = BTreeSet::from([DOCS]);
    for path in files.iter().filter_map(TreePath::as_str) {
        if let Some((top, _)) = path.split_once('/')
            && DOC_FOLDERS.iter().any(|d| top.eq_ignore_ascii_case(d))
        {
            folders.insert(top);
            continue;
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.split('.').next().unwrap_or_default();
        let word = stem.to_lowercase().replace('-', "_");
        let known = TEXTS.iter().position(|t| *t == word);
        let here = known.is_some_and(|at| folder.is_empty() || at < ANYWHERE);
        if here && (stem == name || is_prose(name)) {
            more.insert(match folder {
                "" => format!("{stem}*"),
                _ => format!("**/{name}"),
            });
        }
    }
    for folder in folders {
        let inside = || files.iter().filter(|f| f.is_below(folder)).map(name);
        if inside().all(|n| is_prose(&n)) {
            out.push(format!("{folder}/**"));
            continue;
        }
        // What is run beside the texts, as when a site is built from them, is controlled.
        let ends: BTreeSet<String> = inside()
            .filter(|n| is_prose(n))
            .filter_map(|n| n.rsplit_once('.').map(|(_, end)| end.to_owned()))
            .collect();
        out.extend(ends.iter().map(|end| format!("{folder}/**/*.{end}")));
    }
    let new: Vec<String> = more.into_iter().filter(|p| !out.contains(p)).collect();
    out.extend(
        new.into_iter()
            .filter(|p| Pattern::parse(p).is_ok() && !p.contains('"')),
    );
    out
}

fn name(path: &TreePath) -> String {
    String::from_utf8_lossy(path.name()).into_owned()
}

fn is_prose(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, end)| PROSE.contains(&end.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_follows_from_the_files() {
        let beyond = |files: &[&str]| {
            let files: Vec<TreePath> = files.iter().map(|f| TreePath::from(*f)).collect();
            free(&files)[FREE.len()..].join(" ")
        };
        assert_eq!(beyond(&[]), "docs/**");
        assert_eq!(
            beyond(&[
                "Readme.rst",
                "LICENCE",
                "news.py",
                "a/README.md",
                "a/changes.md"
            ]),
            "docs/** **/README.md LICENCE* Readme*"
        );
        assert_eq!(
            beyond(&[
                "docs/a.md",
                "docs/conf.py",
                "docs/img/a.PNG",
                "Documentation/a.txt"
            ]),
            "Documentation/** docs/**/*.PNG docs/**/*.md"
        );
    }
}
