//! What manifests call the packages whose files are below them: the few lines of `Cargo.toml` and `go.mod` that this takes,
//! read strictly. What is written in another way is unknown, and never guessed.

/// The manifest of a language's packages, by the ending of their files.
pub const NAMES: [(&str, &str); 2] = [(".rs", "Cargo.toml"), (".go", "go.mod")];

/// A package of Rust.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cargo {
    /// As nextest says it; None where it is unknown.
    pub name: Option<String>,
    /// As its code says it.
    pub library: Option<String>,
    /// Where the library begins, if that is said.
    pub library_path: Option<String>,
    pub targets: Vec<Target>,
}

/// A target that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// As nextest says it behind the package: `it`, `bin/tool`.
    pub name: String,
    /// Where it begins, from the manifest.
    pub path: String,
}

/// Tables that name targets, with what nextest puts before their names.
const TARGETS: [(&str, &str); 4] = [
    ("[[test]]", ""),
    ("[[bin]]", "bin/"),
    ("[[example]]", "example/"),
    ("[[bench]]", "bench/"),
];

/// A table of a manifest: its head, and what its lines set.
struct Table<'t> {
    head: &'t str,
    set: Vec<(&'t str, &'t str)>,
}

impl Table<'_> {
    /// The text that a key has; None where it has none, another value, or several.
    fn text(&self, key: &str) -> Option<&str> {
        let mut of = self.set.iter().filter(|(k, _)| *k == key);
        match (of.next(), of.next()) {
            (Some((_, value)), None) => quoted(value),
            _ => None,
        }
    }
}

/// A string on one line without escapes, and nothing but a comment behind it.
fn quoted(value: &str) -> Option<&str> {
    let mark = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (text, rest) = value[1..].split_once(mark)?;
    let rest = rest.trim_start();
    let ends = rest.is_empty() || rest.starts_with('#');
    (ends && !text.is_empty() && !text.contains('\\')).then_some(text)
}

fn tables(text: &str) -> Vec<Table<'_>> {
    let head = "";
    let set = Vec::new();
    let mut out = vec![Table { head, set }];
    for line in text.lines().map(str::trim) {
        let code = line.split_once('#').map_or(line, |(code, _)| code).trim();
        match line.split_once('=') {
            _ if code.starts_with('[') && code.ends_with(']') => out.push(Table {
                head: code,
                set: Vec::new(),
            }),
            Some((key, value)) if !line.starts_with('#') => {
                if let Some(table) = out.last_mut() {
                    table.set.push((key.trim(), value.trim()));
                }
            }
            _ => {}
        }
    }
    out
}

/// Reads a `Cargo.toml`.
pub fn cargo(text: &str) -> Cargo {
    // Strings over several lines may hold what looks like anything else.
    if ["\"\"\"", "'''"].iter().any(|mark| text.contains(mark)) {
        return Cargo::default();
    }
    let tables = tables(text);
    let only = |head: &str| {
        let mut of = tables.iter().filter(|table| table.head == head);
        of.next().filter(|_| of.next().is_none())
    };
    let Some(name) = only("[package]").and_then(|table| table.text("name")) else {
        return Cargo::default();
    };
    let library = only("[lib]");
    let own = library.and_then(|table| table.text("name"));
    let target = |table: &Table<'_>| {
        let (_, before) = TARGETS.iter().find(|(head, _)| *head == table.head)?;
        Some(Target {
            name: format!("{before}{}", table.text("name")?),
            path: table.text("path")?.trim_start_matches("./").to_owned(),
        })
    };
    Cargo {
        name: Some(name.to_owned()),
        library: Some(own.map_or_else(|| name.replace('-', "_"), str::to_owned)),
        library_path: library.and_then(|t| t.text("path")).map(str::to_owned),
        targets: tables.iter().filter_map(target).collect(),
    }
}

/// The path of the module of a `go.mod`.
pub fn go(text: &str) -> Option<String> {
    let code = text.lines().map(|line| line.split("//").next());
    let mut said = code.filter_map(|line| line?.trim().strip_prefix("module "));
    let path = said.next().filter(|_| said.next().is_none())?.trim();
    let path = quoted(path).unwrap_or(path);
    let is_path = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    (!path.is_empty() && path.chars().all(is_path)).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_called_what_its_manifest_says() {
        let text = "[package]\n# ours\nname = \"my-app\" # so far\nversion = \"1\"\n\n[lib]\nname = \"app\"\npath = \"lib/app.rs\"\n\
                    [dependencies]\nname = \"x\"\n[[test]]\nname = 'it'\npath = \"./tests/it/main.rs\"\n[[test]]\nname = \"near\"\n\
                    [[bin]]\npath = \"src/tool.rs\"\nname = \"tool\"\n";
        let read = cargo(text);
        assert_eq!(read.name.as_deref(), Some("my-app"));
        assert_eq!(read.library.as_deref(), Some("app"));
        assert_eq!(read.library_path.as_deref(), Some("lib/app.rs"));
        let target = |name: &str, path: &str| Target {
            name: name.to_owned(),
            path: path.to_owned(),
        };
        let targets = [
            target("it", "tests/it/main.rs"),
            target("bin/tool", "src/tool.rs"),
        ];
        assert_eq!(read.targets, targets);
        let plain = cargo("[package]\nname = \"a-b\"\n");
        assert_eq!(plain.library.as_deref(), Some("a_b"));
    }

    #[test]
    fn what_is_written_otherwise_is_unknown() {
        for text in [
            "",
            "[workspace]\nmembers = [\"a\"]\n",
            "[package]\nversion = \"1\"\n[lib]\nname = \"a\"\n",
            "package.name = \"a\"\n",
            "package = { name = \"a\" }\n",
            "[package]\nname = \"a\"\nname = \"b\"\n",
            "[package]\nname = \"a\"\n[package]\nname = \"b\"\n",
            "[package]\nname = \"a\\u0062\"\n",
            "[package]\nname = a\n",
            "[package]\nname = \"a\" \"b\"\n",
            "[package]\nname = \"\"\n",
            "[package]\n# name = \"a\"\n",
            "[package]\ndescription = \"\"\"\n[package]\nname = \"b\"\n\"\"\"\nname = \"a\"\n",
        ] {
            assert_eq!(cargo(text), Cargo::default(), "{text}");
        }
    }

    #[test]
    fn a_module_is_called_what_its_manifest_says() {
        for (text, path) in [
            ("module g.com/m\n\ngo 1.22\n", Some("g.com/m")),
            ("// ours\nmodule \"g.com/m\" // so\n", Some("g.com/m")),
            ("go 1.22\n", None),
            ("module a\nmodule b\n", None),
            ("module (\n a\n)\n", None),
            ("module \n", None),
        ] {
            assert_eq!(go(text).as_deref(), path, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(\\[package\\]|\\[\\[test\\]\\]|name|path|module |=|\"|'|#|/|\\\\|ü|a|\n){0,30}") {
            cargo(&text);
            go(&text);
        }
    }
}
