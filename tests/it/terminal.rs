//! What a terminal sees and a pipe does not: colours, and lines that are clipped to its width.

use std::process::Command;

use crate::world::{World, ran};

const LONG: &str =
    "A title that is much longer than what a narrow terminal has room for beside the rest";

/// What `qms list` writes to a pseudo terminal; none where there is nothing to make one with.
fn on_a_terminal(world: &World, variables: &[(&str, &str)]) -> Option<String> {
    let there = Command::new("script").arg("--version").output().ok()?;
    if !String::from_utf8_lossy(&there.stdout).contains("util-linux") {
        return None;
    }
    let list = format!("'{}' list", env!("CARGO_BIN_EXE_qms"));
    let mut command = world.command(Command::new("script"), "dev");
    command
        .args(["-qec", &list, "/dev/null"])
        .env("TERM", "xterm");
    command.envs(variables.iter().copied());
    Some(ran(&command.output().expect("script starts")).ok())
}

fn listed() -> World {
    let world = World::new();
    world.qms("dev", &["create", "CR", "--title", LONG]).ok();
    world.qms("dev", &["cancel", "CR-001", "--confirm"]).ok();
    world
}

#[test]
fn a_pipe_gets_everything_and_no_colours() {
    let world = listed();
    let mut command = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), "dev");
    let said = command.arg("list").env("COLUMNS", "60").output();
    let said = ran(&said.expect("qms starts")).ok();
    assert!(said.contains(LONG) && !said.contains('\x1b'), "{said:?}");
}

#[test]
fn a_terminal_gets_colours_and_lines_that_fit() {
    let world = listed();
    let Some(said) = on_a_terminal(&world, &[("COLUMNS", "60")]) else {
        return;
    };
    assert!(said.contains("\x1b[2mCANCELLED\x1b[0m"), "{said:?}");
    let plain = anstream::adapter::strip_str(&said).to_string();
    assert!(
        plain.lines().all(|l| l.trim_end().chars().count() <= 60),
        "{plain}"
    );
    assert!(plain.contains("A title that…"), "{plain}");
}

#[test]
fn who_wants_no_colours_gets_none() {
    let world = listed();
    for variables in [[("NO_COLOR", "1")], [("CLICOLOR", "0")], [("TERM", "dumb")]] {
        if let Some(said) = on_a_terminal(&world, &variables) {
            assert!(
                !said.contains('\x1b') && said.contains("CANCELLED"),
                "{said:?}"
            );
        }
    }
}
