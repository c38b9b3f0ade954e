//! The founding story, played on a throwaway repository with real git commands: a change that is approved for one
//! place is used for another, and two layers refuse it. Fails if any step does not go as told.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Who plays: an administrator, an agent who writes, and somebody of group quality.
const PEOPLE: [(&str, &str); 3] = [
    ("dana", "administrator:human"),
    ("claude", "initiator:agent"),
    ("quinn", "quality:human"),
];

type Say<'a> = &'a mut dyn FnMut(&str) -> Result<()>;

/// Plays the story and tells it through `say`. With `keep` the repository stays there, else it is taken away.
pub fn play(keep: Option<&Path>, say: Say<'_>) -> Result<()> {
    let temporary = tempfile::Builder::new().prefix("qms-demo-").tempdir()?;
    let root = match keep {
        Some(dir) => {
            std::fs::create_dir_all(dir)
                .with_context(|| format!("cannot make `{}`", dir.display()))?;
            if std::fs::read_dir(dir)?.next().is_some() {
                bail!(
                    "`{}` is not empty; the demo wants a folder of its own",
                    dir.display()
                );
            }
            dir.canonicalize()?
        }
        None => temporary.path().to_path_buf(),
    };
    let mut stage = Stage {
        root: root.clone(),
        say,
        clock: 1_767_225_600,
    };
    stage.story()?;
    match keep {
        Some(_) => (stage.say)(&format!(
            "\nThe repository is in {}\n",
            root.join("work").display()
        )),
        None => Ok(()),
    }
}

struct Stage<'a> {
    root: PathBuf,
    say: Say<'a>,
    /// Seconds since 1970; a minute passes with every command.
    clock: i64,
}

impl Stage<'_> {
    // Implements: REQ-QMS-CMD-DEMO
    fn story(&mut self) -> Result<()> {
        self.tell("A repository, its people, and a server that decides what enters `main`.")?;
        std::fs::create_dir_all(self.root.join("work"))?;
        self.quiet("dana", "git", &["init", "-q", "-b", "main"])?;
        self.write("README.md", "# A system in a container\n")?;
        self.write(
            "qms-cli/server.py",
            "def main():\n    serve(transport=\"sse\")  # crashes on its first real start\n",
        )?;
        self.quiet("dana", "git", &["add", "."])?;
        self.quiet("dana", "git", &["commit", "-qm", "Begin"])?;
        let users: Vec<String> = PEOPLE
            .iter()
            .map(|(name, role)| format!("{name}:{role}:{name}@example.com"))
            .collect();
        let mut init = vec!["init"];
        for user in &users {
            init.extend(["--user", user]);
        }
        self.run("dana", "qms", &init)?;
        self.quiet(
            "dana",
            "git",
            &["clone", "-q", "--bare", ".", "../server.git"],
        )?;
        self.run("dana", "qms", &["-C", "../server.git", "init", "--server"])?;
        self.quiet("dana", "git", &["remote", "add", "origin", "../server.git"])?;
        self.quiet("dana", "git", &["fetch", "-q", "origin"])?;

        self.tell(
            "Claude writes a change for `docker/`; quinn reviews and approves it; it is released.",
        )?;
        let title = "Run the agent in a container";
        self.run(
            "claude",
            "qms",
            &["create", "CR", "--title", title, "--scope", "docker/**"],
        )?;
        self.fill("QMS/CR/CR-001/CR-001.md")?;
        self.run(
            "claude",
            "git",
            &["commit", "-qam", "Say what the change is"],
        )?;
        self.approve("CR-001")?;
        self.run("claude", "qms", &["release", "CR-001"])?;

        self.tell("Work in its scope is committed as ever; the hook adds the trailers.")?;
        self.run("claude", "qms", &["use", "CR-001"])?;
        self.write("docker/Dockerfile", "FROM debian:bookworm-slim\n")?;
        self.run("claude", "git", &["add", "docker"])?;
        self.run("claude", "git", &["commit", "-qm", "Add the container"])?;
        self.run("claude", "git", &["log", "-1", "--format=%B"])?;
        self.run("claude", "git", &["push", "-q", "origin", "main"])?;

        self.tell("Then the server does not start, and claude patches it under the same change.")?;
        let patch = "def main():\n    serve(transport=\"http\")\n";
        self.write("qms-cli/server.py", patch)?;
        self.run("claude", "git", &["add", "qms-cli"])?;
        self.refused(
            "claude",
            &["commit", "-qm", "Make the test pass"],
            "error[out-of-scope]",
        )?;
        self.tell("The hooks of a clone can be passed by. The server cannot.")?;
        let message = "Make the test pass\n\nQMS-Change: CR-001\nQMS-Actor: claude";
        self.run(
            "claude",
            "git",
            &["commit", "-q", "--no-verify", "-m", message],
        )?;
        self.refused(
            "claude",
            &["push", "--no-verify", "origin", "main"],
            "remote: error[out-of-scope]",
        )?;
        self.run("claude", "git", &["reset", "-q", "--hard", "origin/main"])?;

        self.tell("The legal way to the same end: a variance whose scope says so.")?;
        let scope = "qms-cli/server.py";
        let variance = "CR-001-VAR-001";
        let create = [
            "create",
            "VAR",
            "--parent",
            "CR-001",
            "--title",
            "The server does not start",
            "--scope",
            scope,
        ];
        self.run("claude", "qms", &create)?;
        self.fill("QMS/CR/CR-001/CR-001-VAR-001.md")?;
        self.approve(variance)?;
        self.run("claude", "qms", &["release", variance])?;
        self.write("qms-cli/server.py", patch)?;
        self.run("claude", "git", &["add", "qms-cli"])?;
        self.run(
            "claude",
            "qms",
            &[
                "commit",
                "-m",
                "Start the server over http",
                "--change",
                variance,
                "--item",
                "EI-1",
            ],
        )?;

        self.tell(
            "What came of each item is set by command; the commits that name it speak for it.",
        )?;
        let passed = ["--outcome", "pass", "--summary"];
        let set = ["item", "set", variance, "EI-1"];
        let all = [&set[..], &passed, &["It starts"]].concat();
        self.run("claude", "qms", &all)?;
        for (item, evidence) in [("EI-1", "docker/Dockerfile"), ("EI-2", variance)] {
            let set = ["item", "set", "CR-001", item];
            let all = [&set[..], &passed, &["It runs", "--evidence", evidence]].concat();
            self.run("claude", "qms", &all)?;
        }
        self.tell(
            "Variance and change are reviewed as they were carried out, approved and closed.",
        )?;
        for id in [variance, "CR-001"] {
            self.run("claude", "qms", &["checkout", id])?;
            for (section, text) in [
                ("Execution comments", "None."),
                ("Execution summary", "Done."),
            ] {
                let set = ["section", "set", id, section, "--text", text];
                self.run("claude", "qms", &set)?;
            }
            self.approve(id)?;
            self.run("claude", "qms", &["close", id])?;
        }
        self.run("claude", "git", &["push", "-q", "origin", "main"])?;

        self.tell("The log is the audit trail, and nothing else is kept.")?;
        self.run("quinn", "qms", &["history", "CR-001"])?;
        self.run(
            "quinn",
            "git",
            &["log", "--oneline", "--", "qms-cli", "docker"],
        )?;
        self.run("quinn", "qms", &["check"])?;
        Ok(())
    }

    /// A whole round: review and approval, in whatever phase the document is.
    fn approve(&mut self, id: &str) -> Result<()> {
        self.run("claude", "qms", &["route", id, "--review"])?;
        self.run(
            "quinn",
            "qms",
            &[
                "review",
                id,
                "--recommend",
                "--comment",
                "clear and complete",
            ],
        )?;
        self.run("claude", "qms", &["route", id, "--approval"])?;
        self.run("quinn", "qms", &["approve", id])
    }

    fn tell(&mut self, text: &str) -> Result<()> {
        (self.say)(&format!("\n\x1b[1m# {text}\x1b[0m\n"))
    }

    /// Shows a command, runs it, shows what it says; it must go well.
    fn run(&mut self, user: &str, program: &str, args: &[&str]) -> Result<()> {
        let (said, code) = self.shown(user, program, args)?;
        if code != Some(0) {
            bail!(
                "the story went another way: `{program} {}` failed",
                args.join(" ")
            );
        }
        drop(said);
        Ok(())
    }

    /// Runs a git command that must be refused with these words.
    fn refused(&mut self, user: &str, args: &[&str], words: &str) -> Result<()> {
        let (said, code) = self.shown(user, "git", args)?;
        if code == Some(0) || !said.contains(words) {
            let args = args.join(" ");
            bail!("the story went another way: `git {args}` was not refused with `{words}`");
        }
        Ok(())
    }

    fn shown(&mut self, user: &str, program: &str, args: &[&str]) -> Result<(String, Option<i32>)> {
        let words: Vec<String> = args.iter().map(|a| quoted(a)).collect();
        (self.say)(&format!(
            "\x1b[36m{user}$ {program} {}\x1b[0m\n",
            words.join(" ")
        ))?;
        let (said, code) = self.spawn(user, program, args)?;
        (self.say)(&said)?;
        Ok((said, code))
    }

    fn quiet(&mut self, user: &str, program: &str, args: &[&str]) -> Result<()> {
        let (said, code) = self.spawn(user, program, args)?;
        if code != Some(0) {
            bail!("`{program} {}` failed: {said}", args.join(" "));
        }
        Ok(())
    }

    /// A command in an environment of its own: no configuration of the machine, fixed dates.
    fn spawn(&mut self, user: &str, program: &str, args: &[&str]) -> Result<(String, Option<i32>)> {
        self.clock += 60;
        let own = std::env::current_exe().context("cannot tell where this program is")?;
        let program: &OsStr = if program == "qms" {
            own.as_os_str()
        } else {
            program.as_ref()
        };
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.root.join("work"))
            .env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.root);
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        for side in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{side}_NAME"), user);
            command.env(format!("GIT_{side}_EMAIL"), format!("{user}@example.com"));
            command.env(format!("GIT_{side}_DATE"), format!("{} +0000", self.clock));
        }
        let output = command
            .output()
            .with_context(|| format!("cannot start `{}`", program.to_string_lossy()))?;
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        // The throwaway folder's name is of no interest, and git pads its `remote:` lines.
        let said = said.replace(&format!("{}/", self.root.display()), "");
        let lines: Vec<&str> = said.lines().map(str::trim_end).collect();
        let said = if lines.is_empty() {
            String::new()
        } else {
            format!("{}\n", lines.join("\n"))
        };
        Ok((said, output.status.code()))
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let place = self.root.join("work").join(name);
        std::fs::create_dir_all(place.parent().context("a file without a folder")?)?;
        std::fs::write(&place, text).with_context(|| format!("cannot write `{}`", place.display()))
    }

    /// Fills what a template leaves for the author.
    fn fill(&self, name: &str) -> Result<()> {
        let place = self.root.join("work").join(name);
        let mut text = std::fs::read_to_string(&place)?;
        while let Some((start, end)) = text
            .find("{{")
            .and_then(|s| Some((s, s + text[s..].find("}}")? + 2)))
        {
            text.replace_range(start..end, "As agreed with those who run the system.");
        }
        std::fs::write(&place, text)?;
        Ok(())
    }
}

/// An argument as somebody would type it.
fn quoted(arg: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:%".contains(c);
    if arg.chars().all(plain) {
        arg.to_owned()
    } else {
        format!("\"{}\"", arg.replace('\n', "\\n"))
    }
}
