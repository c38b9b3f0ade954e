//! The actions of a clone, each on a repository that is made for it and that is cluttered by what its user has not
//! committed.

use std::process::Command;

use super::{Count, Picture, Point, after_locks, command, points, run, sound, traced, wrap};
use crate::world::{Ran, World, document};

const QMS: &str = env!("CARGO_BIN_EXE_qms");

/// An action, and the command that comes next and mends what a kill leaves.
struct Action<'a> {
    user: &'a str,
    args: &'a [&'a str],
    next: &'a [&'a str],
}

/// Everything beside the repository, the server too, as it was.
fn copy(base: &World) {
    let at = base.path("../killed");
    let _ = std::fs::remove_dir_all(&at);
    std::fs::create_dir(&at).expect("a folder");
    let mut cp = Command::new("cp");
    cp.arg("-a").arg(base.path(""));
    let server = base.path("../server.git");
    cp.args(server.exists().then_some(server)).arg(&at);
    assert!(cp.status().expect("cp starts").success());
}

impl Action<'_> {
    /// Runs it in a fresh copy; every run has the same time, so that the same commits come of it.
    fn go(&self, base: &World, point: Option<&Point>) -> (World, Ran, String) {
        copy(base);
        let world = base.within("../killed/repo");
        let log = world.path("../log");
        let words = traced(
            &log,
            point.and_then(|p| p.inject.as_deref()),
            point.is_some_and(|p| p.git_only),
        );
        let command = if point.is_some_and(|p| p.git_only) {
            let mut command = Command::new(QMS);
            command.args(self.args);
            command.env("PATH", wrap(&world, "git", &words));
            command
        } else {
            command(&words, &[&[QMS], self.args].concat())
        };
        let ran = run(&world, self.user, command);
        let log = std::fs::read_to_string(log).unwrap_or_default();
        (world, ran, log)
    }

    /// A command in the copy, at the same time as the first.
    fn then(&self, base: &World, args: &[&str]) -> Ran {
        base.within("../killed/repo").qms(self.user, args)
    }

    #[track_caller]
    fn killed_everywhere(&self, base: &World) {
        let before = Picture::of(base);
        let git = Point {
            inject: None,
            git_only: true,
        };
        let (world, ran, log) = self.go(base, Some(&git));
        ran.ok();
        let after = Picture::of(&world);
        assert_ne!(before, after, "it does something");
        let mut all = points(&log, true);
        let (world, ran, log) = self.go(base, None);
        ran.ok();
        assert_eq!(Picture::of(&world), after, "it does the same each time");
        all.extend(points(&log, false));
        let mut count = Count::default();
        for point in &all {
            let (world, _, log) = self.go(base, Some(point));
            if log.contains("killed by SIGKILL") {
                let at = format!("{:?} at {point:?}", self.args);
                self.is_before_or_after(base, &world, (&before, &after), &mut count, &at);
            }
        }
        count.print(&self.args.join(" "));
        assert!(
            count.kills >= 10 && count.before > 0 && count.after > 0,
            "{count:?}"
        );
    }

    #[track_caller]
    fn is_before_or_after(
        &self,
        base: &World,
        world: &World,
        (before, after): (&Picture, &Picture),
        count: &mut Count,
        at: &str,
    ) {
        let left = Picture::of(world);
        let told = |p: &Picture| format!("{at}: {}", p.against(before, after));
        let done = left.refs == after.refs && before.refs != after.refs;
        assert!(done || left.refs == before.refs, "{}", told(&left));
        sound(world, at);
        let next = after_locks(count, at, || self.then(base, self.next));
        assert!(!next.err.contains("panicked"), "{at}: {}", next.err);
        let now = Picture::of(world);
        let said = format!("{}{}", next.out, next.err);
        let fits = now == *after || (!done && now == *before);
        assert!(fits, "{}\n{said}", told(&now));
        count.kills += 1;
        match done {
            true => count.after += 1,
            false => count.before += 1,
        }
        if now != *after {
            let ran = after_locks(count, at, || self.then(base, self.args));
            assert_eq!(ran.code, 0, "{at}: again: {}{}", ran.out, ran.err);
            let now = Picture::of(world);
            assert!(now == *after, "again: {}", told(&now));
        }
    }
}

const SYNC: &[&str] = &["sync"];

/// Something unstaged, untracked, staged and half written, beside whatever else is going on.
fn clutter(world: &World) {
    unstaged(world);
    world.write("src/staged.py", "staged\n");
    world.git("dev", &["add", "src/staged.py"]).ok();
}

fn unstaged(world: &World) {
    world.write("README.md", "not staged\n");
    world.write("untracked.txt", "untracked\n");
}

/// A clone with its hooks and a server, with a draft of dev's that everybody has.
fn begun() -> (World, String) {
    let world = World::served();
    world.qms("ann", &["init"]).ok();
    let args = ["create", "CR", "--title", "One", "--scope", "src/**"];
    world.qms("dev", &args).ok();
    world.lands();
    (world, "CR-001".to_owned())
}

fn moves(world: &World, user: &str, args: &[&str]) {
    let next = SYNC;
    Action { user, args, next }.killed_everywhere(world);
}

#[test]
fn create() {
    let (world, _) = begun();
    clutter(&world);
    moves(&world, "dev", &["create", "SOP", "--title", "Backups"]);
}

#[test]
fn checkin() {
    let (world, id) = begun();
    world.edit(&document(&id), "## 6.", "A thought.\n\n## 6.");
    clutter(&world);
    moves(&world, "dev", &["checkin", &id]);
}

#[test]
fn checkout() {
    let (world, id) = begun();
    world.qms("dev", &["checkin", &id]).ok();
    clutter(&world);
    moves(&world, "dev", &["checkout", &id]);
}

/// Two moves: the text is checked in first.
#[test]
fn route() {
    let (world, id) = begun();
    world.edit(&document(&id), "## 6.", "A thought.\n\n## 6.");
    clutter(&world);
    moves(&world, "dev", &["route", &id, "--review"]);
}

#[test]
fn an_approval_that_is_the_last() {
    let (world, id) = begun();
    world.qms("dev", &["route", &id, "--review"]).ok();
    for name in ["qa", "qb"] {
        world.qms(name, &["review", &id, "--recommend"]).ok();
    }
    world.qms("dev", &["route", &id, "--approval"]).ok();
    world.qms("qa", &["approve", &id]).ok();
    clutter(&world);
    moves(&world, "qb", &["approve", &id]);
}

/// Words in the work tree, others in the index, both nobody's but their author's, and the block moves under them.
#[test]
fn transfer_under_words_that_are_not_committed() {
    let (world, id) = begun();
    let path = document(&id);
    world.edit(&path, "## 6.", "Staged.\n\n## 6.");
    world.git("dev", &["add", &path]).ok();
    world.edit(&path, "## 6.", "Not staged.\n\n## 6.");
    let args = ["transfer", &id, "--to", "claude", "--reason", "away"];
    moves(&world, "dev", &args);
}

/// The same, and a row of the text moves between the author's own rows.
#[test]
fn an_item_under_words_that_are_not_committed() {
    let world = World::house();
    world.qms("ann", &["init"]).ok();
    let id = world.change("dev", "src/**");
    world.qms("dev", &["checkout", &id]).ok();
    world.lands();
    let path = document(&id);
    world.edit(&path, "[COMMENT]", "Staged.");
    world.git("dev", &["add", &path]).ok();
    world.edit(&path, "[EXECUTION SUMMARY]", "Not staged.");
    let args = [
        "item",
        "set",
        &id,
        "EI-2",
        "--outcome",
        "fail",
        "--summary",
        "No",
    ];
    moves(&world, "dev", &args);
}

/// Its attachment closes in the same commit: two files move at once.
#[test]
fn close_with_an_attachment() {
    let world = World::served();
    world.qms("ann", &["init"]).ok();
    let id = world.change("dev", "src/**");
    let args = ["create", "VR", "--parent", &id, "--title", "Seen"];
    world.qms("dev", &args).ok();
    world.qms("dev", &["checkin", &format!("{id}-VR-001")]).ok();
    world.approve("dev", &id);
    world.lands();
    clutter(&world);
    moves(&world, "dev", &["close", &id]);
}

#[test]
fn user_add() {
    let (world, _) = begun();
    clutter(&world);
    moves(
        &world,
        "ann",
        &["user", "add", "eve", "--group", "initiator"],
    );
}

#[test]
fn commit() {
    let (world, _) = begun();
    let id = world.change("dev", "src/**");
    world.lands();
    clutter(&world);
    moves(
        &world,
        "dev",
        &["commit", "-q", "-m", "Work", "--change", &id],
    );
}

#[test]
fn sync() {
    let (world, _) = begun();
    let change = world.change("dev", "src/**");
    world.lands();
    let other = world.second("other");
    other.write("src/other.py", "other\n");
    other.works("dev", "Other", &change);
    let user = ["create", "SOP", "--title", "Ours"];
    other.qms("claude", &user).ok();
    other
        .git("dev", &["push", "-q", "origin", "HEAD:main"])
        .ok();
    for (file, text) in [("mine", "mine\n"), ("more", "more\n")] {
        world.write(&format!("src/{file}.py"), text);
        world.works("dev", file, &change);
    }
    world.qms("dev", &["checkin", "CR-001"]).ok();
    clutter(&world);
    moves(&world, "dev", SYNC);
}

#[test]
fn init() {
    let world = World::plain();
    clutter(&world);
    let theirs = "#!/bin/sh\nexit 0\n";
    world.script(".git/hooks/pre-commit", theirs);
    let args = &["init", "--user", "dev:initiator", "--user", "qa:quality"];
    let user = "ann";
    Action {
        user,
        args,
        next: args,
    }
    .killed_everywhere(&world);
}
