//! A repository with people, a server and clones, in a temporary directory with a cleared environment.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a program answered.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The answer of a program that went well; panics with what it said if not.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// Asserts that it was refused by a rule, and gives what was said.
    #[track_caller]
    pub(crate) fn refused(self, rule: &str) -> String {
        assert_ne!(self.code, 0, "it was let through: {}{}", self.out, self.err);
        let said = format!("{}{}", self.out, self.err);
        assert!(
            said.contains(&format!("error[{rule}]")),
            "expected {rule}:\n{said}"
        );
        said
    }
}

/// Where an instrumented qms writes which lines it executed, if somebody measures that.
pub(crate) const PROFILE: &str = "LLVM_PROFILE_FILE";

/// A folder with a home of its own; `at` is the repository that commands run in.
pub(crate) struct World {
    dir: tempfile::TempDir,
    at: PathBuf,
    /// Seconds that pass with every command, so that dates differ and are always the same.
    clock: Cell<i64>,
    /// Where keys lie: whoever has one there signs with it.
    keys: Option<PathBuf>,
}

pub(crate) const USERS: [&str; 5] = [
    "dev:initiator",
    "claude:initiator:agent",
    "qa:quality",
    "qb:quality",
    "tu:reviewer",
];

impl World {
    /// An empty folder.
    pub(crate) fn empty() -> World {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let at = dir.path().to_path_buf();
        World {
            dir,
            at,
            clock: Cell::new(1_700_000_000),
            keys: None,
        }
    }

    /// Makes a key for each of these people, who sign from now on; gives the public ones.
    pub(crate) fn make_keys(&mut self, people: &[&str]) -> Vec<String> {
        let folder = self.dir.path().join("keys");
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut keys = Vec::new();
        for name in people {
            let place = folder.join(name);
            let place = place.to_str().expect("a path");
            let args = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", place];
            self.run(Command::new("ssh-keygen"), name, &args).ok();
            let key = std::fs::read_to_string(format!("{place}.pub")).expect("a key");
            keys.push(key.trim().to_owned());
        }
        self.keys = Some(folder);
        keys
    }

    /// The private key of somebody.
    pub(crate) fn key(&self, name: &str) -> String {
        let folder = self.keys.as_ref().expect("there are keys");
        folder.join(name).to_str().expect("a path").to_owned()
    }

    /// A repository on `main` with some code, not governed yet.
    pub(crate) fn plain() -> World {
        let mut world = World::empty();
        world.git("ann", &["init", "-q", "-b", "main", "repo"]).ok();
        world.at = world.dir.path().join("repo");
        world.write("src/main.py", "print()\n");
        world.write("README.md", "Read me\n");
        world.git("ann", &["add", "."]).ok();
        world.git("ann", &["commit", "-qm", "Begin"]).ok();
        world
    }

    /// A governed repository: ann is its administrator, and USERS are there. Its templates ask for nothing but an
    /// execution summary: what documents hold is for the tests that begin with `governed`.
    pub(crate) fn new() -> World {
        let world = World::governed();
        world.leaner();
        world
    }

    /// Lean templates in the place of those that the last commit, `init`, has brought.
    pub(crate) fn leaner(&self) {
        for entry in std::fs::read_dir(self.path("QMS/TEMPLATE")).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            let name = format!("QMS/TEMPLATE/{}", name.to_str().expect("a name"));
            let mut text = lean(&self.read(&name));
            // A form is filled in by nobody here, and closes with its parent.
            if name.ends_with("-VR.md") {
                text = text.replace(SUMMARY, "Words enough.");
            }
            self.write(&name, &text);
        }
        let amend = [
            "-c",
            "core.hooksPath=/nowhere",
            "commit",
            "-qa",
            "--amend",
            "--no-edit",
        ];
        self.git("ann", &amend).ok();
    }

    /// The same with the templates that `init` brings.
    pub(crate) fn governed() -> World {
        let world = World::plain();
        let mut args = vec!["init"];
        for user in USERS {
            args.extend(["--user", user]);
        }
        world.qms("ann", &args).ok();
        world
    }

    /// That with a server beside it.
    pub(crate) fn house() -> World {
        let world = World::governed();
        world.serve();
        world
    }

    /// Writes what a built-in template leaves to the author.
    #[track_caller]
    pub(crate) fn write_up(&self, id: &str) {
        let file = document(id);
        let mut text = self.read(&file);
        while let (Some(open), Some(close)) = (text.find("{{"), text.find("}}")) {
            text.replace_range(open..close + 2, "Words enough");
        }
        self.write(&file, &text);
    }

    /// A governed repository with a server beside it (`server.git`, remote `origin`), and no hooks of its own.
    pub(crate) fn served() -> World {
        let world = World::new();
        world.serve();
        world
    }

    pub(crate) fn serve(&self) {
        self.git("ann", &["clone", "-q", "--bare", ".", "../server.git"])
            .ok();
        self.qms("ann", &["-C", "../server.git", "init", "--server"])
            .ok();
        self.git("ann", &["remote", "add", "origin", "../server.git"])
            .ok();
        self.git("ann", &["fetch", "-q", "origin"]).ok();
        self.unhook();
    }

    /// Takes the local hooks away: what is left is the server.
    pub(crate) fn unhook(&self) {
        for hook in ["pre-commit", "prepare-commit-msg", "commit-msg", "pre-push"] {
            std::fs::remove_file(self.at.join(".git/hooks").join(hook))
                .expect("the hook was installed");
        }
    }

    /// A second clone of the server, beside the first.
    pub(crate) fn second(&self, name: &str) -> World {
        self.git(
            "ann",
            &["clone", "-q", "../server.git", &format!("../{name}")],
        )
        .ok();
        self.within(&format!("../{name}"))
    }

    /// The same world, working in another folder of it.
    pub(crate) fn within(&self, folder: &str) -> World {
        let dir = tempfile::tempdir_in(self.dir.path()).expect("a temporary directory");
        World {
            dir,
            at: self.at.join(folder),
            clock: Cell::new(self.clock.get() + 100_000),
            keys: self.keys.clone(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.at.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let place = self.at.join(name);
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        std::fs::write(place, text).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Replaces a text in a file, which must be there.
    #[track_caller]
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no {from:?}:\n{text}");
        self.write(name, &text.replacen(from, to, 1));
    }

    pub(crate) fn git(&self, user: &str, args: &[&str]) -> Ran {
        self.run(Command::new("git"), user, args)
    }

    pub(crate) fn qms(&self, user: &str, args: &[&str]) -> Ran {
        if let ["route", id, "--review", ..] = args {
            self.fill(user, id);
        }
        self.exec(user, args)
    }

    fn exec(&self, user: &str, args: &[&str]) -> Ran {
        self.run(Command::new(env!("CARGO_BIN_EXE_qms")), user, args)
    }

    /// The answer of `qms --format json`.
    #[track_caller]
    pub(crate) fn json(&self, user: &str, args: &[&str]) -> serde_json::Value {
        let answer = self.qms(user, &[&["--format", "json"], args].concat()).ok();
        serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{e}: {answer}"))
    }

    pub(crate) fn command(&self, mut command: Command, user: &str) -> Command {
        self.clock.set(self.clock.get() + 60);
        let date = format!("{} +0000", self.clock.get());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let profile = std::env::var_os(PROFILE);
        command
            .current_dir(&self.at)
            .env_clear()
            .env("PATH", path)
            .envs(profile.map(|place| (PROFILE, place)))
            .env("HOME", self.dir.path());
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("LC_ALL", "C");
        for side in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{side}_NAME"), user);
            command.env(format!("GIT_{side}_EMAIL"), format!("{user}@example.com"));
            command.env(format!("GIT_{side}_DATE"), &date);
        }
        if self.keys.as_ref().is_some_and(|k| k.join(user).exists()) {
            signs(&mut command, &self.key(user));
        }
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, command: Command, user: &str, args: &[&str]) -> Ran {
        let output = self
            .command(command, user)
            .args(args)
            .output()
            .expect("the program starts");
        ran(&output)
    }

    /// Writes what is staged and not yet in a document as a plain commit of `user`, hooks or none.
    #[track_caller]
    pub(crate) fn commit(&self, user: &str, message: &str) {
        self.git(user, &["commit", "-qm", message]).ok();
    }

    /// A change of `user`'s with this scope, in execution. Answers with its id.
    #[track_caller]
    pub(crate) fn change(&self, user: &str, scope: &str) -> String {
        self.wide_change(user, &[scope])
    }

    /// The same with a scope of several patterns.
    #[track_caller]
    pub(crate) fn wide_change(&self, user: &str, scope: &[&str]) -> String {
        let args = [&["create", "CR", "--title", "A change", "--scope"], scope].concat();
        let id = self.json(user, &args)["doc_id"]
            .as_str()
            .expect("an id")
            .to_owned();
        if self.read(&document(&id)).contains("{{") {
            self.write_up(&id);
        }
        self.release(user, &id);
        id
    }

    /// Takes a fresh change or variance to IN_EXECUTION.
    #[track_caller]
    pub(crate) fn release(&self, user: &str, id: &str) {
        self.approve(user, id);
        self.qms(user, &["release", id]).ok();
    }

    /// Reviews and approves what `user` routes, in whatever phase it is.
    #[track_caller]
    pub(crate) fn approve(&self, user: &str, id: &str) {
        self.qms(user, &["route", id, "--review"]).ok();
        for name in ["qa", "qb"] {
            self.qms(name, &["review", id, "--recommend"]).ok();
        }
        self.qms(user, &["route", id, "--approval"]).ok();
        for name in ["qa", "qb"] {
            self.qms(name, &["approve", id]).ok();
        }
    }

    /// Writes the execution summary that `lean` asks for, of a document that is carried out; where `user` may.
    pub(crate) fn fill(&self, user: &str, id: &str) {
        let file = self.at.join(document(id));
        let Ok(text) = std::fs::read_to_string(&file) else {
            return;
        };
        let open = text.contains("\n  status: IN_EXECUTION\n") && text.contains(SUMMARY);
        if open && self.exec(user, &["checkout", id]).code == 0 {
            let name = document(id);
            self.edit(&name, SUMMARY, "Done as planned.");
            self.exec(user, &["checkin", id]).ok();
        }
    }

    #[track_caller]
    pub(crate) fn status(&self, id: &str) -> String {
        self.json("ann", &["status", id])["status"]
            .as_str()
            .expect("a status")
            .to_owned()
    }

    pub(crate) fn head(&self) -> String {
        self.git("ann", &["rev-parse", "HEAD"])
            .ok()
            .trim()
            .to_owned()
    }

    /// The trailers of a work commit.
    pub(crate) fn work(message: &str, change: &str, actor: &str) -> String {
        format!("{message}\n\nQMS-Change: {change}\nQMS-Actor: {actor}\n")
    }

    /// Commits all that the work tree holds, under a message as it is.
    #[track_caller]
    pub(crate) fn puts(&self, user: &str, message: &str) {
        self.git(user, &["add", "."]).ok();
        self.commit(user, message);
    }

    /// Commits all that the work tree holds as work of `user` under a change.
    #[track_caller]
    pub(crate) fn works(&self, user: &str, message: &str, change: &str) {
        self.puts(user, &World::work(message, change, user));
    }

    /// Writes a file that can be run.
    pub(crate) fn script(&self, name: &str, text: &str) {
        self.write(name, text);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(self.at.join(name), mode).expect("a mode");
    }

    /// Pushes and asserts that the server takes it.
    #[track_caller]
    pub(crate) fn lands(&self) {
        self.git("ann", &["push", "-q", "origin", "HEAD:main"]).ok();
        self.git("ann", &["fetch", "-q", "origin"]).ok();
    }

    /// Pushes and asserts that the server refuses by this rule, in `remote:` lines; then goes back to what it has.
    #[track_caller]
    pub(crate) fn bounces(&self, rule: &str) -> String {
        let said = self.bounces_only(rule);
        self.git("ann", &["reset", "-q", "--hard", "origin/main"])
            .ok();
        said
    }

    /// The same, and what was refused stays here.
    #[track_caller]
    pub(crate) fn bounces_only(&self, rule: &str) -> String {
        let before = self.git("ann", &["ls-remote", "origin", "main"]).ok();
        let said = self
            .git("ann", &["push", "origin", "HEAD:main"])
            .refused(rule);
        let remote = said
            .lines()
            .filter(|l| l.starts_with("remote: "))
            .all(|l| l.trim_end().chars().count() <= 80);
        assert!(remote && said.contains("remote: error["), "{said}");
        assert_eq!(
            self.git("ann", &["ls-remote", "origin", "main"]).ok(),
            before
        );
        said
    }
}

/// Lets git sign with a key, as its configuration would.
pub(crate) fn signs(command: &mut Command, key: &str) {
    let values = [
        ("commit.gpgsign", "true"),
        ("gpg.format", "ssh"),
        ("user.signingKey", key),
    ];
    command.env("GIT_CONFIG_COUNT", values.len().to_string());
    for (n, (name, value)) in values.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{n}"), name);
        command.env(format!("GIT_CONFIG_VALUE_{n}"), value);
    }
}

/// What `lean` leaves to be written during execution.
const SUMMARY: &str = "[ALL DONE]";

/// A template without tables and with every section written, but for the execution summary.
fn lean(template: &str) -> String {
    let mut out = String::new();
    for line in template.lines() {
        let line = match line.trim() {
            row if row.starts_with('|') => continue,
            left if left.starts_with("{{") => "Words enough.",
            "[OBJECT]" | "[PROCEDURE]" => "Words enough.",
            "[EXECUTION SUMMARY]" => SUMMARY,
            _ => line,
        };
        // What held a table alone holds words now.
        if line.starts_with("## ")
            && out
                .trim_end()
                .lines()
                .last()
                .is_some_and(|l| l.starts_with("## "))
        {
            out.push_str("Words enough.\n\n");
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// A file's name below the repository, of a document.
pub(crate) fn document(id: &str) -> String {
    let root = id.split('-').take(2).collect::<Vec<_>>().join("-");
    let kind = id.split('-').next().unwrap_or_default();
    match kind {
        "CR" | "INV" => format!("QMS/{kind}/{root}/{id}.md"),
        "TEMPLATE" | "SOP" => format!("QMS/{kind}/{id}.md"),
        _ => format!(
            "QMS/{}/{id}.md",
            id.rsplit_once('-').map_or(id, |(home, _)| home)
        ),
    }
}

pub(crate) fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The root of the project.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
