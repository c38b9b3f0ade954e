//! What is kept to be faster: half of it is not believed, and a kill while it is written changes no answer.

use super::{all, command, points, run, traced};
use crate::history::made;
use crate::world::World;

/// A history that is long enough for everything to be kept.
fn long() -> (World, String) {
    let world = World::empty();
    let program = |name: &str| world.command(std::process::Command::new(name), "ann");
    let shape = made::Shape {
        commits: 500,
        documents: 120,
        files: 100,
        signed: false,
    };
    let history = made::make(&world.path(""), &shape, &program);
    made::pack(&history.dir, &program);
    (world, history.anchor)
}

#[track_caller]
fn kept(file: &str, args: &[&str]) {
    let (world, anchor) = long();
    let at = world.within("history.git");
    let args: Vec<&str> = match file {
        "qms-verified" => [args, &["--anchor", &anchor]].concat(),
        _ => args.to_vec(),
    };
    let answer = |when: &str| {
        let ran = at.qms("ann", &args);
        assert_eq!(ran.code, 0, "{when}: {}", ran.err);
        ran.out
    };
    let truth = answer("first");
    let whole = std::fs::read(at.path(file)).expect("it was kept");
    // Half of it, of every length; and half of the new one over all of an old one.
    let mut halves = 0;
    let step = (whole.len() / if all() { 40 } else { 7 }).max(1);
    for cut in (0..whole.len()).step_by(step) {
        for rest in ["", "x"] {
            let half = [&whole[..cut], rest.repeat(whole.len() - cut).as_bytes()].concat();
            std::fs::write(at.path(file), half).expect("a file");
            assert_eq!(answer("half"), truth, "{cut} bytes of {file}");
            halves += 1;
        }
    }
    let log = world.path("log");
    let qms = env!("CARGO_BIN_EXE_qms");
    let killed = |inject: Option<&str>| {
        let _ = std::fs::remove_file(at.path(file));
        let _ = std::fs::remove_file(&log);
        run(
            &at,
            "ann",
            command(&traced(&log, inject, false), &[&[qms], &args[..]].concat()),
        );
        std::fs::read_to_string(&log).expect("a log; crash tests need strace")
    };
    let mut kills = 0;
    for point in points(&killed(None), false) {
        kills += usize::from(killed(point.inject.as_deref()).contains("killed by SIGKILL"));
        assert_eq!(answer("killed"), truth, "{point:?}");
        let there = std::fs::read(at.path(file)).expect("it is kept now");
        assert_eq!(there.len(), whole.len(), "{point:?}");
    }
    println!("{file}: {halves} halves, {kills} kills, always the same answer");
    assert!(kills > 3);
}

#[test]
fn what_was_verified() {
    kept("qms-verified", &["--format", "json", "verify"]);
}

#[test]
fn what_is_listed() {
    kept("qms-list", &["--format", "json", "list"]);
}
