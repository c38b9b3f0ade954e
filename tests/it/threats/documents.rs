//! F4–F6, F9, F10: states that are typed, approvals that do more, moves put up again, rounds mixed up, and headers that play tricks.

use qms::model::document::digest;

use super::{commit, id, refused_id};
use crate::world::{World, document};

/// The last commit's message, to be used again.
fn message(world: &World) -> String {
    let args = ["log", "-1", "--format=%B"];
    world.git("dev", &args).ok().trim().to_owned() + "\n"
}

/// Makes the last commit anew with all that the work tree holds.
fn amended(world: &World, user: &str, message: &str) {
    world.git(user, &["add", "-A"]).ok();
    world
        .git(
            user,
            &[
                "commit",
                "-q",
                "--amend",
                "--cleanup=verbatim",
                "-m",
                message,
            ],
        )
        .ok();
}

/// A procedure in review, which the server has.
fn in_review() -> (World, String) {
    let world = World::served();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    (world, document("SOP-001"))
}

const REVIEW: [&str; 3] = ["review", "SOP-001", "--recommend"];

// Verifies: REQ-QMS-RULE-ONE-MOVE
#[test]
fn f4_no_line_of_the_state_is_typed() {
    let (world, path) = in_review();
    let other = world.change("dev", "src/**");
    world.lands();
    let lines: [(&str, &str); 8] = [
        ("status: IN_REVIEW", "status: EFFECTIVE"),
        ("version: \"0.1\"", "version: \"1.0\""),
        ("owner: dev", "owner: claude"),
        ("qa: pending", "qa: recommend"),
        (
            "reviews: {qa: pending, qb: pending}",
            "reviews: {qa: pending}",
        ),
        ("authors: [dev]", "authors: [claude]"),
        ("  digest: \"sha256:", "  digest: \"SHA256:"),
        ("  authors: [dev]\n", "  authors: [dev]\n  ends: RETIRED\n"),
    ];
    for (from, to) in lines {
        // Alone, as work under a change, and together with a legal move of the same document.
        for words in ["Tidy".to_owned(), World::work("Tidy", &other, "dev")] {
            world.edit(&path, from, to);
            world.puts("dev", &words);
            let said = world.bounces_only("document-without-move");
            super::sane(&said);
            super::back(&world);
        }
        world.qms("qa", &REVIEW).ok();
        if world.read(&path).contains(from) {
            world.edit(&path, from, to);
            amended(&world, "qa", &message(&world));
            let ran = world.git("dev", &["push", "origin", "HEAD:main"]);
            let refused = ["managed-block", "document-form", "own-work"]
                .iter()
                .any(|r| ran.err.contains(&format!("error[{r}]")));
            assert!(ran.code != 0 && refused, "{from}: {}", ran.err);
        }
        super::back(&world);
    }
    // A digit too many in the digest is not the form of one; another digest is another text.
    // In a move of another document, and hidden in a merge.
    world.qms("dev", &["checkout", &other]).ok();
    world.edit(&path, "status: IN_REVIEW", "status: EFFECTIVE");
    amended(&world, "dev", &message(&world));
    world.bounces("one-move");
    world.git("dev", &["checkout", "-q", "-b", "side"]).ok();
    world.write("README.md", "side\n");
    world.puts("dev", "Side");
    world.git("dev", &["checkout", "-q", "main"]).ok();
    for trailers in ["", "\nQMS-Change: CR-001\nQMS-Actor: dev\n"] {
        world
            .git("dev", &["merge", "-q", "--no-ff", "--no-commit", "side"])
            .ok();
        world.edit(&path, "status: IN_REVIEW", "status: EFFECTIVE");
        world.puts("dev", &format!("Merge\n{trailers}"));
        world.bounces("merge-contested");
    }
    // With the trailers of a move in the merge.
    world.qms("qa", &REVIEW).ok();
    let (moved, words) = (id(&world, "HEAD^{tree}"), message(&world));
    let (head, side) = (id(&world, "HEAD~1"), id(&world, "side"));
    refused_id(
        &world,
        &commit(&world, &moved, &[&head, &side], "qa", &words),
        "error[",
    );
}

// Verifies: REQ-QMS-RULE-TEXT-CHANGED
#[test]
fn f5_a_move_does_one_thing() {
    let (world, path) = in_review();
    for name in ["qa", "qb"] {
        world.qms(name, &REVIEW).ok();
    }
    world.qms("dev", &["route", "SOP-001", "--approval"]).ok();
    let change = world.change("dev", "src/**");
    world.lands();
    let approves = |edit: &dyn Fn(), rule: &str, more: &str| {
        world.qms("qa", &["approve", "SOP-001"]).ok();
        edit();
        amended(&world, "qa", &format!("{}{more}", message(&world)));
        world.bounces(rule);
    };
    approves(
        &|| world.edit(&path, "## 1. Purpose", "## 1. Purposes"),
        "text-changed",
        "",
    );
    approves(
        &|| world.edit(&path, "title: Backups", "title: Back-ups"),
        "text-changed",
        "",
    );
    approves(&|| world.edit(&path, "\n\n", "\n\n\n"), "text-changed", "");
    approves(
        &|| world.write(&path, &format!("{}\n", world.read(&path))),
        "text-changed",
        "",
    );
    approves(
        &|| world.edit(&document(&change), "## 1. Purpose", "## 1. Aim"),
        "one-move",
        "",
    );
    approves(&|| world.write("src/main.py", "evil\n"), "one-move", "");
    approves(
        &|| world.write("src/main.py", "evil\n"),
        "one-move",
        "QMS-Change: CR-001\n",
    );
    approves(&|| world.write("README.md", "free\n"), "one-move", "");
    approves(&|| world.write("QMS/agents/qa.md", "x\n"), "one-move", "");
    approves(&|| world.edit("qms.yaml", "docs/**", "**"), "one-move", "");
    approves(
        &|| world.script(&path, &world.read(&path)),
        "document-gone",
        "",
    );
    // An enrolment, too.
    world
        .qms("qa", &["user", "add", "qc", "--group", "quality"])
        .ok();
    world.write("src/main.py", "evil\n");
    amended(&world, "qa", &message(&world));
    world.bounces("one-move");
    world.qms("qa", &["approve", "SOP-001"]).ok();
    world.qms("qb", &["approve", "SOP-001"]).ok();
    world.lands();
    assert_eq!(world.status("SOP-001"), "EFFECTIVE");
}

#[test]
fn f6_an_approval_fits_no_other_place() {
    let (world, path) = in_review();
    world.git("dev", &["branch", "other"]).ok();
    for name in ["qa", "qb"] {
        world.qms(name, &REVIEW).ok();
    }
    world.qms("dev", &["route", "SOP-001", "--approval"]).ok();
    world.qms("qa", &["approve", "SOP-001"]).ok();
    world.qms("qb", &["approve", "SOP-001"]).ok();
    let (approval, effective) = (world.head(), world.read(&path));
    world.lands();
    // Onto a branch where the document stands elsewhere: git itself finds a conflict, and what is forced is refused.
    world.git("dev", &["checkout", "-q", "other"]).ok();
    let picked = world.git("dev", &["cherry-pick", &approval]);
    assert_ne!(picked.code, 0);
    world.git("dev", &["cherry-pick", "--abort"]).ok();
    world.write(&path, &effective);
    world.git("dev", &["add", "-A"]).ok();
    world.git("qb", &["commit", "-q", "-C", &approval]).ok();
    let said = world.qms("dev", &["check", "HEAD~1..HEAD"]);
    assert_ne!(said.code, 0, "{}", said.out);
    // Onto another document, by its own message and with the name exchanged.
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-002", "--review"]).ok();
    world.lands();
    let second = document("SOP-002");
    for words in [
        world
            .git("dev", &["log", "-1", "--format=%B", &approval])
            .ok(),
        world
            .git("dev", &["log", "-1", "--format=%B", &approval])
            .ok()
            .replace("SOP-001", "SOP-002"),
    ] {
        world.write(&second, &effective);
        world.puts("qb", words.trim());
        let ran = world.git("dev", &["push", "origin", "HEAD:main"]);
        assert!(ran.code != 0 && ran.err.contains("error["), "{}", ran.err);
        super::back(&world);
    }
    // Onto the same document, a second time: nothing is left to do.
    world
        .git("qb", &["commit", "-q", "--allow-empty", "-C", &approval])
        .ok();
    world.bounces("one-move");
    // And after an edit.
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.edit(&path, "## 6. Records", "More.\n\n## 6. Records");
    world.edit(&path, "Initial draft", "More");
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    for name in ["qa", "qb"] {
        world.qms(name, &REVIEW).ok();
    }
    world.qms("dev", &["route", "SOP-001", "--approval"]).ok();
    world.qms("qa", &["approve", "SOP-001"]).ok();
    world.lands();
    world.qms("qb", &["approve", "SOP-001"]).ok();
    let words = world
        .git("dev", &["log", "-1", "--format=%B", &approval])
        .ok();
    amended(&world, "qb", words.trim());
    world.bounces("trailer-wrong");
    // Where the document is byte for byte what it was, it is the same move.
    world.qms("qb", &["approve", "SOP-001"]).ok();
    let fits = world.head();
    world.git("dev", &["reset", "-q", "--hard", "HEAD~1"]).ok();
    world.write("README.md", "meanwhile\n");
    world.puts("zed", "Meanwhile");
    world.git("qb", &["cherry-pick", &fits]).ok();
    world.lands();
    assert_eq!(world.status("SOP-001"), "EFFECTIVE");
}

// Verifies: REQ-QMS-RULE-TRAILER-WRONG
#[test]
fn f9_rounds_do_not_lend_each_other_outcomes() {
    let (world, path) = in_review();
    world.qms("qa", &REVIEW).ok();
    world
        .qms(
            "qb",
            &[
                "review",
                "SOP-001",
                "--request-updates",
                "--comment",
                "more",
            ],
        )
        .ok();
    world
        .qms("dev", &["route", "SOP-001", "--approval"])
        .refused("not-recommended");
    // Another text, another round: qa is asked again.
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.edit(&path, "## 6. Records", "More.\n\n## 6. Records");
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    let pending = world.json("dev", &["status", "SOP-001"])["pending_assignees"].clone();
    assert_eq!(pending, serde_json::json!(["qa", "qb"]));
    // The outcome of the round before, put into the routing or kept out of it.
    for (from, to) in [
        ("qa: pending", "qa: recommend"),
        ("{qa: pending, qb: pending}", "{qb: pending}"),
    ] {
        world.qms("dev", &["withdraw", "SOP-001"]).ok();
        world.lands();
        world.qms("dev", &["route", "SOP-001", "--review"]).ok();
        world.edit(&path, from, to);
        amended(&world, "dev", &message(&world));
        world.bounces("managed-block");
        world.qms("dev", &["route", "SOP-001", "--review"]).ok();
        world.lands();
    }
    // The review of before, put up again: its digest is another text's.
    let earlier = world
        .git(
            "dev",
            &[
                "log",
                "--format=%H",
                "--author=qa",
                "--grep=QMS-Action: review",
            ],
        )
        .ok();
    let earlier = earlier
        .lines()
        .next()
        .expect("the review of before")
        .to_owned();
    world.qms("qa", &REVIEW).ok();
    let words = world
        .git("dev", &["log", "-1", "--format=%B", &earlier])
        .ok();
    amended(&world, "qa", words.trim());
    let said = world.bounces("trailer-wrong");
    assert!(
        said.contains("QMS-Before") || said.contains("QMS-Digest"),
        "{said}"
    );
    // Rejected, and routed to approval again as it is.
    for name in ["qa", "qb"] {
        world.qms(name, &REVIEW).ok();
    }
    world.qms("dev", &["route", "SOP-001", "--approval"]).ok();
    world
        .qms("qb", &["reject", "SOP-001", "--comment", "no"])
        .ok();
    world
        .qms("dev", &["route", "SOP-001", "--approval"])
        .refused("not-recommended");
    world
        .qms("qb", &["approve", "SOP-001"])
        .refused("wrong-state");
    world.lands();
    // The one who asked for it may say so himself.
    world
        .qms("dev", &["route", "SOP-001", "--review"])
        .refused("wrong-state");
    world
        .qms("qa", &["assign", "SOP-001", "--assignees", "qb"])
        .ok();
    world.qms("qb", &REVIEW).ok();
    world.qms("dev", &["route", "SOP-001", "--approval"]).ok();
    world.lands();
}

#[test]
fn f9_what_was_said_before_execution_is_not_said_of_it() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.write("src/main.py", "more\n");
    world.works("dev", "Work", &change);
    world.qms("dev", &["route", &change, "--review"]).ok();
    world.lands();
    for name in ["qa", "qb"] {
        world
            .qms(name, &["approve", &change])
            .refused("wrong-state");
    }
    world
        .qms("dev", &["route", &change, "--approval"])
        .refused("wrong-state");
    world.qms("dev", &["close", &change]).refused("wrong-state");
    // The approval of before, on the document as it is now.
    let earlier = world
        .git("dev", &["log", "--format=%H", "--grep=QMS-Action: approve"])
        .ok();
    for commit in earlier.lines() {
        let author = world
            .git("dev", &["log", "-1", "--format=%an", commit])
            .ok();
        let path = document(&change);
        world.edit(&path, "status: IN_POST_REVIEW", "status: POST_APPROVED");
        world.git("dev", &["add", "-A"]).ok();
        world
            .git(author.trim(), &["commit", "-q", "-C", commit])
            .ok();
        world.bounces("wrong-state");
    }
    // More work after the routing: what was judged is not what is there.
    world.write("src/main.py", "still more\n");
    world.works("dev", "Work", &change);
    world.bounces("change-not-open");
    for name in ["qa", "qb"] {
        world.qms(name, &["review", &change, "--recommend"]).ok();
    }
    world.qms("dev", &["route", &change, "--approval"]).ok();
    world.lands();
}

#[test]
fn f10_headers_that_two_readers_take_differently_do_not_enter() {
    let (world, path) = in_review();
    world.qms("dev", &["withdraw", "SOP-001"]).ok();
    world.lands();
    let text = world.read(&path);
    let title = "title: Backups\n";
    let cases = [
        (title, "title: Backups\ntitle: Restores\n".to_owned()),
        (title, "title: Backups\n\"title\": Restores\n".to_owned()),
        (title, "title: !!str Backups\n".to_owned()),
        (title, "title: &t Backups\nx: *t\n".to_owned()),
        (title, "<<: {title: x}\ntitle: Backups\n".to_owned()),
        (title, "title : Backups\n".to_owned()),
        (title, "title: Backups\n\tx: y\n".to_owned()),
        (title, "title: Backups\r\n".to_owned()),
        (title, "title: Backups\n...\n".to_owned()),
        (title, "title: Backups\n---\n".to_owned()),
        (title, "title: Backups\n--- \n".to_owned()),
        (title, "title: Backups\n\u{feff}x: y\n".to_owned()),
        (title, "%YAML 1.1\ntitle: Backups\n".to_owned()),
        (title, "? title\n: Backups\n".to_owned()),
        (title, "title: Back\u{0}ups\n".to_owned()),
        (title, format!("{title}qms:\n  status: EFFECTIVE\n")),
        (title, format!("{title}\"qms\":\n  status: EFFECTIVE\n")),
        (title, format!("{title}'qms':\n  status: EFFECTIVE\n")),
        (title, format!("{title}QMS:\n  status: EFFECTIVE\n")),
        (title, format!("{title}qms : {{status: EFFECTIVE}}\n")),
        (
            title,
            format!("{title}\"\\x71ms\": {{status: EFFECTIVE}}\n"),
        ),
        (title, format!("{title}? qms\n: {{status: EFFECTIVE}}\n")),
        (title, format!("title: {}\n", "x".repeat(1 << 20))),
        ("---\n", "\u{feff}---\n".to_owned()),
        ("---\n", " ---\n".to_owned()),
        ("---\n", "---\r\n".to_owned()),
        ("---\n", "\n---\n".to_owned()),
        ("---\n", "---\n---\n".to_owned()),
        ("qms:\n", "qms: # state\n".to_owned()),
        ("qms:\n", "qms:\n\n".to_owned()),
        (
            "  status: DRAFT\n",
            "  status: DRAFT # EFFECTIVE\n".to_owned(),
        ),
        ("  status: DRAFT\n", "  status: \"DRAFT\"\n".to_owned()),
        ("  status: DRAFT\n", "  status : DRAFT\n".to_owned()),
        ("  status: DRAFT\n", "  status: |\n    DRAFT\n".to_owned()),
        (
            "  status: DRAFT\n",
            "  status: DRAFT\n  status: EFFECTIVE\n".to_owned(),
        ),
        ("  status: DRAFT\n", "   status: DRAFT\n".to_owned()),
        ("  status: DRAFT\n", "  status: DRAFT \n".to_owned()),
        (
            "  status: DRAFT\n",
            "  status: DRAFT\n  colour: red\n".to_owned(),
        ),
        ("  owner: dev\n", "  owner: dev\n  # owner: qa\n".to_owned()),
        ("  owner: dev\n", "  owner: [dev]\n".to_owned()),
    ];
    world.qms("dev", &["checkout", "SOP-001"]).ok();
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    let words = message(&world);
    super::back(&world);
    for (from, to) in cases {
        let odd = text.replacen(from, &to, 1);
        assert_ne!(odd, text, "{from}");
        let before = digest(text.as_bytes());
        let edit = words.replace("checkin", "edit");
        let edit: String = edit
            .lines()
            .map(|l| {
                if l.starts_with("QMS-Before") {
                    format!("QMS-Before: {before}\n")
                } else {
                    format!("{l}\n")
                }
            })
            .collect();
        // Typed, and in a move.
        for words in ["Typed", edit.trim()] {
            world.write(&path, &odd);
            world.puts("dev", words);
            let ran = world.git("dev", &["push", "origin", "HEAD:main"]);
            let said = format!("{}{}", ran.out, ran.err);
            super::sane(&said);
            assert!(
                ran.code != 0 && said.contains("error[document-form]"),
                "{to:?}: {said}"
            );
            super::back(&world);
        }
    }
}
