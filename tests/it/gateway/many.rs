//! Many at once, again and again, and a server that is killed meanwhile.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::mpsc;

use serde_json::{Value, json};

use super::client::Http;
use super::{Gate, token, world};
use crate::world::World;

/// A commit of one file by a client of the gateway.
fn work(id: &str, name: &str, request: &str) -> Value {
    json!({
        "change": id, "message": format!("Add {name}"), "request_id": request,
        "files": [{ "path": format!("src/{name}"), "text": "x\n" }],
    })
}

/// Subjects of the commits after one, each once.
fn subjects(world: &World, since: &str) -> Vec<String> {
    let range = format!("{since}..main");
    let log = world.git("ann", &["log", "--format=%s", &range]).ok();
    log.lines().map(str::to_owned).collect()
}

#[test]
fn m6_what_is_asked_again_is_made_once() {
    let world = world();
    let id = world.change("dev", "src/**");
    let dev = token(&world, "dev");
    let gate = Gate::start(&world);
    let first = gate
        .client(&dev)
        .call("git_commit", work(&id, "a", "r1"))
        .ok();
    let again = gate
        .client(&dev)
        .call("git_commit", work(&id, "a", "r1"))
        .ok();
    assert_eq!(first, again);
    gate.client(&dev)
        .call("git_commit", work(&id, "b", "r1"))
        .not("was used for another call");
    let new = json!({ "type": "SOP", "title": "T", "request_id": "r2" });
    let made = gate.client(&dev).call("qms_create", new.clone()).ok();
    let asked = gate
        .client(&dev)
        .call(
            "qms_route",
            json!({ "id": "SOP-001", "for": "review", "request_id": "r3" }),
        )
        .ok();
    // A gateway that was killed remembers by the log.
    gate.kill();
    let gate = Gate::start(&world);
    let head = world.head();
    let client = gate.client(&dev);
    assert_eq!(client.call("git_commit", work(&id, "a", "r1")).ok(), first);
    let back = client.call("qms_create", new).ok();
    assert_eq!(
        (&back["commit"], &back["status"]),
        (&made["commit"], &made["status"])
    );
    let back = client
        .call(
            "qms_route",
            json!({ "id": "SOP-001", "for": "review", "request_id": "r3" }),
        )
        .ok();
    assert_eq!(back["moves"].as_array().map(Vec::len), Some(2), "{back}");
    assert_eq!(
        (&back["commit"], &back["status"]),
        (&asked["commit"], &asked["status"])
    );
    assert_eq!(world.head(), head);
    // The name stands for that call alone, after the restart too.
    for (tool, arguments) in [
        ("git_commit", work(&id, "z", "r1")),
        ("qms_close", json!({ "id": id, "request_id": "r1" })),
        ("git_push", json!({ "request_id": "r1" })),
    ] {
        client
            .call(tool, arguments)
            .not("was used for another call");
    }
    assert!(back["document"].is_null());
    // Another's request of the same name is another.
    let claude = gate.client(&token(&world, "claude"));
    claude.call("git_commit", work(&id, "c", "r1")).ok();
    // What the caller expects is held against what is.
    let stale = json!({ "id": "SOP-001", "expect_status": "DRAFT" });
    client.call("qms_withdraw", stale).not("expected DRAFT");
    let stale = json!({ "id": "SOP-001", "expect_head": head });
    client.call("qms_withdraw", stale).not("the branch is at");
    client
        .call(
            "qms_withdraw",
            json!({ "id": "SOP-001", "expect_status": "IN_REVIEW" }),
        )
        .ok();
    // And what others changed of a file since is not written over.
    let over = json!({
        "change": id, "message": "Over", "based_on": head,
        "files": [{ "path": "src/c", "text": "mine\n" }],
    });
    client.call("git_commit", over).not("changed since");
    let beside = json!({
        "change": id, "message": "Beside", "based_on": head,
        "files": [{ "path": "src/d", "text": "mine\n" }],
    });
    client.call("git_commit", beside).ok();
    let only = json!({ "change": id, "message": "Try", "dry_run": true, "files": [{ "path": "src/e", "text": "e" }] });
    let head = world.head();
    assert_eq!(client.call("git_commit", only).ok()["commit"], Value::Null);
    assert_eq!(world.head(), head);
}

/// Agents at once, and commits of each: as many as there may be in a day where there is time for it.
fn crowd() -> (usize, usize) {
    match crate::crash::all() {
        true => (20, 50),
        false => (8, 4),
    }
}

/// The names of those whose tokens the agents show in turn.
const NAMES: [&str; 4] = ["dev", "claude", "qa", "qb"];

/// Nothing is lost and nothing there twice, files follow, and the whole of it holds.
fn all_there(world: &World, start: &str, expected: usize) {
    let made = subjects(world, start);
    let distinct: BTreeSet<&String> = made.iter().collect();
    assert_eq!((made.len(), distinct.len()), (expected, expected));
    assert_eq!(world.git("ann", &["status", "--short"]).ok(), "");
    let verified = world.json("ann", &["verify"]);
    assert_eq!(verified["errors"], 0, "{verified}");
}

#[test]
fn m6_many_agents_at_once_and_two_gateways() {
    let world = world();
    let id = world.change("dev", "src/**");
    let start = world.head();
    let tokens = NAMES.map(|name| token(&world, name));
    let gates = [Gate::start(&world), Gate::start(&world)];
    let (agents, each) = crowd();
    std::thread::scope(|scope| {
        for agent in 0..agents {
            let client = gates[agent % 2].client(&tokens[agent % tokens.len()]);
            let id = &id;
            scope.spawn(move || {
                for n in 0..each {
                    let name = format!("{agent}-{n}");
                    client.call("git_commit", work(id, &name, &name)).ok();
                }
            });
        }
    });
    all_there(&world, &start, agents * each);
}

/// Says that it is over when it goes, also where an assertion failed: whoever asks a server that is not there would
/// else ask for ever.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// One gateway, killed again and again while all are at work; each agent asks until he is answered.
#[test]
fn m6_a_gateway_that_dies_under_many_agents_loses_nothing() {
    let world = world();
    let id = world.change("dev", "src/**");
    let start = world.head();
    let tokens = NAMES.map(|name| token(&world, name));
    let (agents, each) = crowd();
    let kills = if crate::crash::all() { 10 } else { 3 };
    let mut gate = Gate::start(&world);
    let port = AtomicU16::new(gate.port);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _ends = Ends(&over);
        let (says, answered) = mpsc::channel();
        for agent in 0..agents {
            let (id, port, over, says) = (&id, &port, &over, says.clone());
            let token = &tokens[agent % tokens.len()];
            scope.spawn(move || {
                for n in 0..each {
                    let name = format!("{agent}-{n}");
                    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
                        "params": { "name": "git_commit", "arguments": work(id, &name, &name) } });
                    let text = loop {
                        let client = Http::new(port.load(Ordering::SeqCst), Some(token));
                        let said = client.tries("POST", "/mcp", body.to_string().as_bytes());
                        match said.filter(|(_, text)| text.ends_with('}')) {
                            Some((200, text)) => break text,
                            _ => assert!(!over.load(Ordering::SeqCst), "{name} was not answered"),
                        }
                        std::thread::yield_now();
                    };
                    assert!(text.contains("\"isError\":false"), "{text}");
                    says.send(()).expect("somebody counts");
                }
            });
        }
        // An agent that fails says nothing more: when the others are done, nobody is left to be heard.
        drop(says);
        let between = agents * each / (kills + 1);
        for kill in 0..=kills {
            for _ in 0..between {
                answered.recv().expect("all are answered");
            }
            if kill < kills {
                let next = Gate::start(&world);
                std::mem::replace(&mut gate, next).kill();
                port.store(gate.port, Ordering::SeqCst);
            }
        }
        // What no share of a whole number is.
        answered.iter().for_each(drop);
    });
    world.git("ann", &["fsck", "--strict"]).ok();
    all_there(&world, &start, agents * each);
}

/// Whoever comes too late five times asks again.
fn push(client: &Http) {
    for _ in 0..20 {
        let said = client.call("git_push", json!({}));
        if !said.error {
            return;
        }
        let why = said.value.to_string();
        assert!(why.contains("too late") || why.contains("first"), "{why}");
    }
    panic!("twenty pushes came too late");
}

/// Three gateways, each on a clone of its own, that push to one remote as they go.
#[test]
fn m6_many_agents_at_three_gateways_on_one_remote() {
    let world = world();
    let id = world.change("dev", "src/**");
    let start = world.head();
    world.serve();
    let clones = [
        world.second("one"),
        world.second("two"),
        world.second("three"),
    ];
    let gates = [0, 1, 2].map(|n| Gate::start(&clones[n]));
    let tokens = [0, 1, 2].map(|n| NAMES.map(|name| token(&clones[n], name)));
    let (agents, each) = crowd();
    std::thread::scope(|scope| {
        for agent in 0..agents {
            let at = agent % 3;
            let client = gates[at].client(&tokens[at][agent % NAMES.len()]);
            let id = &id;
            scope.spawn(move || {
                for n in 0..each {
                    let name = format!("{agent}-{n}");
                    client.call("git_commit", work(id, &name, &name)).ok();
                    if n % 5 == 4 {
                        push(&client);
                    }
                }
            });
        }
    });
    for (clone, gate) in clones.iter().zip(&gates) {
        push(&gate.client(&token(clone, "dev")));
    }
    world
        .git("ann", &["pull", "-q", "--ff-only", "origin", "main"])
        .ok();
    all_there(&world, &start, agents * each);
}

#[test]
fn m6_a_gateway_that_is_killed_leaves_nothing_to_repair() {
    let world = world();
    let id = world.change("dev", "src/**");
    let start = world.head();
    let dev = token(&world, "dev");
    let mut known = 0;
    for round in 0..6 {
        let gate = Gate::start(&world);
        let client = gate.client(&dev);
        let name = |n: usize| format!("{round}-{n}");
        client
            .call("git_commit", work(&id, &name(0), &name(0)))
            .ok();
        let (port, token, asked) = (gate.port, dev.clone(), work(&id, &name(1), &name(1)));
        let asks = std::thread::spawn(move || {
            let client = super::Http::new(port, Some(&token));
            let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": { "name": "git_commit", "arguments": asked } });
            let _ = std::panic::catch_unwind(|| {
                client.raw("POST", "/mcp", body.to_string().as_bytes())
            });
        });
        for _ in 0..round * 2_000 {
            std::hint::spin_loop();
            std::thread::yield_now();
        }
        gate.kill();
        asks.join().expect("it ends");
        // Whoever comes next goes on, and a retry finds what was made or makes it.
        let gate = Gate::start(&world);
        let client = gate.client(&dev);
        client
            .call("git_commit", work(&id, &name(1), &name(1)))
            .ok();
        client
            .call("git_commit", work(&id, &name(2), &name(2)))
            .ok();
        known += 3;
        let made = subjects(&world, &start);
        let distinct: BTreeSet<&String> = made.iter().collect();
        assert_eq!((made.len(), distinct.len()), (known, known), "{made:?}");
        world.git("ann", &["fsck", "--strict"]).ok();
        assert_eq!(world.git("ann", &["status", "--short"]).ok(), "");
    }
    assert_eq!(world.json("ann", &["verify"])["errors"], 0);
}
