//! Evidence by the clock: what a server takes in is what whoever verifies later takes too, and runs that end at once are all
//! kept. Source: model.md, "Authority".

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::evidence::{ADD, SPEC, coded, forged, reports, served};
use crate::world::World;

/// The one record that was kept, taken out again: its path and its text.
fn taken(world: &World) -> (String, String) {
    reports(world, "", "3,4,5", "");
    world.qms("ann", &ADD).ok();
    let list = ["ls-tree", "-r", "--name-only", "refs/qms/evidence"];
    let path = world.git("ann", &list).ok().trim().to_owned();
    let show = ["show", &format!("refs/qms/evidence:{path}")];
    let text = world.git("ann", &show).ok();
    let drop = ["update-ref", "-d", "refs/qms/evidence"];
    world.git("ann", &drop).ok();
    (path, text)
}

/// Makes the record's commit as if at another time.
fn dated(world: &World, user: &str, (path, text): &(String, String), seconds: i64) {
    let actor = format!("Add\n\nQMS-Actor: {user}");
    forged(world, user, &[(path, text)], &actor);
    let mut command = world.command(Command::new("git"), user);
    command.args(["commit-tree", "refs/qms/evidence^{tree}", "-m", &actor]);
    command.env("GIT_COMMITTER_DATE", format!("{seconds} +0000"));
    let made = crate::world::ran(&command.output().expect("git starts")).ok();
    let update = ["update-ref", "refs/qms/evidence", made.trim()];
    world.git("ann", &update).ok();
}

#[track_caller]
fn bounces(world: &World, rule: &str, why: &str) {
    let said = world.git("ann", &["push", "-q", "origin", SPEC]);
    assert!(
        said.code != 0 && said.err.contains(&format!("error[{rule}]")),
        "{}",
        said.err
    );
    let flat = said
        .err
        .replace("remote:", "")
        .split_whitespace()
        .fold(String::new(), |all, word| format!("{all} {word}"));
    assert!(flat.contains(why), "{why}: {flat}");
}

#[test]
fn f8_a_date_that_is_set_back_makes_nobody_known_who_was_not() {
    let (world, _) = served();
    let record = taken(&world);
    let first = world.git("ann", &["log", "--reverse", "--format=%ct"]).ok();
    let first: i64 = first
        .lines()
        .next()
        .expect("a line")
        .parse()
        .expect("a time");
    // Nobody but ann was known then.
    dated(&world, "qa", &record, first);
    bounces(&world, "unknown-user", "qa");
    // What claims to be older than everything goes by the first that is trusted.
    dated(&world, "ann", &record, 1_000_000_000);
    world.git("ann", &["push", "-q", "origin", SPEC]).ok();
    let said = world.qms("ann", &["verify", "--no-cache", "--format", "json"]);
    let verified: Value = serde_json::from_str(&said.out).expect("JSON");
    let found = verified["findings"].as_array().expect("findings");
    let others = |f: &&Value| f["rule"] != "no-change" && f["rule"] != "founding";
    assert_eq!(found.iter().find(others), None);
}

#[test]
fn f8_a_date_ahead_is_not_taken() {
    let (world, _) = served();
    let record = taken(&world);
    dated(&world, "ann", &record, 4_000_000_000);
    bounces(&world, "date-ahead", "days ahead of this server");
}

#[test]
fn without_a_trunk_nothing_is_evidence() {
    let world = coded();
    let record = taken(&world);
    forged(&world, "ann", &[(&record.0, "{}")], "Anything");
    world.serve();
    for git in [
        &["update-ref", "-d", "refs/heads/main"][..],
        &["update-ref", "-d", "refs/qms/evidence"],
    ] {
        let hookless = ["-C", "../server.git", "-c", "core.hooksPath=/dev/null"];
        world.git("ann", &[&hookless[..], git].concat()).ok();
    }
    bounces(&world, "evidence-kept", "there is no trunk yet");
}

#[test]
fn runs_that_end_at_once_are_all_kept() {
    const RUNS: usize = 8;
    let world = coded();
    reports(&world, "", "3,4,5", "");
    let start = |n: usize| {
        let mut command = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), "ann");
        command.args(ADD).args(["--run-id", &n.to_string()]);
        let command = command.stdout(Stdio::null());
        command.spawn().expect("the program starts")
    };
    let all: Vec<_> = (0..RUNS).map(start).collect();
    for mut one in all {
        assert!(one.wait().expect("it ends").success());
    }
    let listed = world.json("ann", &["evidence", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(RUNS));
}

#[test]
fn f7_no_name_stands_in_the_way_of_evidence() {
    let world = World::served();
    for name in ["refs/qms/evidence/x", "refs/qms"] {
        let said = world.git("ann", &["push", "-q", "origin", &format!("HEAD:{name}")]);
        let words = said.err.split_whitespace().filter(|w| *w != "remote:");
        let flat = words.collect::<Vec<_>>().join(" ");
        assert!(
            said.code != 0 && flat.contains("error[evidence-kept]"),
            "{flat}"
        );
        assert!(flat.contains("would stand in the way of"), "{flat}");
    }
    world
        .git("ann", &["push", "-q", "origin", "HEAD:refs/qms/other"])
        .ok();
}
