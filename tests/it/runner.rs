//! What runners of CI do, step by step: a forge that takes everything, the clones that actions/checkout and GitLab Runner
//! make of it, the variables that they set, and the shell that they give to the steps of our own files.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::world::{Ran, World, project, ran};

pub(crate) const NONE: &str = "0000000000000000000000000000000000000000";

/// What runs in a job: where it is checked out, what is set, and what the event says.
pub(crate) struct Job {
    pub(crate) world: World,
    vars: Vec<(String, String)>,
    folder: String,
    pub(crate) inputs: Vec<(&'static str, String)>,
}

/// Puts a bare repository beside the world that takes every push, as a forge without our hooks does.
pub(crate) fn forge(world: &World) {
    let forge = "../forge.git";
    world
        .git("ann", &["clone", "-q", "--bare", ".", forge])
        .ok();
    let any = ["config", "uploadpack.allowAnySHA1InWant", "true"];
    world.git("ann", &[&["-C", forge][..], &any].concat()).ok();
    world
        .git(
            "ann",
            &[
                "config",
                "-f",
                "../forge.git/config",
                "uploadpack.allowFilter",
                "true",
            ],
        )
        .ok();
    world.git("ann", &["remote", "add", "origin", forge]).ok();
    world.git("ann", &["fetch", "-q", "origin"]).ok();
    world.unhook();
}

/// Pushes to the forge; answers with where the ref was and is.
pub(crate) fn push(world: &World, to: &str) -> (String, String) {
    let at = |world: &World| {
        let said = world.git("ann", &["ls-remote", "origin", to]).ok();
        let id = said.split_whitespace().next().unwrap_or(NONE);
        id.to_owned()
    };
    let before = at(world);
    world
        .git(
            "ann",
            &["push", "-q", "-f", "origin", &format!("HEAD:{to}")],
        )
        .ok();
    (before, at(world))
}

/// The merge that a forge tries of a pull request, on the forge and nowhere else.
pub(crate) fn tries(world: &World, head: &str, number: u32) -> String {
    let own = world.head();
    world.git("ann", &["fetch", "-q", "origin"]).ok();
    world
        .git("ann", &["checkout", "-q", "--detach", "origin/main"])
        .ok();
    let message = format!("Merge {head} into {own}");
    world
        .git("ann", &["merge", "-q", "--no-ff", "-m", &message, head])
        .ok();
    let made = world.head();
    push(world, &format!("refs/pull/{number}/merge"));
    world.git("ann", &["checkout", "-q", "main"]).ok();
    made
}

impl Job {
    fn clone_into(world: &World, folder: &str, depth: usize, refspecs: &[&str]) -> World {
        let forge = world.path("../forge.git").canonicalize().expect("a forge");
        let url = format!("file://{}", forge.display());
        let place = format!("../{folder}");
        world.git("ann", &["init", "-q", &place]).ok();
        let depth = (depth > 0).then(|| format!("--depth={depth}"));
        let mut fetch = vec![
            "-C",
            &place,
            "fetch",
            "-q",
            "--prune",
            "--no-recurse-submodules",
        ];
        fetch.extend(depth.as_deref());
        fetch.push("origin");
        fetch.extend(refspecs);
        world
            .git("ann", &["-C", &place, "remote", "add", "origin", &url])
            .ok();
        world.git("ann", &fetch).ok();
        world.within(&place)
    }

    /// What actions/checkout leaves behind and the runner sets. `depth`: 0 is everything, which is not its default.
    pub(crate) fn github(
        world: &World,
        folder: &str,
        (name, event): (&str, Value),
        (ref_name, sha): (&str, &str),
        depth: usize,
    ) -> Job {
        let pull = ref_name.strip_prefix("refs/pull/");
        let local = match (ref_name.strip_prefix("refs/heads/"), pull) {
            (Some(branch), _) => format!("refs/remotes/origin/{branch}"),
            (None, Some(pull)) => format!("refs/remotes/pull/{pull}"),
            (None, None) => ref_name.to_owned(),
        };
        let one = format!("+{sha}:{local}");
        let mut refspecs = vec![
            "+refs/heads/*:refs/remotes/origin/*",
            "+refs/tags/*:refs/tags/*",
        ];
        match (depth, pull) {
            (0, None) => {}
            (0, Some(_)) => refspecs.push(&one),
            _ => refspecs = vec![&one],
        }
        let work = Job::clone_into(world, folder, depth, &refspecs);
        match ref_name.strip_prefix("refs/heads/") {
            Some(branch) => work
                .git("ann", &["checkout", "-q", "--force", "-B", branch, &local])
                .ok(),
            None => work.git("ann", &["checkout", "-q", "--force", &local]).ok(),
        };
        let outside = work.path("..").canonicalize().expect("a folder");
        let at = |name: &str| {
            outside
                .join(format!("{folder}-{name}"))
                .display()
                .to_string()
        };
        std::fs::write(at("event.json"), event.to_string()).expect("an event");
        std::fs::create_dir_all(at("temp")).expect("a folder");
        let action = project().join(".github/actions/qms");
        let vars = [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", name),
            ("GITHUB_REF", ref_name),
            ("GITHUB_SHA", sha),
            ("GITHUB_EVENT_PATH", &at("event.json")),
            ("GITHUB_STEP_SUMMARY", &at("summary.md")),
            ("GITHUB_OUTPUT", &at("output")),
            (
                "GITHUB_WORKSPACE",
                &outside.join(folder).display().to_string(),
            ),
            ("GITHUB_ACTION_PATH", action.to_str().expect("a path")),
            ("RUNNER_TEMP", &at("temp")),
        ];
        Job {
            vars: vars.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec(),
            folder: folder.to_owned(),
            inputs: vec![("binary", env!("CARGO_BIN_EXE_qms").to_owned())],
            world: work,
        }
    }

    /// A push to a branch or of a tag, checked out in full.
    pub(crate) fn pushed(
        world: &World,
        folder: &str,
        name: &str,
        (before, after): (&str, &str),
    ) -> Job {
        let event = json!({
            "ref": name, "before": before, "after": after, "created": before == NONE, "deleted": false,
            "forced": false, "repository": { "default_branch": "main", "full_name": "o/r" },
        });
        Job::github(world, folder, ("push", event), (name, after), 0)
    }

    /// A pull request into `main`, checked out at the merge that the forge tried.
    pub(crate) fn asked(world: &World, folder: &str, head: &str, from: &str) -> Job {
        let made = tries(world, head, 7);
        Job::asked_at(world, folder, (head, &made), from)
    }

    /// The same at a merge that is there already.
    pub(crate) fn asked_at(
        world: &World,
        folder: &str,
        (head, made): (&str, &str),
        from: &str,
    ) -> Job {
        let base = world.git("ann", &["rev-parse", "origin/main"]).ok();
        let event = json!({
            "action": "synchronize", "number": 7,
            "pull_request": {
                "base": { "ref": "main", "sha": base.trim(), "repo": { "full_name": "o/r" } },
                "head": { "ref": "fix", "sha": head, "repo": { "full_name": from } },
            },
            "repository": { "default_branch": "main", "full_name": "o/r" },
        });
        Job::github(
            world,
            folder,
            ("pull_request", event),
            ("refs/pull/7/merge", made),
            0,
        )
    }

    /// What GitLab Runner leaves behind and sets; `source`: what the pipeline was started for.
    pub(crate) fn gitlab(
        world: &World,
        folder: &str,
        (source, sha): (&str, &str),
        more: &[(&str, &str)],
        depth: usize,
    ) -> Job {
        world
            .git(
                "ann",
                &["-C", "../forge.git", "update-ref", "refs/pipelines/1", sha],
            )
            .ok();
        let pipeline = "+refs/pipelines/1:refs/pipelines/1";
        let refspecs = match depth {
            0 => vec![
                pipeline,
                "+refs/heads/*:refs/remotes/origin/*",
                "+refs/tags/*:refs/tags/*",
            ],
            _ => vec![pipeline],
        };
        let work = Job::clone_into(world, folder, depth, &refspecs);
        work.git("ann", &["checkout", "-q", "-f", sha]).ok();
        let own = [
            ("CI", "true"),
            ("GITLAB_CI", "true"),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_PROJECT_ID", "5"),
            ("CI_PIPELINE_SOURCE", source),
            ("CI_COMMIT_SHA", sha),
        ];
        let vars = own.iter().chain(more);
        Job {
            vars: vars
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            folder: folder.to_owned(),
            inputs: Vec::new(),
            world: work,
        }
    }

    fn start(&self, mut command: Command) -> Command {
        // A runner has no identity, and finds `qms` where its image has it.
        let own = PathBuf::from(env!("CARGO_BIN_EXE_qms"));
        let folder = own.parent().expect("a folder").display().to_string();
        command = self.world.command(command, "runner");
        for side in ["AUTHOR", "COMMITTER"] {
            for what in ["NAME", "EMAIL", "DATE"] {
                command.env_remove(format!("GIT_{side}_{what}"));
            }
        }
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{folder}:{path}"));
        command.envs(self.vars.iter().map(|(k, v)| (k, v)));
        command
    }

    /// Runs `qms ci` by itself.
    pub(crate) fn qms(&self, args: &[&str]) -> Ran {
        let mut command = self.start(Command::new(env!("CARGO_BIN_EXE_qms")));
        let output = command.arg("ci").args(args).output();
        ran(&output.expect("the program starts"))
    }

    /// The answer as JSON, whatever the verdict.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let said = self.qms(&[&["--format", "json"], args].concat());
        serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {}{}", said.out, said.err))
    }

    /// Runs the steps of our composite action as the runner does: each a file for bash, inputs in its environment.
    pub(crate) fn action(&self, more: &[(&str, &str)]) -> Ran {
        let action = yaml(".github/actions/qms/action.yml");
        let steps = action["runs"]["steps"].as_array().expect("steps");
        let [step] = &steps[..] else {
            panic!("one step was expected: {steps:?}")
        };
        assert_eq!(step["shell"], "bash");
        let script = self
            .world
            .path("..")
            .join(format!("{}-step.sh", self.folder));
        std::fs::write(&script, step["run"].as_str().expect("a script")).expect("a file");
        let mut command = self.start(Command::new("bash"));
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(&script);
        for (name, value) in step["env"].as_object().expect("an environment") {
            command.env(name, self.input(&action, value.as_str().expect("a text")));
        }
        command.envs(more.iter().copied());
        ran(&command.output().expect("bash starts"))
    }

    /// What the runner puts in the place of `${{ inputs.NAME }}`.
    fn input(&self, action: &Value, text: &str) -> String {
        let name = text
            .strip_prefix("${{ inputs.")
            .and_then(|t| t.strip_suffix(" }}"));
        let name = name.unwrap_or_else(|| panic!("{text} is no input"));
        let given = self.inputs.iter().find(|(input, _)| *input == name);
        let usual = || {
            action["inputs"][name]["default"]
                .as_str()
                .expect("a default")
                .to_owned()
        };
        given.map_or_else(usual, |(_, value)| value.clone())
    }

    /// Runs the script of our GitLab job as its runner does: the lines one after another, in one shell.
    pub(crate) fn script(&self) -> Ran {
        let template = yaml("templates/qms.gitlab-ci.yml");
        let job = &template["qms"];
        let lines = job["script"].as_array().expect("a script");
        let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
        let mut command = self.start(Command::new("bash"));
        for (name, value) in job["variables"].as_object().expect("variables") {
            command.env(name, value.as_str().expect("a text"));
        }
        command
            .arg("-c")
            .arg(format!("set -eo pipefail\n{}", lines.join("\n")));
        ran(&command.output().expect("bash starts"))
    }

    /// The page of the job.
    pub(crate) fn page(&self) -> String {
        self.world.read(&format!("../{}-summary.md", self.folder))
    }
}

/// A file of ours that platforms read.
pub(crate) fn yaml(name: &str) -> Value {
    let text = std::fs::read_to_string(project().join(name)).expect("a file");
    serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}
