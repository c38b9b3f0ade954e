//! The gateway, started as a process and talked to over its transports. Source: threats.md "The gateway".

mod agents;
mod apart;
mod attacks;
mod boxes;
mod client;
mod followed;
mod many;
mod offered;
mod selftest;
mod stand_in;
mod story;
mod tools;

use std::fs::File;
use std::process::{Child, Command, Stdio};

use client::Http;

use crate::world::{PROFILE, World};

/// A governed repository with lean templates, and a gateway `gate` in its policy that commits for everybody but ann.
fn world() -> World {
    let world = World::new();
    enroll(&world);
    world
}

fn enroll(world: &World) {
    let add = [
        "user",
        "add",
        "gate",
        "--kind",
        "service",
        "--agents",
        "claude,dev",
    ];
    world.qms("ann", &add).ok();
    // An agent of quality is given to it by quality.
    let set = ["user", "set", "gate", "--agents", "claude,dev,qa,qb,tu"];
    world.qms("qa", &set).ok();
}

/// A token for an agent.
fn token(world: &World, agent: &str) -> String {
    let made = world.json("gate", &["token", "new", agent]);
    made["token"].as_str().expect("a token").to_owned()
}

/// A gateway that runs.
struct Gate {
    child: Child,
    log: std::path::PathBuf,
    port: u16,
}

impl Gate {
    /// Starts one on a free port, and waits until it says where it is.
    fn start(world: &World) -> Gate {
        Gate::over(world, "streamable-http")
    }

    fn over(world: &World, transport: &str) -> Gate {
        Gate::with(world, &["--transport", transport])
    }

    /// A gateway over http with these arguments beside.
    fn with(world: &World, args: &[&str]) -> Gate {
        let log = world.path(&format!("../gate-{}.log", std::process::id()));
        let log =
            log.with_extension(format!("{:?}", std::time::Instant::now()).replace([' ', ':'], ""));
        let mut command = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), "gate");
        command.args(["mcp", "--port", "0"]).args(args);
        if !args.contains(&"--transport") {
            command.args(["--transport", "streamable-http"]);
        }
        command.stderr(File::create(&log).expect("a file"));
        let mut child = command.spawn().expect("qms starts");
        let port = loop {
            let said = std::fs::read_to_string(&log).expect("a file");
            let line = said.lines().find(|line| line.contains("listening"));
            if let Some(line) = line.filter(|_| said.ends_with('\n')) {
                let at = line.split("127.0.0.1:").nth(1).expect("an address");
                break at
                    .split('/')
                    .next()
                    .expect("a port")
                    .parse()
                    .expect("a number");
            }
            assert!(child.try_wait().expect("it runs").is_none(), "{said}");
            std::thread::yield_now();
        };
        Gate { child, log, port }
    }

    fn client(&self, token: &str) -> Http {
        Http::new(self.port, Some(token))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a file")
    }

    /// As a power cut does it.
    fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// As whoever runs it does it; answers with its exit code.
    fn stop(mut self) -> i32 {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").arg(pid).status().expect("kill starts");
        assert!(killed.success());
        self.child.wait().expect("it ends").code().expect("a code")
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // One that is measured says what it executed when it ends by itself.
        if std::env::var_os(PROFILE).is_some() {
            let pid = self.child.id().to_string();
            let _ = Command::new("kill").arg(pid).status();
        } else {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The tools that a gateway lists, by their names.
pub(crate) fn tools() -> Vec<String> {
    let world = world();
    let mut client = stdio(&world, "gate", &[], &[]);
    client.hello();
    let listed = client.rpc("tools/list", serde_json::json!({}));
    let tools = listed["result"]["tools"].as_array().expect("tools");
    let names = tools.iter().map(|tool| tool["name"].as_str());
    names.map(|name| name.expect("a name").to_owned()).collect()
}

/// A gateway over stdio.
fn stdio(world: &World, user: &str, args: &[&str], environment: &[(&str, &str)]) -> client::Stdio {
    let mut command = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), user);
    command
        .arg("mcp")
        .args(args)
        .envs(environment.iter().copied());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    client::Stdio::new(command.spawn().expect("qms starts"))
}
