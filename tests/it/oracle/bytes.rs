//! Invariants 5, 6 and 7 as far as the library goes: who loses a race is told, a move alters its own bytes, and what is
//! refused or fails leaves everything as it was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Barrier;

use qms::model::id::Id;
use qms::model::workflow::Action;
use qms::ops::Session;
use qms::ops::chain::{Chain, Wish};

use super::alone::{alone, tell};
use super::chance::dice;
use super::document::Doc;
use super::histories::{played, runner};
use super::history::differences;
use super::play::Play;
use super::table::{document_at, path_of};
use super::texts;
use crate::world::{World, document};

const RACES: usize = 20;

#[test]
fn invariant_5_of_two_writers_one_wins_and_the_other_is_told() {
    alone(
        "oracle::bytes::invariant_5_of_two_writers_one_wins_and_the_other_is_told",
        || {
            let play = Play::new();
            let start = play.history.commits[0].oid;
            play.store.stand(
                "main",
                start,
                &("ann".to_owned(), "ann@example.com".to_owned()),
            );
            let create = |id: &str| {
                let text = play.scene(0, |scene| texts::fresh(scene, id, "", ""));
                let mut wish = Wish::new(&Id::parse(id).expect("an id"), Action::Create);
                wish.text = text.map(String::into_bytes);
                wish
            };
            for race in 0..RACES {
                let wishes = [
                    create(&format!("SOP-{:03}", race + 1)),
                    create(&format!("INV-{:03}", race + 1)),
                ];
                let (ready, path) = (Barrier::new(2), play.store.path());
                let run = |wish: &Wish, ready: Option<&Barrier>| -> anyhow::Result<()> {
                    let session = Session::open(path, None)?;
                    let mut chain = Chain::begin(&session)?;
                    chain.step(wish)?;
                    ready.map(Barrier::wait);
                    chain.land().map(drop)
                };
                let before = play.store.repo().head().expect("a tip");
                let ended: Vec<_> = std::thread::scope(|scope| {
                    let threads = wishes
                        .each_ref()
                        .map(|wish| scope.spawn(|| run(wish, Some(&ready))));
                    threads
                        .map(|t| t.join().expect("no panic"))
                        .into_iter()
                        .collect()
                });
                let lost = ended
                    .iter()
                    .position(Result::is_err)
                    .expect("one of them loses");
                assert!(ended[1 - lost].is_ok(), "nobody won: {ended:?}");
                let told = format!("{:#}", ended[lost].as_ref().expect_err("it lost"));
                assert!(
                    told.contains("moved while this was being made")
                        || told.contains("cannot move the branch"),
                    "{told}"
                );
                let tip = play.store.repo().head().expect("a tip");
                assert_eq!(
                    play.store.repo().node(tip).expect("a commit").parents,
                    [before]
                );
                run(&wishes[lost], None).expect("the loser's move is possible afterwards");
            }
            let tip = play.store.repo().head().expect("a tip");
            let tree = play.store.repo().tree_of(tip).expect("a tree");
            let there = play.store.repo().files_below(tree, "QMS").expect("a tree");
            let born = there.iter().filter(|(path, _)| {
                let path = path.to_string();
                path.contains("/SOP-") || path.contains("/INV-")
            });
            assert_eq!(born.count(), 2 * RACES);
            tell(&format!(
                "cases: {RACES} races of two writers, each with one winner and one who was told"
            ));
        },
    );
}

#[test]
fn invariant_6_a_move_alters_only_its_own_bytes() {
    alone(
        "oracle::bytes::invariant_6_a_move_alters_only_its_own_bytes",
        || {
            let count = std::cell::Cell::new(0);
            let result = runner(4).run(&proptest::collection::vec(dice(), 60), |dice| {
                let play = played(&dice)?;
                for commit in &play.history.commits {
                    let trailers = commit.trailers();
                    let (Some(action), Some(id)) =
                        (trailers.value("Action"), trailers.value("Document"))
                    else {
                        continue;
                    };
                    let before = &play.history.commits[commit.parents[0]].files;
                    for (path, (old, new)) in differences(before, &commit.files) {
                        let child = document_at(&path).unwrap_or_default();
                        let closes = action == "close" && child.starts_with(&format!("{id}-VR-"));
                        proptest::prop_assert!(
                            path == path_of(id) || closes,
                            "{} changes {}",
                            action,
                            path
                        );
                        let new = new.expect("no document goes");
                        if let Some(old) = old.filter(|_| !texts_change(action)) {
                            let text = |file: &str| Doc::read(file).map(|d| d.text());
                            proptest::prop_assert_eq!(text(&old.text), text(&new.text));
                            proptest::prop_assert_eq!(old.mode, new.mode);
                        }
                    }
                    count.set(count.get() + 1);
                }
                Ok(())
            });
            if let Err(why) = result {
                panic!("{why}");
            }
            tell(&format!(
                "cases: {} moves altered their own bytes alone",
                count.get()
            ));
        },
    );
}

fn texts_change(action: &str) -> bool {
    ["create", "edit", "checkin", "item", "abandon", "fix"].contains(&action)
}

/// The bytes of a file outside of its managed block.
fn outside(file: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(file);
    let mut lines = text.split_inclusive('\n');
    let mut out = String::new();
    while let Some(line) = lines.next() {
        if line == "qms:\n" {
            out.extend(lines.by_ref().find(|l| !l.starts_with("  ")));
        } else {
            out.push_str(line);
        }
    }
    out.into_bytes()
}

#[test]
fn invariant_6_odd_bytes_of_a_work_tree_stay() {
    let world = World::new();
    world
        .qms("dev", &["create", "SOP", "--title", "Überprüfung ≥ 2"])
        .ok();
    let path = document("SOP-001");
    let odd = "\nCRLF\r\n  trailing  \t\n\n\nä\u{301} `x`\r\n| a |\u{a0}b |\nno end of line";
    world.write(&path, &(world.read(&path) + odd));
    world.write("notes with ümlaut.txt", "not committed\r\n");
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    let text = outside(world.read(&path).as_bytes());
    assert!(String::from_utf8_lossy(&text).ends_with(odd));
    let moves: [(&str, &[&str]); 7] = [
        ("dev", &["route", "SOP-001", "--review"]),
        ("qa", &["review", "SOP-001", "--recommend"]),
        ("qb", &["review", "SOP-001", "--recommend"]),
        ("dev", &["route", "SOP-001", "--approval"]),
        ("qa", &["approve", "SOP-001"]),
        ("qb", &["approve", "SOP-001"]),
        ("dev", &["checkout", "SOP-001"]),
    ];
    for (who, args) in moves {
        world.qms(who, args).ok();
        assert_eq!(outside(world.read(&path).as_bytes()), text, "{args:?}");
        let status = world
            .git(
                "ann",
                &["-c", "core.quotePath=false", "status", "--porcelain"],
            )
            .ok();
        assert_eq!(status, "?? \"notes with ümlaut.txt\"\n", "{args:?}");
    }
}

/// Every file below a folder.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("an entry").path())
    {
        match entry.is_dir() {
            true => out.extend(snapshot(&entry)),
            false => drop(out.insert(entry.clone(), std::fs::read(entry).expect("a file"))),
        }
    }
    out
}

#[test]
fn invariant_7_what_is_refused_or_fails_leaves_everything_as_it_was() {
    let world = World::new();
    let id = world.change("dev", "src/**");
    let root = world.path("");
    let before = snapshot(&root);
    let refused: [(&str, &[&str]); 5] = [
        ("qa", &["close", &id]),
        ("tu", &["route", &id, "--review"]),
        ("dev", &["release", &id]),
        ("nobody", &["checkout", &id]),
        ("qa", &["approve", &id]),
    ];
    for (who, args) in refused {
        assert_ne!(world.qms(who, args).code, 0, "{args:?}");
        assert_eq!(snapshot(&root), before, "{args:?}");
    }
    // A land that cannot: somebody holds the lock of the index, or of the branch.
    for lock in [".git/index.lock", ".git/refs/heads/main.lock"] {
        world.write(lock, "");
        let failed = world.qms("dev", &["checkout", &id]);
        std::fs::remove_file(world.path(lock)).expect("the lock is there");
        assert_ne!(failed.code, 0, "{lock}: {}", failed.out);
        let mut after = snapshot(&root);
        // Objects that nothing names are no state; git collects them.
        after.retain(|path, _| {
            before.contains_key(path) || !path.starts_with(world.path(".git/objects"))
        });
        assert_eq!(after, before, "{lock}");
        world.git("dev", &["fsck", "--strict"]).ok();
    }
    world.qms("dev", &["checkout", &id]).ok();
    tell("cases: 5 moves refused and 2 failed, each with every file as it was");
}
