//! The requirements of qms itself: one for each command, rule, hook and tool, and each with code and a test of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use qms::model::document::Document;
use qms::model::trace::requirement::{self, Requirements};
use serde_json::{Value, json};

use crate::gateway;
use crate::world::{World, project};

/// What the program has of a family, by the names that people use.
type Names = fn() -> Vec<String>;

/// The families of requirements: how their ids begin, and what there is to require.
const FAMILIES: &[(&str, Names)] = &[
    ("REQ-QMS-CMD-", qms::cli::commands::names),
    ("REQ-QMS-RULE-", rules),
    ("REQ-QMS-HOOK-", hooks),
    ("REQ-QMS-TOOL-", gateway::tools),
];

fn rules() -> Vec<String> {
    let all = qms::report::docs::rules();
    all.map(|rule| rule.id.to_owned()).collect()
}

/// Those that `init` writes, and those that the files for an agent's program name.
fn hooks() -> Vec<String> {
    let files = std::fs::read_dir(project().join("hooks")).expect("the hooks");
    let names = files.map(|entry| entry.expect("an entry").file_name());
    let mut all: Vec<String> = names
        .map(|name| name.into_string().expect("a name"))
        .collect();
    let world = World::new();
    world.qms("ann", &["agent", "install", "claude"]).ok();
    let settings = world.read(".claude/settings.json");
    let named = settings.split("qms hook ").skip(1);
    all.extend(named.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()));
    all
}

fn id(head: &str, name: &str) -> String {
    format!("{head}{}", name.replace([' ', '_'], "-").to_uppercase())
}

fn specification() -> Requirements {
    let file = project().join("QMS/SDLC-QMS/SDLC-QMS-RS.md");
    let text = std::fs::read_to_string(file).expect("a specification");
    requirement::read(&text, Document::body_start(&text), "REQ-QMS-*")
}

#[test]
fn every_command_rule_hook_and_tool_has_a_requirement_and_nothing_else_has() {
    let read = specification();
    assert_eq!(read.flaws, []);
    let there: BTreeSet<String> = read.all.iter().map(|r| r.id.to_string()).collect();
    let mut wanted = BTreeSet::new();
    for (head, names) in FAMILIES {
        let names = names();
        assert!(!names.is_empty(), "{head} has nothing");
        for name in names {
            assert!(wanted.insert(id(head, &name)), "{head}{name} twice");
        }
    }
    let lacking: Vec<_> = wanted.difference(&there).collect();
    let left: Vec<_> = there.difference(&wanted).collect();
    assert_eq!((lacking, left), (vec![], vec![]));
}

#[test]
fn the_requirement_of_a_rule_is_what_the_rule_demands() {
    let read = specification();
    for rule in qms::report::docs::rules() {
        let id = id("REQ-QMS-RULE-", rule.id);
        let said = read.all.iter().find(|r| r.id == id).expect("its row");
        let plain = |text: &str| text.replace('`', "");
        let text = plain(&said.text);
        assert!(text.contains(&plain(rule.demands)), "{id}: {text}");
    }
}

/// What is traced, as it lies here, in a repository of its own.
fn copied(world: &World, from: &Path, to: &str) {
    if from.is_dir() {
        for entry in std::fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("a name");
            copied(world, &entry.path(), &format!("{to}/{name}"));
        }
        return;
    }
    let place = world.path(to);
    std::fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
    std::fs::copy(from, place).expect("a file");
}

#[test]
fn each_requirement_is_tagged_on_what_implements_and_on_what_verifies_it() {
    let world = World::plain();
    for name in [
        "src",
        "tests",
        "hooks",
        "templates",
        "Cargo.toml",
        "Cargo.lock",
        "qms.yaml",
        "QMS",
    ] {
        copied(&world, &project().join(name), name);
    }
    world.puts("ann", "As it is");
    let said = world.qms("ann", &["trace", "--system", "QMS", "--format", "json"]);
    let all: Value = serde_json::from_str(&said.out).expect("JSON");
    let matrix = &all[0];
    assert_eq!(matrix["flaws"], json!([]));
    let rows = matrix["requirements"].as_array().expect("rows");
    let mut not: BTreeMap<&str, String> = BTreeMap::new();
    for row in rows {
        let reasons: Vec<&str> = row["reasons"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|reason| reason["says"].as_str())
            .collect();
        if reasons != ["there is no evidence"] || row["warnings"] != json!([]) {
            let id = row["id"].as_str().expect("an id");
            not.insert(id, format!("{reasons:?} {}", row["warnings"]));
        }
    }
    assert_eq!(not, BTreeMap::new());
}
