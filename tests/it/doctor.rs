//! `qms doctor`: a good installation is clean and stops everything that is forbidden; each way of breaking one is found
//! by name, and what it lets through is seen.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::SystemTime;

use serde_json::Value;

use crate::world::{World, ran};

/// A clone with its hooks beside a server.
fn installed() -> World {
    let world = World::served();
    world.qms("ann", &["init"]).ok();
    world
}

impl World {
    /// What `qms doctor` answers; its exit code must agree.
    #[track_caller]
    fn doctor(&self, args: &[&str]) -> Value {
        let ran = self.qms("ann", &[&["--format", "json", "doctor"], args].concat());
        let value: Value = serde_json::from_str(&ran.out)
            .unwrap_or_else(|e| panic!("{e}: {}{}", ran.out, ran.err));
        let wrong = value["wrong"].as_u64().expect("a number");
        assert_eq!(ran.code, i32::from(wrong > 0), "{value:#}");
        value
    }

    /// The same as text.
    fn said(&self, args: &[&str]) -> String {
        self.qms("ann", &[&["doctor"], args].concat()).out
    }

    #[track_caller]
    fn on_server(&self, args: &[&str]) {
        self.git("ann", &[&["-C", "../server.git"], args].concat())
            .ok();
    }
}

/// What is wrong, `name of` a row.
fn wrong(value: &Value) -> Vec<String> {
    let rows = value["rows"].as_array().expect("rows");
    let wrong = rows.iter().filter(|r| r["verdict"] == "wrong");
    wrong
        .map(|r| {
            let mend = r["mend"].as_array().expect("what mends it");
            assert!(!mend.is_empty(), "nothing mends {r:#}");
            format!("{} {}", text(&r["name"]), text(&r["of"]))
        })
        .collect()
}

/// What was not stopped where it should, `what layer -> who stopped it`; with a question mark where it was stopped for
/// another reason.
fn passed(value: &Value) -> Vec<String> {
    let tried = value["tried"].as_array().expect("what was tried");
    let not_good = tried.iter().filter(|t| t["verdict"] != "good");
    not_good
        .map(|t| {
            let [layer, by] = ["layer", "stopped_by"].map(|key| t[key].as_str().unwrap_or("-"));
            let mark = if t["verdict"] == "mind" { "?" } else { "" };
            format!("{} {layer} -> {by}{mark}", text(&t["what"]))
        })
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

// Verifies: REQ-QMS-CMD-DOCTOR
#[test]
fn a_good_installation_stops_everything_and_is_left_as_it_is() {
    let world = installed();
    let files = || [seen(&world, ".git"), seen(&world, "../server.git")];
    let before = files();
    let clone = world.doctor(&["--prove"]);
    let server = world.doctor(&["--server", "../server.git", "--prove"]);
    assert_eq!(files(), before);
    for (value, what) in [(&clone, "clone"), (&server, "server")] {
        assert_eq!((wrong(value), passed(value)), (vec![], vec![]), "{value:#}");
        assert_eq!(value["what"], what);
        let tried = value["tried"].as_array().expect("what was tried");
        assert_eq!(tried.len(), 27);
        // Whatever is said to be stopped was refused by a rule, or by git itself.
        for t in tried.iter().filter(|t| !t["layer"].is_null()) {
            let rules = t["rules"].as_array().expect("rules");
            let git = text(&t["layer"]).starts_with("receive.");
            assert_eq!(t["layer"], t["stopped_by"]);
            assert_eq!(rules.is_empty(), git, "{t:#}");
        }
    }
    let said = world.said(&["--prove"]);
    assert!(said.ends_with("\nall is well\n"), "{said}");
    // From outside of a clone the server alone is tried.
    let outside = world.within("..");
    let server = outside.doctor(&["--server", "server.git", "--prove"]);
    assert_eq!(passed(&server), Vec::<String>::new());
    assert!(!server.to_string().contains("pre-push"));
}

/// Every file below a folder with its time and size.
fn seen(world: &World, folder: &str) -> BTreeMap<String, (SystemTime, u64)> {
    let mut out = BTreeMap::new();
    let mut open = vec![world.path(folder)];
    while let Some(place) = open.pop() {
        let meta = place.symlink_metadata().expect("a file");
        if meta.is_dir() {
            let entries = std::fs::read_dir(&place).expect("a folder");
            open.extend(entries.map(|e| e.expect("an entry").path()));
        }
        let time = meta.modified().expect("a time");
        out.insert(place.display().to_string(), (time, meta.len()));
    }
    out
}

#[test]
fn with_an_open_change_its_scope_is_what_is_overstepped() {
    let world = installed();
    world.change("dev", "docs/**");
    world.lands();
    let value = world.doctor(&["--prove"]);
    assert_eq!(passed(&value), Vec::<String>::new(), "{value:#}");
    assert!(value.to_string().contains("\"out-of-scope\""), "{value:#}");
}

#[test]
fn i_14b_a_guard_that_never_fires_is_found() {
    let world = installed();
    for (hook, folder, args) in [
        ("commit-msg", ".git", &[][..]),
        (
            "pre-receive",
            "../server.git",
            &["--server", "../server.git"],
        ),
    ] {
        let place = format!("{folder}/hooks/{hook}");
        let before = world.read(&place);
        for (text, name) in [
            ("#!/bin/sh\nexit 0\n".to_owned(), "hook-replaced"),
            // It still looks like ours.
            (before.replacen("own=", "exit 0\nown=", 1), "hook-changed"),
        ] {
            world.script(&place, &text);
            let value = world.doctor(&[args, &["--prove"]].concat());
            assert_eq!(wrong(&value), [format!("{name} {hook}")], "{value:#}");
            let passed = passed(&value);
            let through = passed.iter().filter(|p| p.contains(hook)).count();
            assert!(through > 2 && through == passed.len(), "{passed:?}");
        }
        world.script(&place, &before);
    }
    assert_eq!(world.doctor(&["--prove"])["wrong"], 0);
}

#[test]
fn hooks_that_git_does_not_run() {
    let world = installed();
    // Told elsewhere, by the repository and by the user's own settings.
    world
        .git("ann", &["config", "core.hooksPath", "/dev/null"])
        .ok();
    let value = world.doctor(&["--prove"]);
    assert_eq!(
        wrong(&value),
        [
            "hooks-path hooks",
            "hook-missing pre-commit",
            "hook-missing prepare-commit-msg",
            "hook-missing commit-msg",
            "hook-missing pre-push"
        ]
    );
    assert!(passed(&value).contains(&"commit-out-of-scope commit-msg -> -".to_owned()));
    assert!(world.said(&[]).contains("`/dev/null` by"));
    // What it says mends it does.
    world.qms("ann", &["init"]).ok();
    assert_eq!(world.doctor(&["--prove"])["wrong"], 0);
    world
        .git("ann", &["config", "--unset", "core.hooksPath"])
        .ok();
    world.qms("ann", &["init"]).ok();

    let mut doctor = Command::new(env!("CARGO_BIN_EXE_qms"));
    doctor.arg("doctor");
    let mut doctor = world.command(doctor, "ann");
    world.write("global", "[core]\n\thooksPath = .nowhere\n");
    let global = doctor.env("GIT_CONFIG_GLOBAL", world.path("global"));
    let said = ran(&global.output().expect("qms starts"));
    assert_eq!(said.code, 1);
    assert!(
        said.out
            .contains("/.nowhere, by core.hooksPath: `.nowhere` by"),
        "{}",
        said.out
    );
    assert!(said.out.contains("(global)"), "{}", said.out);

    // Not executable, and not there.
    let mode = |bits| std::os::unix::fs::PermissionsExt::from_mode(bits);
    let place = world.path(".git/hooks/commit-msg");
    std::fs::set_permissions(&place, mode(0o644)).expect("a mode");
    std::fs::remove_file(world.path(".git/hooks/pre-push")).expect("the hook was there");
    let value = world.doctor(&["--prove"]);
    assert_eq!(
        wrong(&value),
        ["hook-not-executable commit-msg", "hook-missing pre-push"]
    );
    let passed = passed(&value);
    for through in [
        "commit-forged-actor commit-msg -> -",
        "push-rewritten pre-push -> pre-receive",
        "delete-trunk pre-push -> pre-receive",
    ] {
        assert!(
            passed.contains(&through.to_owned()),
            "{through}: {passed:?}"
        );
    }
    assert!(world.said(&[]).contains("mend: chmod +x "));
}

// Verifies: REQ-QMS-CMD-DOCTOR
#[test]
fn a_program_that_is_not_there_refuses_everything_and_is_no_guard() {
    let world = installed();
    let places = ["pre-commit", "prepare-commit-msg"].map(|h| format!(".git/hooks/{h}"));
    for place in &places {
        world.edit(place, env!("CARGO_BIN_EXE_qms"), "/nowhere/qms");
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let without = std::env::split_paths(&path).filter(|dir| !dir.join("qms").exists());
    let path = std::env::join_paths(without).expect("a path");
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_qms"));
    doctor.args(["--format", "json", "doctor", "--prove"]);
    let ran = ran(&world
        .command(doctor, "ann")
        .env("PATH", path)
        .output()
        .expect("qms starts"));
    let value: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(
        wrong(&value),
        ["hook-program pre-commit", "hook-program prepare-commit-msg"]
    );
    let passed = passed(&value);
    assert!(
        passed.contains(&"commit-legal - -> pre-commit".to_owned()),
        "{passed:?}"
    );
    let crash = "commit-out-of-scope pre-commit -> pre-commit".to_owned();
    assert!(passed.contains(&crash), "a crash is no verdict: {passed:?}");

    // One that is there and is not qms.
    for place in &places {
        world.edit(place, "/nowhere/qms", "/bin/true");
    }
    let value = world.doctor(&["--prove"]);
    assert_eq!(
        wrong(&value),
        ["hook-program pre-commit", "hook-program prepare-commit-msg"]
    );
}

#[test]
fn hooks_of_others_run_first_and_are_named() {
    let world = World::plain();
    world.script(".git/hooks/pre-commit", "#!/bin/sh\necho ran >> ran\n");
    world.qms("ann", &["init", "--user", "qa:quality"]).ok();
    let value = world.doctor(&["--prove"]);
    assert_eq!((value["wrong"].as_u64(), passed(&value)), (Some(0), vec![]));
    assert!(
        value
            .to_string()
            .contains("pre-commit.before-qms runs first"),
        "{value:#}"
    );
    assert!(!world.path("ran").exists());
    // A configured hook is known, and whether this git runs it.
    world
        .git("ann", &["config", "hook.lint.command", "make lint"])
        .ok();
    world
        .git("ann", &["config", "hook.lint.event", "pre-commit"])
        .ok();
    assert!(world.said(&[]).contains("`make lint` (local): "));
    // Moved aside by a manager that goes on running it.
    let shim = world.read(".git/hooks/pre-commit");
    world.script(".git/hooks/pre-commit.legacy", &shim);
    world.script(
        ".git/hooks/pre-commit",
        "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n\
         exec \"${0%/*}/pre-commit.legacy\" \"$@\"\n",
    );
    let value = world.doctor(&["--prove"]);
    assert_eq!((wrong(&value), passed(&value)), (vec![], vec![]));
    assert!(world.said(&[]).contains("pre-commit runs "));
    // Taken over by a manager that does not know of qms.
    world.script(".git/hooks/pre-commit", "#!/bin/sh\ncall_lefthook run\n");
    assert!(
        world
            .said(&[])
            .contains("is of lefthook and does not call qms")
    );
}

#[test]
fn a_server_without_its_settings() {
    let world = World::served();
    let args = ["--server", "../server.git", "--prove"];
    for (key, through) in [
        (
            "receive.denyNonFastForwards",
            "push-rewritten receive.denyNonFastForwards -> reference-transaction",
        ),
        (
            "receive.denyDeletes",
            "delete-trunk receive.denyDeletes -> receive.denyDeleteCurrent",
        ),
        (
            "receive.fsckObjects",
            "push-broken-object receive.fsckObjects -> -",
        ),
    ] {
        world.on_server(&["config", key, "false"]);
        let value = world.doctor(&args);
        assert_eq!(wrong(&value), [format!("setting {key}")]);
        let passed = passed(&value);
        assert!(passed.iter().any(|p| p.starts_with(through)), "{passed:?}");
        world.on_server(&["config", key, "true"]);
    }
    world.on_server(&["config", "receive.maxInputSize", "0"]);
    world.on_server(&["config", "receive.shallowUpdate", "1"]);
    let both = [
        "setting receive.shallowUpdate",
        "setting receive.maxInputSize",
    ];
    assert_eq!(wrong(&world.doctor(&args[..2])), both);
    world
        .qms("ann", &["-C", "../server.git", "init", "--server"])
        .ok();
    assert_eq!(wrong(&world.doctor(&args[..2])), Vec::<String>::new());
}

#[test]
fn init_says_what_overrides_what_it_set() {
    let world = World::served();
    let server = world.within("../server.git");
    server.write("more", "[receive]\n\tdenyDeletes = no\n");
    let config = server.read("config") + "[include]\n\tpath = more\n";
    server.write("config", &config);
    let ran = server.qms("ann", &["init", "--server"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("wrong  receive.denyDeletes  `no` by "),
        "{}",
        ran.out
    );
    assert_eq!(
        wrong(&server.doctor(&["--server", "."])),
        ["setting receive.denyDeletes"]
    );
    let mend = server.doctor(&["--server", "."])["rows"].to_string();
    assert!(
        mend.contains("/more --unset-all receive.denyDeletes"),
        "{mend}"
    );
    std::fs::remove_file(server.path("more")).expect("it was there");
    server.qms("ann", &["init", "--server"]).ok();
}

#[test]
fn a_server_that_trusts_the_wrong_commit() {
    let world = World::served();
    let args = ["--server", "../server.git", "--prove"];
    let before = world.git("ann", &["rev-parse", "HEAD~1"]).ok();
    let tree = world.git("ann", &["rev-parse", "HEAD^{tree}"]).ok();
    let orphan = world
        .git(
            "ann",
            &[
                "-C",
                "../server.git",
                "commit-tree",
                tree.trim(),
                "-m",
                "Other",
            ],
        )
        .ok();
    for anchor in [before.trim(), orphan.trim(), &"1".repeat(40), "abc"] {
        world.on_server(&["config", "qms.anchor", anchor]);
        let value = world.doctor(&args[..2]);
        assert_eq!(wrong(&value), ["anchor anchor"], "{anchor}");
    }
    world.on_server(&["config", "qms.anchor", orphan.trim()]);
    world.on_server(&["config", "--unset", "qms.anchor"]);
    // Hooks do not read what is said elsewhere.
    world.write("../more", &format!("[qms]\n\tanchor = {}\n", world.head()));
    world.on_server(&["config", "include.path", "../more"]);
    let value = world.doctor(&args);
    assert_eq!(wrong(&value), ["anchor anchor"]);
    let passed = passed(&value);
    assert!(
        passed.contains(&"push-legal - -> pre-receive".to_owned()),
        "{passed:?}"
    );
    assert!(value.to_string().contains("no-anchor"), "{value:#}");
}

#[test]
fn what_bends_a_history_is_found() {
    let world = installed();
    let args = ["--server", "../server.git", "--prove"];
    world.on_server(&["symbolic-ref", "refs/heads/trunk", "refs/heads/main"]);
    let value = world.doctor(&args);
    assert_eq!(wrong(&value), ["symbolic-ref refs/heads/trunk"]);
    let tried = value["tried"].as_array().expect("what was tried");
    let alias = tried.iter().filter(|t| t["what"] == "push-through-alias");
    assert_eq!(alias.count(), 2);
    assert_eq!(passed(&value), Vec::<String>::new());
    // With the hook gone that sees where an alias leads, the other is alone.
    let hook = world.path("../server.git/hooks/reference-transaction");
    std::fs::remove_file(hook).expect("the hook was there");
    let value = world.doctor(&args);
    assert_eq!(
        wrong(&value),
        [
            "hook-missing reference-transaction",
            "symbolic-ref refs/heads/trunk"
        ]
    );
    let passed = passed(&value);
    for through in [
        "push-through-alias reference-transaction -> -",
        "push-without-change reference-transaction -> -",
        "push-rewritten reference-transaction -> -",
    ] {
        assert!(
            passed.contains(&through.to_owned()),
            "{through}: {passed:?}"
        );
    }

    let (head, before) = (
        world.head(),
        world.git("ann", &["rev-parse", "HEAD~1"]).ok(),
    );
    world.git("ann", &["replace", &head, before.trim()]).ok();
    world.write(".git/info/grafts", &format!("{head}\n"));
    assert_eq!(
        wrong(&world.doctor(&[])),
        ["history-grafts history", "history-replaced history"]
    );
    let url = format!("file://{}", world.path("../server.git").display());
    world
        .git("ann", &["clone", "-q", "--depth", "1", &url, "../shallow"])
        .ok();
    let shallow = world.within("../shallow");
    shallow.qms("ann", &["init"]).ok();
    assert_eq!(wrong(&shallow.doctor(&[])), ["history-shallow history"]);
}

#[test]
fn settings_that_disturb_and_policies_that_do_not_hold() {
    let world = installed();
    world.git("ann", &["config", "core.commentChar", "Q"]).ok();
    world
        .git("ann", &["config", "i18n.commitEncoding", "latin1"])
        .ok();
    let value = world.doctor(&["--prove"]);
    assert_eq!(
        wrong(&value),
        ["setting core.commentChar", "setting i18n.commitEncoding"]
    );
    world
        .git("ann", &["config", "--unset-all", "core.commentChar"])
        .ok();
    world
        .git("ann", &["config", "--unset-all", "i18n.commitEncoding"])
        .ok();
    let other = world.qms("zoe", &["doctor"]).ok();
    assert!(
        other.contains("zoe <zoe@example.com> is no user of the policy"),
        "{other}"
    );
    world.write("qms.yaml", "qms: [\n");
    world.git("ann", &["add", "."]).ok();
    world.git("ann", &["commit", "-qnm", "Spoil"]).ok();
    assert_eq!(wrong(&world.doctor(&[])), ["policy policy"]);
    // The rows are there even where nothing can be tried.
    let both = ["policy policy", "prove --prove"];
    assert_eq!(wrong(&world.doctor(&["--prove"])), both);
    assert_eq!(World::plain().qms("ann", &["doctor"]).code, 1);
    assert_eq!(World::empty().qms("ann", &["doctor"]).code, 2);
    let server = world.qms("ann", &["doctor", "--server", "../nowhere.git"]);
    assert_eq!(server.code, 2, "{}", server.err);
    let founded = World::plain();
    founded.qms("ann", &["init"]).ok();
    let value = founded.doctor(&["--prove"]);
    assert_eq!((wrong(&value), passed(&value)), (vec![], vec![]));
    assert!(
        value.to_string().contains("nobody could approve"),
        "{value:#}"
    );
}
