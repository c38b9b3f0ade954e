//! F7, F8 without keys: wrong hands, and times that are only claims.

use std::process::Command;

use super::{commit_bytes, id, object, refused_id};
use crate::world::{World, document};

/// A commit with an author and a committer of any name, of what is staged.
fn by(world: &World, author: (&str, &str), committer: (&str, &str), message: &str) {
    let mut git = world.command(Command::new("git"), author.0);
    git.args(["commit", "-q", "--allow-empty", "-m", message]);
    for (side, (name, mail)) in [("AUTHOR", author), ("COMMITTER", committer)] {
        git.env(format!("GIT_{side}_NAME"), name);
        git.env(format!("GIT_{side}_EMAIL"), mail);
    }
    assert!(git.status().expect("git starts").success());
}

/// People with addresses, one of them with two; a service; and a procedure of dev's in review.
fn addressed() -> World {
    let world = World::plain();
    let users = [
        "dev:initiator,reviewer:human:dev@one.example",
        "claude:initiator:agent:claude@one.example",
        "qa:quality:human:qa@one.example",
        "qb:quality:human:qb@one.example",
        "svc:initiator:service:svc@one.example",
    ];
    let mut args = vec!["init"];
    for user in &users {
        args.extend(["--user", user]);
    }
    world.qms("ann", &args).ok();
    world.edit(
        "qms.yaml",
        "[\"dev@one.example\"]",
        "[\"dev@one.example\", \"dev@two.example\"]",
    );
    world
        .git(
            "ann",
            &["commit", "-q", "--amend", "-a", "--no-edit", "--no-verify"],
        )
        .ok();
    world.leaner();
    world.serve();
    let create = |who: &str| {
        let mut qms = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), who);
        qms.args(["create", "SOP", "--title", "Backups"]);
        mailed(&mut qms, who, "one");
        assert!(qms.status().expect("qms starts").success());
        let mut qms = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), who);
        qms.args(["route", "SOP-001", "--review"]);
        mailed(&mut qms, who, "one");
        assert!(qms.status().expect("qms starts").success());
    };
    create("dev");
    world.lands();
    world
}

fn mailed(command: &mut Command, who: &str, place: &str) {
    for side in ["AUTHOR", "COMMITTER"] {
        command.env(
            format!("GIT_{side}_EMAIL"),
            format!("{who}@{place}.example"),
        );
    }
}

/// A legal review by qa, as files and message.
fn review(world: &World) -> (String, String) {
    let mut qms = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), "qa");
    qms.args(["review", "SOP-001", "--recommend"]);
    mailed(&mut qms, "qa", "one");
    assert!(qms.status().expect("qms starts").success());
    let message = world.git("qa", &["log", "-1", "--format=%B"]).ok();
    let text = world.read(&document("SOP-001"));
    super::back(world);
    (text, message.trim().to_owned())
}

#[test]
fn f7_a_name_is_a_claim() {
    let world = addressed();
    let (text, message) = review(&world);
    let qa = ("qa", "qa@one.example");
    for author in [
        ("dev", "dev@one.example"),
        ("qa", "dev@one.example"),
        ("qa", "qa@elsewhere.example"),
        ("qa", "dev@two.example"),
        ("qa <qa@one.example>", "dev@one.example"),
        ("qa@one.example", "x"),
        ("qb", "qb@one.example"),
        ("zed", "zed@one.example"),
        ("QA", ""),
    ] {
        for committer in [author, qa] {
            world.write(&document("SOP-001"), &text);
            world.git("dev", &["add", "-A"]).ok();
            by(&world, author, committer, &message);
            world.bounces("actor-mismatch");
        }
    }
    // Work may be committed by another, and be answered for by either; not by a third.
    world.write(&document("SOP-001"), &text);
    world.git("dev", &["add", "-A"]).ok();
    by(
        &world,
        ("Anybody", "QA@ONE.example"),
        ("forge", "noreply@forge.example"),
        &message,
    );
    world.lands();
}

#[test]
fn f7_two_addresses_are_one_person_who_does_not_judge_himself() {
    let world = addressed();
    let run = |who: &str, place: &str, args: &[&str]| {
        let mut qms = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), who);
        qms.args(args);
        mailed(&mut qms, who, place);
        crate::world::ran(&qms.output().expect("qms starts"))
    };
    run("qa", "one", &["assign", "SOP-001", "--assignees", "dev"]).refused("own-work");
    run("dev", "two", &["review", "SOP-001", "--recommend"]).refused("own-work");
    // A third address is nobody's.
    assert_ne!(
        run("dev", "three", &["review", "SOP-001", "--recommend"]).code,
        0
    );
    // Who helped is an author too: a co-author of the text, under whatever name stands beside his address.
    run("dev", "one", &["withdraw", "SOP-001"]).ok();
    run("dev", "one", &["checkout", "SOP-001"]).ok();
    world.edit(
        &document("SOP-001"),
        "## 1. Purpose",
        "## 1. Purpose\n\nMore.",
    );
    run("dev", "one", &["checkin", "SOP-001"]).ok();
    let words = world.git("dev", &["log", "-1", "--format=%B"]).ok();
    let words = format!(
        "{}\nCo-authored-by: Somebody Else <QA@one.example>",
        words.trim()
    );
    by_amending(&world, &words);
    // The block must then name him.
    world.bounces("managed-block");
}

fn by_amending(world: &World, message: &str) {
    let mut git = world.command(Command::new("git"), "dev");
    git.args(["commit", "-q", "--amend", "-m", message]);
    mailed(&mut git, "dev", "one");
    assert!(git.status().expect("git starts").success());
}

// Verifies: REQ-QMS-RULE-UNKNOWN-USER, REQ-QMS-RULE-ACTOR-MISMATCH
#[test]
fn f7_a_service_does_not_act_for_others() {
    let world = addressed();
    let (text, message) = review(&world);
    let svc = ("svc", "svc@one.example");
    world.write(&document("SOP-001"), &text);
    world.git("dev", &["add", "-A"]).ok();
    by(&world, svc, svc, &message);
    world.bounces("actor-mismatch");
    world.write(&document("SOP-001"), &text);
    world.git("dev", &["add", "-A"]).ok();
    by(
        &world,
        svc,
        svc,
        &message.replace("QMS-Actor: qa", "QMS-Actor: svc"),
    );
    let ran = world.git("dev", &["push", "origin", "HEAD:main"]);
    assert!(ran.code != 0 && ran.err.contains("error["), "{}", ran.err);
}

#[test]
fn f8_times_are_claims_that_change_no_verdict() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.lands();
    let at = |tree: &str, parent: &str, author: &str, committer: &str, message: &str| {
        let bytes = commit_bytes(tree, &[parent], "dev", committer, message.as_bytes());
        let text = String::from_utf8(bytes).expect("text");
        let text = text.replacen(&format!("> {committer}\n"), &format!("> {author}\n"), 1);
        object(&world, "commit", text.as_bytes())
    };
    world.write("src/main.py", "more\n");
    world.git("dev", &["add", "."]).ok();
    let fine = world.git("dev", &["write-tree"]).ok();
    world.write("docker/x", "evil\n");
    world.git("dev", &["add", "."]).ok();
    let evil = world.git("dev", &["write-tree"]).ok();
    world.git("dev", &["reset", "-q", "--hard"]).ok();
    let work = World::work("Work", &change, "dev");
    // However it is dated, evil is evil.
    for date in [
        "0 +0000",
        "1 +0000",
        "1700000000 +1459",
        "1700000000 -1200",
        "1000000000 +0000",
    ] {
        let tip = at(evil.trim(), &world.head(), date, date, &work);
        refused_id(&world, &tip, "error[out-of-scope]");
    }
    // What would not be a date, with fsck and without.
    for check in ["true", "false"] {
        super::server_set(&world, "receive.fsckObjects", check);
        for date in [
            "-1 +0000",
            "99999999999999999999 +0000",
            "1e9 +0000",
            "1700000000 UTC",
            "1700000000",
            "0x1 +0000",
            " 1 +0000",
        ] {
            let tip = at(fine.trim(), &world.head(), date, date, &work);
            let all = world
                .git(
                    "dev",
                    &["rev-list", "--objects", fine.trim(), "^origin/main"],
                )
                .ok();
            let mut all: Vec<&str> = all.lines().map(|l| &l[..40]).collect();
            all.push(&tip);
            let old = world.head();
            let ran = super::sends(&world, &[(&old, &tip, "refs/heads/main")], &all);
            assert_ne!(ran.code, 0, "{date}: {}{}", ran.out, ran.err);
        }
    }
    // A server takes no committer date from the future, on no commit of a push; the author's is a remark.
    let ahead = "4000000000 +0000";
    let tip = at(fine.trim(), &world.head(), "1700009000 +0000", ahead, &work);
    refused_id(&world, &tip, "error[date-ahead]");
    let after = at(
        fine.trim(),
        &tip,
        "1700009000 +0000",
        "1700009000 +0000",
        "Nothing",
    );
    refused_id(&world, &after, "error[date-ahead]");
    let merge = super::commit(&world, fine.trim(), &[&world.head(), &tip], "zed", "Merge");
    refused_id(&world, &merge, "error[date-ahead]");
    // Back in time along the parents, and an author of the year 2096: legal work is legal.
    let mut at_last = world.head();
    for (n, date) in ["1600000000 +0000", "1500000000 +0000", "100 +0000"]
        .into_iter()
        .enumerate()
    {
        let (tree, words) = if n == 0 {
            (fine.trim(), work.as_str())
        } else {
            (fine.trim(), "Nothing")
        };
        at_last = at(tree, &at_last, ahead, date, words);
    }
    world
        .git("dev", &["push", "-q", "origin", &format!("{at_last}:main")])
        .ok();
    super::back(&world);
    // A merge of a branch whose commits are older than their own base, and one that hides what is evil behind old dates.
    let head = world.head();
    let old = at(evil.trim(), &head, "50 +0000", "50 +0000", "Old");
    let older = at(
        &id(&world, "HEAD^{tree}"),
        &old,
        "10 +0000",
        "10 +0000",
        "Older",
    );
    let merge = super::commit(
        &world,
        &id(&world, "HEAD^{tree}"),
        &[&head, &older],
        "zed",
        "Merge",
    );
    let said = refused_id(&world, &merge, "error[no-change]");
    assert!(said.contains("`docker/x`"), "{said}");
}
