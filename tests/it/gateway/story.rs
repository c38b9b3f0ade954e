//! Agents that cannot write get their work done.

use serde_json::{Value, json};

use super::client::Http;
use super::{Gate, stdio, token, world};
use crate::world::{World, document};

/// Takes a draft of dev's to its release, with what three agents say.
fn released(agents: &[Http; 3], id: &str) {
    let [dev, qa, qb] = agents;
    dev.call("qms_route", json!({ "id": id, "for": "review" }))
        .ok();
    approved(agents, id);
    for who in [qa, qb] {
        who.call("qms_approve", json!({ "id": id })).ok();
    }
    dev.call("qms_release", json!({ "id": id })).ok();
}

fn approved([dev, qa, qb]: &[Http; 3], id: &str) {
    for who in [qa, qb] {
        who.call("qms_review", json!({ "id": id, "outcome": "recommend" }))
            .ok();
    }
    dev.call("qms_route", json!({ "id": id, "for": "approval" }))
        .ok();
}

// Verifies: REQ-QMS-TOOL-GIT-COMMIT, REQ-QMS-TOOL-QMS-CREATE, REQ-QMS-TOOL-QMS-CHECKOUT,
// REQ-QMS-TOOL-QMS-CHECKIN, REQ-QMS-TOOL-QMS-ROUTE, REQ-QMS-TOOL-QMS-APPROVE, REQ-QMS-TOOL-QMS-RELEASE,
// REQ-QMS-TOOL-QMS-CLOSE
#[test]
fn a_whole_change_by_three_agents_with_three_tokens() {
    let world = world();
    let gate = Gate::start(&world);
    let agents = ["dev", "qa", "qb"].map(|name| gate.client(&token(&world, name)));
    let [dev, qa, qb] = &agents;
    let new = json!({ "type": "CR", "title": "Move the start", "scope": ["docker/**"] });
    let made = dev.call("qms_create", new).ok();
    let id = made["doc_id"].as_str().expect("an id");
    let text = made["document"]["text"].as_str().expect("a text");
    assert!(text.contains("title: Move the start"), "{text}");
    let inbox = qa.call("qms_inbox", json!({})).ok();
    assert_eq!(inbox["tasks"], json!([]));
    released(&agents, id);
    // The founding failure: approval for `docker/`, and a patch of something else.
    let patch = json!({
        "change": id, "message": "Fix SSE startup",
        "files": [{ "path": "src/main.py", "text": "start()\n" }],
    });
    let head = world.head();
    let said = dev.call("git_commit", patch).refused("out-of-scope");
    assert_eq!(said["head"], head);
    let help = said["findings"][0]["help"].as_array().expect("help");
    let call = help
        .iter()
        .find_map(|h| h.get("call"))
        .expect("a call that mends it");
    assert_eq!(call["tool"], "qms_create");
    assert_eq!(call["arguments"]["parent"], id);
    assert_eq!(world.head(), head);
    // Work in scope is at once in the checkout that agents look at.
    let work = json!({
        "change": id, "message": "Add the image\n\nIt starts alone.",
        "files": [
            { "path": "docker/Dockerfile", "text": "FROM scratch\n" },
            { "path": "docker/start", "base64": "IyEvYmluL3NoCg==", "executable": true },
        ],
    });
    let done = dev.call("git_commit", work).ok();
    assert_eq!(done["paths"], json!(["docker/Dockerfile", "docker/start"]));
    assert_eq!(world.read("docker/Dockerfile"), "FROM scratch\n");
    assert_eq!(world.read("docker/start"), "#!/bin/sh\n");
    assert_eq!(world.git("dev", &["status", "--short"]).ok(), "");
    let patch = "diff --git a/docker/Dockerfile b/docker/Dockerfile\n--- a/docker/Dockerfile\n+++ b/docker/Dockerfile\n\
                 @@ -1 +1,2 @@\n FROM scratch\n+CMD start\n";
    let more = json!({ "change": id, "message": "Start it", "patch": patch, "moves": [{ "from": "docker/start", "to": "docker/run" }] });
    dev.call("git_commit", more).ok();
    assert_eq!(world.read("docker/Dockerfile"), "FROM scratch\nCMD start\n");
    assert!(!world.path("docker/start").exists() && world.path("docker/run").exists());
    let shown = world.git("dev", &["log", "-2", "--format=%an %cn %s"]).ok();
    assert_eq!(shown, "dev gate Start it\ndev gate Add the image\n");
    // Who helped is said beside who else did.
    let files = json!([{ "path": "docker/more", "text": "x\n" }]);
    let work = json!({ "change": id, "message": "More\n\nCo-authored-by: helper <h@example.com>", "files": files });
    gate.client(&token(&world, "dev"))
        .with("User-Agent", "story/1.0")
        .call("git_commit", work)
        .ok();
    let also = world
        .git(
            "dev",
            &[
                "log",
                "-1",
                "--format=%(trailers:key=Co-authored-by)%(trailers:key=Assisted-by)",
            ],
        )
        .ok();
    assert_eq!(
        also.trim(),
        "Co-authored-by: helper <h@example.com>\nAssisted-by: story/1.0"
    );
    // What is left to be told, in execution, by the text of a check-in.
    let text = dev.call("qms_checkout", json!({ "id": id })).ok()["document"]["text"].clone();
    let text = text
        .as_str()
        .expect("a text")
        .replace("[ALL DONE]", "It starts.");
    dev.call("qms_checkin", json!({ "id": id, "text": text }))
        .ok();
    dev.call("qms_route", json!({ "id": id, "for": "review" }))
        .ok();
    approved(&agents, id);
    qa.call("qms_approve", json!({ "id": id })).ok();
    qb.call("qms_approve", json!({ "id": id })).ok();
    let closed = dev.call("qms_close", json!({ "id": id })).ok();
    assert_eq!(closed["status"], "CLOSED");
    assert_eq!(
        world.read(&document(id)).matches("status: CLOSED").count(),
        1
    );
    let verified = world.json("ann", &["verify"]);
    assert_eq!(
        (&verified["errors"], &verified["warnings"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(gate.stop(), 0);
}

// Verifies: REQ-QMS-CMD-MCP
#[test]
fn i_22_over_stdio_nobody_writes_who_is_nobody() {
    let world = world();
    let mut client = stdio(&world, "gate", &[], &[]);
    let hello = client.hello();
    assert_eq!(hello["result"]["serverInfo"]["name"], "qms");
    let listed = client.rpc("tools/list", json!({}));
    assert!(listed["result"]["tools"].as_array().expect("tools").len() > 20);
    client.call("qms_list", json!({})).ok();
    client.call("qms_read", json!({ "id": "TEMPLATE-CR" })).ok();
    let new = json!({ "type": "CR", "title": "T", "scope": ["src/**"] });
    for (tool, arguments) in [
        ("qms_create", new.clone()),
        ("git_push", json!({})),
        ("qms_inbox", json!({})),
        ("qms_workspace", json!({})),
    ] {
        client
            .call(tool, arguments)
            .not("nothing proves who you are");
    }
    assert_eq!(client.leave().0, 0);
    // Who is named at the start, or whose token it is.
    let mut client = stdio(&world, "gate", &["--user", "claude"], &[]);
    client.hello();
    assert_eq!(
        client.call("qms_create", new.clone()).ok()["doc_id"],
        "CR-001"
    );
    client.leave();
    let token = token(&world, "dev");
    let mut client = stdio(&world, "gate", &[], &[("QMS_TOKEN", &token)]);
    client.hello();
    client.call("qms_create", new).ok();
    let (code, said) = client.leave();
    assert_eq!(code, 0);
    assert!(!said.contains(&token), "{said}");
    let shown = world.git("ann", &["log", "-2", "--format=%an %cn"]).ok();
    assert_eq!(shown, "dev gate\nclaude gate\n");
    // The client says what it is; the commit repeats it.
    for (user, why) in [("qa", "is of `dev`"), ("nobody", "is of `dev`")] {
        let client = stdio(&world, "gate", &["--user", user], &[("QMS_TOKEN", &token)]);
        let (code, said) = client.leave();
        assert!(code == 2 && said.contains(why), "{said}");
    }
}

// Verifies: REQ-QMS-TOOL-GIT-STATUS, REQ-QMS-TOOL-GIT-LOG, REQ-QMS-TOOL-GIT-SHOW, REQ-QMS-TOOL-GIT-LS,
// REQ-QMS-TOOL-GIT-GREP, REQ-QMS-TOOL-GIT-BLAME, REQ-QMS-TOOL-GIT-EXEC
#[test]
fn code_is_looked_at_by_typed_tools_or_by_a_command_line_that_nothing_runs() {
    let world = world();
    let id = world.change("dev", "src/**");
    let gate = Gate::start(&world);
    let dev = gate.client(&token(&world, "dev"));
    let files = json!([{ "path": "src/new.py", "text": "one\ntwo\n" }]);
    let made = dev
        .call(
            "git_commit",
            json!({ "change": id, "message": "Add it", "files": files }),
        )
        .ok();
    let log = dev
        .call("git_log", json!({ "paths": ["src"], "limit": 1 }))
        .ok();
    assert_eq!(log["commits"][0]["id"], made["commit"]);
    assert_eq!(log["commits"][0]["author"], "dev", "{log}");
    let shown = dev
        .call("git_show", json!({ "path": "src/new.py", "content": true }))
        .ok();
    assert!(shown.to_string().contains("one\\ntwo"), "{shown}");
    let said = dev
        .call("git_exec", json!({ "command": "git log -n 1 -- src" }))
        .ok();
    assert_eq!((&said["tool"], &said["answer"]), (&json!("git_log"), &log));
    let found = dev
        .call("git_exec", json!({ "command": "git grep -F two" }))
        .ok();
    assert_eq!(
        found["answer"]["matches"][0]["path"], "src/new.py",
        "{found}"
    );
    dev.call("git_exec", json!({ "command": "git commit -m x" }))
        .not("git_commit");
    dev.call("git_exec", json!({ "command": "git log; touch x" }))
        .not("shell");
    dev.call("git_exec", json!({ "command": "git log --output=x" }))
        .not("not known here");
    let standing = dev.call("git_status", json!({})).ok();
    assert_eq!(standing["branch"], "main", "{standing}");
    for (tool, arguments) in [
        (
            "git_show",
            json!({ "path": "../../etc/passwd", "content": true }),
        ),
        ("git_blame", json!({ "path": ".git/config" })),
        ("git_ls", json!({ "folder": "/" })),
        ("git_log", json!({ "revision": "--output=x" })),
    ] {
        assert!(dev.call(tool, arguments).error, "{tool}");
    }
}

#[test]
fn old_clients_listen_and_post() {
    let world = world();
    let gate = Gate::over(&world, "sse");
    let dev = token(&world, "dev");
    let mut client = gate.client(&dev).listen("/sse");
    let hello = json!({ "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": { "name": "old", "version": "1" } });
    assert_eq!(
        client.rpc("initialize", hello)["result"]["serverInfo"]["name"],
        "qms"
    );
    client.post(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    let new = json!({ "name": "qms_create", "arguments": { "type": "SOP", "title": "By an old client" } });
    let made = client.rpc("tools/call", new);
    assert_eq!(
        made["result"]["structuredContent"]["status"], "DRAFT",
        "{made}"
    );
    // The session is his alone, and the rest holds here too.
    let qa = gate.client(&token(&world, "qa"));
    let body = json!({ "jsonrpc": "2.0", "id": 9, "method": "tools/list" }).to_string();
    assert_eq!(qa.raw("POST", client.place(), body.as_bytes()).0, 404);
    let own = format!("http://localhost:{}", gate.port);
    for (client, code) in [
        (Http::new(gate.port, None), 401),
        (gate.client(&dev).with("Host", "evil.example"), 403),
        (gate.client(&dev).with("Origin", "http://localhost"), 403),
        (gate.client(&dev).with("Origin", &own), 404),
    ] {
        assert_eq!(
            client.raw("POST", "/messages?session=x", body.as_bytes()).0,
            code
        );
    }
    assert_eq!(gate.client(&dev).raw("POST", client.place(), b"{\n").0, 400);
    gate.client(&dev)
        .call("qms_status", json!({ "id": "SOP-001" }))
        .ok();
    assert!(gate.log().contains("older one"));
    drop(client);
}

// Verifies: REQ-QMS-CMD-MCP
#[test]
fn what_cannot_be_served_is_refused_at_the_start() {
    let world = world();
    let gate = Gate::start(&world);
    let port = gate.port.to_string();
    let http = |args: &[&str]| {
        let start = ["mcp", "--transport", "streamable-http"];
        world.qms("gate", &[&start, args].concat())
    };
    for (args, why) in [
        (&["--port", &*port][..], "is taken"),
        (&["--host", "0.0.0.0", "--port", "0"], "qms token new"),
        (&["--host", "nowhere", "--port", "0"], "no address"),
        (
            &["--branch", "other", "--port", "0"],
            "has no branch `other`",
        ),
        (&["--project-root", "/", "--port", "0"], "--project-root"),
    ] {
        let said = http(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        let lines = said.err.trim().lines().count();
        assert!(said.err.contains(why) && lines == 1, "{why}: {}", said.err);
    }
    let plain = World::plain();
    let said = plain.qms("gate", &["mcp"]);
    assert!(
        said.code == 2 && said.err.contains("qms init"),
        "{}",
        said.err
    );
}

// Verifies: REQ-QMS-CMD-MCP
#[test]
fn the_tools_are_the_same_for_everybody_and_say_what_they_take() {
    let world = world();
    let gate = Gate::start(&world);
    let list = |name: &str| -> Value {
        let client = gate.client(&token(&world, name));
        client.rpc("tools/list", json!({})).1["result"]["tools"].clone()
    };
    let tools = list("claude");
    assert_eq!(tools, list("qa"));
    for tool in tools.as_array().expect("tools") {
        let reads = tool["annotations"]["readOnlyHint"] == true;
        let takes_request = tool["inputSchema"]["properties"]["request_id"].is_object();
        assert_eq!(reads, !takes_request, "{}", tool["name"]);
        assert!(tool["outputSchema"].is_object(), "{}", tool["name"]);
    }
    let (status, body) = Http::new(gate.port, None).raw("GET", "/healthz", b"");
    assert_eq!((status, body.trim()), (200, "ok"));
    assert_eq!(Http::new(gate.port, None).raw("GET", "/readyz", b"").0, 200);
    let counted = Http::new(gate.port, None).raw("GET", "/metrics", b"").1;
    assert!(counted.contains("qms_call_seconds_count 0"), "{counted}");
}
