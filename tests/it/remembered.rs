//! What `qms trace` remembers of the last look: it is never wrong for it, whatever lies there, and nothing that decides
//! reads it.

use std::path::PathBuf;

use qms::model::document::digest;

use crate::trace::{put, traced, verdict};
use crate::world::World;

const CODE: &str = "src/add.rs";
const TAGGED: &str = "// Implements: REQ-CLI-001\npub fn add() {}\n";

fn file(world: &World) -> PathBuf {
    world.path(".git/qms-trace-CLI")
}

/// What is said of the system, and what is said where nothing is remembered.
fn asked(world: &World) -> [String; 2] {
    let ask = || world.qms("ann", &["trace", "--format", "json"]).out;
    let remembering = ask();
    let _ = std::fs::remove_file(file(world));
    [remembering, ask()]
}

fn judged(said: &str) -> String {
    let all: serde_json::Value = serde_json::from_str(said).expect("JSON");
    verdict(&all[0], "REQ-CLI-001")
}

/// Puts a digest on it that fits.
fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend(digest(&bytes).into_bytes());
    bytes
}

#[test]
fn what_changed_is_read_again_and_what_is_damaged_is_none() {
    let world = traced();
    put(&world, "src/b.rs", "// [REQ-CLI-002]\npub fn b() {}\n");
    put(&world, CODE, TAGGED);
    let [first, _] = asked(&world);
    assert_eq!(judged(&first), "untested");
    let whole = std::fs::read(file(&world)).expect("it is kept");
    put(&world, CODE, "pub fn add() {}\n");
    let [remembering, fresh] = asked(&world);
    assert_eq!(remembering, fresh);
    assert_eq!(judged(&fresh), "unimplemented");
    // A file that is gone is remembered no longer.
    world.git("ann", &["rm", "-q", "src/b.rs"]).ok();
    world
        .git("ann", &["commit", "-q", "--no-verify", "-m", "b"])
        .ok();
    let [remembering, fresh] = asked(&world);
    assert_eq!(remembering, fresh);
    let kept = std::fs::read(file(&world)).expect("it is kept");
    assert!(!String::from_utf8_lossy(&kept).contains("src/b.rs"));

    world.git("ann", &["reset", "-q", "--hard", "HEAD~2"]).ok();
    let body = &whole[..whole.len() - digest(b"").len()];
    let end = body.iter().position(|b| *b == b'\n').expect("a head");
    let other = [b"qms 0.0.1 1 1\n", &body[end + 1..]].concat();
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut all = vec![
        Vec::new(),
        b"nonsense".to_vec(),
        seal(Vec::new()),
        seal(other),
        seal([body, b"\xff\xff\xff"].concat()),
    ];
    for at in (0..whole.len()).step_by(whole.len() / 12) {
        all.extend([
            flipped(at),
            whole[..at].to_vec(),
            seal(whole[..at].to_vec()),
        ]);
    }
    for bytes in all {
        std::fs::write(file(&world), &bytes).expect("a file");
        assert_eq!(world.qms("ann", &["trace", "--format", "json"]).out, first);
    }
    // Where it cannot be kept, it is not.
    std::fs::remove_file(file(&world)).expect("it was kept again");
    std::fs::create_dir(file(&world)).expect("a folder");
    assert_eq!(world.qms("ann", &["trace", "--format", "json"]).out, first);
}

#[test]
fn nothing_that_decides_reads_it() {
    let world = traced();
    put(&world, CODE, TAGGED);
    let id = |world: &World| world.git("ann", &["rev-parse", "HEAD:src/add.rs"]).ok();
    let before = id(&world);
    let [said, _] = asked(&world);
    assert_eq!(judged(&said), "untested");
    put(&world, CODE, "pub fn add() {}\n");
    // Somebody writes that the new file holds what the old one held.
    let kept = std::fs::read(file(&world)).expect("it is kept");
    let kept = &kept[..kept.len() - digest(b"").len()];
    let (before, after) = (before.trim().to_owned(), id(&world).trim().to_owned());
    let at = kept
        .windows(before.len())
        .position(|w| w == before.as_bytes());
    let at = at.expect("the file is known by its blob");
    let forged = [&kept[..at], after.as_bytes(), &kept[at + before.len()..]].concat();
    std::fs::write(file(&world), seal(forged)).expect("a file");
    let said = world.qms("ann", &["trace", "--format", "json"]).out;
    assert_eq!(judged(&said), "untested");
    for args in [
        &["trace", "--diff", "HEAD~1..HEAD"][..],
        &["trace", "--impact", CODE],
        &["trace", "--impact", "HEAD~1..HEAD"],
    ] {
        let said = world.qms("ann", args);
        let _ = std::fs::rename(file(&world), world.path(".git/forged"));
        assert_eq!(world.qms("ann", args).out, said.out, "{args:?}");
        assert!(!said.out.is_empty(), "{args:?}: {}", said.err);
        let _ = std::fs::rename(world.path(".git/forged"), file(&world));
    }
}
