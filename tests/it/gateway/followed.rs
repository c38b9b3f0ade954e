//! The checkout that agents look at follows what they commit, and what a person has there of his own stays.

use serde_json::{Value, json};

use super::client::Http;
use super::{Gate, token, world};
use crate::world::World;

struct Desk {
    world: World,
    id: String,
    _gate: Gate,
    dev: Http,
}

impl Desk {
    fn new() -> Desk {
        let world = world();
        let id = world.change("dev", "src/**");
        let gate = Gate::start(&world);
        let dev = gate.client(&token(&world, "dev"));
        Desk {
            world,
            id,
            _gate: gate,
            dev,
        }
    }

    fn commit(&self, what: Value) -> super::client::Answer {
        let mut work = json!({ "change": self.id, "message": "Work" });
        for (name, value) in what.as_object().expect("an object") {
            work[name] = value.clone();
        }
        self.dev.call("git_commit", work)
    }

    fn status(&self) -> String {
        self.world.git("ann", &["status", "--short"]).ok()
    }
}

fn file(path: &str, text: &str) -> Value {
    json!({ "path": path, "text": text })
}

#[test]
fn files_come_and_go_with_their_modes_and_folders() {
    let desk = Desk::new();
    let run = json!({ "path": "src/bin/run", "text": "run\n", "executable": true });
    desk.commit(json!({ "files": [run, file("src/deep/er/a", "a\n"), file("src/b", "b\n")] }))
        .ok();
    assert_eq!(desk.status(), "");
    let mode = std::fs::metadata(desk.world.path("src/bin/run")).expect("it is there");
    let mode = std::os::unix::fs::PermissionsExt::mode(&mode.permissions());
    assert_eq!(mode & 0o111, mode & 0o444 >> 2 | 0o100, "{mode:o}");
    let plain = json!({ "path": "src/bin/run", "text": "run\n", "executable": false });
    desk.commit(json!({ "files": [plain], "moves": [{ "from": "src/b", "to": "src/c" }], "delete": ["src/deep/er/a"] }))
        .ok();
    assert_eq!(desk.status(), "");
    assert!(!desk.world.path("src/deep").exists() && !desk.world.path("src/b").exists());
    assert_eq!(desk.world.read("src/c"), "b\n");
    // A folder takes a file's place, and a file a folder's.
    desk.commit(json!({ "delete": ["src/c"], "files": [file("src/c/d", "d\n")] }))
        .ok();
    assert_eq!(
        (desk.status(), desk.world.read("src/c/d")),
        (String::new(), "d\n".into())
    );
    let over = json!({ "delete": ["src/c/d"], "files": [file("src/c", "c\n")] });
    desk.commit(over).not("is a folder here");
    desk.commit(json!({ "delete": ["src/c/d"] })).ok();
    desk.commit(json!({ "files": [file("src/c", "c\n")] })).ok();
    assert_eq!(
        (desk.status(), desk.world.read("src/c")),
        (String::new(), "c\n".into())
    );
    desk.world.git("ann", &["fsck", "--strict"]).ok();
}

#[test]
fn what_a_person_has_there_of_his_own_stays() {
    let desk = Desk::new();
    desk.commit(
        json!({ "files": [file("src/a", "a\n"), file("src/b", "b\n"), file("src/c", "c\n")] }),
    )
    .ok();
    let world = &desk.world;
    world.write("src/a", "mine\n");
    world.write("src/b", "staged\n");
    world.git("ann", &["add", "src/b"]).ok();
    world.write("src/new", "not yet added\n");
    world.write("src/c", "gone and mine\n");
    let theirs = ["src/a", "src/b", "src/new"].map(|path| file(path, "theirs\n"));
    desk.commit(json!({ "files": theirs, "delete": ["src/c"] }))
        .ok();
    assert_eq!(world.read("src/a"), "mine\n");
    assert_eq!(world.read("src/b"), "staged\n");
    assert_eq!(world.read("src/new"), "not yet added\n");
    assert_eq!(world.read("src/c"), "gone and mine\n");
    assert_eq!(desk.status(), " M src/a\nM  src/b\n M src/new\n?? src/c\n");
    assert_eq!(world.git("ann", &["show", ":src/b"]).ok(), "staged\n");
    // What he deleted and did not say so comes back with the commit that writes it, and not otherwise.
    std::fs::remove_file(world.path("src/main.py")).expect("it is there");
    desk.commit(json!({ "files": [file("src/d", "d\n")] })).ok();
    assert!(!world.path("src/main.py").exists());
}

#[test]
fn nothing_is_written_through_a_link_or_over_a_folder() {
    let desk = Desk::new();
    let world = &desk.world;
    desk.commit(json!({ "files": [file("src/deep/a", "a\n")] }))
        .ok();
    let head = world.head();
    std::fs::create_dir_all(world.path("src/taken/inside")).expect("a folder");
    desk.commit(json!({ "files": [file("src/taken", "x\n")] }))
        .not("move it away");
    std::fs::rename(world.path("src/deep"), world.path("../outside")).expect("a folder");
    std::os::unix::fs::symlink("../../outside", world.path("src/deep")).expect("a link");
    desk.commit(json!({ "files": [file("src/deep/a", "b\n"), file("src/deep/b", "b\n")] }))
        .not("is a link in the work tree");
    assert_eq!(world.head(), head);
    let outside = std::fs::read_to_string(world.path("../outside/a")).expect("it is there");
    assert_eq!(outside, "a\n");
    assert!(!world.path("../outside/b").exists());
}

#[test]
fn m7_what_cannot_follow_is_refused_and_keeps_nobody_out() {
    let desk = Desk::new();
    let world = &desk.world;
    let head = world.head();
    let long = "y".repeat(256);
    for path in [
        format!("src/new/{long}"),
        format!("src/{long}/x"),
        format!("src/{long}"),
    ] {
        desk.commit(json!({ "files": [file(&path, "x\n")] }))
            .not("no file system takes");
    }
    // A folder that cannot be written: nothing is half done, and the next goes on.
    world.write("src/shut", "a file where a folder would come\n");
    desk.commit(json!({ "files": [file("src/a", "a\n"), file("src/shut/b", "b\n")] }))
        .not("src/shut");
    assert_eq!(world.head(), head);
    assert_eq!(desk.status(), "?? src/shut\n");
    desk.commit(json!({ "files": [file("src/a", "a\n")] })).ok();
    let edits: Vec<Value> = (0..2_001)
        .map(|_| json!({ "from": "src/a", "to": "src/a" }))
        .collect();
    desk.commit(json!({ "moves": edits }))
        .not("at most 2000 edits");
}

#[test]
fn what_a_person_has_staged_stays_staged() {
    let desk = Desk::new();
    let names = ["src/a", "src/b", "src/c"];
    desk.commit(json!({ "files": names.map(|path| file(path, "old\n")) }))
        .ok();
    let world = &desk.world;
    world.git("ann", &["rm", "-q", "src/a"]).ok();
    world
        .git("ann", &["update-index", "--chmod=+x", "src/b"])
        .ok();
    world.write("src/d", "mine\n");
    world.git("ann", &["add", "-N", "src/d"]).ok();
    let all = ["src/a", "src/b", "src/c", "src/d"];
    desk.commit(json!({ "files": all.map(|path| file(path, "new\n")) }))
        .ok();
    // The deletion, the mode; and of what was only meant to be added the commit's text, with his own beside it.
    assert_eq!(desk.status(), "D  src/a\nMM src/b\n M src/d\n");
    assert!(!world.path("src/a").exists());
    assert_eq!(world.read("src/d"), "mine\n");
    let staged = world.git("ann", &["ls-files", "-s", "src/b", "src/c"]).ok();
    assert!(staged.starts_with("100755 "), "{staged}");
    // What is staged cannot be a file and a folder at once.
    world.write("src/e/own", "own\n");
    world.git("ann", &["add", "src/e/own"]).ok();
    std::fs::remove_dir_all(world.path("src/e")).expect("a folder");
    desk.commit(json!({ "files": [file("src/e", "e\n")] }))
        .not("is staged");
    world.git("ann", &["write-tree"]).ok();
}

#[test]
fn line_ends_that_git_gave_a_file_are_not_a_persons_own() {
    let desk = Desk::new();
    let world = &desk.world;
    desk.commit(json!({ "files": [file("src/a", "one\ntwo\n")] }))
        .ok();
    world.git("ann", &["config", "core.autocrlf", "true"]).ok();
    std::fs::remove_file(world.path("src/a")).expect("it is there");
    world.git("ann", &["checkout", "-q", "--", "src/a"]).ok();
    assert_eq!(world.read("src/a"), "one\r\ntwo\r\n");
    desk.commit(json!({ "files": [file("src/a", "one\nthree\n")] }))
        .ok();
    assert_eq!(desk.status(), "");
    assert_eq!(world.read("src/a").replace('\r', ""), "one\nthree\n");
}

#[test]
fn m3_no_filter_of_the_repository_runs_for_a_commit() {
    let desk = Desk::new();
    let world = &desk.world;
    let evil = "touch ../evil; cat";
    for key in ["filter.evil.smudge", "filter.evil.clean", "core.fsmonitor"] {
        world.git("ann", &["config", key, evil]).ok();
    }
    std::fs::create_dir_all(world.path(".git/info")).expect("a folder");
    world.write(".git/info/attributes", "* filter=evil\n");
    desk.commit(json!({ "files": [file("src/a", "a\n")] })).ok();
    assert!(!world.path("../evil").exists());
    assert_eq!(world.read("src/a"), "a\n");
}
