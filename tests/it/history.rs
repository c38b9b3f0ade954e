//! The history that benches measure with is one that the tool itself takes: nothing is found in it.

use std::process::Command;

use crate::world::World;

#[path = "../../benches/world/history.rs"]
pub(crate) mod made;

/// A small one, as a world whose repository it is, and what it is made of.
pub(crate) fn small(signed: bool) -> (World, made::History) {
    let world = World::empty();
    let program = |name: &str| world.command(Command::new(name), "ann");
    let shape = made::Shape {
        commits: 500,
        documents: 80,
        files: 400,
        signed,
    };
    let history = made::make(&world.path(""), &shape, &program);
    made::pack(&history.dir, &program);
    (world, history)
}

// Verifies: REQ-QMS-CMD-CHECK
#[test]
fn the_history_of_the_benches_is_legal() {
    let (world, history) = small(false);
    let made::History {
        dir,
        anchor,
        works,
        moves,
        merges,
    } = history;
    let at = world.within("history.git");
    assert_eq!(at.path(""), dir.join(""));
    assert!(
        works > 300 && moves > 100 && merges > 10,
        "{works} {moves} {merges}"
    );
    let count = at.git("ann", &["rev-list", "--count", "main"]).ok();
    assert_eq!(count.trim(), (works + moves + merges + 1).to_string());
    at.git("ann", &["fsck", "--strict"]).ok();
    let said = at.json("ann", &["check", &format!("{anchor}..main")]);
    assert_eq!((&said["errors"], &said["warnings"]), (&0.into(), &0.into()));
}

#[test]
fn the_history_of_the_benches_is_legal_with_every_commit_signed() {
    let (world, made::History { anchor, .. }) = small(true);
    let at = world.within("history.git");
    let said = at.json("ann", &["verify", "--anchor", &anchor]);
    assert_eq!((&said["errors"], &said["warnings"]), (&0.into(), &0.into()));
    let count = at
        .git("ann", &["rev-list", "--count", &format!("{anchor}..main")])
        .ok();
    assert_eq!(said["signed"].to_string(), count.trim(), "{said}");
}

#[test]
fn the_history_of_the_benches_is_always_the_same() {
    let tip = || {
        let (world, _) = small(false);
        let at = world.within("history.git");
        at.git("ann", &["rev-parse", "main"]).ok()
    };
    assert_eq!(tip(), tip());
}
