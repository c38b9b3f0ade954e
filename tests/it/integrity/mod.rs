//! What was approved is what was done: items, frozen text, evidence and children, with the templates that `init` brings and
//! a real server. Source: incidents.md, threats.md F11 and F12.

mod approved;
mod asked;
mod children;
mod evidence;

use crate::world::{Ran, World, document};

/// A fresh change of dev's with everything written.
#[track_caller]
fn written(world: &World) -> String {
    let create = ["create", "CR", "--title", "A change", "--scope", "src/**"];
    let id = world.json("dev", &create)["doc_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    world.write_up(&id);
    id
}

/// A change that is carried out, with two items.
#[track_caller]
fn released(world: &World) -> String {
    let id = written(world);
    world.release("dev", &id);
    world.lands();
    id
}

/// Sets an item.
fn item(world: &World, who: &str, id: &str, item: &str, more: &[&str]) -> Ran {
    let words = ["item", "set", id, item, "--summary", "It is so"];
    world.qms(who, &[&words, more].concat())
}

/// An item that passed; the policy is its evidence.
#[track_caller]
fn passed(world: &World, id: &str, name: &str) {
    let evidence = "QMS/TEMPLATE/TEMPLATE-CR.md";
    let more = ["--outcome", "pass", "--evidence", evidence];
    item(world, "dev", id, name, &more).ok();
}

/// Writes in a document that is carried out, as its owner does; answers with the check-in.
#[track_caller]
fn writes(world: &World, id: &str, edits: &[(&str, &str)]) -> Ran {
    world.qms("dev", &["checkout", id]).ok();
    for (from, to) in edits {
        world.edit(&document(id), from, to);
    }
    world.qms("dev", &["checkin", id])
}

/// What the built-in templates leave to be told after the items.
const TOLD: [(&str, &str); 2] = [
    (
        "| [COMMENT] | [PERFORMER] | [TIME] |",
        "| None | dev | 2026-01-01 |",
    ),
    ("[EXECUTION SUMMARY]", "Done as planned."),
];

/// Carries a change out: both items pass, and the rest is told.
#[track_caller]
fn carried_out(world: &World, id: &str) {
    passed(world, id, "EI-1");
    passed(world, id, "EI-2");
    writes(world, id, &TOLD).ok();
}

/// Throws away what a refused check-in left in the work tree, with the lock.
#[track_caller]
fn gives_up(world: &World, id: &str) {
    world
        .git("dev", &["checkout", "-q", "--", &document(id)])
        .ok();
    world.qms("dev", &["checkin", id]).ok();
}
