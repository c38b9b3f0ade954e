//! `qms verify`: the same digest for everybody who verifies the same, and a damage anywhere is found.

use std::path::{Path, PathBuf};

use crate::history::small;
use crate::world::World;

#[track_caller]
fn digest(world: &World, args: &[&str]) -> String {
    let answer = world.json("ann", &[&["verify"], args].concat());
    assert_eq!(answer["errors"], 0);
    answer["digest"].as_str().expect("a digest").to_owned()
}

// Verifies: REQ-QMS-CMD-VERIFY
#[test]
fn everybody_has_the_same_digest() {
    let (world, history) = small(false);
    let at = world.within("history.git");
    let anchor = ["--anchor", &history.anchor];
    let one = digest(
        &at,
        &[&anchor[..], &["--no-cache", "--threads", "1"]].concat(),
    );
    let with = |more: &[&str]| digest(&at, &[&anchor[..], more].concat());
    assert_eq!(with(&["--no-cache", "--threads", "2"]), one);
    // The first run keeps its full parts, and the second believes them.
    assert!(!at.path("qms-verified").exists());
    assert_eq!(with(&[]), one);
    assert!(at.path("qms-verified").exists());
    assert_eq!(with(&[]), one);
    world
        .git("ann", &["clone", "-q", "history.git", "clone"])
        .ok();
    assert_eq!(digest(&world.within("clone"), &anchor), one);

    let mut files = Vec::new();
    for n in 1..=4 {
        let shard = at.qms(
            "ann",
            &[
                "--format",
                "json",
                "verify",
                "--no-cache",
                "--shard",
                &format!("{n}/4"),
                "--anchor",
                &history.anchor,
            ],
        );
        at.write(&format!("shard{n}"), &shard.ok());
        files.push(format!("shard{n}"));
    }
    let merge = |files: &[String]| {
        let names: Vec<&str> = files.iter().map(String::as_str).collect();
        at.qms(
            "ann",
            &[&["--format", "json", "verify", "--merge"], &names[..]].concat(),
        )
    };
    let joined: serde_json::Value = serde_json::from_str(&merge(&files).ok()).expect("JSON");
    assert_eq!(joined["digest"], one.as_str());
    let commits = history.works + history.moves + history.merges;
    assert_eq!(joined["commits"], commits);
    for wrong in [&files[1..], &[&files[..], &files[..1]].concat()] {
        let ran = merge(wrong);
        assert_eq!(ran.code, 2, "{}", ran.out);
    }
}

#[test]
fn a_summary_says_who_and_what_and_which_anchor() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.write("src/main.py", "x\n");
    world.works("dev", "Work", &id);
    let said = world.qms("ann", &["verify"]).ok();
    for part in [
        "assumed: nobody named one",
        "work: 1",
        "dev 6",
        "0 errors",
        "digest",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // A server was told its anchor.
    world.lands();
    let server = world.within("../server.git").qms("ann", &["verify"]).ok();
    assert!(
        !server.contains("assumed") && server.contains("work: 1"),
        "{server}"
    );
    // What is not allowed is found, wherever it stands.
    world.write("src/main.py", "evil\n");
    world.puts("zed", "Evil");
    let evil = world.head();
    world.write("README.md", "fine\n");
    world.puts("zed", "Fine");
    let said = world.qms("ann", &["verify"]);
    assert_eq!(said.code, 1);
    assert!(said.refused("no-change").contains(&evil[..10]));
    let since = world.qms("ann", &["verify", "--since", &evil]).ok();
    assert!(
        since.contains("since       ") && since.contains("commits     1 "),
        "{since}"
    );
    let sarif = world.qms("ann", &["--format", "sarif", "verify"]);
    assert_eq!(sarif.code, 1);
    assert!(sarif.out.contains("\"no-change\""));
}

// Verifies: REQ-QMS-CMD-VERIFY
#[test]
fn release_branches_are_verified_by_the_trunk() {
    let world = World::served();
    let id = world.change("dev", "qms.yaml");
    world.edit("qms.yaml", "protected: []", "protected: [release/*]");
    world.works("dev", "Protect release branches", &id);
    let other = world.change("dev", "src/**");
    let authority = world.head();
    world
        .git("dev", &["checkout", "-q", "-b", "release/1"])
        .ok();
    world.write("src/fix.py", "fix\n");
    let message = World::work("Fix", &other, "dev");
    world.puts("dev", &format!("{message}QMS-Authority: {authority}\n"));
    // The trunk moves on; what was done before stays what it was.
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.qms("dev", &["route", &other, "--review"]).ok();
    let all = world.json("ann", &["verify"]);
    assert!(all["tips"].get("refs/heads/release/1").is_some(), "{all}");
    assert_eq!(all["errors"], 0);
    let one = world.json("ann", &["verify", "--ref", "release/1"]);
    assert_eq!(one["commits"], 1);
    world.git("dev", &["checkout", "-q", "release/1"]).ok();
    world.write("src/fix.py", "more\n");
    world.puts("dev", &World::work("Unnamed", &other, "dev"));
    world.qms("ann", &["verify"]).refused("authority");
}

#[test]
fn g3_a_bent_history_is_not_verified() {
    let world = World::served();
    let tip = world.head();
    let refused = |why: &str| {
        let ran = world.qms("ann", &["verify"]);
        assert_eq!(ran.code, 2, "{}", ran.out);
        assert!(ran.err.contains(why), "{}", ran.err);
    };
    world.git("ann", &["replace", &tip, "HEAD~1"]).ok();
    refused("replaced");
    world.git("ann", &["replace", "-d", &tip]).ok();
    world.write(".git/info/grafts", &format!("{tip}\n"));
    refused("grafts");
    std::fs::remove_file(world.path(".git/info/grafts")).expect("a file");
    let origin = format!("file://{}", world.path("../server.git").display());
    world
        .git("ann", &["clone", "-q", "--depth", "1", &origin, "../thin"])
        .ok();
    let thin = world.within("../thin").qms("ann", &["verify"]);
    assert_eq!(
        (thin.code, thin.err.contains("shallow")),
        (2, true),
        "{}",
        thin.err
    );
}

/// Every file that holds history.
fn objects(folder: &Path, out: &mut Vec<PathBuf>) {
    let there = std::fs::read_dir(folder).expect("a folder");
    for entry in there.map(|e| e.expect("an entry").path()) {
        match entry.is_dir() {
            true => objects(&entry, out),
            false => out.push(entry),
        }
    }
}

/// Flips a byte here and there, one at a time, and looks whether anybody notices.
#[track_caller]
fn flips(world: &World, name: &str, every: usize) -> usize {
    let at = world.within(name);
    let sound = digest(&at, &["--no-cache"]);
    let mut files = Vec::new();
    objects(&at.path("objects"), &mut files);
    files.retain(|f| {
        let name = f.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        // What git makes from packs for its own speed is not what anything is read from.
        ![".rev", ".bitmap", ".graph", "packs", "commit-graph-chain"]
            .iter()
            .any(|e| name.ends_with(e))
            && name != "commit-graph"
    });
    files.sort();
    let mut flipped = 0;
    for file in files {
        let bytes = std::fs::read(&file).expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(&file, mode).expect("a mode");
        let step = (bytes.len() / every).max(1);
        for place in (step / 2..bytes.len()).step_by(step) {
            let mut wrong = bytes.clone();
            wrong[place] ^= 1 << (place % 8);
            std::fs::write(&file, wrong).expect("a file");
            let ran = at.qms("ann", &["--format", "json", "verify", "--no-cache"]);
            if ran.code == 0 {
                // The last bits of a single object's stream can mean nothing: then git reads the same object, too.
                let object = file.strip_prefix(at.path("objects")).expect("below");
                let object = object.to_string_lossy().replace('/', "");
                let reads = |world: &World| world.git("ann", &["cat-file", "-p", &object]).ok();
                let now = reads(&at);
                std::fs::write(&file, &bytes).expect("a file");
                assert_eq!(now, reads(&at), "byte {place} of {}", file.display());
                continue;
            }
            assert!(!ran.err.contains("panicked"), "{}", ran.err);
            flipped += 1;
        }
        std::fs::write(&file, bytes).expect("a file");
    }
    assert_eq!(digest(&at, &["--no-cache"]), sound);
    flipped
}

#[test]
fn one_flipped_byte_is_found_wherever_it_is() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.write("src/big.py", &"print()\n".repeat(500));
    world.works("dev", "Work", &id);
    world.lands();
    assert!(flips(&world, "../server.git", 2) > 100);
    world
        .git("ann", &["-C", "../server.git", "repack", "-adfq"])
        .ok();
    assert!(flips(&world, "../server.git", 60) > 100);
}

#[test]
fn what_an_earlier_run_kept_is_believed_only_as_it_was_written() {
    let (world, history) = small(false);
    let at = world.within("history.git");
    let anchor = ["--anchor", history.anchor.as_str()];
    let sound = digest(&at, &anchor);
    let kept = at.read("qms-verified");
    // Edited, in another's reach, or of another version: it is read again from the beginning.
    at.edit("qms-verified", "\"commits\":", "\"commits\": 1");
    assert_eq!(digest(&at, &anchor), sound);
    assert_eq!(at.read("qms-verified"), kept);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(at.path("qms-verified"), mode).expect("a mode");
    assert_eq!(digest(&at, &anchor), sound);
    // A tampered file with the right sum is believed: that is why an auditor does not read it.
    let (head, rest) = kept.split_once('\n').expect("two parts");
    let rest = rest.replacen("\"digest\":\"sha256:", "\"digest\":\"sha256:0", 1);
    let sum = qms::model::document::digest(rest.as_bytes());
    let key = head.rsplit_once(' ').expect("a key").0;
    at.write("qms-verified", &format!("{key} {sum}\n{rest}"));
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(at.path("qms-verified"), private).expect("a mode");
    assert_ne!(digest(&at, &anchor), sound);
    assert_eq!(digest(&at, &[&anchor[..], &["--no-cache"]].concat()), sound);
    // New history on top costs what is new, and another line of history nothing that was kept for this one.
    std::fs::remove_file(at.path("qms-verified")).expect("a file");
    digest(&at, &anchor);
    let old = at.git("ann", &["rev-parse", "main~200"]).ok();
    at.git("ann", &["update-ref", "refs/heads/main", old.trim()])
        .ok();
    let shorter = digest(&at, &anchor);
    assert_eq!(
        shorter,
        digest(&at, &[&anchor[..], &["--no-cache"]].concat())
    );
    assert_ne!(shorter, sound);
}

#[test]
fn a_clone_verifies_what_was_only_fetched() {
    let world = crate::authority::branching();
    world.serve();
    world.lands();
    world
        .git("ann", &["push", "-q", "origin", "HEAD:release/1"])
        .ok();
    let clone = world.second("clone");
    let server = clone.within("../server.git");
    assert_eq!(digest(&clone, &[]), digest(&server, &[]));
    let tips = clone.json("ann", &["verify"])["tips"].to_string();
    assert!(tips.contains("refs/heads/release/1"), "{tips}");
    // What lies below the remotes of a server was put there by whoever liked.
    world
        .git(
            "ann",
            &["push", "-q", "origin", "HEAD:refs/remotes/origin/release/2"],
        )
        .ok();
    let tips = server.json("ann", &["verify"])["tips"].to_string();
    assert!(!tips.contains("release/2"), "{tips}");
}
