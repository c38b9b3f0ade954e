//! Manual pages and workflows: what the program prints about itself.

use std::collections::BTreeSet;
use std::path::Path;

use crate::world::{World, project};

/// The commands that a help names, and the options.
fn named(help: &str) -> (Vec<String>, Vec<String>) {
    let below = |title: &'static str| {
        help.lines()
            .skip_while(move |l| *l != title)
            .skip(1)
            .take_while(|l| !l.is_empty())
    };
    let command = |l: &str| {
        let word = l.strip_prefix("  ")?.split_whitespace().next()?;
        Some(word.to_owned()).filter(|w| !l.starts_with("   ") && w != "help")
    };
    let commands = below("Commands:").filter_map(command).collect();
    let options = below("Options:").filter(|l| l.trim_start().starts_with('-'));
    let mut flags: Vec<String> = options
        .filter_map(|l| l.split([' ', ',']).find(|w| w.starts_with("--")))
        .map(str::to_owned)
        .collect();
    flags.sort();
    flags.dedup();
    (commands, flags)
}

fn pages(world: &World, words: &[String], seen: &mut usize) {
    let args: Vec<&str> = words.iter().map(String::as_str).collect();
    let help = world.qms("ann", &[&args[..], &["-h"]].concat()).ok();
    let (commands, flags) = named(&help);
    let file = [&["qms".to_owned()], words].concat().join("-");
    let page = world.read(&format!("man/{file}.1")).replace("\\-", "-");
    for flag in &flags {
        assert!(
            page.contains(&format!("\\fB{flag}\\fR")),
            "{file} has no {flag}:\n{page}"
        );
    }
    for section in [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "EXIT STATUS",
        "ENVIRONMENT",
        "FILES",
    ] {
        assert!(page.contains(section), "{file} has no {section}");
    }
    *seen += 1;
    for command in commands {
        pages(world, &[words, &[command]].concat(), seen);
    }
}

// Verifies: REQ-QMS-CMD-MAN
#[test]
fn every_command_has_a_page_that_names_its_flags() {
    let world = World::empty();
    world.qms("ann", &["man", "--to", "man"]).ok();
    let mut seen = 0;
    pages(&world, &[], &mut seen);
    let there = std::fs::read_dir(world.path("man")).expect("pages").count();
    assert_eq!(there, seen);
    assert!(seen > 25, "{seen}");
    assert_eq!(world.qms("ann", &["man"]).ok(), world.read("man/qms.1"));
}

/// The variables that the sources read.
fn variables(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry").path();
        if entry.is_dir() {
            variables(&entry, found);
            continue;
        }
        let text = std::fs::read_to_string(&entry).expect("a source");
        for (at, open) in text.match_indices("\"QMS_") {
            let name = text[at + 1..].split('"').next().unwrap_or_default();
            assert!(open.len() < name.len());
            if name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
                found.insert(name.to_owned());
            }
        }
    }
}

#[test]
fn the_page_names_every_variable_that_is_read() {
    let mut found = BTreeSet::new();
    variables(&project().join("src"), &mut found);
    let page = World::empty().qms("ann", &["man"]).ok();
    let missing: Vec<_> = found
        .iter()
        .filter(|v| !page.contains(v.as_str()))
        .collect();
    assert!(
        missing.is_empty() && found.len() >= 3,
        "{missing:?} of {found:?}"
    );
}

// Verifies: REQ-QMS-CMD-WORKFLOW-SHOW
#[test]
fn a_workflow_is_shown_as_text_diagram_and_json() {
    let world = World::empty();
    let text = world.qms("ann", &["workflow", "show", "cr"]).ok();
    assert!(text.starts_with("CR, change record: executable, begins in DRAFT\n\nDRAFT\n"));
    let drawn = world
        .qms("ann", &["workflow", "show", "CR", "--as", "mermaid"])
        .ok();
    assert!(
        drawn.contains("    PRE_APPROVED --> IN_EXECUTION : release\n"),
        "{drawn}"
    );
    let json = world.json("ann", &["workflow", "show", "CR"]);
    for state in json["states"].as_array().expect("states") {
        for m in state["moves"].as_array().expect("moves") {
            for word in [&state["status"], &m["action"], &m["who"], &m["to"][0]] {
                assert!(text.contains(word.as_str().expect("a word")), "{word}");
            }
        }
    }
    let wrong = world.qms("ann", &["workflow", "show", "CRR"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains("near it is: qms workflow show CR"),
        "{}",
        wrong.err
    );
}
