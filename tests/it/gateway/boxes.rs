//! Boxes without an engine: agents who read everything, write nothing, and act through the gateway. Needs bubblewrap and
//! a kernel that lets whoever runs the tests have user namespaces; where it does not, these tests fail and say so.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use qms::model::boxes::{self, Access, Folders, Reach, Shape};
use serde_json::{Value, json};

use super::client::Http;
use super::world;
use crate::world::{Ran, World, project, ran};

/// Boxes that end with the test, however that ends.
struct Boxes<'w>(&'w World);

impl Drop for Boxes<'_> {
    fn drop(&mut self) {
        self.0.qms("gate", &["session", "down"]);
    }
}

const UP: [&str; 4] = ["session", "up", "--sandbox", "bubblewrap"];

impl<'w> Boxes<'w> {
    /// Boxes of these agents. The first command says how to make this possible where it is not.
    #[track_caller]
    fn up(world: &'w World, agents: &[&str]) -> Boxes<'w> {
        let made = Boxes(world);
        world.qms("gate", &[&UP[..], agents].concat()).ok();
        made
    }

    /// Runs something in the box of an agent.
    fn within(&self, agent: &str, script: &str) -> Ran {
        let args = ["session", "attach", agent, "--", "sh", "-c", script];
        self.0.qms("gate", &args)
    }

    fn doctor(&self) -> (i32, Value) {
        let said = self
            .0
            .qms("gate", &["--format", "json", "doctor", "--session"]);
        let value = serde_json::from_str(&said.out);
        (
            said.code,
            value.unwrap_or_else(|_| panic!("{}{}", said.out, said.err)),
        )
    }

    /// What the doctor finds wrong, by name and place.
    fn wrong(&self) -> Vec<(String, String)> {
        let (_, said) = self.doctor();
        let rows = said["rows"].as_array().expect("rows");
        let wrong = rows.iter().filter(|row| row["verdict"] == "wrong");
        let word = |row: &Value, key: &str| row[key].as_str().expect("a word").to_owned();
        let mended = wrong.map(|row| {
            assert!(row["mend"][0].is_string(), "{row}");
            (word(row, "name"), word(row, "of"))
        });
        mended.collect()
    }

    #[track_caller]
    fn names(&self, expected: &[(&str, &str)]) {
        let wrong = self.wrong();
        let wrong: Vec<_> = wrong
            .iter()
            .map(|(n, o)| (n.as_str(), o.as_str()))
            .collect();
        assert_eq!(wrong, expected);
    }
}

/// Where the boxes of a world's repository keep what is theirs.
fn place(world: &World) -> PathBuf {
    let state = world.path("../.local/state/qms");
    let all = std::fs::read_dir(state).expect("a folder");
    let one = all.map(|entry| entry.expect("an entry").path()).next();
    one.expect("the folder of this repository").join("boxes")
}

fn token(world: &World, agent: &str) -> String {
    let file = place(world).join("given").join(agent).join("token");
    std::fs::read_to_string(file)
        .expect("a token")
        .trim()
        .to_owned()
}

fn gate(world: &World) -> Value {
    let text = std::fs::read(place(world).join("gateway-bubblewrap.json"));
    serde_json::from_slice(&text.expect("a file")).expect("JSON")
}

fn port(world: &World) -> u16 {
    gate(world)["port"]
        .as_u64()
        .and_then(|n| n.try_into().ok())
        .expect("a port")
}

// Verifies: REQ-QMS-CMD-SESSION-UP, REQ-QMS-CMD-SESSION-STATUS, REQ-QMS-CMD-SESSION-ATTACH
#[test]
fn i_21_two_agents_at_once_are_two_people_with_nothing_in_common() {
    let world = world();
    world
        .qms("ann", &["user", "set", "claude", "--workspace", "claude"])
        .ok();
    let id = world.change("claude", "docker/**");
    let boxes = Boxes::up(&world, &["claude", "qa"]);
    for agent in ["claude", "qa"] {
        let seen = boxes.within(agent, "cat /CLAUDE.md").ok();
        assert!(seen.contains(&format!("You are `{agent}`")), "{seen}");
        let (code, said) = boxes.doctor();
        assert_eq!((code, said["wrong"].as_u64()), (0, Some(0)), "{said:#}");
        assert!(said.to_string().contains(&format!("is of `{agent}`")));
    }
    assert_ne!(token(&world, "claude"), token(&world, "qa"));
    boxes
        .within(
            "qa",
            "echo mine >/settings/login && echo mine >/workspace/file",
        )
        .ok();
    let other = boxes.within("claude", "cat /settings/login /workspace/file");
    assert_ne!(other.code, 0, "{}", other.out);
    // The token is in no environment and in no list of processes.
    let seen = boxes.within("claude", "env; cat /proc/*/cmdline").ok();
    assert!(!seen.contains("qms_"), "{seen}");

    // What one prepared is committed through the gateway, and both see it.
    boxes
        .within(
            "claude",
            "mkdir /workspace/docker && echo FROM scratch >/workspace/docker/Dockerfile",
        )
        .ok();
    let client = |agent: &str| Http::new(port(&world), Some(&token(&world, agent)));
    let work = json!({ "change": id, "message": "Start", "from_workspace": ["docker"] });
    client("claude").call("git_commit", work).ok();
    for agent in ["claude", "qa"] {
        let seen = boxes
            .within(
                agent,
                "cat /repo/docker/Dockerfile; git -C /repo log -1 --format=%an:%cn",
            )
            .ok();
        assert_eq!(seen, "FROM scratch\nclaude:gate\n");
    }
    let elsewhere =
        json!({ "change": id, "message": "W", "files": [{ "path": "src/main.py", "text": "" }] });
    client("claude")
        .call("git_commit", elsewhere)
        .refused("out-of-scope");

    let all = world.json("gate", &["session", "status"]);
    let of = |agent: &str| {
        all.as_array()
            .expect("rows")
            .iter()
            .find(|row| row["agent"] == agent)
            .cloned()
    };
    let (claude, dev) = (of("claude").expect("a row"), of("dev").expect("a row"));
    assert_eq!(
        (&claude["state"], &claude["sandbox"]),
        (&json!("ready"), &json!("bubblewrap"))
    );
    assert_eq!(dev["state"], "none");
    // Without an engine there is no network of one's own.
    let internal = world.qms("gate", &[&UP[..], &["claude", "--internal"]].concat());
    assert_eq!(internal.code, 2);
    assert!(
        internal.err.contains("--sandbox docker"),
        "{}",
        internal.err
    );
    let nobody = world.qms("gate", &[&UP[..], &["ann"]].concat());
    assert!(nobody.err.contains("does not list `ann`"), "{}", nobody.err);
}

// Verifies: REQ-QMS-CMD-SESSION-DOWN, REQ-QMS-CMD-SESSION-LOGS, REQ-QMS-CMD-SESSION-RESET
#[test]
fn down_leaves_nothing_but_what_agents_keep() {
    let world = world();
    let boxes = Boxes::up(&world, &["claude", "qa"]);
    boxes
        .within(
            "claude",
            "echo mine >/settings/login; echo work >/workspace/file",
        )
        .ok();
    let logs = world.qms("gate", &["session", "logs", "claude"]).ok();
    assert!(logs.contains("qms_inbox"), "{logs}");
    assert!(
        logs.lines().all(|line| line.contains("\"claude\"")),
        "{logs}"
    );
    assert!(
        world
            .qms("gate", &["session", "logs"])
            .ok()
            .contains("listening")
    );
    let early = world.qms("gate", &["session", "reset", "claude"]);
    assert!(early.err.contains("session down claude"), "{}", early.err);

    let (old, first) = (token(&world, "claude"), gate(&world));
    world.qms("gate", &["session", "down", "claude"]).ok();
    let client = Http::new(port(&world), Some(&old));
    assert_eq!(
        client.raw("POST", "/mcp", b"{}").0,
        401,
        "what it was known by is revoked"
    );
    assert_eq!(gate(&world), first, "the other still needs it");
    world.qms("gate", &["session", "down"]).ok();
    let mut left: Vec<String> = std::fs::read_dir(place(&world))
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    left.sort();
    for folder in ["given", "kept"] {
        let there = std::fs::read_dir(place(&world).join(folder))
            .expect("a folder")
            .count();
        assert_eq!(there, 0, "{folder}");
    }
    assert_eq!(
        left,
        ["given", "instances", "kept", "settings", "workspaces"]
    );
    // Nobody may have asked yet how it ended.
    let gone = std::fs::read(format!("/proc/{}/cmdline", first["pid"]));
    assert!(gone.unwrap_or_default().is_empty(), "the gateway has ended");
    assert_eq!(world.json("gate", &["token", "list"]), json!([]));

    // It is all there again, and what was kept is kept until it is taken away.
    let boxes = Boxes::up(&world, &["claude"]);
    assert_eq!(
        boxes
            .within("claude", "cat /settings/login /workspace/file")
            .ok(),
        "mine\nwork\n"
    );
    world.qms("gate", &["session", "down"]).ok();
    world.qms("gate", &["session", "reset", "claude"]).ok();
    let boxes = Boxes::up(&world, &["claude"]);
    assert_eq!(
        boxes
            .within("claude", "ls /settings; cat /workspace/file")
            .ok(),
        "work\n"
    );
}

#[test]
fn a_gateway_that_is_started_anew_is_found_again() {
    let world = world();
    let boxes = Boxes::up(&world, &["claude"]);
    let before = port(&world);
    boxes.loses_its_gateway();
    boxes.names(&[
        ("gateway-down", "gateway"),
        ("not-reached", "claude: gateway"),
    ]);
    world.qms("gate", &[&UP[..], &["claude"]].concat()).ok();
    assert_eq!(port(&world), before, "boxes were told of this one");
    boxes.names(&[]);
}

impl Boxes<'_> {
    /// Kills the gateway, and waits until nothing listens any more.
    fn loses_its_gateway(&self) {
        let pid = gate(self.0)["pid"].to_string();
        Command::new("kill")
            .args(["-9", &pid])
            .status()
            .expect("kill starts");
        while std::net::TcpStream::connect(("127.0.0.1", port(self.0))).is_ok() {
            std::thread::yield_now();
        }
    }
}

/// The ways to write that lead to something in a folder of a box.
fn writes(boxes: &Boxes<'_>, folder: &str) -> Vec<String> {
    let script = format!("qms --format json session inside --writes {folder}");
    let said = boxes.within("claude", &script);
    serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err))
}

#[test]
fn no_way_to_write_leads_into_the_repository_and_many_into_a_copy() {
    let world = world();
    let boxes = Boxes::up(&world, &["claude"]);
    let before = world
        .git("ann", &["status", "--porcelain", "--ignored"])
        .ok();
    assert_eq!(writes(&boxes, "/repo"), Vec::<String>::new());
    // The same box, the same script, and a copy that can be written.
    boxes.within("claude", "cp -r /repo /workspace/copy").ok();
    let through = writes(&boxes, "/workspace/copy");
    assert!(through.len() >= 28, "{} {through:?}", through.len());
    for way in [
        "a new file",
        "git config",
        "a hook",
        "alternates",
        "a second name within",
    ] {
        assert!(through.iter().any(|t| t == way), "{way}: {through:?}");
    }
    let same = "diff -r --exclude=index /repo /workspace/copy";
    boxes.within("claude", same).ok();
    assert_eq!(
        world
            .git("ann", &["status", "--porcelain", "--ignored"])
            .ok(),
        before
    );
}

// Verifies: REQ-QMS-CMD-DOCTOR
#[test]
fn what_goes_wrong_is_named() {
    let world = world();
    let boxes = Boxes::up(&world, &["claude", "qa"]);
    let at = place(&world);
    let given = |file: &str| at.join("given/claude").join(file);
    let write = |file: &Path, text: &str| {
        let _ = std::fs::remove_file(file);
        std::fs::write(file, text).expect("a file");
    };
    let again = || {
        world
            .qms("gate", &[&UP[..], &["claude", "qa"]].concat())
            .ok()
    };
    // Another port taken in the meantime.
    boxes.loses_its_gateway();
    let taken = TcpListener::bind(("127.0.0.1", port(&world))).expect("it is free");
    assert_eq!(
        boxes.wrong()[0],
        ("port-taken".to_owned(), "gateway".to_owned())
    );
    let busy = world.qms("gate", &[&UP[..], &["claude"]].concat());
    assert!(busy.err.contains("is taken"), "{}", busy.err);
    drop(taken);
    again();

    let servers = std::fs::read_to_string(given("claude/managed-mcp.json")).expect("a file");
    write(
        &given("claude/managed-mcp.json"),
        &servers.replace("\"http\"", "\"sse\""),
    );
    boxes.names(&[("wrong-transport", "claude: client")]);
    write(
        &given("claude/managed-mcp.json"),
        &servers.replace("host.docker.internal", "gateway"),
    );
    boxes.names(&[("wrong-url", "claude: client")]);
    again();

    let about = std::fs::read_to_string(given("box.json")).expect("a file");
    write(
        &given("box.json"),
        &about.replace("host.docker.internal", "no-such-host.invalid"),
    );
    assert_eq!(
        boxes.wrong()[0],
        ("name-unknown".to_owned(), "claude: gateway".to_owned())
    );
    again();

    let old = token(&world, "claude");
    world.qms("gate", &["token", "revoke", "claude"]).ok();
    boxes.names(&[("token-refused", "claude: token")]);
    again();
    assert_ne!(token(&world, "claude"), old);
    write(&given("token"), &token(&world, "qa"));
    boxes.names(&[("token-of-another", "claude: token")]);
    again();
    boxes.names(&[]);

    // Two agents with one folder.
    std::fs::remove_dir_all(at.join("settings/qa")).expect("a folder");
    std::os::unix::fs::symlink("claude", at.join("settings/qa")).expect("a link");
    boxes.names(&[("shared", "shared")]);
    std::fs::remove_file(at.join("settings/qa")).expect("a link");
    std::fs::create_dir(at.join("settings/qa")).expect("a folder");

    // What nobody should see.
    let url = "https://me:secret@x.example/r.git";
    world.git("ann", &["remote", "add", "elsewhere", url]).ok();
    std::fs::create_dir(at.join("settings/claude/.ssh")).expect("a folder");
    write(
        &at.join("settings/claude/.ssh/id"),
        "-----BEGIN OPENSSH PRIVATE KEY-----\n",
    );
    boxes.names(&[
        ("key-visible", "claude: keys"),
        ("remote-with-credentials", "claude: remotes"),
        ("remote-with-credentials", "qa: remotes"),
    ]);
    let nobody = world.qms("gate", &["doctor", "--session", "dev"]);
    assert!(nobody.err.contains("session up dev"), "{}", nobody.err);
}

#[test]
fn a_role_says_who_is_started_and_what_is_told() {
    let world = world();
    // Where the policy says nothing the folder has the agent's name, and so it may be another's.
    let set = |workspace: &str| {
        let args = ["user", "set", "dev", "--workspace", workspace];
        world.qms("ann", &args).ok();
    };
    set("claude");
    let one = world.qms("gate", &[&UP[..], &["claude"]].concat());
    assert!(one.err.contains("have one workspace"), "{}", one.err);
    set("dev");
    let none = world.qms("gate", &UP);
    assert!(none.err.contains("launch: always"), "{}", none.err);

    for (agent, text) in [
        (
            "claude",
            "---\nlaunch: always\nprogram: echo started\n---\nBe brief.\n",
        ),
        ("qa", "---\nlaunch: inbox\n---\nBe strict.\n"),
    ] {
        let file = format!("QMS/agents/{agent}.md");
        let id = world.change("claude", &file);
        world.write(&file, text);
        world.git("claude", &["add", &file]).ok();
        let work = ["commit", "-m", "Say who it is", "--change", &id];
        world.qms("claude", &work).ok();
    }
    let boxes = Boxes::up(&world, &[]);
    let names = |said: Value| -> Vec<String> {
        let ready = said
            .as_array()
            .expect("rows")
            .iter()
            .filter(|row| row["state"] == "ready");
        ready
            .map(|row| row["agent"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(
        names(world.json("gate", &["session", "status"])),
        ["claude"]
    );
    assert!(
        boxes
            .within("claude", "cat /AGENTS.md")
            .ok()
            .ends_with("Be brief.\n")
    );
    assert_eq!(
        world.qms("gate", &["session", "attach", "claude"]).ok(),
        "started\n"
    );

    // Something begins to wait for the other, who is started and told.
    let mut watching = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), "gate");
    watching
        .args(UP)
        .arg("--watch")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut watching = watching.spawn().expect("qms starts");
    let asked = world.json("claude", &["create", "SOP", "--title", "How"]);
    let asked = asked["doc_id"].as_str().expect("an id").to_owned();
    world.qms("claude", &["route", &asked, "--review"]).ok();
    let said = watching.stderr.take().expect("a pipe");
    let told = BufReader::new(said)
        .lines()
        .map(|line| line.expect("a line"))
        .find(|line| line.contains(&format!("{asked} waits for qa")));
    watching.kill().expect("it runs");
    watching.wait().expect("it ends");
    assert!(told.is_some());
    assert_eq!(
        names(world.json("gate", &["session", "status"])),
        ["claude", "qa"]
    );
}

/// `script` makes the terminal that somebody sits at; where it lacks, nobody is told here.
#[test]
fn who_sits_in_a_box_is_told_what_begins_to_wait() {
    let world = world();
    let _boxes = Boxes::up(&world, &["qa"]);
    let program = env!("CARGO_BIN_EXE_qms");
    let line = format!("'{program}' session attach qa -- sh -c 'echo here; read -r word'");
    let mut sits = world.command(Command::new("script"), "gate");
    sits.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm");
    sits.stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut sits) = sits.spawn() else { return };
    let said = sits.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(said)
        .lines()
        .map(|line| line.expect("a line"));
    lines
        .find(|line| line.contains("here"))
        .expect("it is entered");
    let asked = world.json("claude", &["create", "SOP", "--title", "How"]);
    let asked = asked["doc_id"].as_str().expect("an id").to_owned();
    world.qms("claude", &["route", &asked, "--review"]).ok();
    let told = lines.find(|line| line.contains(&format!("{asked} waits for qa")));
    drop(sits.stdin.take());
    let _ = sits.kill();
    sits.wait().expect("it ends");
    assert!(told.is_some());
}

/// As a user without rights, where the tests run as root: what people have who have no engine.
#[test]
fn whoever_has_no_rights_has_boxes_too() {
    let id = Command::new("id").arg("-u").output().expect("id starts");
    if id.stdout != b"0\n" {
        // Then all the other tests have shown it.
        return;
    }
    let world = world();
    let program = world.path("../bin/qms");
    std::fs::create_dir_all(program.parent().expect("a folder")).expect("a folder");
    std::fs::copy(env!("CARGO_BIN_EXE_qms"), &program).expect("a copy");
    let home = world.path("..");
    let owned = Command::new("chown")
        .args(["-R", "12345:12345"])
        .arg(&home)
        .status();
    assert!(owned.expect("chown starts").success());
    let plain = |args: &[&str]| {
        let mut command = world.command(Command::new("setpriv"), "gate");
        command.args(["--reuid=12345", "--regid=12345", "--clear-groups", "--"]);
        ran(&command
            .arg(&program)
            .args(args)
            .output()
            .expect("setpriv starts"))
    };
    let up = plain(&[&UP[..], &["claude"]].concat());
    let said = plain(&["doctor", "--session"]);
    let who = plain(&["session", "attach", "claude", "--", "id", "-u"]);
    let down = plain(&["session", "down"]);
    assert_eq!(up.code, 0, "{}{}", up.out, up.err);
    assert!(said.out.contains("all is well"), "{}{}", said.out, said.err);
    assert_eq!(who.out, "12345\n");
    assert_eq!(down.code, 0, "{}", down.err);
}

/// A file of `docker/` as YAML.
fn compose() -> Value {
    let text = std::fs::read_to_string(project().join("docker/compose.yaml")).expect("a file");
    // What a tag says to Compose is of no interest here.
    let text = text.replace("!reset ", "");
    serde_yaml::from_str(&text).expect("YAML")
}

#[test]
fn the_compose_file_makes_the_same_boxes() {
    let compose = compose();
    let services = compose["services"].as_object().expect("services");
    let agent = &services["agent"];
    assert_eq!(agent["pids_limit"], json!(boxes::PIDS));
    assert_eq!(agent["mem_limit"], json!(boxes::MEMORY));
    assert_eq!(agent["memswap_limit"], json!(boxes::MEMORY));
    assert_eq!(agent["working_dir"], json!(boxes::WORKSPACE));
    for (key, value) in [
        ("init", json!(true)),
        ("read_only", json!(true)),
        ("cap_drop", json!(["ALL"])),
        ("security_opt", json!(["no-new-privileges:true"])),
    ] {
        assert_eq!(agent[key], value, "{key}");
    }
    let scratch = boxes::SCRATCHES.map(|to| format!("{to}:size={},mode=1777", boxes::SCRATCH));
    assert_eq!(agent["tmpfs"], json!(scratch));
    let mut seen = Vec::new();
    for (name, service) in services
        .iter()
        .filter(|(_, s)| s["extends"]["service"] == "agent")
    {
        let folder = |what: &str| format!("{what}-{name}");
        let folders = Folders {
            repo: "repo".to_owned(),
            workspace: folder("workspace"),
            settings: folder("settings"),
            given: folder("given"),
        };
        let shape = Shape::of(name, (1000, 1000), folders, Reach::Gateway);
        let volumes = shape.mounts.iter().map(|mount| {
            let mut volume = json!({ "type": "volume", "source": mount.from, "target": mount.to });
            if mount.access == Access::Reads {
                volume["read_only"] = json!(true);
            }
            volume
        });
        assert_eq!(service["volumes"], Value::from_iter(volumes), "{name}");
        let env: BTreeMap<_, _> = shape.env.iter().cloned().collect();
        assert_eq!(service["environment"], json!(env), "{name}");
        assert_eq!(service["hostname"], json!(name));
        seen.push(name);
    }
    assert_eq!(seen, ["claude", "qa"]);
    assert_eq!(compose["networks"]["inside"]["internal"], json!(true));
}

#[test]
fn the_image_holds_the_links_that_bubblewrap_makes() {
    let file = std::fs::read_to_string(project().join("docker/Dockerfile")).expect("a file");
    for (name, to) in boxes::LINKS {
        assert!(file.contains(&format!("ln -s {to} {name}")), "{name}");
    }
    for place in [boxes::WORKSPACE, boxes::SETTINGS, boxes::REPO, boxes::GIVEN] {
        assert!(file.contains(place), "{place}");
    }
    assert!(file.contains("ENTRYPOINT [\"sleep\", \"infinity\"]"));
}
