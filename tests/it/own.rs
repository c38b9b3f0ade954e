//! The requirements of qms itself: one for each command, rule, hook and tool.

use std::collections::BTreeSet;

use qms::model::document::Document;
use qms::model::trace::requirement::{self, Requirements};

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
    let there: BTreeSet<String> = read.all.iter().map(|r| r.id.clone()).collect();
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
