//! Invariants 3 and 4: one verdict, whichever door is asked and whatever the machine says.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::process::Command;

use qms::model::finding::Finding;
use qms::ops::{Session, check, push, receive};

use super::alone::{alone, tell};
use super::chance::dice;
use super::corrupt::{Corrupted, KINDS, corrupt};
use super::histories::{played, runner};
use super::judge;
use super::play::Play;
use crate::world::World;

fn rules(findings: anyhow::Result<Vec<Finding>>) -> BTreeSet<String> {
    match findings {
        Ok(found) => found
            .iter()
            .filter(|f| f.is_error())
            .map(|f| f.rule.id.to_owned())
            .collect(),
        Err(error) => BTreeSet::from([format!("cannot verify: {error:#}")]),
    }
}

/// The repository as a server has it and as a clone has it: the trunk before the push, and whoever is asked.
fn set(play: &Play, bad: &Corrupted) -> (String, String) {
    let oid = |at: usize| bad.history.commits[at].oid;
    let (old, new) = (oid(bad.anchor), oid(bad.tip));
    play.store.stand(
        "main",
        old,
        &("ann".to_owned(), "ann@example.com".to_owned()),
    );
    let config = play.store.path().join("config");
    let text = std::fs::read_to_string(&config).expect("a file");
    let server = format!("[qms]\n\ttrunk = main\n\tanchor = {}\n", oid(0));
    std::fs::write(config, text + &server).expect("a file");
    (old.to_string(), new.to_string())
}

// Verifies: REQ-QMS-RULE-ITEM-ONLY
#[test]
fn invariant_3_every_door_gives_the_same_rules() {
    alone(
        "oracle::doors::invariant_3_every_door_gives_the_same_rules",
        || {
            let counts = RefCell::new((0, BTreeSet::new()));
            let many = |n| proptest::collection::vec(dice(), n);
            let result = runner(6).run(&(many(50), many(KINDS.len())), |(dice, forgeries)| {
                let play = played(&dice)?;
                for (kind, forgery) in KINDS.iter().zip(&forgeries) {
                    let Some(bad) = corrupt(&play, kind, forgery) else {
                        continue;
                    };
                    let (old, new) = set(&play, &bad);
                    let session = || Session::open(play.store.path(), None);
                    let range = format!("{old}..{new}");
                    let checked = session()
                        .and_then(|s| check::range(&s, &range))
                        .map(|c| c.findings);
                    let line = format!("refs/heads/work {new} refs/heads/main {old}\n");
                    let pushed = session().and_then(|s| push::pre_push(&s, &line));
                    let received = receive::receive(
                        play.store.path(),
                        &format!("{old} {new} refs/heads/main\n"),
                    );
                    let received = rules(received);
                    proptest::prop_assert_eq!(&rules(pushed), &received, "pre-push, {}", kind);
                    proptest::prop_assert_eq!(&rules(checked), &received, "check RANGE, {}", kind);
                    let mut counts = counts.borrow_mut();
                    counts.0 += 1;
                    counts.1.extend(received);
                }
                Ok(())
            });
            if let Err(why) = result {
                panic!("{why}");
            }
            let (cases, rules) = counts.into_inner();
            assert!(rules.len() > 5, "{rules:?}");
            tell(&format!(
                "cases: {cases} ranges by three doors, {} rules fired",
                rules.len()
            ));
        },
    );
}

/// The rules that a program's words name.
fn named(said: &str) -> BTreeSet<String> {
    let errors = said.split("error[").skip(1);
    errors
        .filter_map(|rest| rest.split(']').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn invariant_3_the_hooks_of_a_clone_say_what_the_server_says() {
    let world = World::served();
    let id = world.change("dev", "src/**");
    world.lands();
    let clone = world.second("clone");
    clone.qms("dev", &["init"]);
    clone.git("dev", &["checkout", "-q", "-b", "topic"]).ok();
    let policy = clone
        .read("qms.yaml")
        .replace("[initiator]", "[initiator, quality]");
    let work = |actor: &str, change: &str| World::work("Work", change, actor);
    let cases: [(&str, &str, String); 8] = [
        ("docs/guide.md", "x\n", work("dev", &id)),
        ("src/main.py", "x\n", "Work\n".to_owned()),
        ("src/main.py", "x\n", work("qa", &id)),
        ("src/main.py", "x\n", work("dev", "CR-007")),
        (
            "src/main.py",
            "x\n",
            format!("Work\n\nQMS-Change: {id}\n\nQMS-Actor: dev\n\nmore\n"),
        ),
        ("qms.yaml", &policy, work("dev", &id)),
        (".gitattributes", "* -diff\n", work("dev", &id)),
        ("src/main.py", "fine\n", work("dev", &id)),
    ];
    let mut fired = BTreeSet::new();
    for (path, text, message) in &cases {
        clone.write(path, text);
        clone.git("dev", &["add", "."]).ok();
        let hooked = clone.git("dev", &["commit", "-qm", message]);
        let fine = hooked.code == 0;
        if !fine {
            clone
                .git("dev", &["commit", "-q", "--no-verify", "-m", message])
                .ok();
        }
        let checked = clone.qms("dev", &["check", "origin/main..HEAD"]);
        let pushed = clone.git("dev", &["push", "-q", "origin", "HEAD:main"]);
        let served = match fine {
            true => pushed.err.clone(),
            false => {
                clone
                    .git("dev", &["push", "-q", "--no-verify", "origin", "HEAD:main"])
                    .err
            }
        };
        let expected = named(&served);
        assert_eq!(expected.is_empty(), fine, "{message}: {served}");
        assert_eq!(named(&hooked.err), expected, "commit-msg: {message}");
        assert_eq!(named(&pushed.err), expected, "pre-push: {message}");
        assert_eq!(
            named(&(checked.out + &checked.err)),
            expected,
            "check: {message}"
        );
        fired.extend(expected);
        clone
            .git("dev", &["reset", "-q", "--hard", "origin/main"])
            .ok();
        clone.git("dev", &["clean", "-qfd"]).ok();
    }
    assert!(fired.len() > 5, "{fired:?}");
    tell(&format!(
        "cases: {} commits by four doors, {} rules fired",
        cases.len(),
        fired.len()
    ));
}

/// What a machine may say, and none of it may matter.
const HOSTILE: &str = "\
[core]\n\tcommentChar = Q\n\tautocrlf = true\n\tquotePath = true\n\tprecomposeUnicode = true\n\tignoreCase = true\n\
[i18n]\n\tlogOutputEncoding = latin1\n\tcommitEncoding = latin1\n\
[trailer]\n\tseparators = \"#=\"\n\tifexists = replace\n\
[trailer \"QMS-Actor\"]\n\tkey = QMS-Actor\n\tcommand = echo qa\n\tifmissing = add\n\
[mailmap]\n\tfile = forged.mailmap\n\
[diff]\n\talgorithm = patience\n\trenames = copies\n\
[merge]\n\trenames = true\n\tconflictStyle = zdiff3\n\
[log]\n\tmailmap = true\n\tshowSignature = true\n\
[user]\n\tname = qa\n\temail = qa@one.example\n";

/// What the program finds in a range, as it prints it.
fn found(play: &Play, range: &str, hostile: bool) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qms"));
    command
        .args(["--format", "json", "check", range])
        .current_dir(play.store.path());
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    if hostile {
        command
            .env("TZ", "Pacific/Kiritimati")
            .env("LC_ALL", "tr_TR.ISO-8859-9")
            .env("HOME", "/nowhere");
        command.env("GIT_CONFIG_GLOBAL", play.store.path().join("hostile"));
        command
            .env("GIT_AUTHOR_NAME", "qa")
            .env("GIT_COMMITTER_NAME", "qa")
            .env("GIT_NOTES_REF", "refs/notes/x");
        command
            .env("GIT_AUTHOR_DATE", "1 +1400")
            .env("GIT_REPLACE_REF_BASE", "refs/heads/")
            .env("COLUMNS", "20");
        command
            .env("EMAIL", "qa@one.example")
            .env("QMS_CHANGE", "CR-001")
            .env("GIT_TRACE2", "0");
    }
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.code().is_some_and(|code| code < 2) || !said.is_empty(),
        "{output:?}"
    );
    format!("{:?} {said}", output.status.code())
}

#[test]
fn invariant_4_no_machine_changes_the_verdict() {
    alone(
        "oracle::doors::invariant_4_no_machine_changes_the_verdict",
        || {
            let counts = RefCell::new((0, 0));
            let many = |n| proptest::collection::vec(dice(), n);
            let result = runner(3).run(&(many(40), many(KINDS.len())), |(dice, forgeries)| {
                let play = played(&dice)?;
                let place = |name: &str, text: &str| {
                    std::fs::write(play.store.path().join(name), text).expect("a file")
                };
                let mut ranges = Vec::new();
                for (kind, forgery) in KINDS.iter().zip(&forgeries) {
                    let Some(bad) = corrupt(&play, kind, forgery) else {
                        continue;
                    };
                    let (old, new) = set(&play, &bad);
                    if bad.history.mainline(bad.anchor, bad.tip).is_some() {
                        ranges.push(format!("{old}..{new}"));
                    }
                }
                let config =
                    std::fs::read_to_string(play.store.path().join("config")).expect("a file");
                let good: Vec<String> = ranges.iter().map(|r| found(&play, r, false)).collect();
                place("config", &format!("{config}{HOSTILE}"));
                place("hostile", HOSTILE);
                place("forged.mailmap", "qa <qa@one.example> <dev@example.com>\n");
                std::fs::create_dir_all(play.store.path().join("info")).expect("a folder");
                place(
                    "info/attributes",
                    "* -diff merge=ours text eol=crlf filter=x\n",
                );
                for commit in play.history.commits.iter().step_by(7) {
                    place(
                        &format!("refs/heads/{}", commit.oid),
                        &format!("{}\n", commit.oid),
                    );
                }
                for (range, good) in ranges.iter().zip(good) {
                    proptest::prop_assert_eq!(found(&play, range, true), good.clone());
                    let mut counts = counts.borrow_mut();
                    counts.0 += 1;
                    counts.1 += usize::from(good.starts_with("Some(1)"));
                }
                Ok(())
            });
            if let Err(why) = result {
                panic!("{why}");
            }
            let (cases, refused) = counts.into_inner();
            assert!(refused > 0 && refused <= cases);
            tell(&format!(
                "cases: {cases} ranges on a plain and on a hostile machine, {refused} of them refused"
            ));
        },
    );
}

#[test]
fn invariant_4_an_accepted_history_stays_accepted() {
    alone(
        "oracle::doors::invariant_4_an_accepted_history_stays_accepted",
        || {
            let play = super::play::Play::opened().expect("both agree");
            let oid = |at: usize| play.history.commits[at].oid;
            let (old, new) = (oid(0), oid(play.trunk()));
            play.store
                .stand("main", new, &("qa".to_owned(), "qa@one.example".to_owned()));
            assert_eq!(
                judge::judge(play.store.path(), old, new),
                Vec::<String>::new()
            );
            std::fs::write(play.store.path().join("hostile"), HOSTILE).expect("a file");
            let range = format!("{old}..{new}");
            let good = found(&play, &range, false);
            assert!(good.starts_with("Some(0)"), "{good}");
            assert_eq!(found(&play, &range, true), good);
        },
    );
}
