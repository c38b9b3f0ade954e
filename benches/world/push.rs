//! A push as a server sees it before it takes it: its objects in quarantine, and what three programs make of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::world::{git, median, ms, qms, ratio, rounds, run, time};
use super::{again, few, memory, said};

/// A server with a push in quarantine, as git sets it up for `pre-receive`.
pub(crate) struct Push {
    commits: usize,
    server: PathBuf,
    quarantine: PathBuf,
    /// A repository that sees both, for the bare loop.
    overlay: PathBuf,
    old: String,
    new: String,
}

impl Push {
    pub(crate) fn prepare(base: &Path, history: &Path, commits: usize) -> Push {
        let at = |name: &str| base.join(format!("{name}-{commits}.git"));
        let (server, overlay) = (at("server"), at("overlay"));
        let (old, new) = ends(history, commits);
        for dir in [&server, &overlay] {
            run(git(
                base,
                &["init", "-q", "--bare", "-b", "main", &dir.to_string_lossy()],
            ));
        }
        let fetch = [
            "fetch",
            "-q",
            &history.to_string_lossy(),
            &format!("{old}:refs/heads/main"),
        ];
        run(git(&server, &fetch));
        for key in ["qms.anchor", "qms.trunk"] {
            run(git(
                &server,
                &["config", key, &said(git(history, &["config", key]))],
            ));
        }
        let quarantine = server.join("objects/tmp_objdir-incoming");
        std::fs::create_dir_all(quarantine.join("pack")).expect("a folder");
        let stores = format!(
            "{}\n{}\n",
            quarantine.display(),
            server.join("objects").display()
        );
        std::fs::write(overlay.join("objects/info/alternates"), stores).expect("a file");
        let push = Push {
            commits,
            server,
            quarantine,
            overlay,
            old,
            new,
        };
        push.receive(base, history);
        push
    }

    /// A thin pack, kept or taken apart as git does by default.
    fn receive(&self, base: &Path, history: &Path) {
        let revs = base.join("revs");
        std::fs::write(&revs, format!("{}\n^{}\n", self.new, self.old)).expect("a file");
        let mut pack = git(
            history,
            &[
                "pack-objects",
                "-q",
                "--revs",
                "--thin",
                "--stdout",
                "--delta-base-offset",
            ],
        );
        let mut pack = pack
            .stdin(file(&revs))
            .stdout(Stdio::piped())
            .spawn()
            .expect("git starts");
        let take: &[&str] = if self.commits < 10 {
            &["unpack-objects", "-q"]
        } else {
            &["index-pack", "--stdin", "--fix-thin"]
        };
        let mut take = self.within(git(&self.server, take));
        run_with(take.stdin(pack.stdout.take().expect("a pipe")));
        assert!(pack.wait().expect("it ends").success());
    }

    /// A command that sees what the hook sees.
    fn within(&self, mut command: Command) -> Command {
        command
            .env("GIT_DIR", ".")
            .env("GIT_OBJECT_DIRECTORY", &self.quarantine);
        command.env(
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            self.server.join("objects"),
        );
        command
    }

    fn hook(&self) -> Command {
        let line = self.server.join("line");
        std::fs::write(
            &line,
            format!("{} {} refs/heads/main\n", self.old, self.new),
        )
        .expect("a file");
        let mut command = self.within(qms(&self.server, "ann", &["hook", "pre-receive"]));
        command
            .env("GIT_QUARANTINE_PATH", &self.quarantine)
            .stdin(file(&line));
        command
    }

    /// `git rev-list old..new | git diff-tree --stdin -r --root`.
    fn beside(&self) -> Duration {
        let range = format!("{}..{}", self.old, self.new);
        let start = Instant::now();
        let mut list = self.within(git(&self.server, &["rev-list", &range]));
        let mut list = list.stdout(Stdio::piped()).spawn().expect("git starts");
        let mut diff = self.within(git(&self.server, &["diff-tree", "--stdin", "-r", "--root"]));
        run_with(diff.stdin(list.stdout.take().expect("a pipe")));
        assert!(list.wait().expect("it ends").success());
        start.elapsed()
    }

    pub(crate) fn row(&self) -> String {
        let rounds = if self.commits < 1_000 {
            rounds()
        } else {
            few()
        };
        let mut all: [Vec<Duration>; 3] = Default::default();
        // Taken in turn, so that whatever else the machine does falls on all.
        for _ in 0..rounds {
            all[0].push(self.beside());
            all[1].push(time(again(&self.overlay, &self.old, &self.new, 1)));
            all[2].push(time(self.hook()));
        }
        let [beside, bare, hook] = all.map(median);
        let (peak, own) = memory(self.hook());
        format!(
            "| {} | {} | {} | {} | {} | {} | {peak} | {own} |\n",
            said_count(&self.server, self),
            ms(beside),
            ms(bare),
            ms(hook),
            ratio(hook, beside),
            ratio(hook, bare)
        )
    }
}

/// How many commits a push has indeed.
fn said_count(server: &Path, push: &Push) -> String {
    let range = format!("{}..{}", push.old, push.new);
    said(push.within(git(server, &["rev-list", "--count", &range])))
}

/// A mainline commit, and the newest before it that leaves so many commits to push or more.
fn ends(history: &Path, commits: usize) -> (String, String) {
    let list = said(git(
        history,
        &["rev-list", "--first-parent", "--parents", "main"],
    ));
    let chain: Vec<Vec<&str>> = list.lines().map(|l| l.split(' ').collect()).collect();
    if commits == 1 {
        let single = chain
            .iter()
            .find(|c| c.len() == 2)
            .expect("a commit of the trunk's own");
        return (single[1].to_owned(), single[0].to_owned());
    }
    let new = chain[0][0];
    let count = |at: usize| -> usize {
        let range = format!("{}..{new}", chain[at][0]);
        said(git(history, &["rev-list", "--count", &range]))
            .parse()
            .expect("a number")
    };
    let (mut low, mut high) = (0, chain.len() - 1);
    while low < high {
        let middle = (low + high) / 2;
        if count(middle) < commits {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    (chain[low][0].to_owned(), new.to_owned())
}

fn file(path: &Path) -> std::fs::File {
    std::fs::File::open(path).expect("a file")
}

fn run_with(command: &mut Command) {
    assert!(
        command.status().expect("it starts").success(),
        "{command:?}"
    );
}
