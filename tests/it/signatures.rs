//! Identity with keys: who acts is who signed, on real pushes of commits that git and qms signed.

use std::process::Command;

use crate::world::{Ran, World, document, ran, signs};

const PEOPLE: [&str; 6] = ["ann", "dev", "claude", "qa", "qb", "tu"];

/// A governed repository, not yet served, where PEOPLE and `more` sign; `policy` sees the text and what to put for a
/// user's key, and says what the anchor holds.
fn keyed(more: &[&str], policy: impl Fn(String, &dyn Fn(&str) -> String) -> String) -> World {
    let mut world = World::new();
    let names: Vec<&str> = PEOPLE.iter().chain(more).copied().collect();
    let keys = world.make_keys(&names);
    let key = |name: &str| {
        let at = names.iter().position(|n| *n == name).expect("has a key");
        keys[at].clone()
    };
    let text = listing(world.read("qms.yaml"), &PEOPLE, &key);
    amended(&world, &policy(text, &key));
    world
}

/// A policy that lists a key of each of these users.
pub(crate) fn listing(mut text: String, users: &[&str], key: &dyn Fn(&str) -> String) -> String {
    for name in users {
        let line = text.lines().find(|l| l.starts_with(&format!("  {name}: ")));
        let line = line.expect("is a user").to_owned();
        let with = line.replacen('}', &format!(", keys: [\"{}\"]}}", key(name)), 1);
        text = text.replace(&line, &with);
    }
    text
}

/// The last commit has had this policy from the beginning.
pub(crate) fn amended(world: &World, policy: &str) {
    world.write("qms.yaml", policy);
    let args = ["commit", "-qan", "--amend", "--no-edit"];
    world.git("ann", &args).ok();
}

/// The same with a server that requires signatures everywhere.
fn strict() -> World {
    let world = keyed(&["eve", "gate"], |text, key| gated(&text, key));
    world.serve();
    world
}

/// A policy that requires signatures, with a gateway for claude.
fn gated(text: &str, key: &dyn Fn(&str) -> String) -> String {
    let gate = format!(
        "  gate: {{groups: [], kind: service, agents: [claude], keys: [\"{}\"]}}\n",
        key("gate")
    );
    let text = text.replace("# Kinds of user", &format!("{gate}# Kinds of user"));
    text + "signatures: require\n"
}

/// A command of one with other settings of the environment.
fn with(world: &World, user: &str, program: &str, envs: &[(&str, &str)], args: &[&str]) -> Ran {
    let program = match program {
        "qms" => env!("CARGO_BIN_EXE_qms"),
        other => other,
    };
    let mut command = world.command(Command::new(program), user);
    command.envs(envs.iter().copied()).args(args);
    ran(&command.output().expect("the program starts"))
}

/// A command of one who signs with the key of another.
pub(crate) fn by_key(world: &World, user: &str, key: &str, program: &str, args: &[&str]) -> Ran {
    let mut command = world.command(Command::new(program), user);
    signs(&mut command, &world.key(key));
    ran(&command.args(args).output().expect("the program starts"))
}

const AMEND: [&str; 4] = ["commit", "-q", "--amend", "--no-edit"];

#[test]
fn what_people_sign_lands_and_git_agrees() {
    let world = strict();
    let change = world.change("dev", "src/**");
    world.lands();
    world.write("src/main.py", "one\n");
    world.works("dev", "Work", &change);
    world.write("src/main.py", "two\n");
    let args = ["commit", "-a", "-m", "More", "--change", &change];
    let unsigned = [("GIT_CONFIG_VALUE_0", "false")];
    with(&world, "dev", "qms", &unsigned, &args).ok();
    world.lands();
    let dev = std::fs::read_to_string(world.key("dev") + ".pub").expect("a key");
    world.write("../signers", &format!("dev {dev}"));
    let last = world.git("dev", &["log", "-3", "--format=%H"]).ok();
    for commit in last.lines() {
        let allowed = "gpg.ssh.allowedSignersFile=../signers";
        let args = ["-c", allowed, "verify-commit", commit];
        let said = world.git("dev", &args);
        assert!(
            said.err.contains("Good \"git\" signature for dev"),
            "{}",
            said.err
        );
    }
    let checked = world.qms("dev", &["check", "HEAD~5..HEAD", "--strict"]);
    checked.ok();
}

// Verifies: REQ-QMS-CMD-COMMIT
#[test]
fn nothing_is_made_where_nothing_can_sign() {
    let world = strict();
    let head = world.head();
    let create = ["create", "SOP", "--title", "Backups"];
    for (name, value, why) in [
        ("GIT_CONFIG_VALUE_1", "openpgp", "git signs as `openpgp`"),
        ("GIT_CONFIG_KEY_2", "qms.nothing", "told no key"),
        ("GIT_CONFIG_VALUE_2", "../keys/none", "said:"),
        ("QMS_SIGNING_KEY", "../keys/none", "cannot be read"),
        ("QMS_SIGNING_KEY", "../keys/dev.pub", "no private key"),
    ] {
        let said = with(&world, "dev", "qms", &[(name, value)], &create).refused("unsigned");
        let words: Vec<&str> = said.split_whitespace().collect();
        let said = words.join(" ");
        assert!(said.contains(why), "{said}");
        assert!(said.contains("git config gpg.format ssh"), "{said}");
    }
    let other = world.key("qa");
    let wrong = [("GIT_CONFIG_VALUE_2", &*other)];
    with(&world, "dev", "qms", &wrong, &create).refused("wrong-signer");
    let args = ["commit", "--allow-empty", "-m", "Nothing"];
    with(
        &world,
        "dev",
        "qms",
        &[("GIT_CONFIG_VALUE_1", "x509")],
        &args,
    )
    .refused("unsigned");
    assert_eq!(world.head(), head);
    assert_eq!(world.git("ann", &["status", "--porcelain"]).ok(), "");
    // What is only tried is not signed.
    world.qms("dev", &create).ok();
    let next = with(
        &world,
        "dev",
        "qms",
        &[("GIT_CONFIG_VALUE_1", "openpgp")],
        &["next", "SOP-001"],
    )
    .ok();
    assert!(
        next.contains("qms route SOP-001 --review") && !next.contains("unsigned"),
        "{next}"
    );
}

#[test]
fn a_service_signs_with_a_key_file() {
    let world = strict();
    let plain = [("GIT_CONFIG_COUNT", "0")];
    let key = world.key("dev");
    let named = [plain[0], ("QMS_SIGNING_KEY", &*key)];
    let create = ["create", "CR", "--title", "X", "--scope", "src/**"];
    with(&world, "dev", "qms", &named, &create).ok();
    world.release("dev", "CR-001");
    world.git("dev", &["config", "qms.signingKey", &key]).ok();
    world.write("src/main.py", "one\n");
    let args = ["commit", "-a", "-m", "Work", "--change", "CR-001"];
    with(&world, "dev", "qms", &plain, &args).ok();
    world.lands();
    let secret = world.key("secret");
    let args = ["-q", "-t", "ed25519", "-N", "secret", "-f", &secret];
    with(&world, "dev", "ssh-keygen", &[], &args).ok();
    let locked = [("QMS_SIGNING_KEY", &*secret)];
    let said = with(&world, "dev", "qms", &locked, &["checkout", "CR-001"]).refused("unsigned");
    assert!(said.contains("has a passphrase"), "{said}");
}

#[test]
fn an_agent_signs_with_a_key_that_is_named_by_itself() {
    let world = strict();
    let key = std::fs::read_to_string(world.key("dev") + ".pub").expect("a key");
    let literal = format!("key::{}", key.trim());
    let qms = env!("CARGO_BIN_EXE_qms");
    let script = format!(
        "ssh-add -q {} && {qms} create SOP --title X",
        world.key("dev")
    );
    let said = |title: &str, envs: &[(&str, &str)]| {
        let script = script.replace("title X", &format!("title {title}"));
        with(&world, "dev", "ssh-agent", envs, &["sh", "-c", &script]).ok();
    };
    said("one", &[("GIT_CONFIG_VALUE_2", &literal)]);
    let asked = [
        ("GIT_CONFIG_KEY_2", "gpg.ssh.defaultKeyCommand"),
        ("GIT_CONFIG_VALUE_2", "ssh-add -L"),
    ];
    said("two", &asked);
    world.lands();
}

// Verifies: REQ-QMS-RULE-UNSIGNED, REQ-QMS-RULE-BAD-SIGNATURE, REQ-QMS-RULE-WRONG-SIGNER,
// REQ-QMS-RULE-KEY-NOT-VALID
#[test]
fn f7_a_name_and_an_address_prove_nothing() {
    let world = strict();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    let review = ["review", "SOP-001", "--recommend"];
    // Under qa's name and address: by nobody's key, by dev's, by one that the policy does not know.
    for (key, rule) in [
        (None, "unsigned"),
        (Some("dev"), "wrong-signer"),
        (Some("eve"), "wrong-signer"),
    ] {
        world.qms("qa", &review).ok();
        match key {
            Some(key) => by_key(&world, "qa", key, "git", &AMEND).ok(),
            None => with(
                &world,
                "qa",
                "git",
                &[("GIT_CONFIG_VALUE_0", "false")],
                &AMEND,
            )
            .ok(),
        };
        world.bounces(rule);
    }
    // Signed over other bytes than those of the commit.
    world.qms("qa", &review).ok();
    let raw = world.git("qa", &["cat-file", "commit", "HEAD"]).ok();
    world.write(
        "../raw",
        &raw.replace(
            "QMS-Outcome: recommend",
            "QMS-Outcome: recommend\nQMS-Reason: x",
        ),
    );
    let args = ["hash-object", "-t", "commit", "-w", "../raw"];
    let forged = world.git("qa", &args).ok();
    world
        .git("qa", &["reset", "-q", "--hard", forged.trim()])
        .ok();
    world.bounces("bad-signature");
    // What he signs himself is his.
    world.qms("qa", &review).ok();
    world.lands();
}

#[test]
fn f7_work_is_answered_for_by_who_signs_it() {
    let world = strict();
    let change = world.change("dev", "src/**");
    world.lands();
    world.write("src/main.py", "one\n");
    world.git("dev", &["add", "."]).ok();
    let message = World::work("Work", &change, "dev");
    let commit = ["commit", "-qm", &*message];
    by_key(&world, "dev", "qa", "git", &commit).ok();
    world.bounces("wrong-signer");
    // Of somebody outside, taken in by dev.
    world.write("src/main.py", "one\n");
    world.git("dev", &["add", "."]).ok();
    by_key(&world, "stranger", "dev", "git", &commit).ok();
    world.lands();
    // A free path asks nobody.
    world.write("README.md", "Read me twice\n");
    world.puts("stranger", "Words");
    world.lands();
}

#[test]
fn f7_a_path_that_is_free_for_one_is_free_for_his_key() {
    let world = keyed(&["bot"], |text, key| {
        let bot = format!(
            "  bot: {{groups: [], kind: service, agents: [], keys: [\"{}\"]}}\n",
            key("bot")
        );
        let text = text.replace("# Kinds of user", &format!("{bot}# Kinds of user"));
        text.replace(
            "  free:\n",
            "  free:\n    - {match: [Cargo.lock], by: [bot]}\n",
        ) + "signatures: require\n"
    });
    world.serve();
    world.write("Cargo.lock", "1\n");
    world.git("bot", &["add", "."]).ok();
    by_key(&world, "bot", "dev", "git", &["commit", "-qm", "Bump"]).ok();
    world.bounces("no-change");
    world.write("Cargo.lock", "1\n");
    world.puts("bot", "Bump");
    world.lands();
}

// Verifies: REQ-QMS-RULE-UNSIGNED, REQ-QMS-RULE-BAD-SIGNATURE, REQ-QMS-RULE-WRONG-SIGNER,
// REQ-QMS-RULE-KEY-NOT-VALID
#[test]
fn f7_a_gateway_commits_for_its_agents_alone() {
    let asked = |world: &World, agent: &str, key: Option<&str>, committer: &str| {
        let mail = format!("{committer}@example.com");
        let mut envs = vec![
            ("GIT_COMMITTER_NAME", committer),
            ("GIT_COMMITTER_EMAIL", &*mail),
        ];
        let key = key.map(|k| world.key(k));
        envs.extend(key.as_ref().map(|k| ("GIT_CONFIG_VALUE_2", k.as_str())));
        let create = ["create", "SOP", "--title", "Backups"];
        with(world, agent, "qms", &envs, &create)
    };
    let world = strict();
    asked(&world, "claude", Some("gate"), "gate").ok();
    world.lands();
    asked(&world, "dev", Some("gate"), "gate").refused("actor-mismatch");
    asked(&world, "claude", Some("gate"), "claude").refused("wrong-signer");
    asked(&world, "dev", Some("gate"), "dev").refused("wrong-signer");
    asked(&world, "dev", Some("qa"), "qa").refused("wrong-signer");
    // The server says so too, and without signatures the committer's name is enough.
    let world = keyed(&[], |text, _| {
        let gate = "  gate: {groups: [], kind: service, agents: [claude]}\n";
        text.replace("# Kinds of user", &format!("{gate}# Kinds of user"))
    });
    world.serve();
    asked(&world, "claude", None, "gate").ok();
    world.lands();
    world
        .qms("dev", &["create", "SOP", "--title", "Restores"])
        .ok();
    let gate = [
        ("GIT_COMMITTER_NAME", "gate"),
        ("GIT_COMMITTER_EMAIL", "gate@x"),
    ];
    with(&world, "dev", "git", &gate, &AMEND).ok();
    let said = world.bounces("actor-mismatch");
    assert!(said.contains("gate <gate@x>: gate"), "{said}");
}

#[test]
fn f7_a_person_is_one_under_every_address_and_no_mailmap_makes_another() {
    let world = keyed(&[], |text, _| {
        let line = text
            .lines()
            .find(|l| l.starts_with("  dev: "))
            .expect("dev");
        let both = line.replace("[initiator]", "[initiator, quality]").replace(
            "keys:",
            "emails: [\"dev@example.com\", \"dev@home\"], keys:",
        );
        text.replace(line, &both)
    });
    world.serve();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    let home = [
        ("GIT_AUTHOR_EMAIL", "DEV@home"),
        ("GIT_AUTHOR_NAME", "Somebody"),
    ];
    let review = ["review", "SOP-001", "--recommend"];
    with(&world, "dev", "qms", &home, &review).refused("own-work");
    // git itself would show qa as the author.
    world.write(".git/mailmap", "qa <qa@example.com> <dev@example.com>\n");
    world
        .git("ann", &["config", "mailmap.file", ".git/mailmap"])
        .ok();
    world.git("ann", &["config", "log.mailmap", "true"]).ok();
    world.qms("qa", &review).ok();
    world
        .git(
            "dev",
            &["commit", "-q", "--amend", "--no-edit", "--reset-author"],
        )
        .ok();
    let shown = world.git("ann", &["log", "-1", "--format=%aN"]).ok();
    assert_eq!(shown, "qa\n");
    let from = world.head();
    world
        .qms("ann", &["check", &format!("{from}~1..{from}")])
        .refused("actor-mismatch");
    world.bounces("actor-mismatch");
}

/// What the world's clock shows, as the policy writes times.
const SOON: &str = "2023-11-16";

#[test]
fn f8_an_expired_key_is_not_revived_by_a_date() {
    let world = keyed(&[], |text, key| {
        let listed = format!("\"{}\"", key("dev"));
        let dated = format!("{{key: {listed}, from: 2023-11-01, until: {SOON}}}");
        text.replace(&listed, &dated) + "signatures: require\n"
    });
    world.serve();
    let anchor = world.head();
    let change = world.change("dev", "src/**");
    let work = |text: &str, dates: &[(&str, &str)]| {
        world.write("src/main.py", text);
        world.git("dev", &["add", "."]).ok();
        let message = World::work("Work", &change, "dev");
        with(&world, "dev", "git", dates, &["commit", "-qm", &message]).ok();
    };
    // Dates of authors, and committers whose clocks run backwards, change nothing.
    work("one\n", &[("GIT_AUTHOR_DATE", "2099-01-01T00:00:00Z")]);
    work("two\n", &[("GIT_COMMITTER_DATE", "2023-11-02T00:00:00Z")]);
    world.lands();
    // Before its first day, as far as the branch knows no better, the key was not his; it does.
    work("three\n", &[("GIT_COMMITTER_DATE", "2023-10-01T00:00:00Z")]);
    world.lands();
    work("four\n", &[("GIT_COMMITTER_DATE", "2023-11-17T00:00:00Z")]);
    let said = world.bounces("key-not-valid");
    assert!(said.contains("has expired"), "{said}");
    // The branch goes on, by a path that asks nobody; what is dated back now comes too late.
    world.write("README.md", "Later\n");
    world.git("ann", &["add", "."]).ok();
    let later = [("GIT_COMMITTER_DATE", "2023-12-01T00:00:00Z")];
    with(&world, "ann", "git", &later, &["commit", "-qm", "Later"]).ok();
    world.lands();
    work("five\n", &[("GIT_COMMITTER_DATE", "2023-11-10T00:00:00Z")]);
    world.bounces("key-not-valid");
    let refused = with(
        &world,
        "dev",
        "qms",
        &[("GIT_COMMITTER_DATE", "2023-11-10T00:00:00Z")],
        &["checkout", &change],
    );
    refused.refused("key-not-valid");
    // What was good stays good.
    world
        .qms("ann", &["check", &format!("{anchor}..HEAD")])
        .ok();
}

// Verifies: REQ-QMS-CMD-USER-KEY-REVOKE
#[test]
fn f8_a_revoked_key_signs_nothing_more_and_what_it_signed_stays() {
    let world = strict();
    let anchor = world.head();
    let change = world.change("dev", "src/**");
    let users = world.json("ann", &["user", "list"]);
    let dev = users
        .as_array()
        .expect("users")
        .iter()
        .find(|u| u["user"] == "dev");
    let key = dev.expect("dev")["keys"][0]["fingerprint"]
        .as_str()
        .expect("a key")
        .to_owned();
    // His own key anybody revokes, with a reason; nothing else of himself.
    let own = ["user", "key", "revoke", "dev", &*key, "--reason", "Lost"];
    world.qms("dev", &own).ok();
    world.lands();
    for user in ["dev", "qa"] {
        world.write("src/main.py", "one\n");
        world.git(user, &["add", "."]).ok();
        let early = [("GIT_COMMITTER_DATE", "2023-11-14T22:20:00Z")];
        let message = World::work("Work", &change, "dev");
        let commit = ["commit", "-qm", &*message];
        let mut command = world.command(Command::new("git"), user);
        signs(&mut command, &world.key("dev"));
        command.envs(early).args(commit);
        ran(&command.output().expect("git starts")).ok();
        let said = world.bounces("key-not-valid");
        assert!(said.contains("is revoked"), "{said}");
    }
    world
        .qms("dev", &["checkout", &change])
        .refused("key-not-valid");
    world
        .qms("ann", &["check", &format!("{anchor}..HEAD")])
        .ok();
    let list = world.qms("ann", &["user", "list"]).ok();
    assert!(
        list.contains(&key) && list.contains("revoked 2023-11-"),
        "{list}"
    );
    // A new one, from a day on that is to come.
    let public = std::fs::read_to_string(world.key("eve") + ".pub").expect("a key");
    let add = [
        "user",
        "key",
        "add",
        "dev",
        "--key",
        public.trim(),
        "--from",
        "2024-06-01",
    ];
    world.qms("ann", &add).ok();
    world.lands();
    let eve = world.key("eve");
    let with_it = [("GIT_CONFIG_VALUE_2", &*eve)];
    let said =
        with(&world, "dev", "qms", &with_it, &["checkout", &change]).refused("key-not-valid");
    assert!(said.contains("is not valid yet"), "{said}");
    let then = [with_it[0], ("GIT_COMMITTER_DATE", "2024-06-01T00:00:00Z")];
    with(&world, "dev", "qms", &then, &["checkout", &change]).ok();
    world.lands();
    let whole = world.qms("ann", &["verify", "--no-cache", "--strict"]).ok();
    assert!(whole.contains("signatures"), "{whole}");
}

// Verifies: REQ-QMS-RULE-UNSIGNED, REQ-QMS-RULE-BAD-SIGNATURE, REQ-QMS-RULE-WRONG-SIGNER,
// REQ-QMS-RULE-KEY-NOT-VALID
#[test]
fn f8_a_branch_that_stands_still_does_not_stop_the_time() {
    let world = keyed(&[], |text, _| {
        let text = text.replace("protected: []", "protected: [release/*]");
        text + "signatures: require\n"
    });
    world.serve();
    let change = world.change("dev", "src/**");
    world.lands();
    let early = "2023-11-14T22:20:00Z";
    let release = "HEAD:refs/heads/release/1";
    world.git("ann", &["push", "-q", "origin", release]).ok();
    world.git("ann", &["branch", "stays"]).ok();
    let work = |text: &str| {
        let trunk = world.git("ann", &["rev-parse", "origin/main"]).ok();
        world.git("dev", &["checkout", "-q", "stays"]).ok();
        world.write("src/main.py", text);
        world.git("dev", &["add", "."]).ok();
        let message = World::work("Fix", &change, "dev");
        let message = format!("{message}QMS-Authority: {trunk}");
        let dates = [("GIT_COMMITTER_DATE", early)];
        with(&world, "dev", "git", &dates, &["commit", "-qm", &message]).ok();
    };
    work("one\n");
    world.git("dev", &["push", "-q", "origin", release]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    let key = std::fs::read_to_string(world.key("dev") + ".pub").expect("a key");
    let revoke = [
        "user",
        "key",
        "revoke",
        "dev",
        key.trim(),
        "--reason",
        "Lost",
    ];
    world.qms("dev", &revoke).ok();
    world.lands();
    work("two\n");
    let said = world
        .git("dev", &["push", "origin", release])
        .refused("key-not-valid");
    assert!(said.contains("is revoked"), "{said}");
}

#[test]
fn f6_a_cherry_picked_approval_loses_its_signature() {
    let world = strict();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    world.qms("qa", &["review", "SOP-001", "--recommend"]).ok();
    let given = world.head();
    for (sign, rule) in [("false", "unsigned"), ("true", "wrong-signer")] {
        world
            .git("dev", &["reset", "-q", "--hard", "origin/main"])
            .ok();
        // On a commit of its own, so that it is not the same commit again.
        world.write("README.md", sign);
        world.puts("dev", "Words");
        let envs = [("GIT_CONFIG_VALUE_0", sign)];
        with(&world, "dev", "git", &envs, &["cherry-pick", &given]).ok();
        world.bounces(rule);
    }
}

#[test]
fn where_it_is_only_warned_what_is_wrong_is_told_and_taken() {
    let world = keyed(&[], |text, _| text + "signatures: warn\n");
    world.serve();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    let said = world.git("ann", &["push", "origin", "HEAD:main"]);
    assert!(!said.err.contains("warning["), "{}", said.err);
    let unsigned = [("GIT_CONFIG_COUNT", "0")];
    let made = with(&world, "dev", "qms", &unsigned, &["checkin", "SOP-001"]);
    assert!(made.err.contains("warning[unsigned]"), "{}", made.err);
    let said = world.git("ann", &["push", "origin", "HEAD:main"]);
    assert!(
        said.code == 0 && said.err.contains("warning[unsigned]"),
        "{}",
        said.err
    );
    assert_eq!(
        world
            .qms("ann", &["check", "HEAD~1..HEAD", "--strict"])
            .code,
        1
    );
}

#[test]
fn a_branch_may_require_what_the_trunk_does_not() {
    let world = keyed(&[], |text, _| {
        text.replace("protected: []", "protected: [release/*]")
            + "signatures: {release/*: require}\n"
    });
    world.serve();
    let unsigned = [("GIT_CONFIG_COUNT", "0")];
    with(
        &world,
        "dev",
        "qms",
        &unsigned,
        &["create", "SOP", "--title", "Backups"],
    )
    .ok();
    world.lands();
    let release = "HEAD:refs/heads/release/1";
    world.git("ann", &["push", "-q", "origin", release]).ok();
    with(&world, "dev", "qms", &unsigned, &["checkin", "SOP-001"]).ok();
    world
        .git("ann", &["push", "origin", release])
        .refused("unsigned");
    world.lands();
}

// Verifies: REQ-QMS-RULE-FOUNDING-OVER, REQ-QMS-CMD-USER-KEY-ADD
#[test]
fn a_founder_founds_with_keys() {
    let mut world = World::plain();
    world.qms("ann", &["init"]).ok();
    let keys = world.make_keys(&["ann", "qa"]);
    let place = world.key("ann") + ".pub";
    world
        .qms("ann", &["user", "key", "add", "ann", "--key", &place])
        .ok();
    world.serve();
    let before = world.read("qms.yaml");
    world.write("qms.yaml", &format!("{before}signatures: require\n"));
    let message = format!(
        "Require signatures\n\nQMS-Action: found\nQMS-Actor: ann\nQMS-Before: {}\n",
        qms::model::document::digest(before.as_bytes())
    );
    world.puts("ann", &message);
    world.lands();
    let add = [
        "user", "add", "qa", "--group", "quality", "--key", &*keys[1],
    ];
    let unsigned = [("GIT_CONFIG_COUNT", "0")];
    with(&world, "ann", "qms", &unsigned, &add).refused("unsigned");
    // Without a key nobody could approve, and it goes on.
    world
        .qms("ann", &["user", "add", "qb", "--group", "quality"])
        .ok();
    let said = world.qms("ann", &add).ok();
    assert!(said.contains("qa is a user now"));
    world.lands();
    let taken = world.qms("ann", &["user", "key", "add", "ann", "--key", &keys[1]]);
    assert!(
        taken.code == 2 && taken.err.contains("already"),
        "{}",
        taken.err
    );
    let before = world.read("qms.yaml");
    world.write(
        "qms.yaml",
        &before.replace("signatures: require", "signatures: off"),
    );
    let digest = qms::model::document::digest(before.as_bytes());
    let message = format!("Again\n\nQMS-Action: found\nQMS-Actor: ann\nQMS-Before: {digest}\n");
    world.puts("ann", &message);
    world.bounces("founding-over");
}

// Verifies: REQ-QMS-RULE-ENROLMENT, REQ-QMS-CMD-USER-KEY-ADD, REQ-QMS-CMD-USER-KEY-REVOKE
#[test]
fn keys_are_given_and_taken_by_who_may_enroll() {
    let world = keyed(&["eve", "gate"], |text, key| {
        // Of two administrators neither is alone, and quality does not stand in for him.
        let text = text.replace("tu: {groups: [reviewer]", "tu: {groups: [administrator]");
        gated(&text, key)
    });
    world.serve();
    let public = |name: &str| std::fs::read_to_string(world.key(name) + ".pub").expect("a key");
    let eve = public("eve");
    let add = |to: &'static str| ["user", "key", "add", to, "--key", eve.trim()].map(str::to_owned);
    let by = |user: &str, args: &[String]| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        world.qms(user, &args)
    };
    by("qa", &add("dev")).refused("enrolment");
    by("ann", &add("qa")).refused("enrolment");
    by("dev", &add("dev")).refused("enrolment");
    by("dev", &add("claude")).refused("not-allowed");
    // A gateway's key does for its agents what it does: claude is an initiator.
    by("qa", &add("gate")).refused("enrolment");
    by("ann", &add("gate")).ok();
    let own = public("dev");
    let revoke = [
        "user",
        "key",
        "revoke",
        "dev",
        own.trim(),
        "--reason",
        "Lost",
    ];
    world.qms("qa", &revoke).refused("enrolment");
    world.qms("dev", &revoke).ok();
    world.lands();
    // Nobody takes his own revocation back, and whoever may says why.
    let enroll = |user: &str, reason: &str, change: &dyn Fn(&str) -> String| {
        let before = world.read("qms.yaml");
        world.write("qms.yaml", &change(&before));
        let digest = qms::model::document::digest(before.as_bytes());
        let message = format!(
            "Enroll\n\nQMS-Action: enroll\nQMS-Actor: {user}\nQMS-Users: dev\nQMS-Before: {digest}\n{reason}"
        );
        world.puts(user, &message);
    };
    let unrevoked = |text: &str| {
        let (start, rest) = text.split_once(", revoked: ").expect("is revoked");
        format!("{start}{}", &rest[rest.find('}').expect("an end")..])
    };
    enroll("ann", "", &unrevoked);
    world.bounces("trailer-missing");
    enroll("qa", "QMS-Reason: found again\n", &unrevoked);
    world.bounces("enrolment");
    enroll("ann", "QMS-Reason: found again\n", &unrevoked);
    world.lands();
    // The reason is asked for when a key goes, too.
    let gone = |text: &str| text.replace(&format!("{{key: \"{}\"}}", own.trim()), "");
    enroll("ann", "", &gone);
    world.bounces("trailer-missing");
    // Whoever shares an address might be the same.
    let mail = [
        "user",
        "add",
        "twin",
        "--group",
        "quality",
        "--email",
        "QA@example.com",
    ];
    let said = world.qms("qa", &mail).refused("enrolment");
    assert!(said.contains("shares an address"), "{said}");
    world.qms("qb", &mail).ok();
}

#[test]
fn sync_makes_commits_again_signed() {
    let world = strict();
    let change = world.change("dev", "src/**");
    world.lands();
    world.git("dev", &["checkout", "-q", "-b", "fix"]).ok();
    let unsigned = [("GIT_CONFIG_COUNT", "0")];
    let message = World::work("Work", &change, "dev");
    for text in ["one\n", "two\n"] {
        world.write("src/main.py", text);
        world.git("dev", &["add", "."]).ok();
        with(
            &world,
            "dev",
            "git",
            &unsigned,
            &["commit", "-qm", &message],
        )
        .ok();
    }
    let push = ["push", "origin", "HEAD:main"];
    let said = world.git("dev", &push).refused("unsigned");
    assert!(said.contains("qms sync"), "{said}");
    // Without a key nothing is made again.
    let head = world.head();
    with(&world, "dev", "qms", &unsigned, &["sync"]).refused("unsigned");
    assert_eq!(world.head(), head);
    world.qms("dev", &["sync"]).ok();
    world.git("dev", &push).ok();
    assert_eq!(world.read("src/main.py"), "two\n");
    // What others signed, only they can sign again.
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world
        .git("dev", &["pull", "-q", "--ff-only", "origin", "main"])
        .ok();
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    world.git("dev", &["checkout", "-q", "-b", "reviewed"]).ok();
    world.qms("qa", &["review", "SOP-001", "--recommend"]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.write("README.md", "On\n");
    world.puts("dev", "Words");
    world.lands();
    world.git("dev", &["checkout", "-q", "reviewed"]).ok();
    let synced = world.json("dev", &["sync"]);
    let fate = &synced["sync"]["commits"][0];
    let why = fate["why"].as_str().unwrap_or_default();
    assert!(
        fate["what"] == "dropped" && why.contains("only who made it can sign"),
        "{synced}"
    );
    assert_eq!(
        world.head(),
        world.git("ann", &["rev-parse", "origin/main"]).ok().trim()
    );
}

#[test]
fn signatures_hold_in_a_repository_of_sha256() {
    let base = World::empty();
    let init = ["init", "-q", "-b", "main", "--object-format=sha256", "repo"];
    base.git("ann", &init).ok();
    let mut world = base.within("repo");
    let keys = world.make_keys(&["ann", "qa"]);
    world.qms("ann", &["init", "--user", "qa:quality"]).ok();
    for (name, key) in [("ann", &keys[0]), ("qa", &keys[1])] {
        let text = world.read("qms.yaml");
        let line = text
            .lines()
            .find(|l| l.starts_with(&format!("  {name}: ")))
            .expect("a user");
        let more = line.replacen('}', &format!(", keys: [\"{key}\"]}}"), 1);
        world.write("qms.yaml", &text.replace(line, &more));
    }
    let text = world.read("qms.yaml");
    world.write("qms.yaml", &format!("{text}signatures: require\n"));
    world
        .git("ann", &["commit", "-qan", "--amend", "--no-edit"])
        .ok();
    world.serve();
    world
        .qms("ann", &["create", "SOP", "--title", "Backups"])
        .ok();
    let raw = world.git("ann", &["cat-file", "commit", "HEAD"]).ok();
    assert!(raw.contains("\ngpgsig-sha256 -----BEGIN SSH"), "{raw}");
    world.lands();
    assert!(world.read(&document("SOP-001")).contains("owner: ann"));
    world.qms("ann", &["checkin", "SOP-001"]).ok();
    with(
        &world,
        "ann",
        "git",
        &[("GIT_CONFIG_VALUE_0", "false")],
        &AMEND,
    )
    .ok();
    world.bounces("unsigned");
}
