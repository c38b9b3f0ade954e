//! F1–F3: values that would become trailers, trailers in the wrong place, and readers that disagree.

use super::{commit_bytes, id, object, refused_id, reviews_as_another, server_set};
use crate::world::{World, document};

#[test]
fn f1_a_value_stays_one_line() {
    let world = World::new();
    let change = world.change("dev", "src/**");
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    for end in ["\n", "\r\n", "\r", "\u{2028}", "\u{85}", "\u{b}", "\u{c}"] {
        let evil = format!("x{end}QMS-Actor: qa{end}QMS-Action: approve");
        let evil = evil.as_str();
        let cases: [(&str, &[&str]); 8] = [
            ("dev", &["create", "SOP", "--title", evil]),
            ("dev", &["create", "CR", "--title", "T", "--scope", evil]),
            (
                "ann",
                &["transfer", &change, "--to", "claude", "--reason", evil],
            ),
            ("ann", &["transfer", &change, "--to", evil, "--reason", "x"]),
            ("dev", &["revert", &change, "--reason", evil]),
            ("qa", &["assign", "SOP-001", "--assignees", evil]),
            ("qa", &["user", "leave", "tu", "--reason", evil]),
            ("qa", &["user", "add", evil, "--group", "quality"]),
        ];
        for (user, args) in cases {
            let before = world.head();
            let ran = world.qms(user, args);
            super::sane(&ran.err);
            // Refused, or written so that it is one value of one key.
            let made = world
                .git("ann", &["log", "--format=%B", &format!("{before}..HEAD")])
                .ok();
            let keys = made
                .lines()
                .filter(|l| l.trim_start().starts_with("QMS-Actor"))
                .count();
            assert!(ran.code != 0 || keys == 1, "{args:?}: {made}");
            assert!(ran.code == 0 || made.is_empty(), "{args:?}: {made}");
            assert!(
                !made.contains("QMS-Actor: qa\nQMS-Action: approve"),
                "{made}"
            );
            world.git("ann", &["reset", "-q", "--hard", &before]).ok();
        }
        // A comment may have lines; what looks like a trailer in it is none.
        let before = world.head();
        let comment = format!("Fine.{end}{end}QMS-Outcome: recommend");
        let ran = world.qms(
            "qa",
            &[
                "review",
                "SOP-001",
                "--request-updates",
                "--comment",
                &comment,
            ],
        );
        super::sane(&ran.err);
        assert_ne!(ran.code, 0, "{comment:?}: {}", ran.out);
        assert_eq!(world.head(), before);
    }
    // Work, by command and by the hook that writes the trailers.
    world.write("src/main.py", "more\n");
    world.git("dev", &["add", "."]).ok();
    let args = [
        "commit",
        "--change",
        &change,
        "-m",
        "Work\n\nQMS-Change: CR-009\nQMS-Actor: qa",
    ];
    assert_ne!(world.qms("dev", &args).code, 0);
    let args = ["commit", "--change", "CR-001\nQMS-Actor: qa", "-m", "Work"];
    assert_ne!(world.qms("dev", &args).code, 0);
    assert_ne!(world.qms("dev", &["use", "CR-001\nQMS-Actor: qa"]).code, 0);
    let args = ["commit", "--change", &change, "-m", "Work"];
    world.qms("dev", &args).ok();
}

/// A message of work under `CR-001`, with one part of it exchanged; the rule that refuses it, and what is not as it should be.
const CRAFTED: [(&str, &str, &str); 36] = [
    ("Body", "QMS-Change: CR-009\nBody", "trailer-place"),
    ("Body", "Body\n\nQMS-Actor: qa", "trailer-place"),
    ("Body", "---\nQMS-Actor: qa", "trailer-place"),
    (
        "Body",
        "# ------------------------ >8 ------------------------\nQMS-Actor: qa",
        "trailer-place",
    ),
    ("Body", "  qms-actor: qa", "trailer-place"),
    ("Body", "\tQMS-Actor\t: qa", "trailer-place"),
    ("Body", "\u{200b}QMS-Actor: qa", "trailer-place"),
    ("Body", "\u{a0}QMS-Actor: qa", "trailer-place"),
    (
        "QMS-Actor: dev\n",
        "QMS-Actor: dev\n\nSigned-off-by: dev <dev@x>\n",
        "trailer-place",
    ),
    ("QMS-Actor: dev\n", "QMS-Actor: dev\n---\n", "trailer-place"),
    (
        "QMS-Actor: dev\n",
        "QMS-Actor: dev\n\n---\n x | 1 +\n",
        "trailer-place",
    ),
    (
        "QMS-Actor: dev\n",
        "QMS-Actor: dev\n# ------------------------ >8 ------------------------\n",
        "trailer-place",
    ),
    ("QMS-Actor: dev\n", "QMS-Actor: dev\n\n", "trailer-place"),
    (
        "QMS-Actor: dev\n",
        "QMS-Actor: dev\nwords\n",
        "trailer-place",
    ),
    ("Work\n\nBody\n\n", "", "trailer-place"),
    ("QMS-Actor: dev\n", "QMS-Actor: dev\n qa\n", "trailer-shape"),
    (
        "QMS-Change: CR-001\n",
        "QMS-Change:\n CR-001\n",
        "trailer-shape",
    ),
    ("QMS-Actor", "qms-actor", "trailer-shape"),
    ("QMS-Actor", "QMS-ACTOR", "trailer-shape"),
    ("QMS-Actor:", "QMS-Actor :", "trailer-shape"),
    ("QMS-Actor: ", "QMS-Actor:", "trailer-shape"),
    ("QMS-Actor: ", "QMS-Actor:\t", "trailer-shape"),
    ("QMS-Actor: dev", "QMS-Actor: dev ", "trailer-shape"),
    ("QMS-Actor: dev", "QMS-Actor: dev\u{200d}", "trailer-shape"),
    (
        "QMS-Actor: dev\n",
        "QMS-Actor: dev\nQMS-Actor: dev\n",
        "trailer-twice",
    ),
    (
        "QMS-Actor: dev\n",
        "QMS-Actor: dev\nQMS-Change: CR-009\n",
        "trailer-twice",
    ),
    (
        "QMS-Actor: dev\n",
        "QMS-Actor: dev\nQMS-Approved-By: qa\n",
        "trailer-unknown",
    ),
    (
        "QMS-Actor: dev\n",
        "QMS-Actor: dev\nQMS-Actoor: qa\n",
        "trailer-unknown",
    ),
    ("Body", "Bo\0dy", "message-bytes"),
    ("QMS-Actor: dev", "QMS-Actor: dev\0qa", "message-bytes"),
    ("QMS-Actor: dev", "QMS-Actor: dev\r", "message-bytes"),
    ("Body", "Bo\u{c}QMS-Actor: qa", "message-bytes"),
    ("Body", "Bo\u{2028}QMS-Actor: qa", "message-bytes"),
    ("Body", "Bo\u{85}QMS-Actor: qa", "message-bytes"),
    ("Body", "\u{202e}ydoB", "message-bytes"),
    ("Body", "\u{1b}[1A\u{1b}[2KQMS-Actor: qa", "message-bytes"),
];

#[test]
fn f2_trailers_in_the_wrong_place_or_shape_do_not_enter() {
    let world = World::served();
    world.change("dev", "src/**");
    world.lands();
    let (head, date) = (world.head(), "1700009000 +0000");
    world.write("src/main.py", "more\n");
    world.git("dev", &["add", "."]).ok();
    let folder = world.git("dev", &["write-tree"]).ok();
    let free = {
        world.git("dev", &["reset", "-q", "--hard"]).ok();
        world.write("README.md", "free\n");
        world.git("dev", &["add", "."]).ok();
        world.git("dev", &["write-tree"]).ok()
    };
    let good = "Work\n\nBody\n\nQMS-Change: CR-001\nQMS-Actor: dev\n";
    server_set(&world, "receive.fsckObjects", "false");
    for (from, to, rule) in CRAFTED {
        let message = good.replacen(from, to, 1);
        assert_ne!(message, good, "{from:?}");
        // Of controlled paths and of free ones, where trailers would decide nothing, and of an empty commit.
        for tree in [folder.trim(), free.trim(), &id(&world, "HEAD^{tree}")] {
            let bytes = commit_bytes(tree, &[&head], "dev", date, message.as_bytes());
            let tip = object(&world, "commit", &bytes);
            refused_id(&world, &tip, &format!("error[{rule}]"));
        }
    }
    let not_text = [good.as_bytes(), b"Note: \xff\xfe\n"].concat();
    let tip = object(
        &world,
        "commit",
        &commit_bytes(folder.trim(), &[&head], "dev", date, &not_text),
    );
    refused_id(&world, &tip, "error[message-bytes]");
    // No trailer at all, and words that only sound like one: then nobody is named.
    for none in [
        "Work\n",
        "Work\n\nBody\n\nQMS-Ch\u{e4}nge: CR-001\nQMSActor: dev\n",
        "",
        "\n\n\n",
    ] {
        let tip = object(
            &world,
            "commit",
            &commit_bytes(folder.trim(), &[&head], "dev", date, none.as_bytes()),
        );
        refused_id(&world, &tip, "error[");
    }
    // Beside others, and picked: as it should be.
    let beside = good.replace(
        "QMS-Actor",
        "Reviewed-by: x\nCo-Authored-By: C <c@x>\nQMS-Actor",
    );
    let picked = format!("{beside}(cherry picked from commit {head})\n");
    let tip = object(
        &world,
        "commit",
        &commit_bytes(folder.trim(), &[&head], "dev", date, picked.as_bytes()),
    );
    world
        .git("dev", &["push", "-q", "origin", &format!("{tip}:main")])
        .ok();
}

#[test]
fn f3_configuration_of_who_reads_changes_nothing() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world
        .qms("claude", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("claude", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    let evil = world.path("../ran").display().to_string();
    for (key, value) in [
        ("core.commentChar", "Q"),
        ("core.commentString", "QMS-"),
        ("trailer.separators", "="),
        ("trailer.QMS-Actor.key", "QMS-Action"),
        ("trailer.QMS-Actor.ifexists", "replace"),
        ("trailer.x.command", &format!("touch {evil}")),
        ("trailer.x.cmd", &format!("touch {evil}")),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("i18n.commitEncoding", "ISO-8859-1"),
        ("log.showSignature", "true"),
        ("core.quotePath", "true"),
        ("core.ignoreCase", "true"),
        ("core.precomposeUnicode", "true"),
        ("core.fileMode", "false"),
        ("core.symlinks", "false"),
        ("core.autocrlf", "true"),
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("diff.external", &format!("touch {evil}")),
        ("core.fsmonitor", &format!("touch {evil}")),
        ("core.pager", &format!("touch {evil}")),
        ("core.useReplaceRefs", "true"),
        ("fsck.skipList", "/dev/null"),
        ("receive.fsck.nulInCommit", "ignore"),
        ("user.name", "qa"),
        ("user.email", "qa@example.com"),
    ] {
        server_set(&world, key, value);
    }
    // The same three verdicts as without.
    world.write("docker/x", "x\n");
    world.works("dev", "Evil", &change);
    world.bounces("out-of-scope");
    reviews_as_another(&world);
    world.edit(&document("SOP-001"), "## 1. Purpose", "## 1. Aim");
    world.puts("dev", "Typed");
    world.bounces("document-without-move");
    world.write("src/main.py", "x\n");
    world.works("dev", "Fine", &change);
    world.qms("qa", &["review", "SOP-001", "--recommend"]).ok();
    world.lands();
    assert!(
        !world.path("../ran").exists(),
        "a command of the configuration ran"
    );
    // The same of a clone that reads: what it says of a range does not depend on it.
    world.write("docker/x", "x\n");
    world.works("dev", "Evil", &change);
    let said = |world: &World| {
        world
            .qms("dev", &["check", "origin/main..HEAD"])
            .refused("out-of-scope")
    };
    let before = said(&world);
    for (key, value) in [
        ("core.commentChar", "Q"),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("trailer.separators", "="),
    ] {
        world.git("dev", &["config", key, value]).ok();
    }
    assert_eq!(said(&world), before);
}
