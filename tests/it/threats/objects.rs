//! G4, G12: objects in quarantine that are missing or damaged, and trees and commits that no git would write.

use super::{
    back, commit, commit_bytes, governed, id, object, refused_id, sends, server, server_set, tree,
};
use crate::world::World;

/// Every object that a commit adds to its parent.
fn objects(world: &World, tip: &str) -> Vec<String> {
    let list = world
        .git("dev", &["rev-list", "--objects", tip, "^origin/main"])
        .ok();
    list.lines().map(|l| l[..40].to_owned()).collect()
}

#[test]
fn g4_what_is_missing_is_refused() {
    let (world, change) = governed();
    let old = world.head();
    world.write("src/a.py", "a\n");
    world.write("src/main.py", "b\n");
    world.works("dev", "Work", &change);
    let tip = world.head();
    let all = objects(&world, &tip);
    for limit in ["1", "1000"] {
        server_set(&world, "receive.unpackLimit", limit);
        for check in ["true", "false"] {
            server_set(&world, "receive.fsckObjects", check);
            for missing in 0..all.len() {
                let some: Vec<&str> = (0..all.len())
                    .filter(|n| *n != missing)
                    .map(|n| all[n].as_str())
                    .collect();
                let ran = sends(&world, &[(&old, &tip, "refs/heads/main")], &some);
                assert_ne!(ran.code, 0, "{} is missing: {}", all[missing], ran.out);
            }
        }
        assert_eq!(id(&world.within("../server.git"), "main"), old);
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let ran = sends(&world, &[(&old, &tip, "refs/heads/main")], &all);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

/// A loose object of the server, as a place.
fn loose(world: &World, id: &str) -> std::path::PathBuf {
    world.path(&format!("../server.git/objects/{}/{}", &id[..2], &id[2..]))
}

#[test]
fn g4_a_server_that_lost_an_object_takes_nothing_that_needs_it() {
    let (world, change) = governed();
    world.write("src/deep/a.py", "a\n");
    world.works("dev", "Work", &change);
    world.write("src/deep/a.py", "b\n");
    world.works("dev", "More work", &change);
    let tip = world.head();
    world
        .git("dev", &["push", "-q", "origin", "HEAD:refs/heads/park"])
        .ok();
    // Git asks no more whether all is there, since a ref has it.
    for what in [
        "HEAD",
        "HEAD~1",
        "HEAD~1^{tree}",
        "HEAD:src",
        "HEAD~1:src/deep",
    ] {
        let place = loose(&world, &id(&world, what));
        let bytes = std::fs::read(&place).expect("a loose object");
        let writable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(&place, writable).expect("a mode");
        let half = bytes[..bytes.len() / 2].to_vec();
        for damage in [Vec::new(), half, b"x\x9cnonsense".to_vec()] {
            std::fs::write(&place, damage).expect("a file");
            refused_id(&world, &tip, "rejected]");
        }
        std::fs::remove_file(&place).expect("a file");
        refused_id(&world, &tip, "rejected]");
        std::fs::write(&place, bytes).expect("a file");
    }
    // Likewise the policy by which it would be judged, and the change.
    for what in [
        "origin/main:qms.yaml",
        "origin/main:QMS/CR/CR-001/CR-001.md",
    ] {
        let place = loose(&world, &id(&world, what));
        let away = place.with_extension("away");
        if !place.exists() {
            server(&world, &["unpack-objects", "-q"]);
        }
        std::fs::rename(&place, &away).expect("a loose object");
        refused_id(&world, &tip, "rejected]");
        std::fs::rename(&away, &place).expect("a file");
    }
    world.lands();
}

#[test]
fn g4_what_comes_as_a_delta_in_a_pack_is_read() {
    let (world, change) = governed();
    let many: String = (0..3000).map(|n| format!("line {n}\n")).collect();
    world.write("src/long.py", &many);
    world.works("dev", "Long", &change);
    world.lands();
    for limit in ["1", "1000"] {
        server_set(&world, "receive.unpackLimit", limit);
        // A thin pack: its deltas build on what the server has.
        world.write(
            "src/long.py",
            &many.replace("line 7\n", &format!("line {limit}\n")),
        );
        world.puts("dev", "Nobody's");
        world.bounces("no-change");
        world.write(
            "src/long.py",
            &many.replace("line 7\n", &format!("line {limit}\n")),
        );
        world.works("dev", "Somebody's", &change);
        world.lands();
    }
}

#[test]
fn g12_trees_that_no_git_writes_are_refused_with_and_without_fsck() {
    let (world, change) = governed();
    let head = world.head();
    let blob = id(&world, "HEAD:src/main.py");
    let folder = id(&world, "HEAD:src");
    let zero = "0".repeat(40);
    type Case<'a> = (&'a str, &'a [(&'a str, &'a [u8], &'a str)], &'a str);
    let cases: [Case<'_>; 17] = [
        (
            "twice",
            &[("100644", b"a", &blob), ("100644", b"a", &blob)],
            "twice",
        ),
        (
            "file and folder",
            &[("100644", b"a", &blob), ("40000", b"a", &folder)],
            "as file and as folder",
        ),
        (
            "apart",
            &[
                ("100644", b"a", &blob),
                ("100644", b"a.b", &blob),
                ("40000", b"a", &folder),
            ],
            "as file and as folder",
        ),
        (
            "unsorted",
            &[("100644", b"b", &blob), ("100644", b"a", &blob)],
            "not sorted",
        ),
        (".git", &[("40000", b".git", &folder)], "named"),
        (".GIT", &[("100644", b".GIT", &blob)], "named"),
        ("git~1", &[("40000", b"git~1", &folder)], "named"),
        (".git.", &[("40000", b".git. .", &folder)], "named"),
        (
            ".git stream",
            &[("40000", b".git::$INDEX_ALLOCATION", &folder)],
            "named",
        ),
        (
            ".g\u{200c}it",
            &[("40000", ".g\u{200c}it".as_bytes(), &folder)],
            "named",
        ),
        ("..", &[("40000", b"..", &folder)], "named"),
        (".", &[("40000", b".", &folder)], "named"),
        ("a/b", &[("100644", b"a/b", &blob)], "named"),
        ("empty name", &[("100644", b"", &blob)], "named"),
        ("100664", &[("100664", b"a", &blob)], "of mode 100664"),
        (
            "040000 on a blob",
            &[("40000", b"a", &blob)],
            "expected a tree",
        ),
        ("null", &[("40000", b"a", &zero)], "found"),
    ];
    for (name, entries, words) in cases {
        let inner = tree(&world, entries);
        let root = [
            ("40000", &b"QMS"[..], id(&world, "HEAD:QMS")),
            ("100644", b"README.md", id(&world, "HEAD:README.md")),
            ("100644", b"qms.yaml", id(&world, "HEAD:qms.yaml")),
            ("40000", b"src", inner.clone()),
        ];
        let root: Vec<(&str, &[u8], &str)> =
            root.iter().map(|(m, n, i)| (*m, *n, i.as_str())).collect();
        let root = tree(&world, &root);
        let message = World::work(name, &change, "dev");
        let tip = commit(&world, &root, &[&head], "dev", &message);
        for check in ["true", "false"] {
            server_set(&world, "receive.fsckObjects", check);
            let updates = [(head.as_str(), tip.as_str(), "refs/heads/main")];
            let ran = sends(&world, &updates, &[&tip, &root, &inner]);
            assert_ne!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
        }
        // Past git's own checks it is ours that refuses: without fsck, and where a ref has it already.
        server(&world, &["fetch", "-q", "../repo"]);
        for object in [&inner, &root, &tip] {
            let from = world.path(&format!(".git/objects/{}/{}", &object[..2], &object[2..]));
            let to = loose(&world, object);
            std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            let _ = std::fs::copy(from, to);
        }
        let line = format!("{head} {tip} refs/heads/main\n");
        let said = hook(&world, &line);
        assert!(said.0 == 2 && said.1.contains(words), "{name}: {said:?}");
    }
    back(&world);
    world.write("src/fine.py", "fine\n");
    world.works("dev", "Fine", &change);
    world.lands();
}

/// Asks the server's hook itself; answers with its exit and what it said.
fn hook(world: &World, input: &str) -> (i32, String) {
    let mut command = world.command(std::process::Command::new(env!("CARGO_BIN_EXE_qms")), "git");
    command
        .args(["hook", "pre-receive"])
        .current_dir(world.path("../server.git"))
        .env("GIT_DIR", ".")
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("qms starts");
    let mut stdin = child.stdin.take().expect("an input");
    std::io::Write::write_all(&mut stdin, input.as_bytes()).expect("it reads");
    drop(stdin);
    let ran = crate::world::ran(&child.wait_with_output().expect("it ends"));
    super::sane(&ran.err);
    (ran.code, ran.err)
}

#[test]
fn g12_commits_that_two_readers_would_take_differently_are_refused() {
    let (world, change) = governed();
    let head = world.head();
    world.write("src/main.py", "more\n");
    world.works("dev", "Work", &change);
    let (folder, work) = (
        id(&world, "HEAD^{tree}"),
        World::work("Work", &change, "dev"),
    );
    let date = "1700009000 +0000";
    let good = commit_bytes(&folder, &[&head], "dev", date, work.as_bytes());
    let text = String::from_utf8(good.clone()).expect("text");
    let author = format!("author dev <dev@example.com> {date}\n");
    let qa = format!("author qa <qa@example.com> {date}\n");
    for (from, to) in [
        (author.as_str(), format!("{author}{qa}")),
        (&author, format!("{qa}{author}")),
        ("\n\nWork", format!("\nparent {head}\n\nWork")),
        ("\n\nWork", format!("\ntree {folder}\n\nWork")),
        ("\n\nWork", "\nencoding UTF-16\n\nWork".to_owned()),
        (
            "\n\nWork",
            "\nencoding utf-8\nencoding latin-1\n\nWork".to_owned(),
        ),
        ("\n\nWork", "\ngpgsig a\ngpgsig b\n\nWork".to_owned()),
        (
            "dev <dev@example.com>",
            "dev <dev@example.com> <qa@example.com>".to_owned(),
        ),
        (
            "dev <dev@example.com>",
            "dev <<dev@example.com>>".to_owned(),
        ),
        ("dev <dev@example.com>", "dev".to_owned()),
        (date, "99999999999999999999 +0000".to_owned()),
        (date, "-1 +0000".to_owned()),
        (date, "1700009000".to_owned()),
        ("\nauthor ", "\nmailmap x\nauthor ".to_owned()),
    ] {
        let bytes = text.replacen(from, &to, 1);
        assert_ne!(bytes, text, "{from}");
        let tip = object(&world, "commit", bytes.as_bytes());
        for check in ["true", "false"] {
            server_set(&world, "receive.fsckObjects", check);
            let all = objects(&world, &world.head());
            let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
            all.push(&tip);
            let ran = sends(&world, &[(&head, &tip, "refs/heads/main")], &all);
            assert_ne!(ran.code, 0, "{to}: {}{}", ran.out, ran.err);
            if check == "false" {
                let why = format!("{}{}", ran.out, ran.err);
                let named = why.contains("cannot be read") || why.contains("error[");
                assert!(named || why.contains("bad "), "{to}: {why}");
            }
        }
    }
    let tip = object(&world, "commit", &good);
    world
        .git("dev", &["push", "-q", "origin", &format!("{tip}:main")])
        .ok();
}
