//! Killed at every write: the repository is as before or as after, it is sound, and whoever comes next goes on or is told
//! which lock lies in the way. Source: model.md, invariant 7. `QMS_LONG=1` kills at every one, not at some.

#![expect(clippy::print_stdout, reason = "the counts are part of what is shown")]

mod actions;
mod kept;
mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::world::{Ran, World, ran};

/// System calls that change a file system. A kill comes before one, so what a file looks like after it was opened is
/// seen at the call that follows; creating one counts, too.
const CALLS: &str = "write,pwrite64,writev,copy_file_range,rename,renameat,renameat2,link,linkat,symlink,symlinkat,\
    unlink,unlinkat,rmdir,ftruncate,fsync,fdatasync,mkdir,mkdirat,chmod,fchmod,fchmodat";
/// How many kills of one kind and action are enough where not all were asked for.
const SOME: usize = 14;

/// Where a program is killed: the inject expression of `strace`, and whether only the git programs that it starts are.
#[derive(Clone, Debug)]
struct Point {
    inject: Option<String>,
    git_only: bool,
}

/// What came of the kills of an action.
#[derive(Debug, Default)]
struct Count {
    kills: usize,
    before: usize,
    after: usize,
    locks: BTreeMap<String, usize>,
}

impl Count {
    fn print(&self, what: &str) {
        let Count {
            kills,
            before,
            after,
            locks,
        } = self;
        let locks: Vec<String> = locks.iter().map(|(k, n)| format!("{k} {n}")).collect();
        let locks = locks.join(", ");
        println!(
            "{what}: {kills} kills, {before} as before, {after} as after; locks named: {locks}"
        );
    }
}

/// Whether all of what takes long was asked for.
pub(crate) fn all() -> bool {
    std::env::var_os("QMS_LONG").is_some()
}

/// The words that start a program under `strace`, with what it starts or without. What it did is added to `log`.
fn traced(log: &Path, inject: Option<&str>, follow: bool) -> Vec<String> {
    // Whatever is still at work after a kill holds the output open, so that it is waited for.
    let held = ["sh", "-c", "exec \"$@\" 9>&1", "sh", "strace", "-A", "-o"];
    let mut words = held.map(str::to_owned).to_vec();
    words.push(log.display().to_string());
    words.push(format!("-etrace={CALLS},openat"));
    words.extend(follow.then(|| "-f".to_owned()));
    words.extend(inject.map(|i| format!("-einject={i}")));
    words
}

/// A command of such words and more.
fn command(words: &[String], args: &[&str]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).args(args);
    command
}

/// Puts a script before the program `name` in the search path, which runs the real one under `strace`.
fn wrap(world: &World, name: &str, words: &[String]) -> String {
    let path = std::env::var("PATH").expect("a path");
    let real = std::env::split_paths(&path).map(|p| p.join(name));
    let real = real.into_iter().find(|p| p.exists()).expect("the program");
    let words: Vec<String> = words.iter().map(|w| format!("'{w}'")).collect();
    let text = format!(
        "#!/bin/sh\nPATH='{path}'\nexec {} '{}' \"$@\"\n",
        words.join(" "),
        real.display()
    );
    world.script(&format!("../wrapped/{name}"), &text);
    format!("{}:{path}", world.path("../wrapped").display())
}

/// Runs to the end; a missing `strace` is a failure, not a test less.
fn run(world: &World, user: &str, mut command: Command) -> Ran {
    let more: Vec<_> = command
        .get_envs()
        .filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned())))
        .collect();
    command = world.command(command, user);
    let ran = ran(&command.envs(more).output().expect("the program starts"));
    assert!(
        !ran.err.contains("strace: not found"),
        "crash tests need strace: apt-get install strace"
    );
    ran
}

/// The places at which a whole run, as logged, can be killed, in their order: `strace` counts every kind of call of a
/// process by itself, and of several processes the first is hit.
fn points(log: &str, git_only: bool) -> Vec<Point> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut found: Vec<String> = Vec::new();
    for line in log.lines() {
        let (process, call) = match line.split_once(' ') {
            Some((id, call)) if id.bytes().all(|b| b.is_ascii_digit()) => (id, call.trim_start()),
            _ => ("", line),
        };
        let Some((name, rest)) = call
            .split_once('(')
            .filter(|_| !call.starts_with(['+', '-', '<']))
        else {
            continue;
        };
        let n = counts.entry((process, name)).or_default();
        *n += 1;
        let inject = format!("{name}:signal=KILL:when={n}");
        if (name != "openat" || rest.contains("O_CREAT")) && !found.contains(&inject) {
            found.push(inject);
        }
    }
    let point = |inject: &String| Point {
        inject: Some(inject.clone()),
        git_only,
    };
    some(&found, SOME).iter().map(point).collect()
}

/// Every one, or as many as asked for, spread over the whole and always with the last ones, where a run ends.
fn some(all_of_them: &[String], enough: usize) -> Vec<String> {
    let count = all_of_them.len();
    if all() || count <= enough {
        return all_of_them.to_vec();
    }
    let late = enough / 3;
    let spread = (0..enough - late).map(|n| n * (count - late) / (enough - late));
    let picked = spread.chain(count - late..count);
    picked.map(|n| all_of_them[n].clone()).collect()
}

/// What a person has: branches and tags, the index, and every file of the work tree.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Picture {
    refs: String,
    index: String,
    files: BTreeMap<String, String>,
    /// The hooks and configuration, which an action may be about.
    set: BTreeMap<String, String>,
}

impl Picture {
    fn of(world: &World) -> Picture {
        let mut refs = world
            .git("ann", &["for-each-ref", "refs/heads", "refs/tags"])
            .ok();
        refs += &world.git("ann", &["symbolic-ref", "HEAD"]).ok();
        let bare = !world.path(".git").exists();
        let (mut files, mut set) = (BTreeMap::new(), BTreeMap::new());
        let git = if bare { "" } else { ".git/" };
        walk(world, &format!("{git}hooks"), &mut set);
        set.insert("config".to_owned(), world.read(&format!("{git}config")));
        // A file that was to become a hook is none, and git looks for none of that name.
        set.retain(|name, _| !name.ends_with(".sample") && !name.contains("/.qms-"));
        if !bare {
            walk(world, "", &mut files);
        }
        let index = world.git("ann", &["ls-files", "--stage"]);
        let index = if bare { String::new() } else { index.ok() };
        Picture {
            refs,
            index,
            files,
            set,
        }
    }
}

impl Picture {
    /// What is in neither of the two, and what is new or gone beside the first.
    fn against(&self, before: &Picture, after: &Picture) -> String {
        let lines = |p: &Picture| -> Vec<String> {
            let files = p
                .files
                .iter()
                .chain(&p.set)
                .map(|(k, v)| format!("{k}: {v:?}"));
            let other = p.refs.lines().chain(p.index.lines()).map(str::to_owned);
            files.chain(other).collect()
        };
        let (before, after, now) = (lines(before), lines(after), lines(self));
        let mut out = String::new();
        for line in &now {
            let (was, will) = (before.contains(line), after.contains(line));
            let what = match (was, will) {
                (true, true) => continue,
                (true, false) => "as before",
                (false, true) => "as after",
                (false, false) => "neither",
            };
            let line: String = line.chars().take(300).collect();
            out += &format!("\n{what}: {line}");
        }
        out
    }
}

fn walk(world: &World, folder: &str, out: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(world.path(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name");
        let name = format!("{folder}{}{name}", if folder.is_empty() { "" } else { "/" });
        let data = entry.path().symlink_metadata().expect("a file");
        if name == ".git" {
            continue;
        }
        if data.is_dir() {
            walk(world, &name, out);
            continue;
        }
        let mode = std::os::unix::fs::PermissionsExt::mode(&data.permissions());
        out.insert(name.clone(), format!("{mode:o} {}", world.read(&name)));
    }
}

/// Asserts that history is whole and legal. Before there is a policy there is nothing to verify.
#[track_caller]
fn sound(world: &World, at: &str) {
    let fsck = world.git("ann", &["fsck", "--strict", "--no-dangling"]);
    assert_eq!(fsck.code, 0, "{at}: {}{}", fsck.out, fsck.err);
    let verify = world.qms("ann", &["verify", "--no-cache"]);
    let governed = world.git("ann", &["cat-file", "-e", "main:qms.yaml"]).code == 0;
    assert!(
        verify.code == 0 || !governed,
        "{at}: {}{}",
        verify.out,
        verify.err
    );
}

/// The lock that a message tells to remove, which is there.
fn named_lock(said: &str) -> Option<&str> {
    let words = said.split(|c: char| c.is_whitespace() || "'`\";,:".contains(c));
    let mut locks = words.filter(|w| w.ends_with(".lock") && Path::new(w).exists());
    locks.next()
}

/// Runs a command as somebody does who comes after a kill: where a lock is in the way, it must be named; it is removed.
#[track_caller]
fn after_locks(count: &mut Count, at: &str, ask: impl Fn() -> Ran) -> Ran {
    for _ in 0..4 {
        let ran = ask();
        let said = format!("{}{}", ran.out, ran.err);
        if ran.code == 0 || !said.contains("lock") {
            return ran;
        }
        let lock = named_lock(&said).unwrap_or_else(|| panic!("{at}: no lock is named: {said}"));
        let name = Path::new(lock).file_name().expect("a name");
        let name = name.to_string_lossy().into_owned();
        *count.locks.entry(name).or_default() += 1;
        std::fs::remove_file(lock).expect("the lock");
    }
    panic!("{at}: locks without end");
}
