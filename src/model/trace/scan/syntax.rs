//! How languages write comments and strings, by file extension. A row is all that a new language takes.

/// Comments and strings of a family of languages.
#[derive(Debug)]
pub struct Syntax {
    /// Extensions, and whole names of files without one, in small letters.
    pub names: &'static [&'static str],
    /// What opens a comment that ends with its line.
    pub line: &'static [&'static str],
    pub block: &'static [(&'static str, &'static str)],
    pub strings: &'static [Quote],
    pub quirks: &'static [Quirk],
}

/// A sort of strings.
#[derive(Debug)]
pub struct Quote {
    pub mark: &'static str,
    pub end: &'static str,
    /// A backslash takes what follows into the string.
    pub escapes: bool,
    /// It goes on over the end of its line.
    pub spans: bool,
}

/// What a table of marks cannot say of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// Block comments lie within each other.
    Nested,
    /// A comment's mark opens one at the beginning of a word only.
    AtWord,
    /// Rust: lifetimes, and `r#"…"#`.
    Rust,
    /// C++: `R"x(…)x"`, and `1'000`.
    Cpp,
    /// ECMAScript: templates with code inside, and patterns between slashes.
    Script,
    /// A comment begins its line, nothing stands before it.
    WholeLine,
}

const fn short(mark: &'static str) -> Quote {
    Quote {
        mark,
        end: mark,
        escapes: true,
        spans: false,
    }
}

const fn long(mark: &'static str) -> Quote {
    Quote {
        mark,
        end: mark,
        escapes: true,
        spans: true,
    }
}

const fn raw(mark: &'static str, end: &'static str) -> Quote {
    Quote {
        mark,
        end,
        escapes: false,
        spans: true,
    }
}

const SLASHES: &[&str] = &["//"];
const HASH: &[&str] = &["#"];
const STARRED: &[(&str, &str)] = &[("/*", "*/")];
const PLAIN: &[Quote] = &[short("\""), short("'")];
const TRIPLE: &[Quote] = &[long("\"\"\""), long("'''"), short("\""), short("'")];
const SHELL: &[Quote] = &[long("\""), raw("'", "'")];

/// The languages; the last row is for files of none.
static SYNTAXES: &[Syntax] = &[
    Syntax {
        names: &["rs"],
        line: SLASHES,
        block: STARRED,
        strings: &[long("\"")],
        quirks: &[Quirk::Nested, Quirk::Rust],
    },
    Syntax {
        names: &["py", "pyi", "pyx", "bzl", "star", "robot"],
        line: HASH,
        block: &[],
        strings: TRIPLE,
        quirks: &[],
    },
    Syntax {
        names: &["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"],
        line: SLASHES,
        block: STARRED,
        strings: PLAIN,
        quirks: &[Quirk::Script],
    },
    Syntax {
        names: &["go"],
        line: SLASHES,
        block: STARRED,
        strings: &[short("\""), short("'"), raw("`", "`")],
        quirks: &[],
    },
    Syntax {
        names: &[
            "c", "h", "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "ipp", "inl", "ino",
            "cu", "cuh", "m", "mm",
        ],
        line: SLASHES,
        block: STARRED,
        strings: PLAIN,
        quirks: &[Quirk::Cpp],
    },
    Syntax {
        names: &["java", "groovy", "gradle"],
        line: SLASHES,
        block: STARRED,
        strings: TRIPLE,
        quirks: &[],
    },
    Syntax {
        names: &["kt", "kts", "scala", "sc", "swift", "dart", "d", "rust"],
        line: SLASHES,
        block: STARRED,
        strings: TRIPLE,
        quirks: &[Quirk::Nested],
    },
    Syntax {
        names: &["cs"],
        line: SLASHES,
        block: STARRED,
        strings: &[
            raw("\"\"\"", "\"\"\""),
            raw("@\"", "\""),
            short("\""),
            short("'"),
        ],
        quirks: &[],
    },
    Syntax {
        names: &[
            "zig", "v", "sv", "svh", "proto", "thrift", "sol", "glsl", "hlsl", "wgsl", "scss",
            "less", "jsonc", "json5",
        ],
        line: SLASHES,
        block: STARRED,
        strings: PLAIN,
        quirks: &[],
    },
    Syntax {
        names: &["css"],
        line: &[],
        block: STARRED,
        strings: PLAIN,
        quirks: &[],
    },
    Syntax {
        names: &["php", "tf", "hcl", "nix"],
        line: &["//", "#"],
        block: STARRED,
        strings: &[long("\""), long("'")],
        quirks: &[],
    },
    Syntax {
        names: &[
            "sh",
            "bash",
            "zsh",
            "fish",
            "ksh",
            "bats",
            "dockerfile",
            "containerfile",
            "makefile",
            "mk",
            "just",
            "justfile",
        ],
        line: HASH,
        block: &[],
        strings: SHELL,
        quirks: &[Quirk::AtWord],
    },
    Syntax {
        names: &["toml"],
        line: HASH,
        block: &[],
        strings: TRIPLE,
        quirks: &[],
    },
    Syntax {
        names: &[
            "yaml",
            "yml",
            "cmake",
            "cmakelists.txt",
            "conf",
            "properties",
            "graphql",
            "gql",
        ],
        line: HASH,
        block: &[],
        strings: &[short("\"")],
        quirks: &[Quirk::AtWord],
    },
    Syntax {
        names: &["feature", "gitignore", "gitattributes"],
        line: HASH,
        block: &[],
        strings: &[],
        quirks: &[Quirk::WholeLine],
    },
    Syntax {
        names: &[
            "rb", "rake", "gemspec", "ex", "exs", "cr", "nim", "pl", "pm", "t", "r", "awk", "tcl",
        ],
        line: HASH,
        block: &[("\n=begin", "\n=end")],
        strings: &[long("\"\"\""), long("\""), long("'")],
        quirks: &[Quirk::AtWord],
    },
    Syntax {
        names: &["jl"],
        line: HASH,
        block: &[("#=", "=#")],
        strings: &[long("\"\"\""), long("\"")],
        quirks: &[Quirk::Nested],
    },
    Syntax {
        names: &["ps1", "psm1"],
        line: HASH,
        block: &[("<#", "#>")],
        strings: &[raw("\"", "\""), raw("'", "'")],
        quirks: &[Quirk::AtWord],
    },
    Syntax {
        names: &["sql", "pgsql"],
        line: &["--"],
        block: STARRED,
        strings: &[raw("'", "'"), raw("\"", "\"")],
        quirks: &[],
    },
    Syntax {
        names: &["ada", "adb", "ads", "vhd", "vhdl"],
        line: &["--"],
        block: &[],
        strings: &[Quote {
            mark: "\"",
            end: "\"",
            escapes: false,
            spans: false,
        }],
        quirks: &[],
    },
    Syntax {
        names: &["lua"],
        line: &["--"],
        block: &[("--[[", "]]")],
        strings: &[short("\""), short("'"), raw("[[", "]]")],
        quirks: &[],
    },
    Syntax {
        names: &["hs", "elm", "purs"],
        line: &["--"],
        block: &[("{-", "-}")],
        strings: &[short("\"")],
        quirks: &[Quirk::Nested],
    },
    Syntax {
        names: &["ml", "mli"],
        line: &[],
        block: &[("(*", "*)")],
        strings: &[long("\"")],
        quirks: &[Quirk::Nested],
    },
    Syntax {
        names: &["fs", "fsi", "fsx", "pas", "pp"],
        line: SLASHES,
        block: &[("(*", "*)")],
        strings: &[long("\"")],
        quirks: &[],
    },
    Syntax {
        names: &["lisp", "el", "clj", "cljs", "scm", "rkt", "asm", "s", "ini"],
        line: &[";"],
        block: &[],
        strings: &[long("\"")],
        quirks: &[],
    },
    Syntax {
        names: &["erl", "hrl", "tex", "pro"],
        line: &["%"],
        block: &[],
        strings: &[short("\"")],
        quirks: &[],
    },
    Syntax {
        names: &["f90", "f95", "f03", "f08"],
        line: &["!"],
        block: &[],
        strings: PLAIN,
        quirks: &[],
    },
    Syntax {
        names: &[
            "html", "htm", "xml", "xsd", "xslt", "svg", "vue", "svelte", "ui", "qrc",
        ],
        line: &[],
        block: &[("<!--", "-->")],
        strings: &[],
        quirks: &[],
    },
    Syntax {
        names: &[
            "md", "markdown", "rst", "txt", "adoc", "json", "csv", "lock", "snap", "patch", "diff",
            "reqif", "lcov", "info",
        ],
        line: &[],
        block: &[],
        strings: &[],
        quirks: &[],
    },
    Syntax {
        names: &[],
        line: &["//", "#", "--", ";"],
        block: &[],
        strings: &[],
        quirks: &[Quirk::WholeLine],
    },
];

impl Syntax {
    /// The syntax of a file with this path.
    pub fn of(path: &[u8]) -> &'static Syntax {
        let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        let ending = name.rsplit(|b| *b == b'.').next().unwrap_or_default();
        let called = |wanted: &[u8]| {
            let is = |syntax: &&Syntax| syntax.names.iter().any(|n| n.as_bytes() == wanted);
            SYNTAXES.iter().find(is)
        };
        let first = name.split(|b| *b == b'.').next().unwrap_or_default();
        let named = called(&name).or_else(|| called(ending));
        let named = named.or_else(|| called(first).filter(|_| first.ends_with(b"file")));
        named.unwrap_or(&SYNTAXES[SYNTAXES.len() - 1])
    }

    pub fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_name_has_one_syntax() {
        let mut seen = BTreeSet::new();
        for name in SYNTAXES.iter().flat_map(|s| s.names) {
            assert!(seen.insert(name), "{name}");
        }
        for (path, name) in [
            ("a/b.RS", "rs"),
            ("Dockerfile", "dockerfile"),
            ("x/Dockerfile.qa", "dockerfile"),
            ("CMakeLists.txt", "cmake"),
            ("a.d/x.test.ts", "ts"),
        ] {
            assert!(Syntax::of(path.as_bytes()).names.contains(&name), "{path}");
        }
        assert!(Syntax::of(b"x.unheard").names.is_empty() && Syntax::of(b"").names.is_empty());
    }
}
