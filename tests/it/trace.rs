//! Requirements, and what is tagged with them: nothing is green because nobody looked.

use serde_json::Value;

use crate::world::World;

pub(crate) const RS: &str = "QMS/SDLC-CLI/SDLC-CLI-RS.md";

/// A system whose specification asks for three things.
pub(crate) fn traced() -> World {
    traced_at(&["src/**", "tests/**"])
}

/// The same with these paths.
pub(crate) fn traced_at(code: &[&str]) -> World {
    let world = World::plain();
    world
        .qms("ann", &["init", "--user", "ann:administrator"])
        .ok();
    let add = [&["system", "add", "CLI", "--code"], code].concat();
    world.qms("ann", &add).ok();
    for (by, user) in [("ann", "qa"), ("qa", "qb")] {
        let add = ["user", "add", user, "--group", "quality"];
        world.qms(by, &add).ok();
    }
    world
        .qms(
            "ann",
            &["create", "RS", "--name", "CLI", "--title", "Requirements"],
        )
        .ok();
    let text = world.read(RS);
    let row = text
        .lines()
        .find(|line| line.contains("{{REQ-AREA-001}}"))
        .expect("a row");
    let rows = ["Adds", "Says", "Runs"].iter().enumerate();
    let rows: Vec<String> = rows
        .map(|(n, what)| format!("| REQ-CLI-00{} | **{what}.** It {what}. |", n + 1))
        .collect();
    world.edit(RS, row, &rows.join("\n"));
    world.write_up("SDLC-CLI-RS");
    world.qms("ann", &["checkin", "SDLC-CLI-RS"]).ok();
    world
}

pub(crate) fn put(world: &World, path: &str, text: &str) {
    world.write(path, text);
    world.git("ann", &["add", path]).ok();
    world
        .git("ann", &["commit", "-q", "--no-verify", "-m", path])
        .ok();
}

fn matrix(world: &World) -> Value {
    let said = world.qms("ann", &["trace", "--format", "json"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    let all: Value = serde_json::from_str(&said.out).expect("JSON");
    all[0].clone()
}

pub(crate) fn verdict(matrix: &Value, id: &str) -> String {
    let rows = matrix["requirements"].as_array().expect("rows");
    let row = rows
        .iter()
        .find(|row| row["id"] == id)
        .expect("the requirement");
    row["verdict"].as_str().expect("a verdict").to_owned()
}

// Verifies: REQ-QMS-CMD-TRACE
#[test]
fn i_08e_a_tag_alone_verifies_nothing() {
    let world = traced();
    let none = matrix(&world);
    assert_eq!(none["counts"], serde_json::json!({ "unimplemented": 3 }));
    put(
        &world,
        "src/add.py",
        "# [REQ-CLI-001]\ndef add(a, b):\n    return a + b\n",
    );
    assert_eq!(verdict(&matrix(&world), "REQ-CLI-001"), "untested");
    put(
        &world,
        "tests/test_add.py",
        "# Verifies: REQ-CLI-001\ndef test_add():\n    add(1, 2)\n",
    );
    // A test that asserts nothing is none.
    assert_eq!(verdict(&matrix(&world), "REQ-CLI-001"), "untested");
    put(
        &world,
        "tests/test_add.py",
        "# Verifies: REQ-CLI-001\ndef test_add():\n    assert add(1, 2) == 3\n",
    );
    // And one that nobody has seen run has not run.
    let now = matrix(&world);
    assert_eq!(verdict(&now, "REQ-CLI-001"), "not run");
    let row = &now["requirements"][0];
    assert_eq!(row["implemented_by"][0]["name"], "src/add.py::add");
    assert_eq!(row["verified_by"][0]["line"], 1);
    assert_eq!(row["reasons"][0]["says"], "there is no evidence");
}

#[test]
fn tags_that_name_nothing_or_stand_on_nothing_are_said_so() {
    let world = traced();
    put(
        &world,
        "src/a.py",
        "# Implements: REQ-CLI-009\ndef a():\n    pass\n\n# [REQ-CLI-001]\n",
    );
    put(&world, "src/b.py", "TEXT = '[REQ-CLI-002]'\n");
    put(
        &world,
        "elsewhere/c.py",
        "# [REQ-CLI-003]\ndef c():\n    pass\n",
    );
    let now = matrix(&world);
    let flaws = now["flaws"].as_array().expect("flaws");
    let says: Vec<&str> = flaws.iter().filter_map(|f| f["says"].as_str()).collect();
    assert_eq!(
        says,
        [
            "`REQ-CLI-009` is no requirement of SDLC-CLI-RS",
            "the tag `REQ-CLI-001` stands on nothing",
        ]
    );
    // Neither what a string holds nor what is no path of the system counts.
    assert_eq!(now["counts"], serde_json::json!({ "unimplemented": 3 }));
    let text = world.qms("ann", &["trace"]).out;
    assert!(text.contains("src/a.py:1  `REQ-CLI-009`"), "{text}");
    assert!(text.contains("3 requirements: 3 unimplemented"), "{text}");
}

// Verifies: REQ-QMS-CMD-TRACE
#[test]
fn what_is_traced_is_what_is_in_force_at_the_commit() {
    let world = traced();
    assert_eq!(matrix(&world)["in_force"], false);
    world.approve("ann", "SDLC-CLI-RS");
    let then = world.head();
    let now = matrix(&world);
    assert_eq!(
        (&now["in_force"], &now["version"]),
        (&true.into(), &"1.0".into())
    );
    // A draft on top binds nobody.
    world.qms("ann", &["checkout", "SDLC-CLI-RS"]).ok();
    world.edit(
        RS,
        "It Says.",
        "It shouts.\n| REQ-CLI-004 | **More.** It does more. |\n",
    );
    world.qms("ann", &["checkin", "SDLC-CLI-RS"]).ok();
    let now = matrix(&world);
    assert_eq!(now["version"], "1.0");
    assert_eq!(now["requirements"].as_array().map(Vec::len), Some(3));
    let before = world.qms("ann", &["trace", "--at", &then, "--format", "json"]);
    let before: Value = serde_json::from_str(&before.out).expect("JSON");
    assert_eq!(before[0]["commit"], then.as_str());
    // What cannot be looked at is no answer.
    for (args, why) in [
        (&["trace", "--system", "nope"][..], "is no system"),
        (&["trace", "--at=--output=x"], "begins with"),
        (&["trace", "--at", "nope"], "is no commit"),
    ] {
        let said = world.qms("ann", args);
        assert_eq!(said.code, 2, "{args:?}");
        assert!(said.err.contains(why), "{}", said.err);
    }
}
