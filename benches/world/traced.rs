//! Projects of many requirements, each with one tag in code, one in a test and one result, in as many files of source as
//! of tests, in four languages. Every tool gets the same project with tags as it reads them.

use std::fmt::Write;
use std::path::Path;

/// Files of source, and as many of tests.
pub(crate) const FILES: usize = 2_000;
const LINES: usize = 150;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Rust,
    Script,
    Go,
}

use Language::{Go, Python, Rust, Script};

pub(crate) const LANGUAGES: &[Language] = &[Python, Rust, Script, Go];

/// What is tagged: a function, or a test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    /// Of its requirement, from 0.
    pub(crate) number: usize,
    pub(crate) is_test: bool,
    pub(crate) language: Language,
}

/// How a tool tags.
pub(crate) struct Form {
    pub(crate) languages: &'static [Language],
    /// Whole lines that stand above an item.
    pub(crate) above: fn(&Item) -> String,
    /// The first line within an item, without its indentation.
    pub(crate) within: fn(&Item) -> String,
}

impl Item {
    /// What opens a comment.
    pub(crate) fn comment(&self) -> &'static str {
        match self.language {
            Python => "#",
            _ => "//",
        }
    }

    pub(crate) fn name(&self) -> String {
        match (self.language, self.is_test) {
            (Go, true) => format!("Test{}", self.number),
            (_, true) => format!("test_{}", self.number),
            (_, false) => format!("f{}", self.number),
        }
    }

    fn text(&self, form: &Form) -> String {
        let within = (form.within)(self);
        let within = match within.is_empty() {
            true => String::new(),
            false => format!("    {within}\n"),
        };
        (form.above)(self) + &body(self.language, self.is_test, &self.name(), &within)
    }
}

fn body(language: Language, is_test: bool, name: &str, within: &str) -> String {
    match (language, is_test) {
        (Python, true) => format!("def {name}():\n{within}    b = 1\n    assert b\n\n\n"),
        (Python, false) => format!("def {name}(a):\n{within}    b = a + 1\n    return b\n\n\n"),
        (Rust, true) => format!(
            "#[test]\nfn {name}() {{\n{within}    let b = 1;\n    assert_eq!(b, 1);\n}}\n\n"
        ),
        (Rust, false) => {
            format!("pub fn {name}(a: u32) -> u32 {{\n{within}    let b = a + 1;\n    b\n}}\n\n")
        }
        (Script, true) => {
            format!("it(\"{name}\", () => {{\n{within}    expect(f()).toBe(2);\n}});\n\n")
        }
        (Script, false) => format!(
            "export function {name}(a: number) {{\n{within}    const b = a + 1;\n    return b;\n}}\n\n"
        ),
        (Go, true) => format!(
            "func {name}(t *testing.T) {{\n{within}\tif f() != 2 {{\n\t\tt.Fatal(1)\n\t}}\n}}\n\n"
        ),
        (Go, false) => {
            format!("func {name}(a int) int {{\n{within}\tb := a + 1\n\treturn b\n}}\n\n")
        }
    }
}

/// The path of a file, from the root of the project.
pub(crate) fn path(file: usize, is_test: bool, languages: &[Language]) -> String {
    let folder = file % 50;
    match (languages[file % languages.len()], is_test) {
        (Python, false) => format!("src/d{folder}/m{file}.py"),
        (Python, true) => format!("tests/d{folder}/test_{file}.py"),
        (Rust, false) => format!("src/d{folder}/m{file}.rs"),
        (Rust, true) => format!("tests/d{folder}/test_{file}.rs"),
        (Script, false) => format!("src/d{folder}/m{file}.ts"),
        (Script, true) => format!("tests/d{folder}/m{file}.test.ts"),
        (Go, false) => format!("src/d{folder}/m{file}.go"),
        (Go, true) => format!("tests/d{folder}/m{file}_test.go"),
    }
}

/// The file that holds what is of a requirement.
pub(crate) fn file_of(number: usize, count: usize) -> usize {
    number * FILES / count
}

/// The requirements of a file.
fn held(file: usize, count: usize) -> impl Iterator<Item = usize> {
    let first = (file * count).div_ceil(FILES);
    let next = ((file + 1) * count).div_ceil(FILES);
    first..next
}

/// Writes all files of a project of so many requirements.
pub(crate) fn write(at: &Path, count: usize, form: &Form) {
    for file in 0..FILES {
        for is_test in [false, true] {
            let place = at.join(path(file, is_test, form.languages));
            let folder = place.parent().expect("it has a folder");
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(&place, text(file, is_test, count, form)).expect("a file");
        }
    }
}

fn text(file: usize, is_test: bool, count: usize, form: &Form) -> String {
    let language = form.languages[file % form.languages.len()];
    let mut out = String::new();
    if language == Go {
        out.push_str("package x\n\n");
    }
    let item = |number| Item {
        number,
        is_test,
        language,
    };
    out.extend(held(file, count).map(|number| item(number).text(form)));
    let mut filler = 0;
    while out.matches('\n').count() < LINES {
        out.push_str(&body(language, false, &format!("g{filler}"), ""));
        filler += 1;
    }
    out
}

/// The results of all tests, as JUnit XML, each named as its runner would.
pub(crate) fn results(count: usize) -> String {
    let mut out = format!("<testsuite name=\"all\" tests=\"{count}\">\n");
    for number in 0..count {
        let file = file_of(number, count);
        let folder = file % 50;
        let language = LANGUAGES[file % LANGUAGES.len()];
        let item = Item {
            number,
            is_test: true,
            language,
        };
        let name = item.name();
        let (class, name) = match language {
            Python => (format!("tests.d{folder}.test_{file}"), name),
            Rust => (format!("app::d{folder}"), format!("test_{file}::{name}")),
            Script => (path(file, true, LANGUAGES), name),
            Go => (format!("x/tests/d{folder}"), name),
        };
        let _ = writeln!(out, "<testcase classname=\"{class}\" name=\"{name}\"/>");
    }
    out + "</testsuite>\n"
}
