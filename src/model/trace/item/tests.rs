//! Items of every language that there is a grammar for.

use super::super::scan::Scanner;
use super::super::tag::Tag;
use super::*;

fn read(path: &str, text: &str) -> (Vec<Tag>, Standings) {
    let tags = Scanner::new(["R-*"]).tags(path.as_bytes(), text.as_bytes());
    let standings = standings(path.as_bytes(), text.as_bytes(), &tags);
    (tags, standings)
}

fn shown(path: &str, text: &str) -> String {
    let (tags, found) = read(path, text);
    let lines = |l: &Lines| format!("{}-{}", l.first, l.last);
    let all = tags.iter().zip(&found.of).map(|(tag, on)| {
        let Standing::On(at) = on else {
            return format!("{}: {on:?}", tag.id);
        };
        let item = &found.items[*at];
        let body: Vec<String> = item.body.iter().map(lines).collect();
        let mut out = format!("{}: {} {:?}", tag.id, item.shown(), item.kind);
        out += &format!(" {} [{}]", lines(&item.lines), body.join(" "));
        match (item.is_test, item.in_tests) {
            (true, _) if item.checks.asserts => out += " test",
            (true, _) => out += " test that asserts nothing",
            (false, true) => out += " in tests",
            _ => {}
        }
        if let Some(line) = item.checks.itself {
            out += &format!(" same on {line}");
        }
        out
    });
    all.collect::<Vec<_>>().join("\n")
}

#[test]
fn rust() {
    let text = r#"
//! [R-1]
use x;

// [R-2]
const A: u8 = 1;

/// [R-3]
#[inline]
pub fn one(
    a: u8,
) -> u8 {
    // [R-4]
    a
}

impl<T> Two<T> {
    // [R-5]
    fn two(&self) { self.go() } // [R-6]
    // [R-7]
}

#[cfg(test)]
mod tests {
    // [R-8]
    #[test]
    fn three() {
        assert_eq!(a.b, a . b);
    }

    // [R-9]
    #[tokio::test]
    async fn four() -> Result<()> {
        run()
    }

    // [R-10]
    #[test]
    #[should_panic]
    fn five() { run() }

    // [R-11]
    fn help() { run()?; }

    proptest! {
        // [R-12]
        #[test]
        fn six(a in 0..9) {
            prop_assert!(a < 9);
        }
    }

    // [R-16]
    #[test]
    fn eight() { holds(1) }
    fn holds(a: u8) { deep(a) }
    fn deep(a: u8) { assert_eq!(a, 2) }

    // [R-13]
    #[test]
    fn seven() { assert!(true); let s = "// [R-14]"; }
}
// [R-15]
"#;
    insta::assert_snapshot!(shown("src/a/b.rs", text), @r"
    R-1: src/a/b.rs File 2-63 [12-15 19-19]
    R-2: src/a/b.rs:6 Statement 6-6 [6-6]
    R-3: a::b::one Function 9-15 [12-15]
    R-4: a::b::one Function 9-15 [12-15]
    R-5: a::b::Two::two Function 19-19 [19-19]
    R-6: a::b::Two::two Function 19-19 [19-19]
    R-7: Nothing
    R-8: a::b::tests::three Function 26-29 [27-29] test same on 28
    R-9: a::b::tests::four Function 32-35 [33-35] test that asserts nothing
    R-10: a::b::tests::five Function 38-40 [40-40] test
    R-11: a::b::tests::help Function 43-43 [43-43] in tests
    R-12: a::b::tests::six Function 48-50 [48-50] test
    R-16: a::b::tests::eight Function 54-55 [55-55] test
    R-13: a::b::tests::seven Function 60-61 [61-61] test that asserts nothing
    R-15: Nothing
    ");
}

#[test]
fn python() {
    let text = r#"
# [R-1]
import x

class A:
    # [R-2]
    @deco
    # [R-3]
    def one(self):
        """[R-99]"""
        return 1

    # [R-4]
    def two(self): return 2

    # [R-5]

# [R-6]
class TestB(TestCase):
    # [R-7]
    def test_three(self):
        # [R-8]
        self.assertEqual(a, a)

    def test_four(self):  # [R-9]
        run("x")

# [R-10]
def test_five():
    with pytest.raises(E):
        run()

# [R-11]
LIMIT = 3
# [R-12]
"#;
    insta::assert_snapshot!(shown("tests/test_a.py", text), @r"
    R-1: tests/test_a.py File 2-35 [10-11 23-23 26-26 30-31] test same on 23
    R-2: tests/test_a.py::A::one Function 7-11 [10-11] in tests
    R-3: tests/test_a.py::A::one Function 7-11 [10-11] in tests
    R-4: tests/test_a.py::A::two Function 14-14 [] in tests
    R-5: Nothing
    R-6: tests/test_a.py::TestB Type 19-26 [23-23 26-26] test same on 23
    R-7: tests/test_a.py::TestB::test_three Function 21-23 [23-23] test same on 23
    R-8: tests/test_a.py::TestB::test_three Function 21-23 [23-23] test same on 23
    R-9: tests/test_a.py::TestB::test_four Function 25-26 [26-26] test that asserts nothing
    R-10: tests/test_a.py::test_five Function 29-31 [30-31] test
    R-11: tests/test_a.py:34 Statement 34-34 [34-34] in tests
    R-12: Nothing
    ");
}

#[test]
fn typescript() {
    let text = r#"
// [R-1]
import x from "x";

// [R-2]
export function one(): void {
  go();
}

// [R-3]
export const two = (a: number) => a + 1;

class C {
  // [R-4]
  three() {
    go();
  }
}

describe("d", () => {
  // [R-5]
  it("adds", () => {
    expect(a.b).toBe(a.b);
  });
  // [R-6]
  test.each([1])("is %i", (n) => {
    expect(n);
  });
  // [R-7]
  const help = () => {
    go();
  };
});
// [R-8]
describe.skip("e", () => {
  it("x", () => { expect(1).toBe(2) });
});
"#;
    insta::assert_snapshot!(shown("src/a.test.ts", text), @r"
    R-1: src/a.test.ts File 2-37 [7-8 16-17 23-24 27-28 31-32] test same on 23
    R-2: one Function 6-8 [7-8] in tests
    R-3: two Function 11-11 [] in tests
    R-4: C.three Function 15-17 [16-17] in tests
    R-5: d > adds Function 22-24 [23-24] test same on 23
    R-6: d > is %i Function 26-28 [27-28] test that asserts nothing
    R-7: d.help Function 30-32 [31-32] in tests
    R-8: e Module 35-37 [] test
    ");
    assert!(
        shown("src/a.ts", "// [R-1]\nexport default class A<T> {}\n").starts_with("R-1: A Type")
    );
    assert!(
        shown("src/a.tsx", "// [R-1]\nconst a = () => <p>{b}</p>;\n")
            .starts_with("R-1: a Function")
    );
    assert!(shown("src/a.js", "// [R-1]\nfunction a() {}\n").starts_with("R-1: a Function"));
}

#[test]
fn go() {
    let text = r#"// [R-1]
package a

// [R-2]
func (s *Server) One() error {
	return nil
}

// [R-3]
func TestTwo(t *testing.T) {
	if x != y {
		t.Fatalf("x")
	}
}

// [R-4]
func TestThree(t *testing.T) {
	run(t)
}
"#;
    insta::assert_snapshot!(shown("pkg/a_test.go", text), @r"
    R-1: pkg/a_test.go File 1-19 [5-7 10-14 17-19] test
    R-2: Server.One Function 5-7 [5-7] in tests
    R-3: TestTwo Function 10-14 [10-14] test
    R-4: TestThree Function 17-19 [17-19] test that asserts nothing
    ");
}

#[test]
fn c_and_cpp() {
    let text = r#"
// [R-1]
#include <x>
namespace n {
// [R-2]
template <typename T>
int A<T>::one(int a) {
  return a;
}
class B {
  // [R-3]
  int two() { return 2; }
};
}
// [R-4]
TEST_F(Suite, Three) {
  EXPECT_EQ(a, a);
}
"#;
    insta::assert_snapshot!(shown("src/a.cpp", text), @r"
    R-1: src/a.cpp File 2-18 [7-9 12-12]
    R-2: n::A<T>::one Function 6-9 [7-9]
    R-3: n::B::two Function 12-12 [12-12]
    R-4: Suite.Three Function 16-18 [16-18] test same on 17
    ");
    let text = "/* [R-1] */\nstatic int *one(void)\n{\n  return 0;\n}\n// [R-2]\nint two(void);\n";
    insta::assert_snapshot!(shown("src/a.c", text), @r"
    R-1: one Function 2-5 [3-5]
    R-2: src/a.c:7 Statement 7-7 [7-7]
    ");
}

#[test]
fn java() {
    let text = r#"
package com.x;

class ATest {
    /** [R-1] */
    @Test
    void one() {
        assertSame(a, a);
    }

    // [R-2]
    @ParameterizedTest
    void two() { go(); }

    // [R-3]
    int three() { return 3; }
}
"#;
    insta::assert_snapshot!(shown("src/test/java/com/x/ATest.java", text), @r"
    R-1: com.x.ATest.one Function 6-9 [7-9] test same on 8
    R-2: com.x.ATest.two Function 12-13 [13-13] test that asserts nothing
    R-3: com.x.ATest.three Function 16-16 [16-16] in tests
    ");
}

#[test]
fn a_fingerprint_is_of_what_runs() {
    let of = |path: &str, text: &str| read(path, text).1.items[0].fingerprint.clone();
    let rust = of("a.rs", "// [R-1]\n#[a]\nfn a() { b(\"x\\n y\") }\n");
    assert_eq!(
        rust,
        of(
            "a.rs",
            "// [R-1]\n#[a] // why\nfn a()\n{\n  /* x */ b( \"x\\n y\")\n}\n"
        )
    );
    for other in [
        "#[b]\nfn a() { b(\"x\\n y\") }",
        "#[a]\nfn a() { b(\"xx\\n y\") }",
        "#[a]\nfn a() { c(\"x\\n y\") }",
    ] {
        assert_ne!(rust, of("a.rs", &format!("// [R-1]\n{other}\n")), "{other}");
    }
    let python = of(
        "a.py",
        "# [R-1]\ndef a():\n    if b:\n        c()\n    d('x\\ny')\n",
    );
    assert_eq!(
        python,
        of(
            "a.py",
            "# [R-1]\ndef a(): # why\n  if b:\n    c()\n  d('x\\ny')\n"
        )
    );
    assert_ne!(
        python,
        of(
            "a.py",
            "# [R-1]\ndef a():\n    if b:\n        c()\n        d('x\\ny')\n"
        )
    );
    assert_ne!(
        python,
        of(
            "a.py",
            "# [R-1]\ndef a():\n    if b:\n        c()\n    d('z\\ny')\n"
        )
    );
}

#[test]
fn names_of_rust_begin_at_the_crate() {
    for (path, name) in [
        ("src/lib.rs", "f"),
        ("src/a/mod.rs", "a::f"),
        ("crates/x/src/a.rs", "a::f"),
        ("src/a/tests.rs", "a::tests::f"),
        ("src/a/tests/b.rs", "a::tests::b::f"),
        ("src/bin/tool.rs", "f"),
        ("tests/it/main.rs", "f"),
        ("tests/it/a/b.rs", "a::b::f"),
        ("tests/one.rs", "f"),
    ] {
        let found = read(path, "// [R-1]\nfn f() {}\n").1;
        assert_eq!(found.items[0].shown(), name, "{path}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_has_items(text in "(// \\[R-1\\]\n|# \\[R-1\\]\n|fn a|def f|\\(\\)|[:{} \n\"',;=.]|class A|it|import x|ü|#\\[test\\]){0,30}", path in "a\\.(rs|py|ts|go|c|cpp|java|tsx|js)") {
        let (tags, found) = read(&path, &text);
        proptest::prop_assert_eq!(tags.len(), found.of.len());
    }
}
