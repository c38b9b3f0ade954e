//! What a gateway offers beside its tools: documents as resources, and what their reviewers are asked.

use serde_json::{Value, json};

use super::client::Http;
use super::{Gate, token, world};
use crate::world::document;

fn read(client: &Http, uri: &str) -> Value {
    let (_, reply) = client.rpc("resources/read", json!({ "uri": uri }));
    reply
}

fn asked(client: &Http, id: &str) -> Value {
    let params = json!({ "name": "review", "arguments": { "id": id } });
    let (_, reply) = client.rpc("prompts/get", params);
    reply
}

#[test]
fn documents_are_resources_with_their_versions() {
    let world = world();
    let id = world.change("dev", "src/**");
    world.qms("dev", &["checkout", &id]).ok();
    let gate = Gate::start(&world);
    let client = gate.client(&token(&world, "claude"));
    let (_, listed) = client.rpc("resources/list", json!({}));
    let all = listed["result"]["resources"].as_array().expect("a list");
    let uri = format!("qms://doc/{id}");
    let own = all.iter().find(|r| r["uri"] == uri).expect("the change");
    assert_eq!(own["description"], "IN_EXECUTION 1.0");
    assert_eq!(own["title"], "A change");
    let text = |reply: &Value| {
        let text = reply["result"]["contents"][0]["text"].as_str();
        text.unwrap_or_else(|| panic!("{reply}")).to_owned()
    };
    assert_eq!(text(&read(&client, &uri)), world.read(&document(&id)));
    let first = text(&read(&client, &format!("{uri}/0.1")));
    assert!(first.contains("status: DRAFT"), "{first}");
    // What founding wrote was made by no move.
    let template = text(&read(&client, "qms://doc/TEMPLATE-CR/1.0"));
    assert_eq!(template, world.read("QMS/TEMPLATE/TEMPLATE-CR.md"));
    for (uri, why) in [
        ("qms://doc/CR-099", "there is no CR-099"),
        ("qms://doc/CR-001/9.0", "has no version 9.0"),
        ("qms://doc/CR-001/../x", "is no version"),
        ("qms://doc/../../qms.yaml", "is no version"),
        ("file:///etc/passwd", "there is no resource"),
    ] {
        let reply = read(&client, uri);
        let said = reply["error"]["message"].as_str().expect("refused");
        assert!(said.contains(why), "{said}");
    }
    let (_, reply) = client.rpc("resources/list", json!({ "cursor": "x" }));
    assert!(reply["error"].is_object());
    // Who shows no token reads none of it.
    let nobody = Http::new(gate.port, None);
    assert_eq!(nobody.rpc("resources/list", json!({})).0, 401);
    let (_, listed) = client.rpc("resources/templates/list", json!({}));
    let templates = listed["result"]["resourceTemplates"].as_array();
    assert_eq!(templates.map(Vec::len), Some(2));
}

#[test]
fn a_reviewer_is_asked_by_kind_and_phase_and_a_repository_says_it_in_its_own_words() {
    let world = world();
    let gate = Gate::start(&world);
    let client = gate.client(&token(&world, "claude"));
    let (_, listed) = client.rpc("prompts/list", json!({}));
    assert_eq!(listed["result"]["prompts"][0]["name"], "review");
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "T", "--scope", "src/**"],
        )
        .ok();
    let text = |id: &str| {
        let reply = asked(&client, id);
        let text = reply["result"]["messages"][0]["content"]["text"].as_str();
        text.unwrap_or_else(|| panic!("{reply}")).to_owned()
    };
    assert!(text("CR-001").starts_with("Look at CR-001, of type CR, DRAFT at version 0.1."));
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    assert!(text("CR-001").starts_with("You are asked to review the change record CR-001"));
    // Its own words are a controlled file, so they come under a change.
    let id = world.change("dev", "QMS/prompts.yaml");
    let own = "phases:\n  pre-review: Say of {type} {id} what you think.\nkinds:\n  CR:\n    pre-review: Read {id}, {status}.\n";
    let work = |text: &str| {
        json!({ "change": id, "message": "Ask in our words",
            "files": [{ "path": "QMS/prompts.yaml", "text": text }] })
    };
    let dev = gate.client(&token(&world, "dev"));
    dev.call("git_commit", work(own)).ok();
    assert_eq!(text("CR-001"), "Read CR-001, IN_PRE_REVIEW.");
    dev.call("git_commit", work("phases: {pre: x}\n")).ok();
    let said = asked(&client, "CR-001")["error"]["message"].to_string();
    assert!(said.contains("`QMS/prompts.yaml` cannot be read"), "{said}");
    for (params, why) in [
        (json!({ "name": "other" }), "no prompt"),
        (json!({ "name": "review" }), "takes the `id`"),
        (
            json!({ "name": "review", "arguments": { "id": "CR-001", "actor": "qa" } }),
            "nothing else",
        ),
    ] {
        let (_, reply) = client.rpc("prompts/get", params);
        let said = reply["error"]["message"].as_str().expect("refused");
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn who_asks_for_progress_is_told_of_it_before_the_answer() {
    let world = world();
    // So many commits that reading them takes longer than the pause between two of them.
    let mut stream = String::from("reset refs/heads/main\nfrom refs/heads/main^0\n");
    for n in 0..20_000 {
        let message = format!("Free {n}\n\nQMS-Change: CR-001\nQMS-Actor: dev\n");
        stream.push_str("commit refs/heads/main\n");
        stream.push_str("committer dev <dev@example.com> 1767225600 +0000\n");
        stream.push_str(&format!("data {}\n{message}\n", message.len()));
    }
    world.write("../stream", &stream);
    let stream = std::fs::File::open(world.path("../stream")).expect("a file");
    let mut import = world.command(std::process::Command::new("git"), "ann");
    import
        .args(["fast-import", "--quiet", "--force"])
        .stdin(stream);
    assert!(import.status().expect("git starts").success());
    let gate = Gate::start(&world);
    let client = gate.client(&token(&world, "claude"));
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "qms_history", "arguments": {}, "_meta": { "progressToken": "p" } } });
    let (status, said) = client.raw("POST", "/mcp", body.to_string().as_bytes());
    assert_eq!(status, 200);
    let data: Vec<Value> = said
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter_map(|data| serde_json::from_str(data).ok())
        .collect();
    let (last, told) = data.split_last().unwrap_or_else(|| panic!("{said}"));
    assert_eq!(last["id"], 1);
    assert!(!told.is_empty());
    for told in told {
        assert_eq!(told["method"], "notifications/progress");
        assert_eq!(told["params"]["progressToken"], "p");
        let message = told["params"]["message"].as_str().expect("a message");
        assert!(message.starts_with("commits read: "), "{message}");
    }
}

// Verifies: REQ-QMS-CMD-USER-LIST
#[test]
fn an_approval_by_an_agent_is_shown_as_such() {
    let world = world();
    world.qms("zoe", &["user", "list"]).ok();
    world
        .qms(
            "qa",
            &[
                "user", "add", "bot", "--group", "quality", "--kind", "agent",
            ],
        )
        .ok();
    world.qms("dev", &["create", "SOP", "--title", "T"]).ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    for who in ["qa", "qb", "bot"] {
        world.qms(who, &["review", "SOP-001", "--recommend"]).ok();
    }
    let status = world.qms("dev", &["status", "SOP-001"]).ok();
    assert!(status.contains("bot (agent): recommend"), "{status}");
    assert!(status.contains("qa: recommend"), "{status}");
    world.qms("dev", &["route", "SOP-001", "--approval"]).ok();
    for who in ["qa", "qb", "bot"] {
        world.qms(who, &["approve", "SOP-001"]).ok();
    }
    for ask in ["history", "comments", "explain"] {
        let said = world.qms("dev", &[ask, "SOP-001"]).ok();
        assert!(said.contains("bot (agent)"), "{ask}: {said}");
    }
    let events = world.json("dev", &["history", "SOP-001"]);
    let approvals = events.as_array().expect("events").iter();
    let kinds: Vec<&Value> = approvals
        .filter(|e| e["event"] == "APPROVE")
        .map(|e| &e["user_kind"])
        .collect();
    assert_eq!(kinds, ["human", "human", "agent"]);
}
