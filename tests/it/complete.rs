//! Completions, asked for as the shells ask: by their protocol, and through a real bash.

use std::process::Command;

use crate::world::{Ran, World, ran};

/// What a shell is answered for a line whose last word is where the cursor stands.
fn ask(world: &World, shell: &str, user: &str, line: &[&str]) -> Ran {
    let mut command = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), user);
    command
        .env("COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", (line.len() - 1).to_string())
        .args(["--"])
        .args(line);
    ran(&command.output().expect("qms starts"))
}

/// The candidates alone.
#[track_caller]
fn offered(world: &World, user: &str, line: &[&str]) -> Vec<String> {
    let said = ask(world, "fish", user, line);
    assert_eq!(said.err, "");
    let value = |l: &str| l.split('\t').next().unwrap_or_default().to_owned();
    said.ok().lines().map(value).collect()
}

/// Two changes, of which qa and qb are asked about the first, and a procedure.
fn asked() -> World {
    let world = World::governed();
    for (kind, title) in [("CR", "First: a change"), ("CR", "Second"), ("SOP", "How")] {
        world.qms("dev", &["create", kind, "--title", title]).ok();
    }
    world.edit("QMS/CR/CR-001/CR-001.md", "scope: []", "scope: [src/**]");
    world.write_up("CR-001");
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    world
}

#[test]
fn documents_are_offered_where_the_move_is_open() {
    let world = asked();
    assert_eq!(offered(&world, "qa", &["qms", "review", ""]), ["CR-001"]);
    assert_eq!(offered(&world, "dev", &["qms", "withdraw", ""]), ["CR-001"]);
    let mine = ["CR-002", "SOP-001"];
    assert_eq!(offered(&world, "dev", &["qms", "checkin", ""]), mine);
    assert_eq!(offered(&world, "dev", &["qms", "route", ""]), mine);
    // Who names another one anyway is not held up.
    let typed = offered(&world, "qa", &["qms", "review", "sop-"]);
    assert_eq!(typed, ["SOP-001"]);
    let all = offered(&world, "qa", &["qms", "status", "CR"]);
    assert_eq!(all, ["CR-001", "CR-002"]);
    let parents = ["qms", "create", "TP", "--parent", ""];
    assert_eq!(offered(&world, "dev", &parents), ["CR-001", "CR-002"]);
    let named = ["qms", "--user", "qa", "review", ""];
    assert_eq!(offered(&world, "dev", &named), ["CR-001"]);
}

#[test]
fn people_types_and_rules_are_offered() {
    let world = asked();
    let judges = ["qms", "assign", "CR-001", "--assignees", "qa", ""];
    let found = offered(&world, "qa", &judges);
    assert_eq!(found[..2], ["qb", "tu"]);
    let owners = ["qms", "transfer", "CR-001", "--to", ""];
    assert_eq!(offered(&world, "ann", &owners), ["ann", "claude", "dev"]);
    assert_eq!(
        offered(&world, "ann", &["qms", "create", "t"]),
        ["TEMPLATE", "TP"]
    );
    let rules = offered(&world, "ann", &["qms", "explain", "out-of"]);
    assert_eq!(rules, ["out-of-scope"]);
    let groups = ["qms", "user", "add", "x", "--group", "quality,i"];
    assert_eq!(offered(&world, "ann", &groups), ["quality,initiator"]);
    let shells = offered(&world, "ann", &["qms", "completions", "z"]);
    assert_eq!(shells, ["zsh"]);
}

#[test]
fn items_and_sections_of_the_document_are_offered() {
    let world = asked();
    let items = ["qms", "item", "set", "cr-002", ""];
    assert_eq!(offered(&world, "dev", &items), ["EI-1", "EI-2"]);
    let used = ["qms", "use", "CR-002", "--item", "ei-2"];
    assert_eq!(offered(&world, "dev", &used), ["EI-2"]);
    let sections = ["qms", "section", "set", "SOP-001", ""];
    let found = offered(&world, "dev", &sections);
    assert_eq!(found, ["1", "2", "3", "4", "5", "6", "7"]);
    let unknown = ["qms", "item", "show", "CR-009", "EI"];
    assert_eq!(offered(&world, "dev", &unknown), Vec::<String>::new());
}

#[test]
fn shells_that_show_help_get_status_and_title() {
    let world = asked();
    let said = |shell| ask(&world, shell, "qa", &["qms", "review", ""]).ok();
    let fish = "CR-001\tIN_PRE_REVIEW, First: a change\n";
    assert_eq!(said("fish"), fish);
    assert_eq!(said("powershell"), fish);
    assert_eq!(said("zsh"), "CR-001:IN_PRE_REVIEW, First: a change");
    assert_eq!(said("bash"), "CR-001");
}

#[test]
fn a_shell_never_hears_of_trouble() {
    let bare = World::plain();
    let empty = World::empty();
    let broken = asked();
    broken.write("qms.yaml", "users: 7\n");
    broken.unhook();
    broken.git("ann", &["commit", "-qam", "Break it"]).ok();
    for world in [&empty, &bare, &broken] {
        for line in [
            &["qms", "status", ""][..],
            &["qms", "approve", "CR-"],
            &["qms", "transfer", "x", "--to", ""],
            &["qms", "-C", "/nowhere", "status", ""],
            &["qms", "nothing", "of", "the", "kind", ""],
            &["qms"],
        ] {
            let said = ask(world, "bash", "qa", line);
            assert_eq!((said.code, said.err.as_str()), (0, ""), "{line:?}");
            assert!(!said.out.contains("CR-"), "{line:?}: {}", said.out);
        }
    }
    let said = ask(&broken, "tcsh", "qa", &["qms", "status", ""]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (0, "", "")
    );
}

#[test]
fn the_variable_alone_does_not_answer_in_place_of_a_command_or_a_hook() {
    let world = asked();
    let run = |args: &[&str]| {
        let mut command = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), "qa");
        ran(&command
            .env("COMPLETE", "bash")
            .args(args)
            .output()
            .expect("qms starts"))
    };
    assert!(run(&["status", "CR-001"]).ok().contains("IN_PRE_REVIEW"));
    world.write("qms.yaml", "users: 7\n");
    world.git("qa", &["add", "."]).ok();
    assert_ne!(run(&["hook", "pre-commit"]).code, 0);
}

// Verifies: REQ-QMS-CMD-COMPLETIONS
#[test]
fn a_real_bash_completes() {
    let world = asked();
    let script = r#"
        set -e
        PATH="$1:$PATH"; shift
        source <(qms completions bash)
        complete -p qms >/dev/null
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
        _clap_complete_qms qms "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_qms")).parent();
    let folder = folder.expect("a folder").to_string_lossy().into_owned();
    let bash = |line: &[&str]| {
        let mut command = world.command(Command::new("bash"), "qa");
        command.args(["-c", script, "bash", &folder]).args(line);
        ran(&command.output().expect("bash starts")).ok()
    };
    assert_eq!(bash(&["qms", "review", ""]), "CR-001\n");
    assert_eq!(bash(&["qms", "stat"]), "status\n");
    assert_eq!(
        bash(&["qms", "route", "CR-002", "--re"]),
        "--review\n--retire\n"
    );
}
