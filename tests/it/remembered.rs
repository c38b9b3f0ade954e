//! What `qms trace` remembers of the last look: it is never wrong for it, whatever lies there, and nothing that decides
//! reads it.

use std::path::PathBuf;

use qms::model::trace::memory::key;

use crate::evidence::{ADD, CODE, TEST, coded, reports};
use crate::trace::{RS, put, traced, verdict};
use crate::world::World;

const ADDS: &str = "src/add.rs";
const TAGGED: &str = "// Implements: REQ-CLI-001\npub fn add() {}\n";
/// The length of the sum at the end.
const SUM: usize = 4;

/// What is remembered, and what came since.
fn files(world: &World) -> [PathBuf; 2] {
    [".git/qms-trace-CLI", ".git/qms-trace-CLI.since"].map(|name| world.path(name))
}

fn ask(world: &World) -> String {
    world.qms("ann", &["trace", "--format", "json"]).out
}

/// What is said where nothing is remembered; what is, stays.
fn fresh(world: &World) -> String {
    let kept = files(world).map(|file| (std::fs::read(&file).ok(), file));
    for (_, file) in &kept {
        let _ = std::fs::remove_file(file);
    }
    let said = ask(world);
    for (bytes, file) in kept {
        let _ = std::fs::remove_file(&file);
        if let Some(bytes) = bytes {
            std::fs::write(file, bytes).expect("a file");
        }
    }
    said
}

/// What is said with what is remembered, which is what is said without.
#[track_caller]
fn same(world: &World, step: &str) -> String {
    let said = ask(world);
    assert_eq!(said, fresh(world), "{step}");
    // Nor does what this look kept say anything else.
    assert_eq!(said, ask(world), "{step}, once more");
    said
}

fn judged(said: &str) -> String {
    let all: serde_json::Value = serde_json::from_str(said).expect("JSON");
    verdict(&all[0], "REQ-CLI-001")
}

/// Puts a sum on it that fits.
fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32fast::hash(&bytes).to_le_bytes();
    bytes.extend(sum);
    bytes
}

#[test]
fn what_changed_is_read_again_and_what_is_damaged_is_none() {
    let world = traced();
    let [most, _] = files(&world);
    put(&world, "src/b.rs", "// [REQ-CLI-002]\npub fn b() {}\n");
    put(&world, ADDS, TAGGED);
    let first = same(&world, "at first");
    assert_eq!(judged(&first), "untested");
    let whole = std::fs::read(&most).expect("it is kept");
    put(&world, ADDS, "pub fn add() {}\n");
    assert_eq!(judged(&same(&world, "a tag went")), "unimplemented");
    // A file that is gone is remembered no longer once all is written anew.
    world.git("ann", &["rm", "-q", "src/b.rs"]).ok();
    world
        .git("ann", &["commit", "-q", "--no-verify", "-m", "b"])
        .ok();
    same(&world, "a file went");
    put(&world, "src/c.rs", &TAGGED.repeat(9));
    same(&world, "much is new");
    let kept = std::fs::read(&most).expect("it is kept");
    assert!(!String::from_utf8_lossy(&kept).contains("src/b.rs"));

    world.git("ann", &["reset", "-q", "--hard", "HEAD~3"]).ok();
    let body = &whole[..whole.len() - SUM];
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
    for file in files(&world) {
        for bytes in &all {
            std::fs::write(&file, bytes).expect("a file");
            assert_eq!(ask(&world), first);
        }
        // Where it cannot be kept, it is not.
        let _ = std::fs::remove_file(&file);
        std::fs::create_dir(&file).expect("a folder");
        assert_eq!(ask(&world), first);
        std::fs::remove_dir(&file).expect("it is a folder still");
    }
}

/// Whatever a row follows from: files, tags, requirements, results, the policy.
// Verifies: REQ-QMS-CMD-TRACE
#[test]
fn a_row_is_judged_anew_where_what_it_follows_from_changed() {
    let world = coded();
    let both = format!("{CODE}\n# [REQ-CLI-002]\n# [REQ-CLI-003]\ndef sub(a):\n    return a\n");
    let many = "# Verifies: REQ-CLI-001, REQ-CLI-002\ndef test_add():\n    assert add(1, 2) == 3\n";
    let text = world.read(RS);
    let reworded = text.replace("It Adds.", "It adds two numbers.");
    let renamed = text.replace(
        "**Says.** It Says.",
        "**Says.** It Says. (also: REQ-CLI-900)",
    );
    let retired = text.replace("**Runs.** It Runs.", "**Runs.** It Runs. (retired: CR-001)");
    let policy = world.read("qms.yaml");
    let share = policy.replace("code:", "coverage: 50, code:");
    assert!(
        [&reworded, &renamed, &retired]
            .iter()
            .all(|new| **new != text)
            && share != policy
    );
    let mut said = vec![same(&world, "at first")];
    for (step, path, text) in [
        ("more in one file", "src/add.py", both.as_str()),
        ("a test of two", "tests/test_add.py", many),
        ("a helper that is no test", "tests/conftest.py", "a = 1\n"),
        (
            "a tag of another name",
            "src/more.py",
            "# [REQ-CLI-900]\ndef more():\n    pass\n",
        ),
        ("the name is one's", RS, &renamed),
        ("nobody's again", RS, &text),
        ("retired", RS, &retired),
        ("a tag on nothing", "src/end.py", "a = 1\n# [REQ-CLI-002]\n"),
        (
            "a tag in no comment",
            "src/end.py",
            "a = '''\n# [REQ-CLI-002]\n'''\n",
        ),
        ("not retired", RS, &text),
        ("lines above", "src/add.py", &format!("import a\n\n{both}")),
    ] {
        put(&world, path, text);
        said.push(same(&world, step));
    }
    for (step, path, text) in [
        ("the code as at first", "src/add.py", CODE),
        (
            "another test",
            "tests/test_more.py",
            "# Verifies: REQ-CLI-002\ndef test_more():\n    assert more()\n",
        ),
        ("reworded", RS, &reworded),
        ("a share of lines", "qms.yaml", &share),
        ("the test as at first", "tests/test_add.py", TEST),
    ] {
        reports(&world, "", "3,4", "5");
        world.qms("ann", &ADD).ok();
        said.push(same(&world, &format!("evidence before: {step}")));
        put(&world, path, text);
        said.push(same(&world, step));
        // As it was: rows of before hold again.
        world
            .git("ann", &["revert", "--no-edit", "-n", "HEAD"])
            .ok();
        world
            .git("ann", &["commit", "-q", "--no-verify", "-m", "Back"])
            .ok();
        said.push(same(&world, &format!("back from: {step}")));
        put(&world, path, text);
    }
    reports(&world, "<failure/>", "3,4", "5");
    world.qms("ann", &ADD).ok();
    assert_eq!(judged(&same(&world, "a failure")), "failed");
    // With results of another state alone.
    reports(&world, "", "3,4,5", "");
    world
        .git("ann", &["update-ref", "-d", "refs/qms/evidence"])
        .ok();
    put(&world, RS, &text);
    world.qms("ann", &ADD).ok();
    assert_eq!(judged(&same(&world, "all of it")), "verified");
    put(
        &world,
        "src/more.py",
        "# [REQ-CLI-900]\ndef more():\n    return 1\n",
    );
    assert_eq!(judged(&same(&world, "another state")), "not run");
    put(&world, RS, &reworded);
    assert_eq!(
        judged(&same(&world, "reworded in another state")),
        "suspect"
    );
    said.sort();
    said.dedup();
    // The commit differs in each; what matters is that they say something.
    assert!(said.len() > 15, "{}", said.len());
}

#[test]
fn a_small_change_writes_little() {
    let world = traced();
    let [most, since] = files(&world);
    let read = |file| std::fs::read(file).expect("it is kept");
    for n in 0..60 {
        let text = TAGGED.replace("001", "003");
        world.write(&format!("src/m{n}.rs"), &text);
    }
    world.git("ann", &["add", "src"]).ok();
    put(&world, ADDS, TAGGED);
    same(&world, "at first");
    let whole = read(&most);
    assert!(!since.exists());
    let one = |n: usize| TAGGED.replace("add", &format!("add{n}"));
    put(&world, ADDS, &one(2));
    same(&world, "one file");
    assert!(read(&most) == whole);
    let first = read(&since);
    assert!(first.len() * 4 <= whole.len());
    // What came since and is no longer asked for goes.
    put(&world, ADDS, &one(3));
    same(&world, "the same file");
    assert_eq!(read(&since).len(), first.len());
    for n in 8..50 {
        world.write(&format!("src/m{n}.rs"), &TAGGED.replace("001", "002"));
    }
    world.git("ann", &["add", "src"]).ok();
    put(&world, ADDS, TAGGED);
    same(&world, "most files");
    assert!(!since.exists());
    assert!(read(&most) != whole);
}

#[test]
fn nothing_that_decides_reads_it() {
    let world = traced();
    let [most, _] = files(&world);
    put(&world, ADDS, TAGGED);
    let blob = |world: &World| {
        let id = world.git("ann", &["rev-parse", "HEAD:src/add.rs"]).ok();
        let digits: Vec<u8> = id.trim().bytes().collect();
        let byte = |pair: &[u8]| {
            let text = std::str::from_utf8(pair).expect("digits");
            u8::from_str_radix(text, 16).expect("a byte")
        };
        digits.chunks(2).map(byte).collect::<Vec<u8>>()
    };
    let named = |blob: &[u8]| {
        let mode = 0o100_644u32.to_le_bytes();
        key(&[b"file", &mode, blob, b"REQ-CLI-*", ADDS.as_bytes()])
    };
    let before = named(&blob(&world));
    assert_eq!(judged(&ask(&world)), "untested");
    put(&world, ADDS, "pub fn add() {}\n");
    // Somebody writes that the new file holds what the old one held.
    let kept = std::fs::read(&most).expect("it is kept");
    let kept = &kept[..kept.len() - SUM];
    let at = kept.windows(before.len()).position(|w| w == before);
    let at = at.expect("the file is known by its blob");
    let after = named(&blob(&world));
    let forged = [&kept[..at], &after, &kept[at + before.len()..]].concat();
    std::fs::write(&most, seal(forged)).expect("a file");
    assert_eq!(judged(&ask(&world)), "untested");
    for args in [
        &["trace", "--diff", "HEAD~1..HEAD"][..],
        &["trace", "--impact", ADDS],
        &["trace", "--impact", "HEAD~1..HEAD"],
    ] {
        let said = world.qms("ann", args);
        let _ = std::fs::rename(&most, world.path(".git/forged"));
        assert_eq!(world.qms("ann", args).out, said.out, "{args:?}");
        assert!(!said.out.is_empty(), "{args:?}: {}", said.err);
        let _ = std::fs::rename(world.path(".git/forged"), &most);
    }
}
