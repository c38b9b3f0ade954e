//! Other tools that trace requirements, each with the same project in its own syntax. They are installed below `target`
//! once; what cannot be had there is left out.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::quiet::ends_well;
use super::traced::{self, Form, Item, LANGUAGES, Language, file_of, path};

/// A tool.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// How it is installed: the program of a registry, and what it is given.
    from: From,
    pub(crate) form: Form,
    /// Writes what it wants beside the files, for so many requirements.
    prepare: fn(&Path, usize),
    /// What is run one after another, from the folder of its programs.
    steps: &'static [&'static [&'static str]],
}

enum From {
    Crates(&'static str, &'static str),
    PyPi(&'static [&'static str]),
}

pub(crate) static PEERS: &[Peer] = &[
    Peer {
        name: "duvet 0.4.3",
        from: From::Crates("duvet", "0.4.3"),
        form: Form {
            languages: LANGUAGES,
            above: cited,
            within: nothing,
        },
        prepare: duvet,
        steps: &[&["duvet", "report"]],
    },
    Peer {
        // It reads tags of Rust alone.
        name: "mantra 0.9.0",
        from: From::Crates("mantra", "0.9.0"),
        form: Form {
            languages: &[Language::Rust],
            above: |item| {
                let claim = if item.is_test { "test" } else { "satisfied" };
                format!("#[req_{claim}(\"r{}\")]\n", item.number)
            },
            within: nothing,
        },
        prepare: mantra,
        steps: &[
            &["mantra", "--config-filepath", "mantra.json", "collect"],
            &[
                "mantra",
                "--config-filepath",
                "mantra.json",
                "report",
                "--formats",
                "json",
                "--output-dir",
                "out",
            ],
        ],
    },
    Peer {
        name: "Doorstop 3.2",
        from: From::PyPi(&["doorstop==3.2"]),
        form: Form {
            languages: LANGUAGES,
            above: |item| {
                let of = if item.is_test { "TST" } else { "REQ" };
                format!("{} {of}{:05}\n", item.comment(), item.number + 1)
            },
            within: nothing,
        },
        prepare: doorstop,
        steps: &[&["doorstop", "--no-reformat"]],
    },
    Peer {
        name: "LOBSTER 1.0.6",
        from: From::PyPi(&["bmw-lobster-core==1.0.6", "bmw-lobster-tool-python==1.0.6"]),
        form: Form {
            languages: &[Language::Python],
            above: |_| String::new(),
            within: |item| format!("# lobster-trace: app.r{}", item.number),
        },
        prepare: lobster,
        steps: &[
            &["lobster-python", "--out", "code.lobster", "src"],
            &[
                "lobster-python",
                "--activity",
                "--out",
                "tests.lobster",
                "tests",
            ],
            &["lobster-report", "--lobster-config", "lobster.conf"],
        ],
    },
    Peer {
        name: "StrictDoc 0.30.4",
        from: From::PyPi(&["strictdoc==0.30.4"]),
        form: Form {
            languages: LANGUAGES,
            above: |item| {
                let (mark, number) = (item.comment(), item.number);
                format!("{mark} @relation(REQ-APP-{number:05}, scope=function)\n")
            },
            within: nothing,
        },
        prepare: strictdoc,
        steps: &[&[
            "strictdoc",
            "export",
            ".",
            "--formats=json",
            "--output-dir",
            "out",
        ]],
    },
];

impl Peer {
    /// The folder of its programs, where it can be had.
    pub(crate) fn installed(&self) -> Option<PathBuf> {
        let below = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
        let at = below.join(self.name.replace(' ', "-"));
        let bin = at.join("bin");
        if at.join("made").exists() {
            return Some(bin);
        }
        std::fs::create_dir_all(&at).expect("a folder");
        let place = at.to_str()?;
        let made = match self.from {
            From::Crates(name, version) => {
                let args = [
                    "install",
                    "--locked",
                    "--version",
                    version,
                    "--root",
                    place,
                    name,
                ];
                ends_well("cargo", &args)
            }
            From::PyPi(packages) => {
                ends_well("python3", &["-m", "venv", place])
                    && ends_well(bin.join("pip"), &[&["install", "-q"], packages].concat())
            }
        };
        made.then(|| std::fs::write(at.join("made"), "").expect("a file"))?;
        Some(bin)
    }

    /// Its project of so many requirements.
    pub(crate) fn project(&self, at: &Path, count: usize) {
        traced::write(at, count, &self.form);
        (self.prepare)(at, count);
    }

    /// What is run there, one after another.
    pub(crate) fn steps(
        &self,
        bin: &Path,
    ) -> impl Iterator<Item = (PathBuf, &'static [&'static str])> {
        self.steps
            .iter()
            .map(move |step| (bin.join(step[0]), &step[1..]))
    }
}

fn nothing(_: &Item) -> String {
    String::new()
}

fn put(at: &Path, name: &str, text: &str) {
    let place = at.join(name);
    std::fs::create_dir_all(place.parent().expect("it has a folder")).expect("a folder");
    std::fs::write(place, text).expect("a file");
}

/// A citation of the section, and of the sentence in it.
fn cited(item: &Item) -> String {
    let (mark, number) = (item.comment(), item.number);
    let quote = if mark == "#" { "##" } else { "//#" };
    let kind = match item.is_test {
        true => format!("{mark}= type=test\n"),
        false => String::new(),
    };
    format!("{mark}= spec.md#r{number}\n{kind}{quote} It MUST do {number}.\n")
}

fn duvet(at: &Path, count: usize) {
    let mut spec = "# Requirements\n\n".to_owned();
    for n in 0..count {
        let _ = write!(spec, "## R{n}\n\nIt MUST do {n}.\n\n");
    }
    put(at, "spec.md", &spec);
    let mut config =
        "'$schema' = \"https://awslabs.github.io/duvet/config/v0.4.json\"\n".to_owned();
    for ending in ["rs", "ts", "go"] {
        let _ = write!(config, "\n[[source]]\npattern = \"**/*.{ending}\"\n");
    }
    config.push_str(
        "\n[[source]]\npattern = \"**/*.py\"\ncomment-style = { meta = \"#=\", content = \"##\" }\n\n\
         [[specification]]\nsource = \"spec.md\"\n\n[report.html]\nenabled = false\n\n\
         [report.json]\nenabled = true\npath = \".duvet/report.json\"\n",
    );
    put(at, ".duvet/config.toml", &config);
}

fn mantra(at: &Path, count: usize) {
    let one = |n: usize| serde_json::json!({ "id": format!("r{n}"), "title": format!("It does {n}."), "origin": "here" });
    let all: Vec<_> = (0..count).map(one).collect();
    let all = serde_json::json!({ "requirements": all });
    put(at, "reqs/all.json", &all.to_string());
    let config = serde_json::json!({ "products": [{
        "name": "app",
        "base": "main",
        "requirements": [{ "path": "reqs/", "source": "schema" }],
        "annotations": [{ "path": "./", "source": "content", "pattern": "*.rs" }],
    }] });
    put(at, "mantra.json", &config.to_string());
}

fn doorstop(at: &Path, count: usize) {
    crate::world::run(crate::world::git(at, &["init", "-q"]));
    for (prefix, folder, parent) in [("REQ", "reqs", ""), ("TST", "cases", "  parent: REQ\n")] {
        let settings = format!("settings:\n  digits: 5\n{parent}  prefix: {prefix}\n  sep: ''\n");
        put(at, &format!("{folder}/.doorstop.yml"), &settings);
        for n in 0..count {
            let path = path(file_of(n, count), prefix == "TST", LANGUAGES);
            let links = match prefix {
                "TST" => format!("links:\n- REQ{:05}: null\n", n + 1),
                _ => "links: []\n".to_owned(),
            };
            let text = format!(
                "active: true\nderived: false\nheader: ''\nlevel: 1.{n}\n{links}normative: true\nref: ''\nreferences:\n\
                 - keyword: {prefix}{number:05}\n  path: {path}\n  type: file\nreviewed: null\ntext: |\n  It does {n}.\n",
                number = n + 1,
            );
            put(at, &format!("{folder}/{prefix}{:05}.yml", n + 1), &text);
        }
    }
}

fn lobster(at: &Path, count: usize) {
    let one = |n: usize| {
        serde_json::json!({
            "tag": format!("req app.r{n}"), "location": { "kind": "void" }, "name": format!("app.r{n}"), "refs": [],
            "just_up": [], "just_down": [], "just_global": [], "framework": "TRLC", "kind": "requirement",
            "text": format!("It does {n}."), "status": null
        })
    };
    let all: Vec<_> = (0..count).map(one).collect();
    let all = serde_json::json!({
        "data": all, "generator": "bench", "schema": "lobster-req-trace", "version": 4
    });
    put(at, "requirements.lobster", &all.to_string());
    let config = "requirements \"Requirements\" {\n  source: \"requirements.lobster\";\n}\n\
        implementation \"Code\" {\n  source: \"code.lobster\";\n  trace to: \"Requirements\";\n}\n\
        activity \"Tests\" {\n  source: \"tests.lobster\";\n  trace to: \"Requirements\";\n}\n";
    put(at, "lobster.conf", config);
}

fn strictdoc(at: &Path, count: usize) {
    let mut document = "[DOCUMENT]\nTITLE: Requirements\n".to_owned();
    for n in 0..count {
        let _ = write!(
            document,
            "\n[REQUIREMENT]\nUID: REQ-APP-{n:05}\nTITLE: R{n}\nSTATEMENT: It does {n}.\n"
        );
    }
    put(at, "requirements.sdoc", &document);
    let config = "[project]\ntitle = \"App\"\nfeatures = [\"REQUIREMENT_TO_SOURCE_TRACEABILITY\", \"SOURCE_FILE_LANGUAGE_PARSERS\"]\n\
        include_source_paths = [\"src/**\", \"tests/**\"]\n";
    put(at, "strictdoc.toml", config);
}
