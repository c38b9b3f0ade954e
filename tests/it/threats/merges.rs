//! G7, G8, G10, G17: what is taken away again, what a merge decides, branches that come late, and two pushes at once.

use std::process::{Child, Command, Stdio};

use super::{back, commit, governed, id, refused_id, server};
use crate::world::{World, document};

fn on(world: &World, branch: &str, at: &str) {
    world
        .git("dev", &["checkout", "-q", "-f", "-B", branch, at])
        .ok();
}

/// The tree of the index with this text at a path.
fn with(world: &World, at: &str, path: &str, text: &str) -> String {
    world.git("dev", &["read-tree", at]).ok();
    let blob = super::object(world, "blob", text.as_bytes());
    let entry = format!("100644,{blob},{path}");
    world
        .git("dev", &["update-index", "--add", "--cacheinfo", &entry])
        .ok();
    let tree = world.git("dev", &["write-tree"]).ok();
    world.git("dev", &["read-tree", "HEAD"]).ok();
    tree.trim().to_owned()
}

#[test]
fn g7_what_is_taken_away_again_came_in_all_the_same() {
    let (world, change) = governed();
    world.write("docker/secret", "secret\n");
    world.works("dev", "In", &change);
    world.git("dev", &["rm", "-q", "docker/secret"]).ok();
    world.commit("dev", &World::work("Out", &change, "dev"));
    let said = world.bounces_only("out-of-scope");
    assert_eq!(said.matches("error[out-of-scope]").count(), 2, "{said}");
    // On a branch, and merged when it is gone again: the merge itself adds nothing.
    world.git("dev", &["branch", "-f", "side"]).ok();
    back(&world);
    world
        .git("zed", &["merge", "-q", "--no-ff", "-m", "Merge", "side"])
        .ok();
    world.bounces("out-of-scope");
    // In the first and last of many that are fine.
    world
        .git("dev", &["rm", "-q", "--cached", "README.md"])
        .ok();
    world.write("docker/x", "x\n");
    world.works("dev", "In", &change);
    for n in 0..20 {
        world.write("docs/n.md", &format!("{n}\n"));
        world.puts("dev", "Fine");
    }
    world.bounces("out-of-scope");
    // And a document that moves there and back without a move.
    world.edit(&document(&change), "version: \"1.0\"", "version: \"9.0\"");
    world.puts("dev", "There");
    world.git("dev", &["revert", "--no-edit", "HEAD"]).ok();
    let said = world.bounces("document-without-move");
    assert_eq!(
        said.matches("error[document-without-move]").count(),
        2,
        "{said}"
    );
}

#[test]
fn g8_a_merge_that_edits_answers_for_it() {
    let (world, change) = governed();
    on(&world, "feat", "main");
    world.write("src/feature.py", "feature\n");
    world.works("dev", "Feature", &change);
    on(&world, "main", "origin/main");
    let merge = |edit: &dyn Fn(), message: &str| {
        world
            .git("dev", &["merge", "-q", "--no-ff", "--no-commit", "feat"])
            .ok();
        edit();
        world.git("dev", &["add", "-A"]).ok();
        world.commit("dev", message);
    };
    let edit = |name: &'static str| {
        let world = &world;
        move || world.write(name, "evil\n")
    };
    let gone = || std::fs::remove_file(world.path("src/feature.py")).expect("a file");
    // Beside what came, within what came, on what neither side touched, and what came left out.
    merge(&edit("docker/x"), "Merge");
    world.bounces("no-change");
    merge(&edit("src/feature.py"), "Merge");
    world.bounces("no-change");
    merge(&edit("src/main.py"), "Merge");
    world.bounces("no-change");
    merge(&gone, "Merge");
    world.bounces("no-change");
    merge(&edit("docker/x"), &World::work("Merge", &change, "dev"));
    world.bounces("out-of-scope");
    // A document, the policy, a mode.
    merge(
        &|| world.edit(&document(&change), "IN_EXECUTION", "CLOSED"),
        "Merge",
    );
    world.bounces("merge-contested");
    merge(
        &|| world.edit("qms.yaml", "docs/**", "**"),
        &World::work("Merge", &change, "dev"),
    );
    world.bounces("merge-contested");
    let run = || world.script("src/feature.py", "feature\n");
    merge(&run, "Merge");
    world.bounces("no-change");
    // Not on the mainline but on the branch that comes in.
    on(&world, "two", "main");
    merge(&edit("docker/x"), "Merge feat into two");
    on(&world, "main", "origin/main");
    world
        .git("zed", &["merge", "-q", "--no-ff", "-m", "Merge", "two"])
        .ok();
    world.bounces("no-change");
    // The legal ways: in the merge's own name, and of a free path.
    merge(&edit("src/extra.py"), &World::work("Merge", &change, "dev"));
    world.lands();
    on(&world, "feat", "main");
    world.write("src/feature2.py", "feature\n");
    world.works("dev", "Feature", &change);
    on(&world, "main", "origin/main");
    merge(&edit("docs/notes.md"), "Merge");
    world.lands();
}

#[test]
fn g8_a_merge_does_not_take_back_what_was_approved() {
    let (world, change) = governed();
    on(&world, "feat", "main");
    world.approve("dev", &change);
    on(&world, "main", "origin/main");
    world.write("README.md", "meanwhile\n");
    world.puts("zed", "Meanwhile");
    world.lands();
    let (ours, theirs) = (world.head(), id(&world, "feat"));
    let own = id(&world, "HEAD^{tree}");
    for message in ["Merge".to_owned(), World::work("Merge", &change, "dev")] {
        // `-s ours`: the approval came in, and its outcome did not.
        refused_id(
            &world,
            &commit(&world, &own, &[&ours, &theirs], "dev", &message),
            "merge-contested",
        );
        // A state in between that feat passed through.
        let passed = id(&world, &format!("feat~2:{}", document(&change)));
        let half = with(
            &world,
            "HEAD",
            &document(&change),
            &world.git("dev", &["cat-file", "blob", &passed]).ok(),
        );
        refused_id(
            &world,
            &commit(&world, &half, &[&ours, &theirs], "dev", &message),
            "merge-contested",
        );
    }
    // `-s theirs`: what is on the trunk goes. A free path may; a document of the trunk may not.
    world
        .qms("dev", &["create", "SOP", "--title", "Later"])
        .ok();
    world.lands();
    let ours = world.head();
    let their = id(&world, "feat^{tree}");
    refused_id(
        &world,
        &commit(&world, &their, &[&ours, &theirs], "zed", "Merge"),
        "merge-contested",
    );
    world
        .git("zed", &["merge", "-q", "--no-ff", "-m", "Merge", "feat"])
        .ok();
    world.lands();
    assert_eq!(world.status(&change), "POST_APPROVED");
}

// Verifies: REQ-QMS-RULE-PARENTS
#[test]
fn g8_parents_are_two_distinct_ones_in_their_order() {
    let (world, change) = governed();
    let old = world.head();
    on(&world, "a", "main");
    world.write("src/a.py", "a\n");
    world.works("dev", "A", &change);
    on(&world, "b", "main");
    world.write("src/b.py", "b\n");
    world.works("dev", "B", &change);
    on(&world, "main", "origin/main");
    let (a, b) = (id(&world, "a"), id(&world, "b"));
    let folder = id(&world, "a^{tree}");
    // The old tip as the second parent, and nowhere.
    world.git("zed", &["checkout", "-q", "b"]).ok();
    world
        .git("zed", &["merge", "-q", "--no-ff", "-m", "Foxtrot", "a"])
        .ok();
    let foxtrot = world.head();
    on(&world, "main", "a");
    world.lands();
    refused_id(&world, &foxtrot, "history-rewritten");
    let swapped = commit(&world, &folder, &[&b, &a], "zed", "Swapped");
    refused_id(&world, &swapped, "history-rewritten");
    refused_id(&world, &b, "history-rewritten");
    on(&world, "main", "origin/main");
    let tip = world.head();
    let all = with(&world, "HEAD", "src/b.py", "b\n");
    for (parents, words) in [
        (vec![&tip, &tip], "one parent twice"),
        (vec![&tip, &b, &b], "3 parents"),
        (vec![&tip, &b, &old], "3 parents"),
        (vec![&tip, &tip, &b], "3 parents"),
    ] {
        let parents: Vec<&str> = parents.into_iter().map(String::as_str).collect();
        let said = refused_id(
            &world,
            &commit(&world, &all, &parents, "zed", "Octopus"),
            "error[parents]",
        );
        assert!(said.contains(words), "{said}");
    }
    // On the side of a plain merge, too.
    let octopus = commit(&world, &all, &[&b, &tip, &old], "zed", "Octopus");
    refused_id(
        &world,
        &commit(&world, &all, &[&tip, &octopus], "zed", "Merge"),
        "error[parents]",
    );
    refused_id(
        &world,
        &commit(&world, &id(&world, "HEAD^{tree}"), &[], "zed", "Root"),
        "history-rewritten",
    );
    // One at a time.
    world
        .git("zed", &["merge", "-q", "--no-ff", "-m", "Merge", "b"])
        .ok();
    world.lands();
}

/// Base, ours, theirs and the clean merge of one algorithm, a line a letter; the other one conflicts or gives another text.
const ONLY: [(&str, &str, &str, &str, &str); 6] = [
    (
        "histogram",
        "c{{}bb{ba",
        "c{{}cbb{ba",
        "c{b}b}{aba",
        "c{b}cb}{aba",
    ),
    ("histogram", "{b{}c", "{bb{}c{}{}cc", "{bb{c", "{bb{c{}{}cc"),
    ("myers", "{b{bb}c", "{}cb{}bb}c", "{b}c{b}{", "{}cb}c{}b}{"),
    ("myers", "a{bb}}}}c", "a{bbc}}{}c", "cbab}}}}", "cbabc}}{}"),
    (
        "histogram",
        "c}cbb{a",
        "a}cbb}c{bb{a",
        "c}cbcb{a}",
        "a}cbcb}c{bb{a}",
    ),
    (
        "myers",
        "c}cbb{a",
        "a}cbb}c{bb{a",
        "c}cbcb{a}",
        "a}cbb}c{bcb{a}",
    ),
];

#[test]
fn g8_a_merge_that_one_algorithm_alone_gives_passes_and_an_edit_of_it_does_not() {
    let text = |letters: &str| -> String { letters.chars().map(|c| format!("{c}\n")).collect() };
    for (by, base, our, their, clean) in ONLY {
        let (world, change) = governed();
        let put = |branch: &str, at: &str, letters: &str| {
            on(&world, branch, at);
            world.write("src/f", &text(letters));
            world.works("dev", branch, &change);
        };
        put("main", "main", base);
        world.lands();
        put("feat", "main", their);
        put("main", "main", our);
        world.lands();
        let (ours, theirs) = (world.head(), id(&world, "feat"));
        // As git itself says.
        for (name, letters) in [("o", our), ("b", base), ("t", their)] {
            world.write(&format!("../{name}"), &text(letters));
        }
        let args = [
            "merge-file",
            "-p",
            &format!("--diff-algorithm={by}"),
            "../o",
            "../b",
            "../t",
        ];
        assert_eq!(world.git("zed", &args).ok(), text(clean), "{by}");
        let merge = |letters: &str| {
            let folder = with(&world, "HEAD", "src/f", &text(letters));
            commit(&world, &folder, &[&ours, &theirs], "zed", "Merge")
        };
        for evil in [
            format!("{clean}x"),
            clean.replacen('}', "", 1),
            our.to_owned(),
            their.to_owned(),
            base.to_owned(),
        ] {
            refused_id(&world, &merge(&evil), "no-change");
        }
        let fine = merge(clean);
        world
            .git("zed", &["push", "-q", "origin", &format!("{fine}:main")])
            .ok();
    }
}

#[test]
fn g8_what_both_sides_changed_otherwise_than_by_lines_is_a_decision() {
    let (world, change) = governed();
    world.write("src/f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    world.write("src/gone", "x\n");
    world.works("dev", "Base", &change);
    world.lands();
    on(&world, "feat", "main");
    world.edit("src/f", "9\n", "nine\n");
    world.edit("src/gone", "x\n", "y\n");
    world.works("dev", "Theirs", &change);
    on(&world, "main", "origin/main");
    world.edit("src/f", "1\n", "one\n");
    world.git("dev", &["rm", "-q", "src/gone"]).ok();
    world.works("dev", "Ours", &change);
    world.lands();
    let (ours, theirs) = (world.head(), id(&world, "feat"));
    let clean = "one\n2\n3\n4\n5\n6\n7\n8\nnine\n";
    let folder = with(&world, "HEAD", "src/f", clean);
    // Deleted here and changed there: neither outcome follows.
    refused_id(
        &world,
        &commit(&world, &folder, &[&ours, &theirs], "zed", "Merge"),
        "no-change",
    );
    world.git("dev", &["read-tree", &folder]).ok();
    let blob = super::object(&world, "blob", b"y\n");
    world
        .git(
            "dev",
            &[
                "update-index",
                "--add",
                "--cacheinfo",
                &format!("100644,{blob},src/gone"),
            ],
        )
        .ok();
    let kept = world.git("dev", &["write-tree"]).ok();
    refused_id(
        &world,
        &commit(&world, kept.trim(), &[&ours, &theirs], "zed", "Merge"),
        "`src/gone`",
    );
    // Line ends, a missing last one, white space: not what a merge by lines gives.
    for text in [
        clean.replace('\n', "\r\n"),
        clean.trim_end().to_owned(),
        clean.replace("5\n", "5 \n"),
    ] {
        let folder = with(&world, "HEAD", "src/f", &text);
        let said = refused_id(
            &world,
            &commit(&world, &folder, &[&ours, &theirs], "zed", "Merge"),
            "no-change",
        );
        assert!(said.contains("`src/f`"), "{said}");
    }
    let merge = commit(
        &world,
        &folder,
        &[&ours, &theirs],
        "dev",
        &World::work("Merge", &change, "dev"),
    );
    world
        .git("dev", &["push", "-q", "origin", &format!("{merge}:main")])
        .ok();
}

#[test]
fn g8_attributes_and_configuration_of_a_server_merge_nothing() {
    let (world, change) = governed();
    on(&world, "feat", "main");
    world.write("src/main.py", "theirs\n");
    world.works("dev", "Theirs", &change);
    on(&world, "main", "origin/main");
    world.write("src/main.py", "ours\n");
    world.works("dev", "Ours", &change);
    world.lands();
    let info = world.path("../server.git/info");
    std::fs::create_dir_all(&info).expect("a folder");
    std::fs::write(info.join("attributes"), "* merge=ours -diff\n").expect("a file");
    for (key, value) in [
        ("merge.ours.driver", "true"),
        ("merge.default", "ours"),
        ("merge.conflictStyle", "diff3"),
        ("diff.algorithm", "patience"),
        ("merge.renames", "true"),
    ] {
        super::server_set(&world, key, value);
    }
    let (ours, theirs, folder) = (world.head(), id(&world, "feat"), id(&world, "HEAD^{tree}"));
    refused_id(
        &world,
        &commit(&world, &folder, &[&ours, &theirs], "zed", "Merge"),
        "no-change",
    );
}

// Verifies: REQ-QMS-RULE-CHANGE-NOT-OPEN
#[test]
fn g10_a_branch_that_comes_after_the_close_comes_in_under_another_change() {
    let (world, change) = governed();
    on(&world, "late", "main");
    world.write("src/late.py", "late\n");
    world.works("dev", "Late", &change);
    on(&world, "main", "origin/main");
    world.approve("dev", &change);
    world.lands();
    let merge = || {
        world
            .git(
                "zed",
                &["merge", "-q", "--no-ff", "-m", "Merge late", "late"],
            )
            .ok()
    };
    merge();
    assert!(world.bounces("change-moved-on").contains("POST_APPROVED"));
    world.qms("dev", &["close", &change]).ok();
    world.lands();
    merge();
    assert!(world.bounces("change-moved-on").contains("CLOSED"));
    let late = id(&world, "late");
    // Rebased onto the trunk, its own parent says so; and a merge does not lend to what names another change.
    world
        .git("dev", &["rebase", "-q", "--onto", "main", "late~1", "late"])
        .ok();
    world.bounces("change-not-open");
    on(&world, "main", "origin/main");
    on(&world, "late", &late);
    on(&world, "main", "origin/main");
    let other = world.change("dev", "src/**");
    world.lands();
    let folder = with(&world, "HEAD", "src/late.py", "late\n");
    let lends = World::work("Merge late", &other, "dev");
    let head = world.head();
    let ran = world.git(
        "dev",
        &[
            "push",
            "origin",
            &format!(
                "{}:main",
                commit(&world, &folder, &[&head, &late], "dev", &lends)
            ),
        ],
    );
    assert!(
        ran.code != 0 && ran.err.contains("error[change-"),
        "{}",
        ran.err
    );
    // The legal way.
    world.git("dev", &["checkout", "-q", "-f", "late"]).ok();
    world.qms("dev", &["sync", "--change", &other]).ok();
    world.lands();
}

/// A push that goes on by itself.
fn pushing(world: &World) -> Child {
    let mut git = world.command(Command::new("git"), "dev");
    git.args(["push", "-q", "origin", "HEAD:main"]);
    git.stderr(Stdio::piped()).spawn().expect("git starts")
}

#[test]
fn g17_of_two_pushes_at_once_one_wins_and_the_other_is_told() {
    let (world, _) = governed();
    let second = world.second("second");
    second
        .qms("claude", &["create", "SOP", "--title", "Restores"])
        .ok();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    let both = [pushing(&world), pushing(&second)];
    let ended = both.map(|child| crate::world::ran(&child.wait_with_output().expect("it ends")));
    let won = ended.iter().filter(|ran| ran.code == 0).count();
    assert_eq!(won, 1, "{}{}", ended[0].err, ended[1].err);
    let lost = ended.iter().find(|ran| ran.code != 0).expect("one");
    let told = [
        "history-rewritten",
        "fetch first",
        "cannot lock ref",
        "non-fast-forward",
    ];
    assert!(
        told.iter().any(|words| lost.err.contains(words)),
        "{}",
        lost.err
    );
    // Two documents of one number do not become one.
    for loser in [&world, &second] {
        let tip = id(loser, "HEAD");
        loser.git("dev", &["fetch", "-q", "origin"]).ok();
        if id(loser, "origin/main") == tip {
            continue;
        }
        loser.git("dev", &["checkout", "-q", "-b", "mine"]).ok();
        loser
            .git("dev", &["checkout", "-q", "-B", "main", "origin/main"])
            .ok();
        loser
            .git(
                "zed",
                &[
                    "merge", "-q", "--no-ff", "-s", "ours", "-m", "Merge", "mine",
                ],
            )
            .ok();
        loser.bounces("duplicate-id");
    }
}

#[test]
fn g17_one_document_moved_twice_is_refused_in_a_merge() {
    let (world, change) = governed();
    on(&world, "one", "main");
    world.qms("dev", &["route", &change, "--review"]).ok();
    on(&world, "main", "origin/main");
    world.qms("claude", &["checkout", &change]).ok();
    world.lands();
    let (ours, theirs) = (world.head(), id(&world, "one"));
    for tree in ["main^{tree}", "one^{tree}"] {
        let merge = commit(&world, &id(&world, tree), &[&ours, &theirs], "zed", "Merge");
        refused_id(&world, &merge, "merge-contested");
    }
}

// Verifies: REQ-QMS-RULE-AUTHORITY, REQ-QMS-HOOK-REFERENCE-TRANSACTION
#[test]
fn g17_what_was_judged_before_another_push_landed_is_judged_again_under_the_lock() {
    let world = World::served();
    let policy = world.change("dev", "qms.yaml");
    world.edit("qms.yaml", "protected: []", "protected: [\"release/*\"]");
    world.works("dev", "Protect", &policy);
    let change = world.change("dev", "src/**");
    world.lands();
    world
        .git(
            "ann",
            &["push", "-q", "origin", "main:refs/heads/release/1"],
        )
        .ok();
    let authority = world.head();
    // Release work by what the trunk says now, and a trunk that moves on while that push is under way.
    let second = world.second("second");
    second.qms("dev", &["route", &change, "--review"]).ok();
    world.write("src/fix.py", "fix\n");
    let message = World::work("Fix", &change, "dev");
    world.puts("dev", &format!("{message}QMS-Authority: {authority}\n"));
    let hooks = world.path("../server.git/hooks");
    let real = hooks.join("pre-receive");
    std::fs::rename(&real, hooks.join("judge")).expect("the hook");
    let marker = world.path("../once");
    std::fs::write(&marker, "").expect("a file");
    // First the verdict, then, once, the other push: the moment between verdict and lock.
    let script = format!(
        "#!/bin/sh\nhooks/judge || exit\n[ -e '{once}' ] || exit 0\nrm '{once}'\n\
         unset GIT_DIR GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n\
         exec git -C '{second}' push -q origin HEAD:main\n",
        once = marker.display(),
        second = second.path(".").display(),
    );
    world.script("../server.git/hooks/pre-receive", &script);
    let ran = world.git("dev", &["push", "origin", "HEAD:refs/heads/release/1"]);
    assert!(!marker.exists(), "the other push ran");
    let there = world.git("ann", &["ls-remote", "origin", "main"]).ok();
    assert!(
        there.starts_with(&id(&second, "HEAD")),
        "and landed: {}",
        ran.err
    );
    let said = ran.refused("authority");
    assert!(said.contains(&format!("moved {change}")), "{said}");
    let there = server(&world, &["rev-parse", "release/1"]).ok();
    assert_eq!(there.trim(), authority);
}
